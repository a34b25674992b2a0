//! Events: what happened, told to other products and to subscribers.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use sycee_money::{Currency, Money};

use crate::Stop;

/// Something that happened. The third seam: the registry asks every product whether it reacts, and a reaction becomes a
/// later command, set as a timer that is due at once in the same plan, so that it is done exactly once.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Event {
    /// What: product number × 256 + a number of the product's own.
    #[n(0)]
    pub kind: u16,
    /// The product's record of it.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub body: Vec<u8>,
}

/// One kind of event of a product, for subscribers: what it is called, whom it concerns and what it says.
#[derive(Clone, Copy, Debug)]
pub struct EventDescriptor {
    /// Product number × 256 + 1 and up, without gaps.
    pub kind: u16,
    /// Its name, in `snake_case`, unique among all products. It stays for ever: subscribers ask for it by name.
    pub name: &'static str,
    /// One sentence that says what has happened.
    pub meaning: &'static str,
    /// What it says, in order.
    pub fields: &'static [EventField],
    /// Reads an event of this kind that happened in the cell of this number.
    ///
    /// # Errors
    /// [`Stop::Broken`]: the body is no record of this kind.
    pub tell: fn(&Event, u16) -> Result<Telling, Stop>,
}

/// One field of what an event says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EventField {
    /// Its name, in `snake_case`.
    pub name: &'static str,
    /// What kind of value it has.
    pub kind: EventFieldKind,
    /// Whether it may be missing.
    pub optional: bool,
    /// What it means.
    pub meaning: &'static str,
}

impl EventField {
    /// A field that is always there.
    #[must_use]
    pub const fn new(name: &'static str, kind: EventFieldKind, meaning: &'static str) -> Self {
        Self { name, kind, optional: false, meaning }
    }

    /// A field that may be missing.
    #[must_use]
    pub const fn optional(name: &'static str, kind: EventFieldKind, meaning: &'static str) -> Self {
        Self { name, kind, optional: true, meaning }
    }
}

/// What kind of value a field of an event has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EventFieldKind {
    /// A party's number.
    Party,
    /// A number by which something is named.
    Id,
    /// An amount with its currency.
    Money,
    /// An instant.
    Time,
    /// One of a few words that stay.
    Word,
    /// A number that people see, as text: a trade number, a merchant's own number.
    Number,
}

/// A value of an event. Never a name, a phone number or any other personal data (law 9).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EventValue {
    /// A party's number.
    Party(u64),
    /// A number by which something is named.
    Id(u64),
    /// An amount with its currency.
    Money(Money),
    /// An instant, UTC nanoseconds.
    Time(u64),
    /// One of a few words that stay.
    Word(&'static str),
    /// A number that people see, as text.
    Number(String),
}

impl EventValue {
    /// Of which kind it is.
    #[must_use]
    pub const fn kind(&self) -> EventFieldKind {
        match self {
            Self::Party(_) => EventFieldKind::Party,
            Self::Id(_) => EventFieldKind::Id,
            Self::Money(_) => EventFieldKind::Money,
            Self::Time(_) => EventFieldKind::Time,
            Self::Word(_) => EventFieldKind::Word,
            Self::Number(_) => EventFieldKind::Number,
        }
    }
}

/// What an event tells, and whom.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Telling {
    /// The parties whom it concerns: each of them may see all of it. Nobody else but the operator's staff may.
    pub concerns: Vec<u64>,
    /// What it says, in the order of its descriptor's fields, without those that are missing.
    pub values: Vec<(&'static str, EventValue)>,
}

impl Telling {
    /// One that concerns these parties. 0, which is nobody (the operator itself), is left out.
    #[must_use]
    pub fn to(parties: &[u64]) -> Self {
        let mut concerns: Vec<u64> = parties.iter().copied().filter(|party| *party != 0).collect();
        concerns.dedup();
        Self { concerns, values: Vec::new() }
    }

    /// The same with one more value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: EventValue) -> Self {
        self.values.push((name, value));
        self
    }

    /// The same with one more value, if it is there.
    #[must_use]
    pub fn with_some(self, name: &'static str, value: Option<EventValue>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The same with an amount.
    #[must_use]
    pub fn with_money(self, name: &'static str, amount: sycee_money::Amount, currency: Currency) -> Self {
        self.with(name, EventValue::Money(Money::new(amount, currency)))
    }
}
