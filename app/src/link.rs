//! `sycee link key`: what the operators of two cells tell each other before they link them.

use std::path::Path;

use sycee_engine::links::LinkKey;
use sycee_engine::vault::Vault;

use crate::host::CellFolders;
use crate::server::key_text;
use crate::tools::{FolderCopy, is_running};

/// The public key of a cell, as its peers' configuration has it. The vault is read from a copy, because opening a store may
/// write, and a sealed directory stays as it is.
///
/// # Errors
/// One line: the server runs, or the vault cannot be read or has no key yet.
pub fn public_key(data: &Path, cell: &str) -> Result<String, String> {
    let folders = CellFolders::of(data, cell);
    if cell.is_empty() || cell.contains(['/', '\\', '.']) || !folders.vault.is_dir() {
        return Err(format!("{} holds no cell {cell:?}", data.display()));
    }
    if is_running(data) {
        return Err("a server has the directory open; its log says the key at its start".into());
    }
    let copy = FolderCopy::of(&folders.vault).map_err(|error| format!("the vault cannot be copied: {error}"))?;
    let failed = |error: sycee_engine::vault::VaultError| format!("cell {cell}: {error}");
    let vault = Vault::open(copy.path(), &folders.key, false).map_err(failed)?;
    let key = LinkKey::find(&vault).map_err(failed)?;
    drop(vault);
    let key = key.ok_or_else(|| format!("cell {cell} has no link key yet; start its server once"))?;
    Ok(key_text(&key.public()))
}
