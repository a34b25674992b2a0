//! Keys of rows: a table number and bytes that sort the way the table is read.

use alloc::vec::Vec;

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

/// The number of a table: product number × 256 + a number of the product's own. Product 0 is the cell itself.
pub type Table = u16;

/// The key of a row. Numbers are big-endian, so that keys sort as numbers do; texts carry their length, so that no key
/// is a prefix of another by accident.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Key(Vec<u8>);

impl Key {
    /// The longest key, bytes.
    pub const MAX_LENGTH: usize = 256;

    /// The key of `table` with nothing after it: the only row of a table of one row, or the prefix of all its rows.
    #[must_use]
    pub fn new(table: Table) -> Self {
        let mut bytes = Vec::with_capacity(24);
        bytes.extend_from_slice(&table.to_be_bytes());
        Self(bytes)
    }

    /// Appends a number.
    #[must_use]
    pub fn number(mut self, number: u64) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    /// Appends a small number.
    #[must_use]
    pub fn small(mut self, number: u16) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    /// Appends bytes of a fixed length.
    #[must_use]
    pub fn fixed<const N: usize>(mut self, bytes: [u8; N]) -> Self {
        self.0.extend_from_slice(&bytes);
        self
    }

    /// Appends a text, its length first. Longer texts than 200 bytes are cut: commands check the length of what
    /// clients choose before a key is made of it.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        let bytes = text.as_bytes();
        let bytes = bytes.get(..200).unwrap_or(bytes);
        self.0.push(u8::try_from(bytes.len()).unwrap_or(u8::MAX));
        self.0.extend_from_slice(bytes);
        self
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// A key read back from a store.
    ///
    /// # Errors
    /// The bytes themselves, if they are too short to name a table or too long.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, Vec<u8>> {
        if bytes.len() < 2 || bytes.len() > Self::MAX_LENGTH { Err(bytes) } else { Ok(Self(bytes)) }
    }

    /// Its table.
    #[must_use]
    pub fn table(&self) -> Table {
        match self.0.as_slice() {
            [high, low, ..] => u16::from_be_bytes([*high, *low]),
            _ => 0,
        }
    }

    /// The number that begins at byte `offset` after the table number, if there is one.
    #[must_use]
    pub fn number_at(&self, offset: usize) -> Option<u64> {
        let start = offset.checked_add(2)?;
        let bytes = self.0.get(start..start.checked_add(8)?)?;
        Some(u64::from_be_bytes(bytes.try_into().ok()?))
    }
}

impl<C> Encode<C> for Key {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        e.bytes(&self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Key {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        let at = d.position();
        Self::from_bytes(d.bytes()?.to_vec())
            .map_err(|_| decode::Error::message("a key has between 2 and 256 bytes").at(at))
    }
}
