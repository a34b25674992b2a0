//! The data directory: one folder a cell, a lock, a seal.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sycee_contract::Products;
use sycee_engine::clock::Clock;
use sycee_engine::disk::{Disk, FileDisk, create_durably};
use sycee_engine::store::{FjallStore, StoreError, TableStore};
use sycee_engine::vault::Vault;
use sycee_engine::{CellConfig, OpenCell, OpenError, open, seal};

/// The file that says in which mode a data directory was made.
const MODE_FILE: &str = "MODE";

/// The lock that keeps a second server out of a data directory. It is given back when this is dropped.
pub struct DataLock(File);

impl DataLock {
    /// Locks a data directory, makes it if it is not there, and breaks its seal. Money of a sandbox is not money: a directory
    /// stays what it was made as.
    ///
    /// # Errors
    /// One line: what the system says, that another server has it, or that it was made in the other mode.
    pub fn take(data: &Path, sandbox: bool) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("data directory {}: {error}", data.display());
        create_durably(data).map_err(failed)?;
        let file = File::options().create(true).truncate(false).write(true).open(data.join("LOCK")).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(format!("data directory {} is in use by another server", data.display()));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let mode = if sandbox { "sandbox\n" } else { "production\n" };
        match std::fs::read_to_string(data.join(MODE_FILE)) {
            Ok(made) if made == mode => {}
            Ok(made) => {
                let (data, made, mode) = (data.display(), made.trim(), mode.trim());
                return Err(format!(
                    "data directory {data} was made in {made} mode and cannot be opened in {mode} mode"
                ));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                FileDisk::existing(data).replace(MODE_FILE, mode.as_bytes()).map_err(failed)?;
            }
            Err(error) => return Err(failed(error)),
        }
        seal::break_seal(data).map_err(failed)?;
        Ok(Self(file))
    }

    /// Seals the directory, which nobody has open any more, and gives the lock back.
    ///
    /// # Errors
    /// What the system says.
    pub fn seal(self, data: &Path) -> std::io::Result<()> {
        seal::seal(data)?;
        self.0.unlock()
    }
}

/// Where the parts of a cell are.
pub struct CellFolders {
    /// The journal, with its checkpoint.
    pub journal: PathBuf,
    /// The tables.
    pub tables: PathBuf,
    /// The vault.
    pub vault: PathBuf,
    /// The cell's key.
    pub key: PathBuf,
}

impl CellFolders {
    /// Those of a cell in a data directory.
    #[must_use]
    pub fn of(data: &Path, cell: &str) -> Self {
        let folder = data.join(cell);
        Self {
            journal: folder.join("journal"),
            tables: folder.join("tables"),
            vault: folder.join("vault"),
            key: folder.join("keys").join("cell.key"),
        }
    }
}

/// Removes a folder of tables, so that a kill in the middle leaves none rather than half of one.
fn empty(tables: &Path) -> std::io::Result<()> {
    let old = tables.with_extension("old");
    if old.exists() {
        std::fs::remove_dir_all(&old)?;
    }
    if tables.exists() {
        std::fs::rename(tables, &old)?;
        std::fs::remove_dir_all(&old)?;
    }
    Ok(())
}

/// Opens a cell on the file system with tables on fjall.
///
/// # Errors
/// [`OpenError`].
pub fn open_cell(
    folders: &CellFolders,
    cell: u16,
    time_zone: &str,
    products: Arc<Products>,
    clock: Arc<dyn Clock>,
    segment_bytes: u64,
) -> Result<(OpenCell, Vault), OpenError> {
    let disk = Arc::new(FileDisk::open(&folders.journal)?);
    let config = CellConfig { cell, time_zone: time_zone.to_owned(), products, clock, disk, segment_bytes };
    let tables = |empty_first: bool| -> Result<Arc<dyn TableStore>, StoreError> {
        if empty_first {
            empty(&folders.tables).map_err(|error| StoreError::new(error.to_string()))?;
        }
        Ok(Arc::new(FjallStore::open(&folders.tables)?))
    };
    let opened = open(config, &tables)?;
    let is_new = opened.recovery.operation == 0;
    let vault =
        Vault::open(&folders.vault, &folders.key, is_new).map_err(|error| OpenError::Other(error.to_string()))?;
    Ok((opened, vault))
}
