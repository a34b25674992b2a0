//! Version 3 of the platform's protocol: `/v3/alipay/…`, JSON in, JSON out, signatures in headers.
//!
//! The methods are those of version 2 ([`METHODS`](crate::methods::METHODS)); a path is a method's name with slashes for dots,
//! so whatever is added there is here too. The way of a request: [`authorization`] says who calls, [`received`] what was signed
//! and which fields came, the method answers, and [`answer`] words it as HTTP and signs it. Pages for browsers have no place in
//! version 3: clients build their links with version 2.
//!
//! Source: Alipay Open Platform, version 3, chapters "signature" and "error codes".

pub mod answer;
pub mod authorization;
mod body;
pub mod received;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{any, get};
use tracing::error;

use crate::aes::{self, ContentKey};
use crate::certificates::{self, Authority};
use crate::codes::gateway;
use crate::gateway::trace_id;
use crate::methods::{Call, Handler, handler};
use crate::rest::answer::{Answer, signed_text};
use crate::rest::authorization::Authorization;
use crate::rest::received::Received;
use crate::signature::VerifyingKey;
use crate::signed_text::explained;
use crate::state::{Alipay, Application, unreadable};
use crate::wire::failure::Failure;
use crate::wire::parameters::{BODY_MAX_BYTES, ParametersError};
use crate::wire::request::Request as GenuineRequest;
use crate::wire::response::Node;

/// The header in which the serials of the roots come that a client trusts.
const ROOT_CERT_SN: &str = "alipay-root-cert-sn";
/// `content-type` of an answer, spelled as the platform does.
const CONTENT_TYPE: &str = "application/json;charset=UTF-8";

/// The routes of version 3.
pub fn router() -> Router<Arc<Alipay>> {
    Router::new().route("/v3/errors/{code}", get(explain)).route("/v3/{*path}", any(handle))
}

async fn handle(State(alipay): State<Arc<Alipay>>, request: Request) -> Response {
    let now_ns = alipay.world.clock.now_ns();
    let trace_id = trace_id(now_ns);
    let (parts, body) = request.into_parts();
    let has_certificates = Authorization::of(&parts.headers).is_ok_and(|sender| sender.app_cert_sn.is_some());
    let answered = match axum::body::to_bytes(body, BODY_MAX_BYTES).await {
        Err(_) => Err(Failure::from(ParametersError::BodyTooLong)),
        Ok(body) => {
            // In a task of its own: a client that goes away leaves nothing half asked, and a panic becomes an answer.
            let alipay = Arc::clone(&alipay);
            let task = tokio::spawn(async move {
                let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
                let received = Received { verb: parts.method.as_str(), target, headers: &parts.headers, body: &body };
                call(&alipay, &received).await
            });
            task.await.unwrap_or_else(|panicked| {
                error!("a call at the Alipay edge, version 3, broke off: {panicked}");
                Err(Failure::new(gateway::UNKNOWN_ERROR))
            })
        }
    };
    let base_url = &alipay.world.base_url;
    let answer = match answered {
        Ok(Answered { node, key, .. }) => Answer::of_node(node, base_url)
            .encrypted(key.as_ref())
            .unwrap_or_else(|error| Answer::of_failure(&unreadable(error), base_url)),
        Err(failure) => Answer::of_failure(&failure, base_url),
    };
    let serial = alipay.authority.as_deref().filter(|_| has_certificates).map(Authority::platform_sn);
    respond(&alipay, &answer, serial, now_ns, &trace_id)
}

/// What a call comes to, and the key with which it is encrypted, if the request was.
struct Answered {
    node: Node,
    key: Option<ContentKey>,
}

/// Proves who calls, finds the method and carries it out; in the order of version 2.
async fn call(alipay: &Alipay, received: &Received<'_>) -> Result<Answered, Failure> {
    let method = received.method().ok_or(Failure::new(gateway::INVALID_METHOD))?;
    let authorization = Authorization::of(received.headers)?;
    let application = alipay.application(authorization.app_id)?;
    let token = received.app_auth_token()?;
    let text = received.text_to_sign(authorization.text, token);
    let Some(verifying_key) = application.keys.iter().find(|key| key.verify(&text, authorization.sign.as_bytes()))
    else {
        return Err(explained(alipay.world.sandbox, Failure::new(gateway::INVALID_SIGNATURE), &text));
    };
    alipay.count_call(application.app.app_id)?;
    check_certificates(alipay, &application, &authorization, received.headers, verifying_key)?;
    if token.is_some() {
        // Acting for another merchant is not offered; the money must not go to the app's own instead.
        return Err(Failure::new(gateway::INVALID_APP_AUTH_TOKEN));
    }
    let Handler::Node(answer) = handler(&method)? else { return Err(Failure::new(gateway::INVALID_METHOD)) };
    received.check_verb(&method)?;
    let key = match body::is_encrypted(received.headers)? {
        true => Some(aes::key_of_sender(&application.cell.vault, application.app.app_id)?),
        false => None,
    };
    let plain = body::plain(key.as_ref(), received.body)?;
    let parameters = received.parameters(&plain, authorization.app_cert_sn)?;
    let request = GenuineRequest::genuine(&parameters, &method, authorization.app_id, authorization.timestamp)?;
    if request.app_auth_token.is_some() {
        return Err(Failure::new(gateway::INVALID_APP_AUTH_TOKEN));
    }
    let node = answer(&Call::new(alipay, &application, &request)?).await?;
    Ok(Answered { node, key })
}

/// Checks the certificates that a genuine request names, if it names any.
fn check_certificates(
    alipay: &Alipay,
    application: &Application,
    authorization: &Authorization<'_>,
    headers: &HeaderMap,
    key: &VerifyingKey,
) -> Result<(), Failure> {
    let Some(app_cert_sn) = authorization.app_cert_sn else { return Ok(()) };
    let root = headers.get(ROOT_CERT_SN).filter(|value| !value.is_empty());
    // A value that is no text is no serial of ours.
    let root = root.map(|value| value.to_str().unwrap_or_default());
    let (authority, vault) = (alipay.authority.as_deref(), &application.cell.vault);
    certificates::check_sender(authority, vault, application.app.app_id, key, app_cert_sn, root)
}

fn respond(alipay: &Alipay, answer: &Answer, serial: Option<&str>, now_ns: u64, trace_id: &str) -> Response {
    let timestamp = (now_ns / 1_000_000).to_string();
    let text = signed_text(&timestamp, trace_id, &answer.body);
    let Ok(signature) = alipay.gateway_key.sign(text.as_bytes()) else {
        // Nothing may be sent unsigned.
        error!("an answer of the Alipay edge, version 3, is not sent: it cannot be signed");
        return plain_response(StatusCode::INTERNAL_SERVER_ERROR, CONTENT_TYPE, String::new());
    };
    let mut response = plain_response(answer.status, CONTENT_TYPE, answer.body.clone());
    let headers = response.headers_mut();
    // The number by which the answer is found in logs is as good a nonce: no two answers share it.
    let values = [
        ("alipay-timestamp", timestamp.as_str()),
        ("alipay-nonce", trace_id),
        ("alipay-signature", signature.as_str()),
        ("alipay-trace-id", trace_id),
    ];
    for (name, value) in values.into_iter().chain(serial.map(|serial| ("alipay-sn", serial))) {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    response
}

/// What a failure's link leads to: the code and what it means.
async fn explain(Path(code): Path<String>) -> Response {
    match answer::meaning(&code) {
        Some(meaning) => plain_response(StatusCode::OK, "text/plain;charset=utf-8", format!("{code}: {meaning}\n")),
        None => plain_response(StatusCode::NOT_FOUND, "text/plain;charset=utf-8", "there is no such code\n".into()),
    }
}

fn plain_response(status: StatusCode, content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
