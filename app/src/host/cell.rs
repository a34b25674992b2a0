//! One cell on its threads.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use sycee_engine::clock::Clock;
use sycee_engine::store::TableStore;
use sycee_engine::{
    Applier, Batch, Committer, Durable, Fetch, FetchResult, OpenCell, OpenEffects, Outbox, Port, Queued, Recovery,
    Sequencer, drive, limits,
};

use super::CellMetrics;

/// The longest that the writer sleeps with nothing to do: a test clock may move under it.
const IDLE_WAIT: Duration = Duration::from_millis(50);

/// A cell that runs.
pub struct HostedCell {
    /// Commands in, durable state out.
    pub port: Arc<Port>,
    /// What the outside is asked for.
    pub effects: Arc<OpenEffects>,
    /// Messages on their way to other cells.
    pub outbox: Arc<Outbox>,
    /// What it counts.
    pub metrics: Arc<CellMetrics>,
    /// What opening found.
    pub recovery: Recovery,
    threads: Vec<JoinHandle<()>>,
}

impl HostedCell {
    /// Asks the cell to finish what is queued and end; [`HostedCell::stop`] waits for it.
    pub fn begin_stop(&self) {
        self.port.close();
    }

    /// Finishes what is queued, fills the tables, writes a checkpoint, and ends the threads.
    ///
    /// # Errors
    /// Why the cell had stopped by itself before its end.
    pub fn stop(self) -> Result<(), String> {
        self.begin_stop();
        for thread in self.threads {
            // A thread that panicked has stopped the cell through its guard already.
            let _panicked = thread.join();
        }
        let stopped = self.port.stopped();
        self.port.stop("the server has stopped");
        stopped.map_or(Ok(()), Err)
    }
}

/// Stops the cell if its thread panics: callers must not wait for ever.
struct StopOnPanic(Arc<Port>, &'static str);

impl Drop for StopOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop(self.1);
        }
    }
}

/// Starts the threads of an open cell.
#[must_use]
pub fn host(name: &str, cell: OpenCell, clock: Arc<dyn Clock>) -> HostedCell {
    let OpenCell { sequencer, committer, applier, tables, port, effects, outbox, durable, recovery } = cell;
    let metrics = Arc::new(CellMetrics::default());
    let (batch_sender, batches) = sync_channel(limits::BATCHES_IN_FLIGHT - 1);
    let (fetch_sender, fetches) = channel();
    let fetched = Arc::new(Mutex::new(Vec::new()));
    let (applier_wake, applier_woken) = channel();

    let writer = Writer {
        sequencer,
        port: Arc::clone(&port),
        durable: Arc::clone(&durable),
        tables: Arc::clone(&tables),
        clock,
        batches: batch_sender,
        fetches: fetch_sender,
        fetched: Arc::clone(&fetched),
        metrics: Arc::clone(&metrics),
    };
    let mut threads = Vec::new();
    let mut start = |what: &'static str, work: Box<dyn FnOnce() + Send>| {
        let guard = StopOnPanic(Arc::clone(&port), "a thread of the cell panicked; see the log");
        let thread = std::thread::Builder::new().name(format!("{name}-{what}")).spawn(move || {
            let _guard = guard;
            work();
        });
        match thread {
            Ok(thread) => threads.push(thread),
            Err(error) => port.stop(&format!("a thread could not be started: {error}")),
        }
    };
    start("decide", Box::new(move || writer.run()));
    {
        let metrics = Arc::clone(&metrics);
        start("commit", Box::new(move || commit(committer, &batches, &applier_wake, &metrics)));
    }
    {
        let (port, durable) = (Arc::clone(&port), Arc::clone(&durable));
        start("tables", Box::new(move || fill_tables(applier, &applier_woken, &durable, &port)));
    }
    {
        let (port, metrics) = (Arc::clone(&port), Arc::clone(&metrics));
        start("fetch", Box::new(move || fetch_rows(&fetches, &*tables, &fetched, &port, &metrics)));
    }
    HostedCell { port, effects, outbox, metrics, recovery, threads }
}

/// The thread that decides.
struct Writer {
    sequencer: Sequencer,
    port: Arc<Port>,
    durable: Arc<Durable>,
    tables: Arc<dyn TableStore>,
    clock: Arc<dyn Clock>,
    batches: SyncSender<Batch>,
    fetches: Sender<Vec<Fetch>>,
    fetched: Arc<Mutex<Vec<FetchResult>>>,
    metrics: Arc<CellMetrics>,
}

impl Writer {
    fn run(mut self) {
        let mut incoming: Vec<Queued> = Vec::new();
        let mut quarantined = 0;
        loop {
            // Dropping the writer tells everybody who waits for a row.
            if self.port.stopped().is_some() {
                return;
            }
            if self.port.is_closing()
                && self.port.waiting() == 0
                && incoming.is_empty()
                && !self.sequencer.has_waiting()
            {
                return;
            }
            if self.sequencer.is_saturated() {
                // The queue fills up meanwhile and answers busy; a fetch that comes back wakes this thread.
                self.port.take_nothing(IDLE_WAIT);
            } else {
                let room = limits::BATCH_COMMANDS.saturating_sub(incoming.len());
                let wait = if incoming.is_empty() { self.idle_wait() } else { Duration::ZERO };
                self.port.take(room, wait, &mut incoming);
            }
            let results = std::mem::take(&mut *self.fetched.lock().unwrap_or_else(PoisonError::into_inner));
            let step = results
                .into_iter()
                .try_for_each(|result| self.sequencer.supply(result))
                .and_then(|()| self.sequencer.step(&mut incoming));
            if let Err(broken) = step {
                tracing::error!(why = broken.0, "the cell stops");
                self.port.stop(&broken.0);
                return;
            }
            CellMetrics::add(&self.metrics.quarantined, self.sequencer.quarantined() - quarantined);
            quarantined = self.sequencer.quarantined();
            let fetches = self.sequencer.take_fetches();
            if !fetches.is_empty() && self.fetches.send(fetches).is_err() {
                return;
            }
            if let Some(batch) = self.sequencer.take_batch(self.tables.applied())
                && self.batches.send(batch).is_err()
            {
                // The committer has stopped the cell and said why.
                return;
            }
            self.wait_for_tables();
        }
    }

    /// Waits while too many rows wait for the tables; tables that take nothing for long stop the cell.
    fn wait_for_tables(&self) {
        let (mut applied, mut since) = (self.tables.applied(), Instant::now());
        while self.durable.backlog_rows() > limits::APPLY_BACKLOG_ROWS && self.port.stopped().is_none() {
            std::thread::sleep(Duration::from_millis(2));
            if self.tables.applied() != applied {
                (applied, since) = (self.tables.applied(), Instant::now());
            } else if since.elapsed() > Duration::from_secs(limits::TABLES_STALL_SECONDS) {
                tracing::error!("the cell stops: its tables take nothing any more");
                self.port.stop("the tables have taken nothing for a minute");
            }
        }
    }

    fn idle_wait(&self) -> Duration {
        let due = self.sequencer.next_timer_ns().map(|due| due.saturating_sub(self.clock.now_ns()));
        due.map_or(IDLE_WAIT, |due| Duration::from_nanos(due).min(IDLE_WAIT))
    }
}

fn commit(mut committer: Committer, batches: &Receiver<Batch>, wake: &Sender<()>, metrics: &CellMetrics) {
    while let Ok(batch) = batches.recv() {
        let began = Instant::now();
        match committer.commit(batch) {
            Ok(committed) => {
                if committed.operations > 0 {
                    CellMetrics::add(&metrics.operations, committed.operations as u64);
                    CellMetrics::add(&metrics.batches, 1);
                    CellMetrics::add(&metrics.journal_bytes, committed.bytes as u64);
                    let spent = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
                    CellMetrics::add(&metrics.commit_us, spent);
                    // The applier ends only after this thread.
                    let _ended = wake.send(());
                }
            }
            Err(why) => {
                tracing::error!(why, "the cell stops");
                return;
            }
        }
    }
    if let Err(error) = committer.finish() {
        tracing::warn!(%error, "the journal keeps the space that it had allocated");
    }
}

fn fill_tables(mut applier: Applier, woken: &Receiver<()>, durable: &Durable, port: &Port) {
    let wait = Duration::from_millis(limits::APPLY_WAIT_MS);
    let mut open = true;
    while open {
        match woken.recv() {
            Ok(()) => {}
            Err(_) => open = false,
        }
        // Gather for a moment: an account that is touched in many batches is written once.
        let until = Instant::now() + wait;
        while open && durable.backlog_rows() < limits::APPLY_ROWS {
            let left = until.saturating_duration_since(Instant::now());
            match woken.recv_timeout(left) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => open = false,
            }
        }
        while woken.try_recv().is_ok() {}
        if let Err(error) = applier.step() {
            tracing::error!(%error, "the cell stops: its tables cannot be written");
            port.stop(&error.to_string());
            return;
        }
    }
    if let Err(error) = applier.step().and_then(|_| applier.write_checkpoint()) {
        tracing::error!(%error, "no checkpoint at the end; the next start reads more of the journal");
        port.stop(&error.to_string());
    }
}

fn fetch_rows(
    fetches: &Receiver<Vec<Fetch>>,
    tables: &dyn TableStore,
    fetched: &Mutex<Vec<FetchResult>>,
    port: &Port,
    metrics: &CellMetrics,
) {
    while let Ok(list) = fetches.recv() {
        for wanted in list {
            CellMetrics::add(&metrics.fetched_rows, wanted.keys.len() as u64);
            match drive::fetch(tables, wanted) {
                Ok(result) => fetched.lock().unwrap_or_else(PoisonError::into_inner).push(result),
                Err(error) => {
                    tracing::error!(%error, "the cell stops: its tables cannot be read");
                    port.stop(&error.to_string());
                    return;
                }
            }
        }
        port.wake();
    }
}
