//! Currencies, amounts, rates and their rounding: exact integer money.
//!
//! Nothing here knows of floats, clocks or I/O. Every operation either gives the exact result or a [`MoneyError`]; where
//! a result must be rounded, the caller names the [`Rounding`] and, for conversions, gets the exact residual back.

#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::as_conversions,
        clippy::arithmetic_side_effects,
        clippy::float_arithmetic,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing
    )
)]

extern crate alloc;

mod amount;
mod currency;
mod decimal;
mod error;
mod rate;
mod rounding;

pub use amount::{Amount, Money};
pub use currency::Currency;
pub use error::MoneyError;
pub use rate::{Converted, Rate, share_bps};
pub use rounding::{RemainderRule, Rounding, cumulative_share, divide, split};
