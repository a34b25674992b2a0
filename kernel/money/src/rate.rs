//! Exact exchange rates, and shares in basis points.

use alloc::string::String;
use core::fmt;

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::decimal::{Digits, decimal_text};
use crate::rounding::product;
use crate::{Amount, Currency, Money, MoneyError, Rounding, divide};

/// The most decimals a rate can have: ten to this power is the largest that fits the denominator.
const RATE_DIGITS_MAX: u8 = 19;

/// A positive exact ratio: how many *major* units of the target currency one major unit of the source buys.
///
/// Always in lowest terms, so that equal rates are equal values. Encoded in CBOR as `[numerator, denominator]`;
/// decoding refuses zero and what is not in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rate {
    numerator: u64,
    denominator: u64,
}

/// What a conversion gave, and what rounding did to it.
///
/// The exact result is `money` plus `residual_numerator / residual_denominator` of one minor unit of its currency:
/// above zero when rounding dropped something, below zero when it added something. In lowest terms; `0 / 1` when exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Converted {
    /// The rounded result.
    pub money: Money,
    /// Exact minus rounded, in minor units: the numerator.
    pub residual_numerator: i128,
    /// Exact minus rounded, in minor units: the denominator, above zero.
    pub residual_denominator: u128,
}

impl Rate {
    /// The rate of one for one.
    pub const ONE: Rate = Rate { numerator: 1, denominator: 1 };

    /// `numerator / denominator`, brought to lowest terms.
    ///
    /// # Errors
    /// [`MoneyError::RateNotPositive`] when either is zero.
    pub fn new(numerator: u64, denominator: u64) -> Result<Self, MoneyError> {
        let (numerator, denominator) =
            lowest_terms(u128::from(numerator), u128::from(denominator)).ok_or(MoneyError::RateNotPositive)?;
        if numerator == 0 {
            return Err(MoneyError::RateNotPositive);
        }
        let narrow = |number| u64::try_from(number).map_err(|_| MoneyError::RateTooLarge);
        Ok(Self { numerator: narrow(numerator)?, denominator: narrow(denominator)? })
    }

    /// Reads a rate such as `36.1234`, exactly; the grammar is that of [`Money::parse_decimal`].
    ///
    /// # Errors
    /// The `Decimal…` variants of [`MoneyError`] (more than 19 decimals are too precise),
    /// [`MoneyError::RateTooLarge`], [`MoneyError::RateNotPositive`].
    pub fn parse_decimal(text: &str) -> Result<Self, MoneyError> {
        let digits = Digits::scan(text)?;
        let scale = digits.fraction.len();
        if scale > usize::from(RATE_DIGITS_MAX) {
            return Err(MoneyError::DecimalTooPrecise { digits_max: RATE_DIGITS_MAX });
        }
        let numerator = digits.scaled(scale).ok_or(MoneyError::RateTooLarge)?;
        let exponent = u32::try_from(scale).map_err(|_| MoneyError::RateTooLarge)?;
        let denominator = 10_u64.checked_pow(exponent).ok_or(MoneyError::RateTooLarge)?;
        Self::new(numerator, denominator)
    }

    /// The numerator, in lowest terms; above zero.
    #[must_use]
    pub const fn numerator(self) -> u64 {
        self.numerator
    }

    /// The denominator, in lowest terms; above zero.
    #[must_use]
    pub const fn denominator(self) -> u64 {
        self.denominator
    }

    /// The rate of the way back, exactly.
    #[must_use]
    pub const fn inverse(self) -> Self {
        Self { numerator: self.denominator, denominator: self.numerator }
    }

    /// The rate as a decimal number without trailing zeros, or none if it has no finite one with at most 19 decimals.
    #[must_use]
    pub fn to_decimal(self) -> Option<String> {
        let denominator = u128::from(self.denominator);
        (0..=RATE_DIGITS_MAX).find_map(|scale| {
            let power = 10_u128.checked_pow(u32::from(scale))?;
            if power.checked_rem(denominator)? != 0 {
                return None;
            }
            let number = u128::from(self.numerator).checked_mul(power.checked_div(denominator)?)?;
            Some(decimal_text(number, usize::from(scale)))
        })
    }

    /// Converts `from` into the currency `to`, taking account of both currencies' minor digits, and tells exactly what
    /// rounding did.
    ///
    /// # Errors
    /// [`MoneyError::AmountTooLarge`]; [`MoneyError::Overflow`] when amount × numerator × 10^(difference of the minor
    /// digits) does not fit 128 bits, which takes a numerator above 3 × 10^18 and a target with more minor digits.
    pub fn convert(self, from: Money, to: Currency, rounding: Rounding) -> Result<Converted, MoneyError> {
        let (from_digits, to_digits) = (from.currency.minor_digits(), to.minor_digits());
        let gained = power_of_ten(to_digits.saturating_sub(from_digits))?;
        let lost = power_of_ten(from_digits.saturating_sub(to_digits))?;
        let numerator =
            product(from.amount, u128::from(self.numerator))?.checked_mul(gained).ok_or(MoneyError::Overflow)?;
        let denominator = u128::from(self.denominator).checked_mul(lost).ok_or(MoneyError::Overflow)?;
        let minor = divide(numerator, denominator, rounding)?;
        let amount = Amount::try_from(minor)?;

        let rounded = minor.checked_mul(denominator).ok_or(MoneyError::Overflow)?;
        let (size, residual_denominator) =
            lowest_terms(numerator.abs_diff(rounded), denominator).ok_or(MoneyError::DivisionByZero)?;
        let size = i128::try_from(size).map_err(|_| MoneyError::Overflow)?;
        let residual_numerator =
            if rounded > numerator { size.checked_neg().ok_or(MoneyError::Overflow)? } else { size };
        let money = Money { amount, currency: to };
        Ok(Converted { money, residual_numerator, residual_denominator })
    }
}

/// `bps` basis points (hundredths of a percent) of `amount`: 60 of 100.00 is 0.60.
///
/// # Errors
/// [`MoneyError::AmountTooLarge`], possible only above 10 000 basis points.
pub fn share_bps(amount: Amount, bps: u32, rounding: Rounding) -> Result<Amount, MoneyError> {
    Amount::try_from(divide(product(amount, u128::from(bps))?, 10_000, rounding)?)
}

fn power_of_ten(exponent: u8) -> Result<u128, MoneyError> {
    10_u128.checked_pow(u32::from(exponent)).ok_or(MoneyError::Overflow)
}

/// Both numbers divided by their greatest common divisor; none when the denominator is zero.
fn lowest_terms(numerator: u128, denominator: u128) -> Option<(u128, u128)> {
    if denominator == 0 {
        return None;
    }
    let (mut divisor, mut rest) = (denominator, numerator);
    while rest != 0 {
        (divisor, rest) = (rest, divisor.checked_rem(rest)?);
    }
    Some((numerator.checked_div(divisor)?, denominator.checked_div(divisor)?))
}

impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_decimal() {
            Some(text) => formatter.pad(&text),
            None => write!(formatter, "{}/{}", self.numerator, self.denominator),
        }
    }
}

impl<C> Encode<C> for Rate {
    fn encode<W: encode::Write>(
        &self,
        encoder: &mut Encoder<W>,
        _context: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        encoder.array(2)?.u64(self.numerator)?.u64(self.denominator)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Rate {
    fn decode(decoder: &mut Decoder<'b>, _context: &mut C) -> Result<Self, decode::Error> {
        let position = decoder.position();
        if decoder.array()? != Some(2) {
            return Err(decode::Error::message("a rate is an array of two").at(position));
        }
        let (numerator, denominator) = (decoder.u64()?, decoder.u64()?);
        match Self::new(numerator, denominator) {
            Ok(rate) if rate.numerator == numerator => Ok(rate),
            Ok(_) => Err(decode::Error::message("rate is not in lowest terms").at(position)),
            Err(_) => Err(decode::Error::message("rate is not above zero").at(position)),
        }
    }
}
