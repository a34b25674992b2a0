//! Tables behind the journal. A store is a cache of the journal: it can be rebuilt, and is not trusted beyond a checkpoint.

mod conformance;
mod fjall_store;
mod memory;

use std::fmt;
use std::sync::Arc;

use sycee_contract::{Key, Operation};

pub use conformance::conformance;
pub use fjall_store::FjallStore;
pub use memory::MemoryStore;

/// A row as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredRow {
    /// The operation that last changed it.
    pub operation: Operation,
    /// Its value.
    pub value: Arc<[u8]>,
}

/// A row that is written, or removed if it has no value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowWrite {
    /// Which.
    pub key: Key,
    /// The operation that changes it.
    pub operation: Operation,
    /// Its value.
    pub value: Option<Arc<[u8]>>,
}

/// Why a store does not answer.
#[derive(Debug)]
pub struct StoreError {
    /// What it says.
    pub why: String,
    /// Whether somebody else has it open: then it is not broken.
    pub in_use: bool,
}

impl StoreError {
    /// An error with what it says.
    #[must_use]
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), in_use: false }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table store: {}", self.why)
    }
}

impl std::error::Error for StoreError {}

/// The tables of a cell. One writer, many readers.
pub trait TableStore: Send + Sync {
    /// The operation up to which the tables hold everything.
    fn applied(&self) -> Operation;

    /// A row as it is now.
    ///
    /// # Errors
    /// The store's own.
    fn get(&self, key: &Key) -> Result<Option<StoredRow>, StoreError>;

    /// Writes rows, and that the tables now hold everything up to `applied`: all of it or nothing, also after a crash.
    ///
    /// # Errors
    /// The store's own; then nothing was written.
    fn write(&self, rows: &[RowWrite], applied: Operation) -> Result<(), StoreError>;

    /// The tables as they are now, unmoved by later writes.
    fn snapshot(&self) -> Arc<dyn Snapshot>;

    /// Makes all that was written durable.
    ///
    /// # Errors
    /// The store's own.
    fn persist(&self) -> Result<(), StoreError>;
}

/// Tables at one operation.
pub trait Snapshot: Send + Sync {
    /// A row.
    ///
    /// # Errors
    /// The store's own.
    fn get(&self, key: &Key) -> Result<Option<StoredRow>, StoreError>;

    /// Rows whose key begins with `prefix` and is greater than `after`, in order, until `each` says false.
    ///
    /// # Errors
    /// The store's own.
    fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        each: &mut dyn FnMut(&[u8], StoredRow) -> bool,
    ) -> Result<(), StoreError>;

    /// Rows whose key begins with `prefix` and is less than `before`, the last one first, until `each` says false.
    ///
    /// # Errors
    /// The store's own.
    fn scan_back(
        &self,
        prefix: &[u8],
        before: Option<&[u8]>,
        each: &mut dyn FnMut(&[u8], StoredRow) -> bool,
    ) -> Result<(), StoreError>;
}

/// Where the keys that begin with `prefix` and are less than `before` end: an exclusive bound; `None` if nothing stands behind them.
pub(crate) fn end_of(prefix: &[u8], before: Option<&[u8]>) -> Option<Vec<u8>> {
    if let Some(before) = before.filter(|before| before.starts_with(prefix) || *before < prefix) {
        return Some(before.to_vec());
    }
    // The first key behind all that begin with the prefix: its last byte that can be raised, raised.
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}
