//! The people of a merchant: who they are, what they may do, and that they act for their own merchant only.

use alloc::format;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use sycee_contract::{Caller, Command, Deciding, Key, Record, Refusal, Role, Stop, Table, cell, encode};

use crate::command::{ChangeMember, OpenMember, Opened};
use crate::decide::{existing, find, open};
use crate::refusal::{LAST_OWNER, MEMBER_MAY_NOT, MEMBERS_EXHAUSTED, PARTY_NOT_FOUND, WRONG_PARTY_KIND};
use crate::{MemberRole, Party, PartyKind};

/// The people of a merchant, in the order in which they came; those who were dismissed stay.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct Members {
    /// Their party numbers.
    #[n(0)]
    pub numbers: Vec<u64>,
}

impl Members {
    /// How many there may be: they stand in one row.
    pub const MAX: usize = 200;

    /// The key of a merchant's row.
    #[must_use]
    pub fn key(merchant: u64) -> Key {
        Key::new(crate::MEMBERS).number(merchant)
    }
}

impl Record for Members {
    const TABLE: Table = crate::MEMBERS;
}

/// Refuses unless whoever acts for the caller may do what needs `least`. Whoever acts for themselves may.
///
/// # Errors
/// [`Stop::Need`], or the refusal [`MEMBER_MAY_NOT`].
pub fn require_member_role(deciding: &mut Deciding<'_>, caller: Caller, least: MemberRole) -> Result<(), Stop> {
    let Some(agent) = caller.agent else { return Ok(()) };
    let member = find(deciding, agent)?.filter(|party| party.kind == PartyKind::Member && !party.frozen);
    let role = member.filter(|party| party.employer == Some(caller.party)).and_then(|party| party.member_role);
    if caller.role == Role::Merchant && role.is_some_and(|role| role >= least) {
        return Ok(());
    }
    Err(Refusal::new(MEMBER_MAY_NOT, format!("{agent} may not do this for {}", caller.party)).into())
}

/// A merchant's own people are its owners' business; the operator may help.
fn is_own(command: &Command, merchant: u64, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    if command.caller.role == Role::Merchant && command.caller.party != merchant {
        return Err(Refusal::new(MEMBER_MAY_NOT, "it is another merchant").into());
    }
    require_member_role(deciding, command.caller, MemberRole::Owner)
}

pub(crate) fn open_member(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    cell::require_id(command)?;
    let OpenMember { employer, person, contact, member_role } = cell::body(command)?;
    deciding.want(&[Party::key(employer), Members::key(employer)]);
    deciding.ready()?;
    is_own(command, employer, deciding)?;
    let merchant = existing(deciding, employer)?;
    if merchant.kind != PartyKind::Merchant {
        let detail = format!("{} has no members", merchant.kind.name());
        return Err(Refusal::new(WRONG_PARTY_KIND, detail).into());
    }
    let mut members: Members = deciding.get(&Members::key(employer))?.unwrap_or_default();
    if members.numbers.len() >= Members::MAX {
        return Err(Refusal::new(MEMBERS_EXHAUSTED, format!("{} were opened", members.numbers.len())).into());
    }
    let party = open(deciding, PartyKind::Member, 0, person, contact, None)?;
    members.numbers.push(party.number);
    deciding.put(Members::key(employer), &members);
    let member = Party { employer: Some(employer), member_role: Some(member_role), ..party };
    deciding.put(Party::key(member.number), &member);
    Ok(encode(&Opened { party: member.number }))
}

pub(crate) fn change_member(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let ChangeMember { member, member_role, is_dismissed } = cell::body(command)?;
    let party = existing(deciding, member)?;
    let (PartyKind::Member, Some(employer)) = (party.kind, party.employer) else {
        // As for a number that nobody has: a merchant is not told who else there is.
        return Err(Refusal::new(PARTY_NOT_FOUND, format!("party {member}")).into());
    };
    is_own(command, employer, deciding)?;
    let was_owner = party.member_role == Some(MemberRole::Owner) && !party.frozen;
    if was_owner && (is_dismissed || member_role != MemberRole::Owner) && !has_other_owner(deciding, employer, member)?
    {
        return Err(Refusal::new(LAST_OWNER, format!("{member} is the only owner among the people")).into());
    }
    let changed = Party { member_role: Some(member_role), frozen: is_dismissed, ..party };
    deciding.put(Party::key(member), &changed);
    Ok(Vec::new())
}

fn has_other_owner(deciding: &mut Deciding<'_>, merchant: u64, member: u64) -> Result<bool, Stop> {
    let members: Members = deciding.get(&Members::key(merchant))?.unwrap_or_default();
    for number in &members.numbers {
        deciding.want(&[Party::key(*number)]);
    }
    deciding.ready()?;
    for number in members.numbers.into_iter().filter(|number| *number != member) {
        let party = find(deciding, number)?;
        if party.is_some_and(|party| party.member_role == Some(MemberRole::Owner) && !party.frozen) {
            return Ok(true);
        }
    }
    Ok(false)
}
