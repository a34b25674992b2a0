//! The real disk.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::Errno;

use super::{Disk, DiskFile};

/// A folder of the file system.
pub struct FileDisk {
    folder: PathBuf,
}

impl FileDisk {
    /// Opens the folder, and makes it if it is not there.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(folder: &Path) -> io::Result<Self> {
        create_durably(folder)?;
        Ok(Self { folder: folder.to_path_buf() })
    }

    /// Opens the folder for reading only: it is not made.
    #[must_use]
    pub fn existing(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf() }
    }

    fn sync_folder(&self) -> io::Result<()> {
        File::open(&self.folder)?.sync_all()
    }
}

impl Disk for FileDisk {
    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_type()?.is_file()
                && let Ok(name) = entry.file_name().into_string()
            {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        std::fs::read(self.folder.join(name))
    }

    fn create(&self, name: &str, length: u64) -> io::Result<Box<dyn DiskFile>> {
        let file = OpenOptions::new().write(true).create_new(true).open(self.folder.join(name))?;
        allocate(&file, length)?;
        file.sync_all()?;
        self.sync_folder()?;
        Ok(Box::new(OpenFile(file)))
    }

    fn reopen(&self, name: &str, rewrite_from: u64, end: u64, length: u64) -> io::Result<Box<dyn DiskFile>> {
        let file = OpenOptions::new().read(true).write(true).open(self.folder.join(name))?;
        file.set_len(end)?;
        let doubtful = end.saturating_sub(rewrite_from);
        let mut bytes = vec![0; usize::try_from(doubtful).map_err(|_| io::ErrorKind::FileTooLarge)?];
        file.read_exact_at(&mut bytes, rewrite_from)?;
        file.write_all_at(&bytes, rewrite_from)?;
        if length > end {
            allocate(&file, length)?;
        }
        file.sync_all()?;
        Ok(Box::new(OpenFile(file)))
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let new = self.folder.join(format!("{name}.new"));
        let mut file = File::create(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&new, self.folder.join(name))?;
        self.sync_folder()
    }
}

/// Allocates a file's space. A file system that cannot is given a file with a hole instead: the disk may then be full in the
/// middle of a write, which stops the cell as any failed write does.
fn allocate(file: &File, length: u64) -> io::Result<()> {
    match fallocate(file, FallocateFlags::empty(), 0, length) {
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => file.set_len(length),
        other => Ok(other?),
    }
}

/// Makes a folder and those above it, and makes their names durable.
///
/// # Errors
/// What the system says.
pub fn create_durably(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    create_durably(parent)?;
    match std::fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    File::open(parent)?.sync_all()
}

struct OpenFile(File);

impl DiskFile for OpenFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn cut(&mut self, end: u64) -> io::Result<()> {
        self.0.set_len(end)?;
        self.0.sync_all()
    }
}
