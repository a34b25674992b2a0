//! Operations as customers, merchants and staff call them, and requests that are refused.

use serde_json::{Value, json};
use sycee_party::StaffRole;

use crate::world::{CELL, Somebody, TestWorld, eur};

fn digits_of(number: u64) -> String {
    number.to_string()
}

#[tokio::test]
async fn customers_send_ask_and_pay() {
    let world = TestWorld::start().await;
    let (anna, ben, shop) =
        (world.customer("Anna", 10_000).await, world.customer("Ben", 0).await, world.merchant("Shop").await);
    let me = world.get(&anna, "/me").await.with(200);
    assert_eq!((&me["role"], &me["name"], &me["cell"]), (&json!("customer"), &json!("Anna"), &json!("fr")));

    let send = json!({"payee": digits_of(ben.number), "money": eur(1_250)});
    let sent = world.post_as("s", &anna, "/send", &send).await.with(200);
    assert_eq!((&sent["money"], &sent["balance_minor"]), (&eur(1_250), &json!("8750")));

    let ask = json!({"payer": digits_of(anna.number), "money": eur(50)});
    let request = world.post_as("r", &ben, "/money-requests", &ask).await.with(200);
    let request = request["request"].as_str().unwrap().to_owned();
    let pay = format!("/money-requests/{request}/pay");
    world.post_as("p0", &ben, &pay, &json!({})).await.is_problem(403, "not_your_request");
    world.post_as("p1", &anna, &pay, &json!({})).await.with(200);
    let decline = format!("/money-requests/{request}/decline");
    world.post_as("d", &anna, &decline, &json!({})).await.is_problem(409, "request_ended");

    let code = world.printed_code(&shop);
    let scanned = world.post(&anna, "/scan", &json!({"code": code})).await.with(200);
    assert_eq!(scanned["shop"]["name"], "Shop");
    let paid = json!({"code": code, "total": eur(700), "reference": "table 4"});
    let paid = world.post_as("q", &anna, "/pay-printed-code", &paid).await.with(200);
    let order = world.get(&shop, &format!("/orders/{}", paid["trade_no"].as_str().unwrap())).await.with(200);
    assert_eq!((&order["status"], &order["total"]), (&json!("paid"), &eur(700)));
    assert_eq!((world.minor(&anna).await, world.minor(&ben).await, world.minor(&shop).await), (8_000, 1_300, 700));

    let codes = world.post(&anna, "/offline-codes", &json!({"count": 3})).await.with(200);
    assert_eq!(codes["auth_codes"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn merchants_create_charge_refund_and_transfer() {
    let world = TestWorld::start().await;
    let (anna, shop, other) =
        (world.customer("Anna", 10_000).await, world.merchant("Shop").await, world.merchant("Other").await);
    let wanted = |number: &str, minor| json!({"out_trade_no": number, "total": eur(minor), "subject": "tea"});

    let made = world.post(&shop, "/orders", &json!({"order": wanted("A-1", 500)})).await.with(200);
    assert_eq!((&made["order"]["status"], &made["repeated"]), (&json!("not_scanned"), &json!(false)));
    let again = world.post(&shop, "/orders", &json!({"order": wanted("A-1", 500)})).await.with(200);
    assert_eq!((&again["repeated"], &again["code"]), (&json!(true), &made["code"]));
    let differs = world.post(&shop, "/orders", &json!({"order": wanted("A-1", 501)})).await;
    differs.is_problem(409, "context_inconsistent");

    let scanned = world.post(&anna, "/scan", &json!({"code": made["code"]})).await.with(200);
    assert_eq!(scanned["seller"], world.get(&shop, "/me").await.with(200)["name"]);
    let trade_no = scanned["order"]["trade_no"].as_str().unwrap().to_owned();
    let pay = format!("/orders/{trade_no}/pay");
    assert_eq!(world.post(&anna, &pay, &json!({})).await.with(200)["order"]["status"], "paid");
    assert_eq!(world.post(&anna, &pay, &json!({})).await.with(200)["repeated"], true);
    assert_eq!(world.get(&anna, &format!("/orders/{trade_no}")).await.with(200)["status"], "paid");
    world.get(&other, &format!("/orders/{trade_no}")).await.is_problem(404, "not_found");
    world.post(&other, "/orders/cancel", &json!({"trade_no": trade_no})).await.is_problem(404, "not_found");

    let code = world.post(&anna, "/pay-code", &json!({})).await.with(200)["auth_code"].clone();
    let charge = json!({"order": wanted("A-2", 300), "auth_code": code});
    assert_eq!(world.post(&shop, "/orders/by-pay-code", &charge).await.with(200)["order"]["status"], "paid");
    assert_eq!(world.post(&shop, "/orders/by-pay-code", &charge).await.with(200)["repeated"], true);

    let part = json!({"out_trade_no": "A-1", "amount": eur(200), "out_request_no": "R-1"});
    let refund = world.post(&shop, "/refunds", &part).await.with(200);
    assert_eq!((&refund["cumulative"], &refund["repeated"]), (&eur(200), &json!(false)));
    assert_eq!(world.post(&shop, "/refunds", &part).await.with(200)["repeated"], true);
    let shown = world.get(&shop, "/orders/by-number/A-1/refunds/R-1").await.with(200);
    assert_eq!(shown["amount"], eur(200));
    let cancel = world.post(&shop, "/orders/cancel", &json!({"out_trade_no": "A-2"})).await.with(200);
    assert_eq!(cancel["action"], "refund");

    let buyer = digits_of(anna.number);
    let for_buyer = json!({"order": wanted("A-3", 10), "buyer": buyer});
    world.post(&shop, "/orders/for-buyer", &for_buyer).await.with(200);
    let closed = world.post(&shop, "/orders/close", &json!({"out_trade_no": "A-3"})).await.with(200);
    assert_eq!(closed["order"]["close_reason"], "closed");
    assert_eq!(world.get(&shop, "/orders/by-number/A-3").await.with(200)["status"], "closed");

    let transfer = json!({"out_biz_no": "T-1", "payee": buyer, "money": eur(100)});
    assert_eq!(world.post(&shop, "/merchant-transfers", &transfer).await.with(200)["repeated"], false);
    assert_eq!(world.post(&shop, "/merchant-transfers", &transfer).await.with(200)["repeated"], true);
    assert_eq!(world.get(&shop, "/merchant-transfers/T-1").await.with(200)["state"], "done");
    let store = world.post_as("st", &shop, "/stores", &json!({})).await.with(200)["store"].clone();
    world.post_as("te", &shop, "/terminals", &json!({"store": store})).await.with(200);
    assert_eq!((world.minor(&anna).await, world.minor(&shop).await), (10_000 - 300 + 100, 300 - 100));
}

#[tokio::test]
async fn staff_open_pay_in_freeze_and_look_at_the_books() {
    let world = TestWorld::start().await;
    let admin = world.staff(StaffRole::Admin).await;
    let opened = json!({"name": "Carla", "phone": "+33 6 12 34 56 78"});
    let carla = world.post_as("c", &admin, "/customers", &opened).await.with(200)["party"].as_str().unwrap().to_owned();
    let repeat = world.post_as("c", &admin, "/customers", &opened).await;
    assert_eq!((repeat.header("idempotent-replayed"), &repeat.json["party"]), (Some("true"), &json!(carla)));
    let other_name = world.post_as("c", &admin, "/customers", &json!({"name": "Carlo", "phone": "+33612345678"})).await;
    other_name.is_problem(409, "idempotency_key_reused");
    assert_eq!(other_name.json["field"], "person");

    let cash = json!({"money": eur(900), "bank_reference": "b1"});
    world.post_as("i", &admin, &format!("/customers/{carla}/cash-in"), &cash).await.with(200);
    let out = json!({"money": eur(100), "bank_reference": "b2"});
    let out = world.post_as("o", &admin, &format!("/customers/{carla}/cash-out"), &out).await.with(200);
    assert_eq!(out["balance_minor"], "800");
    world.post_as("k", &admin, &format!("/customers/{carla}/kyc-rank"), &json!({"kyc_rank": 1})).await.with(200);
    let unknown = world.post_as("k2", &admin, &format!("/customers/{carla}/kyc-rank"), &json!({"kyc_rank": 9})).await;
    unknown.is_problem(422, "tier_unknown");

    // By phone number, before and after the contact changes.
    let anna = world.customer("Anna", 500).await;
    let send = |phone: &str| json!({"payee": phone, "money": eur(1)});
    world.post_as("s1", &anna, "/send", &send("+33612345678")).await.with(200);
    let contact = json!({"phone": "+33699999999"});
    world.post_as("cc", &admin, &format!("/parties/{carla}/contact"), &contact).await.with(200);
    world.post_as("s2", &anna, "/send", &send("+33612345678")).await.is_problem(404, "payee_not_found");
    world.post_as("s3", &anna, "/send", &send("+33699999999")).await.with(200);

    let frozen = format!("/parties/{}/freeze", anna.number);
    world.post_as("f", &admin, &frozen, &json!({"reason_code": 3})).await.with(200);
    let problem = world.post_as("s4", &anna, "/send", &send("+33699999999")).await;
    problem.is_problem(403, "party_frozen");
    world.post_as("u", &admin, &format!("/parties/{}/unfreeze", anna.number), &json!({})).await.with(200);

    let shop = world.post_as("m", &admin, "/merchants", &json!({"name": "Shop", "mcc": "5411"})).await.with(200);
    let shop = shop["merchant"].as_str().unwrap().to_owned();
    let token = world.post(&admin, &format!("/parties/{shop}/tokens"), &json!({})).await.with(200);
    let shop = Somebody { number: shop.parse().unwrap(), token: token["token"].as_str().unwrap().to_owned() };
    assert_eq!(world.get(&shop, "/me").await.with(200)["name"], "Shop");
    world.post(&admin, &format!("/parties/{carla}/tokens"), &json!({})).await.is_problem(404, "not_found");
    let paid = json!({"code": world.printed_code(&shop), "total": eur(400)});
    world.post_as("pp", &anna, "/pay-printed-code", &paid).await.with(200);
    let fees = format!("/merchants/{}/settle-fees", shop.number);
    // 60 basis points of 4.00 are 2.4 cents: 2.
    let settled = world.post_as("sf", &admin, &fees, &json!({"currency": "EUR"})).await.with(200);
    assert_eq!((&settled["taken"], &settled["given_back"]), (&eur(2), &eur(0)));
    let balance = world.get(&admin, "/trial-balance").await.with(200);
    assert_eq!(balance["balanced"], true);
    assert_eq!(balance["currencies"][0]["debits_minor"], balance["currencies"][0]["credits_minor"]);
    let staff = world.post_as("st", &admin, "/staff", &json!({"name": "Dan", "staff_role": "cashier"})).await;
    staff.with(200);
}

#[tokio::test]
async fn each_role_may_ask_what_is_its_own() {
    let world = TestWorld::start().await;
    let (anna, shop) = (world.customer("Anna", 100).await, world.merchant("Shop").await);
    let cashier = world.staff(StaffRole::Cashier).await;
    let support = world.staff(StaffRole::Support).await;
    let finance = world.staff(StaffRole::Finance).await;
    let cash = format!("/customers/{}/cash-in", anna.number);
    let money = json!({"money": eur(1), "bank_reference": "b"});
    let freeze = format!("/parties/{}/freeze", anna.number);
    let refund = json!({"out_trade_no": "A", "amount": eur(1)});
    let send = json!({"payee": digits_of(anna.number), "money": eur(1)});
    let table: [(&Somebody, &str, Value, bool); 12] = [
        (&anna, "/refunds", refund.clone(), false),
        (&anna, &cash, money.clone(), false),
        (&shop, "/send", send.clone(), false),
        (&shop, "/pay-code", json!({}), false),
        (&shop, &freeze, json!({"reason_code": 1}), false),
        (&cashier, &cash, money.clone(), true),
        (&cashier, &freeze, json!({"reason_code": 1}), false),
        (&cashier, "/refunds", refund, false),
        (&finance, &cash, money, false),
        (&support, "/staff", json!({"name": "Eve", "staff_role": "admin"}), false),
        (&support, &format!("/parties/{}/tokens", cashier.number), json!({}), false),
        (&support, &freeze, json!({"reason_code": 1}), true),
    ];
    for (place, (who, path, body, allowed)) in table.into_iter().enumerate() {
        let answer = world.post_as(&format!("k{place}"), who, path, &body).await;
        if allowed { drop(answer.with(200)) } else { answer.is_problem(403, "caller_unfit") }
    }
    world.get(&cashier, "/trial-balance").await.is_problem(403, "caller_unfit");
    world.get(&finance, "/trial-balance").await.with(200);
}

#[tokio::test]
async fn bad_requests_are_problems_and_move_nothing() {
    let world = TestWorld::start().await;
    let (anna, shop) = (world.customer("Anna", 1_000).await, world.merchant("Shop").await);
    let admin = world.staff(StaffRole::Admin).await;
    let mut customers = Vec::new();
    for place in 0..60 {
        // One for each operation: a customer's bucket has room for no more.
        customers.push(world.customer(&format!("Customer {place}"), 100).await);
    }
    let mut admins = Vec::new();
    for place in 0..100 {
        // Likewise.
        admins.push(world.staff_named(CELL, StaffRole::Admin, &format!("Admin {place}")).await);
    }
    let before = world.get(&admin, "/trial-balance").await.with(200)["currencies"].clone();

    let document: Value = serde_json::from_str(&sycee_api::openapi_document(&world.world.products)).unwrap();
    let bodies = [
        "",
        "{",
        "[]",
        "7",
        "null",
        "\"x\"",
        "{\"unknown\":1}",
        "{\"money\":{\"currency\":\"EUR\",\"minor\":1}}",
        "{\"payee\":\"x\",\"money\":{\"currency\":\"EUR\",\"minor\":\"0\"},\"total\":null}",
        "{\"order\":{}}",
        "\u{0}",
    ];
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation["responses"]["200"]["content"]["text/event-stream"].is_object() {
                continue; // It does not end by itself.
            }
            let who = match operation["x-roles"][0].as_str().unwrap() {
                "customer" => &customers.pop().unwrap(),
                "merchant" => &shop,
                _ => &admins.pop().unwrap(),
            };
            let queries = operation["parameters"].as_array().into_iter().flatten();
            for query in queries.filter(|parameter| parameter["in"] == "query") {
                let name = query["name"].as_str().unwrap();
                let filled = path.replace(['{', '}'], "");
                for value in ["", "%00", "%ff", "-1", "99999999999999999999", "null", "2026-02-30", "AAAA"] {
                    let headers = format!("Authorization: Bearer {}\r\nAccept: text/csv\r\n", who.token);
                    let answer = world.request("GET", &format!("{filled}?{name}={value}"), &headers, "").await;
                    assert!(answer.status < 500 && answer.status != 429, "{filled}?{name}={value}: {}", answer.json);
                    asked += 1;
                }
            }
            for parameter in ["0", "x", "%00", "%ff", "99999999999999999999", "2088079999999999"] {
                let mut filled = path.clone();
                while let (Some(start), Some(end)) = (filled.find('{'), filled.find('}')) {
                    filled.replace_range(start..=end, parameter);
                }
                for (place, body) in bodies.iter().enumerate() {
                    let key = format!("{method}{place}{parameter}{path}").replace(['{', '}'], "");
                    let headers = format!("Authorization: Bearer {}\r\nIdempotency-Key: {key}\r\n", who.token);
                    let answer = world.request(&method.to_uppercase(), &filled, &headers, body).await;
                    assert!(
                        answer.status < 500 && answer.status != 429,
                        "{method} {filled} {body}: {} {}",
                        answer.status,
                        answer.json
                    );
                    asked += 1;
                }
                if &filled == path {
                    break;
                }
            }
        }
    }
    assert!(asked > 500, "{asked}");
    let after = world.get(&admin, "/trial-balance").await.with(200)["currencies"].clone();
    assert_eq!(before, after);
    assert_eq!(world.minor(&anna).await, 1_000);
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_named() {
    let world = TestWorld::start().await;
    let (anna, shop) = (world.customer("Anna", 1_000).await, world.merchant("Shop").await);
    let ben = digits_of(world.customer("Ben", 0).await.number);
    let send = |minor: Value| json!({"payee": ben, "money": {"currency": "EUR", "minor": minor}});
    let order = |total| json!({"order": {"out_trade_no": "A", "total": total, "subject": "s"}});
    /// Who asks, what; the status, the code and the field of the problem.
    type Case<'a> = (&'a Somebody, &'a str, Value, u16, &'a str, Option<&'a str>);
    let table: Vec<Case<'_>> = vec![
        (&anna, "/send", send(json!(5)), 400, "request_unreadable", None),
        (&anna, "/send", send(json!("1.5")), 400, "request_unreadable", None),
        (&anna, "/send", send(json!("0")), 422, "amount_zero", None),
        (&anna, "/send", send(json!("1001")), 402, "balance_not_enough", None),
        (&anna, "/send", json!({"payee": "no", "money": eur(1)}), 422, "bad_field", Some("payee")),
        (
            &anna,
            "/send",
            json!({"payee": "2088080000000000", "money": eur(1)}),
            422,
            "not_offered_abroad",
            Some("payee"),
        ),
        (&anna, "/scan", json!({"code": "hello"}), 422, "code_unknown", Some("code")),
        (&anna, "/offline-codes", json!({"count": 101}), 422, "bad_field", Some("count")),
        (&anna, "/keys", json!({"algorithm": "rsa"}), 400, "request_unreadable", None),
        (&anna, "/keys", json!({"algorithm": "ed25519"}), 422, "bad_field", Some("public_key")),
        (&shop, "/orders", order(eur(0)), 422, "bad_request", None),
        (&shop, "/orders/close", json!({}), 422, "bad_field", Some("out_trade_no")),
        (&shop, "/orders/close", json!({"out_trade_no": "none"}), 404, "trade_not_exist", None),
        (&shop, "/apps/1/key", json!({"public_key": "AAAA"}), 422, "bad_field", Some("public_key")),
        (&shop, "/nowhere", json!({}), 404, "path_not_found", None),
        (&shop, "/me", json!({}), 405, "method_not_allowed", None),
    ];
    for (place, (who, path, body, status, code, field)) in table.into_iter().enumerate() {
        let answer = world.post_as(&format!("k{place}"), who, path, &body).await;
        answer.is_problem(status, code);
        assert_eq!(answer.json["field"].as_str(), field, "{place}");
    }
    let long = "x".repeat(64 * 1024 + 1);
    let headers = format!("Authorization: Bearer {}\r\nIdempotency-Key: k\r\n", anna.token);
    world.request("POST", "/send", &headers, &long).await.is_problem(413, "body_too_large");
}

#[tokio::test]
async fn callers_have_buckets_and_are_told_what_is_left() {
    let world = TestWorld::start().await;
    let anna = world.customer("Anna", 0).await;
    let answer = world.get(&anna, "/me").await;
    assert_eq!(answer.header("ratelimit-policy"), Some("\"caller\";q=200;w=4"));
    assert_eq!(answer.header("ratelimit"), Some("\"caller\";r=199;t=1"));
}
