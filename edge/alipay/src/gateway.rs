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
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use tracing::error;

use crate::aes::{self, ContentKey};
use crate::bills;
use crate::cashier::{self, Page};
use crate::certificates;
use crate::codes::gateway;
use crate::files;
use crate::methods::{Call, Handler, handler, is_page};
use crate::oauth;
use crate::pages::language::Language;
use crate::pages::sheet::STYLE_SOURCE;
use crate::signature::{SigningError, VerifyingKey};
use crate::signature_mistakes;
use crate::signed_text::explained;
use crate::state::{Alipay, Application, unreadable};
use crate::wire::failure::Failure;
use crate::wire::parameters::{BODY_MAX_BYTES, Parameters, ParametersError};
use crate::wire::request::{CERTIFICATE_SERIAL_MAX_CHARACTERS, Request as GenuineRequest, UnverifiedRequest};
use crate::wire::response::{CONTENT_TYPE, Node, ResponseKey, signed_body, signed_encrypted_body};
use crate::wire::upload::{self, Upload, UploadedFile};

/// The header by which an answer is found again in logs.
const TRACE_ID: HeaderName = HeaderName::from_static("trace_id");

/// What the paths end with to which sign-in forms are sent.
const SIGN_IN: &str = "/sign-in";

static TRACE_COUNT: AtomicU64 = AtomicU64::new(0);

/// The routes of this edge: `/gateway.do`, those of version 3, the pages on which customers pay, merchants' bills and pictures.
pub fn router(alipay: Arc<Alipay>) -> Router {
    Router::new()
        .route("/gateway.do", get(handle).post(handle))
        .route("/cashier/{trade_no}/{seal}", get(cashier::handle))
        .route("/cashier/{trade_no}/{seal}/pay", get(cashier::paying::show).post(cashier::paying::take_payment))
        .route("/cashier/{trade_no}/{seal}/sign-in", post(cashier::paying::take_sign_in))
        .route("/cashier/{trade_no}/{seal}/done", get(cashier::paying::done))
        .route("/oauth2/publicAppAuthorize.htm", get(oauth::authorize))
        .route("/oauth2/sign-in", post(oauth::take_sign_in))
        .route("/oauth2/consent", post(oauth::take_answer))
        .route("/bills/{merchant}/{bill_type}/{date}/{until}/{seal}", get(bills::handle))
        .route("/files/{cell}/{file}", get(files::handle))
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
    let language = Language::chosen(None, &parts.headers);
    let mut response = match received(query, &parts.headers, body).await {
        Ok((parameters, files)) => answer(&alipay, Arc::new(parameters), files, language).await,
        Err(failure) => {
            // The query alone may still say which method was meant.
            let known = Parameters::parse(query, b"").unwrap_or_default();
            failed(&alipay, &known, &failure, language)
        }
    };
    if let Ok(value) = HeaderValue::from_str(&trace_id) {
        response.headers_mut().insert(TRACE_ID, value);
    }
    response
}

/// The parameters of a request, and the files that it brings.
async fn received(query: &[u8], headers: &HeaderMap, body: Body) -> Result<(Parameters, Vec<UploadedFile>), Failure> {
    if upload::is_upload(headers) {
        let Upload { texts, files } = upload::receive(headers, body).await?;
        return Ok((Parameters::with_texts(query, texts)?, files));
    }
    let body = axum::body::to_bytes(body, BODY_MAX_BYTES).await.map_err(|_| ParametersError::BodyTooLong)?;
    Ok((Parameters::parse(query, &body)?, Vec::new()))
}

async fn answer(
    alipay: &Arc<Alipay>,
    parameters: Arc<Parameters>,
    files: Vec<UploadedFile>,
    language: &'static Language,
) -> Response {
    let task = {
        let (alipay, parameters) = (Arc::clone(alipay), Arc::clone(&parameters));
        tokio::spawn(async move { call(&alipay, &parameters, &files, language).await })
    };
    match task.await {
        Ok(Ok(Answered::Node(node))) => {
            let method = parameters.value("method").and_then(|method| std::str::from_utf8(method).ok());
            let node = node.for_charset(parameters.charset());
            signed(alipay, &parameters, &ResponseKey::for_method(method), &node)
        }
        Ok(Ok(Answered::Encrypted(node, key))) => encrypted(alipay, &parameters, &node, &key, language),
        Ok(Ok(Answered::Page(Page::Html(html)))) => html_response(html),
        Ok(Ok(Answered::Page(Page::Redirect(url)))) => redirect_response(&url),
        Ok(Err(failure)) => failed(alipay, &parameters, &failure, language),
        Err(panicked) => {
            error!("a call at the Alipay edge broke off: {panicked}");
            failed(alipay, &parameters, &Failure::new(gateway::UNKNOWN_ERROR), language)
        }
    }
}

/// Proves who calls, finds the method and carries it out.
async fn call(
    alipay: &Alipay,
    parameters: &Parameters,
    files: &[UploadedFile],
    language: &'static Language,
) -> Result<Answered, Failure> {
    let unverified = UnverifiedRequest::decode(parameters)?;
    let application = alipay.application(unverified.app_id())?;
    let Proven { mut request, key, clear } = proven(alipay, &application, unverified)?;
    request.biz_content = clear.as_deref().or(request.biz_content);
    let handler = handler(request.method)?;
    let mut call = Call::new(alipay, &application, &request)?.with_files(files)?;
    call.language = language;
    match handler {
        Handler::Node(method) => method(&call).await.map(|node| match key {
            Some(key) => Answered::Encrypted(node, key),
            None => Answered::Node(node),
        }),
        Handler::Page(method) => method(&call).await.map(Answered::Page),
        Handler::OrderString { .. } => {
            let detail = "the customer's wallet brings an order string, nobody sends it here";
            Err(Failure::with_detail(gateway::INVALID_METHOD, detail))
        }
    }
}

/// A request whose sender is proven.
pub(crate) struct Proven<'a> {
    /// The request; its content is still encrypted if it came so.
    pub request: GenuineRequest<'a>,
    /// The key with which it is encrypted, and the answer will be.
    pub key: Option<ContentKey>,
    /// The content in clear, if it was encrypted.
    pub clear: Option<String>,
}

/// Checks signature and certificates, and decrypts.
pub(crate) fn proven<'a>(
    alipay: &Alipay,
    application: &Application,
    unverified: UnverifiedRequest<'a>,
) -> Result<Proven<'a>, Failure> {
    let verified = verified(unverified, &application.keys).map_err(|failure| match failure.sub_code {
        gateway::INVALID_SIGNATURE => explained(alipay.world.sandbox, failure, &unverified.text_to_sign(), || {
            signature_mistakes::of_version_2(unverified.parameters(), &application.keys)
        }),
        _ => failure,
    });
    let (request, verifying_key) = verified?;
    alipay.count_call(application.app.app_id)?;
    check_certificates(alipay, application, &request, verifying_key)?;
    let key = match request.is_encrypted {
        true => Some(aes::key_of_sender(&application.cell.vault, application.app.app_id)?),
        false => None,
    };
    let clear = key.as_ref().zip(request.biz_content).map(|(key, text)| aes::decrypted(key, text)).transpose()?;
    if request.app_auth_token.is_some() {
        // Acting for another merchant is not offered; the money must not go to the app's own instead.
        return Err(Failure::new(gateway::INVALID_APP_AUTH_TOKEN));
    }
    Ok(Proven { request, key, clear })
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
pub(crate) fn certificate_serial<'a>(alipay: &'a Alipay, parameters: &Parameters) -> Option<&'a str> {
    let named = |name| parameters.value(name).is_some_and(|value| !value.is_empty());
    let authority = alipay.authority.as_ref()?;
    (named("app_cert_sn") || named("alipay_root_cert_sn")).then(|| authority.platform_sn())
}

/// A failure as the caller reads it: signed, or on a page where a browser shows it.
fn failed(alipay: &Alipay, parameters: &Parameters, failure: &Failure, language: &Language) -> Response {
    if parameters.value("method").is_some_and(is_page) {
        return html_response(cashier::page_of_failure(language, failure));
    }
    let node = Node::with_failure(failure).for_charset(parameters.charset());
    signed(alipay, parameters, &ResponseKey::for_failed_request(parameters), &node)
}

fn signed(alipay: &Alipay, parameters: &Parameters, response_key: &ResponseKey, node: &Node) -> Response {
    sent(signed_body(response_key, node, certificate_serial(alipay, parameters), &alipay.gateway_key))
}

fn encrypted(alipay: &Alipay, parameters: &Parameters, node: &Node, key: &ContentKey, language: &Language) -> Response {
    let method = parameters.value("method").and_then(|method| std::str::from_utf8(method).ok());
    match key.encrypt(&node.to_json()) {
        Ok(text) => {
            let serial = certificate_serial(alipay, parameters);
            sent(signed_encrypted_body(&ResponseKey::for_method(method), &text, serial, &alipay.gateway_key))
        }
        Err(error) => failed(alipay, parameters, &unreadable(error), language),
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

/// A page: nothing on it comes from elsewhere, nothing runs, its forms lead nowhere else, and nobody frames it.
pub(crate) fn html_response(html: String) -> Response {
    html_response_towards(html, "")
}

/// The same, with a form that may lead to one other site, such as `https://shop.example`.
pub(crate) fn html_response_towards(html: String, site: &str) -> Response {
    let policy = format!(
        "default-src 'none'; style-src {}; form-action 'self' {site}; base-uri 'none'; frame-ancestors 'none'",
        *STYLE_SOURCE
    );
    let mut response = respond(StatusCode::OK, "text/html;charset=utf-8", html);
    let headers = response.headers_mut();
    // A site that is no header text is not let in.
    let none = HeaderValue::from_static("default-src 'none'");
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&policy).unwrap_or(none));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
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

/// The browser asks for another address, whatever it has sent before (RFC 9110, section 15.4.4).
pub(crate) fn see_other(url: &str) -> Response {
    let mut response = redirect_response(url);
    *response.status_mut() = StatusCode::SEE_OTHER;
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
