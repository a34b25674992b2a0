//! Writing the journal: one batch, one write, one sync.

use std::io;
use std::sync::Arc;

use sycee_contract::Operation;

use super::{BatchHeader, Entry, Segment, SegmentHeader};
use crate::disk::{Disk, DiskFile};
use crate::limits;

/// Where writing goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    /// The last operation written.
    pub operation: Operation,
    /// The checksum of the last batch.
    pub chain: u64,
}

/// Writes batches. After an error it must be thrown away: what is on the disk is no longer known.
pub struct JournalWriter {
    disk: Arc<dyn Disk>,
    cell: u16,
    position: Position,
    file: Option<Box<dyn DiskFile>>,
    offset: u64,
    buffer: Vec<u8>,
    segment_bytes: u64,
}

impl JournalWriter {
    /// Goes on behind `position`. `last` is the segment to append to, with where its last batch begins and ends.
    ///
    /// # Errors
    /// What the disk says.
    pub fn open(
        disk: Arc<dyn Disk>,
        cell: u16,
        position: Position,
        last: Option<(&Segment, u64, u64)>,
        segment_bytes: u64,
    ) -> io::Result<Self> {
        let mut writer = Self { disk, cell, position, file: None, offset: 0, buffer: Vec::new(), segment_bytes };
        if let Some((segment, last_batch, end)) = last {
            let mut file = writer.disk.reopen(&segment.name, last_batch, end, segment_bytes)?;
            if end < SegmentHeader::LENGTH as u64 {
                writer.offset = writer.write_header(&mut *file)?;
                file.sync()?;
            } else {
                writer.offset = end;
            }
            writer.file = Some(file);
        }
        Ok(writer)
    }

    /// Where it stands.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// Appends a batch and makes it durable. The bytes it took are given back.
    ///
    /// # Errors
    /// What the disk says. Then the batch may or may not be there; only opening again tells.
    pub fn append(&mut self, entries: &[Entry]) -> io::Result<usize> {
        let Some(last) = entries.last() else { return Ok(0) };
        let first_operation = self.position.operation + 1;
        debug_assert!(entries.iter().zip(first_operation..).all(|(entry, at)| entry.stamp.operation == at));
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        buffer.resize(BatchHeader::LENGTH, 0);
        for entry in entries {
            minicbor::encode(entry, &mut buffer).map_err(|_| io::Error::other("an entry does not encode"))?;
        }
        let count = u32::try_from(entries.len()).map_err(|_| io::Error::other("too many entries in a batch"))?;
        let header = BatchHeader::of(&buffer[BatchHeader::LENGTH..], count, first_operation, self.position.chain)
            .filter(|header| header.length as usize <= limits::BATCH_BYTES)
            .ok_or_else(|| io::Error::other("a batch is too long"))?;
        buffer[..BatchHeader::LENGTH].copy_from_slice(&header.encode());

        // A segment that holds nothing yet takes the batch, however long it is: there cannot be another of its name.
        let begun = self.offset > SegmentHeader::LENGTH as u64;
        if begun && self.offset + buffer.len() as u64 > self.segment_bytes {
            self.file = None;
        }
        let mut file = match self.file.take() {
            Some(file) => file,
            None => self.begin_segment(first_operation, buffer.len() as u64)?,
        };
        file.write_at(self.offset, &buffer)?;
        file.sync()?;
        self.offset += buffer.len() as u64;
        self.file = Some(file);
        self.position = Position { operation: last.stamp.operation, chain: header.checksum };
        let written = buffer.len();
        self.buffer = buffer;
        Ok(written)
    }

    /// Gives back the space that was allocated for what did not come. Nothing more can be appended.
    ///
    /// # Errors
    /// What the disk says.
    pub fn finish(mut self) -> io::Result<()> {
        self.file.take().map_or(Ok(()), |mut file| file.cut(self.offset))
    }

    fn begin_segment(&mut self, first_operation: Operation, needed: u64) -> io::Result<Box<dyn DiskFile>> {
        let length = self.segment_bytes.max(needed + SegmentHeader::LENGTH as u64);
        let mut file = self.disk.create(&Segment::name_of(first_operation), length)?;
        self.offset = self.write_header(&mut *file)?;
        Ok(file)
    }

    fn write_header(&self, file: &mut dyn DiskFile) -> io::Result<u64> {
        let header =
            SegmentHeader { cell: self.cell, first_operation: self.position.operation + 1, chain: self.position.chain };
        file.write_at(0, &header.encode())?;
        Ok(SegmentHeader::LENGTH as u64)
    }
}
