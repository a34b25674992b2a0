//! Royalties: to whom a merchant may pass money on, passing it on, and taking it back when a trade is refunded.
//!
//! Passing on is a request: guards judge it as any transfer. Taking back belongs to a refund and is an obligation; it comes from
//! merchants only, and never more than they have got of that trade.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sycee_contract::{AccountRef, Command, Deciding, Stop, cell, encode};
use sycee_money::{Amount, Currency, Money};
use sycee_party::{Party, PartyKind};

use super::{bad_field, check_number, check_optional, find_order, merchant, refuse};
use crate::command::{BindReceivers, PayRoyalty, UnbindReceivers};
use crate::entry::{self, EntryKind};
use crate::order::{Order, TradeStatus};
use crate::record::Merchant;
use crate::refusal::{
    ROYALTY_EXCEEDS, ROYALTY_FINISHED, ROYALTY_INCONSISTENT, ROYALTY_NOT_RETURNABLE, ROYALTY_RECEIVER_NOT_BOUND,
    ROYALTY_RECEIVER_NOT_FOUND, ROYALTY_RECEIVERS_TOO_MANY, ROYALTY_RETURN_EXCEEDS, ROYALTY_RETURN_NOT_ENOUGH,
    SELLER_BALANCE_NOT_ENOUGH, TRADE_HAS_CLOSED, TRADE_HAS_FINISHED, TRADE_NOT_EXIST, TRADE_STATUS_ERROR,
};
use crate::reply::{ReceiversReply, RoyaltyReply};
use crate::royalty::{
    PARTS_MAX, RECEIVERS_MAX, ReceiverTotal, Royalty, RoyaltyIndex, RoyaltyPart, RoyaltyReceivers, RoyaltyReturn,
    RoyaltyTotal, TakeBack, most_of,
};
use crate::{MERCHANT_BALANCE, purpose};

pub(super) fn bind(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let BindReceivers { receivers } = cell::body(command)?;
    let from = command.caller.party;
    if receivers.is_empty() || receivers.len() > PARTS_MAX || has_twice(receivers.iter().map(|one| one.party)) {
        return bad_field("receivers");
    }
    let key = RoyaltyReceivers::key(from);
    deciding.want(&[Merchant::key(from), key.clone()]);
    for receiver in &receivers {
        deciding.want(&[Party::key(receiver.party)]);
    }
    deciding.ready()?;
    merchant(deciding, from)?;
    let mut bound: RoyaltyReceivers = deciding.get(&key)?.unwrap_or_default();
    for receiver in receivers {
        check_optional("memo", receiver.memo.as_deref(), 256)?;
        kind_of(deciding, from, receiver.party)?;
        match bound.receivers.iter_mut().find(|known| known.party == receiver.party) {
            Some(known) => *known = receiver,
            None => bound.receivers.push(receiver),
        }
    }
    if bound.receivers.len() > RECEIVERS_MAX {
        return refuse(ROYALTY_RECEIVERS_TOO_MANY, &format!("at most {RECEIVERS_MAX}"));
    }
    let count = count(&bound);
    deciding.put(key, &bound);
    Ok(encode(&ReceiversReply { count }))
}

pub(super) fn unbind(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let UnbindReceivers { receivers } = cell::body(command)?;
    let from = command.caller.party;
    if receivers.is_empty() || receivers.len() > PARTS_MAX {
        return bad_field("receivers");
    }
    let key = RoyaltyReceivers::key(from);
    deciding.want(&[Merchant::key(from), key.clone()]);
    deciding.ready()?;
    merchant(deciding, from)?;
    let mut bound: RoyaltyReceivers = deciding.get(&key)?.unwrap_or_default();
    bound.receivers.retain(|known| !receivers.contains(&known.party));
    let count = count(&bound);
    deciding.put(key, &bound);
    Ok(encode(&ReceiversReply { count }))
}

fn count(bound: &RoyaltyReceivers) -> u32 {
    u32::try_from(bound.receivers.len()).unwrap_or(u32::MAX)
}

pub(super) fn pay(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let body: PayRoyalty = cell::body(command)?;
    check_number("out_request_no", &body.out_request_no)?;
    check_parts(&body.parts)?;
    let from = command.caller.party;
    let key = Royalty::key(from, &body.out_request_no);
    deciding.want(&[Merchant::key(from), Party::key(from), key.clone(), RoyaltyReceivers::key(from)]);
    for part in &body.parts {
        deciding.want(&[Party::key(part.receiver)]);
    }
    deciding.ready()?;
    merchant(deciding, from)?;
    let order = find_order(deciding, from, &body.order)?;
    let now_ns = deciding.stamp().time_ns;
    let Some(order) = order.filter(|order| order.status_at(now_ns) != TradeStatus::NotExist) else {
        return refuse(TRADE_NOT_EXIST, "the merchant has no such trade");
    };
    if let Some(before) = deciding.get::<Royalty>(&key)? {
        let differs = [
            (before.order != order.id, "trade_no"),
            (before.parts != body.parts, "royalty_parameters"),
            (before.is_last != body.is_last, "royalty_finish"),
        ];
        return match differs.into_iter().find_map(|(differs, field)| differs.then_some(field)) {
            Some(field) => refuse(ROYALTY_INCONSISTENT, field),
            None => Ok(encode(&RoyaltyReply { royalty: before, repeated: true })),
        };
    }
    match order.status_at(now_ns) {
        TradeStatus::Success => {}
        TradeStatus::Closed => return refuse(TRADE_HAS_CLOSED, "the order was refunded, or never paid"),
        TradeStatus::Finished => return refuse(TRADE_HAS_FINISHED, "the trade is finished"),
        TradeStatus::NotExist | TradeStatus::WaitBuyerPay => {
            return refuse(TRADE_STATUS_ERROR, "the order is not paid");
        }
    }
    let royalty = Royalty {
        id: deciding.new_id()?,
        merchant: from,
        order: order.id,
        out_request_no: body.out_request_no,
        parts: body.parts,
        is_last: body.is_last,
        at_ns: now_ns,
        created_date: deciding.stamp().business_date,
    };
    pass_on(deciding, &order, &royalty)?;
    let index = RoyaltyIndex { merchant: from, out_request_no: royalty.out_request_no.clone() };
    deciding.put(RoyaltyIndex::key(royalty.id), &index);
    deciding.put(key, &royalty);
    Ok(encode(&RoyaltyReply { royalty, repeated: false }))
}

fn check_parts(parts: &[RoyaltyPart]) -> Result<(), Stop> {
    let is_list = (1..=PARTS_MAX).contains(&parts.len());
    if !is_list || parts.iter().any(|part| part.amount.is_zero()) || has_twice(parts.iter().map(|part| part.receiver)) {
        return bad_field("parts");
    }
    parts.iter().try_for_each(|part| check_optional("description", part.description.as_deref(), 1_000))
}

/// Moves the money of a new royalty, and counts it.
fn pass_on(deciding: &mut Deciding<'_>, order: &Order, royalty: &Royalty) -> Result<(), Stop> {
    let (from, currency) = (royalty.merchant, order.total.currency);
    let mut total: RoyaltyTotal = deciding.get(&RoyaltyTotal::key(order.id))?.unwrap_or_default();
    if total.is_finished {
        return refuse(ROYALTY_FINISHED, "the merchant has said that nothing more is passed on of this trade");
    }
    // Who may receive at all comes before how much: a receiver that is not bound is wrong whatever the amount.
    let bound: RoyaltyReceivers = deciding.get(&RoyaltyReceivers::key(from))?.unwrap_or_default();
    for part in &royalty.parts {
        if !bound.receivers.iter().any(|receiver| receiver.party == part.receiver) {
            return refuse(ROYALTY_RECEIVER_NOT_BOUND, &format!("receiver {}", part.receiver));
        }
    }
    let asked = royalty.parts.iter().try_fold(Amount::ZERO, |sum, part| sum.checked_add(part.amount))?;
    let most = most_of(order.total)?.min(order.refundable());
    let after = total.outstanding()?.checked_add(asked)?;
    if after > most {
        let left = Money::new(most.saturating_sub(total.outstanding()?), currency);
        return refuse(ROYALTY_EXCEEDS, &format!("{left} can still be passed on of this trade"));
    }
    let balance = AccountRef::of(&MERCHANT_BALANCE, from, currency);
    let available = deciding.available_minor(balance.id())?;
    if available < asked.minor() {
        let (available, asked) = (Money::new(Amount::new(available)?, currency), Money::new(asked, currency));
        return refuse(SELLER_BALANCE_NOT_ENOUGH, &format!("available {available}, needed {asked}"));
    }
    for part in &royalty.parts {
        let kind = kind_of(deciding, from, part.receiver)?;
        let is_merchant = kind == PartyKind::Merchant;
        let to = account_of(kind, part.receiver, currency);
        deciding.transfer(balance, to, part.amount, purpose::ROYALTY)?;
        let (money, number) = (Money::new(part.amount, currency), Some(royalty.out_request_no.clone()));
        entry::write(deciding, from, EntryKind::RoyaltyGiven, royalty.id, money, Amount::ZERO, number)?;
        if is_merchant {
            entry::write(deciding, part.receiver, EntryKind::RoyaltyReceived, royalty.id, money, Amount::ZERO, None)?;
        }
        match total.of_mut(part.receiver) {
            Some(known) => known.given = known.given.checked_add(part.amount)?,
            None => {
                let (receiver, given) = (part.receiver, part.amount);
                total.receivers.push(ReceiverTotal { receiver, given, returned: Amount::ZERO, is_merchant });
            }
        }
    }
    total.is_finished = royalty.is_last;
    deciding.put(RoyaltyTotal::key(order.id), &total);
    Ok(())
}

/// What a refund of this number took back before; nothing if there was none.
pub(super) fn taken_before(
    deciding: &mut Deciding<'_>,
    order: u64,
    out_request_no: &str,
) -> Result<Vec<TakeBack>, Stop> {
    let before: Option<RoyaltyReturn> = deciding.get(&RoyaltyReturn::key(order, out_request_no))?;
    Ok(before.map_or_else(Vec::new, |before| before.taken))
}

/// Takes back from merchants what they had got of the order, before its refund.
pub(super) fn take_back(
    deciding: &mut Deciding<'_>,
    order: &Order,
    out_request_no: &str,
    taken: Vec<TakeBack>,
) -> Result<(), Stop> {
    if taken.is_empty() {
        return Ok(());
    }
    let is_list = taken.len() <= PARTS_MAX && !has_twice(taken.iter().map(|one| one.receiver));
    if !is_list || taken.iter().any(|one| one.amount.is_zero()) {
        return bad_field("royalties");
    }
    let (merchant, currency) = (order.merchant, order.total.currency);
    let mut total: RoyaltyTotal = deciding.get(&RoyaltyTotal::key(order.id))?.unwrap_or_default();
    let balance = AccountRef::of(&MERCHANT_BALANCE, merchant, currency);
    for TakeBack { receiver, amount } in taken.iter().copied() {
        let Some(known) = total.of_mut(receiver) else {
            return refuse(ROYALTY_RETURN_EXCEEDS, &format!("{receiver} has got nothing of this trade"));
        };
        if !known.is_merchant {
            return refuse(ROYALTY_NOT_RETURNABLE, &format!("{receiver} is a customer"));
        }
        let left = known.given.saturating_sub(known.returned);
        if amount > left {
            return refuse(ROYALTY_RETURN_EXCEEDS, &format!("{receiver} has {} of it", Money::new(left, currency)));
        }
        known.returned = known.returned.checked_add(amount)?;
        let from = AccountRef::of(&MERCHANT_BALANCE, receiver, currency);
        if deciding.available_minor(from.id())? < amount.minor() {
            // What another merchant has is not told.
            return refuse(ROYALTY_RETURN_NOT_ENOUGH, &format!("{receiver} has not enough to give it back"));
        }
        deciding.transfer(from, balance, amount, purpose::ROYALTY_RETURN)?;
        let (money, number) = (Money::new(amount, currency), Some(String::from(out_request_no)));
        let (gives, gets) = (EntryKind::RoyaltyTakenBack, EntryKind::RoyaltyReturned);
        entry::write(deciding, receiver, gives, order.id, money, Amount::ZERO, number.clone())?;
        entry::write(deciding, merchant, gets, order.id, money, Amount::ZERO, number)?;
    }
    let at_ns = deciding.stamp().time_ns;
    let row = RoyaltyReturn { order: order.id, out_request_no: String::from(out_request_no), merchant, taken, at_ns };
    deciding.put(RoyaltyReturn::key(order.id, out_request_no), &row);
    deciding.put(RoyaltyTotal::key(order.id), &total);
    Ok(())
}

// ---- inside ----

/// Whether a receiver is a merchant or a customer of this cell; anybody else, and the merchant itself, receives nothing.
fn kind_of(deciding: &mut Deciding<'_>, merchant: u64, receiver: u64) -> Result<PartyKind, Stop> {
    let found = sycee_party::find(deciding, receiver)?.map(|party| party.kind).filter(|_| receiver != merchant);
    match found {
        Some(kind @ (PartyKind::Customer | PartyKind::Merchant)) => Ok(kind),
        _ => refuse(ROYALTY_RECEIVER_NOT_FOUND, &format!("receiver {receiver}")),
    }
}

fn account_of(kind: PartyKind, receiver: u64, currency: Currency) -> AccountRef {
    match kind {
        PartyKind::Merchant => AccountRef::of(&MERCHANT_BALANCE, receiver, currency),
        _ => sycee_wallet::customer_account(receiver, currency),
    }
}

fn has_twice(parties: impl Iterator<Item = u64>) -> bool {
    let mut seen: Vec<u64> = parties.collect();
    let all = seen.len();
    seen.sort_unstable();
    seen.dedup();
    seen.len() != all
}
