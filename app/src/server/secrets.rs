//! Secrets that all cells of a server share.

use std::sync::Arc;

use sycee_contract::MarketPack;
use sycee_engine::vault::Vault;

/// The secret of this name: the one that some vault has, or else what `make` gives. It is kept in every vault, so that adding or
/// removing a cell does not change it.
///
/// # Errors
/// One line: among others, that two vaults have different ones.
pub(super) fn shared(
    name: &str,
    packs: &[MarketPack],
    vaults: &[Arc<Vault>],
    make: impl FnOnce() -> Result<Vec<u8>, String>,
) -> Result<Vec<u8>, String> {
    let failed = |error: &dyn std::fmt::Display| format!("{name}: {error}");
    let mut by_number: Vec<(u16, &Arc<Vault>)> = packs.iter().map(|pack| pack.cell_number).zip(vaults).collect();
    by_number.sort_by_key(|(number, _)| *number);
    let mut found: Option<Vec<u8>> = None;
    for (_, vault) in &by_number {
        match (vault.secret(name).map_err(|error| failed(&error))?, &found) {
            (Some(secret), Some(before)) if secret != *before => {
                return Err(format!("{name}: two cells have different ones; run them in separate servers"));
            }
            (Some(secret), None) => found = Some(secret),
            _ => {}
        }
    }
    let secret = match found {
        Some(secret) => secret,
        None => make()?,
    };
    for (_, vault) in &by_number {
        if vault.secret(name).map_err(|error| failed(&error))?.is_none() {
            vault.put_secret(name, &secret).map_err(|error| failed(&error))?;
        }
    }
    Ok(secret)
}
