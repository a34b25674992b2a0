//! Webhooks: what is posted, to whom, in which order, and what a receiver that is down misses (nothing).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sycee_api::{Api, Webhooks};
use sycee_engine::outbound::FaultMode;
use sycee_party::StaffRole;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::world::{Somebody, TestWorld, eur};

/// What a receiver was posted.
#[derive(Clone, Debug)]
struct Posted {
    head: String,
    body: String,
}

impl Posted {
    fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_else(|| panic!("{name} in {}", self.head))
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The signature by the specification: HMAC-SHA256 of id, timestamp and body with full stops between.
    fn is_signed_with(&self, secret: &str) -> bool {
        let secret = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let text = format!("{}.{}.{}", self.header("webhook-id"), self.header("webhook-timestamp"), self.body);
        let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), text.as_bytes());
        self.header("webhook-signature") == format!("v1,{}", STANDARD.encode(signature))
    }
}

/// A receiver that answers with the statuses that it was told, then with 200.
#[derive(Clone)]
struct Receiver {
    url: String,
    statuses: Arc<Mutex<VecDeque<u16>>>,
    posted: Arc<Mutex<Vec<Posted>>>,
    came: Arc<Notify>,
}

impl Receiver {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let receiver = Self { url, statuses: Arc::default(), posted: Arc::default(), came: Arc::default() };
        let here = receiver.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut read = String::new();
                let mut buffer = [0; 4096];
                let posted = loop {
                    let count = stream.read(&mut buffer).await.unwrap();
                    read.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
                    let Some((head, body)) = read.split_once("\r\n\r\n") else { continue };
                    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                    if body.len() >= length.unwrap().parse().unwrap() {
                        break Posted { head: head.to_owned(), body: body.to_owned() };
                    }
                };
                let status = here.statuses.lock().unwrap().pop_front().unwrap_or(200);
                here.posted.lock().unwrap().push(posted);
                let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
                here.came.notify_one();
            }
        });
        receiver
    }

    fn answers(&self, statuses: &[u16]) {
        self.statuses.lock().unwrap().extend(statuses);
    }

    /// What was posted, once it is so much.
    async fn posted(&self, count: usize) -> Vec<Posted> {
        loop {
            let posted = self.posted.lock().unwrap().clone();
            if posted.len() >= count {
                return posted;
            }
            self.came.notified().await;
        }
    }
}

/// A world whose webhooks run and wait a millisecond after a failure.
async fn world() -> TestWorld {
    let world = TestWorld::start().await;
    let webhooks = Webhooks::new(Arc::clone(&world.world), Vec::new()).unwrap();
    let retry = Duration::from_millis(1);
    let webhooks = Arc::new(webhooks.with_retry(retry, retry));
    tokio::spawn(Arc::clone(&webhooks).run());
    world.serving(&move |api: Api| api.with_webhooks(webhooks.clone())).await
}

async fn pay(world: &TestWorld, key: &str, from: &Somebody, shop: &Somebody, minor: u64) {
    let body = json!({"code": world.printed_code(shop), "total": eur(minor), "reference": "r"});
    world.post_as(key, from, "/pay-printed-code", &body).await.with(200);
}

#[tokio::test]
async fn what_concerns_a_merchant_is_posted_signed_and_in_order_until_it_is_taken() {
    let world = world().await;
    let (shop, other, anna) =
        (world.merchant("Shop").await, world.merchant("Other").await, world.customer("Anna", 10_000).await);
    let (receiver, second) = (Receiver::start().await, Receiver::start().await);
    pay(&world, "before", &anna, &shop, 1).await;
    let made = world.post(&shop, "/webhooks", &json!({"url": receiver.url})).await.with(200);
    let secret = made["secret"].as_str().unwrap().to_owned();
    let refunds = json!({"url": second.url, "types": ["acquiring.order_refunded"]});
    world.post(&shop, "/webhooks", &refunds).await.with(200);
    receiver.answers(&[500, 302, 404]);
    for minor in 2..=4 {
        pay(&world, &format!("k{minor}"), &anna, &shop, minor).await;
        pay(&world, &format!("o{minor}"), &anna, &other, minor).await;
    }
    // The first came four times, until it was taken; then the others, each once, and nobody else's.
    let posted = receiver.posted(6).await;
    let totals: Vec<Value> = posted.iter().map(|posted| posted.json()["data"]["total"].clone()).collect();
    assert_eq!(totals, [eur(2), eur(2), eur(2), eur(2), eur(3), eur(4)]);
    for posted in &posted {
        assert!(posted.head.starts_with("POST /hook HTTP/1.1"), "{}", posted.head);
        assert!(posted.is_signed_with(&secret), "{posted:?}");
        assert_eq!(posted.header("content-type"), "application/json");
        let event = posted.json();
        assert_eq!(
            (&event["type"], event["id"].as_str()),
            (&json!("acquiring.order_paid"), Some(posted.header("webhook-id")))
        );
    }
    // The same as the page shows.
    let page = world.get(&shop, "/events").await.with(200);
    assert_eq!(page["events"][1], posted[0].json());
    assert!(second.posted.lock().unwrap().is_empty());
    let list = world.get(&shop, "/webhooks").await.with(200);
    assert_eq!(list["webhooks"].as_array().unwrap().len(), 2);
    assert!(!list.to_string().contains("whsec_"), "{list}");
    assert_eq!(world.get(&other, "/webhooks").await.with(200)["webhooks"], json!([]));

    // Again from a place on, by command.
    let replay = format!("/webhooks/{}/replay", made["webhook"].as_str().unwrap());
    let body = json!({"after": posted[0].header("webhook-id")});
    world.post(&other, &replay, &body).await.is_problem(404, "not_found");
    world.post(&shop, &replay, &body).await.with(200);
    let again = receiver.posted(8).await;
    assert_eq!([again[6].json(), again[7].json()], [posted[4].json(), posted[5].json()]);

    // One that is deleted is told nothing more.
    let path = format!("/webhooks/{}", made["webhook"].as_str().unwrap());
    let bearer = |who: &Somebody| format!("Authorization: Bearer {}\r\n", who.token);
    world.request("DELETE", &path, &bearer(&other), "").await.is_problem(404, "not_found");
    world.request("DELETE", &path, &bearer(&shop), "").await.with(200);
    pay(&world, "late", &anna, &shop, 9).await;
    let order = world.get(&shop, "/events?type=acquiring.order_paid").await.with(200);
    let trade_no = order["events"].as_array().unwrap().last().unwrap()["data"]["trade_no"].clone();
    let refund = json!({"trade_no": trade_no, "amount": eur(9), "out_request_no": "R"});
    world.post(&shop, "/refunds", &refund).await.with(200);
    let refunded = second.posted(1).await;
    assert_eq!(refunded[0].json()["type"], "acquiring.order_refunded");
    assert_eq!(receiver.posted.lock().unwrap().len(), 8);
}

#[tokio::test]
async fn an_endpoint_that_is_dead_delays_no_other_and_misses_nothing() {
    let world = world().await;
    let (shop, anna) = (world.merchant("Shop").await, world.customer("Anna", 10_000).await);
    let support = world.staff(StaffRole::Support).await;
    let dead = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dead_address = dead.local_addr().unwrap();
    drop(dead);
    let receiver = Receiver::start().await;
    let url = format!("http://{dead_address}/hook");
    let made = world.post(&shop, "/webhooks", &json!({"url": url})).await.with(200);
    world.post(&support, "/webhooks", &json!({"url": receiver.url, "types": ["acquiring.order_paid"]})).await.with(200);
    for minor in 1..=20 {
        pay(&world, &format!("k{minor}"), &anna, &shop, minor).await;
    }
    let posted = receiver.posted(20).await;
    let totals: Vec<Value> = posted.iter().map(|posted| posted.json()["data"]["total"].clone()).collect();
    assert_eq!(totals, (1..=20).map(eur).collect::<Vec<_>>());
    // The dead one stands where it was, and says why.
    let one = loop {
        let list = world.get(&shop, "/webhooks").await.with(200);
        if list["webhooks"][0]["failures"].as_u64().is_some_and(|failures| failures > 1) {
            break list["webhooks"][0].clone();
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(one["last_failure"], "the host cannot be connected to");
    let page = world.get(&shop, &format!("/events?after={}", one["place"].as_str().unwrap())).await.with(200);
    assert_eq!(page["events"].as_array().unwrap().len(), 20);
    assert_eq!(one["webhook"], made["webhook"]);
}

#[tokio::test]
async fn a_fault_that_a_tester_sets_loses_an_answer_or_doubles_a_post() {
    let world = world().await;
    let (shop, anna) = (world.merchant("Shop").await, world.customer("Anna", 10_000).await);
    let receiver = Receiver::start().await;
    world.post(&shop, "/webhooks", &json!({"url": receiver.url})).await.with(200);
    world.world.faults.set(Some("fr"), "webhook", FaultMode::TimeoutAfterDoing, 1);
    pay(&world, "k1", &anna, &shop, 1).await;
    let posted = receiver.posted(2).await;
    assert_eq!(posted[0].header("webhook-id"), posted[1].header("webhook-id"));
    world.world.faults.set(Some("fr"), "webhook", FaultMode::Double, 1);
    pay(&world, "k2", &anna, &shop, 2).await;
    let posted = receiver.posted(4).await;
    assert_eq!(posted[2].json()["data"]["total"], eur(2));
    assert_eq!(posted[2].json(), posted[3].json());
}

#[tokio::test]
async fn what_is_no_address_no_type_or_too_much_is_refused() {
    let world = world().await;
    let (shop, anna) = (world.merchant("Shop").await, world.customer("Anna", 0).await);
    for (body, field) in [
        (json!({"url": "ftp://x/"}), "url"),
        (json!({"url": "http://user@x/"}), "url"),
        (json!({"url": "http://x/#f"}), "url"),
        (json!({"url": format!("http://x/{}", "y".repeat(1_024))}), "url"),
        (json!({"url": "http://x/", "types": ["order_paid"]}), "types"),
        (json!({"url": "http://x/", "after": "x"}), "after"),
    ] {
        let answer = world.post(&shop, "/webhooks", &body).await;
        answer.is_problem(422, "bad_field");
        assert_eq!(answer.json["field"], field, "{body}");
    }
    let good = json!({"url": "http://127.0.0.1:9/"});
    world.post(&anna, "/webhooks", &good).await.is_problem(403, "caller_unfit");
    for _ in 0..10 {
        world.post(&shop, "/webhooks", &good).await.with(200);
    }
    world.post(&shop, "/webhooks", &good).await.is_problem(403, "caller_unfit");
}

#[tokio::test]
async fn outside_a_sandbox_an_address_is_https_and_near_ones_are_not_called() {
    let world = TestWorld::start_as(false, &|api| api).await;
    let webhooks = Webhooks::new(Arc::clone(&world.world), Vec::new()).unwrap();
    let webhooks = Arc::new(webhooks.with_retry(Duration::from_millis(1), Duration::from_millis(1)));
    tokio::spawn(Arc::clone(&webhooks).run());
    let world = world.serving(&move |api: Api| api.with_webhooks(webhooks.clone())).await;
    let (shop, anna) = (world.merchant("Shop").await, world.customer("Anna", 100).await);
    world.post(&shop, "/webhooks", &json!({"url": "http://127.0.0.1:1/"})).await.is_problem(422, "bad_field");
    world.post(&shop, "/webhooks", &json!({"url": "https://127.0.0.1:1/"})).await.with(200);
    pay(&world, "k", &anna, &shop, 1).await;
    let failure = loop {
        let list = world.get(&shop, "/webhooks").await.with(200);
        if let Some(failure) = list["webhooks"][0]["last_failure"].as_str() {
            break failure.to_owned();
        }
        tokio::task::yield_now().await;
    };
    assert!(failure.starts_with("the host has no address that may be called"), "{failure}");
}
