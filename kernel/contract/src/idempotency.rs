//! Exactly once (law 4): the record behind a key, and how a repeat is told from another request.

use alloc::vec::Vec;

use minicbor::{Decode, Decoder, Encode};
use sha2::{Digest, Sha256};

use crate::{Answer, CommandDescriptor, Operation, Record, Stop, Table, cell};

/// The digest of one field of a command's body.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct FieldDigest {
    /// The field's number.
    #[n(0)]
    pub field: u16,
    /// The first 16 bytes of SHA-256 over the field's encoded bytes.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub digest: [u8; 16],
}

/// What is kept under a key, for ever.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct IdempotencyRecord {
    /// The operation that answered.
    #[n(0)]
    pub operation: Operation,
    /// The fields that a repeat must have alike.
    #[n(1)]
    pub fingerprint: Vec<FieldDigest>,
    /// The answer.
    #[n(2)]
    pub answer: Answer,
}

impl Record for IdempotencyRecord {
    const TABLE: Table = cell::IDEMPOTENCY;
}

impl IdempotencyRecord {
    /// The name of the first field that differs from `fingerprint`; `None` if it is a true repeat.
    ///
    /// An optional field that is `None` is left out at the end of a body, but null where a later field follows it: both
    /// are the same request.
    #[must_use]
    pub fn differing_field(&self, fingerprint: &[FieldDigest], descriptor: &CommandDescriptor) -> Option<&'static str> {
        let unlike = |wanted: &&(u16, &'static str)| {
            let find = |digests: &[FieldDigest]| {
                digests.iter().find(|d| d.field == wanted.0).map_or_else(|| digest(&NULL), |found| found.digest)
            };
            find(&self.fingerprint) != find(fingerprint)
        };
        descriptor.fingerprint.iter().find(unlike).map(|(_, name)| *name)
    }
}

/// The fingerprint of a body: the digests of the fields that the descriptor lists. A body encoded twice from equal fields
/// has equal bytes, because the codec has one encoding for each value.
///
/// # Errors
/// [`Stop::Broken`] if the body is not an array of fields.
pub fn fingerprint(body: &[u8], descriptor: &CommandDescriptor) -> Result<Vec<FieldDigest>, Stop> {
    const WHAT: &str = "command body";
    let mut decoder = Decoder::new(body);
    let count = decoder.array().ok().flatten().ok_or(Stop::Broken(WHAT))?;
    let mut digests = Vec::with_capacity(descriptor.fingerprint.len());
    for position in 0..count {
        let start = decoder.position();
        decoder.skip().map_err(|_| Stop::Broken(WHAT))?;
        let end = decoder.position();
        let Ok(field) = u16::try_from(position) else { break };
        if descriptor.fingerprint.iter().any(|(number, _)| *number == field) {
            let bytes = body.get(start..end).unwrap_or_default();
            digests.push(FieldDigest { field, digest: digest(bytes) });
        }
    }
    Ok(digests)
}

/// The simple value null (RFC 8949, section 3.3).
const NULL: [u8; 1] = [0xf6];

/// The first 16 bytes of SHA-256.
fn digest(bytes: &[u8]) -> [u8; 16] {
    let mut digest = [0; 16];
    for (to, from) in digest.iter_mut().zip(Sha256::digest(bytes)) {
        *to = from;
    }
    digest
}
