//! Tables in memory: for tests and the simulator.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock};

use sycee_contract::{Key, Operation};

use super::{RowWrite, Snapshot, StoreError, StoredRow, TableStore, end_of};

#[derive(Clone, Default)]
struct Tables {
    applied: Operation,
    rows: BTreeMap<Vec<u8>, StoredRow>,
}

/// Tables in memory; clones share them.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<RwLock<Arc<Tables>>>);

impl MemoryStore {
    /// Empty tables.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn now(&self) -> Arc<Tables> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl TableStore for MemoryStore {
    fn applied(&self) -> Operation {
        self.now().applied
    }

    fn get(&self, key: &Key) -> Result<Option<StoredRow>, StoreError> {
        Ok(self.now().rows.get(key.as_bytes()).cloned())
    }

    fn write(&self, rows: &[RowWrite], applied: Operation) -> Result<(), StoreError> {
        let mut tables = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let tables = Arc::make_mut(&mut tables);
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
        self.now()
    }

    fn persist(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl Snapshot for Tables {
    fn get(&self, key: &Key) -> Result<Option<StoredRow>, StoreError> {
        Ok(self.rows.get(key.as_bytes()).cloned())
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
        for (key, row) in self.rows.range::<[u8], _>((start, Bound::Unbounded)) {
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
        let end = end_of(prefix, before);
        if end.as_ref().is_some_and(|end| end.as_slice() <= prefix) {
            return Ok(());
        }
        let end = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        for (key, row) in self.rows.range::<[u8], _>((Bound::Included(prefix), end)).rev() {
            if !key.starts_with(prefix) || !each(key, row.clone()) {
                break;
            }
        }
        Ok(())
    }
}
