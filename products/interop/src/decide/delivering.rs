//! The payee's cell: it decides an order once. Whoever comes first of accept, cancel, close and expiry, wins.

use alloc::format;

use sycee_acquiring::abroad;
use sycee_acquiring::command::PayStatic;
use sycee_contract::link::Receipt;
use sycee_contract::{Caller, Deciding, Refusal, Stop};
use sycee_party::PartyKind;

use super::arrival::Arrival;
use super::collecting::end_collection;
use super::refuse;
use crate::account::{TRANSIT, own};
use crate::clearing::{Owing, send, send_owing};
use crate::message::{DELIVERED, Deliver, Delivered, NOT_DELIVERED, NotDelivered, OwedTo};
use crate::purpose;
use crate::quote::Target;
use crate::record::{Cancelled, Incoming, OrderPayment};
use crate::refusal::{PAYMENT_CANCELLED, QUOTE_MISMATCH};

pub(super) fn deliver(arrival: &Arrival, body: Deliver, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let (name, network) = (body.payment, arrival.peer);
    if deciding.get::<Incoming>(&Incoming::key(name))?.is_some() {
        return Ok(Receipt::Park("a payment of this number was delivered before".into()));
    }
    let tried = deciding.attempt(|deciding| {
        check(&body, network, deciding)?;
        let delivered = pay_payee(&body, deciding)?;
        deciding.guard_request(Caller::peer(network))?;
        Ok(delivered)
    })?;
    let delivered = match tried {
        Ok(delivered) => delivered,
        Err(refusal) => {
            if let Target::Order { order } = body.quote.target {
                end_collection(order, name.origin, &refusal, deciding)?;
            }
            // What a party's limits are, and who is frozen, is between them and their own operator.
            let is_partys = refusal.code.to_be_bytes().first() == Some(&sycee_party::NUMBER);
            let refusal = if is_partys { Refusal::new(refusal.code, "") } else { refusal };
            send(deciding, network, NOT_DELIVERED, &NotDelivered { payment: name, refusal }, true)?;
            return Ok(Receipt::Applied);
        }
    };
    let money = body.quote.split.payee;
    let transit = own(&TRANSIT, money.currency);
    let owing = Owing { money, owed_to: OwedTo::Sender, settles: false, payment: Some(name), counter: Some(transit) };
    let row = Incoming {
        name,
        network,
        order: delivered.order,
        payee: delivered.payee,
        at_ns: delivered.at_ns,
        refunded: sycee_money::Amount::ZERO,
        quote: body.quote,
    };
    deciding.put(Incoming::key(name), &row);
    if delivered.order != 0 {
        deciding.put(OrderPayment::key(delivered.order), &OrderPayment { name });
    }
    send_owing(deciding, network, DELIVERED, &delivered, false, owing)?;
    Ok(Receipt::Applied)
}

/// Refuses what the network cannot mean, and what was cancelled before it came.
fn check(body: &Deliver, network: u16, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    let quote = &body.quote;
    let is_for_us = quote.network == network
        && quote.origin == body.payment.origin
        && quote.destination == deciding.stamp().cell
        && sycee_party::cell_of(quote.payer) == Some(quote.origin)
        && quote.adds_up();
    if !is_for_us {
        return refuse(QUOTE_MISMATCH, "the quote is not for this payment");
    }
    if deciding.get::<Cancelled>(&Cancelled::key(body.payment))?.is_some() {
        return refuse(PAYMENT_CANCELLED, "the payer's operator has given the money back");
    }
    Ok(())
}

/// Pays the payee from the account of what is between the network and the payee.
fn pay_payee(body: &Deliver, deciding: &mut Deciding<'_>) -> Result<Delivered, Stop> {
    let (money, payer) = (body.quote.split.payee, body.quote.payer);
    let transit = own(&TRANSIT, money.currency);
    deciding.want_account(transit.id());
    deciding.ready()?;
    deciding.open_account(transit)?;
    let (order, order_date, payee) = match &body.quote.target {
        Target::Order { order } => {
            let order = abroad::pay_order(deciding, *order, payer, money, transit.id())?;
            end_paid_collection(order.id, deciding);
            (order.id, order.created_date, order.merchant)
        }
        Target::Merchant { merchant, store, reference } => {
            let printed = PayStatic { merchant: *merchant, store: *store, total: money, reference: reference.clone() };
            let order = abroad::pay_static(deciding, printed, payer, transit.id())?;
            (order.id, order.created_date, order.merchant)
        }
        Target::Customer { customer } => {
            deciding.concerning(body.payment.payment);
            pay_customer(*customer, body, deciding)?;
            (0, deciding.stamp().business_date, *customer)
        }
    };
    Ok(Delivered { payment: body.payment, at_ns: deciding.stamp().time_ns, order, order_date, payee })
}

fn pay_customer(customer: u64, body: &Deliver, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    let money = body.quote.split.payee;
    let account = sycee_wallet::customer_account(customer, money.currency);
    sycee_party::want(deciding, customer);
    deciding.want_account(account.id());
    deciding.ready()?;
    match sycee_party::find(deciding, customer)? {
        Some(party) if party.kind == PartyKind::Customer => {}
        _ => return refuse(sycee_acquiring::refusal::PAYEE_NOT_FOUND, format!("payee {customer}")),
    }
    if !sycee_wallet::is_held(&*deciding.market()?, money.currency) {
        let detail = format!("wallets here do not hold {}", money.currency);
        return refuse(sycee_acquiring::refusal::CURRENCY_NOT_SUPPORTED, detail);
    }
    deciding.transfer(own(&TRANSIT, money.currency), account, money.amount, purpose::PAYMENT)
}

fn end_paid_collection(order: u64, deciding: &mut Deciding<'_>) {
    deciding.remove(crate::record::Collection::key(order));
}
