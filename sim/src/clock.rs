//! One clock for all cells. It stands still until it is moved.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sycee_engine::clock::Clock;

/// One second.
pub const SECOND_NS: u64 = 1_000_000_000;
/// One day.
pub const DAY_NS: u64 = 86_400 * SECOND_NS;

/// A clock that is moved by hand; clones share it.
#[derive(Clone)]
pub struct HandClock(Arc<AtomicU64>);

impl HandClock {
    /// A clock that stands at an instant, UTC nanoseconds.
    #[must_use]
    pub fn new(at_ns: u64) -> Self {
        Self(Arc::new(AtomicU64::new(at_ns)))
    }

    /// Moves it forward.
    pub fn advance_ns(&self, by_ns: u64) {
        self.0.fetch_add(by_ns, Ordering::SeqCst);
    }

    /// Moves it to an instant, if that is ahead.
    pub fn move_to_ns(&self, at_ns: u64) {
        self.0.fetch_max(at_ns, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now_ns(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}
