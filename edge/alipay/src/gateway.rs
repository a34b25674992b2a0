//! `/gateway.do`: one address for every method, GET and POST, parameters in the query, the body or both.
//!
//! Whatever is asked, the answer is HTTP 200 with a signed body; for the methods of browsers it is a page or a redirect. Each
//! request runs in a task of its own: a client that goes away leaves nothing half asked, and a panic becomes a signed
//! `isp.unknow-error`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use tracing::error;

use crate::aes::{self, ContentKey};
use crate::bills;
use crate::cashier::{self, Page};
use crate::certificates;
use crate::codes::gateway;
use crate::methods::{Call, Handler, handler, is_page};
use crate::signature::{SigningError, VerifyingKey};
use crate::signed_text::explained;
use crate::state::{Alipay, Application, unreadable};
use crate::wire::failure::Failure;
use crate::wire::parameters::{BODY_MAX_BYTES, Parameters, ParametersError};
use crate::wire::request::{CERTIFICATE_SERIAL_MAX_CHARACTERS, Request as GenuineRequest, UnverifiedRequest};
use crate::wire::response::{CONTENT_TYPE, Node, ResponseKey, signed_body, signed_encrypted_body};

/// The header by which an answer is found again in logs.
const TRACE_ID: HeaderName = HeaderName::from_static("trace_id");
/// Nothing on a page comes from elsewhere, and nothing runs.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// What the paths end with to which sign-in forms are sent.
const SIGN_IN: &str = "/sign-in";

static TRACE_COUNT: AtomicU64 = AtomicU64::new(0);

/// The routes of this edge: `/gateway.do`, those of version 3, the pages on which customers pay, and merchants' bills.
pub fn router(alipay: Arc<Alipay>) -> Router {
    Router::new()
        .route("/gateway.do", get(handle).post(handle))
        .route("/cashier/{trade_no}/{seal}", get(cashier::handle))
        .route("/bills/{merchant}/{bill_type}/{date}/{until}/{seal}", get(bills::handle))
        .merge(crate::rest::router())
        .with_state(alipay)
}

/// Whether a request is an attempt at signing in: those are limited more tightly, before anybody is known.
#[must_use]
pub fn is_sign_in(method: &Method, path: &str) -> bool {
    let is_page = path.starts_with("/cashier/") || path.starts_with("/oauth2/");
    method == Method::POST && is_page && path.ends_with(SIGN_IN)
}

/// What a call comes to.
enum Answered {
    Node(Node),
    Encrypted(Node, ContentKey),
    Page(Page),
}

async fn handle(State(alipay): State<Arc<Alipay>>, request: Request) -> Response {
    let trace_id = trace_id(alipay.world.clock.now_ns());
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default().as_bytes();
    let parameters = match axum::body::to_bytes(body, BODY_MAX_BYTES).await {
        Ok(body) => Parameters::parse(query, &body),
        Err(_) => Err(ParametersError::BodyTooLong),
    };
    let mut response = match parameters {
        Ok(parameters) => answer(&alipay, Arc::new(parameters)).await,
        Err(error) => {
            // The query alone may still say which method was meant.
            let known = Parameters::parse(query, b"").unwrap_or_default();
            failed(&alipay, &known, &Failure::from(error))
        }
    };
    if let Ok(value) = HeaderValue::from_str(&trace_id) {
        response.headers_mut().insert(TRACE_ID, value);
    }
    response
}

async fn answer(alipay: &Arc<Alipay>, parameters: Arc<Parameters>) -> Response {
    let task = {
        let (alipay, parameters) = (Arc::clone(alipay), Arc::clone(&parameters));
        tokio::spawn(async move { call(&alipay, &parameters).await })
    };
    match task.await {
        Ok(Ok(Answered::Node(node))) => {
            let method = parameters.value("method").and_then(|method| std::str::from_utf8(method).ok());
            let node = node.for_charset(parameters.charset());
            signed(alipay, &parameters, &ResponseKey::for_method(method), &node)
        }
        Ok(Ok(Answered::Encrypted(node, key))) => encrypted(alipay, &parameters, &node, &key),
        Ok(Ok(Answered::Page(Page::Html(html)))) => html_response(html),
        Ok(Ok(Answered::Page(Page::Redirect(url)))) => redirect_response(&url),
        Ok(Err(failure)) => failed(alipay, &parameters, &failure),
        Err(panicked) => {
            error!("a call at the Alipay edge broke off: {panicked}");
            failed(alipay, &parameters, &Failure::new(gateway::UNKNOWN_ERROR))
        }
    }
}

/// Proves who calls, finds the method and carries it out.
async fn call(alipay: &Alipay, parameters: &Parameters) -> Result<Answered, Failure> {
    let unverified = UnverifiedRequest::decode(parameters)?;
    let application = alipay.application(unverified.app_id())?;
    let verified = verified(unverified, &application.keys).map_err(|failure| match failure.sub_code {
        gateway::INVALID_SIGNATURE => explained(alipay.world.sandbox, failure, &unverified.text_to_sign()),
        _ => failure,
    });
    let (mut request, verifying_key) = verified?;
    alipay.count_call(application.app.app_id)?;
    check_certificates(alipay, &application, &request, verifying_key)?;
    let key = match request.is_encrypted {
        true => Some(aes::key_of_sender(&application.cell.vault, application.app.app_id)?),
        false => None,
    };
    let clear = key.as_ref().zip(request.biz_content).map(|(key, text)| aes::decrypted(key, text)).transpose()?;
    request.biz_content = clear.as_deref().or(request.biz_content);
    if request.app_auth_token.is_some() {
        // Acting for another merchant is not offered; the money must not go to the app's own instead.
        return Err(Failure::new(gateway::INVALID_APP_AUTH_TOKEN));
    }
    let handler = handler(request.method)?;
    let call = Call::new(alipay, &application, &request)?;
    match handler {
        Handler::Node(method) => method(&call).await.map(|node| match key {
            Some(key) => Answered::Encrypted(node, key),
            None => Answered::Node(node),
        }),
        Handler::Page(method) => method(&call).await.map(Answered::Page),
    }
}

/// Checks with each valid key in turn: while a key is being replaced, both are.
fn verified<'a, 'k>(
    unverified: UnverifiedRequest<'a>,
    keys: &'k [VerifyingKey],
) -> Result<(GenuineRequest<'a>, &'k VerifyingKey), Failure> {
    let mut failure = Failure::new(gateway::MISSING_SIGNATURE_CONFIGURATION);
    for key in keys {
        match unverified.verify(key) {
            Ok(request) => return Ok((request, key)),
            Err(refused) if refused.sub_code == gateway::INVALID_SIGNATURE => failure = refused,
            Err(refused) => return Err(refused),
        }
    }
    Err(failure)
}

/// Checks the certificates that a genuine request names, if it names any.
fn check_certificates(
    alipay: &Alipay,
    application: &Application,
    request: &GenuineRequest<'_>,
    key: &VerifyingKey,
) -> Result<(), Failure> {
    let Some(app_cert_sn) = request.app_cert_sn else { return Ok(()) };
    let root_cert_sn = request.parameter("alipay_root_cert_sn", CERTIFICATE_SERIAL_MAX_CHARACTERS)?;
    let (authority, vault) = (alipay.authority.as_deref(), &application.cell.vault);
    certificates::check_sender(authority, vault, application.app.app_id, key, app_cert_sn, root_cert_sn)
}

/// The serial of the platform's certificate, for an answer to a request that named certificates.
fn certificate_serial<'a>(alipay: &'a Alipay, parameters: &Parameters) -> Option<&'a str> {
    let named = |name| parameters.value(name).is_some_and(|value| !value.is_empty());
    let authority = alipay.authority.as_ref()?;
    (named("app_cert_sn") || named("alipay_root_cert_sn")).then(|| authority.platform_sn())
}

/// A failure as the caller reads it: signed, or on a page where a browser shows it.
fn failed(alipay: &Alipay, parameters: &Parameters, failure: &Failure) -> Response {
    if parameters.value("method").is_some_and(is_page) {
        return html_response(cashier::page_of_failure(failure));
    }
    let node = Node::with_failure(failure).for_charset(parameters.charset());
    signed(alipay, parameters, &ResponseKey::for_failed_request(parameters), &node)
}

fn signed(alipay: &Alipay, parameters: &Parameters, response_key: &ResponseKey, node: &Node) -> Response {
    sent(signed_body(response_key, node, certificate_serial(alipay, parameters), &alipay.gateway_key))
}

fn encrypted(alipay: &Alipay, parameters: &Parameters, node: &Node, key: &ContentKey) -> Response {
    let method = parameters.value("method").and_then(|method| std::str::from_utf8(method).ok());
    match key.encrypt(&node.to_json()) {
        Ok(text) => {
            let serial = certificate_serial(alipay, parameters);
            sent(signed_encrypted_body(&ResponseKey::for_method(method), &text, serial, &alipay.gateway_key))
        }
        Err(error) => failed(alipay, parameters, &unreadable(error)),
    }
}

fn sent(body: Result<String, SigningError>) -> Response {
    match body {
        Ok(body) => respond(StatusCode::OK, CONTENT_TYPE, body),
        Err(error) => {
            // Nothing may be sent unsigned.
            error!("an answer of the Alipay edge is not sent: {error}");
            respond(StatusCode::INTERNAL_SERVER_ERROR, CONTENT_TYPE, String::new())
        }
    }
}

pub(crate) fn html_response(html: String) -> Response {
    let mut response = respond(StatusCode::OK, "text/html;charset=utf-8", html);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

pub(crate) fn redirect_response(url: &str) -> Response {
    let mut response = respond(StatusCode::FOUND, "text/html;charset=utf-8", String::new());
    if let Ok(url) = HeaderValue::from_str(url) {
        response.headers_mut().insert(header::LOCATION, url);
    }
    response
}

fn respond(status: StatusCode, content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// 32 hexadecimal digits: the time and a count, so that no two answers of this server share one.
pub(crate) fn trace_id(now_ns: u64) -> String {
    format!("{now_ns:016x}{:016x}", TRACE_COUNT.fetch_add(1, Ordering::Relaxed))
}
