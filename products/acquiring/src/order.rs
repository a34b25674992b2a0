//! The order: one combined row for what a merchant asks, what a customer paid, and what went back.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use sycee_contract::{Key, Record, Table, TimerId};
use sycee_ledger::AccountId;
use sycee_money::{Amount, Money};

use crate::record::ORDER;

/// By which way an order came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum Channel {
    /// A code for one order, which the customer scans.
    #[n(0)]
    Precreate,
    /// Created for a buyer.
    #[n(1)]
    Create,
    /// The shop scans the customer's code.
    #[n(2)]
    BarcodePay,
    /// A page in a desktop browser.
    #[n(3)]
    Page,
    /// A page in a mobile browser.
    #[n(4)]
    Wap,
    /// The customer scans the shop's printed code and types the amount.
    #[n(5)]
    StaticCode,
    /// The shop takes it out of money that the customer has let it freeze.
    #[n(6)]
    Authorisation,
    /// An app of the merchant's hands it to the customer's wallet.
    #[n(7)]
    App,
}

/// Where the order stands as it was last booked. Use [`Order::status_at`] for where it stands now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum OrderState {
    /// Its code was issued; no trade is visible yet.
    #[n(0)]
    CodeIssued,
    /// A customer has scanned it, or it was created: it waits for the payment.
    #[n(1)]
    WaitBuyerPay,
    /// Paid; perhaps partly refunded.
    #[n(2)]
    Paid,
    /// Closed unpaid, or fully refunded.
    #[n(3)]
    Closed,
}

/// Why an order was closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum CloseReason {
    /// Its time was over.
    #[n(0)]
    Expired,
    /// The merchant closed it.
    #[n(1)]
    Closed,
    /// The merchant cancelled it unpaid.
    #[n(2)]
    Cancelled,
    /// Refunds have reached its price.
    #[n(3)]
    Refunded,
    /// The merchant cancelled it after payment: the rest was refunded.
    #[n(4)]
    CancelledPaid,
}

/// Where an order stands, as the outside sees it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum TradeStatus {
    /// There is no trade: the code was issued, or died, without being scanned.
    NotExist,
    /// It waits for the payment.
    WaitBuyerPay,
    /// Paid; it can be refunded.
    Success,
    /// Paid, and too late for a refund.
    Finished,
    /// Closed unpaid, or fully refunded.
    Closed,
}

/// A discount: what somebody else paid of the price.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Discount {
    /// How much.
    #[n(0)]
    pub amount: Amount,
    /// Who paid it.
    #[n(1)]
    pub account: AccountId,
    /// What it is called on the receipt.
    #[n(2)]
    pub label: String,
    /// What refunds have given back to that account so far.
    #[n(3)]
    pub returned: Amount,
}

/// A fee that the merchant owes for the payment.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Fee {
    /// How much.
    #[n(0)]
    pub amount: Amount,
    /// Who earns it.
    #[n(1)]
    pub account: AccountId,
    /// What it is called.
    #[n(2)]
    pub label: String,
}

/// What a payment was.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Paid {
    /// When, UTC nanoseconds.
    #[n(0)]
    pub at_ns: u64,
    /// What the buyer paid: the price less the discounts.
    #[n(1)]
    pub payer_amount: Amount,
    /// What others paid.
    #[n(2)]
    pub discounts: Vec<Discount>,
    /// What the merchant owes for it.
    #[n(3)]
    pub fees: Vec<Fee>,
    /// Whether refunds return the fees in proportion: the market pack's word on the day of payment.
    #[n(4)]
    pub fees_returnable: bool,
    /// Where the buyer's money came from, and goes back to.
    #[n(5)]
    pub funding_account: AccountId,
    /// What that is called on the receipt.
    #[n(6)]
    pub funding_label: String,
    /// Until when it can be refunded, UTC nanoseconds; after that it is finished.
    #[n(7)]
    pub refund_until_ns: u64,
    /// Until when it can be cancelled, UTC nanoseconds.
    #[n(8)]
    pub cancel_until_ns: u64,
}

impl Paid {
    /// The sum of the fees.
    #[must_use]
    pub fn fee(&self) -> Amount {
        self.fees.iter().fold(Amount::ZERO, |sum, fee| sum.checked_add(fee.amount).unwrap_or(Amount::MAX))
    }

    /// The sum of the discounts.
    #[must_use]
    pub fn discount(&self) -> Amount {
        self.discounts.iter().fold(Amount::ZERO, |sum, part| sum.checked_add(part.amount).unwrap_or(Amount::MAX))
    }
}

/// What a merchant asks to be paid, and all that became of it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Order {
    /// Its id: rises with time in the cell.
    #[n(0)]
    pub id: u64,
    /// The merchant's party number.
    #[n(1)]
    pub merchant: u64,
    /// The app that asked; `None` for the merchant's own till or a printed code.
    #[n(2)]
    pub app: Option<u64>,
    /// The store.
    #[n(3)]
    pub store: u64,
    /// The merchant's own name of the store.
    #[n(4)]
    pub store_reference: Option<String>,
    /// The merchant's name of the terminal.
    #[n(5)]
    pub terminal: Option<String>,
    /// The merchant's name of the person at the till.
    #[n(6)]
    pub operator: Option<String>,
    /// The merchant's number; for a printed code a generated one.
    #[n(7)]
    pub out_trade_no: String,
    /// The price.
    #[n(8)]
    pub total: Money,
    /// What is bought.
    #[n(9)]
    pub subject: String,
    /// More about it.
    #[n(10)]
    pub body: Option<String>,
    /// Given back in notifications as it is.
    #[n(11)]
    pub passback_params: Option<String>,
    /// Where to notify: the order's own address, or the app's on the day of the order.
    #[n(12)]
    pub notify_url: Option<String>,
    /// Where the payer's browser goes after a page payment.
    #[n(13)]
    pub return_url: Option<String>,
    /// As the protocol calls it.
    #[n(14)]
    pub product_code: Option<String>,
    /// By which way it came.
    #[n(15)]
    pub channel: Channel,
    /// Where it stands as last booked.
    #[n(16)]
    pub state: OrderState,
    /// When it came, UTC nanoseconds.
    #[n(17)]
    pub created_at_ns: u64,
    /// The market's calendar day on which it came, as the decimal number yyyymmdd.
    #[n(18)]
    pub created_date: u32,
    /// When its code was issued, UTC nanoseconds; `None` if it never had one.
    #[n(19)]
    pub code_issued_at_ns: Option<u64>,
    /// Until when the code can be scanned, UTC nanoseconds.
    #[n(20)]
    pub code_expires_at_ns: Option<u64>,
    /// When the trade became visible (scanned, created or paid), UTC nanoseconds.
    #[n(21)]
    pub trade_created_at_ns: Option<u64>,
    /// Until when it can be paid, UTC nanoseconds.
    #[n(22)]
    pub expires_at_ns: u64,
    /// The timer that will close it.
    #[n(23)]
    pub timer: Option<TimerId>,
    /// Who scanned or paid it.
    #[n(24)]
    pub buyer: Option<u64>,
    /// The only customer who may pay it.
    #[n(25)]
    pub required_buyer: Option<u64>,
    /// The payment.
    #[n(26)]
    pub paid: Option<Paid>,
    /// How much of the price was refunded.
    #[n(27)]
    pub refunded: Amount,
    /// How much of the fees was returned.
    #[n(28)]
    pub fee_returned: Amount,
    /// How many refunds there were.
    #[n(29)]
    pub refund_count: u32,
    /// When it was closed, UTC nanoseconds.
    #[n(30)]
    pub closed_at_ns: Option<u64>,
    /// Why.
    #[n(31)]
    pub close_reason: Option<CloseReason>,
    /// The keyed digest of the customer's code that paid it: a repeat has the same.
    #[cbor(n(32), with = "minicbor::bytes")]
    pub code_digest: Option<[u8; 32]>,
    /// The authorisation out of which it was paid.
    #[n(33)]
    pub authorisation: Option<u64>,
}

impl Order {
    /// The key of an order's row.
    #[must_use]
    pub fn key(id: u64) -> Key {
        Key::new(ORDER).number(id)
    }

    /// Until when the open order waits for what comes next (scan or payment), UTC nanoseconds; `None` if it is not open.
    #[must_use]
    pub fn deadline_ns(&self) -> Option<u64> {
        match self.state {
            OrderState::CodeIssued => Some(self.code_expires_at_ns.unwrap_or(u64::MAX).min(self.expires_at_ns)),
            OrderState::WaitBuyerPay => Some(self.expires_at_ns),
            OrderState::Paid | OrderState::Closed => None,
        }
    }

    /// Whether it is open by its row and its time is over at `now_ns`, whether or not the timer has fired.
    #[must_use]
    pub fn expired_at(&self, now_ns: u64) -> bool {
        self.deadline_ns().is_some_and(|deadline| deadline <= now_ns)
    }

    /// Where it stands at `now_ns` for the outside. Judged by time: no timer has to fire for it.
    #[must_use]
    pub fn status_at(&self, now_ns: u64) -> TradeStatus {
        if self.trade_created_at_ns.is_none() {
            return TradeStatus::NotExist;
        }
        match (self.state, &self.paid) {
            (OrderState::Closed, _) => TradeStatus::Closed,
            (OrderState::Paid, Some(paid)) if paid.refund_until_ns <= now_ns => TradeStatus::Finished,
            (OrderState::Paid, _) => TradeStatus::Success,
            (OrderState::CodeIssued | OrderState::WaitBuyerPay, _) if self.expired_at(now_ns) => TradeStatus::Closed,
            (OrderState::CodeIssued | OrderState::WaitBuyerPay, _) => TradeStatus::WaitBuyerPay,
        }
    }

    /// Whether its code can still be scanned at `now_ns`.
    #[must_use]
    pub fn scannable_at(&self, now_ns: u64) -> bool {
        self.state == OrderState::CodeIssued && !self.expired_at(now_ns)
    }

    /// When it was closed as the outside sees it: its row's time, or the deadline that has passed unnoticed.
    #[must_use]
    pub fn closed_at(&self, now_ns: u64) -> Option<u64> {
        self.closed_at_ns.or_else(|| self.deadline_ns().filter(|deadline| *deadline <= now_ns))
    }

    /// What can still be refunded of the price; nothing if it was not paid.
    #[must_use]
    pub fn refundable(&self) -> Amount {
        if self.paid.is_some() { self.total.amount.saturating_sub(self.refunded) } else { Amount::ZERO }
    }
}

impl Record for Order {
    const TABLE: Table = ORDER;
}
