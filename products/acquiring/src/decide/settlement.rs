//! When merchants are settled: at each cut-off the list of merchants is gone through in pieces, and each that has something to
//! settle is settled by a command of its own. Which date a movement belongs to is judged by its stamp ([`super::booking`]), so it
//! does not matter how long after the cut-off that happens.

use alloc::vec::Vec;

use sycee_contract::{Caller, Command, Deciding, MarketPack, Role, Stop, cell, encode};
use sycee_party::Party;

use super::closing::{self, Closed};
use super::{merchant, refuse, terms};
use crate::record::{FeeSettlement, Merchant};
use crate::refusal::SETTLEMENT_NOT_AGREED;
use crate::settlement::{
    MerchantReserve, MerchantTerms, RosterPlace, SETTLE_MERCHANT, SETTLEMENT_DUE, SettleMerchant, Settlement,
    SettlementAccount, SettlementClock, SettlementDue, SettlementReply, last_closed_date,
};
use crate::{FEE_RECEIVABLE, MERCHANT_BALANCE, MERCHANT_OWES, MERCHANT_RESERVE, PAYOUT_IN_TRANSIT};

/// How many places of the list one operation looks at: some hundred rows, so that it holds nobody up.
const PIECE_PLACES: u64 = 64;

/// A cut-off: sets the timer of the next, and begins to go through the list if a business date has ended. Or a further piece.
pub(super) fn due(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let SettlementDue { place } = cell::body(command)?;
    deciding.want(&[SettlementClock::key(), MarketPack::key()]);
    deciding.ready()?;
    let Some(mut clock) = deciding.get::<SettlementClock>(&SettlementClock::key())? else { return Ok(Vec::new()) };
    let market = deciding.market()?;
    let closed_date = last_closed_date(&market, deciding.stamp());
    let Some(place) = place else {
        clock.timer = terms::next_cut_off(deciding, &market);
        let ended = closed_date.filter(|date| *date > clock.last_date);
        clock.last_date = ended.unwrap_or(clock.last_date);
        deciding.put(SettlementClock::key(), &clock);
        if let Some(date) = ended {
            piece(deciding, &clock, 0, date)?;
        }
        return Ok(Vec::new());
    };
    if let Some(date) = closed_date {
        piece(deciding, &clock, place, date)?;
    }
    Ok(Vec::new())
}

/// Looks at some places of the list and has those settled that have something to settle.
fn piece(deciding: &mut Deciding<'_>, clock: &SettlementClock, first: u64, through: u32) -> Result<(), Stop> {
    let end = first.saturating_add(PIECE_PLACES).min(clock.places);
    let keys: Vec<_> = (first..end).map(RosterPlace::key).collect();
    deciding.want(&keys);
    deciding.ready()?;
    let mut places = Vec::new();
    for key in &keys {
        places.extend(deciding.get::<RosterPlace>(key)?);
    }
    for RosterPlace { merchant, currency } in &places {
        deciding.want(&[
            SettlementAccount::key(*merchant, *currency),
            MerchantReserve::key(*merchant, *currency),
            MerchantTerms::key(*merchant),
        ]);
    }
    deciding.ready()?;
    let now_ns = deciding.stamp().time_ns;
    for RosterPlace { merchant, currency } in places {
        let Some(account) = deciding.get::<SettlementAccount>(&SettlementAccount::key(merchant, currency))? else {
            continue;
        };
        let terms = deciding.get::<MerchantTerms>(&MerchantTerms::key(merchant))?;
        let reserve = deciding.get::<MerchantReserve>(&MerchantReserve::key(merchant, currency))?.unwrap_or_default();
        if terms.is_some_and(|terms| next_date(&account, &reserve, &terms, through).is_some()) {
            let body = SettleMerchant { merchant, currency };
            deciding.timer(now_ns, &Command::new(SETTLE_MERCHANT, Caller::SYSTEM, &body));
        }
    }
    if end < clock.places {
        let body = SettlementDue { place: Some(end) };
        deciding.timer(now_ns, &Command::new(SETTLEMENT_DUE, Caller::SYSTEM, &body));
    }
    Ok(())
}

/// The date that is to be closed next, no later than `through`: the first that has entries; otherwise the last, if something is
/// to be released or what is left can be paid.
fn next_date(
    account: &SettlementAccount,
    reserve: &MerchantReserve,
    terms: &MerchantTerms,
    through: u32,
) -> Option<u32> {
    if let Some(first) = account.open_dates.first().filter(|first| **first <= through) {
        return Some(*first);
    }
    let is_released = reserve.tranches.iter().any(|tranche| tranche.due_date <= through);
    let is_paid = account.carried_minor > 0 && closing::unpaid_by_terms(terms, account, through).is_none();
    (account.settled_through < through && (is_released || is_paid)).then_some(through)
}

/// Closes a merchant's next business date. Asked by staff when there is none to close, it pays out what is left of closed ones.
pub(super) fn settle(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let SettleMerchant { merchant: party, currency } = cell::body(command)?;
    deciding.want(&[
        Merchant::key(party),
        Party::key(party),
        MerchantTerms::key(party),
        SettlementAccount::key(party, currency),
        MerchantReserve::key(party, currency),
        FeeSettlement::key(party, currency),
        MarketPack::key(),
    ]);
    for kind in [MERCHANT_BALANCE, FEE_RECEIVABLE, MERCHANT_RESERVE, PAYOUT_IN_TRANSIT, MERCHANT_OWES] {
        deciding.want_account(kind.of(party, currency));
    }
    deciding.ready()?;
    merchant(deciding, party)?;
    let Some(terms) = deciding.get::<MerchantTerms>(&MerchantTerms::key(party))? else {
        return refuse(SETTLEMENT_NOT_AGREED, "agree settlement terms first");
    };
    let nothing = SettlementReply { settlement: None, is_more: false };
    let Some(account) = deciding.get::<SettlementAccount>(&SettlementAccount::key(party, currency))? else {
        return Ok(encode(&nothing));
    };
    let market = deciding.market()?;
    let Some(through) = last_closed_date(&market, deciding.stamp()) else { return Ok(encode(&nothing)) };
    let reserve = deciding.get::<MerchantReserve>(&MerchantReserve::key(party, currency))?.unwrap_or_default();
    let is_asked = command.caller.role == Role::Operator;
    let Some(date) = next_date(&account, &reserve, &terms, through) else {
        let is_paid = is_asked && closing::pay_what_is_left(deciding, &market, &terms, account, through)?;
        return Ok(encode(&SettlementReply { settlement: None, is_more: is_paid }));
    };
    let settlement = match deciding.get::<Settlement>(&Settlement::key(party, currency, date))? {
        Some(open) => open,
        None => Settlement::open(deciding.new_id()?, party, currency, date),
    };
    let Closed { settlement, account, reserve } =
        closing::close(deciding, &market, &terms, (account, reserve), settlement, is_asked)?;
    let is_more = next_date(&account, &reserve, &terms, through).is_some();
    if is_more {
        let now_ns = deciding.stamp().time_ns;
        deciding.timer(
            now_ns,
            &Command::new(SETTLE_MERCHANT, Caller::SYSTEM, &SettleMerchant { merchant: party, currency }),
        );
    }
    Ok(encode(&SettlementReply { settlement: Some(settlement), is_more }))
}
