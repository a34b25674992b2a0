//! A cell in memory that is opened again and again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sycee_contract::link::Link;
use sycee_engine::clock::Clock;
use sycee_engine::disk::MemoryDisk;
use sycee_engine::drive::Driven;
use sycee_engine::store::{MemoryStore, StoreError, TableStore};
use sycee_engine::{CellConfig, OpenError, Port, open};

use crate::parcels;

/// A clock that stands still until it is moved.
pub struct HandClock(pub AtomicU64);

impl Clock for HandClock {
    fn now_ns(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// 2026-11-23 00:00 UTC.
pub const START_NS: u64 = 1_795_392_000_000_000_000;

/// Disk, tables and clock of a cell.
pub struct Site {
    pub cell: u16,
    pub disk: MemoryDisk,
    tables: std::cell::RefCell<MemoryStore>,
    pub clock: Arc<HandClock>,
}

impl Site {
    pub fn new(cell: u16) -> Self {
        let clock = Arc::new(HandClock(AtomicU64::new(START_NS)));
        Self { cell, disk: MemoryDisk::new(), tables: std::cell::RefCell::default(), clock }
    }

    pub fn open(&self) -> Result<Driven, OpenError> {
        self.open_by(Arc::clone(&self.clock) as Arc<dyn Clock>)
    }

    pub fn open_by(&self, clock: Arc<dyn Clock>) -> Result<Driven, OpenError> {
        let config = CellConfig {
            cell: self.cell,
            time_zone: "Europe/Paris".into(),
            products: Arc::new(parcels::products()),
            clock,
            disk: Arc::new(self.disk.clone()),
            segment_bytes: 1 << 20,
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

/// How a link stands.
pub fn link(port: &Port, peer: u16) -> Link {
    port.get::<Link>(&Link::key(peer)).unwrap().expect("the link is open")
}
