//! The network: it reserves room below the payer's cell's cap, asks the payee's cell, and books both sides when that cell has
//! said yes. It owns the position between the two currencies, the margin and what rounding left.

use alloc::format;

use sycee_contract::link::Receipt;
use sycee_contract::{Deciding, Refusal, Stop, cell};
use sycee_money::{Amount, Money};

use super::arrival::Arrival;
use super::enquiring::{Wanted, accepted_until_ns, total_quote};
use super::roster::active;
use super::{bad_field, refuse};
use crate::account::{FX_MARGIN, FX_RESIDUAL, NETWORK_FEE, PREFUNDING, of_peer, own, position};
use crate::clearing::{Owing, clearing_account, send, send_owing, suspense_account};
use crate::message::{
    ACCEPTED, Accepted, COLLECT_REFUSED, CollectRefused, DELIVER, Deliver, Delivered, NotDelivered, OwedTo, Pay,
    REFUSED, Refused, SendMoney, Stands,
};
use crate::purpose;
use crate::quote::{Quote, Split, Target};
use crate::record::{Cancelled, Forwarded, OpenQuote, Participant, PaymentName};
use crate::refusal::{PARTICIPANT_CAP, PAYMENT_CANCELLED, QUOTE_EXPIRED, QUOTE_MISMATCH, QUOTE_UNKNOWN};

pub(super) fn pay(arrival: &Arrival, body: Pay, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let name = PaymentName { origin: arrival.peer, payment: body.payment };
    if let Some(parked) = not_new(name, body.payer, deciding)? {
        return Ok(parked);
    }
    if deciding.get::<Cancelled>(&Cancelled::key(name))?.is_some() {
        return cancelled(name, deciding);
    }
    let open = deciding.get::<OpenQuote>(&OpenQuote::key(body.quote))?.filter(|open| open.quote.origin == name.origin);
    let Some(OpenQuote { mut quote, timer, collects }) = open else {
        let refusal = Refusal::new(QUOTE_UNKNOWN, "the quote was used, or its time is long over");
        return not_forwarded(name, refusal, deciding);
    };
    // Single use: whatever becomes of the payment, the quote is gone.
    deciding.remove(OpenQuote::key(quote.id));
    deciding.cancel_timer(timer);
    // Whose code a shop has scanned, only the payer's cell can say.
    if collects {
        quote.payer = body.payer;
    }
    let forwarded = deciding.attempt(|deciding| {
        if quote.payer != body.payer {
            return refuse(QUOTE_MISMATCH, "the quote is for another payer");
        }
        let in_time = body.held_at_ns < quote.expires_at_ns;
        if !in_time || deciding.stamp().time_ns > accepted_until_ns(&quote, deciding)? {
            return refuse(QUOTE_EXPIRED, "the quote's time is over");
        }
        forward(name, quote.clone(), collects, deciding)
    })?;
    match forwarded {
        Ok(()) => Ok(Receipt::Applied),
        Err(refusal) => {
            tell_shop(&quote, collects, &refusal, deciding)?;
            not_forwarded(name, refusal, deciding)
        }
    }
}

pub(super) fn send_money(arrival: &Arrival, body: SendMoney, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let name = PaymentName { origin: arrival.peer, payment: body.payment };
    if let Some(parked) = not_new(name, body.payer, deciding)? {
        return Ok(parked);
    }
    if deciding.get::<Cancelled>(&Cancelled::key(name))?.is_some() {
        return cancelled(name, deciding);
    }
    if !matches!(body.target, Target::Customer { .. }) {
        return not_forwarded(name, Refusal::new(cell::BAD_BODY, "money is sent to customers"), deciding);
    }
    let forwarded = deciding.attempt(|deciding| {
        let wanted = Wanted {
            origin: arrival.peer,
            destination: body.destination,
            payer: body.payer,
            target: body.target.clone(),
        };
        let quote = total_quote(&wanted, body.total, deciding)?;
        forward(name, quote, false, deciding)
    })?;
    match forwarded {
        Ok(()) => Ok(Receipt::Applied),
        Err(refusal) => not_forwarded(name, refusal, deciding),
    }
}

/// A payment's number is used once, and its payer is of the cell that names it: anything else would change a payment that is
/// under way, and is parked for people to see.
fn not_new(name: PaymentName, payer: u64, deciding: &mut Deciding<'_>) -> Result<Option<Receipt>, Stop> {
    if deciding.get::<Forwarded>(&Forwarded::key(name))?.is_some() {
        return Ok(Some(Receipt::Park("a payment of this number was forwarded before".into())));
    }
    if sycee_party::cell_of(payer) != Some(name.origin) {
        return Ok(Some(Receipt::Park("the payer is not of the cell that speaks".into())));
    }
    Ok(None)
}

/// The payer's cell had given the money back before this arrived.
fn cancelled(name: PaymentName, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    not_forwarded(name, Refusal::new(PAYMENT_CANCELLED, "the payer's operator has given the money back"), deciding)
}

fn forward(name: PaymentName, quote: Quote, collects: bool, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    let origin = active(deciding, name.origin)?;
    active(deciding, quote.destination)?;
    deciding.require_link(quote.destination)?;
    let total = quote.split.total;
    let clearing = clearing_account(name.origin, total.currency);
    check_cap(&origin, total, deciding)?;
    let towards = position(total.currency, quote.split.payee.currency);
    let hold = deciding.hold(clearing, towards, total.amount, 0, purpose::PAYMENT)?;
    let destination = quote.destination;
    send(deciding, destination, DELIVER, &Deliver { payment: name, quote: quote.clone() }, false)?;
    let forwarded = Forwarded {
        name,
        quote,
        stands: Stands::Forwarded,
        hold: Some(hold),
        forwarded_at_ns: deciding.stamp().time_ns,
        ended_at_ns: None,
        refunded: Amount::ZERO,
        returned: Amount::ZERO,
        moved_minor: 0,
        collects,
    };
    deciding.put(Forwarded::key(name), &forwarded);
    Ok(())
}

/// Refuses what would take the payer's cell beyond what it may owe: all that it owes, what is reserved, and this.
fn check_cap(origin: &Participant, total: Money, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    let cell = origin.entry.cell;
    let clearing = clearing_account(cell, total.currency).id();
    let prefunding = of_peer(&PREFUNDING, total.currency, cell).id();
    let suspense = suspense_account(cell, total.currency).id();
    deciding.want_account(clearing);
    deciding.want_account(prefunding);
    deciding.want_account(suspense);
    deciding.ready()?;
    let (owed_minor, reserved_minor) = deciding
        .account(clearing)?
        .map_or((0, 0), |account| (account.balance_minor(), i128::from(account.debits_pending_minor)));
    let prefunded_minor = deciding.account(prefunding)?.map_or(0, |account| account.balance_minor());
    // What the cell says it is owed and nobody has understood gives it no room.
    let unproven_minor =
        deciding.account(suspense)?.map_or(0, |account| account.balance_minor().min(0).saturating_neg());
    let cap_minor = if origin.entry.currency == total.currency { i128::from(origin.net_debit_cap.minor()) } else { 0 };
    let limit_minor = cap_minor.saturating_add(prefunded_minor);
    let after_minor = owed_minor
        .saturating_add(unproven_minor)
        .saturating_add(reserved_minor)
        .saturating_add(i128::from(total.amount.minor()));
    if after_minor > limit_minor {
        // How far it is in debt is between the network and that operator, and travels to payers and shops nowhere.
        return refuse(PARTICIPANT_CAP, format!("cell {cell} may not owe the network more in {}", total.currency));
    }
    Ok(())
}

fn not_forwarded(name: PaymentName, refusal: Refusal, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let body = Refused { payment: name.payment, refusal };
    send(deciding, name.origin, REFUSED, &body, true)?;
    Ok(Receipt::Applied)
}

/// A shop that scanned a customer's code hears that nothing will come of it.
fn tell_shop(quote: &Quote, collects: bool, refusal: &Refusal, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    if collects && let Target::Order { order } = quote.target {
        let body = CollectRefused { quote: quote.id, destination: quote.destination, order, refusal: refusal.clone() };
        send(deciding, quote.destination, COLLECT_REFUSED, &body, false)?;
    }
    Ok(())
}

/// The payee's cell has paid the payee.
pub(super) fn delivered(arrival: &Arrival, body: Delivered, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let name = body.payment;
    let Some(mut forwarded) = waiting(arrival, name, deciding)? else {
        return Ok(Receipt::Park("no payment of this name waits for that cell".into()));
    };
    let Split { payee, total, margin, residual, fee, .. } = forwarded.quote.split;
    arrival.check(payee, OwedTo::Sender)?;
    let Some(hold) = forwarded.hold.take() else { return Err(Stop::Broken("a forwarded payment has no hold")) };
    arrival.book(Some(position(payee.currency, total.currency)), deciding)?;
    deciding.post_hold(hold, total.amount, purpose::PAYMENT)?;
    let paid = position(total.currency, payee.currency);
    for (amount, kind) in [(margin, &FX_MARGIN), (residual, &FX_RESIDUAL), (fee, &NETWORK_FEE)] {
        if !amount.is_zero() {
            deciding.transfer(paid, own(kind, total.currency), amount, purpose::EARNED)?;
        }
    }
    let owing = Owing { money: total, owed_to: OwedTo::Sender, settles: false, payment: Some(name), counter: None };
    let accepted = Accepted { delivered: body, quote: forwarded.quote.clone() };
    send_owing(deciding, name.origin, ACCEPTED, &accepted, true, owing)?;
    forwarded.stands = Stands::Done;
    forwarded.ended_at_ns = Some(deciding.stamp().time_ns);
    deciding.put(Forwarded::key(name), &forwarded);
    Ok(Receipt::Applied)
}

/// The payee's cell will not pay the payee.
pub(super) fn not_delivered(
    arrival: &Arrival,
    body: NotDelivered,
    deciding: &mut Deciding<'_>,
) -> Result<Receipt, Stop> {
    let name = body.payment;
    let Some(mut forwarded) = waiting(arrival, name, deciding)? else {
        return Ok(Receipt::Park("no payment of this name waits for that cell".into()));
    };
    if arrival.clearing.is_some() {
        return bad_field("clearing");
    }
    let Some(hold) = forwarded.hold.take() else { return Err(Stop::Broken("a forwarded payment has no hold")) };
    deciding.void_hold(hold)?;
    forwarded.stands = Stands::Refused;
    forwarded.ended_at_ns = Some(deciding.stamp().time_ns);
    deciding.put(Forwarded::key(name), &forwarded);
    send(deciding, name.origin, REFUSED, &Refused { payment: name.payment, refusal: body.refusal }, true)?;
    Ok(Receipt::Applied)
}

/// The payment, if it waits for an answer of the cell that has sent one.
fn waiting(arrival: &Arrival, name: PaymentName, deciding: &mut Deciding<'_>) -> Result<Option<Forwarded>, Stop> {
    let forwarded = deciding.get::<Forwarded>(&Forwarded::key(name))?;
    Ok(forwarded
        .filter(|forwarded| forwarded.stands == Stands::Forwarded && forwarded.quote.destination == arrival.peer))
}
