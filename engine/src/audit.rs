//! The audit: an independent reader of the journal. It recomputes every balance from the movements by plain addition, rebuilds
//! every row, runs all products' invariants, and compares with the tables if they can be read. It never decides and
//! never writes.

use std::collections::BTreeMap;
use std::sync::Arc;

use sycee_contract::{
    Books, EffectId, EffectRecord, EffectState, Finding, Key, Operation, Plan, Products, Stamp, Table, cell, encode,
};
use sycee_ledger::{Account, AccountId, Hold, HoldState, Movement};
use sycee_money::Amount;

use crate::disk::Disk;
use crate::journal::{JournalError, JournalReader, TailState};
use crate::store::{StoreError, TableStore};

/// A cell as its journal tells it.
#[derive(Default)]
pub struct JournalBooks {
    accounts: BTreeMap<AccountId, Account>,
    rows: BTreeMap<Key, Vec<u8>>,
    findings: Vec<Finding>,
}

/// What an audit found.
pub struct AuditReport {
    /// The number of operations read.
    pub operations: u64,
    /// The number of accounts.
    pub accounts: usize,
    /// The number of movements.
    pub movements: u64,
    /// Per currency (ISO 4217 numeric): posted debits and credits, minor units.
    pub totals: BTreeMap<u16, (u128, u128)>,
    /// Whether the journal ends with a batch that was never acknowledged.
    pub torn_tail: bool,
    /// The operation that the tables hold, if they were compared.
    pub tables_at: Option<Operation>,
    /// What does not hold; empty if all does.
    pub findings: Vec<Finding>,
}

impl JournalBooks {
    fn add(total: &mut u64, amount: Amount, findings: &mut Vec<Finding>, stamp: &Stamp) {
        match total.checked_add(amount.minor()) {
            Some(sum) => *total = sum,
            None => findings.push(Finding::new("journal", format!("operation {}: a total overflows", stamp.operation))),
        }
    }

    fn subtract(total: &mut u64, amount: Amount, findings: &mut Vec<Finding>, stamp: &Stamp) {
        match total.checked_sub(amount.minor()) {
            Some(rest) => *total = rest,
            None => {
                let detail = format!("operation {}: more is released than was held", stamp.operation);
                findings.push(Finding::new("journal", detail));
            }
        }
    }

    /// Takes an operation.
    pub fn take(&mut self, stamp: &Stamp, plan: &Plan) {
        for opening in &plan.openings {
            let account = Account::open(opening.class, opening.limit);
            if self.accounts.insert(opening.account, account).is_some() {
                let detail = format!("operation {} opens {:?} again", stamp.operation, opening.account);
                self.findings.push(Finding::new("journal", detail));
            }
        }
        for movement in &plan.movements {
            self.take_movement(stamp, movement);
        }
        for change in &plan.rows {
            match &change.value {
                Some(value) => self.rows.insert(change.key.clone(), value.to_vec()),
                None => self.rows.remove(&change.key),
            };
        }
        for (index, effect) in plan.effects.iter().enumerate() {
            let id = EffectId { operation: stamp.operation, index: u16::try_from(index).unwrap_or(u16::MAX) };
            let state = EffectState::Requested;
            let record = EffectRecord { effect: effect.clone(), state, requested_at_ns: stamp.time_ns };
            self.rows.insert(id.key(), encode(&record));
        }
    }

    fn take_movement(&mut self, stamp: &Stamp, movement: &Movement) {
        let findings = &mut self.findings;
        for (id, is_debit) in [(movement.debit(), true), (movement.credit(), false)] {
            let Some(account) = self.accounts.get_mut(&id) else {
                let detail = format!("operation {} moves {id:?}, which is not open", stamp.operation);
                findings.push(Finding::new("journal", detail));
                continue;
            };
            let (posted, pending) = if is_debit {
                (&mut account.debits_posted_minor, &mut account.debits_pending_minor)
            } else {
                (&mut account.credits_posted_minor, &mut account.credits_pending_minor)
            };
            match movement {
                Movement::Transfer { amount, .. } => Self::add(posted, *amount, findings, stamp),
                Movement::Hold { amount, .. } => Self::add(pending, *amount, findings, stamp),
                Movement::PostHold { held, amount, .. } => {
                    Self::subtract(pending, *held, findings, stamp);
                    Self::add(posted, *amount, findings, stamp);
                }
                Movement::ReleaseHold { held, .. } => Self::subtract(pending, *held, findings, stamp),
            }
            if !account.limit_holds() {
                let detail = format!("operation {}: {id:?} is beyond its limit", stamp.operation);
                findings.push(Finding::new("limits_hold", detail));
            }
        }
        let row = |hold: u64, amount, expires_at_ns, state| {
            let record = Hold { debit: movement.debit(), credit: movement.credit(), amount, expires_at_ns, state };
            (Key::new(cell::HOLD).number(hold), encode(&record))
        };
        let row = match movement {
            Movement::Transfer { .. } => return,
            Movement::Hold { hold, amount, expires_at_ns, .. } => {
                row(*hold, *amount, *expires_at_ns, HoldState::Pending)
            }
            Movement::PostHold { hold, held, amount, .. } => row(*hold, *held, 0, HoldState::Posted(*amount)),
            Movement::ReleaseHold { hold, held, expired: true, .. } => row(*hold, *held, 0, HoldState::Expired),
            Movement::ReleaseHold { hold, held, expired: false, .. } => row(*hold, *held, 0, HoldState::Voided),
        };
        self.rows.insert(row.0, row.1);
    }

    /// Compares with tables that hold everything up to the same operation.
    ///
    /// # Errors
    /// The store's own.
    pub fn compare(&self, tables: &dyn TableStore, findings: &mut Vec<Finding>) -> Result<(), StoreError> {
        const LIMIT: usize = 20;
        let mut expected: BTreeMap<Key, Vec<u8>> = self.rows.clone();
        expected.extend(self.accounts.iter().map(|(id, account)| (cell::account_key(*id), encode(account))));
        let snapshot = tables.snapshot();
        let mut different = Vec::new();
        snapshot.scan(&[], None, &mut |bytes, row| {
            match Key::from_bytes(bytes.to_vec()) {
                Ok(key) => match expected.remove(&key) {
                    Some(value) if value == *row.value => {}
                    Some(_) => different.push(format!("row {key:?} differs from the journal")),
                    None => different.push(format!("row {key:?} is not in the journal")),
                },
                Err(_) => different.push("a row has no key".into()),
            }
            different.len() < LIMIT
        })?;
        different.extend(expected.into_keys().take(LIMIT).map(|key| format!("row {key:?} is missing in the tables")));
        findings.extend(different.into_iter().take(LIMIT).map(|detail| Finding::new("tables_match_journal", detail)));
        Ok(())
    }
}

impl Books for JournalBooks {
    fn accounts(&self, each: &mut dyn FnMut(AccountId, &Account)) {
        for (id, account) in &self.accounts {
            each(*id, account);
        }
    }

    fn rows(&self, table: Table, each: &mut dyn FnMut(&Key, &[u8])) {
        let start = Key::new(table);
        for (key, value) in self.rows.range(start..).take_while(|(key, _)| key.table() == table) {
            each(key, value);
        }
    }

    fn row(&self, key: &Key) -> Option<Vec<u8>> {
        self.rows.get(key).cloned()
    }

    fn account(&self, id: AccountId) -> Option<Account> {
        self.accounts.get(&id).copied()
    }
}

/// Audits a cell's journal, and its tables if they are given and hold all of it.
///
/// # Errors
/// The journal cannot be read: it names what is damaged.
pub fn audit(
    disk: Arc<dyn Disk>,
    cell: u16,
    products: &Products,
    tables: Option<&dyn TableStore>,
) -> Result<AuditReport, JournalError> {
    let reader = JournalReader::open(disk, cell)?;
    let mut books = JournalBooks::default();
    let (mut operations, mut movements, mut time_ns) = (0, 0, 0);
    let mut findings = Vec::new();
    let applied = tables.map(|tables| tables.applied());
    let mut compared = false;
    let end = reader.read(1, |entry| {
        operations += 1;
        movements += entry.plan.movements.len() as u64;
        if entry.stamp.time_ns <= time_ns {
            let detail = format!("operation {}: time does not rise", entry.stamp.operation);
            findings.push(Finding::new("journal", detail));
        }
        time_ns = entry.stamp.time_ns;
        books.take(&entry.stamp, &entry.plan);
        // Tables may stand behind the journal after a kill: they are compared at the operation that they hold.
        if let Some(tables) = tables
            && applied == Some(entry.stamp.operation)
        {
            compared = true;
            if let Err(error) = books.compare(tables, &mut findings) {
                findings.push(Finding::new("tables_match_journal", error.to_string()));
            }
        }
        Ok::<(), JournalError>(())
    })?;
    if let Some(applied) = applied
        && applied > end.operation
    {
        let detail = format!("the tables hold operation {applied}, the journal ends at {}", end.operation);
        findings.push(Finding::new("tables_match_journal", detail));
    }
    findings.append(&mut books.findings);
    for product in products.iter() {
        product.audit(&books, &mut findings);
    }
    let mut totals: BTreeMap<u16, (u128, u128)> = BTreeMap::new();
    for (id, account) in &books.accounts {
        let total = totals.entry(id.currency_numeric()).or_default();
        total.0 += u128::from(account.debits_posted_minor);
        total.1 += u128::from(account.credits_posted_minor);
    }
    Ok(AuditReport {
        operations,
        accounts: books.accounts.len(),
        movements,
        totals,
        torn_tail: end.tail == TailState::Torn,
        tables_at: applied.filter(|_| compared),
        findings,
    })
}
