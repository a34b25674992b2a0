//! Rows of payments: in the payer's cell, in the network, in the payee's cell. Rows of clearing and windows are in
//! [`crate::clearing`] and [`crate::window`].

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use sycee_contract::{Key, Record, Refusal, Table, TimerId};
use sycee_ledger::{AccountId, HoldId};
use sycee_money::{Amount, Currency, Money, Rate};

use crate::message::{DirectoryEntry, Enquire, Stands};
use crate::quote::{Quote, Target};

/// Participants, in the network.
pub const PARTICIPANT: Table = 0x0501;
/// Rates, in the network.
pub const RATE: Table = 0x0502;
/// Quotes that were not used yet, in the network.
pub const QUOTE: Table = 0x0503;
/// Enquiries that wait for a price, in the network.
pub const PRICING: Table = 0x0504;
/// Payments as the network forwards them.
pub const FORWARDED: Table = 0x0505;
/// Enquiries, in the payer's cell.
pub const ENQUIRY: Table = 0x0506;
/// Payments, in the payer's cell.
pub const OUTGOING: Table = 0x0507;
/// Payments, in the payee's cell.
pub const INCOMING: Table = 0x0508;
/// Which payment paid an order, in the payee's cell.
pub const ORDER_PAYMENT: Table = 0x0509;
/// Orders for which a code of another cell was shown, in the payee's cell.
pub const COLLECTION: Table = 0x050a;
/// Who takes part, as the network said it.
pub const DIRECTORY: Table = 0x050b;

/// The participants' numbers: one row, in the network.
pub const ROSTER: Table = 0x050c;

/// Payments that were cancelled before they were heard of, in the network and the payee's cell.
pub const CANCELLED: Table = 0x050d;

/// A payment that was cancelled before it was heard of: it is refused when it comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Cancelled {
    /// When, UTC nanoseconds.
    #[n(0)]
    pub at_ns: u64,
}

impl Cancelled {
    /// The key of a payment's row.
    #[must_use]
    pub fn key(name: PaymentName) -> Key {
        Key::new(CANCELLED).small(name.origin).number(name.payment)
    }
}

impl Record for Cancelled {
    const TABLE: Table = CANCELLED;
}

/// All participants, in the order in which they were registered.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct Roster {
    /// The cells' numbers.
    #[n(0)]
    pub cells: Vec<u16>,
}

impl Roster {
    /// The key of the only row.
    #[must_use]
    pub fn key() -> Key {
        Key::new(ROSTER)
    }
}

impl Record for Roster {
    const TABLE: Table = ROSTER;
}

/// Names a payment in all cells: where it comes from, and that cell's id of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
pub struct PaymentName {
    /// The payer's cell.
    #[n(0)]
    pub origin: u16,
    /// Its id.
    #[n(1)]
    pub payment: u64,
}

/// A participant of the network.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Participant {
    /// What the others are told of it.
    #[n(0)]
    pub entry: DirectoryEntry,
    /// How far it may owe the network in its currency before payments forward are refused; what it has prefunded is added.
    #[n(1)]
    pub net_debit_cap: Amount,
    /// When it was registered, UTC nanoseconds.
    #[n(2)]
    pub registered_at_ns: u64,
}

impl Participant {
    /// The key of a participant's row.
    #[must_use]
    pub fn key(cell: u16) -> Key {
        Key::new(PARTICIPANT).small(cell)
    }
}

impl Record for Participant {
    const TABLE: Table = PARTICIPANT;
}

/// A rate as a source said it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct RateRow {
    /// How many of `counter` one `base` buys, at mid-market.
    #[n(0)]
    pub rate: Rate,
    /// Who says so.
    #[n(1)]
    pub source: String,
    /// As of when, UTC nanoseconds.
    #[n(2)]
    pub at_ns: u64,
}

impl RateRow {
    /// The key of the row of a pair.
    #[must_use]
    pub fn key(base: Currency, counter: Currency) -> Key {
        Key::new(RATE).small(base.numeric()).small(counter.numeric())
    }
}

impl Record for RateRow {
    const TABLE: Table = RATE;
}

/// A quote that the network gave and nobody has used.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OpenQuote {
    /// The quote.
    #[n(0)]
    pub quote: Quote,
    /// The timer that removes it.
    #[n(1)]
    pub timer: TimerId,
    /// Whether a shop collects: then the payee's cell is told when nothing will be paid.
    #[n(2)]
    pub collects: bool,
}

impl OpenQuote {
    /// The key of a quote's row.
    #[must_use]
    pub fn key(quote: u64) -> Key {
        Key::new(QUOTE).number(quote)
    }
}

impl Record for OpenQuote {
    const TABLE: Table = QUOTE;
}

/// An enquiry for which the payee's cell was asked for the price.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Pricing {
    /// The enquiry.
    #[n(0)]
    pub enquire: Enquire,
}

impl Pricing {
    /// The key of the row of an enquiry.
    #[must_use]
    pub fn key(origin: u16, enquiry: u64) -> Key {
        Key::new(PRICING).small(origin).number(enquiry)
    }
}

impl Record for Pricing {
    const TABLE: Table = PRICING;
}

/// Where a payment stands in the network.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Forwarded {
    /// Its name.
    #[n(0)]
    pub name: PaymentName,
    /// What was quoted, or found for money to be sent.
    #[n(1)]
    pub quote: Quote,
    /// Where it stands.
    #[n(2)]
    pub stands: Stands,
    /// The room reserved below the payer's cell's cap, until the payee's cell has answered.
    #[n(3)]
    pub hold: Option<HoldId>,
    /// When it was forwarded, UTC nanoseconds.
    #[n(4)]
    pub forwarded_at_ns: u64,
    /// When it was decided, UTC nanoseconds.
    #[n(5)]
    pub ended_at_ns: Option<u64>,
    /// How much of the price was refunded, in the payee's currency.
    #[n(6)]
    pub refunded: Amount,
    /// How much was returned to the payer, in the payer's currency.
    #[n(7)]
    pub returned: Amount,
    /// What refunds have cost the network because the rate moved, minor units of the payer's currency; below zero what they
    /// have brought.
    #[n(8)]
    pub moved_minor: i64,
    /// Whether a shop collects it.
    #[n(9)]
    pub collects: bool,
}

impl Forwarded {
    /// The key of a payment's row.
    #[must_use]
    pub fn key(name: PaymentName) -> Key {
        Key::new(FORWARDED).small(name.origin).number(name.payment)
    }
}

impl Record for Forwarded {
    const TABLE: Table = FORWARDED;
}

/// Where an enquiry stands in the payer's cell.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum EnquiryState {
    /// The network was asked.
    #[n(0)]
    Asked,
    /// The network has quoted. The signature is the network's over the message that brought the quote.
    #[n(1)]
    Quoted {
        /// The quote.
        #[n(0)]
        quote: Quote,
        /// The network's signature.
        #[cbor(n(1), with = "minicbor::bytes")]
        signature: Option<Vec<u8>>,
    },
    /// It was refused.
    #[n(2)]
    Refused {
        /// Why.
        #[n(0)]
        refusal: Refusal,
    },
    /// The quote was used for this payment.
    #[n(3)]
    Used {
        /// The payment's id.
        #[n(0)]
        payment: u64,
    },
}

/// An enquiry in the payer's cell.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Enquiry {
    /// Its id.
    #[n(0)]
    pub id: u64,
    /// Who asks.
    #[n(1)]
    pub payer: u64,
    /// The payee's cell.
    #[n(2)]
    pub destination: u16,
    /// Whom to pay.
    #[n(3)]
    pub target: Target,
    /// Where it stands.
    #[n(4)]
    pub state: EnquiryState,
    /// When it was asked, UTC nanoseconds.
    #[n(5)]
    pub asked_at_ns: u64,
    /// The timer that removes it.
    #[n(6)]
    pub timer: TimerId,
    /// How much the payer typed, in the payee's currency; `None` for an order.
    #[n(7)]
    pub amount: Option<Money>,
}

impl Enquiry {
    /// The key of an enquiry's row.
    #[must_use]
    pub fn key(id: u64) -> Key {
        Key::new(ENQUIRY).number(id)
    }
}

impl Record for Enquiry {
    const TABLE: Table = ENQUIRY;
}

/// Where a payment stands in the payer's cell.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum OutgoingState {
    /// The money is held; the network was told.
    #[n(0)]
    Held,
    /// The payee was paid; the money is posted.
    #[n(1)]
    Done,
    /// It was refused; the money is released.
    #[n(2)]
    Refused {
        /// Why.
        #[n(0)]
        refusal: Refusal,
    },
    /// A person released the money without an answer, on evidence from elsewhere.
    #[n(3)]
    Released,
}

/// A payment in the payer's cell.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Outgoing {
    /// Its id.
    #[n(0)]
    pub id: u64,
    /// Who pays: a customer, or a merchant who sends money.
    #[n(1)]
    pub payer: u64,
    /// The network's cell.
    #[n(2)]
    pub network: u16,
    /// The payee's cell.
    #[n(3)]
    pub destination: u16,
    /// Whom it pays.
    #[n(4)]
    pub target: Target,
    /// What is held, or was paid.
    #[n(5)]
    pub total: Money,
    /// The payer's account.
    #[n(6)]
    pub account: AccountId,
    /// The hold.
    #[n(7)]
    pub hold: HoldId,
    /// Where it stands.
    #[n(8)]
    pub state: OutgoingState,
    /// The quote; for money sent at the rate of the moment, once the network has said it.
    #[n(9)]
    pub quote: Option<Quote>,
    /// The network's signature over the message that brought the quote.
    #[cbor(n(10), with = "minicbor::bytes")]
    pub signature: Option<Vec<u8>>,
    /// When the money was held, UTC nanoseconds.
    #[n(11)]
    pub held_at_ns: u64,
    /// When it ended, UTC nanoseconds.
    #[n(12)]
    pub ended_at_ns: Option<u64>,
    /// What the payee's cell calls it: the order, its calendar day, and the payee.
    #[n(13)]
    pub receipt: Option<Receipt>,
    /// How much of the price was refunded, in the payee's currency.
    #[n(14)]
    pub refunded: Amount,
    /// How much came back, in the payer's currency.
    #[n(15)]
    pub returned: Amount,
    /// How often the network was asked about it.
    #[n(16)]
    pub asked: u32,
    /// The timer that asks next.
    #[n(17)]
    pub timer: Option<TimerId>,
    /// What the network said last.
    #[n(18)]
    pub standing: Option<Stands>,
    /// The merchant's own number of a transfer.
    #[n(19)]
    pub out_biz_no: Option<String>,
    /// Refunds that came before the payment's own acceptance was understood, in the payer's currency: they are in suspense
    /// until it is.
    #[n(20)]
    pub waiting_refunds: Amount,
}

/// What the payee's cell calls a payment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Receipt {
    /// The order; 0 if there is none.
    #[n(0)]
    pub order: u64,
    /// Its calendar day, yyyymmdd.
    #[n(1)]
    pub order_date: u32,
    /// The merchant, or the customer who was sent money.
    #[n(2)]
    pub payee: u64,
}

impl Outgoing {
    /// How often the network is asked before people must look.
    pub const ASKED_MAX: u32 = 6;

    /// The key of a payment's row.
    #[must_use]
    pub fn key(id: u64) -> Key {
        Key::new(OUTGOING).number(id)
    }

    /// The payee's cell's number of what was paid; `None` until that is known, and for money sent to a customer.
    #[must_use]
    pub fn trade_no(&self) -> Option<String> {
        let receipt = self.receipt.filter(|receipt| receipt.order != 0)?;
        let (date, cell) = (receipt.order_date, self.destination);
        Some(sycee_acquiring::number::number(date, cell, receipt.payee, receipt.order))
    }

    /// Whether it waits for people: the network was asked often enough and gave no final answer.
    #[must_use]
    pub fn waits_for_people(&self) -> bool {
        self.state == OutgoingState::Held && self.asked >= Self::ASKED_MAX
    }
}

impl Record for Outgoing {
    const TABLE: Table = OUTGOING;
}

/// A payment in the payee's cell.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Incoming {
    /// Its name.
    #[n(0)]
    pub name: PaymentName,
    /// The network's cell.
    #[n(1)]
    pub network: u16,
    /// Who pays, how much, and what the payer pays for it.
    #[n(2)]
    pub quote: Quote,
    /// The order that it paid; 0 for money sent to a customer.
    #[n(3)]
    pub order: u64,
    /// The merchant or customer who was paid.
    #[n(4)]
    pub payee: u64,
    /// When, UTC nanoseconds.
    #[n(5)]
    pub at_ns: u64,
    /// How much of it went back.
    #[n(6)]
    pub refunded: Amount,
}

impl Incoming {
    /// The key of a payment's row.
    #[must_use]
    pub fn key(name: PaymentName) -> Key {
        Key::new(INCOMING).small(name.origin).number(name.payment)
    }
}

impl Record for Incoming {
    const TABLE: Table = INCOMING;
}

/// Which payment paid an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OrderPayment {
    /// The payment.
    #[n(0)]
    pub name: PaymentName,
}

impl OrderPayment {
    /// The key of an order's row.
    #[must_use]
    pub fn key(order: u64) -> Key {
        Key::new(ORDER_PAYMENT).number(order)
    }
}

impl Record for OrderPayment {
    const TABLE: Table = ORDER_PAYMENT;
}

/// An order for which a code of another cell was shown: until it is paid or refused.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Collection {
    /// The order.
    #[n(0)]
    pub order: u64,
    /// The merchant.
    #[n(1)]
    pub merchant: u64,
    /// The cell whose code it is.
    #[n(2)]
    pub origin: u16,
    /// Why nothing was paid; `None` while it is under way.
    #[n(3)]
    pub refusal: Option<Refusal>,
    /// The timer that removes a refused one.
    #[n(4)]
    pub timer: Option<TimerId>,
}

impl Collection {
    /// The key of an order's row.
    #[must_use]
    pub fn key(order: u64) -> Key {
        Key::new(COLLECTION).number(order)
    }
}

impl Record for Collection {
    const TABLE: Table = COLLECTION;
}

/// What the network said of a cell.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct KnownCell {
    /// The entry.
    #[n(0)]
    pub entry: DirectoryEntry,
    /// The network that it is reached by.
    #[n(1)]
    pub network: u16,
    /// As of when the network said so, by its stamp, UTC nanoseconds.
    #[n(2)]
    pub at_ns: Option<u64>,
}

impl KnownCell {
    /// The key of a cell's row.
    #[must_use]
    pub fn key(cell: u16) -> Key {
        Key::new(DIRECTORY).small(cell)
    }
}

impl Record for KnownCell {
    const TABLE: Table = DIRECTORY;
}
