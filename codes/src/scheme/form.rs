//! The forms that the schemes' own values take.

use super::check;
use crate::emvco::merchant::form::is_decimal_above_zero;
use crate::iban::{is_bic, is_iban};
use crate::problem::ProblemKind;

/// What a scheme's value must look like. Lengths are in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Whatever the specification of merchant-presented codes allows there; it has been checked by that.
    AsSpecified,
    /// Any characters but control characters, at most so many.
    Text(usize),
    /// At least and at most so many digits.
    Digits(usize, usize),
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// Decimal text above zero.
    Amount,
    /// So many hexadecimal digits.
    Hex(usize),
    /// Letters and digits, at most so many.
    Alphanumeric(usize),
    /// A BIC of 8 or 11 characters.
    Bic,
    /// An IBAN.
    Iban,
    /// `something@something`.
    AtSign,
    /// A link without its URI scheme: no white space, a dot in the host, a path.
    LinkWithoutScheme,
    /// Year, month, day: `20271231`.
    Date,
    /// `+`, country code, hyphen, number: `+852-67891234`.
    MobileWithHyphen,
    /// Thailand: `0066` and nine digits.
    ThaiMobile,
    /// Thailand: a national or tax number with its check digit.
    ThaiNumber,
    /// Text as UTF-16, big end first, in hexadecimal digits.
    Utf16Hex,
}

impl Form {
    /// What is wrong with a text of this form, if anything.
    #[must_use]
    pub fn fault(&self, text: &str) -> Option<ProblemKind> {
        if text.is_empty() && *self != Self::AsSpecified {
            return Some(ProblemKind::Empty);
        }
        let wrong = |is_right: bool| (!is_right).then_some(ProblemKind::WrongForm);
        let digits = || text.bytes().all(|byte| byte.is_ascii_digit());
        match *self {
            Self::AsSpecified => None,
            Self::Text(_) if text.chars().any(char::is_control) => Some(ProblemKind::ControlCharacter),
            Self::Text(maximum) => (text.chars().count() > maximum).then_some(ProblemKind::TooLong { maximum }),
            Self::Digits(minimum, maximum) => wrong(digits() && (minimum..=maximum).contains(&text.len())),
            Self::OneOf(allowed) => (!allowed.contains(&text)).then_some(ProblemKind::UnexpectedValue),
            Self::Amount => (!is_decimal_above_zero(text)).then_some(ProblemKind::NotAnAmount),
            Self::Hex(length) => wrong(text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())),
            Self::Alphanumeric(maximum) => {
                wrong(text.len() <= maximum && text.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            }
            Self::Bic => wrong(is_bic(text)),
            // Not the problem that invalidates: here the checksum of the code is what counts.
            Self::Iban => (!is_iban(text)).then_some(ProblemKind::WrongCheckDigit),
            Self::AtSign => wrong(
                is_one_word(text)
                    && text.split_once('@').is_some_and(|(before, after)| !before.is_empty() && !after.is_empty()),
            ),
            Self::LinkWithoutScheme => wrong(
                is_one_word(text)
                    && text.split_once('/').is_some_and(|(host, path)| host.contains('.') && !path.is_empty()),
            ),
            Self::Date => wrong(digits() && is_date(text)),
            Self::MobileWithHyphen => wrong(is_mobile_with_hyphen(text)),
            Self::ThaiMobile => wrong(digits() && text.len() == 13 && text.starts_with("0066")),
            Self::ThaiNumber if !digits() || text.len() != 13 => Some(ProblemKind::WrongForm),
            Self::ThaiNumber => (!check::is_thai_number(text)).then_some(ProblemKind::WrongCheckDigit),
            Self::Utf16Hex => wrong(super::message_of_hex(text).is_some()),
        }
    }
}

fn is_one_word(text: &str) -> bool {
    !text.chars().any(|character| character.is_whitespace() || character.is_control())
}

fn is_date(text: &str) -> bool {
    text.len() == 8
        && text.get(4..6).is_some_and(|month| ("01"..="12").contains(&month))
        && text.get(6..).is_some_and(|day| ("01"..="31").contains(&day))
}

fn is_mobile_with_hyphen(text: &str) -> bool {
    let digits = |part: &str, lengths: core::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    text.strip_prefix('+')
        .and_then(|rest| rest.split_once('-'))
        .is_some_and(|(country, number)| digits(country, 1..=3) && digits(number, 4..=14))
}
