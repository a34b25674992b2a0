//! Who somebody is before they are paid, and money that people ask each other for.

use serde_json::{Value, json};
use sycee_engine::vault::{Handle, Person};
use sycee_party::Party;

use crate::world::{CELL, OTHER, Somebody, TestWorld, eur};

/// A customer who has this phone, opened as people do it themselves.
async fn with_phone(world: &TestWorld, name: &str, phone: &str) -> Somebody {
    let begun =
        world.request("POST", "/sign-ups", "", &json!({"name": name, "phone": phone}).to_string()).await.with(200);
    let body = json!({"sign_up": begun["sign_up"], "code": begun["code"], "pin": "739164"}).to_string();
    let session = world.request("POST", "/sign-ups/confirm", "", &body).await.with(200);
    let number = session["party"].as_str().unwrap().parse().unwrap();
    Somebody { number, token: session["token"].as_str().unwrap().to_owned() }
}

fn named(payee: &str) -> Value {
    json!({"payee": payee})
}

#[tokio::test]
async fn a_payee_is_known_by_the_first_word_of_a_name() {
    let world = TestWorld::start().await;
    let anna = world.customer("Anna Rossi", 100).await;
    let ben = with_phone(&world, "Ben Okafor Müller", "+33612345678").await;
    let expected = json!({"party": ben.number.to_string(), "name": "Ben O*** M***"});
    for text in ["+33612345678", "+33 6 12 34 56 78", &ben.number.to_string()] {
        assert_eq!(world.post(&anna, "/payees", &named(text)).await.with(200), expected, "{text}");
    }
    let shop = world.merchant("Café du Port").await;
    let far = (2_088_000_000_000_000_u64 + u64::from(OTHER) * 10_000_000_000 + 1).to_string();
    let table: [(&str, u16, &str); 6] = [
        ("+33699999999", 404, "payee_not_found"),
        (&shop.number.to_string(), 422, "payee_not_customer"),
        (&anna.number.to_string(), 422, "payee_is_payer"),
        ("hello", 422, "bad_field"),
        ("", 422, "bad_field"),
        (&far, 422, "not_offered_abroad"),
    ];
    for (text, status, code) in table {
        world.post(&anna, "/payees", &named(text)).await.is_problem(status, code);
    }
    world.post(&shop, "/payees", &named(&ben.number.to_string())).await.is_problem(403, "caller_unfit");
    let party: Party = world.cell().port.get(&Party::key(ben.number)).unwrap().unwrap();
    world.cell().vault.erase_person(Handle(party.person)).unwrap();
    assert_eq!(world.post(&anna, "/payees", &named(&ben.number.to_string())).await.with(200)["name"], Value::Null);
}

#[tokio::test]
async fn nobody_tries_phone_numbers_one_after_the_other() {
    let world = TestWorld::start().await;
    let (anna, ben) = (world.customer("Anna", 0).await, world.customer("Ben", 0).await);
    let mut refused = None;
    for last in 0..40 {
        let answer = world.post(&anna, "/payees", &named(&format!("+336000000{last:02}"))).await;
        if answer.status == 429 {
            refused = Some((last, answer));
            break;
        }
        answer.is_problem(404, "payee_not_found");
    }
    // Twenty at once, and perhaps some more while the test took its time.
    let (last, answer) = refused.expect("it must end");
    assert!(last >= 20, "{last}");
    answer.is_problem(429, "too_many_requests");
    assert!(answer.header("retry-after").is_some());
    world.post(&ben, "/payees", &named("+33600000000")).await.is_problem(404, "payee_not_found");
}

#[tokio::test]
async fn both_see_what_was_asked_for_and_what_became_of_it() {
    let world = TestWorld::start().await;
    let (anna, ben) = (world.customer("Anna Rossi", 1_000).await, world.customer("Ben Okafor", 0).await);
    let stranger = world.customer("Zoe", 0).await;
    let mut requests = Vec::new();
    for (key, minor) in [("a", 100), ("b", 200), ("c", 300), ("d", 400)] {
        let ask = json!({"payer": anna.number.to_string(), "money": eur(minor)});
        requests.push(world.post_as(key, &ben, "/money-requests", &ask).await.with(200)["request"].clone());
    }
    let answer = |place: usize, what: &str| format!("/money-requests/{}/{what}", requests[place].as_str().unwrap());
    world.post_as("p", &anna, &answer(0, "pay"), &json!({})).await.with(200);
    world.post_as("d", &anna, &answer(1, "decline"), &json!({})).await.with(200);
    world.clock.move_to(world.world.clock.now_ns() + 3 * 86_400 * 1_000_000_000);
    let ask = json!({"payer": ben.number.to_string(), "money": eur(5)});
    world.post_as("e", &anna, "/money-requests", &ask).await.with(200);

    let list = |who: &Somebody, query: &str| {
        let (who, path) =
            (Somebody { number: who.number, token: who.token.clone() }, format!("/money-requests{query}"));
        let world = &world;
        async move {
            let page = world.get(&who, &path).await.with(200);
            let seen = |item: &Value| {
                format!("{} {} {}", item["direction"], item["money"]["minor"], item["state"]).replace('"', "")
            };
            page["items"].as_array().unwrap().iter().map(seen).collect::<Vec<_>>()
        }
    };
    let all =
        ["outgoing 5 open", "incoming 400 open", "incoming 300 open", "incoming 200 declined", "incoming 100 paid"];
    assert_eq!(list(&anna, "").await, all);
    assert_eq!(list(&anna, "?direction=incoming&state=open").await, ["incoming 400 open", "incoming 300 open"]);
    assert_eq!(list(&anna, "?order=oldest&limit=1").await, ["incoming 100 paid"]);
    assert_eq!(list(&ben, "?state=declined").await, ["outgoing 200 declined"]);
    assert_eq!(list(&stranger, "").await, [""; 0]);
    let first = world.get(&anna, "/money-requests?direction=incoming&limit=1").await.with(200);
    let item = &first["items"][0];
    assert_eq!((&item["other_name"], &item["other_party"]), (&json!("Ben O***"), &json!(ben.number.to_string())));
    assert_eq!(item["request"], requests[3]);
    let next = first["next"].as_str().unwrap();
    assert_eq!(list(&anna, &format!("?direction=incoming&limit=1&cursor={next}")).await, ["incoming 300 open"]);
    // Seven days after they were made they have ended by themselves.
    world.clock.move_to(world.world.clock.now_ns() + 4 * 86_400 * 1_000_000_000);
    assert_eq!(list(&anna, "?state=expired").await, ["incoming 400 expired", "incoming 300 expired"]);
    assert_eq!(list(&anna, "?state=open").await, ["outgoing 5 open"]);
    world.get(&world.merchant("Shop").await, "/money-requests").await.is_problem(403, "caller_unfit");
}

#[tokio::test]
async fn a_movement_tells_who_was_on_the_other_side_and_keeps_a_note() {
    let world = TestWorld::start().await;
    let (anna, ben) = (world.customer("Anna Rossi", 1_000).await, world.customer("Ben Okafor", 0).await);
    let shop = world.merchant("Café du Port").await;
    let send = json!({"payee": ben.number.to_string(), "money": eur(100)});
    world.post_as("s", &anna, "/send", &send).await.with(200);
    let pay = json!({"code": world.printed_code(&shop), "total": eur(450)});
    world.post_as("p", &anna, "/pay-printed-code", &pay).await.with(200);
    let history = world.get(&anna, "/history").await.with(200)["items"].clone();
    let names: Vec<&Value> = history.as_array().unwrap().iter().map(|item| &item["other_name"]).collect();
    assert_eq!(names, [&json!("Café du Port"), &json!("Ben O***"), &Value::Null]);
    assert_eq!(world.get(&ben, "/history").await.with(200)["items"][0]["other_name"], "Anna R***");

    let movement = history[1]["movement"].as_str().unwrap();
    let path = format!("/history/{movement}/note");
    let written = world.post(&anna, &path, &json!({"text": "  dinner, my half "})).await.with(200);
    assert_eq!(written, json!({"movement": movement, "note": "dinner, my half"}));
    let seen = world.get(&anna, "/history").await.with(200)["items"].clone();
    assert_eq!((&seen[1]["note"], &seen[0]["note"]), (&json!("dinner, my half"), &Value::Null));
    let line = world.csv(&anna, "/history").await[2].clone();
    assert!(line.contains("Ben O***") && line.contains("\"dinner, my half\"") && line.contains(movement), "{line}");
    // Nobody else sees it: not who was paid, whose own movement this is too, and not staff.
    assert_eq!(world.get(&ben, "/history").await.with(200)["items"][0]["note"], Value::Null);
    let support = world.staff(sycee_party::StaffRole::Support).await;
    let staffs = world.get(&support, &format!("/customers/{}/history", anna.number)).await.with(200);
    assert_eq!(staffs["items"][1]["note"], Value::Null);
    // Ben's own of the same movement is another.
    world.post(&ben, &path, &json!({"text": "back from Anna"})).await.with(200);
    assert_eq!(world.get(&anna, "/history").await.with(200)["items"][1]["note"], "dinner, my half");
    world.post(&world.customer("Zoe", 0).await, &path, &json!({"text": "mine"})).await.is_problem(404, "not_found");
    for id in ["1-2-3", "x", "20261130-1"] {
        let path = format!("/history/{id}/note");
        world.post(&anna, &path, &json!({"text": "mine"})).await.is_problem(404, "not_found");
    }
    for text in ["n".repeat(201), "two\nlines".to_owned()] {
        world.post(&anna, &path, &json!({"text": text})).await.is_problem(422, "bad_field");
    }
    assert_eq!(world.post(&anna, &path, &json!({"text": ""})).await.with(200), json!({"movement": movement}));
    assert_eq!(world.get(&anna, "/history").await.with(200)["items"][1]["note"], Value::Null);
}

#[tokio::test]
async fn limits_say_how_many_codes_a_phone_may_keep() {
    let world = TestWorld::start().await;
    let limits = world.get(&world.customer("Anna", 0).await, "/limits").await.with(200);
    let market = world.numbered(CELL).market().unwrap();
    match market.offline_codes {
        None => assert_eq!(limits["offline_codes"], Value::Null),
        Some(terms) => {
            assert_eq!(limits["offline_codes"]["count"], terms.count);
            assert_eq!(limits["offline_codes"]["lifetime_seconds"], terms.hours * 3_600);
            assert_eq!(limits["offline_codes"]["amount_limit"], eur(terms.amount_limit.minor()));
        }
    }
}

#[tokio::test]
async fn money_of_a_made_up_bank_comes_once_for_a_key_and_in_a_sandbox_only() {
    let world = TestWorld::start().await;
    let (anna, ben) = (world.customer("Anna", 0).await, world.customer("Ben", 0).await);
    let body = json!({"money": eur(2_000)});
    let came = world.post_as("first", &anna, "/top-ups", &body).await.with(200);
    assert_eq!((&came["money"], &came["balance_minor"]), (&eur(2_000), &json!("2000")));
    let again = world.post_as("first", &anna, "/top-ups", &body).await;
    assert_eq!(
        (again.header("idempotent-replayed"), again.json["transfer"].clone()),
        (Some("true"), came["transfer"].clone())
    );
    // The same key of somebody else is another.
    world.post_as("first", &ben, "/top-ups", &body).await.with(200);
    let other = json!({"money": eur(1)});
    world.post_as("first", &anna, "/top-ups", &other).await.is_problem(409, "idempotency_key_reused");
    world.post(&anna, "/top-ups", &body).await.is_problem(400, "idempotency_key_missing");
    world.post_as("x", &world.merchant("Shop").await, "/top-ups", &body).await.is_problem(403, "caller_unfit");
    assert_eq!((world.minor(&anna).await, world.minor(&ben).await), (2_000, 2_000));
    let real = TestWorld::start_as(false, &|api| api).await;
    let zoe = real.customer("Zoe", 0).await;
    real.post_as("x", &zoe, "/top-ups", &body).await.is_problem(404, "path_not_found");
    assert_eq!(real.minor(&zoe).await, 0);
}

#[test]
fn a_person_without_a_name_is_nobody() {
    assert_eq!(Person::default().hidden_name(), "");
}
