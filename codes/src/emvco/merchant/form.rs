//! The forms that values take in a merchant-presented payload (EMVCo MPM 1.1).

use super::rules::Rule;
use crate::problem::ProblemKind;

/// What a value must look like. Lengths are in characters.
pub(super) enum Form {
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// Exactly so many digits.
    Digits { length: usize },
    /// Printable ASCII (format "ans").
    Printable { maximum: usize },
    /// Any characters but control characters (format "S").
    Characters { maximum: usize },
    /// Digits with at most one dot, not zero.
    Amount { maximum: usize },
    /// From 00.01 to 99.99.
    Percentage,
    /// ISO 3166-1 alpha-2, in capital letters.
    Country,
    /// ISO 639, two letters.
    Language,
    /// What the wallet should tell about its customer: A address, M mobile number, E e-mail.
    DataRequest,
    /// Fields by these rules.
    Template(&'static [Rule]),
    /// Fields of an owner who names itself in 00.
    OwnedTemplate,
    /// Whatever the template's owner defines.
    Owners,
}

impl Form {
    /// What is wrong with a text of this form, if anything. Templates are not this function's affair.
    pub(super) fn fault(&self, text: &str) -> Option<ProblemKind> {
        if text.is_empty() {
            return Some(ProblemKind::Empty);
        }
        match *self {
            Self::OneOf(allowed) => (!allowed.contains(&text)).then_some(ProblemKind::UnexpectedValue),
            Self::Digits { length } => {
                if !all_digits(text) {
                    Some(ProblemKind::NotDigits)
                } else {
                    (text.len() != length).then_some(ProblemKind::WrongLength { expected: length })
                }
            }
            Self::Printable { maximum } => {
                let printable = text.chars().all(|character| matches!(character, ' '..='~'));
                (!printable).then_some(ProblemKind::NotPrintableAscii).or_else(|| too_long(text, maximum))
            }
            Self::Characters { maximum } => control_character(text).or_else(|| too_long(text, maximum)),
            Self::Amount { maximum } => {
                (!is_decimal_above_zero(text)).then_some(ProblemKind::NotAnAmount).or_else(|| too_long(text, maximum))
            }
            Self::Percentage => (!is_percentage(text)).then_some(ProblemKind::NotAPercentage),
            Self::Country => {
                let country = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
                (!country).then_some(ProblemKind::NotACountry)
            }
            Self::Language => {
                let language = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
                (!language).then_some(ProblemKind::NotALanguage)
            }
            Self::DataRequest => (!is_data_request(text)).then_some(ProblemKind::NotADataRequest),
            Self::Template(_) | Self::OwnedTemplate | Self::Owners => control_character(text),
        }
    }
}

fn too_long(text: &str, maximum: usize) -> Option<ProblemKind> {
    (text.chars().count() > maximum).then_some(ProblemKind::TooLong { maximum })
}

fn control_character(text: &str) -> Option<ProblemKind> {
    text.chars().any(char::is_control).then_some(ProblemKind::ControlCharacter)
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Digits, and if there is a dot, digits on both sides of it; some digit is not zero.
pub(crate) fn is_decimal_above_zero(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let parts = [whole, fraction];
    parts.iter().all(|part| !part.is_empty() && all_digits(part)) && parts.concat().bytes().any(|byte| byte != b'0')
}

/// One or two digits, and if there is a dot, one or two after it; not zero.
fn is_percentage(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    whole.len() <= 2 && fraction.len() <= 2 && is_decimal_above_zero(text)
}

fn is_data_request(text: &str) -> bool {
    text.chars().all(|letter| matches!(letter, 'A' | 'M' | 'E'))
        && ["A", "M", "E"].iter().all(|letter| text.matches(letter).count() <= 1)
}
