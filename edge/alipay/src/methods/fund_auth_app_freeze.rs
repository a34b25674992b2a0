//! `alipay.fund.auth.order.app.freeze`: money that a customer freezes for the shop whose app has handed a signed text to the wallet.

use sycee_acquiring::authorisation::AuthorisationState;
use sycee_acquiring::command::{ISSUE_FREEZE_CODE, IssueFreezeCode};
use sycee_acquiring::refusal::{AUTHORISATION_CLOSED, FREEZE_HAS_SUCCESS};
use sycee_acquiring::reply::AuthorisationReply;

use super::fund_auth::{PRODUCT_CODE_ONLINE, bad, illegal};
use super::fund_auth_voucher_create::lifetime_seconds;
use super::{Call, Told, Unanswered};
use crate::codes::business;
use crate::wire::failure::Failure;

pub(super) const METHOD: &str = "alipay.fund.auth.order.app.freeze";

/// Makes the authorisation, or finds it; gives back its id.
pub(super) async fn open(call: &Call<'_>) -> Result<u64, Failure> {
    if call.fields().optional_text("payee_logon_id", 128).map_err(bad)?.is_some() {
        return Err(illegal("merchants have no log-in name here (payee_logon_id), name them by payee_user_id"));
    }
    let code_lifetime_seconds = match lifetime_seconds(call, "timeout_express")? {
        Some(seconds) => Some(seconds),
        None => lifetime_seconds(call, "pay_timeout")?,
    };
    let body = IssueFreezeCode { freeze: call.freeze_fields(PRODUCT_CODE_ONLINE)?, code_lifetime_seconds };
    match call.ask::<_, AuthorisationReply>(ISSUE_FREEZE_CODE, &body).await {
        Ok(reply) => Ok(reply.authorisation.id),
        // The customer has come back to a freeze that is made or has ended: how, they are told when they are asked to confirm it.
        Err(Unanswered::Refused(refusal)) if [FREEZE_HAS_SUCCESS, AUTHORISATION_CLOSED].contains(&refusal.code) => {
            Ok(call.named_operation()?.authorisation.id)
        }
        Err(unanswered) => Err(call.freeze_failure(METHOD, unanswered)),
    }
}

/// How the authorisation stands for a customer.
pub(super) fn tell(call: &Call<'_>, customer: u64) -> Result<Told, Failure> {
    let found = call.named_operation()?;
    let is_theirs = found.authorisation.customer == Some(customer);
    Ok(match found.authorisation.state_at(call.now_ns) {
        AuthorisationState::CodeIssued => Told::Waits,
        AuthorisationState::Closed if !is_theirs => Told::Refused(Failure::new(business::FUND_ORDER_ALREADY_CLOSED)),
        _ if !is_theirs => Told::Refused(Failure::new(business::FUND_FREEZE_ALREADY_SUCCESS)),
        _ => Told::Done(call.with_operation(call.with_authorisation(&found), &found)),
    })
}
