//! What the gateway needs to answer: the cells, the platform's key, and the applications' keys.
//!
//! Signatures are made and checked where the request is handled, on the runtime's own threads: checking takes about
//! 30 microseconds and signing below a millisecond, less than moving the work elsewhere and back is worth.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sycee_acquiring::record::App;
use sycee_engine::allowance::{Allowance, Buckets};
use sycee_engine::{CellHandle, World};
use tracing::error;

use crate::certificates::Authority;
use crate::codes::gateway;
use crate::methods::ANSWER_WAIT_SECONDS;
use crate::signature::{SigningKey, VerifyingKey};
use crate::wire::failure::Failure;

/// How many parsed keys are kept; then they are parsed anew.
const KEYS_MAX: usize = 16_384;
/// What the app ids of this platform begin with; the cell's two digits follow.
const APP_ID_PREFIX: u64 = 2_021;

/// How many calls a second of one app are taken unless the operator says otherwise: about what one cell decides, so that one app
/// does not keep all others out.
pub const APP_CALLS_PER_SECOND: u32 = 5_000;

const fn call_allowance(per_second: u32) -> Allowance {
    Allowance::per_second(per_second, per_second.saturating_mul(2))
}

/// The Alipay edge of a server.
pub struct Alipay {
    /// The cells behind it.
    pub world: Arc<World>,
    /// The platform's key: one for the server.
    pub gateway_key: Arc<SigningKey>,
    /// The authority for certificate mode; without one no application has a certificate.
    pub authority: Option<Arc<Authority>>,
    /// How long a method waits for the engine's answer and for other cells; after that it says that the matter is under way.
    pub answer_wait: Duration,
    keys: Mutex<HashMap<u64, CachedKey>>,
    calls: Buckets,
    call_allowance: Allowance,
}

struct CachedKey {
    der: Vec<u8>,
    key: VerifyingKey,
}

/// An application that calls.
pub struct Application {
    /// Where it is registered.
    pub cell: Arc<CellHandle>,
    /// Its record, as of now.
    pub app: App,
    /// The keys that are valid now, the present one first.
    pub keys: Vec<VerifyingKey>,
}

impl Alipay {
    /// An edge to `world` that signs with `gateway_key`.
    #[must_use]
    pub fn new(world: Arc<World>, gateway_key: Arc<SigningKey>) -> Self {
        let answer_wait = Duration::from_secs(ANSWER_WAIT_SECONDS);
        let call_allowance = call_allowance(APP_CALLS_PER_SECOND);
        let (authority, keys, calls) = (None, Mutex::default(), Buckets::default());
        Self { world, gateway_key, authority, answer_wait, keys, calls, call_allowance }
    }

    /// The same edge that takes so many calls a second of one app, and twice as many at once.
    #[must_use]
    pub fn with_app_calls(self, per_second: u32) -> Self {
        Self { call_allowance: call_allowance(per_second), ..self }
    }

    /// Counts a call of an app that has proven who it is: nobody can use up another's.
    ///
    /// # Errors
    /// `isv.app-call-limited`.
    pub(crate) fn count_call(&self, app_id: u64) -> Result<(), Failure> {
        let taken = self.calls.take(app_id, self.call_allowance);
        let limited = || {
            let detail = format!("there is room again after {} seconds; nothing was done", taken.seconds);
            Failure::with_detail(gateway::APP_CALL_LIMITED, detail)
        };
        if taken.allowed { Ok(()) } else { Err(limited()) }
    }

    /// The same edge with certificate mode.
    #[must_use]
    pub fn with_authority(self, authority: Arc<Authority>) -> Self {
        Self { authority: Some(authority), ..self }
    }

    /// The application of this id. Its record is read every time, so a new key counts from the moment it is durable;
    /// what is kept is only the parsed form of a key, under the bytes it was parsed from.
    ///
    /// # Errors
    /// `isv.invalid-app-id`; `isv.missing-signature-config` when none of its keys can be used; `isp.unknow-error` when the
    /// cell cannot be read.
    pub fn application(&self, app_id: &str) -> Result<Application, Failure> {
        let unknown = || Failure::new(gateway::INVALID_APP_ID);
        let number = app_number(app_id).ok_or_else(unknown)?;
        let cell = cell_of_app(number).and_then(|cell| self.world.numbered(cell)).ok_or_else(unknown)?;
        let app: App = cell.port.get(&App::key(number)).map_err(unreadable)?.ok_or_else(unknown)?;
        let now_ns = self.world.clock.now_ns();
        let keys: Vec<_> = app.keys_at(now_ns).filter_map(|der| self.key(number, der)).collect();
        if keys.is_empty() {
            return Err(Failure::new(gateway::MISSING_SIGNATURE_CONFIGURATION));
        }
        Ok(Application { cell: Arc::clone(cell), app, keys })
    }

    fn key(&self, app: u64, der: &[u8]) -> Option<VerifyingKey> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cached) = keys.get(&app).filter(|cached| cached.der == der) {
            return Some(cached.key.clone());
        }
        let key = VerifyingKey::from_der(der).ok()?;
        if keys.len() >= KEYS_MAX {
            keys.clear();
        }
        keys.insert(app, CachedKey { der: der.to_vec(), key: key.clone() });
        Some(key)
    }
}

/// The failure for a cell that cannot be read; the reason is for the operator.
pub(crate) fn unreadable(error: impl std::fmt::Display) -> Failure {
    error!("the Alipay edge cannot read a cell: {error}");
    Failure::new(gateway::UNKNOWN_ERROR)
}

/// The number that sixteen digits write.
fn app_number(app_id: &str) -> Option<u64> {
    sixteen_digits(app_id).filter(|number| number / 1_000_000_000_000 == APP_ID_PREFIX)
}

fn cell_of_app(app: u64) -> Option<u16> {
    u16::try_from(app / 10_000_000_000 % 100).ok()
}

/// The number that exactly sixteen ASCII digits write.
pub(crate) fn sixteen_digits(text: &str) -> Option<u64> {
    let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn app_ids_say_their_cell() {
        let table = [
            ("2021070000000001", Some(7)),
            ("2021999999999999", Some(99)),
            ("2088070000000001", None),
            ("202107000000001", None),
            ("20210700000000012", None),
            ("2021o70000000001", None),
            ("+021070000000001", None),
            ("", None),
        ];
        for (app_id, expected) in table {
            assert_eq!(app_number(app_id).and_then(cell_of_app), expected, "{app_id}");
        }
        let made = sycee_acquiring::number::app_id(7, 12).unwrap();
        assert_eq!(cell_of_app(app_number(&made.to_string()).unwrap()), Some(7));
    }
}
