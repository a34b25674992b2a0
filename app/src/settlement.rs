//! `sycee settlement` and `sycee reconcile`: settlement windows read from a data directory, down to their entries, and two
//! sides' entries compared. Nothing is written.

use std::path::Path;
use std::sync::Arc;

use sycee_contract::{Books, Key, decode};
use sycee_engine::disk::{Disk, FileDisk};
use sycee_engine::journal::JournalReader;
use sycee_engine::{JournalBooks, journal};
use sycee_interop::message::{OwedTo, Payer};
use sycee_interop::record::PaymentName;
use sycee_interop::report::{Break, Line, WindowReport, of_network, of_participant, reconcile};
use sycee_interop::window::{OWN_WINDOW, OwnWindow, WINDOW_SIDE, WindowSide, WindowState};
use sycee_money::Amount;

use crate::host::CellFolders;
use crate::tools;

/// The first line of a list of entries.
const HEAD: &str =
    "stream,currency,place,amount_minor,owed_to,settles,payer_cell,payment,kind,booked_at_ns,in_suspense";

/// What `sycee settlement` is asked.
pub struct Request<'r> {
    /// The data directory.
    pub data: &'r Path,
    /// The cell's name.
    pub cell: &'r str,
    /// Only this window.
    pub window: Option<u64>,
    /// Only the side with this cell; for a participant the network's number.
    pub peer: Option<u16>,
    /// Its entries, as lines for `sycee reconcile`.
    pub entries: bool,
}

/// Prints the windows of a cell, or one of them.
///
/// # Errors
/// One line.
pub fn run(request: &Request<'_>) -> Result<(), String> {
    let books = read(request.data, request.cell)?;
    let mut sides = sides(&books);
    sides.retain(|(window, peer, _)| {
        request.window.is_none_or(|wanted| wanted == *window) && request.peer.is_none_or(|wanted| wanted == *peer)
    });
    if sides.is_empty() {
        return Err(format!("cell {} has no such settlement window", request.cell));
    }
    if request.entries {
        let [(window, peer, is_network)] = sides.as_slice() else {
            return Err("--entries is for one side of one window: name --window and --peer".into());
        };
        let report = report(&books, *window, *peer, *is_network).ok_or("the window's rows do not belong together")?;
        println!("{HEAD}");
        entries(&report).iter().for_each(|line| println!("{line}"));
        return Ok(());
    }
    println!(
        "{:>7} {:>5} {:<9} {:<4} {:>22} {:<28} {:>8}",
        "window", "peer", "state", "cur", "owed to network", "instruction", "entries"
    );
    for (window, peer, is_network) in sides {
        let Some(report) = report(&books, window, peer, is_network) else { continue };
        summary(&report).iter().for_each(|line| println!("{line}"));
    }
    Ok(())
}

/// A cell's books as its journal tells them.
fn read(data: &Path, cell: &str) -> Result<JournalBooks, String> {
    let folders = CellFolders::of(data, cell);
    if !folders.journal.is_dir() {
        return Err(format!("{} has no cell {cell}", data.display()));
    }
    let disk: Arc<dyn Disk> = Arc::new(FileDisk::existing(&folders.journal));
    let number = tools::cell_number(&disk)?.ok_or_else(|| format!("cell {cell} has no operation yet"))?;
    let reader = JournalReader::open(disk, number).map_err(|error| error.to_string())?;
    let mut books = JournalBooks::default();
    let read = reader.read::<journal::JournalError>(1, |entry| {
        books.take(&entry.stamp, &entry.plan);
        Ok(())
    });
    read.map_err(|error| error.to_string())?;
    Ok(books)
}

/// Each side of each window: its number, the peer's, and whether this cell is the network.
fn sides(books: &dyn Books) -> Vec<(u64, u16, bool)> {
    let mut sides = Vec::new();
    books.rows(WINDOW_SIDE, &mut |_: &Key, bytes: &[u8]| {
        sides.extend(decode::<WindowSide>(bytes, "side").ok().map(|side| (side.window, side.cell, true)));
    });
    books.rows(OWN_WINDOW, &mut |_: &Key, bytes: &[u8]| {
        sides.extend(decode::<OwnWindow>(bytes, "window").ok().map(|own| (own.window, own.network, false)));
    });
    sides.sort_unstable();
    sides
}

fn report(books: &dyn Books, window: u64, peer: u16, is_network: bool) -> Option<WindowReport> {
    if is_network { of_network(books, window, peer) } else { of_participant(books, peer, window) }
}

fn summary(report: &WindowReport) -> Vec<String> {
    let state = match report.state {
        WindowState::Open => "open",
        WindowState::Draining => "draining",
        WindowState::Agreed => "agreed",
        WindowState::Disputed => "disputed",
        WindowState::Settled => "settled",
    };
    let head = |currency: &str, net: &str, instruction: &str, entries: usize| {
        format!(
            "{:>7} {:>5} {state:<9} {currency:<4} {net:>22} {instruction:<28} {entries:>8}",
            report.window, report.peer
        )
    };
    if report.currencies.is_empty() {
        return vec![head("", "0", "nothing to pay", 0)];
    }
    let line = |currency: &sycee_interop::report::CurrencyReport| {
        let instruction = currency.instruction.as_ref().map_or_else(
            || "nothing to pay".to_owned(),
            |row| {
                let who = match row.instruction.payer {
                    Payer::Participant => "participant pays",
                    Payer::Network => "network pays",
                };
                let when = if row.settled_at_ns.is_some() {
                    "paid".into()
                } else {
                    format!("by {}", row.instruction.due_date)
                };
                format!("{who}, {when}")
            },
        );
        let entries = currency.from_network.len() + currency.from_participant.len();
        head(currency.currency.code(), &currency.net_minor.to_string(), &instruction, entries)
    };
    report.currencies.iter().map(line).collect()
}

/// The entries of a window, one a line, without the first line.
fn entries(report: &WindowReport) -> Vec<String> {
    let mut lines = Vec::new();
    for currency in &report.currencies {
        for (stream, of) in [("from_network", &currency.from_network), ("from_participant", &currency.from_participant)]
        {
            lines.extend(of.iter().map(|line| format!("{stream},{},{}", currency.currency.code(), text_of(line))));
        }
    }
    lines
}

fn text_of(line: &Line) -> String {
    let owed_to = match line.owed_to {
        OwedTo::Sender => "sender",
        OwedTo::Receiver => "receiver",
    };
    let (origin, payment) =
        line.payment.map_or_else(Default::default, |name| (name.origin.to_string(), name.payment.to_string()));
    let Line { place, amount, settles, kind, at_ns, in_suspense, .. } = *line;
    format!("{place},{},{owed_to},{settles},{origin},{payment},{kind},{at_ns},{in_suspense}", amount.minor())
}

/// Compares two lists of entries and prints where they differ. True if they do not.
///
/// # Errors
/// One line: which file, which line, what is wrong.
pub fn run_reconcile(ours: &Path, theirs: &Path) -> Result<bool, String> {
    let load = |path: &Path| -> Result<Vec<(String, Line)>, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        parse(&text).map_err(|error| format!("{}: {error}", path.display()))
    };
    let breaks = compare(&load(ours)?, &load(theirs)?);
    breaks.iter().for_each(|line| println!("{line}"));
    println!("{}", if breaks.is_empty() { "no break".to_owned() } else { format!("{} breaks", breaks.len()) });
    Ok(breaks.is_empty())
}

fn compare(ours: &[(String, Line)], theirs: &[(String, Line)]) -> Vec<String> {
    let mut streams: Vec<&String> = ours.iter().chain(theirs).map(|(stream, _)| stream).collect();
    streams.sort();
    streams.dedup();
    let mut breaks = Vec::new();
    for stream in streams {
        let of = |list: &[(String, Line)]| -> Vec<Line> {
            list.iter().filter(|(name, _)| name == stream).map(|(_, line)| *line).collect()
        };
        for found in reconcile(&of(ours), &of(theirs)) {
            let (what, ours, theirs) = match found {
                Break::MissingHere { theirs } => ("missing here", None, Some(theirs)),
                Break::MissingThere { ours } => ("missing there", Some(ours), None),
                Break::DifferentAmount { ours, theirs } => ("different amount", Some(ours), Some(theirs)),
                Break::DifferentPayment { ours, theirs } => ("different payment", Some(ours), Some(theirs)),
            };
            let shown = |line: Option<Line>| line.map_or_else(|| "none".into(), |line| text_of(&line));
            breaks.push(format!("{stream}: {what}: ours {} | theirs {}", shown(ours), shown(theirs)));
        }
    }
    breaks
}

/// Reads a list of entries: the stream with its currency, and the entry.
fn parse(text: &str) -> Result<Vec<(String, Line)>, String> {
    let mut lines = text.lines().enumerate();
    if lines.next().is_none_or(|(_, head)| head != HEAD) {
        return Err(format!("line 1: it does not begin with {HEAD}"));
    }
    lines.map(|(index, line)| entry(line).ok_or_else(|| format!("line {}: {line:?} is no entry", index + 1))).collect()
}

fn entry(line: &str) -> Option<(String, Line)> {
    let fields: Vec<&str> = line.split(',').collect();
    let [stream, currency, place, amount, owed_to, settles, origin, payment, kind, at_ns, in_suspense] =
        fields.as_slice()
    else {
        return None;
    };
    let payment = match (*origin, *payment) {
        ("", "") => None,
        (origin, payment) => Some(PaymentName { origin: origin.parse().ok()?, payment: payment.parse().ok()? }),
    };
    let owed_to = match *owed_to {
        "sender" => OwedTo::Sender,
        "receiver" => OwedTo::Receiver,
        _ => return None,
    };
    let line = Line {
        place: place.parse().ok()?,
        amount: Amount::new(amount.parse().ok()?).ok()?,
        owed_to,
        settles: settles.parse().ok()?,
        payment,
        kind: kind.parse().ok()?,
        at_ns: at_ns.parse().ok()?,
        in_suspense: in_suspense.parse().ok()?,
    };
    Some((format!("{stream} {currency}"), line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(lines: &[&str]) -> Vec<(String, Line)> {
        parse(&format!("{HEAD}\n{}\n", lines.join("\n"))).unwrap()
    }

    const FIRST: &str = "from_network,THB,1,47862,sender,false,3,112,1290,1600,false";
    const SECOND: &str = "from_network,THB,2,19145,receiver,false,3,112,1293,1700,false";
    const SETTLED: &str = "from_network,THB,3,28717,receiver,true,,,1303,1800,false";

    #[test]
    fn breaks_name_their_entries() {
        let ours = list(&[FIRST, SECOND, SETTLED]);
        // Booked at another instant there: that is no break.
        let same = list(&[&FIRST.replace("1600", "1650"), SECOND, SETTLED]);
        assert_eq!(compare(&ours, &same), Vec::<String>::new());
        for (theirs, expected) in [
            (vec![FIRST, SETTLED], "missing there: ours 2,19145"),
            (
                vec![FIRST, "from_network,THB,2,19146,receiver,false,3,112,1293,1700,false", SETTLED],
                "different amount: ours 2,19145",
            ),
            (
                vec![FIRST, "from_network,THB,2,19145,receiver,false,3,113,1293,1700,false", SETTLED],
                "different payment",
            ),
            (
                vec![FIRST, SECOND, SETTLED, "from_network,THB,4,5,sender,false,3,9,1290,1,true"],
                "missing here: ours none | theirs 4,5",
            ),
        ] {
            let breaks = compare(&ours, &list(&theirs));
            assert_eq!(breaks.len(), 1, "{breaks:?}");
            assert!(breaks[0].starts_with("from_network THB: ") && breaks[0].contains(expected), "{breaks:?}");
        }
    }

    #[test]
    fn a_line_that_is_no_entry_is_named() {
        assert!(parse("").is_err());
        assert!(parse("x\n").unwrap_err().contains("line 1"));
        for bad in ["", "a,b", &FIRST.replace("sender", "me"), &FIRST.replace("47862", "-1"), &FIRST.replace("112", "")]
        {
            let error = parse(&format!("{HEAD}\n{FIRST}\n{bad}\n")).unwrap_err();
            assert!(error.starts_with("line 3: "), "{bad}: {error}");
        }
    }

    #[test]
    fn what_is_written_is_read() {
        for line in [FIRST, SECOND, SETTLED] {
            let (stream, read) = entry(line).unwrap();
            assert_eq!(format!("{},{}", stream.replace(' ', ","), text_of(&read)), line);
        }
    }
}
