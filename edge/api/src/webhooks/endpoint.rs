//! One endpoint: its place in the stream, and how it stands.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sycee_engine::vault::{VaultError, WebhookEndpoint};
use sycee_engine::{CellHandle, EventCursor};
use tokio::sync::Notify;

use crate::events::Selection;

/// How an endpoint stands, as far as this process knows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Standing {
    /// How often in a row it did not take what it was posted.
    pub failures: u32,
    /// Why it did not take it last.
    pub last_failure: Option<String>,
    /// When it last took something, UTC nanoseconds by the world's clock.
    pub taken_at_ns: Option<u64>,
}

/// The place behind which it is told next, and how often somebody has set it: what was on its way then moves it no more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub cursor: EventCursor,
    pub set: u64,
}

/// An endpoint.
pub(crate) struct Endpoint {
    pub kept: WebhookEndpoint,
    pub cell: Arc<CellHandle>,
    pub selection: Arc<Selection>,
    place: Mutex<Place>,
    standing: Mutex<Standing>,
    is_followed: AtomicBool,
    is_deleted: AtomicBool,
    /// It was deleted, or somebody has set its place.
    pub changed: Notify,
}

impl Endpoint {
    pub fn new(kept: WebhookEndpoint, cell: Arc<CellHandle>, selection: Selection, cursor: EventCursor) -> Self {
        Self {
            kept,
            cell,
            selection: Arc::new(selection),
            place: Mutex::new(Place { cursor, set: 0 }),
            standing: Mutex::default(),
            is_followed: AtomicBool::new(false),
            is_deleted: AtomicBool::new(false),
            changed: Notify::new(),
        }
    }

    /// True once: for whoever follows the stream for it.
    pub fn take_following(&self) -> bool {
        !self.is_followed.swap(true, Ordering::SeqCst)
    }

    pub fn delete(&self) {
        self.is_deleted.store(true, Ordering::SeqCst);
        self.changed.notify_one();
    }

    pub fn is_deleted(&self) -> bool {
        self.is_deleted.load(Ordering::SeqCst)
    }

    /// Sets its place: what is behind it is told, again or for the first time. Durable when this returns.
    pub fn set_place(&self, cursor: EventCursor) -> Result<(), VaultError> {
        let mut place = self.lock_place();
        self.cell.vault.move_webhook(&self.kept.id, cursor, true)?;
        *place = Place { cursor, set: place.set + 1 };
        drop(place);
        self.standing().failures = 0;
        self.changed.notify_one();
        Ok(())
    }

    /// Moves its place on, unless somebody has set it since `from` was read, or it was deleted; false then.
    pub(super) fn move_on(&self, from: Place, to: EventCursor, synced: bool) -> Result<bool, VaultError> {
        let mut place = self.lock_place();
        if place.set != from.set || self.is_deleted() {
            return Ok(false);
        }
        self.cell.vault.move_webhook(&self.kept.id, to, synced)?;
        place.cursor = to;
        Ok(true)
    }

    pub(super) fn place(&self) -> Place {
        *self.lock_place()
    }

    /// The place behind which it is told next.
    pub fn cursor(&self) -> EventCursor {
        self.place().cursor
    }

    pub fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
