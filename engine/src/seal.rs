//! The seal of a cleanly stopped data directory: length and SHA-256 of every file below it, the zero bytes at a file's end left out.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use rustix::fs::{SeekFrom, seek};
use rustix::io::Errno;

/// The name of the seal's file.
pub const SEAL_FILE: &str = "SEAL";
/// Files that are not sealed: the seal itself, and the lock that a running server holds.
const LEFT_OUT: [&str; 3] = [SEAL_FILE, "SEAL.new", "LOCK"];

/// How a data directory compares with its seal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SealState {
    /// There is none: the server runs, was killed, or has never stopped.
    NotSealed,
    /// Every file is as it was when the server stopped.
    Intact {
        /// The number of files.
        files: usize,
    },
    /// These files differ, with how.
    Broken(Vec<String>),
}

fn files_below(folder: &Path, base: &Path, into: &mut BTreeMap<String, PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        // A folder may be a link to another disk; what is neither file nor folder is nobody's data.
        let kind = std::fs::metadata(&path)?;
        if kind.is_dir() && entry.file_name() != "lost+found" {
            files_below(&path, base, into)?;
        } else if kind.is_file() {
            let relative = path.strip_prefix(base).map_err(io::Error::other)?;
            let name = relative.to_str().ok_or_else(|| io::Error::other("a file name is not UTF-8"))?.to_owned();
            if !LEFT_OUT.contains(&name.as_str()) {
                into.insert(name, path);
            }
        }
    }
    Ok(())
}

/// What of a file is hashed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Hashed {
    /// All of it: how seals were written first.
    Whole,
    /// All but the zero bytes at its end. With its length that says as much, and stores keep files of which nearly all is room
    /// that nothing was written to: hashing that took most of the time of a stop.
    WithoutZerosAtEnd,
}

impl Hashed {
    const fn head(self) -> &'static str {
        match self {
            Self::Whole => "sycee-seal-1",
            Self::WithoutZerosAtEnd => "sycee-seal-2",
        }
    }
}

/// Behind which byte nothing was ever written, by what the file system says; the length if it does not say.
fn written_end(file: &File, length: u64) -> u64 {
    let mut end = 0;
    while end < length {
        end = match seek(file, SeekFrom::Data(end)).and_then(|data| seek(file, SeekFrom::Hole(data))) {
            Ok(hole) if hole > end => hole,
            Err(Errno::NXIO) => break,
            _ => return length,
        };
    }
    end.min(length)
}

fn describe(path: &Path, hashed: Hashed) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let end = match hashed {
        Hashed::Whole => length,
        Hashed::WithoutZerosAtEnd => written_end(&file, length),
    };
    file.rewind()?;
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; 1 << 20];
    let (mut left, mut zeros) = (end, 0);
    while left > 0 {
        let room = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let count = file.read(&mut buffer[..room])?;
        if count == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter while it was read"));
        }
        left -= count as u64;
        let kept = match hashed {
            Hashed::Whole => count,
            Hashed::WithoutZerosAtEnd => buffer[..count].iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1),
        };
        if kept > 0 {
            update_zeros(&mut context, zeros);
            context.update(&buffer[..kept]);
            zeros = 0;
        }
        zeros += (count - kept) as u64;
    }
    let mut line = format!("{length} ");
    for byte in context.finish().as_ref() {
        write!(line, "{byte:02x}").map_err(io::Error::other)?;
    }
    Ok(line)
}

/// Hashes so many zero bytes: they stood before something else.
fn update_zeros(context: &mut Context, mut count: u64) {
    let zeros = [0; 4096];
    while count > 0 {
        let part = usize::try_from(count).unwrap_or(usize::MAX).min(zeros.len());
        context.update(&zeros[..part]);
        count -= part as u64;
    }
}

fn describe_all(data: &Path, hashed: Hashed) -> io::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    files_below(data, data, &mut files)?;
    files.into_iter().map(|(name, path)| Ok((name, describe(&path, hashed)?))).collect()
}

/// Seals a data directory that nobody has open.
///
/// # Errors
/// What the system says.
pub fn seal(data: &Path) -> io::Result<()> {
    let hashed = Hashed::WithoutZerosAtEnd;
    let mut text = format!("{}\n", hashed.head());
    for (name, description) in describe_all(data, hashed)? {
        writeln!(text, "{description} {name}").map_err(io::Error::other)?;
    }
    let new = data.join("SEAL.new");
    let mut file = File::create(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(new, data.join(SEAL_FILE))?;
    File::open(data)?.sync_all()
}

/// Removes the seal: the directory is about to change.
///
/// # Errors
/// What the system says.
pub fn break_seal(data: &Path) -> io::Result<()> {
    match std::fs::remove_file(data.join(SEAL_FILE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => File::open(data)?.sync_all(),
    }
}

/// Compares a data directory with its seal.
///
/// # Errors
/// What the system says, or that the seal itself cannot be read.
pub fn check_seal(data: &Path) -> io::Result<SealState> {
    let text = match std::fs::read_to_string(data.join(SEAL_FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(SealState::NotSealed),
        Err(error) => return Err(error),
    };
    let mut lines = text.lines();
    let head = lines.next();
    let known = [Hashed::WithoutZerosAtEnd, Hashed::Whole].into_iter().find(|hashed| head == Some(hashed.head()));
    let Some(hashed) = known else { return Ok(SealState::Broken(vec![format!("{SEAL_FILE}: not a seal")])) };
    let mut sealed: BTreeMap<String, String> = BTreeMap::new();
    for line in lines {
        let mut parts = line.splitn(3, ' ');
        let (Some(length), Some(hash), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
            return Ok(SealState::Broken(vec![format!("{SEAL_FILE}: a line is cut")]));
        };
        sealed.insert(name.to_owned(), format!("{length} {hash}"));
    }
    let now = describe_all(data, hashed)?;
    let mut differences = Vec::new();
    for (name, description) in &sealed {
        match now.get(name) {
            None => differences.push(format!("{name}: missing")),
            Some(found) if found != description => {
                differences.push(format!("{name}: changed since the server stopped"))
            }
            Some(_) => {}
        }
    }
    differences.extend(now.keys().filter(|name| !sealed.contains_key(*name)).map(|name| format!("{name}: not sealed")));
    if differences.is_empty() {
        Ok(SealState::Intact { files: sealed.len() })
    } else {
        Ok(SealState::Broken(differences))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, SeekFrom, Write};

    use super::*;

    /// SHA-256 of `abc` (FIPS 180-2, appendix B.1), and of nothing.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const ROOM: u64 = 8 << 20;

    fn file(folder: &Path, name: &str, parts: &[(u64, &[u8])], length: u64) -> PathBuf {
        let path = folder.join(name);
        let mut file = File::create(&path).unwrap();
        for (at, bytes) in parts {
            file.seek(SeekFrom::Start(*at)).unwrap();
            file.write_all(bytes).unwrap();
        }
        file.set_len(length).unwrap();
        path
    }

    #[test]
    fn room_at_the_end_of_a_file_is_its_length_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        type Row<'a> = (&'a str, &'a [(u64, &'a [u8])], u64, &'a str);
        let table: [Row<'_>; 6] = [
            ("exact", &[(0, b"abc")], 3, ABC),
            ("written zeros", &[(0, b"abc\0\0\0\0")], 7, ABC),
            ("a hole", &[(0, b"abc")], ROOM, ABC),
            ("zeros, then a hole", &[(0, b"abc\0\0")], ROOM, ABC),
            ("nothing", &[], 0, NOTHING),
            ("a hole only", &[], ROOM, NOTHING),
        ];
        for (name, parts, length, hash) in table {
            let path = file(folder.path(), name, parts, length);
            assert_eq!(describe(&path, Hashed::WithoutZerosAtEnd).unwrap(), format!("{length} {hash}"), "{name}");
        }
        // What stands before a byte counts, written or not.
        let holed = file(folder.path(), "holed", &[(0, b"a"), (3 << 20, b"b")], ROOM);
        let whole = file(folder.path(), "whole", &[(0, b"a"), (3 << 20, b"b")], (3 << 20) + 1);
        let hash_of = |text: String| text.split_once(' ').unwrap().1.to_owned();
        let expected = hash_of(describe(&whole, Hashed::Whole).unwrap());
        assert_eq!(hash_of(describe(&holed, Hashed::WithoutZerosAtEnd).unwrap()), expected);
    }

    #[test]
    fn a_byte_written_into_the_room_breaks_the_seal_and_so_does_another_length() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path(), "journal", &[(0, b"abc")], ROOM);
        seal(folder.path()).unwrap();
        assert_eq!(check_seal(folder.path()).unwrap(), SealState::Intact { files: 1 });
        let changed = SealState::Broken(vec!["journal: changed since the server stopped".into()]);
        for (at, bytes, length) in [(ROOM - 1, b"x", ROOM), (2, b"d", ROOM), (0, b"a", ROOM - 1), (0, b"a", ROOM + 1)] {
            file(folder.path(), "journal", &[(0, b"abc"), (at, bytes)], length);
            assert_eq!(check_seal(folder.path()).unwrap(), changed, "{at} {length}");
        }
        file(folder.path(), "journal", &[(0, b"abc")], ROOM);
        assert_eq!(check_seal(folder.path()).unwrap(), SealState::Intact { files: 1 });
        assert!(path.exists());
    }

    #[test]
    fn a_seal_of_the_first_form_is_still_checked() {
        let folder = tempfile::tempdir().unwrap();
        file(folder.path(), "a", &[(0, b"abc")], 3);
        std::fs::write(folder.path().join(SEAL_FILE), format!("sycee-seal-1\n3 {ABC} a\n")).unwrap();
        assert_eq!(check_seal(folder.path()).unwrap(), SealState::Intact { files: 1 });
        std::fs::write(folder.path().join("a"), b"abd").unwrap();
        assert!(matches!(check_seal(folder.path()).unwrap(), SealState::Broken(_)));
        std::fs::write(folder.path().join(SEAL_FILE), "sycee-seal-3\n").unwrap();
        assert!(matches!(check_seal(folder.path()).unwrap(), SealState::Broken(_)));
    }
}
