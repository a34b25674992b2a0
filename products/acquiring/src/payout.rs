//! Payouts: merchants' money on its way to their banks.

use alloc::string::String;

use minicbor::{Decode, Encode};
use sycee_contract::{CommandCode, EffectId, Key, Record, Table};
use sycee_money::Money;

use crate::number;

/// Payouts, by id.
pub const PAYOUT: Table = 799;

/// `payout_result` (the cell, for the bank): body [`PayoutResult`], reply [`PayoutReply`].
pub const PAYOUT_RESULT: CommandCode = 807;
/// `resolve_payout` (operator, key): body [`ResolvePayout`], reply [`PayoutReply`].
pub const RESOLVE_PAYOUT: CommandCode = 808;

/// The effect *payout*: the operator's bank is asked to pay. Body [`Payout`] as it was requested, policy `Binds`, target
/// [`BANK`].
pub const EFFECT_PAYOUT: u16 = 771;
/// The target of [`EFFECT_PAYOUT`].
pub const BANK: &str = "bank";

/// The event that a payout was settled, has come back, or its outcome is unknown: body [`Payout`].
pub const EVENT_PAYOUT: u16 = 774;

/// The longest reference and reason, characters: as many as ISO 20022 lets a reference have, and some words.
pub const REFERENCE_MAX_CHARACTERS: usize = 35;
/// See [`REFERENCE_MAX_CHARACTERS`].
pub const REASON_MAX_CHARACTERS: usize = 140;

/// How a payout stands. Whether it has left for the bank is said by its effect: requested, sent or unknown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum PayoutState {
    /// The money is on its way, or about to be.
    #[n(0)]
    Requested,
    /// The bank has paid it.
    #[n(1)]
    Settled,
    /// The bank has not paid it, or got it back: the money is in the merchant's balance again.
    #[n(2)]
    Returned,
    /// The bank was asked and has not said.
    #[n(3)]
    Unknown,
}

impl PayoutState {
    /// Whether the money is still on its way.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Requested | Self::Unknown)
    }
}

/// Money that goes to a merchant's bank account.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Payout {
    /// Its id: rises with time in the cell.
    #[n(0)]
    pub id: u64,
    /// The merchant's party number.
    #[n(1)]
    pub merchant: u64,
    /// How much.
    #[n(2)]
    pub money: Money,
    /// The business date whose settlement pays it, yyyymmdd.
    #[n(3)]
    pub settlement_date: u32,
    /// The banking day on which the bank is to pay it, yyyymmdd.
    #[n(4)]
    pub execution_date: u32,
    /// The vault's handle of the bank account, as it was when the payout was requested.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub bank_account: [u8; 16],
    /// When it was requested, UTC nanoseconds.
    #[n(6)]
    pub requested_at_ns: u64,
    /// How it stands.
    #[n(7)]
    pub state: PayoutState,
    /// When it came to stand so, UTC nanoseconds.
    #[n(8)]
    pub state_at_ns: u64,
    /// The bank's reference.
    #[n(9)]
    pub bank_reference: Option<String>,
    /// Why it came back, or why nothing is known.
    #[n(10)]
    pub reason: Option<String>,
    /// Who decided it, if the bank did not: a member of staff.
    #[n(11)]
    pub resolved_by: Option<u64>,
    /// What the bank has said that cannot be, after the money was back with the merchant: that it had paid. A person must look.
    #[n(12)]
    pub contradiction: Option<String>,
}

impl Payout {
    /// The key of a payout's row.
    #[must_use]
    pub fn key(id: u64) -> Key {
        Key::new(PAYOUT).number(id)
    }

    /// Its number, 28 digits: the end-to-end id by which the bank knows it.
    #[must_use]
    pub fn number(&self, cell: u16) -> String {
        number::number(self.settlement_date, cell, self.merchant, self.id)
    }

    /// Its effect: the only one of the operation that asked for it.
    #[must_use]
    pub fn effect(&self) -> EffectId {
        EffectId { operation: self.id.checked_div(16).unwrap_or(0), index: 0 }
    }
}

impl Record for Payout {
    const TABLE: Table = PAYOUT;
}

/// What the bank says of a payout.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PayoutResult {
    /// Which.
    #[n(0)]
    pub payout: u64,
    /// Settled, returned or unknown.
    #[n(1)]
    pub state: PayoutState,
    /// The bank's reference, up to [`REFERENCE_MAX_CHARACTERS`].
    #[n(2)]
    pub bank_reference: Option<String>,
    /// Why, up to [`REASON_MAX_CHARACTERS`], without personal data.
    #[n(3)]
    pub reason: Option<String>,
}

/// What a person has found out of a payout whose outcome is unknown.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ResolvePayout {
    /// Which.
    #[n(0)]
    pub payout: u64,
    /// Whether the bank has paid it; otherwise the money goes back to the merchant's balance.
    #[n(1)]
    pub is_settled: bool,
    /// The bank's reference, 1 to [`REFERENCE_MAX_CHARACTERS`].
    #[n(2)]
    pub bank_reference: String,
    /// Why, up to [`REASON_MAX_CHARACTERS`], without personal data.
    #[n(3)]
    pub reason: String,
}

/// A payout as it stands.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PayoutReply {
    /// The payout.
    #[n(0)]
    pub payout: Payout,
    /// Whether nothing was changed now.
    #[n(1)]
    pub repeated: bool,
}
