//! EMVCo merchant-presented mode: the code that a shop shows and a wallet scans.
//!
//! Source: EMVCo, QR Code Specification for Payment Systems, Merchant-Presented Mode, version 1.1. [`parse`] takes
//! what is in use, [`MerchantPresented`] writes only what the specification allows; both go by [`rules`].

pub(crate) mod form;
mod generate;
mod parse;
pub mod rules;

pub use generate::{
    AdditionalData, Initiation, LanguageTemplate, MerchantPresented, OutOfSpecification, Template, Tip,
};
pub use parse::{Parsed, parse};

use crate::decode::{Decoded, Kind};
use crate::emvco::tlv::{Elements, two_digits};
use crate::scheme;

/// The longest payload, in characters (EMVCo MPM 1.1).
pub const MAXIMUM_CHARACTERS: usize = 512;

/// The id of the checksum, the last field.
pub const CRC_ID: &str = "63";

/// Whether the text is meant as a merchant-presented payload: it begins with a payload format indicator of two
/// digits, or it can be read to its end and carries a checksum field. The second catches payloads in a wrong
/// order, which occur.
#[must_use]
pub fn is_merchant_presented(text: &str) -> bool {
    let indicator = text.strip_prefix("0002").and_then(|rest| rest.get(..2));
    if indicator.and_then(two_digits).is_some() {
        return true;
    }
    let mut has_crc = false;
    for element in Elements::of(text) {
        match element {
            Ok(element) => has_crc |= element.id == CRC_ID && element.value.len() == 4,
            Err(_) => return false,
        }
    }
    has_crc
}

/// Decodes a text that [is merchant-presented](is_merchant_presented).
pub(crate) fn decode(text: &str) -> Option<Decoded> {
    if !is_merchant_presented(text) {
        return None;
    }
    let parsed = parse(text);
    let scheme = scheme::recognise(&parsed.fields);
    let details = scheme::details(&parsed.fields);
    let mut problems = parsed.problems;
    problems.extend(details.iter().flat_map(scheme::check));
    Some(Decoded { details, ..Decoded::new(Kind::EmvcoMpm, scheme, problems, parsed.fields) })
}
