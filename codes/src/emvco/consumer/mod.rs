//! EMVCo consumer-presented mode: the code that a wallet shows and a shop's terminal scans.
//!
//! Source: EMVCo, QR Code Specification for Payment Systems, Consumer-Presented Mode, version 1.1. The text is base64 of
//! BER-TLV objects:
//!
//! ```text
//! 85 "CPV01"            payload format indicator, always first
//! 61 application        one card or account; two at most, the preferred one first
//!    4F id, 50 label, 5A card number or 57 track 2, …
//!    63 transparent     what the payment system adds, such as its cryptogram (9F26)
//! 62 common data        what two applications share
//!    64 transparent
//! ```
//!
//! [`parse`] takes what is in use, [`ConsumerPresented`] writes only what the specification allows; both go by the same
//! rules. In [fields](Parsed::fields) ids are tags and values hex digits, both in capitals; the application template is
//! the only tag that may be repeated, and the second one has the id `61#2`.

mod account;
mod application;
mod ber;
mod generate;
mod parse;
mod rules;
pub mod tag;

pub use account::{AccountNumber, Track2, upper_hex};
pub use application::Application;
pub use ber::{Contents, Object, Tag, bytes_of};
pub use generate::{ConsumerPresented, Data};
pub use parse::{Parsed, parse};

use alloc::format;
use alloc::string::String;

use crate::decode::{Decoded, Kind};

/// The longest payload, in bytes before base64: readers need to support no more (EMVCo CPM 1.1).
pub const MAXIMUM_BYTES: usize = 512;

/// The longest payload that is read at all, bytes: no QR code holds more (ISO/IEC 18004: 2,953 characters in byte mode,
/// three quarters of which are bytes).
const READ_BYTES_MAX: usize = 2_214;

/// The only version there is.
const VERSION: &str = "CPV01";

/// The most application templates.
const APPLICATIONS_MAX: usize = 2;

/// What the text of every version begins with: the base64 of 85 05 `CPV0`.
const BEGINNING: &str = "hQVDUFYw";

/// Whose an application is, by the beginning of its id (AID): the registered application provider, then its own
/// digits. No row begins with another.
///
/// Sources: ISO/IEC 7816-5 registrations as the schemes publish them; the QRIS line by public samples.
pub const APPLICATION_OWNERS: &[(&str, &str)] = &[
    ("A000000003", "visa"),
    ("A000000004", "mastercard"),
    ("A000000025", "american_express"),
    ("A000000065", "jcb"),
    ("A000000152", "discover"),
    ("A000000333", "unionpay"),
    ("A000000524", "bharatqr"),
    ("A0000006022020", "qris"),
    ("A0000006150001", "duitnow"),
    ("A000000677010111", "promptpay_credit_transfer"),
    ("A000000677010114", "promptpay_credit_transfer"),
    ("A000000677010112", "promptpay_bill_payment"),
    ("A000000727", "vietqr"),
];

/// Whether the text is meant as a consumer-presented payload: it begins as every version does.
#[must_use]
pub fn is_consumer_presented(text: &str) -> bool {
    text.starts_with(BEGINNING)
}

/// Whose application this is, by its id as hex digits.
#[must_use]
pub fn owner_of(application_id: &str) -> Option<&'static str> {
    let fits = |start: &str| application_id.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start));
    APPLICATION_OWNERS.iter().find(|(start, _)| fits(start)).map(|(_, owner)| *owner)
}

/// The id, in fields and paths, of a tag that may stand several times: `61`, `61#2`, `61#3`.
fn numbered(tag: Tag, number: usize) -> String {
    if number < 2 { format!("{tag}") } else { format!("{tag}#{number}") }
}

/// Decodes a text that [is consumer-presented](is_consumer_presented).
pub(crate) fn decode(text: &str) -> Option<Decoded> {
    if !is_consumer_presented(text) {
        return None;
    }
    let parsed = parse(text);
    let scheme = parsed.applications().find_map(|application| owner_of(&application.id()?));
    let fields = parsed.fields();
    Some(Decoded::new(Kind::EmvcoCpm, scheme, parsed.problems, fields))
}
