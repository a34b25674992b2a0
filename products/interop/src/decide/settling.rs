//! Money between banks: windows settled, the network's own exchanges, what participants pay ahead.

use alloc::format;
use alloc::vec::Vec;

use sycee_contract::link::Receipt;
use sycee_contract::{Command, Deciding, Stop, cell};
use sycee_wallet::SAFEGUARDING;

use super::arrival::Arrival;
use super::roster::participant;
use super::windows::settled_side;
use super::{bad_field, check_reference, network_terms, refuse};
use crate::account::{FX_RESULT, NOSTRO, OWN_FUNDS, PREFUNDED, PREFUNDING, of_peer, own, position};
use crate::clearing::{Owing, send, send_owing};
use crate::command::{ConfirmSettlement, Exchange, Prefund};
use crate::message::{OwedTo, PREFUNDED as PREFUNDED_KIND, Payer, Prefunded, SETTLED, Settled};
use crate::purpose;
use crate::refusal::NOTHING_DUE;
use crate::window::{Exchanged, OwnWindow, WindowSide, WindowState};

/// The network's bank says that a window's net amount was paid.
pub(super) fn confirm(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let ConfirmSettlement { window, cell, currency, bank_reference } = cell::body(command)?;
    network_terms(deciding)?;
    check_reference("bank_reference", &bank_reference)?;
    let key = WindowSide::key(window, cell);
    let found = deciding.get::<WindowSide>(&key)?;
    let Some(mut side) = found.filter(|side| side.state >= WindowState::Agreed && side.state != WindowState::Disputed)
    else {
        return refuse(NOTHING_DUE, format!("window {window}, cell {cell}: not agreed"));
    };
    let now = deciding.stamp().time_ns;
    let row = side.instructions.iter_mut().find(|row| row.instruction.money.currency == currency);
    let Some(row) = row else {
        return refuse(NOTHING_DUE, format!("window {window}, cell {cell}: nothing in {currency}"));
    };
    match &row.bank_reference {
        Some(before) if *before == bank_reference => return Ok(Vec::new()),
        Some(before) => return refuse(NOTHING_DUE, format!("settled before, by {before}")),
        None => {}
    }
    row.bank_reference = Some(bank_reference.clone());
    row.settled_at_ns = Some(now);
    let instruction = row.instruction;
    if side.instructions.iter().all(|row| row.settled_at_ns.is_some()) {
        settled_side(&mut side, deciding)?;
    }
    deciding.put(key, &side);
    let nostro = own(&NOSTRO, currency);
    let owed_to = owed_by_paying(instruction.payer);
    let owing = Owing { money: instruction.money, owed_to, settles: true, payment: None, counter: Some(nostro) };
    let body = Settled { window, instruction, bank_reference };
    send_owing(deciding, cell, SETTLED, &body, true, owing)?;
    Ok(Vec::new())
}

/// Who owes more because of a settlement, seen from the network's message: who was paid owes what it was paid.
const fn owed_by_paying(payer: Payer) -> OwedTo {
    match payer {
        Payer::Participant => OwedTo::Receiver,
        Payer::Network => OwedTo::Sender,
    }
}

/// The participant's bank account was debited or credited with it.
pub(super) fn settled(arrival: &Arrival, body: Settled, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let key = OwnWindow::key(arrival.peer, body.window);
    let found = deciding.get::<OwnWindow>(&key)?;
    let Some(mut window) = found.filter(|window| window.state == WindowState::Agreed) else {
        return Ok(Receipt::Park("no window of this number is agreed".into()));
    };
    arrival.check_settles(body.instruction.money, owed_by_paying(body.instruction.payer))?;
    let row = window.instructions.iter_mut().find(|row| row.instruction == body.instruction);
    let Some(row) = row.filter(|row| row.settled_at_ns.is_none()) else {
        return Ok(Receipt::Park("no such instruction is open".into()));
    };
    row.bank_reference = Some(body.bank_reference);
    row.settled_at_ns = Some(deciding.stamp().time_ns);
    if window.instructions.iter().all(|row| row.settled_at_ns.is_some()) {
        window.state = WindowState::Settled;
    }
    deciding.put(key, &window);
    arrival.book(Some(own(&SAFEGUARDING, body.instruction.money.currency)), deciding)?;
    Ok(Receipt::Applied)
}

/// The network gives one currency and gets another. The position between the two is squared as far as the exchange goes, at
/// what it was booked at; what the bank's rate differs by is the network's result.
pub(super) fn exchange(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    cell::require_id(command)?;
    let Exchange { given, got, bank_reference } = cell::body(command)?;
    network_terms(deciding)?;
    check_reference("bank_reference", &bank_reference)?;
    if given.amount.is_zero() || got.amount.is_zero() || given.currency == got.currency {
        return bad_field("given");
    }
    // What is given leaves the position that payments have built up in that currency; what is got fills the other.
    let (long, short) = (position(given.currency, got.currency), position(got.currency, given.currency));
    deciding.transfer(long, own(&NOSTRO, given.currency), given.amount, purpose::EXCHANGE)?;
    deciding.transfer(own(&NOSTRO, got.currency), short, got.amount, purpose::EXCHANGE)?;
    let (of_given, of_got) =
        (Exchanged::key(given.currency, got.currency), Exchanged::key(got.currency, given.currency));
    let mut gave: Exchanged = deciding.get(&of_given)?.unwrap_or_default();
    let mut took: Exchanged = deciding.get(&of_got)?.unwrap_or_default();
    gave.given_minor = gave.given_minor.saturating_add(given.amount.minor());
    took.got_minor = took.got_minor.saturating_add(got.amount.minor());
    // Nothing is left to be exchanged of the got currency: what remains of the given one is the result.
    let short_minor = deciding.account(short.id())?.map_or(0, |account| account.balance_minor());
    let long_minor = deciding.account(long.id())?.map_or(0, |account| account.balance_minor());
    if short_minor == 0 && long_minor != 0 {
        let amount = sycee_money::Amount::new(u64::try_from(long_minor.unsigned_abs()).unwrap_or(u64::MAX))?;
        let result = own(&FX_RESULT, given.currency);
        if long_minor > 0 {
            deciding.transfer(long, result, amount, purpose::EXCHANGE)?;
        } else {
            deciding.transfer(result, long, amount, purpose::EXCHANGE)?;
        }
        gave.result_minor = gave.result_minor.saturating_add(i64::try_from(long_minor).unwrap_or(i64::MAX));
    }
    deciding.put(of_given, &gave);
    deciding.put(of_got, &took);
    Ok(Vec::new())
}

/// A participant has paid ahead.
pub(super) fn prefund(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    cell::require_id(command)?;
    let Prefund { cell, money, bank_reference } = cell::body(command)?;
    network_terms(deciding)?;
    check_reference("bank_reference", &bank_reference)?;
    if participant(deciding, cell)?.entry.currency != money.currency || money.amount.is_zero() {
        return bad_field("money");
    }
    let prefunding = of_peer(&PREFUNDING, money.currency, cell);
    deciding.transfer(own(&NOSTRO, money.currency), prefunding, money.amount, purpose::PREFUNDING)?;
    send(deciding, cell, PREFUNDED_KIND, &Prefunded { money, bank_reference }, true)?;
    Ok(Vec::new())
}

/// The participant has paid it out of its own money, not out of its customers'.
pub(super) fn prefunded(arrival: &Arrival, body: Prefunded, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let currency = body.money.currency;
    let paid = of_peer(&PREFUNDED, currency, arrival.peer);
    deciding.transfer(paid, own(&OWN_FUNDS, currency), body.money.amount, purpose::PREFUNDING)?;
    Ok(Receipt::Applied)
}
