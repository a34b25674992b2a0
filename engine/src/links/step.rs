//! Links step by step, on one thread, without keys and without carriers: for the simulator and for tests. What the tasks of a
//! server do is made of the same steps.

use sycee_contract::link::{Acknowledge, Incoming, Message, OpenLink, ParkMessage};
use sycee_contract::{Caller, Command, Refusal, cell};

use super::frame::{Frame, FrameMessage};
use crate::drive::Driven;
use crate::limits;
use crate::outbox::Outbox;
use crate::reply::NoReply;
use crate::sequencer::is_clock_refusal;

/// The longest reason with which a message is parked, characters.
const REASON_MAX: usize = 300;

/// The next frame of the stream from the cell `from` to `peer` after the place `after`; `None` if nothing waits. Nothing in it is
/// signed.
#[must_use]
pub fn build_frame(outbox: &Outbox, from: u16, peer: u16, after: u64) -> Option<Frame> {
    let waiting = outbox.next(peer, after, limits::FRAME_MESSAGES, limits::FRAME_BYTES);
    let first_sequence = waiting.first()?.0;
    let unsigned = |message: &Message| FrameMessage { message: message.clone(), signature: None };
    let messages = waiting.iter().map(|(_, message)| unsigned(message)).collect();
    Some(Frame { from, to: peer, first_sequence, messages })
}

/// Opens the link to a peer on this side.
#[must_use]
pub fn open_command(peer: u16) -> Command {
    Command::new(cell::LINK_OPEN, Caller::OPERATOR, &OpenLink { peer })
}

/// A message of the cell `from` as a command of its receiver.
#[must_use]
pub fn receive_command(from: u16, message: &Message, sequence: u64, signature: Option<Vec<u8>>) -> Command {
    let incoming = Incoming { peer: from, sequence, message: message.clone(), signature };
    Command::new(cell::LINK_RECEIVE, Caller::peer(from), &incoming)
}

/// A message of the cell `from` that could not be decided on, set aside.
#[must_use]
pub fn park_command(
    from: u16,
    message: &Message,
    sequence: u64,
    signature: Option<Vec<u8>>,
    reason: String,
) -> Command {
    let incoming = Incoming { peer: from, sequence, message: message.clone(), signature };
    Command::new(cell::LINK_PARK, Caller::peer(from), &ParkMessage { incoming, reason })
}

/// The peer has everything up to a place.
#[must_use]
pub fn acknowledge_command(peer: u16, through: u64) -> Command {
    Command::new(cell::LINK_ACKNOWLEDGE, Caller::peer(peer), &Acknowledge { peer, through })
}

/// What the answer to a message's command means for the stream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is applied or parked, now or before: the next one.
    Taken,
    /// One before it is missing.
    Gap,
    /// Nothing can be taken now.
    NotNow,
    /// It can never be decided on as it is: it is to be parked, for this reason.
    Park(String),
}

/// Reads an answer to [`receive_command`] or [`park_command`].
#[must_use]
pub fn verdict(outcome: &Result<Vec<u8>, Refusal>) -> Verdict {
    let Err(refusal) = outcome else { return Verdict::Taken };
    match refusal.code {
        cell::ALREADY_RECEIVED => Verdict::Taken,
        cell::OUT_OF_ORDER => Verdict::Gap,
        cell::LINK_NOT_OPEN => Verdict::NotNow,
        // No message's fault.
        cell::QUARANTINED if is_clock_refusal(refusal) => Verdict::NotNow,
        code => Verdict::Park(format!("refused with {code}: {}", refusal.detail).chars().take(REASON_MAX).collect()),
    }
}

/// Applies a frame to a cell that is driven by hand: each message in order, once, parked if it must be. Gives back whether all of
/// it is there now; how far the cell has come its link's row says.
///
/// # Errors
/// [`NoReply`].
pub fn take_frame(driven: &mut Driven, frame: &Frame) -> Result<bool, NoReply> {
    for (sequence, each) in frame.messages_from(0) {
        let (message, signature) = (&each.message, each.signature.clone());
        let reply = driven.ask(receive_command(frame.from, message, sequence, signature.clone()))?;
        match verdict(&reply.outcome) {
            Verdict::Taken => {}
            Verdict::Gap | Verdict::NotNow => return Ok(false),
            Verdict::Park(reason) => {
                let reply = driven.ask(park_command(frame.from, message, sequence, signature, reason))?;
                if verdict(&reply.outcome) != Verdict::Taken {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}
