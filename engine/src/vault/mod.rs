//! The vault: people's data and sealed secrets, outside the journal (law 9).
//!
//! Rules and the journal see a [`Handle`] (16 random bytes) and keyed digests. A person's data is encrypted with a key of
//! its own, which is wrapped by the cell's key: erasing the wrapped key erases the person. Secrets of the cell (a gateway's
//! private key) are sealed by the cell's key.

mod api_key;
mod attempts;
mod bank_account;
mod consent;
mod crypto;
mod files;
mod note;
mod passkey;
mod person;
mod token;
mod webhook;

use std::fmt;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use crate::disk::create_durably;
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};

pub use api_key::{ApiKey, KeyAlgorithm};
pub use attempts::{Applicant, PIN_MAX_BYTES, Verdict, judge};
pub use bank_account::{AccountNumber, BankAccount};
pub use consent::{Consent, Scope};
pub use crypto::{CellKey, Sealed};
pub use files::{FileId, KeptFile};
pub use passkey::KeptPasskey;
pub use person::{Handle, Person};
pub use token::{Grant, LABEL_MAX_CHARACTERS, NewToken, Token, TokenKind};
pub use webhook::WebhookEndpoint;

/// Why the vault does not answer.
#[derive(Debug)]
pub enum VaultError {
    /// The store below.
    Store(String),
    /// The key file.
    Key(String),
    /// Stored bytes do not open under the cell's key: damaged, or of another cell.
    DoesNotOpen,
    /// The system has no randomness to give.
    NoRandomness,
}

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => write!(f, "vault store: {error}"),
            Self::Key(error) => write!(f, "cell key: {error}"),
            Self::DoesNotOpen => f.write_str("vault: an entry does not open under the cell's key"),
            Self::NoRandomness => f.write_str("vault: the system gives no randomness"),
        }
    }
}

impl std::error::Error for VaultError {}

impl From<fjall::Error> for VaultError {
    fn from(error: fjall::Error) -> Self {
        Self::Store(error.to_string())
    }
}

/// The vault of a cell.
pub struct Vault {
    key: CellKey,
    database: Database,
    entries: Keyspace,
    /// The secret [`CODE_KEY`], read once: codes are digested for every payment.
    code_key: RwLock<Option<[u8; 32]>>,
    /// Rises with each revocation of an API key: whoever keeps parsed keys looks here before using one.
    api_key_generation: AtomicU64,
    /// Held by whoever reads an entry in order to write what follows from it.
    changing: Mutex<()>,
    /// Held while a file is kept.
    keeping_files: Mutex<()>,
}

/// The name of the secret with which the cells of one network digest payment codes: 32 random bytes that all of them share.
pub const CODE_KEY: &str = "code-key";

impl Vault {
    /// Opens the vault in `folder`, with the cell's key in the file `key_file`. `is_new` says that the cell has no operation yet:
    /// then what is not there is made, and a vault that was half made when the process was killed is made again. Otherwise
    /// both must be there: the vault is no cache, and nothing else has what is in it.
    ///
    /// # Errors
    /// [`VaultError`]: among others, that the vault or its key is gone.
    pub fn open(folder: &Path, key_file: &Path, is_new: bool) -> Result<Self, VaultError> {
        if !is_new && !folder.is_dir() {
            let folder = folder.display();
            return Err(VaultError::Store(format!(
                "{folder} is gone although the cell has operations; restore it from a copy"
            )));
        }
        let key = match std::fs::read(key_file) {
            Ok(bytes) => CellKey::parse(&bytes)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && is_new => Self::make_key(key_file)?,
            Err(error) => return Err(VaultError::Key(format!("{}: {error}", key_file.display()))),
        };
        let (database, entries) = match Self::open_entries(folder) {
            Err(error) if is_new && !matches!(error, fjall::Error::Locked) => {
                let failed = |error: std::io::Error| VaultError::Store(error.to_string());
                std::fs::remove_dir_all(folder).map_err(failed)?;
                Self::open_entries(folder)?
            }
            opened => opened?,
        };
        let (code_key, api_key_generation) = (RwLock::default(), AtomicU64::new(0));
        let (changing, keeping_files) = (Mutex::default(), Mutex::default());
        let vault = Self { key, database, entries, code_key, api_key_generation, changing, keeping_files };
        vault.keep_code_key(vault.secret(CODE_KEY)?.as_deref())?;
        Ok(vault)
    }

    fn keep_code_key(&self, secret: Option<&[u8]>) -> Result<(), VaultError> {
        let bad = |_| VaultError::Key("the code key is not 32 bytes".into());
        let code_key = secret.map(<[u8; 32]>::try_from).transpose().map_err(bad)?;
        *self.code_key.write().unwrap_or_else(PoisonError::into_inner) = code_key;
        Ok(())
    }

    fn open_entries(folder: &Path) -> Result<(Database, Keyspace), fjall::Error> {
        let database = Database::builder(folder).cache_size(8 << 20).worker_threads(1).open()?;
        let entries = database.keyspace("entries", || KeyspaceCreateOptions::default().max_memtable_size(8 << 20))?;
        Ok((database, entries))
    }

    fn make_key(file: &Path) -> Result<CellKey, VaultError> {
        let failed = |error: std::io::Error| VaultError::Key(format!("{}: {error}", file.display()));
        let key = CellKey::generate()?;
        let folder = file.parent().ok_or_else(|| VaultError::Key(format!("{} is no file", file.display())))?;
        create_durably(folder).map_err(failed)?;
        // Under another name first: a key file is whole or not there.
        let new = file.with_extension("new");
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut opened = options.open(&new).map_err(failed)?;
        opened.write_all(key.to_text().as_bytes()).and_then(|()| opened.sync_all()).map_err(failed)?;
        std::fs::rename(&new, file).and_then(|()| std::fs::File::open(folder)?.sync_all()).map_err(failed)?;
        Ok(key)
    }

    /// Keeps a person's data; the handle may be used in commands when this returns.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn put_person(&self, person: &Person) -> Result<Handle, VaultError> {
        let handle = Handle::random()?;
        self.put_person_as(handle, person)?;
        Ok(handle)
    }

    /// The same under a handle that the caller has made, from a keyed digest of a request: a repeat of the request finds
    /// the same handle. What was kept under it before is written over.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn put_person_as(&self, handle: Handle, person: &Person) -> Result<(), VaultError> {
        let person_key = CellKey::generate()?;
        let wrapped = self.key.seal(&handle.name("person-key"), person_key.as_bytes())?;
        let sealed = person_key.seal(&handle.name("person"), &person.encode())?;
        let mut batch = self.database.batch();
        batch.insert(&self.entries, handle.name("person-key"), wrapped.0);
        batch.insert(&self.entries, handle.name("person"), sealed.0);
        batch.commit()?;
        self.database.persist(PersistMode::SyncAll)?;
        Ok(())
    }

    /// A person's data; `None` if it was erased or never there.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn person(&self, handle: Handle) -> Result<Option<Person>, VaultError> {
        let Some(wrapped) = self.entries.get(handle.name("person-key"))? else { return Ok(None) };
        let Some(sealed) = self.entries.get(handle.name("person"))? else { return Ok(None) };
        let person_key = self.key.open(&handle.name("person-key"), &wrapped)?;
        let person_key = CellKey::from_bytes(&person_key).ok_or(VaultError::DoesNotOpen)?;
        let bytes = person_key.open(&handle.name("person"), &sealed)?;
        Person::decode(&bytes).map(Some).ok_or(VaultError::DoesNotOpen)
    }

    /// Erases a person: first the key, so that what remains of the data on the disk until the store compacts it cannot be
    /// opened by anyone who has not kept a copy of both.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn erase_person(&self, handle: Handle) -> Result<(), VaultError> {
        self.entries.remove(handle.name("person-key"))?;
        self.entries.remove(handle.name("person"))?;
        self.database.persist(PersistMode::SyncAll)?;
        self.entries.major_compact()?;
        Ok(())
    }

    /// Seals a secret of the cell under a name.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn put_secret(&self, name: &str, secret: &[u8]) -> Result<(), VaultError> {
        if name == CODE_KEY {
            self.keep_code_key(Some(secret))?;
        }
        let name = format!("secret/{name}");
        self.entries.insert(name.as_bytes(), self.key.seal(&name, secret)?.0)?;
        Ok(self.database.persist(PersistMode::SyncAll)?)
    }

    /// A secret of the cell.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn secret(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError> {
        let name = format!("secret/{name}");
        self.entries.get(&name)?.map(|sealed| self.key.open(&name, &sealed)).transpose()
    }

    fn changing(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keyed digest by which rules find something they may not see, such as a phone number or a payment code
    /// (HMAC-SHA256 under a key derived for `purpose`).
    #[must_use]
    pub fn digest(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        self.key.digest(purpose, bytes)
    }

    /// The keyed digest of a payment code: HMAC-SHA256 under the network's [`CODE_KEY`], so that each of its cells finds a code
    /// of any other; in a cell without one, as [`Vault::digest`] under the cell's own key.
    #[must_use]
    pub fn code_digest(&self, digits: &str) -> [u8; 32] {
        match &*self.code_key.read().unwrap_or_else(PoisonError::into_inner) {
            Some(key) => crypto::hmac_sha256(key, digits.as_bytes()),
            None => self.digest("pay-code", digits.as_bytes()),
        }
    }
}

/// Fills an array with randomness of the system.
///
/// # Errors
/// [`VaultError::NoRandomness`].
pub fn random<const N: usize>() -> Result<[u8; N], VaultError> {
    crypto::random()
}
