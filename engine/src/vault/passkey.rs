//! Passkeys (WebAuthn credentials) of people: in the vault, because they say which devices somebody has.
//!
//! What a credential holds is the business of the library that verifies it; here it is sealed bytes under a name.

use fjall::PersistMode;
use minicbor::{Decode, Encode};

use super::{Vault, VaultError, crypto};

/// A passkey.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct KeptPasskey {
    /// By which it is listed and removed: 20 hexadecimal digits. It opens nothing.
    #[n(0)]
    pub id: String,
    /// Whose it is.
    #[n(1)]
    pub party: u64,
    /// What its owner calls it.
    #[n(2)]
    pub label: Option<String>,
    /// When it was added, UTC nanoseconds.
    #[n(3)]
    pub added_at_ns: u64,
    /// When it last proved who its owner is, UTC nanoseconds.
    #[n(4)]
    pub used_at_ns: Option<u64>,
    /// The public key and the counter of the credential, as the library writes them.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub credential: Vec<u8>,
}

impl KeptPasskey {
    /// Random bytes of an id.
    const ID_BYTES: usize = 10;

    /// An id that nobody has.
    ///
    /// # Errors
    /// [`VaultError::NoRandomness`].
    pub fn new_id() -> Result<String, VaultError> {
        Ok(crypto::hex(&crypto::random::<{ Self::ID_BYTES }>()?))
    }
}

impl Vault {
    /// Keeps a passkey, in place of what it was before. Unless it is new, it must still be there: one that was removed meanwhile does
    /// not come back. Says whether it was kept.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn put_passkey(&self, passkey: &KeptPasskey, is_new: bool) -> Result<bool, VaultError> {
        let name = name(passkey.party, &passkey.id);
        let sealed = self.key.seal(&name, &sycee_contract::encode(passkey))?;
        let _changing = self.changing();
        if !is_new && self.entries.get(&name)?.is_none() {
            return Ok(false);
        }
        self.entries.insert(name, sealed.0)?;
        self.database.persist(PersistMode::SyncAll)?;
        Ok(true)
    }

    /// A party's passkeys, the oldest first.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn passkeys(&self, party: u64) -> Result<Vec<KeptPasskey>, VaultError> {
        let mut passkeys = Vec::new();
        for guard in self.entries.prefix(name(party, "").as_bytes()) {
            let (name, sealed) = guard.into_inner()?;
            let name = std::str::from_utf8(&name).map_err(|_| VaultError::DoesNotOpen)?;
            let bytes = self.key.open(name, &sealed)?;
            passkeys.push(minicbor::decode::<KeptPasskey>(&bytes).map_err(|_| VaultError::DoesNotOpen)?);
        }
        passkeys.sort_by_key(|passkey| passkey.added_at_ns);
        Ok(passkeys)
    }

    /// Removes a passkey of a party, and gives it back; it proves nothing once this returns.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn remove_passkey(&self, party: u64, id: &str) -> Result<Option<KeptPasskey>, VaultError> {
        let _changing = self.changing();
        let Some(found) = self.passkeys(party)?.into_iter().find(|passkey| passkey.id == id) else { return Ok(None) };
        self.entries.remove(name(party, id))?;
        self.database.persist(PersistMode::SyncAll)?;
        Ok(Some(found))
    }
}

fn name(party: u64, id: &str) -> String {
    format!("passkey/{party:020}/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passkey(party: u64, id: &str, added_at_ns: u64) -> KeptPasskey {
        let (id, label) = (id.to_owned(), Some("Anna's phone".to_owned()));
        KeptPasskey { id, party, label, added_at_ns, used_at_ns: None, credential: b"public".to_vec() }
    }

    #[test]
    fn a_passkey_is_listed_by_its_owner_only_until_it_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(&folder.path().join("vault"), &folder.path().join("key"), true).unwrap();
        let (late, early) = (passkey(1, "b", 7), passkey(1, "c", 5));
        for one in [&late, &early, &passkey(11, "a", 1)] {
            assert!(vault.put_passkey(one, true).unwrap());
        }
        assert_eq!(vault.passkeys(1).unwrap(), [early.clone(), late.clone()]);
        let used = KeptPasskey { used_at_ns: Some(9), ..late.clone() };
        assert!(vault.put_passkey(&used, false).unwrap());
        assert_eq!(vault.remove_passkey(11, "b").unwrap(), None, "another's");
        assert_eq!(vault.remove_passkey(1, "b").unwrap(), Some(used.clone()));
        assert!(!vault.put_passkey(&used, false).unwrap(), "it does not come back");
        assert_eq!(vault.passkeys(1).unwrap(), [early]);
    }
}
