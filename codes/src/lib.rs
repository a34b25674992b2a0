//! Payment codes: what a QR code, a barcode or a link says, and how to write one.
//!
//! Pure functions over text: no clock, no randomness, no input or output, no dependency. Every parser is total: it
//! answers for any text whatsoever and never panics. Parsers are liberal and list what they put up with as
//! [`Problem`]s; generators are strict and refuse what their specification does not allow.
//!
//! | module | holds |
//! |---|---|
//! | [`decode`](mod@decode) | any text → what kind of code it is, with its fields: start here |
//! | [`encode`](mod@encode) | those fields → the text again |
//! | [`emvco`] | the EMVCo QR specifications: [`emvco::merchant`] and [`emvco::consumer`] |
//! | [`scheme`] | whose code it is: the national schemes as a data table |
//! | [`epc`], [`swiss`] | the codes of European and Swiss bills |
//! | [`iban`] | account numbers, creditor references, bank identifiers |
//! | [`alipay_plus`] | Alipay+: payment codes, order and entry links, merchant-presented codes |
//! | [`upi`] | UPI links |
//! | [`gost`] | GOST R 56042, the bills of Russia |
//! | [`routing`] | who should be asked about a code |
//! | [`numeric`] | numeric payment codes as wallets show them, and our own wallet's code |
//! | [`own`] | the merchant-presented codes of our own wallets |
//! | [`url`] | links that are payment codes |
//! | [`field`], [`problem`] | the tree of fields and the list of problems that every decoder answers with |
//! | [`crc`] | the checksum of EMVCo payloads |

#![no_std]
#![deny(
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::float_arithmetic
)]

extern crate alloc;

pub mod alipay_plus;
mod base64;
pub mod crc;
pub mod decode;
pub mod emvco;
pub mod encode;
pub mod epc;
pub mod field;
pub mod gost;
pub mod iban;
mod json;
mod lines;
pub mod numeric;
pub mod own;
pub mod problem;
pub mod routing;
pub mod scheme;
pub mod swiss;
pub mod upi;
pub mod url;

pub use decode::{Decoded, Kind, decode};
pub use encode::encode;
pub use field::{Field, Value};
pub use problem::{Problem, ProblemKind};

/// The examples of the README, compiled and run as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
