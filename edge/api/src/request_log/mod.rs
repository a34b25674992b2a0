//! The newest requests of each party, for whoever sets up a client: what came, what was answered, and why a signature was not good.
//!
//! Kept in memory, within a bound for each party and one for all, until the server stops. Kept is what [`LoggedRequest`] has and
//! nothing else: no body, no reply, no query, no header but the idempotency key, no token. Of a signature that was not taken also
//! the text under it, unless that covers a header with a secret.

mod shard;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::Response;
use sycee_engine::vault::random;

use crate::auth::diagnosis::SignatureTrouble;
use crate::auth::signature::parse_input;
use crate::desk::IDEMPOTENCY_KEY;
use crate::operations::{Method, Operation};
use crate::problem::ProblemNote;
use shard::Shard;

/// A prime near the number of threads that serve: parties on different shards do not wait for each other.
const SHARDS: usize = 13;
/// How much of a path is kept, bytes: none of the API's own is longer.
const PATH_MAX_BYTES: usize = 256;

/// How a caller showed who it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum AuthKind {
    Token,
    /// The id of the key.
    Signature(String),
    /// Something else, such as a browser's session.
    Other,
}

/// A request as it is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LoggedRequest {
    /// Its place among all requests since the start.
    pub sequence: u64,
    pub party: u64,
    /// When it came, UTC nanoseconds by the world's clock.
    pub at_ns: u64,
    pub method: Method,
    /// The path without the query.
    pub path: String,
    pub operation: &'static str,
    pub status: u16,
    pub problem: Option<&'static str>,
    pub field: Option<String>,
    /// From the request's arrival to its answer's beginning, microseconds by the machine's clock.
    pub took_us: u64,
    pub key: Option<String>,
    pub replayed: bool,
    pub auth: AuthKind,
    pub signature: Option<Box<SignatureTrouble>>,
}

impl LoggedRequest {
    /// About how many bytes it takes.
    fn bytes(&self) -> usize {
        let texts = [Some(&self.path), self.field.as_ref(), self.key.as_ref()];
        let trouble = self.signature.as_deref().map_or(0, |trouble| {
            let texts =
                [trouble.key.as_ref(), trouble.base.as_ref(), trouble.component.as_ref(), trouble.hint.as_ref()];
            size_of::<SignatureTrouble>() + texts.iter().flatten().map(|text| text.len()).sum::<usize>()
        });
        size_of::<Self>() + texts.iter().flatten().map(|text| text.len()).sum::<usize>() + trouble
    }
}

/// A request that has just come.
pub(crate) struct Arrived {
    since: Instant,
    at_ns: u64,
    path: String,
    key: Option<String>,
    auth: AuthKind,
}

impl Arrived {
    /// What is kept of a request that came at `at_ns`.
    pub fn new(parts: &Parts, at_ns: u64) -> Self {
        let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let key_id = || Some(parse_input(text("signature-input")?)?.key_id?.to_owned());
        let auth = if parts.headers.contains_key(AUTHORIZATION) {
            AuthKind::Token
        } else {
            key_id().map_or(AuthKind::Other, AuthKind::Signature)
        };
        let path = parts.uri.path();
        let path = path.get(..path.floor_char_boundary(PATH_MAX_BYTES)).unwrap_or_default().to_owned();
        let key = text(IDEMPOTENCY_KEY).filter(|key| key.len() <= 128).map(str::to_owned);
        Self { since: Instant::now(), at_ns, path, key, auth }
    }
}

/// Which requests somebody wants to see.
pub(crate) struct Wanted<'w> {
    /// Only this party's.
    pub party: Option<u64>,
    /// Only those of parties of this cell.
    pub cell: u16,
    pub status: Option<std::ops::RangeInclusive<u16>>,
    pub operation: Option<&'w str>,
    pub problem: Option<&'w str>,
}

impl Wanted<'_> {
    fn wants(&self, request: &LoggedRequest) -> bool {
        let is_or_any = |wanted: Option<&str>, found: Option<&str>| wanted.is_none_or(|wanted| found == Some(wanted));
        self.status.as_ref().is_none_or(|status| status.contains(&request.status))
            && is_or_any(self.operation, Some(request.operation))
            && is_or_any(self.problem, request.problem)
    }
}

/// The requests of all parties.
pub(crate) struct RequestLog {
    /// Tells this run of the server from others: places are those of one run.
    run: u32,
    sequence: AtomicU64,
    shards: [Mutex<Shard>; SHARDS],
}

impl RequestLog {
    pub fn new() -> Self {
        // Without randomness nothing else works either; a run is then only not told from others.
        let run = random().map_or(0, u32::from_be_bytes);
        Self { run, sequence: AtomicU64::new(0), shards: Default::default() }
    }

    /// Keeps a request that was answered. One whose signature was not taken belongs to the party whose key it names; one of nobody
    /// is not kept.
    pub fn note(&self, arrived: Arrived, operation: &Operation, party: Option<u64>, response: &Response) {
        let note = response.extensions().get::<ProblemNote>();
        let trouble = note.and_then(|note| note.signature.clone());
        let named = trouble.as_ref().and_then(|trouble| trouble.party);
        let Some(number) = party.or(named) else { return };
        let request = LoggedRequest {
            sequence: self.sequence.fetch_add(1, Ordering::Relaxed) + 1,
            party: number,
            at_ns: arrived.at_ns,
            method: operation.method,
            path: arrived.path,
            operation: operation.id,
            status: response.status().as_u16(),
            problem: note.map(|note| note.code),
            field: note.and_then(|note| note.field.as_deref()).map(str::to_owned),
            took_us: u64::try_from(arrived.since.elapsed().as_micros()).unwrap_or(u64::MAX),
            key: arrived.key,
            replayed: response.headers().contains_key("idempotent-replayed"),
            auth: arrived.auth,
            signature: trouble,
        };
        self.shard(number).keep(request, party.is_some());
    }

    /// Up to `limit` requests before a place (the newest, without one) that are wanted, the newest first, and whether there are more.
    pub fn before(&self, before: Option<u64>, limit: usize, wanted: &Wanted<'_>) -> (Vec<Arc<LoggedRequest>>, bool) {
        let mut found: Vec<Arc<LoggedRequest>> = Vec::new();
        let mut look = |shard: MutexGuard<'_, Shard>| {
            let requests = shard.requests(wanted.party).filter(|request| {
                before.is_none_or(|before| request.sequence < before)
                    && sycee_party::cell_of(request.party) == Some(wanted.cell)
                    && wanted.wants(request)
            });
            found.extend(requests.cloned());
        };
        match wanted.party {
            Some(party) => look(self.shard(party)),
            None => self.shards.iter().for_each(|shard| look(shard.lock().unwrap_or_else(PoisonError::into_inner))),
        }
        found.sort_unstable_by_key(|request| std::cmp::Reverse(request.sequence));
        let has_more = found.len() > limit;
        found.truncate(limit);
        (found, has_more)
    }

    /// A place as text, for clients.
    pub fn write_place(&self, sequence: u64) -> String {
        format!("{:08x}{sequence:016x}", self.run)
    }

    /// The place that a text names; `None` if it names none of this run's.
    pub fn read_place(&self, text: &str) -> Option<u64> {
        let is_hexadecimal = text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let (run, sequence) = text.split_at_checked(8).filter(|_| is_hexadecimal)?;
        let is_this_run = u32::from_str_radix(run, 16) == Ok(self.run);
        u64::from_str_radix(sequence, 16).ok().filter(|_| is_this_run)
    }

    fn shard(&self, party: u64) -> MutexGuard<'_, Shard> {
        let shard = usize::try_from(party % SHARDS as u64).unwrap_or(0);
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
