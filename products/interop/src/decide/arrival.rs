//! A message that has arrived, and the booking of what it says is owed.

use alloc::vec::Vec;

use sycee_contract::{AccountRef, Deciding, Stop};
use sycee_money::Money;

use super::bad_field;
use crate::clearing::{self, Direction, Entry, book_received, move_clearing, suspense_account};
use crate::message::{Clearing, OwedTo};
use crate::purpose;

/// A message that has arrived.
pub(super) struct Arrival {
    /// The cell that sent it.
    pub peer: u16,
    /// Its kind.
    pub kind: u16,
    /// What it says is owed.
    pub clearing: Option<Clearing>,
    /// The peer's signature, if it is evidence.
    pub signature: Option<Vec<u8>>,
    /// Whether it was parked before: then what it says is owed is in suspense.
    pub again: bool,
}

impl Arrival {
    /// Refuses a message of a payment or refund whose clearing is not what its body means.
    pub fn check(&self, money: Money, owed_to: OwedTo) -> Result<(), Stop> {
        self.check_that(money, owed_to, false)
    }

    /// The same for one that pays what was owed.
    pub fn check_settles(&self, money: Money, owed_to: OwedTo) -> Result<(), Stop> {
        self.check_that(money, owed_to, true)
    }

    fn check_that(&self, money: Money, owed_to: OwedTo, settles: bool) -> Result<(), Stop> {
        let says = self.clearing.as_ref().map(|clearing| (clearing.money, clearing.owed_to, clearing.settles));
        let means = (!money.amount.is_zero()).then_some((money, owed_to, settles));
        if says == means { Ok(()) } else { bad_field("clearing") }
    }

    /// Books what it says is owed, against `counter`; `None` when the movement on the clearing account is planned already.
    pub fn book(&self, counter: Option<AccountRef>, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
        let Some(clearing) = &self.clearing else { return Ok(()) };
        if !self.again {
            return book_received(deciding, self.peer, self.kind, clearing, counter, false);
        }
        // It was booked to suspense when it was parked. If the two cells have lost count, its entry is not at the sender's
        // place: nothing is booked a second time, and people look.
        let key = Entry::key(self.peer, clearing.money.currency, Direction::Received, clearing.place);
        let is_its = |entry: &Entry| {
            entry.in_suspense
                && (entry.amount, entry.owed_to, entry.settles)
                    == (clearing.money.amount, clearing.owed_to, clearing.settles)
                && (entry.payment, entry.kind) == (clearing.payment, self.kind)
        };
        let Some(entry) = deciding.get::<Entry>(&key)?.filter(is_its) else { return bad_field("clearing") };
        deciding.put(key, &Entry { in_suspense: false, ..entry });
        let suspense = suspense_account(self.peer, clearing.money.currency);
        match counter {
            // The clearing account moved when the message was parked: only its other side changes.
            Some(counter) => match clearing.owed_to {
                OwedTo::Sender => deciding.transfer(counter, suspense, clearing.money.amount, purpose::CLEARING),
                OwedTo::Receiver => deciding.transfer(suspense, counter, clearing.money.amount, purpose::CLEARING),
            },
            // It has moved twice now: once is taken back.
            None => move_clearing(deciding, self.peer, clearing.money, clearing.owed_to, suspense),
        }
    }

    /// Books what it says is owed, although nobody knows why.
    pub fn book_in_suspense(&self, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
        let Some(clearing) = &self.clearing else { return Ok(()) };
        if clearing.money.amount.is_zero() {
            return Ok(());
        }
        let suspense = suspense_account(self.peer, clearing.money.currency);
        clearing::book_received(deciding, self.peer, self.kind, clearing, Some(suspense), true)
    }
}
