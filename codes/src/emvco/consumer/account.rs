//! Card numbers, which nobody should see by accident.

use alloc::format;
use alloc::string::String;
use core::fmt;
use core::ops::RangeInclusive;

/// Digits of a card number (ISO/IEC 7812-1).
const DIGITS: RangeInclusive<usize> = 8..=19;
/// Digits that a masked number shows at its beginning and at its end. PCI DSS 3.4 allows no more.
const SHOWN_FIRST: usize = 6;
const SHOWN_LAST: usize = 4;
/// A number must have so many digits for its beginning to be shown too; of a shorter one too little would stay hidden.
const SHOWN_FIRST_FROM_DIGITS: usize = 15;

/// The character between card number and expiry in track 2 (EMV book 3, annex A, tag 57).
const SEPARATOR: char = 'D';
/// What fills up the last byte.
const FILLER: char = 'F';
/// The longest track 2, bytes.
const TRACK_2_BYTES_MAX: usize = 19;

/// A card number (PAN) or the token that stands for one. Its `Debug` and `Display` texts are masked.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountNumber {
    digits: String,
}

impl AccountNumber {
    /// A number of 8 to 19 digits; `None` for any other text. Check digits are not looked at: in the wild they are not
    /// kept.
    #[must_use]
    pub fn new(digits: &str) -> Option<Self> {
        let fits = DIGITS.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| Self { digits: digits.into() })
    }

    /// From four bits a digit, filled up with F, as tag 5A holds it.
    #[must_use]
    pub fn from_packed(bytes: &[u8]) -> Option<Self> {
        Self::new(upper_hex(bytes).trim_end_matches(FILLER))
    }

    /// Four bits a digit, filled up to a whole byte with F.
    #[must_use]
    pub fn packed(&self) -> alloc::vec::Vec<u8> {
        packed(&self.digits)
    }

    /// All digits: for the payment system, not for logs or screens.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// The first six and last four digits, all others as `*`; of fewer than 15 digits only the last four.
    #[must_use]
    pub fn masked(&self) -> String {
        let length = self.digits.len();
        let first = if length < SHOWN_FIRST_FROM_DIGITS { 0 } else { SHOWN_FIRST };
        let hidden = first..length.saturating_sub(SHOWN_LAST);
        let mask = |(place, digit)| if hidden.contains(&place) { '*' } else { digit };
        self.digits.chars().enumerate().map(mask).collect()
    }
}

impl fmt::Display for AccountNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.masked())
    }
}

impl fmt::Debug for AccountNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.masked())
    }
}

/// Track 2 equivalent data (tag 57). The discretionary data after the service code is not kept, and `Debug` masks the
/// number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track2 {
    /// The card number.
    pub account_number: AccountNumber,
    /// Year and month, `YYMM`.
    pub expiry: String,
    /// Three digits (ISO/IEC 7813).
    pub service_code: String,
}

impl Track2 {
    /// From the bytes of tag 57; `None` if they are none.
    #[must_use]
    pub fn from_packed(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > TRACK_2_BYTES_MAX {
            return None;
        }
        let text = upper_hex(bytes);
        let (number, rest) = text.split_once(SEPARATOR)?;
        let rest = rest.trim_end_matches(FILLER);
        if !rest.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (expiry, rest) = rest.split_at_checked(4)?;
        let (service_code, _) = rest.split_at_checked(3)?;
        let month = expiry.get(2..)?;
        if !("01"..="12").contains(&month) {
            return None;
        }
        let account_number = AccountNumber::new(number)?;
        Some(Self { account_number, expiry: expiry.into(), service_code: service_code.into() })
    }
}

/// The bytes as hex digits in capitals.
#[must_use]
pub fn upper_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// The bytes that these hex digits write; `None` for any other text.
pub(crate) fn from_hex(text: &str) -> Option<alloc::vec::Vec<u8>> {
    if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) || !text.len().is_multiple_of(2) {
        return None;
    }
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

fn packed(digits: &str) -> alloc::vec::Vec<u8> {
    let filler = if digits.len().is_multiple_of(2) { "" } else { "F" };
    from_hex(&format!("{digits}{filler}")).unwrap_or_default()
}
