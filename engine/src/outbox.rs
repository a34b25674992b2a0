//! The outbox: messages on their way to other cells, as of the last durable operation.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sycee_contract::link::{Message, MessageId};
use tokio::sync::watch;

/// A message that was written to the outbox, or has left it (`None`).
pub type MessageChange = (MessageId, Option<Message>);

/// What waits for one peer.
#[derive(Default)]
struct Stream {
    waiting: BTreeMap<u64, Arc<Message>>,
    last: u64,
}

/// The messages that no peer has acknowledged yet, by peer and place, as of the last durable operation. Nothing that is not
/// durable can be sent from here.
pub struct Outbox {
    streams: Mutex<BTreeMap<u16, Stream>>,
    changes: watch::Sender<u64>,
}

impl Default for Outbox {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl Outbox {
    /// Those that were on their way when the cell was opened.
    #[must_use]
    pub fn new(messages: Vec<(MessageId, Message)>) -> Self {
        let outbox = Self { streams: Mutex::default(), changes: watch::Sender::new(0) };
        outbox.update(messages.into_iter().map(|(id, message)| (id, Some(message))).collect());
        outbox
    }

    /// Up to `count` messages for `peer` after the place `after`, in order and without a gap, of about `bytes` bytes together;
    /// at least one, if there is one.
    #[must_use]
    pub fn next(&self, peer: u16, after: u64, count: usize, bytes: usize) -> Vec<(u64, Arc<Message>)> {
        let streams = self.lock();
        let Some(stream) = streams.get(&peer) else { return Vec::new() };
        let mut messages: Vec<(u64, Arc<Message>)> = Vec::new();
        let mut taken_bytes = 0;
        for (sequence, message) in stream.waiting.range(after.saturating_add(1)..).take(count) {
            taken_bytes += about_bytes(message);
            let is_next = messages.last().is_none_or(|(last, _)| last.checked_add(1) == Some(*sequence));
            if !is_next || (!messages.is_empty() && taken_bytes > bytes) {
                break;
            }
            messages.push((*sequence, Arc::clone(message)));
        }
        messages
    }

    /// How many messages wait for `peer`.
    #[must_use]
    pub fn backlog(&self, peer: u16) -> usize {
        self.lock().get(&peer).map_or(0, |stream| stream.waiting.len())
    }

    /// The place of the last message for `peer` that was here since the cell was opened; 0 if there was none.
    #[must_use]
    pub fn last(&self, peer: u16) -> u64 {
        self.lock().get(&peer).map_or(0, |stream| stream.last)
    }

    /// The peers for whom something waits.
    #[must_use]
    pub fn peers(&self) -> Vec<u16> {
        self.lock().iter().filter(|(_, stream)| !stream.waiting.is_empty()).map(|(peer, _)| *peer).collect()
    }

    /// A number that rises with every change: take it before looking, and wait with [`Outbox::changed`].
    #[must_use]
    pub fn version(&self) -> u64 {
        *self.changes.borrow()
    }

    /// Waits until the version is higher than `seen`, and gives it back. Any number of waiters is woken.
    pub async fn changed(&self, seen: u64) -> u64 {
        let mut changes = self.changes.subscribe();
        let higher = changes.wait_for(|version| *version > seen).await.ok().map(|version| *version);
        match higher {
            Some(version) => version,
            // The sender is in `self` and outlives this borrow of it.
            None => std::future::pending().await,
        }
    }

    /// Takes in what a durable batch changed.
    pub(crate) fn update(&self, changes: Vec<MessageChange>) {
        if changes.is_empty() {
            return;
        }
        let mut streams = self.lock();
        for (id, message) in changes {
            let stream = streams.entry(id.peer).or_default();
            match message {
                Some(message) => {
                    stream.waiting.insert(id.sequence, Arc::new(message));
                    stream.last = stream.last.max(id.sequence);
                }
                None => {
                    stream.waiting.remove(&id.sequence);
                }
            }
        }
        drop(streams);
        self.changes.send_modify(|version| *version += 1);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u16, Stream>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// About how long a message is in a frame, without encoding it: its body, its other fields, a signature.
fn about_bytes(message: &Message) -> usize {
    message.body.len() + 128
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body_bytes: usize) -> Message {
        Message { kind: 0x2001, version: 1, sent_at_ns: 1, body: vec![7; body_bytes], evidence: false }
    }

    fn id(peer: u16, sequence: u64) -> MessageId {
        MessageId { peer, sequence }
    }

    fn places(outbox: &Outbox, peer: u16, after: u64, count: usize, bytes: usize) -> Vec<u64> {
        outbox.next(peer, after, count, bytes).into_iter().map(|(sequence, _)| sequence).collect()
    }

    #[test]
    fn messages_are_given_in_order_without_a_gap_and_within_the_bounds() {
        let of = |peer, list: &[u64]| list.iter().map(|n| (id(peer, *n), message(872))).collect::<Vec<_>>();
        let mut all = of(2, &[4, 3, 5, 8]);
        all.extend(of(9, &[1]));
        let outbox = Outbox::new(all);
        for (peer, after, count, bytes, expected) in [
            (2, 0, 10, 1_000_000, &[3, 4, 5][..]),
            (2, 3, 10, 1_000_000, &[4, 5]),
            (2, 5, 10, 1_000_000, &[8]),
            (2, 8, 10, 1_000_000, &[]),
            (2, u64::MAX, 10, 1_000_000, &[]),
            (2, 0, 2, 1_000_000, &[3, 4]),
            (2, 0, 10, 2_999, &[3, 4]),
            (2, 0, 10, 3_000, &[3, 4, 5]),
            (2, 0, 10, 1, &[3]),
            (2, 0, 0, 1_000_000, &[]),
            (9, 0, 10, 1_000_000, &[1]),
            (7, 0, 10, 1_000_000, &[]),
        ] {
            assert_eq!(places(&outbox, peer, after, count, bytes), expected, "{peer} {after} {count} {bytes}");
        }
        assert_eq!((outbox.backlog(2), outbox.last(2), outbox.peers()), (4, 8, vec![2, 9]));
        outbox.update(vec![(id(9, 1), None)]);
        assert_eq!((outbox.backlog(9), outbox.last(9), outbox.peers()), (0, 1, vec![2]));
    }

    #[tokio::test]
    async fn every_waiter_is_woken_and_a_change_before_the_wait_is_not_missed() {
        let outbox = Arc::new(Outbox::default());
        let seen = outbox.version();
        let waiters: Vec<_> = (0..3)
            .map(|_| {
                let outbox = Arc::clone(&outbox);
                tokio::spawn(async move { outbox.changed(seen).await })
            })
            .collect();
        tokio::task::yield_now().await;
        outbox.update(vec![(id(2, 1), Some(message(1)))]);
        for waiter in waiters {
            assert!(waiter.await.unwrap() > seen);
        }
        assert!(outbox.changed(seen).await > seen, "it was before the wait");
    }
}
