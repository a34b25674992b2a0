//! A cell in memory on ordered maps, warm or cold, and the stamps that tests give.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use sycee_ledger::{Account, AccountId};

use crate::{
    Answer, Books, Command, Key, Lookup, Outcome, Plan, Products, Stamp, State, Table, View, apply, cell, decide,
};

/// All accounts and rows of a cell.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Memory {
    pub accounts: BTreeMap<AccountId, Account>,
    pub rows: BTreeMap<Key, Vec<u8>>,
}

impl Memory {
    /// Decides, and applies what was planned.
    pub fn run(&mut self, products: &Products, command: &Command, stamp: Stamp) -> Outcome {
        let outcome = decide(products, command, stamp, self);
        if let Outcome::Planned(plan, _) = &outcome {
            apply(plan, &stamp, self).unwrap();
        }
        outcome
    }

    /// The same for a command that must be planned.
    pub fn planned(&mut self, products: &Products, command: &Command, stamp: Stamp) -> (Plan, Answer) {
        match self.run(products, command, stamp) {
            Outcome::Planned(plan, answer) => (plan, answer),
            other => panic!("not planned: {other:?}"),
        }
    }

    /// The rows of one table.
    pub fn of_table(&self, table: Table) -> Vec<(&Key, &[u8])> {
        self.rows.iter().filter(|(key, _)| key.table() == table).map(|(key, value)| (key, value.as_slice())).collect()
    }
}

impl View for Memory {
    fn row(&self, key: &Key) -> Lookup<&[u8]> {
        self.rows.get(key).map_or(Lookup::Absent, |bytes| Lookup::Found(bytes))
    }

    fn account(&self, id: AccountId) -> Lookup<Account> {
        self.accounts.get(&id).map_or(Lookup::Absent, |account| Lookup::Found(*account))
    }
}

impl State for Memory {
    fn account(&self, id: AccountId) -> Option<Account> {
        self.accounts.get(&id).copied()
    }

    fn set_account(&mut self, id: AccountId, account: Account) {
        self.accounts.insert(id, account);
    }

    fn set_row(&mut self, key: Key, value: Option<Vec<u8>>) {
        match value {
            Some(bytes) => self.rows.insert(key, bytes),
            None => self.rows.remove(&key),
        };
    }
}

impl Books for Memory {
    fn accounts(&self, each: &mut dyn FnMut(AccountId, &Account)) {
        self.accounts.iter().for_each(|(id, account)| each(*id, account));
    }

    fn rows(&self, table: Table, each: &mut dyn FnMut(&Key, &[u8])) {
        self.of_table(table).into_iter().for_each(|(key, bytes)| each(key, bytes));
    }

    fn row(&self, key: &Key) -> Option<Vec<u8>> {
        self.rows.get(key).cloned()
    }

    fn account(&self, id: AccountId) -> Option<Account> {
        self.accounts.get(&id).copied()
    }
}

/// The same cell of which only some keys have been fetched.
pub(super) struct Cold<'m> {
    pub memory: &'m Memory,
    pub fetched: BTreeSet<Key>,
}

impl View for Cold<'_> {
    fn row(&self, key: &Key) -> Lookup<&[u8]> {
        if self.fetched.contains(key) { View::row(self.memory, key) } else { Lookup::NotInMemory }
    }

    fn account(&self, id: AccountId) -> Lookup<Account> {
        if self.fetched.contains(&cell::account_key(id)) { View::account(self.memory, id) } else { Lookup::NotInMemory }
    }
}

/// 14 November 2023, 22:13:20 UTC.
pub(super) const START_NS: u64 = 1_700_000_000_000_000_000;

/// The stamp of an operation: as many seconds after the start as its number says.
pub(super) fn stamp(operation: u64) -> Stamp {
    Stamp {
        operation,
        time_ns: START_NS + operation * 1_000_000_000,
        business_date: 20_231_114,
        utc_offset_seconds: 3_600,
        cell: 33,
    }
}
