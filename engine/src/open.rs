//! Opening a cell: after a clean stop, a kill at any instant, or with tables that were lost.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::sync::Arc;

use sycee_contract::link::{Message, MessageId};
use sycee_contract::{EffectId, EffectRecord, Key, Lookup, Products, TimerId, View, apply, cell, decode};

use crate::applier::Applier;
use crate::checkpoint::Checkpoint;
use crate::clock::{Calendar, Clock};
use crate::committer::{Committer, OpenEffects};
use crate::disk::Disk;
use crate::durable::Durable;
use crate::journal::{Entry, JournalError, JournalReader, JournalWriter, Position};
use crate::layer::Layer;
use crate::limits;
use crate::memory::Memory;
use crate::outbox::Outbox;
use crate::port::Port;
use crate::sequencer::{Applying, Sequencer, Standing, broken};
use crate::store::{StoreError, TableStore};

/// What a cell is opened with.
pub struct CellConfig {
    /// Its number in the world, 1 to 99.
    pub cell: u16,
    /// The IANA time zone of its market.
    pub time_zone: String,
    /// Its rules.
    pub products: Arc<Products>,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
    /// Where the journal is.
    pub disk: Arc<dyn Disk>,
    /// The size of a journal segment, bytes.
    pub segment_bytes: u64,
}

/// Opens the tables; if told so, empties them first.
pub type OpenTables<'a> = &'a dyn Fn(bool) -> Result<Arc<dyn TableStore>, StoreError>;

/// An open cell, in parts that a host drives: the writer, the committer and the applier each on a thread, or all on one.
pub struct OpenCell {
    /// Decides.
    pub sequencer: Sequencer,
    /// Makes durable.
    pub committer: Committer,
    /// Fills the tables.
    pub applier: Applier,
    /// The tables, for fetches.
    pub tables: Arc<dyn TableStore>,
    /// For edges.
    pub port: Arc<Port>,
    /// For whoever carries effects out.
    pub effects: Arc<OpenEffects>,
    /// For whoever carries messages to other cells.
    pub outbox: Arc<Outbox>,
    /// What the appliers and readers share.
    pub durable: Arc<Durable>,
    /// What opening found and did.
    pub recovery: Recovery,
}

/// What opening found and did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Recovery {
    /// The last operation.
    pub operation: u64,
    /// Its time, UTC nanoseconds.
    pub time_ns: u64,
    /// How many operations the tables lacked.
    pub replayed: u64,
    /// Whether the tables had lost rows and were rebuilt from the journal.
    pub rebuilt: bool,
}

/// Why a cell cannot be opened.
#[derive(Debug)]
pub enum OpenError {
    /// The journal.
    Journal(JournalError),
    /// The tables.
    Store(StoreError),
    /// A file beside them.
    Io(io::Error),
    /// The configuration, or plans that do not fit the state.
    Other(String),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Journal(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
            Self::Io(error) => error.fmt(f),
            Self::Other(error) => f.write_str(error),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<JournalError> for OpenError {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Opens a cell.
///
/// # Errors
/// [`OpenError`]: nothing was changed but what a recovery may do at any time again.
pub fn open(config: CellConfig, tables: OpenTables<'_>) -> Result<OpenCell, OpenError> {
    let calendar = Calendar::new(&config.time_zone).map_err(OpenError::Other)?;
    let checkpoint = Checkpoint::read(&*config.disk)?;
    let reader = JournalReader::open(Arc::clone(&config.disk), config.cell)?;
    let end = reader.end()?;
    let promised = checkpoint.map_or(0, |checkpoint| checkpoint.operation);
    journal_reaches(end.operation, promised)?;
    let (mut store, mut rebuilt) = match tables(false) {
        Ok(store) => (store, false),
        Err(error) if error.in_use => return Err(error.into()),
        // Tables are a cache of the journal: those that do not open are made again.
        Err(error) => {
            tracing::warn!(%error, "the tables do not open and are rebuilt from the journal");
            (tables(true)?, true)
        }
    };
    if checkpoint.is_none_or(|checkpoint| store.applied() < checkpoint.operation) {
        // The tables hold less than they had promised, or nobody knows what they had: rows may be lost, and no one knows which.
        drop(store);
        store = tables(true)?;
        rebuilt = true;
    }
    let applied = store.applied();
    journal_reaches(end.operation, applied)?;
    // What may not have been synced before the end is written again before anything rests on it.
    let position = Position { operation: end.operation, chain: end.chain };
    let last = reader.segments().last().map(|segment| (segment, end.last_batch, end.segment_end));
    let writer = JournalWriter::open(Arc::clone(&config.disk), config.cell, position, last, config.segment_bytes)?;
    let mut recovering = Recovering::new(Arc::clone(&store));
    reader.read(applied.max(1), |entry| recovering.take(&entry, applied))?;
    let replayed = recovering.replayed;
    let memory = recovering.finish(end.operation)?;

    let snapshot = store.snapshot();
    let timers = load_timers(&*store)?;
    let effects = load_effects(&*store)?;
    let durable = Arc::new(Durable::new(end.operation, snapshot));
    let port = Arc::new(Port::new(Arc::clone(&durable)));
    port.events().read_from(Arc::clone(&config.disk), config.cell);
    let effects = Arc::new(OpenEffects::new(effects));
    let outbox = Arc::new(Outbox::new(load_messages(&*store)?));
    let standing = Standing { cell: config.cell, operation: end.operation, time_ns: end.time_ns, timers };
    let recovery = Recovery { operation: end.operation, time_ns: end.time_ns, replayed, rebuilt };
    Ok(OpenCell {
        sequencer: Sequencer::new(config.products, config.clock, calendar, memory, standing),
        committer: Committer::new(
            writer,
            Arc::clone(&durable),
            Arc::clone(&effects),
            Arc::clone(&outbox),
            Arc::clone(&port),
        ),
        applier: Applier::new(
            Arc::clone(&store),
            Arc::clone(&durable),
            config.disk,
            if rebuilt { 0 } else { promised },
        ),
        tables: store,
        port,
        effects,
        outbox,
        durable,
        recovery,
    })
}

/// The tables hold, or once held, nothing that the journal does not have.
fn journal_reaches(end: u64, tables: u64) -> Result<(), OpenError> {
    if end >= tables {
        return Ok(());
    }
    Err(OpenError::Other(format!(
        "the tables hold operation {tables}, the journal ends at {end}: the journal has lost operations; restore it from a copy"
    )))
}

/// Applies the plans that the tables lack. It never decides.
struct Recovering {
    store: Arc<dyn TableStore>,
    memory: Memory,
    layer: Layer,
    timers: BTreeSet<TimerId>,
    replayed: u64,
}

impl Recovering {
    fn new(store: Arc<dyn TableStore>) -> Self {
        let memory = Memory::new(limits::MEMORY_ROWS);
        Self { store, memory, layer: Layer::default(), timers: BTreeSet::new(), replayed: 0 }
    }

    fn take(&mut self, entry: &Entry, applied: u64) -> Result<(), OpenError> {
        if entry.stamp.operation <= applied {
            return Ok(());
        }
        for id in entry.plan.accounts() {
            if matches!(self.memory.account(id), Lookup::NotInMemory) {
                let key = cell::account_key(id);
                let row = self.store.get(&key)?;
                self.memory.supply((key, row)).map_err(|_| StoreError::new("an account row does not decode"))?;
            }
        }
        let mut state = Applying {
            operation: entry.stamp.operation,
            memory: &mut self.memory,
            layer: &mut self.layer,
            timers: &mut self.timers,
            effects: &mut Vec::new(),
            messages: &mut Vec::new(),
        };
        apply(&entry.plan, &entry.stamp, &mut state)
            .map_err(|mismatch| OpenError::Other(broken(&entry.stamp, mismatch).0))?;
        self.replayed += 1;
        if self.layer.len() >= limits::APPLY_ROWS {
            self.flush(entry.stamp.operation)?;
        }
        Ok(())
    }

    fn flush(&mut self, operation: u64) -> Result<(), OpenError> {
        let layer = Arc::new(std::mem::take(&mut self.layer));
        self.store.write(&Layer::to_writes(&[layer]), operation)?;
        self.memory.tidy(operation);
        Ok(())
    }

    fn finish(mut self, operation: u64) -> Result<Memory, OpenError> {
        if self.replayed > 0 {
            self.flush(operation)?;
        }
        Ok(self.memory)
    }
}

fn load_timers(store: &dyn TableStore) -> Result<BTreeSet<TimerId>, StoreError> {
    let mut timers = BTreeSet::new();
    store.snapshot().scan(Key::new(cell::TIMER).as_bytes(), None, &mut |key, _| {
        timers.extend(Key::from_bytes(key.to_vec()).ok().as_ref().and_then(TimerId::from_key));
        true
    })?;
    Ok(timers)
}

fn load_effects(store: &dyn TableStore) -> Result<BTreeMap<EffectId, EffectRecord>, StoreError> {
    let mut effects = BTreeMap::new();
    let mut broken = None;
    store.snapshot().scan(Key::new(cell::EFFECT).as_bytes(), None, &mut |key, row| {
        let id = Key::from_bytes(key.to_vec()).ok().as_ref().and_then(EffectId::from_key);
        match (id, decode::<EffectRecord>(&row.value, "effect")) {
            (Some(id), Ok(record)) => {
                effects.insert(id, record);
            }
            _ => broken = Some(StoreError::new(format!("effect row {key:?} does not decode"))),
        }
        true
    })?;
    broken.map_or(Ok(effects), Err)
}

fn load_messages(store: &dyn TableStore) -> Result<Vec<(MessageId, Message)>, StoreError> {
    let mut messages = Vec::new();
    let mut broken = None;
    store.snapshot().scan(Key::new(cell::OUTBOX).as_bytes(), None, &mut |key, row| {
        let id = Key::from_bytes(key.to_vec()).ok().as_ref().and_then(MessageId::from_key);
        match (id, decode::<Message>(&row.value, "message")) {
            (Some(id), Ok(message)) => messages.push((id, message)),
            _ => broken = Some(StoreError::new(format!("outbox row {key:?} does not decode"))),
        }
        true
    })?;
    broken.map_or(Ok(messages), Err)
}
