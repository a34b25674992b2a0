//! What a cell counts.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of a cell since it was opened.
#[derive(Default)]
pub struct CellMetrics {
    /// Durable operations.
    pub operations: AtomicU64,
    /// Batches, each one sync.
    pub batches: AtomicU64,
    /// Bytes that the journal grew by.
    pub journal_bytes: AtomicU64,
    /// Time spent writing and syncing, microseconds.
    pub commit_us: AtomicU64,
    /// Commands set aside because of broken records or rules.
    pub quarantined: AtomicU64,
    /// Rows fetched from the tables.
    pub fetched_rows: AtomicU64,
}

impl CellMetrics {
    /// Adds to a counter.
    pub fn add(counter: &AtomicU64, value: u64) {
        counter.fetch_add(value, Ordering::Relaxed);
    }

    /// Its lines in the Prometheus text format, without type lines.
    #[must_use]
    pub fn lines(&self) -> [(&'static str, &'static str, u64); 6] {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        [
            ("sycee_operations_total", "durable operations", get(&self.operations)),
            ("sycee_batches_total", "batches made durable, one sync each", get(&self.batches)),
            ("sycee_journal_bytes_total", "bytes written to the journal", get(&self.journal_bytes)),
            ("sycee_commit_microseconds_total", "time spent writing and syncing", get(&self.commit_us)),
            ("sycee_quarantined_total", "commands set aside", get(&self.quarantined)),
            ("sycee_fetched_rows_total", "rows fetched from the tables", get(&self.fetched_rows)),
        ]
    }
}
