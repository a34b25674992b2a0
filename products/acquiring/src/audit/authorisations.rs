//! Checks authorisations: what is held for merchants, and how it came to what it is.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use sycee_contract::{Books, Finding, Key, cell};
use sycee_ledger::{Hold, HoldState};
use sycee_money::Amount;

use super::{MerchantCurrency, add, each, is_set, minor, one};
use crate::MERCHANT_BALANCE;
use crate::authorisation::{
    AUTHORISATION, AUTHORISATION_INDEX, AUTHORISATION_OPERATION, AUTHORISATION_OPERATION_INDEX, Authorisation,
    AuthorisationIndex, AuthorisationOperation, AuthorisationOperationIndex, AuthorisationState, OperationKind,
};
use crate::command::EXPIRE_FREEZE;
use crate::order::Order;
use crate::record::ORDER;

const AMOUNTS: &str = "authorisation_amounts_add_up";
const HOLDS: &str = "authorisations_match_holds";
const INDEX: &str = "authorisation_index_matches";
const TIMERS: &str = "open_authorisations_have_timers";

/// What other rows say of each authorisation, minor units.
#[derive(Default)]
struct Told {
    captured: BTreeMap<u64, u64>,
    released: BTreeMap<u64, u64>,
}

pub(super) fn audit(books: &dyn Books, findings: &mut Vec<Finding>) {
    let mut told = Told::default();
    each::<Order>(books, ORDER, AMOUNTS, findings, &mut |_, order, _| {
        if let Some(authorisation) = order.authorisation {
            let sum = told.captured.entry(authorisation).or_default();
            *sum = sum.saturating_add(order.total.amount.minor());
        }
    });
    operations(books, &mut told, findings);
    let mut held: BTreeMap<MerchantCurrency, i128> = BTreeMap::new();
    each::<Authorisation>(books, AUTHORISATION, AMOUNTS, findings, &mut |_, authorisation, findings| {
        let id = authorisation.id;
        let captured = told.captured.remove(&id).unwrap_or(0);
        let released = told.released.remove(&id).unwrap_or(0);
        if let Some(what) = amounts(&authorisation, captured, released) {
            findings.push(Finding::new(AMOUNTS, format!("authorisation {id}: {what}")));
        }
        if !holds(books, &authorisation) {
            let detail =
                format!("authorisation {id}: it says {}, {:?}", authorisation.held.minor(), authorisation.hold);
            findings.push(Finding::new(HOLDS, detail));
        }
        add(&mut held, (authorisation.merchant, authorisation.amount.currency.numeric()), minor(authorisation.held));
        let timed = match authorisation.timer {
            Some(timer) => timer.due_at_ns == authorisation.expires_at_ns && is_set(books, timer, EXPIRE_FREEZE),
            None => false,
        };
        if timed != authorisation.is_open() || authorisation.timer.is_some() != timed {
            findings.push(Finding::new(TIMERS, format!("authorisation {id}: {:?}", authorisation.timer)));
        }
        let index: Option<AuthorisationIndex> =
            one(books, &AuthorisationIndex::key(authorisation.merchant, &authorisation.out_order_no));
        if index.is_none_or(|index| index.authorisation != id) {
            findings.push(Finding::new(INDEX, format!("authorisation {id} is not named")));
        }
    });
    for id in told.captured.keys().chain(told.released.keys()) {
        findings.push(Finding::new(AMOUNTS, format!("authorisation {id} is missing")));
    }
    indices(books, findings);
    pending(books, held, findings);
}

fn operations(books: &dyn Books, told: &mut Told, findings: &mut Vec<Finding>) {
    each::<AuthorisationOperation>(books, AUTHORISATION_OPERATION, INDEX, findings, &mut |_, operation, findings| {
        if operation.kind == OperationKind::Unfreeze {
            let sum = told.released.entry(operation.authorisation).or_default();
            *sum = sum.saturating_add(operation.amount.minor());
        }
        let key = AuthorisationOperationIndex::key(operation.merchant, &operation.out_request_no);
        let index: Option<AuthorisationOperationIndex> = one(books, &key);
        if index.is_none_or(|index| index.operation != operation.id) {
            findings.push(Finding::new(INDEX, format!("operation {} is not named", operation.id)));
        }
    });
}

/// What is wrong with the amounts of an authorisation, if anything. Releases that nobody asked for by number (an end by time, a
/// cancel, a last payment) come on top of those of the operations.
fn amounts(authorisation: &Authorisation, captured_minor: u64, released_minor: u64) -> Option<&'static str> {
    let Authorisation { held, captured, released, state, .. } = authorisation;
    let sum = captured.checked_add(*released).and_then(|sum| sum.checked_add(*held));
    let is_held = *state == AuthorisationState::Authorised;
    let checks = [
        (sum.is_ok_and(|sum| sum == authorisation.frozen()), "paid, released and held are not what was frozen"),
        (captured.minor() == captured_minor, "its orders were not paid so much"),
        (released.minor() >= released_minor, "more was asked to be released than it says"),
        (is_held != held.is_zero(), "something is held of what has ended, or nothing of what has not"),
        (authorisation.is_open() == authorisation.ended_at_ns.is_none(), "it has no end, or one too early"),
        (
            *state != AuthorisationState::Finished || authorisation.authorised_at_ns.is_some(),
            "it is finished and was never frozen",
        ),
    ];
    checks.into_iter().find_map(|(holds, what)| (!holds).then_some(what))
}

/// Whether the ledger holds what the row says, for whom it says.
fn holds(books: &dyn Books, authorisation: &Authorisation) -> bool {
    let Some(hold) = authorisation.hold else { return authorisation.held == Amount::ZERO };
    let found: Option<Hold> = one(books, &Key::new(cell::HOLD).number(hold));
    let payee = MERCHANT_BALANCE.of(authorisation.merchant, authorisation.amount.currency);
    found.is_some_and(|found| {
        found.state == HoldState::Pending
            && found.amount == authorisation.held
            && Some(found.debit) == authorisation.funding_account
            && found.credit == payee
            && found.expires_at_ns == authorisation.expires_at_ns
    })
}

fn indices(books: &dyn Books, findings: &mut Vec<Finding>) {
    each::<AuthorisationIndex>(books, AUTHORISATION_INDEX, INDEX, findings, &mut |key, index, findings| {
        let found: Option<Authorisation> = one(books, &Authorisation::key(index.authorisation));
        if found.is_none_or(|found| AuthorisationIndex::key(found.merchant, &found.out_order_no) != *key) {
            findings.push(Finding::new(INDEX, format!("{key:?} leads to {}", index.authorisation)));
        }
    });
    let table = AUTHORISATION_OPERATION_INDEX;
    each::<AuthorisationOperationIndex>(books, table, INDEX, findings, &mut |key, index, findings| {
        let found: Option<AuthorisationOperation> = one(books, &AuthorisationOperation::key(index.operation));
        if found.is_none_or(|found| AuthorisationOperationIndex::key(found.merchant, &found.out_request_no) != *key) {
            findings.push(Finding::new(INDEX, format!("{key:?} leads to {}", index.operation)));
        }
    });
}

/// Only authorisations hold money for merchants: what is pending in their favour is what those hold.
fn pending(books: &dyn Books, mut held: BTreeMap<MerchantCurrency, i128>, findings: &mut Vec<Finding>) {
    books.accounts(&mut |id, account| {
        if id.kind() != MERCHANT_BALANCE.number {
            return;
        }
        let rows = held.remove(&(id.owner(), id.currency_numeric())).unwrap_or(0);
        if i128::from(account.credits_pending_minor) != rows {
            let detail = format!("{id:?}: pending {}, rows {rows}", account.credits_pending_minor);
            findings.push(Finding::new(HOLDS, detail));
        }
    });
    for ((merchant, currency), rows) in held.into_iter().filter(|(_, rows)| *rows != 0) {
        let detail = format!("merchant {merchant}, currency {currency}: no account, rows {rows}");
        findings.push(Finding::new(HOLDS, detail));
    }
}
