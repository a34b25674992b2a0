//! The doors of the server: every edge, and the pages for those who watch it.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sycee_alipay::order_strings::OfWallets;
use sycee_api::Api;
use sycee_engine::World;
use sycee_engine::advance::Advancer;
use sycee_engine::deliveries::Deliveries;
use sycee_engine::links::{LinkStatus, Links};
use sycee_engine::outbound::Outbound;
use sycee_sandbox::Sandbox;
use tokio::sync::watch;

use super::RunningWorld;
use super::credentials::OfAlipay;
use crate::host::CellMetrics;

struct Watch {
    world: Arc<World>,
    metrics: Vec<(String, Arc<CellMetrics>)>,
    links: Arc<Links>,
}

/// All of them.
///
/// # Errors
/// One line.
pub fn router(running: &RunningWorld, stop: watch::Receiver<bool>) -> Result<Router, String> {
    let links = Arc::clone(&running.doors.links);
    let watch =
        Arc::new(Watch { world: Arc::clone(&running.world), metrics: running.metrics.clone(), links: links.clone() });
    let advancer = Arc::new(Advancer::new(Arc::clone(&running.world), outbound(running)));
    let mut router = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(watch)
        .merge(sycee_alipay::router(Arc::clone(&running.doors.alipay)))
        .merge(api(running, stop, &advancer).router())
        .merge(sycee_links::router(Arc::clone(&links), running.world.sandbox));
    if running.world.sandbox {
        let sandbox = Sandbox::new(Arc::clone(&running.world), Vec::new(), running.gateway_public_key.clone())
            .with_advancer(advancer)
            .with_deliveries(Arc::clone(&running.doors.notifier) as Arc<dyn Deliveries>)
            .with_credentials(Arc::new(OfAlipay(Arc::clone(&running.doors.alipay))))
            .with_order_strings(Arc::new(OfWallets(Arc::clone(&running.doors.alipay))));
        router = router.merge(sycee_sandbox::router(Arc::new(sandbox)));
    }
    Ok(router)
}

/// Our own API with what the rest of the server gives it.
fn api(running: &RunningWorld, stop: watch::Receiver<bool>, advancer: &Arc<Advancer>) -> Api {
    let api = Api::new(Arc::clone(&running.world))
        .ending(stop)
        .with_webhooks(Arc::clone(&running.doors.webhooks))
        .with_deliveries(Arc::clone(&running.doors.notifier) as Arc<dyn Deliveries>)
        .with_alipay_public_key(running.gateway_public_key.clone())
        .with_certificates(Arc::new(OfAlipay(Arc::clone(&running.doors.alipay))));
    if running.world.sandbox { api.with_advancer(Arc::clone(advancer)) } else { api }
}

/// What happens when the sandbox's clock is moved, in this order: rates are fresh for the messages, and what messages bring about
/// may be news for merchants.
fn outbound(running: &RunningWorld) -> Vec<Arc<dyn Outbound>> {
    let doors = &running.doors;
    let mut outbound: Vec<Arc<dyn Outbound>> = Vec::new();
    if let Some(feed) = &doors.feed {
        outbound.push(Arc::clone(feed) as Arc<dyn Outbound>);
    }
    outbound.push(Arc::clone(&doors.links) as Arc<dyn Outbound>);
    if let Some(payouts) = &doors.payouts {
        outbound.push(Arc::clone(payouts) as Arc<dyn Outbound>);
    }
    outbound.push(Arc::clone(&doors.notifier) as Arc<dyn Outbound>);
    outbound
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
    link_metrics(&watch.links, &mut text);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

/// The links' families: the same lines with a second label, `peer`.
fn link_metrics(links: &Links, text: &mut String) {
    let Ok(list) = links.status() else { return };
    let mut family = |name: &str, help: &str, kind: &str, of: &dyn Fn(&LinkStatus) -> u64| {
        let _written = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        for link in &list {
            let _written = writeln!(text, "{name}{{cell=\"{}\",peer=\"{}\"}} {}", link.cell, link.peer_name, of(link));
        }
    };
    let Some(first) = list.first() else { return };
    for (index, (name, help, _)) in first.counters.lines().into_iter().enumerate() {
        family(name, help, "counter", &|link| link.counters.lines()[index].2);
    }
    family("sycee_link_backlog", "messages that wait for the peer", "gauge", &|link| link.backlog);
    family("sycee_link_parked", "messages of the peer's set aside", "gauge", &|status| {
        status.link.as_ref().map_or(0, |link| link.parked)
    });
    let seconds = |ns: u64| ns / 1_000_000_000;
    family("sycee_link_last_contact_seconds", "when the peer was last heard of, Unix time", "gauge", &|link| {
        seconds(link.counters.last_contact_ns.load(Ordering::Relaxed))
    });
}
