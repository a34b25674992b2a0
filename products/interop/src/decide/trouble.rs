//! Money that is held and about which nobody says anything: the network is asked, and asked again, and then people look.

use alloc::format;
use alloc::vec::Vec;

use sycee_contract::link::Receipt;
use sycee_contract::{Command, Deciding, Stop, cell};

use super::arrival::Arrival;
use super::paying::{ask_later, end};
use super::{check_reference, refuse};
use crate::clearing::send;
use crate::command::{Numbered, ReleasePayment};
use crate::message::{CANCEL, Cancel, INQUIRE, Inquire, STANDING, Standing, Stands};
use crate::record::{Cancelled, Forwarded, Incoming, Outgoing, OutgoingState, PaymentName, Roster};
use crate::refusal::{PAYMENT_NOT_WAITING, PAYMENT_UNKNOWN};

pub(super) fn ask(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let Numbered { id } = cell::body(command)?;
    let key = Outgoing::key(id);
    let found = deciding.get::<Outgoing>(&key)?;
    let Some(mut payment) = found.filter(|payment| payment.state == OutgoingState::Held) else {
        return Ok(Vec::new());
    };
    payment.asked = payment.asked.saturating_add(1);
    payment.timer = None;
    if payment.asked < Outgoing::ASKED_MAX {
        payment.timer = Some(ask_later(id, payment.asked, deciding));
    }
    send(deciding, payment.network, INQUIRE, &Inquire { payment: id }, false)?;
    deciding.put(key, &payment);
    Ok(Vec::new())
}

pub(super) fn inquired(arrival: &Arrival, body: Inquire, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let name = PaymentName { origin: arrival.peer, payment: body.payment };
    let forwarded = deciding.get::<Forwarded>(&Forwarded::key(name))?;
    let stands = forwarded.map_or(Stands::Unknown, |forwarded| forwarded.stands);
    send(deciding, arrival.peer, STANDING, &Standing { payment: body.payment, stands }, true)?;
    Ok(Receipt::Applied)
}

pub(super) fn standing(arrival: &Arrival, body: Standing, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let key = Outgoing::key(body.payment);
    if let Some(mut payment) = deciding.get::<Outgoing>(&key)?
        && payment.network == arrival.peer
        && payment.standing != Some(body.stands)
    {
        payment.standing = Some(body.stands);
        deciding.put(key, &payment);
    }
    Ok(Receipt::Applied)
}

/// A person has found out otherwise that the payee was not paid. If the network says later that the payee was, what is owed
/// to it is booked to suspense, and not taken from the payer again.
pub(super) fn release(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let ReleasePayment { payment, reference } = cell::body(command)?;
    check_reference("reference", &reference)?;
    let key = Outgoing::key(payment);
    let Some(mut payment) = deciding.get::<Outgoing>(&key)? else {
        return refuse(PAYMENT_UNKNOWN, format!("payment {payment}"));
    };
    if payment.state == OutgoingState::Released {
        return Ok(Vec::new());
    }
    if !payment.waits_for_people() {
        return refuse(PAYMENT_NOT_WAITING, format!("payment {} was asked about {} times", payment.id, payment.asked));
    }
    if payment.standing == Some(Stands::Done) {
        return refuse(PAYMENT_NOT_WAITING, "the network has said, signed, that the payee was paid");
    }
    deciding.void_hold(payment.hold)?;
    if !payment.waiting_refunds.is_zero() {
        return refuse(PAYMENT_NOT_WAITING, "refunds of the payment have come: it was paid");
    }
    end(&mut payment, OutgoingState::Released, deciding)?;
    // Whoever has not decided on it yet must not pay it later.
    let name = PaymentName { origin: deciding.stamp().cell, payment: payment.id };
    send(deciding, payment.network, CANCEL, &Cancel { payment: name }, true)?;
    deciding.put(key, &payment);
    Ok(Vec::new())
}

/// The payer's cell has given the money back. What is not known yet is refused when it comes; what was forwarded is cancelled
/// at the payee's cell; what was decided stays.
pub(super) fn cancelled(arrival: &Arrival, body: Cancel, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let name = body.payment;
    let at_ns = deciding.stamp().time_ns;
    if deciding.get::<Roster>(&Roster::key())?.is_none() {
        if deciding.get::<Incoming>(&Incoming::key(name))?.is_none() {
            deciding.put(Cancelled::key(name), &Cancelled { at_ns });
        }
        return Ok(Receipt::Applied);
    }
    if name.origin != arrival.peer {
        return Ok(Receipt::Park("the payment is of another cell".into()));
    }
    match deciding.get::<Forwarded>(&Forwarded::key(name))? {
        None => deciding.put(Cancelled::key(name), &Cancelled { at_ns }),
        Some(forwarded) if forwarded.stands == Stands::Forwarded => {
            send(deciding, forwarded.quote.destination, CANCEL, &body, true)?;
        }
        Some(_) => {}
    }
    Ok(Receipt::Applied)
}
