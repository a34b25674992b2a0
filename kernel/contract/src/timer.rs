//! Timers: commands that the cell will ask of itself.

use minicbor::{Decode, Encode};

use crate::{Key, Operation, cell};

/// Names a timer. Its row holds the command; the key sorts by due time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
pub struct TimerId {
    /// When it is due, UTC nanoseconds.
    #[n(0)]
    pub due_at_ns: u64,
    /// The operation that set it.
    #[n(1)]
    pub operation: Operation,
    /// Its place among that operation's timers.
    #[n(2)]
    pub index: u16,
}

impl TimerId {
    /// The key of its row.
    #[must_use]
    pub fn key(&self) -> Key {
        Key::new(cell::TIMER).number(self.due_at_ns).number(self.operation).small(self.index)
    }

    /// The timer whose row has this key; `None` for any other key.
    #[must_use]
    pub fn from_key(key: &Key) -> Option<Self> {
        if key.table() != cell::TIMER {
            return None;
        }
        let bytes: [u8; 2] = key.as_bytes().get(18..)?.try_into().ok()?;
        Some(Self { due_at_ns: key.number_at(0)?, operation: key.number_at(8)?, index: u16::from_be_bytes(bytes) })
    }
}
