//! The three seams through which products work together without naming each other.
//!
//! *Price adjustment* and *funding source* are here; *reaction* is [`crate::Event`]. A product takes part by implementing
//! the method of the same name in [`crate::Product`]; [`crate::Deciding::adjust`] and [`crate::Deciding::fund`] ask every
//! product in the order of the registry, on the overlay of the running decision.

use alloc::string::String;

use minicbor::{Decode, Encode};
use sycee_ledger::AccountId;
use sycee_money::{Amount, Money};

/// Something that a customer is about to pay.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Charge {
    /// Who pays.
    pub payer: u64,
    /// Who is paid.
    pub payee: u64,
    /// What is asked.
    pub price: Money,
    /// What the payer calls it: the order's number, or empty.
    pub reference: String,
}

/// Whose side an adjustment changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum AdjustmentSide {
    /// The payer pays that much less; the named account pays it instead.
    #[n(0)]
    DiscountForPayer,
    /// The payee owes that much to the named account: a fee that accrues.
    #[n(1)]
    FeeFromPayee,
}

/// A change of price, with the account that bears or earns it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Adjustment {
    /// Whose side.
    #[n(0)]
    pub side: AdjustmentSide,
    /// How much.
    #[n(1)]
    pub amount: Amount,
    /// Who pays the discount, or earns the fee.
    #[n(2)]
    pub account: AccountId,
    /// What it is called on the receipt.
    #[n(3)]
    pub label: String,
}

/// Where a payer's money comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FundingSource {
    /// The account to debit.
    pub account: AccountId,
    /// What it is called on the receipt: `balance`, `credit`, `fund`.
    pub label: &'static str,
    /// What it can give now, minor units.
    pub available_minor: u64,
}
