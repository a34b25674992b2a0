//! Double entry, and nothing else: what an account is, what a movement does to two accounts, and why one is refused.
//!
//! This crate holds no state and does no look-ups. [`contract`](../sycee_contract/index.html) keeps the accounts of a
//! decision in an overlay and calls [`post`], [`reserve`], [`settle`] and [`release`] here. The same four functions
//! serve the decision (which may be refused) and the application of a plan (which may not).
//!
//! Law 1 of the design: all money moves here, in integer minor units of one currency, debits equal to credits.
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

mod account;
mod hold;
mod linked;
mod movement;
mod refusal;

pub use account::{Account, AccountClass, AccountId, AccountKind, Limit, OPERATOR};
pub use hold::{Hold, HoldId, HoldState};
pub use linked::{LinkedItem, LinkedOutcome, decide_linked};
pub use movement::{Movement, post, release, reserve, settle};
pub use refusal::LedgerRefusal;

#[cfg(test)]
mod tests;
