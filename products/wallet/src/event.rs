//! What subscribers are told: money that came in, went out or changed hands, and requests for it.

use minicbor::{Decode, Encode};
use sycee_contract::{Event, EventDescriptor, EventField, EventFieldKind, EventValue, Stop, Telling, decode};
use sycee_money::Money;

/// The event that a customer was credited what came in from outside: body [`CashBooked`].
pub const EVENT_CASH_IN: u16 = 0x0201;
/// The event that a customer's money went out: body [`CashBooked`].
pub const EVENT_CASH_OUT: u16 = 0x0202;
/// The event that one customer paid another: body [`MoneySent`].
pub const EVENT_MONEY_SENT: u16 = 0x0203;
/// The event that one customer asked another for money: body [`MoneyAsked`].
pub const EVENT_MONEY_REQUESTED: u16 = 0x0204;
/// The event that the customer who was asked declined: body [`MoneyAsked`].
pub const EVENT_MONEY_REQUEST_DECLINED: u16 = 0x0205;

/// The body of [`EVENT_CASH_IN`] and [`EVENT_CASH_OUT`].
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct CashBooked {
    /// The transfer's id.
    #[n(0)]
    pub transfer: u64,
    /// Whose money it is.
    #[n(1)]
    pub customer: u64,
    /// How much.
    #[n(2)]
    pub money: Money,
}

/// The body of [`EVENT_MONEY_SENT`].
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct MoneySent {
    /// The transfer's id.
    #[n(0)]
    pub transfer: u64,
    /// Who paid.
    #[n(1)]
    pub payer: u64,
    /// Who was paid.
    #[n(2)]
    pub payee: u64,
    /// How much.
    #[n(3)]
    pub money: Money,
    /// The money request that it answers.
    #[n(4)]
    pub request: Option<u64>,
}

/// The body of [`EVENT_MONEY_REQUESTED`] and [`EVENT_MONEY_REQUEST_DECLINED`].
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct MoneyAsked {
    /// The request's id.
    #[n(0)]
    pub request: u64,
    /// Who is asked to pay.
    #[n(1)]
    pub payer: u64,
    /// Who asks.
    #[n(2)]
    pub payee: u64,
    /// How much.
    #[n(3)]
    pub money: Money,
    /// From when on it can no longer be paid, UTC nanoseconds.
    #[n(4)]
    pub expires_at_ns: u64,
}

const CASH: &[EventField] = &[
    EventField::new("transfer", EventFieldKind::Id, "the transfer's id"),
    EventField::new("customer", EventFieldKind::Party, "whose money it is"),
    EventField::new("money", EventFieldKind::Money, "how much"),
];

const ASKED: &[EventField] = &[
    EventField::new("request", EventFieldKind::Id, "the request's id"),
    EventField::new("payer", EventFieldKind::Party, "who is asked to pay"),
    EventField::new("payee", EventFieldKind::Party, "who asks"),
    EventField::new("money", EventFieldKind::Money, "how much"),
    EventField::new("expires_at", EventFieldKind::Time, "from when on it can no longer be paid"),
];

pub(crate) static EVENTS: &[EventDescriptor] = &[
    EventDescriptor {
        kind: EVENT_CASH_IN,
        name: "cash_in_booked",
        meaning: "A customer was credited what came in on the operator's bank account.",
        fields: CASH,
        tell: tell_cash,
    },
    EventDescriptor {
        kind: EVENT_CASH_OUT,
        name: "cash_out_booked",
        meaning: "A customer's money left by the operator's bank account.",
        fields: CASH,
        tell: tell_cash,
    },
    EventDescriptor {
        kind: EVENT_MONEY_SENT,
        name: "money_sent",
        meaning: "One customer paid another.",
        fields: &[
            EventField::new("transfer", EventFieldKind::Id, "the transfer's id"),
            EventField::new("payer", EventFieldKind::Party, "who paid"),
            EventField::new("payee", EventFieldKind::Party, "who was paid"),
            EventField::new("money", EventFieldKind::Money, "how much"),
            EventField::optional("request", EventFieldKind::Id, "the money request that it answers"),
        ],
        tell: tell_sent,
    },
    EventDescriptor {
        kind: EVENT_MONEY_REQUESTED,
        name: "money_requested",
        meaning: "One customer asked another for money; nothing has moved.",
        fields: ASKED,
        tell: tell_asked,
    },
    EventDescriptor {
        kind: EVENT_MONEY_REQUEST_DECLINED,
        name: "money_request_declined",
        meaning: "The customer who was asked for money does not want to pay; nothing has moved.",
        fields: ASKED,
        tell: tell_asked,
    },
];

fn tell_cash(event: &Event, _cell: u16) -> Result<Telling, Stop> {
    let CashBooked { transfer, customer, money } = decode(&event.body, "event")?;
    Ok(Telling::to(&[customer])
        .with("transfer", EventValue::Id(transfer))
        .with("customer", EventValue::Party(customer))
        .with("money", EventValue::Money(money)))
}

fn tell_sent(event: &Event, _cell: u16) -> Result<Telling, Stop> {
    let MoneySent { transfer, payer, payee, money, request } = decode(&event.body, "event")?;
    Ok(Telling::to(&[payer, payee])
        .with("transfer", EventValue::Id(transfer))
        .with("payer", EventValue::Party(payer))
        .with("payee", EventValue::Party(payee))
        .with("money", EventValue::Money(money))
        .with_some("request", request.map(EventValue::Id)))
}

fn tell_asked(event: &Event, _cell: u16) -> Result<Telling, Stop> {
    let MoneyAsked { request, payer, payee, money, expires_at_ns } = decode(&event.body, "event")?;
    Ok(Telling::to(&[payer, payee])
        .with("request", EventValue::Id(request))
        .with("payer", EventValue::Party(payer))
        .with("payee", EventValue::Party(payee))
        .with("money", EventValue::Money(money))
        .with("expires_at", EventValue::Time(expires_at_ns)))
}
