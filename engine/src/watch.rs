//! Waiting for a row: whoever needs to know what a payment came to is woken when a durable batch writes its row.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashbrown::HashMap;
use sycee_contract::Key;
use tokio::sync::Notify;

use crate::layer::Layer;

/// A row that is waited for, and by how many.
struct Watched {
    written: Arc<Notify>,
    watchers: usize,
}

/// The rows that somebody waits for.
#[derive(Default)]
pub(crate) struct Watches {
    /// The number of rows in `rows`, so that a batch that nobody waits for costs one load.
    count: AtomicUsize,
    rows: Mutex<HashMap<Key, Watched>>,
}

impl Watches {
    /// Begins to watch a row; until the guard is dropped.
    pub fn watch<'w>(&'w self, key: &Key) -> Watch<'w> {
        let mut rows = self.lock();
        let watched =
            rows.entry(key.clone()).or_insert_with(|| Watched { written: Arc::new(Notify::new()), watchers: 0 });
        watched.watchers += 1;
        let written = Arc::clone(&watched.written);
        self.count.store(rows.len(), Ordering::SeqCst);
        Watch { watches: self, key: key.clone(), written }
    }

    /// A batch is durable and readers see it: wakes those who watch one of its rows.
    ///
    /// No wake-up is lost: a watcher is counted before it reads the durable state, and the batch is put into that state before
    /// this is called, both under the same lock. So either the watcher reads what the batch wrote, or it is counted here.
    pub fn written(&self, layer: &Layer) {
        if self.count.load(Ordering::SeqCst) == 0 {
            return;
        }
        for (key, watched) in &*self.lock() {
            if layer.row(key).is_some() {
                watched.written.notify_waiters();
            }
        }
    }

    /// Wakes everybody: the cell has stopped.
    pub fn wake_all(&self) {
        self.lock().values().for_each(|watched| watched.written.notify_waiters());
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Watched>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A row that is watched, for as long as this lives.
pub(crate) struct Watch<'w> {
    watches: &'w Watches,
    key: Key,
    /// Notified each time a durable batch has written the row.
    pub written: Arc<Notify>,
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        let mut rows = self.watches.lock();
        if let Some(watched) = rows.get_mut(&self.key) {
            watched.watchers -= 1;
            if watched.watchers == 0 {
                rows.remove(&self.key);
            }
        }
        self.watches.count.store(rows.len(), Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_forgotten_with_its_last_watcher() {
        let watches = Watches::default();
        let (a, b) = (Key::new(1), Key::new(2));
        let first = watches.watch(&a);
        let second = watches.watch(&a);
        let third = watches.watch(&b);
        assert_eq!(watches.len(), 2);
        drop(first);
        assert_eq!(watches.len(), 2);
        drop(second);
        drop(third);
        assert_eq!((watches.len(), watches.count.load(Ordering::SeqCst)), (0, 0));
    }
}
