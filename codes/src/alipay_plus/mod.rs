//! Alipay+: codes that wallets of many countries share.
//!
//! | module | holds |
//! |---|---|
//! | [`PaymentCode`] | the digits that a wallet shows |
//! | [`LinkCode`] | the digits in a shop's link: an order, or the shop itself |
//! | [`merchant`] | the merchant-presented code, version 3 |
//!
//! Sources: Alipay+ documentation, "code format specification", "payment codes" and "merchant-presented mode: code
//! format, code sample". The types 04 and 05 are inferred from public samples.

mod link;
pub mod merchant;
mod payment_code;

pub use link::{LinkCode, write_link};
pub use payment_code::{PaymentCode, Shape};

/// Digits of a code issuer's identifier (CII).
pub(crate) const ISSUER_DIGITS: usize = 6;
/// Digits of a business type identifier (BTI).
pub(crate) const TYPE_DIGITS: usize = 2;

/// What a code is for: its business type identifier (BTI), digits 7 and 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodeType {
    /// 02: shown by a customer.
    Payment,
    /// 04: one order of a shop (inferred).
    Order,
    /// 05: a shop, for any number of payments (inferred).
    Entry,
    /// Any other.
    Other,
}

impl CodeType {
    /// The type that these two digits name.
    #[must_use]
    pub fn of(digits: &str) -> Self {
        match digits {
            "02" => Self::Payment,
            "04" => Self::Order,
            "05" => Self::Entry,
            _ => Self::Other,
        }
    }
}

/// Whether digits begin as all Alipay+ codes do: 25 to 30.
pub(crate) fn begins_as_alipay(digits: &str) -> bool {
    digits.get(..2).is_some_and(|prefix| ("25"..="30").contains(&prefix))
}

pub(crate) fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
