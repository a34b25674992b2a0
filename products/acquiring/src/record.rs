//! The rows of acquiring, except the order itself ([`crate::order`]), and how their keys are made.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};
use sycee_contract::{Key, Record, Table, TimerId};
use sycee_money::{Amount, Currency, Money};

/// Merchants, by party number.
pub const MERCHANT: Table = 769;
/// Stores, by id.
pub const STORE: Table = 770;
/// Terminals, by id.
pub const TERMINAL: Table = 771;
/// Apps, by app id.
pub const APP: Table = 772;
/// The number of the last app: one row.
pub const APP_COUNTER: Table = 773;
/// The apps of each merchant, by party number.
pub const MERCHANT_APPS: Table = 800;
/// Living payment codes, by digest.
pub const PAY_CODE: Table = 774;
/// Orders, by id.
pub const ORDER: Table = 775;
/// Numbers that were cancelled before their orders arrived.
pub const CANCELLED_NUMBER: Table = 781;
/// Orders' ids, by merchant and the merchant's number. Orders of printed codes have none: their number says the id.
pub const ORDER_INDEX: Table = 776;
/// Refunds, by order and the merchant's number.
pub const REFUND: Table = 777;
/// Merchants' transfers, by merchant and the merchant's number.
pub const MERCHANT_TRANSFER: Table = 778;
/// Merchants' transfers' keys, by id.
pub const MERCHANT_TRANSFER_INDEX: Table = 779;
/// Fees settled so far, by merchant and currency.
pub const FEE_SETTLEMENT: Table = 780;

/// Customers' batches of payment codes to be shown offline.
pub const OFFLINE_BATCH: Table = 782;
/// What moved merchants' money, by merchant and day ([`crate::entry`]).
pub const MERCHANT_ENTRY: Table = 787;

/// A business that takes payments. Its name's handle and its state are in its party.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Merchant {
    /// Its party number.
    #[n(0)]
    pub party: u64,
    /// Merchant category code, four digits (ISO 18245).
    #[n(1)]
    pub mcc: String,
    /// Its own price, basis points; the market pack's if `None`.
    #[n(2)]
    pub fee_bps: Option<u32>,
    /// Its first store.
    #[n(3)]
    pub default_store: u64,
    /// UTC nanoseconds.
    #[n(4)]
    pub opened_at_ns: u64,
    /// Since which day, yyyymmdd, its money is settled by business dates ([`crate::settlement`]); `None` if it is not.
    #[n(5)]
    pub settled_since: Option<u32>,
}

impl Merchant {
    /// The key of a merchant's row.
    #[must_use]
    pub fn key(party: u64) -> Key {
        Key::new(MERCHANT).number(party)
    }
}

impl Record for Merchant {
    const TABLE: Table = MERCHANT;
}

/// A place where a merchant sells.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Store {
    /// Its id.
    #[n(0)]
    pub id: u64,
    /// Whose it is.
    #[n(1)]
    pub merchant: u64,
}

impl Store {
    /// The key of a store's row.
    #[must_use]
    pub fn key(id: u64) -> Key {
        Key::new(STORE).number(id)
    }
}

impl Record for Store {
    const TABLE: Table = STORE;
}

/// A device in a store.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Terminal {
    /// Its id.
    #[n(0)]
    pub id: u64,
    /// Where it stands.
    #[n(1)]
    pub store: u64,
}

impl Terminal {
    /// The key of a terminal's row.
    #[must_use]
    pub fn key(id: u64) -> Key {
        Key::new(TERMINAL).number(id)
    }
}

impl Record for Terminal {
    const TABLE: Table = TERMINAL;
}

/// A key that was an app's until it got another.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PreviousKey {
    /// SPKI DER.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub public_key: Vec<u8>,
    /// Until when it is still accepted, UTC nanoseconds.
    #[n(1)]
    pub valid_until_ns: u64,
}

/// An integration of a merchant: the key with which its systems sign.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct App {
    /// 16 digits: 2021, the cell's number in two, a running number in ten.
    #[n(0)]
    pub app_id: u64,
    /// Whose it is.
    #[n(1)]
    pub merchant: u64,
    /// SPKI DER; public.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub public_key: Vec<u8>,
    /// The key before.
    #[n(3)]
    pub public_key_previous: Option<PreviousKey>,
    /// Where its orders notify unless they say so themselves.
    #[n(4)]
    pub notify_url: Option<String>,
    /// UTC nanoseconds.
    #[n(5)]
    pub opened_at_ns: u64,
}

impl App {
    /// The key of an app's row.
    #[must_use]
    pub fn key(app_id: u64) -> Key {
        Key::new(APP).number(app_id)
    }

    /// The public keys that are valid at an instant, the present one first.
    pub fn keys_at(&self, now_ns: u64) -> impl Iterator<Item = &[u8]> {
        let previous = self.public_key_previous.as_ref().filter(|previous| now_ns < previous.valid_until_ns);
        core::iter::once(self.public_key.as_slice()).chain(previous.map(|previous| previous.public_key.as_slice()))
    }
}

impl Record for App {
    const TABLE: Table = APP;
}

/// How many apps there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct AppCounter {
    /// The running number of the last one.
    #[n(0)]
    pub last: u64,
}

impl AppCounter {
    /// The key of the only row.
    #[must_use]
    pub fn key() -> Key {
        Key::new(APP_COUNTER)
    }
}

impl Record for AppCounter {
    const TABLE: Table = APP_COUNTER;
}

/// The apps of a merchant, in the order in which they came.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct MerchantApps {
    /// Their ids.
    #[n(0)]
    pub app_ids: Vec<u64>,
}

impl MerchantApps {
    /// How many a merchant may have: they stand in one row.
    pub const MAX: usize = 100;

    /// The key of a merchant's row.
    #[must_use]
    pub fn key(merchant: u64) -> Key {
        Key::new(MERCHANT_APPS).number(merchant)
    }
}

impl Record for MerchantApps {
    const TABLE: Table = MERCHANT_APPS;
}

/// A payment code that a customer shows. The row goes when the code is used or its time is over.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PayCode {
    /// Whose it is.
    #[n(0)]
    pub customer: u64,
    /// Until when, UTC nanoseconds.
    #[n(1)]
    pub expires_at_ns: u64,
    /// The timer that removes it.
    #[n(2)]
    pub timer: TimerId,
    /// The most that it pays, in the market's currency, if it is one of a batch to be shown offline.
    #[n(3)]
    pub offline_limit: Option<Amount>,
}

impl PayCode {
    /// The key of a code's row, from the edge's keyed digest of its digits.
    #[must_use]
    pub fn key(code_digest: [u8; 32]) -> Key {
        Key::new(PAY_CODE).fixed(code_digest)
    }
}

impl Record for PayCode {
    const TABLE: Table = PAY_CODE;
}

/// The payment codes that a customer may show while offline: counted, so that a lost phone can lose no more.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OfflineBatch {
    /// Whose they are.
    #[n(0)]
    pub customer: u64,
    /// The digests of those that are left.
    #[n(1)]
    pub code_digests: Vec<ByteArray<32>>,
    /// Until when they live, UTC nanoseconds.
    #[n(2)]
    pub expires_at_ns: u64,
}

impl OfflineBatch {
    /// The key of a customer's row.
    #[must_use]
    pub fn key(customer: u64) -> Key {
        Key::new(OFFLINE_BATCH).number(customer)
    }
}

impl Record for OfflineBatch {
    const TABLE: Table = OFFLINE_BATCH;
}

/// Where an order is that a merchant names by its own number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OrderIndex {
    /// The order's id.
    #[n(0)]
    pub order: u64,
}

impl OrderIndex {
    /// The key of the row for a merchant's number.
    #[must_use]
    pub fn key(merchant: u64, out_trade_no: &str) -> Key {
        Key::new(ORDER_INDEX).number(merchant).text(out_trade_no)
    }
}

impl Record for OrderIndex {
    const TABLE: Table = ORDER_INDEX;
}

/// A merchant's number that was cancelled before its order arrived: an order that comes later is defeated by it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct CancelledNumber {
    /// When, UTC nanoseconds.
    #[n(0)]
    pub at_ns: u64,
}

impl CancelledNumber {
    /// The key of the row for a merchant's number.
    #[must_use]
    pub fn key(merchant: u64, out_trade_no: &str) -> Key {
        Key::new(CANCELLED_NUMBER).number(merchant).text(out_trade_no)
    }
}

impl Record for CancelledNumber {
    const TABLE: Table = CANCELLED_NUMBER;
}

/// One refund of an order.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Refund {
    /// The order.
    #[n(0)]
    pub order: u64,
    /// The merchant's number of it.
    #[n(1)]
    pub out_request_no: String,
    /// Its part of the order's price.
    #[n(2)]
    pub amount: Amount,
    /// What of it went back to the payer; the rest went to those who had borne the discounts.
    #[n(3)]
    pub to_payer: Amount,
    /// All refunds of the order so far, with this one.
    #[n(4)]
    pub cumulative: Amount,
    /// The fee that was returned to the merchant with it.
    #[n(5)]
    pub fee_returned: Amount,
    /// When, UTC nanoseconds.
    #[n(6)]
    pub at_ns: u64,
    /// Why.
    #[n(7)]
    pub reason: Option<String>,
}

impl Refund {
    /// The key of a refund's row.
    #[must_use]
    pub fn key(order: u64, out_request_no: &str) -> Key {
        Key::new(REFUND).number(order).text(out_request_no)
    }
}

impl Record for Refund {
    const TABLE: Table = REFUND;
}

/// How a merchant's transfer stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum TransferState {
    /// The money is in the payee's wallet.
    #[n(0)]
    Done,
    /// The money is held; it is on its way to a wallet of another cell.
    #[n(1)]
    UnderWay,
    /// The other cell refused; the money is released.
    #[n(2)]
    Failed,
}

/// Money that a merchant sent to a customer.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct MerchantTransfer {
    /// Its id.
    #[n(0)]
    pub id: u64,
    /// Who sent it.
    #[n(1)]
    pub merchant: u64,
    /// The merchant's number of it.
    #[n(2)]
    pub out_biz_no: String,
    /// Who got it.
    #[n(3)]
    pub payee: u64,
    /// How much.
    #[n(4)]
    pub money: Money,
    /// What it is for.
    #[n(5)]
    pub title: Option<String>,
    /// How it stands.
    #[n(6)]
    pub state: TransferState,
    /// When, UTC nanoseconds.
    #[n(7)]
    pub at_ns: u64,
    /// The market's calendar day of it, as the decimal number yyyymmdd.
    #[n(8)]
    pub created_date: u32,
}

impl MerchantTransfer {
    /// The key of a transfer's row.
    #[must_use]
    pub fn key(merchant: u64, out_biz_no: &str) -> Key {
        Key::new(MERCHANT_TRANSFER).number(merchant).text(out_biz_no)
    }
}

impl Record for MerchantTransfer {
    const TABLE: Table = MERCHANT_TRANSFER;
}

/// Where a transfer is that is named by its id.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct MerchantTransferIndex {
    /// The merchant.
    #[n(0)]
    pub merchant: u64,
    /// The merchant's number of it.
    #[n(1)]
    pub out_biz_no: String,
}

impl MerchantTransferIndex {
    /// The key of the row for a transfer's id.
    #[must_use]
    pub fn key(id: u64) -> Key {
        Key::new(MERCHANT_TRANSFER_INDEX).number(id)
    }
}

impl Record for MerchantTransferIndex {
    const TABLE: Table = MERCHANT_TRANSFER_INDEX;
}

/// The fees that settlement has moved so far: counters for the audit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct FeeSettlement {
    /// Taken from the merchant's balance, minor units.
    #[n(0)]
    pub taken_minor: u64,
    /// Given back to it, minor units.
    #[n(1)]
    pub given_back_minor: u64,
}

impl FeeSettlement {
    /// The key of the row for a merchant and a currency.
    #[must_use]
    pub fn key(merchant: u64, currency: Currency) -> Key {
        Key::new(FEE_SETTLEMENT).number(merchant).small(currency.numeric())
    }
}

impl Record for FeeSettlement {
    const TABLE: Table = FEE_SETTLEMENT;
}
