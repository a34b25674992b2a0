//! A small product that sends numbered parcels and takes only the next number.

use sycee_contract::link::{Incoming, Receipt};
use sycee_contract::{
    Answer, Books, Caller, Command, CommandDescriptor, Deciding, Descriptor, Expectation, Finding, Key, Nature,
    Product, Products, Random, Record, Refusal, Role, Stop, Table, WorkItem, Workload, cell, decode, encode,
};
use sycee_engine::ReadPoint;

pub const PARCEL: u16 = 0xE001;
/// Not understood by anybody.
pub const STRANGE: u16 = 0xE002;
/// Its receiver refuses it.
pub const REFUSED: u16 = 0xE003;
/// Its receiver panics.
pub const PANIC: u16 = 0xE004;
/// Its receiver sends parcels back, by a timer that is due at once.
pub const ECHO: u16 = 0xE005;

const SEND: u16 = 0xE001;
const SHELF: Table = 0xE001;

/// What is sent to a peer.
#[derive(Clone, minicbor::Encode, minicbor::Decode)]
pub struct Send {
    #[n(0)]
    pub peer: u16,
    #[n(1)]
    pub kind: u16,
    #[n(2)]
    pub count: u64,
    #[n(3)]
    pub evidence: bool,
}

/// What was exchanged with a peer.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, minicbor::Encode, minicbor::Decode)]
pub struct Shelf {
    /// Parcels sent.
    #[n(0)]
    pub sent: u64,
    /// Parcels received: the number on the last one, too.
    #[n(1)]
    pub received: u64,
    /// Parcels that came with a signature.
    #[n(2)]
    pub signed: u64,
    /// Messages for which something was booked when they were parked.
    #[n(3)]
    pub booked: u64,
}

impl Record for Shelf {
    const TABLE: Table = SHELF;
}

pub fn key(peer: u16) -> Key {
    Key::new(SHELF).small(peer)
}

pub fn shelf(point: &ReadPoint, peer: u16) -> Shelf {
    point.get(&key(peer)).unwrap().unwrap_or_default()
}

pub fn send_command(peer: u16, kind: u16, count: u64, evidence: bool) -> Command {
    Command::new(SEND, Caller::OPERATOR, &Send { peer, kind, count, evidence })
}

pub fn products() -> Products {
    Products::new(vec![Box::new(Parcels)]).unwrap()
}

struct Parcels;

static DESCRIPTOR: Descriptor = Descriptor {
    number: 0xE0,
    name: "parcels",
    commands: &[CommandDescriptor {
        number: 1,
        name: "send",
        roles: &[Role::Operator, Role::System],
        nature: Nature::Obligation,
        fingerprint: &[],
        binding_refusals: &[],
    }],
    refusals: &[],
    accounts: &[],
    tables: &[],
    invariants: &[],
};

fn change(peer: u16, deciding: &mut Deciding<'_>, how: impl FnOnce(&mut Shelf)) -> Result<(), Stop> {
    let mut shelf = deciding.get::<Shelf>(&key(peer))?.unwrap_or_default();
    how(&mut shelf);
    deciding.put(key(peer), &shelf);
    Ok(())
}

impl Product for Parcels {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn decide(&self, command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
        let Send { peer, kind, count, evidence } = cell::body(command)?;
        for _ in 0..count {
            let mut shelf = deciding.get::<Shelf>(&key(peer))?.unwrap_or_default();
            shelf.sent += u64::from(kind == PARCEL);
            deciding.put(key(peer), &shelf);
            deciding.send(peer, kind, &shelf.sent, evidence)?;
        }
        Ok(encode(&count))
    }

    fn receive(&self, incoming: &Incoming, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
        let peer = incoming.peer;
        match incoming.message.kind {
            PARCEL => {
                let number: u64 = decode(&incoming.message.body, "parcel")?;
                let shelf = deciding.get::<Shelf>(&key(peer))?.unwrap_or_default();
                if number != shelf.received + 1 {
                    return Ok(Receipt::Park(format!("parcel {number} after {}", shelf.received)));
                }
                let signed = u64::from(incoming.signature.is_some());
                change(peer, deciding, |shelf| {
                    shelf.received = number;
                    shelf.signed += signed;
                })?;
                Ok(Receipt::Applied)
            }
            REFUSED => Err(Refusal::new(cell::BAD_BODY, "not this one").into()),
            PANIC => panic!("a rule that is wrong"),
            ECHO => {
                let back = Send { peer, kind: PARCEL, count: 1, evidence: false };
                let now_ns = deciding.stamp().time_ns;
                deciding.timer(now_ns, &Command::new(SEND, Caller::SYSTEM, &back));
                Ok(Receipt::Applied)
            }
            _ => Ok(Receipt::Park("no such parcel".into())),
        }
    }

    fn park(&self, incoming: &Incoming, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
        change(incoming.peer, deciding, |shelf| shelf.booked += 1)
    }

    fn audit(&self, _: &dyn Books, _: &mut Vec<Finding>) {}

    fn workload(&self) -> Box<dyn Workload> {
        Box::new(Nothing)
    }
}

struct Nothing;

impl Workload for Nothing {
    fn next(&mut self, _: &mut Random) -> WorkItem {
        WorkItem { command: send_command(2, PARCEL, 1, false), expectation: Expectation::Any }
    }

    fn learn(&mut self, _: &Answer) {}
}
