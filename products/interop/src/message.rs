//! What cells say to each other: kinds and bodies. Field numbers are for ever.
//!
//! Each body travels in an [`Envelope`], which says in words that need no knowledge of the body who owes whom how much more
//! because of it. So a message that is not understood can still be booked (law 7).

mod window;

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use sycee_contract::Refusal;
use sycee_money::{Amount, Currency, Money};

use crate::quote::{Quote, Target};
use crate::record::PaymentName;

pub use window::{
    CurrencyTotals, Draining, Instruction, Payer, Settled, StreamTotals, WindowAnswer, WindowPlace, WindowTotals,
};

/// Payer's cell → network: what would it cost? Body [`Enquire`].
pub const ENQUIRE: u16 = 0x0501;
/// Network → payee's cell: what does the order cost? Body [`AskPrice`].
pub const ASK_PRICE: u16 = 0x0502;
/// Payee's cell → network: body [`Priced`].
pub const PRICED: u16 = 0x0503;
/// Network → payer's cell: body [`Quoted`]. Evidence: this is the signed quote.
pub const QUOTED: u16 = 0x0504;
/// Payer's cell → network: the money is held, pay. Body [`Pay`].
pub const PAY: u16 = 0x0505;
/// Payer's cell → network: so much is held, send it. Body [`SendMoney`].
pub const SEND_MONEY: u16 = 0x0506;
/// Network → payee's cell: body [`Deliver`].
pub const DELIVER: u16 = 0x0507;
/// Payee's cell → network: it is done. Body [`Delivered`]; the network owes.
pub const DELIVERED: u16 = 0x0508;
/// Payee's cell → network: it will not be done. Body [`NotDelivered`]. Evidence.
pub const NOT_DELIVERED: u16 = 0x0509;
/// Network → payer's cell: it is done. Body [`Accepted`]; the payer's cell owes. Evidence.
pub const ACCEPTED: u16 = 0x050a;
/// Network → payer's cell: it will not be done, release the money. Body [`Refused`]. Evidence.
pub const REFUSED: u16 = 0x050b;
/// Payee's cell → network: a part goes back. Body [`Refund`]; the payee's cell owes.
pub const REFUND: u16 = 0x050c;
/// Network → payer's cell: a part comes back. Body [`Return`]; the network owes.
pub const RETURN: u16 = 0x050d;
/// Payee's cell → network: a customer of another cell showed a payment code. Body [`Collect`].
pub const COLLECT: u16 = 0x050e;
/// Network → payer's cell: body [`Present`]. Evidence: it carries the signed quote.
pub const PRESENT: u16 = 0x050f;
/// Payer's cell → network → payee's cell: nothing will be paid with that code. Body [`CollectRefused`].
pub const COLLECT_REFUSED: u16 = 0x0510;
/// Payer's cell → network: what became of it? Body [`Inquire`].
pub const INQUIRE: u16 = 0x0511;
/// Network → payer's cell: body [`Standing`].
pub const STANDING: u16 = 0x0512;
/// Network → all: who takes part. Body [`Directory`].
pub const DIRECTORY: u16 = 0x0513;
/// Network → participant: a window closes. Body [`Draining`].
pub const DRAINING: u16 = 0x0514;
/// Participant → network: its totals. Body [`WindowTotals`]. Evidence.
pub const WINDOW_TOTALS: u16 = 0x0515;
/// Network → participant: the totals agree, or do not. Body [`WindowAnswer`]. Evidence.
pub const WINDOW_ANSWER: u16 = 0x0516;
/// Network → participant: a window's net amount was paid. Body [`Settled`]; it clears what was owed.
pub const SETTLED: u16 = 0x0517;

/// Network → participant: what it has paid ahead has come. Body [`Prefunded`]. Evidence.
pub const PREFUNDED: u16 = 0x0518;

/// Payer's cell → network → payee's cell: people have released the money; if it was not paid yet, it must not be. Body
/// [`Cancel`]. Evidence.
pub const CANCEL: u16 = 0x0519;

/// Who owes more because of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum OwedTo {
    /// The receiver now owes the sender that much more.
    #[n(0)]
    Sender,
    /// The sender now owes the receiver that much more.
    #[n(1)]
    Receiver,
}

/// What a message does to the clearing between its two cells.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Clearing {
    /// How much.
    #[n(0)]
    pub money: Money,
    /// Who owes more.
    #[n(1)]
    pub owed_to: OwedTo,
    /// Whether it pays what was owed, and so is no part of a window's net amount.
    #[n(2)]
    pub settles: bool,
    /// Its place in the sender's stream of this currency, from 1: the receiver's count must come to the same.
    #[n(3)]
    pub place: u64,
    /// The payment that it is of, if it is of one.
    #[n(4)]
    pub payment: Option<PaymentName>,
}

/// A message's body as it travels.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Envelope {
    /// What it does to the clearing.
    #[n(0)]
    pub clearing: Option<Clearing>,
    /// The encoded body of the kind.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub body: Vec<u8>,
}

/// What is asked to be paid.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Enquire {
    /// The payer's cell's id of the enquiry.
    #[n(0)]
    pub enquiry: u64,
    /// The payer's party number.
    #[n(1)]
    pub payer: u64,
    /// The payer's currency.
    #[n(2)]
    pub currency: Currency,
    /// The payee's cell.
    #[n(3)]
    pub destination: u16,
    /// Whom to pay.
    #[n(4)]
    pub target: Target,
    /// How much, in the payee's currency; `None` for an order, whose price its cell knows.
    #[n(5)]
    pub amount: Option<Money>,
}

/// The network asks for the price of an order.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct AskPrice {
    /// The payer's cell.
    #[n(0)]
    pub origin: u16,
    /// Its id of the enquiry.
    #[n(1)]
    pub enquiry: u64,
    /// The order.
    #[n(2)]
    pub order: u64,
    /// Who would pay: the trade becomes visible for them.
    #[n(3)]
    pub payer: u64,
}

/// An answer of one of two kinds.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Answered<T> {
    /// It is this.
    #[n(0)]
    Yes(#[n(0)] T),
    /// It is refused, by the number that refusals have in every cell.
    #[n(1)]
    No(#[n(0)] Refusal),
}

/// The price of an order.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Priced {
    /// The payer's cell.
    #[n(0)]
    pub origin: u16,
    /// Its id of the enquiry.
    #[n(1)]
    pub enquiry: u64,
    /// The price.
    #[n(2)]
    pub price: Answered<Money>,
}

/// A quote for an enquiry.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Quoted {
    /// The payer's cell's id of the enquiry.
    #[n(0)]
    pub enquiry: u64,
    /// The quote.
    #[n(1)]
    pub quote: Answered<Quote>,
}

/// The payer's cell holds the money of a quote.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Pay {
    /// The payer's cell's id of the payment.
    #[n(0)]
    pub payment: u64,
    /// The quote's id.
    #[n(1)]
    pub quote: u64,
    /// When the money was held, by the payer's cell's stamp, UTC nanoseconds: it decides whether the quote was still good.
    #[n(2)]
    pub held_at_ns: u64,
    /// Who pays: the quote does not know it where a shop has scanned a code.
    #[n(3)]
    pub payer: u64,
}

/// The payer's cell holds so much and wants it sent, at the rate of the moment.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SendMoney {
    /// The payer's cell's id of the payment.
    #[n(0)]
    pub payment: u64,
    /// Who pays.
    #[n(1)]
    pub payer: u64,
    /// What is held.
    #[n(2)]
    pub total: Money,
    /// The payee's cell.
    #[n(3)]
    pub destination: u16,
    /// Whom to pay.
    #[n(4)]
    pub target: Target,
}

/// The network asks the payee's cell to pay the payee: the money is held, the network answers for it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Deliver {
    /// Which payment.
    #[n(0)]
    pub payment: PaymentName,
    /// Who pays, whom, how much, and what the payer pays for it, so that a receipt can show all of it.
    #[n(1)]
    pub quote: Quote,
}

/// The payee was paid.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Delivered {
    /// Which payment.
    #[n(0)]
    pub payment: PaymentName,
    /// When, by the payee's cell's stamp, UTC nanoseconds.
    #[n(1)]
    pub at_ns: u64,
    /// The order that was paid; 0 if there is none.
    #[n(2)]
    pub order: u64,
    /// The payee's cell's calendar day of the order: a part of the trade's number.
    #[n(3)]
    pub order_date: u32,
    /// The merchant, or the customer who was sent money.
    #[n(4)]
    pub payee: u64,
}

/// The payee will not be paid: the payee's cell has decided, and will decide the same for ever.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct NotDelivered {
    /// Which payment.
    #[n(0)]
    pub payment: PaymentName,
    /// Why.
    #[n(1)]
    pub refusal: Refusal,
}

/// The payment is done: post the held money.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Accepted {
    /// What the payee's cell said.
    #[n(0)]
    pub delivered: Delivered,
    /// The split, which the payer's cell did not know when it held money to be sent at the rate of the moment.
    #[n(1)]
    pub quote: Quote,
}

/// The payment will not be done: release the held money.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Refused {
    /// The payer's cell's id of the payment.
    #[n(0)]
    pub payment: u64,
    /// Why.
    #[n(1)]
    pub refusal: Refusal,
}

/// A part of the price goes back.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Refund {
    /// Of which payment.
    #[n(0)]
    pub payment: PaymentName,
    /// The merchant's number of the refund.
    #[n(1)]
    pub request: String,
    /// This refund's part of the price.
    #[n(2)]
    pub amount: Money,
    /// All refunds of the payment so far, with this one.
    #[n(3)]
    pub cumulative: Amount,
}

/// A part of what was paid comes back.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Return {
    /// The payer's cell's id of the payment.
    #[n(0)]
    pub payment: u64,
    /// The merchant's number of the refund.
    #[n(1)]
    pub request: String,
    /// This refund's part of the price, in the payee's currency.
    #[n(2)]
    pub refunded: Money,
    /// All refunds of the payment so far.
    #[n(3)]
    pub cumulative: Amount,
    /// What the payer gets back, in the payer's currency; may be nothing for a refund of less than a minor unit's worth.
    #[n(4)]
    pub returned: Money,
}

/// A shop has scanned the payment code of another cell's customer.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Collect {
    /// The order.
    #[n(0)]
    pub order: u64,
    /// The merchant.
    #[n(1)]
    pub merchant: u64,
    /// Its price.
    #[n(2)]
    pub price: Money,
    /// The cell whose code it is.
    #[n(3)]
    pub origin: u16,
    /// The network's keyed digest of the code's digits.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub code_digest: [u8; 32],
    /// The only customer who may pay it.
    #[n(5)]
    pub required_buyer: Option<u64>,
}

/// A payment code and what is to be paid with it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Present {
    /// The network's keyed digest of the code's digits.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub code_digest: [u8; 32],
    /// The quote; its payer is 0, because only the payer's cell knows whose code it is.
    #[n(1)]
    pub quote: Quote,
    /// The only customer who may pay it.
    #[n(2)]
    pub required_buyer: Option<u64>,
}

/// Nothing will be paid with a code that was shown for an order.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct CollectRefused {
    /// The quote that it was shown with; 0 if there was none.
    #[n(0)]
    pub quote: u64,
    /// The payee's cell.
    #[n(1)]
    pub destination: u16,
    /// The order.
    #[n(2)]
    pub order: u64,
    /// Why.
    #[n(3)]
    pub refusal: Refusal,
}

/// What became of a payment?
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Inquire {
    /// The payer's cell's id of the payment.
    #[n(0)]
    pub payment: u64,
}

/// Where a payment stands in the network.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum Stands {
    /// The network has not heard of it.
    #[n(0)]
    Unknown,
    /// The payee's cell was asked and has not answered.
    #[n(1)]
    Forwarded,
    /// It is done; the payer's cell was told.
    #[n(2)]
    Done,
    /// It will not be done; the payer's cell was told.
    #[n(3)]
    Refused,
}

/// The answer to [`Inquire`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Standing {
    /// The payer's cell's id of the payment.
    #[n(0)]
    pub payment: u64,
    /// Where it stands.
    #[n(1)]
    pub stands: Stands,
}

/// One cell that takes part.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct DirectoryEntry {
    /// Its number.
    #[n(0)]
    pub cell: u16,
    /// Its short name.
    #[n(1)]
    pub name: String,
    /// Its currency.
    #[n(2)]
    pub currency: Currency,
    /// Which codes are its: patterns in text form, see the crate `codes`.
    #[n(3)]
    pub code_patterns: Vec<String>,
    /// Whether it may pay and be paid now.
    #[n(4)]
    pub active: bool,
}

/// Who takes part.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Directory {
    /// All of them.
    #[n(0)]
    pub entries: Vec<DirectoryEntry>,
    /// As of when, by the network's stamp, UTC nanoseconds: one that was parked and is understood later tells nothing new.
    #[n(1)]
    pub at_ns: Option<u64>,
}

/// What a participant has paid ahead has come.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Prefunded {
    /// How much.
    #[n(0)]
    pub money: Money,
    /// The bank's reference.
    #[n(1)]
    pub bank_reference: String,
}

/// The payer's cell has given the money back. Whoever has not decided on the payment yet, refuses it from now on, also when
/// it is heard of later.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Cancel {
    /// Which payment.
    #[n(0)]
    pub payment: PaymentName,
}
