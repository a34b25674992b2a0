//! A part of the log: some parties, within a bound of bytes.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::LoggedRequest;

/// The requests of one party that are kept.
const PARTY_REQUESTS: usize = 200;
/// Beside them, those that were not let in: whoever only knows the id of a key pushes nothing out but these.
const PARTY_REFUSED: usize = 20;
/// All requests of a shard, bytes: 4 MiB, 52 MiB for all shards.
const SHARD_BYTES: usize = 4 << 20;

#[derive(Default)]
struct Ring {
    let_in: VecDeque<Arc<LoggedRequest>>,
    refused: VecDeque<Arc<LoggedRequest>>,
    /// The place of its newest.
    last: u64,
    bytes: usize,
}

impl Ring {
    fn requests(&self) -> impl Iterator<Item = &Arc<LoggedRequest>> {
        self.let_in.iter().chain(&self.refused)
    }
}

/// Some parties' requests.
#[derive(Default)]
pub(super) struct Shard {
    rings: HashMap<u64, Ring>,
    bytes: usize,
}

impl Shard {
    /// Keeps a request. What is too much goes: the party's oldest, and then whole parties that asked last the longest ago.
    pub fn keep(&mut self, request: LoggedRequest, was_let_in: bool) {
        let bytes = request.bytes();
        let ring = self.rings.entry(request.party).or_default();
        ring.last = request.sequence;
        let (requests, most) =
            if was_let_in { (&mut ring.let_in, PARTY_REQUESTS) } else { (&mut ring.refused, PARTY_REFUSED) };
        let gone = if requests.len() >= most { requests.pop_front().map_or(0, |gone| gone.bytes()) } else { 0 };
        requests.push_back(Arc::new(request));
        ring.bytes = ring.bytes + bytes - gone;
        self.bytes = self.bytes + bytes - gone;
        if self.bytes > SHARD_BYTES {
            self.forget();
        }
    }

    /// Forgets a quarter of the parties at once, so that it is seldom done.
    fn forget(&mut self) {
        let mut lasts: Vec<u64> = self.rings.values().map(|ring| ring.last).collect();
        let place = lasts.len() / 4;
        let (_, newest_gone, _) = lasts.select_nth_unstable(place);
        let newest_gone = *newest_gone;
        self.rings.retain(|_, ring| ring.last > newest_gone);
        self.bytes = self.rings.values().map(|ring| ring.bytes).sum();
    }

    /// The requests of a party, or of all.
    pub fn requests(&self, party: Option<u64>) -> impl Iterator<Item = &Arc<LoggedRequest>> {
        let rings = self.rings.iter().filter(move |(number, _)| party.is_none_or(|party| party == **number));
        rings.flat_map(|(_, ring)| ring.requests())
    }
}

#[cfg(test)]
mod tests {
    use super::super::AuthKind;
    use super::*;
    use crate::operations::Method;

    fn request(party: u64, sequence: u64, path: &str) -> LoggedRequest {
        LoggedRequest {
            sequence,
            party,
            at_ns: 0,
            method: Method::Get,
            path: path.to_owned(),
            operation: "me",
            status: 200,
            problem: None,
            field: None,
            took_us: 1,
            key: None,
            replayed: false,
            auth: AuthKind::Token,
            signature: None,
        }
    }

    #[test]
    fn a_party_keeps_its_newest_and_refused_ones_push_out_only_refused_ones() {
        let mut shard = Shard::default();
        for sequence in 1..=1_000 {
            shard.keep(request(7, sequence, "/a"), sequence <= 300);
        }
        let mut kept: Vec<u64> = shard.requests(Some(7)).map(|request| request.sequence).collect();
        kept.sort_unstable();
        assert_eq!(kept, (101..=300).chain(981..=1_000).collect::<Vec<_>>());
        assert_eq!(shard.requests(Some(8)).count(), 0);
        let counted: usize = shard.requests(None).map(|request| request.bytes()).sum();
        assert_eq!(shard.bytes, counted);
    }

    #[test]
    fn all_parties_together_stay_within_the_bound_and_the_newest_stay() {
        let mut shard = Shard::default();
        let path = "x".repeat(256);
        for sequence in 1..=40_000 {
            shard.keep(request(sequence, sequence, &path), true);
            assert!(shard.bytes <= SHARD_BYTES, "{sequence}");
        }
        let counted: usize = shard.requests(None).map(|request| request.bytes()).sum();
        assert_eq!(shard.bytes, counted);
        assert!(shard.requests(Some(40_000)).count() == 1 && shard.requests(Some(1)).count() == 0);
        assert!(shard.bytes > SHARD_BYTES / 2, "{}", shard.bytes);
    }
}
