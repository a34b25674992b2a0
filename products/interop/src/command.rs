//! What interop can be asked: codes, bodies and replies.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use sycee_acquiring::command::OrderFields;
use sycee_contract::CommandCode;
use sycee_money::{Amount, Currency, Money, Rate};

use crate::message::DirectoryEntry;
use crate::quote::Target;

/// `register_participant` (operator of a network): body [`RegisterParticipant`]. The same number again changes the entry.
pub const REGISTER_PARTICIPANT: CommandCode = 0x0501;
/// `set_rates` (operator of a network): body [`SetRates`].
pub const SET_RATES: CommandCode = 0x0502;
/// `enquire` (customer): body [`EnquireBody`], reply [`EnquireReply`]. The answer is in the enquiry's row.
pub const ENQUIRE: CommandCode = 0x0503;
/// `pay_abroad` (customer): body [`PayAbroad`], reply [`PayAbroadReply`]. Repeats answer the same.
pub const PAY_ABROAD: CommandCode = 0x0504;
/// `drop_enquiry` (by timer): body [`Numbered`].
pub const DROP_ENQUIRY: CommandCode = 0x0505;
/// `drop_quote` (by timer): body [`Numbered`].
pub const DROP_QUOTE: CommandCode = 0x0506;
/// `collect` (merchant): body [`CollectBody`], reply [`sycee_acquiring::reply::OrderReply`].
pub const COLLECT: CommandCode = 0x0507;
/// `drop_collection` (by timer): body [`Numbered`], an order.
pub const DROP_COLLECTION: CommandCode = 0x0508;
/// `pass_refund` (a reaction): body [`PassRefund`].
pub const PASS_REFUND: CommandCode = 0x0509;
/// `send_money` (merchant): body [`sycee_acquiring::command::TransferToCustomer`], reply
/// [`sycee_acquiring::reply::TransferReply`].
pub const SEND_MONEY: CommandCode = 0x050a;
/// `ask_about` (by timer): body [`Numbered`], a payment.
pub const ASK_ABOUT: CommandCode = 0x050b;
/// `release_payment` (operator): body [`ReleasePayment`].
pub const RELEASE_PAYMENT: CommandCode = 0x050c;
/// `close_window` (operator of a network, or by timer): body [`CloseWindow`], reply [`Numbered`]: the window that closed.
pub const CLOSE_WINDOW: CommandCode = 0x050d;
/// `confirm_settlement` (operator of a network): body [`ConfirmSettlement`].
pub const CONFIRM_SETTLEMENT: CommandCode = 0x050e;
/// `exchange` (operator of a network, key): body [`Exchange`].
pub const EXCHANGE: CommandCode = 0x050f;
/// `prefund` (operator of a network, key): body [`Prefund`].
pub const PREFUND: CommandCode = 0x0510;

/// A row by its number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Numbered {
    /// The number.
    #[n(0)]
    pub id: u64,
}

/// Takes a cell into the network, or changes what is known of it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct RegisterParticipant {
    /// What the others are told of it.
    #[n(0)]
    pub entry: DirectoryEntry,
    /// How far it may owe the network, in its currency.
    #[n(1)]
    pub net_debit_cap: Amount,
}

/// A rate of one pair.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct RateOfPair {
    /// One of these …
    #[n(0)]
    pub base: Currency,
    /// … buys so many of those.
    #[n(1)]
    pub counter: Currency,
    /// How many, at mid-market.
    #[n(2)]
    pub rate: Rate,
}

/// Rates of a source as of an instant. Rates that are older than those in force are passed over.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SetRates {
    /// Who says so, 1 to 64 characters.
    #[n(0)]
    pub source: String,
    /// As of when, UTC nanoseconds.
    #[n(1)]
    pub at_ns: u64,
    /// The pairs, at most 4096.
    #[n(2)]
    pub rates: Vec<RateOfPair>,
}

/// Asks what a payment to another cell would cost.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct EnquireBody {
    /// The payee's cell.
    #[n(0)]
    pub destination: u16,
    /// Whom to pay.
    #[n(1)]
    pub target: Target,
    /// How much, in the payee's currency; left out for an order.
    #[n(2)]
    pub amount: Option<Money>,
}

/// Reply of [`ENQUIRE`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct EnquireReply {
    /// The enquiry's id.
    #[n(0)]
    pub enquiry: u64,
}

/// Pays as quoted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PayAbroad {
    /// The enquiry that was quoted.
    #[n(0)]
    pub enquiry: u64,
}

/// Reply of [`PAY_ABROAD`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PayAbroadReply {
    /// The payment's id.
    #[n(0)]
    pub payment: u64,
}

/// Takes the payment with the payment code of another cell's customer.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct CollectBody {
    /// The order.
    #[n(0)]
    pub order: OrderFields,
    /// The cell whose code it is.
    #[n(1)]
    pub origin: u16,
    /// The network's keyed digest of the code's digits.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub code_digest: [u8; 32],
}

/// Passes a refund of an order on to the payer's cell.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PassRefund {
    /// The order.
    #[n(0)]
    pub order: u64,
    /// The merchant's number of the refund.
    #[n(1)]
    pub request: String,
    /// This refund's part of what was paid.
    #[n(2)]
    pub amount: Money,
    /// All refunds so far.
    #[n(3)]
    pub cumulative: Amount,
}

/// A person releases held money of a payment about which the network has given no final answer.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ReleasePayment {
    /// The payment.
    #[n(0)]
    pub payment: u64,
    /// On what evidence: a number of the operator's own files, 1 to 64 characters, never a name (law 9).
    #[n(1)]
    pub reference: String,
}

/// Closes the settlement window that is open, and opens the next.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct CloseWindow {
    /// Only this one; `None` for whichever is open.
    #[n(0)]
    pub window: Option<u64>,
}

/// The net amount of a window was paid between the banks.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ConfirmSettlement {
    /// The window's number.
    #[n(0)]
    pub window: u64,
    /// The participant.
    #[n(1)]
    pub cell: u16,
    /// In which currency.
    #[n(2)]
    pub currency: Currency,
    /// The bank's reference, 1 to 64 characters: a number, never a name (law 9).
    #[n(3)]
    pub bank_reference: String,
}

/// The network has exchanged money at its bank, to square what payments have left it with.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Exchange {
    /// What it gave.
    #[n(0)]
    pub given: Money,
    /// What it got.
    #[n(1)]
    pub got: Money,
    /// The bank's reference, 1 to 64 characters.
    #[n(2)]
    pub bank_reference: String,
}

/// A participant has paid ahead: its cap is that much higher.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Prefund {
    /// The participant.
    #[n(0)]
    pub cell: u16,
    /// How much, in its currency.
    #[n(1)]
    pub money: Money,
    /// The bank's reference, 1 to 64 characters.
    #[n(2)]
    pub bank_reference: String,
}
