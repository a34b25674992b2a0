//! Effects: what is asked of the outside, and where it stands (law 6).

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::{Key, Operation, Record, Table, cell};

/// How an effect is carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum EffectPolicy {
    /// It binds nobody (a webhook): attempts are not journaled, it is tried by its schedule until it is taken or given up.
    #[n(0)]
    BindsNobody,
    /// It moves money or binds somebody: it is committed as sent before it leaves, and an unknown outcome is asked
    /// about, never guessed.
    #[n(1)]
    Binds,
}

/// Something that the outside is asked to do.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Effect {
    /// What: product number × 256 + a number of the product's own.
    #[n(0)]
    pub kind: u16,
    /// To whom: an address, without secrets.
    #[n(1)]
    pub target: String,
    /// The product's record of it.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub body: Vec<u8>,
    /// How it is carried out.
    #[n(3)]
    pub policy: EffectPolicy,
}

/// Names an effect: the operation that asked for it, and its place in that plan.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
pub struct EffectId {
    /// The operation.
    #[n(0)]
    pub operation: Operation,
    /// The place.
    #[n(1)]
    pub index: u16,
}

impl EffectId {
    /// The key of its row.
    #[must_use]
    pub fn key(self) -> Key {
        Key::new(cell::EFFECT).number(self.operation).small(self.index)
    }

    /// The effect whose row has this key; `None` for any other key.
    #[must_use]
    pub fn from_key(key: &Key) -> Option<Self> {
        if key.table() != cell::EFFECT {
            return None;
        }
        let bytes: [u8; 2] = key.as_bytes().get(10..)?.try_into().ok()?;
        Some(Self { operation: key.number_at(0)?, index: u16::from_be_bytes(bytes) })
    }
}

/// Where an effect stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum EffectState {
    /// Decided, not yet sent.
    #[n(0)]
    Requested,
    /// Committed as sent; it may have left.
    #[n(1)]
    Sent,
    /// The outside has done it.
    #[n(2)]
    Settled,
    /// The outside has confirmed that it was not done and will not be.
    #[n(3)]
    Failed,
    /// The outside has not said; it must be asked.
    #[n(4)]
    Unknown,
}

/// An effect as it is kept until it is settled or failed.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct EffectRecord {
    /// What was asked.
    #[n(0)]
    pub effect: Effect,
    /// Where it stands.
    #[n(1)]
    pub state: EffectState,
    /// When it was asked for, UTC nanoseconds.
    #[n(2)]
    pub requested_at_ns: u64,
}

impl Record for EffectRecord {
    const TABLE: Table = cell::EFFECT;
}
