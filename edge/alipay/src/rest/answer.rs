//! Answers of version 3: the HTTP status, the plain fields, and the text that is signed.
//!
//! | what became of it | status | body |
//! |---|---|---|
//! | done | 200 | the fields, without `code` and `msg` |
//! | under way (10003) | 202 | the fields, with `code` 10003 and `message`, so that nobody takes it for paid |
//! | refused or failed | 400, 401, 429 or 500 | `code`, `message`, `links` |
//!
//! A code of the gateway has no `isv.`, `aop.` or `isp.` in front here, except those of getting tokens; a code of the business is the same as in version 2.

use axum::http::StatusCode;

use crate::aes::{ContentKey, EncryptionError};
use crate::codes::{GatewayCode, SubCode, business, gateway};
use crate::wire::failure::Failure;
use crate::wire::response::Node;

/// Codes that the documentation of version 3 has with what stands in front (its page of `/v3/alipay/system/oauth/token`).
const WHOLE: [SubCode; 5] = [
    gateway::GRANT_TYPE_INVALID,
    gateway::CODE_INVALID,
    gateway::REFRESH_TOKEN_INVALID,
    gateway::REFRESH_TOKEN_TIME_OUT,
    gateway::UNMATCHED_APP_ID,
];

/// What is sent, before it is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The body, compact JSON.
    pub body: String,
}

impl Answer {
    /// The answer that a method gave, which is worded for version 2. Where its failures can be read about: under `base_url`.
    #[must_use]
    pub fn of_node(node: Node, base_url: &str) -> Self {
        let found = node.text("code").and_then(|code| GatewayCode::ALL.into_iter().find(|known| known.code() == code));
        match found {
            None => Self { status: StatusCode::OK, body: node.to_json() },
            Some(GatewayCode::Success) => {
                Self { status: StatusCode::OK, body: node.without(&["code", "msg"]).to_json() }
            }
            Some(code @ GatewayCode::Processing) => {
                let node = node.without(&["code", "msg"]).with("code", code.code()).with("message", code.message());
                Self { status: StatusCode::ACCEPTED, body: node.to_json() }
            }
            Some(code) => {
                let sub_code = node.text("sub_code").unwrap_or_default();
                failed(code, sub_code, node.text("sub_msg").unwrap_or_default(), base_url)
            }
        }
    }

    /// The same encrypted, if there is a key and it is no failure: those stay as they are, and clients read them so.
    ///
    /// # Errors
    /// [`EncryptionError`] when the library refuses.
    pub fn encrypted(mut self, key: Option<&ContentKey>) -> Result<Self, EncryptionError> {
        if let Some(key) = key
            && self.status.is_success()
        {
            self.body = key.encrypt(&self.body)?;
        }
        Ok(self)
    }

    /// The answer to a request that failed.
    #[must_use]
    pub fn of_failure(failure: &Failure, base_url: &str) -> Self {
        failed(failure.gateway_code(), failure.sub_code.name, &failure.message, base_url)
    }
}

fn failed(gateway_code: GatewayCode, sub_code: &str, message: &str, base_url: &str) -> Answer {
    let code = bare(sub_code);
    let link = Node::new().with("link", format!("{base_url}/v3/errors/{code}")).with("desc", "what the code means");
    let body = Node::new().with("code", code).with("message", message).with("links", vec![link]);
    Answer { status: status(gateway_code, code), body: body.to_json() }
}

/// The documentation names 400 and 401 for signatures; clients' own tests show 401.
fn status(gateway_code: GatewayCode, code: &str) -> StatusCode {
    match gateway_code {
        GatewayCode::Success => StatusCode::OK,
        GatewayCode::Processing => StatusCode::ACCEPTED,
        GatewayCode::ServiceUnavailable => StatusCode::INTERNAL_SERVER_ERROR,
        GatewayCode::InsufficientTokenPermissions | GatewayCode::InsufficientPermissions => StatusCode::UNAUTHORIZED,
        GatewayCode::CallLimited => StatusCode::TOO_MANY_REQUESTS,
        _ if code == "invalid-signature" || code == "missing-signature" => StatusCode::UNAUTHORIZED,
        GatewayCode::MissingArguments
        | GatewayCode::InvalidArguments
        | GatewayCode::InsufficientConditions
        | GatewayCode::BusinessFailed => StatusCode::BAD_REQUEST,
    }
}

/// A sub code of version 2 as version 3 has it.
#[must_use]
pub fn bare(sub_code: &str) -> &str {
    if WHOLE.iter().any(|whole| whole.name == sub_code) {
        return sub_code;
    }
    ["isv.", "aop.", "isp."].iter().find_map(|prefix| sub_code.strip_prefix(prefix)).unwrap_or(sub_code)
}

/// What a code of version 3 means, in English.
#[must_use]
pub fn meaning(code: &str) -> Option<&'static str> {
    let all: [&[SubCode]; 2] = [gateway::ALL, business::ALL];
    all.into_iter().flatten().find(|known| bare(known.name) == code).map(|known| known.meaning)
}

/// The text that the signature of an answer covers.
#[must_use]
pub fn signed_text(timestamp: &str, nonce: &str, body: &str) -> String {
    format!("{timestamp}\n{nonce}\n{body}\n")
}
