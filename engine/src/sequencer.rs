//! The one writer of a cell: stamps, decides and applies commands, and gathers them into batches.
//!
//! It is stepped: it reads no queue, waits for nothing and starts no thread. What it needs from the tables it asks for as a
//! [`Fetch`]; what is to be made durable it hands out as a [`Batch`].

use std::collections::{BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use hashbrown::HashMap;
use sycee_contract::link::{Message, MessageId};
use sycee_contract::{
    Answer, Command, EffectId, EffectRecord, Key, Lookup, Mismatch, Operation, Outcome, Products, Refusal, Stamp,
    State, TimerId, View, apply, cell, decide, decode,
};
use sycee_ledger::{Account, AccountId};

use crate::clock::{Calendar, Clock};
use crate::journal::Entry;
use crate::layer::Layer;
use crate::limits;
use crate::memory::{Fetched, Memory};
use crate::outbox::MessageChange;
use crate::port::Queued;
use crate::reply::{Reply, Responder};

/// Keys to be fetched from the tables, off the writer's thread.
pub struct Fetch {
    ticket: u64,
    /// Which.
    pub keys: Vec<Key>,
    rotations: u64,
}

/// What a fetch found.
pub struct FetchResult {
    ticket: u64,
    rows: Vec<Fetched>,
    rotations: u64,
}

impl Fetch {
    /// The result of this fetch.
    #[must_use]
    pub fn found(self, rows: Vec<Fetched>) -> FetchResult {
        FetchResult { ticket: self.ticket, rows, rotations: self.rotations }
    }
}

/// An effect that was asked for, changed or ended (`None`).
pub type EffectChange = (EffectId, Option<EffectRecord>);

/// Operations that become durable together, and the answers that wait for that.
#[derive(Default)]
pub struct Batch {
    /// What goes into the journal.
    pub entries: Vec<Entry>,
    /// What readers and tables get.
    pub layer: Layer,
    /// Answers, also those that changed nothing: they may rest on what an earlier operation of the batch did.
    pub replies: Vec<(Responder, Reply)>,
    /// Effects that were asked for, changed or ended.
    pub effects: Vec<EffectChange>,
    /// Messages that were written to the outbox or have left it.
    pub messages: Vec<MessageChange>,
    changes: usize,
    bytes: usize,
}

impl Batch {
    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.replies.is_empty()
    }
}

/// What is decided next.
enum Work {
    Command(Queued),
    Timer(TimerId),
}

struct Waiting {
    work: Work,
    fetches: u32,
}

/// The writer cannot go on: plan and state do not belong together. Nothing of the running batch may be acknowledged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken(pub String);

/// Where a cell stands when its writer begins.
pub struct Standing {
    /// The cell's number.
    pub cell: u16,
    /// The last operation.
    pub operation: Operation,
    /// Its time, UTC nanoseconds.
    pub time_ns: u64,
    /// All timers.
    pub timers: BTreeSet<TimerId>,
}

/// The writer.
pub struct Sequencer {
    products: Arc<Products>,
    cell: u16,
    clock: Arc<dyn Clock>,
    calendar: Calendar,
    memory: Memory,
    timers: BTreeSet<TimerId>,
    operation: Operation,
    time_ns: u64,
    waiting: HashMap<u64, Waiting>,
    next_ticket: u64,
    fetches: Vec<Fetch>,
    ready: VecDeque<Waiting>,
    batch: Batch,
    quarantined: u64,
    /// Timers that met a broken rule or record, and when they are tried again.
    parked: BTreeSet<(u64, TimerId)>,
}

impl Sequencer {
    /// A writer that goes on from `standing` with what is in `memory`.
    #[must_use]
    pub fn new(
        products: Arc<Products>,
        clock: Arc<dyn Clock>,
        calendar: Calendar,
        memory: Memory,
        standing: Standing,
    ) -> Self {
        Self {
            products,
            cell: standing.cell,
            clock,
            calendar,
            memory,
            timers: standing.timers,
            operation: standing.operation,
            time_ns: standing.time_ns,
            waiting: HashMap::new(),
            next_ticket: 0,
            fetches: Vec::new(),
            ready: VecDeque::new(),
            batch: Batch::default(),
            quarantined: 0,
            parked: BTreeSet::new(),
        }
    }

    /// The last operation that was decided; it may not be durable yet.
    #[must_use]
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// Commands that met broken records or a broken rule since the cell was opened.
    #[must_use]
    pub fn quarantined(&self) -> u64 {
        self.quarantined
    }

    /// When the next timer is due, UTC nanoseconds; `None` if there is none, or none may fire now.
    #[must_use]
    pub fn next_timer_ns(&self) -> Option<u64> {
        if self.is_saturated() || self.clock_is_wrong(self.clock.now_ns()) {
            return None;
        }
        self.timers.first().map(|timer| timer.due_at_ns)
    }

    /// Whether as much waits for rows of the tables as may: nothing more should be taken from the queue.
    #[must_use]
    pub fn is_saturated(&self) -> bool {
        self.waiting.len() + self.ready.len() >= limits::WAITING_COMMANDS
    }

    fn clock_is_wrong(&self, now_ns: u64) -> bool {
        now_ns.saturating_add(limits::CLOCK_BACK_NS) < self.time_ns
    }

    /// Whether commands wait for fetches, or are ready after one.
    #[must_use]
    pub fn has_waiting(&self) -> bool {
        !self.waiting.is_empty() || !self.ready.is_empty()
    }

    /// Takes what a fetch found; the command is decided at the next step.
    ///
    /// # Errors
    /// [`Broken`] if a row of the tables does not decode.
    pub fn supply(&mut self, result: FetchResult) -> Result<(), Broken> {
        let Some(waiting) = self.waiting.remove(&result.ticket) else { return Ok(()) };
        if result.rotations == self.memory.rotations() {
            for row in result.rows {
                self.memory.supply(row).map_err(|_| Broken("a row of the tables does not decode".into()))?;
            }
            self.ready.push_back(waiting);
        } else {
            // Something was dropped from memory meanwhile; what was read may be older than that. Read again.
            let keys = result.rows.into_iter().map(|(key, _)| key).collect();
            self.ask_for(waiting, keys);
        }
        Ok(())
    }

    /// Decides what is ready, due timers, and `incoming`, until the batch is full; what is left stays in `incoming`.
    ///
    /// # Errors
    /// [`Broken`]: the cell must stop.
    pub fn step(&mut self, incoming: &mut Vec<Queued>) -> Result<(), Broken> {
        while !self.is_full()
            && let Some(waiting) = self.ready.pop_front()
        {
            self.decide(waiting)?;
        }
        self.fire_timers()?;
        let mut taken = 0;
        while taken < incoming.len() && !self.is_full() && !self.is_saturated() {
            // Taken in order, without moving the rest each time.
            let placeholder = Queued { command: empty_command(), responder: None };
            let queued = std::mem::replace(&mut incoming[taken], placeholder);
            taken += 1;
            self.decide(Waiting { work: Work::Command(queued), fetches: 0 })?;
        }
        incoming.drain(..taken);
        Ok(())
    }

    fn fire_timers(&mut self) -> Result<(), Broken> {
        let now = self.clock.now_ns();
        while let Some((retry_at_ns, timer)) = self.parked.first().copied()
            && retry_at_ns <= now
        {
            self.parked.remove(&(retry_at_ns, timer));
            self.timers.insert(timer);
        }
        for _ in 0..limits::TIMERS_PER_STEP {
            let Some(timer) = self.timers.first().copied().filter(|timer| timer.due_at_ns <= now) else { break };
            if self.is_full() || self.is_saturated() || self.clock_is_wrong(now) {
                break;
            }
            self.timers.remove(&timer);
            self.decide(Waiting { work: Work::Timer(timer), fetches: 0 })?;
            if self.timers.first() == Some(&timer) {
                // It was put off: the clock has moved back under it.
                break;
            }
        }
        Ok(())
    }

    /// Fetches to carry out.
    #[must_use]
    pub fn take_fetches(&mut self) -> Vec<Fetch> {
        std::mem::take(&mut self.fetches)
    }

    /// What was decided since the last batch. `applied` is the operation that the tables hold.
    #[must_use]
    pub fn take_batch(&mut self, applied: Operation) -> Option<Batch> {
        if self.batch.is_empty() {
            return None;
        }
        self.memory.tidy(applied);
        Some(std::mem::take(&mut self.batch))
    }

    fn is_full(&self) -> bool {
        let batch = &self.batch;
        batch.entries.len() + batch.replies.len() >= limits::BATCH_COMMANDS
            || batch.changes >= limits::BATCH_CHANGES
            || batch.bytes >= limits::BATCH_PLAN_BYTES
    }

    fn ask_for(&mut self, waiting: Waiting, keys: Vec<Key>) {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        let waiting = Waiting { fetches: waiting.fetches + 1, ..waiting };
        self.waiting.insert(ticket, waiting);
        self.fetches.push(Fetch { ticket, keys, rotations: self.memory.rotations() });
    }

    fn decide(&mut self, waiting: Waiting) -> Result<(), Broken> {
        let timer = match &waiting.work {
            Work::Timer(timer) => Some(*timer),
            Work::Command(queued) => queued.command.timer,
        };
        // A timer is never decided before its time, even when the clock steps back after it was found due: refused, it would
        // be gone.
        let stamp = self.stamp().filter(|stamp| timer.is_none_or(|timer| timer.due_at_ns <= stamp.time_ns));
        let Some(stamp) = stamp else {
            self.put_off(waiting.work);
            return Ok(());
        };
        let Waiting { work, fetches } = waiting;
        let Queued { command, responder } = match work {
            Work::Command(queued) => queued,
            Work::Timer(timer) => match self.memory.row(&timer.key()) {
                Lookup::Absent => return Ok(()),
                Lookup::NotInMemory => {
                    self.ask_for(Waiting { work: Work::Timer(timer), fetches }, vec![timer.key()]);
                    return Ok(());
                }
                Lookup::Found(bytes) => match decode::<Command>(bytes, "timer") {
                    Ok(command) => Queued { command, responder: None },
                    Err(_) => {
                        self.quarantine("a timer's row does not decode", Some(timer), None);
                        return Ok(());
                    }
                },
            },
        };
        let decided = catch_unwind(AssertUnwindSafe(|| decide(&self.products, &command, stamp, &self.memory)));
        let outcome = decided.unwrap_or(Outcome::Broken("a rule panicked"));
        match outcome {
            Outcome::Need(keys) if fetches > 64 || keys.is_empty() => {
                self.quarantine("a rule asks for keys without end", timer, responder);
            }
            Outcome::Need(keys) => {
                let work = Work::Command(Queued { command, responder });
                self.ask_for(Waiting { work, fetches }, keys);
            }
            Outcome::Refused(refusal) => self.answer(responder, Err(refusal), false),
            Outcome::Repeated(_, answer) => self.answer(responder, outcome_of(answer), true),
            Outcome::Broken(what) => self.quarantine(what, timer, responder),
            Outcome::Planned(plan, answer) => {
                let entry = Entry { stamp, command, plan, answer };
                self.apply(&entry)?;
                self.operation = stamp.operation;
                self.time_ns = stamp.time_ns;
                if responder.is_some() {
                    let answer = entry.answer.clone();
                    self.answer(responder, outcome_of(answer), false);
                }
                self.batch.changes += entry.plan.movements.len() + entry.plan.rows.len();
                self.batch.bytes += about_bytes(&entry);
                self.batch.entries.push(entry);
            }
        }
        Ok(())
    }

    /// The clock is wrong: a command is refused, a timer stays for when it is right again.
    fn put_off(&mut self, work: Work) {
        match work {
            Work::Command(Queued { command: Command { timer: Some(timer), .. }, .. }) | Work::Timer(timer) => {
                self.timers.insert(timer);
            }
            Work::Command(queued) => self.answer(queued.responder, Err(clock_refusal()), false),
        }
    }

    /// The next stamp; `None` while the clock stands far behind the last one.
    fn stamp(&mut self) -> Option<Stamp> {
        let now = self.clock.now_ns();
        if now.saturating_add(limits::CLOCK_BACK_NS) < self.time_ns {
            return None;
        }
        let time_ns = now.max(self.time_ns + 1);
        let (business_date, utc_offset_seconds) = self.calendar.at(time_ns);
        Some(Stamp { operation: self.operation + 1, time_ns, business_date, utc_offset_seconds, cell: self.cell })
    }

    fn apply(&mut self, entry: &Entry) -> Result<(), Broken> {
        let mut state = Applying {
            operation: entry.stamp.operation,
            memory: &mut self.memory,
            layer: &mut self.batch.layer,
            timers: &mut self.timers,
            effects: &mut self.batch.effects,
            messages: &mut self.batch.messages,
        };
        apply(&entry.plan, &entry.stamp, &mut state).map_err(|mismatch| broken(&entry.stamp, mismatch))
    }

    fn answer(&mut self, responder: Option<Responder>, outcome: Result<Vec<u8>, Refusal>, repeated: bool) {
        if let Some(responder) = responder {
            // The operation is the last decided one: this answer may rest on it.
            let operation = self.operation;
            self.batch.replies.push((responder, Reply { operation, outcome, repeated }));
        }
    }

    fn quarantine(&mut self, what: &'static str, timer: Option<TimerId>, responder: Option<Responder>) {
        self.quarantined += 1;
        if let Some(timer) = timer {
            // What it owes is still owed (law 7): it stays, and is tried again in a while.
            self.parked.insert((self.clock.now_ns().saturating_add(limits::QUARANTINE_NS), timer));
        }
        tracing::error!(cell = self.cell, what, "command quarantined");
        self.answer(responder, Err(Refusal::new(cell::QUARANTINED, what)), false);
    }
}

/// About how long an entry will be, without encoding it.
fn about_bytes(entry: &Entry) -> usize {
    let row = |value: &Option<minicbor::bytes::ByteVec>| value.as_ref().map_or(0, |value| value.len());
    let rows: usize = entry.plan.rows.iter().map(|change| change.key.as_bytes().len() + row(&change.value)).sum();
    let effects: usize = entry.plan.effects.iter().map(|effect| effect.body.len()).sum();
    entry.command.body.len() + entry.plan.movements.len() * 48 + rows + effects + 128
}

fn empty_command() -> Command {
    Command { code: 0, caller: sycee_contract::Caller::SYSTEM, id: None, body: Vec::new(), timer: None }
}

const CLOCK_REFUSED: &str = "the clock stands behind the last operation; an operator must look";

fn clock_refusal() -> Refusal {
    Refusal::new(cell::QUARANTINED, CLOCK_REFUSED)
}

/// Whether a command was refused because of the clock and for nothing of its own.
pub(crate) fn is_clock_refusal(refusal: &Refusal) -> bool {
    refusal.code == cell::QUARANTINED && refusal.detail == CLOCK_REFUSED
}

fn outcome_of(answer: Answer) -> Result<Vec<u8>, Refusal> {
    match answer {
        Answer::Done(reply) => Ok(reply),
        Answer::Refused(refusal) => Err(refusal),
    }
}

/// What a [`Mismatch`] means for the cell.
#[must_use]
pub fn broken(stamp: &Stamp, mismatch: Mismatch) -> Broken {
    Broken(format!("operation {}: plan and state do not belong together: {mismatch:?}", stamp.operation))
}

/// Memory, layer, timers and effects, as one state that plans are applied to.
pub struct Applying<'a> {
    /// The operation that is applied.
    pub operation: Operation,
    /// The writer's memory.
    pub memory: &'a mut Memory,
    /// What the batch leaves behind.
    pub layer: &'a mut Layer,
    /// All timers.
    pub timers: &'a mut BTreeSet<TimerId>,
    /// Effects that were asked for, changed or ended.
    pub effects: &'a mut Vec<EffectChange>,
    /// Messages that were written to the outbox or have left it.
    pub messages: &'a mut Vec<MessageChange>,
}

impl State for Applying<'_> {
    fn account(&self, id: AccountId) -> Option<Account> {
        match self.memory.account(id) {
            Lookup::Found(account) => Some(account),
            Lookup::Absent | Lookup::NotInMemory => None,
        }
    }

    fn set_account(&mut self, id: AccountId, account: Account) {
        self.memory.set_account(id, self.operation, account);
        self.layer.set_account(id, self.operation, account);
    }

    fn set_row(&mut self, key: Key, value: Option<Vec<u8>>) {
        match key.table() {
            cell::TIMER => {
                if let Some(timer) = TimerId::from_key(&key) {
                    if value.is_some() {
                        self.timers.insert(timer)
                    } else {
                        self.timers.remove(&timer)
                    };
                }
            }
            cell::EFFECT => {
                if let Some(id) = EffectId::from_key(&key) {
                    let record = value.as_ref().and_then(|bytes| decode::<EffectRecord>(bytes, "effect").ok());
                    self.effects.push((id, record));
                }
            }
            cell::OUTBOX => {
                if let Some(id) = MessageId::from_key(&key) {
                    let message = value.as_ref().and_then(|bytes| decode::<Message>(bytes, "message").ok());
                    self.messages.push((id, message));
                }
            }
            _ => {}
        }
        let value: Option<Arc<[u8]>> = value.map(Into::into);
        self.memory.set_row(key.clone(), self.operation, value.clone());
        self.layer.set_row(key, self.operation, value);
    }
}
