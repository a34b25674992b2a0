//! The inbox of a cell: frames of its peers become commands, one for each message, in order.

use std::collections::BTreeMap;
use std::sync::Arc;

use sycee_contract::Command;
use sycee_contract::link::Link;
use tokio::sync::oneshot;

use super::counters::LinkCounters;
use super::frame::{BadFrame, Frame, FrameMessage, FrameReply, UnverifiedFrame, frame_digest};
use super::identity::{LinkKey, PeerKey};
use super::step::{Verdict, park_command, receive_command, verdict};
use crate::clock::Clock;
use crate::port::Port;
use crate::reply::{NoReply, Reply};

/// A peer as its frames are judged.
pub(super) struct Sender {
    pub key: PeerKey,
    pub counters: Arc<LinkCounters>,
    /// Frames of one peer are taken one at a time.
    pub turn: tokio::sync::Mutex<()>,
}

/// Takes frames for one cell.
pub(super) struct Inbox {
    pub cell: u16,
    pub port: Arc<Port>,
    pub key: Arc<LinkKey>,
    pub clock: Arc<dyn Clock>,
    pub senders: BTreeMap<u16, Sender>,
}

/// Whether all of a frame is there now, or the cell wants to be left alone for a moment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taken {
    All,
    Busy,
}

type Answer = oneshot::Receiver<Result<Reply, NoReply>>;

/// A message of a frame, and the answer that it will get.
type Asked<'f> = (u64, &'f FrameMessage, Answer);

impl Inbox {
    /// Takes a frame and gives back the bytes of the reply. What the reply says is durable.
    pub async fn take(&self, bytes: &[u8]) -> Result<Vec<u8>, BadFrame> {
        self.take_read(UnverifiedFrame::read(bytes)?, bytes).await
    }

    /// The same for a frame whose sender was read already from `bytes`.
    pub async fn take_read(&self, frame: UnverifiedFrame, bytes: &[u8]) -> Result<Vec<u8>, BadFrame> {
        let sender = self.senders.get(&frame.from()).filter(|_| frame.to() == self.cell).ok_or(BadFrame::NotLinked)?;
        let frame = frame.verify(&sender.key)?;
        let answers = frame_digest(bytes);
        sender.counters.contact(self.clock.now_ns());
        let _turn = sender.turn.lock().await;
        let taken = self.apply(&frame, sender).await?;
        let link = self.link(frame.from)?;
        let busy = taken == Taken::Busy || link.is_none();
        let received = link.map_or(0, |link| link.received);
        Ok(FrameReply { from: self.cell, to: frame.from, received, busy, answers }.sign(&self.key))
    }

    fn link(&self, peer: u16) -> Result<Option<Link>, BadFrame> {
        self.port.get(&Link::key(peer)).map_err(|error| {
            tracing::error!(cell = self.cell, peer, %error, "a link's row cannot be read");
            BadFrame::Unavailable
        })
    }

    async fn apply(&self, frame: &Frame, sender: &Sender) -> Result<Taken, BadFrame> {
        let Some(link) = self.link(frame.from)? else { return Ok(Taken::Busy) };
        let (Some(last), mut next) = (frame.last_sequence(), link.received.saturating_add(1)) else {
            return Ok(Taken::All);
        };
        if frame.first_sequence > next {
            // Something before it is missing; the reply says from where on to send again.
            return Ok(Taken::All);
        }
        while next <= last {
            let before = next;
            let (mut answers, is_full) = self.submit(frame, next)?;
            // All are asked for before the first answer is waited for, so that they share a batch.
            for (sequence, each, answer) in answers.drain(..) {
                match self.heard(answer).await? {
                    Verdict::Taken => {}
                    Verdict::Gap => break,
                    Verdict::NotNow => return Ok(Taken::Busy),
                    Verdict::Park(_) => {
                        if !self.alone_or_parked(frame.from, sequence, each).await? {
                            return Ok(Taken::Busy);
                        }
                    }
                }
                LinkCounters::add(&sender.counters.messages_received, 1);
                next = sequence.saturating_add(1);
            }
            if next == before || (is_full && next <= last) {
                return Ok(Taken::Busy);
            }
        }
        Ok(Taken::All)
    }

    /// Puts the messages from the place `from` on in the queue, as many as it takes; and whether it was full.
    fn submit<'f>(&self, frame: &'f Frame, from: u64) -> Result<(Vec<Asked<'f>>, bool), BadFrame> {
        let mut answers = Vec::new();
        for (sequence, each) in frame.messages_from(from) {
            match self.port.submit(receive_command(frame.from, &each.message, sequence, each.signature.clone())) {
                Ok(answer) => answers.push((sequence, each, answer)),
                Err(NoReply::Busy) => return Ok((answers, true)),
                Err(NoReply::Stopped(_)) => return Err(BadFrame::Unavailable),
            }
        }
        Ok((answers, false))
    }

    /// A message that was refused: it is asked for once more, alone and in its turn, in case the refusal came of being decided
    /// before its turn; then it is parked. False if the cell cannot do even that now.
    async fn alone_or_parked(&self, from: u16, sequence: u64, each: &FrameMessage) -> Result<bool, BadFrame> {
        let again = receive_command(from, &each.message, sequence, each.signature.clone());
        let reason = match self.ask(again).await? {
            Verdict::Taken => return Ok(true),
            Verdict::Gap | Verdict::NotNow => return Ok(false),
            Verdict::Park(reason) => reason,
        };
        tracing::warn!(cell = self.cell, peer = from, sequence, kind = each.message.kind, reason, "message parked");
        let park = park_command(from, &each.message, sequence, each.signature.clone(), reason);
        match self.ask(park).await? {
            Verdict::Taken => Ok(true),
            Verdict::Gap | Verdict::NotNow => Ok(false),
            // The stream stands until the defect is mended: to pass over it would lose what the product must book.
            Verdict::Park(reason) => {
                tracing::error!(cell = self.cell, peer = from, sequence, reason, "neither applied nor parked");
                Ok(false)
            }
        }
    }

    async fn ask(&self, command: Command) -> Result<Verdict, BadFrame> {
        match self.port.submit(command) {
            Ok(answer) => self.heard(answer).await,
            Err(NoReply::Busy) => Ok(Verdict::NotNow),
            Err(NoReply::Stopped(_)) => Err(BadFrame::Unavailable),
        }
    }

    async fn heard(&self, answer: Answer) -> Result<Verdict, BadFrame> {
        match answer.await {
            Ok(Ok(reply)) => Ok(verdict(&reply.outcome)),
            Ok(Err(NoReply::Busy)) => Ok(Verdict::NotNow),
            Ok(Err(NoReply::Stopped(_))) | Err(_) => Err(BadFrame::Unavailable),
        }
    }
}
