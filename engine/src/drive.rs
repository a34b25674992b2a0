//! A cell driven step by step on one thread: for tests, the simulator and tools. Nothing happens but what is asked for.

use std::sync::Arc;
use std::time::Duration;

use sycee_contract::Command;
use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;

use crate::open::OpenCell;
use crate::port::{Port, Queued};
use crate::reply::{NoReply, Reply};
use crate::sequencer::{Fetch, FetchResult};
use crate::store::{StoreError, TableStore};

/// Carries a fetch out.
///
/// # Errors
/// The table store's.
pub fn fetch(tables: &dyn TableStore, fetch: Fetch) -> Result<FetchResult, StoreError> {
    let rows =
        fetch.keys.iter().map(|key| Ok((key.clone(), tables.get(key)?))).collect::<Result<Vec<_>, StoreError>>()?;
    Ok(fetch.found(rows))
}

/// A cell on one thread.
pub struct Driven {
    /// The cell.
    pub cell: OpenCell,
    incoming: Vec<Queued>,
    stopped: Option<String>,
}

impl Driven {
    /// Drives an open cell.
    #[must_use]
    pub fn new(cell: OpenCell) -> Self {
        Self { cell, incoming: Vec::new(), stopped: None }
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> Arc<Port> {
        Arc::clone(&self.cell.port)
    }

    /// Puts a command in the queue.
    ///
    /// # Errors
    /// [`NoReply`].
    pub fn submit(&self, command: Command) -> Result<oneshot::Receiver<Result<Reply, NoReply>>, NoReply> {
        self.cell.port.submit(command)
    }

    /// Decides what is queued and due, and gives back whether anything moved. Nothing is made durable.
    ///
    /// # Errors
    /// Why the cell stops.
    pub fn decide(&mut self) -> Result<bool, String> {
        self.cell.port.take(usize::MAX, Duration::ZERO, &mut self.incoming);
        let before = self.incoming.len();
        self.cell.sequencer.step(&mut self.incoming).map_err(|broken| broken.0)?;
        let fetches = self.cell.sequencer.take_fetches();
        let moved = before > 0 || !fetches.is_empty();
        for wanted in fetches {
            let found = fetch(&*self.cell.tables, wanted).map_err(|error| error.to_string())?;
            self.cell.sequencer.supply(found).map_err(|broken| broken.0)?;
        }
        Ok(moved)
    }

    /// Makes what was decided durable, and answers.
    ///
    /// # Errors
    /// Why the cell stops.
    pub fn commit(&mut self) -> Result<bool, String> {
        if let Some(why) = &self.stopped {
            return Err(why.clone());
        }
        let Some(batch) = self.cell.sequencer.take_batch(self.cell.applier.applied()) else { return Ok(false) };
        if let Err(why) = self.cell.committer.commit(batch) {
            self.stopped = Some(why.clone());
            return Err(why);
        }
        Ok(true)
    }

    /// Fills the tables.
    ///
    /// # Errors
    /// The store's own.
    pub fn apply(&mut self) -> Result<bool, StoreError> {
        self.cell.applier.step()
    }

    /// Decides, commits and applies until nothing moves any more.
    ///
    /// # Errors
    /// Why the cell stops.
    pub fn settle(&mut self) -> Result<(), String> {
        loop {
            let decided = self.decide()?;
            let committed = self.commit()?;
            let applied = self.apply().map_err(|error| error.to_string())?;
            if !decided && !committed && !applied && !self.cell.sequencer.has_waiting() {
                return Ok(());
            }
        }
    }

    /// Asks one command and settles.
    ///
    /// # Errors
    /// [`NoReply`].
    pub fn ask(&mut self, command: Command) -> Result<Reply, NoReply> {
        let mut receiver = self.submit(command)?;
        self.settle().map_err(NoReply::Stopped)?;
        match receiver.try_recv() {
            Ok(answer) => answer,
            Err(TryRecvError::Empty | TryRecvError::Closed) => Err(NoReply::Stopped("no answer came".into())),
        }
    }
}
