//! `alipay.fund.auth.operation.detail.query`: how a freeze stands, and one operation of it.

use sycee_acquiring::authorisation::{AuthorisationState, OperationKind};

use super::Call;
use crate::wire::failure::Failure;
use crate::wire::response::Node;

pub(super) const METHOD: &str = "alipay.fund.auth.operation.detail.query";

pub(super) async fn answer(call: &Call<'_>) -> Result<Node, Failure> {
    let found = call.named_operation()?;
    let authorisation = &found.authorisation;
    let state = authorisation.state_at(call.now_ns);
    let status = match state {
        AuthorisationState::CodeIssued => "INIT",
        AuthorisationState::Authorised => "AUTHORIZED",
        AuthorisationState::Finished => "FINISH",
        AuthorisationState::Closed => "CLOSED",
    };
    let kind = match found.operation.kind {
        OperationKind::Freeze => "FREEZE",
        OperationKind::Unfreeze => "UNFREEZE",
    };
    // What is over by its time is the customer's again, whether or not the timer has fired.
    let rest = if state == AuthorisationState::Authorised { authorisation.held } else { Default::default() };
    let node = call
        .with_authorisation(&found)
        .with("order_title", authorisation.title.clone())
        .with("order_status", status)
        .with("total_freeze_amount", call.decimal(authorisation, authorisation.frozen()))
        .with("rest_amount", call.decimal(authorisation, rest))
        .with("total_pay_amount", call.decimal(authorisation, authorisation.captured))
        .with("operation_type", kind)
        .with("gmt_create", call.time.write(found.operation.at_ns))
        .with_optional("remark", found.operation.remark.clone());
    Ok(call.with_operation(node, &found))
}
