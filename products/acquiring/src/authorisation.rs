//! Authorisations: a customer's money frozen for a merchant, to be paid out of or released. The money is a hold of the ledger
//! and stays the customer's.

use alloc::string::String;

use minicbor::{Decode, Encode};
use sycee_contract::{Key, Record, Table, TimerId};
use sycee_ledger::{AccountId, HoldId};
use sycee_money::{Amount, Money};

use crate::number;

/// Authorisations, by id.
pub const AUTHORISATION: Table = 783;
/// Authorisations' ids, by merchant and the merchant's number.
pub const AUTHORISATION_INDEX: Table = 784;
/// What was done to authorisations at a merchant's request, by id.
pub const AUTHORISATION_OPERATION: Table = 785;
/// Those operations' ids, by merchant and the merchant's number of the request.
pub const AUTHORISATION_OPERATION_INDEX: Table = 786;

/// For how many days money stays frozen at most; then what is left of it is released.
pub const AUTHORISATION_DAYS: u64 = 30;

/// Where an authorisation stands as it was last booked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum AuthorisationState {
    /// Its code waits for a customer; nothing is frozen.
    #[n(0)]
    CodeIssued,
    /// Money is frozen.
    #[n(1)]
    Authorised,
    /// Payments and releases have used it up.
    #[n(2)]
    Finished,
    /// Cancelled, or its time was over: what was left went back.
    #[n(3)]
    Closed,
}

/// A customer's money frozen for a merchant. At all times `frozen() = captured + released + held`.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Authorisation {
    /// Its id.
    #[n(0)]
    pub id: u64,
    /// For whom.
    #[n(1)]
    pub merchant: u64,
    /// The app that asked; `None` for the merchant's own till.
    #[n(2)]
    pub app: Option<u64>,
    /// The merchant's number of it.
    #[n(3)]
    pub out_order_no: String,
    /// What it is for.
    #[n(4)]
    pub title: String,
    /// How much was asked.
    #[n(5)]
    pub amount: Money,
    /// Where it stands as last booked.
    #[n(6)]
    pub state: AuthorisationState,
    /// Whose money it is, once it is frozen.
    #[n(7)]
    pub customer: Option<u64>,
    /// The account in which it is held.
    #[n(8)]
    pub funding_account: Option<AccountId>,
    /// What that is called on receipts.
    #[n(9)]
    pub funding_label: Option<String>,
    /// The ledger's pending hold, as long as something is held.
    #[n(10)]
    pub hold: Option<HoldId>,
    /// How much that hold holds.
    #[n(11)]
    pub held: Amount,
    /// How much was paid out of it.
    #[n(12)]
    pub captured: Amount,
    /// How much was released.
    #[n(13)]
    pub released: Amount,
    /// When it came, UTC nanoseconds.
    #[n(14)]
    pub created_at_ns: u64,
    /// The market's calendar day on which it came, as the decimal number yyyymmdd.
    #[n(15)]
    pub created_date: u32,
    /// Until when the code can be confirmed, then until when the money stays frozen, UTC nanoseconds.
    #[n(16)]
    pub expires_at_ns: u64,
    /// The timer that ends it then.
    #[n(17)]
    pub timer: Option<TimerId>,
    /// When money was frozen, UTC nanoseconds.
    #[n(18)]
    pub authorised_at_ns: Option<u64>,
    /// When it ended, UTC nanoseconds.
    #[n(19)]
    pub ended_at_ns: Option<u64>,
    /// The operation that asked for it.
    #[n(20)]
    pub operation: u64,
    /// The keyed digest of the customer's code that froze it: a repeat has the same.
    #[cbor(n(21), with = "minicbor::bytes")]
    pub code_digest: Option<[u8; 32]>,
    /// Where to notify: its own address, or the app's on the day of the freeze.
    #[n(22)]
    pub notify_url: Option<String>,
}

impl Authorisation {
    /// The key of an authorisation's row.
    #[must_use]
    pub fn key(id: u64) -> Key {
        Key::new(AUTHORISATION).number(id)
    }

    /// How much was frozen in all; nothing before a customer has agreed.
    #[must_use]
    pub fn frozen(&self) -> Amount {
        if self.authorised_at_ns.is_some() { self.amount.amount } else { Amount::ZERO }
    }

    /// Whether it waits or holds.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, AuthorisationState::CodeIssued | AuthorisationState::Authorised)
    }

    /// Where it stands at `now_ns` for the outside. Judged by time: no timer has to fire for it.
    #[must_use]
    pub fn state_at(&self, now_ns: u64) -> AuthorisationState {
        if self.is_open() && self.expires_at_ns <= now_ns { AuthorisationState::Closed } else { self.state }
    }

    /// Its number for people and merchants: 28 digits, made as a trade number is.
    #[must_use]
    pub fn number(&self, cell: u16) -> String {
        number::number(self.created_date, cell, self.merchant, self.id)
    }
}

impl Record for Authorisation {
    const TABLE: Table = AUTHORISATION;
}

/// Where an authorisation is that a merchant names by its own number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct AuthorisationIndex {
    /// The authorisation's id.
    #[n(0)]
    pub authorisation: u64,
}

impl AuthorisationIndex {
    /// The key of the row for a merchant's number.
    #[must_use]
    pub fn key(merchant: u64, out_order_no: &str) -> Key {
        Key::new(AUTHORISATION_INDEX).number(merchant).text(out_order_no)
    }
}

impl Record for AuthorisationIndex {
    const TABLE: Table = AUTHORISATION_INDEX;
}

/// What an operation does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum OperationKind {
    /// Freezes money.
    #[n(0)]
    Freeze,
    /// Releases some of it.
    #[n(1)]
    Unfreeze,
}

/// Something done to an authorisation at a merchant's request.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct AuthorisationOperation {
    /// Its id.
    #[n(0)]
    pub id: u64,
    /// Of what.
    #[n(1)]
    pub authorisation: u64,
    /// Who asked.
    #[n(2)]
    pub merchant: u64,
    /// The merchant's number of the request.
    #[n(3)]
    pub out_request_no: String,
    /// What it does. How a freeze stands, its authorisation says; a release is done once it is here.
    #[n(4)]
    pub kind: OperationKind,
    /// How much.
    #[n(5)]
    pub amount: Amount,
    /// When it came, UTC nanoseconds.
    #[n(6)]
    pub at_ns: u64,
    /// The market's calendar day of it, as the decimal number yyyymmdd.
    #[n(7)]
    pub created_date: u32,
    /// What the merchant said of it.
    #[n(8)]
    pub remark: Option<String>,
}

impl AuthorisationOperation {
    /// The key of an operation's row.
    #[must_use]
    pub fn key(id: u64) -> Key {
        Key::new(AUTHORISATION_OPERATION).number(id)
    }

    /// Its number for merchants: 28 digits, made as a trade number is.
    #[must_use]
    pub fn number(&self, cell: u16) -> String {
        number::number(self.created_date, cell, self.merchant, self.id)
    }
}

impl Record for AuthorisationOperation {
    const TABLE: Table = AUTHORISATION_OPERATION;
}

/// Where an operation is that a merchant names by its own number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct AuthorisationOperationIndex {
    /// The operation's id.
    #[n(0)]
    pub operation: u64,
}

impl AuthorisationOperationIndex {
    /// The key of the row for a merchant's number.
    #[must_use]
    pub fn key(merchant: u64, out_request_no: &str) -> Key {
        Key::new(AUTHORISATION_OPERATION_INDEX).number(merchant).text(out_request_no)
    }
}

impl Record for AuthorisationOperationIndex {
    const TABLE: Table = AUTHORISATION_OPERATION_INDEX;
}
