//! Codes and tokens of apps: made on a customer's word, exchanged, and looked up.

use std::sync::Arc;

use sycee_engine::CellHandle;
use sycee_engine::vault::{Consent, Grant, NewToken, Scope, Token, TokenKind, Vault, VaultError};

use crate::codes::{SubCode, gateway};
use crate::state::{Alipay, unreadable};
use crate::wire::failure::Failure;

/// How long a code is good, seconds. The platform's lives for a day; a code is exchanged by a server within seconds, and the
/// longest that is recommended is ten minutes (RFC 6749, section 4.1.2).
const CODE_SECONDS: u64 = 600;
/// How long an access token is good, seconds: 15 days, as the platform's sandbox answers.
pub(crate) const ACCESS_SECONDS: u64 = 1_296_000;
/// How long a refresh token is good, seconds: 30 days, likewise.
pub(crate) const REFRESH_SECONDS: u64 = 2_592_000;
/// Random bytes of a code and of a token: with the two digits of the cell they have at most the 40 characters that the platform's
/// documentation gives them.
const CODE_BYTES: usize = 16;
const TOKEN_BYTES: usize = 19;

/// A customer's word: keeps it, and makes the code with which the app gets its tokens.
///
/// # Errors
/// When the vault cannot keep it.
pub(super) async fn consent(
    cell: Arc<CellHandle>,
    customer: u64,
    app: u64,
    scope: Scope,
    now_ns: u64,
) -> Result<String, Failure> {
    let made = tokio::task::spawn_blocking(move || -> Result<String, VaultError> {
        // What was given before is given until it is taken back.
        let before = cell.vault.consent(customer, app)?.map(|consent| consent.scope);
        let widest = before.map_or(scope, |before| before.max(scope));
        cell.vault.put_consent(customer, &Consent { app, scope: widest, given_at_ns: now_ns })?;
        let grant = Grant { app, scope, granted_at_ns: now_ns };
        issue(&cell, customer, grant, TokenKind::Code, CODE_BYTES, CODE_SECONDS, now_ns)
    });
    made.await.map_err(unreadable)?.map_err(unreadable)
}

/// What an app gets for a code.
pub(crate) struct Pair {
    pub access: String,
    pub refresh: String,
    pub customer: u64,
    pub granted_at_ns: u64,
}

/// Exchanges a code, or a refresh token, of an app for a new pair of tokens. It is good no more then.
///
/// # Errors
/// `isv.code-invalid`, `isv.refresh-token-invalid`, `isv.refresh-token-time-out`, `isv.unmatched-app-id`.
pub(crate) async fn exchange(alipay: &Alipay, app: u64, kind: TokenKind, text: &str) -> Result<Pair, Failure> {
    let (unknown, late) = match kind {
        TokenKind::Refresh => (gateway::REFRESH_TOKEN_INVALID, gateway::REFRESH_TOKEN_TIME_OUT),
        _ => (gateway::CODE_INVALID, gateway::CODE_INVALID),
    };
    let cell = cell_of(alipay, text).ok_or(Failure::new(unknown))?;
    let (now_ns, text) = (alipay.world.clock.now_ns(), text.to_owned());
    let exchanged = tokio::task::spawn_blocking(move || -> Result<Result<Pair, SubCode>, VaultError> {
        let (token, grant) = match found(&cell.vault, &text, kind, app)? {
            Ok(found) => found,
            Err(Unfit::Unknown) => return Ok(Err(unknown)),
            Err(Unfit::OfAnother) => return Ok(Err(gateway::UNMATCHED_APP_ID)),
        };
        if token.expired_at(now_ns) {
            return Ok(Err(late));
        }
        // Between looking and taking another may have taken it.
        if cell.vault.take_token(&text, now_ns)?.is_none() || cell.vault.consent(token.party, app)?.is_none() {
            return Ok(Err(unknown));
        }
        let made = |kind, seconds| issue(&cell, token.party, grant, kind, TOKEN_BYTES, seconds, now_ns);
        let (access, refresh) = (made(TokenKind::Access, ACCESS_SECONDS)?, made(TokenKind::Refresh, REFRESH_SECONDS)?);
        Ok(Ok(Pair { access, refresh, customer: token.party, granted_at_ns: grant.granted_at_ns }))
    });
    exchanged.await.map_err(unreadable)?.map_err(unreadable)?.map_err(Failure::new)
}

/// The customer of an access token of an app, the customer's cell, and what the app may know.
///
/// # Errors
/// `aop.invalid-auth-token`, `aop.auth-token-time-out`.
pub(crate) fn customer(alipay: &Alipay, app: u64, text: &str) -> Result<(Arc<CellHandle>, u64, Scope), Failure> {
    let invalid = || Failure::new(gateway::INVALID_AUTH_TOKEN);
    let cell = cell_of(alipay, text).ok_or_else(invalid)?;
    let (token, grant) =
        found(&cell.vault, text, TokenKind::Access, app).map_err(unreadable)?.map_err(|_| invalid())?;
    if token.expired_at(alipay.world.clock.now_ns()) {
        return Err(Failure::new(gateway::AUTH_TOKEN_TIME_OUT));
    }
    // A consent taken back takes its tokens along; one that was made in the same instant is stopped here.
    let consent = cell.vault.consent(token.party, app).map_err(unreadable)?.ok_or_else(invalid)?;
    Ok((cell, token.party, grant.scope.min(consent.scope)))
}

enum Unfit {
    Unknown,
    OfAnother,
}

fn found(vault: &Vault, text: &str, kind: TokenKind, app: u64) -> Result<Result<(Token, Grant), Unfit>, VaultError> {
    let token = vault.find_token(text)?.filter(|token| token.kind == kind);
    let found = token.and_then(|token| token.grant.map(|grant| (token, grant)));
    Ok(match found {
        None => Err(Unfit::Unknown),
        Some((_, grant)) if grant.app != app => Err(Unfit::OfAnother),
        Some(found) => Ok(found),
    })
}

fn issue(
    cell: &CellHandle,
    customer: u64,
    grant: Grant,
    kind: TokenKind,
    random_bytes: usize,
    seconds: u64,
    now_ns: u64,
) -> Result<String, VaultError> {
    let prefix = format!("{:02}", cell.number);
    let (now_ns, lifetime_seconds) = (Some(now_ns), Some(seconds));
    let wanted = NewToken::new(&prefix, customer, kind);
    let wanted = NewToken { random_bytes, now_ns, lifetime_seconds, grant: Some(grant), ..wanted };
    cell.vault.issue(wanted).map(|(text, _)| text)
}

fn cell_of(alipay: &Alipay, text: &str) -> Option<Arc<CellHandle>> {
    let number = text.get(..2).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()?;
    alipay.world.numbered(number).cloned()
}
