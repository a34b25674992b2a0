//! Sycee's own API: JSON over HTTP below `/api/v1`, for customers' apps, merchants' servers and the operator's staff.
//!
//! One table of operations ([`operations`]) makes both the routes and the OpenAPI document. docs/book/api.md shows how to call it.

mod abroad;
mod auth;
mod codebook;
mod desk;
mod document;
mod limits;
mod lists;
mod operations;
mod problem;
mod wire;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{self, header};
use axum::routing::{MethodFilter, get, on};
use sycee_contract::Products;
use sycee_engine::World;

use desk::Desk;
use operations::Method;
use problem::Problem;

/// Below which path everything is.
pub(crate) const BASE_PATH: &str = "/api/v1";

/// The longest body of a request, bytes.
pub(crate) const BODY_MAX_BYTES: usize = 64 * 1024;

/// The routes below `/api/v1`.
///
/// # Panics
/// If two operations have the same method and path. The table is fixed when the binary is built and a test makes the router.
pub fn router(world: Arc<World>) -> Router {
    let document = axum::body::Bytes::from(openapi_document(&world.products));
    let document = move || async move { ([(header::CONTENT_TYPE, "application/json")], document) };
    let mut api: Router<Arc<Desk>> = Router::new().route(&format!("{BASE_PATH}/openapi.json"), get(document));
    for operation in operations::all() {
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
        .with_state(Arc::new(Desk::new(world)))
}

/// Whether a request is an attempt at signing in: those are limited more tightly, before anybody is known.
#[must_use]
pub fn is_sign_in(method: &http::Method, path: &str) -> bool {
    method == http::Method::POST
        && path.strip_prefix(BASE_PATH).is_some_and(|rest| rest == "/sessions" || rest == "/pin")
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
