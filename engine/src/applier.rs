//! Brings the tables up to the journal, behind it.

use std::sync::Arc;

use sycee_contract::Operation;

use crate::checkpoint::Checkpoint;
use crate::disk::Disk;
use crate::durable::Durable;
use crate::layer::Layer;
use crate::limits;
use crate::store::{StoreError, TableStore};

/// Writes layers to the tables.
pub struct Applier {
    store: Arc<dyn TableStore>,
    durable: Arc<Durable>,
    disk: Arc<dyn Disk>,
    checkpoint: Operation,
}

impl Applier {
    /// An applier of `store`, whose checkpoints stand beside the journal on `disk`.
    #[must_use]
    pub fn new(store: Arc<dyn TableStore>, durable: Arc<Durable>, disk: Arc<dyn Disk>, checkpoint: Operation) -> Self {
        Self { store, durable, disk, checkpoint }
    }

    /// The operation that the tables hold.
    #[must_use]
    pub fn applied(&self) -> Operation {
        self.store.applied()
    }

    /// Writes everything that waits; false if nothing did.
    ///
    /// # Errors
    /// The store's own. The journal is not touched: opening again applies what is missing.
    pub fn step(&mut self) -> Result<bool, StoreError> {
        let (layers, operation) = self.durable.backlog();
        if layers.is_empty() {
            return Ok(false);
        }
        self.store.write(&Layer::to_writes(&layers), operation)?;
        self.durable.applied(layers.len(), self.store.snapshot());
        if operation.saturating_sub(self.checkpoint) >= limits::CHECKPOINT_OPERATIONS {
            self.write_checkpoint()?;
        }
        Ok(true)
    }

    /// Makes the tables durable, and says so beside the journal.
    ///
    /// # Errors
    /// The store's or the disk's own.
    pub fn write_checkpoint(&mut self) -> Result<(), StoreError> {
        let operation = self.store.applied();
        self.store.persist()?;
        Checkpoint { operation }.write(&*self.disk).map_err(|error| StoreError::new(format!("checkpoint: {error}")))?;
        self.checkpoint = operation;
        Ok(())
    }
}
