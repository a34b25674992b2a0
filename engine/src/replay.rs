//! Replay: decides the journal again with the rules of this binary, and compares plans and answers. The journal's own plans are
//! applied whatever comes out, as at any opening: what was acknowledged holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use sycee_contract::{Answer, Key, Lookup, Operation, Outcome, Plan, Products, State, View, apply, decide};
use sycee_ledger::{Account, AccountId};

use crate::disk::Disk;
use crate::journal::{JournalError, JournalReader};

/// An operation that this binary would decide otherwise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// Which.
    pub operation: Operation,
    /// The command's name.
    pub command: String,
    /// What differs.
    pub what: String,
}

/// What a replay found.
pub struct ReplayReport {
    /// The number of operations decided again.
    pub operations: u64,
    /// The operations that differ.
    pub differences: Vec<Difference>,
    /// SHA-256 over all accounts and rows at the end, sorted: two replays of the same journal agree on it.
    pub state_hash: [u8; 32],
}

/// Everything in memory: every look-up has an answer.
#[derive(Default)]
struct Whole {
    accounts: BTreeMap<AccountId, Account>,
    rows: BTreeMap<Key, Vec<u8>>,
}

impl View for Whole {
    fn row(&self, key: &Key) -> Lookup<&[u8]> {
        self.rows.get(key).map_or(Lookup::Absent, |value| Lookup::Found(value))
    }

    fn account(&self, id: AccountId) -> Lookup<Account> {
        self.accounts.get(&id).map_or(Lookup::Absent, |account| Lookup::Found(*account))
    }
}

impl State for Whole {
    fn account(&self, id: AccountId) -> Option<Account> {
        self.accounts.get(&id).copied()
    }

    fn set_account(&mut self, id: AccountId, account: Account) {
        self.accounts.insert(id, account);
    }

    fn set_row(&mut self, key: Key, value: Option<Vec<u8>>) {
        match value {
            Some(value) => self.rows.insert(key, value),
            None => self.rows.remove(&key),
        };
    }
}

impl Whole {
    fn hash(&self) -> [u8; 32] {
        use aws_lc_rs::digest::{Context, SHA256};
        let mut context = Context::new(&SHA256);
        let mut part = |bytes: &[u8]| {
            context.update(&(bytes.len() as u64).to_be_bytes());
            context.update(bytes);
        };
        for (id, account) in &self.accounts {
            part(&id.to_bytes());
            part(&sycee_contract::encode(account));
        }
        for (key, value) in &self.rows {
            part(key.as_bytes());
            part(value);
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(context.finish().as_ref());
        hash
    }
}

/// Decides a journal again.
///
/// # Errors
/// The journal cannot be read.
pub fn replay(disk: Arc<dyn Disk>, cell: u16, products: &Products) -> Result<ReplayReport, JournalError> {
    let reader = JournalReader::open(disk, cell)?;
    let mut state = Whole::default();
    let mut differences = Vec::new();
    let mut operations = 0;
    reader.read(1, |entry| {
        operations += 1;
        let outcome = decide(products, &entry.command, entry.stamp, &state);
        let name = products.command(entry.command.code).map_or_else(
            || format!("command {}", entry.command.code),
            |(product, command)| format!("{}.{}", product.descriptor().name, command.name),
        );
        if let Some(what) = compare(&outcome, &entry.plan, &entry.answer) {
            differences.push(Difference { operation: entry.stamp.operation, command: name, what });
        }
        apply(&entry.plan, &entry.stamp, &mut state).map_err(|mismatch| JournalError::Damaged {
            file: "(replay)".into(),
            offset: entry.stamp.operation,
            what: match mismatch {
                sycee_contract::Mismatch::AccountNotOpen(_) => "a plan moves an account that is not open",
                sycee_contract::Mismatch::Refused(_) => "a plan does not fit the state before it",
            },
        })
    })?;
    Ok(ReplayReport { operations, differences, state_hash: state.hash() })
}

fn compare(outcome: &Outcome, plan: &Plan, answer: &Answer) -> Option<String> {
    match outcome {
        Outcome::Planned(new, new_answer) => {
            let mut parts = Vec::new();
            if new.movements != plan.movements {
                let (was, is) = (show(plan), show(new));
                parts.push(format!("movements were [{was}], would be [{is}]"));
            }
            if new.openings != plan.openings {
                parts.push("accounts opened".to_owned());
            }
            let changed = new.rows.iter().filter(|row| !plan.rows.contains(row)).count();
            let gone = plan.rows.iter().filter(|row| !new.rows.iter().any(|new| new.key == row.key)).count();
            if changed + gone > 0 {
                parts.push(format!("{} rows", changed + gone));
            }
            if new.effects != plan.effects {
                parts.push("effects".to_owned());
            }
            if new.events != plan.events {
                parts.push("events".to_owned());
            }
            if new_answer != answer {
                parts.push("the answer".to_owned());
            }
            (!parts.is_empty()).then(|| parts.join("; "))
        }
        Outcome::Refused(refusal) => Some(format!("would be refused: {} {}", refusal.code, refusal.detail)),
        Outcome::Repeated(operation, _) => Some(format!("would be a repeat of operation {operation}")),
        Outcome::Need(_) => Some("asks for keys although all are in memory".into()),
        Outcome::Broken(what) => Some(format!("would be quarantined: {what}")),
    }
}

fn show(plan: &Plan) -> String {
    let one = |movement: &sycee_ledger::Movement| {
        let amount = movement.posted().map_or(0, sycee_money::Amount::minor);
        format!("{} → {} {amount}", movement.debit().kind(), movement.credit().kind())
    };
    plan.movements.iter().map(one).collect::<Vec<_>>().join(", ")
}
