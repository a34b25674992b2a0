//! `sycee market dry-run`: what a cell would have decided with another pack. It reads the journal and writes nothing.
//!
//! Every command of the journal is decided twice on the state that it met: with the pack that was in force then, and
//! with the new one. What differs is the pack's doing, whatever this binary's rules are. The journal's own plans are
//! applied, so each decision is judged by itself: what a refusal would have changed for later commands is not
//! followed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use sycee_contract::{
    Answer, Key, Lookup, MarketPack, Outcome, Plan, Products, RefusalCode, State, View, apply, cell, decide, decode,
    encode,
};
use sycee_engine::disk::{Disk, FileDisk};
use sycee_engine::journal::{Entry, JournalError, JournalReader};
use sycee_ledger::{Account, AccountId};

use super::check::checked;
use crate::host::CellFolders;

/// How many differences are listed one by one.
const EXAMPLES: usize = 20;

/// The cell's state in memory.
#[derive(Default)]
struct Whole {
    accounts: BTreeMap<AccountId, Account>,
    rows: BTreeMap<Key, Vec<u8>>,
}

impl View for Whole {
    fn row(&self, key: &Key) -> Lookup<&[u8]> {
        self.rows.get(key).map_or(Lookup::Absent, |value| Lookup::Found(value))
    }

    fn account(&self, id: AccountId) -> Lookup<Account> {
        self.accounts.get(&id).map_or(Lookup::Absent, |account| Lookup::Found(*account))
    }
}

impl State for Whole {
    fn account(&self, id: AccountId) -> Option<Account> {
        self.accounts.get(&id).copied()
    }

    fn set_account(&mut self, id: AccountId, account: Account) {
        self.accounts.insert(id, account);
    }

    fn set_row(&mut self, key: Key, value: Option<Vec<u8>>) {
        match value {
            Some(value) => self.rows.insert(key, value),
            None => self.rows.remove(&key),
        };
    }
}

/// The same state with another pack, once the cell has one.
struct WithPack<'w> {
    whole: &'w Whole,
    pack: &'w [u8],
}

impl View for WithPack<'_> {
    fn row(&self, key: &Key) -> Lookup<&[u8]> {
        match View::row(self.whole, key) {
            Lookup::Found(_) if key.table() == cell::MARKET => Lookup::Found(self.pack),
            found => found,
        }
    }

    fn account(&self, id: AccountId) -> Lookup<Account> {
        View::account(self.whole, id)
    }
}

/// What the new pack would have changed.
#[derive(Default)]
pub struct DryRunReport {
    /// Operations decided with both packs.
    pub operations: u64,
    /// How many would have come to something else, by what it is.
    pub counts: BTreeMap<String, u64>,
    /// The first of them.
    pub examples: Vec<String>,
}

impl DryRunReport {
    /// The report as people read it.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        let differ: u64 = self.counts.values().sum();
        let _infallible = writeln!(out, "{} operations decided with both packs, {differ} differ", self.operations);
        for (what, count) in &self.counts {
            let _infallible = writeln!(out, "  {count:>10} {what}");
        }
        for example in &self.examples {
            let _infallible = writeln!(out, "  {example}");
        }
        out
    }
}

/// Decides the journal of the pack's cell below `data` with the pack in `file`, and prints what differs. True if
/// nothing.
///
/// # Errors
/// The pack is wrong (`FILE:LINE: reason`) or not this cell's, or the journal cannot be read.
pub fn run(file: &Path, data: &Path, products: &Products) -> Result<bool, String> {
    let checked = checked(file)?;
    let pack = super::with_provenance(checked.pack, &super::read_text(file)?, None);
    let folders = CellFolders::of(data, &pack.cell);
    if !folders.journal.is_dir() {
        return Err(format!("{} holds no cell {}", data.display(), pack.cell));
    }
    let disk: Arc<dyn Disk> = Arc::new(FileDisk::existing(&folders.journal));
    let report = dry_run(disk, &pack, products)?;
    print!("cell {}: {}", pack.cell, report.text());
    Ok(report.counts.is_empty())
}

/// The same over a journal.
///
/// # Errors
/// As [`run`].
pub fn dry_run(disk: Arc<dyn Disk>, pack: &MarketPack, products: &Products) -> Result<DryRunReport, String> {
    let failed = |error: JournalError| error.to_string();
    let reader = JournalReader::open(disk, pack.cell_number).map_err(failed)?;
    let encoded = encode(pack);
    let mut state = Whole::default();
    let mut report = DryRunReport::default();
    reader
        .read(1, |entry| {
            fits(&state, pack)?;
            judge(&entry, &state, &encoded, products, &mut report);
            apply(&entry.plan, &entry.stamp, &mut state)
                .map_err(|_| Failed(format!("operation {} does not fit the state before it", entry.stamp.operation)))
        })
        .map_err(|Failed(reason)| reason)?;
    Ok(report)
}

/// A failure of reading or of the pack, as one line.
struct Failed(String);

impl From<JournalError> for Failed {
    fn from(error: JournalError) -> Self {
        Self(error.to_string())
    }
}

fn fits(state: &Whole, pack: &MarketPack) -> Result<(), Failed> {
    let Some(row) = state.rows.get(&MarketPack::key()) else { return Ok(()) };
    match decode::<MarketPack>(row, "market") {
        Ok(before) if before.currency == pack.currency => Ok(()),
        Ok(before) => Err(Failed(format!(
            "the cell's currency is {}, the pack's is {}",
            before.currency.code(),
            pack.currency.code()
        ))),
        Err(_) => Err(Failed("the pack in force does not decode".into())),
    }
}

fn judge(entry: &Entry, state: &Whole, pack: &[u8], products: &Products, report: &mut DryRunReport) {
    if matches!(entry.command.code, cell::INSTALL_MARKET | cell::ACTIVATE_MARKET) {
        return;
    }
    report.operations += 1;
    let before = decide(products, &entry.command, entry.stamp, state);
    let after = decide(products, &entry.command, entry.stamp, &WithPack { whole: state, pack });
    if before == after {
        return;
    }
    let Some(what) = difference(&before, &after, products) else { return };
    let code = entry.command.code;
    let name = products.command(code).map_or_else(
        || format!("command {code}"),
        |(product, command)| format!("{}.{}", product.descriptor().name, command.name),
    );
    if report.examples.len() < EXAMPLES {
        report.examples.push(format!("operation {} {name}: {what}", entry.stamp.operation));
    }
    *report.counts.entry(format!("{name}: {what}")).or_default() += 1;
}

/// What differs, without details: those may name people and amounts.
fn difference(before: &Outcome, after: &Outcome, products: &Products) -> Option<String> {
    let refused = |outcome: &Outcome| match outcome {
        Outcome::Refused(refusal) => Some(refusal_name(refusal.code, products)),
        Outcome::Planned(_, Answer::Refused(refusal)) => Some(refusal_name(refusal.code, products)),
        Outcome::Broken(what) => Some(format!("quarantine ({what})")),
        Outcome::Planned(..) | Outcome::Repeated(..) | Outcome::Need(_) => None,
    };
    match (refused(before), refused(after)) {
        (None, Some(name)) => Some(format!("would be refused, {name}")),
        (Some(name), None) => Some(format!("would be done, was refused, {name}")),
        (Some(was), Some(is)) if was != is => Some(format!("would be refused, {is}, was refused, {was}")),
        // The same refusal for another figure.
        (Some(_), Some(_)) => None,
        (None, None) => match (before, after) {
            (Outcome::Planned(was, _), Outcome::Planned(is, _)) => {
                Some(format!("would be done with other {}", parts(was, is)))
            }
            _ => Some("would be answered otherwise".into()),
        },
    }
}

fn parts(was: &Plan, is: &Plan) -> String {
    let parts = [
        ("movements", was.movements != is.movements),
        ("accounts", was.openings != is.openings),
        ("rows", was.rows != is.rows),
        ("effects", was.effects != is.effects),
        ("events", was.events != is.events),
    ];
    let named: Vec<&str> = parts.iter().filter(|(_, differs)| *differs).map(|(name, _)| *name).collect();
    if named.is_empty() { "answer".into() } else { named.join(", ") }
}

fn refusal_name(code: RefusalCode, products: &Products) -> String {
    products.refusal(code).map_or_else(|| code.to_string(), |refusal| refusal.name.to_owned())
}
