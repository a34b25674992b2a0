//! With what a caller has shown who it is, for those who must look again later: an open stream ends when it is revoked.

use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Request};

use super::authenticate;
use super::signature::parse_input;
use crate::desk::Desk;

/// A credential, and the party that it named.
pub(crate) struct Credential {
    party: u64,
    kind: CredentialKind,
}

enum CredentialKind {
    /// A key's signature: its time was right when the request came, so later only the key counts.
    Key(String),
    /// Whatever else the headers have.
    Headers(Box<Parts>),
}

impl Credential {
    /// The credential in the headers of a request of `party`'s that has been let in.
    pub fn of(headers: HeaderMap, party: u64) -> Self {
        let input = headers.get("signature-input").filter(|_| !headers.contains_key(AUTHORIZATION));
        let input = input.and_then(|value| parse_input(value.to_str().ok()?));
        let kind = match input.and_then(|input| input.key_id) {
            Some(id) => CredentialKind::Key(id.to_owned()),
            None => {
                let (mut parts, ()) = Request::new(()).into_parts();
                parts.headers = headers;
                CredentialKind::Headers(Box::new(parts))
            }
        };
        Self { party, kind }
    }

    /// Whose it is.
    pub fn party(&self) -> u64 {
        self.party
    }

    /// Whether it still names the same party. An error counts as no: the caller comes back and is told.
    pub fn is_still_good(&self, desk: &Desk) -> bool {
        let party = match &self.kind {
            CredentialKind::Key(id) => {
                desk.keys.find(&desk.world, id).ok().flatten().map(|key| key.identity.caller.party)
            }
            CredentialKind::Headers(parts) => authenticate(desk, parts, b"").ok().map(|identity| identity.caller.party),
        };
        party == Some(self.party)
    }
}
