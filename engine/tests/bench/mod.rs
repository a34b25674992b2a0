//! A cell on a memory disk and memory tables, driven by hand.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sycee_books::command::{BooksKind, NewAccount, OpenAccounts, PostTransfers, TransferItem};
use sycee_contract::{Caller, Command};
use sycee_engine::clock::Clock;
use sycee_engine::disk::MemoryDisk;
use sycee_engine::drive::Driven;
use sycee_engine::store::{MemoryStore, StoreError, TableStore};
use sycee_engine::{CellConfig, OpenError, open};
use sycee_ledger::AccountId;
use sycee_money::{Amount, Currency};

/// A clock that stands still until it is moved.
pub struct HandClock(pub AtomicU64);

impl Clock for HandClock {
    fn now_ns(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Disk, tables and clock of a cell that is opened again and again.
pub struct Site {
    pub disk: MemoryDisk,
    pub tables: std::cell::RefCell<MemoryStore>,
    pub clock: Arc<HandClock>,
    pub segment_bytes: u64,
}

/// 2026-11-23 00:00 UTC.
pub const START_NS: u64 = 1_795_392_000_000_000_000;

impl Site {
    pub fn new() -> Self {
        Self {
            disk: MemoryDisk::new(),
            tables: std::cell::RefCell::default(),
            clock: Arc::new(HandClock(AtomicU64::new(START_NS))),
            segment_bytes: 1 << 20,
        }
    }

    pub fn open(&self) -> Result<Driven, OpenError> {
        let config = CellConfig {
            cell: 7,
            time_zone: "Europe/Paris".into(),
            products: Arc::new(sycee_registry::products()),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            disk: Arc::new(self.disk.clone()),
            segment_bytes: self.segment_bytes,
        };
        let tables = |empty_first: bool| -> Result<Arc<dyn TableStore>, StoreError> {
            if empty_first {
                self.tables.replace(MemoryStore::new());
            }
            Ok(Arc::new(self.tables.borrow().clone()))
        };
        Ok(Driven::new(open(config, &tables)?))
    }
}

pub fn account(sub: u32) -> AccountId {
    sycee_books::account_id(BooksKind::General, Currency::EUR, sub)
}

/// Opens the general accounts 1 to `count`.
pub fn open_accounts(count: u32) -> Command {
    let account = |sub| NewAccount { sub, kind: BooksKind::General, currency: Currency::EUR };
    let body = OpenAccounts { accounts: (1..=count).map(account).collect() };
    Command::new(sycee_books::OPEN_ACCOUNTS, Caller::OPERATOR, &body).with_id("accounts")
}

/// Moves `minor` from one general account to another.
pub fn transfer(from: u32, to: u32, minor: u64) -> Command {
    let amount = Amount::new(minor).expect("a small amount");
    let item = TransferItem { debit: account(from), credit: account(to), amount, code: 1, linked: false };
    Command::new(sycee_books::POST_TRANSFERS, Caller::OPERATOR, &PostTransfers { items: vec![item] })
}

/// Posted credits of an account, as a reader sees them.
pub fn credits(driven: &Driven, sub: u32) -> u64 {
    let point = driven.port().begin_read();
    point.account(account(sub)).expect("tables answer").map_or(0, |account| account.credits_posted_minor)
}

/// All timers, as a reader sees them.
#[allow(dead_code)] // not every test file looks at timers
pub fn timers(driven: &Driven) -> BTreeSet<Vec<u8>> {
    let rows = driven.port().begin_read().all_rows(sycee_contract::cell::TIMER).expect("tables answer");
    rows.into_iter().map(|(key, _)| key.as_bytes().to_vec()).collect()
}
