//! Following the stream for one endpoint.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sycee_courier::{Bytes, NotPosted};
use sycee_engine::outbound::FaultMode;
use sycee_engine::{EventCursor, StreamEvent};

use super::endpoint::Place;
use super::{Endpoint, WebhookSecret, Webhooks};
use crate::desk::blocking;
use crate::events::{EventView, page};

/// The events that are read at once.
const PAGE: usize = 100;
/// How far an endpoint's place may stay behind where the stream was looked through for it, operations: a place is kept for each
/// event that was taken, and else only so often.
const KEEP_EVERY: u64 = 10_000;
/// How much of an answer is read, bytes: only its status counts.
const ANSWER_MAX_BYTES: usize = 1_024;
/// How long news may gather before they are looked at.
const GATHER: Duration = Duration::from_millis(5);
/// The name under which a tester breaks webhooks.
const FAULT_EFFECT: &str = "webhook";

/// Tells an endpoint what happens, until it is deleted.
pub(super) async fn follow(webhooks: Arc<Webhooks>, endpoint: Arc<Endpoint>) {
    let mut kept = endpoint.place();
    let mut place = kept;
    while !endpoint.is_deleted() {
        if endpoint.place().set != place.set {
            place = endpoint.place();
            kept = place;
        }
        let before = place.cursor;
        let page = match page(&webhooks.world, &endpoint.cell, &endpoint.selection, place.cursor, PAGE).await {
            Ok(page) => page,
            Err(why) => {
                endpoint.standing().last_failure = Some(why.detail.into_owned());
                pause(&endpoint, webhooks.retry.1).await;
                continue;
            }
        };
        let mut is_ours = true;
        for event in &page.events {
            is_ours = tell(&webhooks, &endpoint, place, event).await;
            if !is_ours {
                break;
            }
            (place.cursor, kept.cursor) = (event.cursor, event.cursor);
        }
        if !is_ours {
            continue;
        }
        place.cursor = page.next;
        if !page.events.is_empty() || place.cursor.operation - kept.cursor.operation >= KEEP_EVERY {
            keep(&endpoint, place, place.cursor, true).await;
            kept = place;
        }
        if place.cursor == before {
            tokio::select! {
                () = endpoint.cell.port.events().moved_on(place.cursor.operation) => tokio::time::sleep(GATHER).await,
                () = endpoint.changed.notified() => {}
            }
        }
    }
}

/// Posts an event until it is taken, and keeps that it was; false if the endpoint was deleted or its place set meanwhile.
async fn tell(webhooks: &Webhooks, endpoint: &Arc<Endpoint>, place: Place, event: &StreamEvent) -> bool {
    let Some(view) = EventView::new(&webhooks.world.products, &endpoint.cell, event) else { return true };
    let (id, body) = (view.id().to_owned(), view.to_json());
    let mut wait = webhooks.retry.0;
    loop {
        let is_failing = endpoint.standing().failures > 0;
        let room = if is_failing { &webhooks.failing } else { &webhooks.prompt };
        let posted = match room.acquire().await {
            Ok(_room) => attempt(webhooks, endpoint, &id, &body).await,
            Err(_closed) => return false,
        };
        match posted {
            Ok(()) => {
                {
                    let mut standing = endpoint.standing();
                    (standing.failures, standing.last_failure) = (0, None);
                    standing.taken_at_ns = Some(webhooks.world.clock.now_ns());
                }
                return keep(endpoint, place, event.cursor, false).await;
            }
            Err(why) => {
                let mut standing = endpoint.standing();
                standing.failures = standing.failures.saturating_add(1);
                standing.last_failure = Some(why);
            }
        }
        pause(endpoint, wait).await;
        if endpoint.is_deleted() || endpoint.place().set != place.set {
            return false;
        }
        wait = (wait * 2).min(webhooks.retry.1);
    }
}

/// Waits, or until the endpoint is deleted or its place set.
async fn pause(endpoint: &Endpoint, wait: Duration) {
    tokio::select! {
        () = tokio::time::sleep(wait) => {}
        () = endpoint.changed.notified() => {}
    }
}

/// Keeps an endpoint's place. Where the vault fails it is told again after the next start: it hears a thing twice and misses none.
async fn keep(endpoint: &Arc<Endpoint>, from: Place, to: EventCursor, synced: bool) -> bool {
    let moved = Arc::clone(endpoint);
    let why = match blocking(move || moved.move_on(from, to, synced)).await {
        Ok(Ok(is_ours)) => return is_ours,
        Ok(Err(error)) => error.to_string(),
        Err(problem) => problem.detail.into_owned(),
    };
    tracing::error!(endpoint = endpoint.kept.id, "the place of a webhook could not be kept: {why}");
    true
}

/// One attempt, or as a tester has it.
async fn attempt(webhooks: &Webhooks, endpoint: &Endpoint, id: &str, body: &str) -> Result<(), String> {
    let fault = || Err("a fault that a tester has set".to_owned());
    match webhooks.world.faults.take(&endpoint.cell.name, FAULT_EFFECT) {
        None => post(webhooks, endpoint, id, body).await,
        Some(FaultMode::Lose | FaultMode::Delay) => fault(),
        Some(FaultMode::Double) => {
            let first = post(webhooks, endpoint, id, body).await;
            post(webhooks, endpoint, id, body).await.or(first)
        }
        Some(FaultMode::TimeoutAfterDoing) => {
            // The receiver has it; its answer is what gets lost.
            let _lost = post(webhooks, endpoint, id, body).await;
            fault()
        }
    }
}

async fn post(webhooks: &Webhooks, endpoint: &Endpoint, id: &str, body: &str) -> Result<(), String> {
    let secret = WebhookSecret::from_bytes(endpoint.kept.secret.clone());
    // The receiver compares it with its own clock, not with one that a tester moves.
    let timestamp = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let headers = secret.headers(id, timestamp, body);
    let body = Bytes::copy_from_slice(body.as_bytes());
    let posted = webhooks.courier.post(&endpoint.kept.url, &headers, body, ANSWER_MAX_BYTES).await;
    match posted {
        Ok(answer) if answer.is_success() => Ok(()),
        Ok(answer) => Err(format!("the answer has status {}", answer.status)),
        Err(why @ (NotPosted::BadAddress | NotPosted::NoAllowedAddress)) => {
            Err(format!("{why}; register another address"))
        }
        Err(why) => Err(why.to_string()),
    }
}
