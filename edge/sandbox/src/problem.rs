//! Problem documents (RFC 9457): every error of this API, with a code that stays.

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sycee_contract::{Products, Refusal, RefusalClass, RefusalCode, Stop, cell};
use sycee_engine::NoReply;
use sycee_engine::store::StoreError;
use sycee_engine::vault::VaultError;

use crate::order_strings::AppResultJson;

/// What `type` begins with; the code follows. A relative reference (RFC 9457, section 3.1.1), under this server.
const TYPE_BASE: &str = "/problems/";

/// Why a request was not done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// The stable code, in `snake_case`.
    pub code: Cow<'static, str>,
    /// What kind of problem it is; the same for every occurrence of the code.
    pub title: Cow<'static, str>,
    /// What was wrong this time.
    pub detail: String,
    /// What the wallet hands back to the shop's app, if an order string came from one.
    pub app_result: Option<Box<AppResultJson>>,
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_result: Option<&'a AppResultJson>,
}

impl Problem {
    pub fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        title: impl Into<Cow<'static, str>>,
        detail: impl Into<String>,
    ) -> Self {
        Self { status, code: code.into(), title: title.into(), detail: detail.into(), app_result: None }
    }

    /// The same with what the shop's app is told.
    pub fn with_app_result(self, told: AppResultJson) -> Self {
        Self { app_result: Some(Box::new(told)), ..self }
    }

    /// The request cannot be read: not JSON, an unknown field, a value of the wrong kind.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", "The request cannot be read; nothing happened.", detail)
    }

    /// A field can be read and holds what cannot be.
    pub fn bad_field(field: &str, why: &str) -> Self {
        let title = "A field is missing or out of range; nothing happened.";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_field", title, format!("{field} {why}"))
    }

    /// Somebody or something that the request names is not there.
    pub fn not_found(code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, title, detail)
    }

    pub fn no_such_path() -> Self {
        Self::not_found("path_not_found", "The sandbox has no such path.", "edge/sandbox/README.md lists the requests")
    }

    pub fn method_not_allowed() -> Self {
        let title = "The path does not take this method.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", title, "the Allow header lists those it takes")
    }

    pub fn too_large() -> Self {
        let title = "The body is too long; nothing happened.";
        let detail = format!("at most {} bytes", crate::BODY_MAX_BYTES);
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", title, detail)
    }

    /// Something of the contract that this version does not have yet.
    pub fn not_yet(detail: &str) -> Self {
        let title = "This version cannot do that yet; nothing happened.";
        Self::new(StatusCode::NOT_IMPLEMENTED, "not_available_yet", title, detail)
    }

    /// Money is sent between customers of one cell only.
    pub fn not_offered_abroad() -> Self {
        let title = "Customers send money to customers of their own cell only; nothing moved.";
        let detail = "the payer and the payee belong to different cells; shops of other cells can be paid";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "not_offered_abroad", title, detail)
    }

    /// A person has ended a payment that nobody said anything about.
    pub fn released() -> Self {
        let title = "The payment was ended by the operator; its money was released.";
        Self::new(StatusCode::CONFLICT, "payment_released", title, "the network gave no answer in time")
    }

    /// The server's fault. The log has the reason; the caller is told no more than that.
    pub fn internal(what: &str, error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "sandbox: {what}");
        let title = "The server could not do it; whether it was done is not known.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", title, format!("{what}; the log says why"))
    }

    /// A refusal of a product, by its descriptor.
    pub fn refusal(products: &Products, refusal: &Refusal) -> Self {
        let Some(descriptor) = products.refusal(refusal.code) else {
            return Self::internal("a refusal that no product describes", &refusal.code);
        };
        let status = status(refusal.code, descriptor.class);
        Self::new(status, descriptor.name, descriptor.meaning, refusal.detail.clone())
    }
}

/// The status of a refusal: by its class, or 404 and 409 where that says more.
fn status(code: RefusalCode, class: RefusalClass) -> StatusCode {
    use sycee_acquiring::refusal as acquiring;
    use sycee_interop::refusal as interop;
    match code {
        sycee_party::PARTY_NOT_FOUND
        | sycee_wallet::PAYEE_NOT_FOUND
        | sycee_wallet::PAYER_NOT_FOUND
        | sycee_wallet::REQUEST_NOT_FOUND
        | acquiring::MERCHANT_NOT_FOUND
        | acquiring::STORE_NOT_FOUND
        | acquiring::BUYER_NOT_FOUND
        | acquiring::TRADE_NOT_EXIST
        | interop::CELL_UNKNOWN
        | interop::ENQUIRY_UNKNOWN
        | interop::QUOTE_UNKNOWN
        | interop::PAYMENT_UNKNOWN
        | interop::WINDOW_UNKNOWN
        | cell::MESSAGE_NOT_PARKED => StatusCode::NOT_FOUND,
        cell::KEY_REUSED
        | sycee_party::CONTACT_TAKEN
        | sycee_wallet::REQUEST_ENDED
        | acquiring::TRADE_HAS_SUCCESS
        | acquiring::TRADE_HAS_CLOSED
        | interop::QUOTE_EXPIRED
        | interop::NOTHING_DUE
        | cell::STILL_PARKED => StatusCode::CONFLICT,
        // A payment to another cell is refused for these: the network is not what it should be now, the request is fine.
        interop::RATE_UNKNOWN
        | interop::RATE_STALE
        | interop::PARTICIPANT_CAP
        | cell::LINK_NOT_OPEN
        | cell::LINK_BACKLOG => StatusCode::FAILED_DEPENDENCY,
        _ => match class {
            RefusalClass::CallersFault => StatusCode::UNPROCESSABLE_ENTITY,
            RefusalClass::TryAgain => StatusCode::SERVICE_UNAVAILABLE,
            RefusalClass::NeedsUser => StatusCode::PAYMENT_REQUIRED,
            RefusalClass::Forbidden => StatusCode::FORBIDDEN,
        },
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { status, code, title, detail, app_result } = self;
        let document = Document {
            r#type: format!("{TYPE_BASE}{code}"),
            title: &title,
            status: status.as_u16(),
            detail: &detail,
            code: &code,
            app_result: app_result.as_deref(),
        };
        // Texts and a number: they always have a JSON form.
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

impl From<NoReply> for Problem {
    fn from(no_reply: NoReply) -> Self {
        let (code, title) = match no_reply {
            NoReply::Busy => ("busy", "The cell has all the commands it takes; nothing happened."),
            NoReply::Stopped(_) => ("cell_stopped", "The cell has stopped; ask again under the same key."),
        };
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, title, no_reply.to_string())
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
            assert_eq!(status(code, class).as_u16(), expected, "{code}");
        }
    }

    #[tokio::test]
    async fn a_problem_is_a_document() {
        let response = Problem::bad_field("name", "is \"empty\"").into_response();
        assert_eq!(response.status().as_u16(), 422);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert!(response.headers().get("retry-after").is_none());
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        let document: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let expected = serde_json::json!({
            "type": "/problems/bad_field",
            "title": "A field is missing or out of range; nothing happened.",
            "status": 422,
            "detail": "name is \"empty\"",
            "code": "bad_field",
        });
        assert_eq!(document, expected);
    }

    #[test]
    fn busy_says_when_to_come_back() {
        let response = Problem::from(NoReply::Busy).into_response();
        assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (503, &"1".parse().unwrap()));
    }
}
