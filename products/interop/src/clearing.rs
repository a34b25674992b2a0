//! Clearing: who owes whom, entry by entry, so that two cells' books mirror each other.
//!
//! Every movement on a clearing account belongs to exactly one message. The sender books it in the plan that sends the
//! message, the receiver in the plan that applies it. Both number the entries of a stream (from one cell to the other, in
//! one currency) and add them up. As messages are applied in order and once, the two cells' sums of a stream are equal at
//! equal counts, and what differs between them is on its way.

use minicbor::{Decode, Encode};
use sycee_contract::{AccountRef, Deciding, Key, Record, Stop, Table};
use sycee_ledger::OPERATOR;
use sycee_money::{Amount, Currency, Money};

use crate::message::{Clearing, Envelope, OwedTo, StreamTotals};
use crate::purpose;
use crate::record::PaymentName;
use crate::window::Currencies;

/// Entries of clearing: by peer, currency, direction and place.
pub const ENTRY: Table = 0x0510;
/// Sums of clearing: by peer and currency.
pub const TALLY: Table = 0x0511;

pub use sycee_wallet::{CLEARING, SUSPENSE};

/// The account of what a peer owes us; below zero, what we owe it.
#[must_use]
pub fn clearing_account(peer: u16, currency: Currency) -> AccountRef {
    AccountRef::with_sub(&CLEARING, OPERATOR, currency, u32::from(peer))
}

/// The account of what is booked with a peer and not understood.
#[must_use]
pub fn suspense_account(peer: u16, currency: Currency) -> AccountRef {
    AccountRef::with_sub(&SUSPENSE, OPERATOR, currency, u32::from(peer))
}

/// Which way a stream goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum Direction {
    /// From us to the peer.
    #[n(0)]
    Sent,
    /// From the peer to us.
    #[n(1)]
    Received,
}

impl Direction {
    const fn number(self) -> u16 {
        match self {
            Self::Sent => 0,
            Self::Received => 1,
        }
    }
}

/// One entry of a stream.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Entry {
    /// How much.
    #[n(0)]
    pub amount: Amount,
    /// Who owes more, sender and receiver being those of the stream.
    #[n(1)]
    pub owed_to: OwedTo,
    /// Whether it pays what was owed.
    #[n(2)]
    pub settles: bool,
    /// The payment, if it is of one.
    #[n(3)]
    pub payment: Option<PaymentName>,
    /// The kind of the message that carried it.
    #[n(4)]
    pub kind: u16,
    /// When it was booked here, UTC nanoseconds.
    #[n(5)]
    pub at_ns: u64,
    /// The stream's sums with it.
    #[n(6)]
    pub totals: StreamTotals,
    /// Whether it is in suspense because its message was not understood.
    #[n(7)]
    pub in_suspense: bool,
    /// The sender's own place of it, if that is not this one: then the two cells have lost count.
    #[n(8)]
    pub claimed_place: Option<u64>,
}

impl Entry {
    /// The key of an entry's row.
    #[must_use]
    pub fn key(peer: u16, currency: Currency, direction: Direction, place: u64) -> Key {
        Self::stream(peer, currency, direction).number(place)
    }

    /// What the keys of a stream's entries begin with.
    #[must_use]
    pub fn stream(peer: u16, currency: Currency, direction: Direction) -> Key {
        Key::new(ENTRY).small(peer).small(currency.numeric()).small(direction.number())
    }
}

impl Record for Entry {
    const TABLE: Table = ENTRY;
}

/// The sums of both streams with a peer in a currency.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct Tally {
    /// From us to the peer.
    #[n(0)]
    pub sent: StreamTotals,
    /// From the peer to us.
    #[n(1)]
    pub received: StreamTotals,
}

impl Tally {
    /// The key of the row of a peer and a currency.
    #[must_use]
    pub fn key(peer: u16, currency: Currency) -> Key {
        Key::new(TALLY).small(peer).small(currency.numeric())
    }

    /// What the peer owes us by these sums, minor units; below zero, what we owe it.
    #[must_use]
    pub fn owed_to_us_minor(&self) -> i128 {
        self.sent.net_to_sender_minor().saturating_sub(self.received.net_to_sender_minor())
    }
}

impl Record for Tally {
    const TABLE: Table = TALLY;
}

impl StreamTotals {
    /// What the receiver owes the sender by this stream, minor units, settlements included.
    #[must_use]
    pub fn net_to_sender_minor(&self) -> i128 {
        self.traded_to_sender_minor()
            .saturating_add(i128::from(self.settled_to_sender_minor))
            .saturating_sub(i128::from(self.settled_to_receiver_minor))
    }

    /// The same without settlements: what a window's net amount is made of.
    #[must_use]
    pub fn traded_to_sender_minor(&self) -> i128 {
        i128::from(self.owed_to_sender_minor).saturating_sub(i128::from(self.owed_to_receiver_minor))
    }

    fn with(mut self, amount: Amount, owed_to: OwedTo, settles: bool) -> Result<Self, Stop> {
        const FULL: Stop = Stop::Broken("the sums of a clearing stream are full");
        let sum = match (owed_to, settles) {
            (OwedTo::Sender, false) => &mut self.owed_to_sender_minor,
            (OwedTo::Receiver, false) => &mut self.owed_to_receiver_minor,
            (OwedTo::Sender, true) => &mut self.settled_to_sender_minor,
            (OwedTo::Receiver, true) => &mut self.settled_to_receiver_minor,
        };
        *sum = sum.checked_add(amount.minor()).ok_or(FULL)?;
        self.count = self.count.checked_add(1).ok_or(FULL)?;
        Ok(self)
    }
}

/// Something owed because of a message that is about to be sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owing {
    /// How much.
    pub money: Money,
    /// Who owes more.
    pub owed_to: OwedTo,
    /// Whether it pays what was owed.
    pub settles: bool,
    /// The payment.
    pub payment: Option<PaymentName>,
    /// The account on the other side of the clearing account; `None` when the movement is planned already.
    pub counter: Option<AccountRef>,
}

/// Sends a message that owes nobody anything.
pub(crate) fn send<M: Encode<()>>(
    deciding: &mut Deciding<'_>,
    peer: u16,
    kind: u16,
    body: &M,
    evidence: bool,
) -> Result<(), Stop> {
    let envelope = Envelope { clearing: None, body: sycee_contract::encode(body) };
    deciding.send(peer, kind, &envelope, evidence)?;
    Ok(())
}

/// Sends a message, and books what is owed because of it. Nothing is booked for an amount of zero.
pub(crate) fn send_owing<M: Encode<()>>(
    deciding: &mut Deciding<'_>,
    peer: u16,
    kind: u16,
    body: &M,
    evidence: bool,
    owing: Owing,
) -> Result<(), Stop> {
    let Owing { money, owed_to, settles, payment, counter } = owing;
    if money.amount.is_zero() {
        return send(deciding, peer, kind, body, evidence);
    }
    if let Some(counter) = counter {
        move_clearing(deciding, peer, money, owed_to, counter)?;
    }
    let place = enter(deciding, peer, Direction::Sent, kind, &Owed { money, owed_to, settles, payment }, None, false)?;
    let clearing = Clearing { money, owed_to, settles, place, payment };
    let envelope = Envelope { clearing: Some(clearing), body: sycee_contract::encode(body) };
    deciding.send(peer, kind, &envelope, evidence)?;
    Ok(())
}

/// Books what a received message says is owed, against `counter`; `None` when the movement is planned already.
pub(crate) fn book_received(
    deciding: &mut Deciding<'_>,
    peer: u16,
    kind: u16,
    clearing: &Clearing,
    counter: Option<AccountRef>,
    in_suspense: bool,
) -> Result<(), Stop> {
    let Clearing { money, owed_to, settles, place, payment } = *clearing;
    if let Some(counter) = counter {
        // Seen from the receiver, what is owed to the sender is owed to the peer.
        let seen = match owed_to {
            OwedTo::Sender => OwedTo::Receiver,
            OwedTo::Receiver => OwedTo::Sender,
        };
        move_clearing(deciding, peer, money, seen, counter)?;
    }
    let owed = Owed { money, owed_to, settles, payment };
    enter(deciding, peer, Direction::Received, kind, &owed, Some(place), in_suspense)?;
    Ok(())
}

/// Moves money between the clearing account and `counter`: debits clearing when `owed_to` is us (`Sender`).
pub(crate) fn move_clearing(
    deciding: &mut Deciding<'_>,
    peer: u16,
    money: Money,
    owed_to: OwedTo,
    counter: AccountRef,
) -> Result<(), Stop> {
    let clearing = clearing_account(peer, money.currency);
    match owed_to {
        OwedTo::Sender => deciding.transfer(clearing, counter, money.amount, purpose::CLEARING),
        OwedTo::Receiver => deciding.transfer(counter, clearing, money.amount, purpose::CLEARING),
    }
}

struct Owed {
    money: Money,
    owed_to: OwedTo,
    settles: bool,
    payment: Option<PaymentName>,
}

/// Writes an entry and the sums; gives back its place.
fn enter(
    deciding: &mut Deciding<'_>,
    peer: u16,
    direction: Direction,
    kind: u16,
    owed: &Owed,
    claimed: Option<u64>,
    in_suspense: bool,
) -> Result<u64, Stop> {
    let key = Tally::key(peer, owed.money.currency);
    let mut tally = deciding.get::<Tally>(&key)?.unwrap_or_default();
    if tally == Tally::default() {
        let key = Currencies::key(peer);
        let mut currencies = deciding.get::<Currencies>(&key)?.unwrap_or_default();
        currencies.list.push(owed.money.currency);
        deciding.put(key, &currencies);
    }
    let totals = match direction {
        Direction::Sent => &mut tally.sent,
        Direction::Received => &mut tally.received,
    };
    *totals = totals.with(owed.money.amount, owed.owed_to, owed.settles)?;
    let totals = *totals;
    let entry = Entry {
        amount: owed.money.amount,
        owed_to: owed.owed_to,
        settles: owed.settles,
        payment: owed.payment,
        kind,
        at_ns: deciding.stamp().time_ns,
        totals,
        in_suspense,
        claimed_place: claimed.filter(|place| *place != totals.count),
    };
    deciding.put(key, &tally);
    deciding.put(Entry::key(peer, owed.money.currency, direction, totals.count), &entry);
    Ok(totals.count)
}
