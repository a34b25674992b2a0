//! The rules of this product's commands, and what other products use.

use alloc::format;
use alloc::vec::Vec;

use sycee_contract::{Command, Deciding, Event, MarketPack, Refusal, Stop, cell, encode};

use crate::command::{ChangeContact, Freeze, OpenCustomer, OpenStaff, Opened, SetKycRank, SetOwnLimits, Unfreeze};
use crate::event::{EVENT_KYC_TIER_CHANGED, EVENT_PARTY_FROZEN, EVENT_PARTY_UNFROZEN, PartyNamed};
use crate::refusal::{
    CONTACT_TAKEN, PARTIES_EXHAUSTED, PARTY_NOT_FOUND, STAFF_MAY_NOT, STAFF_ROLE_UNFIT, TIER_UNKNOWN, WRONG_PARTY_KIND,
};
use crate::{
    CHANGE_CONTACT, CHANGE_MEMBER, ContactOwner, FREEZE, OPEN_CUSTOMER, OPEN_MEMBER, OPEN_STAFF, Party, PartyCounter,
    PartyKind, SET_KYC_RANK, SET_OWN_LIMITS, StaffRole, UNFREEZE, Usage, member, party_number,
};

pub(crate) fn decide(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    match command.code {
        OPEN_CUSTOMER => open_customer(command, deciding),
        OPEN_STAFF => open_staff(command, deciding),
        SET_KYC_RANK => set_kyc_rank(&cell::body(command)?, deciding),
        FREEZE => freeze(&cell::body(command)?, deciding),
        UNFREEZE => unfreeze(&cell::body(command)?, deciding),
        CHANGE_CONTACT => change_contact(&cell::body(command)?, deciding),
        SET_OWN_LIMITS => set_own_limits(&cell::body(command)?, deciding),
        OPEN_MEMBER => member::open_member(command, deciding),
        CHANGE_MEMBER => member::change_member(command, deciding),
        _ => Err(Refusal::new(cell::UNKNOWN_COMMAND, "party has no such command").into()),
    }
}

/// The party of this number, if there is one.
///
/// # Errors
/// [`Stop::Need`], or [`Stop::Broken`] if its row does not decode.
pub fn find(deciding: &mut Deciding<'_>, number: u64) -> Result<Option<Party>, Stop> {
    deciding.get(&Party::key(number))
}

/// The party that has this contact, if there is one.
///
/// # Errors
/// As [`find`].
pub fn find_by_contact(deciding: &mut Deciding<'_>, contact: [u8; 32]) -> Result<Option<Party>, Stop> {
    match deciding.get::<ContactOwner>(&ContactOwner::key(contact))? {
        Some(owner) => find(deciding, owner.party),
        None => Ok(None),
    }
}

/// Refuses unless this person is staff in one of these roles, or an admin.
///
/// # Errors
/// [`Stop::Need`], or the refusals [`PARTY_NOT_FOUND`] and [`STAFF_MAY_NOT`].
pub fn require_staff_role(deciding: &mut Deciding<'_>, person: u64, roles: &[StaffRole]) -> Result<(), Stop> {
    let role = find(deciding, person)?.and_then(|party| party.staff_role);
    match role {
        None => Err(Refusal::new(PARTY_NOT_FOUND, format!("{person} is no member of staff")).into()),
        Some(role) if role == StaffRole::Admin || roles.contains(&role) => Ok(()),
        Some(_) => Err(Refusal::new(STAFF_MAY_NOT, "another role of staff is needed").into()),
    }
}

/// Notes what a command that moves money of this party will read, the guard's rows and the market pack included, so
/// that all is fetched at once. Follow with [`Deciding::ready`].
pub fn want(deciding: &mut Deciding<'_>, number: u64) {
    deciding.want(&[Party::key(number), Usage::key(number), MarketPack::key()]);
}

/// Opens a party: gives it the next number, and its contact to it alone.
///
/// `kyc_rank` is a tier of the market pack for a customer; for others it may be 0. `staff_role` is for staff only.
///
/// # Errors
/// [`Stop::Need`], or the refusals [`STAFF_ROLE_UNFIT`], [`TIER_UNKNOWN`], [`CONTACT_TAKEN`], [`PARTIES_EXHAUSTED`].
pub fn open(
    deciding: &mut Deciding<'_>,
    kind: PartyKind,
    kyc_rank: u16,
    person: [u8; 16],
    contact: Option<[u8; 32]>,
    staff_role: Option<StaffRole>,
) -> Result<Party, Stop> {
    deciding.want(&[PartyCounter::key(), MarketPack::key()]);
    if let Some(digest) = contact {
        deciding.want(&[ContactOwner::key(digest)]);
    }
    deciding.ready()?;
    if staff_role.is_some() != (kind == PartyKind::Staff) {
        return Err(Refusal::new(STAFF_ROLE_UNFIT, format!("for a party of kind {}", kind.name())).into());
    }
    if kind == PartyKind::Customer || kyc_rank != 0 {
        tier_exists(deciding, kyc_rank)?;
    }
    let counter = deciding.get::<PartyCounter>(&PartyCounter::key())?.unwrap_or_default();
    let exhausted = || Refusal::new(PARTIES_EXHAUSTED, format!("{} parties were opened", counter.next));
    let number = party_number(deciding.stamp().cell, counter.next).ok_or_else(exhausted)?;
    if let Some(digest) = contact {
        take_contact(deciding, digest, number)?;
    }
    let opened_at_ns = deciding.stamp().time_ns;
    let party = Party {
        number,
        kind,
        kyc_rank,
        frozen: false,
        person,
        contact,
        opened_at_ns,
        staff_role,
        freeze_reason_code: None,
        own_limits: None,
        employer: None,
        member_role: None,
    };
    deciding.put(PartyCounter::key(), &PartyCounter { next: counter.next.saturating_add(1) });
    deciding.put(Party::key(number), &party);
    Ok(party)
}

fn open_customer(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    cell::require_id(command)?;
    let OpenCustomer { person, contact, kyc_rank } = cell::body(command)?;
    let kyc_rank = match kyc_rank {
        Some(rank) => rank,
        None => {
            let market = deciding.market()?;
            let highest = market.highest_tier().map(|tier| tier.rank);
            highest.ok_or_else(|| Refusal::new(TIER_UNKNOWN, "the market pack has no KYC tiers"))?
        }
    };
    let party = open(deciding, PartyKind::Customer, kyc_rank, person, contact, None)?;
    Ok(encode(&Opened { party: party.number }))
}

fn open_staff(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    cell::require_id(command)?;
    let OpenStaff { person, contact, staff_role } = cell::body(command)?;
    let party = open(deciding, PartyKind::Staff, 0, person, contact, Some(staff_role))?;
    Ok(encode(&Opened { party: party.number }))
}

/// Limits of a customer's own: the kernel lets this through only when two people agree.
fn set_own_limits(body: &SetOwnLimits, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let party = existing(deciding, body.party)?;
    if party.kind != PartyKind::Customer {
        return Err(Refusal::new(WRONG_PARTY_KIND, format!("{} has no limits", party.kind.name())).into());
    }
    deciding.put(Party::key(party.number), &Party { own_limits: body.limits, ..party });
    Ok(Vec::new())
}

fn set_kyc_rank(body: &SetKycRank, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    deciding.want(&[Party::key(body.party), MarketPack::key()]);
    deciding.ready()?;
    let party = existing(deciding, body.party)?;
    if party.kind != PartyKind::Customer {
        return Err(Refusal::new(WRONG_PARTY_KIND, format!("{} has no KYC tier", party.kind.name())).into());
    }
    tier_exists(deciding, body.kyc_rank)?;
    emit(deciding, EVENT_KYC_TIER_CHANGED, party.number, Some(body.kyc_rank));
    deciding.put(Party::key(party.number), &Party { kyc_rank: body.kyc_rank, ..party });
    Ok(Vec::new())
}

fn freeze(body: &Freeze, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let party = existing(deciding, body.party)?;
    let frozen = Party { frozen: true, freeze_reason_code: Some(body.reason_code), ..party };
    deciding.put(Party::key(frozen.number), &frozen);
    emit(deciding, EVENT_PARTY_FROZEN, frozen.number, None);
    Ok(Vec::new())
}

fn unfreeze(body: &Unfreeze, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let party = existing(deciding, body.party)?;
    let free = Party { frozen: false, freeze_reason_code: None, ..party };
    deciding.put(Party::key(free.number), &free);
    emit(deciding, EVENT_PARTY_UNFROZEN, free.number, None);
    Ok(Vec::new())
}

fn emit(deciding: &mut Deciding<'_>, kind: u16, party: u64, kyc_rank: Option<u16>) {
    deciding.emit(Event { kind, body: encode(&PartyNamed { party, kyc_rank }) });
}

fn change_contact(body: &ChangeContact, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    deciding.want(&[Party::key(body.party)]);
    if let Some(digest) = body.contact {
        deciding.want(&[ContactOwner::key(digest)]);
    }
    deciding.ready()?;
    let party = existing(deciding, body.party)?;
    if party.contact == body.contact {
        return Ok(Vec::new());
    }
    if let Some(digest) = body.contact {
        take_contact(deciding, digest, party.number)?;
    }
    if let Some(old) = party.contact {
        deciding.remove(ContactOwner::key(old));
    }
    deciding.put(Party::key(party.number), &Party { contact: body.contact, ..party });
    Ok(Vec::new())
}

pub(crate) fn existing(deciding: &mut Deciding<'_>, number: u64) -> Result<Party, Stop> {
    find(deciding, number)?.ok_or_else(|| Refusal::new(PARTY_NOT_FOUND, format!("party {number}")).into())
}

fn tier_exists(deciding: &mut Deciding<'_>, rank: u16) -> Result<(), Stop> {
    let market = deciding.market()?;
    if market.tier(rank).is_none() {
        let count = market.kyc_tiers.len();
        return Err(Refusal::new(TIER_UNKNOWN, format!("kyc_rank {rank}; the market has {count} tiers")).into());
    }
    Ok(())
}

fn take_contact(deciding: &mut Deciding<'_>, digest: [u8; 32], party: u64) -> Result<(), Stop> {
    let key = ContactOwner::key(digest);
    // The detail does not say whose it is: that would tell strangers who is a customer.
    if deciding.get::<ContactOwner>(&key)?.is_some() {
        return Err(Refusal::new(CONTACT_TAKEN, "contact belongs to another party").into());
    }
    deciding.put(key, &ContactOwner { party });
    Ok(())
}
