//! What acquiring answers, and what it tells others: replies, notices and events.

use alloc::string::String;

use minicbor::{Decode, Encode};
use sycee_ledger::AccountId;
use sycee_money::{Amount, Money};

use crate::authorisation::{Authorisation, AuthorisationOperation};
use crate::order::{CloseReason, Order};
use crate::record::{MerchantTransfer, Refund};
use crate::royalty::Royalty;

/// The effect *notice*: a message to the merchant's address. Body [`Notice`], policy `BindsNobody`, target the address.
pub const EFFECT_NOTICE: u16 = 769;
/// The effect *freeze notice*: a message to the merchant's address about frozen money. Body [`FreezeNotice`], policy
/// `BindsNobody`, target the address.
pub const EFFECT_FREEZE_NOTICE: u16 = 770;

/// The event that an order was paid: body [`OrderPaid`].
pub const EVENT_ORDER_PAID: u16 = 769;
/// The event that an order was refunded, whole or in part: body [`OrderRefunded`].
pub const EVENT_ORDER_REFUNDED: u16 = 770;
/// The event that an order was closed unpaid: body [`OrderClosed`].
pub const EVENT_ORDER_CLOSED: u16 = 771;
/// The event that a merchant sent money to a customer of its cell: body [`TransferMade`].
pub const EVENT_MERCHANT_TRANSFER: u16 = 775;

/// A merchant and its first store.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct MerchantReply {
    /// The merchant's party number.
    #[n(0)]
    pub merchant: u64,
    /// The store's id.
    #[n(1)]
    pub store: u64,
}

/// A store.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct StoreReply {
    /// Its id.
    #[n(0)]
    pub store: u64,
}

/// A terminal.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct TerminalReply {
    /// Its id.
    #[n(0)]
    pub terminal: u64,
}

/// An app.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct AppReply {
    /// Its id: 16 digits, 2021 first.
    #[n(0)]
    pub app_id: u64,
}

/// An order as it stands after the command.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OrderReply {
    /// The order.
    #[n(0)]
    pub order: Order,
    /// Whether the same was asked and done before; nothing was changed now.
    #[n(1)]
    pub repeated: bool,
}

/// A payment of a printed code.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PayStaticReply {
    /// The order's id.
    #[n(0)]
    pub id: u64,
    /// What the payer paid, after discounts.
    #[n(1)]
    pub payer_amount: Amount,
    /// When, UTC nanoseconds.
    #[n(2)]
    pub paid_at_ns: u64,
}

/// What a cancel did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum CancelAction {
    /// The unpaid order was closed.
    #[n(0)]
    Close,
    /// The paid order was refunded in full.
    #[n(1)]
    Refund,
}

/// The answer to a cancel.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct CancelReply {
    /// What was done now or before: the order is closed unpaid, or its money is back because of a cancel. `None` if there is no
    /// such order, or refunds had closed it.
    #[n(0)]
    pub action: Option<CancelAction>,
    /// The order as it stands, if there is one.
    #[n(1)]
    pub order: Option<Order>,
    /// Whether nothing was changed now.
    #[n(2)]
    pub repeated: bool,
}

/// The answer to a refund.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct RefundReply {
    /// The order as it stands.
    #[n(0)]
    pub order: Order,
    /// The refund.
    #[n(1)]
    pub refund: Refund,
    /// Whether it was made before (`fund_change` is N).
    #[n(2)]
    pub repeated: bool,
}

/// A payment code that lives.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PayCodeReply {
    /// Until when, UTC nanoseconds.
    #[n(0)]
    pub expires_at_ns: u64,
}

/// A batch of payment codes to be shown offline.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OfflineCodesReply {
    /// Until when they live, UTC nanoseconds.
    #[n(0)]
    pub expires_at_ns: u64,
    /// The most that each pays, in the market's currency.
    #[n(1)]
    pub amount_limit: Money,
}

/// The answer to a merchant's transfer.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct TransferReply {
    /// The transfer.
    #[n(0)]
    pub transfer: MerchantTransfer,
    /// Whether it was made before.
    #[n(1)]
    pub repeated: bool,
}

/// What a settlement of fees moved; one of the two is zero.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SettleFeesReply {
    /// From the merchant's balance.
    #[n(0)]
    pub taken: Amount,
    /// To the merchant's balance, because refunds returned fees that had been taken.
    #[n(1)]
    pub given_back: Amount,
}

/// An authorisation as it stands after the command.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct AuthorisationReply {
    /// The authorisation.
    #[n(0)]
    pub authorisation: Authorisation,
    /// What was asked: the release, otherwise the freeze.
    #[n(1)]
    pub operation: AuthorisationOperation,
    /// Whether the same was asked and done before; nothing was changed now.
    #[n(2)]
    pub repeated: bool,
}

/// How many receivers a merchant has bound.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ReceiversReply {
    /// After the command.
    #[n(0)]
    pub count: u32,
}

/// The answer to a royalty.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct RoyaltyReply {
    /// The royalty.
    #[n(0)]
    pub royalty: Royalty,
    /// Whether it was paid before.
    #[n(1)]
    pub repeated: bool,
}

/// Why a notice is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum NoticeKind {
    /// The order was paid.
    #[n(0)]
    Paid,
    /// The order was refunded, whole or in part.
    #[n(1)]
    Refunded,
    /// The order was closed unpaid.
    #[n(2)]
    Closed,
}

/// The body of [`EFFECT_NOTICE`].
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Notice {
    /// Why.
    #[n(0)]
    pub kind: NoticeKind,
    /// The order at that moment.
    #[n(1)]
    pub order: Order,
    /// The refund, for [`NoticeKind::Refunded`].
    #[n(2)]
    pub refund: Option<Refund>,
}

/// Why a notice about frozen money is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum FreezeNoticeKind {
    /// Money was frozen.
    #[n(0)]
    Frozen,
    /// The merchant released some of it.
    #[n(1)]
    Released,
    /// What was left went back: by a cancel, because its time was over, or after the last payment.
    #[n(2)]
    Ended,
}

/// The body of [`EFFECT_FREEZE_NOTICE`].
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct FreezeNotice {
    /// Why.
    #[n(0)]
    pub kind: FreezeNoticeKind,
    /// The authorisation at that moment.
    #[n(1)]
    pub authorisation: Authorisation,
    /// The freeze or the release; of an end the freeze.
    #[n(2)]
    pub operation: AuthorisationOperation,
    /// How much was frozen, released or went back.
    #[n(3)]
    pub amount: Amount,
}

/// The body of [`EVENT_ORDER_PAID`].
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OrderPaid {
    /// The order's id.
    #[n(0)]
    pub order: u64,
    /// The merchant.
    #[n(1)]
    pub merchant: u64,
    /// The store.
    #[n(2)]
    pub store: u64,
    /// The buyer.
    #[n(3)]
    pub buyer: u64,
    /// The price.
    #[n(4)]
    pub total: Money,
    /// What the buyer paid of it.
    #[n(5)]
    pub payer_amount: Amount,
    /// The business date of the order's creation, which its trade number carries.
    #[n(6)]
    pub created_date: Option<u32>,
    /// The merchant's number of the order.
    #[n(7)]
    pub out_trade_no: Option<String>,
}

/// The body of [`EVENT_ORDER_REFUNDED`].
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OrderRefunded {
    /// The order's id.
    #[n(0)]
    pub order: u64,
    /// The merchant.
    #[n(1)]
    pub merchant: u64,
    /// The buyer.
    #[n(2)]
    pub buyer: u64,
    /// This refund's part of the price.
    #[n(3)]
    pub amount: Money,
    /// What of it went to the buyer.
    #[n(4)]
    pub to_payer: Amount,
    /// All refunds of the order so far.
    #[n(5)]
    pub cumulative: Amount,
    /// The refund's number.
    #[n(6)]
    pub out_request_no: String,
    /// The account that was given back what had been paid from it.
    #[n(7)]
    pub funding_account: Option<AccountId>,
    /// As [`OrderPaid::created_date`].
    #[n(8)]
    pub created_date: Option<u32>,
    /// The merchant's number of the order.
    #[n(9)]
    pub out_trade_no: Option<String>,
}

/// The body of [`EVENT_ORDER_CLOSED`].
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OrderClosed {
    /// The order's id.
    #[n(0)]
    pub order: u64,
    /// The merchant.
    #[n(1)]
    pub merchant: u64,
    /// Why.
    #[n(2)]
    pub reason: CloseReason,
    /// The customer who had scanned it, or for whom it was created.
    #[n(3)]
    pub buyer: Option<u64>,
    /// As [`OrderPaid::created_date`].
    #[n(4)]
    pub created_date: Option<u32>,
    /// The merchant's number of the order.
    #[n(5)]
    pub out_trade_no: Option<String>,
}

/// The body of [`EVENT_MERCHANT_TRANSFER`].
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct TransferMade {
    /// The transfer's id.
    #[n(0)]
    pub transfer: u64,
    /// Whose balance it left.
    #[n(1)]
    pub merchant: u64,
    /// The customer who was paid.
    #[n(2)]
    pub payee: u64,
    /// How much.
    #[n(3)]
    pub money: Money,
    /// The merchant's number of it.
    #[n(4)]
    pub out_biz_no: String,
    /// The business date of its creation, which its number carries.
    #[n(5)]
    pub created_date: u32,
}
