//! Why an operation on money was refused.

use core::fmt;

use crate::Currency;

/// Why an operation on money was refused. The meaning of a variant never changes; new ones may be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MoneyError {
    /// The amount would be above [`crate::Amount::MAX_MINOR`].
    AmountTooLarge,
    /// The amount would be below zero.
    AmountNegative,
    /// Two amounts that must be in one currency are not.
    CurrencyMismatch {
        /// The currency of the left-hand side.
        expected: Currency,
        /// The currency that came instead.
        found: Currency,
    },
    /// A decimal number was expected and the text is empty.
    DecimalEmpty,
    /// The text of a decimal number has more than 32 characters.
    DecimalTooLong,
    /// The text is not digits, optionally followed by a point and digits (a sign, a space, a separator, ...).
    DecimalMalformed,
    /// The number is written with an exponent, such as `1e2`; amounts and rates are written out.
    DecimalExponent,
    /// The number has more decimals, other than trailing zeros, than its currency (or a rate) can hold.
    DecimalTooPrecise {
        /// How many decimals there may be.
        digits_max: u8,
    },
    /// A rate's numerator or denominator is zero.
    RateNotPositive,
    /// A rate does not fit its 64-bit numerator and denominator.
    RateTooLarge,
    /// A division by zero: the denominator or the total of a proportion is zero.
    DivisionByZero,
    /// An intermediate result does not fit 128 bits.
    Overflow,
    /// A split was asked for with no weights, or with weights that are all zero.
    WeightsZero,
    /// The part is larger than the total it is a part of.
    PartAboveTotal,
}

impl fmt::Display for MoneyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::AmountTooLarge => "amount is above the largest amount",
            Self::AmountNegative => "amount would be below zero",
            Self::CurrencyMismatch { expected, found } => {
                return write!(formatter, "currency is {found} where {expected} is needed");
            }
            Self::DecimalEmpty => "number is empty",
            Self::DecimalTooLong => "number has more than 32 characters",
            Self::DecimalMalformed => "number is not digits with an optional point and decimals",
            Self::DecimalExponent => "number is written with an exponent; write it out",
            Self::DecimalTooPrecise { digits_max } => {
                return write!(formatter, "number has more than {digits_max} decimals");
            }
            Self::RateNotPositive => "rate is not above zero",
            Self::RateTooLarge => "rate does not fit 64-bit numerator and denominator",
            Self::DivisionByZero => "division by zero",
            Self::Overflow => "intermediate result does not fit 128 bits",
            Self::WeightsZero => "weights of a split are missing or all zero",
            Self::PartAboveTotal => "part is larger than its total",
        };
        formatter.write_str(text)
    }
}

impl core::error::Error for MoneyError {}
