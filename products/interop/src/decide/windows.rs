//! Settlement windows: open → draining → agreed → settled.
//!
//! Links keep their order, so a window is a piece of each stream: what the network had applied and sent when it closed the
//! window, and what the participant had sent and applied at the message that told it so. Both add up their own entries; if
//! the sums are the same to the last count, the window is agreed and its net amounts become instructions.

use alloc::format;
use alloc::vec::Vec;

use sycee_contract::link::Receipt;
use sycee_contract::{Caller, Command, Deciding, Stop, cell, encode};
use sycee_money::{Amount, Currency, Money};

use super::arrival::Arrival;
use super::{network_terms, refuse};
use crate::clearing::{Direction, Entry, Tally, send, suspense_account};
use crate::command::{self, CloseWindow, Numbered};
use crate::message::{
    CurrencyTotals, DRAINING, Draining, Instruction, Payer, StreamTotals, WINDOW_ANSWER, WINDOW_TOTALS, WindowAnswer,
    WindowPlace, WindowTotals,
};
use crate::record::Roster;
use crate::refusal::WINDOW_UNKNOWN;
use crate::window::{Currencies, InstructionRow, LastTotals, OpenWindow, OwnWindow, Window, WindowSide, WindowState};

/// Opens the first window when the network's first participant is registered, and the next when one closes.
pub(super) fn open(window: u64, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    let (_, terms) = network_terms(deciding)?;
    let closes_at_ns = deciding.stamp().after_seconds(u64::from(terms.window_seconds));
    let close = Command::new(command::CLOSE_WINDOW, Caller::SYSTEM, &CloseWindow { window: Some(window) });
    let timer = deciding.timer(closes_at_ns, &close);
    let opened_at_ns = deciding.stamp().time_ns;
    deciding.put(OpenWindow::key(), &OpenWindow { window, opened_at_ns, timer });
    Ok(())
}

pub(super) fn close(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let CloseWindow { window: wanted } = cell::body(command)?;
    network_terms(deciding)?;
    let Some(current) = deciding.get::<OpenWindow>(&OpenWindow::key())? else {
        return refuse(WINDOW_UNKNOWN, "no window is open");
    };
    let OpenWindow { window, opened_at_ns, timer } = current;
    if wanted.is_some_and(|wanted| wanted != window) {
        return refuse(WINDOW_UNKNOWN, format!("window {window} is open"));
    }
    deciding.cancel_timer(timer);
    let closed_at_ns = deciding.stamp().time_ns;
    let cells = deciding.get::<Roster>(&Roster::key())?.unwrap_or_default().cells;
    for cell in &cells {
        let totals = own_totals(*cell, deciding)?;
        let places = totals.iter().map(|totals| WindowPlace {
            currency: totals.currency,
            through: totals.from_participant.count,
            sent_through: totals.from_network.count,
        });
        let draining = Draining { window, opened_at_ns, closed_at_ns, places: places.collect() };
        send(deciding, *cell, DRAINING, &draining, false)?;
        let side = WindowSide {
            window,
            cell: *cell,
            state: WindowState::Draining,
            totals,
            totals_before: Vec::new(),
            their_totals: None,
            signature: None,
            instructions: Vec::new(),
        };
        deciding.put(WindowSide::key(window, *cell), &side);
    }
    let open_sides = u32::try_from(cells.len()).unwrap_or(u32::MAX);
    let business_date = deciding.stamp().business_date;
    deciding.put(Window::key(window), &Window { window, opened_at_ns, closed_at_ns, business_date, cells, open_sides });
    open(window.saturating_add(1), deciding)?;
    Ok(encode(&Numbered { id: window }))
}

/// The network's sums with a participant, in all currencies.
fn own_totals(cell: u16, deciding: &mut Deciding<'_>) -> Result<Vec<CurrencyTotals>, Stop> {
    let currencies = deciding.get::<Currencies>(&Currencies::key(cell))?.unwrap_or_default().list;
    let mut totals = Vec::with_capacity(currencies.len());
    for currency in currencies {
        let tally = deciding.get::<Tally>(&Tally::key(cell, currency))?.unwrap_or_default();
        totals.push(CurrencyTotals { currency, from_network: tally.sent, from_participant: tally.received });
    }
    Ok(totals)
}

/// The participant adds up its own entries to the same end.
pub(super) fn draining(arrival: &Arrival, body: Draining, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let network = arrival.peer;
    let mut currencies = deciding.get::<Currencies>(&Currencies::key(network))?.unwrap_or_default().list;
    for place in &body.places {
        if !currencies.contains(&place.currency) {
            currencies.push(place.currency);
        }
    }
    let mut totals = Vec::with_capacity(currencies.len());
    for currency in currencies {
        let place = body.places.iter().find(|place| place.currency == currency);
        let (through, sent_through) = place.map_or((0, 0), |place| (place.through, place.sent_through));
        if through > 0 || sent_through > 0 {
            let from_participant = sums_at(network, currency, Direction::Sent, through, deciding)?;
            let from_network = sums_at(network, currency, Direction::Received, sent_through, deciding)?;
            totals.push(CurrencyTotals { currency, from_network, from_participant });
        }
    }
    let row = OwnWindow {
        window: body.window,
        network,
        opened_at_ns: body.opened_at_ns,
        closed_at_ns: body.closed_at_ns,
        state: WindowState::Draining,
        totals: totals.clone(),
        their_totals: None,
        signature: None,
        instructions: Vec::new(),
    };
    deciding.put(OwnWindow::key(network, body.window), &row);
    send(deciding, network, WINDOW_TOTALS, &WindowTotals { window: body.window, totals }, true)?;
    Ok(Receipt::Applied)
}

/// This cell's sums of a stream at a place. An entry that it has never made shows as sums that differ.
fn sums_at(
    network: u16,
    currency: Currency,
    direction: Direction,
    place: u64,
    deciding: &mut Deciding<'_>,
) -> Result<StreamTotals, Stop> {
    if place == 0 {
        return Ok(StreamTotals::default());
    }
    let entry = deciding.get::<Entry>(&Entry::key(network, currency, direction, place))?;
    Ok(entry.map_or_else(StreamTotals::default, |entry| entry.totals))
}

/// The network compares.
pub(super) fn totals(arrival: &Arrival, body: WindowTotals, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let key = WindowSide::key(body.window, arrival.peer);
    let found = deciding.get::<WindowSide>(&key)?;
    let Some(mut side) = found.filter(|side| side.state == WindowState::Draining) else {
        return Ok(Receipt::Park("no window of this number waits for that cell".into()));
    };
    // What is in suspense is counted by both, and understood by nobody yet: it is not paid.
    let agreed = same(&side.totals, &body.totals) && nothing_in_suspense(arrival.peer, &side.totals, deciding)?;
    side.their_totals = Some(body.totals);
    side.signature.clone_from(&arrival.signature);
    side.state = if agreed { WindowState::Agreed } else { WindowState::Disputed };
    if agreed {
        let last = agree(arrival.peer, side.window, &side.totals, deciding)?;
        let (market, _) = network_terms(deciding)?;
        let due_date = market.settlement_date_of(deciding.stamp()).unwrap_or(deciding.stamp().business_date);
        match last {
            Some(last) => {
                side.instructions = instructions(&side.totals, &last, due_date)?;
                side.totals_before = last;
            }
            // A later window has counted it in: nothing is left of it.
            None => side.totals_before.clone_from(&side.totals),
        }
    }
    let answer = WindowAnswer {
        window: body.window,
        agreed,
        totals: side.totals.clone(),
        instructions: side.instructions.iter().map(|row| row.instruction).collect(),
    };
    if agreed && side.instructions.is_empty() {
        settled_side(&mut side, deciding)?;
    }
    deciding.put(key, &side);
    send(deciding, arrival.peer, WINDOW_ANSWER, &answer, true)?;
    Ok(Receipt::Applied)
}

/// A side has nothing more to be paid.
pub(super) fn settled_side(side: &mut WindowSide, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    side.state = WindowState::Settled;
    if let Some(mut window) = deciding.get::<Window>(&Window::key(side.window))? {
        window.open_sides = window.open_sides.saturating_sub(1);
        deciding.put(Window::key(side.window), &window);
    }
    Ok(())
}

/// Whether both lists say the same of every currency; one in which nothing was cleared may be missing.
fn same(ours: &[CurrencyTotals], theirs: &[CurrencyTotals]) -> bool {
    let says = |list: &[CurrencyTotals], currency| {
        let found = list.iter().find(|totals| totals.currency == currency);
        found.map_or_else(Default::default, |totals| (totals.from_network, totals.from_participant))
    };
    ours.iter().chain(theirs).all(|totals| says(ours, totals.currency) == says(theirs, totals.currency))
}

fn nothing_in_suspense(peer: u16, totals: &[CurrencyTotals], deciding: &mut Deciding<'_>) -> Result<bool, Stop> {
    for totals in totals {
        let account = deciding.account(suspense_account(peer, totals.currency).id())?;
        if account.is_some_and(|account| account.balance_minor() != 0) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Notes that a window is agreed with a peer, and gives back the sums from which it is counted: those of the last agreed one,
/// so that a window that was disputed is paid with the next that is not. `None` if a later one was agreed before: that has
/// counted this one in.
fn agree(
    peer: u16,
    window: u64,
    totals: &[CurrencyTotals],
    deciding: &mut Deciding<'_>,
) -> Result<Option<Vec<CurrencyTotals>>, Stop> {
    let last: LastTotals = deciding.get(&LastTotals::key(peer))?.unwrap_or_default();
    if last.window > window {
        return Ok(None);
    }
    deciding.put(LastTotals::key(peer), &LastTotals { totals: totals.to_vec(), window });
    Ok(Some(last.totals))
}

/// The net amounts between two ends, as who must pay what until when.
fn instructions(
    totals: &[CurrencyTotals],
    totals_before: &[CurrencyTotals],
    due_date: u32,
) -> Result<Vec<InstructionRow>, Stop> {
    let mut rows = Vec::new();
    for totals in totals {
        let before = totals_before.iter().find(|before| before.currency == totals.currency);
        let owed_before = before.map_or(0, owed_to_network_minor);
        let net_minor = owed_to_network_minor(totals).saturating_sub(owed_before);
        if net_minor == 0 {
            continue;
        }
        let payer = if net_minor > 0 { Payer::Participant } else { Payer::Network };
        let amount = Amount::new(u64::try_from(net_minor.unsigned_abs()).unwrap_or(u64::MAX))?;
        let instruction = Instruction { money: Money::new(amount, totals.currency), payer, due_date };
        rows.push(InstructionRow { instruction, bank_reference: None, settled_at_ns: None });
    }
    Ok(rows)
}

/// What payments and refunds have made a participant owe, minor units; settlements are no part of it.
fn owed_to_network_minor(totals: &CurrencyTotals) -> i128 {
    totals.from_network.traded_to_sender_minor().saturating_sub(totals.from_participant.traded_to_sender_minor())
}

/// The participant keeps the network's signed word.
pub(super) fn answered(arrival: &Arrival, body: WindowAnswer, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let key = OwnWindow::key(arrival.peer, body.window);
    let found = deciding.get::<OwnWindow>(&key)?;
    let Some(mut window) = found.filter(|window| window.state == WindowState::Draining) else {
        return Ok(Receipt::Park("no window of this number waits for an answer".into()));
    };
    // The network's word that both agree, and what is to be paid for it, is checked, not believed.
    let agreed = body.agreed
        && same(&window.totals, &body.totals)
        && instructed_rightly(arrival.peer, &window, &body.instructions, deciding)?;
    let rows = body.instructions.into_iter();
    window.instructions =
        rows.map(|instruction| InstructionRow { instruction, bank_reference: None, settled_at_ns: None }).collect();
    window.state = match (agreed, window.instructions.is_empty()) {
        (false, _) => WindowState::Disputed,
        (true, true) => WindowState::Settled,
        (true, false) => WindowState::Agreed,
    };
    window.their_totals = Some(body.totals);
    window.signature.clone_from(&arrival.signature);
    deciding.put(key, &window);
    Ok(Receipt::Applied)
}

/// Whether the network's instructions are what this cell makes of the window, whatever their order and their day; if so, the
/// window is noted as agreed here too.
fn instructed_rightly(
    network: u16,
    window: &OwnWindow,
    instructed: &[Instruction],
    deciding: &mut Deciding<'_>,
) -> Result<bool, Stop> {
    let last: LastTotals = deciding.get(&LastTotals::key(network))?.unwrap_or_default();
    let own = if last.window > window.window { Vec::new() } else { instructions(&window.totals, &last.totals, 0)? };
    let is_own = |instruction: &Instruction| {
        own.iter().any(|row| (row.instruction.money, row.instruction.payer) == (instruction.money, instruction.payer))
    };
    let rightly = own.len() == instructed.len() && instructed.iter().all(is_own);
    if rightly {
        agree(network, window.window, &window.totals, deciding)?;
    }
    Ok(rightly)
}
