//! The port of a cell: the bounded queue that edges put commands in, and the door to its durable state.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sycee_contract::{Command, Key, Record, Role};
use tokio::sync::oneshot;

use crate::durable::{Durable, ReadPoint};
use crate::events::EventLog;
use crate::layer::Layer;
use crate::limits;
use crate::reply::{NoReply, Reply, Responder};
use crate::store::StoreError;
use crate::watch::Watches;

/// A command that waits.
pub struct Queued {
    /// The command.
    pub command: Command,
    /// Where its answer goes; nobody waits for what the cell asks of itself.
    pub responder: Option<Responder>,
}

#[derive(Default)]
struct Queue {
    commands: VecDeque<Queued>,
    poked: bool,
    stopped: Option<String>,
}

/// Shared by edges and the writer.
pub struct Port {
    queue: Mutex<Queue>,
    arrived: Condvar,
    closing: AtomicBool,
    durable: Arc<Durable>,
    watches: Watches,
    events: EventLog,
}

impl Port {
    /// A port to a cell whose durable state is `durable`.
    #[must_use]
    pub fn new(durable: Arc<Durable>) -> Self {
        let watches = Watches::default();
        let events = EventLog::new(durable.operation());
        let closing = AtomicBool::new(false);
        Self { queue: Mutex::default(), arrived: Condvar::new(), closing, durable, watches, events }
    }

    /// The stream of what happens in the cell.
    #[must_use]
    pub fn events(&self) -> &EventLog {
        &self.events
    }

    /// Puts a command in the queue; the answer comes when it is durable.
    ///
    /// # Errors
    /// [`NoReply::Busy`] or [`NoReply::Stopped`]: the command was not taken.
    pub fn submit(&self, command: Command) -> Result<oneshot::Receiver<Result<Reply, NoReply>>, NoReply> {
        let (responder, receiver) = oneshot::channel();
        self.enqueue(Queued { command, responder: Some(responder) })?;
        Ok(receiver)
    }

    /// Puts a command in the queue and waits for its answer.
    ///
    /// # Errors
    /// [`NoReply`].
    pub async fn ask(&self, command: Command) -> Result<Reply, NoReply> {
        self.submit(command)?.await.unwrap_or_else(|_| Err(NoReply::Stopped("it was stopped meanwhile".into())))
    }

    /// The same, for threads.
    ///
    /// # Errors
    /// [`NoReply`].
    pub fn ask_blocking(&self, command: Command) -> Result<Reply, NoReply> {
        let receiver = self.submit(command)?;
        receiver.blocking_recv().unwrap_or_else(|_| Err(NoReply::Stopped("it was stopped meanwhile".into())))
    }

    /// The same, for a thread that may belong to an asynchronous runtime: at start, when nothing else runs yet.
    ///
    /// # Errors
    /// [`NoReply`].
    pub fn ask_blocking_anywhere(&self, command: Command) -> Result<Reply, NoReply> {
        let mut receiver = self.submit(command)?;
        loop {
            match receiver.try_recv() {
                Ok(answer) => return answer,
                Err(oneshot::error::TryRecvError::Empty) => std::thread::sleep(Duration::from_millis(1)),
                Err(oneshot::error::TryRecvError::Closed) => {
                    return Err(NoReply::Stopped("it was stopped meanwhile".into()));
                }
            }
        }
    }

    /// The cell's durable state, as of now.
    #[must_use]
    pub fn begin_read(&self) -> ReadPoint {
        self.durable.begin_read()
    }

    /// The record of a row, as of now.
    ///
    /// # Errors
    /// The table store's.
    pub fn get<R: Record>(&self, key: &Key) -> Result<Option<R>, StoreError> {
        self.begin_read().get(key)
    }

    /// Waits until `look` finds in a row what it looks for, and gives that back. It is called with the row as it is now, and
    /// again each time a durable batch has written the row; a version that was at once written over may be left out.
    ///
    /// # Errors
    /// The table store's; that the row does not decode; or that the cell has stopped.
    pub async fn until<R: Record, T>(
        &self,
        key: &Key,
        mut look: impl FnMut(Option<R>) -> Option<T>,
    ) -> Result<T, StoreError> {
        let watch = self.watches.watch(key);
        loop {
            let written = watch.written.notified();
            tokio::pin!(written);
            // Listening begins here, before the row is read, so that what is written in between is not missed.
            written.as_mut().enable();
            if let Some(found) = look(self.get(key)?) {
                return Ok(found);
            }
            if let Some(why) = self.stopped() {
                return Err(StoreError::new(format!("the cell has stopped: {why}")));
            }
            written.await;
        }
    }

    /// A batch is durable and readers see it.
    pub(crate) fn written(&self, layer: &Layer) {
        self.watches.written(layer);
    }

    /// Why the cell has stopped, if it has.
    #[must_use]
    pub fn stopped(&self) -> Option<String> {
        self.lock().stopped.clone()
    }

    /// How many commands wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.lock().commands.len()
    }

    /// Puts a command in the queue. Room is reserved for operators and for what the cell asks of itself.
    ///
    /// # Errors
    /// [`NoReply::Busy`] or [`NoReply::Stopped`].
    pub fn enqueue(&self, queued: Queued) -> Result<(), NoReply> {
        let mut queue = self.lock();
        if let Some(why) = &queue.stopped {
            return Err(NoReply::Stopped(why.clone()));
        }
        let room = match queued.command.caller.role {
            Role::Operator | Role::System => limits::QUEUE_COMMANDS + limits::QUEUE_RESERVED,
            // Results from outside; half of the reserve, so that a peer that floods does not keep operators out.
            Role::Peer => limits::QUEUE_COMMANDS + limits::QUEUE_RESERVED / 2,
            Role::Merchant | Role::Customer => limits::QUEUE_COMMANDS,
        };
        if queue.commands.len() >= room {
            return Err(NoReply::Busy);
        }
        queue.commands.push_back(queued);
        drop(queue);
        self.arrived.notify_one();
        Ok(())
    }

    /// Takes up to `count` commands, waiting up to `wait` for the first.
    pub fn take(&self, count: usize, wait: Duration, into: &mut Vec<Queued>) {
        let mut queue = self.lock();
        let idle = queue.commands.is_empty() && !queue.poked;
        if idle && !wait.is_zero() && !self.closing.load(Ordering::SeqCst) {
            queue = self.arrived.wait_timeout(queue, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
        queue.poked = false;
        let count = count.min(queue.commands.len());
        into.extend(queue.commands.drain(..count));
    }

    /// Waits up to `wait` for [`Port::wake`], and takes nothing.
    pub fn take_nothing(&self, wait: Duration) {
        let queue = self.lock();
        let mut queue = if queue.poked {
            queue
        } else {
            self.arrived.wait_timeout(queue, wait).unwrap_or_else(PoisonError::into_inner).0
        };
        queue.poked = false;
    }

    /// Wakes the writer: a fetch has come back, or the clock has moved.
    pub fn wake(&self) {
        self.lock().poked = true;
        self.arrived.notify_one();
    }

    /// Refuses everything from now on, and tells those who wait.
    pub fn stop(&self, why: &str) {
        let mut queue = self.lock();
        queue.stopped.get_or_insert_with(|| why.to_owned());
        let waiting = std::mem::take(&mut queue.commands);
        drop(queue);
        for queued in waiting {
            if let Some(responder) = queued.responder {
                // A caller that has gone away needs no answer.
                let _gone = responder.send(Err(NoReply::Stopped(why.to_owned())));
            }
        }
        self.arrived.notify_all();
        self.watches.wake_all();
    }

    /// Asks the writer to finish what is queued and end.
    pub fn close(&self) {
        self.closing.store(true, Ordering::SeqCst);
        self.arrived.notify_all();
    }

    /// Whether the writer was asked to end.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst)
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
