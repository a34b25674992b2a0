//! A disk in memory that can lose power, tear a write, be full and fail to sync.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Disk, DiskFile};

/// What happens to the next write or sync.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DiskFault {
    /// The next write says that the disk is full, after writing this many bytes.
    FullAfter(usize),
    /// The next sync fails.
    SyncFails,
    /// No new file can be made.
    CannotCreate,
}

#[derive(Default)]
struct Content {
    /// What a reader sees now.
    now: Vec<u8>,
    /// What is there after power was lost.
    durable: Vec<u8>,
}

#[derive(Default)]
struct Folder {
    files: BTreeMap<String, Content>,
    fault: Option<DiskFault>,
}

/// A disk in memory; clones share it.
#[derive(Clone, Default)]
pub struct MemoryDisk(Arc<Mutex<Folder>>);

impl MemoryDisk {
    /// An empty disk.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Arms a fault.
    pub fn arm(&self, fault: DiskFault) {
        self.folder().fault = Some(fault);
    }

    /// Power is lost: every file falls back to what was synced, and of what was written after that the first
    /// `kept_bytes` survive, as a torn write does.
    pub fn lose_power(&self, kept_bytes: usize) {
        for content in self.folder().files.values_mut() {
            let Content { now, durable } = content;
            let changed = now.iter().zip(durable.iter()).position(|(a, b)| a != b).unwrap_or(durable.len());
            let end = changed.saturating_add(kept_bytes).min(now.len());
            if durable.len() < end {
                durable.resize(end, 0);
            }
            if changed < end {
                durable[changed..end].copy_from_slice(&now[changed..end]);
            }
            now.clone_from(durable);
        }
    }

    /// Flips one bit of a file.
    pub fn flip_bit(&self, name: &str, byte: usize, bit: u8) {
        if let Some(content) = self.folder().files.get_mut(name)
            && let Some(at) = content.now.get_mut(byte)
        {
            *at ^= 1 << (bit & 7);
            content.durable.clone_from(&content.now);
        }
    }

    fn folder(&self) -> MutexGuard<'_, Folder> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Disk for MemoryDisk {
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.folder().files.keys().cloned().collect())
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let folder = self.folder();
        folder.files.get(name).map(|content| content.now.clone()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn create(&self, name: &str, length: u64) -> io::Result<Box<dyn DiskFile>> {
        let mut folder = self.folder();
        if folder.fault == Some(DiskFault::CannotCreate) {
            folder.fault = None;
            return Err(io::ErrorKind::StorageFull.into());
        }
        if folder.files.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let zeros = vec![0; usize::try_from(length.min(4 << 20)).unwrap_or(0)];
        folder.files.insert(name.to_owned(), Content { now: zeros.clone(), durable: zeros });
        Ok(Box::new(MemoryFile { disk: self.clone(), name: name.to_owned() }))
    }

    fn reopen(&self, name: &str, rewrite_from: u64, end: u64, length: u64) -> io::Result<Box<dyn DiskFile>> {
        let mut folder = self.folder();
        let content = folder.files.get_mut(name).ok_or(io::ErrorKind::NotFound)?;
        let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
        content.now.truncate(at(end));
        content.now.resize(at(length.min(4 << 20).max(end)), 0);
        // As on a real disk after a failed sync: only what is written again is sure to get there.
        let sure = at(rewrite_from).min(content.durable.len()).min(content.now.len());
        let mut durable = content.durable[..sure].to_vec();
        durable.extend_from_slice(&content.now[sure..]);
        content.durable = durable;
        Ok(Box::new(MemoryFile { disk: self.clone(), name: name.to_owned() }))
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.folder().files.insert(name.to_owned(), Content { now: bytes.to_vec(), durable: bytes.to_vec() });
        Ok(())
    }
}

struct MemoryFile {
    disk: MemoryDisk,
    name: String,
}

impl DiskFile for MemoryFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut folder = self.disk.folder();
        let fault = folder.fault;
        let content = folder.files.get_mut(&self.name).ok_or(io::ErrorKind::NotFound)?;
        let take = match fault {
            Some(DiskFault::FullAfter(count)) => count.min(bytes.len()),
            _ => bytes.len(),
        };
        let start = usize::try_from(offset).map_err(|_| io::ErrorKind::InvalidInput)?;
        let end = start.saturating_add(take);
        if content.now.len() < end {
            content.now.resize(end, 0);
        }
        content.now[start..end].copy_from_slice(&bytes[..take]);
        if matches!(fault, Some(DiskFault::FullAfter(_))) {
            folder.fault = None;
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut folder = self.disk.folder();
        if folder.fault == Some(DiskFault::SyncFails) {
            folder.fault = None;
            return Err(io::Error::other("sync failed (injected)"));
        }
        let content = folder.files.get_mut(&self.name).ok_or(io::ErrorKind::NotFound)?;
        content.durable.clone_from(&content.now);
        Ok(())
    }

    fn cut(&mut self, end: u64) -> io::Result<()> {
        let mut folder = self.disk.folder();
        let content = folder.files.get_mut(&self.name).ok_or(io::ErrorKind::NotFound)?;
        content.now.truncate(usize::try_from(end).unwrap_or(usize::MAX));
        content.durable.clone_from(&content.now);
        Ok(())
    }
}
