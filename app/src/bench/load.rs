//! Load that has threads of its own, called `load`, so that what it costs can be told from what the server costs; they share the
//! cores.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::{Measured, stage, threads};
use crate::server::Server;

/// What is left to be asked, shared by those who ask.
pub struct Left(AtomicU64);

impl Left {
    /// So many.
    #[must_use]
    pub const fn new(count: u64) -> Self {
        Self(AtomicU64::new(count))
    }

    /// Takes one, and gives back its number; `None` when all are taken.
    pub fn take(&self) -> Option<u64> {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).ok()
    }
}

/// Microseconds since an instant.
#[must_use]
pub fn microseconds_since(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// Runs those who ask, each a connection, until all have ended. Each gives back how long each of its requests took, microseconds.
///
/// # Errors
/// One line: the first of theirs.
pub async fn run<W>(server: &Server, operations: u64, workers: Vec<W>) -> Result<Measured, String>
where
    W: Future<Output = Result<Vec<u64>, String>> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("load")
        .build()
        .map_err(|error| error.to_string())?;
    let (bytes_before, threads_before) = (stage::journal_bytes(server), threads::cpu_times());
    let began = Instant::now();
    let tasks: Vec<_> = workers.into_iter().map(|worker| runtime.spawn(worker)).collect();
    let mut latencies_us = Vec::new();
    let mut failed = None;
    for task in tasks {
        match task.await.map_err(|error| error.to_string()).flatten() {
            Ok(latencies) => latencies_us.extend(latencies),
            Err(why) => failed = failed.or(Some(why)),
        }
    }
    let (elapsed, threads) = (began.elapsed(), threads::cpu_times());
    runtime.shutdown_background();
    match failed {
        Some(why) => Err(why),
        None => Ok(Measured {
            name: String::new(),
            operations,
            elapsed,
            latencies_us,
            journal_bytes: stage::journal_bytes(server) - bytes_before,
            cpu_seconds: threads::since(&threads_before, &threads),
            more: serde_json::Map::new(),
        }),
    }
}
