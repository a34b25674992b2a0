//! The caller's tokens and sessions, and what the caller has let apps know.

use std::sync::Arc;

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_acquiring::record::App;
use sycee_contract::Role;
use sycee_engine::World;
use sycee_engine::vault::{Consent, Handle, LABEL_MAX_CHARACTERS, NewToken, Scope, Token, TokenKind};
use sycee_party::{MemberRole, Party, PartyKind, StaffRole};

use super::{EVERYBODY, Operation};
use crate::desk::{Asked, blocking, ok};
use crate::problem::Problem;
use crate::wire::{Digits, Instant, digits};

const CUSTOMER: &[Role] = &[Role::Customer];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("list_tokens", "/tokens", |asked| Box::pin(list_tokens(asked)))
        .says("The caller's tokens and sessions that are good now, without their texts.")
        .for_roles(EVERYBODY)
        .for_members(MemberRole::Cashier)
        .gives::<TokenList>(),
    Operation::delete("revoke_token", "/tokens/{token}", |asked| Box::pin(revoke_token(asked)))
        .says("Revokes a token or session of the caller's. It is good for nothing from then on.")
        .for_roles(EVERYBODY)
        .for_members(MemberRole::Cashier)
        .gives::<TokenInfo>(),
    Operation::post("issue_token", "/parties/{party}/tokens", |asked| Box::pin(issue_token(asked)))
        .says("Makes a bearer token for a merchant or a member of staff. Told once.")
        .for_roles(&[Role::Operator])
        // Whoever is not an admin would become one by it.
        .for_staff(&[StaffRole::Admin])
        .takes::<IssueBody>()
        .gives::<IssuedToken>(),
    Operation::get("list_consents", "/consents", |asked| Box::pin(list_consents(asked)))
        .says("Which apps the customer has let in, and what they may know.")
        .for_roles(CUSTOMER)
        .gives::<ConsentList>(),
    Operation::delete("withdraw_consent", "/consents/{app}", |asked| Box::pin(withdraw_consent(asked)))
        .says("Takes a consent back. None of the app's codes and tokens of this customer is good from then on.")
        .for_roles(CUSTOMER)
        .gives::<ConsentWire>(),
];

/// The most tokens of programs that a party may have: listing them reads each.
const PROGRAM_TOKENS_MAX: usize = 100;
/// The longest that a program's token may be made to last, days: ten years.
const DAYS_MAX: u32 = 3_650;

/// What a token is for.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// A program's.
    Program,
    /// A person's, made by signing in.
    Session,
}

/// A token, without its text.
#[derive(Serialize, JsonSchema)]
struct TokenInfo {
    token_id: String,
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// Absent of tokens that are older than this list.
    #[serde(skip_serializing_if = "Option::is_none")]
    made_at: Option<Instant>,
    /// To the hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<Instant>,
    /// Absent if it is good until it is revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Instant>,
    /// Whether it is the one with which this was asked.
    current: bool,
}

/// The caller's tokens.
#[derive(Serialize, JsonSchema)]
struct TokenList {
    tokens: Vec<TokenInfo>,
}

/// The token as its owner sees it; `None` of those that are not the owner's to see.
fn info(token: Token, current: Option<&str>) -> Option<TokenInfo> {
    let kind = match token.kind {
        TokenKind::Program => Kind::Program,
        TokenKind::Session => Kind::Session,
        TokenKind::Page | TokenKind::Code | TokenKind::Access | TokenKind::Refresh => return None,
    };
    Some(TokenInfo {
        kind,
        current: current == Some(token.id.as_str()),
        token_id: token.id,
        label: token.label,
        made_at: token.made_at_ns.map(Instant),
        last_used_at: token.last_used_at_ns.map(Instant),
        expires_at: token.expires_at_ns.map(Instant),
    })
}

async fn list_tokens(asked: Asked) -> Result<Response, Problem> {
    let (vault, party, now_ns) = (asked.cell.vault.clone(), asked.person(), asked.desk.world.clock.now_ns());
    let tokens = blocking(move || vault.tokens(party, now_ns)).await??;
    let current = asked.token.as_deref();
    ok(&TokenList { tokens: tokens.into_iter().filter_map(|token| info(token, current)).collect() })
}

async fn revoke_token(asked: Asked) -> Result<Response, Problem> {
    let (vault, party, id) = (asked.cell.vault.clone(), asked.person(), asked.path("token").to_owned());
    let revoked = blocking(move || {
        let is_shown = |token: &Token| matches!(token.kind, TokenKind::Program | TokenKind::Session);
        vault.revoke_tokens(party, |token| token.id == id && is_shown(token))
    });
    let revoked = revoked.await??.pop().and_then(|token| info(token, asked.token.as_deref()));
    ok(&revoked.ok_or_else(|| Problem::not_found("the caller has no token of this id"))?)
}

/// A label as its owner wants it.
pub(super) fn label(text: Option<String>) -> Result<Option<String>, Problem> {
    let Some(text) = text else { return Ok(None) };
    if text.chars().nth(LABEL_MAX_CHARACTERS).is_some() || text.chars().any(char::is_control) {
        return Err(Problem::bad_field("label", "has at most 64 characters and no control characters"));
    }
    Ok(Some(text))
}

/// A token that is wanted.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct IssueBody {
    /// What it is called in the list; at most 64 characters.
    label: Option<String>,
    /// For how many days it is good, 1 to 3650; until it is revoked if left out.
    days: Option<u32>,
}

/// A bearer token.
#[derive(Serialize, JsonSchema)]
struct IssuedToken {
    token: String,
    /// By which it is listed and revoked.
    token_id: String,
}

async fn issue_token(asked: Asked) -> Result<Response, Problem> {
    let IssueBody { label: text, days } = asked.body()?;
    let label = label(text)?;
    if days.is_some_and(|days| !(1..=DAYS_MAX).contains(&days)) {
        return Err(Problem::bad_field("days", "is 1 to 3650"));
    }
    let number = asked.party("party")?;
    let party: Option<Party> = asked.cell.port.get(&Party::key(number))?;
    let party = party.filter(|party| matches!(party.kind, PartyKind::Merchant | PartyKind::Staff));
    party.ok_or_else(|| Problem::not_found("no merchant or member of staff of this cell has this number"))?;
    let (cell, now_ns) = (Arc::clone(&asked.cell), asked.desk.world.clock.now_ns());
    let issued = blocking(move || {
        let tokens = cell.vault.tokens(number, now_ns)?;
        if tokens.iter().filter(|token| token.kind == TokenKind::Program).count() >= PROGRAM_TOKENS_MAX {
            return Ok(None);
        }
        let prefix = cell.token_prefix();
        let wanted = NewToken::new(&prefix, number, TokenKind::Program);
        let lifetime_seconds = days.map(|days| u64::from(days) * 86_400);
        cell.vault.issue(NewToken { now_ns: Some(now_ns), lifetime_seconds, label, ..wanted }).map(Some)
    });
    let (token, made) =
        issued.await??.ok_or_else(|| Problem::caller_unfit("a party has at most 100 tokens of programs"))?;
    ok(&IssuedToken { token, token_id: made.id })
}

/// What an app may know.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ScopeWire {
    /// The customer's number, and nothing else.
    Number,
    /// Number and name.
    Profile,
}

/// A customer's word for an app.
#[derive(Serialize, JsonSchema)]
struct ConsentWire {
    app: Digits,
    /// The name of the app's merchant, if it is still known.
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_name: Option<String>,
    scope: ScopeWire,
    given_at: Instant,
}

/// The customer's consents.
#[derive(Serialize, JsonSchema)]
struct ConsentList {
    consents: Vec<ConsentWire>,
}

fn consent_wire(world: &World, consent: Consent) -> Result<ConsentWire, Problem> {
    Ok(ConsentWire {
        app: Digits(consent.app),
        merchant_name: merchant_name(world, consent.app)?,
        scope: match consent.scope {
            Scope::Number => ScopeWire::Number,
            Scope::Profile => ScopeWire::Profile,
        },
        given_at: Instant(consent.given_at_ns),
    })
}

/// The name of the merchant whose app this is; the app's number names its cell.
fn merchant_name(world: &World, app: u64) -> Result<Option<String>, Problem> {
    let cell = u16::try_from(app / 10_000_000_000 % 100).ok().and_then(|cell| world.numbered(cell));
    let Some(cell) = cell else { return Ok(None) };
    let Some(app) = cell.port.get::<App>(&App::key(app))? else { return Ok(None) };
    let Some(party) = cell.port.get::<Party>(&Party::key(app.merchant))? else { return Ok(None) };
    Ok(cell.vault.person(Handle(party.person))?.map(|person| person.name))
}

async fn list_consents(asked: Asked) -> Result<Response, Problem> {
    let (vault, customer) = (asked.cell.vault.clone(), asked.caller.party);
    let consents = blocking(move || vault.consents(customer)).await??;
    let shown = consents.into_iter().map(|consent| consent_wire(&asked.desk.world, consent));
    ok(&ConsentList { consents: shown.collect::<Result<_, Problem>>()? })
}

async fn withdraw_consent(asked: Asked) -> Result<Response, Problem> {
    let none = || Problem::not_found("the customer has given no consent for such an app");
    let app = digits(asked.path("app")).ok_or_else(none)?;
    let (vault, customer) = (asked.cell.vault.clone(), asked.caller.party);
    let withdrawn = blocking(move || vault.withdraw_consent(customer, app)).await??;
    ok(&consent_wire(&asked.desk.world, withdrawn.ok_or_else(none)?)?)
}
