//! The seal of a cleanly stopped data directory: length and SHA-256 of every file below it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};

/// The name of the seal's file.
pub const SEAL_FILE: &str = "SEAL";
/// Files that are not sealed: the seal itself, and the lock that a running server holds.
const LEFT_OUT: [&str; 3] = [SEAL_FILE, "SEAL.new", "LOCK"];
const HEAD: &str = "sycee-seal-1";

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

fn describe(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; 1 << 20];
    let mut length = 0_u64;
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        length += count as u64;
        context.update(&buffer[..count]);
    }
    let mut line = format!("{length} ");
    for byte in context.finish().as_ref() {
        write!(line, "{byte:02x}").map_err(io::Error::other)?;
    }
    Ok(line)
}

fn describe_all(data: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    files_below(data, data, &mut files)?;
    files.into_iter().map(|(name, path)| Ok((name, describe(&path)?))).collect()
}

/// Seals a data directory that nobody has open.
///
/// # Errors
/// What the system says.
pub fn seal(data: &Path) -> io::Result<()> {
    let mut text = format!("{HEAD}\n");
    for (name, description) in describe_all(data)? {
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
    if lines.next() != Some(HEAD) {
        return Ok(SealState::Broken(vec![format!("{SEAL_FILE}: not a seal")]));
    }
    let mut sealed: BTreeMap<String, String> = BTreeMap::new();
    for line in lines {
        let mut parts = line.splitn(3, ' ');
        let (Some(length), Some(hash), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
            return Ok(SealState::Broken(vec![format!("{SEAL_FILE}: a line is cut")]));
        };
        sealed.insert(name.to_owned(), format!("{length} {hash}"));
    }
    let now = describe_all(data)?;
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
