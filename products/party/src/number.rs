//! Party numbers: `2088`, the cell (2 digits), the bucket (5 digits), the serial (5 digits).
//!
//! The bucket is one of 16,384 by which a large operator may later be split over several cells; consecutive parties
//! go to consecutive buckets, so that all buckets fill alike.

const PREFIX: u64 = 2_088;
const BUCKETS: u64 = 16_384;
const SERIALS: u64 = 100_000;

/// The number of the party that is opened when the cell's counter is `counter`: bucket counter mod 16,384, serial
/// counter div 16,384. `None` if the cell is not 1 to 99, or when all 1,638,400,000 numbers are used.
#[must_use]
pub fn party_number(cell: u16, counter: u64) -> Option<u64> {
    if !(1..=99).contains(&cell) {
        return None;
    }
    let bucket = counter.checked_rem(BUCKETS)?;
    let serial = counter.checked_div(BUCKETS).filter(|serial| *serial < SERIALS)?;
    let head = PREFIX.checked_mul(100)?.checked_add(u64::from(cell))?;
    head.checked_mul(100_000)?.checked_add(bucket)?.checked_mul(SERIALS)?.checked_add(serial)
}

/// The cell that opened the party of this number; `None` if it is not a party's number.
#[must_use]
pub fn cell_of(number: u64) -> Option<u16> {
    let head = number.checked_div(10_000_000_000)?;
    let bucket = number.checked_div(SERIALS)?.checked_rem(100_000)?;
    let cell = head.checked_sub(PREFIX.checked_mul(100)?).filter(|cell| (1..=99).contains(cell))?;
    if bucket >= BUCKETS {
        return None;
    }
    u16::try_from(cell).ok()
}
