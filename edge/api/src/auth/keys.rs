//! Parsed keys, kept so that a signed request reads no row and opens no seal.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use sycee_engine::World;
use sycee_engine::vault::ApiKey;

use super::Identity;
use super::signature::Verifier;
use crate::problem::Problem;

/// How many keys are kept; then all are forgotten and read again.
const KEYS_MAX: usize = 65_536;

/// A key and whose it is.
pub(crate) struct ParsedKey {
    pub identity: Identity,
    pub verifier: Verifier,
    /// The vault's generation before the key was read.
    generation: u64,
}

/// The keys.
#[derive(Default)]
pub(crate) struct Keys(RwLock<HashMap<Box<str>, Arc<ParsedKey>>>);

impl Keys {
    /// The key of this id; `None` if there is no such, or it was revoked. A revocation is seen at once: the vault counts them.
    pub fn find(&self, world: &World, id: &str) -> Result<Option<Arc<ParsedKey>>, Problem> {
        let Some(cell) = ApiKey::cell_of(id).and_then(|cell| world.numbered(cell)) else { return Ok(None) };
        let generation = cell.vault.api_key_generation();
        if let Some(key) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(id)
            && key.generation == generation
        {
            return Ok(Some(Arc::clone(key)));
        }
        let Some(key) = cell.vault.api_key(id)?.filter(|key| key.revoked_at_ns.is_none()) else { return Ok(None) };
        let Some(identity) = Identity::of(cell, key.party)? else { return Ok(None) };
        let parsed = Arc::new(ParsedKey { identity, verifier: Verifier::new(key.algorithm, key.bytes), generation });
        let mut keys = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= KEYS_MAX {
            keys.clear();
        }
        keys.insert(id.into(), Arc::clone(&parsed));
        Ok(Some(parsed))
    }
}
