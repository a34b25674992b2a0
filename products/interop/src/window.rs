//! Rows of settlement windows.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use sycee_contract::{Key, Record, Table, TimerId};
use sycee_money::Currency;

use crate::message::{CurrencyTotals, Instruction};

/// Settlement windows, in the network: by number.
pub const WINDOW: Table = 0x0520;
/// A participant's side of a window, in the network: by window and cell.
pub const WINDOW_SIDE: Table = 0x0521;
/// A window in a participant's cell: by network and number.
pub const OWN_WINDOW: Table = 0x0522;
/// Which window is open, in the network: one row.
pub const OPEN_WINDOW: Table = 0x0523;
/// The sums at the end of the last window that was agreed with a peer: by cell.
pub const LAST_TOTALS: Table = 0x0524;
/// Which currencies a peer and this cell have cleared in: by peer.
pub const CURRENCIES: Table = 0x0525;

/// What the network has exchanged at its bank: by currency and the other currency.
pub const EXCHANGED: Table = 0x0526;

/// What the network has exchanged of a currency against another, minor units of the first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct Exchanged {
    /// Given away.
    #[n(0)]
    pub given_minor: u64,
    /// Got.
    #[n(1)]
    pub got_minor: u64,
    /// What was left over when positions were squared: above zero a gain.
    #[n(2)]
    pub result_minor: i64,
}

impl Exchanged {
    /// The key of the row of a pair.
    #[must_use]
    pub fn key(currency: Currency, other: Currency) -> Key {
        Key::new(EXCHANGED).small(currency.numeric()).small(other.numeric())
    }
}

impl Record for Exchanged {
    const TABLE: Table = EXCHANGED;
}

/// Where a window stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum WindowState {
    /// Payments are booked under it.
    #[n(0)]
    Open,
    /// It is closed; the other side's totals are awaited.
    #[n(1)]
    Draining,
    /// Both sides came to the same; instructions are open.
    #[n(2)]
    Agreed,
    /// The two sides came to different sums: people reconcile.
    #[n(3)]
    Disputed,
    /// All instructions are carried out.
    #[n(4)]
    Settled,
}

/// The open window.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OpenWindow {
    /// Its number, from 1.
    #[n(0)]
    pub window: u64,
    /// When it was opened, UTC nanoseconds.
    #[n(1)]
    pub opened_at_ns: u64,
    /// The timer that closes it.
    #[n(2)]
    pub timer: TimerId,
}

impl OpenWindow {
    /// The key of the only row.
    #[must_use]
    pub fn key() -> Key {
        Key::new(OPEN_WINDOW)
    }
}

impl Record for OpenWindow {
    const TABLE: Table = OPEN_WINDOW;
}

/// A window that is closed, in the network.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Window {
    /// Its number.
    #[n(0)]
    pub window: u64,
    /// When it was opened, UTC nanoseconds.
    #[n(1)]
    pub opened_at_ns: u64,
    /// When it closed, UTC nanoseconds.
    #[n(2)]
    pub closed_at_ns: u64,
    /// The business date on which it closed, yyyymmdd.
    #[n(3)]
    pub business_date: u32,
    /// Whose sides there are.
    #[n(4)]
    pub cells: Vec<u16>,
    /// How many sides have not been settled.
    #[n(5)]
    pub open_sides: u32,
}

impl Window {
    /// The key of a window's row.
    #[must_use]
    pub fn key(window: u64) -> Key {
        Key::new(WINDOW).number(window)
    }
}

impl Record for Window {
    const TABLE: Table = WINDOW;
}

/// An instruction and what became of it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct InstructionRow {
    /// What is to be paid.
    #[n(0)]
    pub instruction: Instruction,
    /// The bank's reference, once it is paid.
    #[n(1)]
    pub bank_reference: Option<String>,
    /// When it was paid, UTC nanoseconds.
    #[n(2)]
    pub settled_at_ns: Option<u64>,
}

/// A participant's side of a window, in the network.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct WindowSide {
    /// The window.
    #[n(0)]
    pub window: u64,
    /// The participant.
    #[n(1)]
    pub cell: u16,
    /// Where it stands.
    #[n(2)]
    pub state: WindowState,
    /// What the network had at the window's end, since the link began.
    #[n(3)]
    pub totals: Vec<CurrencyTotals>,
    /// The same at the end of the last window that was agreed before this one: what is paid is the difference.
    #[n(4)]
    pub totals_before: Vec<CurrencyTotals>,
    /// What the participant says.
    #[n(5)]
    pub their_totals: Option<Vec<CurrencyTotals>>,
    /// Its signature over the message that said so.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub signature: Option<Vec<u8>>,
    /// What is to be paid.
    #[n(7)]
    pub instructions: Vec<InstructionRow>,
}

impl WindowSide {
    /// The key of a side's row.
    #[must_use]
    pub fn key(window: u64, cell: u16) -> Key {
        Key::new(WINDOW_SIDE).number(window).small(cell)
    }
}

impl Record for WindowSide {
    const TABLE: Table = WINDOW_SIDE;
}

/// A window in a participant's cell.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OwnWindow {
    /// The window.
    #[n(0)]
    pub window: u64,
    /// The network.
    #[n(1)]
    pub network: u16,
    /// When it was opened, UTC nanoseconds.
    #[n(2)]
    pub opened_at_ns: u64,
    /// When it closed, UTC nanoseconds, by the network's stamp.
    #[n(3)]
    pub closed_at_ns: u64,
    /// Where it stands.
    #[n(4)]
    pub state: WindowState,
    /// What this cell made of it, since the link began.
    #[n(5)]
    pub totals: Vec<CurrencyTotals>,
    /// What the network makes of it.
    #[n(6)]
    pub their_totals: Option<Vec<CurrencyTotals>>,
    /// The network's signature over the message that said so.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub signature: Option<Vec<u8>>,
    /// What is to be paid.
    #[n(8)]
    pub instructions: Vec<InstructionRow>,
}

impl OwnWindow {
    /// The key of a window's row.
    #[must_use]
    pub fn key(network: u16, window: u64) -> Key {
        Key::new(OWN_WINDOW).small(network).number(window)
    }
}

impl Record for OwnWindow {
    const TABLE: Table = OWN_WINDOW;
}

/// The sums of all currencies at the end of the last window that was agreed: kept on both sides.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct LastTotals {
    /// Since the link began.
    #[n(0)]
    pub totals: Vec<CurrencyTotals>,
    /// The window; 0 before the first.
    #[n(1)]
    pub window: u64,
}

impl LastTotals {
    /// The key of a peer's row.
    #[must_use]
    pub fn key(cell: u16) -> Key {
        Key::new(LAST_TOTALS).small(cell)
    }
}

impl Record for LastTotals {
    const TABLE: Table = LAST_TOTALS;
}

/// In which currencies two cells have cleared.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct Currencies {
    /// In the order in which they came.
    #[n(0)]
    pub list: Vec<Currency>,
}

impl Currencies {
    /// The key of a peer's row.
    #[must_use]
    pub fn key(peer: u16) -> Key {
        Key::new(CURRENCIES).small(peer)
    }
}

impl Record for Currencies {
    const TABLE: Table = CURRENCIES;
}
