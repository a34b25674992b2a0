//! Records: the values of rows, commands and replies, and how they evolve.
//!
//! A record is encoded as a CBOR array (RFC 8949) whose positions are field numbers. A field is never renumbered or reused.
//! A new field is an `Option` (or has a default) with the next number: old bytes lack it and read as `None`, and old
//! code skips what it does not know. Golden bytes in each product's tests hold this still.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::Stop;

/// A type that is kept as the value of rows of one table.
pub trait Record: Encode<()> + for<'b> Decode<'b, ()> {
    /// The table whose rows have this type.
    const TABLE: crate::Table;
}

/// Encodes a record, command or reply.
#[must_use]
pub fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64);
    // Writing into a vector cannot fail, and the derived encoders have no error of their own.
    let written = minicbor::encode(value, &mut bytes);
    debug_assert!(written.is_ok());
    bytes
}

/// Decodes a record, command or reply; the whole input must be used.
///
/// # Errors
/// [`Stop::Broken`] if the bytes are not such a record.
pub fn decode<'b, T: Decode<'b, ()>>(bytes: &'b [u8], what: &'static str) -> Result<T, Stop> {
    let mut decoder = minicbor::Decoder::new(bytes);
    match decoder.decode() {
        Ok(value) if decoder.position() == bytes.len() => Ok(value),
        Ok(_) | Err(_) => Err(Stop::Broken(what)),
    }
}
