//! Signing in and out, PINs, the list of tokens, and a browser's cookie.

use serde_json::{Value, json};
use sycee_engine::vault::{NewToken, TokenKind};
use sycee_party::StaffRole;

use crate::world::{Answer, Somebody, TestWorld, eur};

const PHONE: &str = "+33 6 12-34-56-78";
const PIN: &str = "739164";

/// A customer with this phone number and PIN, opened by staff.
async fn customer(world: &TestWorld, phone: &str) -> u64 {
    let support = world.staff(StaffRole::Support).await;
    let opened =
        world.post_as("anna", &support, "/customers", &json!({"name": "Anna", "phone": phone})).await.with(200);
    let party = opened["party"].as_str().unwrap().to_owned();
    world.post(&support, &format!("/parties/{party}/pin"), &json!({"pin": PIN})).await.with(200);
    party.parse().unwrap()
}

async fn sign_in(world: &TestWorld, login: &str, pin: &str) -> Answer {
    world.request("POST", "/sessions", "", &json!({"login": login, "pin": pin}).to_string()).await
}

fn somebody(number: u64, session: &Value) -> Somebody {
    Somebody { number, token: session["token"].as_str().unwrap().to_owned() }
}

#[tokio::test]
async fn a_customer_signs_in_by_phone_or_number_and_out_again() {
    let world = TestWorld::start().await;
    let number = customer(&world, PHONE).await;
    for login in [PHONE, "+33612345678", &number.to_string()] {
        let session = sign_in(&world, login, PIN).await.with(200);
        assert_eq!((&session["status"], &session["cell"]), (&json!("signed_in"), &json!("fr")));
        let anna = somebody(number, &session);
        assert_eq!(world.get(&anna, "/me").await.with(200)["name"], "Anna");
        let out = world.request("DELETE", "/sessions/current", &bearer(&anna), "").await.with(200);
        assert_eq!(out["token_id"], session["token_id"]);
        world.get(&anna, "/me").await.is_problem(401, "not_authenticated");
    }
    // A session ends by itself.
    let anna = somebody(number, &sign_in(&world, PHONE, PIN).await.with(200));
    world.clock.move_to(world.world.clock.now_ns() + 31 * 86_400 * 1_000_000_000);
    world.get(&anna, "/me").await.is_problem(401, "not_authenticated");
}

fn bearer(who: &Somebody) -> String {
    format!("Authorization: Bearer {}\r\n", who.token)
}

#[tokio::test]
async fn wrong_pins_and_unknown_numbers_get_the_same_answers() {
    let world = TestWorld::start().await;
    customer(&world, PHONE).await;
    let mut answers = Vec::new();
    for login in [PHONE, "+33600000000", "2088070000099999", "2088080000000001"] {
        let mut said = Vec::new();
        for _ in 0..6 {
            let answer = sign_in(&world, login, "000001").await;
            said.push((answer.status, answer.header("retry-after").map(str::to_owned), answer.json));
        }
        answers.push(said);
    }
    assert_eq!(answers[0][0].2["code"], "sign_in_failed");
    assert_eq!((answers[0][5].0, &answers[0][5].2["code"]), (429, &json!("sign_in_later")));
    for other in &answers[1..] {
        for (known, unknown) in answers[0].iter().zip(other) {
            assert_eq!(
                (known.0, &known.2["code"], &known.2["title"]),
                (unknown.0, &unknown.2["code"], &unknown.2["title"])
            );
            assert_eq!(known.1.is_some(), unknown.1.is_some());
        }
    }
    // The right PIN is not judged either, whatever way the customer is named.
    sign_in(&world, PHONE, PIN).await.is_problem(429, "sign_in_later");
    world.clock.move_to(world.world.clock.now_ns() + 61 * 1_000_000_000);
    sign_in(&world, PHONE, PIN).await.with(200);
}

#[tokio::test]
async fn a_new_pin_ends_the_other_sessions_and_must_be_good() {
    let world = TestWorld::start().await;
    let number = customer(&world, PHONE).await;
    let (one, other) = (sign_in(&world, PHONE, PIN).await.with(200), sign_in(&world, PHONE, PIN).await.with(200));
    let (one, other) = (somebody(number, &one), somebody(number, &other));
    for (new, status) in [("123456", 422), ("73916", 422), (PIN, 200)] {
        let answer = world.post(&one, "/pin", &json!({"pin": PIN, "new_pin": new})).await;
        assert_eq!(answer.status, status, "{new}: {}", answer.json);
    }
    world.get(&other, "/me").await.is_problem(401, "not_authenticated");
    world.get(&one, "/me").await.with(200);
    world.post(&one, "/pin", &json!({"pin": "000001", "new_pin": "271828"})).await.is_problem(401, "sign_in_failed");
    world.post(&one, "/pin", &json!({"pin": PIN, "new_pin": "271828"})).await.with(200);
    sign_in(&world, PHONE, PIN).await.is_problem(401, "sign_in_failed");
    sign_in(&world, PHONE, "271828").await.with(200);
}

#[tokio::test]
async fn passwords_of_staff_are_set_by_admins_only() {
    let world = TestWorld::start().await;
    let (admin, support) = (world.staff(StaffRole::Admin).await, world.staff(StaffRole::Support).await);
    let (path, body) = (format!("/parties/{}/pin", support.number), json!({"pin": "correct horse"}));
    world.post(&support, &path, &body).await.is_problem(403, "caller_unfit");
    world.post(&admin, &path, &json!({"pin": "739164"})).await.is_problem(422, "bad_field");
    world.post(&admin, &path, &body).await.with(200);
    let session = sign_in(&world, &support.number.to_string(), "correct horse").await.with(200);
    let signed_in = somebody(support.number, &session);
    assert_eq!(world.get(&signed_in, "/me").await.with(200)["role"], "operator");
    let merchant = world.merchant("Shop").await;
    world.post(&admin, &format!("/parties/{}/pin", merchant.number), &body).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn tokens_are_listed_and_revoked_by_their_owner_only() {
    let world = TestWorld::start().await;
    let (admin, merchant) = (world.staff(StaffRole::Admin).await, world.merchant("Shop").await);
    let path = format!("/parties/{}/tokens", merchant.number);
    let made = world.post(&admin, &path, &json!({"label": "till 3", "days": 1})).await.with(200);
    world.post(&admin, &path, &json!({"days": 0})).await.is_problem(422, "bad_field");
    let till = somebody(merchant.number, &made);
    let list = world.get(&till, "/tokens").await.with(200);
    let listed: Vec<(&Value, &Value)> =
        list["tokens"].as_array().unwrap().iter().map(|token| (&token["label"], &token["current"])).collect();
    assert_eq!(listed, [(&Value::Null, &json!(false)), (&json!("till 3"), &json!(true))]);
    assert!(!list.to_string().contains(&till.token));
    let path = format!("/tokens/{}", made["token_id"].as_str().unwrap());
    world.request("DELETE", &path, &bearer(&admin), "").await.is_problem(404, "not_found");
    world.request("DELETE", &path, &bearer(&merchant), "").await.with(200);
    world.get(&till, "/me").await.is_problem(401, "not_authenticated");
    // What is made for another door opens none here.
    let wanted = NewToken::new("t07", merchant.number, TokenKind::Access);
    let (text, token) = world.cell().vault.issue(wanted).unwrap();
    let app = Somebody { number: merchant.number, token: text };
    world.get(&app, "/me").await.is_problem(401, "not_authenticated");
    world
        .request("DELETE", &format!("/tokens/{}", token.id), &bearer(&merchant), "")
        .await
        .is_problem(404, "not_found");
}

#[tokio::test]
async fn a_browser_keeps_its_session_in_a_cookie_that_only_our_pages_can_use() {
    let world = TestWorld::start().await;
    customer(&world, PHONE).await;
    let other = world.customer("Bruno", 0).await;
    let body = json!({"login": PHONE, "pin": PIN, "cookie": true}).to_string();
    let origin = format!("Origin: http://{}\r\n", world.address);
    world.request("POST", "/sessions", "Origin: https://evil.example\r\n", &body).await.is_problem(403, "cross_site");
    let answer = world.request("POST", "/sessions", &origin, &body).await;
    let cookie = answer.header("set-cookie").unwrap().to_owned();
    assert!(cookie.ends_with("; Path=/api/v1; Max-Age=43200; HttpOnly; SameSite=Strict"), "{cookie}");
    assert!(answer.with(200).get("token").is_none(), "scripts do not get it");
    let cookie = format!("Cookie: {}\r\n", cookie.split(';').next().unwrap());
    assert_eq!(world.request("GET", "/me", &cookie, "").await.with(200)["name"], "Anna");
    let send = json!({"payee": other.number.to_string(), "money": eur(1)}).to_string();
    for (headers, status, code) in [
        ("", 403, "cross_site"),
        ("Origin: https://evil.example\r\n", 403, "cross_site"),
        ("Sec-Fetch-Site: same-site\r\n", 403, "cross_site"),
        (&*origin, 400, "idempotency_key_missing"),
    ] {
        let headers = format!("{cookie}{headers}");
        world.request("POST", "/send", &headers, &send).await.is_problem(status, code);
    }
    let out = world.request("DELETE", "/sessions/current", &format!("{cookie}{origin}"), "").await;
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    out.with(200);
    world.request("GET", "/me", &cookie, "").await.is_problem(401, "not_authenticated");
}
