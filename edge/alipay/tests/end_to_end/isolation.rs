//! Ten thousand notices to a hundred receivers, of which ten are dead and ten are slow: eighty never notice.
//!
//! What is asserted is an order: all notices of the healthy ones arrive, each once, while the dead ones still hang. How long
//! it took from commit to arrival is measured and printed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use sycee_acquiring::command::{CodeTarget, ISSUE_PAY_CODE, OrderFields, PAY_BY_CODE, PayByCode};
use sycee_contract::{Caller, Command};
use sycee_money::{Amount, Money};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::world::TestWorld;

const ROUNDS: usize = 100;
const MERCHANTS: usize = 10;
const RECEIVERS: usize = 100;
/// One round of a hundred notices in this time: four hundred in a second. What signs them (a signature takes most of a
/// millisecond), pays, and receives shares the machine; offered faster than it can sign, the figure would be that of its queue.
/// The environment variable `NOTICE_ROUND_MS` says another time.
const ROUND_EVERY_MS: u64 = 250;
const SLOW_ANSWERS_AFTER: Duration = Duration::from_millis(1_500);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Healthy,
    Slow,
    /// Takes the connection and never answers.
    Silent,
    /// Nobody listens.
    Refusing,
}

/// In each ten: a dead one, a slow one, eight healthy ones.
fn kind(receiver: usize) -> Kind {
    match (receiver % 10, receiver / 10 % 2) {
        (3, 0) => Kind::Silent,
        (3, _) => Kind::Refusing,
        (7, _) => Kind::Slow,
        _ => Kind::Healthy,
    }
}

#[derive(Default)]
struct Arrivals {
    /// When a healthy one got it, by order.
    healthy: Mutex<HashMap<String, (Instant, usize)>>,
    moved: Notify,
    slow: AtomicUsize,
    silent_connections: AtomicUsize,
}

fn order_of(body: &str) -> String {
    let mut pairs = form_urlencoded::parse(body.as_bytes());
    pairs.find(|(name, _)| name == "out_trade_no").map(|(_, value)| value.into_owned()).unwrap()
}

async fn take(State((arrivals, kind)): State<(Arc<Arrivals>, Kind)>, body: String) -> &'static str {
    if kind == Kind::Slow {
        tokio::time::sleep(SLOW_ANSWERS_AFTER).await;
        arrivals.slow.fetch_add(1, Ordering::SeqCst);
        return "success";
    }
    let mut healthy = arrivals.healthy.lock().unwrap();
    healthy.entry(order_of(&body)).or_insert((Instant::now(), 0)).1 += 1;
    arrivals.moved.notify_one();
    "success"
}

async fn receiver(kind: Kind, arrivals: &Arc<Arrivals>) -> String {
    if kind == Kind::Refusing {
        // It has its port and does not listen; a port that was given back could become another receiver's.
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let url = format!("http://{}/notify", socket.local_addr().unwrap());
        std::mem::forget(socket);
        return url;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/notify", listener.local_addr().unwrap());
    let arrivals = Arc::clone(arrivals);
    match kind {
        Kind::Refusing => unreachable!("it does not listen"),
        Kind::Silent => {
            tokio::spawn(async move {
                let mut held = Vec::new();
                while let Ok((stream, _)) = listener.accept().await {
                    held.push(stream);
                    arrivals.silent_connections.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        Kind::Healthy | Kind::Slow => {
            let router = Router::new().route("/notify", post(take)).with_state((arrivals, kind));
            tokio::spawn(async move { axum::serve(listener, router).await });
        }
    }
    url
}

fn order(out_trade_no: String, notify_url: &str, money: Money) -> OrderFields {
    OrderFields {
        app: None,
        out_trade_no,
        total: money,
        subject: "Ein Brot".into(),
        body: None,
        store: None,
        store_reference: None,
        terminal: None,
        operator: None,
        passback_params: None,
        notify_url: Some(notify_url.to_owned()),
        return_url: None,
        product_code: None,
        expires_at_ns: None,
        expires_after_seconds: None,
        required_buyer: None,
    }
}

/// One order for each receiver, all at once; gives back when each was acknowledged, which is when it was durable.
async fn sell_to_all(
    world: &TestWorld,
    round: usize,
    urls: &[String],
    merchants: &[u64],
    customer: u64,
) -> Vec<(String, Instant)> {
    let cell = world.cell("fr");
    let money = Money::new(Amount::new(1).unwrap(), cell.currency);
    let mut waiting = Vec::new();
    for (at, url) in urls.iter().enumerate() {
        let out_trade_no = format!("i{round}-{at}");
        let code_digest = cell.code_digest(&out_trade_no);
        let issue = Command::new(ISSUE_PAY_CODE, Caller::customer(customer), &CodeTarget { code_digest });
        let pay = PayByCode { order: order(out_trade_no.clone(), url, money), code_digest };
        let pay = Command::new(PAY_BY_CODE, Caller::merchant(merchants[at / 10]), &pay);
        let issued = cell.port.submit(issue).unwrap();
        waiting.push((out_trade_no, issued, cell.port.submit(pay).unwrap()));
    }
    let mut committed = Vec::new();
    for (out_trade_no, issued, paid) in waiting {
        issued.await.unwrap().unwrap().outcome.unwrap();
        paid.await.unwrap().unwrap().outcome.unwrap();
        committed.push((out_trade_no, Instant::now()));
    }
    committed
}

#[tokio::test(flavor = "multi_thread")]
async fn eighty_receivers_do_not_notice_ten_that_are_dead_and_ten_that_are_slow() {
    let world = TestWorld::start_on_disk().await;
    let customer = world.customer("fr", "1", 100_000).await;
    let mut merchants = Vec::new();
    for _ in 0..MERCHANTS {
        merchants.push(world.shop("fr").await.merchant);
    }
    let arrivals = Arc::new(Arrivals::default());
    let mut urls = Vec::new();
    for at in 0..RECEIVERS {
        urls.push(receiver(kind(at), &arrivals).await);
    }
    let background = tokio::spawn(Arc::clone(&world.notifier).run());
    let mut committed = Vec::new();
    let round_ms = std::env::var("NOTICE_ROUND_MS").ok().and_then(|text| text.parse().ok()).unwrap_or(ROUND_EVERY_MS);
    let mut pace = tokio::time::interval(Duration::from_millis(round_ms));
    let began = Instant::now();
    for round in 0..ROUNDS {
        pace.tick().await;
        committed.extend(sell_to_all(&world, round, &urls, &merchants, customer).await);
    }
    let offered = began.elapsed();
    let healthy = (0..RECEIVERS).filter(|at| kind(*at) == Kind::Healthy).count() * ROUNDS;
    assert_eq!((committed.len(), healthy), (10_000, 8_000));
    while arrivals.healthy.lock().unwrap().len() < healthy {
        arrivals.moved.notified().await;
    }
    // The dead ones were never released, and all that they have not taken is still to be sent.
    let dead = (0..RECEIVERS).filter(|at| matches!(kind(*at), Kind::Silent | Kind::Refusing)).count() * ROUNDS;
    assert!(world.cell("fr").effects.len() >= dead);
    assert!(arrivals.silent_connections.load(Ordering::SeqCst) > 0);
    let arrived = arrivals.healthy.lock().unwrap().clone();
    assert!(arrived.values().all(|(_, times)| *times == 1), "each once");
    let mut took: Vec<Duration> = committed
        .iter()
        .filter_map(|(order, at)| arrived.get(order).map(|(arrived, _)| arrived.saturating_duration_since(*at)))
        .collect();
    took.sort_unstable();
    assert_eq!(took.len(), healthy);
    println!(
        "10,000 notices to 100 receivers offered in {offered:?}; the healthy 80 had theirs after commit: \
         p50 {:?}, p99 {:?}, the last {:?}; the slow ones have had {} so far",
        took[healthy / 2],
        took[healthy * 99 / 100],
        took[healthy - 1],
        arrivals.slow.load(Ordering::SeqCst),
    );
    background.abort();
}
