//! Reading the journal: at opening, for the audit, for replay. It never writes.

use std::fmt;
use std::io;
use std::sync::Arc;

use minicbor::Decoder;
use sycee_contract::Operation;

use super::{BatchHeader, Entry, SegmentHeader};
use crate::disk::Disk;
use crate::limits;

/// A file of the journal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segment {
    /// Its name.
    pub name: String,
    /// The first operation in it.
    pub first_operation: Operation,
}

impl Segment {
    /// The name of the segment that begins with this operation.
    #[must_use]
    pub fn name_of(first_operation: Operation) -> String {
        format!("journal-{first_operation:020}")
    }

    fn parse(name: String) -> Option<Self> {
        let digits = name.strip_prefix("journal-")?;
        if digits.len() != 20 {
            return None;
        }
        Some(Self { first_operation: digits.parse().ok()?, name })
    }
}

/// Why the journal cannot be read.
#[derive(Debug)]
pub enum JournalError {
    /// The system says no.
    Io(String, io::Error),
    /// Bytes are not what was written: file, offset, what is wrong. Acknowledged operations may be lost; the cell must not be
    /// opened until the file is restored from a copy.
    Damaged {
        /// Which file.
        file: String,
        /// Where in it.
        offset: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// A segment is missing.
    Missing {
        /// The operation that should come next.
        operation: Operation,
    },
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(file, error) => write!(f, "journal file {file}: {error}"),
            Self::Damaged { file, offset, what } => {
                write!(f, "journal file {file} is damaged at byte {offset}: {what}; restore it from a copy")
            }
            Self::Missing { operation } => {
                write!(f, "the journal has no segment with operation {operation}; restore it from a copy")
            }
        }
    }
}

impl std::error::Error for JournalError {}

/// How the last segment ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TailState {
    /// With zeros, or the end of the file.
    Clean,
    /// With the beginning of a batch that was never acknowledged: power was lost while it was written.
    Torn,
}

/// Where reading ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct End {
    /// The last operation; 0 if there is none.
    pub operation: Operation,
    /// Its time, UTC nanoseconds.
    pub time_ns: u64,
    /// The checksum of the last batch.
    pub chain: u64,
    /// The length of the last segment up to the end of its last batch, bytes; 0 if there is no segment.
    pub segment_end: u64,
    /// Where the last batch begins in it, bytes; 0 if it has none: what may not have been synced before the end.
    pub last_batch: u64,
    /// How it ends.
    pub tail: TailState,
}

/// Reads a journal from its beginning or from a segment.
pub struct JournalReader {
    disk: Arc<dyn Disk>,
    cell: u16,
    segments: Vec<Segment>,
}

impl JournalReader {
    /// Lists the segments.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn open(disk: Arc<dyn Disk>, cell: u16) -> Result<Self, JournalError> {
        let names = disk.list().map_err(|error| JournalError::Io("(folder)".into(), error))?;
        let segments = names.into_iter().filter_map(Segment::parse).collect();
        Ok(Self { disk, cell, segments })
    }

    /// The segments, in order.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Reads entries from the segment that holds `from` on, and gives those with operation ≥ `from` to `each` in order.
    ///
    /// # Errors
    /// [`JournalError`], and whatever `each` says.
    pub fn read<E: From<JournalError>>(
        &self,
        from: Operation,
        mut each: impl FnMut(Entry) -> Result<(), E>,
    ) -> Result<End, E> {
        let from = from.max(1);
        let start = self.segments.partition_point(|segment| segment.first_operation <= from).saturating_sub(1);
        let mut end = End { operation: 0, time_ns: 0, chain: 0, segment_end: 0, last_batch: 0, tail: TailState::Clean };
        if let Some(first) = self.segments.get(start) {
            if first.first_operation > from {
                return Err(JournalError::Missing { operation: from }.into());
            }
            end.operation = first.first_operation.saturating_sub(1);
        }
        for (index, segment) in self.segments.iter().enumerate().skip(start) {
            let last = index + 1 == self.segments.len();
            self.read_segment(segment, index == start, last, &mut end, from, &mut each)?;
        }
        Ok(end)
    }

    /// Where the journal ends, read from its last segment alone, or, if that holds no whole batch, from the one before it too: a
    /// segment that was only begun knows neither the time nor the checksum of what came before it.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn end(&self) -> Result<End, JournalError> {
        let last = self.segments.last().map_or(1, |segment| segment.first_operation);
        let end = self.read::<JournalError>(last, |_| Ok(()))?;
        if end.time_ns == 0 && last > 1 { self.read(last - 1, |_| Ok(())) } else { Ok(end) }
    }

    fn read_segment<E: From<JournalError>>(
        &self,
        segment: &Segment,
        first: bool,
        last: bool,
        end: &mut End,
        from: Operation,
        each: &mut impl FnMut(Entry) -> Result<(), E>,
    ) -> Result<(), E> {
        let bytes = self.disk.read(&segment.name).map_err(|error| JournalError::Io(segment.name.clone(), error))?;
        let damaged = |offset: usize, what: &'static str| JournalError::Damaged {
            file: segment.name.clone(),
            offset: offset as u64,
            what,
        };
        let Some(header) = SegmentHeader::decode(&bytes) else {
            // Power was lost while the last segment was begun: its header is torn and no batch stands behind it.
            if last && !has_batch_after(&bytes, end.operation) {
                end.segment_end = 0;
                end.last_batch = 0;
                end.tail = TailState::Torn;
                return Ok(());
            }
            return Err(damaged(0, "the segment header does not check").into());
        };
        if header.cell != self.cell {
            return Err(damaged(8, "the segment belongs to another cell").into());
        }
        if header.first_operation != end.operation + 1 {
            return Err(JournalError::Missing { operation: end.operation + 1 }.into());
        }
        if first {
            end.chain = header.chain;
        } else if header.chain != end.chain {
            return Err(damaged(24, "the segment does not follow the one before").into());
        }
        let mut offset = SegmentHeader::LENGTH;
        end.tail = TailState::Clean;
        end.last_batch = 0;
        loop {
            end.segment_end = offset as u64;
            let rest = bytes.get(offset..).unwrap_or_default();
            match next_batch(rest, end) {
                Next::End => break,
                Next::Torn(what) => {
                    if !last || has_batch_after(rest, end.operation + 1) {
                        return Err(damaged(offset, what).into());
                    }
                    end.tail = TailState::Torn;
                    break;
                }
                Next::Batch(header, entries) => {
                    let mut decoder = Decoder::new(entries);
                    for index in 0..u64::from(header.count) {
                        let entry: Entry = decoder
                            .decode()
                            .map_err(|_| damaged(offset, "an entry does not decode although its checksum holds"))?;
                        if entry.stamp.operation != header.first_operation + index {
                            return Err(damaged(offset, "operations are not in sequence").into());
                        }
                        end.operation = entry.stamp.operation;
                        end.time_ns = entry.stamp.time_ns;
                        if entry.stamp.operation >= from {
                            each(entry)?;
                        }
                    }
                    end.chain = header.checksum;
                    end.last_batch = if offset == SegmentHeader::LENGTH { 0 } else { offset as u64 };
                    offset += BatchHeader::LENGTH + entries.len();
                }
            }
        }
        Ok(())
    }
}

enum Next<'a> {
    End,
    Torn(&'static str),
    Batch(BatchHeader, &'a [u8]),
}

fn next_batch<'a>(rest: &'a [u8], end: &End) -> Next<'a> {
    let Some(head) = rest.get(..BatchHeader::LENGTH) else {
        let empty = rest.iter().all(|byte| *byte == 0);
        return if empty { Next::End } else { Next::Torn("a batch header is cut") };
    };
    let Some(header) = BatchHeader::decode(head) else {
        if head.iter().all(|byte| *byte == 0) && rest.iter().all(|byte| *byte == 0) {
            return Next::End;
        }
        return Next::Torn("a batch header does not check");
    };
    if header.first_operation != end.operation + 1 || header.chain != end.chain {
        return Next::Torn("a batch does not follow the one before");
    }
    let length = header.length as usize;
    if length > limits::BATCH_BYTES {
        return Next::Torn("a batch is too long");
    }
    let Some(entries) = rest.get(BatchHeader::LENGTH..BatchHeader::LENGTH + length) else {
        return Next::Torn("a batch is cut");
    };
    if BatchHeader::checksum(entries, header.chain) != header.checksum {
        return Next::Torn("the entries of a batch do not check");
    }
    Next::Batch(header, entries)
}

/// Whether a whole batch of a later operation stands anywhere behind a broken one. Only one batch is written at a time, so a
/// broken batch with another behind it was acknowledged and has been damaged since; a broken one at the very end
/// was never acknowledged.
fn has_batch_after(rest: &[u8], broken: Operation) -> bool {
    let mut at = 1;
    while let Some(found) = rest.get(at..).and_then(|bytes| bytes.windows(4).position(|window| window == b"BTCH")) {
        at += found;
        if let Some(header) = BatchHeader::decode(&rest[at..])
            && header.first_operation > broken
        {
            let entries = rest.get(at + BatchHeader::LENGTH..at + BatchHeader::LENGTH + header.length as usize);
            if entries.is_some_and(|entries| BatchHeader::checksum(entries, header.chain) == header.checksum) {
                return true;
            }
        }
        at += 1;
    }
    false
}
