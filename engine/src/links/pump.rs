//! The pump of a link: sends what waits in the outbox, one frame at a time, until the peer says that it has it.

use std::sync::Arc;
use std::time::Duration;

use sycee_contract::link::Link;
use tokio::sync::watch;

use super::carrier::{Carrier, Undelivered};
use super::counters::LinkCounters;
use super::frame::FrameReply;
use super::identity::{LinkKey, PeerKey};
use super::step::{acknowledge_command, build_frame};
use crate::clock::Clock;
use crate::limits;
use crate::reply::NoReply;
use crate::world::CellHandle;

const GATHER: Duration = Duration::from_millis(limits::FRAME_GATHER_MS);
const RETRY_MIN: Duration = Duration::from_millis(limits::FRAME_RETRY_MIN_MS);
const RETRY_MAX: Duration = Duration::from_millis(limits::FRAME_RETRY_MAX_MS);
const REPLY_WITHIN: Duration = Duration::from_secs(limits::FRAME_REPLY_SECONDS);

/// Sends the messages of one cell to one peer.
pub(super) struct Pump {
    pub cell: Arc<CellHandle>,
    pub key: Arc<LinkKey>,
    pub peer: u16,
    pub peer_key: PeerKey,
    pub carrier: Arc<dyn Carrier>,
    pub clock: Arc<dyn Clock>,
    pub counters: Arc<LinkCounters>,
}

/// How long to wait after one failure more.
fn longer(wait: Duration) -> Duration {
    if wait.is_zero() { RETRY_MIN } else { (wait * 2).min(RETRY_MAX) }
}

impl Pump {
    /// Sends for as long as it is polled, or until the cell stops.
    pub async fn run(self) {
        let (has, said) = watch::channel(0);
        tokio::select! {
            () = self.send(&has) => {}
            () = self.acknowledge(said) => {}
        }
    }

    async fn send(&self, has: &watch::Sender<u64>) {
        let mut after = self.acknowledged();
        let mut wait = Duration::ZERO;
        while self.cell.port.stopped().is_none() {
            let seen = self.cell.outbox.version();
            if self.cell.outbox.next(self.peer, after, 1, 1).is_empty() {
                self.cell.outbox.changed(seen).await;
                tokio::time::sleep(GATHER).await;
                continue;
            }
            match self.exchange(after).await {
                Ok(reply) => {
                    let moved = reply.received > after;
                    // What was acknowledged is not here any more, whatever the peer says now.
                    after = reply.received.max(self.acknowledged());
                    has.send_if_modified(|through| {
                        let more = reply.received > *through;
                        *through = reply.received.max(*through);
                        more
                    });
                    wait = if moved && !reply.busy { Duration::ZERO } else { longer(wait) };
                }
                Err(why) => {
                    LinkCounters::add(&self.counters.frames_failed, 1);
                    tracing::debug!(cell = self.cell.name, peer = self.peer, %why, "a frame is sent again");
                    wait = longer(wait);
                }
            }
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
        }
    }

    /// Sends one frame of what comes after a place, and hears how far the peer is.
    async fn exchange(&self, after: u64) -> Result<FrameReply, Undelivered> {
        let frame = build_frame(&self.cell.outbox, self.cell.number, self.peer, after)
            .ok_or_else(|| Undelivered("nothing to send".into()))?;
        LinkCounters::add(&self.counters.frames_sent, 1);
        LinkCounters::add(&self.counters.messages_sent, frame.messages.len() as u64);
        let bytes = frame.sign(&self.key);
        let answered = tokio::time::timeout(REPLY_WITHIN, self.carrier.deliver(&bytes)).await;
        let reply = answered.map_err(|_| Undelivered("no reply in time".into()))??;
        let reply = FrameReply::read(&reply, &bytes, self.peer, self.cell.number, &self.peer_key)
            .map_err(|bad| Undelivered(format!("the reply: {bad}")))?;
        self.counters.contact(self.clock.now_ns());
        let sent = self.link().map_or(0, |link| link.sent).max(self.cell.outbox.last(self.peer));
        if reply.received > sent {
            tracing::error!(
                cell = self.cell.name,
                peer = self.peer,
                "the peer has message {}, {sent} were sent: this cell, or the peer's, has lost its past",
                reply.received
            );
            return Err(Undelivered("the peer has more than was sent".into()));
        }
        if reply.received < self.acknowledged() {
            tracing::error!(
                cell = self.cell.name,
                peer = self.peer,
                "the peer has only message {} of those that it had acknowledged: it has lost its past",
                reply.received
            );
        }
        Ok(reply)
    }

    /// Takes what the peer has out of the cell's outbox. Several replies become one command when the cell is busy.
    async fn acknowledge(&self, mut said: watch::Receiver<u64>) {
        let mut wait = Duration::ZERO;
        while self.cell.port.stopped().is_none() {
            let through = *said.borrow_and_update();
            if through <= self.acknowledged() {
                if said.changed().await.is_err() {
                    return;
                }
                continue;
            }
            match self.cell.port.ask(acknowledge_command(self.peer, through)).await {
                Ok(reply) if reply.outcome.is_ok() => wait = Duration::ZERO,
                Ok(reply) => {
                    let refusal = reply.outcome.err().map(|refusal| refusal.detail).unwrap_or_default();
                    tracing::warn!(cell = self.cell.name, peer = self.peer, refusal, "not acknowledged");
                    wait = longer(wait);
                }
                Err(NoReply::Busy) => wait = longer(wait),
                Err(NoReply::Stopped(_)) => return,
            }
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
        }
    }

    fn link(&self) -> Option<Link> {
        let link = self.cell.port.get(&Link::key(self.peer));
        link.unwrap_or_else(|error| {
            tracing::error!(cell = self.cell.name, peer = self.peer, %error, "a link's row cannot be read");
            None
        })
    }

    fn acknowledged(&self) -> u64 {
        self.link().map_or(0, |link| link.acknowledged)
    }
}
