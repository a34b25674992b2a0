//! Bodies and replies of this product's commands. Field numbers are for ever.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use sycee_contract::RefusalCode;
use sycee_ledger::{AccountId, AccountKind};
use sycee_money::{Amount, Currency};

/// A kind of account of the books.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum BooksKind {
    /// [`crate::GENERAL`].
    #[n(0)]
    General,
    /// [`crate::LIMITED`].
    #[n(1)]
    Limited,
}

impl BooksKind {
    /// Its line in the chart of accounts.
    #[must_use]
    pub const fn account_kind(self) -> &'static AccountKind {
        match self {
            Self::General => &crate::GENERAL,
            Self::Limited => &crate::LIMITED,
        }
    }
}

/// One account to open. An account that is open stays as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct NewAccount {
    /// The sub-number that tells it apart.
    #[n(0)]
    pub sub: u32,
    /// How far it may go.
    #[n(1)]
    pub kind: BooksKind,
    /// Its currency.
    #[n(2)]
    pub currency: Currency,
}

/// Posts one transfer by hand. Two people must agree.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PostManually {
    /// The account debited; it must be open and of the books.
    #[n(0)]
    pub debit: AccountId,
    /// The account credited; it must be open and of the books.
    #[n(1)]
    pub credit: AccountId,
    /// How much, not zero.
    #[n(2)]
    pub amount: Amount,
}

/// Opens accounts, at most [`crate::ITEMS_MAX`].
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OpenAccounts {
    /// Which.
    #[n(0)]
    pub accounts: Vec<NewAccount>,
}

/// The reply of `open_accounts`.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct AccountsOpened {
    /// How many of them were not open before.
    #[n(0)]
    pub opened: u32,
}

/// One transfer of a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct TransferItem {
    /// The account debited; it must be open and of the books.
    #[n(0)]
    pub debit: AccountId,
    /// The account credited; it must be open and of the books.
    #[n(1)]
    pub credit: AccountId,
    /// How much.
    #[n(2)]
    pub amount: Amount,
    /// What it is for: a number of the operator's own, shown in statements.
    #[n(3)]
    pub code: u16,
    /// Whether it happens only together with the next.
    #[n(4)]
    pub linked: bool,
}

/// Posts transfers, at most [`crate::ITEMS_MAX`]. Each is accepted or refused on its own, linked ones together. It may
/// have a key; without one a repeat is done again.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PostTransfers {
    /// Which.
    #[n(0)]
    pub items: Vec<TransferItem>,
}

/// A transfer of a batch that was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct RefusedTransfer {
    /// Its place in the batch, from 0.
    #[n(0)]
    pub index: u32,
    /// Why: a refusal of the cell. An account that is not open has nothing in it and takes nothing: its limit refuses.
    #[n(1)]
    pub refusal: RefusalCode,
}

/// The reply of `post_transfers`.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct TransfersPosted {
    /// Those that were refused, in order; all others have happened.
    #[n(0)]
    pub refused: Vec<RefusedTransfer>,
}

/// Sets money aside.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PlaceHold {
    /// The account that pays; it must be open and of the books.
    #[n(0)]
    pub debit: AccountId,
    /// The account that is to be paid; it must be open and of the books.
    #[n(1)]
    pub credit: AccountId,
    /// How much.
    #[n(2)]
    pub amount: Amount,
    /// When the cell releases it, UTC nanoseconds; 0 for never by time.
    #[n(3)]
    pub expires_at_ns: u64,
}

/// The reply of `place_hold`.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct HoldPlaced {
    /// The hold's id.
    #[n(0)]
    pub hold: u64,
}

/// Posts a hold, or a part of it; the rest is released.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PostHold {
    /// The hold's id.
    #[n(0)]
    pub hold: u64,
    /// How much.
    #[n(1)]
    pub amount: Amount,
}

/// Releases a hold.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct VoidHold {
    /// The hold's id.
    #[n(0)]
    pub hold: u64,
}
