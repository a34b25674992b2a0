//! Passkeys: adding, listing and removing them, signing in with one, and proving once more who one is.

use std::sync::Arc;

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sycee_engine::vault::{Handle, KeptPasskey};
use sycee_party::{MemberRole, Party};

use super::sessions::{SessionWire, Wish, open_session};
use super::tokens::label;
use super::{EVERYBODY, Operation};
use crate::auth::passkeys::{Begun, Passkeys};
use crate::auth::proof::PROOF_NS;
use crate::auth::sign_in::{Candidate, may_sign_in};
use crate::desk::{Asked, Stranger, blocking, ok};
use crate::problem::Problem;
use crate::wire::Instant;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("list_passkeys", "/passkeys", |asked| Box::pin(list(asked)))
        .says("The caller's passkeys.")
        .for_roles(EVERYBODY)
        .for_members(MemberRole::Cashier)
        .gives::<PasskeyList>(),
    Operation::post("begin_passkey", "/passkeys/begin", |asked| Box::pin(begin(asked)))
        .says("Begins to add a passkey: what the browser is to be asked.")
        .for_roles(EVERYBODY)
        .for_members(MemberRole::Cashier)
        .may_need_proof()
        .gives::<CeremonyWire>(),
    Operation::post("add_passkey", "/passkeys", |asked| Box::pin(add(asked)))
        .says("Adds the passkey that the browser has made.")
        .for_roles(EVERYBODY)
        .for_members(MemberRole::Cashier)
        .takes::<AddBody>()
        .gives::<PasskeyWire>(),
    Operation::delete("remove_passkey", "/passkeys/{passkey}", |asked| Box::pin(remove(asked)))
        .says("Removes a passkey of the caller's. It proves nothing from then on.")
        .for_roles(EVERYBODY)
        .for_members(MemberRole::Cashier)
        .gives::<PasskeyWire>(),
    Operation::for_anybody("begin_sign_in_by_passkey", "/sessions/passkey/begin", |stranger| {
        Box::pin(begin_sign_in(stranger))
    })
    .says("Begins to sign in by passkey: what the browser is to be asked.")
    .gives::<CeremonyWire>(),
    Operation::for_anybody("sign_in_by_passkey", "/sessions/passkey", |stranger| Box::pin(sign_in(stranger)))
        .says("Signs in whoever the passkey names.")
        .takes::<SignInBody>()
        .gives::<SessionWire>(),
    Operation::post("begin_proof", "/proof/begin", |asked| Box::pin(begin_proof(asked)))
        .says("Begins to prove by passkey who one is: what the browser is to be asked.")
        .for_roles(EVERYBODY)
        .for_members(MemberRole::Cashier)
        .gives::<CeremonyWire>(),
    Operation::post("prove", "/proof", |asked| Box::pin(prove(asked)))
        .says("Proves again, by passkey or PIN, who it is whose session this is: large payments ask for it.")
        .for_roles(EVERYBODY)
        .for_members(MemberRole::Cashier)
        .takes::<ProofBody>()
        .gives::<ProofWire>(),
];

/// The most passkeys that somebody may have: a person has few devices.
const PASSKEYS_MAX: usize = 20;

/// What the browser is to be asked.
#[derive(Serialize, JsonSchema)]
struct CeremonyWire {
    /// By which it is answered, once, within five minutes.
    ceremony: String,
    /// The member `publicKey` of what `navigator.credentials` is called with, bytes as base64url (Web Authentication, level 3).
    options: Value,
}

impl From<Begun> for CeremonyWire {
    fn from(Begun { ceremony, options }: Begun) -> Self {
        Self { ceremony, options }
    }
}

/// A passkey.
#[derive(Serialize, JsonSchema)]
struct PasskeyWire {
    /// By which it is removed.
    passkey: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    added_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    used_at: Option<Instant>,
}

impl From<KeptPasskey> for PasskeyWire {
    fn from(kept: KeptPasskey) -> Self {
        let (added_at, used_at) = (Instant(kept.added_at_ns), kept.used_at_ns.map(Instant));
        Self { passkey: kept.id, label: kept.label, added_at, used_at }
    }
}

/// The caller's passkeys.
#[derive(Serialize, JsonSchema)]
struct PasskeyList {
    /// The oldest first.
    passkeys: Vec<PasskeyWire>,
}

async fn kept(asked: &Asked) -> Result<Vec<KeptPasskey>, Problem> {
    let (vault, party) = (Arc::clone(&asked.cell.vault), asked.person());
    Ok(blocking(move || vault.passkeys(party)).await??)
}

async fn list(asked: Asked) -> Result<Response, Problem> {
    let passkeys = kept(&asked).await?.into_iter().map(PasskeyWire::from).collect();
    ok(&PasskeyList { passkeys })
}

async fn begin(asked: Asked) -> Result<Response, Problem> {
    // Whoever finds an open session must not give themselves a way in for ever.
    asked.is_proved()?;
    let has = kept(&asked).await?;
    if has.len() >= PASSKEYS_MAX {
        return Err(Problem::caller_unfit("somebody has at most 20 passkeys"));
    }
    let party: Option<Party> = asked.cell.port.get(&Party::key(asked.person()))?;
    let handle = Handle(party.ok_or_else(|| Problem::not_found("the caller's party is not here"))?.person);
    let name = asked.cell.vault.person(handle)?.map_or_else(String::new, |person| person.name);
    let now_ns = asked.desk.world.clock.now_ns();
    ok(&CeremonyWire::from(asked.desk.passkeys.begin_adding(asked.person(), &name, &has, now_ns)?))
}

/// A passkey that was made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AddBody {
    ceremony: String,
    /// What `navigator.credentials.create` gave, by its `toJSON`.
    credential: Value,
    /// What it is called in the list, such as the device; at most 64 characters.
    label: Option<String>,
}

async fn add(asked: Asked) -> Result<Response, Problem> {
    let AddBody { ceremony, credential, label: text } = asked.body()?;
    let (label, party, now_ns) = (label(text)?, asked.person(), asked.desk.world.clock.now_ns());
    let credential = asked.desk.passkeys.added(party, &ceremony, credential, now_ns)?;
    let id = KeptPasskey::new_id()?;
    let passkey = KeptPasskey { id, party, label, added_at_ns: now_ns, used_at_ns: None, credential };
    keep(&asked, passkey.clone(), true).await?;
    ok(&PasskeyWire::from(passkey))
}

async fn keep(asked: &Asked, passkey: KeptPasskey, is_new: bool) -> Result<(), Problem> {
    let vault = Arc::clone(&asked.cell.vault);
    let is_kept = blocking(move || vault.put_passkey(&passkey, is_new)).await??;
    if is_kept { Ok(()) } else { Err(Problem::passkey_refused("the passkey was removed")) }
}

async fn remove(asked: Asked) -> Result<Response, Problem> {
    let (vault, party) = (Arc::clone(&asked.cell.vault), asked.person());
    let id = asked.path("passkey").to_owned();
    let removed = blocking(move || vault.remove_passkey(party, &id)).await??;
    ok(&PasskeyWire::from(removed.ok_or_else(|| Problem::not_found("the caller has no passkey of this id"))?))
}

async fn begin_sign_in(stranger: Stranger) -> Result<Response, Problem> {
    let now_ns = stranger.desk.world.clock.now_ns();
    ok(&CeremonyWire::from(stranger.desk.passkeys.begin_signing_in(now_ns)?))
}

/// A passkey that names somebody.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SignInBody {
    ceremony: String,
    /// What `navigator.credentials.get` gave, by its `toJSON`.
    credential: Value,
    /// Whether the session is kept in a cookie, out of scripts' reach, instead of being told.
    #[serde(default)]
    cookie: bool,
    /// What the session is called in the list, such as the device; at most 64 characters.
    label: Option<String>,
}

async fn sign_in(stranger: Stranger) -> Result<Response, Problem> {
    let SignInBody { ceremony, credential, cookie, label } = stranger.body()?;
    let (desk, wish) = (&stranger.desk, Wish::new(&stranger, cookie, label)?);
    let number = Passkeys::named(&credential)?;
    let nobody = || Problem::passkey_refused("no such passkey is known here");
    let cell = sycee_party::cell_of(number).and_then(|cell| desk.world.numbered(cell)).ok_or_else(nobody)?;
    let party: Option<Party> = cell.port.get(&Party::key(number))?;
    let party = party.filter(may_sign_in).ok_or_else(nobody)?;
    let vault = Arc::clone(&cell.vault);
    let has = blocking(move || vault.passkeys(number)).await??;
    let used = desk.passkeys.signed_in(&ceremony, credential, &has, desk.world.clock.now_ns())?;
    let vault = Arc::clone(&cell.vault);
    if !blocking(move || vault.put_passkey(&used, false)).await?? {
        return Err(nobody());
    }
    open_session(&desk.world, Arc::clone(cell), party, wish).await
}

async fn begin_proof(asked: Asked) -> Result<Response, Problem> {
    let has = kept(&asked).await?;
    let now_ns = asked.desk.world.clock.now_ns();
    ok(&CeremonyWire::from(asked.desk.passkeys.begin_proving(asked.person(), &has, now_ns)?))
}

/// A proof: the PIN, or a passkey's answer to a ceremony.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ProofBody {
    /// The PIN or password. A wrong one counts as a failed attempt at signing in.
    pin: Option<String>,
    ceremony: Option<String>,
    /// What `navigator.credentials.get` gave, by its `toJSON`.
    credential: Option<Value>,
}

/// A proof that counts.
#[derive(Serialize, JsonSchema)]
struct ProofWire {
    proved_until: Instant,
}

async fn prove(asked: Asked) -> Result<Response, Problem> {
    let ProofBody { pin, ceremony, credential } = asked.body()?;
    let session = asked.token.clone().filter(|_| asked.proved_at_ns.is_some());
    let session = session.ok_or_else(|| Problem::caller_unfit("only a person's session can be proved"))?;
    let (party, now_ns) = (asked.person(), asked.desk.world.clock.now_ns());
    match (pin, ceremony, credential) {
        (Some(pin), None, None) => {
            let candidate = Candidate::find(&asked.desk.world, &format!("{party:016}"), None, false)?;
            candidate.judged(pin, now_ns).await?;
        }
        (None, Some(ceremony), Some(credential)) => {
            let has = kept(&asked).await?;
            let used = asked.desk.passkeys.proved(party, &ceremony, credential, &has, now_ns)?;
            keep(&asked, used, false).await?;
        }
        _ => return Err(Problem::bad_field("pin", "or else ceremony and credential are needed, not both")),
    }
    let vault = Arc::clone(&asked.cell.vault);
    if !blocking(move || vault.prove_session(party, &session, now_ns)).await?? {
        return Err(Problem::not_authenticated("the session has ended"));
    }
    ok(&ProofWire { proved_until: Instant(now_ns.saturating_add(PROOF_NS)) })
}
