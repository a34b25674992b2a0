//! `alipay.fund.auth.order.voucher.create`: a code that a customer scans; once they confirm, so much of their money is frozen.

use sycee_acquiring::command::{ISSUE_FREEZE_CODE, IssueFreezeCode};
use sycee_acquiring::reply::AuthorisationReply;

use super::Call;
use super::fund_auth::{PRODUCT_CODE, bad, illegal};
use crate::cashier::code_of;
use crate::codes::{GatewayCode, business};
use crate::timeout::TimeoutExpress;
use crate::wire::failure::Failure;
use crate::wire::response::Node;

pub(super) const METHOD: &str = "alipay.fund.auth.order.voucher.create";

const NS_PER_SECOND: u64 = 1_000_000_000;

pub(super) async fn answer(call: &Call<'_>) -> Result<Node, Failure> {
    let code_lifetime_seconds = lifetime_seconds(call, "pay_timeout")?;
    let body = IssueFreezeCode { freeze: call.freeze_fields(PRODUCT_CODE)?, code_lifetime_seconds };
    let reply = call.ask::<_, AuthorisationReply>(ISSUE_FREEZE_CODE, &body).await;
    let AuthorisationReply { authorisation, operation, .. } =
        reply.map_err(|unanswered| call.freeze_failure(METHOD, unanswered))?;
    let code = code_of(call.cell, &call.market, authorisation.merchant, authorisation.id, authorisation.amount);
    let code = code.map_err(|problem| Failure::with_detail(business::FUND_SYSTEM_ERROR, problem))?;
    Ok(Node::with_outcome(GatewayCode::Success)
        .with("out_order_no", authorisation.out_order_no)
        .with("out_request_no", operation.out_request_no)
        .with("code_type", "qr_code")
        .with("code_value", code))
}

/// How long the code lives, if the request says so.
pub(super) fn lifetime_seconds(call: &Call<'_>, field: &'static str) -> Result<Option<u64>, Failure> {
    let Some(text) = call.fields().optional_text(field, 16).map_err(bad)? else { return Ok(None) };
    match TimeoutExpress::parse(&text) {
        Some(TimeoutExpress::Minutes(minutes)) => Ok(Some(u64::from(minutes) * 60)),
        Some(TimeoutExpress::EndOfDay) => {
            let end_ns = call.time.end_of_day_ns(call.now_ns);
            Ok(end_ns.map(|end_ns| end_ns.saturating_sub(call.now_ns).div_ceil(NS_PER_SECOND).max(1)))
        }
        None => Err(illegal(&format!("{field} is not 1m to 15d, or 1c"))),
    }
}
