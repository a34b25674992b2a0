//! A cell as the simulator has it: what survives a kill (disk, tables), and the machine that does not.

use std::sync::Arc;

use minicbor::Decode;
use sycee_contract::{Books, Command, Finding, Key, Product, Products, Record, Refusal, decode};
use sycee_engine::clock::Clock;
use sycee_engine::disk::{Disk, DiskFault, MemoryDisk};
use sycee_engine::drive::Driven;
use sycee_engine::store::{StoreError, TableStore};
use sycee_engine::{CellConfig, NoReply, Outbox, Reply, open};
use sycee_interop::Interop;
use tokio::sync::oneshot;

use crate::clock::HandClock;
use crate::disk::ForgetfulDisk;
use crate::store::LiveStore;

/// Where an answer will be.
pub type Answer = oneshot::Receiver<Result<Reply, NoReply>>;

/// The size of a journal segment, bytes: small, because the disk in memory copies a whole one with every sync.
const SEGMENT_BYTES: u64 = 128 << 10;

/// After which step of the machine a cell is killed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kill {
    /// Commands are decided; nothing of that is on the disk.
    Decided,
    /// The batch was written, its sync failed.
    SyncFailed,
    /// The batch is durable; the tables lack it.
    Committed,
    /// All is where it belongs.
    Applied,
}

enum Medium {
    Memory(MemoryDisk),
    Forgetful,
}

/// A cell and what it stands on.
pub struct Site {
    number: u16,
    time_zone: &'static str,
    medium: Medium,
    tables: LiveStore,
    clock: HandClock,
    driven: Option<Driven>,
    quarantined: u64,
}

/// All products, with interop replaced by another.
///
/// # Panics
/// If two products have the same number.
#[must_use]
pub fn products_with(interop: Box<dyn Product>) -> Arc<Products> {
    let mut list = sycee_registry::list();
    list.retain(|product| product.descriptor().number != sycee_interop::NUMBER);
    list.push(interop);
    Arc::new(Products::new(list).unwrap_or_else(|name| panic!("the number of {name} is taken")))
}

/// All products, with an interop that does not know some kinds of messages yet.
#[must_use]
pub fn products_without(kinds: &'static [u16]) -> Arc<Products> {
    products_with(Box::new(Interop::without(kinds)))
}

impl Site {
    /// A cell whose journal is kept and which can be killed.
    #[must_use]
    pub fn new(number: u16, time_zone: &'static str, clock: HandClock) -> Self {
        Self::on(Medium::Memory(MemoryDisk::new()), number, time_zone, clock)
    }

    /// A cell whose journal is thrown away as it is written: for runs so long that it would fill the memory. It cannot be killed.
    #[must_use]
    pub fn forgetful(number: u16, time_zone: &'static str, clock: HandClock) -> Self {
        Self::on(Medium::Forgetful, number, time_zone, clock)
    }

    fn on(medium: Medium, number: u16, time_zone: &'static str, clock: HandClock) -> Self {
        Self { number, time_zone, medium, tables: LiveStore::default(), clock, driven: None, quarantined: 0 }
    }

    /// Opens the cell with these products.
    ///
    /// # Panics
    /// If it does not open: nothing that the simulator does may lead there.
    pub fn open(&mut self, products: Arc<Products>) {
        let disk: Arc<dyn Disk> = match &self.medium {
            Medium::Memory(disk) => Arc::new(disk.clone()),
            Medium::Forgetful => Arc::new(ForgetfulDisk),
        };
        let config = CellConfig {
            cell: self.number,
            time_zone: self.time_zone.into(),
            products,
            clock: Arc::new(self.clock.clone()) as Arc<dyn Clock>,
            disk,
            segment_bytes: SEGMENT_BYTES,
        };
        let kept = std::cell::RefCell::new(self.tables.clone());
        let tables = |empty_first: bool| -> Result<Arc<dyn TableStore>, StoreError> {
            if empty_first {
                kept.replace(LiveStore::default());
            }
            Ok(Arc::new(kept.borrow().clone()))
        };
        match open(config, &tables) {
            Ok(cell) => self.driven = Some(Driven::new(cell)),
            Err(error) => panic!("cell {} does not open: {error}", self.number),
        }
        self.tables = kept.into_inner();
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> u16 {
        self.number
    }

    /// Whether it runs.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.driven.is_some()
    }

    /// The machine.
    ///
    /// # Panics
    /// If the cell is not open.
    pub fn driven(&mut self) -> &mut Driven {
        self.driven.as_mut().expect("the cell is open")
    }

    /// Its messages on their way, as of the last durable operation.
    ///
    /// # Panics
    /// If the cell is not open.
    #[must_use]
    pub fn outbox(&self) -> Arc<Outbox> {
        Arc::clone(&self.driven.as_ref().expect("the cell is open").cell.outbox)
    }

    /// Its tables. They hold everything after [`Site::settle`].
    #[must_use]
    pub fn tables(&self) -> &LiveStore {
        &self.tables
    }

    /// A durable row.
    ///
    /// # Panics
    /// If it does not decode.
    #[must_use]
    pub fn get<R: Record>(&self, key: &Key) -> Option<R> {
        let row = TableStore::get(&self.tables, key).expect("tables in memory answer")?;
        Some(decode(&row.value, "row").expect("a stored row decodes"))
    }

    /// All rows of a record.
    ///
    /// # Panics
    /// If one does not decode.
    #[must_use]
    pub fn all<R: Record + for<'b> Decode<'b, ()>>(&self) -> Vec<(Key, R)> {
        let mut found = Vec::new();
        self.tables.rows(R::TABLE, &mut |key, bytes| {
            found.push((key.clone(), decode(bytes, "row").expect("a stored row decodes")));
        });
        found
    }

    /// Puts a command in the queue.
    ///
    /// # Panics
    /// If the cell is not open or its queue is full.
    pub fn submit(&mut self, command: Command) -> Answer {
        self.driven().submit(command).expect("the queue has room")
    }

    /// Decides, commits and applies until nothing moves.
    ///
    /// # Panics
    /// If the cell stops.
    pub fn settle(&mut self) {
        let number = self.number;
        if let Err(why) = self.driven().settle() {
            panic!("cell {number} stopped: {why}");
        }
    }

    /// Asks one command and settles.
    ///
    /// # Panics
    /// If the cell stops.
    pub fn ask(&mut self, command: Command) -> Result<Vec<u8>, Refusal> {
        let number = self.number;
        match self.driven().ask(command) {
            Ok(reply) => reply.outcome,
            Err(no) => panic!("cell {number}: {no}"),
        }
    }

    /// Steps the machine up to a point, and kills it there: what is not on the disk is lost, and of what was written and not
    /// synced some bytes survive.
    ///
    /// # Panics
    /// If the cell stops before that point.
    pub fn kill(&mut self, after: Kill, kept_bytes: usize) {
        let number = self.number;
        let Medium::Memory(disk) = &self.medium else { panic!("cell {number} keeps no journal") };
        let disk = disk.clone();
        let fine = |done: Result<bool, String>| {
            done.unwrap_or_else(|why| panic!("cell {number} stopped: {why}"));
        };
        let driven = self.driven();
        fine(driven.decide());
        match after {
            Kill::Decided => {}
            // With nothing to write there is no sync, and the fault would wait for another batch.
            Kill::SyncFailed if driven.cell.sequencer.operation() > driven.cell.durable.operation() => {
                disk.arm(DiskFault::SyncFails);
                assert!(driven.commit().is_err(), "a failed sync stops the cell");
            }
            Kill::SyncFailed => {}
            Kill::Committed => fine(driven.commit()),
            Kill::Applied => {
                fine(driven.commit());
                fine(driven.apply().map_err(|error| error.to_string()));
            }
        }
        self.close();
        disk.lose_power(kept_bytes);
    }

    /// Writes a checkpoint: opening replays only what came after it.
    ///
    /// # Panics
    /// If the disk in memory refuses.
    pub fn write_checkpoint(&mut self) {
        self.driven().cell.applier.write_checkpoint().expect("the disk in memory takes a checkpoint");
    }

    /// Stops the machine; what is durable stays.
    pub fn close(&mut self) {
        if let Some(driven) = self.driven.take() {
            self.quarantined += driven.cell.sequencer.quarantined();
        }
    }

    /// How many commands met a broken rule or record since the cell was made: none may.
    #[must_use]
    pub fn quarantined(&self) -> u64 {
        self.quarantined + self.driven.as_ref().map_or(0, |driven| driven.cell.sequencer.quarantined())
    }

    /// What the audits of all products find in its books.
    #[must_use]
    pub fn findings(&self, products: &Products) -> Vec<Finding> {
        let mut findings = Vec::new();
        products.iter().for_each(|product| product.audit(&self.tables, &mut findings));
        findings
    }

    /// The engine's own audit of the journal, with the tables.
    ///
    /// # Panics
    /// If the journal cannot be read, or none is kept.
    #[must_use]
    pub fn journal_findings(&self, products: &Products) -> Vec<Finding> {
        let Medium::Memory(disk) = &self.medium else { panic!("cell {} keeps no journal", self.number) };
        let tables: &dyn TableStore = &self.tables;
        let report = sycee_engine::audit(Arc::new(disk.clone()), self.number, products, Some(tables));
        report.expect("the journal can be read").findings
    }

    /// The bytes of its journal, file by file.
    ///
    /// # Panics
    /// If none is kept.
    #[must_use]
    pub fn journal(&self) -> Vec<(String, Vec<u8>)> {
        let Medium::Memory(disk) = &self.medium else { panic!("cell {} keeps no journal", self.number) };
        let names = disk.list().expect("a disk in memory lists");
        names.into_iter().map(|name| (name.clone(), disk.read(&name).expect("a listed file is there"))).collect()
    }
}
