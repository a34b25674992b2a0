//! Who takes part, and rates.

use alloc::format;
use alloc::vec::Vec;

use sycee_contract::link::Receipt;
use sycee_contract::{Command, Deciding, MarketPack, MarketRole, Stop, cell};
use sycee_money::{Currency, Rate};

use super::arrival::Arrival;
use super::{check_reference, network_terms, refuse, windows};
use crate::clearing::send;
use crate::command::{RegisterParticipant, SetRates};
use crate::message::{DIRECTORY, Directory};
use crate::record::{KnownCell, Participant, RateRow, Roster};
use crate::refusal::{BAD_RATES, CELL_SUSPENDED, CELL_UNKNOWN, RATE_STALE, RATE_UNKNOWN};

/// How far a rate may be ahead of the cell's clock, nanoseconds.
const RATE_AHEAD_NS: u64 = 5_000_000_000;
/// The most rates that one command sets.
const RATES_MAX: usize = 4_096;
/// The most patterns that a participant's codes have, and the longest one, bytes.
const PATTERNS_MAX: usize = 64;
const PATTERN_MAX_BYTES: usize = 128;

pub(super) fn register(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let RegisterParticipant { entry, net_debit_cap } = cell::body(command)?;
    network_terms(deciding)?;
    check_reference("name", &entry.name)?;
    let patterns = &entry.code_patterns;
    if patterns.len() > PATTERNS_MAX || patterns.iter().any(|pattern| pattern.len() > PATTERN_MAX_BYTES) {
        return super::bad_field("code_patterns");
    }
    if deciding.link(entry.cell)?.is_none() {
        return refuse(cell::LINK_NOT_OPEN, format!("no link to cell {} is open", entry.cell));
    }
    let mut roster: Roster = deciding.get(&Roster::key())?.unwrap_or_default();
    if !roster.cells.contains(&entry.cell) {
        if roster.cells.is_empty() {
            windows::open(1, deciding)?;
        }
        roster.cells.push(entry.cell);
        deciding.put(Roster::key(), &roster);
    }
    let before = deciding.get::<Participant>(&Participant::key(entry.cell))?;
    if before.as_ref().is_some_and(|before| before.entry.currency != entry.currency) {
        return super::bad_field("currency");
    }
    let registered_at_ns = before.map_or(deciding.stamp().time_ns, |before| before.registered_at_ns);
    let cell = entry.cell;
    deciding.put(Participant::key(cell), &Participant { entry, net_debit_cap, registered_at_ns });
    let mut entries = Vec::with_capacity(roster.cells.len());
    for cell in &roster.cells {
        entries.push(participant(deciding, *cell)?.entry);
    }
    let directory = Directory { entries, at_ns: Some(deciding.stamp().time_ns) };
    for cell in &roster.cells {
        send(deciding, *cell, DIRECTORY, &directory, false)?;
    }
    Ok(Vec::new())
}

/// Only the network of a link says who takes part.
pub(super) fn directory(arrival: &Arrival, body: Directory, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    if deciding.market()?.roles.contains(&MarketRole::Network) {
        return Ok(Receipt::Park("a network is told by nobody who takes part".into()));
    }
    for entry in body.entries {
        let key = KnownCell::key(entry.cell);
        let before = deciding.get::<KnownCell>(&key)?;
        if before.is_none_or(|before| before.network != arrival.peer || before.at_ns <= body.at_ns) {
            deciding.put(key, &KnownCell { entry, network: arrival.peer, at_ns: body.at_ns });
        }
    }
    Ok(Receipt::Applied)
}

/// The participant of this number.
pub(super) fn participant(deciding: &mut Deciding<'_>, cell: u16) -> Result<Participant, Stop> {
    match deciding.get(&Participant::key(cell))? {
        Some(participant) => Ok(participant),
        None => refuse(CELL_UNKNOWN, format!("cell {cell}")),
    }
}

/// The same, if it may pay and be paid now.
pub(super) fn active(deciding: &mut Deciding<'_>, cell: u16) -> Result<Participant, Stop> {
    let participant = participant(deciding, cell)?;
    if participant.entry.active { Ok(participant) } else { refuse(CELL_SUSPENDED, format!("cell {cell}")) }
}

pub(super) fn set_rates(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let SetRates { source, at_ns, rates } = cell::body(command)?;
    network_terms(deciding)?;
    check_reference("source", &source)?;
    if at_ns > deciding.stamp().time_ns.saturating_add(RATE_AHEAD_NS) {
        return refuse(BAD_RATES, "the rates are of the future");
    }
    if rates.len() > RATES_MAX {
        return refuse(BAD_RATES, format!("{} rates, at most {RATES_MAX} at a time", rates.len()));
    }
    let keys: Vec<_> = rates.iter().map(|pair| RateRow::key(pair.base, pair.counter)).collect();
    deciding.want(&keys);
    deciding.ready()?;
    for (pair, key) in rates.iter().zip(keys) {
        if pair.base == pair.counter {
            return refuse(BAD_RATES, format!("{} against itself", pair.base));
        }
        let before = deciding.get::<RateRow>(&key)?;
        if before.is_none_or(|before| before.at_ns <= at_ns) {
            deciding.put(key, &RateRow { rate: pair.rate, source: source.clone(), at_ns });
        }
    }
    Ok(Vec::new())
}

/// How many of `counter` one `base` buys, as of the last word of a source; whatever its age.
pub(super) fn last_rate(deciding: &mut Deciding<'_>, base: Currency, counter: Currency) -> Result<RateRow, Stop> {
    if base == counter {
        let at_ns = deciding.stamp().time_ns;
        return Ok(RateRow { rate: Rate::ONE, source: "same currency".into(), at_ns });
    }
    match deciding.get(&RateRow::key(base, counter))? {
        Some(row) => Ok(row),
        None => refuse(RATE_UNKNOWN, format!("{base} in {counter}")),
    }
}

/// The same, unless it is too old to give anybody.
pub(super) fn fresh_rate(
    deciding: &mut Deciding<'_>,
    market: &MarketPack,
    base: Currency,
    counter: Currency,
) -> Result<RateRow, Stop> {
    let row = last_rate(deciding, base, counter)?;
    let max_age_seconds = market.network.as_ref().map_or(0, |terms| terms.rate_max_age_seconds);
    let age_seconds = deciding.stamp().time_ns.saturating_sub(row.at_ns).checked_div(1_000_000_000).unwrap_or(0);
    if age_seconds > u64::from(max_age_seconds) {
        let detail = format!("{base} in {counter} of {} is {age_seconds} s old, at most {max_age_seconds}", row.source);
        return refuse(RATE_STALE, detail);
    }
    Ok(row)
}
