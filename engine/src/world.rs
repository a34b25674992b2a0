//! What edges see: the cells of this process, each with its port, vault and open effects.

use std::sync::Arc;

use sycee_contract::{Key, MarketPack, Products};
use sycee_money::Currency;

use crate::clock::{Clock, TestClock};
use crate::committer::OpenEffects;
use crate::outbound::Faults;
use crate::outbox::Outbox;
use crate::port::Port;
use crate::store::StoreError;
use crate::vault::{NewToken, TokenKind, Vault, VaultError};

/// One cell.
pub struct CellHandle {
    /// Its short name, such as `fr`.
    pub name: String,
    /// Its number, 1 to 99; ids of parties, apps and trades carry it.
    pub number: u16,
    /// Its market's currency.
    pub currency: Currency,
    /// Commands in, durable state out.
    pub port: Arc<Port>,
    /// People's data and secrets.
    pub vault: Arc<Vault>,
    /// What the outside is asked for.
    pub effects: Arc<OpenEffects>,
    /// Messages on their way to other cells.
    pub outbox: Arc<Outbox>,
}

impl CellHandle {
    /// The keyed digest by which rules know a payment code: the same in all cells of a network.
    #[must_use]
    pub fn code_digest(&self, digits: &str) -> [u8; 32] {
        self.vault.code_digest(digits)
    }

    /// Makes a bearer token for a party of this cell: `t`, the cell's number in two digits, and 64 hexadecimal digits.
    ///
    /// # Errors
    /// The vault's.
    pub fn issue_token(&self, party: u64) -> Result<String, VaultError> {
        let prefix = self.token_prefix();
        self.vault.issue(NewToken::new(&prefix, party, TokenKind::Program)).map(|(text, _)| text)
    }

    /// What the text of a token of this cell begins with, by which its reader knows the cell: `t` and the number in two digits.
    #[must_use]
    pub fn token_prefix(&self) -> String {
        format!("t{:02}", self.number)
    }

    /// The market pack in force.
    ///
    /// # Errors
    /// The table store's; [`StoreError`] too if none is installed, which a host does before it opens its doors.
    pub fn market(&self) -> Result<MarketPack, StoreError> {
        let key: Key = MarketPack::key();
        self.port.get(&key)?.ok_or_else(|| StoreError::new(format!("cell {}: no market pack is installed", self.name)))
    }
}

/// All cells of a process.
pub struct World {
    /// The cells.
    pub cells: Vec<Arc<CellHandle>>,
    /// The rules.
    pub products: Arc<Products>,
    /// The clock that all of them follow.
    pub clock: Arc<dyn Clock>,
    /// Faults that a tester has asked for.
    pub faults: Faults,
    /// Whether this is a sandbox: test clock, faults, notifications to loopback addresses.
    pub sandbox: bool,
    /// The clock that a tester can move; `None` in production.
    pub test_clock: Option<TestClock>,
    /// The address under which this server can be reached, such as `http://127.0.0.1:8080`, for links in codes and pages.
    pub base_url: String,
}

impl World {
    /// The cell of this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Arc<CellHandle>> {
        self.cells.iter().find(|cell| cell.name == name)
    }

    /// The cell of this number.
    #[must_use]
    pub fn numbered(&self, number: u16) -> Option<&Arc<CellHandle>> {
        self.cells.iter().find(|cell| cell.number == number)
    }
}
