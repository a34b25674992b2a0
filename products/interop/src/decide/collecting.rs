//! A shop scans the payment code of another cell's customer: its cell asks the network, the network quotes and asks the
//! customer's cell, and from there it is a payment as any other.

use alloc::format;
use alloc::vec::Vec;

use sycee_acquiring::reply::OrderReply;
use sycee_acquiring::{Order, abroad};
use sycee_contract::link::Receipt;
use sycee_contract::{Caller, Command, Deciding, Refusal, Stop, cell, encode};

use super::arrival::Arrival;
use super::enquiring::{Wanted, keep, network_of, price_quote};
use super::paying::hold;
use super::refuse;
use crate::clearing::send;
use crate::command::{self, CollectBody, Numbered};
use crate::message::{COLLECT, COLLECT_REFUSED, Collect, CollectRefused, PRESENT, Present};
use crate::quote::{Quote, Target};
use crate::record::{Collection, KnownCell, OpenQuote};
use crate::refusal::{QUOTE_EXPIRED, QUOTE_MISMATCH};

/// How long a refused collection is kept for the till that asks about it, seconds.
const REFUSED_SECONDS: u64 = 3_600;

// ---- the payee's cell ----

pub(super) fn collect(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let CollectBody { order: fields, origin, code_digest } = cell::body(command)?;
    deciding.want(&[KnownCell::key(origin)]);
    let required_buyer = fields.required_buyer;
    let merchant = command.caller.party;
    let placed = abroad::place(deciding, merchant, fields, code_digest)?;
    if placed.repeated {
        return Ok(encode(&OrderReply { order: placed.order, repeated: true }));
    }
    let network = network_of(deciding, origin)?;
    deciding.require_link(network)?;
    let order = placed.order;
    let collection = Collection { order: order.id, merchant, origin, refusal: None, timer: None };
    deciding.put(Collection::key(order.id), &collection);
    let collect = Collect { order: order.id, merchant, price: order.total, origin, code_digest, required_buyer };
    send(deciding, network, COLLECT, &collect, false)?;
    Ok(encode(&OrderReply { order, repeated: false }))
}

/// Ends the wait of a till: nothing was paid.
pub(super) fn end_collection(
    order: u64,
    origin: u16,
    refusal: &Refusal,
    deciding: &mut Deciding<'_>,
) -> Result<(), Stop> {
    let key = Collection::key(order);
    // Another cell's payment of the same order says nothing of the customer whose code was shown.
    let found = deciding.get::<Collection>(&key)?.filter(|collection| collection.origin == origin);
    let Some(mut collection) = found else { return Ok(()) };
    if deciding.get::<Order>(&Order::key(order))?.is_some_and(|order| order.paid.is_some()) {
        // Somebody else has paid it meanwhile: the till reads the order.
        deciding.remove(key);
        return Ok(());
    }
    if collection.refusal.is_none() {
        let drop = Command::new(command::DROP_COLLECTION, Caller::SYSTEM, &Numbered { id: order });
        collection.timer = Some(deciding.timer(deciding.stamp().after_seconds(REFUSED_SECONDS), &drop));
        collection.refusal = Some(refusal.clone());
        deciding.put(key, &collection);
        abroad::forget(deciding, order)?;
    }
    Ok(())
}

pub(super) fn drop_collection(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let Numbered { id } = cell::body(command)?;
    deciding.remove(Collection::key(id));
    Ok(Vec::new())
}

/// Nothing will be paid with the code: the network passes it on, the payee's cell tells the till.
pub(super) fn refused(arrival: &Arrival, body: CollectRefused, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    if body.destination == deciding.stamp().cell {
        let origin = deciding.get::<Collection>(&Collection::key(body.order))?.map_or(0, |found| found.origin);
        end_collection(body.order, origin, &body.refusal, deciding)?;
        return Ok(Receipt::Applied);
    }
    // One whose quote is gone was told before, by the quote's end.
    let found = deciding.get::<OpenQuote>(&OpenQuote::key(body.quote))?;
    let Some(OpenQuote { timer, quote, .. }) = found.filter(|open| open.collects && open.quote.origin == arrival.peer)
    else {
        return Ok(Receipt::Applied);
    };
    if quote.target != (Target::Order { order: body.order }) || quote.destination != body.destination {
        return Ok(Receipt::Park("the refusal is not of its quote's order".into()));
    }
    deciding.remove(OpenQuote::key(body.quote));
    deciding.cancel_timer(timer);
    send(deciding, body.destination, COLLECT_REFUSED, &body, false)?;
    Ok(Receipt::Applied)
}

// ---- the network ----

pub(super) fn collecting(arrival: &Arrival, body: Collect, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let destination = arrival.peer;
    let presented = deciding.attempt(|deciding| {
        deciding.require_link(body.origin)?;
        let target = Target::Order { order: body.order };
        let wanted = Wanted { origin: body.origin, destination, payer: 0, target };
        let quote = price_quote(&wanted, body.price, deciding)?;
        keep(&quote, true, deciding)?;
        let present = Present { code_digest: body.code_digest, quote, required_buyer: body.required_buyer };
        send(deciding, body.origin, PRESENT, &present, true)
    })?;
    if let Err(refusal) = presented {
        let refused = CollectRefused { quote: 0, destination, order: body.order, refusal };
        send(deciding, destination, COLLECT_REFUSED, &refused, false)?;
    }
    Ok(Receipt::Applied)
}

// ---- the payer's cell ----

pub(super) fn presented(arrival: &Arrival, body: Present, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let Target::Order { order } = body.quote.target else {
        return Ok(Receipt::Park("a code is shown for an order".into()));
    };
    let (quote, destination) = (body.quote.id, body.quote.destination);
    let held = deciding.attempt(|deciding| {
        check_quote(&body.quote, arrival.peer, deciding)?;
        let customer = abroad::take_code(deciding, body.code_digest, body.quote.split.total)?;
        if body.required_buyer.is_some_and(|buyer| buyer != customer) {
            let detail = "the code is not of the buyer that the order names";
            return refuse(sycee_acquiring::refusal::BUYER_NOT_MATCH, detail);
        }
        let id = hold(body.quote.clone(), arrival.signature.clone(), customer, false, deciding)?;
        // The customer has shown the code: a new request, to which limits and freezes apply.
        deciding.guard_request(Caller::customer(customer))?;
        Ok(id)
    })?;
    if let Err(refusal) = held {
        // Limits and freezes are between the customer and their own operator: shops hear the refusal, not the detail.
        let refused = CollectRefused { quote, destination, order, refusal: Refusal::new(refusal.code, "") };
        send(deciding, arrival.peer, COLLECT_REFUSED, &refused, false)?;
    }
    Ok(Receipt::Applied)
}

fn check_quote(quote: &Quote, network: u16, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    let currency = deciding.market()?.currency;
    let stamp = *deciding.stamp();
    if quote.network != network
        || quote.origin != stamp.cell
        || quote.split.total.currency != currency
        || !quote.adds_up()
    {
        return refuse(QUOTE_MISMATCH, format!("quote {}", quote.id));
    }
    if stamp.time_ns >= quote.expires_at_ns {
        return refuse(QUOTE_EXPIRED, "the quote's time is over");
    }
    Ok(())
}
