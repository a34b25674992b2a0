//! Who takes part in the network: as the network's market pack says, for those cells with which a link is open.

use sycee_contract::link::Link;
use sycee_contract::{Caller, Command, MarketPack};
use sycee_engine::Port;
use sycee_interop::command::{REGISTER_PARTICIPANT, RegisterParticipant};
use sycee_interop::message::DirectoryEntry;
use sycee_interop::record::Participant;

/// Registers what is new or has changed in the pack. One who takes part and is no longer in the pack stays: an operator
/// suspends them by command, because they may still owe.
///
/// # Errors
/// One line.
pub(super) fn register(port: &Port, pack: &MarketPack) -> Result<(), String> {
    let failed = |cell: &str, error: &dyn std::fmt::Display| format!("participant {cell}: {error}");
    for terms in pack.network.iter().flat_map(|network| &network.participants) {
        let link = port.get::<Link>(&Link::key(terms.cell_number)).map_err(|error| failed(&terms.cell, &error))?;
        if link.is_none() {
            continue;
        }
        let before = port.get::<Participant>(&Participant::key(terms.cell_number));
        let before = before.map_err(|error| failed(&terms.cell, &error))?;
        let entry = DirectoryEntry {
            cell: terms.cell_number,
            name: terms.cell.clone(),
            currency: terms.currency,
            code_patterns: terms.code_patterns.clone(),
            active: before.as_ref().is_none_or(|before| before.entry.active),
        };
        let is_known =
            before.is_some_and(|before| before.entry == entry && before.net_debit_cap == terms.net_debit_cap);
        if is_known {
            continue;
        }
        let body = RegisterParticipant { entry, net_debit_cap: terms.net_debit_cap };
        let command = Command::new(REGISTER_PARTICIPANT, Caller::OPERATOR, &body);
        let reply = port.ask_blocking_anywhere(command).map_err(|error| failed(&terms.cell, &error))?;
        reply.outcome.map_err(|refusal| failed(&terms.cell, &refusal.detail))?;
    }
    Ok(())
}
