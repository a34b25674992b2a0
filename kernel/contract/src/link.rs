//! Links: the only way from one cell to another (decision 12).
//!
//! A link is two ordered streams of messages, one each way. A message is written to the outbox in the plan that decided
//! to send it, leaves after that plan is durable, is sent again until its receiver says that it has it, and is applied
//! by the receiver as one command, in order and exactly once: the receiver's row says how far it has come. What a
//! receiver cannot understand or apply is parked beside the stream, visible, and the next one passes.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::{Deciding, Key, Record, Refusal, Stop, Table, cell};

/// The link versions that this binary speaks: the lowest and the highest. Two cells use the highest that both speak.
pub const VERSIONS: LinkVersions = LinkVersions { lowest: 1, highest: 1 };

/// How many messages may wait for a peer before requests that would send more are refused. Obligations go on.
pub const BACKLOG_MESSAGES_MAX: u64 = 100_000;

/// How many messages one acknowledgement clears; more take more commands.
pub const ACKNOWLEDGED_AT_ONCE_MAX: u64 = 2_048;

/// The kind of the message with which each side of a link begins: body [`LinkVersions`].
pub const HELLO: u16 = 1;

/// The versions of the link protocol that a cell speaks, both included.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct LinkVersions {
    /// The lowest.
    #[n(0)]
    pub lowest: u16,
    /// The highest.
    #[n(1)]
    pub highest: u16,
}

impl LinkVersions {
    /// The highest version that both speak; `None` if there is none.
    #[must_use]
    pub fn agree(self, other: Self) -> Option<u16> {
        let highest = self.highest.min(other.highest);
        (highest >= self.lowest.max(other.lowest)).then_some(highest)
    }
}

/// A message between two cells.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Message {
    /// What it says: product number × 256 + a number of the product's own.
    #[n(0)]
    pub kind: u16,
    /// The link's version in which it is written.
    #[n(1)]
    pub version: u16,
    /// When it was decided, by the sender's stamp, UTC nanoseconds.
    #[n(2)]
    pub sent_at_ns: u64,
    /// The product's record.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub body: Vec<u8>,
    /// Whether the sender's cell signs this message by itself, so that the receiver can prove to others what was said.
    #[n(4)]
    pub evidence: bool,
}

impl Record for Message {
    const TABLE: Table = cell::OUTBOX;
}

/// Names a message on its way out: the peer and its place in the stream, from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MessageId {
    /// The number of the cell that it goes to.
    pub peer: u16,
    /// Its place.
    pub sequence: u64,
}

impl MessageId {
    /// The key of its row while it is on its way.
    #[must_use]
    pub fn key(self) -> Key {
        Key::new(cell::OUTBOX).small(self.peer).number(self.sequence)
    }

    /// The message whose row has this key; `None` for any other key.
    #[must_use]
    pub fn from_key(key: &Key) -> Option<Self> {
        if key.table() != cell::OUTBOX {
            return None;
        }
        let bytes: [u8; 2] = key.as_bytes().get(2..4)?.try_into().ok()?;
        Some(Self { peer: u16::from_be_bytes(bytes), sequence: key.number_at(2)? })
    }
}

/// How a link stands, on this side of it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Link {
    /// The number of the cell on the other side.
    #[n(0)]
    pub peer: u16,
    /// The version that both speak: `None` until the peer has said hello, 0 if they have none in common.
    #[n(1)]
    pub version: Option<u16>,
    /// The place of the last message that was decided for the peer.
    #[n(2)]
    pub sent: u64,
    /// The last one that the peer said it has.
    #[n(3)]
    pub acknowledged: u64,
    /// The last message of the peer's that was applied or parked here.
    #[n(4)]
    pub received: u64,
    /// How many messages of the peer's are parked.
    #[n(5)]
    pub parked: u64,
    /// When the link was opened, UTC nanoseconds.
    #[n(6)]
    pub opened_at_ns: u64,
    /// When the peer's last message was applied or parked, UTC nanoseconds.
    #[n(7)]
    pub received_at_ns: u64,
}

impl Link {
    /// The key of a link's row.
    #[must_use]
    pub fn key(peer: u16) -> Key {
        Key::new(cell::LINK).small(peer)
    }

    /// How many messages wait for the peer.
    #[must_use]
    pub fn backlog(&self) -> u64 {
        self.sent.saturating_sub(self.acknowledged)
    }
}

impl Record for Link {
    const TABLE: Table = cell::LINK;
}

/// A message as it arrived.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Incoming {
    /// The number of the cell that sent it.
    #[n(0)]
    pub peer: u16,
    /// Its place in the peer's stream.
    #[n(1)]
    pub sequence: u64,
    /// The message.
    #[n(2)]
    pub message: Message,
    /// The peer's signature over it, if it is evidence: verified before it entered the cell, kept as the proof. See
    /// [`signed_bytes`].
    #[cbor(n(3), with = "minicbor::bytes")]
    pub signature: Option<Vec<u8>>,
}

/// What a cell signs when a message is evidence: from which cell to which, at which place, what.
#[must_use]
pub fn signed_bytes(from: u16, to: u16, sequence: u64, message: &Message) -> Vec<u8> {
    crate::encode(&(from, to, sequence, message))
}

/// A message that was set aside, with the reason.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Parked {
    /// What arrived.
    #[n(0)]
    pub incoming: Incoming,
    /// Why it could not be applied.
    #[n(1)]
    pub reason: String,
    /// When, UTC nanoseconds.
    #[n(2)]
    pub parked_at_ns: u64,
}

impl Parked {
    /// The key of a parked message's row.
    #[must_use]
    pub fn key(peer: u16, sequence: u64) -> Key {
        Key::new(cell::PARKED).small(peer).number(sequence)
    }
}

impl Record for Parked {
    const TABLE: Table = cell::PARKED;
}

/// What became of a message in the product that it was for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Receipt {
    /// It was applied.
    Applied,
    /// It was not understood, and is to be parked for this reason. What the product planned nevertheless (the booking of
    /// a peer's signed credit to suspense) stays.
    Park(String),
}

/// Body of `link_open` and, with the peer's place for `sequence`, of the commands that name one message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OpenLink {
    /// The number of the cell on the other side.
    #[n(0)]
    pub peer: u16,
}

/// Body of `link_acknowledge`: the peer has everything up to and including a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Acknowledge {
    /// The number of the cell on the other side.
    #[n(0)]
    pub peer: u16,
    /// The place.
    #[n(1)]
    pub through: u64,
}

/// Body of `link_park`: a message that could not even be decided on is set aside.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ParkMessage {
    /// What arrived.
    #[n(0)]
    pub incoming: Incoming,
    /// Why.
    #[n(1)]
    pub reason: String,
}

/// Body of `retry_parked`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct RetryParked {
    /// The number of the cell that sent it.
    #[n(0)]
    pub peer: u16,
    /// Its place in the peer's stream.
    #[n(1)]
    pub sequence: u64,
}

/// Reply of `link_receive` and `link_park`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Received {
    /// The last place that was applied or parked.
    #[n(0)]
    pub through: u64,
    /// Whether this one was parked.
    #[n(1)]
    pub parked: bool,
}

impl Deciding<'_> {
    /// How the link to a peer stands; `None` if it was never opened.
    ///
    /// # Errors
    /// [`Stop::Need`].
    pub fn link(&mut self, peer: u16) -> Result<Option<Link>, Stop> {
        self.get(&Link::key(peer))
    }

    /// For requests that will need the peer: refuses while the link is not open, no version is agreed, or too much waits.
    ///
    /// # Errors
    /// [`Stop::Need`], or the refusals [`cell::LINK_NOT_OPEN`] and [`cell::LINK_BACKLOG`].
    pub fn require_link(&mut self, peer: u16) -> Result<(), Stop> {
        match self.link(peer)? {
            None | Some(Link { version: None | Some(0), .. }) => Err(not_open(peer)),
            Some(link) if link.backlog() >= BACKLOG_MESSAGES_MAX => {
                let detail = alloc::format!("{} messages wait for cell {peer}", link.backlog());
                Err(Refusal::new(cell::LINK_BACKLOG, detail).into())
            }
            Some(_) => Ok(()),
        }
    }

    /// Sends a message to a peer: it is in the outbox when this plan is, and gives back its place in the stream.
    ///
    /// # Errors
    /// [`Stop::Need`], or the refusal [`cell::LINK_NOT_OPEN`] for a link that was never opened.
    pub fn send<M: Encode<()>>(&mut self, peer: u16, kind: u16, body: &M, evidence: bool) -> Result<u64, Stop> {
        let Some(mut link) = self.link(peer)? else { return Err(not_open(peer)) };
        link.sent = link.sent.checked_add(1).ok_or(Stop::Broken("a link's stream is full"))?;
        let id = MessageId { peer, sequence: link.sent };
        let message = Message {
            kind,
            version: link.version.unwrap_or(0),
            sent_at_ns: self.stamp().time_ns,
            body: crate::encode(body),
            evidence,
        };
        self.put(Link::key(peer), &link);
        self.put(id.key(), &message);
        Ok(id.sequence)
    }
}

fn not_open(peer: u16) -> Stop {
    Refusal::new(cell::LINK_NOT_OPEN, alloc::format!("no link to cell {peer} is open")).into()
}

/// `link_open`: both sides do it; each says hello first. Opening an open link changes nothing.
pub(crate) fn open(OpenLink { peer }: OpenLink, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    if peer == 0 || peer == deciding.stamp().cell {
        return Err(Refusal::new(cell::BAD_BODY, "a cell has links to other cells only").into());
    }
    if deciding.link(peer)?.is_some() {
        return Ok(());
    }
    let opened_at_ns = deciding.stamp().time_ns;
    let link =
        Link { peer, version: None, sent: 0, acknowledged: 0, received: 0, parked: 0, opened_at_ns, received_at_ns: 0 };
    deciding.put(Link::key(peer), &link);
    let versions = deciding.products().link_versions();
    deciding.send(peer, HELLO, &versions, false)?;
    Ok(())
}

/// `link_receive`: the next message of the peer's stream.
pub(crate) fn receive(incoming: &Incoming, deciding: &mut Deciding<'_>) -> Result<Received, Stop> {
    if let Err(stop) = advance(incoming, deciding) {
        // The messages of a frame are asked for together. One whose turn has not come, because one before it waits for cold
        // rows, has its own fetched meanwhile; whatever else it would come to is thrown away.
        let too_early = matches!(&stop, Stop::Refuse(refusal) if refusal.code == cell::OUT_OF_ORDER);
        let cold = too_early && matches!(hand_over(incoming, deciding), Err(Stop::Need));
        return Err(if cold { Stop::Need } else { stop });
    }
    let reason = match deciding.attempt(|deciding| hand_over(incoming, deciding))? {
        Ok(Receipt::Applied) => return Ok(Received { through: incoming.sequence, parked: false }),
        Ok(Receipt::Park(reason)) => reason,
        Err(refusal) => {
            book_parked(incoming, deciding)?;
            alloc::format!("refusal {}: {}", refusal.code, refusal.detail)
        }
    };
    set_aside(incoming, reason, deciding)?;
    Ok(Received { through: incoming.sequence, parked: true })
}

/// `link_park`: as `link_receive`, for a message on which no decision could be made.
pub(crate) fn park(
    ParkMessage { incoming, reason }: ParkMessage,
    deciding: &mut Deciding<'_>,
) -> Result<Received, Stop> {
    advance(&incoming, deciding)?;
    book_parked(&incoming, deciding)?;
    set_aside(&incoming, reason, deciding)?;
    Ok(Received { through: incoming.sequence, parked: true })
}

/// `retry_parked`: a message that was set aside is tried again, by an operator or after an upgrade.
pub(crate) fn retry(RetryParked { peer, sequence }: RetryParked, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    let key = Parked::key(peer, sequence);
    let Some(Parked { incoming, .. }) = deciding.get::<Parked>(&key)? else {
        return Err(Refusal::new(cell::MESSAGE_NOT_PARKED, alloc::format!("cell {peer}, place {sequence}")).into());
    };
    let [product, _] = incoming.message.kind.to_be_bytes();
    let receipt = match deciding.products().get(product) {
        Some(product) => product.receive_parked(&incoming, deciding)?,
        None => Receipt::Park(String::from("no product takes messages of this kind")),
    };
    match receipt {
        Receipt::Park(reason) => Err(Refusal::new(cell::STILL_PARKED, reason).into()),
        Receipt::Applied => {
            deciding.remove(key);
            if let Some(mut link) = deciding.link(peer)? {
                link.parked = link.parked.saturating_sub(1);
                deciding.put(Link::key(peer), &link);
            }
            Ok(())
        }
    }
}

/// `link_acknowledge`: the peer has these; they leave the outbox. What was acknowledged before changes nothing.
pub(crate) fn acknowledge(body: Acknowledge, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    let Acknowledge { peer, through } = body;
    let Some(mut link) = deciding.link(peer)? else { return Err(not_open(peer)) };
    if through > link.sent {
        let detail = alloc::format!("cell {peer} says it has {through}, {} were sent", link.sent);
        return Err(Refusal::new(cell::BAD_BODY, detail).into());
    }
    let from = link.acknowledged;
    let through = through.min(from.saturating_add(ACKNOWLEDGED_AT_ONCE_MAX));
    for sequence in from.saturating_add(1)..=through {
        deciding.remove(MessageId { peer, sequence }.key());
    }
    link.acknowledged = link.acknowledged.max(through);
    deciding.put(Link::key(peer), &link);
    Ok(())
}

/// Moves the stream on by one, if this is the next.
fn advance(incoming: &Incoming, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    let Some(mut link) = deciding.link(incoming.peer)? else { return Err(not_open(incoming.peer)) };
    let place = || alloc::format!("place {} came, {} was the last", incoming.sequence, link.received);
    if incoming.sequence <= link.received {
        return Err(Refusal::new(cell::ALREADY_RECEIVED, place()).into());
    }
    if incoming.sequence.checked_sub(1) != Some(link.received) {
        return Err(Refusal::new(cell::OUT_OF_ORDER, place()).into());
    }
    link.received = incoming.sequence;
    link.received_at_ns = deciding.stamp().time_ns;
    deciding.put(Link::key(incoming.peer), &link);
    Ok(())
}

fn hand_over(incoming: &Incoming, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    if incoming.message.kind == HELLO {
        return hello(incoming, deciding);
    }
    let [product, _] = incoming.message.kind.to_be_bytes();
    match deciding.products().get(product) {
        Some(product) => product.receive(incoming, deciding),
        None => Ok(Receipt::Park(String::from("no product takes messages of this kind"))),
    }
}

/// The product of the message books what it must of a message that is parked.
fn book_parked(incoming: &Incoming, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    let [product, _] = incoming.message.kind.to_be_bytes();
    match deciding.products().get(product) {
        Some(product) => product.park(incoming, deciding),
        None => Ok(()),
    }
}

fn hello(incoming: &Incoming, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
    let Ok(theirs) = crate::decode::<LinkVersions>(&incoming.message.body, "hello") else {
        return Ok(Receipt::Park(String::from("the hello does not decode")));
    };
    let Some(mut link) = deciding.link(incoming.peer)? else { return Err(not_open(incoming.peer)) };
    link.version = Some(deciding.products().link_versions().agree(theirs).unwrap_or(0));
    deciding.put(Link::key(incoming.peer), &link);
    Ok(Receipt::Applied)
}

fn set_aside(incoming: &Incoming, reason: String, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    let parked_at_ns = deciding.stamp().time_ns;
    let row = Parked { incoming: incoming.clone(), reason, parked_at_ns };
    deciding.put(Parked::key(incoming.peer, incoming.sequence), &row);
    if let Some(mut link) = deciding.link(incoming.peer)? {
        link.parked = link.parked.saturating_add(1);
        deciding.put(Link::key(incoming.peer), &link);
    }
    Ok(())
}
