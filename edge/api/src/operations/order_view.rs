//! An order as this API shows it.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_acquiring::{CloseReason, Order, TradeStatus, trade_no};
use sycee_money::Money;

use crate::desk::Asked;
use crate::wire::{Digits, Instant, MoneyWire};

/// An order as it stands.
#[derive(Serialize, JsonSchema)]
pub(super) struct OrderView<'a> {
    /// Our number of it: 28 digits.
    pub trade_no: String,
    /// The merchant's number of it.
    pub out_trade_no: Cow<'a, str>,
    pub status: Status,
    /// The price.
    pub total: MoneyWire,
    pub subject: Cow<'a, str>,
    pub merchant: Digits,
    pub store: Digits,
    /// The customer who scanned or paid it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buyer: Option<Digits>,
    pub created_at: Instant,
    /// Until when it can be paid.
    pub expires_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Instant>,
    /// What the buyer paid of the price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payer_amount: Option<MoneyWire>,
    /// What was refunded of the price.
    pub refunded: MoneyWire,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close_reason: Option<CloseReasonWire>,
}

/// Where an order stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "OrderStatus")]
pub(super) enum Status {
    /// Its code was issued and nobody has scanned it.
    NotScanned,
    /// It waits for the payment.
    WaitsForPayment,
    /// Paid; it can be refunded.
    Paid,
    /// Paid, and too late for a refund.
    Finished,
    /// Closed unpaid, or refunded in full.
    Closed,
}

impl Status {
    /// As the wire writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotScanned => "not_scanned",
            Self::WaitsForPayment => "waits_for_payment",
            Self::Paid => "paid",
            Self::Finished => "finished",
            Self::Closed => "closed",
        }
    }
}

/// Why an order was closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum CloseReasonWire {
    /// Its time was over.
    Expired,
    /// The merchant closed it unpaid.
    Closed,
    /// The merchant cancelled it unpaid.
    Cancelled,
    /// It was refunded in full.
    Refunded,
    /// The merchant cancelled it after it was paid.
    CancelledAfterPayment,
}

/// An order after a request of its merchant's.
#[derive(Serialize, JsonSchema)]
pub(super) struct OrderReplyWire<'a> {
    pub order: OrderView<'a>,
    /// Whether the same was asked and done before; nothing was changed now.
    pub repeated: bool,
    /// What the customer scans, for an order with a code of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// An order as it stands now.
pub(super) fn view<'a>(asked: &Asked, order: &'a Order) -> OrderView<'a> {
    let texts = (Cow::Borrowed(order.out_trade_no.as_str()), Cow::Borrowed(order.subject.as_str()));
    made(asked.cell.number, asked.desk.world.clock.now_ns(), order, texts)
}

/// The same of an order that is given away.
pub(super) fn view_of(cell: u16, now_ns: u64, mut order: Order) -> OrderView<'static> {
    let texts = (std::mem::take(&mut order.out_trade_no), std::mem::take(&mut order.subject));
    made(cell, now_ns, &order, (Cow::Owned(texts.0), Cow::Owned(texts.1)))
}

fn made<'a>(
    cell: u16,
    now_ns: u64,
    order: &Order,
    (out_trade_no, subject): (Cow<'a, str>, Cow<'a, str>),
) -> OrderView<'a> {
    let amount = |amount| MoneyWire(Money::new(amount, order.total.currency));
    OrderView {
        trade_no: trade_no(order, cell),
        out_trade_no,
        status: match order.status_at(now_ns) {
            TradeStatus::NotExist => Status::NotScanned,
            TradeStatus::WaitBuyerPay => Status::WaitsForPayment,
            TradeStatus::Success => Status::Paid,
            TradeStatus::Finished => Status::Finished,
            TradeStatus::Closed => Status::Closed,
        },
        total: MoneyWire(order.total),
        subject,
        merchant: Digits(order.merchant),
        store: Digits(order.store),
        buyer: order.buyer.map(Digits),
        created_at: Instant(order.created_at_ns),
        expires_at: Instant(order.expires_at_ns),
        paid_at: order.paid.as_ref().map(|paid| Instant(paid.at_ns)),
        payer_amount: order.paid.as_ref().map(|paid| amount(paid.payer_amount)),
        refunded: amount(order.refunded),
        closed_at: order.closed_at(now_ns).map(Instant),
        close_reason: order.close_reason.map(reason),
    }
}

const fn reason(reason: CloseReason) -> CloseReasonWire {
    match reason {
        CloseReason::Expired => CloseReasonWire::Expired,
        CloseReason::Closed => CloseReasonWire::Closed,
        CloseReason::Cancelled => CloseReasonWire::Cancelled,
        CloseReason::Refunded => CloseReasonWire::Refunded,
        CloseReason::CancelledPaid => CloseReasonWire::CancelledAfterPayment,
    }
}
