//! Refusals: data, not errors.

use alloc::string::String;

use minicbor::{Decode, Encode};
use sycee_ledger::LedgerRefusal;

use crate::cell;

/// The number of a refusal: product number × 256 + a number of the product's own, stable for ever.
pub type RefusalCode = u16;

/// What the caller can do about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RefusalClass {
    /// The request itself is wrong; the same again will be refused again.
    CallersFault,
    /// Nothing is wrong with it; try again.
    TryAgain,
    /// A person must do something first: top up, unlock, prove who they are.
    NeedsUser,
    /// The caller may not do that.
    Forbidden,
}

/// A command was refused. Nothing was changed.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Refusal {
    /// Which refusal; its name, class and meaning are in the product's descriptor.
    #[n(0)]
    pub code: RefusalCode,
    /// What exactly was wrong here, in plain English, without personal data: "available 10.00 EUR, needed 12.50 EUR".
    #[n(1)]
    pub detail: String,
}

impl Refusal {
    /// A refusal with its detail.
    #[must_use]
    pub fn new(code: RefusalCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

impl From<LedgerRefusal> for Refusal {
    fn from(refusal: LedgerRefusal) -> Self {
        // The ledger's refusals are the cell's refusals 64 and up (see `cell::REFUSALS`).
        Self::new(cell::LEDGER_REFUSAL_BASE.saturating_add(refusal.number()), refusal.name())
    }
}

/// Why a decision did not come to a plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stop {
    /// Keys are not in memory; [`crate::Deciding`] has noted which.
    Need,
    /// Refused.
    Refuse(Refusal),
    /// Stored bytes do not decode, or a rule met what cannot be. The command is refused and quarantined, and an operator must
    /// look.
    Broken(&'static str),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refuse(refusal)
    }
}

impl From<LedgerRefusal> for Stop {
    fn from(refusal: LedgerRefusal) -> Self {
        Self::Refuse(refusal.into())
    }
}

impl From<sycee_money::MoneyError> for Stop {
    fn from(_: sycee_money::MoneyError) -> Self {
        Self::Refuse(Refusal::new(cell::AMOUNT_OUT_OF_RANGE, "an amount left the range that the ledger can hold"))
    }
}
