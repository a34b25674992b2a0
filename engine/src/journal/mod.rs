//! The journal: every command with its stamp, its plan and its answer, in batches, checksummed and chained.
//!
//! A segment is a file `journal-<first operation>`: a header, then batches, then zeros that are allocated for what comes.
//! Each batch carries the checksum of the one before, so that a batch that is missing or from elsewhere is noticed. Numbers
//! are little-endian. The format is in docs/decisions/0002-journal-of-plans.md.

mod entry;
mod frame;
mod reader;
mod writer;

pub use entry::Entry;
pub use frame::{BatchHeader, SegmentHeader};
pub use reader::{JournalError, JournalReader, Segment, TailState};
pub use writer::{JournalWriter, Position};
