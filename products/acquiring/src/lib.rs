//! Acquiring: merchants, their stores, terminals and apps; trade orders, payments, refunds, cancels; payment codes; fees;
//! and transfers from a merchant's balance. README.md draws the life of an order and the chart of accounts.
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::as_conversions,
        clippy::arithmetic_side_effects,
        clippy::float_arithmetic,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used
    )
)]

extern crate alloc;

mod audit;
pub mod authorisation;
pub mod command;
pub mod day;
mod decide;
mod descriptor;
pub mod entry;
mod event;
mod fee;
pub mod number;
pub mod order;
pub mod payout;
pub mod record;
pub mod refusal;
pub mod reply;
pub mod royalty;
pub mod settlement;
mod workload;

use alloc::boxed::Box;
use alloc::vec::Vec;

use sycee_contract::{
    Adjustment, Books, Charge, Command, Deciding, Descriptor, EventDescriptor, Finding, Product, Stop, Workload,
};
use sycee_ledger::{AccountClass, AccountKind, Limit};
use sycee_money::Rounding;

pub use decide::abroad;
pub use number::{parse_trade_no, trade_no, transfer_no};
pub use order::{Channel, CloseReason, Order, OrderState, TradeStatus};

/// This product's number.
pub const NUMBER: u8 = 3;

/// What the operator owes a merchant: proceeds, available at once.
pub const MERCHANT_BALANCE: AccountKind = AccountKind {
    number: 769,
    name: "merchant_balance",
    class: AccountClass::Liability,
    limit: Limit::DebitsMustNotExceedCredits,
    claimable: true,
};

/// Fees that a merchant owes and that were not yet taken. Below zero, the operator owes the merchant fees that refunds
/// returned after they had been taken.
pub const FEE_RECEIVABLE: AccountKind = AccountKind {
    number: 770,
    name: "fee_receivable",
    class: AccountClass::Asset,
    limit: Limit::None,
    claimable: false,
};

/// Fees that the operator has earned.
pub const FEE_INCOME: AccountKind =
    AccountKind { number: 771, name: "fee_income", class: AccountClass::Income, limit: Limit::None, claimable: false };

/// What is held back of a merchant's proceeds for a time. It is the merchant's money.
pub const MERCHANT_RESERVE: AccountKind = AccountKind {
    number: 772,
    name: "merchant_reserve",
    class: AccountClass::Liability,
    limit: Limit::DebitsMustNotExceedCredits,
    claimable: true,
};

/// A merchant's money that the bank was asked to pay and has not said to have paid.
pub const PAYOUT_IN_TRANSIT: AccountKind = AccountKind {
    number: 773,
    name: "payout_in_transit",
    class: AccountClass::Liability,
    limit: Limit::DebitsMustNotExceedCredits,
    claimable: true,
};

/// What the operator has advanced for a merchant's refunds and not got back.
pub const MERCHANT_OWES: AccountKind = AccountKind {
    number: 774,
    name: "merchant_owes",
    class: AccountClass::Asset,
    limit: Limit::CreditsMustNotExceedDebits,
    claimable: false,
};

/// The operator's own money beside e-money in the safeguarding accounts, out of which refunds can be advanced.
pub const ADVANCE_FUNDS: AccountKind = AccountKind {
    number: 775,
    name: "advance_funds",
    class: AccountClass::Liability,
    limit: Limit::DebitsMustNotExceedCredits,
    claimable: false,
};

/// The part of the operator's own money that is advanced: it covers e-money until merchants pay it back.
pub const ADVANCE_FUNDS_LENT: AccountKind = AccountKind {
    number: 776,
    name: "advance_funds_lent",
    class: AccountClass::Liability,
    limit: Limit::DebitsMustNotExceedCredits,
    claimable: false,
};

/// Why a movement was made: the `code` of this product's transfers.
pub mod purpose {
    /// The payer's money to the merchant.
    pub const PAYMENT: u16 = 769;
    /// A discount, from who bears it to the merchant.
    pub const DISCOUNT: u16 = 770;
    /// A fee accrues.
    pub const FEE: u16 = 771;
    /// A refund to the payer.
    pub const REFUND: u16 = 772;
    /// A refund of a discount to who bore it.
    pub const DISCOUNT_RETURN: u16 = 773;
    /// A fee is returned.
    pub const FEE_RETURN: u16 = 774;
    /// A merchant's transfer to a customer.
    pub const MERCHANT_TRANSFER: u16 = 775;
    /// Accrued fees are taken from the merchant's balance.
    pub const FEE_SETTLEMENT: u16 = 776;
    /// Fees returned after they were taken are given back.
    pub const FEE_GIVE_BACK: u16 = 777;
    /// A merchant passes on a part of a trade's proceeds.
    pub const ROYALTY: u16 = 778;
    /// A refund takes such a part back.
    pub const ROYALTY_RETURN: u16 = 779;
    /// A part of a day's proceeds is held back.
    pub const RESERVE_HELD: u16 = 780;
    /// What was held back is released.
    pub const RESERVE_RELEASED: u16 = 781;
    /// A merchant's money is on its way to its bank.
    pub const PAYOUT: u16 = 782;
    /// The bank has paid it.
    pub const PAYOUT_SETTLED: u16 = 783;
    /// The bank has not paid it, or got it back.
    pub const PAYOUT_RETURNED: u16 = 784;
    /// The operator advances what a refund needs, and marks its own money as lent.
    pub const ADVANCE: u16 = 785;
    /// A merchant pays back what was advanced, and the operator's own money is free again.
    pub const ADVANCE_RECOVERED: u16 = 786;
    /// The operator brings its own money, or takes it back.
    pub const ADVANCE_FUNDS: u16 = 787;
}

/// The product.
#[derive(Clone, Copy, Debug)]
pub struct Acquiring {
    fee_rounding: Rounding,
}

impl Default for Acquiring {
    /// With the fee rule in force: halves of a minor unit go up.
    fn default() -> Self {
        Self::with_fee_rounding(Rounding::HalfUp)
    }
}

impl Acquiring {
    /// With another rounding of fees: for rehearsals of an upgrade that changes the rule. Journals apply plans, so what was
    /// decided under one rule stands under any other.
    #[must_use]
    pub const fn with_fee_rounding(fee_rounding: Rounding) -> Self {
        Self { fee_rounding }
    }
}

impl Product for Acquiring {
    fn descriptor(&self) -> &'static Descriptor {
        &descriptor::DESCRIPTOR
    }

    fn decide(&self, command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
        decide::decide(command, deciding)
    }

    fn adjust(&self, charge: &Charge, deciding: &mut Deciding<'_>, to: &mut Vec<Adjustment>) -> Result<(), Stop> {
        fee::adjust(self.fee_rounding, charge, deciding, to)
    }

    fn events(&self) -> &'static [EventDescriptor] {
        event::EVENTS
    }

    fn audit(&self, books: &dyn Books, findings: &mut Vec<Finding>) {
        audit::audit(books, findings);
    }

    fn workload(&self) -> Box<dyn Workload> {
        Box::new(workload::Shop::default())
    }
}
