//! The stamp: all that a rule may know of the world outside.

use minicbor::{Decode, Encode};

/// The number of an operation in its cell: 1 for the first, without gaps, rising.
pub type Operation = u64;

/// Given to a command by the engine when it is decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Stamp {
    /// The operation's number.
    #[n(0)]
    pub operation: Operation,
    /// UTC, nanoseconds since 1970; strictly greater than that of the operation before.
    #[n(1)]
    pub time_ns: u64,
    /// The market's calendar day, as the decimal number yyyymmdd.
    #[n(2)]
    pub business_date: u32,
    /// The market's offset from UTC at that instant, seconds.
    #[n(3)]
    pub utc_offset_seconds: i32,
    /// The number of the cell in the world, 1 to 99.
    #[n(4)]
    pub cell: u16,
}

impl Stamp {
    /// The calendar month, as the decimal number yyyymm.
    #[must_use]
    pub fn business_month(&self) -> u32 {
        self.business_date.checked_div(100).unwrap_or(0)
    }

    /// This instant and `seconds` later, UTC nanoseconds.
    #[must_use]
    pub fn after_seconds(&self, seconds: u64) -> u64 {
        self.time_ns.saturating_add(seconds.saturating_mul(1_000_000_000))
    }
}
