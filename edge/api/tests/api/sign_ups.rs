//! Opening one's own wallet with the code that came to the phone.

use serde_json::{Value, json};

use crate::world::{Answer, Somebody, TestWorld};

const PHONE: &str = "+33612345678";
const PIN: &str = "739164";
const SECOND_NS: u64 = 1_000_000_000;

async fn sign_up(world: &TestWorld, name: &str) -> Answer {
    world.request("POST", "/sign-ups", "", &json!({"name": name, "phone": PHONE}).to_string()).await
}

async fn confirm(world: &TestWorld, begun: &Value, code: &Value, pin: &str) -> Answer {
    let body = json!({"sign_up": begun["sign_up"], "code": code, "pin": pin});
    world.request("POST", "/sign-ups/confirm", "", &body.to_string()).await
}

async fn sign_in(world: &TestWorld, pin: &str) -> Answer {
    world.request("POST", "/sessions", "", &json!({"login": PHONE, "pin": pin}).to_string()).await
}

fn somebody(session: &Value) -> Somebody {
    let number = session["party"].as_str().unwrap().parse().unwrap();
    Somebody { number, token: session["token"].as_str().unwrap().to_owned() }
}

#[tokio::test]
async fn a_wallet_is_opened_with_the_lowest_tier_and_its_owner_signs_in_again() {
    let world = TestWorld::start().await;
    let begun = sign_up(&world, "Amélie").await.with(200);
    let wrong = json!(if begun["code"] == "000000" { "000001" } else { "000000" });
    confirm(&world, &begun, &wrong, PIN).await.is_problem(401, "code_wrong");
    let session = confirm(&world, &begun, &begun["code"], PIN).await.with(200);
    let amelie = somebody(&session);
    let me = world.get(&amelie, "/me").await.with(200);
    assert_eq!(
        (&me["name"], &me["kyc_tier"], &me["role"]),
        (&json!("Amélie"), &json!("simplified"), &json!("customer"))
    );
    assert_eq!(world.get(&amelie, "/balances").await.with(200)["balances"][0]["minor"], "0");
    assert_eq!(sign_in(&world, PIN).await.with(200)["party"], session["party"]);
    // The answer may have been lost: the same again is the same wallet, and another PIN changes nothing.
    assert_eq!(confirm(&world, &begun, &begun["code"], PIN).await.with(200)["party"], session["party"]);
    confirm(&world, &begun, &begun["code"], "846275").await.is_problem(401, "code_wrong");
    // Nor is the PIN to be found out by it: the fifth time was the last.
    confirm(&world, &begun, &begun["code"], "846276").await.is_problem(401, "code_wrong");
    confirm(&world, &begun, &begun["code"], PIN).await.is_problem(401, "code_wrong");
    sign_in(&world, PIN).await.with(200);
}

#[tokio::test]
async fn a_pin_that_is_refused_costs_no_attempt_and_five_wrong_codes_end_it() {
    let world = TestWorld::start().await;
    let begun = sign_up(&world, "Anna").await.with(200);
    for _ in 0..10 {
        confirm(&world, &begun, &begun["code"], "123456").await.is_problem(422, "bad_field");
    }
    for _ in 0..5 {
        confirm(&world, &begun, &json!("x"), PIN).await.is_problem(401, "code_wrong");
    }
    confirm(&world, &begun, &begun["code"], PIN).await.is_problem(401, "code_wrong");
    let later = sign_up(&world, "Anna").await;
    later.is_problem(429, "sign_in_later");
    assert_eq!(later.header("retry-after"), Some("60"));
    sign_in(&world, PIN).await.is_problem(401, "sign_in_failed");
}

#[tokio::test]
async fn a_number_that_has_a_wallet_keeps_it() {
    let world = TestWorld::start().await;
    let first = sign_up(&world, "Anna").await.with(200);
    let anna = confirm(&world, &first, &first["code"], PIN).await.with(200);
    world.clock.move_to(world.world.clock.now_ns() + 60 * SECOND_NS);
    // Whoever asks is told nothing; whoever has the phone is.
    let second = sign_up(&world, "Zoe").await.with(200);
    confirm(&world, &second, &second["code"], "846275").await.is_problem(409, "contact_taken");
    assert_eq!(sign_in(&world, PIN).await.with(200)["party"], anna["party"]);
    assert_eq!(world.get(&somebody(&anna), "/me").await.with(200)["name"], "Anna");
}

#[tokio::test]
async fn outside_a_sandbox_nobody_is_shown_a_code() {
    let world = TestWorld::start_as(false, &|api| api).await;
    sign_up(&world, "Anna").await.is_problem(404, "path_not_found");
}
