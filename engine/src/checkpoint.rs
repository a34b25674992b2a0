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

    /// Reads it; operation 0 if there is none yet. `None` if it is damaged: nobody knows what the tables had promised, and
    /// they must be rebuilt from the journal.
    ///
    /// # Errors
    /// What the disk says.
    pub fn read(disk: &dyn Disk) -> io::Result<Option<Self>> {
        match disk.read(FILE) {
            Ok(bytes) => Ok(Self::parse(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Some(Self { operation: 0 })),
            Err(error) => Err(error),
        }
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
