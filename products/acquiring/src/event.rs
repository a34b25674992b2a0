//! What subscribers are told of the events whose bodies are in [`crate::reply`].

use alloc::string::String;

use sycee_contract::{Event, EventDescriptor, EventField, EventFieldKind, EventValue, Stop, Telling, decode};

use crate::number::number;
use crate::order::CloseReason;
use crate::payout::{EVENT_PAYOUT, Payout, PayoutState};
use crate::reply::{
    EVENT_MERCHANT_TRANSFER, EVENT_ORDER_CLOSED, EVENT_ORDER_PAID, EVENT_ORDER_REFUNDED, OrderClosed, OrderPaid,
    OrderRefunded, TransferMade,
};
use crate::settlement::{EVENT_MERCHANT_SETTLED, EVENT_SETTLEMENT_TERMS, MerchantTerms, Settlement};

const TRADE_NO: EventField = EventField::optional(
    "trade_no",
    EventFieldKind::Number,
    "our number of the order; events of old journals have none",
);
const OUT_TRADE_NO: EventField =
    EventField::optional("out_trade_no", EventFieldKind::Number, "the merchant's number of the order");
const MERCHANT: EventField = EventField::new("merchant", EventFieldKind::Party, "the merchant");
const BUYER: EventField = EventField::optional("buyer", EventFieldKind::Party, "the customer who scanned or paid it");

pub(crate) static EVENTS: &[EventDescriptor] = &[
    EventDescriptor {
        kind: EVENT_ORDER_PAID,
        name: "order_paid",
        meaning: "An order was paid.",
        fields: &[
            TRADE_NO,
            OUT_TRADE_NO,
            MERCHANT,
            EventField::new("store", EventFieldKind::Id, "the store"),
            BUYER,
            EventField::new("total", EventFieldKind::Money, "the price"),
            EventField::new("payer_amount", EventFieldKind::Money, "what the buyer paid of it"),
        ],
        tell: tell_paid,
    },
    EventDescriptor {
        kind: EVENT_ORDER_REFUNDED,
        name: "order_refunded",
        meaning: "An order was refunded, whole or in part.",
        fields: &[
            TRADE_NO,
            OUT_TRADE_NO,
            MERCHANT,
            BUYER,
            EventField::new("out_request_no", EventFieldKind::Number, "the merchant's number of the refund"),
            EventField::new("amount", EventFieldKind::Money, "this refund's part of the price"),
            EventField::new("to_payer", EventFieldKind::Money, "what of it went to the buyer"),
            EventField::new("cumulative", EventFieldKind::Money, "all refunds of the order so far"),
        ],
        tell: tell_refunded,
    },
    EventDescriptor {
        kind: EVENT_ORDER_CLOSED,
        name: "order_closed",
        meaning: "An order was closed unpaid.",
        fields: &[
            TRADE_NO,
            OUT_TRADE_NO,
            MERCHANT,
            BUYER,
            EventField::new("reason", EventFieldKind::Word, "expired, closed or cancelled"),
        ],
        tell: tell_closed,
    },
    EventDescriptor {
        kind: EVENT_SETTLEMENT_TERMS,
        name: "settlement_terms_changed",
        meaning: "A merchant's terms of settlement or bank account were changed.",
        fields: &[MERCHANT],
        tell: tell_terms,
    },
    EventDescriptor {
        kind: EVENT_MERCHANT_SETTLED,
        name: "merchant_settled",
        meaning: "A merchant's day was settled.",
        fields: &[
            EventField::new("settlement", EventFieldKind::Id, "the settlement's id"),
            MERCHANT,
            EventField::new("date", EventFieldKind::Number, "the business date, yyyymmdd"),
        ],
        tell: tell_settled,
    },
    EventDescriptor {
        kind: EVENT_PAYOUT,
        name: "payout_changed",
        meaning: "A payout to a merchant's bank was requested, settled, returned, or is unknown.",
        fields: &[
            EventField::new("payout", EventFieldKind::Id, "the payout's id"),
            MERCHANT,
            EventField::new("money", EventFieldKind::Money, "how much"),
            EventField::new("state", EventFieldKind::Word, "requested, settled, returned or unknown"),
        ],
        tell: tell_payout,
    },
    EventDescriptor {
        kind: EVENT_MERCHANT_TRANSFER,
        name: "merchant_transfer_made",
        meaning: "A merchant sent money from its balance to a customer of its cell.",
        fields: &[
            EventField::new("transfer_no", EventFieldKind::Number, "our number of the transfer"),
            EventField::new("out_biz_no", EventFieldKind::Number, "the merchant's number of the transfer"),
            MERCHANT,
            EventField::new("payee", EventFieldKind::Party, "the customer who was paid"),
            EventField::new("money", EventFieldKind::Money, "how much"),
        ],
        tell: tell_transfer,
    },
];

fn party(number: u64) -> Option<EventValue> {
    (number != 0).then_some(EventValue::Party(number))
}

fn tell_paid(event: &Event, cell: u16) -> Result<Telling, Stop> {
    let paid: OrderPaid = decode(&event.body, "event")?;
    let telling = Telling::to(&[paid.merchant, paid.buyer]);
    Ok(of_order(telling, cell, paid.merchant, paid.order, paid.created_date, paid.out_trade_no)
        .with("store", EventValue::Id(paid.store))
        .with_some("buyer", party(paid.buyer))
        .with("total", EventValue::Money(paid.total))
        .with_money("payer_amount", paid.payer_amount, paid.total.currency))
}

fn tell_refunded(event: &Event, cell: u16) -> Result<Telling, Stop> {
    let refunded: OrderRefunded = decode(&event.body, "event")?;
    let (telling, currency) = (Telling::to(&[refunded.merchant, refunded.buyer]), refunded.amount.currency);
    Ok(of_order(telling, cell, refunded.merchant, refunded.order, refunded.created_date, refunded.out_trade_no)
        .with_some("buyer", party(refunded.buyer))
        .with("out_request_no", EventValue::Number(refunded.out_request_no))
        .with("amount", EventValue::Money(refunded.amount))
        .with_money("to_payer", refunded.to_payer, currency)
        .with_money("cumulative", refunded.cumulative, currency))
}

fn tell_closed(event: &Event, cell: u16) -> Result<Telling, Stop> {
    let closed: OrderClosed = decode(&event.body, "event")?;
    let buyer = closed.buyer.unwrap_or(0);
    let telling = Telling::to(&[closed.merchant, buyer]);
    let reason = match closed.reason {
        CloseReason::Expired => "expired",
        CloseReason::Closed => "closed",
        CloseReason::Cancelled => "cancelled",
        CloseReason::Refunded => "refunded",
        CloseReason::CancelledPaid => "cancelled_after_payment",
    };
    Ok(of_order(telling, cell, closed.merchant, closed.order, closed.created_date, closed.out_trade_no)
        .with_some("buyer", party(buyer))
        .with("reason", EventValue::Word(reason)))
}

fn tell_transfer(event: &Event, cell: u16) -> Result<Telling, Stop> {
    let made: TransferMade = decode(&event.body, "event")?;
    let transfer_no = number(made.created_date, cell, made.merchant, made.transfer);
    Ok(Telling::to(&[made.merchant, made.payee])
        .with("transfer_no", EventValue::Number(transfer_no))
        .with("out_biz_no", EventValue::Number(made.out_biz_no))
        .with("merchant", EventValue::Party(made.merchant))
        .with("payee", EventValue::Party(made.payee))
        .with("money", EventValue::Money(made.money)))
}

/// The order's two numbers and its merchant.
fn of_order(
    telling: Telling,
    cell: u16,
    merchant: u64,
    order: u64,
    created_date: Option<u32>,
    out_trade_no: Option<String>,
) -> Telling {
    let trade_no = created_date.map(|date| number(date, cell, merchant, order));
    telling
        .with_some("trade_no", trade_no.map(EventValue::Number))
        .with_some("out_trade_no", out_trade_no.map(EventValue::Number))
        .with("merchant", EventValue::Party(merchant))
}

fn tell_terms(event: &Event, _cell: u16) -> Result<Telling, Stop> {
    let terms: MerchantTerms = decode(&event.body, "event")?;
    Ok(Telling::to(&[terms.merchant]).with("merchant", EventValue::Party(terms.merchant)))
}

fn tell_settled(event: &Event, _cell: u16) -> Result<Telling, Stop> {
    let settlement: Settlement = decode(&event.body, "event")?;
    Ok(Telling::to(&[settlement.merchant])
        .with("settlement", EventValue::Id(settlement.id))
        .with("merchant", EventValue::Party(settlement.merchant))
        .with("date", EventValue::Number(alloc::format!("{:08}", settlement.date))))
}

fn tell_payout(event: &Event, _cell: u16) -> Result<Telling, Stop> {
    let payout: Payout = decode(&event.body, "event")?;
    let state = match payout.state {
        PayoutState::Requested => "requested",
        PayoutState::Settled => "settled",
        PayoutState::Returned => "returned",
        PayoutState::Unknown => "unknown",
    };
    Ok(Telling::to(&[payout.merchant])
        .with("payout", EventValue::Id(payout.id))
        .with("merchant", EventValue::Party(payout.merchant))
        .with("money", EventValue::Money(payout.money))
        .with("state", EventValue::Word(state)))
}
