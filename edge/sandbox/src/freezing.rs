//! Confirming a shop's code that asks to freeze money.

use sycee_acquiring::authorisation::{Authorisation, AuthorisationState};
use sycee_acquiring::command::{AuthorisationTarget, CONFIRM_FREEZE};
use sycee_acquiring::reply::AuthorisationReply;
use sycee_contract::{Caller, Command, decode};
use sycee_money::Money;

use crate::desk::Outcome;
use crate::payments::{Payer, PaymentJson, no_trade, payment};
use crate::problem::Problem;

/// Shows what an authorisation asks for, and freezes it with `confirm`. `named` and `amount` are what the request says of it.
///
/// # Errors
/// There is none of this id and number; another amount; the refusals of `confirm_freeze`.
pub(crate) async fn freeze(
    payer: &Payer<'_>,
    id: u64,
    named: Option<&str>,
    amount: Option<Money>,
    confirm: bool,
) -> Result<PaymentJson<'static>, Problem> {
    let row: Authorisation = payer.cell.port.get(&Authorisation::key(id))?.ok_or_else(no_trade)?;
    let number = row.number(payer.cell.number);
    if named.is_some_and(|named| named != number) {
        return Err(no_trade());
    }
    if amount.is_some_and(|amount| amount != row.amount) {
        return Err(Problem::bad_field("amount", &format!("is not what is to be frozen: {}", row.amount)));
    }
    let nothing = Money::new(Default::default(), row.amount.currency);
    if !confirm {
        return Ok(payment(Some(number), "quoted", row.amount, nothing));
    }
    let command = Command::new(CONFIRM_FREEZE, Caller::customer(payer.customer), &AuthorisationTarget { id });
    let reply = match payer.desk.ask(payer.cell, command).await? {
        Outcome::Done(reply) => reply,
        Outcome::Refused(refusal) => return Err(payer.refused(&refusal)),
    };
    let AuthorisationReply { authorisation, .. } = decode(&reply, "reply")?;
    // The answer to a customer who confirms again later says how it stands now.
    let status = if authorisation.state == AuthorisationState::Authorised { "frozen" } else { "ended" };
    Ok(payment(Some(number), status, authorisation.amount, Money::new(authorisation.captured, row.amount.currency)))
}
