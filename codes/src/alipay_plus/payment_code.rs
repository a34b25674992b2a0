//! The numeric payment code that a wallet shows.

use core::fmt;
use core::ops::RangeInclusive;

use super::{CodeType, ISSUER_DIGITS, TYPE_DIGITS, all_digits, begins_as_alipay};

/// Digits of a payment code.
const DIGITS: RangeInclusive<usize> = 17..=32;
/// Digits of the codes in use today, older shapes apart.
const DIGITS_IN_USE: usize = 24;
/// Digits of older shapes.
const LEGACY_DIGITS: RangeInclusive<usize> = 17..=19;
/// What older shapes begin with.
const LEGACY_PREFIX: &str = "28";
/// The third digit of codes that are routed by the three digits after it.
const ROUTED_VERSION: &str = "1";

/// How a payment code is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shape {
    /// 24 digits: issuer (6), type (2), the user's number (16).
    Standard,
    /// 24 digits or more, third digit 1: routed by the three digits after it.
    Routed,
    /// 17 to 19 digits beginning with 28: names no issuer.
    Legacy,
    /// A length that is reserved, 20 to 23 or 25 to 32 digits.
    Reserved,
}

/// A payment code taken apart. It is worth money while it lives, so its `Debug` text shows the issuer only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PaymentCode<'a> {
    digits: &'a str,
    shape: Shape,
}

impl<'a> PaymentCode<'a> {
    /// Takes a text apart; `None` unless it is 17 to 32 digits beginning with 25 to 30, of 17 to 19 digits beginning
    /// with 28.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        if !all_digits(text) || !DIGITS.contains(&text.len()) || !begins_as_alipay(text) {
            return None;
        }
        let is_routed = text.get(2..3) == Some(ROUTED_VERSION);
        let shape = match text.len() {
            length if LEGACY_DIGITS.contains(&length) => text.starts_with(LEGACY_PREFIX).then_some(Shape::Legacy)?,
            DIGITS_IN_USE if is_routed && type_of(text) != CodeType::Payment => Shape::Routed,
            DIGITS_IN_USE => Shape::Standard,
            length if length > DIGITS_IN_USE && is_routed => Shape::Routed,
            _ => Shape::Reserved,
        };
        Some(Self { digits: text, shape })
    }

    /// How it is built.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The issuer's six digits, by which the code is routed: in a routed code prefix, version and route. `None` for
    /// older shapes, which the whole code must tell.
    #[must_use]
    pub fn issuer(&self) -> Option<&'a str> {
        (self.shape != Shape::Legacy).then(|| self.digits.get(..ISSUER_DIGITS)).flatten()
    }

    /// The three digits after prefix and version; `None` for older shapes.
    #[must_use]
    pub fn route(&self) -> Option<&'a str> {
        self.issuer()?.get(3..)
    }

    /// Digits 7 and 8; `None` for older shapes.
    #[must_use]
    pub fn type_digits(&self) -> Option<&'a str> {
        (self.shape != Shape::Legacy).then(|| type_digits(self.digits)).flatten()
    }

    /// What it is for. Older shapes are payment codes. Routed codes do not always keep a type at its place.
    #[must_use]
    pub fn code_type(&self) -> CodeType {
        self.type_digits().map_or(CodeType::Payment, CodeType::of)
    }

    /// All digits.
    #[must_use]
    pub fn digits(&self) -> &'a str {
        self.digits
    }
}

impl fmt::Debug for PaymentCode<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("PaymentCode");
        shown.field("shape", &self.shape).field("issuer", &self.issuer()).finish_non_exhaustive()
    }
}

fn type_digits(digits: &str) -> Option<&str> {
    digits.get(ISSUER_DIGITS..)?.get(..TYPE_DIGITS)
}

fn type_of(digits: &str) -> CodeType {
    type_digits(digits).map_or(CodeType::Other, CodeType::of)
}
