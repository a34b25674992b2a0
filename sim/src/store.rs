//! Tables in memory that are read where they stand, and the books of a cell over them.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use sycee_contract::{Books, Key, Operation, Table, cell, decode};
use sycee_engine::store::{RowWrite, Snapshot, StoreError, StoredRow, TableStore};
use sycee_ledger::{Account, AccountId};

#[derive(Default)]
struct Rows {
    applied: Operation,
    rows: BTreeMap<Vec<u8>, StoredRow>,
}

/// Tables in memory; clones share them. Its snapshots show what stands there now: on one thread nobody reads between a write
/// and the moment at which readers are given the new snapshot, and copies of large tables would cost more than all rules.
#[derive(Clone, Default)]
pub struct LiveStore(Arc<RwLock<Rows>>);

impl LiveStore {
    fn read(&self) -> RwLockReadGuard<'_, Rows> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many rows there are, accounts included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.read().rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl TableStore for LiveStore {
    fn applied(&self) -> Operation {
        self.read().applied
    }

    fn get(&self, key: &Key) -> Result<Option<StoredRow>, StoreError> {
        Ok(self.read().rows.get(key.as_bytes()).cloned())
    }

    fn write(&self, rows: &[RowWrite], applied: Operation) -> Result<(), StoreError> {
        let mut tables = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for row in rows {
            match &row.value {
                Some(value) => {
                    let stored = StoredRow { operation: row.operation, value: Arc::clone(value) };
                    tables.rows.insert(row.key.as_bytes().to_vec(), stored);
                }
                None => {
                    tables.rows.remove(row.key.as_bytes());
                }
            }
        }
        tables.applied = applied;
        Ok(())
    }

    fn snapshot(&self) -> Arc<dyn Snapshot> {
        Arc::new(self.clone())
    }

    fn persist(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl Snapshot for LiveStore {
    fn get(&self, key: &Key) -> Result<Option<StoredRow>, StoreError> {
        TableStore::get(self, key)
    }

    fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        each: &mut dyn FnMut(&[u8], StoredRow) -> bool,
    ) -> Result<(), StoreError> {
        let start = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        for (key, row) in self.read().rows.range::<[u8], _>((start, Bound::Unbounded)) {
            if !key.starts_with(prefix) || !each(key, row.clone()) {
                break;
            }
        }
        Ok(())
    }

    fn scan_back(
        &self,
        prefix: &[u8],
        before: Option<&[u8]>,
        each: &mut dyn FnMut(&[u8], StoredRow) -> bool,
    ) -> Result<(), StoreError> {
        // Nothing in the simulator reads lists of many rows: what there is is turned round.
        let mut rows = Vec::new();
        self.scan(prefix, None, &mut |key, row| {
            rows.push((key.to_vec(), row));
            before.is_none_or(|before| key < before)
        })?;
        for (key, row) in rows.into_iter().rev().filter(|(key, _)| before.is_none_or(|before| key.as_slice() < before))
        {
            if !each(&key, row) {
                break;
            }
        }
        Ok(())
    }
}

/// The books of a cell whose layers are all in its tables.
impl Books for LiveStore {
    fn accounts(&self, each: &mut dyn FnMut(AccountId, &Account)) {
        self.rows(cell::ACCOUNT, &mut |key, bytes| {
            let account = decode::<Account>(bytes, "account").expect("the engine has written this account");
            each(cell::account_of_key(key).expect("the engine has written this key"), &account);
        });
    }

    fn rows(&self, table: Table, each: &mut dyn FnMut(&Key, &[u8])) {
        let start = Key::new(table);
        for (key, row) in self.read().rows.range::<[u8], _>((Bound::Included(start.as_bytes()), Bound::Unbounded)) {
            if !key.starts_with(start.as_bytes()) {
                break;
            }
            let key = Key::from_bytes(key.clone()).expect("the engine has written this key");
            each(&key, &row.value);
        }
    }

    fn row(&self, key: &Key) -> Option<Vec<u8>> {
        self.read().rows.get(key.as_bytes()).map(|row| row.value.to_vec())
    }

    fn account(&self, id: AccountId) -> Option<Account> {
        let row = Books::row(self, &cell::account_key(id))?;
        Some(decode(&row, "account").expect("the engine has written this account"))
    }
}
