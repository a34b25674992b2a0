//! How often somebody may ask: a bucket for each asker, filled by the machine's monotonic clock, in bounded memory.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many buckets one shard keeps; then those that are full again are forgotten, and if that does not help, all: a crowd of
/// made up askers must not fill the memory, and forgetting is kinder to the others than refusing them.
const BUCKETS_MAX: usize = 16_384;
/// A prime near the number of threads that serve: askers on different shards do not wait for each other.
const SHARDS: usize = 13;
const NS: u64 = 1_000_000_000;

/// How often, and how much at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Allowance {
    interval_ns: u64,
    burst: u32,
}

impl Allowance {
    /// So many a second, and so many at once. None is read as one.
    #[must_use]
    pub const fn per_second(count: u32, burst: u32) -> Self {
        Self { interval_ns: NS / Self::at_least_one(count), burst }
    }

    /// So many a minute, and so many at once. None is read as one.
    #[must_use]
    pub const fn per_minute(count: u32, burst: u32) -> Self {
        Self { interval_ns: 60 * NS / Self::at_least_one(count), burst }
    }

    // `u64::from` is not for constants.
    const fn at_least_one(count: u32) -> u64 {
        if count == 0 { 1 } else { count as u64 }
    }
}

/// What a bucket said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Taken {
    /// Whether this one may be done.
    pub allowed: bool,
    /// How many are left now.
    pub remaining: u64,
    /// Until the bucket is full again, or until there is room for one more if there was none; seconds, rounded up.
    pub seconds: u32,
}

/// All buckets of one kind. Each is the instant at which it will be full, nanoseconds since `start` (the generic cell rate
/// algorithm).
pub struct Buckets {
    start: Instant,
    shards: [Mutex<HashMap<u64, u64>>; SHARDS],
}

impl Default for Buckets {
    fn default() -> Self {
        Self { start: Instant::now(), shards: Default::default() }
    }
}

impl Buckets {
    /// Takes one out of an asker's bucket.
    pub fn take(&self, asker: u64, allowance: Allowance) -> Taken {
        self.take_at(asker, allowance, self.start.elapsed())
    }

    fn take_at(&self, asker: u64, allowance: Allowance, since_start: Duration) -> Taken {
        let now = u64::try_from(since_start.as_nanos()).unwrap_or(u64::MAX);
        let shard = usize::try_from(asker % SHARDS as u64).unwrap_or(0);
        let mut buckets = self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= BUCKETS_MAX && !buckets.contains_key(&asker) {
            buckets.retain(|_, full_at| *full_at > now);
            if buckets.len() >= BUCKETS_MAX {
                buckets.clear();
            }
        }
        let full_at = buckets.entry(asker).or_insert(now);
        let (interval, burst_ns) = (allowance.interval_ns, allowance.interval_ns * u64::from(allowance.burst));
        let next = (*full_at).max(now) + interval;
        let missing = (next - now).saturating_sub(burst_ns);
        if missing > 0 {
            return Taken { allowed: false, remaining: 0, seconds: seconds(missing) };
        }
        *full_at = next;
        let remaining = (burst_ns - (next - now)) / interval.max(1);
        Taken { allowed: true, remaining, seconds: seconds(next - now) }
    }
}

fn seconds(ns: u64) -> u32 {
    u32::try_from(ns.div_ceil(NS)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills() {
        let (allowance, buckets) = (Allowance::per_second(10, 3), Buckets::default());
        // Milliseconds since the start; whether it is allowed; how many are left.
        let table = [
            (0, true, 2),
            (0, true, 1),
            (0, true, 0),
            (0, false, 0),
            (99, false, 0),
            (100, true, 0),
            (100, false, 0),
            (1_000, true, 2),
        ];
        for (place, (at_ms, allowed, remaining)) in table.into_iter().enumerate() {
            let taken = buckets.take_at(7, allowance, Duration::from_millis(at_ms));
            assert_eq!((taken.allowed, taken.remaining), (allowed, remaining), "{place}");
        }
        assert!(buckets.take_at(8, allowance, Duration::from_millis(100)).allowed, "another has its own");
    }

    #[test]
    fn a_minute_is_sixty_seconds_and_none_is_one() {
        let (allowance, buckets) = (Allowance::per_minute(2, 1), Buckets::default());
        assert!(buckets.take_at(1, allowance, Duration::ZERO).allowed);
        assert_eq!(buckets.take_at(1, allowance, Duration::ZERO).seconds, 30);
        assert_eq!(Allowance::per_second(0, 5), Allowance::per_second(1, 5));
    }

    #[test]
    fn a_crowd_of_askers_does_not_fill_the_memory() {
        let (allowance, buckets) = (Allowance::per_second(1, 1), Buckets::default());
        for asker in 0..300_000 {
            buckets.take_at(asker, allowance, Duration::ZERO);
        }
        let kept: usize = buckets.shards.iter().map(|shard| shard.lock().unwrap().len()).sum();
        assert!(kept <= SHARDS * BUCKETS_MAX, "{kept}");
    }
}
