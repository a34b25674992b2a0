//! The stream of events: who sees what, by page and as server-sent events, and how a stream ends.

use std::time::Duration;

use serde_json::{Value, json};
use sycee_api::Api;
use sycee_party::StaffRole;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::world::{Somebody, TestWorld, eur};

fn types(page: &Value) -> Vec<&str> {
    page["events"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect()
}

/// All pages of `path`, of so many events each.
async fn all(world: &TestWorld, who: &Somebody, limit: usize, more: &str) -> Vec<Value> {
    let (mut events, mut after) = (Vec::new(), String::new());
    loop {
        let page = world.get(who, &format!("/events?limit={limit}{more}{after}")).await.with(200);
        events.extend(page["events"].as_array().unwrap().iter().cloned());
        if page["has_more"] == false {
            return events;
        }
        after = format!("&after={}", page["next"].as_str().unwrap());
    }
}

struct People {
    anna: Somebody,
    ben: Somebody,
    shop: Somebody,
    other: Somebody,
    trade_no: String,
}

/// Anna sends Ben 10 and pays the shop 500, of which 200 come back.
async fn some_history(world: &TestWorld) -> People {
    let (anna, ben) = (world.customer("Anna", 1_000).await, world.customer("Ben", 0).await);
    let (shop, other) = (world.merchant("Shop").await, world.merchant("Other").await);
    let send = json!({"payee": ben.number.to_string(), "money": eur(10)});
    world.post_as("s", &anna, "/send", &send).await.with(200);
    let order = json!({"order": {"out_trade_no": "A-1", "total": eur(500), "subject": "tea"}});
    let code = world.post(&shop, "/orders", &order).await.with(200)["code"].clone();
    let scanned = world.post(&anna, "/scan", &json!({"code": code})).await.with(200);
    let trade_no = scanned["order"]["trade_no"].as_str().unwrap().to_owned();
    world.post(&anna, &format!("/orders/{trade_no}/pay"), &json!({})).await.with(200);
    let refund = json!({"out_trade_no": "A-1", "amount": eur(200), "out_request_no": "R-1"});
    world.post(&shop, "/refunds", &refund).await.with(200);
    People { anna, ben, shop, other, trade_no }
}

#[tokio::test]
async fn each_sees_what_concerns_it_in_order_and_staff_sees_all() {
    let world = TestWorld::start().await;
    let people = some_history(&world).await;
    let admin = world.staff(StaffRole::Admin).await;
    let cashier = world.staff(StaffRole::Cashier).await;
    let (cash, sent) = ("wallet.cash_in_booked", "wallet.money_sent");
    let (paid, refunded) = ("acquiring.order_paid", "acquiring.order_refunded");
    let table: [(&str, &Somebody, &[&str]); 5] = [
        ("anna", &people.anna, &[cash, sent, paid, refunded]),
        ("ben", &people.ben, &[sent]),
        ("shop", &people.shop, &[paid, refunded]),
        ("other", &people.other, &[]),
        ("admin", &admin, &[cash, sent, paid, refunded]),
    ];
    for (name, who, expected) in table {
        let page = world.get(who, "/events").await.with(200);
        assert_eq!(types(&page), expected, "{name}");
        assert_eq!(page["has_more"], false, "{name}");
        for limit in [1, 2, 500] {
            let events = all(&world, who, limit, "").await;
            assert_eq!(json!(events), page["events"], "{name} {limit}");
        }
    }
    world.get(&cashier, "/events").await.is_problem(403, "caller_unfit");
    let page = world.get(&people.shop, &format!("/events?type={paid}")).await.with(200);
    let expected = json!({
        "trade_no": people.trade_no, "out_trade_no": "A-1", "merchant": people.shop.number.to_string(),
        "store": page["events"][0]["data"]["store"], "buyer": people.anna.number.to_string(),
        "total": eur(500), "payer_amount": eur(500),
    });
    assert_eq!(page["events"][0]["data"], expected);
    assert_eq!(page["events"][0]["cell"], "fr");
    assert!(page["events"][0]["timestamp"].as_str().unwrap().ends_with('Z'));
    let both = world.get(&people.anna, &format!("/events?type={refunded},{sent}")).await.with(200);
    assert_eq!(types(&both), [sent, refunded]);
    // Whoever begins now sees what comes, and no name of anybody is anywhere.
    let now = world.get(&people.ben, "/events?after=now").await.with(200);
    assert_eq!((types(&now).len(), &now["has_more"]), (0, &json!(false)));
    let back = json!({"payee": people.anna.number.to_string(), "money": eur(5)});
    world.post_as("b", &people.ben, "/send", &back).await.with(200);
    let next = world.get(&people.ben, &format!("/events?after={}", now["next"].as_str().unwrap())).await.with(200);
    assert_eq!(types(&next), [sent]);
    let everything = world.get(&admin, "/events").await.with(200).to_string();
    assert!(!everything.contains("Anna") && !everything.contains("Shop"), "{everything}");
}

#[tokio::test]
async fn what_is_no_cursor_type_limit_or_parameter_is_refused_by_name() {
    let world = TestWorld::start().await;
    let anna = world.customer("Anna", 100).await;
    let ahead = "AQcAAAAAAP____8A";
    let elsewhere = "AQgAAAAAAAAAAQAC";
    for (query, field) in [
        ("after=x", "after"),
        ("after=", "after"),
        (&format!("after={ahead}"), "after"),
        (&format!("after={elsewhere}"), "after"),
        ("type=order_paid", "type"),
        ("type=", "type"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=ten", "limit"),
    ] {
        let answer = world.get(&anna, &format!("/events?{query}")).await;
        answer.is_problem(422, "bad_field");
        assert_eq!(answer.json["field"], field, "{query}");
    }
    for query in ["afer=x", "limit=1&limit=2"] {
        world.get(&anna, &format!("/events?{query}")).await.is_problem(400, "request_unreadable");
    }
    world.get(&anna, "/events/stream?after=x").await.is_problem(422, "bad_field");
}

/// An open stream.
struct Open {
    lines: Lines<BufReader<TcpStream>>,
    head: String,
}

impl Open {
    async fn of(world: &TestWorld, who: &Somebody, query: &str, headers: &str) -> Self {
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        let request = format!(
            "GET /api/v1/events/stream{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {}\r\n{headers}\r\n",
            who.token
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut open = Self { lines: BufReader::new(stream).lines(), head: String::new() };
        while let Some(line) = open.lines.next_line().await.unwrap().filter(|line| !line.is_empty()) {
            open.head.push_str(&line);
            open.head.push('\n');
        }
        open
    }

    fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// The next line that begins so, without that beginning; `None` when the stream has ended.
    async fn line(&mut self, beginning: &str) -> Option<String> {
        while let Ok(Some(line)) = self.lines.next_line().await {
            if let Some(rest) = line.strip_prefix(beginning) {
                return Some(rest.to_owned());
            }
        }
        None
    }

    async fn event(&mut self) -> Value {
        serde_json::from_str(&self.line("data: ").await.unwrap()).unwrap()
    }
}

async fn send(world: &TestWorld, key: &str, from: &Somebody, to: &Somebody, minor: u64) {
    let body = json!({"payee": to.number.to_string(), "money": eur(minor)});
    world.post_as(key, from, "/send", &body).await.with(200);
}

#[tokio::test]
async fn a_stream_tells_what_happens_and_goes_on_where_it_was_cut_off() {
    let world = TestWorld::start().await;
    let (anna, ben) = (world.customer("Anna", 1_000).await, world.customer("Ben", 0).await);
    let mut open = Open::of(&world, &ben, "", "").await;
    assert_eq!(open.status(), 200, "{}", open.head);
    assert!(open.head.to_ascii_lowercase().contains("content-type: text/event-stream"), "{}", open.head);
    assert!(open.line("retry: ").await.is_some());
    for minor in 1..=3 {
        send(&world, &format!("s{minor}"), &anna, &ben, minor).await;
    }
    let mut last = String::new();
    for minor in 1..=3 {
        let id = open.line("id: ").await.unwrap();
        let event = open.event().await;
        assert_eq!((&event["data"]["money"], event["id"].as_str()), (&eur(minor), Some(id.as_str())));
        if minor == 2 {
            last = id;
        }
    }
    drop(open);
    send(&world, "s4", &anna, &ben, 4).await;
    let mut open = Open::of(&world, &ben, "", &format!("Last-Event-ID: {last}\r\n")).await;
    assert_eq!(open.event().await["data"]["money"], eur(3));
    assert_eq!(open.event().await["data"]["money"], eur(4));
    // The header goes before the parameter, as a reader that comes back by itself sends both.
    let mut open = Open::of(&world, &ben, "?after=now", &format!("Last-Event-ID: {last}\r\n")).await;
    assert_eq!(open.event().await["data"]["money"], eur(3));
    // The same events by page, with the same ids.
    let page = world.get(&ben, &format!("/events?after={last}")).await.with(200);
    assert_eq!(page["events"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_stream_shows_that_it_is_alive_and_ends_when_its_key_is_revoked() {
    let world = TestWorld::start_with(&|api: Api| api.with_heartbeat(Duration::from_millis(20))).await;
    let (anna, ben) = (world.customer("Anna", 1_000).await, world.customer("Ben", 0).await);
    let (key, secret) = crate::signing::hmac_key(&world, &ben).await;
    let headers = crate::signing::signed_get(&world, &key, &secret, "/events/stream");
    let mut open = Open::of(&world, &Somebody { token: String::new(), ..ben.clone() }, "", "").await;
    assert_eq!(open.status(), 401);
    let mut signed = Open::signed(&world, &headers).await;
    assert_eq!(signed.status(), 200, "{}", signed.head);
    let before = signed.line("id: ").await.unwrap();
    send(&world, "s", &anna, &ben, 1).await;
    let event = signed.event().await;
    assert_ne!(event["id"].as_str(), Some(before.as_str()));
    let bearer = format!("Authorization: Bearer {}\r\n", ben.token);
    world.request("DELETE", &format!("/keys/{key}"), &bearer, "").await.with(200);
    assert_eq!(signed.line("never: ").await, None, "the stream ends");
    assert_eq!(open.line("never: ").await, None);
}

impl Open {
    async fn signed(world: &TestWorld, headers: &str) -> Self {
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        let request = format!("GET /api/v1/events/stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut open = Self { lines: BufReader::new(stream).lines(), head: String::new() };
        while let Some(line) = open.lines.next_line().await.unwrap().filter(|line| !line.is_empty()) {
            open.head.push_str(&line);
            open.head.push('\n');
        }
        open
    }
}

#[tokio::test]
async fn streams_of_a_caller_are_counted_and_end_when_the_server_stops() {
    let (stop, stopping) = watch::channel(false);
    let world = TestWorld::start_with(&|api: Api| api.ending(stopping.clone())).await;
    let ben = world.customer("Ben", 0).await;
    let mut streams = Vec::new();
    for _ in 0..4 {
        let open = Open::of(&world, &ben, "", "").await;
        assert_eq!(open.status(), 200);
        streams.push(open);
    }
    world.get(&ben, "/events/stream").await.is_problem(429, "too_many_streams");
    let anna = world.customer("Anna", 0).await;
    assert_eq!(Open::of(&world, &anna, "", "").await.status(), 200, "another caller has its own");
    stop.send_replace(true);
    for open in &mut streams {
        assert_eq!(open.line("never: ").await, None);
    }
    let mut late = Open::of(&world, &ben, "", "").await;
    assert_eq!(late.line("never: ").await, None, "what is opened then ends at once");
}
