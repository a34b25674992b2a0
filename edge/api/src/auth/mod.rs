//! Who asks: by a bearer token, by the signature of the request, or by a browser's cookie.

pub(crate) mod cookie;
pub(crate) mod credential;
pub(crate) mod diagnosis;
pub(crate) mod keys;
pub(crate) mod passkeys;
pub(crate) mod proof;
pub(crate) mod sign_in;
pub(crate) mod sign_up;
pub(crate) mod signature;

use std::sync::Arc;

use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use sycee_contract::{Caller, Role};
use sycee_engine::CellHandle;
use sycee_engine::vault::TokenKind;
use sycee_party::{MemberRole, Party, PartyKind, StaffRole};

use crate::desk::{Desk, IDEMPOTENCY_KEY};
use crate::problem::Problem;
use signature::{Target, digest_fits, member, parse_input, signature_base};

/// How far the time of a signature may be from the world's clock, seconds: clocks of servers differ, and requests are delayed.
const SIGNATURE_SECONDS: u64 = 300;

/// Who asks.
#[derive(Clone)]
pub(crate) struct Identity {
    /// The party's own cell.
    pub cell: Arc<CellHandle>,
    pub caller: Caller,
    /// What a member of staff may do.
    pub staff_role: Option<StaffRole>,
    /// What one of a merchant's people may do; the caller is the merchant then.
    pub member_role: Option<MemberRole>,
    /// The id of the token, if it is by one.
    pub token: Option<String>,
    /// Of a person's session: when they last proved who they are. Programs have none, and are not asked to.
    pub proved_at_ns: Option<u64>,
}

impl Identity {
    /// The party of this number, if it is there. What it is never changes, so this may be kept, except of a merchant's people.
    pub fn of(cell: &Arc<CellHandle>, number: u64) -> Result<Option<Self>, Problem> {
        let party: Option<Party> = cell.port.get(&Party::key(number))?;
        Ok(party.and_then(|party| {
            let caller = match (party.kind, party.employer) {
                (PartyKind::Customer, _) => Caller::customer(number),
                (PartyKind::Merchant, _) => Caller::merchant(number),
                (PartyKind::Staff, _) => Caller::new(Role::Operator, number),
                // Whoever was dismissed is nobody.
                (PartyKind::Member, Some(employer)) if !party.frozen => {
                    Caller { agent: Some(number), ..Caller::merchant(employer) }
                }
                (PartyKind::Member, _) => return None,
            };
            let (cell, Party { staff_role, member_role, .. }) = (Arc::clone(cell), party);
            Some(Self { cell, caller, staff_role, member_role, token: None, proved_at_ns: None })
        }))
    }
}

/// Who asks a request.
pub(crate) fn authenticate(desk: &Desk, parts: &Parts, body: &[u8]) -> Result<Identity, Problem> {
    if let Some(value) = parts.headers.get(AUTHORIZATION) {
        let text = value.to_str().unwrap_or_default();
        let token = text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let (_, token) =
            token.ok_or_else(|| Problem::not_authenticated("the Authorization header is no bearer token"))?;
        return of_token(desk, token.trim());
    }
    if parts.headers.contains_key("signature-input") {
        return of_signature(desk, parts, body).map_err(|problem| diagnosis::explain(desk, parts, body, problem));
    }
    if let Some(token) = cookie::token(parts, &desk.world.base_url)? {
        return of_token(desk, token);
    }
    Err(Problem::not_authenticated("send a bearer token or sign the request (RFC 9421)"))
}

/// The party of a token. New tokens name their cell; older ones are looked for in each.
fn of_token(desk: &Desk, token: &str) -> Result<Identity, Problem> {
    let named: Option<u16> = token.strip_prefix('t').and_then(|rest| rest.get(..2)?.parse().ok());
    for cell in &desk.world.cells {
        if named.is_some_and(|number| number != cell.number) {
            continue;
        }
        let found = cell.vault.token(token, desk.world.clock.now_ns())?;
        // Those of other kinds are for other doors.
        let found = found.filter(|token| matches!(token.kind, TokenKind::Program | TokenKind::Session));
        if let Some(token) = found {
            let identity = Identity::of(cell, token.party)?;
            let is_session = token.kind == TokenKind::Session;
            let proved_at_ns = is_session.then(|| token.proved_at_ns.or(token.made_at_ns).unwrap_or(0));
            let identity = identity.map(|identity| Identity { token: Some(token.id), proved_at_ns, ..identity });
            return identity.ok_or_else(|| Problem::not_authenticated("the token's party is not here"));
        }
    }
    Err(Problem::not_authenticated("the token is unknown, was revoked or has expired"))
}

fn of_signature(desk: &Desk, parts: &Parts, body: &[u8]) -> Result<Identity, Problem> {
    let no = Problem::not_authenticated;
    let header = |name: &str| {
        let mut values = parts.headers.get_all(name).iter();
        let first = values.next().and_then(|value| value.to_str().ok());
        first.filter(|_| values.next().is_none())
    };
    let input = header("signature-input").and_then(parse_input);
    let input = input.ok_or_else(|| no("the header Signature-Input cannot be read"))?;
    let signature = header("signature").and_then(|text| member(text, input.label));
    let signature = signature.ok_or_else(|| no("the header Signature has no signature of that label"))?;

    let covers = |component: &str| input.components.contains(&component);
    let covers_target = covers("@target-uri") || covers("@path") && (covers("@query") || parts.uri.query().is_none());
    if !covers("@method") || !covers_target {
        return Err(no("the signature does not cover @method, and @target-uri or @path with @query"));
    }
    if parts.headers.contains_key(IDEMPOTENCY_KEY) && !covers(IDEMPOTENCY_KEY) {
        return Err(no("the signature does not cover idempotency-key"));
    }
    if !body.is_empty() {
        if !covers("content-digest") {
            return Err(no("the signature does not cover content-digest"));
        }
        if !header("content-digest").is_some_and(|digest| digest_fits(digest, body)) {
            return Err(no("the header Content-Digest is not the sha-256 of the body"));
        }
    }
    let now = desk.world.clock.now_ns() / 1_000_000_000;
    let created = input.created.ok_or_else(|| no("the signature has no parameter created"))?;
    if created.abs_diff(now) > SIGNATURE_SECONDS || input.expires.is_some_and(|expires| expires <= now) {
        return Err(no("the signature's time is too far from this server's"));
    }
    let key_id = input.key_id.ok_or_else(|| no("the signature has no parameter keyid"))?;
    let key = desk.keys.find(&desk.world, key_id)?.ok_or_else(|| no("there is no such key, or it was revoked"))?;
    if input.algorithm.is_some_and(|algorithm| algorithm != key.verifier.algorithm()) {
        return Err(no("the key is of another algorithm"));
    }
    let target = Target { method: parts.method.as_str(), base_url: &desk.world.base_url, uri: &parts.uri };
    let base = signature_base(&input, &target, &parts.headers);
    let base =
        base.ok_or_else(|| no("the signature covers what the request has not, or what this API does not take"))?;
    if !key.verifier.is_good(&base, signature) {
        return Err(no("the signature is not this key's of this request"));
    }
    Ok(key.identity.clone())
}
