//! What acquiring can be asked: codes and bodies. Replies are in [`crate::reply`].
//!
//! Where a body has no merchant, the merchant is the caller (role Merchant). An order, a refund and a merchant's transfer
//! have natural keys, so those commands carry no idempotency key: the state decides and the reply says `repeated`.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};
use sycee_contract::CommandCode;
use sycee_money::{Amount, Currency, Money};

use crate::royalty::{Receiver, RoyaltyPart, TakeBack};

/// `onboard_merchant` (operator, key): body [`OnboardMerchant`], reply [`crate::reply::MerchantReply`].
pub const ONBOARD_MERCHANT: CommandCode = 769;
/// `add_store` (operator or merchant, key): body [`AddStore`], reply [`crate::reply::StoreReply`].
pub const ADD_STORE: CommandCode = 770;
/// `add_terminal` (operator or merchant, key): body [`AddTerminal`], reply [`crate::reply::TerminalReply`].
pub const ADD_TERMINAL: CommandCode = 771;
/// `register_app` (operator, or the merchant for itself; key): body [`RegisterApp`], reply [`crate::reply::AppReply`].
pub const REGISTER_APP: CommandCode = 772;
/// `set_app_key` (operator or merchant): body [`SetAppKey`], reply [`crate::reply::AppReply`].
pub const SET_APP_KEY: CommandCode = 773;
/// `precreate` (merchant): body [`Precreate`], reply [`crate::reply::OrderReply`].
pub const PRECREATE: CommandCode = 774;
/// `create` (merchant): body [`OrderFields`], reply [`crate::reply::OrderReply`].
pub const CREATE: CommandCode = 775;
/// `page_pay` (merchant): body [`PagePay`], reply [`crate::reply::OrderReply`].
pub const PAGE_PAY: CommandCode = 776;
/// `pay_by_code` (merchant): body [`PayByCode`], reply [`crate::reply::OrderReply`].
pub const PAY_BY_CODE: CommandCode = 777;
/// `scan_order` (customer): body [`OrderTarget`], reply [`crate::reply::OrderReply`].
pub const SCAN_ORDER: CommandCode = 778;
/// `pay_order` (customer): body [`OrderTarget`], reply [`crate::reply::OrderReply`].
pub const PAY_ORDER: CommandCode = 779;
/// `pay_static` (customer, key): body [`PayStatic`], reply [`crate::reply::PayStaticReply`].
pub const PAY_STATIC: CommandCode = 780;
/// `cancel` (merchant): body [`OrderRef`], reply [`crate::reply::CancelReply`].
pub const CANCEL: CommandCode = 781;
/// `close` (merchant): body [`OrderRef`], reply [`crate::reply::OrderReply`].
pub const CLOSE: CommandCode = 782;
/// `refund` (merchant): body [`RefundOrder`], reply [`crate::reply::RefundReply`].
pub const REFUND: CommandCode = 783;
/// `expire_order` (the cell, by timer): body [`OrderTarget`], reply [`crate::reply::OrderReply`].
pub const EXPIRE_ORDER: CommandCode = 784;
/// `issue_pay_code` (customer): body [`CodeTarget`], reply [`crate::reply::PayCodeReply`].
pub const ISSUE_PAY_CODE: CommandCode = 785;
/// `drop_pay_code` (the cell, by timer): body [`CodeTarget`], reply empty.
pub const DROP_PAY_CODE: CommandCode = 786;
/// `merchant_transfer` (merchant): body [`TransferToCustomer`], reply [`crate::reply::TransferReply`].
pub const MERCHANT_TRANSFER: CommandCode = 787;
/// `settle_fees` (operator): body [`SettleFees`], reply [`crate::reply::SettleFeesReply`].
pub const SETTLE_FEES: CommandCode = 788;

/// `issue_offline_codes` (customer): body [`OfflineCodes`], reply [`crate::reply::OfflineCodesReply`]. A batch replaces the
/// customer's one before.
pub const ISSUE_OFFLINE_CODES: CommandCode = 789;

/// `freeze_by_code` (merchant): body [`FreezeByCode`], reply [`crate::reply::AuthorisationReply`].
pub const FREEZE_BY_CODE: CommandCode = 790;
/// `issue_freeze_code` (merchant): body [`IssueFreezeCode`], reply [`crate::reply::AuthorisationReply`].
pub const ISSUE_FREEZE_CODE: CommandCode = 791;
/// `confirm_freeze` (customer): body [`AuthorisationTarget`], reply [`crate::reply::AuthorisationReply`].
pub const CONFIRM_FREEZE: CommandCode = 792;
/// `release_freeze` (merchant): body [`Unfreeze`], reply [`crate::reply::AuthorisationReply`].
pub const UNFREEZE: CommandCode = 793;
/// `cancel_freeze` (merchant): body [`AuthorisationTarget`], reply [`crate::reply::AuthorisationReply`].
pub const CANCEL_FREEZE: CommandCode = 794;
/// `expire_freeze` (the cell, by timer): body [`AuthorisationTarget`], reply empty.
pub const EXPIRE_FREEZE: CommandCode = 795;
/// `pay_from_freeze` (merchant): body [`PayFromFreeze`], reply [`crate::reply::OrderReply`].
pub const PAY_FROM_FREEZE: CommandCode = 796;

/// `app_pay` (merchant): body [`OrderFields`], reply [`crate::reply::OrderReply`]. An order that an app of the merchant's hands to
/// the customer's wallet.
pub const APP_PAY: CommandCode = 797;
/// `bind_royalty_receivers` (merchant): body [`BindReceivers`], reply [`crate::reply::ReceiversReply`].
pub const BIND_RECEIVERS: CommandCode = 798;
/// `unbind_royalty_receivers` (merchant): body [`UnbindReceivers`], reply [`crate::reply::ReceiversReply`].
pub const UNBIND_RECEIVERS: CommandCode = 799;
/// `pay_royalty` (merchant): body [`PayRoyalty`], reply [`crate::reply::RoyaltyReply`].
pub const PAY_ROYALTY: CommandCode = 800;
/// `refund_with_royalties` (merchant): body [`RefundWithRoyalties`], reply [`crate::reply::RefundReply`].
pub const REFUND_WITH_ROYALTIES: CommandCode = 801;

/// Opens a merchant with its first store.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OnboardMerchant {
    /// The vault's handle of its name.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub name: [u8; 16],
    /// Merchant category code, four digits (ISO 18245).
    #[n(1)]
    pub mcc: String,
    /// Its own price in basis points; the market pack's if it has none.
    #[n(2)]
    pub fee_bps: Option<u32>,
}

/// Adds a store to a merchant.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct AddStore {
    /// The merchant's party number.
    #[n(0)]
    pub merchant: u64,
}

/// Adds a terminal to a store.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct AddTerminal {
    /// The store's id.
    #[n(0)]
    pub store: u64,
}

/// Registers an app: a public key with which the merchant's systems sign.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct RegisterApp {
    /// The merchant's party number.
    #[n(0)]
    pub merchant: u64,
    /// The public key, SPKI DER (RFC 5280, section 4.1), up to 2048 bytes.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub public_key: Vec<u8>,
    /// Where the app's orders notify unless they say so themselves.
    #[n(2)]
    pub notify_url: Option<String>,
}

/// Gives an app a new key. The same key again changes nothing.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SetAppKey {
    /// The app.
    #[n(0)]
    pub app_id: u64,
    /// The new public key, SPKI DER.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub public_key: Vec<u8>,
    /// For how long the key before stays valid, seconds.
    #[n(2)]
    pub previous_valid_seconds: u64,
}

/// What a merchant says of an order, whatever the way it is paid. Lengths are in characters.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OrderFields {
    /// The app that asks; `None` for the merchant's own till.
    #[n(0)]
    pub app: Option<u64>,
    /// The merchant's number of the order, 1 to 64 printable ASCII characters; unique for the merchant. It may not look like
    /// a generated one ([`crate::number::generated_out_trade_no`]).
    #[n(1)]
    pub out_trade_no: String,
    /// The price, not zero.
    #[n(2)]
    pub total: Money,
    /// What is bought, 1 to 256.
    #[n(3)]
    pub subject: String,
    /// More about it, up to 400.
    #[n(4)]
    pub body: Option<String>,
    /// One of our stores; the merchant's first one if `None`.
    #[n(5)]
    pub store: Option<u64>,
    /// The merchant's own name of the store, up to 64.
    #[n(6)]
    pub store_reference: Option<String>,
    /// The merchant's name of the terminal, up to 64.
    #[n(7)]
    pub terminal: Option<String>,
    /// The merchant's name of the person at the till, up to 64.
    #[n(8)]
    pub operator: Option<String>,
    /// Given back in notifications as it is, up to 512.
    #[n(9)]
    pub passback_params: Option<String>,
    /// Where to notify, up to 2048; the app's if `None`.
    #[n(10)]
    pub notify_url: Option<String>,
    /// Where the payer's browser goes after a page payment, up to 2048.
    #[n(11)]
    pub return_url: Option<String>,
    /// As the protocol calls it, up to 64, such as `FACE_TO_FACE_PAYMENT`.
    #[n(12)]
    pub product_code: Option<String>,
    /// When the order expires, UTC nanoseconds; wins over the next field.
    #[n(13)]
    pub expires_at_ns: Option<u64>,
    /// After how many seconds from its creation it expires; the market pack's time if both are `None`.
    #[n(14)]
    pub expires_after_seconds: Option<u64>,
    /// The only customer who may pay. For [`CREATE`] the buyer.
    #[n(15)]
    pub required_buyer: Option<u64>,
}

/// Issues a code for an order. The trade exists once a customer has scanned it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Precreate {
    /// The order.
    #[n(0)]
    pub order: OrderFields,
    /// How long the code lives at most, seconds; the market pack's time if `None`, and never longer than that.
    #[n(1)]
    pub code_lifetime_seconds: Option<u64>,
}

/// Opens an order that is paid on a page of ours. The trade exists once a customer has opened it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PagePay {
    /// The order.
    #[n(0)]
    pub order: OrderFields,
    /// Whether it was made for a mobile browser.
    #[n(1)]
    pub wap: bool,
}

/// Takes the payment with a customer's code.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PayByCode {
    /// The order.
    #[n(0)]
    pub order: OrderFields,
    /// The edge's keyed digest of the code's digits.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub code_digest: [u8; 32],
}

/// An order by its id.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OrderTarget {
    /// Its id.
    #[n(0)]
    pub id: u64,
}

/// An order as its merchant names it. If both are given the id wins.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct OrderRef {
    /// The merchant's number.
    #[n(0)]
    pub out_trade_no: Option<String>,
    /// Our id; [`crate::number::parse_trade_no`] reads it out of a trade number.
    #[n(1)]
    pub id: Option<u64>,
}

/// Pays a shop's printed code: the customer types the amount.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PayStatic {
    /// The merchant's party number.
    #[n(0)]
    pub merchant: u64,
    /// The store; the merchant's first one if `None`.
    #[n(1)]
    pub store: Option<u64>,
    /// How much, not zero.
    #[n(2)]
    pub total: Money,
    /// What the code or the customer says of it, up to 64 characters; may be empty.
    #[n(3)]
    pub reference: String,
}

/// Refunds an order, whole or in part.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct RefundOrder {
    /// Which.
    #[n(0)]
    pub order: OrderRef,
    /// How much of the order's price.
    #[n(1)]
    pub amount: Money,
    /// The merchant's number of this refund, 1 to 64 printable ASCII characters; may be left out only for the whole price, and is
    /// then the order's own number.
    #[n(2)]
    pub out_request_no: Option<String>,
    /// Why, up to 256 characters.
    #[n(3)]
    pub reason: Option<String>,
}

/// A customer's payment code, by the edge's keyed digest of its digits. The digits never come here.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct CodeTarget {
    /// The digest.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub code_digest: [u8; 32],
}

/// Payment codes that a customer's phone keeps, to be shown while it is offline: by the edge's keyed digests of their digits.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OfflineCodes {
    /// The digests, all different; at most as many as the market pack allows. None ends the batch before.
    #[n(0)]
    pub code_digests: Vec<ByteArray<32>>,
}

/// Sends money from the merchant's balance to a customer's wallet in the same cell.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct TransferToCustomer {
    /// The merchant's number of the transfer, 1 to 64 printable ASCII characters; unique for the merchant.
    #[n(0)]
    pub out_biz_no: String,
    /// The customer's party number.
    #[n(1)]
    pub payee: u64,
    /// How much, not zero.
    #[n(2)]
    pub money: Money,
    /// What it is for, up to 256 characters.
    #[n(3)]
    pub title: Option<String>,
}

/// Takes accrued fees from a merchant's balance, as far as it goes; gives back what refunds have left over.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SettleFees {
    /// The merchant's party number.
    #[n(0)]
    pub merchant: u64,
    /// In which currency.
    #[n(1)]
    pub currency: Currency,
    /// At most this much; `None` for all.
    #[n(2)]
    pub at_most: Option<Amount>,
}

/// What a merchant says of a freeze, whichever way the customer agrees. Numbers are 1 to 64 printable ASCII characters.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct FreezeFields {
    /// The app that asks; `None` for the merchant's own till.
    #[n(0)]
    pub app: Option<u64>,
    /// The merchant's number of the freeze; unique for the merchant.
    #[n(1)]
    pub out_order_no: String,
    /// The merchant's number of this request; unique for the merchant, releases included.
    #[n(2)]
    pub out_request_no: String,
    /// What it is for, 1 to 256 characters.
    #[n(3)]
    pub title: String,
    /// How much, not zero.
    #[n(4)]
    pub amount: Money,
    /// Where to notify, up to 2048; the app's if `None`.
    #[n(5)]
    pub notify_url: Option<String>,
}

/// Freezes money of the customer whose code the till has read.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct FreezeByCode {
    /// The freeze.
    #[n(0)]
    pub freeze: FreezeFields,
    /// The edge's keyed digest of the code's digits.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub code_digest: [u8; 32],
}

/// Issues a code that a customer scans and confirms; only then is money frozen.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct IssueFreezeCode {
    /// The freeze.
    #[n(0)]
    pub freeze: FreezeFields,
    /// How long the code lives at most, seconds; the market pack's time for order codes if `None`, and never longer than that.
    #[n(1)]
    pub code_lifetime_seconds: Option<u64>,
}

/// An authorisation by its id.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct AuthorisationTarget {
    /// Its id; [`crate::number::parse_trade_no`] reads it out of its number.
    #[n(0)]
    pub id: u64,
}

/// Releases frozen money, whole or in part.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Unfreeze {
    /// The authorisation's id.
    #[n(0)]
    pub authorisation: u64,
    /// The merchant's number of this request, 1 to 64 printable ASCII characters; unique for the merchant, freezes included.
    #[n(1)]
    pub out_request_no: String,
    /// How much, not zero.
    #[n(2)]
    pub amount: Money,
    /// Why, up to 256 characters.
    #[n(3)]
    pub remark: Option<String>,
    /// Where to notify of this release, up to 2048; where the freeze notifies if `None`.
    #[n(4)]
    pub notify_url: Option<String>,
}

/// Pays an order out of frozen money. The price is paid whole: discounts do not apply.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PayFromFreeze {
    /// The order.
    #[n(0)]
    pub order: OrderFields,
    /// The authorisation's id.
    #[n(1)]
    pub authorisation: u64,
    /// Whether it is the last one: what is left is released. Otherwise that stays frozen.
    #[n(2)]
    pub is_last: bool,
}

/// Lets the merchant pass money on to these parties of the cell. One that is bound already gets the new memo.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct BindReceivers {
    /// Who: 1 to 20, each party once.
    #[n(0)]
    pub receivers: Vec<Receiver>,
}

/// Ends that. Parties that are not bound are passed over.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct UnbindReceivers {
    /// Their party numbers: 1 to 20.
    #[n(0)]
    pub receivers: Vec<u64>,
}

/// Passes on a part of the proceeds of a paid trade.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PayRoyalty {
    /// Of which.
    #[n(0)]
    pub order: OrderRef,
    /// The merchant's number of this request, 1 to 64 printable ASCII characters; unique for the merchant.
    #[n(1)]
    pub out_request_no: String,
    /// To whom and how much: 1 to 20, each receiver once; they are bound.
    #[n(2)]
    pub parts: Vec<RoyaltyPart>,
    /// Whether nothing more will be passed on of this trade.
    #[n(3)]
    pub is_last: bool,
}

/// Refunds an order and takes back what was passed on of it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct RefundWithRoyalties {
    /// The refund.
    #[n(0)]
    pub refund: RefundOrder,
    /// From whom and how much: 1 to 20, each receiver once.
    #[n(1)]
    pub taken: Vec<TakeBack>,
}
