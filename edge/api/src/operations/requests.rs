//! The request log, for whoever sets up a client.

use std::ops::RangeInclusive;

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_contract::Role;
use sycee_party::StaffRole;

use super::{Method, Operation};
use crate::auth::diagnosis::SignatureTrouble;
use crate::desk::{Asked, ok};
use crate::problem::Problem;
use crate::request_log::{AuthKind, LoggedRequest, Wanted};
use crate::wire::{Digits, Instant, limit, party_number};

const LIMIT_DEFAULT: usize = 50;
const LIMIT_MAX: usize = 200;

pub(super) const OPERATIONS: &[Operation] = &[Operation::get("list_requests", "/requests", |asked| {
    Box::pin(list_requests(asked))
})
.says(
    "The newest requests, the newest first: a merchant's own; for staff those of its cell. Kept in memory: 200 of \
             a party and 20 more that were not let in, until the server stops.",
)
.for_roles(&[Role::Merchant, Role::Operator])
.for_staff(&[StaffRole::Support])
.queries::<RequestQuery>()
.gives::<RequestPage<'_>>()];

/// Which requests.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RequestQuery {
    /// Go on behind this page: its next.
    before: Option<String>,
    /// At most so many: 1 to 200, 50 if it is left out.
    limit: Option<String>,
    /// Only answers with this HTTP status, such as 401, or class, such as 4xx.
    status: Option<String>,
    /// Only requests of this operation, by its operationId.
    operation: Option<String>,
    /// Only requests that met the problem of this code.
    problem: Option<String>,
    /// For staff: only requests of this party.
    party: Option<String>,
}

/// Requests that were answered.
#[derive(Serialize, JsonSchema)]
struct RequestPage<'a> {
    requests: Vec<RequestWire<'a>>,
    /// What to send as `before` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    has_more: bool,
}

/// A request that was answered.
#[derive(Serialize, JsonSchema)]
struct RequestWire<'a> {
    party: Digits,
    /// When it came.
    at: Instant,
    method: &'static str,
    /// Without the query.
    path: &'a str,
    operation: &'a str,
    status: u16,
    /// The code of the problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'a str>,
    /// The field that was wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    /// From its arrival to the beginning of its answer, microseconds.
    took_us: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    idempotency_key: Option<&'a str>,
    /// Whether the stored reply of an earlier request was given back.
    replayed: bool,
    auth: AuthWire,
    /// The id of the key that signed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    /// What is known of its signature, if that was not taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<SignatureWire<'a>>,
}

/// How a caller showed who it is.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum AuthWire {
    Token,
    Signature,
    Other,
}

/// Why a signature was not taken, as far as it can be told.
#[derive(Serialize, JsonSchema)]
struct SignatureWire<'a> {
    /// The text that the server made of the request and that the signature must be of (RFC 9421, section 2.5).
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<&'a str>,
    /// The component that seems to differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<&'a str>,
    /// What the signer seems to have done.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
}

impl<'a> From<&'a LoggedRequest> for RequestWire<'a> {
    fn from(request: &'a LoggedRequest) -> Self {
        let signature = |trouble: &'a SignatureTrouble| SignatureWire {
            base: trouble.base.as_deref(),
            component: trouble.component.as_deref(),
            hint: trouble.hint.as_deref(),
        };
        Self {
            party: Digits(request.party),
            at: Instant(request.at_ns),
            method: match request.method {
                Method::Get => "GET",
                Method::Post => "POST",
                Method::Delete => "DELETE",
            },
            path: &request.path,
            operation: request.operation,
            status: request.status,
            problem: request.problem,
            field: request.field.as_deref(),
            took_us: request.took_us,
            idempotency_key: request.key.as_deref(),
            replayed: request.replayed,
            auth: match request.auth {
                AuthKind::Token => AuthWire::Token,
                AuthKind::Signature(_) => AuthWire::Signature,
                AuthKind::Other => AuthWire::Other,
            },
            key: match &request.auth {
                AuthKind::Signature(key) => Some(key),
                AuthKind::Token | AuthKind::Other => None,
            },
            signature: request.signature.as_deref().map(signature),
        }
    }
}

/// A status such as `401`, or a class of them such as `4xx`.
fn statuses(text: &str) -> Option<RangeInclusive<u16>> {
    if text.len() != 3 {
        return None;
    }
    if let Some(class) = text.strip_suffix("xx") {
        let class: u16 = class.parse().ok().filter(|class| (1..=5).contains(class))?;
        return Some(class * 100..=class * 100 + 99);
    }
    let status: u16 = text.parse().ok().filter(|status| (100..=599).contains(status))?;
    Some(status..=status)
}

async fn list_requests(asked: Asked) -> Result<Response, Problem> {
    let query: RequestQuery = asked.query()?;
    let limit = limit(query.limit.as_deref(), LIMIT_DEFAULT, LIMIT_MAX)?;
    let log = &asked.desk.requests;
    let no_place =
        || Problem::bad_field("before", "is no place in this log, which begins anew when the server is started");
    let before = query.before.as_deref().map(|text| log.read_place(text).ok_or_else(no_place)).transpose()?;
    let no_status = || Problem::bad_field("status", "is a status such as 401, or a class such as 4xx");
    let status = query.status.as_deref().map(|text| statuses(text).ok_or_else(no_status)).transpose()?;
    let no_party = || Problem::bad_field("party", "is a party's number: 16 digits, 2088 first");
    let named = query.party.as_deref().map(|text| party_number(text).ok_or_else(no_party)).transpose()?;
    let own = asked.caller.party;
    let party = match asked.caller.role {
        Role::Operator => named,
        _ if named.is_some_and(|named| named != own) => {
            return Err(Problem::bad_field("party", "is for staff; a merchant sees its own requests"));
        }
        _ => Some(own),
    };
    let (operation, problem) = (query.operation.as_deref(), query.problem.as_deref());
    let wanted = Wanted { party, cell: asked.cell.number, status, operation, problem };
    let (requests, has_more) = log.before(before, limit, &wanted);
    ok(&RequestPage {
        requests: requests.iter().map(|request| RequestWire::from(&**request)).collect(),
        next: requests.last().filter(|_| has_more).map(|last| log.write_place(last.sequence)),
        has_more,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_one_or_a_class() {
        let table = [
            ("401", Some(401..=401)),
            ("4xx", Some(400..=499)),
            ("5xx", Some(500..=599)),
            ("0xx", None),
            ("6xx", None),
            ("xxx", None),
            ("99", None),
            ("600", None),
            ("+40", None),
            ("4x", None),
            ("é1", None),
        ];
        for (text, expected) in table {
            assert_eq!(statuses(text), expected, "{text}");
        }
    }
}
