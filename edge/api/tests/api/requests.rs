//! The request log: what is kept, whose it is, and what it says of signatures.

use serde_json::{Value, json};
use sycee_party::StaffRole;

use crate::signing::{Signer, hmac_key, hmac_signer};
use crate::world::{Somebody, TestWorld, eur};

async fn log(world: &TestWorld, who: &Somebody, query: &str) -> Vec<Value> {
    let page = world.get(who, &format!("/requests{query}")).await.with(200);
    page["requests"].as_array().unwrap().clone()
}

#[tokio::test]
async fn requests_are_kept_without_their_bodies_and_each_sees_its_own() {
    let world = TestWorld::start().await;
    let (shop, other, admin) =
        (world.merchant("Shop").await, world.merchant("Other").await, world.staff(StaffRole::Admin).await);
    let anna = world.customer("Anna", 1_000).await;
    world.get(&shop, "/me").await.with(200);
    let order = json!({"order": {"out_trade_no": "A-1", "total": eur(500), "subject": "secret tea"}});
    world.post(&shop, "/orders", &order).await.with(200);
    let body = json!({"payee": "2088070000100000", "money": eur(1), "extra": 1});
    world.post_as("k-1", &anna, "/send", &body).await.is_problem(400, "request_unreadable");
    world.get(&shop, "/orders/99999999999999999999999999999/x?token=hidden").await;
    world.get(&shop, "/events?limit=0").await.is_problem(422, "bad_field");
    let own = log(&world, &shop, "").await;
    let seen: Vec<(&str, u64)> =
        own.iter().map(|one| (one["operation"].as_str().unwrap(), one["status"].as_u64().unwrap())).collect();
    assert_eq!(seen, [("list_events", 422), ("create_order_with_code", 200), ("me", 200)]);
    assert_eq!((&own[0]["problem"], &own[0]["field"]), (&json!("bad_field"), &json!("limit")));
    assert_eq!((&own[1]["method"], &own[1]["path"]), (&json!("POST"), &json!("/api/v1/orders")));
    assert_eq!(own[1]["auth"], "token");
    assert!(own[1]["took_us"].as_u64().is_some_and(|took_us| took_us > 0), "{}", own[1]);
    let whole = json!(own).to_string();
    for kept_from in ["secret tea", &shop.token, "hidden", "limit=0"] {
        assert!(!whole.contains(kept_from), "{kept_from}: {whole}");
    }
    assert!(log(&world, &other, "").await.is_empty());
    world.get(&anna, "/requests").await.is_problem(403, "caller_unfit");
    let query = format!("?party={}", anna.number);
    world.get(&shop, &format!("/requests{query}")).await.is_problem(422, "bad_field");
    let annas = log(&world, &admin, &query).await;
    assert_eq!(annas.len(), 2, "{annas:?}");
    assert_eq!((&annas[1]["idempotency_key"], &annas[1]["status"]), (&json!("k-1"), &json!(400)));
    // Filters, and pages whose places stay although more has come.
    assert_eq!(log(&world, &shop, "?status=4xx&problem=bad_field&operation=list_events").await.len(), 1);
    let first = world.get(&shop, "/requests?limit=2&status=200").await.with(200);
    assert_eq!(first["has_more"], true);
    let next = format!("/requests?limit=200&status=200&before={}", first["next"].as_str().unwrap());
    let second = world.get(&shop, &next).await.with(200);
    let last = second["requests"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["operation"], &second["has_more"]), (&json!("me"), &json!(false)));
    for bad in ["before=x", "before=000000000000000000000001", "status=4x", "limit=0", "limit=201"] {
        world.get(&shop, &format!("/requests?{bad}")).await.is_problem(422, "bad_field");
    }
}

#[tokio::test]
async fn a_repeat_under_the_same_key_is_marked() {
    let world = TestWorld::start().await;
    let (anna, ben, admin) =
        (world.customer("Anna", 1_000).await, world.customer("Ben", 0).await, world.staff(StaffRole::Support).await);
    let send = json!({"payee": ben.number.to_string(), "money": eur(1)});
    for _ in 0..2 {
        world.post_as("k", &anna, "/send", &send).await.with(200);
    }
    let seen = log(&world, &admin, &format!("?operation=send&party={}", anna.number)).await;
    let replayed: Vec<bool> = seen.iter().map(|one| one["replayed"].as_bool().unwrap()).collect();
    assert_eq!(replayed, [true, false]);
}

#[tokio::test]
async fn a_signature_that_was_not_taken_is_explained_to_the_owner_of_its_key() {
    let world = TestWorld::start().await;
    let shop = world.merchant("Shop").await;
    let (key, secret) = hmac_key(&world, &shop).await;
    let good = || hmac_signer(&world, &key, &secret);
    let text = crate::signing::as_text(&secret);
    let base = ["@method", "@path", "content-digest", "idempotency-key"];
    let table: Vec<(&str, Signer<'_>, Option<&str>)> = vec![
        ("lower case", Signer { spoil: &|base| base.replace(": POST\n", ": post\n"), ..good() }, Some("@method")),
        ("no base path", Signer { spoil: &|base| base.replace("/api/v1/", "/"), ..good() }, Some("@path")),
        ("a line feed more", Signer { spoil: &|base| format!("{base}\n"), ..good() }, Some("@signature-params")),
        ("CR LF", Signer { spoil: &|base| base.replace('\n', "\r\n"), ..good() }, Some("@signature-params")),
        (
            "another scheme",
            Signer {
                components: &["@method", "@target-uri", "content-digest", "idempotency-key"],
                spoil: &|base| base.replace("http://", "https://"),
                ..good()
            },
            Some("@target-uri"),
        ),
        ("the secret as text", hmac_signer(&world, &key, &text), None),
        ("another secret", hmac_signer(&world, &key, &[1; 32]), None),
        ("too old", Signer { offset: -400, ..good() }, Some("@signature-params")),
        ("not the key", Signer { components: &base[..3], ..good() }, Some("idempotency-key")),
    ];
    let body = json!({"order": {"out_trade_no": "A-1", "total": eur(500), "subject": "tea"}});
    for (what, signer, component) in table {
        let answer = signer.post("/orders", "k", &body).await;
        answer.is_problem(401, "not_authenticated");
        let newest = log(&world, &shop, "?status=401&limit=1").await.remove(0);
        assert_eq!((&newest["auth"], newest["key"].as_str()), (&json!("signature"), Some(key.as_str())), "{what}");
        let said = &newest["signature"];
        assert_eq!(said["component"].as_str(), component, "{what}: {said}");
        let has_hint = said["hint"].is_string();
        assert_eq!(has_hint, what != "another secret", "{what}: {said}");
        // In a sandbox the answer says the same.
        assert_eq!(answer.json["signature_base"], said["base"], "{what}");
        assert_eq!(
            (&answer.json["signature_component"], &answer.json["signature_hint"]),
            (&said["component"], &said["hint"])
        );
        let base = said["base"].as_str().unwrap();
        assert!(
            base.starts_with("\"@method\": POST\n") && base.contains("\n\"@signature-params\": (\"@method\""),
            "{base}"
        );
    }
    // Whoever signs exactly that text is let in.
    good().post("/orders", "k", &body).await.with(200);
}
