//! What is agreed with merchants about settlement, and which bank accounts are paid.

use alloc::vec::Vec;

use sycee_contract::{Caller, Command, Deciding, Event, MarketPack, Stop, cell, encode};

use super::{bad_field, booking, merchant, refuse};
use crate::record::Merchant;
use crate::refusal::{SETTLEMENT_NOT_AGREED, SETTLEMENT_NOT_OFFERED};
use crate::settlement::{
    EVENT_SETTLEMENT_TERMS, MerchantTerms, PayoutSchedule, RESERVE_DAYS_MAX, SETTLEMENT_DUE, SetBankAccount,
    SetSettlementTerms, SettlementAccount, SettlementClock, SettlementDue, seconds_to_cut_off,
};

/// The whole of what a day brings.
const WHOLE_BPS: u32 = 10_000;

pub(super) fn set(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    cell::require_id(command)?;
    let body: SetSettlementTerms = cell::body(command)?;
    check(&body)?;
    let party = body.merchant;
    deciding.want(&[Merchant::key(party), MerchantTerms::key(party), SettlementClock::key(), MarketPack::key()]);
    deciding.ready()?;
    let mut found = merchant(deciding, party)?;
    let market = deciding.market()?;
    if market.settlement.is_none() || market.settlement_calendar.is_none() {
        return refuse(SETTLEMENT_NOT_OFFERED, "the market pack has no settlement terms or no calendar");
    }
    let before = deciding.get::<MerchantTerms>(&MerchantTerms::key(party))?;
    let stamp = *deciding.stamp();
    let terms = MerchantTerms {
        merchant: party,
        schedule: body.schedule,
        weekday: body.weekday,
        minimum_payout: body.minimum_payout,
        reserve_bps: body.reserve_bps,
        reserve_days: body.reserve_days,
        negative_limit: body.negative_limit,
        changed_at_ns: stamp.time_ns,
        changed_by: command.caller.party,
        bank_account: before.and_then(|before| before.bank_account),
        fee_bps: body.fee_bps.or(found.fee_bps),
    };
    if deciding.get::<SettlementClock>(&SettlementClock::key())?.is_none() {
        let timer = next_cut_off(deciding, &market);
        deciding.put(SettlementClock::key(), &SettlementClock { places: 0, last_date: 0, timer });
    }
    found.settled_since.get_or_insert(stamp.business_date);
    found.fee_bps = terms.fee_bps;
    deciding.put(Merchant::key(party), &found);
    for currency in core::iter::once(market.currency).chain(market.other_currencies.iter().copied()) {
        if deciding.get::<SettlementAccount>(&SettlementAccount::key(party, currency))?.is_none() {
            booking::begin(deciding, party, currency, None)?;
        }
    }
    Ok(keep(deciding, &terms))
}

fn check(body: &SetSettlementTerms) -> Result<(), Stop> {
    let weekday_fits = match body.schedule {
        PayoutSchedule::Weekly => (1..=7).contains(&body.weekday),
        PayoutSchedule::Daily | PayoutSchedule::OnRequest => body.weekday == 0,
    };
    if !weekday_fits {
        return bad_field("weekday");
    }
    if body.fee_bps.is_some_and(|bps| bps > WHOLE_BPS) {
        return bad_field("fee_bps");
    }
    if body.reserve_bps > WHOLE_BPS {
        return bad_field("reserve_bps");
    }
    if body.reserve_days > RESERVE_DAYS_MAX || (body.reserve_bps == 0) != (body.reserve_days == 0) {
        return bad_field("reserve_days");
    }
    Ok(())
}

/// Sets the timer of the next cut-off.
pub(super) fn next_cut_off(deciding: &mut Deciding<'_>, market: &MarketPack) -> sycee_contract::TimerId {
    let due_at_ns = deciding.stamp().after_seconds(seconds_to_cut_off(market, deciding.stamp()));
    deciding.timer(due_at_ns, &Command::new(SETTLEMENT_DUE, Caller::SYSTEM, &SettlementDue { place: None }))
}

fn keep(deciding: &mut Deciding<'_>, terms: &MerchantTerms) -> Vec<u8> {
    deciding.put(MerchantTerms::key(terms.merchant), terms);
    deciding.emit(Event { kind: EVENT_SETTLEMENT_TERMS, body: encode(terms) });
    encode(terms)
}

pub(super) fn set_bank_account(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    cell::require_id(command)?;
    let SetBankAccount { merchant: party, bank_account } = cell::body(command)?;
    deciding.want(&[Merchant::key(party), MerchantTerms::key(party)]);
    deciding.ready()?;
    merchant(deciding, party)?;
    let Some(terms) = deciding.get::<MerchantTerms>(&MerchantTerms::key(party))? else {
        return refuse(SETTLEMENT_NOT_AGREED, "agree settlement terms first");
    };
    let (changed_at_ns, changed_by) = (deciding.stamp().time_ns, command.caller.party);
    let terms = MerchantTerms { bank_account, changed_at_ns, changed_by, ..terms };
    Ok(keep(deciding, &terms))
}
