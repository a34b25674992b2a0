//! Holds: money set aside for somebody, until it is posted, voided or expires.

use minicbor::{Decode, Encode};
use sycee_money::Amount;

use crate::{AccountId, LedgerRefusal};

/// Names a hold: an internal id (the operation that made it × 16, plus its place among that operation's ids).
pub type HoldId = u64;

/// Where a hold stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum HoldState {
    /// The amount is reserved.
    #[n(0)]
    Pending,
    /// This much was posted, the rest released.
    #[n(1)]
    Posted(#[n(0)] Amount),
    /// Released on request.
    #[n(2)]
    Voided,
    /// Released because its time was over.
    #[n(3)]
    Expired,
}

/// A hold as it is kept: one row per hold, for ever.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Hold {
    /// The account that pays.
    #[n(0)]
    pub debit: AccountId,
    /// The account that is paid.
    #[n(1)]
    pub credit: AccountId,
    /// The amount set aside.
    #[n(2)]
    pub amount: Amount,
    /// When it may be expired, UTC nanoseconds; 0 for never by time (a hold whose request has left the cell).
    #[n(3)]
    pub expires_at_ns: u64,
    /// Where it stands.
    #[n(4)]
    pub state: HoldState,
}

impl Hold {
    /// Whether `amount` of this hold may be posted at `now_ns`.
    ///
    /// # Errors
    /// [`LedgerRefusal::HoldNotPending`], [`LedgerRefusal::PostExceedsHold`], [`LedgerRefusal::HoldTimeOver`], or
    /// [`LedgerRefusal::AmountZero`].
    pub fn can_post(&self, amount: Amount, now_ns: u64) -> Result<(), LedgerRefusal> {
        if amount.is_zero() {
            return Err(LedgerRefusal::AmountZero);
        }
        self.can_void()?;
        if amount > self.amount {
            return Err(LedgerRefusal::PostExceedsHold);
        }
        if self.time_is_over(now_ns) {
            return Err(LedgerRefusal::HoldTimeOver);
        }
        Ok(())
    }

    /// Whether it may be voided.
    ///
    /// # Errors
    /// [`LedgerRefusal::HoldNotPending`].
    pub fn can_void(&self) -> Result<(), LedgerRefusal> {
        match self.state {
            HoldState::Pending => Ok(()),
            HoldState::Posted(_) | HoldState::Voided | HoldState::Expired => Err(LedgerRefusal::HoldNotPending),
        }
    }

    /// Whether it may be expired at `now_ns`.
    ///
    /// # Errors
    /// [`LedgerRefusal::HoldNotPending`] or [`LedgerRefusal::HoldTimeNotOver`].
    pub fn can_expire(&self, now_ns: u64) -> Result<(), LedgerRefusal> {
        self.can_void()?;
        if self.time_is_over(now_ns) { Ok(()) } else { Err(LedgerRefusal::HoldTimeNotOver) }
    }

    fn time_is_over(&self, now_ns: u64) -> bool {
        self.expires_at_ns != 0 && now_ns >= self.expires_at_ns
    }
}
