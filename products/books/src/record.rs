//! Rows of this product and their keys.

use minicbor::{Decode, Encode};
use sycee_contract::{Key, Record, Table, TimerId};

/// The timer of a pending hold, so that it goes when the hold ends.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct HoldTimer {
    /// Which timer.
    #[n(0)]
    pub timer: TimerId,
}

impl HoldTimer {
    /// The key of a hold's row.
    #[must_use]
    pub fn key(hold: u64) -> Key {
        Key::new(crate::HOLD_TIMER).number(hold)
    }
}

impl Record for HoldTimer {
    const TABLE: Table = crate::HOLD_TIMER;
}
