//! Checks this product's invariants over all books, from rows and accounts alone.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use minicbor::Decode;
use sycee_acquiring::Order;
use sycee_contract::{Books, Finding, Key, Record, Table, cell, decode};
use sycee_ledger::{Hold, HoldId, HoldState};
use sycee_money::{Amount, MoneyError};

use crate::account::{FX_MARGIN, FX_POSITION, FX_RESIDUAL, FX_RESULT, NETWORK_FEE, TRANSIT};
use crate::clearing::{CLEARING, Entry, SUSPENSE, Tally};
use crate::message::{OwedTo, Stands, StreamTotals};
use crate::quote::Quote;
use crate::record::{Forwarded, Incoming, Outgoing, OutgoingState};
use crate::window::Exchanged;

pub(crate) fn audit(books: &dyn Books, findings: &mut Vec<Finding>) {
    let mut suspense = clearing(books, findings);
    let mut reserved = Sums::new();
    outgoing(books, &mut suspense, &mut reserved, findings);
    network(books, &mut reserved, findings);
    nothing_else_is_held(books, reserved, findings);
    transit(books, findings);
    compare(books, SUSPENSE.number, "suspense_matches_parked", suspense, findings);
}

const HOLDS: &str = "holds_match_payments";

/// An account: its currency and its sub-number.
type Which = (u16, u32);
type Sums = BTreeMap<Which, i128>;

fn add(sums: &mut Sums, which: Which, minor: i128) {
    let sum = sums.entry(which).or_default();
    *sum = sum.saturating_add(minor);
}

fn minor(amount: Amount) -> i128 {
    i128::from(amount.minor())
}

fn each<R: Record + for<'b> Decode<'b, ()>>(
    books: &dyn Books,
    invariant: &'static str,
    findings: &mut Vec<Finding>,
    row: &mut dyn FnMut(&Key, R, &mut Vec<Finding>),
) {
    let table: Table = R::TABLE;
    books.rows(table, &mut |key, bytes| match decode::<R>(bytes, "audited row") {
        Ok(record) => row(key, record, findings),
        Err(_) => findings.push(Finding::new(invariant, format!("{key:?} does not decode"))),
    });
}

/// Compares the accounts of a kind with what the rows say.
fn compare(books: &dyn Books, kind: u16, invariant: &'static str, mut expected: Sums, findings: &mut Vec<Finding>) {
    books.accounts(&mut |id, account| {
        if id.kind() != kind {
            return;
        }
        let rows = expected.remove(&(id.currency_numeric(), id.sub())).unwrap_or(0);
        if account.balance_minor() != rows {
            findings.push(Finding::new(invariant, format!("{id:?}: account {}, rows {rows}", account.balance_minor())));
        }
    });
    for (which, rows) in expected {
        if rows != 0 {
            findings.push(Finding::new(invariant, format!("{which:?}: no account, rows {rows}")));
        }
    }
}

/// The parts of an entry's or tally's key: peer, currency, and for an entry its direction and place.
fn parts(key: &Key) -> Option<(u16, u16)> {
    let bytes = key.as_bytes();
    let small = |at: usize| -> Option<u16> {
        let end = at.checked_add(2)?;
        Some(u16::from_be_bytes(bytes.get(at..end)?.try_into().ok()?))
    };
    Some((small(2)?, small(4)?))
}

/// Adds the entries up; gives back what of them is in suspense.
fn clearing(books: &dyn Books, findings: &mut Vec<Finding>) -> Sums {
    const INVARIANT: &str = "clearing_matches_entries";
    let mut streams: BTreeMap<(u16, u16, bool), StreamTotals> = BTreeMap::new();
    let mut suspense = Sums::new();
    each::<Entry>(books, INVARIANT, findings, &mut |key, entry, findings| {
        let (Some((peer, currency)), Some(place)) = (parts(key), key.number_at(6)) else {
            findings.push(Finding::new(INVARIANT, format!("{key:?} is no key of an entry")));
            return;
        };
        let direction_sent = key.as_bytes().get(7).copied() == Some(0);
        let totals = streams.entry((peer, currency, direction_sent)).or_default();
        let sum = match (entry.owed_to, entry.settles) {
            (OwedTo::Sender, false) => &mut totals.owed_to_sender_minor,
            (OwedTo::Receiver, false) => &mut totals.owed_to_receiver_minor,
            (OwedTo::Sender, true) => &mut totals.settled_to_sender_minor,
            (OwedTo::Receiver, true) => &mut totals.settled_to_receiver_minor,
        };
        *sum = sum.saturating_add(entry.amount.minor());
        totals.count = totals.count.saturating_add(1);
        if *totals != entry.totals || totals.count != place {
            findings.push(Finding::new(INVARIANT, format!("{key:?}: entries {totals:?}, it says {:?}", entry.totals)));
        }
        if entry.claimed_place.is_some() {
            findings.push(Finding::new(INVARIANT, format!("{key:?}: the sender's place is {:?}", entry.claimed_place)));
        }
        if entry.in_suspense {
            // Owed to the sender, who is the peer: a debit of suspense, which is a liability.
            let sign = if entry.owed_to == OwedTo::Sender { -1 } else { 1 };
            add(&mut suspense, (currency, u32::from(peer)), minor(entry.amount).saturating_mul(sign));
        }
    });
    let mut expected = Sums::new();
    each::<Tally>(books, INVARIANT, findings, &mut |key, tally, findings| {
        let Some((peer, currency)) = parts(key) else { return };
        let mut of = |sent: bool| streams.remove(&(peer, currency, sent)).unwrap_or_default();
        let (sent, received) = (of(true), of(false));
        if (sent, received) != (tally.sent, tally.received) {
            findings.push(Finding::new(INVARIANT, format!("{key:?}: entries {sent:?} {received:?}, {tally:?}")));
        }
        add(&mut expected, (currency, u32::from(peer)), tally.owed_to_us_minor());
    });
    for (stream, totals) in streams {
        findings.push(Finding::new(INVARIANT, format!("{stream:?} has entries without a tally: {totals:?}")));
    }
    compare(books, CLEARING.number, INVARIANT, expected, findings);
    suspense
}

fn held(books: &dyn Books, hold: HoldId) -> Option<Amount> {
    let row = books.row(&Key::new(cell::HOLD).number(hold))?;
    let hold: Hold = decode(&row, "hold").ok()?;
    (hold.state == HoldState::Pending).then_some(hold.amount)
}

fn check_quote(name: &dyn core::fmt::Debug, quote: &Quote, findings: &mut Vec<Finding>) {
    if !quote.adds_up() {
        findings.push(Finding::new("quotes_add_up", format!("{name:?}: quote {}", quote.id)));
    }
}

/// Clearing accounts hold what payments that wait for an answer hold, and nothing else: a hold that no row names any more would
/// stay for ever.
fn nothing_else_is_held(books: &dyn Books, mut reserved: Sums, findings: &mut Vec<Finding>) {
    books.accounts(&mut |id, account| {
        if id.kind() != CLEARING.number {
            return;
        }
        let rows = reserved.remove(&(id.currency_numeric(), id.sub())).unwrap_or(0);
        let held = i128::from(account.debits_pending_minor).saturating_add(i128::from(account.credits_pending_minor));
        if held != rows {
            findings.push(Finding::new(HOLDS, format!("{id:?}: held {held}, payments that wait {rows}")));
        }
    });
}

fn outgoing(books: &dyn Books, suspense: &mut Sums, reserved: &mut Sums, findings: &mut Vec<Finding>) {
    const INVARIANT: &str = HOLDS;
    each::<Outgoing>(books, INVARIANT, findings, &mut |key, payment, findings| {
        let holds = held(books, payment.hold);
        let expected = (payment.state == OutgoingState::Held).then_some(payment.total.amount);
        if holds != expected {
            findings.push(Finding::new(INVARIANT, format!("{key:?}: holds {holds:?}, expected {expected:?}")));
        }
        if let Some(amount) = expected {
            add(reserved, (payment.total.currency.numeric(), u32::from(payment.network)), minor(amount));
        }
        if let Some(quote) = &payment.quote {
            check_quote(&payment.id, quote, findings);
            let upto = quote.split.shares(Amount::ZERO, payment.refunded, quote.fee_returned);
            if upto.map(|shares| shares.total_minor) != Ok(minor(payment.returned)) {
                findings.push(Finding::new("quotes_add_up", format!("{key:?}: returned {:?}", payment.returned)));
            }
        }
        let waiting = minor(payment.waiting_refunds);
        if waiting != 0 {
            add(suspense, (payment.total.currency.numeric(), u32::from(payment.network)), waiting);
        }
    });
}

fn network(books: &dyn Books, reserved: &mut Sums, findings: &mut Vec<Finding>) {
    const INCOME: &str = "network_income_explained";
    let mut income: [Sums; 4] = Default::default();
    let mut positions = Sums::new();
    each::<Forwarded>(books, HOLDS, findings, &mut |key, payment, findings| {
        let holds = payment.hold.and_then(|hold| held(books, hold));
        let expected = (payment.stands == Stands::Forwarded).then_some(payment.quote.split.total.amount);
        if holds != expected {
            findings.push(Finding::new(HOLDS, format!("{key:?}: holds {holds:?}, expected {expected:?}")));
        }
        if let Some(amount) = expected {
            let which = (payment.quote.split.total.currency.numeric(), u32::from(payment.name.origin));
            add(reserved, which, minor(amount));
        }
        check_quote(&payment.name, &payment.quote, findings);
        if payment.stands == Stands::Done && explain(&payment, &mut income, &mut positions).is_err() {
            findings.push(Finding::new(INCOME, format!("{key:?}: more was refunded than paid")));
        }
    });
    each::<Exchanged>(books, INCOME, findings, &mut |key, exchanged, findings| {
        let Some((currency, other)) = parts(key) else {
            findings.push(Finding::new(INCOME, format!("{key:?} is no key of exchanges")));
            return;
        };
        let Exchanged { given_minor, got_minor, result_minor } = exchanged;
        let net =
            i128::from(got_minor).saturating_sub(i128::from(given_minor)).saturating_sub(i128::from(result_minor));
        add(&mut positions, (currency, u32::from(other)), net);
        let [_, _, _, result] = &mut income;
        add(result, (currency, 0), i128::from(result_minor));
    });
    let kinds = [&FX_MARGIN, &FX_RESIDUAL, &NETWORK_FEE, &FX_RESULT];
    for (sums, kind) in income.into_iter().zip(kinds) {
        compare(books, kind.number, INCOME, sums, findings);
    }
    compare(books, FX_POSITION.number, INCOME, positions, findings);
}

/// What one payment and its refunds have made of the network's accounts.
fn explain(payment: &Forwarded, income: &mut [Sums; 4], positions: &mut Sums) -> Result<(), MoneyError> {
    let quote = &payment.quote;
    let split = quote.split;
    let back = split.shares(Amount::ZERO, payment.refunded, quote.fee_returned)?;
    let (currency, payee) = (split.total.currency.numeric(), split.payee.currency.numeric());
    let moved = i128::from(payment.moved_minor);
    let [margin, residual, fee, result] = income;
    add(margin, (currency, 0), minor(split.margin).saturating_sub(back.margin_minor));
    add(residual, (currency, 0), minor(split.residual).saturating_sub(back.residual_minor));
    add(fee, (currency, 0), minor(split.fee).saturating_sub(back.fee_minor));
    add(result, (currency, 0), moved.saturating_neg());
    let kept = minor(split.mid).saturating_sub(back.mid_minor).saturating_add(moved);
    add(positions, (currency, u32::from(payee)), kept);
    let paid_out = minor(split.payee.amount).saturating_sub(minor(payment.refunded));
    add(positions, (payee, u32::from(currency)), paid_out.saturating_neg());
    Ok(())
}

fn transit(books: &dyn Books, findings: &mut Vec<Finding>) {
    const INVARIANT: &str = "transit_matches_refunds";
    let mut expected = Sums::new();
    each::<Incoming>(books, INVARIANT, findings, &mut |key, payment, findings| {
        check_quote(&payment.name, &payment.quote, findings);
        if payment.order == 0 {
            return;
        }
        let order = books.row(&Order::key(payment.order)).and_then(|row| decode::<Order>(&row, "order").ok());
        let Some(order) = order else {
            findings.push(Finding::new(INVARIANT, format!("{key:?}: order {} is missing", payment.order)));
            return;
        };
        let waiting = minor(order.refunded).saturating_sub(minor(payment.refunded));
        add(&mut expected, (order.total.currency.numeric(), 0), waiting);
    });
    compare(books, TRANSIT.number, INVARIANT, expected, findings);
}
