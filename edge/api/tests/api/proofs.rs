//! Proving again who somebody is, and what a customer may spend. What a real passkey does is seen in the browser's tests.

use serde_json::{Value, json};

use crate::world::{Somebody, TestWorld, eur};

const PIN: &str = "739164";
const SECOND_NS: u64 = 1_000_000_000;

/// Somebody who has signed in, with 100 euros.
async fn signed_in(world: &TestWorld) -> Somebody {
    let anna = world.customer("Anna", 10_000).await;
    let support = world.staff(sycee_party::StaffRole::Support).await;
    world.post(&support, &format!("/parties/{}/pin", anna.number), &json!({"pin": PIN})).await.with(200);
    let body = json!({"login": anna.number.to_string(), "pin": PIN}).to_string();
    let session = world.request("POST", "/sessions", "", &body).await.with(200);
    Somebody { token: session["token"].as_str().unwrap().to_owned(), ..anna }
}

fn later(world: &TestWorld, seconds: u64) {
    world.clock.move_to(world.world.clock.now_ns() + seconds * SECOND_NS);
}

#[tokio::test]
async fn a_large_payment_asks_for_a_proof_and_a_small_one_does_not() {
    let world = TestWorld::start().await;
    let (anna, ben) = (signed_in(&world).await, world.customer("Ben", 0).await);
    let send = |minor: u64| json!({"payee": ben.number.to_string(), "money": eur(minor)});
    // Signing in is a proof.
    world.post_as("1", &anna, "/send", &send(3_001)).await.with(200);
    later(&world, 301);
    world.post_as("2", &anna, "/send", &send(3_000)).await.with(200);
    world.post_as("3", &anna, "/send", &send(3_001)).await.is_problem(403, "proof_needed");
    for wrong in [json!({}), json!({"pin": PIN, "ceremony": "x"}), json!({"ceremony": "x"})] {
        world.post(&anna, "/proof", &wrong).await.is_problem(422, "bad_field");
    }
    world.post(&anna, "/proof", &json!({"pin": "846275"})).await.is_problem(401, "sign_in_failed");
    world.post_as("3", &anna, "/send", &send(3_001)).await.is_problem(403, "proof_needed");
    world.post(&anna, "/proof", &json!({"pin": PIN})).await.with(200);
    world.post_as("3", &anna, "/send", &send(3_001)).await.with(200);
    assert_eq!(world.minor(&ben).await, 3_001 + 3_000 + 3_001);
    later(&world, 300);
    let order = json!({"order": {"out_trade_no": "A", "total": eur(3_001), "subject": "s"}});
    let shop = world.merchant("Shop").await;
    let made = world.post(&shop, "/orders", &order).await.with(200);
    let scanned = world.post(&anna, "/scan", &json!({"code": made["code"]})).await.with(200);
    let pay = format!("/orders/{}/pay", scanned["order"]["trade_no"].as_str().unwrap());
    later(&world, 1);
    world.post(&anna, &pay, &json!({})).await.is_problem(403, "proof_needed");
}

#[tokio::test]
async fn an_open_session_gives_nobody_a_way_in_for_ever() {
    let world = TestWorld::start().await;
    let anna = signed_in(&world).await;
    later(&world, 301);
    for (path, body) in [("/passkeys/begin", json!({})), ("/keys", json!({"algorithm": "hmac-sha256"}))] {
        world.post(&anna, path, &body).await.is_problem(403, "proof_needed");
    }
    world.post(&anna, "/proof", &json!({"pin": PIN})).await.with(200);
    world.post(&anna, "/keys", &json!({"algorithm": "hmac-sha256"})).await.with(200);
    // A program has nobody to ask, and proves nothing.
    let program = world.customer("Ben", 10_000).await;
    let send = json!({"payee": anna.number.to_string(), "money": eur(9_000)});
    world.post_as("1", &program, "/send", &send).await.with(200);
    world.post(&program, "/proof", &json!({"pin": PIN})).await.is_problem(403, "caller_unfit");
}

#[tokio::test]
async fn a_ceremony_is_its_owners_and_counts_once() {
    let world = TestWorld::start().await;
    let (anna, ben) = (signed_in(&world).await, world.customer("Ben", 0).await);
    let begun = world.post(&anna, "/passkeys/begin", &json!({})).await.with(200);
    assert_eq!(begun["options"]["user"]["displayName"], "Anna");
    let add = json!({"ceremony": begun["ceremony"], "credential": {"id": "x"}});
    world.post(&ben, "/passkeys", &add).await.is_problem(401, "passkey_refused");
    world.post(&anna, "/passkeys", &add).await.is_problem(401, "passkey_refused");
    assert_eq!(world.get(&anna, "/passkeys").await.with(200), json!({"passkeys": []}));
    world.post(&anna, "/proof/begin", &json!({})).await.is_problem(404, "not_found");
    let begun = world.request("POST", "/sessions/passkey/begin", "", "").await.with(200);
    assert_eq!(begun["options"]["allowCredentials"], json!([]));
    let answer = json!({"ceremony": begun["ceremony"], "credential": {"id": "x"}}).to_string();
    world.request("POST", "/sessions/passkey", "", &answer).await.is_problem(422, "bad_field");
    let none = world.request("DELETE", "/passkeys/x", &format!("Authorization: Bearer {}\r\n", anna.token), "").await;
    none.is_problem(404, "not_found");
}

fn of<'l>(limits: &'l Value, kind: &str) -> &'l Value {
    limits["limits"].as_array().unwrap().iter().find(|limit| limit["kind"] == kind).unwrap_or(&Value::Null)
}

#[tokio::test]
async fn limits_say_what_is_left() {
    let world = TestWorld::start().await;
    let (anna, ben) = (world.customer("Anna", 4_000).await, world.customer("Ben", 0).await);
    let support = world.staff(sycee_party::StaffRole::Support).await;
    let path = format!("/customers/{}/kyc-rank", anna.number);
    let full = world.get(&anna, "/limits").await.with(200);
    assert_eq!((&full["tier"], &full["limits"]), (&json!("full"), &json!([])));
    world.post_as("rank", &support, &path, &json!({"kyc_rank": 1})).await.with(200);
    let send = json!({"payee": ben.number.to_string(), "money": eur(1_200)});
    world.post_as("1", &anna, "/send", &send).await.with(200);
    let limits = world.get(&anna, "/limits").await.with(200);
    assert_eq!((&limits["tier"], &limits["proof_above"]), (&json!("simplified"), &eur(3_000)));
    assert_eq!(of(&limits, "transaction"), &json!({"kind": "transaction", "limit": eur(5_000)}));
    for kind in ["day", "month"] {
        let expected = json!({"kind": kind, "limit": eur(5_000), "used": eur(1_200), "left": eur(3_800)});
        assert_eq!(of(&limits, kind), &expected);
    }
    assert_eq!(of(&limits, "balance"), &Value::Null, "no limit");
    let names: Vec<&Value> = limits["tiers"].as_array().unwrap().iter().map(|tier| &tier["name"]).collect();
    assert_eq!(names, [&json!("simplified"), &json!("full")]);
    // The next day the day is new, and the month is not.
    later(&world, 86_400);
    let limits = world.get(&anna, "/limits").await.with(200);
    assert_eq!(of(&limits, "day")["left"], eur(5_000));
}
