//! Frames: what travels between two cells, whatever carries it.
//!
//! A frame is messages of one stream, in order, signed by its sender as a whole; a message that is evidence has a signature of
//! its own besides, over [`signed_bytes`], so that its receiver can show it to others. The reply is signed too: a forged
//! acknowledgement would make the sender forget messages that never arrived. What is signed begins with the name of what it
//! is, so that a signature of the one cannot be passed off as one of the other; bytes of evidence begin with the CBOR of an
//! array and never with such a name.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use minicbor::{Decode, Decoder, Encode};
use sycee_contract::link::{Message, signed_bytes};
use sycee_contract::{decode, encode};

use super::identity::{LinkKey, PeerKey};
use crate::limits;

const FRAME_DOMAIN: &[u8] = b"sycee link frame 1\0";
const REPLY_DOMAIN: &[u8] = b"sycee link reply 1\0";

/// A message in a frame.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct FrameMessage {
    /// The message.
    #[n(0)]
    pub message: Message,
    /// The sender's signature over it, if it is evidence.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub signature: Option<Vec<u8>>,
}

/// Messages of one stream, in order.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Frame {
    /// The number of the cell that sends it.
    #[n(0)]
    pub from: u16,
    /// The number of the cell that it is for.
    #[n(1)]
    pub to: u16,
    /// The place of the first message; the others follow without a gap.
    #[n(2)]
    pub first_sequence: u64,
    /// The messages.
    #[n(3)]
    pub messages: Vec<FrameMessage>,
}

/// How far the receiver of a frame has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct FrameReply {
    /// The number of the cell that answers.
    #[n(0)]
    pub from: u16,
    /// The number of the cell that is answered.
    #[n(1)]
    pub to: u16,
    /// The place of the last message that it has for certain: durably applied or parked.
    #[n(2)]
    pub received: u64,
    /// Whether it could not take all of the frame now, and wants to be left alone for a moment.
    #[n(3)]
    pub busy: bool,
    /// SHA-256 of the frame's bytes, so that an old reply does not pass for this one.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub answers: [u8; 32],
}

/// Bytes and the signature over them.
#[derive(Encode, Decode)]
struct Signed {
    #[cbor(n(0), with = "minicbor::bytes")]
    content: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    signature: Vec<u8>,
}

impl Signed {
    fn seal(domain: &[u8], content: Vec<u8>, key: &LinkKey) -> Vec<u8> {
        let signature = key.sign(&[domain, &content].concat());
        encode(&Self { content, signature })
    }

    fn is_by(&self, domain: &[u8], key: &PeerKey) -> bool {
        key.verifies(&[domain, &self.content].concat(), &self.signature)
    }
}

/// Why a frame, or the reply to one, is not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BadFrame {
    /// It is longer than [`limits::FRAME_BYTES_MAX`], or has more messages than [`limits::FRAME_MESSAGES_MAX`].
    TooLong,
    /// The bytes are no frame.
    Malformed,
    /// It is for a cell that is not here, or from one that the cell has no link with.
    NotLinked,
    /// A signature is not the sender's.
    BadSignature,
    /// It is fine, and the cell cannot take anything now.
    Unavailable,
}

impl fmt::Display for BadFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the frame is too long",
            Self::Malformed => "the bytes are no frame",
            Self::NotLinked => "the two cells are not linked here",
            Self::BadSignature => "the signature is not the sender's",
            Self::Unavailable => "the cell does not answer now",
        })
    }
}

impl std::error::Error for BadFrame {}

/// SHA-256 of a frame's bytes, for its reply.
#[must_use]
pub fn frame_digest(bytes: &[u8]) -> [u8; 32] {
    let mut short = [0; 32];
    short.copy_from_slice(digest(&SHA256, bytes).as_ref());
    short
}

impl Frame {
    /// The place of the last message; `None` for a frame without messages.
    #[must_use]
    pub fn last_sequence(&self) -> Option<u64> {
        self.place(self.messages.len().checked_sub(1)?)
    }

    /// The messages from the place `from` on, with their places.
    pub fn messages_from(&self, from: u64) -> impl Iterator<Item = (u64, &FrameMessage)> {
        let placed = self.messages.iter().enumerate().filter_map(|(index, each)| Some((self.place(index)?, each)));
        placed.skip_while(move |(sequence, _)| *sequence < from)
    }

    /// The place of the message at `index`, if there is such a number.
    fn place(&self, index: usize) -> Option<u64> {
        self.first_sequence.checked_add(u64::try_from(index).ok()?)
    }

    /// Signs what is evidence in it, and then the whole: the bytes that travel.
    #[must_use]
    pub fn sign(mut self, key: &LinkKey) -> Vec<u8> {
        let (from, to) = (self.from, self.to);
        for index in 0..self.messages.len() {
            let Some(sequence) = self.place(index) else { break };
            let each = &mut self.messages[index];
            each.signature = each.message.evidence.then(|| key.sign(&signed_bytes(from, to, sequence, &each.message)));
        }
        Signed::seal(FRAME_DOMAIN, encode(&self), key)
    }
}

/// A frame whose signatures were not looked at. Nothing of it was read but between whom it goes: who cannot sign costs no more
/// than that.
pub struct UnverifiedFrame {
    from: u16,
    to: u16,
    signed: Signed,
}

impl UnverifiedFrame {
    /// Reads who sends a frame, and to whom. Any bytes get an answer.
    ///
    /// # Errors
    /// [`BadFrame::TooLong`] or [`BadFrame::Malformed`].
    pub fn read(bytes: &[u8]) -> Result<Self, BadFrame> {
        if bytes.len() > limits::FRAME_BYTES_MAX {
            return Err(BadFrame::TooLong);
        }
        let signed: Signed = decode(bytes, "frame").map_err(|_| BadFrame::Malformed)?;
        let mut decoder = Decoder::new(&signed.content);
        let fields = decoder.array().ok().flatten().ok_or(BadFrame::Malformed)?;
        let (Ok(from), Ok(to), true) = (decoder.u16(), decoder.u16(), fields >= 4) else {
            return Err(BadFrame::Malformed);
        };
        Ok(Self { from, to, signed })
    }

    /// Who says that it sends it.
    #[must_use]
    pub fn from(&self) -> u16 {
        self.from
    }

    /// For whom it is.
    #[must_use]
    pub fn to(&self) -> u16 {
        self.to
    }

    /// The frame, if all signatures are by `key`.
    ///
    /// # Errors
    /// [`BadFrame::BadSignature`]; for a frame that is rightly signed, [`BadFrame::TooLong`] or [`BadFrame::Malformed`].
    pub fn verify(self, key: &PeerKey) -> Result<Frame, BadFrame> {
        if !self.signed.is_by(FRAME_DOMAIN, key) {
            return Err(BadFrame::BadSignature);
        }
        let frame: Frame = decode(&self.signed.content, "frame").map_err(|_| BadFrame::Malformed)?;
        if frame.messages.len() > limits::FRAME_MESSAGES_MAX {
            return Err(BadFrame::TooLong);
        }
        // Places begin with 1, and the last one is a number too.
        if frame.first_sequence == 0 || (!frame.messages.is_empty() && frame.last_sequence().is_none()) {
            return Err(BadFrame::Malformed);
        }
        for (sequence, each) in frame.messages_from(0) {
            let (from, to) = (frame.from, frame.to);
            let fine = match (&each.signature, each.message.evidence) {
                (Some(signature), true) => key.verifies(&signed_bytes(from, to, sequence, &each.message), signature),
                (None, false) => true,
                (Some(_), false) | (None, true) => false,
            };
            if !fine {
                return Err(BadFrame::BadSignature);
            }
        }
        Ok(frame)
    }
}

impl FrameReply {
    /// The bytes that travel.
    #[must_use]
    pub fn sign(&self, key: &LinkKey) -> Vec<u8> {
        Signed::seal(REPLY_DOMAIN, encode(self), key)
    }

    /// Reads the reply to `frame`, which `to` sent to `from`, whose key is `key`.
    ///
    /// # Errors
    /// [`BadFrame`]: it is no reply, not to this frame, or not by that cell.
    pub fn read(bytes: &[u8], frame: &[u8], from: u16, to: u16, key: &PeerKey) -> Result<Self, BadFrame> {
        if bytes.len() > limits::FRAME_REPLY_BYTES_MAX {
            return Err(BadFrame::TooLong);
        }
        let signed: Signed = decode(bytes, "reply").map_err(|_| BadFrame::Malformed)?;
        if !signed.is_by(REPLY_DOMAIN, key) {
            return Err(BadFrame::BadSignature);
        }
        let reply: Self = decode(&signed.content, "reply").map_err(|_| BadFrame::Malformed)?;
        if (reply.from, reply.to, reply.answers) != (from, to, frame_digest(frame)) {
            return Err(BadFrame::NotLinked);
        }
        Ok(reply)
    }
}
