//! The stream as server-sent events (WHATWG HTML, section 9.2): each event with its cursor as id, so that a reader that was cut off
//! goes on with `Last-Event-ID`.
//!
//! A stream keeps no queue of events: when the cell's log has moved it reads the next page, and only when the reader has taken the
//! page before. So a slow reader costs one page, and nothing is lost for it.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Frame;
use sycee_contract::Role;
use sycee_engine::{CellHandle, EventCursor};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::{EventView, PAGE_DEFAULT, Selection, page, write_cursor};
use crate::auth::credential::Credential;
use crate::desk::Desk;
use crate::problem::Problem;

/// How often a stream shows that it is alive, and its credential is looked at again. Proxies cut what is silent for longer than
/// 30 to 60 seconds.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(10);
/// How long news may gather before a page of them is read, so that a busy cell does not wake every stream for each batch.
const GATHER: Duration = Duration::from_millis(20);
/// After how many milliseconds a reader that was cut off comes back.
const RETRY_MS: u32 = 1_000;
/// Open streams of one customer: some devices.
const CUSTOMER_STREAMS: usize = 4;
/// Open streams of one merchant or member of staff: some servers.
const OTHER_STREAMS: usize = 16;
/// Open streams of all, each a connection and a page of memory.
const STREAMS_MAX: usize = 8_192;

/// How many streams are open, by party.
#[derive(Default)]
pub(crate) struct Streams(Mutex<HashMap<u64, usize>>);

/// An open stream, for as long as this lives.
struct Permit {
    desk: Arc<Desk>,
    party: u64,
}

impl Streams {
    fn enter(desk: &Arc<Desk>, party: u64, role: Role) -> Result<Permit, Problem> {
        let most = if role == Role::Customer { CUSTOMER_STREAMS } else { OTHER_STREAMS };
        let mut open = desk.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.values().sum::<usize>() >= STREAMS_MAX {
            return Err(Problem::too_many_streams("this server has as many open streams as it takes"));
        }
        let count = open.entry(party).or_default();
        if *count >= most {
            return Err(Problem::too_many_streams(format!("the caller has {most} open streams, as many as it may")));
        }
        *count += 1;
        Ok(Permit { desk: Arc::clone(desk), party })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.desk.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.party) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.party);
            }
        }
    }
}

/// The body: what the stream has written and nobody has taken yet, at most one page.
struct Written(mpsc::Receiver<Bytes>);

impl hyper::body::Body for Written {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

/// A stream that begins behind `after`.
pub(crate) fn open_stream(
    desk: &Arc<Desk>,
    cell: &Arc<CellHandle>,
    selection: Selection,
    after: EventCursor,
    credential: Credential,
    role: Role,
) -> Result<Response, Problem> {
    let permit = Streams::enter(desk, credential.party(), role)?;
    let (sender, receiver) = mpsc::channel(1);
    let (cell, selection) = (Arc::clone(cell), Arc::new(selection));
    let stream = Stream { permit, cell, selection, after, credential, sender, checked: Instant::now() };
    tokio::spawn(stream.run());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, Body::new(Written(receiver))).into_response())
}

struct Stream {
    permit: Permit,
    cell: Arc<CellHandle>,
    selection: Arc<Selection>,
    after: EventCursor,
    credential: Credential,
    sender: mpsc::Sender<Bytes>,
    /// When the credential was last looked at.
    checked: Instant,
}

/// What has ended a stream; there is nobody to be told.
struct Ended;

impl Stream {
    async fn run(mut self) {
        let mut stop = self.permit.desk.stop.clone();
        tokio::select! {
            _ended = self.write() => {}
            () = stopped(&mut stop) => {}
        }
    }

    async fn write(&mut self) -> Result<(), Ended> {
        let every = self.permit.desk.heartbeat;
        self.send(format!("retry: {RETRY_MS}\n\n")).await?;
        loop {
            self.beat_if_due().await?;
            if self.write_page().await? {
                continue;
            }
            let moved = self.cell.port.events().moved_on(self.after.operation);
            tokio::select! {
                () = moved => tokio::time::sleep(GATHER).await,
                () = self.sender.closed() => return Err(Ended),
                () = tokio::time::sleep_until(self.checked + every) => {}
            }
        }
    }

    /// Writes the next page; false if there is nothing behind it now.
    async fn write_page(&mut self) -> Result<bool, Ended> {
        let world = &self.permit.desk.world;
        let page = page(world, &self.cell, &self.selection, self.after, PAGE_DEFAULT).await.map_err(|_| Ended)?;
        let mut text = String::new();
        for event in &page.events {
            if let Some(view) = EventView::new(&world.products, &self.cell, event) {
                // Writing into a string cannot fail.
                let _written = write!(text, "id: {}\ndata: {}\n\n", view.id(), view.to_json());
            }
        }
        if !text.is_empty() {
            self.send(text).await?;
        }
        let moved = page.next > self.after;
        self.after = page.next;
        Ok(moved)
    }

    /// Now and then: ends the stream if its credential is good no more, or the cell has stopped, and else shows that it is alive.
    async fn beat_if_due(&mut self) -> Result<(), Ended> {
        if self.checked.elapsed() < self.permit.desk.heartbeat {
            return Ok(());
        }
        self.checked = Instant::now();
        if !self.credential.is_still_good(&self.permit.desk) || self.cell.port.stopped().is_some() {
            return Err(Ended);
        }
        // An id without data moves the reader's place on and shows it nothing.
        let place = write_cursor(self.cell.number, self.after);
        self.send(format!("id: {place}\n\n")).await
    }

    async fn send(&self, text: String) -> Result<(), Ended> {
        self.sender.send(Bytes::from(text)).await.map_err(|_| Ended)
    }
}

/// Waits until the server stops; for ever, where nobody says so.
pub(crate) async fn stopped(stop: &mut Option<watch::Receiver<bool>>) {
    match stop {
        // An error means that whoever would say so is gone, which is a reason to stop too.
        Some(stop) => drop(stop.wait_for(|stop| *stop).await),
        None => std::future::pending().await,
    }
}
