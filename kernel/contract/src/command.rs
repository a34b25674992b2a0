//! Commands: what is asked, by whom, under which key.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::{Key, TimerId, cell};

/// The number of a command: product number × 256 + a number of the product's own.
pub type CommandCode = u16;

/// In which role somebody asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum Role {
    /// The operator of the cell, or its staff.
    #[n(0)]
    Operator,
    /// A merchant, through one of its apps or terminals.
    #[n(1)]
    Merchant,
    /// A customer of the wallet.
    #[n(2)]
    Customer,
    /// The cell itself: a timer, a reaction, the result of an effect.
    #[n(3)]
    System,
    /// Another cell, over a link: its messages and its acknowledgements.
    #[n(4)]
    Peer,
}

impl Role {
    /// A stable number, used in keys.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::Operator => 0,
            Self::Merchant => 1,
            Self::Customer => 2,
            Self::System => 3,
            Self::Peer => 4,
        }
    }
}

/// Who asks, as the edge has authenticated it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Caller {
    /// In which role.
    #[n(0)]
    pub role: Role,
    /// The party's number; 0 for the operator and the cell; of a peer, its cell's number.
    #[n(1)]
    pub party: u64,
    /// Who acts for the party, if that is somebody else: a member of a shop's people, by party number.
    #[n(2)]
    pub agent: Option<u64>,
}

impl Caller {
    /// The operator of the cell.
    pub const OPERATOR: Self = Self::new(Role::Operator, 0);
    /// The cell itself.
    pub const SYSTEM: Self = Self::new(Role::System, 0);

    /// A party in a role, who acts for itself.
    #[must_use]
    pub const fn new(role: Role, party: u64) -> Self {
        Self { role, party, agent: None }
    }

    /// A customer.
    #[must_use]
    pub const fn customer(party: u64) -> Self {
        Self::new(Role::Customer, party)
    }

    /// Another cell, by its number.
    #[must_use]
    pub fn peer(cell: u16) -> Self {
        Self { role: Role::Peer, party: u64::from(cell), agent: None }
    }

    /// A merchant.
    #[must_use]
    pub const fn merchant(party: u64) -> Self {
        Self::new(Role::Merchant, party)
    }
}

/// A command as it is queued and kept in the journal.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Command {
    /// Which command.
    #[n(0)]
    pub code: CommandCode,
    /// Who asks.
    #[n(1)]
    pub caller: Caller,
    /// The caller's id for it (law 4). `None` where the protocol has natural keys and the product's state decides, and
    /// for what the cell asks of itself.
    #[n(2)]
    pub id: Option<String>,
    /// The encoded body; its type is the product's.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub body: Vec<u8>,
    /// The timer that fired it: the plan removes its row, even when the command is refused.
    #[n(4)]
    pub timer: Option<TimerId>,
}

impl Command {
    /// The longest id that a caller may choose, bytes.
    pub const MAX_ID_LENGTH: usize = 128;

    /// A command without a key.
    #[must_use]
    pub fn new<T: Encode<()>>(code: CommandCode, caller: Caller, body: &T) -> Self {
        Self { code, caller, id: None, body: crate::encode(body), timer: None }
    }

    /// The same with the caller's id.
    #[must_use]
    pub fn with_id(mut self, id: &str) -> Self {
        self.id = Some(String::from(id));
        self
    }

    /// The product's number.
    #[must_use]
    pub fn product(&self) -> u8 {
        let [product, _] = self.code.to_be_bytes();
        product
    }

    /// The command's number within its product.
    #[must_use]
    pub fn number(&self) -> u8 {
        let [_, number] = self.code.to_be_bytes();
        number
    }

    /// The row under which the answer to this command is kept, if it has a key.
    #[must_use]
    pub fn idempotency_key(&self) -> Option<Key> {
        let id = self.id.as_deref()?;
        Some(
            Key::new(cell::IDEMPOTENCY)
                .small(self.caller.role.number())
                .number(self.caller.party)
                .small(self.code)
                .text(id),
        )
    }
}
