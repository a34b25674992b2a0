//! The clock and what is due, and faults.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use serde_json::{Value, json};
use sycee_acquiring::record::PayCode;
use sycee_contract::{Key, cell::TIMER};
use sycee_engine::outbound::{FaultMode, Outbound};

use crate::http::Answer;
use crate::world::TestWorld;

fn now(answer: Answer) -> Timestamp {
    answer.with(200)["now"].as_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advance_moves_the_clock_and_fires_what_is_due() {
    let world = TestWorld::start(Vec::new()).await;
    let before = now(world.get("/clock").await);
    let mut codes = Vec::new();
    for cell in ["fr", "th"] {
        let customer = world.customer(cell, 0).await;
        let shown = world.post(&format!("/customers/{customer}/pay-code"), &Value::Null).await.with(200);
        let digest = world.world.named(cell).unwrap().code_digest(shown["auth_code"].as_str().unwrap());
        codes.push((cell, PayCode::key(digest)));
    }
    let lives =
        |(cell, key): &(&str, Key)| world.world.named(cell).unwrap().port.get::<PayCode>(key).unwrap().is_some();
    assert!(codes.iter().all(lives));

    let after = now(world.post("/clock/advance", &json!({"seconds": 3600})).await);
    assert!(after.duration_since(before).as_secs() >= 3_600, "{before} {after}");
    assert!(!codes.iter().any(lives), "codes live a minute");
    for cell in &world.world.cells {
        assert!(cell.port.begin_read().scan(&Key::new(TIMER), None, 1).unwrap().is_empty(), "{}", cell.name);
    }
    world.books_hold("fr").await;
    world.post("/clock/advance", &json!({"seconds": 99_999_999_999_u64})).await.is_problem(422, "bad_field");
    world.post("/clock/advance", &json!({"hours": 1})).await.is_problem(400, "bad_request");
}

/// Attempts at fixed times after the start, which notes when it was asked to make them.
struct Attempts {
    due_ns: Mutex<Vec<u64>>,
    made: Mutex<Vec<(u64, u64)>>,
}

impl Outbound for Attempts {
    fn next_due_ns(&self) -> Option<u64> {
        self.due_ns.lock().unwrap().first().copied()
    }

    fn run_due(&self, now_ns: u64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            let mut due_ns = self.due_ns.lock().unwrap();
            while due_ns.first().is_some_and(|due| *due <= now_ns) {
                self.made.lock().unwrap().push((due_ns.remove(0), now_ns));
            }
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_are_made_in_order_each_when_it_is_due() {
    let attempts = Arc::new(Attempts { due_ns: Mutex::default(), made: Mutex::default() });
    let world = TestWorld::start(vec![attempts.clone()]).await;
    let start = u64::try_from(now(world.get("/clock").await).as_nanosecond()).unwrap();
    let seconds = |count: u64| start + count * 1_000_000_000;
    let hour = 3_600;
    *attempts.due_ns.lock().unwrap() = vec![seconds(hour), seconds(5 * hour), seconds(9 * hour), seconds(30 * hour)];
    world.post("/clock/advance", &json!({"seconds": 10 * hour})).await.with(200);
    let made = attempts.made.lock().unwrap().clone();
    assert_eq!(
        made.iter().map(|(due, _)| *due).collect::<Vec<_>>(),
        [seconds(hour), seconds(5 * hour), seconds(9 * hour)]
    );
    for (due, at) in made {
        assert!(at - due < hour * 1_000_000_000, "made long after it was due, at {at} instead of {due}");
    }
    assert_eq!(*attempts.due_ns.lock().unwrap(), [seconds(30 * hour)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_are_set_for_a_cell_or_for_all() {
    let world = TestWorld::start(Vec::new()).await;
    let body = json!({"cell": "fr", "effect": "notification", "mode": "timeout-after-doing", "count": 1});
    assert_eq!(world.post("/faults", &body).await.with(200), body);
    world.post("/faults", &json!({"effect": "payout", "mode": "lose", "count": 1})).await.with(200);
    assert_eq!(world.world.faults.take("th", "notification"), None);
    assert_eq!(world.world.faults.take("fr", "notification"), Some(FaultMode::TimeoutAfterDoing));
    assert_eq!(world.world.faults.take("fr", "notification"), None);
    assert_eq!(world.world.faults.take("th", "payout"), Some(FaultMode::Lose));
    let unknown = json!({"cell": "xx", "effect": "payout", "mode": "lose", "count": 1});
    world.post("/faults", &unknown).await.is_problem(404, "cell_not_found");
    world.post("/faults", &json!({"effect": "rain", "mode": "lose", "count": 1})).await.is_problem(400, "bad_request");
}
