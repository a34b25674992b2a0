//! Two people: commands that one person of the operator's staff may not carry out alone.
//!
//! A product says which of its commands these are ([`crate::Product::needs_two_people`]); the kernel refuses them unless they come
//! by this way, so no edge can forget it. One person proposes the command, as it would be asked, and another approves: then it is
//! decided in the proposer's name, in the plan of the approval. Deciding so late is on purpose: what is approved must still be
//! possible. The operator's machine (party 0) is no person. The row stays for ever: it says who asked what, why, and who agreed.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::cell::{
    self, BAD_BODY, NOT_A_PERSON, PROPOSAL, PROPOSAL_ENDED, PROPOSAL_UNKNOWN, ROLE_FORBIDDEN, SAME_PERSON,
    TWO_PEOPLE_NEEDED, UNKNOWN_COMMAND, require_id,
};
use crate::{
    Caller, Command, CommandCode, CommandDescriptor, Deciding, Key, Product, Record, Refusal, Role, Stop, Table,
};

/// How long a proposal may be approved, seconds: seven days, so that a weekend and a holiday fit in.
pub const PROPOSAL_SECONDS: u64 = 7 * 24 * 60 * 60;
/// The longest reason, characters.
pub const REASON_MAX_CHARACTERS: usize = 256;
/// The longest body of a proposed command, bytes: a person looks at it before agreeing.
pub const PROPOSED_BODY_MAX_BYTES: usize = 4 * 1024;

/// The body of `propose`.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Propose {
    /// Which command.
    #[n(0)]
    pub code: CommandCode,
    /// Its encoded body.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub body: Vec<u8>,
    /// Why, 1 to [`REASON_MAX_CHARACTERS`] characters, without personal data (law 9).
    #[n(2)]
    pub reason: String,
}

/// The reply of `propose`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Proposed {
    /// The proposal's id.
    #[n(0)]
    pub proposal: u64,
    /// Until when it may be approved, UTC nanoseconds.
    #[n(1)]
    pub expires_at_ns: u64,
}

/// The body of `approve` and `reject`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ProposalTarget {
    /// Its id.
    #[n(0)]
    pub proposal: u64,
}

/// The reply of `approve`.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Approved {
    /// Which command was carried out.
    #[n(0)]
    pub code: CommandCode,
    /// Its own encoded reply.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub reply: Vec<u8>,
}

/// How a proposal stands as booked. One whose time is over is still open by its row; it can only be rejected.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum ProposalState {
    /// It waits for a second person.
    #[n(0)]
    Open,
    /// A second person agreed, and it was carried out.
    #[n(1)]
    Approved,
    /// Somebody rejected it, or its proposer took it back.
    #[n(2)]
    Rejected,
}

/// A command that somebody has proposed.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Proposal {
    /// Its id: rises with time in the cell.
    #[n(0)]
    pub id: u64,
    /// Who proposed it, a party number of staff.
    #[n(1)]
    pub proposer: u64,
    /// Which command.
    #[n(2)]
    pub code: CommandCode,
    /// Its encoded body.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub body: Vec<u8>,
    /// Why.
    #[n(4)]
    pub reason: String,
    /// When it was proposed, UTC nanoseconds.
    #[n(5)]
    pub proposed_at_ns: u64,
    /// Until when it may be approved, UTC nanoseconds.
    #[n(6)]
    pub expires_at_ns: u64,
    /// How it stands.
    #[n(7)]
    pub state: ProposalState,
    /// Who ended it.
    #[n(8)]
    pub ended_by: Option<u64>,
    /// When, UTC nanoseconds.
    #[n(9)]
    pub ended_at_ns: Option<u64>,
}

impl Proposal {
    /// The key of a proposal's row.
    #[must_use]
    pub fn key(id: u64) -> Key {
        Key::new(PROPOSAL).number(id)
    }

    /// The command as it is carried out: in the proposer's name, under a key that only this proposal has.
    fn command(&self) -> Command {
        Command {
            code: self.code,
            caller: Caller::new(Role::Operator, self.proposer),
            id: Some(format!("proposal/{}", self.id)),
            body: self.body.clone(),
            timer: None,
        }
    }
}

impl Record for Proposal {
    const TABLE: Table = PROPOSAL;
}

/// Refuses a command that needs two people and comes from one. Timers and the cell itself are no person's doing.
pub(crate) fn check_alone(product: &dyn Product, command: &Command) -> Result<(), Stop> {
    if command.caller.role == Role::Operator && product.needs_two_people(command) {
        return Err(Refusal::new(TWO_PEOPLE_NEEDED, "propose it, and let another person approve").into());
    }
    Ok(())
}

pub(crate) fn propose(command: &Command, deciding: &mut Deciding<'_>) -> Result<Proposed, Stop> {
    require_id(command)?;
    let Propose { code, body, reason } = cell::body(command)?;
    let proposer = person(command)?;
    let bad = |field: &str| Err(Refusal::new(BAD_BODY, field).into());
    if reason.trim().is_empty() || reason.chars().count() > REASON_MAX_CHARACTERS {
        return bad("reason");
    }
    if body.len() > PROPOSED_BODY_MAX_BYTES {
        return bad("body");
    }
    let stamp = *deciding.stamp();
    let proposal = Proposal {
        id: deciding.new_id()?,
        proposer,
        code,
        body,
        reason,
        proposed_at_ns: stamp.time_ns,
        expires_at_ns: stamp.after_seconds(PROPOSAL_SECONDS),
        state: ProposalState::Open,
        ended_by: None,
        ended_at_ns: None,
    };
    let (product, descriptor) = of_products(deciding, code)?;
    if !descriptor.roles.contains(&Role::Operator) {
        return Err(Refusal::new(ROLE_FORBIDDEN, "the operator may not ask this").into());
    }
    if !product.needs_two_people(&proposal.command()) {
        // One person may ask it; a second one's agreement would say nothing.
        return bad("code");
    }
    product.may_agree(&proposal.command(), proposer, deciding)?;
    deciding.put(Proposal::key(proposal.id), &proposal);
    Ok(Proposed { proposal: proposal.id, expires_at_ns: proposal.expires_at_ns })
}

pub(crate) fn approve(command: &Command, deciding: &mut Deciding<'_>) -> Result<Approved, Stop> {
    let ProposalTarget { proposal: id } = cell::body(command)?;
    let approver = person(command)?;
    let proposal = open(id, deciding)?;
    if approver == proposal.proposer {
        return Err(Refusal::new(SAME_PERSON, "who proposes does not approve").into());
    }
    if proposal.expires_at_ns <= deciding.stamp().time_ns {
        return Err(Refusal::new(PROPOSAL_ENDED, "its time is over").into());
    }
    let (product, _) = of_products(deciding, proposal.code)?;
    product.may_agree(&proposal.command(), approver, deciding)?;
    let reply = product.decide(&proposal.command(), deciding)?;
    let code = proposal.code;
    end(proposal, ProposalState::Approved, approver, deciding);
    Ok(Approved { code, reply })
}

pub(crate) fn reject(command: &Command, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    let ProposalTarget { proposal: id } = cell::body(command)?;
    let by = person(command)?;
    let proposal = open(id, deciding)?;
    end(proposal, ProposalState::Rejected, by, deciding);
    Ok(())
}

fn of_products<'p>(
    deciding: &Deciding<'p>,
    code: CommandCode,
) -> Result<(&'p dyn Product, &'static CommandDescriptor), Stop> {
    let unknown = || Refusal::new(UNKNOWN_COMMAND, "no product has a command of this number").into();
    deciding.products().command(code).ok_or_else(unknown)
}

fn person(command: &Command) -> Result<u64, Stop> {
    match command.caller {
        Caller { role: Role::Operator, party, agent: None } if party != 0 => Ok(party),
        _ => Err(Refusal::new(NOT_A_PERSON, "a member of staff must ask this").into()),
    }
}

fn open(id: u64, deciding: &mut Deciding<'_>) -> Result<Proposal, Stop> {
    let unknown = || Refusal::new(PROPOSAL_UNKNOWN, format!("proposal {id}"));
    let proposal: Proposal = deciding.get(&Proposal::key(id))?.ok_or_else(unknown)?;
    match proposal.state {
        ProposalState::Open => Ok(proposal),
        ProposalState::Approved => Err(Refusal::new(PROPOSAL_ENDED, "it was approved").into()),
        ProposalState::Rejected => Err(Refusal::new(PROPOSAL_ENDED, "it was rejected").into()),
    }
}

fn end(proposal: Proposal, state: ProposalState, by: u64, deciding: &mut Deciding<'_>) {
    let ended_at_ns = Some(deciding.stamp().time_ns);
    let ended = Proposal { state, ended_by: Some(by), ended_at_ns, ..proposal };
    deciding.put(Proposal::key(ended.id), &ended);
}
