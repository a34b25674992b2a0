//! What the writer keeps in memory: rows and accounts that are recent or not yet in the tables.
//!
//! Two generations: what is read or written is in the young one or marked; when the young one is full, the old one is dropped
//! except for what was touched since or is not yet in the tables. Whether a key is missing or certainly absent is kept
//! apart: only a fetch, or the removal of the row, says that there is none.

use std::cell::Cell;
use std::hash::Hash;
use std::sync::Arc;

use hashbrown::HashMap;
use sycee_contract::{Key, Lookup, MarketPack, Operation, Stop, View, cell, decode};
use sycee_ledger::{Account, AccountId};

use crate::store::StoredRow;

struct Slot<V> {
    operation: Operation,
    value: Option<V>,
    touched: Cell<bool>,
}

struct Generations<K, V> {
    young: HashMap<K, Slot<V>>,
    old: HashMap<K, Slot<V>>,
}

impl<K: Hash + Eq, V> Generations<K, V> {
    fn new() -> Self {
        Self { young: HashMap::new(), old: HashMap::new() }
    }

    fn get(&self, key: &K) -> Option<&Slot<V>> {
        let slot = self.young.get(key).or_else(|| self.old.get(key))?;
        slot.touched.set(true);
        Some(slot)
    }

    fn set(&mut self, key: K, operation: Operation, value: Option<V>) {
        // An older version in the old generation is shadowed, and dropped with it.
        self.young.insert(key, Slot { operation, value, touched: Cell::new(false) });
    }

    /// Drops the old generation and begins a new young one. What is newer than `applied` is kept.
    fn rotate(&mut self, applied: Operation) {
        let old = std::mem::take(&mut self.old);
        self.old = std::mem::take(&mut self.young);
        for (key, slot) in old {
            if (slot.operation > applied || slot.touched.get()) && !self.old.contains_key(&key) {
                slot.touched.set(false);
                self.old.insert(key, slot);
            }
        }
    }
}

/// A row fetched from the tables: absent if it has no value.
pub type Fetched = (Key, Option<StoredRow>);

/// The writer's memory.
pub struct Memory {
    rows: Generations<Key, Arc<[u8]>>,
    accounts: Generations<AccountId, Account>,
    /// The market pack as its row says it, decoded once for all who read it; `None` while the row was not seen, is not there or
    /// does not decode.
    market: Option<MarketPack>,
    market_key: Key,
    capacity: usize,
    rotations: u64,
}

impl Memory {
    /// An empty memory that keeps about `capacity` rows and accounts.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        let (rows, accounts) = (Generations::new(), Generations::new());
        Self { rows, accounts, market: None, market_key: MarketPack::key(), capacity, rotations: 0 }
    }

    /// How often something was dropped. A fetch that began before a drop is made again: what it read may be older than
    /// what was dropped since.
    #[must_use]
    pub fn rotations(&self) -> u64 {
        self.rotations
    }

    /// Takes a fetched row, unless a newer one is in memory already.
    ///
    /// # Errors
    /// [`Stop::Broken`] if the row of an account does not decode.
    pub fn supply(&mut self, (key, row): Fetched) -> Result<(), Stop> {
        let operation = row.as_ref().map_or(0, |row| row.operation);
        if let Some(id) = cell::account_of_key(&key) {
            if self.accounts.get(&id).is_none() {
                let account = row.map(|row| decode::<Account>(&row.value, "account row")).transpose()?;
                self.accounts.set(id, operation, account);
            }
        } else if self.rows.get(&key).is_none() {
            self.set_row(key, operation, row.map(|row| row.value));
        }
        Ok(())
    }

    /// Sets an account.
    pub fn set_account(&mut self, id: AccountId, operation: Operation, account: Account) {
        self.accounts.set(id, operation, Some(account));
    }

    /// Sets or removes a row.
    pub fn set_row(&mut self, key: Key, operation: Operation, value: Option<Arc<[u8]>>) {
        if key == self.market_key {
            // A row that does not decode is told by whoever reads it.
            self.market = value.as_deref().and_then(|bytes| decode(bytes, "market pack").ok());
        }
        self.rows.set(key, operation, value);
    }

    /// Drops what is old and already in the tables, if memory is full. `applied` is the operation that the tables hold.
    pub fn tidy(&mut self, applied: Operation) {
        if self.rows.young.len() + self.accounts.young.len() > self.capacity / 2 {
            self.rows.rotate(applied);
            self.accounts.rotate(applied);
            self.rotations += 1;
        }
    }

    /// The number of rows and accounts in memory.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.young.len() + self.rows.old.len() + self.accounts.young.len() + self.accounts.old.len()
    }

    /// Whether nothing is in memory.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl View for Memory {
    fn row(&self, key: &Key) -> Lookup<&[u8]> {
        match self.rows.get(key) {
            None => Lookup::NotInMemory,
            Some(Slot { value: None, .. }) => Lookup::Absent,
            Some(Slot { value: Some(value), .. }) => Lookup::Found(value),
        }
    }

    fn account(&self, id: AccountId) -> Lookup<Account> {
        match self.accounts.get(&id) {
            None => Lookup::NotInMemory,
            Some(Slot { value: None, .. }) => Lookup::Absent,
            Some(Slot { value: Some(account), .. }) => Lookup::Found(*account),
        }
    }

    fn market(&self) -> Option<&MarketPack> {
        self.market.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack(merchant_fee_bps: u32) -> MarketPack {
        MarketPack {
            cell: "fr".into(),
            cell_number: 33,
            market: "FR".into(),
            roles: Vec::new(),
            currency: sycee_money::Currency::EUR,
            other_currencies: Vec::new(),
            time_zone: "Europe/Paris".into(),
            pay_code_prefix: "2833".into(),
            mpm_template: 26,
            mpm_guid: "org.sycee.fr".into(),
            kyc_tiers: Vec::new(),
            merchant_fee_bps,
            merchant_fee_returned: true,
            refund_window_days: 365,
            cancel_window_hours: 24,
            order_timeout_minutes: 180,
            order_code_minutes: 120,
            pay_code_seconds: 60,
            holidays: Vec::new(),
            languages: None,
            settlement: None,
            offline_codes: None,
            code_patterns: None,
            network: None,
            effective_from_ns: None,
            provenance: None,
            settlement_calendar: None,
            proof_above: None,
        }
    }

    fn row(merchant_fee_bps: u32) -> Option<Arc<[u8]>> {
        Some(sycee_contract::encode(&pack(merchant_fee_bps)).into())
    }

    #[test]
    fn the_market_pack_that_is_kept_is_what_its_row_says() {
        let mut memory = Memory::new(8);
        let fee = |memory: &Memory| memory.market().map(|pack| pack.merchant_fee_bps);
        assert_eq!(fee(&memory), None, "not seen yet");
        let fetched = StoredRow { operation: 1, value: row(10).unwrap() };
        memory.supply((MarketPack::key(), Some(fetched.clone()))).unwrap();
        assert_eq!(fee(&memory), Some(10));
        memory.set_row(MarketPack::key(), 2, row(20));
        assert_eq!(fee(&memory), Some(20));
        memory.supply((MarketPack::key(), Some(fetched))).unwrap();
        assert_eq!(fee(&memory), Some(20), "a fetched row that is older than what is known changes nothing");
        for number in 0..64 {
            memory.set_row(Key::new(1).number(number), 3, row(30));
            memory.tidy(9);
        }
        assert_eq!(memory.row(&MarketPack::key()), Lookup::NotInMemory);
        assert_eq!(fee(&memory), Some(20), "other rows are others, and what was dropped from memory is still so");
        memory.set_row(MarketPack::key(), 4, Some([0xff].as_slice().into()));
        assert_eq!(fee(&memory), None, "it does not decode");
        memory.set_row(MarketPack::key(), 5, row(50));
        memory.set_row(MarketPack::key(), 6, None);
        assert_eq!(fee(&memory), None, "removed");
    }
}
