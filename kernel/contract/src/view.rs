//! What a decision may read.

use sycee_ledger::{Account, AccountId};

use crate::{Key, MarketPack};

/// The answer to a look-up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lookup<T> {
    /// It is this.
    Found(T),
    /// There is certainly none.
    Absent,
    /// It is not in memory: it must be fetched before the command can be decided.
    NotInMemory,
}

/// The state of the cell before the command, as far as it is in memory.
pub trait View {
    /// The value of a row.
    fn row(&self, key: &Key) -> Lookup<&[u8]>;
    /// An account.
    fn account(&self, id: AccountId) -> Lookup<Account>;
    /// The market pack in force, if the view keeps it decoded: nearly every rule reads it, and decoding it costs more than the rest
    /// of a payment. It says the same as the row. `None` means that the row says it.
    fn market(&self) -> Option<&MarketPack> {
        None
    }
}
