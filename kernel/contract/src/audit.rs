//! What an independent reader sees of a cell, and what it finds.

use alloc::string::String;

use sycee_ledger::{Account, AccountId};

use crate::{Key, Table};

/// All accounts and rows of a cell at one operation, without the engine's help.
pub trait Books {
    /// Calls `each` for every account.
    fn accounts(&self, each: &mut dyn FnMut(AccountId, &Account));
    /// Calls `each` for every row of a table, in order of keys.
    fn rows(&self, table: Table, each: &mut dyn FnMut(&Key, &[u8]));
    /// One row.
    fn row(&self, key: &Key) -> Option<alloc::vec::Vec<u8>>;
    /// One account.
    fn account(&self, id: AccountId) -> Option<Account>;
}

/// Something that does not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The invariant's name, as in the product's descriptor.
    pub invariant: &'static str,
    /// Where and how it is broken, without personal data.
    pub detail: String,
}

impl Finding {
    /// A finding.
    #[must_use]
    pub fn new(invariant: &'static str, detail: impl Into<String>) -> Self {
        Self { invariant, detail: detail.into() }
    }
}
