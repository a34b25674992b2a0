//! The stream of what happened in a cell, for subscribers: every event of every durable plan, in order, from any point on.
//!
//! The journal is the stream: an event's place in it (operation, index) is its cursor, so that a subscriber who has kept a cursor
//! misses nothing, whatever happened to webhooks, connections or this process. The newest events are kept in memory; older ones are
//! read from the journal again, one reader at a time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use sycee_contract::{Event, Operation};
use tokio::sync::Notify;

use crate::disk::Disk;
use crate::journal::{Entry, JournalError, JournalReader};
use crate::limits;

/// The place of an event in its cell's stream; `default` stands before the first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct EventCursor {
    /// The operation that brought it about.
    pub operation: Operation,
    /// Its place in that plan, from 1; 0 stands before the operation's first.
    pub index: u16,
}

impl EventCursor {
    /// The place behind all events of an operation.
    #[must_use]
    pub const fn behind(operation: Operation) -> Self {
        Self { operation, index: u16::MAX }
    }
}

/// An event with its place and time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StreamEvent {
    /// Where it stands.
    pub cursor: EventCursor,
    /// When it happened, UTC nanoseconds.
    pub time_ns: u64,
    /// What happened.
    pub event: Event,
}

/// A part of the stream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventPage {
    /// The events that were wanted, in order.
    pub events: Vec<Arc<StreamEvent>>,
    /// Up to where the stream was looked through: the next page begins after it.
    pub next: EventCursor,
}

struct Recent {
    events: VecDeque<Arc<StreamEvent>>,
    /// All events behind this place, up to `durable`, are in `events`.
    from: EventCursor,
    durable: Operation,
}

/// The stream of one cell.
pub struct EventLog {
    recent: Mutex<Recent>,
    added: Notify,
    /// The disk and the cell's number.
    journal: OnceLock<(Arc<dyn Disk>, u16)>,
    /// A segment is read whole: one reader at a time bounds the memory that takes.
    reading: Mutex<()>,
}

/// Why the journal was not read on.
enum Stopped {
    Enough,
    Failed(JournalError),
}

impl From<JournalError> for Stopped {
    fn from(error: JournalError) -> Self {
        Self::Failed(error)
    }
}

impl EventLog {
    /// The stream of a cell whose last durable operation is `durable`.
    #[must_use]
    pub fn new(durable: Operation) -> Self {
        let recent = Recent { events: VecDeque::new(), from: EventCursor::behind(durable), durable };
        Self { recent: Mutex::new(recent), added: Notify::new(), journal: OnceLock::new(), reading: Mutex::new(()) }
    }

    /// Says where the journal is, from which older events are read. Said once, when the cell is opened.
    pub fn read_from(&self, disk: Arc<dyn Disk>, cell: u16) {
        // A second time would be the same disk.
        let _known = self.journal.set((disk, cell));
    }

    /// A batch is durable.
    pub(crate) fn add(&self, entries: Vec<Entry>) {
        let Some(last) = entries.last().map(|entry| entry.stamp.operation) else { return };
        let mut recent = self.lock();
        for entry in entries {
            recent.events.extend(of_entry(entry).map(Arc::new));
        }
        recent.durable = last;
        while recent.events.len() > limits::RECENT_EVENTS {
            if let Some(gone) = recent.events.pop_front() {
                recent.from = gone.cursor;
            }
        }
        drop(recent);
        self.added.notify_waiters();
    }

    /// Up to `limit` events behind `after` that are `wanted`, in order. At most [`limits::EVENTS_LOOKED_AT`] are looked at, so a page
    /// may be empty and not the last: `next` has moved then. A page whose `next` is `after` is the last for now.
    ///
    /// # Errors
    /// [`JournalError`], if older events cannot be read.
    pub fn after(
        &self,
        after: EventCursor,
        limit: usize,
        wanted: &dyn Fn(&Event) -> bool,
    ) -> Result<EventPage, JournalError> {
        let mut page = EventPage { events: Vec::new(), next: after };
        let mut left = limits::EVENTS_LOOKED_AT;
        while let Some((events, end)) = self.recent_after(page.next) {
            for event in &events {
                if !page.take(event, limit, &mut left, wanted) {
                    return Ok(page);
                }
            }
            if events.len() < limits::EVENTS_AT_ONCE {
                page.next = page.next.max(end);
                return Ok(page);
            }
        }
        self.read_journal(page, limit, left, wanted)
    }

    /// Whether what stands behind this place is in memory: then a page of it costs no disk.
    #[must_use]
    pub fn is_recent(&self, after: EventCursor) -> bool {
        after >= self.lock().from
    }

    /// The next recent events behind a place, and the place behind all; `None` if memory has let some of them go.
    fn recent_after(&self, after: EventCursor) -> Option<(Vec<Arc<StreamEvent>>, EventCursor)> {
        let recent = self.lock();
        if after < recent.from {
            return None;
        }
        let begin = recent.events.partition_point(|event| event.cursor <= after);
        let events = recent.events.iter().skip(begin).take(limits::EVENTS_AT_ONCE).cloned().collect();
        Some((events, EventCursor::behind(recent.durable)))
    }

    fn read_journal(
        &self,
        mut page: EventPage,
        limit: usize,
        mut left: usize,
        wanted: &dyn Fn(&Event) -> bool,
    ) -> Result<EventPage, JournalError> {
        let (after, durable) = (page.next, self.lock().durable);
        // Without a journal (a cell in memory) what is not recent is gone.
        let Some((disk, cell)) = self.journal.get() else {
            page.next = self.lock().from;
            return Ok(page);
        };
        let _one_at_a_time = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let read = JournalReader::open(Arc::clone(disk), *cell)?.read(after.operation, |entry| {
            // What stands behind the last durable operation may be being written.
            if entry.stamp.operation > durable {
                return Err(Stopped::Enough);
            }
            let operation = entry.stamp.operation;
            for event in of_entry(entry).filter(|event| event.cursor > after) {
                if !page.take(&Arc::new(event), limit, &mut left, wanted) {
                    return Err(Stopped::Enough);
                }
            }
            page.next = page.next.max(EventCursor::behind(operation));
            Ok(())
        });
        match read {
            Ok(_) | Err(Stopped::Enough) => Ok(page),
            Err(Stopped::Failed(error)) => Err(error),
        }
    }

    /// Waits until an operation behind `operation` is durable.
    pub async fn moved_on(&self, operation: Operation) {
        loop {
            let added = self.added.notified();
            tokio::pin!(added);
            // Listening begins before the look, so that a batch in between is not missed.
            added.as_mut().enable();
            if self.lock().durable > operation {
                return;
            }
            added.await;
        }
    }

    /// The place behind everything that has happened.
    #[must_use]
    pub fn end(&self) -> EventCursor {
        EventCursor::behind(self.lock().durable)
    }

    fn lock(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventPage {
    /// Takes an event if it is wanted; false if the page is full without it.
    fn take(
        &mut self,
        event: &Arc<StreamEvent>,
        limit: usize,
        left: &mut usize,
        wanted: &dyn Fn(&Event) -> bool,
    ) -> bool {
        if *left == 0 || self.events.len() >= limit {
            return false;
        }
        *left -= 1;
        if wanted(&event.event) {
            self.events.push(Arc::clone(event));
        }
        self.next = event.cursor;
        true
    }
}

fn of_entry(entry: Entry) -> impl Iterator<Item = StreamEvent> {
    let (operation, time_ns) = (entry.stamp.operation, entry.stamp.time_ns);
    (1..=u16::MAX - 1).zip(entry.plan.events).map(move |(index, event)| StreamEvent {
        cursor: EventCursor { operation, index },
        time_ns,
        event,
    })
}

#[cfg(test)]
mod tests {
    use sycee_contract::{Answer, Caller, Command, Plan, Stamp};

    use super::*;
    use crate::disk::MemoryDisk;
    use crate::journal::{JournalWriter, Position};

    const CELL: u16 = 7;

    /// An operation with `count` events whose body is the operation and the place.
    fn entry(operation: Operation, count: u8) -> Entry {
        let stamp =
            Stamp { operation, time_ns: operation * 10, business_date: 20_261_129, utc_offset_seconds: 0, cell: CELL };
        let kind = 0x0301;
        let events = (1..=count).map(|index| Event { kind, body: vec![operation as u8, index] }).collect();
        let command = Command::new(1, Caller::SYSTEM, &[0_u8]);
        Entry { stamp, command, plan: Plan { events, ..Plan::default() }, answer: Answer::Done(Vec::new()) }
    }

    /// A journal in which operation n has n % 4 events, in many small segments, and a log that was opened behind `known`
    /// operations and has seen the rest.
    fn log(operations: u64, known: u64) -> (EventLog, MemoryDisk) {
        let disk = MemoryDisk::new();
        let start = Position { operation: 0, chain: 0 };
        let mut writer = JournalWriter::open(Arc::new(disk.clone()), CELL, start, None, 400).unwrap();
        let log = EventLog::new(known);
        log.read_from(Arc::new(disk.clone()), CELL);
        for operation in 1..=operations {
            let entries = vec![entry(operation, (operation % 4) as u8)];
            writer.append(&entries).unwrap();
            if operation > known {
                log.add(entries);
            }
        }
        (log, disk)
    }

    fn all(log: &EventLog, mut after: EventCursor, limit: usize, wanted: &dyn Fn(&Event) -> bool) -> Vec<Vec<u8>> {
        let mut bodies = Vec::new();
        loop {
            let page = log.after(after, limit, wanted).unwrap();
            assert!(page.events.len() <= limit);
            bodies.extend(page.events.iter().map(|event| event.event.body.clone()));
            if page.next == after {
                return bodies;
            }
            after = page.next;
        }
    }

    /// What must come, from the rule by which the journal was made.
    fn expected(from: u64, to: u64) -> Vec<Vec<u8>> {
        (from..=to).flat_map(|n| (1..=(n % 4) as u8).map(move |index| vec![n as u8, index])).collect()
    }

    #[test]
    fn every_event_comes_once_and_in_order_from_any_point_and_with_any_page() {
        for known in [0, 1, 37, 60] {
            let (log, _) = log(60, known);
            for limit in [1, 2, 7, 1_000] {
                assert_eq!(all(&log, EventCursor::default(), limit, &|_| true), expected(1, 60), "{known} {limit}");
                assert_eq!(all(&log, EventCursor::behind(20), limit, &|_| true), expected(21, 60), "{known} {limit}");
                let inside = EventCursor { operation: 39, index: 1 };
                assert_eq!(all(&log, inside, limit, &|_| true), expected(39, 60)[1..], "{known} {limit}");
                assert!(all(&log, log.end(), limit, &|_| true).is_empty());
            }
            let second = |event: &Event| event.body[1] == 2;
            let of_second: Vec<_> = expected(1, 60).into_iter().filter(|body| body[1] == 2).collect();
            assert_eq!(all(&log, EventCursor::default(), 3, &second), of_second, "{known}");
        }
    }

    #[test]
    fn what_memory_has_let_go_is_read_from_the_journal() {
        let (log, disk) = log(3, 3);
        let mut writer = {
            let reader = JournalReader::open(Arc::new(disk.clone()), CELL).unwrap();
            let end = reader.end().unwrap();
            let last = reader.segments().last().map(|segment| (segment, end.last_batch, end.segment_end));
            let position = Position { operation: end.operation, chain: end.chain };
            JournalWriter::open(Arc::new(disk.clone()), CELL, position, last, 1 << 20).unwrap()
        };
        let operations = limits::RECENT_EVENTS as u64 + 100;
        for first in (4..=operations).step_by(1_000) {
            let batch: Vec<Entry> = (first..(first + 1_000).min(operations + 1)).map(|n| entry(n, 1)).collect();
            writer.append(&batch).unwrap();
            log.add(batch);
        }
        assert_eq!(log.lock().events.len(), limits::RECENT_EVENTS);
        let count = all(&log, EventCursor::behind(3), 5_000, &|_| true).len() as u64;
        assert_eq!(count, operations - 3);
    }

    #[test]
    fn what_is_not_durable_is_not_shown() {
        let (log, disk) = log(5, 5);
        let reader = JournalReader::open(Arc::new(disk.clone()), CELL).unwrap();
        let end = reader.end().unwrap();
        let last = reader.segments().last().map(|segment| (segment, end.last_batch, end.segment_end));
        let position = Position { operation: end.operation, chain: end.chain };
        let mut writer = JournalWriter::open(Arc::new(disk), CELL, position, last, 400).unwrap();
        // In the journal, and its sync has not been reported yet.
        writer.append(&[entry(6, 2)]).unwrap();
        assert_eq!(all(&log, EventCursor::default(), 100, &|_| true), expected(1, 5));
    }

    #[tokio::test]
    async fn who_waits_is_told() {
        let log = Arc::new(EventLog::new(1));
        log.moved_on(0).await;
        let waiting = tokio::spawn({
            let log = Arc::clone(&log);
            async move { log.moved_on(1).await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        log.add(vec![entry(2, 0)]);
        waiting.await.unwrap();
    }
}
