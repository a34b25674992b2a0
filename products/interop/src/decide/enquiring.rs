//! What would it cost? Enquiries in the payer's cell, quotes in the network, prices in the payee's cell.

use alloc::format;
use alloc::vec::Vec;

use sycee_acquiring::abroad;
use sycee_contract::link::Receipt;
use sycee_contract::{Caller, Command, Deciding, Stop, cell, encode};
use sycee_money::Money;
use sycee_party::PartyKind;

use super::arrival::Arrival;
use super::roster::{active, fresh_rate};
use super::{bad_field, network_terms, refuse};
use crate::clearing::send;
use crate::command::{self, EnquireBody, EnquireReply, Numbered};
use crate::message::{
    ASK_PRICE, Answered, AskPrice, COLLECT_REFUSED, CollectRefused, ENQUIRE, Enquire, PRICED, Priced, QUOTED, Quoted,
};
use crate::quote::{Quote, Split, Target, Terms};
use crate::record::{Enquiry, EnquiryState, KnownCell, OpenQuote, Pricing};
use crate::refusal::{AMOUNT_TOO_SMALL, CELL_SUSPENDED, CELL_UNKNOWN, NOT_ABROAD, QUOTE_EXPIRED, QUOTE_MISMATCH};

/// How long an enquiry is kept, seconds: longer than any quote is good for.
const ENQUIRY_SECONDS: u64 = 900;
/// The longest reference of a payment to a shop, characters.
const REFERENCE_MAX_CHARACTERS: usize = 64;

// ---- the payer's cell ----

pub(super) fn enquire(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let EnquireBody { destination, target, amount } = cell::body(command)?;
    let payer = command.caller.party;
    sycee_party::want(deciding, payer);
    deciding.want(&[KnownCell::key(destination)]);
    deciding.ready()?;
    if destination == deciding.stamp().cell {
        return refuse(NOT_ABROAD, "the payee is of this cell");
    }
    match (&target, amount) {
        (Target::Order { .. }, None) => {}
        (Target::Merchant { reference, .. }, Some(amount)) if !amount.amount.is_zero() => {
            if reference.len() > REFERENCE_MAX_CHARACTERS.saturating_mul(4)
                || reference.chars().count() > REFERENCE_MAX_CHARACTERS
            {
                return bad_field("reference");
            }
        }
        _ => return bad_field("amount"),
    }
    match sycee_party::find(deciding, payer)? {
        Some(party) if party.kind == PartyKind::Customer => {}
        _ => return refuse(sycee_wallet::PAYER_NOT_FOUND, format!("payer {payer}")),
    }
    let network = network_of(deciding, destination)?;
    deciding.require_link(network)?;
    let (id, asked_at_ns) = (deciding.new_id()?, deciding.stamp().time_ns);
    let drop = Command::new(command::DROP_ENQUIRY, Caller::SYSTEM, &Numbered { id });
    let timer = deciding.timer(deciding.stamp().after_seconds(ENQUIRY_SECONDS), &drop);
    let currency = deciding.market()?.currency;
    let enquire = Enquire { enquiry: id, payer, currency, destination, target: target.clone(), amount };
    let row = Enquiry { id, payer, destination, target, state: EnquiryState::Asked, asked_at_ns, timer, amount };
    deciding.put(Enquiry::key(id), &row);
    send(deciding, network, ENQUIRE, &enquire, false)?;
    Ok(encode(&EnquireReply { enquiry: id }))
}

/// The network by which a cell is reached.
pub(super) fn network_of(deciding: &mut Deciding<'_>, cell: u16) -> Result<u16, Stop> {
    match deciding.get::<KnownCell>(&KnownCell::key(cell))? {
        None => refuse(CELL_UNKNOWN, format!("cell {cell}")),
        Some(known) if !known.entry.active => refuse(CELL_SUSPENDED, format!("cell {cell}")),
        Some(known) => Ok(known.network),
    }
}

pub(super) fn drop_enquiry(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let Numbered { id } = cell::body(command)?;
    let key = Enquiry::key(id);
    // One that was paid stays: it is the key of its payment (law 4).
    if let Some(enquiry) = deciding.get::<Enquiry>(&key)?
        && !matches!(enquiry.state, EnquiryState::Used { .. })
    {
        deciding.remove(key);
    }
    Ok(Vec::new())
}

/// The quote has come. One that is not for what was asked, or does not add up, is not shown to anybody.
pub(super) fn quoted(arrival: &Arrival, body: Quoted, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let Some(mut enquiry) = deciding.get::<Enquiry>(&Enquiry::key(body.enquiry))? else {
        // Its time is over; nobody waits for it.
        return Ok(Receipt::Applied);
    };
    if enquiry.state != EnquiryState::Asked {
        return Ok(Receipt::Applied);
    }
    let own_cell = deciding.stamp().cell;
    let currency = deciding.market()?.currency;
    let is_ours = |quote: &Quote| {
        quote.network == arrival.peer
            && (quote.origin, quote.destination, quote.payer) == (own_cell, enquiry.destination, enquiry.payer)
            && quote.target == enquiry.target
            && enquiry.amount.is_none_or(|amount| amount == quote.split.payee)
            && quote.split.total.currency == currency
            && quote.adds_up()
    };
    enquiry.state = match body.quote {
        Answered::Yes(quote) if is_ours(&quote) => EnquiryState::Quoted { quote, signature: arrival.signature.clone() },
        Answered::Yes(_) => {
            let detail = "the network's quote is not for what was asked";
            EnquiryState::Refused { refusal: sycee_contract::Refusal::new(QUOTE_MISMATCH, detail) }
        }
        Answered::No(refusal) => EnquiryState::Refused { refusal },
    };
    deciding.put(Enquiry::key(enquiry.id), &enquiry);
    Ok(Receipt::Applied)
}

// ---- the network ----

pub(super) fn asked(arrival: &Arrival, body: Enquire, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let (origin, enquiry) = (arrival.peer, body.enquiry);
    if sycee_party::cell_of(body.payer) != Some(origin) {
        return Ok(Receipt::Park("the payer is not of the cell that speaks".into()));
    }
    let answer = deciding.attempt(|deciding| {
        active(deciding, body.destination)?;
        match (&body.target, body.amount) {
            (Target::Order { order }, _) => {
                deciding.require_link(body.destination)?;
                let ask = AskPrice { origin, enquiry, order: *order, payer: body.payer };
                send(deciding, body.destination, ASK_PRICE, &ask, false)?;
                deciding.put(Pricing::key(origin, enquiry), &Pricing { enquire: body.clone() });
                Ok(None)
            }
            (Target::Merchant { .. }, Some(price)) => quote_for(origin, &body, price, deciding).map(Some),
            _ => bad_field("target"),
        }
    })?;
    let quote = match answer {
        Ok(None) => return Ok(Receipt::Applied),
        Ok(Some(quote)) => Answered::Yes(quote),
        Err(refusal) => Answered::No(refusal),
    };
    send(deciding, origin, QUOTED, &Quoted { enquiry, quote }, true)?;
    Ok(Receipt::Applied)
}

pub(super) fn priced(arrival: &Arrival, body: Priced, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let key = Pricing::key(body.origin, body.enquiry);
    let Some(Pricing { enquire }) = deciding.get::<Pricing>(&key)? else { return Ok(Receipt::Applied) };
    if enquire.destination != arrival.peer {
        return Ok(Receipt::Park("another cell was asked for this price".into()));
    }
    deciding.remove(key);
    let quote = match body.price {
        Answered::No(refusal) => Answered::No(refusal),
        Answered::Yes(price) => {
            match deciding.attempt(|deciding| quote_for(body.origin, &enquire, price, deciding))? {
                Ok(quote) => Answered::Yes(quote),
                Err(refusal) => Answered::No(refusal),
            }
        }
    };
    send(deciding, body.origin, QUOTED, &Quoted { enquiry: body.enquiry, quote }, true)?;
    Ok(Receipt::Applied)
}

fn quote_for(origin: u16, enquire: &Enquire, price: Money, deciding: &mut Deciding<'_>) -> Result<Quote, Stop> {
    let wanted =
        Wanted { origin, destination: enquire.destination, payer: enquire.payer, target: enquire.target.clone() };
    if active(deciding, origin)?.entry.currency != enquire.currency {
        return bad_field("currency");
    }
    let quote = price_quote(&wanted, price, deciding)?;
    keep(&quote, false, deciding)?;
    Ok(quote)
}

/// Who pays whom.
pub(super) struct Wanted {
    /// The payer's cell.
    pub origin: u16,
    /// The payee's cell.
    pub destination: u16,
    /// The payer; 0 if only their cell knows.
    pub payer: u64,
    /// Whom to pay.
    pub target: Target,
}

/// What the payer pays for a price.
pub(super) fn price_quote(wanted: &Wanted, price: Money, deciding: &mut Deciding<'_>) -> Result<Quote, Stop> {
    let currency = active(deciding, wanted.origin)?.entry.currency;
    quote(wanted, price.currency, currency, deciding, |terms| Split::for_payee(price, currency, terms))
}

/// What the payee gets of a total.
pub(super) fn total_quote(wanted: &Wanted, total: Money, deciding: &mut Deciding<'_>) -> Result<Quote, Stop> {
    let currency = active(deciding, wanted.destination)?.entry.currency;
    quote(wanted, currency, total.currency, deciding, |terms| Split::of_total(total, currency, terms))
}

fn quote(
    wanted: &Wanted,
    payee_currency: sycee_money::Currency,
    payer_currency: sycee_money::Currency,
    deciding: &mut Deciding<'_>,
    split: impl FnOnce(Terms) -> Result<Split, sycee_money::MoneyError>,
) -> Result<Quote, Stop> {
    let (market, terms) = network_terms(deciding)?;
    active(deciding, wanted.destination)?;
    let rate = fresh_rate(deciding, &market, payee_currency, payer_currency)?;
    let same = payee_currency == payer_currency;
    let margin_bps = if same { 0 } else { terms.margin_bps };
    let split = split(Terms { rate: rate.rate, margin_bps, fee_bps: terms.fee_bps })?;
    if split.payee.amount.is_zero() || split.mid.is_zero() {
        return refuse(AMOUNT_TOO_SMALL, format!("{} against {}", split.total, split.payee));
    }
    Ok(Quote {
        id: deciding.new_id()?,
        network: deciding.stamp().cell,
        origin: wanted.origin,
        destination: wanted.destination,
        payer: wanted.payer,
        target: wanted.target.clone(),
        split,
        rate: rate.rate,
        rate_source: rate.source,
        rate_at_ns: rate.at_ns,
        margin_bps,
        expires_at_ns: deciding.stamp().after_seconds(u64::from(terms.quote_seconds)),
        fee_returned: terms.fee_returned_on_refund,
    })
}

/// Keeps a quote until it is used, or until a payment of it that was held in time can no longer arrive in the grace.
pub(super) fn keep(quote: &Quote, collects: bool, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    let due_at_ns = accepted_until_ns(quote, deciding)?.saturating_add(1);
    let drop = Command::new(command::DROP_QUOTE, Caller::SYSTEM, &Numbered { id: quote.id });
    let timer = deciding.timer(due_at_ns, &drop);
    deciding.put(OpenQuote::key(quote.id), &OpenQuote { quote: quote.clone(), timer, collects });
    Ok(())
}

/// Until when a payment may arrive at the network. It was held before the quote's end, by the payer's cell's stamp; the
/// grace is for the way only, so that nobody can wait and see where the rate goes.
pub(super) fn accepted_until_ns(quote: &Quote, deciding: &mut Deciding<'_>) -> Result<u64, Stop> {
    let (_, terms) = network_terms(deciding)?;
    let grace_ns = u64::from(terms.quote_grace_seconds).saturating_mul(1_000_000_000);
    Ok(quote.expires_at_ns.saturating_add(grace_ns))
}

/// Nobody has used the quote in its time.
pub(super) fn drop_quote(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let Numbered { id } = cell::body(command)?;
    let Some(OpenQuote { quote, collects, .. }) = deciding.get::<OpenQuote>(&OpenQuote::key(id))? else {
        return Ok(Vec::new());
    };
    deciding.remove(OpenQuote::key(id));
    if collects && let Target::Order { order } = quote.target {
        let refusal = sycee_contract::Refusal::new(QUOTE_EXPIRED, "the payer's operator has not answered in time");
        let body = CollectRefused { quote: id, destination: quote.destination, order, refusal };
        send(deciding, quote.destination, COLLECT_REFUSED, &body, false)?;
    }
    Ok(Vec::new())
}

// ---- the payee's cell ----

pub(super) fn price(arrival: &Arrival, body: AskPrice, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let price = match deciding.attempt(|deciding| abroad::scan(deciding, body.order, body.payer))? {
        Ok(order) => Answered::Yes(order.total),
        Err(refusal) => Answered::No(refusal),
    };
    let priced = Priced { origin: body.origin, enquiry: body.enquiry, price };
    send(deciding, arrival.peer, PRICED, &priced, false)?;
    Ok(Receipt::Applied)
}
