//! Exact decimal text: `12.50` to minor units and back.

use alloc::format;
use alloc::string::{String, ToString};

use crate::{Amount, Currency, Money, MoneyError};

/// The longest text that is read as a decimal number.
const CHARACTERS_MAX: usize = 32;

/// The two runs of digits of a decimal number; `fraction` without trailing zeros, `whole` never empty.
pub(crate) struct Digits<'a> {
    pub(crate) whole: &'a str,
    pub(crate) fraction: &'a str,
}

impl<'a> Digits<'a> {
    /// Reads `digits [ "." digits ]`, ASCII only, at most 32 characters. Leading zeros are harmless and accepted.
    pub(crate) fn scan(text: &'a str) -> Result<Self, MoneyError> {
        if text.is_empty() {
            return Err(MoneyError::DecimalEmpty);
        }
        if text.chars().nth(CHARACTERS_MAX).is_some() {
            return Err(MoneyError::DecimalTooLong);
        }
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (text, None),
        };
        let is_digits = |run: &str| !run.is_empty() && run.bytes().all(|byte| byte.is_ascii_digit());
        if is_digits(whole) && fraction.is_none_or(is_digits) {
            return Ok(Self { whole, fraction: fraction.unwrap_or("").trim_end_matches('0') });
        }
        // JSON may write 100 as 1e2; say so, because the sender's serializer is what has to change.
        let has_exponent = text.starts_with(|first: char| first.is_ascii_digit()) && text.contains(['e', 'E']);
        Err(if has_exponent { MoneyError::DecimalExponent } else { MoneyError::DecimalMalformed })
    }

    /// The number times ten to the power of `scale`; none when it does not fit or `scale` is below the decimals.
    pub(crate) fn scaled(&self, scale: usize) -> Option<u64> {
        let padding = scale.checked_sub(self.fraction.len())?;
        let digits = self.whole.bytes().chain(self.fraction.bytes());
        digits
            .chain(core::iter::repeat_n(b'0', padding))
            .try_fold(0_u64, |number, byte| number.checked_mul(10)?.checked_add(u64::from(byte.checked_sub(b'0')?)))
    }
}

impl Money {
    /// Reads an amount in major units: `12`, `12.5`, `12.50`, and for a currency without decimals `1000` or `1000.00`.
    ///
    /// Decimals beyond the currency's are accepted only if they are zeros. There is no sign, exponent, space or
    /// grouping; a point stands between digits.
    ///
    /// # Errors
    /// The `Decimal…` variants of [`MoneyError`], or [`MoneyError::AmountTooLarge`].
    pub fn parse_decimal(text: &str, currency: Currency) -> Result<Money, MoneyError> {
        let digits = Digits::scan(text)?;
        let minor_digits = currency.minor_digits();
        let scale = usize::from(minor_digits);
        if digits.fraction.len() > scale {
            return Err(MoneyError::DecimalTooPrecise { digits_max: minor_digits });
        }
        let minor = digits.scaled(scale).ok_or(MoneyError::AmountTooLarge)?;
        Ok(Money { amount: Amount::new(minor)?, currency })
    }

    /// The amount in major units with exactly the currency's decimals: `12.50`, `1000`, `1.000`.
    #[must_use]
    pub fn to_decimal(&self) -> String {
        decimal_text(self.amount.minor(), usize::from(self.currency.minor_digits()))
    }

    /// The amount in major units with at least two decimals: `12.50`, `1000.00` for JPY, `1.000` for KWD. The Alipay
    /// wire writes amounts this way.
    #[must_use]
    pub fn to_decimal_two(&self) -> String {
        let mut text = self.to_decimal();
        match self.currency.minor_digits() {
            0 => text.push_str(".00"),
            1 => text.push('0'),
            _ => {}
        }
        text
    }
}

/// `number` divided by ten to the power of `scale`, with exactly `scale` decimals.
pub(crate) fn decimal_text(number: impl Into<u128>, scale: usize) -> String {
    let width = scale.saturating_add(1);
    let digits = format!("{:0width$}", number.into());
    let point = digits.len().saturating_sub(scale);
    match digits.split_at_checked(point) {
        Some((whole, fraction)) if !fraction.is_empty() => format!("{whole}.{fraction}"),
        _ => digits.to_string(),
    }
}
