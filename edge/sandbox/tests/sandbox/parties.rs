//! Opening and showing parties, their balances and the books.

use serde_json::{Value, json};

use crate::http::request;
use crate::world::TestWorld;

#[tokio::test(flavor = "multi_thread")]
async fn cells_are_listed_as_their_packs_say() {
    let world = TestWorld::start(Vec::new()).await;
    let expected = json!([
        {"cell": "fr", "market": "FR", "roles": ["wallet", "acquirer"], "currency": "EUR"},
        {"cell": "th", "market": "TH", "roles": ["wallet", "acquirer"], "currency": "THB"},
        {"cell": "kr", "market": "KR", "roles": ["wallet", "acquirer"], "currency": "KRW"},
        {"cell": "net", "market": "NET", "roles": ["network"], "currency": "USD"},
    ]);
    assert_eq!(world.get("/cells").await.with(200), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_opened_with_money_in_several_currencies() {
    let world = TestWorld::start(Vec::new()).await;
    let body = json!({
        "cell": "fr", "name": "Anna Rossi", "kyc_tier": "full", "phone": "+33 6 12 34 56 78",
        "balance": [{"currency": "EUR", "minor": 5000}, {"currency": "USD", "minor": 70}],
    });
    let opened = world.post("/customers", &body).await.with(200);
    let id = opened["customer_id"].as_str().unwrap();
    assert_eq!((id.len(), &id[..6]), (16, "208807"));
    let vault = &world.world.named("fr").unwrap().vault;
    let token = opened["token"].as_str().unwrap();
    assert_eq!(vault.token(token, 0).unwrap().map(|token| token.party.to_string()).as_deref(), Some(id));

    let balances = world.get(&format!("/customers/{id}/balances")).await.with(200);
    let expected = json!([
        {"currency": "EUR", "minor": 5000, "held_minor": 0},
        {"currency": "USD", "minor": 70, "held_minor": 0},
    ]);
    assert_eq!(balances, expected);
    let shown = world.get(&format!("/customers/{id}")).await.with(200);
    assert_eq!((&shown["name"], &shown["kyc_tier"]), (&json!("A*** R***"), &json!("full")));
    assert_eq!(shown["phone"], "336******78");

    // The bank holds what came in, in each currency.
    let balance = world.get("/cells/fr/trial-balance").await.with(200);
    let expected = json!([
        {"currency": "EUR", "debits_minor": 5000, "credits_minor": 5000},
        {"currency": "USD", "debits_minor": 70, "credits_minor": 70},
    ]);
    assert_eq!(balance["currencies"], expected);
    world.books_hold("fr").await;

    world.post("/customers", &body).await.is_problem(409, "contact_taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_gets_an_app_only_with_a_key() {
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    use aws_lc_rs::signature::KeyPair as _;
    use base64::Engine as _;
    let world = TestWorld::start(Vec::new()).await;
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let key = base64::engine::general_purpose::STANDARD.encode(pair.public_key().as_ref());

    let bare = world.post("/merchants", &json!({"cell": "th", "name": "ร้าน"})).await.with(200);
    assert!(bare.get("app_id").is_none(), "{bare}");
    assert_eq!(bare["gateway_public_key"], "gateway-key");
    assert_eq!(&bare["merchant_id"].as_str().unwrap()[..6], "208803");
    let with_key =
        world.post("/merchants", &json!({"cell": "th", "name": "Shop", "app_public_key": key})).await.with(200);
    let app_id = with_key["app_id"].as_str().unwrap();
    assert_eq!((app_id.len(), &app_id[..6]), (16, "202103"));

    let app: sycee_acquiring::record::App = world
        .world
        .named("th")
        .unwrap()
        .port
        .get(&sycee_acquiring::record::App::key(app_id.parse().unwrap()))
        .unwrap()
        .unwrap();
    // The record holds SPKI: an outer SEQUENCE around the algorithm rsaEncryption and the PKCS#1 key.
    assert!(app.public_key.ends_with(pair.public_key().as_ref()));
    assert!(app.public_key.len() > pair.public_key().as_ref().len());
    assert_eq!(app.merchant.to_string(), with_key["merchant_id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_opened_is_a_problem_and_opens_nothing() {
    let world = TestWorld::start(Vec::new()).await;
    let long = "x".repeat(201);
    let customers: &[(Value, u16, &str, &str)] = &[
        (json!({"cell": "fr"}), 400, "bad_request", "`name`"),
        (json!({"cell": "fr", "name": "A", "colour": 1}), 400, "bad_request", "`colour`"),
        (json!({"cell": "xx", "name": "A"}), 404, "cell_not_found", "fr, th"),
        (json!({"cell": "fr", "name": long}), 422, "bad_field", "name"),
        (json!({"cell": "fr", "name": "A", "kyc_tier": "gold"}), 422, "bad_field", "kyc_tier"),
        (json!({"cell": "fr", "name": "A", "pin": "12"}), 422, "bad_field", "pin"),
        (json!({"cell": "fr", "name": "A", "phone": "me"}), 422, "bad_field", "phone"),
        (json!({"cell": "fr", "name": "A", "balance": {"currency": "THB", "minor": 1}}), 422, "bad_field", "THB"),
        (json!({"cell": "fr", "name": "A", "balance": {"currency": "EUR", "minor": 0.5}}), 400, "bad_request", ""),
    ];
    for (body, status, code, says) in customers {
        let answer = world.post("/customers", body).await;
        answer.is_problem(*status, code);
        assert!(answer.json["detail"].as_str().unwrap().contains(says), "{}", answer.json);
    }
    let merchants = [
        (json!({"cell": "fr", "name": "A", "mcc": "54"}), 422, "bad_field"),
        (json!({"cell": "fr", "name": "A", "fee_bps": 10001}), 422, "bad_field"),
        (json!({"cell": "fr", "name": "A", "fee_bps": -1}), 400, "bad_request"),
        (json!({"cell": "fr", "name": "A", "app_public_key": "AAAA"}), 422, "bad_field"),
        (json!({"cell": "fr", "name": "A", "encrypt_key": "k"}), 422, "bad_field"),
        (json!({"cell": "fr", "name": "A", "encrypt_key": "AAECAwQFBgcICQoLDA0ODw=="}), 501, "not_available_yet"),
        (json!({"cell": "fr", "name": "A", "certificates": true}), 501, "not_available_yet"),
    ];
    for (body, status, code) in merchants {
        world.post("/merchants", &body).await.is_problem(status, code);
    }
    let counter = sycee_party::PartyCounter::key();
    let opened: Option<sycee_party::PartyCounter> = world.world.named("fr").unwrap().port.get(&counter).unwrap();
    assert_eq!(opened, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_methods_and_bodies_that_are_not_there_are_problems() {
    let world = TestWorld::start(Vec::new()).await;
    let merchant = world.merchant("fr").await;
    for (path, code) in [
        ("/nothing", "path_not_found"),
        ("/cells/xx/trial-balance", "cell_not_found"),
        ("/customers/2088070000000009/balances", "customer_not_found"),
        ("/customers/2088990000000000/balances", "customer_not_found"),
        ("/customers/12/balances", "customer_not_found"),
        (&format!("/customers/{merchant}/balances"), "customer_not_found"),
        ("/merchants/2088070000000009/balances", "merchant_not_found"),
    ] {
        world.get(path).await.is_problem(404, code);
    }
    world.get("/customers").await.is_problem(405, "method_not_allowed");
    world.post("/partners", &json!({})).await.is_problem(501, "not_available_yet");
    request(world.address, "POST", "/customers", "", "{").await.is_problem(400, "bad_request");
    let large = format!(r#"{{"cell":"fr","name":"{}"}}"#, "x".repeat(70_000));
    request(world.address, "POST", "/customers", "", &large).await.is_problem(413, "body_too_large");
}

#[tokio::test(flavor = "multi_thread")]
async fn frozen_parties_move_no_money() {
    let world = TestWorld::start(Vec::new()).await;
    let (customer, merchant) = (world.customer("fr", 1_000).await, world.merchant("fr").await);
    let code = world.static_code(&merchant).await;
    let pay = json!({"code": code, "amount": {"currency": "EUR", "minor": 1}, "confirm": true});
    for path in [format!("/customers/{customer}"), format!("/merchants/{merchant}")] {
        world.post(&format!("{path}/freeze"), &Value::Null).await.with(200);
        world.post(&format!("/customers/{customer}/pay"), &pay).await.is_problem(403, "party_frozen");
        world.post(&format!("{path}/unfreeze"), &Value::Null).await.with(200);
    }
    world.post(&format!("/customers/{customer}/pay"), &pay).await.with(200);
}
