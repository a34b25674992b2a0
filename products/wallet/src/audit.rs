//! What must hold over all books.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use sycee_contract::{Books, Finding, decode};
use sycee_ledger::{AccountClass, Limit, OPERATOR};

use crate::history::is_told;
use crate::{
    CLEARING, CUSTOMER_ENTRY, CustomerEntry, MONEY_REQUEST, MoneyRequest, REQUEST_OF_CUSTOMER, RequestOfCustomer,
    SAFEGUARDING, SUSPENSE,
};

pub(crate) fn audit(books: &dyn Books, findings: &mut Vec<Finding>) {
    safeguarding_covers_emoney(books, findings);
    money_requests_consistent(books, findings);
    customer_entries_match(books, findings);
}

/// Customer, currency, operation, and the place in its plan.
type Place = (u64, u16, u64, Option<u64>);

/// An account's entries in the order in which it moved: by operation. (Days need not rise: a market may change its time zone.)
fn customer_entries_match(books: &dyn Books, findings: &mut Vec<Finding>) {
    const INVARIANT: &str = "customer_entries_match";
    let mut chain: BTreeMap<Place, (i128, i128)> = BTreeMap::new();
    books.rows(CUSTOMER_ENTRY, &mut |key, bytes| {
        let place = (key.number_at(0), CustomerEntry::operation_of(key));
        let (customer, operation, entry) = match (place, decode::<CustomerEntry>(bytes, "customer entry")) {
            ((Some(customer), Some(operation)), Ok(entry)) => (customer, operation, entry),
            _ => {
                findings.push(Finding::new(INVARIANT, format!("{key:?} is no entry")));
                return;
            }
        };
        let after = i128::from(entry.balance_after.minor());
        let at = (customer, entry.money.currency.numeric(), operation, CustomerEntry::place_of(key));
        chain.insert(at, (entry.on_balance_minor(), after));
    });
    let mut balances: BTreeMap<(u64, u16), i128> = BTreeMap::new();
    for ((customer, currency, operation, _), (change, after)) in chain {
        let minor = balances.entry((customer, currency)).or_default();
        *minor = minor.saturating_add(change);
        if *minor != after {
            let detail =
                format!("customer {customer}, operation {operation}: the entries come to {minor}, not {after}");
            findings.push(Finding::new(INVARIANT, detail));
        }
    }
    books.accounts(&mut |id, account| {
        if !is_told(id) {
            return;
        }
        let told = balances.remove(&(id.owner(), id.currency_numeric())).unwrap_or_default();
        if told != account.balance_minor() {
            let detail = format!("{id:?}: the entries come to {told}, booked is {}", account.balance_minor());
            findings.push(Finding::new(INVARIANT, detail));
        }
    });
    for (customer, currency) in balances.into_keys() {
        findings.push(Finding::new(INVARIANT, format!("customer {customer} has entries and no account in {currency}")));
    }
}

/// The audit has no list of products, so it cannot ask which kinds are claimable. It takes every liability of a party
/// that may not be overdrawn: whatever product keeps it, that is money which somebody other than the operator can claim.
fn safeguarding_covers_emoney(books: &dyn Books, findings: &mut Vec<Finding>) {
    let mut safeguarded: BTreeMap<u16, i128> = BTreeMap::new();
    let mut claimed: BTreeMap<u16, i128> = BTreeMap::new();
    books.accounts(&mut |id, account| {
        let covers = [SAFEGUARDING.number, CLEARING.number].contains(&id.kind());
        let (sums, minor) = if covers {
            (&mut safeguarded, account.balance_minor())
        } else if id.kind() == SUSPENSE.number {
            // What a peer says it owes, and nobody knows why, covers nothing; what it says it is owed may be.
            (&mut safeguarded, account.balance_minor().max(0).saturating_neg())
        } else if id.owner() != OPERATOR
            && account.class == AccountClass::Liability
            && account.limit == Limit::DebitsMustNotExceedCredits
        {
            (&mut claimed, account.balance_minor())
        } else {
            return;
        };
        let sum = sums.entry(id.currency_numeric()).or_default();
        *sum = sum.saturating_add(minor);
    });
    for (currency, claimed_minor) in claimed {
        let safeguarded_minor = safeguarded.get(&currency).copied().unwrap_or_default();
        if safeguarded_minor < claimed_minor {
            let detail = format!("currency {currency}: safeguarded {safeguarded_minor}, claimable {claimed_minor}");
            findings.push(Finding::new("safeguarding_covers_emoney", detail));
        }
    }
}

fn money_requests_consistent(books: &dyn Books, findings: &mut Vec<Finding>) {
    const INVARIANT: &str = "money_requests_consistent";
    // Those that are listed and of which the request has not been met; what is left in the end is of no request.
    let mut listed: BTreeMap<(u64, u64), bool> = BTreeMap::new();
    books.rows(REQUEST_OF_CUSTOMER, &mut |key, bytes| {
        let row = (key.number_at(0), RequestOfCustomer::request_of(key), decode::<RequestOfCustomer>(bytes, "row"));
        if let (Some(customer), Some(request), Ok(row)) = row {
            listed.insert((customer, request), row.is_payer);
        } else {
            findings.push(Finding::new(INVARIANT, format!("{key:?} is no row of this table")));
        }
    });
    books.rows(MONEY_REQUEST, &mut |key, bytes| {
        let problem = match decode::<MoneyRequest>(bytes, "money request") {
            Err(_) => "does not decode",
            Ok(request) if MoneyRequest::key(request.id) != *key => "lies under another id",
            Ok(request) if request.from == request.to => "payer and payee are the same",
            Ok(request) if request.money.amount.is_zero() => "asks for nothing",
            Ok(request) => {
                let of_payer = listed.remove(&(request.from, request.id));
                let of_payee = listed.remove(&(request.to, request.id));
                if (of_payer, of_payee) == (Some(true), Some(false)) {
                    return;
                }
                "is not listed for its two customers"
            }
        };
        findings.push(Finding::new(INVARIANT, format!("{key:?}: {problem}")));
    });
    for (customer, request) in listed.into_keys() {
        let detail = format!("customer {customer} is said to have the money request {request}");
        findings.push(Finding::new(INVARIANT, detail));
    }
}
