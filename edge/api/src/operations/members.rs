//! The people of a merchant: cashiers, managers and owners, each with a PIN of their own.

use std::sync::Arc;

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_contract::Role;
use sycee_engine::CellHandle;
use sycee_engine::vault::{Handle, Person};
use sycee_party::command::{ChangeMember, OpenMember, Opened};
use sycee_party::{CHANGE_MEMBER, MemberRole, Members, OPEN_MEMBER, Party, PartyKind};

use super::Operation;
use super::customer::member_contact;
use super::sessions::{PinChanged, set};
use crate::auth::sign_in::check_new;
use crate::desk::{Asked, answer, blocking, ok};
use crate::problem::Problem;
use crate::wire::{self, Digits, Instant};

const MERCHANT: &[Role] = &[Role::Merchant];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("list_members", "/members", |asked| Box::pin(list(asked)))
        .says("The merchant's people, those who were dismissed included.")
        .for_roles(MERCHANT)
        .gives::<MemberList>(),
    Operation::post("open_member", "/members", |asked| Box::pin(open(asked)))
        .says("Adds somebody to the merchant's people, with a PIN to sign in with.")
        .asks(OPEN_MEMBER)
        .for_roles(MERCHANT)
        .takes::<NewMember>()
        .gives::<MemberView>(),
    Operation::post("change_member", "/members/{member}", |asked| Box::pin(change(asked)))
        .says("Changes what one of the merchant's people may do, or dismisses them: their sessions end.")
        .asks(CHANGE_MEMBER)
        .for_roles(MERCHANT)
        .takes::<MemberChange>()
        .gives::<MemberView>(),
    Operation::post("set_member_pin", "/members/{member}/pin", |asked| Box::pin(set_pin(asked)))
        .says("Gives one of the merchant's people another PIN. All sessions of theirs end.")
        .for_roles(MERCHANT)
        .takes::<NewPin>()
        .gives::<PinChanged>(),
];

/// What one of a merchant's people may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "MemberRole")]
pub(super) enum MemberRoleWire {
    /// Takes payments, cancels what is not paid, looks at orders.
    Cashier,
    /// Gives money back too, and looks at settlements.
    Manager,
    /// Everything.
    Owner,
}

impl From<MemberRole> for MemberRoleWire {
    fn from(role: MemberRole) -> Self {
        match role {
            MemberRole::Cashier => Self::Cashier,
            MemberRole::Manager => Self::Manager,
            MemberRole::Owner => Self::Owner,
        }
    }
}

impl From<MemberRoleWire> for MemberRole {
    fn from(role: MemberRoleWire) -> Self {
        match role {
            MemberRoleWire::Cashier => Self::Cashier,
            MemberRoleWire::Manager => Self::Manager,
            MemberRoleWire::Owner => Self::Owner,
        }
    }
}

/// One of a merchant's people.
#[derive(Serialize, JsonSchema)]
pub(super) struct MemberView {
    /// Their number, with which they can sign in.
    member: Digits,
    /// Null if it was erased.
    name: Option<String>,
    /// With its middle hidden.
    phone: Option<String>,
    role: MemberRoleWire,
    dismissed: bool,
    opened_at: Instant,
}

/// The merchant's people.
#[derive(Serialize, JsonSchema)]
struct MemberList {
    /// In the order in which they came; at most 200.
    members: Vec<MemberView>,
}

/// Somebody of this number as one of a merchant's people, if they are one.
pub(super) fn member_view(cell: &CellHandle, number: u64) -> Result<Option<MemberView>, Problem> {
    let party: Option<Party> = cell.port.get(&Party::key(number))?;
    let Some((party, role)) = party.and_then(|party| party.member_role.map(|role| (party, role))) else {
        return Ok(None);
    };
    let person = cell.vault.person(Handle(party.person))?;
    Ok(Some(MemberView {
        member: Digits(number),
        phone: person.as_ref().and_then(Person::masked_phone),
        name: person.map(|person| person.name),
        role: role.into(),
        dismissed: party.frozen,
        opened_at: Instant(party.opened_at_ns),
    }))
}

async fn list(asked: Asked) -> Result<Response, Problem> {
    let listed: Members = asked.cell.port.get(&Members::key(asked.caller.party))?.unwrap_or_default();
    let mut members = Vec::with_capacity(listed.numbers.len());
    for number in listed.numbers {
        members.extend(member_view(&asked.cell, number)?);
    }
    ok(&MemberList { members })
}

/// Somebody new.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewMember {
    name: String,
    /// 6 to 15 digits, with or without + in front. The same phone may have a wallet too.
    phone: Option<String>,
    role: MemberRoleWire,
    /// Six digits, not easily guessed.
    pin: String,
}

async fn open(asked: Asked) -> Result<Response, Problem> {
    let NewMember { name, phone, role, pin } = asked.body()?;
    let name = wire::name("name", &name)?.to_owned();
    let phone = phone.map(|phone| wire::phone("phone", &phone)).transpose()?;
    check_new("pin", PartyKind::Member, &pin)?;
    let contact = phone.as_ref().map(|phone| member_contact(&asked.cell, phone));
    // Of this key, so that a repeat finds the same person and is the same command.
    let seed = format!("{} {}", asked.caller.party, asked.key.as_deref().unwrap_or_default());
    let person = keep(&asked.cell, &seed, Newcomer { name, phone, pin }).await?;
    let body = OpenMember { employer: asked.caller.party, person, contact, member_role: role.into() };
    let opened: Result<(Opened, bool), Problem> = asked.reply(OPEN_MEMBER, &body).await;
    if opened.as_ref().is_err_and(|problem| NOBODY_CAME.contains(&problem.code)) {
        // What was kept of them goes. Where this key has brought somebody before, the answer is that one, and not such a refusal.
        let vault = Arc::clone(&asked.cell.vault);
        blocking(move || vault.erase_person(Handle(person))).await??;
    }
    let (Opened { party }, replayed) = opened?;
    let view = member_view(&asked.cell, party)?;
    answer(&view.ok_or_else(|| Problem::internal("a member who was opened is not there", &party))?, replayed)
}

/// The refusals after which nobody has come by the key with which it was asked.
const NOBODY_CAME: &[&str] = &["contact_taken", "member_may_not", "members_exhausted"];

/// What is kept of somebody new.
pub(super) struct Newcomer {
    pub name: String,
    pub phone: Option<String>,
    pub pin: String,
}

/// Keeps somebody new under a handle that follows from `seed`. Said again with the same seed it changes nothing, so that a repeat
/// neither adds a person nor changes a PIN.
pub(super) async fn keep(cell: &Arc<CellHandle>, seed: &str, newcomer: Newcomer) -> Result<[u8; 16], Problem> {
    let digest = cell.vault.digest("member-person", seed.as_bytes());
    let mut person = [0; 16];
    person.copy_from_slice(&digest[..16]);
    let vault = Arc::clone(&cell.vault);
    let kept = blocking(move || -> Result<(), sycee_engine::vault::VaultError> {
        if vault.person(Handle(person))?.is_some() {
            return Ok(());
        }
        let Newcomer { name, phone, pin } = newcomer;
        let data = Person::named(&name);
        let data = phone.map_or_else(|| data.clone(), |phone| data.clone().with_phone(&phone));
        vault.put_person_as(Handle(person), &data.with_pin(&pin)?)
    });
    kept.await??;
    Ok(person)
}

/// One of the merchant's own people, by the number in the path.
fn own(asked: &Asked) -> Result<Party, Problem> {
    let party: Option<Party> = asked.cell.port.get(&Party::key(asked.party("member")?))?;
    let party = party.filter(|party| party.employer == Some(asked.caller.party));
    party.ok_or_else(|| Problem::not_found("nobody of the merchant's people has this number"))
}

/// What somebody may do from now on.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MemberChange {
    role: MemberRoleWire,
    dismissed: bool,
}

async fn change(asked: Asked) -> Result<Response, Problem> {
    let MemberChange { role, dismissed } = asked.body()?;
    let number = own(&asked)?.number;
    let body = ChangeMember { member: number, member_role: role.into(), is_dismissed: dismissed };
    asked.ask(CHANGE_MEMBER, &body).await?;
    if dismissed {
        // Nothing that they hold is good already; this takes it off their list too.
        let vault = Arc::clone(&asked.cell.vault);
        blocking(move || vault.revoke_tokens(number, |_| true)).await??;
    }
    let view = member_view(&asked.cell, number)?;
    ok(&view.ok_or_else(|| Problem::internal("a member who was changed is not there", &number))?)
}

/// Another PIN.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewPin {
    /// Six digits, not easily guessed.
    pin: String,
}

async fn set_pin(asked: Asked) -> Result<Response, Problem> {
    let NewPin { pin } = asked.body()?;
    let party = own(&asked)?;
    check_new("pin", PartyKind::Member, &pin)?;
    set(Arc::clone(&asked.cell), party, pin, None).await
}
