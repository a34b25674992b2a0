//! What the network and a participant say to each other of a settlement window.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use sycee_money::{Currency, Money};

/// Where one stream of clearing entries stands. "We" is whose record it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct StreamTotals {
    /// How many entries.
    #[n(0)]
    pub count: u64,
    /// Payments and refunds: owed to the sender of the stream, minor units.
    #[n(1)]
    pub owed_to_sender_minor: u64,
    /// Payments and refunds: owed to the receiver of the stream, minor units.
    #[n(2)]
    pub owed_to_receiver_minor: u64,
    /// Settlements: owed to the sender, minor units.
    #[n(3)]
    pub settled_to_sender_minor: u64,
    /// Settlements: owed to the receiver, minor units.
    #[n(4)]
    pub settled_to_receiver_minor: u64,
}

/// Both streams of one currency, up to a window's end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct CurrencyTotals {
    /// The currency.
    #[n(0)]
    pub currency: Currency,
    /// From the network to the participant.
    #[n(1)]
    pub from_network: StreamTotals,
    /// From the participant to the network.
    #[n(2)]
    pub from_participant: StreamTotals,
}

/// A window closes: what came before this message is of it, what comes after is of the next.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Draining {
    /// The window's number.
    #[n(0)]
    pub window: u64,
    /// When it was opened, UTC nanoseconds.
    #[n(1)]
    pub opened_at_ns: u64,
    /// When it closed, by the network's stamp, UTC nanoseconds.
    #[n(2)]
    pub closed_at_ns: u64,
    /// Up to which place of each stream the window goes.
    #[n(3)]
    pub places: Vec<WindowPlace>,
}

/// Up to which places of the two streams of a currency a window goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct WindowPlace {
    /// The stream's currency.
    #[n(0)]
    pub currency: Currency,
    /// The last entry of the participant's stream in the window.
    #[n(1)]
    pub through: u64,
    /// The last entry of the network's stream in the window: by the time that this is understood, more may have come.
    #[n(2)]
    pub sent_through: u64,
}

/// What a participant makes of a window.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct WindowTotals {
    /// The window's number.
    #[n(0)]
    pub window: u64,
    /// All currencies, since the beginning of the link.
    #[n(1)]
    pub totals: Vec<CurrencyTotals>,
}

/// Whether the network comes to the same.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct WindowAnswer {
    /// The window's number.
    #[n(0)]
    pub window: u64,
    /// Whether both come to the same.
    #[n(1)]
    pub agreed: bool,
    /// What the network makes of it.
    #[n(2)]
    pub totals: Vec<CurrencyTotals>,
    /// What is to be paid for it.
    #[n(3)]
    pub instructions: Vec<Instruction>,
}

/// Who pays a window's net amount.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum Payer {
    /// The participant pays the network.
    #[n(0)]
    Participant,
    /// The network pays the participant.
    #[n(1)]
    Network,
}

/// A settlement instruction: the net amount of a window in a currency, to be paid between banks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Instruction {
    /// How much.
    #[n(0)]
    pub money: Money,
    /// By whom.
    #[n(1)]
    pub payer: Payer,
    /// On which business date at the latest, yyyymmdd.
    #[n(2)]
    pub due_date: u32,
}

/// An instruction was carried out.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Settled {
    /// The window's number.
    #[n(0)]
    pub window: u64,
    /// What was paid.
    #[n(1)]
    pub instruction: Instruction,
    /// The bank's reference: a number, never a name (law 9).
    #[n(2)]
    pub bank_reference: String,
}
