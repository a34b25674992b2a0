//! The banks at which operators have their accounts.

use std::sync::Arc;

use sycee_bank::simulated::operators_account;
use sycee_bank::{Bank, Payouts, SimulatedBank};
use sycee_contract::{MarketPack, MarketRole};
use sycee_engine::World;

use crate::config::Settings;

/// The folder below the data directory in which each cell has its bank's files.
const FOLDER: &str = "bank";

/// Who pays merchants out. In a sandbox each acquirer has a simulated bank; in production there is none yet: payouts are requested,
/// and wait without having been sent.
pub(super) fn payouts(
    packs: &[MarketPack],
    world: &Arc<World>,
    settings: &Settings,
) -> Result<Option<Arc<Payouts>>, String> {
    if !settings.sandbox {
        return Ok(None);
    }
    let mut banks: Vec<(u16, Arc<dyn Bank>)> = Vec::new();
    for pack in packs.iter().filter(|pack| pack.roles.contains(&MarketRole::Acquirer)) {
        let folder = settings.data.join(FOLDER).join(&pack.cell);
        let bank = SimulatedBank::open(&folder, &pack.time_zone)
            .map_err(|error| format!("the bank of cell {} in {}: {error}", pack.cell, folder.display()))?;
        banks.push((pack.cell_number, Arc::new(bank)));
    }
    Ok(Some(Arc::new(Payouts::new(Arc::clone(world), banks, &operators_account()))))
}
