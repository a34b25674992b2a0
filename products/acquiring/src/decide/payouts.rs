//! Payouts: asked of the bank as an effect that binds; settled, returned or unknown as the bank says.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sycee_contract::{AccountRef, Command, Deciding, Effect, EffectPolicy, Event, MarketPack, Stop, cell, encode};
use sycee_ledger::OPERATOR;
use sycee_money::{Amount, Money};

use super::{bad_field, check_text, refuse};
use crate::entry::{self, EntryKind};
use crate::payout::{
    BANK, EFFECT_PAYOUT, EVENT_PAYOUT, Payout, PayoutReply, PayoutResult, PayoutState, REASON_MAX_CHARACTERS,
    REFERENCE_MAX_CHARACTERS, ResolvePayout,
};
use crate::refusal::{PAYOUT_NOT_FOUND, PAYOUT_NOT_UNKNOWN};
use crate::{MERCHANT_BALANCE, PAYOUT_IN_TRANSIT, purpose};

/// Takes money out of a merchant's balance and asks the bank to pay it. Its entry is for the caller to write.
pub(super) fn request(
    deciding: &mut Deciding<'_>,
    market: &MarketPack,
    merchant: u64,
    money: Money,
    (settlement_date, bank_account): (u32, [u8; 16]),
) -> Result<Payout, Stop> {
    let balance = AccountRef::of(&MERCHANT_BALANCE, merchant, money.currency);
    let transit = AccountRef::of(&PAYOUT_IN_TRANSIT, merchant, money.currency);
    deciding.transfer(balance, transit, money.amount, purpose::PAYOUT)?;
    let days_after = market.settlement.as_ref().map_or(0, |terms| terms.days_after);
    let now_ns = deciding.stamp().time_ns;
    let payout = Payout {
        id: deciding.new_id()?,
        merchant,
        money,
        settlement_date,
        execution_date: market.settlement_date(settlement_date, days_after).unwrap_or(settlement_date),
        bank_account,
        requested_at_ns: now_ns,
        state: PayoutState::Requested,
        state_at_ns: now_ns,
        bank_reference: None,
        reason: None,
        resolved_by: None,
        contradiction: None,
    };
    deciding.put(Payout::key(payout.id), &payout);
    let (kind, target) = (EFFECT_PAYOUT, String::from(BANK));
    deciding.effect(Effect { kind, target, body: encode(&payout), policy: EffectPolicy::Binds });
    Ok(payout)
}

fn find(deciding: &mut Deciding<'_>, id: u64) -> Result<Payout, Stop> {
    match deciding.get::<Payout>(&Payout::key(id))? {
        Some(payout) => Ok(payout),
        None => refuse(PAYOUT_NOT_FOUND, &format!("payout {id}")),
    }
}

fn check_words(reference: Option<&str>, reason: Option<&str>) -> Result<(), Stop> {
    if let Some(reference) = reference {
        check_text("bank_reference", reference, REFERENCE_MAX_CHARACTERS)?;
        if reference.is_empty() {
            return bad_field("bank_reference");
        }
    }
    reason.map_or(Ok(()), |reason| check_text("reason", reason, REASON_MAX_CHARACTERS))
}

/// What the bank says. It may say it late, twice, and once more the other way: money moves once for each change.
pub(super) fn result(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let PayoutResult { payout: id, state, bank_reference, reason } = cell::body(command)?;
    check_words(bank_reference.as_deref(), reason.as_deref())?;
    if state == PayoutState::Requested {
        return bad_field("state");
    }
    let before = find(deciding, id)?;
    let payout = Payout { bank_reference, reason, ..before.clone() };
    match (before.state, state) {
        (PayoutState::Requested | PayoutState::Unknown, PayoutState::Settled) => settled(deciding, payout),
        (PayoutState::Requested | PayoutState::Unknown | PayoutState::Settled, PayoutState::Returned) => {
            returned(deciding, payout, before.state)
        }
        (PayoutState::Requested, PayoutState::Unknown) => changed(deciding, payout, PayoutState::Unknown),
        (PayoutState::Returned, PayoutState::Settled) if before.contradiction.is_none() => {
            // The money is with the merchant again, and perhaps on its way once more: no rule can know whose it is now.
            let said = payout.bank_reference.unwrap_or_else(|| String::from("without a reference"));
            let payout = Payout { contradiction: Some(said), ..before };
            deciding.put(Payout::key(id), &payout);
            deciding.emit(Event { kind: EVENT_PAYOUT, body: encode(&payout) });
            Ok(encode(&PayoutReply { payout, repeated: false }))
        }
        _ => Ok(encode(&PayoutReply { payout: before, repeated: true })),
    }
}

pub(super) fn resolve(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let ResolvePayout { payout: id, is_settled, bank_reference, reason } = cell::body(command)?;
    check_words(Some(&bank_reference), Some(&reason))?;
    let before = find(deciding, id)?;
    let wanted = if is_settled { PayoutState::Settled } else { PayoutState::Returned };
    if before.state == wanted && before.resolved_by == Some(command.caller.party) {
        return Ok(encode(&PayoutReply { payout: before, repeated: true }));
    }
    if before.state != PayoutState::Unknown {
        return refuse(
            PAYOUT_NOT_UNKNOWN,
            "only a payout of which the bank does not say what became of it is resolved",
        );
    }
    let payout = Payout {
        bank_reference: Some(bank_reference),
        reason: Some(reason),
        resolved_by: Some(command.caller.party),
        ..before.clone()
    };
    if is_settled { settled(deciding, payout) } else { returned(deciding, payout, before.state) }
}

/// The bank has paid: the money has left the safeguarding account.
fn settled(deciding: &mut Deciding<'_>, payout: Payout) -> Result<Vec<u8>, Stop> {
    let transit = AccountRef::of(&PAYOUT_IN_TRANSIT, payout.merchant, payout.money.currency);
    let bank = AccountRef::of(&sycee_wallet::SAFEGUARDING, OPERATOR, payout.money.currency);
    deciding.transfer(transit, bank, payout.money.amount, purpose::PAYOUT_SETTLED)?;
    changed(deciding, payout, PayoutState::Settled)
}

/// The money is in the merchant's balance again, and belongs to the business date of today.
fn returned(deciding: &mut Deciding<'_>, payout: Payout, before: PayoutState) -> Result<Vec<u8>, Stop> {
    let (merchant, money) = (payout.merchant, payout.money);
    let balance = AccountRef::of(&MERCHANT_BALANCE, merchant, money.currency);
    let from = if before == PayoutState::Settled {
        AccountRef::of(&sycee_wallet::SAFEGUARDING, OPERATOR, money.currency)
    } else {
        AccountRef::of(&PAYOUT_IN_TRANSIT, merchant, money.currency)
    };
    deciding.transfer(from, balance, money.amount, purpose::PAYOUT_RETURNED)?;
    entry::write(deciding, merchant, EntryKind::PayoutReturned, payout.id, money, Amount::ZERO, None)?;
    changed(deciding, payout, PayoutState::Returned)
}

fn changed(deciding: &mut Deciding<'_>, payout: Payout, state: PayoutState) -> Result<Vec<u8>, Stop> {
    let payout = Payout { state, state_at_ns: deciding.stamp().time_ns, ..payout };
    deciding.put(Payout::key(payout.id), &payout);
    deciding.emit(Event { kind: EVENT_PAYOUT, body: encode(&payout) });
    Ok(encode(&PayoutReply { payout, repeated: false }))
}
