//! `alipay.fund.auth.order.freeze`: the shop scans the customer's payment code and freezes so much of their money.
//!
//! Money is frozen within one market only: a payment code of another cell's wallet is refused.

use sycee_acquiring::command::{FREEZE_BY_CODE, FreezeByCode};
use sycee_acquiring::reply::AuthorisationReply;

use super::Call;
use super::fund_auth::{Found, PRODUCT_CODE, bad, illegal};
use super::trade_pay::{check_code, issuer};
use crate::codes::business;
use crate::wire::failure::Failure;
use crate::wire::response::Node;

pub(super) const METHOD: &str = "alipay.fund.auth.order.freeze";

/// What a payment code is called.
const CODE_TYPES: [&str; 2] = ["bar_code", "security_code"];

pub(super) async fn answer(call: &Call<'_>) -> Result<Node, Failure> {
    let freeze = call.freeze_fields(PRODUCT_CODE)?;
    let code_type = call.fields().optional_text("auth_code_type", 32).map_err(bad)?;
    if code_type.is_some_and(|code_type| !CODE_TYPES.contains(&code_type.as_ref())) {
        return Err(illegal("auth_code_type is neither bar_code nor security_code"));
    }
    let auth_code = call.fields().text("auth_code", 64).map_err(bad)?.into_owned();
    check_code(&auth_code).map_err(|_| Failure::new(business::FUND_PAYMENT_AUTH_CODE_INVALID))?;
    if issuer(call, &auth_code)?.is_some() {
        let detail = "the payment code is of another market, and freezing across a border is not offered";
        return Err(Failure::with_detail(business::FUND_ACCESS_FORBIDDEN, detail));
    }
    let code_digest = call.cell.code_digest(&auth_code);
    let reply = call.ask(FREEZE_BY_CODE, &FreezeByCode { freeze, code_digest }).await;
    let AuthorisationReply { authorisation, operation, .. } =
        reply.map_err(|unanswered| call.freeze_failure(METHOD, unanswered))?;
    let found = Found { authorisation, operation };
    Ok(call.with_operation(call.with_authorisation(&found), &found))
}
