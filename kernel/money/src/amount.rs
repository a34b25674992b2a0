//! Amounts in minor units, with and without their currency.

use core::fmt;

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::{Currency, MoneyError};

/// A non-negative number of minor units (cents, fen, whole yen) of a currency that stands elsewhere.
///
/// Never above [`Amount::MAX_MINOR`]. Encoded in CBOR as an unsigned integer; decoding checks the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(u64);

impl Amount {
    /// The largest amount in minor units, 10^16: small enough that a thousand of them fit a `u64` sum and that a
    /// product with any 64-bit number fits a `u128`.
    pub const MAX_MINOR: u64 = 1_000_000_000_000_000_000 / 100;

    /// Nothing.
    pub const ZERO: Amount = Amount(0);

    /// One minor unit.
    pub const ONE: Amount = Amount(1);

    /// The largest amount.
    pub const MAX: Amount = Amount(Self::MAX_MINOR);

    /// An amount of `minor` minor units.
    ///
    /// # Errors
    /// [`MoneyError::AmountTooLarge`] above [`Amount::MAX_MINOR`].
    pub const fn new(minor: u64) -> Result<Amount, MoneyError> {
        if minor > Self::MAX_MINOR { Err(MoneyError::AmountTooLarge) } else { Ok(Amount(minor)) }
    }

    /// The number of minor units.
    #[must_use]
    pub const fn minor(self) -> u64 {
        self.0
    }

    /// Whether this is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError::AmountTooLarge`] above [`Amount::MAX_MINOR`].
    pub const fn checked_add(self, other: Amount) -> Result<Amount, MoneyError> {
        match self.0.checked_add(other.0) {
            Some(sum) => Amount::new(sum),
            None => Err(MoneyError::AmountTooLarge),
        }
    }

    /// The difference.
    ///
    /// # Errors
    /// [`MoneyError::AmountNegative`] when `other` is the larger.
    pub const fn checked_sub(self, other: Amount) -> Result<Amount, MoneyError> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Ok(Amount(difference)),
            None => Err(MoneyError::AmountNegative),
        }
    }

    /// The difference, or nothing when `other` is the larger.
    #[must_use]
    pub const fn saturating_sub(self, other: Amount) -> Amount {
        Amount(self.0.saturating_sub(other.0))
    }

    /// The smaller of the two.
    #[must_use]
    pub const fn min(self, other: Amount) -> Amount {
        if other.0 < self.0 { other } else { self }
    }
}

impl TryFrom<u64> for Amount {
    type Error = MoneyError;

    fn try_from(minor: u64) -> Result<Self, MoneyError> {
        Self::new(minor)
    }
}

impl TryFrom<u128> for Amount {
    type Error = MoneyError;

    fn try_from(minor: u128) -> Result<Self, MoneyError> {
        u64::try_from(minor).map_err(|_| MoneyError::AmountTooLarge).and_then(Self::new)
    }
}

impl<C> Encode<C> for Amount {
    fn encode<W: encode::Write>(
        &self,
        encoder: &mut Encoder<W>,
        _context: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        encoder.u64(self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Amount {
    fn decode(decoder: &mut Decoder<'b>, _context: &mut C) -> Result<Self, decode::Error> {
        let position = decoder.position();
        Self::new(decoder.u64()?).map_err(|_| decode::Error::message("amount out of range").at(position))
    }
}

/// An amount of a currency. Encoded in CBOR as the array `[currency, amount]`. Displayed as `12.50 EUR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// How much, in minor units of the currency.
    pub amount: Amount,
    /// Of what.
    pub currency: Currency,
}

impl Money {
    /// An amount of a currency.
    #[must_use]
    pub const fn new(amount: Amount, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// Nothing of a currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(Amount::ZERO, currency)
    }

    /// The sum of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], or as [`Amount::checked_add`].
    pub fn checked_add(self, other: Money) -> Result<Money, MoneyError> {
        self.same_currency(other)?;
        Ok(Self::new(self.amount.checked_add(other.amount)?, self.currency))
    }

    /// The difference of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], or as [`Amount::checked_sub`].
    pub fn checked_sub(self, other: Money) -> Result<Money, MoneyError> {
        self.same_currency(other)?;
        Ok(Self::new(self.amount.checked_sub(other.amount)?, self.currency))
    }

    fn same_currency(self, other: Money) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrencyMismatch { expected: self.currency, found: other.currency })
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.to_decimal(), self.currency)
    }
}

impl<C> Encode<C> for Money {
    fn encode<W: encode::Write>(
        &self,
        encoder: &mut Encoder<W>,
        context: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        encoder.array(2)?;
        self.currency.encode(encoder, context)?;
        self.amount.encode(encoder, context)
    }
}

impl<'b, C> Decode<'b, C> for Money {
    fn decode(decoder: &mut Decoder<'b>, context: &mut C) -> Result<Self, decode::Error> {
        let position = decoder.position();
        if decoder.array()? != Some(2) {
            return Err(decode::Error::message("money is an array of two").at(position));
        }
        let currency = Currency::decode(decoder, context)?;
        let amount = Amount::decode(decoder, context)?;
        Ok(Self { amount, currency })
    }
}
