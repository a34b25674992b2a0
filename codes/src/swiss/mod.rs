//! The Swiss QR-bill.
//!
//! Source: SIX, "Swiss Implementation Guidelines for the QR-bill", version 2.3. [`parse`] takes what is in use,
//! [`Bill`] writes only what the guidelines allow. Fields have the names of the guidelines' data elements, in the
//! guidelines' groups; [`LINES`] lists them in the order of the code.

mod generate;
mod rules;

pub use generate::{Address, Bill, Currency, Reference};
pub use rules::{is_qr_iban, is_qr_reference};

use alloc::string::String;
use alloc::vec::Vec;

use crate::decode::{Decoded, Kind};
use crate::field::Field;
use crate::lines;
use crate::problem::{Problem, ProblemKind};

/// The longest code, in characters.
pub const MAXIMUM_CHARACTERS: usize = 997;

/// The lines in order, each by its group and element. `AltPmt1` and `AltPmt2` are the guidelines' two `AltPmt`.
pub const LINES: &[&str] = &[
    "Header.QRType",
    "Header.Version",
    "Header.Coding",
    "CdtrInf.IBAN",
    "CdtrInf.Cdtr.AdrTp",
    "CdtrInf.Cdtr.Name",
    "CdtrInf.Cdtr.StrtNmOrAdrLine1",
    "CdtrInf.Cdtr.BldgNbOrAdrLine2",
    "CdtrInf.Cdtr.PstCd",
    "CdtrInf.Cdtr.TwnNm",
    "CdtrInf.Cdtr.Ctry",
    "UltmtCdtr.AdrTp",
    "UltmtCdtr.Name",
    "UltmtCdtr.StrtNmOrAdrLine1",
    "UltmtCdtr.BldgNbOrAdrLine2",
    "UltmtCdtr.PstCd",
    "UltmtCdtr.TwnNm",
    "UltmtCdtr.Ctry",
    "CcyAmt.Amt",
    "CcyAmt.Ccy",
    "UltmtDbtr.AdrTp",
    "UltmtDbtr.Name",
    "UltmtDbtr.StrtNmOrAdrLine1",
    "UltmtDbtr.BldgNbOrAdrLine2",
    "UltmtDbtr.PstCd",
    "UltmtDbtr.TwnNm",
    "UltmtDbtr.Ctry",
    "RmtInf.Tp",
    "RmtInf.Ref",
    "RmtInf.AddInf.Ustrd",
    "RmtInf.AddInf.Trailer",
    "RmtInf.AddInf.StrdBkgInf",
    "AltPmtInf.AltPmt1",
    "AltPmtInf.AltPmt2",
];
/// A code ends with the trailer at the earliest.
const LINES_MIN: usize = 31;

/// What stands on the first line.
const QR_TYPE: &str = "SPC";

/// What a bill says and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The elements in their groups; lines that are not there are missing, those that are empty are empty.
    pub fields: Vec<Field>,
    /// Everything that is not as the guidelines have it.
    pub problems: Vec<Problem>,
}

/// Whether the text is meant as a bill: its first line is `SPC`.
#[must_use]
pub fn is_swiss_qr(text: &str) -> bool {
    text.strip_prefix(QR_TYPE).is_some_and(|rest| rest.starts_with(['\n', '\r']))
}

/// Reads any text as a bill. Too few or too many lines, an account that is none and a reference that is none
/// invalidate; everything else is a problem.
#[must_use]
pub fn parse(text: &str) -> Parsed {
    let all = lines::split(text);
    let fields = lines::to_fields(&all, LINES);
    let mut problems = Vec::new();
    if all.len() < LINES_MIN || all.len() > LINES.len() {
        let kept = all.iter().take(LINES.len()).map(|line| line.chars().count().saturating_add(1));
        let at_character = kept.fold(0, usize::saturating_add).min(text.chars().count());
        problems.push(Problem::new("", ProblemKind::BrokenStructure { at_character }));
    }
    if text.chars().count() > MAXIMUM_CHARACTERS {
        problems.push(Problem::new("", ProblemKind::CodeTooLong { maximum: MAXIMUM_CHARACTERS }));
    }
    rules::check(&fields, &mut problems);
    Parsed { fields, problems }
}

/// Decodes a text that [is a bill](is_swiss_qr).
pub(crate) fn decode(text: &str) -> Option<Decoded> {
    if !is_swiss_qr(text) {
        return None;
    }
    let parsed = parse(text);
    Some(Decoded::new(Kind::SwissQr, Some("swiss_qr_bill"), parsed.problems, parsed.fields))
}

/// The text whose fields these are, lines joined by line feeds: the reverse of [`parse`]. Nothing else is checked.
///
/// # Errors
///
/// `UnknownName` for a field that is none of [`LINES`], `ControlCharacter` for a value with a line end.
pub fn write(fields: &[Field]) -> Result<String, Problem> {
    lines::write(fields, LINES)
}
