//! Notices: posted, repeated by the world's clock, broken by testers, ended.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::json;
use sycee_engine::clock::Clock as _;
use sycee_engine::outbound::{FaultMode, Outbound as _};

use crate::world::TestWorld;

/// What a receiver does with the next notice.
#[derive(Clone, Copy)]
pub enum Reaction {
    Answer(u16, &'static str),
    Hang,
}

const SUCCESS: Reaction = Reaction::Answer(200, "success");
pub const FAIL: Reaction = Reaction::Answer(500, "fail");

/// A shop's receiver: keeps what it gets and reacts as it is told, then with success.
#[derive(Clone, Default)]
pub struct Receiver {
    bodies: Arc<Mutex<Vec<String>>>,
    reactions: Arc<Mutex<VecDeque<Reaction>>>,
}

impl Receiver {
    pub async fn start(reactions: &[Reaction]) -> (Self, String) {
        let receiver = Self { reactions: Arc::new(Mutex::new(reactions.iter().copied().collect())), ..Self::default() };
        let router = Router::new().route("/notify", post(take)).with_state(receiver.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/notify", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (receiver, url)
    }

    pub fn count(&self) -> usize {
        self.bodies.lock().unwrap().len()
    }

    pub fn body(&self, at: usize) -> String {
        self.bodies.lock().unwrap()[at].clone()
    }

    /// The fields of a notice, its signature checked.
    pub fn fields(&self, world: &TestWorld, at: usize) -> BTreeMap<String, String> {
        let body = self.bodies.lock().unwrap()[at].clone();
        let mut fields: BTreeMap<String, String> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        let (sign, sign_type) = (fields.remove("sign").unwrap(), fields.remove("sign_type").unwrap());
        let text: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert!(sign_type == "RSA2" && world.gateway.verify(text.join("&").as_bytes(), sign.as_bytes()), "{body}");
        assert!(fields.values().all(|value| !value.is_empty()));
        fields
    }
}

async fn take(State(receiver): State<Receiver>, body: String) -> (StatusCode, &'static str) {
    let reaction = receiver.reactions.lock().unwrap().pop_front().unwrap_or(SUCCESS);
    receiver.bodies.lock().unwrap().push(body);
    match reaction {
        Reaction::Answer(status, text) => (StatusCode::from_u16(status).unwrap(), text),
        Reaction::Hang => std::future::pending().await,
    }
}

impl TestWorld {
    pub async fn run_due(&self) {
        self.notifier.run_due(self.clock.now_ns()).await;
    }

    pub fn open_notices(&self) -> usize {
        self.cell("fr").effects.len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_repeated_by_the_clock_until_it_is_taken() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let customer = world.customer("fr", "+33612345678", 10_000).await;
    let (receiver, url) = Receiver::start(&[FAIL, Reaction::Answer(200, "mumble")]).await;
    assert_eq!(world.notifier.next_due_ns(), None);
    let paid = world.sell(&shop, customer, "12.50", &url).await;
    assert!(world.notifier.next_due_ns().unwrap() <= world.clock.now_ns());
    world.run_due().await;
    assert_eq!((receiver.count(), world.open_notices()), (1, 1));
    world.advance(60);
    world.run_due().await;
    assert_eq!(receiver.count(), 1, "not before its time");
    world.advance(60);
    world.run_due().await;
    assert_eq!(receiver.count(), 2);
    world.advance(600);
    world.run_due().await;
    assert_eq!((receiver.count(), world.open_notices()), (3, 0), "taken: the effect has ended");
    world.advance(100_000);
    world.run_due().await;
    assert_eq!((receiver.count(), world.notifier.next_due_ns()), (3, None));
    let bodies = receiver.bodies.lock().unwrap().clone();
    assert!(bodies.iter().all(|body| *body == bodies[0]), "every attempt posts the same");
    let fields = receiver.fields(&world, 0);
    let wanted = [
        ("trade_status", "TRADE_SUCCESS"),
        ("total_amount", "12.50"),
        ("notify_type", "trade_status_sync"),
        ("buyer_logon_id", "336******78"),
        ("subject", "Deux cafés"),
    ];
    for (name, value) in wanted {
        assert_eq!(fields[name], value, "{name}");
    }
    assert_eq!(fields["trade_no"], paid["trade_no"].as_str().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_eight_attempts_a_notice_has_failed() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let customer = world.customer("fr", "1", 10_000).await;
    let (receiver, url) = Receiver::start(&[FAIL; 20]).await;
    world.sell(&shop, customer, "1.00", &url).await;
    world.run_due().await;
    for (attempts, minutes) in [(2, 2), (3, 10), (4, 10), (5, 60), (6, 120), (7, 360), (8, 900)] {
        assert_eq!(world.open_notices(), 1);
        world.advance(minutes * 60);
        world.run_due().await;
        assert_eq!(receiver.count(), attempts);
    }
    assert_eq!((world.open_notices(), world.notifier.next_due_ns()), (0, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn refunds_and_closings_are_told() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let customer = world.customer("fr", "1", 10_000).await;
    let (receiver, url) = Receiver::start(&[]).await;
    let paid = world.sell(&shop, customer, "100.00", &url).await;
    for (number, amount) in [("r1", "30.00"), ("r2", "70.00")] {
        let content = json!({"trade_no": paid["trade_no"], "refund_amount": amount, "out_request_no": number});
        world.call(&shop, "alipay.trade.refund", content).await;
    }
    world.run_due().await;
    assert_eq!((receiver.count(), world.open_notices()), (3, 0));
    let mut seen: Vec<_> = (0..3).map(|at| receiver.fields(&world, at)).collect();
    seen.sort_by_key(|fields| fields.get("out_biz_no").cloned());
    let text = |at: usize, name: &str| seen[at].get(name).map(String::as_str);
    let wanted = [
        (None, None, "TRADE_SUCCESS"),
        (Some("r1"), Some("30.00"), "TRADE_SUCCESS"),
        (Some("r2"), Some("100.00"), "TRADE_CLOSED"),
    ];
    for (at, (number, fee, status)) in wanted.into_iter().enumerate() {
        assert_eq!(
            (text(at, "out_biz_no"), text(at, "refund_fee"), text(at, "trade_status")),
            (number, fee, Some(status))
        );
    }
    let ids: std::collections::BTreeSet<_> = seen.iter().map(|fields| fields["notify_id"].clone()).collect();
    assert_eq!(ids.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn testers_break_notices_as_they_say() {
    // How often it has arrived at once, how often after two minutes, and whether it is still open in between.
    let table = [
        (FaultMode::Lose, 0, 1, 1),
        (FaultMode::Delay, 0, 1, 1),
        (FaultMode::Double, 2, 2, 0),
        (FaultMode::TimeoutAfterDoing, 1, 2, 1),
    ];
    for (mode, at_once, later, open) in table {
        let world = TestWorld::start().await;
        let shop = world.shop("fr").await;
        let customer = world.customer("fr", "1", 10_000).await;
        let (receiver, url) = Receiver::start(&[]).await;
        world.world.faults.set(Some("fr"), "notification", mode, 1);
        world.sell(&shop, customer, "1.00", &url).await;
        world.run_due().await;
        assert_eq!((receiver.count(), world.open_notices()), (at_once, open), "{mode:?}");
        world.advance(120);
        world.run_due().await;
        assert_eq!((receiver.count(), world.open_notices()), (later, 0), "{mode:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_receiver_delays_nobody() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let customer = world.customer("fr", "1", 10_000).await;
    let (silent, silent_url) = Receiver::start(&[Reaction::Hang; 20]).await;
    let (receiver, url) = Receiver::start(&[]).await;
    let background = tokio::spawn(Arc::clone(&world.notifier).run());
    for _ in 0..6 {
        world.sell(&shop, customer, "1.00", &silent_url).await;
    }
    world.sell(&shop, customer, "1.00", &url).await;
    // Not time but order is the measure: it hears while the silent one's posts still hang.
    while receiver.count() == 0 || silent.count() < 4 {
        tokio::task::yield_now().await;
    }
    assert!(silent.count() <= 4, "so many at a time at one receiver");
    assert!(world.open_notices() >= 6);
    background.abort();
}
