//! The rules, by what they are about. This file sends each command and each message to its rule.

mod arrival;
mod collecting;
mod delivering;
mod enquiring;
mod forwarding;
mod paying;
mod refunding;
mod roster;
mod settling;
mod trouble;
mod windows;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use minicbor::Decode;
use sycee_contract::link::{Incoming, Receipt};
use sycee_contract::{
    Command, Deciding, MarketPack, MarketRole, NetworkTerms, Refusal, RefusalCode, Stop, cell, decode,
};

use crate::kinds;
use crate::message::{self, Envelope};
use crate::record::Roster;
use crate::refusal::NOT_A_NETWORK;
use crate::{Interop, command};
use arrival::Arrival;

pub(crate) fn decide(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    match command.code {
        command::REGISTER_PARTICIPANT => roster::register(command, deciding),
        command::SET_RATES => roster::set_rates(command, deciding),
        command::ENQUIRE => enquiring::enquire(command, deciding),
        command::PAY_ABROAD => paying::pay(command, deciding),
        command::DROP_ENQUIRY => enquiring::drop_enquiry(command, deciding),
        command::DROP_QUOTE => enquiring::drop_quote(command, deciding),
        command::COLLECT => collecting::collect(command, deciding),
        command::DROP_COLLECTION => collecting::drop_collection(command, deciding),
        command::PASS_REFUND => refunding::pass(command, deciding),
        command::SEND_MONEY => paying::send_money(command, deciding),
        command::ASK_ABOUT => trouble::ask(command, deciding),
        command::RELEASE_PAYMENT => trouble::release(command, deciding),
        command::CLOSE_WINDOW => windows::close(command, deciding),
        command::CONFIRM_SETTLEMENT => settling::confirm(command, deciding),
        command::EXCHANGE => settling::exchange(command, deciding),
        command::PREFUND => settling::prefund(command, deciding),
        _ => Err(Refusal::new(cell::UNKNOWN_COMMAND, "interop has no such command").into()),
    }
}

/// A message that has arrived for the first time, or (`again`) one that was parked.
pub(crate) fn receive(
    interop: &Interop,
    incoming: &Incoming,
    again: bool,
    deciding: &mut Deciding<'_>,
) -> Result<Receipt, Stop> {
    let Ok(Envelope { clearing, body }) = decode::<Envelope>(&incoming.message.body, "envelope") else {
        return Ok(Receipt::Park(String::from("its envelope does not decode")));
    };
    let arrival = Arrival {
        peer: incoming.peer,
        kind: incoming.message.kind,
        clearing,
        signature: incoming.signature.clone(),
        again,
    };
    let is_network = deciding.get::<Roster>(&Roster::key())?.is_some();
    let known = kinds::find(incoming.message.kind).filter(|_| interop.understands(incoming.message.kind));
    let receipt = match known {
        None => Ok(Receipt::Park(format!("messages of kind {} are not known here", incoming.message.kind))),
        Some(kind) => match kind.objection(is_network, incoming.message.evidence, arrival.clearing.is_some()) {
            Some(objection) => Ok(Receipt::Park(String::from(objection))),
            None => deciding.attempt(|deciding| apply(&arrival, &body, deciding))?,
        },
    };
    let reason = match receipt {
        Ok(Receipt::Applied) => return Ok(Receipt::Applied),
        Ok(Receipt::Park(reason)) => reason,
        Err(refusal) => format!("refusal {}: {}", refusal.code, refusal.detail),
    };
    if !again {
        arrival.book_in_suspense(deciding)?;
    }
    Ok(Receipt::Park(reason))
}

/// A message that is parked without having been looked at: what it says is owed is booked.
pub(crate) fn park(incoming: &Incoming, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    let Ok(Envelope { clearing, .. }) = decode::<Envelope>(&incoming.message.body, "envelope") else { return Ok(()) };
    let (peer, kind) = (incoming.peer, incoming.message.kind);
    Arrival { peer, kind, clearing, signature: None, again: false }.book_in_suspense(deciding)
}

fn apply(arrival: &Arrival, body: &[u8], deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    match arrival.kind {
        message::ENQUIRE => enquiring::asked(arrival, read(body)?, deciding),
        message::ASK_PRICE => enquiring::price(arrival, read(body)?, deciding),
        message::PRICED => enquiring::priced(arrival, read(body)?, deciding),
        message::QUOTED => enquiring::quoted(arrival, read(body)?, deciding),
        message::PAY => forwarding::pay(arrival, read(body)?, deciding),
        message::SEND_MONEY => forwarding::send_money(arrival, read(body)?, deciding),
        message::DELIVER => delivering::deliver(arrival, read(body)?, deciding),
        message::DELIVERED => forwarding::delivered(arrival, read(body)?, deciding),
        message::NOT_DELIVERED => forwarding::not_delivered(arrival, read(body)?, deciding),
        message::ACCEPTED => paying::accepted(arrival, read(body)?, deciding),
        message::REFUSED => paying::refused(arrival, read(body)?, deciding),
        message::REFUND => refunding::refund(arrival, read(body)?, deciding),
        message::RETURN => refunding::returned(arrival, read(body)?, deciding),
        message::COLLECT => collecting::collecting(arrival, read(body)?, deciding),
        message::PRESENT => collecting::presented(arrival, read(body)?, deciding),
        message::COLLECT_REFUSED => collecting::refused(arrival, read(body)?, deciding),
        message::INQUIRE => trouble::inquired(arrival, read(body)?, deciding),
        message::STANDING => trouble::standing(arrival, read(body)?, deciding),
        message::DIRECTORY => roster::directory(arrival, read(body)?, deciding),
        message::DRAINING => windows::draining(arrival, read(body)?, deciding),
        message::WINDOW_TOTALS => windows::totals(arrival, read(body)?, deciding),
        message::WINDOW_ANSWER => windows::answered(arrival, read(body)?, deciding),
        message::SETTLED => settling::settled(arrival, read(body)?, deciding),
        message::PREFUNDED => settling::prefunded(arrival, read(body)?, deciding),
        message::CANCEL => trouble::cancelled(arrival, read(body)?, deciding),
        _ => Ok(Receipt::Park(format!("messages of kind {} are not known here", arrival.kind))),
    }
}

/// A body that does not decode refuses, and so its message is parked.
fn read<'b, T: Decode<'b, ()>>(body: &'b [u8]) -> Result<T, Stop> {
    decode(body, "body").map_err(|_| Refusal::new(cell::BAD_BODY, "the message's body does not decode").into())
}

/// A refusal of this product.
fn refuse<T>(code: RefusalCode, detail: impl Into<String>) -> Result<T, Stop> {
    Err(Refusal::new(code, detail).into())
}

/// The refusal for a field that is missing or out of range.
fn bad_field<T>(field: &str) -> Result<T, Stop> {
    refuse(cell::BAD_BODY, format!("{field} is missing or out of range"))
}

/// Refuses a text that is not 1 to 64 characters of printable ASCII: references, never names (law 9).
fn check_reference(field: &str, text: &str) -> Result<(), Stop> {
    if (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        Ok(())
    } else {
        bad_field(field)
    }
}

/// The terms of the network that this cell is.
fn network_terms(deciding: &mut Deciding<'_>) -> Result<(MarketPack, NetworkTerms), Stop> {
    let market = deciding.market()?;
    let terms = market.network.clone().filter(|_| market.roles.contains(&MarketRole::Network));
    match terms {
        Some(terms) => Ok((market.into_owned(), terms)),
        None => refuse(NOT_A_NETWORK, format!("cell {}", market.cell)),
    }
}
