//! Receivers of notices in this process, good and bad: the smallest HTTP server that answers `success` and keeps its connections
//! open.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// How long slow ones take for an answer.
const SLOW_ANSWERS_AFTER: Duration = Duration::from_millis(1_500);
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nsuccess";
/// The longest request that is read, bytes.
const REQUEST_MAX_BYTES: usize = 64 * 1024;

/// What a receiver is like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Answers at once.
    Healthy,
    /// Answers late.
    Slow,
    /// Takes connections and never answers.
    Silent,
    /// Nobody listens.
    Refusing,
}

impl Kind {
    /// In each ten: a dead one, a slow one, eight healthy ones.
    #[must_use]
    pub const fn of(receiver: usize) -> Self {
        match (receiver % 10, receiver / 10 % 2) {
            (3, 0) => Self::Silent,
            (3, _) => Self::Refusing,
            (7, _) => Self::Slow,
            _ => Self::Healthy,
        }
    }
}

/// What has arrived.
#[derive(Default)]
pub struct Arrivals {
    /// When an order's notice came first, and how often it came.
    by_order: Mutex<HashMap<String, (Instant, usize)>>,
    moved: Notify,
}

impl Arrivals {
    /// When an order's notice came first, and how often it came.
    pub fn of(&self, order: &str) -> Option<(Instant, usize)> {
        self.by_order.lock().unwrap_or_else(PoisonError::into_inner).get(order).copied()
    }

    /// Waits until so many orders have arrived for which `is_counted` holds.
    pub async fn until(&self, count: usize, is_counted: impl Fn(&str) -> bool) {
        loop {
            let moved = self.moved.notified();
            let arrived = {
                let by_order = self.by_order.lock().unwrap_or_else(PoisonError::into_inner);
                if by_order.len() < count { 0 } else { by_order.keys().filter(|order| is_counted(order)).count() }
            };
            if arrived >= count {
                return;
            }
            moved.await;
        }
    }

    fn note(&self, order: &str) {
        let now = Instant::now();
        let mut by_order = self.by_order.lock().unwrap_or_else(PoisonError::into_inner);
        by_order.entry(order.to_owned()).or_insert((now, 0)).1 += 1;
        drop(by_order);
        self.moved.notify_one();
    }
}

/// Starts a receiver and gives back its address.
///
/// # Errors
/// One line.
pub async fn start(kind: Kind, arrivals: &Arc<Arrivals>) -> Result<String, String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
    let url = format!("http://{}/notify", listener.local_addr().map_err(|error| error.to_string())?);
    let arrivals = Arc::clone(arrivals);
    match kind {
        Kind::Refusing => {}
        Kind::Silent => {
            tokio::spawn(async move {
                let mut held = Vec::new();
                while let Ok((stream, _)) = listener.accept().await {
                    held.push(stream);
                }
            });
        }
        Kind::Healthy | Kind::Slow => {
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let arrivals = Arc::clone(&arrivals);
                    tokio::spawn(async move { serve(stream, kind, &arrivals).await });
                }
            });
        }
    }
    Ok(url)
}

/// Answers requests until the other side has had enough.
async fn serve(mut stream: TcpStream, kind: Kind, arrivals: &Arrivals) -> Option<()> {
    let mut bytes = Vec::new();
    loop {
        let (length, order) = loop {
            if let Some(request) = parse(&bytes) {
                break request;
            }
            let read = stream.read_buf(&mut bytes).await.ok().filter(|read| *read > 0)?;
            if bytes.len() > REQUEST_MAX_BYTES + read {
                return None;
            }
        };
        bytes.drain(..length);
        if kind == Kind::Slow {
            tokio::time::sleep(SLOW_ANSWERS_AFTER).await;
        }
        arrivals.note(&order);
        stream.write_all(ANSWER).await.ok()?;
    }
}

/// A whole request: how long it is, and the order that its form names.
fn parse(bytes: &[u8]) -> Option<(usize, String)> {
    let head_end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(bytes.get(..head_end)?).ok()?;
    let header = |line: &'_ str| {
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") { value.trim().parse::<usize>().ok() } else { None }
    };
    let end = head_end + head.lines().find_map(header)?;
    let form = std::str::from_utf8(bytes.get(head_end..end)?).ok()?;
    let order = form.split('&').find_map(|pair| pair.strip_prefix("out_trade_no="))?;
    Some((end, order.to_owned()))
}
