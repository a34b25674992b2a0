//! The European Payments Council's code for a SEPA credit transfer, printed on bills ("Girocode", "scan to pay").
//!
//! Source: EPC069-12, "Quick Response Code: Guidelines to Enable Data Capture for the Initiation of a SEPA Credit
//! Transfer", version 2.1. [`parse`] takes what is in use, [`CreditTransfer`] writes only what the guidelines allow.
//!
//! This crate sees text. The third line says in which character set the bytes of the symbol stand, so whoever reads
//! the symbol resolves it; here it decides only how long the code is in bytes.

mod generate;

pub use generate::{CreditTransfer, Remittance, Version};

use alloc::vec::Vec;

use crate::decode::{Decoded, Kind};
use crate::field::{Field, text_at};
use crate::iban::{is_bic, is_creditor_reference, is_iban};
use crate::lines;
use crate::problem::{Problem, ProblemKind};

/// The longest code, in bytes of its own character set.
pub const MAXIMUM_BYTES: usize = 331;
/// The lines, in order, by the names of the guidelines' elements in short.
pub const LINES: &[&str] = &[
    "service_tag",
    "version",
    "character_set",
    "identification",
    "bic",
    "name",
    "iban",
    "amount",
    "purpose",
    "remittance_structured",
    "remittance_unstructured",
    "information",
];
/// A code ends with the account at the earliest.
const LINES_MIN: usize = 7;

/// What stands on the first line.
const SERVICE_TAG: &str = "BCD";
/// The character set whose characters have several bytes: UTF-8. The others, 2 to 8, are parts of ISO 8859.
const UTF_8: &str = "1";
/// An amount's currency: the only one of the scheme.
const CURRENCY: &str = "EUR";
/// The most digits of an amount before and after its point (0.01 to 999999999.99).
const AMOUNT_DIGITS: (usize, usize) = (9, 2);

/// What a code says and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// One field a line, named as in [`LINES`]; those that are not there are missing, those that are empty are empty.
    pub fields: Vec<Field>,
    /// Everything that is not as the guidelines have it.
    pub problems: Vec<Problem>,
}

/// Whether the text is meant as such a code: its first line is `BCD`.
#[must_use]
pub fn is_epc(text: &str) -> bool {
    text.strip_prefix(SERVICE_TAG).is_some_and(|rest| rest.starts_with(['\n', '\r']))
}

/// Reads any text as such a code. Too few or too many lines and an account that is none invalidate; everything else
/// is a problem.
#[must_use]
pub fn parse(text: &str) -> Parsed {
    let all = lines::split(text);
    let fields = lines::to_fields(&all, LINES);
    let mut problems = Vec::new();
    if all.len() < LINES_MIN || all.len() > LINES.len() {
        let at_character = if all.len() < LINES_MIN { text.chars().count() } else { kept_characters(&all) };
        problems.push(Problem::new("", ProblemKind::BrokenStructure { at_character }));
    }
    let is_utf_8 = text_at(&fields, "character_set") == Some(UTF_8);
    let length = if is_utf_8 { text.len() } else { text.chars().count() };
    if length > MAXIMUM_BYTES {
        problems.push(Problem::new("", ProblemKind::CodeTooLong { maximum: MAXIMUM_BYTES }));
    }
    for field in &fields {
        let text = field.value.as_text().unwrap_or_default();
        if let Some(kind) = fault(&field.id, text, &fields) {
            problems.push(Problem::new(field.id.as_str(), kind));
        }
    }
    let is_given = |id| text_at(&fields, id).is_some_and(|text| !text.is_empty());
    if is_given("remittance_structured") && is_given("remittance_unstructured") {
        problems.push(Problem::new("remittance_unstructured", ProblemKind::NotExactlyOne));
    }
    Parsed { fields, problems }
}

/// Characters of the lines that have a field, their ends included.
fn kept_characters(all: &[&str]) -> usize {
    let characters = all.iter().take(LINES.len()).map(|line| line.chars().count());
    characters.fold(LINES.len(), usize::saturating_add)
}

fn fault(id: &str, text: &str, fields: &[Field]) -> Option<ProblemKind> {
    if text.chars().any(char::is_control) {
        return Some(ProblemKind::ControlCharacter);
    }
    let unexpected = |allowed: &[&str]| (!allowed.contains(&text)).then_some(ProblemKind::UnexpectedValue);
    let too_long = |maximum| (text.chars().count() > maximum).then_some(ProblemKind::TooLong { maximum });
    match id {
        "service_tag" => unexpected(&[SERVICE_TAG]),
        "version" => unexpected(&["001", "002"]),
        "character_set" => unexpected(&["1", "2", "3", "4", "5", "6", "7", "8"]),
        "identification" => unexpected(&["SCT", "INST"]),
        // The first version wants it always, the second only outside the European Economic Area.
        "bic" if text.is_empty() => (text_at(fields, "version") == Some("001")).then_some(ProblemKind::Missing),
        "bic" => (!is_bic(text)).then_some(ProblemKind::NotABic),
        "name" if text.is_empty() => Some(ProblemKind::Missing),
        "name" => too_long(70),
        "iban" => (!is_iban(text)).then_some(ProblemKind::WrongIban),
        _ if text.is_empty() => None,
        "amount" => (!is_amount(text)).then_some(ProblemKind::NotAnAmount),
        "purpose" => {
            let is_code = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
            too_long(4).or((!is_code).then_some(ProblemKind::WrongForm))
        }
        "remittance_structured" => too_long(35).or_else(|| {
            (text.starts_with("RF") && !is_creditor_reference(text)).then_some(ProblemKind::WrongCheckDigit)
        }),
        "remittance_unstructured" => too_long(140),
        _ => too_long(70),
    }
}

/// `EUR`, digits and perhaps a point with one or two digits; not zero, no zero in front.
fn is_amount(text: &str) -> bool {
    let Some(number) = text.strip_prefix(CURRENCY) else {
        return false;
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str, maximum| {
        !part.is_empty() && part.len() <= maximum && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let (whole_maximum, fraction_maximum) = AMOUNT_DIGITS;
    digits(whole, whole_maximum)
        && digits(fraction, fraction_maximum)
        && (whole == "0" || !whole.starts_with('0'))
        && number.bytes().any(|byte| matches!(byte, b'1'..=b'9'))
}

/// Decodes a text that [is such a code](is_epc).
pub(crate) fn decode(text: &str) -> Option<Decoded> {
    if !is_epc(text) {
        return None;
    }
    let parsed = parse(text);
    Some(Decoded::new(Kind::Epc, Some("sepa_credit_transfer"), parsed.problems, parsed.fields))
}

/// The text whose fields these are, lines joined by line feeds: the reverse of [`parse`]. Nothing else is checked.
///
/// # Errors
///
/// `UnknownName` for a field that is none of [`LINES`], `ControlCharacter` for a value with a line end.
pub fn write(fields: &[Field]) -> Result<alloc::string::String, Problem> {
    lines::write(fields, LINES)
}
