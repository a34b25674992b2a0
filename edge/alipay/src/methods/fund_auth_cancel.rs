//! `alipay.fund.auth.operation.cancel`: ends a freeze. A code that nobody has confirmed dies; of money that is frozen, what was not
//! paid goes back. What was paid out of it is refunded, not cancelled.

use sycee_acquiring::authorisation::OperationKind;
use sycee_acquiring::command::{AuthorisationTarget, CANCEL_FREEZE};
use sycee_acquiring::reply::AuthorisationReply;

use super::Call;
use super::fund_auth::Found;
use crate::codes::business;
use crate::wire::failure::Failure;
use crate::wire::response::Node;

pub(super) const METHOD: &str = "alipay.fund.auth.operation.cancel";

pub(super) async fn answer(call: &Call<'_>) -> Result<Node, Failure> {
    let found = call.named_operation()?;
    if found.operation.kind != OperationKind::Freeze {
        let detail = "the operation is a release; only a freeze can be cancelled";
        return Err(Failure::with_detail(business::FUND_AUTH_OPERATION_NOT_EXIST, detail));
    }
    let reply = call.ask(CANCEL_FREEZE, &AuthorisationTarget { id: found.authorisation.id }).await;
    let AuthorisationReply { authorisation, operation, .. } =
        reply.map_err(|unanswered| unanswered.into_failure(METHOD))?;
    let action = if authorisation.authorised_at_ns.is_some() { "unfreeze" } else { "close" };
    Ok(call.with_authorisation(&Found { authorisation, operation }).with("action", action))
}
