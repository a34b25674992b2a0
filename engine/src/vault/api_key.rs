//! Keys with which parties' servers sign their requests: sealed in the vault, never in the journal.

use std::fmt;
use std::sync::atomic::Ordering;

use fjall::PersistMode;
use minicbor::{Decode, Encode};

use super::{Vault, VaultError, crypto};

/// With which algorithm a key signs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum KeyAlgorithm {
    /// HMAC with SHA-256: the key is a secret that both sides have.
    #[n(0)]
    HmacSha256,
    /// Ed25519 (RFC 8032): the key is the public one, 32 bytes.
    #[n(1)]
    Ed25519,
}

/// A key of a party.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct ApiKey {
    /// `k`, the cell's number in two digits, 20 hexadecimal digits.
    #[n(0)]
    pub id: String,
    /// Whose it is.
    #[n(1)]
    pub party: u64,
    /// With which algorithm it signs.
    #[n(2)]
    pub algorithm: KeyAlgorithm,
    /// The secret, or the public key.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
    /// When it was made, UTC nanoseconds.
    #[n(4)]
    pub created_at_ns: u64,
    /// When it was revoked, UTC nanoseconds; `None` while it is good.
    #[n(5)]
    pub revoked_at_ns: Option<u64>,
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKey({}, not shown)", self.id)
    }
}

impl ApiKey {
    /// Random digits of an id, bytes.
    const ID_BYTES: usize = 10;
    /// The length of an id, characters.
    pub const ID_LENGTH: usize = 3 + 2 * Self::ID_BYTES;

    /// An id that nobody has, for a key of the cell of this number.
    ///
    /// # Errors
    /// [`VaultError::NoRandomness`].
    pub fn new_id(cell: u16) -> Result<String, VaultError> {
        Ok(format!("k{cell:02}{}", crypto::hex(&crypto::random::<{ Self::ID_BYTES }>()?)))
    }

    /// The number of the cell that an id names; `None` if it is no id.
    #[must_use]
    pub fn cell_of(id: &str) -> Option<u16> {
        let rest = id.strip_prefix('k').filter(|_| id.len() == Self::ID_LENGTH)?;
        if !rest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        rest.get(..2)?.parse().ok()
    }
}

impl Vault {
    /// Keeps a key; it is good when this returns.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn put_api_key(&self, key: &ApiKey) -> Result<(), VaultError> {
        let name = entry(&key.id);
        let sealed = self.key.seal(&name, &sycee_contract::encode(key))?;
        let mut batch = self.database.batch();
        batch.insert(&self.entries, name, sealed.0);
        batch.insert(&self.entries, format!("{}{}", index(key.party), key.id), b"".as_slice());
        batch.commit()?;
        Ok(self.database.persist(PersistMode::SyncAll)?)
    }

    /// A key, revoked or not; `None` if there is no such.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn api_key(&self, id: &str) -> Result<Option<ApiKey>, VaultError> {
        let name = entry(id);
        let Some(sealed) = self.entries.get(&name)? else { return Ok(None) };
        let bytes = self.key.open(&name, &sealed)?;
        minicbor::decode(&bytes).map(Some).map_err(|_| VaultError::DoesNotOpen)
    }

    /// All keys of a party, by id.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn api_keys(&self, party: u64) -> Result<Vec<ApiKey>, VaultError> {
        let index = index(party);
        let mut keys = Vec::new();
        for guard in self.entries.prefix(index.as_bytes()) {
            let (name, _) = guard.into_inner()?;
            let id = name.get(index.len()..).and_then(|id| std::str::from_utf8(id).ok());
            keys.extend(id.map(|id| self.api_key(id)).transpose()?.flatten());
        }
        Ok(keys)
    }

    /// Revokes a key; no signature of it is taken once this returns. `None` if there is no such key; a key that was revoked
    /// before stays as it is.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn revoke_api_key(&self, id: &str, now_ns: u64) -> Result<Option<ApiKey>, VaultError> {
        let Some(mut key) = self.api_key(id)? else { return Ok(None) };
        if key.revoked_at_ns.is_none() {
            key.revoked_at_ns = Some(now_ns);
            self.put_api_key(&key)?;
            self.api_key_generation.fetch_add(1, Ordering::SeqCst);
        }
        Ok(Some(key))
    }

    /// Rises with each revocation. Whoever keeps parsed keys notes it before reading one, and reads again when it has risen.
    #[must_use]
    pub fn api_key_generation(&self) -> u64 {
        self.api_key_generation.load(Ordering::SeqCst)
    }
}

fn entry(id: &str) -> String {
    format!("api-key/{id}")
}

fn index(party: u64) -> String {
    format!("api-key-of/{party:020}/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_name_their_cell() {
        let table = [
            ("k0700112233445566778899", Some(7)),
            ("k99aabbccddeeff00112233", Some(99)),
            ("k07001122334455667788", None),
            ("k07001122334455667788999", None),
            ("x0700112233445566778899", None),
            ("k0x00112233445566778899", None),
            ("k07001122334455667788A9", None),
            ("", None),
        ];
        for (id, expected) in table {
            assert_eq!(ApiKey::cell_of(id), expected, "{id}");
        }
        assert_eq!(ApiKey::cell_of(&ApiKey::new_id(42).unwrap()), Some(42));
    }

    #[test]
    fn a_key_is_kept_listed_and_revoked_and_is_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(&folder.path().join("vault"), &folder.path().join("key"), true).unwrap();
        let key = |party| ApiKey {
            id: ApiKey::new_id(7).unwrap(),
            party,
            algorithm: KeyAlgorithm::HmacSha256,
            bytes: vec![0xa5; 32],
            created_at_ns: 1,
            revoked_at_ns: None,
        };
        let (one, other) = (key(1), key(11));
        vault.put_api_key(&one).unwrap();
        vault.put_api_key(&other).unwrap();
        assert_eq!(vault.api_key(&one.id).unwrap().as_ref(), Some(&one));
        assert_eq!(vault.api_keys(1).unwrap(), std::slice::from_ref(&one));
        let before = vault.api_key_generation();
        assert_eq!(vault.revoke_api_key(&one.id, 5).unwrap().unwrap().revoked_at_ns, Some(5));
        assert!(vault.api_key_generation() > before);
        assert_eq!(vault.revoke_api_key(&one.id, 6).unwrap().unwrap().revoked_at_ns, Some(5));
        assert_eq!(vault.revoke_api_key("k07", 6).unwrap(), None);
        assert!(!format!("{one:?}").contains("165"));
    }
}
