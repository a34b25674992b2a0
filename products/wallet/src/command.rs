//! Bodies and replies of this product's commands. Field numbers are for ever.

use alloc::string::String;

use minicbor::{Decode, Encode};
use sycee_money::Money;

/// The longest bank reference, bytes.
pub const BANK_REFERENCE_MAX_LENGTH: usize = 64;

/// Names the other customer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Payee {
    /// By party number.
    #[n(0)]
    Party(#[n(0)] u64),
    /// By the keyed digest of the phone number.
    #[n(1)]
    Contact(#[cbor(n(0), with = "minicbor::bytes")] [u8; 32]),
}

/// Money that has come in on the operator's bank account is credited to a customer.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct CashIn {
    /// Whose money it is.
    #[n(0)]
    pub customer: u64,
    /// How much.
    #[n(1)]
    pub money: Money,
    /// The bank's own reference of the transfer, at most 64 bytes; a number, never a name (law 9).
    #[n(2)]
    pub bank_reference: String,
}

/// Money leaves by the operator's bank account.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct CashOut {
    /// Whose money it is.
    #[n(0)]
    pub customer: u64,
    /// How much.
    #[n(1)]
    pub money: Money,
    /// The bank's own reference of the transfer, at most 64 bytes; a number, never a name (law 9).
    #[n(2)]
    pub bank_reference: String,
}

/// The reply of cash in and out.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct CashMoved {
    /// The transfer's id.
    #[n(0)]
    pub transfer: u64,
    /// What the customer can use now in that currency, minor units.
    #[n(1)]
    pub balance_minor: u64,
}

/// The caller pays another customer.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Send {
    /// Who is paid.
    #[n(0)]
    pub payee: Payee,
    /// How much.
    #[n(1)]
    pub money: Money,
}

/// The reply of `send` and `pay_request`.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Sent {
    /// The transfer's id.
    #[n(0)]
    pub transfer: u64,
    /// Who was paid.
    #[n(1)]
    pub payee: u64,
    /// How much.
    #[n(2)]
    pub money: Money,
    /// What the payer can use now in that currency, minor units.
    #[n(3)]
    pub balance_minor: u64,
}

/// The caller asks another customer for money.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct RequestMoney {
    /// Who is asked to pay.
    #[n(0)]
    pub payer: Payee,
    /// How much.
    #[n(1)]
    pub money: Money,
}

/// The reply of `request_money`.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct MoneyRequested {
    /// The request's id.
    #[n(0)]
    pub request: u64,
    /// When it ends by itself, UTC nanoseconds.
    #[n(1)]
    pub expires_at_ns: u64,
}

/// The customer who was asked pays.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PayRequest {
    /// The request's id.
    #[n(0)]
    pub request: u64,
}

/// The customer who was asked does not want to pay.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct DeclineRequest {
    /// The request's id.
    #[n(0)]
    pub request: u64,
}
