//! Royalties: what a merchant passes on of the proceeds of a trade, to other merchants or to customers of the same cell.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use sycee_contract::{Key, Record, Table};
use sycee_money::{Amount, Money, MoneyError};

use crate::number;

/// Whom merchants may pass money on to, by merchant.
pub const ROYALTY_RECEIVERS: Table = 788;
/// Royalties, by merchant and the merchant's number.
pub const ROYALTY: Table = 789;
/// Royalties' keys, by id.
pub const ROYALTY_INDEX: Table = 790;
/// What was passed on of each trade and taken back, by order.
pub const ROYALTY_TOTAL: Table = 791;
/// What refunds took back, by order and the refund's number.
pub const ROYALTY_RETURN: Table = 792;

/// How much of a trade's price may be passed on, in basis points: what the Alipay platform gives whoever has agreed nothing
/// else. One number for all markets as yet.
pub const ROYALTY_MAX_BPS: u64 = 3_000;
/// The most receivers that a merchant binds.
pub const RECEIVERS_MAX: usize = 200;
/// The most parts of one royalty, and receivers of one request to bind.
pub const PARTS_MAX: usize = 20;

/// How a merchant has named a receiver. The name itself is not kept: it may be a phone number (law 9).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum NamedBy {
    /// By party number.
    #[n(0)]
    Number,
    /// By log-in name.
    #[n(1)]
    Login,
}

/// Somebody to whom a merchant may pass money on.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Receiver {
    /// The party's number: a merchant or a customer of the cell.
    #[n(0)]
    pub party: u64,
    /// How the merchant has named it.
    #[n(1)]
    pub named_by: NamedBy,
    /// What the merchant says of it, up to 256 characters.
    #[n(2)]
    pub memo: Option<String>,
}

/// Those to whom a merchant may pass money on, in the order in which they were bound.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct RoyaltyReceivers {
    /// Each party once.
    #[n(0)]
    pub receivers: Vec<Receiver>,
}

impl RoyaltyReceivers {
    /// The key of a merchant's row.
    #[must_use]
    pub fn key(merchant: u64) -> Key {
        Key::new(ROYALTY_RECEIVERS).number(merchant)
    }
}

impl Record for RoyaltyReceivers {
    const TABLE: Table = ROYALTY_RECEIVERS;
}

/// One receiver's part of a royalty.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct RoyaltyPart {
    /// Who receives it.
    #[n(0)]
    pub receiver: u64,
    /// How much.
    #[n(1)]
    pub amount: Amount,
    /// What the merchant says of it, up to 1,000 characters.
    #[n(2)]
    pub description: Option<String>,
}

/// Money that a merchant has passed on of the proceeds of one trade, in one request.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Royalty {
    /// Its id.
    #[n(0)]
    pub id: u64,
    /// Who gave it.
    #[n(1)]
    pub merchant: u64,
    /// Of which trade.
    #[n(2)]
    pub order: u64,
    /// The merchant's number of it.
    #[n(3)]
    pub out_request_no: String,
    /// To whom, and how much: at least one, each receiver once.
    #[n(4)]
    pub parts: Vec<RoyaltyPart>,
    /// Whether nothing more may be passed on of the trade.
    #[n(5)]
    pub is_last: bool,
    /// When, UTC nanoseconds.
    #[n(6)]
    pub at_ns: u64,
    /// The market's calendar day of it, as the decimal number yyyymmdd.
    #[n(7)]
    pub created_date: u32,
}

impl Royalty {
    /// The key of a royalty's row.
    #[must_use]
    pub fn key(merchant: u64, out_request_no: &str) -> Key {
        Key::new(ROYALTY).number(merchant).text(out_request_no)
    }

    /// Its number for people and merchants: 28 digits, made as a trade number is.
    #[must_use]
    pub fn number(&self, cell: u16) -> String {
        number::number(self.created_date, cell, self.merchant, self.id)
    }
}

impl Record for Royalty {
    const TABLE: Table = ROYALTY;
}

/// Where a royalty is that is named by its id.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct RoyaltyIndex {
    /// The merchant.
    #[n(0)]
    pub merchant: u64,
    /// The merchant's number of it.
    #[n(1)]
    pub out_request_no: String,
}

impl RoyaltyIndex {
    /// The key of the row for a royalty's id.
    #[must_use]
    pub fn key(id: u64) -> Key {
        Key::new(ROYALTY_INDEX).number(id)
    }
}

impl Record for RoyaltyIndex {
    const TABLE: Table = ROYALTY_INDEX;
}

/// What one receiver got of a trade, and what it gave back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ReceiverTotal {
    /// Who.
    #[n(0)]
    pub receiver: u64,
    /// What it got.
    #[n(1)]
    pub given: Amount,
    /// What refunds have taken back of it.
    #[n(2)]
    pub returned: Amount,
    /// Whether it is a merchant: only merchants give back.
    #[n(3)]
    pub is_merchant: bool,
}

/// What was passed on of one trade.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct RoyaltyTotal {
    /// Each receiver once.
    #[n(0)]
    pub receivers: Vec<ReceiverTotal>,
    /// Whether nothing more may be passed on.
    #[n(1)]
    pub is_finished: bool,
}

impl RoyaltyTotal {
    /// The key of an order's row.
    #[must_use]
    pub fn key(order: u64) -> Key {
        Key::new(ROYALTY_TOTAL).number(order)
    }

    /// What is passed on and was not taken back.
    ///
    /// # Errors
    /// When it is no amount; what was given never exceeds the price.
    pub fn outstanding(&self) -> Result<Amount, MoneyError> {
        let given = self.receivers.iter().try_fold(Amount::ZERO, |sum, total| sum.checked_add(total.given))?;
        self.receivers.iter().try_fold(given, |left, total| left.checked_sub(total.returned))
    }

    /// What one receiver has of it.
    #[must_use]
    pub fn of(&self, receiver: u64) -> Option<&ReceiverTotal> {
        self.receivers.iter().find(|total| total.receiver == receiver)
    }

    pub(crate) fn of_mut(&mut self, receiver: u64) -> Option<&mut ReceiverTotal> {
        self.receivers.iter_mut().find(|total| total.receiver == receiver)
    }
}

impl Record for RoyaltyTotal {
    const TABLE: Table = ROYALTY_TOTAL;
}

/// What is to be taken back from one receiver, or was.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct TakeBack {
    /// From whom.
    #[n(0)]
    pub receiver: u64,
    /// How much.
    #[n(1)]
    pub amount: Amount,
}

/// What one refund took back of what had been passed on.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct RoyaltyReturn {
    /// The trade.
    #[n(0)]
    pub order: u64,
    /// The refund's number.
    #[n(1)]
    pub out_request_no: String,
    /// Who got it back.
    #[n(2)]
    pub merchant: u64,
    /// From whom: each receiver once.
    #[n(3)]
    pub taken: Vec<TakeBack>,
    /// When, UTC nanoseconds.
    #[n(4)]
    pub at_ns: u64,
}

impl RoyaltyReturn {
    /// The key of the row for a refund.
    #[must_use]
    pub fn key(order: u64, out_request_no: &str) -> Key {
        Key::new(ROYALTY_RETURN).number(order).text(out_request_no)
    }
}

impl Record for RoyaltyReturn {
    const TABLE: Table = ROYALTY_RETURN;
}

/// The most that may be passed on of a price: [`ROYALTY_MAX_BPS`] of it, a fraction of a minor unit left out.
///
/// # Errors
/// When it is no amount.
pub fn most_of(price: Money) -> Result<Amount, MoneyError> {
    let scaled = u128::from(price.amount.minor()).saturating_mul(u128::from(ROYALTY_MAX_BPS));
    let most = scaled.checked_div(10_000).unwrap_or(0);
    Amount::new(u64::try_from(most).unwrap_or(u64::MAX))
}
