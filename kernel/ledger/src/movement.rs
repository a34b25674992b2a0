//! Movements: the only things that change accounts.

use minicbor::{Decode, Encode};
use sycee_money::Amount;

use crate::{Account, AccountId, HoldId, LedgerRefusal};

/// One movement of a plan. It carries all that its application needs, so that recovery looks nothing up but the two
/// accounts.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Movement {
    /// Money moves now.
    #[n(0)]
    Transfer {
        /// The account debited.
        #[n(0)]
        debit: AccountId,
        /// The account credited.
        #[n(1)]
        credit: AccountId,
        /// How much.
        #[n(2)]
        amount: Amount,
        /// What it was for: a number of the product's own, shown in statements.
        #[n(3)]
        code: u16,
    },
    /// Money is set aside.
    #[n(1)]
    Hold {
        /// The new hold.
        #[n(0)]
        hold: HoldId,
        /// The account that pays.
        #[n(1)]
        debit: AccountId,
        /// The account that is to be paid.
        #[n(2)]
        credit: AccountId,
        /// How much.
        #[n(3)]
        amount: Amount,
        /// When it may be expired, UTC nanoseconds; 0 for never by time.
        #[n(4)]
        expires_at_ns: u64,
        /// What it is for.
        #[n(5)]
        code: u16,
    },
    /// A hold is posted: `amount` of `held` moves, the rest is released.
    #[n(2)]
    PostHold {
        /// The hold.
        #[n(0)]
        hold: HoldId,
        /// Its paying account.
        #[n(1)]
        debit: AccountId,
        /// Its paid account.
        #[n(2)]
        credit: AccountId,
        /// What was set aside.
        #[n(3)]
        held: Amount,
        /// What moves.
        #[n(4)]
        amount: Amount,
        /// What it was for.
        #[n(5)]
        code: u16,
    },
    /// A hold is released, on request or because its time was over.
    #[n(3)]
    ReleaseHold {
        /// The hold.
        #[n(0)]
        hold: HoldId,
        /// Its paying account.
        #[n(1)]
        debit: AccountId,
        /// Its paid account.
        #[n(2)]
        credit: AccountId,
        /// What was set aside.
        #[n(3)]
        held: Amount,
        /// Whether its time was over (otherwise it was voided).
        #[n(4)]
        expired: bool,
    },
}

impl Movement {
    /// The account debited, or held for a debit.
    #[must_use]
    pub fn debit(&self) -> AccountId {
        match self {
            Self::Transfer { debit, .. }
            | Self::Hold { debit, .. }
            | Self::PostHold { debit, .. }
            | Self::ReleaseHold { debit, .. } => *debit,
        }
    }

    /// The account credited, or held for a credit.
    #[must_use]
    pub fn credit(&self) -> AccountId {
        match self {
            Self::Transfer { credit, .. }
            | Self::Hold { credit, .. }
            | Self::PostHold { credit, .. }
            | Self::ReleaseHold { credit, .. } => *credit,
        }
    }

    /// What becomes posted by it; `None` for a hold and for a release.
    #[must_use]
    pub fn posted(&self) -> Option<Amount> {
        match self {
            Self::Transfer { amount, .. } | Self::PostHold { amount, .. } => Some(*amount),
            Self::Hold { .. } | Self::ReleaseHold { .. } => None,
        }
    }

    /// Does to the two accounts what the movement says.
    ///
    /// # Errors
    /// As [`post`], [`reserve`], [`settle`], [`release`]. When a plan is applied an error means that plan and accounts
    /// do not belong together: the cell must stop.
    pub fn apply(&self, debit: &mut Account, credit: &mut Account) -> Result<(), LedgerRefusal> {
        match self {
            Self::Transfer { amount, .. } => post(debit, credit, *amount),
            Self::Hold { amount, .. } => reserve(debit, credit, *amount),
            Self::PostHold { held, amount, .. } => settle(debit, credit, *held, *amount),
            Self::ReleaseHold { held, .. } => release(debit, credit, *held),
        }
    }
}

/// Moves `amount` from `debit` to `credit`. On an error the two accounts must be thrown away: they are copies.
///
/// # Errors
/// [`LedgerRefusal::AmountZero`], [`LedgerRefusal::TotalOverflow`], [`LedgerRefusal::DebitLimit`],
/// [`LedgerRefusal::CreditLimit`].
pub fn post(debit: &mut Account, credit: &mut Account, amount: Amount) -> Result<(), LedgerRefusal> {
    if amount.is_zero() {
        return Err(LedgerRefusal::AmountZero);
    }
    Account::grow(&mut debit.debits_posted_minor, amount)?;
    Account::grow(&mut credit.credits_posted_minor, amount)?;
    check_limits(debit, credit)
}

/// Sets `amount` aside on both accounts.
///
/// # Errors
/// As [`post`].
pub fn reserve(debit: &mut Account, credit: &mut Account, amount: Amount) -> Result<(), LedgerRefusal> {
    if amount.is_zero() {
        return Err(LedgerRefusal::AmountZero);
    }
    Account::grow(&mut debit.debits_pending_minor, amount)?;
    Account::grow(&mut credit.credits_pending_minor, amount)?;
    check_limits(debit, credit)
}

/// Posts `amount` out of `held` and releases the rest.
///
/// # Errors
/// [`LedgerRefusal::PostExceedsHold`], [`LedgerRefusal::HoldNotFound`] if the accounts hold less, else as [`post`].
pub fn settle(debit: &mut Account, credit: &mut Account, held: Amount, amount: Amount) -> Result<(), LedgerRefusal> {
    if amount > held {
        return Err(LedgerRefusal::PostExceedsHold);
    }
    release(debit, credit, held)?;
    post(debit, credit, amount)
}

/// Releases `held` on both accounts.
///
/// # Errors
/// [`LedgerRefusal::HoldNotFound`] if the accounts hold less.
pub fn release(debit: &mut Account, credit: &mut Account, held: Amount) -> Result<(), LedgerRefusal> {
    Account::shrink(&mut debit.debits_pending_minor, held)?;
    Account::shrink(&mut credit.credits_pending_minor, held)
}

fn check_limits(debit: &Account, credit: &Account) -> Result<(), LedgerRefusal> {
    if !debit.limit_holds() {
        return Err(LedgerRefusal::DebitLimit);
    }
    if !credit.limit_holds() {
        return Err(LedgerRefusal::CreditLimit);
    }
    Ok(())
}
