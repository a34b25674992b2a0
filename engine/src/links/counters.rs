//! What a link counts, on one side of it, since the cell was opened.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of a link.
#[derive(Default)]
pub struct LinkCounters {
    /// Frames sent, those that were sent again included.
    pub frames_sent: AtomicU64,
    /// Frames without a reply that could be believed.
    pub frames_failed: AtomicU64,
    /// Messages in frames sent, those that were sent again included.
    pub messages_sent: AtomicU64,
    /// Messages of the peer's that were taken, parked ones included.
    pub messages_received: AtomicU64,
    /// When a signed frame or reply of the peer's was last seen, UTC nanoseconds by the world's clock; 0 for never.
    pub last_contact_ns: AtomicU64,
}

impl LinkCounters {
    /// Adds to a counter.
    pub fn add(counter: &AtomicU64, value: u64) {
        counter.fetch_add(value, Ordering::Relaxed);
    }

    /// The peer was heard of.
    pub fn contact(&self, now_ns: u64) {
        self.last_contact_ns.fetch_max(now_ns, Ordering::Relaxed);
    }

    /// The counters that only rise: name, meaning, value.
    #[must_use]
    pub fn lines(&self) -> [(&'static str, &'static str, u64); 4] {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        [
            ("sycee_link_frames_sent_total", "frames sent to the peer", get(&self.frames_sent)),
            ("sycee_link_frames_failed_total", "frames without a good reply, sent again", get(&self.frames_failed)),
            ("sycee_link_messages_sent_total", "messages in frames sent", get(&self.messages_sent)),
            ("sycee_link_messages_received_total", "messages of the peer's taken", get(&self.messages_received)),
        ]
    }
}
