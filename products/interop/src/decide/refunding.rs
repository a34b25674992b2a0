//! Refunds: from the payee's cell through the network to the payer's, in parts that add up exactly, at the original rate.

use alloc::vec::Vec;

use sycee_contract::link::Receipt;
use sycee_contract::{Command, Deciding, Stop, cell};
use sycee_money::{Amount, Money, Rounding};

use super::arrival::Arrival;
use super::bad_field;
use super::roster::last_rate;
use crate::account::{FX_MARGIN, FX_RESIDUAL, FX_RESULT, NETWORK_FEE, TRANSIT, own, position};
use crate::clearing::{Owing, send_owing, suspense_account};
use crate::command::PassRefund;
use crate::message::{OwedTo, REFUND, RETURN, Refund, Return, Stands};
use crate::purpose;
use crate::quote::Shares;
use crate::record::{Forwarded, Incoming, OrderPayment, Outgoing, OutgoingState};

/// The payee's cell: the merchant was debited; what is in transit goes to the network.
pub(super) fn pass(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let PassRefund { order, request, amount, .. } = cell::body(command)?;
    let Some(OrderPayment { name }) = deciding.get::<OrderPayment>(&OrderPayment::key(order))? else {
        return Err(Stop::Broken("a refund of an order that no other cell has paid"));
    };
    let Some(mut incoming) = deciding.get::<Incoming>(&Incoming::key(name))? else {
        return Err(Stop::Broken("an order's payment has no row"));
    };
    incoming.refunded = incoming.refunded.checked_add(amount.amount)?;
    deciding.put(Incoming::key(name), &incoming);
    let transit = own(&TRANSIT, amount.currency);
    let owing =
        Owing { money: amount, owed_to: OwedTo::Receiver, settles: false, payment: Some(name), counter: Some(transit) };
    // Counted here: two refunds may be passed on in another order than they were made.
    let body = Refund { payment: name, request, amount, cumulative: incoming.refunded };
    send_owing(deciding, incoming.network, REFUND, &body, false, owing)?;
    Ok(Vec::new())
}

/// The network: what the payer's share is, what of it was margin, fee and rounding, and what the rate's move since the
/// payment costs.
pub(super) fn refund(arrival: &Arrival, body: Refund, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let name = body.payment;
    let found = deciding.get::<Forwarded>(&Forwarded::key(name))?;
    let Some(mut forwarded) =
        found.filter(|forwarded| forwarded.stands == Stands::Done && forwarded.quote.destination == arrival.peer)
    else {
        return Ok(Receipt::Park("no payment of this name was paid by that cell".into()));
    };
    arrival.check(body.amount, OwedTo::Receiver)?;
    let split = forwarded.quote.split;
    let after = forwarded.refunded.checked_add(body.amount.amount)?;
    if body.amount.currency != split.payee.currency || after != body.cumulative || after > split.payee.amount {
        return bad_field("cumulative");
    }
    let (payee_currency, currency) = (split.payee.currency, split.total.currency);
    arrival.book(Some(position(payee_currency, currency)), deciding)?;

    let shares = split.shares(forwarded.refunded, after, forwarded.quote.fee_returned)?;
    let returned = Money::new(amount(shares.total_minor)?, currency);
    let paid = position(currency, payee_currency);
    take_back(&shares, currency, payee_currency, deciding)?;
    let moved_minor = book_move(&shares, body.amount, currency, deciding)?;

    forwarded.refunded = after;
    forwarded.returned = forwarded.returned.checked_add(returned.amount)?;
    forwarded.moved_minor = forwarded.moved_minor.saturating_add(moved_minor);
    deciding.put(Forwarded::key(name), &forwarded);
    let owing =
        Owing { money: returned, owed_to: OwedTo::Receiver, settles: false, payment: Some(name), counter: Some(paid) };
    let back =
        Return { payment: name.payment, request: body.request, refunded: body.amount, cumulative: after, returned };
    send_owing(deciding, name.origin, RETURN, &back, true, owing)?;
    Ok(Receipt::Applied)
}

/// Margin, fee and rounding that were earned with the part that goes back, return to the position.
fn take_back(
    shares: &Shares,
    currency: sycee_money::Currency,
    payee_currency: sycee_money::Currency,
    deciding: &mut Deciding<'_>,
) -> Result<(), Stop> {
    let paid = position(currency, payee_currency);
    let parts =
        [(shares.margin_minor, &FX_MARGIN), (shares.fee_minor, &NETWORK_FEE), (shares.residual_minor, &FX_RESIDUAL)];
    for (minor, kind) in parts {
        let (of, earned) = (amount(minor.saturating_abs())?, own(kind, currency));
        if minor > 0 {
            deciding.transfer(earned, paid, of, purpose::EARNED)?;
        } else if minor < 0 {
            deciding.transfer(paid, earned, of, purpose::EARNED)?;
        }
    }
    Ok(())
}

/// The position changes by what the refunded part is worth today; the payer gets what it was worth on the day of payment. The
/// difference is the network's result. A refund is owed, so a rate of any age serves.
fn book_move(
    shares: &Shares,
    refunded: Money,
    currency: sycee_money::Currency,
    deciding: &mut Deciding<'_>,
) -> Result<i64, Stop> {
    let rate = last_rate(deciding, refunded.currency, currency)?.rate;
    let today = rate.convert(refunded, currency, Rounding::HalfEven)?.money.amount;
    let cost_minor = shares.mid_minor.saturating_sub(i128::from(today.minor()));
    let (of, paid) = (amount(cost_minor.saturating_abs())?, position(currency, refunded.currency));
    let result = own(&FX_RESULT, currency);
    if refunded.currency == currency || of.is_zero() {
        return Ok(0);
    }
    if cost_minor > 0 {
        deciding.transfer(result, paid, of, purpose::RATE_MOVED)?;
    } else {
        deciding.transfer(paid, result, of, purpose::RATE_MOVED)?;
    }
    Ok(i64::try_from(cost_minor).unwrap_or(i64::MAX))
}

fn amount(minor: i128) -> Result<Amount, Stop> {
    Ok(Amount::new(u64::try_from(minor).unwrap_or(u64::MAX))?)
}

/// The payer's cell: the payer has it back.
pub(super) fn returned(arrival: &Arrival, body: Return, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let key = Outgoing::key(body.payment);
    let found = deciding.get::<Outgoing>(&key)?.filter(|payment| payment.network == arrival.peer);
    let Some(mut payment) = found else {
        return Ok(Receipt::Park("no payment has this number".into()));
    };
    arrival.check(body.returned, OwedTo::Receiver)?;
    if body.returned.currency != payment.total.currency
        || payment.refunded.checked_add(body.refunded.amount)? != body.cumulative
    {
        return bad_field("cumulative");
    }
    if let Some(quote) = &payment.quote {
        let shares = quote.split.shares(payment.refunded, body.cumulative, quote.fee_returned)?;
        if body.refunded.currency != quote.split.payee.currency
            || shares.total_minor != i128::from(body.returned.amount.minor())
        {
            return bad_field("returned");
        }
    }
    let counter = match payment.state {
        OutgoingState::Done => payment.account.into(),
        // Its acceptance was parked: the payer gets it when that is understood.
        OutgoingState::Held => {
            payment.waiting_refunds = payment.waiting_refunds.checked_add(body.returned.amount)?;
            suspense_account(arrival.peer, body.returned.currency)
        }
        OutgoingState::Released | OutgoingState::Refused { .. } => {
            return Ok(Receipt::Park("the payment's money was released before".into()));
        }
    };
    deciding.concerning(payment.id);
    arrival.book(Some(counter), deciding)?;
    payment.refunded = body.cumulative;
    payment.returned = payment.returned.checked_add(body.returned.amount)?;
    deciding.put(key, &payment);
    Ok(Receipt::Applied)
}
