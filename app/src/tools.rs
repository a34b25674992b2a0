//! `sycee audit` and `sycee replay`: read a data directory, change nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sycee_contract::Products;
use sycee_engine::disk::{Disk, FileDisk};
use sycee_engine::journal::{JournalReader, SegmentHeader};
use sycee_engine::seal::{SealState, check_seal};
use sycee_engine::store::{FjallStore, TableStore};
use sycee_engine::{audit, replay};
use sycee_money::Currency;

use crate::host::CellFolders;

/// The cells in a data directory: folders with a journal.
fn cells(data: &Path) -> Result<Vec<String>, String> {
    let failed = |error: std::io::Error| format!("data directory {}: {error}", data.display());
    let mut cells = Vec::new();
    for entry in std::fs::read_dir(data).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.path().join("journal").is_dir()
            && let Ok(name) = entry.file_name().into_string()
        {
            cells.push(name);
        }
    }
    cells.sort();
    if cells.is_empty() {
        return Err(format!("{} holds no cell", data.display()));
    }
    Ok(cells)
}

/// Whether a server has the data directory open: its tables change while they are copied.
pub(crate) fn is_running(data: &Path) -> bool {
    let lock = std::fs::File::options().read(true).open(data.join("LOCK"));
    lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock)))
}

/// The cell's number, as its journal says; `None` if it has no operation yet.
pub(crate) fn cell_number(disk: &Arc<dyn Disk>) -> Result<Option<u16>, String> {
    let reader = JournalReader::open(Arc::clone(disk), 0).map_err(|error| error.to_string())?;
    let Some(first) = reader.segments().first() else { return Ok(None) };
    let bytes = disk.read(&first.name).map_err(|error| format!("journal file {}: {error}", first.name))?;
    match SegmentHeader::decode(&bytes) {
        Some(header) => Ok(Some(header.cell)),
        // Killed while the very first segment was begun: nothing was acknowledged.
        None if reader.segments().len() == 1 && bytes.iter().all(|byte| *byte == 0) => Ok(None),
        None => Err(format!("journal file {} is damaged at byte 0: the segment header does not check", first.name)),
    }
}

/// Audits a data directory and prints a table. True if all holds.
///
/// # Errors
/// One line: it cannot be read.
pub fn run_audit(data: &Path, products: &Products) -> Result<bool, String> {
    let mut holds = true;
    let running = is_running(data);
    match check_seal(data).map_err(|error| format!("seal: {error}"))? {
        SealState::NotSealed => println!("seal       none: the server runs, or did not stop cleanly"),
        SealState::Intact { files } => println!("seal       intact, {files} files"),
        SealState::Broken(differences) => {
            holds = false;
            println!("seal       BROKEN");
            for difference in differences {
                println!("           {difference}");
            }
        }
    }
    println!(
        "{:<6} {:>12} {:>12} {:>10} {:<4} {:>22} {:>22}",
        "cell", "operations", "movements", "accounts", "cur", "debits", "credits"
    );
    for cell in cells(data)? {
        match audit_cell(data, &cell, products, running) {
            Ok(cell_holds) => holds &= cell_holds,
            Err(error) => {
                holds = false;
                println!("{cell:<6} DAMAGED: {error}");
            }
        }
    }
    println!("{}", if holds { "all holds" } else { "NOT all holds" });
    Ok(holds)
}

fn audit_cell(data: &Path, name: &str, products: &Products, running: bool) -> Result<bool, String> {
    let folders = CellFolders::of(data, name);
    let disk: Arc<dyn Disk> = Arc::new(FileDisk::existing(&folders.journal));
    let Some(cell) = cell_number(&disk)? else {
        println!("{name:<6} {:>12}", 0);
        return Ok(true);
    };
    let copy = if running { None } else { TablesCopy::of(&folders.tables)? };
    let report = audit(disk, cell, products, copy.as_ref().map(|copy| &copy.tables as &dyn TableStore))
        .map_err(|error| error.to_string())?;
    let head = format!("{name:<6} {:>12} {:>12} {:>10}", report.operations, report.movements, report.accounts);
    if report.totals.is_empty() {
        println!("{head}");
    }
    for (index, (currency, (debits, credits))) in report.totals.iter().enumerate() {
        let head = if index == 0 { head.clone() } else { " ".repeat(head.chars().count()) };
        let code = Currency::from_numeric(*currency).map_or("?", |currency| currency.code());
        println!("{head} {code:<4} {debits:>22} {credits:>22}");
    }
    if report.torn_tail {
        println!("       the journal ends with a batch that was never acknowledged; the next start removes it");
    }
    match report.tables_at {
        Some(at) if at < report.operations => {
            println!("       tables agree up to operation {at}; the rest is applied at the next start")
        }
        Some(_) => {}
        None if running => println!("       tables not compared: a server has them open"),
        None => println!("       tables not compared: they hold nothing, or not what the journal has"),
    }
    for finding in &report.findings {
        println!("       {}: {}", finding.invariant, finding.detail);
    }
    Ok(report.findings.is_empty())
}

/// A copy of a folder in the system's temporary directory, removed at the end.
pub(crate) struct FolderCopy(PathBuf);

impl FolderCopy {
    /// Copies a folder.
    pub(crate) fn of(folder: &Path) -> std::io::Result<Self> {
        let unique = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |at| at.as_nanos());
        let copied = Self(std::env::temp_dir().join(format!("sycee-copy-{}-{unique}", std::process::id())));
        copy(folder, &copied.0)?;
        Ok(copied)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for FolderCopy {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("left behind: {}: {error}", self.0.display());
        }
    }
}

/// A copy of the tables, because opening a store may write to it and an audit never writes.
struct TablesCopy {
    tables: FjallStore,
    /// After the tables: they are closed before it is removed.
    _folder: FolderCopy,
}

impl TablesCopy {
    fn of(tables: &Path) -> Result<Option<Self>, String> {
        if !tables.is_dir() {
            return Ok(None);
        }
        let folder = FolderCopy::of(tables)
            .map_err(|error| format!("the tables cannot be copied to the temporary directory: {error}"))?;
        let tables = FjallStore::open(folder.path()).map_err(|error| format!("the tables do not open: {error}"))?;
        Ok(Some(Self { tables, _folder: folder }))
    }
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Decides a data directory's journals again and prints what this binary would do otherwise. True if nothing.
///
/// # Errors
/// One line: a journal cannot be read.
pub fn run_replay(data: &Path, products: &Products) -> Result<bool, String> {
    let mut same = true;
    for cell in cells(data)? {
        let folders = CellFolders::of(data, &cell);
        let disk: Arc<dyn Disk> = Arc::new(FileDisk::existing(&folders.journal));
        let Some(number) = cell_number(&disk)? else { continue };
        let report = replay(disk, number, products).map_err(|error| format!("cell {cell}: {error}"))?;
        let hash: String = report.state_hash.iter().map(|byte| format!("{byte:02x}")).collect();
        println!(
            "{cell}: {} operations decided again, {} differ; state {hash}",
            report.operations,
            report.differences.len()
        );
        for difference in &report.differences {
            println!("  operation {} {}: {}", difference.operation, difference.command, difference.what);
        }
        same &= report.differences.is_empty();
    }
    Ok(same)
}
