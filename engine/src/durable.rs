//! What readers see: everything that is durable, and nothing that is not.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sycee_contract::{Key, Operation, Record, Table, cell, decode};
use sycee_ledger::{Account, AccountId};

use crate::layer::Layer;
use crate::store::{Snapshot, StoreError};

/// Rows of a table, in order of their keys.
pub type Rows = Vec<(Key, Arc<[u8]>)>;

/// A cell at one durable operation: tables as they were, and the layers that they lacked.
#[derive(Clone)]
pub struct ReadPoint {
    /// The last operation that is seen.
    pub operation: Operation,
    layers: Vec<Arc<Layer>>,
    tables: Arc<dyn Snapshot>,
}

impl ReadPoint {
    /// A row.
    ///
    /// # Errors
    /// The table store's.
    pub fn row(&self, key: &Key) -> Result<Option<Arc<[u8]>>, StoreError> {
        for layer in self.layers.iter().rev() {
            if let Some(value) = layer.row(key) {
                return Ok(value);
            }
        }
        Ok(self.tables.get(key)?.map(|row| row.value))
    }

    /// The record of a row.
    ///
    /// # Errors
    /// The table store's, or that the row does not decode.
    pub fn get<R: Record>(&self, key: &Key) -> Result<Option<R>, StoreError> {
        self.row(key)?.map(|bytes| decode(&bytes, "row").map_err(|_| undecodable(key))).transpose()
    }

    /// An account.
    ///
    /// # Errors
    /// The table store's.
    pub fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        for layer in self.layers.iter().rev() {
            if let Some(account) = layer.account(id) {
                return Ok(Some(account));
            }
        }
        let key = cell::account_key(id);
        let row = self.tables.get(&key)?;
        row.map(|row| decode(&row.value, "account").map_err(|_| undecodable(&key))).transpose()
    }

    /// Up to `limit` rows whose key begins with `prefix` and is greater than `after`, in order. Accounts are not rows.
    ///
    /// # Errors
    /// The table store's.
    pub fn scan(&self, prefix: &Key, after: Option<&Key>, limit: usize) -> Result<Rows, StoreError> {
        let wanted = |key: &Key| key.as_bytes().starts_with(prefix.as_bytes()) && after.is_none_or(|after| key > after);
        let mut newer: BTreeMap<Key, Option<Arc<[u8]>>> = BTreeMap::new();
        for layer in &self.layers {
            for (key, value) in layer.rows().filter(|(key, _)| wanted(key)) {
                newer.insert(key.clone(), value.cloned());
            }
        }
        let mut found: BTreeMap<Key, Arc<[u8]>> = BTreeMap::new();
        let mut taken = 0;
        self.tables.scan(prefix.as_bytes(), after.map(Key::as_bytes), &mut |key, row| {
            if let Ok(key) = Key::from_bytes(key.to_vec())
                && !newer.contains_key(&key)
            {
                found.insert(key, row.value);
                taken += 1;
            }
            taken < limit
        })?;
        found.extend(newer.into_iter().filter_map(|(key, value)| Some((key, value?))));
        Ok(found.into_iter().take(limit).collect())
    }

    /// The same from the end: up to `limit` rows whose key begins with `prefix` and is less than `before`, the last one first.
    ///
    /// # Errors
    /// The table store's.
    pub fn scan_back(&self, prefix: &Key, before: Option<&Key>, limit: usize) -> Result<Rows, StoreError> {
        let wanted =
            |key: &Key| key.as_bytes().starts_with(prefix.as_bytes()) && before.is_none_or(|before| key < before);
        let mut newer: BTreeMap<Key, Option<Arc<[u8]>>> = BTreeMap::new();
        for layer in &self.layers {
            for (key, value) in layer.rows().filter(|(key, _)| wanted(key)) {
                newer.insert(key.clone(), value.cloned());
            }
        }
        let mut found: BTreeMap<Key, Arc<[u8]>> = BTreeMap::new();
        let mut taken = 0;
        self.tables.scan_back(prefix.as_bytes(), before.map(Key::as_bytes), &mut |key, row| {
            if let Ok(key) = Key::from_bytes(key.to_vec())
                && !newer.contains_key(&key)
            {
                found.insert(key, row.value);
                taken += 1;
            }
            taken < limit
        })?;
        found.extend(newer.into_iter().filter_map(|(key, value)| Some((key, value?))));
        Ok(found.into_iter().rev().take(limit).collect())
    }

    /// All accounts: for the sandbox's trial balance and tests; a large cell is audited from its journal.
    ///
    /// # Errors
    /// The table store's, or that a row does not decode.
    pub fn all_accounts(&self) -> Result<BTreeMap<AccountId, Account>, StoreError> {
        let mut accounts = BTreeMap::new();
        let mut broken = None;
        self.tables.scan(Key::new(cell::ACCOUNT).as_bytes(), None, &mut |key, row| {
            let account = Key::from_bytes(key.to_vec()).ok().and_then(|key| cell::account_of_key(&key));
            match (account, decode::<Account>(&row.value, "account")) {
                (Some(id), Ok(account)) => {
                    accounts.insert(id, account);
                    true
                }
                _ => {
                    broken = Some(StoreError::new(format!("account row {key:?} does not decode")));
                    false
                }
            }
        })?;
        if let Some(broken) = broken {
            return Err(broken);
        }
        for layer in &self.layers {
            accounts.extend(layer.accounts().map(|(id, account)| (id, *account)));
        }
        Ok(accounts)
    }

    /// All rows of a table: as [`ReadPoint::all_accounts`], not for large tables.
    ///
    /// # Errors
    /// The table store's.
    pub fn all_rows(&self, table: Table) -> Result<Rows, StoreError> {
        self.scan(&Key::new(table), None, usize::MAX)
    }
}

fn undecodable(key: &Key) -> StoreError {
    StoreError::new(format!("row {key:?} does not decode"))
}

/// The newest read point, moved by the committer and the applier.
pub struct Durable(Mutex<ReadPoint>);

impl Durable {
    /// Tables that hold everything up to `operation`.
    #[must_use]
    pub fn new(operation: Operation, tables: Arc<dyn Snapshot>) -> Self {
        Self(Mutex::new(ReadPoint { operation, layers: Vec::new(), tables }))
    }

    /// The cell as it is now. Nothing is locked while it is read.
    #[must_use]
    pub fn begin_read(&self) -> ReadPoint {
        self.lock().clone()
    }

    /// The last durable operation.
    #[must_use]
    pub fn operation(&self) -> Operation {
        self.lock().operation
    }

    /// A batch is durable: readers see it from now on.
    pub fn add(&self, layer: Arc<Layer>, operation: Operation) {
        let mut point = self.lock();
        point.operation = operation;
        if !layer.is_empty() {
            point.layers.push(layer);
        }
    }

    /// The layers that the tables lack, oldest first, and the operation up to which they go.
    #[must_use]
    pub fn backlog(&self) -> (Vec<Arc<Layer>>, Operation) {
        let point = self.lock();
        (point.layers.clone(), point.operation)
    }

    /// The rows that wait for the tables.
    #[must_use]
    pub fn backlog_rows(&self) -> usize {
        self.lock().layers.iter().map(|layer| layer.len()).sum()
    }

    /// The tables hold the `count` oldest layers.
    pub fn applied(&self, count: usize, tables: Arc<dyn Snapshot>) {
        let mut point = self.lock();
        point.layers.drain(..count);
        point.tables = tables;
    }

    fn lock(&self) -> MutexGuard<'_, ReadPoint> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
