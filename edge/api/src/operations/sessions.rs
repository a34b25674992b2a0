//! Signing in and out, and the PIN.

use std::sync::Arc;

use axum::http::header::SET_COOKIE;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_contract::Role;
use sycee_engine::vault::{Handle, NewToken, Person, TokenKind, VaultError};
use sycee_engine::{CellHandle, World};
use sycee_party::{MemberRole, Party, PartyKind, StaffRole};

use super::party::RoleWire;
use super::tokens::label;
use super::{EVERYBODY, Operation};
use crate::auth::cookie;
use crate::auth::sign_in::{Candidate, check_new};
use crate::desk::{Asked, Stranger, blocking, ok};
use crate::problem::Problem;
use crate::wire::{Digits, Instant};

/// How long a customer's session lasts, seconds: 30 days, so that nobody types a PIN for each look at a balance.
const CUSTOMER_SESSION_SECONDS: u64 = 30 * 86_400;
/// A customer's session in a browser, seconds: half a day, because browsers are shared.
const BROWSER_SESSION_SECONDS: u64 = 12 * 3_600;
/// A session of staff, seconds: one working day.
const STAFF_SESSION_SECONDS: u64 = 12 * 3_600;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::for_anybody("sign_in", "/sessions", |stranger| Box::pin(sign_in(stranger)))
        .says("Signs a customer, one of a shop's people or a member of staff in, by phone or party number and PIN or password.")
        .takes::<SignInBody>()
        .gives::<SessionWire>(),
    Operation::delete("sign_out", "/sessions/current", |asked| Box::pin(sign_out(asked)))
        .says("Revokes the token, or ends the browser's session, with which this is asked.")
        .for_roles(EVERYBODY)
        .for_members(MemberRole::Cashier)
        .gives::<SignedOut>(),
    Operation::post("change_pin", "/pin", |asked| Box::pin(change_pin(asked)))
        .says("Changes the caller's PIN or password. All of the caller's other sessions end.")
        .for_roles(EVERYBODY)
        .for_members(MemberRole::Cashier)
        .takes::<ChangeBody>()
        .gives::<PinChanged>(),
    Operation::post("set_pin", "/parties/{party}/pin", |asked| Box::pin(set_pin(asked)))
        .says("Gives a customer a PIN, or a member of staff (admins only) a password. All sessions of theirs end.")
        .for_roles(&[Role::Operator])
        .for_staff(&[StaffRole::Support])
        .takes::<SetBody>()
        .gives::<PinChanged>(),
];

/// Somebody who says who they are.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SignInBody {
    /// A phone number, or the party's number (16 digits).
    login: String,
    /// A customer's PIN, or the password of a member of staff.
    pin: String,
    /// The name of the cell in which the phone number is looked for; needed if the server has several.
    cell: Option<String>,
    /// Whether the phone number is looked for among the people of shops: the same phone may have a wallet too.
    #[serde(default)]
    at_shop: bool,
    /// Whether the session is kept in a cookie, out of scripts' reach, instead of being told.
    #[serde(default)]
    cookie: bool,
    /// What the session is called in the list, such as the device; at most 64 characters.
    label: Option<String>,
}

/// How far signing in has come. Further states may be added: whoever does not know one is not signed in.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Progress {
    SignedIn,
}

/// A session.
#[derive(Serialize, JsonSchema)]
pub(super) struct SessionWire {
    status: Progress,
    /// The bearer token, told now and never again; absent if it is in the cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    /// By which the session is listed and revoked.
    token_id: String,
    /// The person's own number.
    party: Digits,
    /// In which role the session asks; one of a shop's people asks as the merchant.
    role: RoleWire,
    /// The name of the party's cell.
    cell: String,
    expires_at: Instant,
}

/// How a session is wished to be.
pub(super) struct Wish {
    cookie: bool,
    label: Option<String>,
}

impl Wish {
    /// Refuses a cookie to a page that is not ours.
    pub fn new(stranger: &Stranger, cookie: bool, text: Option<String>) -> Result<Self, Problem> {
        if cookie && !cookie::is_of_this_site(&stranger.headers, &stranger.desk.world.base_url) {
            return Err(Problem::cross_site());
        }
        Ok(Self { cookie, label: label(text)? })
    }
}

async fn sign_in(stranger: Stranger) -> Result<Response, Problem> {
    let SignInBody { login, pin, cell, at_shop, cookie, label } = stranger.body()?;
    let world = &stranger.desk.world;
    let wish = Wish::new(&stranger, cookie, label)?;
    let candidate = Candidate::find(world, &login, cell.as_deref(), at_shop)?;
    let (cell, party) = candidate.judged(pin, world.clock.now_ns()).await?;
    open_session(world, cell, party, wish).await
}

/// A session of somebody who has proved who they are.
pub(super) async fn open_session(
    world: &World,
    cell: Arc<CellHandle>,
    party: Party,
    Wish { cookie, label }: Wish,
) -> Result<Response, Problem> {
    let seconds = match (party.kind, cookie) {
        (PartyKind::Customer, false) => CUSTOMER_SESSION_SECONDS,
        (PartyKind::Customer, true) => BROWSER_SESSION_SECONDS,
        (PartyKind::Staff | PartyKind::Merchant | PartyKind::Member, _) => STAFF_SESSION_SECONDS,
    };
    let (home, now_ns) = (Arc::clone(&cell), world.clock.now_ns());
    let issued = blocking(move || {
        let prefix = home.token_prefix();
        let wanted = NewToken::new(&prefix, party.number, TokenKind::Session);
        home.vault.issue(NewToken { now_ns: Some(now_ns), lifetime_seconds: Some(seconds), label, ..wanted })
    });
    let (text, token) = issued.await??;
    let mut response = ok(&SessionWire {
        status: Progress::SignedIn,
        token: (!cookie).then(|| text.clone()),
        token_id: token.id,
        party: Digits(token.party),
        role: match party.kind {
            PartyKind::Customer => RoleWire::Customer,
            PartyKind::Merchant | PartyKind::Member => RoleWire::Merchant,
            PartyKind::Staff => RoleWire::Operator,
        },
        cell: cell.name.clone(),
        expires_at: Instant(token.expires_at_ns.unwrap_or(u64::MAX)),
    })?;
    let headers = response.headers_mut();
    if cookie && let Some(value) = cookie::set(&text, seconds, party.kind == PartyKind::Member, &world.base_url) {
        headers.insert(SET_COOKIE, value);
    }
    Ok(response)
}

/// A session that has ended.
#[derive(Serialize, JsonSchema)]
struct SignedOut {
    /// The token that is good no more.
    token_id: String,
}

async fn sign_out(asked: Asked) -> Result<Response, Problem> {
    let token_id =
        asked.token.clone().ok_or_else(|| Problem::caller_unfit("a signed request has no session to end"))?;
    let (vault, party, id) = (Arc::clone(&asked.cell.vault), asked.person(), token_id.clone());
    blocking(move || vault.revoke_tokens(party, |token| token.id == id)).await??;
    let mut response = ok(&SignedOut { token_id })?;
    if let Some(value) = cookie::set("", 0, asked.caller.agent.is_some(), &asked.desk.world.base_url) {
        response.headers_mut().insert(SET_COOKIE, value);
    }
    Ok(response)
}

/// Another PIN or password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ChangeBody {
    /// The present one. A wrong one counts as a failed attempt at signing in.
    pin: String,
    /// Six digits, not easily guessed; 12 to 100 characters for staff.
    new_pin: String,
}

/// A PIN that was set.
#[derive(Serialize, JsonSchema)]
pub(super) struct PinChanged {
    party: Digits,
    /// How many sessions have ended by it.
    sessions_ended: usize,
}

async fn change_pin(asked: Asked) -> Result<Response, Problem> {
    let ChangeBody { pin, new_pin } = asked.body()?;
    let (world, number) = (&asked.desk.world, asked.person());
    let candidate = Candidate::find(world, &format!("{number:016}"), None, false)?;
    let kind = candidate.party.as_ref().map(|party| party.kind).ok_or_else(Problem::sign_in_failed)?;
    check_new("new_pin", kind, &new_pin)?;
    let (cell, party) = candidate.judged(pin, world.clock.now_ns()).await?;
    set(cell, party, new_pin, asked.token.clone()).await
}

/// A first PIN, or one in place of one that was forgotten.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SetBody {
    /// Six digits, not easily guessed; 12 to 100 characters for staff.
    pin: String,
}

async fn set_pin(asked: Asked) -> Result<Response, Problem> {
    let SetBody { pin } = asked.body()?;
    let number = asked.party("party")?;
    let party: Option<Party> = asked.cell.port.get(&Party::key(number))?;
    let party = party.filter(|party| party.kind != PartyKind::Merchant);
    let party = party.ok_or_else(|| Problem::not_found("no customer or member of staff here has this number"))?;
    // Whoever sets a password of staff can sign in as them.
    if party.kind == PartyKind::Staff && asked.staff_role != Some(StaffRole::Admin) {
        return Err(Problem::caller_unfit("passwords of staff are set by admins"));
    }
    check_new("pin", party.kind, &pin)?;
    let cell = Arc::clone(&asked.cell);
    set(cell, party, pin, None).await
}

pub(super) async fn set(
    cell: Arc<CellHandle>,
    party: Party,
    pin: String,
    keep: Option<String>,
) -> Result<Response, Problem> {
    let number = party.number;
    let ended = blocking(move || -> Result<Option<usize>, VaultError> {
        let handle = Handle(party.person);
        let Some(person) = cell.vault.person(handle)? else { return Ok(None) };
        let person: Person = person.with_pin(&pin)?;
        cell.vault.put_person_as(handle, &person)?;
        cell.vault.pardon(number)?;
        let ended = cell.vault.revoke_tokens(number, |token| {
            matches!(token.kind, TokenKind::Session | TokenKind::Page) && Some(&token.id) != keep.as_ref()
        })?;
        Ok(Some(ended.len()))
    });
    let sessions_ended = ended.await??.ok_or_else(|| Problem::not_found("the party's data was erased"))?;
    ok(&PinChanged { party: Digits(number), sessions_ended })
}
