//! Connections to receivers that are kept open between notices: a busy merchant's notices share a few connections and TLS
//! handshakes.
//!
//! A connection leads to the address that was judged when it was made. It is kept for a short time only, and not for ever however
//! busy it is, so that a name that moves is followed.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How long a connection is kept with nothing to do: less than the 5 s after which the common servers that close soonest do so
/// (Apache's KeepAliveTimeout, Node's keepAliveTimeout).
const IDLE: Duration = Duration::from_secs(4);
/// How old a connection may become: then the name is looked up again.
const AGE: Duration = Duration::from_secs(60);
/// How often those that have been idle for too long are looked for.
const SWEEP: Duration = Duration::from_secs(1);
/// Idle connections that are kept to one receiver.
const OF_ONE: usize = 8;
/// Idle connections that are kept to all.
const OF_ALL: usize = 256;

/// Where a connection leads.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Destination {
    pub is_tls: bool,
    /// Name or address, in lower case.
    pub host: String,
    pub port: u16,
}

/// An open connection. It is closed when this is dropped.
pub(super) struct Open {
    pub sender: SendRequest<Full<Bytes>>,
    made: Instant,
    driver: JoinHandle<()>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Open {
    /// Speaks HTTP/1.1 on a stream.
    ///
    /// # Errors
    /// The exchange did not begin.
    pub async fn on(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Result<Self, hyper::Error> {
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let driver = tokio::spawn(async move {
            // Whoever waits for an answer hears of its end; in between it is the receiver's right to close.
            let _ended = connection.await;
        });
        Ok(Self { sender, made: Instant::now(), driver })
    }
}

struct Idle {
    since: Instant,
    open: Open,
}

#[derive(Default)]
struct Connections {
    /// Of each receiver, the one that was used last at the end; none is empty.
    by_destination: HashMap<Destination, Vec<Idle>>,
    count: usize,
    swept: Option<Instant>,
}

impl Connections {
    /// Closes what has been idle for too long.
    fn sweep(&mut self, now: Instant) {
        self.by_destination.retain(|_, idle| {
            idle.retain(|one| !one.open.sender.is_closed() && now.duration_since(one.since) < IDLE);
            !idle.is_empty()
        });
        self.count = self.by_destination.values().map(Vec::len).sum();
        self.swept = Some(now);
    }
}

/// The connections.
#[derive(Default)]
pub(super) struct Kept(Mutex<Connections>);

impl Kept {
    /// One that is ready for a request.
    pub fn take(&self, to: &Destination) -> Option<Open> {
        let now = Instant::now();
        let mut connections = self.lock();
        let Connections { by_destination, count, .. } = &mut *connections;
        let idle = by_destination.get_mut(to)?;
        let mut found = None;
        while found.is_none()
            && let Some(last) = idle.pop()
        {
            *count -= 1;
            found = is_good(&last, now).then_some(last.open);
        }
        if idle.is_empty() {
            by_destination.remove(to);
        }
        found
    }

    /// Keeps one whose answer was read to its end.
    pub fn put(&self, to: &Destination, open: Open) {
        let now = Instant::now();
        if open.sender.is_closed() || now.duration_since(open.made) >= AGE {
            return;
        }
        let mut connections = self.lock();
        if connections.swept.is_none_or(|swept| now.duration_since(swept) >= SWEEP) {
            connections.sweep(now);
        }
        let Connections { by_destination, count, .. } = &mut *connections;
        if *count >= OF_ALL {
            return;
        }
        let idle = by_destination.entry(to.clone()).or_default();
        if idle.len() < OF_ONE {
            idle.push(Idle { since: now, open });
            *count += 1;
        }
    }

    /// Closes what has been idle for too long.
    pub fn close_idle(&self) {
        self.lock().sweep(Instant::now());
    }

    fn lock(&self) -> MutexGuard<'_, Connections> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_good(idle: &Idle, now: Instant) -> bool {
    idle.open.sender.is_ready() && now.duration_since(idle.since) < IDLE && now.duration_since(idle.open.made) < AGE
}
