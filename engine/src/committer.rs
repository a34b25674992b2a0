//! Makes batches durable, shows them to readers, and only then answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use sycee_contract::{EffectId, EffectRecord};

use crate::durable::Durable;
use crate::journal::JournalWriter;
use crate::outbox::Outbox;
use crate::port::Port;
use crate::reply::NoReply;
use crate::sequencer::{Batch, EffectChange};

/// The effects that are not ended, as of the last durable operation. Whoever carries effects out looks here.
#[derive(Default)]
pub struct OpenEffects {
    effects: Mutex<BTreeMap<EffectId, EffectRecord>>,
    changed: tokio::sync::Notify,
}

impl OpenEffects {
    /// Those that were open when the cell was opened.
    #[must_use]
    pub fn new(effects: BTreeMap<EffectId, EffectRecord>) -> Self {
        Self { effects: Mutex::new(effects), changed: tokio::sync::Notify::new() }
    }

    /// All of them.
    #[must_use]
    pub fn list(&self) -> Vec<(EffectId, EffectRecord)> {
        let effects = self.effects.lock().unwrap_or_else(PoisonError::into_inner);
        effects.iter().map(|(id, record)| (*id, record.clone())).collect()
    }

    /// Those that were asked for after `after`: ids rise with time.
    #[must_use]
    pub fn list_after(&self, after: Option<EffectId>) -> Vec<(EffectId, EffectRecord)> {
        use std::ops::Bound;
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let effects = self.effects.lock().unwrap_or_else(PoisonError::into_inner);
        effects.range((from, Bound::Unbounded)).map(|(id, record)| (*id, record.clone())).collect()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.effects.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Waits until something has changed since it was last asked.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    fn update(&self, changes: Vec<EffectChange>) {
        if changes.is_empty() {
            return;
        }
        let mut effects = self.effects.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, record) in changes {
            match record {
                Some(record) => effects.insert(id, record),
                None => effects.remove(&id),
            };
        }
        drop(effects);
        self.changed.notify_one();
    }
}

/// What was committed, for metrics.
#[derive(Clone, Copy, Debug)]
pub struct Committed {
    /// The number of operations.
    pub operations: usize,
    /// The bytes that the journal grew by.
    pub bytes: usize,
}

/// Makes batches durable.
pub struct Committer {
    writer: JournalWriter,
    durable: Arc<Durable>,
    effects: Arc<OpenEffects>,
    outbox: Arc<Outbox>,
    port: Arc<Port>,
}

impl Committer {
    /// A committer that goes on where `writer` stands.
    #[must_use]
    pub fn new(
        writer: JournalWriter,
        durable: Arc<Durable>,
        effects: Arc<OpenEffects>,
        outbox: Arc<Outbox>,
        port: Arc<Port>,
    ) -> Self {
        Self { writer, durable, effects, outbox, port }
    }

    /// Makes a batch durable and answers.
    ///
    /// # Errors
    /// Why the cell stops: nobody has got an answer, and nothing more may be committed before the cell is opened again.
    pub fn commit(&mut self, batch: Batch) -> Result<Committed, String> {
        let operations = batch.entries.len();
        let bytes = match self.writer.append(&batch.entries) {
            Ok(bytes) => bytes,
            Err(error) => {
                let why = format!(
                    "the journal could not be written: {error}; what was not answered is in doubt until the cell is opened again"
                );
                self.port.stop(&why);
                for (responder, _) in batch.replies {
                    let _gone = responder.send(Err(NoReply::Stopped(why.clone())));
                }
                return Err(why);
            }
        };
        if operations > 0 {
            let layer = Arc::new(batch.layer);
            // Before readers see the batch: who sees that a timer has fired sees what it sent.
            self.outbox.update(batch.messages);
            self.durable.add(Arc::clone(&layer), self.writer.position().operation);
            self.effects.update(batch.effects);
            self.port.written(&layer);
            self.port.events().add(batch.entries);
        }
        for (responder, reply) in batch.replies {
            // A caller that has gone away finds the answer under its key.
            let _gone = responder.send(Ok(reply));
        }
        Ok(Committed { operations, bytes })
    }

    /// Ends a journal that is cleanly stopped.
    ///
    /// # Errors
    /// What the disk says; nothing is lost by it.
    pub fn finish(self) -> std::io::Result<()> {
        self.writer.finish()
    }
}
