//! The doors for peers' frames, and for those who watch the links.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Serialize;
use sycee_engine::limits;
use sycee_engine::links::{BadFrame, LinkStatus, Links};
use tokio::sync::Semaphore;

use crate::{CONTENT_TYPE, FRAMES_PATH};

/// How long a frame may take to come in. Peers send what they have; who dawdles holds memory.
const BODY_WITHIN: Duration = Duration::from_secs(10);
/// How many frames are read at a time; beyond that a sender is asked to come again.
const READING_MAX: usize = 64;

struct Doors {
    links: Arc<Links>,
    reading: Semaphore,
}

/// The routes. `with_status` adds `GET /links/v1/status`, which tells volumes and names of peers: for sandboxes.
pub fn router(links: Arc<Links>, with_status: bool) -> Router {
    let mut router = Router::new().route(FRAMES_PATH, post(take));
    if with_status {
        router = router.route("/links/v1/status", get(status));
    }
    router.with_state(Arc::new(Doors { links, reading: Semaphore::new(READING_MAX) }))
}

/// `POST /links/v1/frames`. Whoever sends a bad frame learns nothing from the answer: who is linked with whom, and which part of
/// a frame was wrong, is in the log.
async fn take(State(doors): State<Arc<Doors>>, headers: HeaderMap, body: Body) -> Response {
    if headers.get(header::CONTENT_TYPE).is_none_or(|sent| sent != CONTENT_TYPE) {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let Ok(reading) = doors.reading.try_acquire() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let read = tokio::time::timeout(BODY_WITHIN, to_bytes(body, limits::FRAME_BYTES_MAX));
    let bytes = match read.await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    drop(reading);
    match doors.links.deliver(&bytes).await {
        Ok(reply) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], reply).into_response(),
        Err(bad) => {
            tracing::debug!(%bad, bytes = bytes.len(), "a frame was not taken");
            match bad {
                BadFrame::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
                BadFrame::TooLong | BadFrame::Malformed | BadFrame::NotLinked | BadFrame::BadSignature => {
                    StatusCode::BAD_REQUEST
                }
            }
            .into_response()
        }
    }
}

#[derive(Serialize)]
struct StatusJson {
    cell: String,
    peer: String,
    peer_number: u16,
    is_here: bool,
    is_open: bool,
    version: Option<u16>,
    sent: u64,
    acknowledged: u64,
    received: u64,
    parked: u64,
    backlog: u64,
    last_contact_ns: u64,
}

impl From<LinkStatus> for StatusJson {
    fn from(status: LinkStatus) -> Self {
        let LinkStatus { cell, peer_name, peer, is_here, link, backlog, counters } = status;
        let of = |value: fn(&sycee_engine::links::Link) -> u64| link.as_ref().map_or(0, value);
        Self {
            cell,
            peer: peer_name,
            peer_number: peer,
            is_here,
            is_open: link.is_some(),
            version: link.as_ref().and_then(|link| link.version),
            sent: of(|link| link.sent),
            acknowledged: of(|link| link.acknowledged),
            received: of(|link| link.received),
            parked: of(|link| link.parked),
            backlog,
            last_contact_ns: counters.last_contact_ns.load(std::sync::atomic::Ordering::Relaxed),
        }
    }
}

/// `GET /links/v1/status`.
async fn status(State(doors): State<Arc<Doors>>) -> Response {
    match doors.links.status() {
        Ok(list) => Json(list.into_iter().map(StatusJson::from).collect::<Vec<_>>()).into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}
