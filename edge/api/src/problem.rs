//! Problem documents (RFC 9457): every error of this API, with a code that stays, where the money is, and what to do.

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use sycee_contract::{Products, Refusal, RefusalClass, RefusalCode, Stop, cell};
use sycee_engine::NoReply;
use sycee_engine::store::StoreError;
use sycee_engine::vault::VaultError;

use crate::auth::diagnosis::SignatureTrouble;

/// What `type` begins with; the code follows. A relative reference (RFC 9457, section 3.1.1), under this server.
const TYPE_BASE: &str = "/problems/";

/// Where the money is when nothing was asked of the cell.
const NOTHING_MOVED: &str = "Nothing was done; no money moved.";

/// The problems of this API's own: code, status, what it means. Refusals of products have those of their descriptors.
pub(crate) const OWN: &[(&str, u16, &str)] = &[
    (
        "request_unreadable",
        400,
        "The request cannot be read: not JSON, an unknown field, or a value of the wrong kind.",
    ),
    ("idempotency_key_missing", 400, "This operation needs the header Idempotency-Key."),
    ("not_authenticated", 401, "The request has no good token or signature."),
    ("sign_in_failed", 401, "Nobody has this login with this PIN or password."),
    ("code_wrong", 401, "The code that was sent to the phone is another one, or counts no more."),
    (
        "passkey_refused",
        401,
        "The passkey's answer proves nothing here: it is another one's, of another time, or was changed.",
    ),
    ("proof_needed", 403, "The person must prove again who they are, by passkey or PIN, before this."),
    ("cross_site", 403, "A browser's session counts for changes from this server's own pages only."),
    ("caller_unfit", 403, "This caller may not ask this operation."),
    ("path_not_found", 404, "The API has no such path."),
    ("not_found", 404, "What the request names is not there, or not the caller's."),
    ("method_not_allowed", 405, "The path does not take this method."),
    ("body_too_large", 413, "The body is too long."),
    ("bad_field", 422, "A field is missing or out of range."),
    ("code_unknown", 422, "The code is no code of a shop of this market, and no trade number."),
    ("not_offered_abroad", 422, "This is offered between parties of one cell only."),
    ("clock_stuck", 503, "What is due was not done in time; the test clock stands where it came to."),
    ("nothing_to_tell", 422, "There is nothing to notify of, or no address to notify."),
    ("too_many_requests", 429, "The caller asks more often than it may."),
    ("sign_in_later", 429, "Too many attempts at signing in have failed, or too many people sign in at this moment."),
    ("too_many_exports", 429, "As many lists are exported as may be at once."),
    ("too_many_streams", 429, "The caller, or everybody together, has as many open streams as there may be."),
    ("internal_error", 500, "The server could not do it; whether it was done is not known."),
    ("busy", 503, "The cell has all the commands it takes."),
    ("cell_stopped", 503, "The cell has stopped; whether it was done is known when it is back."),
];

/// Why a request was not done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Problem {
    pub status: StatusCode,
    /// The stable code, in `snake_case`.
    pub code: &'static str,
    /// The field that is wrong, if it is one.
    pub field: Option<Cow<'static, str>>,
    /// What was wrong this time.
    pub detail: Cow<'static, str>,
    /// Where the money is, one sentence.
    pub money: &'static str,
    pub class: RefusalClass,
    /// After how many seconds to try again.
    pub retry_after: Option<u32>,
    /// What is known of a signature that was not taken.
    pub signature: Option<Box<SignatureTrouble>>,
}

/// What a response with a problem carries along for the request log.
#[derive(Clone)]
pub(crate) struct ProblemNote {
    pub code: &'static str,
    pub field: Option<Cow<'static, str>>,
    pub signature: Option<Box<SignatureTrouble>>,
}

/// Why a request was not done (RFC 9457).
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(crate) struct ProblemDocument<'a> {
    /// A reference that names the kind of problem: `/problems/` and the code.
    r#type: String,
    /// The class of the problem in words.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// The stable code.
    code: &'a str,
    /// The field that is wrong, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    /// What was wrong this time, for people.
    detail: &'a str,
    /// Where the money is, one sentence.
    money: &'a str,
    /// What the caller can do.
    what_to_do: &'a str,
    /// In a sandbox, of a signature that was not taken: the text that the server made of the request and that the signature must
    /// be of (RFC 9421, section 2.5).
    #[serde(skip_serializing_if = "Option::is_none")]
    signature_base: Option<&'a str>,
    /// The component of the signature that seems to differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    signature_component: Option<&'a str>,
    /// What the signer seems to have done.
    #[serde(skip_serializing_if = "Option::is_none")]
    signature_hint: Option<&'a str>,
}

impl Problem {
    fn own(code: &'static str, class: RefusalClass, detail: impl Into<Cow<'static, str>>) -> Self {
        let status = OWN.iter().find(|(name, _, _)| *name == code).map_or(500, |(_, status, _)| *status);
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let (detail, money) = (detail.into(), NOTHING_MOVED);
        Self { status, code, field: None, detail, money, class, retry_after: None, signature: None }
    }

    /// The request cannot be read.
    pub fn unreadable(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::own("request_unreadable", RefusalClass::CallersFault, detail)
    }

    /// A field can be read and holds what cannot be.
    pub fn bad_field(field: &'static str, why: &str) -> Self {
        let problem = Self::own("bad_field", RefusalClass::CallersFault, format!("{field} {why}"));
        Self { field: Some(field.into()), ..problem }
    }

    /// The header Idempotency-Key is missing.
    pub fn no_key() -> Self {
        let detail = "a repeat under the same key is done once; choose a new key for each new request";
        let problem = Self::own("idempotency_key_missing", RefusalClass::CallersFault, detail);
        Self { field: Some("Idempotency-Key".into()), ..problem }
    }

    /// Neither token nor signature is good. Which of the two it is, and why, is told: it helps whoever sets up a client, and
    /// tells nobody anything about keys.
    pub fn not_authenticated(detail: &'static str) -> Self {
        Self::own("not_authenticated", RefusalClass::Forbidden, detail)
    }

    /// Which of login and PIN is wrong is not told.
    pub fn sign_in_failed() -> Self {
        let detail = "the login, or the PIN or password, is wrong";
        Self::own("sign_in_failed", RefusalClass::Forbidden, detail)
    }

    /// A code that was sent to a phone is not this one, or counts no more.
    pub fn code_wrong(detail: &'static str) -> Self {
        Self::own("code_wrong", RefusalClass::Forbidden, detail)
    }

    /// What a passkey has answered is not good.
    pub fn passkey_refused(detail: &'static str) -> Self {
        Self::own("passkey_refused", RefusalClass::Forbidden, detail)
    }

    /// A person's session must be proved again before this.
    pub fn proof_needed() -> Self {
        let detail = "POST /proof with the PIN or a passkey, then the same request again";
        Self::own("proof_needed", RefusalClass::NeedsUser, detail)
    }

    /// Somebody must wait before the next attempt.
    pub fn sign_in_later(seconds: u64) -> Self {
        let detail = format!("the next attempt is judged after {seconds} seconds");
        let problem = Self::own("sign_in_later", RefusalClass::TryAgain, detail);
        Self { retry_after: Some(u32::try_from(seconds).unwrap_or(u32::MAX)), ..problem }
    }

    /// A browser's session, used by a page that is not ours or does not say so.
    pub fn cross_site() -> Self {
        let detail = "the request does not say that it comes from a page of this server";
        Self::own("cross_site", RefusalClass::Forbidden, detail)
    }

    /// The caller's role does not fit.
    pub fn caller_unfit(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::own("caller_unfit", RefusalClass::Forbidden, detail)
    }

    /// What the request names is not there, or is somebody else's.
    pub fn not_found(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::own("not_found", RefusalClass::CallersFault, detail)
    }

    pub fn no_such_path() -> Self {
        let detail = "GET /api/v1/openapi.json lists the operations";
        Self::own("path_not_found", RefusalClass::CallersFault, detail)
    }

    pub fn method_not_allowed() -> Self {
        Self::own("method_not_allowed", RefusalClass::CallersFault, "the Allow header lists those it takes")
    }

    pub fn too_large() -> Self {
        let detail = format!("at most {} bytes", crate::BODY_MAX_BYTES);
        Self::own("body_too_large", RefusalClass::CallersFault, detail)
    }

    pub fn code_unknown() -> Self {
        let detail = "neither a code of this market nor a trade number";
        let problem = Self::own("code_unknown", RefusalClass::CallersFault, detail);
        Self { field: Some("code".into()), ..problem }
    }

    pub fn not_offered_abroad(field: &'static str) -> Self {
        let detail = "the two parties belong to different cells";
        let problem = Self::own("not_offered_abroad", RefusalClass::CallersFault, detail);
        Self { field: Some(field.into()), ..problem }
    }

    pub fn too_many_requests(retry_after: u32) -> Self {
        let detail = "the header RateLimit says when there is room again";
        let problem = Self::own("too_many_requests", RefusalClass::TryAgain, detail);
        Self { retry_after: Some(retry_after), ..problem }
    }

    pub fn too_many_exports() -> Self {
        let problem = Self::own("too_many_exports", RefusalClass::TryAgain, "8 lists are exported at once");
        Self { retry_after: Some(5), ..problem }
    }

    pub fn nothing_to_tell(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::own("nothing_to_tell", RefusalClass::CallersFault, detail)
    }

    pub fn clock_stuck(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::own("clock_stuck", RefusalClass::TryAgain, detail)
    }

    pub fn too_many_streams(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::own("too_many_streams", RefusalClass::TryAgain, detail)
    }

    /// The server's fault. The log has the reason; the caller is told no more than that.
    pub fn internal(what: &'static str, error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "api: {what}");
        let money = "Whether it was done is not known; the same request under the same key tells.";
        let problem = Self::own("internal_error", RefusalClass::TryAgain, format!("{what}; the log says why"));
        Self { money, ..problem }
    }

    /// A refusal of a product, by its descriptor.
    pub fn refusal(products: &Products, refusal: Refusal) -> Self {
        let Some(descriptor) = products.refusal(refusal.code) else {
            return Self::internal("a refusal that no product describes", &refusal.code);
        };
        let status = refusal_status(refusal.code, descriptor.class);
        // The detail of this refusal is the name of the field.
        let field = (refusal.code == cell::KEY_REUSED).then(|| Cow::Owned(refusal.detail.clone()));
        Self {
            status,
            code: descriptor.name,
            field,
            // Another operator says no more than why: what a customer has or may do there is not told here.
            detail: if refusal.detail.is_empty() { descriptor.meaning.into() } else { refusal.detail.into() },
            money: descriptor.meaning,
            class: descriptor.class,
            retry_after: (status == StatusCode::SERVICE_UNAVAILABLE).then_some(1),
            signature: None,
        }
    }
}

/// The status of a refusal: by its class, or 404 and 409 where that says more.
pub(crate) fn refusal_status(code: RefusalCode, class: RefusalClass) -> StatusCode {
    use sycee_acquiring::refusal as acquiring;
    use sycee_interop::refusal as interop;
    match code {
        sycee_party::PARTY_NOT_FOUND
        | sycee_wallet::PAYEE_NOT_FOUND
        | sycee_wallet::PAYER_NOT_FOUND
        | sycee_wallet::REQUEST_NOT_FOUND
        | acquiring::MERCHANT_NOT_FOUND
        | acquiring::STORE_NOT_FOUND
        | acquiring::APP_NOT_FOUND
        | acquiring::BUYER_NOT_FOUND
        | acquiring::PAYEE_NOT_FOUND
        | acquiring::PAYOUT_NOT_FOUND
        | acquiring::TRADE_NOT_EXIST
        | acquiring::AUTHORISATION_NOT_FOUND
        | interop::ENQUIRY_UNKNOWN
        | interop::PAYMENT_UNKNOWN
        | interop::WINDOW_UNKNOWN
        | cell::MESSAGE_NOT_PARKED
        | cell::PROPOSAL_UNKNOWN => StatusCode::NOT_FOUND,
        cell::KEY_REUSED
        | cell::PROPOSAL_ENDED
        | interop::PAYMENT_NOT_WAITING
        | interop::NOTHING_DUE
        | acquiring::AUTHORISATION_CLOSED
        | acquiring::AUTHORISATION_FINISHED
        | acquiring::AUTHORISATION_INCONSISTENT
        | acquiring::AUTHORISATION_NOT_FROZEN
        | acquiring::FREEZE_HAS_SUCCESS
        | sycee_party::CONTACT_TAKEN
        | sycee_wallet::REQUEST_ENDED
        | acquiring::TRADE_HAS_SUCCESS
        | acquiring::TRADE_HAS_CLOSED
        | acquiring::TRADE_HAS_FINISHED
        | acquiring::TRADE_STATUS_ERROR
        | acquiring::CONTEXT_INCONSISTENT
        | acquiring::DISCORDANT_REPEAT
        | acquiring::PAYOUT_NOT_UNKNOWN
        | acquiring::TRANSFER_INCONSISTENT => StatusCode::CONFLICT,
        _ => match class {
            RefusalClass::CallersFault => StatusCode::UNPROCESSABLE_ENTITY,
            RefusalClass::TryAgain => StatusCode::SERVICE_UNAVAILABLE,
            RefusalClass::NeedsUser => StatusCode::PAYMENT_REQUIRED,
            RefusalClass::Forbidden => StatusCode::FORBIDDEN,
        },
    }
}

/// The class in words, and what the caller can do.
pub(crate) const fn advice(class: RefusalClass) -> (&'static str, &'static str) {
    match class {
        RefusalClass::CallersFault => {
            ("The request cannot be done as it is", "Change the request; the same again will be refused again.")
        }
        RefusalClass::TryAgain => {
            ("Nothing is wrong with the request", "Send the same request again, under the same key if it has one.")
        }
        RefusalClass::NeedsUser => (
            "A person must do something first",
            "Tell the person what is needed, such as a top-up or a new code; then ask under a new key.",
        ),
        RefusalClass::Forbidden => ("The caller may not do this", "Do not repeat it; ask with another credential."),
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (title, what_to_do) = advice(self.class);
        let shown = self.signature.as_deref().filter(|trouble| trouble.is_shown);
        let document = ProblemDocument {
            r#type: format!("{TYPE_BASE}{}", self.code),
            title,
            status: self.status.as_u16(),
            code: self.code,
            field: self.field.as_deref(),
            detail: &self.detail,
            money: self.money,
            what_to_do,
            signature_base: shown.and_then(|trouble| trouble.base.as_deref()),
            signature_component: shown.and_then(|trouble| trouble.component.as_deref()),
            signature_hint: shown.and_then(|trouble| trouble.hint.as_deref()),
        };
        // Texts and a number: they always have a JSON form.
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let note = ProblemNote { code: self.code, field: self.field, signature: self.signature };
        response.extensions_mut().insert(note);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<NoReply> for Problem {
    fn from(no_reply: NoReply) -> Self {
        let (code, money) = match no_reply {
            NoReply::Busy => ("busy", NOTHING_MOVED),
            NoReply::Stopped(_) => {
                ("cell_stopped", "Whether it was done is known when the cell is back; ask again under the same key.")
            }
        };
        let problem = Self::own(code, RefusalClass::TryAgain, no_reply.to_string());
        Self { money, retry_after: Some(1), ..problem }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::internal("a row could not be read", &error)
    }
}

impl From<VaultError> for Problem {
    fn from(error: VaultError) -> Self {
        Self::internal("the vault did not answer", &error)
    }
}

impl From<Stop> for Problem {
    fn from(stop: Stop) -> Self {
        Self::internal("a reply does not decode", &format!("{stop:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_have_the_status_of_their_class_or_a_better_one() {
        use RefusalClass::{CallersFault, Forbidden, NeedsUser, TryAgain};
        let table = [
            (sycee_acquiring::refusal::BUYER_BALANCE_NOT_ENOUGH, NeedsUser, 402),
            (sycee_acquiring::refusal::TRADE_NOT_EXIST, CallersFault, 404),
            (sycee_acquiring::refusal::TRADE_HAS_SUCCESS, CallersFault, 409),
            (sycee_acquiring::refusal::CURRENCY_NOT_SUPPORTED, CallersFault, 422),
            (sycee_acquiring::refusal::PAY_CODE_TAKEN, TryAgain, 503),
            (sycee_party::PARTY_FROZEN, Forbidden, 403),
            (cell::KEY_REUSED, CallersFault, 409),
        ];
        for (code, class, expected) in table {
            assert_eq!(refusal_status(code, class).as_u16(), expected, "{code}");
        }
    }

    #[tokio::test]
    async fn a_problem_is_a_document_that_says_where_the_money_is() {
        let response = Problem::bad_field("name", "is \"empty\"").into_response();
        assert_eq!(response.status().as_u16(), 422);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert!(response.headers().get("retry-after").is_none());
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        let document: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let expected = serde_json::json!({
            "type": "/problems/bad_field",
            "title": "The request cannot be done as it is",
            "status": 422,
            "code": "bad_field",
            "field": "name",
            "detail": "name is \"empty\"",
            "money": "Nothing was done; no money moved.",
            "what_to_do": "Change the request; the same again will be refused again.",
        });
        assert_eq!(document, expected);
    }

    #[test]
    fn busy_says_when_to_come_back() {
        let response = Problem::from(NoReply::Busy).into_response();
        assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (503, &"1".parse().unwrap()));
    }
}
