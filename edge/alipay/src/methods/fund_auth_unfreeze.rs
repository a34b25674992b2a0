//! `alipay.fund.auth.order.unfreeze`: gives the customer back so much of what was frozen; each release has a number of its own.

use sycee_acquiring::command::{UNFREEZE, Unfreeze};
use sycee_acquiring::reply::AuthorisationReply;

use super::Call;
use super::fund_auth::{Found, bad};
use crate::codes::business;
use crate::wire::failure::Failure;
use crate::wire::response::Node;

pub(super) const METHOD: &str = "alipay.fund.auth.order.unfreeze";

pub(super) async fn answer(call: &Call<'_>) -> Result<Node, Failure> {
    let fields = call.fields();
    let number = fields.identifier("auth_no").map_err(bad)?;
    let out_request_no = fields.identifier("out_request_no").map_err(bad)?.into_owned();
    let amount = fields.amount("amount", call.cell.currency).map_err(bad)?;
    let remark = fields.optional_text("remark", 256).map_err(bad)?.map(String::from);
    let found = call.authorisation_by_number(&call.cell.port.begin_read(), &number)?;
    let authorisation = found.ok_or(Failure::new(business::FUND_AUTH_ORDER_NOT_EXIST))?.id;
    let notify_url = call.request.notify_url.as_ref().map(|url| url.as_str().to_owned());
    let release = Unfreeze { authorisation, out_request_no, amount, remark, notify_url };
    let reply = call.ask(UNFREEZE, &release).await;
    let AuthorisationReply { authorisation, operation, .. } =
        reply.map_err(|unanswered| unanswered.into_failure(METHOD))?;
    let found = Found { authorisation, operation };
    Ok(call.with_operation(call.with_authorisation(&found), &found))
}
