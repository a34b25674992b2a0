//! Layers: what a batch changed, for readers until the tables have it, and for the tables.

use std::sync::Arc;

use hashbrown::HashMap;
use sycee_contract::{Key, Operation, cell, encode};
use sycee_ledger::{Account, AccountId};

use crate::store::RowWrite;

/// The operation that wrote or removed a row, and its value then.
type RowVersion = (Operation, Option<Arc<[u8]>>);

/// The rows and accounts that one batch, or several, left behind.
#[derive(Default)]
pub struct Layer {
    /// The last operation in it.
    pub operation: Operation,
    rows: HashMap<Key, RowVersion>,
    accounts: HashMap<AccountId, (Operation, Account)>,
}

impl Layer {
    /// Sets an account.
    pub fn set_account(&mut self, id: AccountId, operation: Operation, account: Account) {
        self.accounts.insert(id, (operation, account));
        self.operation = self.operation.max(operation);
    }

    /// Sets or removes a row.
    pub fn set_row(&mut self, key: Key, operation: Operation, value: Option<Arc<[u8]>>) {
        self.rows.insert(key, (operation, value));
        self.operation = self.operation.max(operation);
    }

    /// A row, if this layer knows it: `Some(None)` says that it was removed.
    #[must_use]
    pub fn row(&self, key: &Key) -> Option<Option<Arc<[u8]>>> {
        self.rows.get(key).map(|(_, value)| value.clone())
    }

    /// An account, if this layer knows it.
    #[must_use]
    pub fn account(&self, id: AccountId) -> Option<Account> {
        self.accounts.get(&id).map(|(_, account)| *account)
    }

    /// The number of rows and accounts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len() + self.accounts.len()
    }

    /// Whether it has nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its rows, without accounts.
    pub fn rows(&self) -> impl Iterator<Item = (&Key, Option<&Arc<[u8]>>)> {
        self.rows.iter().map(|(key, (_, value))| (key, value.as_ref()))
    }

    /// Its accounts.
    pub fn accounts(&self) -> impl Iterator<Item = (AccountId, &Account)> {
        self.accounts.iter().map(|(id, (_, account))| (*id, account))
    }

    /// Everything in it as rows to write, sorted by key; of several layers, oldest first, the newest version of each.
    #[must_use]
    pub fn to_writes(layers: &[Arc<Self>]) -> Vec<RowWrite> {
        let mut rows: HashMap<&Key, &RowVersion> = HashMap::new();
        let mut accounts: HashMap<AccountId, &(Operation, Account)> = HashMap::new();
        for layer in layers {
            rows.extend(&layer.rows);
            accounts.extend(layer.accounts.iter().map(|(id, version)| (*id, version)));
        }
        let mut writes: Vec<RowWrite> = Vec::with_capacity(rows.len() + accounts.len());
        for (key, (operation, value)) in rows {
            writes.push(RowWrite { key: key.clone(), operation: *operation, value: value.clone() });
        }
        for (id, (operation, account)) in accounts {
            let value = Some(encode(account).into());
            writes.push(RowWrite { key: cell::account_key(id), operation: *operation, value });
        }
        writes.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        writes
    }
}
