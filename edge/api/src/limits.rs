//! How often a caller may ask: a bucket for each party.

use std::fmt::Write;

use axum::http::{HeaderMap, HeaderValue};
use sycee_contract::Role;
use sycee_engine::allowance::{Allowance, Buckets, Taken as TakenOut};

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

/// All buckets.
#[derive(Default)]
pub(crate) struct Limits(Buckets);

impl Limits {
    /// Takes one request out of a party's bucket.
    pub fn take(&self, party: u64, policy: Policy) -> Taken {
        let TakenOut { allowed, remaining, seconds } =
            self.0.take(party, Allowance::per_second(policy.per_second, policy.burst));
        Taken { allowed, remaining, seconds, policy }
    }
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
    fn the_headers_say_what_the_policies_are() {
        for policy in [CUSTOMER, MERCHANT, STAFF] {
            let window = policy.burst / policy.per_second;
            assert_eq!(policy.header, format!("\"caller\";q={};w={window}", policy.burst));
        }
    }
}
