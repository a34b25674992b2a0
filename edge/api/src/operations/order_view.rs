//! An order as this API shows it.

use schemars::JsonSchema;
use serde::Serialize;
use sycee_acquiring::{CloseReason, Order, TradeStatus, trade_no};
use sycee_money::Money;

use crate::desk::Asked;
use crate::wire::{Digits, Instant, MoneyWire};

/// An order as it stands.
#[derive(Serialize, JsonSchema)]
pub(super) struct OrderView<'a> {
    /// Our number of it: 28 digits.
    trade_no: String,
    /// The merchant's number of it.
    out_trade_no: &'a str,
    status: Status,
    /// The price.
    total: MoneyWire,
    subject: &'a str,
    merchant: Digits,
    store: Digits,
    /// The customer who scanned or paid it.
    #[serde(skip_serializing_if = "Option::is_none")]
    buyer: Option<Digits>,
    created_at: Instant,
    /// Until when it can be paid.
    expires_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    paid_at: Option<Instant>,
    /// What the buyer paid of the price.
    #[serde(skip_serializing_if = "Option::is_none")]
    payer_amount: Option<MoneyWire>,
    /// What was refunded of the price.
    refunded: MoneyWire,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    close_reason: Option<&'static str>,
}

/// Where an order stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
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
    let now_ns = asked.desk.world.clock.now_ns();
    let amount = |amount| MoneyWire(Money::new(amount, order.total.currency));
    OrderView {
        trade_no: trade_no(order, asked.cell.number),
        out_trade_no: &order.out_trade_no,
        status: match order.status_at(now_ns) {
            TradeStatus::NotExist => Status::NotScanned,
            TradeStatus::WaitBuyerPay => Status::WaitsForPayment,
            TradeStatus::Success => Status::Paid,
            TradeStatus::Finished => Status::Finished,
            TradeStatus::Closed => Status::Closed,
        },
        total: MoneyWire(order.total),
        subject: &order.subject,
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

const fn reason(reason: CloseReason) -> &'static str {
    match reason {
        CloseReason::Expired => "expired",
        CloseReason::Closed => "closed",
        CloseReason::Cancelled => "cancelled",
        CloseReason::Refunded => "refunded",
        CloseReason::CancelledPaid => "cancelled_after_payment",
    }
}
