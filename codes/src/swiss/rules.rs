//! What the guidelines say of each element.

use alloc::format;
use alloc::vec::Vec;

use super::QR_TYPE;
use crate::field::{Field, text_at};
use crate::iban::{is_creditor_reference, is_iban};
use crate::problem::{Problem, ProblemKind};

/// Institutions with these numbers hold QR-IBANs.
const QR_INSTITUTIONS: core::ops::RangeInclusive<u32> = 30_000..=31_999;
/// The digits of a QR reference, check digit included.
const QR_REFERENCE_DIGITS: usize = 27;
/// The table of the recursive check digit modulo 10.
const CARRY: [usize; 10] = [0, 9, 4, 6, 8, 2, 7, 1, 3, 5];
/// The most characters of an amount (999999999.99).
const AMOUNT_CHARACTERS: usize = 12;
/// The most characters of message and billing information together.
const ADDITIONAL_INFORMATION_CHARACTERS: usize = 140;

/// Whether an account is one for QR references: its institution's number is 30000 to 31999.
#[must_use]
pub fn is_qr_iban(iban: &str) -> bool {
    let institution = iban.get(4..9).and_then(|digits| digits.parse().ok());
    institution.is_some_and(|number| QR_INSTITUTIONS.contains(&number))
}

/// Whether a text is a QR reference: 27 digits, the last of which is the recursive check digit modulo 10.
#[must_use]
pub fn is_qr_reference(text: &str) -> bool {
    if text.len() != QR_REFERENCE_DIGITS {
        return false;
    }
    let carry = text.chars().try_fold(0_usize, |carry, character| {
        let digit = usize::try_from(character.to_digit(10)?).ok()?;
        CARRY.get(carry.checked_add(digit)?.checked_rem(10)?).copied()
    });
    // The check digit is what leads the carry back to zero.
    carry == Some(0)
}

pub(super) fn check(fields: &[Field], problems: &mut Vec<Problem>) {
    for (path, text) in crate::lines::leaves(fields) {
        if text.chars().any(char::is_control) {
            problems.push(Problem::new(path, ProblemKind::ControlCharacter));
        }
    }
    // What is not there has been reported as broken structure.
    let text = |path: &str| text_at(fields, path).unwrap_or_default();
    let mut report = |path: &str, kind| problems.push(Problem::new(path, kind));

    for (path, allowed) in [
        ("Header.QRType", &[QR_TYPE][..]),
        ("Header.Version", &["0200"]),
        ("Header.Coding", &["1"]),
        ("CcyAmt.Ccy", &["CHF", "EUR"]),
        ("RmtInf.Tp", &["QRR", "SCOR", "NON"]),
        ("RmtInf.AddInf.Trailer", &["EPD"]),
    ] {
        if !allowed.contains(&text(path)) {
            report(path, ProblemKind::UnexpectedValue);
        }
    }
    let iban = text("CdtrInf.IBAN");
    if !(is_iban(iban) && (iban.starts_with("CH") || iban.starts_with("LI"))) {
        report("CdtrInf.IBAN", ProblemKind::WrongIban);
    }
    let amount = text("CcyAmt.Amt");
    if !amount.is_empty() && !is_amount(amount) {
        report("CcyAmt.Amt", ProblemKind::NotAnAmount);
    }
    let reference = text("RmtInf.Ref");
    let fits = match text("RmtInf.Tp") {
        "QRR" => is_qr_reference(reference),
        "SCOR" => is_creditor_reference(reference),
        "NON" => reference.is_empty(),
        _ => true,
    };
    if !fits {
        report("RmtInf.Ref", ProblemKind::WrongReference);
    }
    if is_qr_iban(iban) != (text("RmtInf.Tp") == "QRR") {
        report("RmtInf.Tp", ProblemKind::ReferenceDoesNotFitAccount);
    }
    let (message, billing) = (text("RmtInf.AddInf.Ustrd"), text("RmtInf.AddInf.StrdBkgInf"));
    if message.chars().chain(billing.chars()).count() > ADDITIONAL_INFORMATION_CHARACTERS {
        report("RmtInf.AddInf", ProblemKind::TooLong { maximum: ADDITIONAL_INFORMATION_CHARACTERS });
    }
    for path in ["AltPmtInf.AltPmt1", "AltPmtInf.AltPmt2"] {
        if text(path).chars().count() > 100 {
            report(path, ProblemKind::TooLong { maximum: 100 });
        }
    }

    check_address(fields, "CdtrInf.Cdtr", true, problems);
    // For future use: nobody may fill it yet.
    if has_address(fields, "UltmtCdtr") {
        problems.push(Problem::new("UltmtCdtr", ProblemKind::ReservedId));
    }
    check_address(fields, "UltmtDbtr", false, problems);
}

const ADDRESS: &[(&str, usize, bool)] = &[
    ("Name", 70, true),
    ("StrtNmOrAdrLine1", 70, false),
    ("BldgNbOrAdrLine2", 16, false),
    ("PstCd", 16, true),
    ("TwnNm", 35, true),
];

fn has_address(fields: &[Field], group: &str) -> bool {
    let elements = ADDRESS.iter().map(|(element, ..)| *element).chain(["AdrTp", "Ctry"]);
    let mut texts = elements.map(|element| text_at(fields, &format!("{group}.{element}")).unwrap_or_default());
    texts.any(|text| !text.is_empty())
}

fn check_address(fields: &[Field], group: &str, mandatory: bool, problems: &mut Vec<Problem>) {
    if !mandatory && !has_address(fields, group) {
        return;
    }
    let text = |element: &str| text_at(fields, &format!("{group}.{element}")).unwrap_or_default();
    let mut report = |element: &str, kind| problems.push(Problem::new(format!("{group}.{element}"), kind));
    let is_combined = text("AdrTp") == "K";
    match text("AdrTp") {
        "S" => {}
        "K" => report("AdrTp", ProblemKind::CombinedAddress),
        _ => report("AdrTp", ProblemKind::UnexpectedValue),
    }
    for (element, maximum, required) in ADDRESS {
        // A combined address has its place and postal code on the second line.
        let maximum = if is_combined && *element == "BldgNbOrAdrLine2" { 70 } else { *maximum };
        let required = *required && (!is_combined || *element == "Name");
        let length = text(element).chars().count();
        if required && length == 0 {
            report(element, ProblemKind::Missing);
        } else if length > maximum {
            report(element, ProblemKind::TooLong { maximum });
        }
    }
    let country = text("Ctry");
    if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        report("Ctry", ProblemKind::NotACountry);
    }
}

/// Digits without a zero in front, a point, two digits. Zero is allowed: the bill is for information only.
fn is_amount(text: &str) -> bool {
    let Some((whole, fraction)) = text.split_once('.') else {
        return false;
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= AMOUNT_CHARACTERS
        && digits(whole)
        && digits(fraction)
        && fraction.len() == 2
        && (whole == "0" || !whole.starts_with('0'))
}
