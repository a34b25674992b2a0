//! Exactly once.

use serde_json::json;

use crate::world::{TestWorld, eur};

#[tokio::test]
async fn a_repeat_gets_the_stored_reply_and_says_so() {
    let world = TestWorld::start().await;
    let (anna, ben) = (world.customer("Anna", 1_000).await, world.customer("Ben", 0).await);
    let send = json!({"payee": ben.number.to_string(), "money": eur(300)});
    let first = world.post_as("k", &anna, "/send", &send).await;
    assert_eq!((first.status, first.header("idempotent-replayed")), (200, None));
    let again = world.post_as("k", &anna, "/send", &send).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (200, Some("true")));
    assert_eq!(first.json, again.json);
    assert_eq!((world.minor(&anna).await, world.minor(&ben).await), (700, 300));
    // Another caller's key of the same text is another key.
    let back = json!({"payee": anna.number.to_string(), "money": eur(100)});
    assert_eq!(world.post_as("k", &ben, "/send", &back).await.header("idempotent-replayed"), None);
}

#[tokio::test]
async fn a_key_with_another_request_is_refused_and_the_field_is_named() {
    let world = TestWorld::start().await;
    let (anna, ben) = (world.customer("Anna", 1_000).await, world.customer("Ben", 0).await);
    let shop = world.merchant("Shop").await;
    world.post_as("k", &anna, "/send", &json!({"payee": ben.number.to_string(), "money": eur(1)})).await.with(200);
    let code = world.printed_code(&shop);
    let pay = |total, reference: &str| json!({"code": code, "total": eur(total), "reference": reference});
    world.post_as("k", &anna, "/pay-printed-code", &pay(5, "a")).await.with(200);
    let table = [
        ("/send", json!({"payee": ben.number.to_string(), "money": eur(2)}), "money"),
        ("/send", json!({"payee": "+33612345678", "money": eur(1)}), "payee"),
        ("/pay-printed-code", pay(6, "a"), "total"),
        ("/pay-printed-code", pay(5, "b"), "reference"),
    ];
    for (path, body, field) in table {
        let answer = world.post_as("k", &anna, path, &body).await;
        answer.is_problem(409, "idempotency_key_reused");
        assert_eq!(answer.json["field"], field, "{body}");
    }
    assert_eq!(world.minor(&anna).await, 994);
}

#[tokio::test]
async fn a_request_without_a_key_is_not_done() {
    let world = TestWorld::start().await;
    let (anna, ben) = (world.customer("Anna", 1_000).await, world.customer("Ben", 0).await);
    let send = json!({"payee": ben.number.to_string(), "money": eur(300)});
    world.post(&anna, "/send", &send).await.is_problem(400, "idempotency_key_missing");
    let long = "k".repeat(129);
    world.post_as(&long, &anna, "/send", &send).await.is_problem(422, "bad_field");
    assert_eq!(world.minor(&anna).await, 1_000);
}
