//! How often a caller may ask: a bucket for each party, filled by the machine's monotonic clock.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderValue};
use sycee_contract::Role;

/// How many buckets one shard keeps; then those that are full again are forgotten.
const BUCKETS_MAX: usize = 16_384;
/// A prime near the number of threads that serve: callers on different shards do not wait for each other.
const SHARDS: usize = 13;
const NS: u64 = 1_000_000_000;

/// How often, and how much at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Policy {
    per_second: u32,
    burst: u32,
    /// The header that says so (draft-ietf-httpapi-ratelimit-headers-10): burst in the seconds in which it fills.
    header: &'static str,
}

/// A person with an app: far more than fingers can do, far less than a loop.
const CUSTOMER: Policy = Policy { per_second: 50, burst: 200, header: "\"caller\";q=200;w=4" };
/// A merchant's servers: more than one cell decides in a second on small machines, so that one client cannot fill the queue
/// (16,384 commands) much faster than it is emptied.
const MERCHANT: Policy = Policy { per_second: 20_000, burst: 40_000, header: "\"caller\";q=40000;w=2" };
/// Looking for the reason why a signature of a party's key is not good costs up to a dozen verifications: enough for a person who
/// tries, no load for the server. Nobody is told of it.
pub(crate) const DIAGNOSES: Policy = Policy { per_second: 2, burst: 20, header: "" };
/// Staff and its scripts.
const STAFF: Policy = Policy { per_second: 500, burst: 2_000, header: "\"caller\";q=2000;w=4" };

impl Policy {
    pub const fn of(role: Role) -> Self {
        match role {
            Role::Customer => CUSTOMER,
            Role::Merchant => MERCHANT,
            Role::Operator | Role::System | Role::Peer => STAFF,
        }
    }

    const fn interval_ns(self) -> u64 {
        NS / self.per_second as u64
    }
}

/// What a bucket said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Taken {
    pub allowed: bool,
    /// How many requests are left now.
    remaining: u64,
    /// Until the bucket is full again, or until there is room for one more if there was none; seconds, rounded up.
    pub seconds: u32,
    policy: Policy,
}

/// All buckets. Each is the instant at which it will be full, nanoseconds since `start` (the generic cell rate algorithm).
pub(crate) struct Limits {
    start: Instant,
    shards: [Mutex<HashMap<u64, u64>>; SHARDS],
}

impl Limits {
    pub fn new() -> Self {
        Self { start: Instant::now(), shards: Default::default() }
    }

    /// Takes one request out of a party's bucket.
    pub fn take(&self, party: u64, policy: Policy) -> Taken {
        self.take_at(party, policy, self.start.elapsed())
    }

    fn take_at(&self, party: u64, policy: Policy, since_start: Duration) -> Taken {
        let now = u64::try_from(since_start.as_nanos()).unwrap_or(u64::MAX);
        let shard = usize::try_from(party % SHARDS as u64).unwrap_or(0);
        let mut buckets = self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= BUCKETS_MAX && !buckets.contains_key(&party) {
            buckets.retain(|_, full_at| *full_at > now);
            if buckets.len() >= BUCKETS_MAX {
                buckets.clear();
            }
        }
        let full_at = buckets.entry(party).or_insert(now);
        let (interval, burst_ns) = (policy.interval_ns(), policy.interval_ns() * u64::from(policy.burst));
        let next = (*full_at).max(now) + interval;
        let missing = (next - now).saturating_sub(burst_ns);
        if missing > 0 {
            return Taken { allowed: false, remaining: 0, seconds: seconds(missing), policy };
        }
        *full_at = next;
        let remaining = (burst_ns - (next - now)) / interval;
        Taken { allowed: true, remaining, seconds: seconds(next - now), policy }
    }
}

fn seconds(ns: u64) -> u32 {
    u32::try_from(ns.div_ceil(NS)).unwrap_or(u32::MAX)
}

impl Taken {
    /// Says so in the reply's headers.
    pub fn tell(self, headers: &mut HeaderMap) {
        let mut text = String::with_capacity(32);
        // Writing into a string cannot fail.
        let _written = write!(text, "\"caller\";r={};t={}", self.remaining, self.seconds);
        headers.insert("ratelimit-policy", HeaderValue::from_static(self.policy.header));
        if let Ok(value) = HeaderValue::from_maybe_shared(axum::body::Bytes::from(text)) {
            headers.insert("ratelimit", value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills() {
        let policy = Policy { per_second: 10, burst: 3, header: "" };
        let limits = Limits::new();
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
            let taken = limits.take_at(7, policy, Duration::from_millis(at_ms));
            assert_eq!((taken.allowed, taken.remaining), (allowed, remaining), "{place}");
        }
        assert!(limits.take_at(8, policy, Duration::from_millis(100)).allowed, "another party has its own");
    }

    #[test]
    fn the_headers_say_what_the_policies_are() {
        for policy in [CUSTOMER, MERCHANT, STAFF] {
            let window = policy.burst / policy.per_second;
            assert_eq!(policy.header, format!("\"caller\";q={};w={window}", policy.burst));
        }
    }
}
