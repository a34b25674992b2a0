//! Currencies of ISO 4217, from the table in `data/iso4217.csv`.

use core::fmt;

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

/// A row of the currency table.
struct Record {
    code: &'static str,
    numeric: u16,
    minor_digits: u8,
    name: &'static str,
}

// TABLE (sorted by code), POSITION_BY_NUMERIC (255 where there is no currency), and the constants `Currency::EUR` etc.
include!(concat!(env!("OUT_DIR"), "/currency_table.rs"));

/// A currency of ISO 4217 list one that has a minor unit, held as its numeric code.
///
/// Ordered by numeric code. Encoded in CBOR as that number; decoding refuses a number that is not in the table.
/// Each currency of the table is also a constant: `Currency::EUR`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(u16);

impl Currency {
    /// The currency with this alphabetic code, in capitals as ISO 4217 writes it ("EUR"); none for any other text.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let position = TABLE.binary_search_by(|record| record.code.cmp(code)).ok()?;
        TABLE.get(position).map(|record| Self(record.numeric))
    }

    /// The currency with this ISO 4217 numeric code (978 for the euro), if there is one.
    #[must_use]
    pub fn from_numeric(numeric: u16) -> Option<Self> {
        find(numeric).map(|record| Self(record.numeric))
    }

    /// The alphabetic code: three capitals.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.record().code
    }

    /// The ISO 4217 numeric code, 0 to 999; written with three digits.
    #[must_use]
    pub const fn numeric(self) -> u16 {
        self.0
    }

    /// How many decimals one major unit has: 0 for JPY, 2 for EUR, 3 for KWD, 4 for CLF.
    #[must_use]
    pub fn minor_digits(self) -> u8 {
        self.record().minor_digits
    }

    /// The English name as ISO 4217 gives it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.record().name
    }

    /// All currencies, in the order of their alphabetic codes.
    pub fn all() -> impl ExactSizeIterator<Item = Self> + Clone {
        TABLE.iter().map(|record| Self(record.numeric))
    }

    fn record(self) -> &'static Record {
        match find(self.0) {
            Some(record) => record,
            None => unreachable!("a Currency is only made from a number of the table"),
        }
    }
}

fn find(numeric: u16) -> Option<&'static Record> {
    let position = POSITION_BY_NUMERIC.get(usize::from(numeric))?;
    TABLE.get(usize::from(*position))
}

impl fmt::Display for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.code())
    }
}

impl<C> Encode<C> for Currency {
    fn encode<W: encode::Write>(
        &self,
        encoder: &mut Encoder<W>,
        _context: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        encoder.u16(self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Currency {
    fn decode(decoder: &mut Decoder<'b>, _context: &mut C) -> Result<Self, decode::Error> {
        let position = decoder.position();
        Self::from_numeric(decoder.u16()?).ok_or_else(|| decode::Error::message("unknown currency number").at(position))
    }
}
