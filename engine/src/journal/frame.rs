//! The bytes around entries.

use sycee_contract::Operation;
use xxhash_rust::xxh3::xxh3_64;

/// The first bytes of a segment: name and version of the format.
const SEGMENT_MAGIC: &[u8; 8] = b"SYCEEJ01";
/// The first bytes of a batch.
const BATCH_MAGIC: &[u8; 4] = b"BTCH";

/// What a segment begins with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SegmentHeader {
    /// The cell's number.
    pub cell: u16,
    /// The first operation in it.
    pub first_operation: Operation,
    /// The checksum of the batch before it; 0 for the first segment.
    pub chain: u64,
}

impl SegmentHeader {
    /// Its length, bytes.
    pub const LENGTH: usize = 40;

    /// Its bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        bytes[0..8].copy_from_slice(SEGMENT_MAGIC);
        bytes[8..10].copy_from_slice(&self.cell.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.first_operation.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.chain.to_le_bytes());
        let checksum = xxh3_64(&bytes[..32]);
        bytes[32..40].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Reads it; `None` if the bytes are not a header of this format.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::LENGTH] = bytes.get(..Self::LENGTH)?.try_into().ok()?;
        if &bytes[..8] != SEGMENT_MAGIC || number(bytes, 32) != xxh3_64(&bytes[..32]) {
            return None;
        }
        let cell = u16::from_le_bytes([bytes[8], bytes[9]]);
        Some(Self { cell, first_operation: number(bytes, 16), chain: number(bytes, 24) })
    }
}

/// What a batch begins with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BatchHeader {
    /// The number of entries.
    pub count: u32,
    /// The length of the entries, bytes.
    pub length: u32,
    /// The first operation in it; the others follow without gaps.
    pub first_operation: Operation,
    /// The checksum of the batch before.
    pub chain: u64,
    /// The checksum of the entries, chained: XXH3-64 over the entries, then over that and `chain`.
    pub checksum: u64,
}

impl BatchHeader {
    /// Its length, bytes.
    pub const LENGTH: usize = 48;

    /// The header of a batch of these entries.
    #[must_use]
    pub fn of(entries: &[u8], count: u32, first_operation: Operation, chain: u64) -> Option<Self> {
        let length = u32::try_from(entries.len()).ok()?;
        Some(Self { count, length, first_operation, chain, checksum: Self::checksum(entries, chain) })
    }

    /// The checksum of entries in a chain.
    #[must_use]
    pub fn checksum(entries: &[u8], chain: u64) -> u64 {
        let mut both = [0; 16];
        both[..8].copy_from_slice(&xxh3_64(entries).to_le_bytes());
        both[8..].copy_from_slice(&chain.to_le_bytes());
        xxh3_64(&both)
    }

    /// Its bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        bytes[0..4].copy_from_slice(BATCH_MAGIC);
        bytes[4..8].copy_from_slice(&self.count.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.length.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.first_operation.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.chain.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.checksum.to_le_bytes());
        let own = xxh3_64(&bytes[..40]);
        bytes[40..48].copy_from_slice(&own.to_le_bytes());
        bytes
    }

    /// Reads it; `None` if the bytes are not a header whose own checksum holds.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::LENGTH] = bytes.get(..Self::LENGTH)?.try_into().ok()?;
        if &bytes[..4] != BATCH_MAGIC || number(bytes, 40) != xxh3_64(&bytes[..40]) {
            return None;
        }
        Some(Self {
            count: u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]),
            length: u32::from_le_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]),
            first_operation: number(bytes, 16),
            chain: number(bytes, 24),
            checksum: number(bytes, 32),
        })
    }
}

/// The little-endian number at `offset`; the callers' arrays are long enough.
fn number(bytes: &[u8], offset: usize) -> u64 {
    let mut eight = [0; 8];
    eight.copy_from_slice(&bytes[offset..offset + 8]);
    u64::from_le_bytes(eight)
}
