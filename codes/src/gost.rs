//! The bills of Russia: GOST R 56042, `ST00012|Name=…|PersonalAcc=…`.
//!
//! A header of eight characters (`ST`, version `0001`, character set, separator), then `name=value` with the separator
//! between them. Source: GOST R 56042-2014 as public descriptions and open-source readers give it. The standard's own
//! names are kept.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::decode::{Decoded, Kind, trim};
use crate::emvco::merchant::OutOfSpecification;
use crate::field::Field;
use crate::problem::{Problem, ProblemKind};

/// Format and version.
const BEGINNING: &str = "ST0001";
/// The character set UTF-8. 1 is Windows-1251 and 3 is KOI8-R; a text that has arrived as Unicode was converted by
/// whoever read the code.
const UTF_8: char = '2';
/// The id of the field that says which character set the header names.
const CHARSET: &str = "charset";
/// The separator that is written.
const SEPARATOR: char = '|';
/// The longest code that is written, bytes (QR code of version 40 at the level M that the standard asks for).
const BYTES_MAX: usize = 2_331;
/// The most fields that are read; the standard has about 70.
const FIELDS_MAX: usize = 200;

/// What a value must look like.
#[derive(Clone, Copy)]
enum Form {
    /// At most so many characters.
    Text(usize),
    /// Exactly so many digits.
    Digits(usize),
    /// At most so many digits.
    DigitsUpTo(usize),
}

/// The fields whose form is known, and whether they must be there. Others (payer's name, address, period) are text.
const FIELDS: &[(&str, bool, Form)] = &[
    ("Name", true, Form::Text(160)),
    ("PersonalAcc", true, Form::Digits(20)),
    ("BankName", true, Form::Text(45)),
    ("BIC", true, Form::Digits(9)),
    ("CorrespAcc", true, Form::DigitsUpTo(20)),
    ("Sum", false, Form::DigitsUpTo(18)),
    ("Purpose", false, Form::Text(210)),
    ("PayeeINN", false, Form::DigitsUpTo(12)),
    ("PayerINN", false, Form::DigitsUpTo(12)),
    ("KPP", false, Form::Digits(9)),
    ("CBC", false, Form::DigitsUpTo(20)),
    ("OKTMO", false, Form::DigitsUpTo(11)),
];

/// Decodes a bill. Fields: `charset`, then the standard's names. Names are compared without regard to letter case and
/// kept as they stand.
pub(crate) fn decode(text: &str) -> Option<Decoded> {
    let mut header = text.strip_prefix(BEGINNING)?.chars();
    let charset = header.next().filter(char::is_ascii_digit)?;
    let separator = header.next().filter(|separator| !separator.is_alphanumeric() && *separator != '=')?;
    let mut problems = Vec::new();
    if !matches!(charset, '1'..='3') {
        problems.push(Problem::new(CHARSET, ProblemKind::UnexpectedValue));
    }
    let mut fields = Vec::new();
    fields.push(Field::text(CHARSET, charset));
    // What is left of a trailing separator is nothing and says nothing.
    let rest = header.as_str();
    let rest = rest.strip_suffix(separator).unwrap_or(rest);
    for (position, pair) in rest.split(separator).enumerate() {
        let read = pair.split_once('=').filter(|(name, _)| !name.is_empty() && position < FIELDS_MAX);
        let Some((name, value)) = read else {
            let after = text.len().saturating_sub(header.as_str().len());
            let before = rest.split(separator).take(position).map(|pair| pair.chars().count().saturating_add(1));
            let at_character = before.fold(after, usize::saturating_add);
            problems.push(Problem::new("", ProblemKind::BrokenStructure { at_character }));
            break;
        };
        if fields.iter().any(|field| field.id.eq_ignore_ascii_case(name)) {
            problems.push(Problem::new(name, ProblemKind::RepeatedId));
        } else {
            fields.push(Field::text(name, value));
        }
    }
    problems.extend(check(&fields));
    Some(Decoded::new(Kind::Gost56042, Some("gost_56042"), problems, fields))
}

fn check(fields: &[Field]) -> Vec<Problem> {
    let one = |(name, mandatory, form): &(&str, bool, Form)| {
        let field = fields.iter().find(|field| field.id.eq_ignore_ascii_case(name));
        let kind = match field {
            None => mandatory.then_some(ProblemKind::Missing),
            Some(field) => form.fault(field.value.as_text().unwrap_or_default()),
        };
        kind.map(|kind| Problem::new(*name, kind))
    };
    FIELDS.iter().filter_map(one).collect()
}

impl Form {
    fn fault(self, text: &str) -> Option<ProblemKind> {
        if text.is_empty() {
            return Some(ProblemKind::Empty);
        }
        if text.chars().any(char::is_control) {
            return Some(ProblemKind::ControlCharacter);
        }
        let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match self {
            Self::Text(maximum) => (text.chars().count() > maximum).then_some(ProblemKind::TooLong { maximum }),
            _ if !is_digits => Some(ProblemKind::NotDigits),
            Self::Digits(expected) => (text.len() != expected).then_some(ProblemKind::WrongLength { expected }),
            Self::DigitsUpTo(maximum) => (text.len() > maximum).then_some(ProblemKind::TooLong { maximum }),
        }
    }
}

/// A bill in the making. [`generate`](Self::generate) checks everything at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    fields: Vec<Field>,
}

impl Bill {
    /// What every bill must say: payee's name, account (20 digits), bank, the bank's BIC (9 digits) and correspondent
    /// account (`0` if it has none).
    #[must_use]
    pub fn new(name: &str, personal_account: &str, bank_name: &str, bic: &str, correspondent_account: &str) -> Self {
        Self { fields: Vec::new() }
            .field("Name", name)
            .field("PersonalAcc", personal_account)
            .field("BankName", bank_name)
            .field("BIC", bic)
            .field("CorrespAcc", correspondent_account)
    }

    /// Adds any field of the standard: `Sum` in kopecks, `Purpose`, `PayeeINN`.
    #[must_use]
    pub fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.push(Field::text(name, value));
        self
    }

    /// Writes the bill in UTF-8. The parser reads it back without a problem.
    ///
    /// # Errors
    ///
    /// [`OutOfSpecification`] lists everything that the standard does not allow, and values with the separator in them.
    pub fn generate(&self) -> Result<String, OutOfSpecification> {
        let mut problems = check(&self.fields);
        let mut text = format!("{BEGINNING}{UTF_8}");
        for (position, field) in self.fields.iter().enumerate() {
            let name = field.id.as_str();
            let value = field.value.as_text().unwrap_or_default();
            let mut report = |kind| problems.push(Problem::new(name, kind));
            let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if !is_name || name.eq_ignore_ascii_case(CHARSET) {
                report(ProblemKind::IdOutOfRange);
            }
            let mut before = self.fields.iter().take(position);
            if before.any(|other| other.id.eq_ignore_ascii_case(name)) {
                report(ProblemKind::RepeatedId);
            }
            if value.contains(SEPARATOR) {
                report(ProblemKind::UnexpectedValue);
            } else if FIELDS.iter().all(|(known, _, _)| *known != name) {
                problems.extend(Form::Text(BYTES_MAX).fault(value).map(|kind| Problem::new(name, kind)));
            }
            text.push_str(&format!("{SEPARATOR}{name}={value}"));
        }
        if let Some(last) = self.fields.last().filter(|_| trim(&text) != text) {
            // Readers take away white space around a code.
            problems.push(Problem::new(last.id.as_str(), ProblemKind::UnexpectedValue));
        }
        if text.len() > BYTES_MAX {
            problems.push(Problem::new("", ProblemKind::CodeTooLong { maximum: BYTES_MAX }));
        }
        if problems.is_empty() { Ok(text) } else { Err(OutOfSpecification { problems }) }
    }
}
