//! Our own wallet's payment code: what a customer shows and a shop's scanner reads.
//!
//! ```text
//! 28  417  4021963385071264  3
//! │   │    │                 └ check digit (Damm)
//! │   │    └ 16 random digits: what makes it impossible to guess
//! │   └ routing, 0 to 5 digits: which operator issued it
//! └ prefix, 25 to 30: the market pack's choice within Alipay's number space
//! ```

use alloc::format;
use alloc::string::String;
use core::fmt;
use core::ops::RangeInclusive;

use super::check_digit::check_digit;
use crate::decode::trim;

/// How many digits a code has. An Alipay `auth_code` may have 18 to 24; 18 would leave room for 15 random digits
/// only, fewer than 50 bits.
pub const PAY_CODE_DIGITS: RangeInclusive<usize> = 19..=24;

/// The random digits in each code. 10^16 possibilities are 53.1 bits.
pub const RANDOM_DIGITS: usize = 16;

/// 10 to the power of [`RANDOM_DIGITS`].
const RANDOM_CODES: u128 = 10_000_000_000_000_000;

const PREFIX_DIGITS: usize = 2;
const CHECK_DIGITS: usize = 1;

/// The most routing digits that leave room for the rest.
const MAXIMUM_ROUTING_DIGITS: usize = 5;

/// A payment code taken apart. It is worth money while it lives, so its `Debug` text leaves out the random digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PayCode<'a> {
    /// Two digits, 25 to 30.
    pub prefix: &'a str,
    /// Which operator issued it: 0 to 5 digits.
    pub routing: &'a str,
    /// The random digits.
    pub random: &'a str,
}

impl fmt::Debug for PayCode<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PayCode")
            .field("prefix", &self.prefix)
            .field("routing", &self.routing)
            .finish_non_exhaustive()
    }
}

/// Why something is no payment code or cannot become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayCodeError {
    /// Something other than the digits 0 to 9.
    NotDigits,
    /// The prefix is not one of 25 to 30.
    PrefixOutOfRange,
    /// More than five routing digits.
    RoutingTooLong,
    /// Not 19 to 24 digits in all.
    WrongLength,
    /// The check digit does not fit: a digit was misread or two were swapped.
    WrongCheckDigit,
}

impl fmt::Display for PayCodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotDigits => "a payment code consists of digits",
            Self::PrefixOutOfRange => "a payment code begins with 25 to 30",
            Self::RoutingTooLong => "a payment code has room for five routing digits",
            Self::WrongLength => "a payment code has 19 to 24 digits",
            Self::WrongCheckDigit => "the check digit of the payment code does not fit",
        })
    }
}

impl core::error::Error for PayCodeError {}

/// Makes a payment code of 19 digits and as many more as there are routing digits.
///
/// `random` must come from a cryptographic generator and be used for nothing else: this crate has no randomness. Its
/// 128 bits are reduced modulo 10^16, so that no digit sequence is likelier than another by more than one part in
/// 2^74, which nobody can exploit. Single use and a short life are the caller's rules; so is drawing again when the
/// code is already in use.
///
/// # Errors
///
/// `PrefixOutOfRange` unless `prefix` is one of 25 to 30; `NotDigits` and `RoutingTooLong` for `routing_digits` that
/// are not 0 to 5 digits.
pub fn encode_pay_code(prefix: &str, routing_digits: &str, random: [u8; 16]) -> Result<String, PayCodeError> {
    check_prefix(prefix)?;
    check_digits(routing_digits)?;
    if routing_digits.len() > MAXIMUM_ROUTING_DIGITS {
        return Err(PayCodeError::RoutingTooLong);
    }
    let random = u128::from_be_bytes(random) % RANDOM_CODES;
    let body = format!("{prefix}{routing_digits}{random:0width$}", width = RANDOM_DIGITS);
    let check = check_digit(&body).ok_or(PayCodeError::NotDigits)?;
    Ok(format!("{body}{check}"))
}

/// Takes a payment code apart after checking it. That it fits does not say that anybody issued it.
///
/// # Errors
///
/// `NotDigits`, `WrongLength`, `PrefixOutOfRange`, `WrongCheckDigit`.
pub fn decode_pay_code(code: &str) -> Result<PayCode<'_>, PayCodeError> {
    check_digits(code)?;
    if !PAY_CODE_DIGITS.contains(&code.len()) {
        return Err(PayCodeError::WrongLength);
    }
    let split = |text, at: Option<usize>| -> Result<(&str, &str), PayCodeError> {
        at.and_then(|at| str::split_at_checked(text, at)).ok_or(PayCodeError::WrongLength)
    };
    let (body, _) = split(code, code.len().checked_sub(CHECK_DIGITS))?;
    let (head, random) = split(body, body.len().checked_sub(RANDOM_DIGITS))?;
    let (prefix, routing) = split(head, Some(PREFIX_DIGITS))?;
    check_prefix(prefix)?;
    if check_digit(code) != Some(0) {
        return Err(PayCodeError::WrongCheckDigit);
    }
    Ok(PayCode { prefix, routing, random })
}

/// The routing digits of any text that is one of our own wallets' codes; `None` for every other text. They are empty
/// where a market has only one issuer.
///
/// `prefixes` are what our codes begin with: the market's two digits, or these and as many of the routing digits as all
/// its issuers share (`2833`). Foreign codes share the number space: of those that begin so and have the right length
/// one in ten has a fitting check digit too, so the longer the prefixes, the fewer strangers. White space around the
/// text is ignored.
#[must_use]
pub fn pay_code_issuer<'a>(text: &'a str, prefixes: &[&str]) -> Option<&'a str> {
    let code = trim(text);
    let decoded = decode_pay_code(code).ok()?;
    let head = code.get(..PREFIX_DIGITS.checked_add(decoded.routing.len())?)?;
    let is_ours = |prefix: &&str| prefix.len() >= PREFIX_DIGITS && head.starts_with(*prefix);
    prefixes.iter().any(is_ours).then_some(decoded.routing)
}

fn check_digits(text: &str) -> Result<(), PayCodeError> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { Ok(()) } else { Err(PayCodeError::NotDigits) }
}

fn check_prefix(prefix: &str) -> Result<(), PayCodeError> {
    if matches!(prefix, "25" | "26" | "27" | "28" | "29" | "30") { Ok(()) } else { Err(PayCodeError::PrefixOutOfRange) }
}
