//! Files that parties have given into keeping, such as a merchant's pictures: sealed by the cell's key like everything here, found
//! by a number that only this cell can make, and limited for each party.

use std::sync::PoisonError;

use fjall::PersistMode;

use super::{Vault, VaultError};

/// What a file counts beyond its content, bytes: so that empty ones are not free.
const FILE_COST_BYTES: u64 = 1_024;
/// The longest kind of a file, in bytes.
const KIND_MAX_BYTES: usize = 255;

/// The number of a kept file: a keyed digest of its owner, its kind and its content. The same file again is the same number, and
/// nobody who has not been told it finds it by trying.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FileId(pub [u8; 16]);

impl FileId {
    /// 32 hexadecimal digits.
    #[must_use]
    pub fn to_text(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads what [`FileId::to_text`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let number = digits.then(|| u128::from_str_radix(text, 16).ok())??;
        Some(Self(number.to_be_bytes()))
    }

    fn name(self) -> String {
        format!("file/{}", self.to_text())
    }
}

/// A file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptFile {
    /// Whose it is: a party's number.
    pub owner: u64,
    /// What it is, in the words of whoever keeps it, such as `png`.
    pub kind: String,
    /// What is in it.
    pub content: Vec<u8>,
}

impl KeptFile {
    /// The owner, the length of the kind in one byte, the kind, the content.
    fn encode(&self) -> Option<Vec<u8>> {
        let kind_length = u8::try_from(self.kind.len()).ok().filter(|_| self.kind.len() <= KIND_MAX_BYTES)?;
        Some([&self.owner.to_be_bytes()[..], &[kind_length], self.kind.as_bytes(), &self.content].concat())
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (owner, rest) = bytes.split_first_chunk::<8>()?;
        let (kind_length, rest) = rest.split_first()?;
        let (kind, content) = rest.split_at_checked(usize::from(*kind_length))?;
        let kind = std::str::from_utf8(kind).ok()?.to_owned();
        Some(Self { owner: u64::from_be_bytes(*owner), kind, content: content.to_vec() })
    }
}

impl Vault {
    /// Keeps a file; it is durable when this returns. `None`, and nothing is kept, when its owner's files would come to more than
    /// `quota_bytes`. A file that its owner has given before counts once.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn keep_file(&self, file: &KeptFile, quota_bytes: u64) -> Result<Option<FileId>, VaultError> {
        let bytes = file.encode().ok_or_else(|| VaultError::Store("the kind of a file is too long".into()))?;
        let digest = self.digest("file", &bytes);
        let mut id = FileId([0; 16]);
        id.0.copy_from_slice(&digest[..16]);
        // One at a time: what is counted must be what is there.
        let _one = self.keeping_files.lock().unwrap_or_else(PoisonError::into_inner);
        if self.entries.contains_key(id.name())? {
            return Ok(Some(id));
        }
        let used_bytes = self.file_bytes(file.owner)?;
        let after_bytes = used_bytes.saturating_add(FILE_COST_BYTES).saturating_add(file.content.len() as u64);
        if after_bytes > quota_bytes {
            return Ok(None);
        }
        let sealed = self.key.seal(&id.name(), &bytes)?;
        let mut batch = self.database.batch();
        batch.insert(&self.entries, id.name(), sealed.0);
        batch.insert(&self.entries, use_name(file.owner), after_bytes.to_be_bytes().as_slice());
        batch.commit()?;
        self.database.persist(PersistMode::SyncAll)?;
        Ok(Some(id))
    }

    /// A kept file.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn file(&self, id: FileId) -> Result<Option<KeptFile>, VaultError> {
        let Some(sealed) = self.entries.get(id.name())? else { return Ok(None) };
        let bytes = self.key.open(&id.name(), &sealed)?;
        KeptFile::decode(&bytes).map(Some).ok_or(VaultError::DoesNotOpen)
    }

    /// What a party's files come to, as they are counted, bytes.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn file_bytes(&self, owner: u64) -> Result<u64, VaultError> {
        let Some(bytes) = self.entries.get(use_name(owner))? else { return Ok(0) };
        let bytes: [u8; 8] = bytes.as_ref().try_into().map_err(|_| VaultError::DoesNotOpen)?;
        Ok(u64::from_be_bytes(bytes))
    }
}

fn use_name(owner: u64) -> String {
    format!("file-use/{owner}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(folder: &std::path::Path, is_new: bool) -> Vault {
        Vault::open(&folder.join("vault"), &folder.join("key"), is_new).unwrap()
    }

    fn file(owner: u64, content: &[u8]) -> KeptFile {
        KeptFile { owner, kind: "png".into(), content: content.to_vec() }
    }

    #[test]
    fn a_file_is_kept_once_and_found_again_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let vault = open(folder.path(), true);
        let id = vault.keep_file(&file(1, b"picture"), 10_000).unwrap().unwrap();
        assert_eq!(vault.keep_file(&file(1, b"picture"), 10_000).unwrap(), Some(id));
        assert_ne!(vault.keep_file(&file(2, b"picture"), 10_000).unwrap(), Some(id), "another's");
        assert_eq!(vault.file_bytes(1).unwrap(), 1_024 + 7);
        drop(vault);
        let vault = open(folder.path(), false);
        assert_eq!(vault.file(id).unwrap(), Some(file(1, b"picture")));
        assert_eq!(vault.file(FileId([0; 16])).unwrap(), None);
        assert_eq!(vault.file_bytes(1).unwrap(), 1_024 + 7);
        assert_eq!(FileId::parse(&id.to_text()), Some(id));
    }

    #[test]
    fn a_party_keeps_no_more_than_its_quota() {
        let folder = tempfile::tempdir().unwrap();
        let vault = open(folder.path(), true);
        // Each counts its content and 1,024 bytes.
        let quota_bytes = 2 * (1_024 + 10);
        assert!(vault.keep_file(&file(1, &[1; 10]), quota_bytes).unwrap().is_some());
        assert!(vault.keep_file(&file(1, &[2; 11]), quota_bytes).unwrap().is_none());
        assert!(vault.keep_file(&file(1, &[2; 10]), quota_bytes).unwrap().is_some());
        assert!(vault.keep_file(&file(1, b""), quota_bytes).unwrap().is_none());
        assert!(vault.keep_file(&file(1, &[2; 10]), quota_bytes).unwrap().is_some(), "it is there already");
        assert!(vault.keep_file(&file(2, &[2; 10]), quota_bytes).unwrap().is_some());
    }

    #[test]
    fn numbers_of_files_are_read_strictly() {
        for text in ["", "0", &"0".repeat(31), &"0".repeat(33), &"G".repeat(32), &"A".repeat(32), &"+".repeat(32)] {
            assert_eq!(FileId::parse(text), None, "{text}");
        }
        assert_eq!(FileId::parse(&"0f".repeat(16)), Some(FileId([15; 16])));
    }
}
