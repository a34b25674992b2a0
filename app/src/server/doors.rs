//! The doors of the server: every edge, and the pages for those who watch it.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use sycee_engine::World;
use sycee_sandbox::Sandbox;

use super::RunningWorld;
use crate::host::CellMetrics;

struct Watch {
    world: Arc<World>,
    metrics: Vec<(String, Arc<CellMetrics>)>,
}

/// All of them.
///
/// # Errors
/// One line.
pub fn router(running: &RunningWorld) -> Result<Router, String> {
    let watch = Arc::new(Watch { world: Arc::clone(&running.world), metrics: running.metrics.clone() });
    let mut router = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .route("/wallet/", get(no_apps))
        .route("/merchant/", get(no_apps))
        .route("/operator/", get(no_apps))
        .with_state(watch)
        .merge(sycee_alipay::router(Arc::clone(&running.doors.alipay)));
    if running.world.sandbox {
        let sandbox = Sandbox::new(
            Arc::clone(&running.world),
            vec![Arc::clone(&running.doors.notifier) as Arc<dyn sycee_engine::outbound::Outbound>],
            running.gateway_public_key.clone(),
        );
        router = router.merge(sycee_sandbox::router(Arc::new(sandbox)));
    }
    Ok(router)
}

async fn ready(State(watch): State<Arc<Watch>>) -> Response {
    let mut text = String::new();
    for cell in &watch.world.cells {
        if let Some(why) = cell.port.stopped() {
            // Writing into a string cannot fail.
            let _written = writeln!(text, "cell {} has stopped: {why}", cell.name);
        }
    }
    if text.is_empty() { "ready\n".into_response() } else { (StatusCode::SERVICE_UNAVAILABLE, text).into_response() }
}

async fn metrics(State(watch): State<Arc<Watch>>) -> Response {
    let mut text = String::new();
    let mut family = |name: &str, help: &str, kind: &str, values: Vec<(&str, u64)>| {
        let _written = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        for (cell, value) in values {
            let _written = writeln!(text, "{name}{{cell=\"{cell}\"}} {value}");
        }
    };
    if let Some((_, first)) = watch.metrics.first() {
        for (index, (name, help, _)) in first.lines().into_iter().enumerate() {
            let values =
                watch.metrics.iter().map(|(cell, metrics)| (cell.as_str(), metrics.lines()[index].2)).collect();
            family(name, help, "counter", values);
        }
    }
    let gauge = |of: &dyn Fn(&sycee_engine::CellHandle) -> u64| {
        watch.world.cells.iter().map(|cell| (cell.name.as_str(), of(cell))).collect::<Vec<_>>()
    };
    family("sycee_queue_commands", "commands that wait", "gauge", gauge(&|cell| cell.port.waiting() as u64));
    family("sycee_open_effects", "effects not ended", "gauge", gauge(&|cell| cell.effects.len() as u64));
    family("sycee_operation", "last durable operation", "gauge", gauge(&|cell| cell.port.begin_read().operation));
    family("sycee_stopped", "1 if the cell has stopped", "gauge", gauge(&|cell| cell.port.stopped().is_some().into()));
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

async fn no_apps() -> Html<&'static str> {
    Html(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sycee</title><h1>No web apps in this binary</h1>\
         <p>The web apps are not built yet. The API works without them: see the README.</p></html>",
    )
}
