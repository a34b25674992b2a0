//! What a customer has written about a movement of theirs, for themselves: in the vault, because it says what people do and with whom.

use fjall::PersistMode;

use super::{Vault, VaultError};

impl Vault {
    /// Keeps a party's note about something of theirs, in place of the one before; an empty one is none.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn put_note(&self, party: u64, about: &str, text: &str) -> Result<(), VaultError> {
        let name = name(party, about);
        if text.is_empty() {
            self.entries.remove(name)?;
        } else {
            self.entries.insert(&name, self.key.seal(&name, text.as_bytes())?.0)?;
        }
        Ok(self.database.persist(PersistMode::SyncAll)?)
    }

    /// A party's note about something of theirs.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn note(&self, party: u64, about: &str) -> Result<Option<String>, VaultError> {
        let name = name(party, about);
        let Some(sealed) = self.entries.get(&name)? else { return Ok(None) };
        String::from_utf8(self.key.open(&name, &sealed)?).map(Some).map_err(|_| VaultError::DoesNotOpen)
    }
}

fn name(party: u64, about: &str) -> String {
    format!("note/{party:020}/{about}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_its_writers_until_it_is_emptied() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(&folder.path().join("vault"), &folder.path().join("key"), true).unwrap();
        vault.put_note(1, "a", "dinner").unwrap();
        vault.put_note(1, "a", "dinner with Ben").unwrap();
        vault.put_note(11, "a", "rent").unwrap();
        assert_eq!(vault.note(1, "a").unwrap().as_deref(), Some("dinner with Ben"));
        assert_eq!(vault.note(1, "b").unwrap(), None);
        vault.put_note(1, "a", "").unwrap();
        assert_eq!(vault.note(1, "a").unwrap(), None);
        assert_eq!(vault.note(11, "a").unwrap().as_deref(), Some("rent"));
    }
}
