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
use crate::message::{INQUIRE, Inquire, STANDING, Standing, Stands};
use crate::record::{Forwarded, Outgoing, OutgoingState, PaymentName};
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

pub(super) fn standing(_: &Arrival, body: Standing, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let key = Outgoing::key(body.payment);
    if let Some(mut payment) = deciding.get::<Outgoing>(&key)?
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
    deciding.void_hold(payment.hold)?;
    if !payment.waiting_refunds.is_zero() {
        return refuse(PAYMENT_NOT_WAITING, "refunds of the payment have come: it was paid");
    }
    end(&mut payment, OutgoingState::Released, deciding)?;
    deciding.put(key, &payment);
    Ok(Vec::new())
}
