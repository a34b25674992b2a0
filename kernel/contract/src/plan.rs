//! Plans: all that a decided command changes. Applying a plan needs no rule.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use sycee_ledger::{AccountClass, AccountId, Limit, Movement};

use crate::{Effect, Event, Key};

/// An account that begins with this plan.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct AccountOpening {
    /// Which.
    #[n(0)]
    pub account: AccountId,
    /// What it counts.
    #[n(1)]
    pub class: AccountClass,
    /// How far it may go.
    #[n(2)]
    pub limit: Limit,
}

/// A row that is written or removed.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct RowChange {
    /// Which.
    #[n(0)]
    pub key: Key,
    /// Its new value; `None` removes it.
    #[n(1)]
    pub value: Option<minicbor::bytes::ByteVec>,
}

/// All that one operation changes. Everything in it happens, or nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct Plan {
    /// Accounts that begin, before the movements.
    #[n(0)]
    pub openings: Vec<AccountOpening>,
    /// Movements, in order.
    #[n(1)]
    pub movements: Vec<Movement>,
    /// Rows written and removed, sorted by key, each key once.
    #[n(2)]
    pub rows: Vec<RowChange>,
    /// What the outside is asked for.
    #[n(3)]
    pub effects: Vec<Effect>,
    /// What happened, for reactions and subscribers.
    #[n(4)]
    pub events: Vec<Event>,
}

impl Plan {
    /// The accounts that its movements touch, with repetition.
    pub fn accounts(&self) -> impl Iterator<Item = AccountId> + '_ {
        self.movements.iter().flat_map(|movement| [movement.debit(), movement.credit()])
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.openings.is_empty()
            && self.movements.is_empty()
            && self.rows.is_empty()
            && self.effects.is_empty()
            && self.events.is_empty()
    }
}
