//! Keys with which a party's servers sign their requests.

use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_engine::vault::{ApiKey, KeyAlgorithm, random};

use super::{EVERYBODY, Operation};
use crate::desk::{Asked, blocking, ok};
use crate::problem::Problem;
use crate::wire::Instant;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::post("make_key", "/keys", |asked| Box::pin(make_key(asked)))
        .says("Makes a key for signing requests: an HMAC secret, told once, or registers an Ed25519 public key.")
        .for_roles(EVERYBODY)
        .may_need_proof()
        .takes::<KeyBody>()
        .gives::<MadeKey>(),
    Operation::get("list_keys", "/keys", |asked| Box::pin(list_keys(asked)))
        .says("The caller's keys, without their secrets.")
        .for_roles(EVERYBODY)
        .gives::<KeyList>(),
    Operation::delete("revoke_key", "/keys/{key}", |asked| Box::pin(revoke_key(asked)))
        .says("Revokes a key of the caller's. No signature of it is taken from then on.")
        .for_roles(EVERYBODY)
        .gives::<KeyWire>(),
];

/// The most keys, revoked ones included, that a party may have: listing them reads each.
const KEYS_MAX: usize = 100;

/// With which algorithm a key signs (RFC 9421, section 6.2.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
enum Algorithm {
    #[serde(rename = "hmac-sha256")]
    HmacSha256,
    #[serde(rename = "ed25519")]
    Ed25519,
}

/// A key that is wanted.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct KeyBody {
    algorithm: Algorithm,
    /// For ed25519 only: the public key, base64 of its 32 bytes.
    public_key: Option<String>,
}

/// A key.
#[derive(Serialize, JsonSchema)]
struct KeyWire {
    /// The parameter `keyid` of signatures.
    key: String,
    algorithm: Algorithm,
    created_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<Instant>,
}

/// A key that was made.
#[derive(Serialize, JsonSchema)]
struct MadeKey {
    /// The parameter `keyid` of signatures.
    key: String,
    algorithm: Algorithm,
    created_at: Instant,
    /// The secret of an HMAC key, base64. It is told now and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

/// The caller's keys.
#[derive(Serialize, JsonSchema)]
struct KeyList {
    keys: Vec<KeyWire>,
}

impl From<ApiKey> for KeyWire {
    fn from(key: ApiKey) -> Self {
        Self {
            key: key.id,
            algorithm: match key.algorithm {
                KeyAlgorithm::HmacSha256 => Algorithm::HmacSha256,
                KeyAlgorithm::Ed25519 => Algorithm::Ed25519,
            },
            created_at: Instant(key.created_at_ns),
            revoked_at: key.revoked_at_ns.map(Instant),
        }
    }
}

async fn make_key(asked: Asked) -> Result<Response, Problem> {
    let KeyBody { algorithm, public_key } = asked.body()?;
    // Whoever finds an open session must not give themselves a way in for ever.
    asked.is_proved()?;
    let (stored, bytes) = match (algorithm, public_key) {
        (Algorithm::HmacSha256, None) => (KeyAlgorithm::HmacSha256, random::<32>()?.to_vec()),
        (Algorithm::HmacSha256, Some(_)) => {
            return Err(Problem::bad_field("public_key", "is for ed25519 only; secrets are made here"));
        }
        (Algorithm::Ed25519, text) => {
            let bytes = text.and_then(|text| STANDARD.decode(text).ok()).filter(|bytes| bytes.len() == 32);
            let wrong = || Problem::bad_field("public_key", "is base64 of the 32 bytes of an Ed25519 public key");
            (KeyAlgorithm::Ed25519, bytes.ok_or_else(wrong)?)
        }
    };
    let secret = (algorithm == Algorithm::HmacSha256).then(|| STANDARD.encode(&bytes));
    let key = ApiKey {
        id: ApiKey::new_id(asked.cell.number)?,
        party: asked.caller.party,
        algorithm: stored,
        bytes,
        created_at_ns: asked.desk.world.clock.now_ns(),
        revoked_at_ns: None,
    };
    let made = MadeKey { key: key.id.clone(), algorithm, created_at: Instant(key.created_at_ns), secret };
    let vault = asked.cell.vault.clone();
    let is_full = blocking(move || {
        let is_full = vault.api_keys(key.party)?.len() >= KEYS_MAX;
        if is_full { Ok(true) } else { vault.put_api_key(&key).map(|()| false) }
    });
    if is_full.await?? {
        return Err(Problem::caller_unfit("a party has at most 100 keys, revoked ones included"));
    }
    ok(&made)
}

async fn list_keys(asked: Asked) -> Result<Response, Problem> {
    let (vault, party) = (asked.cell.vault.clone(), asked.caller.party);
    let keys = blocking(move || vault.api_keys(party)).await??;
    ok(&KeyList { keys: keys.into_iter().map(KeyWire::from).collect() })
}

async fn revoke_key(asked: Asked) -> Result<Response, Problem> {
    let no_key = || Problem::not_found("the caller has no key of this id");
    let id = asked.path("key").to_owned();
    if ApiKey::cell_of(&id).is_none() {
        return Err(no_key());
    }
    let (vault, party, now_ns) = (asked.cell.vault.clone(), asked.caller.party, asked.desk.world.clock.now_ns());
    let revoked = blocking(move || match vault.api_key(&id)? {
        Some(key) if key.party == party => vault.revoke_api_key(&id, now_ns),
        _ => Ok(None),
    });
    ok(&KeyWire::from(revoked.await??.ok_or_else(no_key)?))
}
