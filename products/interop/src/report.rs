//! Settlement reports and reconciliation, read from rows alone: window → net amounts → entries → payments. The ledger is not
//! asked, so a report that agrees with it says something.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use sycee_contract::{Books, Key, Record, decode};
use sycee_money::{Amount, Currency};

use crate::clearing::{Direction, Entry};
use crate::message::{CurrencyTotals, OwedTo, StreamTotals};
use crate::record::{Forwarded, Incoming, Outgoing, PaymentName};
use crate::window::{InstructionRow, OwnWindow, WindowSide, WindowState};

/// An entry of a stream, as a report and a reconciliation show it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line {
    /// Its place in the sender's stream, as far as this cell knows it: two cells' lines of a stream meet by this number.
    pub place: u64,
    /// How much.
    pub amount: Amount,
    /// Who owes more, sender and receiver being those of the stream.
    pub owed_to: OwedTo,
    /// Whether it pays what was owed, and so is no part of a window's net amount.
    pub settles: bool,
    /// The payment, if it is of one.
    pub payment: Option<PaymentName>,
    /// The kind of the message that carried it.
    pub kind: u16,
    /// When it was booked in this cell, UTC nanoseconds.
    pub at_ns: u64,
    /// Whether it is in suspense here.
    pub in_suspense: bool,
}

impl Line {
    fn of(place: u64, entry: &Entry) -> Self {
        Self {
            place: entry.claimed_place.unwrap_or(place),
            amount: entry.amount,
            owed_to: entry.owed_to,
            settles: entry.settles,
            payment: entry.payment,
            kind: entry.kind,
            at_ns: entry.at_ns,
            in_suspense: entry.in_suspense,
        }
    }

    /// What the receiver owes the sender more because of it, minor units; below zero, less.
    #[must_use]
    pub fn owed_to_sender_minor(&self) -> i128 {
        let minor = i128::from(self.amount.minor());
        if self.owed_to == OwedTo::Sender { minor } else { minor.saturating_neg() }
    }
}

/// One currency of a window.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CurrencyReport {
    /// The currency.
    pub currency: Currency,
    /// What the participant owes the network for this window, minor units; below zero, what it is owed. Settlements of other
    /// windows are no part of it.
    pub net_minor: i128,
    /// What is to be paid for it, and whether it was.
    pub instruction: Option<InstructionRow>,
    /// The entries from the network to the participant that are in the window.
    pub from_network: Vec<Line>,
    /// The entries from the participant to the network that are in the window.
    pub from_participant: Vec<Line>,
}

impl CurrencyReport {
    /// The net amount as its lines make it: the same as [`CurrencyReport::net_minor`], or entries are missing.
    #[must_use]
    pub fn net_of_lines_minor(&self) -> i128 {
        let sum = |lines: &[Line]| {
            let traded = lines.iter().filter(|line| !line.settles);
            traded.fold(0_i128, |sum, line| sum.saturating_add(line.owed_to_sender_minor()))
        };
        sum(&self.from_network).saturating_sub(sum(&self.from_participant))
    }

    /// What each payment has added to the net amount, minor units; its refunds are taken off.
    #[must_use]
    pub fn payments(&self) -> BTreeMap<PaymentName, i128> {
        let mut payments: BTreeMap<PaymentName, i128> = BTreeMap::new();
        for (lines, sign) in [(&self.from_network, 1_i128), (&self.from_participant, -1)] {
            for line in lines.iter().filter(|line| !line.settles) {
                if let Some(name) = line.payment {
                    let sum = payments.entry(name).or_default();
                    *sum = sum.saturating_add(line.owed_to_sender_minor().saturating_mul(sign));
                }
            }
        }
        payments
    }
}

/// A window between the network and a participant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WindowReport {
    /// Its number.
    pub window: u64,
    /// The cell on the other side.
    pub peer: u16,
    /// Where it stands.
    pub state: WindowState,
    /// One for each currency in which anything was cleared since the link began.
    pub currencies: Vec<CurrencyReport>,
}

/// A window as the network has it. `None` if there is none of this number, or not with that participant.
#[must_use]
pub fn of_network(books: &dyn Books, window: u64, participant: u16) -> Option<WindowReport> {
    let side: WindowSide = row(books, &WindowSide::key(window, participant))?;
    let directions = (Direction::Sent, Direction::Received);
    let span = Span { peer: participant, before: &side.totals_before, after: &side.totals, directions };
    let currencies = span.currencies(books, &side.instructions);
    Some(WindowReport { window, peer: participant, state: side.state, currencies })
}

/// A window as a participant has it. `None` if there is none of this number.
#[must_use]
pub fn of_participant(books: &dyn Books, network: u16, window: u64) -> Option<WindowReport> {
    let own: OwnWindow = row(books, &OwnWindow::key(network, window))?;
    // One that was disputed is paid with the next that is not: a window begins where the last agreed one ended.
    let mut earlier = (1..window).rev().map_while(|earlier| row::<OwnWindow>(books, &OwnWindow::key(network, earlier)));
    let before = earlier.find(|row| matches!(row.state, WindowState::Agreed | WindowState::Settled));
    let before = before.map(|before| before.totals).unwrap_or_default();
    let directions = (Direction::Received, Direction::Sent);
    let span = Span { peer: network, before: &before, after: &own.totals, directions };
    let currencies = span.currencies(books, &own.instructions);
    Some(WindowReport { window, peer: network, state: own.state, currencies })
}

/// Both ends of a window. The directions are those of the network's and of the participant's stream, seen from this cell.
struct Span<'t> {
    peer: u16,
    before: &'t [CurrencyTotals],
    after: &'t [CurrencyTotals],
    directions: (Direction, Direction),
}

impl Span<'_> {
    fn currencies(&self, books: &dyn Books, instructions: &[InstructionRow]) -> Vec<CurrencyReport> {
        let report = |after: &CurrencyTotals| {
            let currency = after.currency;
            let before = self.before.iter().find(|before| before.currency == currency);
            let (network_before, participant_before) =
                before.map_or_else(Default::default, |before| (before.from_network, before.from_participant));
            let net_minor = traded_minor(network_before, after.from_network)
                .saturating_sub(traded_minor(participant_before, after.from_participant));
            let (of_network, of_participant) = self.directions;
            let between = |direction, before: StreamTotals, after: StreamTotals| {
                lines(books, self.peer, currency, direction, before.count.saturating_add(1), after.count)
            };
            let instruction = instructions.iter().find(|row| row.instruction.money.currency == currency);
            CurrencyReport {
                currency,
                net_minor,
                instruction: instruction.cloned(),
                from_network: between(of_network, network_before, after.from_network),
                from_participant: between(of_participant, participant_before, after.from_participant),
            }
        };
        self.after.iter().map(report).collect()
    }
}

fn traded_minor(before: StreamTotals, after: StreamTotals) -> i128 {
    after.traded_to_sender_minor().saturating_sub(before.traded_to_sender_minor())
}

/// The entries of a stream from one place to another, both included. Those that are not there are left out.
#[must_use]
pub fn lines(
    books: &dyn Books,
    peer: u16,
    currency: Currency,
    direction: Direction,
    first: u64,
    last: u64,
) -> Vec<Line> {
    let entry = |place| {
        let entry: Entry = row(books, &Entry::key(peer, currency, direction, place))?;
        Some(Line::of(place, &entry))
    };
    (first..=last).filter_map(entry).collect()
}

/// What a cell knows of a payment, whichever part it had in it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PaymentDetail {
    /// In the payer's cell.
    pub outgoing: Option<Outgoing>,
    /// In the network.
    pub forwarded: Option<Forwarded>,
    /// In the payee's cell.
    pub incoming: Option<Incoming>,
}

/// A payment of a report, down to its quote. `cell` is the cell whose books these are.
#[must_use]
pub fn payment(books: &dyn Books, cell: u16, name: PaymentName) -> PaymentDetail {
    PaymentDetail {
        outgoing: if name.origin == cell { row(books, &Outgoing::key(name.payment)) } else { None },
        forwarded: row(books, &Forwarded::key(name)),
        incoming: row(books, &Incoming::key(name)),
    }
}

/// Where two cells' accounts of a stream differ. Each names its entries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Break {
    /// They have an entry that we have not.
    MissingHere {
        /// Theirs.
        theirs: Line,
    },
    /// We have an entry that they have not.
    MissingThere {
        /// Ours.
        ours: Line,
    },
    /// Both have it, for different amounts, or owed the other way.
    DifferentAmount {
        /// Ours.
        ours: Line,
        /// Theirs.
        theirs: Line,
    },
    /// Both have it, for different payments or reasons.
    DifferentPayment {
        /// Ours.
        ours: Line,
        /// Theirs.
        theirs: Line,
    },
}

/// Compares two cells' entries of one stream, by their places in the sender's. When they were booked may differ. Of two entries
/// with one place, the later counts as missing on the other side.
#[must_use]
pub fn reconcile(ours: &[Line], theirs: &[Line]) -> Vec<Break> {
    let mut open: BTreeMap<u64, Vec<Line>> = BTreeMap::new();
    for line in theirs.iter().rev() {
        open.entry(line.place).or_default().push(*line);
    }
    let mut breaks: Vec<(u64, Break)> = Vec::new();
    for line in ours {
        let (place, ours) = (line.place, *line);
        match open.get_mut(&place).and_then(Vec::pop) {
            None => breaks.push((place, Break::MissingThere { ours })),
            Some(theirs) if owes(&ours) != owes(&theirs) => {
                breaks.push((place, Break::DifferentAmount { ours, theirs }));
            }
            Some(theirs) if (ours.payment, ours.kind) != (theirs.payment, theirs.kind) => {
                breaks.push((place, Break::DifferentPayment { ours, theirs }));
            }
            Some(_) => {}
        }
    }
    let missing = open.into_iter().flat_map(|(place, lines)| lines.into_iter().rev().map(move |line| (place, line)));
    breaks.extend(missing.map(|(place, theirs)| (place, Break::MissingHere { theirs })));
    breaks.sort_by_key(|(place, _)| *place);
    breaks.into_iter().map(|(_, found)| found).collect()
}

fn owes(line: &Line) -> (Amount, OwedTo, bool) {
    (line.amount, line.owed_to, line.settles)
}

fn row<R: Record>(books: &dyn Books, key: &Key) -> Option<R> {
    decode(&books.row(key)?, "reported row").ok()
}
