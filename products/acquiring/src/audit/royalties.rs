//! Checks royalties: what was passed on of each trade and taken back, against the requests and refunds that did it.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use sycee_contract::{Books, Finding};
use sycee_money::Amount;

use super::{Sums, add, each, minor, one};
use crate::entry::EntryKind;
use crate::order::Order;
use crate::record::Refund;
use crate::royalty::{
    ROYALTY, ROYALTY_INDEX, ROYALTY_RETURN, ROYALTY_TOTAL, Royalty, RoyaltyIndex, RoyaltyReturn, RoyaltyTotal,
};

const ADD_UP: &str = "royalties_add_up";
const INDEX: &str = "royalty_index_matches";

/// What requests and refunds say of an order and a receiver: given, returned, minor units.
type Told = BTreeMap<(u64, u64), (u64, u64)>;

pub(super) fn audit(books: &dyn Books, sums: &mut Sums, findings: &mut Vec<Finding>) {
    let mut told = Told::new();
    given(books, sums, &mut told, findings);
    returned(books, sums, &mut told, findings);
    each::<RoyaltyTotal>(books, ROYALTY_TOTAL, ADD_UP, findings, &mut |key, total, findings| {
        let order = key.number_at(0).unwrap_or(0);
        for receiver in &total.receivers {
            let found = told.remove(&(order, receiver.receiver)).unwrap_or_default();
            let said = (receiver.given.minor(), receiver.returned.minor());
            if said != found || receiver.returned > receiver.given {
                let detail = format!("order {order}, {}: it says {said:?}, rows {found:?}", receiver.receiver);
                findings.push(Finding::new(ADD_UP, detail));
            }
        }
    });
    for ((order, receiver), found) in told {
        findings.push(Finding::new(ADD_UP, format!("order {order}, {receiver}: no total, rows {found:?}")));
    }
    each::<RoyaltyIndex>(books, ROYALTY_INDEX, INDEX, findings, &mut |key, index, findings| {
        let found: Option<Royalty> = one(books, &Royalty::key(index.merchant, &index.out_request_no));
        if found.is_none_or(|royalty| RoyaltyIndex::key(royalty.id) != *key) {
            findings.push(Finding::new(INDEX, format!("{key:?} leads to no royalty")));
        }
    });
}

fn given(books: &dyn Books, sums: &mut Sums, told: &mut Told, findings: &mut Vec<Finding>) {
    each::<Royalty>(books, ROYALTY, ADD_UP, findings, &mut |key, royalty, findings| {
        let index: Option<RoyaltyIndex> = one(books, &RoyaltyIndex::key(royalty.id));
        if index.is_none_or(|index| Royalty::key(index.merchant, &index.out_request_no) != *key) {
            findings.push(Finding::new(INDEX, format!("royalty {} is not found by its id", royalty.id)));
        }
        let order: Option<Order> = one(books, &Order::key(royalty.order));
        let Some(order) = order.filter(|order| order.merchant == royalty.merchant) else {
            findings.push(Finding::new(ADD_UP, format!("royalty {} is of no order of its merchant", royalty.id)));
            return;
        };
        let (currency, total) = (order.total.currency.numeric(), total(books, royalty.order));
        for part in &royalty.parts {
            let told = told.entry((royalty.order, part.receiver)).or_default();
            told.0 = told.0.saturating_add(part.amount.minor());
            let from = (royalty.merchant, currency);
            add(&mut sums.balance, from, minor(part.amount).saturating_neg());
            sums.entries.add(from, EntryKind::RoyaltyGiven, 1, minor(part.amount), 0);
            if total.of(part.receiver).is_some_and(|receiver| receiver.is_merchant) {
                let to = (part.receiver, currency);
                add(&mut sums.balance, to, minor(part.amount));
                sums.entries.add(to, EntryKind::RoyaltyReceived, 1, minor(part.amount), 0);
            }
        }
    });
}

fn returned(books: &dyn Books, sums: &mut Sums, told: &mut Told, findings: &mut Vec<Finding>) {
    each::<RoyaltyReturn>(books, ROYALTY_RETURN, ADD_UP, findings, &mut |_, back, findings| {
        let order: Option<Order> = one(books, &Order::key(back.order));
        let refund: Option<Refund> = one(books, &Refund::key(back.order, &back.out_request_no));
        let of_refund = refund.is_some_and(|refund| refund.at_ns == back.at_ns);
        let Some(order) = order.filter(|order| order.merchant == back.merchant && of_refund) else {
            let detail = format!("order {}, refund {}: not there, or another's", back.order, back.out_request_no);
            findings.push(Finding::new(ADD_UP, detail));
            return;
        };
        let to = (back.merchant, order.total.currency.numeric());
        for taken in &back.taken {
            let told = told.entry((back.order, taken.receiver)).or_default();
            told.1 = told.1.saturating_add(taken.amount.minor());
            let from = (taken.receiver, to.1);
            add(&mut sums.balance, to, minor(taken.amount));
            add(&mut sums.balance, from, minor(taken.amount).saturating_neg());
            sums.entries.add(to, EntryKind::RoyaltyReturned, 1, minor(taken.amount), 0);
            sums.entries.add(from, EntryKind::RoyaltyTakenBack, 1, minor(taken.amount), 0);
        }
    });
}

fn total(books: &dyn Books, order: u64) -> RoyaltyTotal {
    one(books, &RoyaltyTotal::key(order)).unwrap_or_default()
}

/// Whether a royalty has a part of this amount, to this receiver if one is named.
pub(super) fn has_part(
    books: &dyn Books,
    id: u64,
    merchant: Option<u64>,
    receiver: Option<u64>,
    amount: Amount,
) -> bool {
    let index: Option<RoyaltyIndex> = one(books, &RoyaltyIndex::key(id));
    let royalty: Option<Royalty> =
        index.and_then(|index| one(books, &Royalty::key(index.merchant, &index.out_request_no)));
    royalty.filter(|royalty| merchant.is_none_or(|merchant| merchant == royalty.merchant)).is_some_and(|royalty| {
        let is_it = |to: u64| receiver.is_none_or(|receiver| receiver == to);
        royalty.parts.iter().any(|part| is_it(part.receiver) && part.amount == amount)
    })
}

/// Whether a refund took back so much, for this merchant or from this receiver.
pub(super) fn has_return(
    books: &dyn Books,
    order: u64,
    number: &str,
    merchant: Option<u64>,
    receiver: Option<u64>,
    amount: Amount,
) -> bool {
    let back: Option<RoyaltyReturn> = one(books, &RoyaltyReturn::key(order, number));
    back.filter(|back| merchant.is_none_or(|merchant| merchant == back.merchant)).is_some_and(|back| {
        let is_it = |from: u64| receiver.is_none_or(|receiver| receiver == from);
        back.taken.iter().any(|taken| is_it(taken.receiver) && taken.amount == amount)
    })
}
