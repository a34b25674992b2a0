//! The operator's own books: the plain face of the ledger, for bulk work.
//!
//! All accounts here belong to the operator; their sub-number tells them apart. Nothing here is money that a customer or
//! a merchant can claim.
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
mod batch;
pub mod command;
mod decide;
mod record;
mod workload;

use alloc::boxed::Box;
use alloc::vec::Vec;

use sycee_contract::{
    Caller, Command, CommandCode, CommandDescriptor, Deciding, Descriptor, Finding, InvariantDescriptor, Nature,
    Product, RefusalClass, RefusalCode, RefusalDescriptor, Role, Stop, Table, TableDescriptor, Workload,
};
use sycee_ledger::{AccountClass, AccountId, AccountKind, Limit, OPERATOR};
use sycee_money::Currency;

pub use record::HoldTimer;

/// This product's number.
pub const NUMBER: u8 = 4;

/// An account that may go either way.
pub const GENERAL: AccountKind = AccountKind {
    number: 0x0401,
    name: "general",
    class: AccountClass::Liability,
    limit: Limit::None,
    claimable: false,
};

/// An account that is never overdrawn.
pub const LIMITED: AccountKind = AccountKind {
    number: 0x0402,
    name: "limited",
    class: AccountClass::Liability,
    limit: Limit::DebitsMustNotExceedCredits,
    claimable: false,
};

/// `open_accounts`: body [`command::OpenAccounts`], reply [`command::AccountsOpened`].
pub const OPEN_ACCOUNTS: CommandCode = 0x0401;
/// `post_transfers`: body [`command::PostTransfers`], reply [`command::TransfersPosted`].
pub const POST_TRANSFERS: CommandCode = 0x0402;
/// `place_hold`: body [`command::PlaceHold`], reply [`command::HoldPlaced`].
pub const PLACE_HOLD: CommandCode = 0x0403;
/// `post_hold`: body [`command::PostHold`], reply empty.
pub const POST_HOLD: CommandCode = 0x0404;
/// `void_hold`: body [`command::VoidHold`], reply empty.
pub const VOID_HOLD: CommandCode = 0x0405;
/// `post_manually`: body [`command::PostManually`], reply empty. Two people must agree.
pub const POST_MANUALLY: CommandCode = 0x0406;

/// More items than one command may have.
pub const TOO_MANY_ITEMS: RefusalCode = 0x0401;
/// The account is not one of the operator's books.
pub const ACCOUNT_NOT_OF_BOOKS: RefusalCode = 0x0402;
/// The hold would be over before it begins.
pub const EXPIRY_IN_PAST: RefusalCode = 0x0403;

/// Timers of pending holds, by hold id.
pub const HOLD_TIMER: Table = 0x0401;

/// How many items one command may have: with 8,190 transfers the body stays below 512 KiB.
pub const ITEMS_MAX: usize = 8_190;

/// The product.
pub struct Books;

/// The id of an account of the books.
#[must_use]
pub fn account_id(kind: command::BooksKind, currency: Currency, sub: u32) -> AccountId {
    AccountId::new(OPERATOR, kind.account_kind().number, currency, sub)
}

/// Whether an account is one of the books.
#[must_use]
pub fn is_of_books(account: AccountId) -> bool {
    account.owner() == OPERATOR && (account.kind() == GENERAL.number || account.kind() == LIMITED.number)
}

const fn operator(number: u8, name: &'static str, fingerprint: &'static [(u16, &'static str)]) -> CommandDescriptor {
    CommandDescriptor {
        number,
        name,
        roles: &[Role::Operator],
        nature: Nature::Request,
        fingerprint,
        binding_refusals: &[],
    }
}

static DESCRIPTOR: Descriptor = Descriptor {
    number: NUMBER,
    name: "books",
    commands: &[
        operator(1, "open_accounts", &[(0, "accounts")]),
        operator(2, "post_transfers", &[(0, "items")]),
        operator(3, "place_hold", &[(0, "debit"), (1, "credit"), (2, "amount"), (3, "expires_at_ns")]),
        operator(4, "post_hold", &[(0, "hold"), (1, "amount")]),
        operator(5, "void_hold", &[(0, "hold")]),
        operator(6, "post_manually", &[(0, "debit"), (1, "credit"), (2, "amount")]),
    ],
    refusals: &[
        RefusalDescriptor {
            code: TOO_MANY_ITEMS,
            name: "too_many_items",
            class: RefusalClass::CallersFault,
            meaning: "One command has at most 8,190 items; none of them happened.",
        },
        RefusalDescriptor {
            code: ACCOUNT_NOT_OF_BOOKS,
            name: "account_not_of_books",
            class: RefusalClass::Forbidden,
            meaning: "Only the operator's own general and limited accounts can be named here; nothing moved.",
        },
        RefusalDescriptor {
            code: EXPIRY_IN_PAST,
            name: "expiry_in_past",
            class: RefusalClass::CallersFault,
            meaning: "The hold would be over before it begins; nothing was held.",
        },
    ],
    accounts: &[GENERAL, LIMITED],
    tables: &[TableDescriptor {
        table: HOLD_TIMER,
        name: "hold_timer",
        meaning: "the timer of a pending hold that expires; key: hold id",
    }],
    invariants: &[InvariantDescriptor {
        name: "hold_timers_match",
        meaning: "every pending hold of the books that expires has its timer, and no other hold has one",
    }],
};

impl Product for Books {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn decide(&self, command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
        decide::decide(command, deciding)
    }

    fn needs_two_people(&self, command: &Command) -> bool {
        command.code == POST_MANUALLY
    }

    fn may_agree(&self, _: &Command, person: u64, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
        sycee_party::require_staff_role(deciding, person, &[sycee_party::StaffRole::Finance])
    }

    fn guard(&self, _: Nature, _: Caller, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
        decide::end_timers(deciding)
    }

    fn audit(&self, books: &dyn sycee_contract::Books, findings: &mut Vec<Finding>) {
        audit::audit(books, findings);
    }

    fn workload(&self) -> Box<dyn Workload> {
        Box::new(workload::BulkWork::default())
    }
}

#[cfg(test)]
mod tests;
