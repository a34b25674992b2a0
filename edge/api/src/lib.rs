//! Sycee's own API: JSON over HTTP below `/api/v1`, for customers' apps, merchants' servers and the operator's staff.
//!
//! One table of operations ([`operations`]) makes both the routes and the OpenAPI document. docs/book/api.md shows how to call it.

mod abroad;
mod auth;
mod codebook;
mod desk;
mod document;
mod events;
mod limits;
mod lists;
mod operations;
mod problem;
mod request_log;
mod webhooks;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{self, header};
use axum::routing::{MethodFilter, get, on};
use sycee_contract::Products;
use sycee_engine::World;
use sycee_engine::advance::Advancer;
use sycee_engine::certificates::CertifiesApps;
use sycee_engine::deliveries::Deliveries;
use tokio::sync::watch;

use desk::Desk;
use operations::Method;
use problem::Problem;

pub use webhooks::{WebhookSecret, Webhooks};

/// Below which path everything is.
pub(crate) const BASE_PATH: &str = "/api/v1";

/// Below it, what is an attempt at signing in or at proving who somebody is.
const SIGN_IN: &[&str] = &["/sessions", "/sessions/passkey/begin", "/sessions/passkey", "/pin", "/proof"];

/// The longest body of a request, bytes.
pub(crate) const BODY_MAX_BYTES: usize = 64 * 1024;

/// The API, before it is served.
pub struct Api {
    world: Arc<World>,
    stop: Option<watch::Receiver<bool>>,
    heartbeat: Duration,
    deliveries: Option<Arc<dyn Deliveries>>,
    advancer: Option<Arc<Advancer>>,
    webhooks: Option<Arc<Webhooks>>,
    alipay_public_key: Option<String>,
    certificates: Option<Arc<dyn CertifiesApps>>,
}

impl Api {
    /// The API of these cells.
    #[must_use]
    pub fn new(world: Arc<World>) -> Self {
        Self {
            world,
            stop: None,
            heartbeat: events::HEARTBEAT,
            deliveries: None,
            advancer: None,
            webhooks: None,
            alipay_public_key: None,
            certificates: None,
        }
    }

    /// The same, whose open streams end when `stop` says true: a server that stops does not wait for them.
    #[must_use]
    pub fn ending(self, stop: watch::Receiver<bool>) -> Self {
        Self { stop: Some(stop), ..self }
    }

    /// The same, whose open streams show this often that they are alive, and look at their credentials again.
    #[must_use]
    pub fn with_heartbeat(self, heartbeat: Duration) -> Self {
        Self { heartbeat, ..self }
    }

    /// The same, that shows what merchants were told by whoever tells them.
    #[must_use]
    pub fn with_deliveries(self, deliveries: Arc<dyn Deliveries>) -> Self {
        Self { deliveries: Some(deliveries), ..self }
    }

    /// The same with webhooks, which somebody has to run.
    #[must_use]
    pub fn with_webhooks(self, webhooks: Arc<Webhooks>) -> Self {
        Self { webhooks: Some(webhooks), ..self }
    }

    /// The same, that tells merchants with which key the Alipay edge of this server signs: base64 of SPKI DER.
    #[must_use]
    pub fn with_alipay_public_key(self, public_key: String) -> Self {
        Self { alipay_public_key: Some(public_key), ..self }
    }

    /// The same, whose merchants get certificates for their apps by whoever makes them.
    #[must_use]
    pub fn with_certificates(self, certificates: Arc<dyn CertifiesApps>) -> Self {
        Self { certificates: Some(certificates), ..self }
    }

    /// The same, whose clock staff can move, in a sandbox.
    #[must_use]
    pub fn with_advancer(self, advancer: Arc<Advancer>) -> Self {
        Self { advancer: Some(advancer), ..self }
    }

    /// The routes below `/api/v1`.
    ///
    /// # Panics
    /// As [`router`].
    pub fn router(self) -> Router {
        routes(Arc::new(Desk::new(self)))
    }
}

/// The routes below `/api/v1`, of an API that is only what its cells are.
///
/// # Panics
/// If two operations have the same method and path. The table is fixed when the binary is built and a test makes the router.
pub fn router(world: Arc<World>) -> Router {
    Api::new(world).router()
}

fn routes(desk: Arc<Desk>) -> Router {
    let document = axum::body::Bytes::from(openapi_document(&desk.world.products));
    let document = move || async move { ([(header::CONTENT_TYPE, "application/json")], document) };
    let mut api: Router<Arc<Desk>> = Router::new().route(&format!("{BASE_PATH}/openapi.json"), get(document));
    let is_there = |operation: &&operations::Operation| desk.world.sandbox || !operation.is_for_tests;
    for operation in operations::all().filter(is_there) {
        let method = match operation.method {
            Method::Get => MethodFilter::GET,
            Method::Post => MethodFilter::POST,
            Method::Delete => MethodFilter::DELETE,
        };
        let run = move |State(desk): State<Arc<Desk>>, request: Request| desk.run(operation, request);
        api = api.route(&format!("{BASE_PATH}{}", operation.path), on(method, run));
    }
    let rest = get(async || Problem::no_such_path()).fallback(async || Problem::no_such_path());
    api.route(&format!("{BASE_PATH}/{{*rest}}"), rest)
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
        .with_state(desk)
}

/// Whether a request is an attempt at signing in: those are limited more tightly, before anybody is known.
#[must_use]
pub fn is_sign_in(method: &http::Method, path: &str) -> bool {
    method == http::Method::POST && path.strip_prefix(BASE_PATH).is_some_and(|rest| SIGN_IN.contains(&rest))
}

/// The OpenAPI 3.1 document of this API for a binary with these products: JSON with a line feed at the end.
#[must_use]
pub fn openapi_document(products: &Products) -> String {
    // The document is made of maps with text keys: it always has a JSON form.
    let mut text = serde_json::to_string_pretty(&document::document(products)).unwrap_or_default();
    text.push('\n');
    text
}

/// The commands that a person may ask and that no operation asks, each with what is to be said about it: not in the list and not
/// in the table, without a reason, in the list although it is in the table, or of no product. Empty when all is well.
#[must_use]
pub fn uncovered_commands(products: &Products) -> Vec<String> {
    operations::uncovered(products)
}
