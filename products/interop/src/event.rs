//! What payers are told of their payments to other cells. The shop abroad is told by acquiring, in its own cell.

use alloc::string::String;

use minicbor::{Decode, Encode};
use sycee_contract::{Event, EventDescriptor, EventField, EventFieldKind, EventValue, Stop, Telling, decode};
use sycee_money::Money;

/// The event that a payment to another cell has ended: body [`PaymentEnded`].
pub const EVENT_PAYMENT_ABROAD_ENDED: u16 = 0x0501;
/// The event that a payment to another cell was refunded, whole or in part: body [`PaymentReturned`].
pub const EVENT_PAYMENT_ABROAD_RETURNED: u16 = 0x0502;

/// How a payment has ended, for the payer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum Ending {
    /// The payee was paid.
    #[n(0)]
    Done,
    /// It was refused; the money is free again.
    #[n(1)]
    Refused,
    /// A person has freed the money, on evidence from elsewhere.
    #[n(2)]
    Released,
}

/// The body of [`EVENT_PAYMENT_ABROAD_ENDED`].
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PaymentEnded {
    /// Its id in the payer's cell.
    #[n(0)]
    pub payment: u64,
    /// Who pays.
    #[n(1)]
    pub payer: u64,
    /// What was paid, or is free again, in the payer's currency.
    #[n(2)]
    pub total: Money,
    /// How it ended.
    #[n(3)]
    pub ending: Ending,
    /// The merchant's own number of a transfer.
    #[n(4)]
    pub out_biz_no: Option<String>,
}

/// The body of [`EVENT_PAYMENT_ABROAD_RETURNED`].
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PaymentReturned {
    /// Its id in the payer's cell.
    #[n(0)]
    pub payment: u64,
    /// Who paid.
    #[n(1)]
    pub payer: u64,
    /// What came back now, in the payer's currency.
    #[n(2)]
    pub returned: Money,
}

const PAYMENT: EventField = EventField::new("payment", EventFieldKind::Id, "the payment's id");

pub(crate) static EVENTS: &[EventDescriptor] = &[
    EventDescriptor {
        kind: EVENT_PAYMENT_ABROAD_ENDED,
        name: "payment_abroad_ended",
        meaning: "A payment to another cell was done, refused, or its money released.",
        fields: &[
            PAYMENT,
            EventField::new("payer", EventFieldKind::Party, "who pays"),
            EventField::new("total", EventFieldKind::Money, "what was paid, or is free again"),
            EventField::new("ending", EventFieldKind::Word, "done, refused or released"),
            EventField::optional("out_biz_no", EventFieldKind::Number, "the merchant's own number of a transfer"),
        ],
        tell: tell_ended,
    },
    EventDescriptor {
        kind: EVENT_PAYMENT_ABROAD_RETURNED,
        name: "payment_abroad_returned",
        meaning: "A payment to another cell was refunded, whole or in part.",
        fields: &[
            PAYMENT,
            EventField::new("payer", EventFieldKind::Party, "who paid"),
            EventField::new("returned", EventFieldKind::Money, "what came back now"),
        ],
        tell: tell_returned,
    },
];

fn tell_ended(event: &Event, _cell: u16) -> Result<Telling, Stop> {
    let PaymentEnded { payment, payer, total, ending, out_biz_no } = decode(&event.body, "event")?;
    let ending = match ending {
        Ending::Done => "done",
        Ending::Refused => "refused",
        Ending::Released => "released",
    };
    Ok(Telling::to(&[payer])
        .with("payment", EventValue::Id(payment))
        .with("payer", EventValue::Party(payer))
        .with("total", EventValue::Money(total))
        .with("ending", EventValue::Word(ending))
        .with_some("out_biz_no", out_biz_no.map(EventValue::Number)))
}

fn tell_returned(event: &Event, _cell: u16) -> Result<Telling, Stop> {
    let PaymentReturned { payment, payer, returned } = decode(&event.body, "event")?;
    Ok(Telling::to(&[payer])
        .with("payment", EventValue::Id(payment))
        .with("payer", EventValue::Party(payer))
        .with("returned", EventValue::Money(returned)))
}
