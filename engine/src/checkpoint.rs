//! The checkpoint: which operation the tables hold for certain.

use std::io;

use sycee_contract::Operation;
use xxhash_rust::xxh3::xxh3_64;

use crate::disk::Disk;

/// A promise of the tables, kept beside the journal. Tables that hold less than it says have lost rows and are rebuilt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// The operation.
    pub operation: Operation,
}

const FILE: &str = "checkpoint";

impl Checkpoint {
    /// Writes it.
    ///
    /// # Errors
    /// What the disk says.
    pub fn write(&self, disk: &dyn Disk) -> io::Result<()> {
        let line = format!("tables hold operation {}", self.operation);
        disk.replace(FILE, format!("{line}\nchecksum {:016x}\n", xxh3_64(line.as_bytes())).as_bytes())
    }

    /// Reads it; operation 0 if there is none yet. One that does not check promises nothing that could be relied on, so
    /// it is an error and not a zero.
    ///
    /// # Errors
    /// What the disk says, or that the file is damaged.
    pub fn read(disk: &dyn Disk) -> io::Result<Self> {
        let bytes = match disk.read(FILE) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self { operation: 0 }),
            Err(error) => return Err(error),
        };
        Self::parse(&bytes).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                "the file 'checkpoint' is damaged; remove it to rebuild the tables",
            )
        })
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let (line, rest) = text.split_once('\n')?;
        let checksum = rest.strip_prefix("checksum ")?.strip_suffix('\n')?;
        if u64::from_str_radix(checksum, 16).ok()? != xxh3_64(line.as_bytes()) {
            return None;
        }
        Some(Self { operation: line.strip_prefix("tables hold operation ")?.parse().ok()? })
    }
}
