//! Rows of this product and their keys.

use minicbor::{Decode, Encode};
use sycee_contract::{Key, Record, Table};
use sycee_money::Money;

/// What became of a money request. One whose time is over stays `Open` in its row and has ended all the same:
/// deadlines are judged by stamp.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum MoneyRequestState {
    /// Nobody has answered it.
    #[n(0)]
    Open,
    /// It was paid.
    #[n(1)]
    Paid,
    /// The customer who was asked declined.
    #[n(2)]
    Declined,
}

/// Money that one customer asked of another.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct MoneyRequest {
    /// Its id.
    #[n(0)]
    pub id: u64,
    /// Who is asked to pay.
    #[n(1)]
    pub from: u64,
    /// Who asked, and is paid.
    #[n(2)]
    pub to: u64,
    /// How much.
    #[n(3)]
    pub money: Money,
    /// What became of it.
    #[n(4)]
    pub state: MoneyRequestState,
    /// When it was made, UTC nanoseconds.
    #[n(5)]
    pub created_at_ns: u64,
    /// From when on it can no longer be paid, UTC nanoseconds.
    #[n(6)]
    pub expires_at_ns: u64,
}

impl MoneyRequest {
    /// For how long a request can be paid: 7 days, seconds.
    pub const LIFETIME_SECONDS: u64 = 7 * 24 * 60 * 60;

    /// The key of a request's row.
    #[must_use]
    pub fn key(id: u64) -> Key {
        Key::new(crate::MONEY_REQUEST).number(id)
    }

    /// Whether it can be paid or declined at `now_ns`.
    #[must_use]
    pub fn is_open(&self, now_ns: u64) -> bool {
        self.state == MoneyRequestState::Open && now_ns < self.expires_at_ns
    }
}

impl Record for MoneyRequest {
    const TABLE: Table = crate::MONEY_REQUEST;
}

/// That a money request concerns a customer: by which a customer's requests are listed. Written with the request, for either of the two,
/// and never changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct RequestOfCustomer {
    /// Whether the customer is who is asked to pay.
    #[n(0)]
    pub is_payer: bool,
}

impl RequestOfCustomer {
    /// The key of a row.
    #[must_use]
    pub fn key(customer: u64, request: u64) -> Key {
        Self::of_customer(customer).number(request)
    }

    /// What the keys of a customer begin with.
    #[must_use]
    pub fn of_customer(customer: u64) -> Key {
        Key::new(crate::REQUEST_OF_CUSTOMER).number(customer)
    }

    /// The request's id in the key of a row; `None` for another key.
    #[must_use]
    pub fn request_of(key: &Key) -> Option<u64> {
        key.number_at(8)
    }
}

impl Record for RequestOfCustomer {
    const TABLE: Table = crate::REQUEST_OF_CUSTOMER;
}
