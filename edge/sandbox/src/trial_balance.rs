//! A cell's trial balance, and what its products' audits say.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Serialize;
use sycee_contract::{Books, Finding, Key, Products, Table};
use sycee_engine::ReadPoint;
use sycee_engine::store::StoreError;
use sycee_ledger::{Account, AccountId};
use sycee_money::Currency;

use crate::desk::{Desk, blocking};
use crate::json;
use crate::mirrors;
use crate::problem::Problem;

/// How many findings of one invariant are shown.
const FINDINGS_MAX: usize = 20;
/// What no product can audit, because it takes two cells: what a cell has sent, its peers have received, or it is on its way.
const MIRRORS: &str = "clearing_mirrors";

#[derive(Serialize)]
struct TrialBalance {
    currencies: Vec<Totals>,
    invariants: Vec<Invariant>,
}

#[derive(Serialize, PartialEq, Eq, Debug)]
struct Totals {
    currency: &'static str,
    debits_minor: u128,
    credits_minor: u128,
}

#[derive(Serialize, PartialEq, Eq, Debug)]
struct Invariant {
    product: &'static str,
    name: &'static str,
    holds: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<String>,
}

/// `GET /cells/{cell}/trial-balance`.
pub(crate) async fn trial_balance(
    State(desk): State<Arc<Desk>>,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let cell = desk.cell(&name)?;
    let (point, currency) = (cell.port.begin_read(), cell.currency);
    let products = Arc::clone(&desk.world().products);
    let mut balance = blocking(move || compute(point, &products, currency)).await??;
    let differences = mirrors::differences(desk.world(), cell)?;
    let differences: Vec<Finding> = differences.into_iter().map(|detail| Finding::new(MIRRORS, detail)).collect();
    balance.invariants.extend(verdicts("interop", vec![MIRRORS], &differences));
    Ok(json::ok(&balance))
}

fn compute(point: ReadPoint, products: &Products, currency: Currency) -> Result<TrialBalance, StoreError> {
    let accounts = point.all_accounts()?;
    let books = PointBooks { point, accounts, failure: RefCell::new(None) };
    let currencies = totals(currency, &books.accounts);
    let mut invariants = Vec::new();
    for product in products.iter() {
        let descriptor = product.descriptor();
        let mut findings = Vec::new();
        product.audit(&books, &mut findings);
        let promised: Vec<&'static str> = descriptor.invariants.iter().map(|invariant| invariant.name).collect();
        invariants.extend(verdicts(descriptor.name, promised, &findings));
    }
    match books.failure.into_inner() {
        Some(error) => Err(error),
        None => Ok(TrialBalance { currencies, invariants }),
    }
}

/// All posted debits and credits, by currency; the market's own is shown even before any money has moved.
fn totals(market: Currency, accounts: &BTreeMap<AccountId, Account>) -> Vec<Totals> {
    let mut sums: BTreeMap<&'static str, (u128, u128)> = BTreeMap::from([(market.code(), (0, 0))]);
    for (id, account) in accounts {
        let (debits, credits) = sums.entry(id.currency().map_or("???", Currency::code)).or_default();
        *debits = debits.saturating_add(account.debits_posted_minor.into());
        *credits = credits.saturating_add(account.credits_posted_minor.into());
    }
    let total = |(currency, (debits_minor, credits_minor))| Totals { currency, debits_minor, credits_minor };
    sums.into_iter().map(total).collect()
}

/// Each promised invariant, and each that was found broken although nobody had promised it.
fn verdicts(product: &'static str, mut names: Vec<&'static str>, findings: &[Finding]) -> Vec<Invariant> {
    for finding in findings {
        if !names.contains(&finding.invariant) {
            names.push(finding.invariant);
        }
    }
    let verdict = |name| {
        let mut of_it = findings.iter().filter(|finding| finding.invariant == name).peekable();
        let holds = of_it.peek().is_none();
        let findings = of_it.take(FINDINGS_MAX).map(|finding| finding.detail.clone()).collect();
        Invariant { product, name, holds, findings }
    };
    names.into_iter().map(verdict).collect()
}

/// A cell's books at one operation. A table is read when an audit asks for it; the first failure is kept.
struct PointBooks {
    point: ReadPoint,
    accounts: BTreeMap<AccountId, Account>,
    failure: RefCell<Option<StoreError>>,
}

impl PointBooks {
    fn or_fail<T: Default>(&self, read: Result<T, StoreError>) -> T {
        read.unwrap_or_else(|error| {
            self.failure.borrow_mut().get_or_insert(error);
            T::default()
        })
    }
}

impl Books for PointBooks {
    fn accounts(&self, each: &mut dyn FnMut(AccountId, &Account)) {
        for (id, account) in &self.accounts {
            each(*id, account);
        }
    }

    fn rows(&self, table: Table, each: &mut dyn FnMut(&Key, &[u8])) {
        for (key, value) in self.or_fail(self.point.all_rows(table)) {
            each(&key, &value);
        }
    }

    fn row(&self, key: &Key) -> Option<Vec<u8>> {
        self.or_fail(self.point.row(key)).map(|value| value.to_vec())
    }

    fn account(&self, id: AccountId) -> Option<Account> {
        self.accounts.get(&id).copied()
    }
}

#[cfg(test)]
mod tests {
    use sycee_ledger::{AccountClass, Limit};
    use sycee_money::Currency;

    use super::*;

    #[test]
    fn totals_are_by_currency() {
        let account = |debits, credits| Account {
            debits_posted_minor: debits,
            credits_posted_minor: credits,
            ..Account::open(AccountClass::Asset, Limit::None)
        };
        let id = |owner, code| AccountId::new(owner, 514, Currency::from_code(code).unwrap(), 0);
        let accounts = BTreeMap::from([
            (id(0, "USD"), account(7, 0)),
            (id(1, "EUR"), account(100, 30)),
            (id(2, "EUR"), account(0, 70)),
        ]);
        let expected = [
            Totals { currency: "EUR", debits_minor: 100, credits_minor: 100 },
            Totals { currency: "USD", debits_minor: 7, credits_minor: 0 },
        ];
        assert_eq!(totals(Currency::EUR, &accounts), expected);
    }

    #[test]
    fn an_invariant_with_findings_does_not_hold() {
        let findings = [Finding::new("b", "one"), Finding::new("b", "two"), Finding::new("unlisted", "three")];
        let shown = verdicts("p", vec!["a", "b"], &findings);
        let expect = |name, holds, findings: &[&str]| Invariant {
            product: "p",
            name,
            holds,
            findings: findings.iter().map(|text| (*text).to_owned()).collect(),
        };
        assert_eq!(
            shown,
            [expect("a", true, &[]), expect("b", false, &["one", "two"]), expect("unlisted", false, &["three"])]
        );
    }
}
