//! Tables on fjall 3, an LSM tree in the process. Written behind the journal and without a sync of its own; docs/decisions
//! tells why, and what must be watched.

use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode, Readable};
use sycee_contract::{Key, Operation};

use super::{RowWrite, Snapshot, StoreError, StoredRow, TableStore, end_of};

/// The key of the row that says what the tables hold; shorter than any [`Key`].
const APPLIED: &[u8] = b"a";
/// The bytes of an operation's number before a row's value.
const OPERATION_LENGTH: usize = 8;

/// Tables in a folder.
pub struct FjallStore {
    database: Database,
    rows: Keyspace,
    applied: AtomicU64,
}

impl From<fjall::Error> for StoreError {
    fn from(error: fjall::Error) -> Self {
        Self { why: error.to_string(), in_use: matches!(error, fjall::Error::Locked) }
    }
}

impl FjallStore {
    /// Opens the tables of a folder, or makes empty ones.
    ///
    /// # Errors
    /// The store's own, for example that another process has it open.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let database = Database::builder(folder)
            .cache_size(64 << 20)
            .worker_threads(1)
            .max_journaling_size(512 << 20)
            .manual_journal_persist(true)
            .open()?;
        let rows = database.keyspace("rows", || {
            KeyspaceCreateOptions::default().max_memtable_size(64 << 20).manual_journal_persist(true)
        })?;
        let applied = match rows.get(APPLIED)? {
            None => 0,
            Some(bytes) => u64::from_be_bytes(
                bytes.as_ref().try_into().map_err(|_| StoreError::new("the row 'applied' has not 8 bytes"))?,
            ),
        };
        Ok(Self { database, rows, applied: AtomicU64::new(applied) })
    }
}

fn stored(bytes: &[u8]) -> Result<StoredRow, StoreError> {
    let (operation, value) = bytes
        .split_first_chunk::<OPERATION_LENGTH>()
        .ok_or_else(|| StoreError::new("a row is shorter than its operation number"))?;
    Ok(StoredRow { operation: u64::from_be_bytes(*operation), value: value.into() })
}

impl TableStore for FjallStore {
    fn applied(&self) -> Operation {
        self.applied.load(Ordering::Acquire)
    }

    fn get(&self, key: &Key) -> Result<Option<StoredRow>, StoreError> {
        self.rows.get(key.as_bytes())?.map(|bytes| stored(&bytes)).transpose()
    }

    fn write(&self, rows: &[RowWrite], applied: Operation) -> Result<(), StoreError> {
        let mut batch = fjall::OwnedWriteBatch::with_capacity(self.database.clone(), rows.len() + 1);
        let mut bytes = Vec::with_capacity(512);
        for row in rows {
            match &row.value {
                Some(value) => {
                    bytes.clear();
                    bytes.extend_from_slice(&row.operation.to_be_bytes());
                    bytes.extend_from_slice(value);
                    batch.insert(&self.rows, row.key.as_bytes(), bytes.as_slice());
                }
                None => batch.remove(&self.rows, row.key.as_bytes()),
            }
        }
        batch.insert(&self.rows, APPLIED, applied.to_be_bytes().as_slice());
        batch.commit()?;
        self.applied.store(applied, Ordering::Release);
        Ok(())
    }

    fn snapshot(&self) -> Arc<dyn Snapshot> {
        Arc::new(FjallSnapshot { snapshot: self.database.snapshot(), rows: self.rows.clone() })
    }

    fn persist(&self) -> Result<(), StoreError> {
        Ok(self.database.persist(PersistMode::SyncAll)?)
    }
}

struct FjallSnapshot {
    snapshot: fjall::Snapshot,
    rows: Keyspace,
}

impl Snapshot for FjallSnapshot {
    fn get(&self, key: &Key) -> Result<Option<StoredRow>, StoreError> {
        self.snapshot.get(&self.rows, key.as_bytes())?.map(|bytes| stored(&bytes)).transpose()
    }

    fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        each: &mut dyn FnMut(&[u8], StoredRow) -> bool,
    ) -> Result<(), StoreError> {
        let start = match after {
            Some(after) if after >= prefix => Bound::Excluded(after.to_vec()),
            _ => Bound::Included(prefix.to_vec()),
        };
        for guard in self.snapshot.range(&self.rows, (start, Bound::Unbounded)) {
            let (key, value) = guard.into_inner()?;
            // The row `applied` is no table's.
            if key.as_ref() == APPLIED {
                continue;
            }
            if !key.starts_with(prefix) || !each(&key, stored(&value)?) {
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
        let end = end_of(prefix, before).map_or(Bound::Unbounded, Bound::Excluded);
        if matches!(&end, Bound::Excluded(end) if end.as_slice() <= prefix) {
            return Ok(());
        }
        for guard in self.snapshot.range(&self.rows, (Bound::Included(prefix.to_vec()), end)).rev() {
            let (key, value) = guard.into_inner()?;
            if key.as_ref() == APPLIED {
                continue;
            }
            if !key.starts_with(prefix) || !each(&key, stored(&value)?) {
                break;
            }
        }
        Ok(())
    }
}
