//! A disk for runs whose journals would fill the memory.

use std::io;

use sycee_engine::disk::{Disk, DiskFile};

/// A disk that takes everything and keeps nothing: a cell on it works, and can never be opened again.
pub(crate) struct ForgetfulDisk;

impl Disk for ForgetfulDisk {
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn read(&self, _: &str) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn create(&self, _: &str, _: u64) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(Nothing))
    }

    fn reopen(&self, _: &str, _: u64, _: u64, _: u64) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(Nothing))
    }

    fn replace(&self, _: &str, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

struct Nothing;

impl DiskFile for Nothing {
    fn write_at(&mut self, _: u64, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn cut(&mut self, _: u64) -> io::Result<()> {
        Ok(())
    }
}
