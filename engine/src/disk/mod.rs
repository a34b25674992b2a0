//! The disk as the engine sees it: a folder of files that are written at an offset and synced. A trait, so that tests and the
//! simulator can tear writes, fill the disk and fail a sync.

mod file;
mod memory;

use std::io;

pub use file::{FileDisk, create_durably};
pub use memory::{DiskFault, MemoryDisk};

/// A folder of files.
pub trait Disk: Send + Sync {
    /// The names of all files, sorted.
    ///
    /// # Errors
    /// What the system says.
    fn list(&self) -> io::Result<Vec<String>>;
    /// A whole file.
    ///
    /// # Errors
    /// What the system says.
    fn read(&self, name: &str) -> io::Result<Vec<u8>>;
    /// Makes a new file, which must not be there yet, of `length` bytes, all zero, with its space allocated, and makes its name durable.
    ///
    /// # Errors
    /// What the system says; a full disk is reported here rather than in the middle of a write.
    fn create(&self, name: &str, length: u64) -> io::Result<Box<dyn DiskFile>>;
    /// Opens a file, cuts it at `end` and fills it up to `length` with zeros, so that nothing old stands behind `end`. What
    /// stands from `rewrite_from` on is written again and synced: after a failed sync a system may hold bytes in memory, show
    /// them to readers, and never write them (Rebello et al., "Can Applications Recover from fsync Failures?", 2020).
    ///
    /// # Errors
    /// What the system says.
    fn reopen(&self, name: &str, rewrite_from: u64, end: u64, length: u64) -> io::Result<Box<dyn DiskFile>>;
    /// Writes a small file so that either the old or the new content is there after a crash.
    ///
    /// # Errors
    /// What the system says.
    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()>;
}

/// An open file.
pub trait DiskFile: Send {
    /// Writes all bytes at an offset.
    ///
    /// # Errors
    /// What the system says; some of the bytes may have been written.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;
    /// Makes everything written durable (fdatasync). After an error nothing may be assumed of it.
    ///
    /// # Errors
    /// What the system says.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts the file at `end`, durably.
    ///
    /// # Errors
    /// What the system says.
    fn cut(&mut self, end: u64) -> io::Result<()>;
}
