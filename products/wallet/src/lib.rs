//! The wallet: customers' balances, sending and requesting money, cash in and out, and the proof that safeguarded funds
//! cover e-money.
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::as_conversions,
        clippy::arithmetic_side_effects,
        clippy::float_arithmetic,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used
    )
)]

extern crate alloc;

mod audit;
pub mod command;
mod decide;
pub mod event;
mod history;
mod record;
mod refusal;
mod request;
mod workload;

use alloc::boxed::Box;
use alloc::vec::Vec;

use sycee_contract::{
    Books, Caller, Charge, Command, CommandCode, CommandDescriptor, Deciding, Descriptor, EventDescriptor, Finding,
    FundingSource, InvariantDescriptor, Nature, Product, Role, Stop, Table, TableDescriptor, Workload,
};
use sycee_ledger::{AccountClass, AccountKind, Limit};

pub use decide::{customer_account, is_held};
pub use history::{CUSTOMER_ENTRY, CustomerEntry};
pub use record::{MoneyRequest, MoneyRequestState, RequestOfCustomer};
pub use refusal::{
    BALANCE_NOT_ENOUGH, CURRENCY_NOT_HELD, NOT_YOUR_REQUEST, PAYEE_IS_PAYER, PAYEE_NOT_CUSTOMER, PAYEE_NOT_FOUND,
    PAYER_NOT_CUSTOMER, PAYER_NOT_FOUND, REQUEST_ENDED, REQUEST_NOT_FOUND,
};

/// This product's number.
pub const NUMBER: u8 = 2;

/// A customer's money: one account for each customer and currency, never overdrawn.
pub const BALANCE: AccountKind = AccountKind {
    number: 0x0201,
    name: "balance",
    class: AccountClass::Liability,
    limit: Limit::DebitsMustNotExceedCredits,
    claimable: true,
};

/// The operator's bank account that safeguards e-money: what came in from the outside and has not gone out. Its owner is
/// [`sycee_ledger::OPERATOR`].
pub const SAFEGUARDING: AccountKind = AccountKind {
    number: 0x0202,
    name: "safeguarding",
    class: AccountClass::Asset,
    limit: Limit::None,
    claimable: false,
};

/// What another cell owes this one for payments across their border, below zero what it is owed: one account for each peer
/// and currency, with [`sycee_ledger::OPERATOR`] as owner and the peer's number as sub-number. The product interop moves
/// it; it stands here because what a peer owes covers e-money until it is settled.
pub const CLEARING: AccountKind =
    AccountKind { number: 0x0203, name: "clearing", class: AccountClass::Asset, limit: Limit::None, claimable: false };

/// What another cell's messages say is owed, for a reason that was not understood: it covers nothing until it is. One account
/// for each peer and currency, as [`CLEARING`].
pub const SUSPENSE: AccountKind = AccountKind {
    number: 0x0204,
    name: "suspense",
    class: AccountClass::Liability,
    limit: Limit::None,
    claimable: false,
};

/// `cash_in`: body [`command::CashIn`], reply [`command::CashMoved`].
pub const CASH_IN: CommandCode = 0x0201;
/// `send`: body [`command::Send`], reply [`command::Sent`].
pub const SEND: CommandCode = 0x0202;
/// `request_money`: body [`command::RequestMoney`], reply [`command::MoneyRequested`].
pub const REQUEST_MONEY: CommandCode = 0x0203;
/// `pay_request`: body [`command::PayRequest`], reply [`command::Sent`].
pub const PAY_REQUEST: CommandCode = 0x0204;
/// `decline_request`: body [`command::DeclineRequest`], reply empty.
pub const DECLINE_REQUEST: CommandCode = 0x0205;
/// `cash_out`: body [`command::CashOut`], reply [`command::CashMoved`].
pub const CASH_OUT: CommandCode = 0x0206;

/// Transfers of [`CASH_IN`], as statements show them.
pub const TRANSFER_CASH_IN: u16 = 0x0201;
/// Transfers of [`SEND`].
pub const TRANSFER_SEND: u16 = 0x0202;
/// Transfers of [`PAY_REQUEST`].
pub const TRANSFER_PAY_REQUEST: u16 = 0x0204;
/// Transfers of [`CASH_OUT`].
pub const TRANSFER_CASH_OUT: u16 = 0x0206;

/// Money requests, by id.
pub const MONEY_REQUEST: Table = 0x0201;
/// Whose money requests are whose, by customer and id.
pub const REQUEST_OF_CUSTOMER: Table = 0x0203;

/// The product.
pub struct Wallet;

static DESCRIPTOR: Descriptor = Descriptor {
    number: NUMBER,
    name: "wallet",
    commands: &[
        CommandDescriptor {
            number: 1,
            name: "cash_in",
            roles: &[Role::Operator],
            // A request: the customer's tier may limit the balance; what came in must then go back.
            nature: Nature::Request,
            fingerprint: &[(0, "customer"), (1, "money"), (2, "bank_reference")],
            binding_refusals: &[],
        },
        CommandDescriptor {
            number: 2,
            name: "send",
            roles: &[Role::Customer],
            nature: Nature::Request,
            fingerprint: &[(0, "payee"), (1, "money")],
            // Final for its key: a late repeat must not pay after the customer saw "not enough" and paid again.
            binding_refusals: refusal::FINAL_FOR_A_PAYMENT,
        },
        CommandDescriptor {
            number: 3,
            name: "request_money",
            roles: &[Role::Customer],
            nature: Nature::Request,
            fingerprint: &[(0, "payer"), (1, "money")],
            binding_refusals: &[],
        },
        CommandDescriptor {
            number: 4,
            name: "pay_request",
            roles: &[Role::Customer],
            nature: Nature::Request,
            fingerprint: &[(0, "request")],
            binding_refusals: &[],
        },
        CommandDescriptor {
            number: 5,
            name: "decline_request",
            roles: &[Role::Customer],
            nature: Nature::Request,
            fingerprint: &[(0, "request")],
            binding_refusals: &[],
        },
        CommandDescriptor {
            number: 6,
            name: "cash_out",
            roles: &[Role::Operator],
            nature: Nature::Request,
            fingerprint: &[(0, "customer"), (1, "money"), (2, "bank_reference")],
            binding_refusals: &[],
        },
    ],
    refusals: refusal::REFUSALS,
    accounts: &[BALANCE, SAFEGUARDING, CLEARING, SUSPENSE],
    tables: &[
        TableDescriptor {
            table: MONEY_REQUEST,
            name: "money_request",
            meaning: "money that one customer asked of another; key: its id",
        },
        TableDescriptor {
            table: CUSTOMER_ENTRY,
            name: "customer_entry",
            meaning: "what moved a customer's money; key: customer, market's day, operation, place in its plan",
        },
        TableDescriptor {
            table: REQUEST_OF_CUSTOMER,
            name: "request_of_customer",
            meaning: "that a money request concerns a customer; key: customer, the request's id",
        },
    ],
    invariants: &[
        InvariantDescriptor {
            name: "safeguarding_covers_emoney",
            meaning: "in each currency, what the bank accounts hold and other cells owe is at least what parties can claim",
        },
        InvariantDescriptor {
            name: "money_requests_consistent",
            meaning: "a money request lies under its own id, between two different parties, for more than nothing, and is listed for both",
        },
        InvariantDescriptor {
            name: "customer_entries_match",
            meaning: "each entry says what the balance came to, and the last one of an account says what it is",
        },
    ],
};

impl Product for Wallet {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn decide(&self, command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
        decide::decide(command, deciding)
    }

    fn fund(&self, charge: &Charge, deciding: &mut Deciding<'_>) -> Result<Option<FundingSource>, Stop> {
        decide::fund(charge, deciding)
    }

    fn guard(&self, _: Nature, _: Caller, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
        history::write(deciding)
    }

    fn events(&self) -> &'static [EventDescriptor] {
        event::EVENTS
    }

    fn audit(&self, books: &dyn Books, findings: &mut Vec<Finding>) {
        audit::audit(books, findings);
    }

    fn workload(&self) -> Box<dyn Workload> {
        Box::new(workload::Wallets::default())
    }
}

#[cfg(test)]
mod tests;
