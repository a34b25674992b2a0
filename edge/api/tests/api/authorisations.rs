//! Money frozen for a merchant, through the API.

use serde_json::{Value, json};

use crate::world::{TestWorld, eur};

fn wanted(number: &str, request: &str, minor: u64) -> Value {
    json!({"out_order_no": number, "out_request_no": request, "title": "room 12", "amount": eur(minor)})
}

#[tokio::test]
async fn a_code_is_confirmed_paid_from_released_and_cancelled() {
    let world = TestWorld::start().await;
    let (anna, ben, shop) =
        (world.customer("Anna", 1_000).await, world.customer("Ben", 1_000).await, world.merchant("Hotel").await);
    let other = world.merchant("Other").await;
    let body = json!({"authorisation": wanted("F-1", "Q-1", 600)});
    let made = world.post(&shop, "/authorisations", &body).await.with(200);
    assert_eq!((&made["authorisation"]["state"], &made["repeated"]), (&json!("waits_for_customer"), &json!(false)));
    let again = world.post(&shop, "/authorisations", &body).await.with(200);
    assert_eq!((&again["repeated"], &again["code"]), (&json!(true), &made["code"]));
    let differs = json!({"authorisation": wanted("F-1", "Q-1", 601)});
    world.post(&shop, "/authorisations", &differs).await.is_problem(409, "authorisation_inconsistent");

    let scanned = world.post(&anna, "/scan", &json!({"code": made["code"]})).await.with(200);
    assert_eq!(scanned["authorisation"]["amount"], eur(600));
    let number = scanned["authorisation"]["authorisation_no"].as_str().unwrap().to_owned();
    let path = format!("/authorisations/{number}");
    let confirmed = world.post(&anna, &format!("{path}/confirm"), &json!({})).await.with(200);
    assert_eq!(confirmed["authorisation"]["held"], eur(600));
    assert_eq!(world.post(&anna, &format!("{path}/confirm"), &json!({})).await.with(200)["repeated"], true);
    assert_eq!(world.minor(&anna).await, 400, "what is frozen cannot be spent");
    world.post(&ben, &format!("{path}/confirm"), &json!({})).await.is_problem(403, "buyer_not_match");
    world.get(&ben, &path).await.is_problem(404, "not_found");
    world.get(&other, &path).await.is_problem(404, "not_found");
    assert_eq!(world.get(&anna, &path).await.with(200)["state"], "authorised");

    let order = |number: &str, minor| json!({"out_trade_no": number, "total": eur(minor), "subject": "breakfast"});
    let pay = json!({"order": order("O-1", 250)});
    let paid = world.post(&shop, &format!("{path}/pay"), &pay).await.with(200);
    assert_eq!(paid["order"]["status"], "paid");
    assert_eq!(world.post(&shop, &format!("{path}/pay"), &pay).await.with(200)["repeated"], true);
    let too_much = json!({"order": order("O-2", 351)});
    world.post(&shop, &format!("{path}/pay"), &too_much).await.is_problem(422, "authorisation_amount_exceeds");
    let release = json!({"out_request_no": "Q-2", "amount": eur(100), "remark": "less"});
    let released = world.post(&shop, &format!("{path}/release"), &release).await.with(200);
    assert_eq!((&released["authorisation"]["held"], &released["repeated"]), (&eur(250), &json!(false)));
    assert_eq!(world.post(&shop, &format!("{path}/release"), &release).await.with(200)["repeated"], true);
    world.post(&other, &format!("{path}/cancel"), &json!({})).await.is_problem(404, "not_found");
    let ended = world.post(&shop, &format!("{path}/cancel"), &json!({})).await.with(200);
    assert_eq!(ended["authorisation"]["state"], "closed");
    let shown = world.get(&shop, "/authorisations/by-number/F-1").await.with(200);
    assert_eq!((&shown["paid"], &shown["released"], &shown["held"]), (&eur(250), &eur(350), &eur(0)));
    assert_eq!((world.minor(&anna).await, world.minor(&shop).await), (750, 250));
    world
        .post(&shop, &format!("{path}/pay"), &json!({"order": order("O-3", 1)}))
        .await
        .is_problem(409, "authorisation_closed");
}

#[tokio::test]
async fn a_till_freezes_by_the_customers_code_and_lists_what_it_has() {
    let world = TestWorld::start().await;
    let (anna, shop) = (world.customer("Anna", 1_000).await, world.merchant("Hotel").await);
    let code = world.post(&anna, "/pay-code", &json!({})).await.with(200)["auth_code"].clone();
    let body = json!({"authorisation": wanted("F-1", "Q-1", 300), "auth_code": code});
    let made = world.post(&shop, "/authorisations/by-pay-code", &body).await.with(200);
    assert_eq!(made["authorisation"]["state"], "authorised");
    let number = made["authorisation"]["authorisation_no"].as_str().unwrap();
    let last = json!({"order": {"out_trade_no": "O", "total": eur(200), "subject": "=SUM(A1)"}, "is_last": true});
    world.post(&shop, &format!("/authorisations/{number}/pay"), &last).await.with(200);
    assert_eq!(world.minor(&anna).await, 800);
    world.post(&shop, "/authorisations", &json!({"authorisation": wanted("F-2", "Q-2", 50)})).await.with(200);
    let list = world.get(&shop, "/authorisations").await.with(200);
    let states: Vec<&Value> = list["items"].as_array().unwrap().iter().map(|item| &item["state"]).collect();
    assert_eq!(states, ["finished", "waits_for_customer"]);
    let waiting = world.get(&shop, "/authorisations?state=waits_for_customer").await.with(200);
    assert_eq!(waiting["items"][0]["out_order_no"], "F-2");
    let lines = world.csv(&shop, "/authorisations").await;
    assert_eq!(lines.len(), 3);
    assert!(lines[1].contains(",F-1,finished,3.00,0.00,2.00,1.00,EUR,"), "{}", lines[1]);
    world
        .post(&shop, "/authorisations/by-pay-code", &json!({"authorisation": wanted("F", "Q", 1), "auth_code": "12"}))
        .await
        .is_problem(422, "bad_field");
}
