//! Payments across a border, and what the network's operator does.

use serde_json::{Value, json};
use sycee_party::StaffRole;

use crate::world::{CELL, NETWORK, OTHER, TestWorld, eur};

fn thb(minor: u64) -> Value {
    json!({"currency": "THB", "minor": minor.to_string()})
}

#[tokio::test]
async fn a_customer_sees_the_price_and_pays_exactly_that() {
    let world = TestWorld::start_border().await;
    let (anna, ben) = (world.customer("Anna", 10_000).await, world.customer("Ben", 10_000).await);
    let shop = world.merchant_in(OTHER, "Noodles").await;
    let code = world.printed_code(&shop);
    let scanned = world.post(&anna, "/scan", &json!({"code": code})).await.with(200);
    assert_eq!(scanned, json!({"abroad": {"cell": "th", "currency": "THB", "kind": "shop", "name": "Shop"}}));
    let at_home = json!({"code": code, "total": eur(1)});
    world.post_as("h", &anna, "/pay-printed-code", &at_home).await.is_problem(422, "not_offered_abroad");
    world.post_as("n", &anna, "/quotes", &json!({"code": code})).await.is_problem(422, "bad_field");

    let ask = json!({"code": code, "amount": thb(40_000), "reference": "table 4"});
    let quote = world.post_as("q", &anna, "/quotes", &ask).await.with(200);
    // 400.00 baht at 0.025 are 10.00 euros; the margin of one per cent is 10 cents.
    assert_eq!((&quote["state"], &quote["cell"]), (&json!("quoted"), &json!("th")));
    let offer = &quote["offer"];
    assert_eq!((&offer["price"], &offer["total"], &offer["mid_market"]), (&thb(40_000), &eur(1_010), &eur(1_000)));
    assert_eq!((&offer["margin"], &offer["fee"], &offer["residual_minor"]), (&eur(10), &eur(0), &json!("0")));
    assert_eq!((&offer["rate"], &offer["customer_rate"]), (&json!("0.025"), &json!("0.02525")));
    let again = world.post_as("q", &anna, "/quotes", &ask).await;
    assert_eq!((again.header("idempotent-replayed"), &again.json["quote"]), (Some("true"), &quote["quote"]));
    let path = format!("/quotes/{}", quote["quote"].as_str().unwrap());
    assert_eq!(world.get(&anna, &path).await.with(200)["offer"], quote["offer"]);
    // How long it is good goes by the server's clock.
    let left = offer["seconds_left"].as_u64().unwrap();
    world.clock.move_to(world.world.clock.now_ns() + 10 * 1_000_000_000);
    assert_eq!(world.get(&anna, &path).await.with(200)["offer"]["seconds_left"], left - 10);
    world.get(&ben, &path).await.is_problem(404, "not_found");
    world.post(&ben, &format!("{path}/pay"), &json!({})).await.is_problem(404, "not_found");

    let paid = world.post(&anna, &format!("{path}/pay"), &json!({})).await.with(200);
    assert_eq!((&paid["state"], &paid["total"]), (&json!("paid"), &eur(1_010)));
    let repeat = world.post(&anna, &format!("{path}/pay"), &json!({})).await.with(200);
    assert_eq!(repeat["payment"], paid["payment"]);
    assert_eq!((world.minor(&anna).await, world.minor(&shop).await), (8_990, 40_000));
    let payment = format!("/payments/{}", paid["payment"].as_str().unwrap());
    world.get(&ben, &payment).await.is_problem(404, "not_found");
    assert_eq!(world.get(&anna, &path).await.with(200)["state"], "used");

    // The shop gives a quarter back; it arrives at the rate of the day of payment.
    let order = world.get(&shop, "/received-payments").await.with(200)["items"][0]["order"].clone();
    assert_eq!(order["trade_no"], paid["trade_no"]);
    let refund = json!({"trade_no": order["trade_no"], "out_request_no": "R-1", "amount": thb(10_000)});
    world.post(&shop, "/refunds", &refund).await.with(200);
    let key = sycee_wallet::BALANCE.of(anna.number, sycee_money::Currency::EUR);
    for _ in 0..1_000 {
        let account = world.cell().port.begin_read().account(key).unwrap().unwrap();
        if account.balance_minor() > 8_990 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    // A quarter of 10.10, halves to even: 2.52 or 2.53; with the fee's rule of cumulative shares it is 2.53.
    let shown = world.get(&anna, &payment).await.with(200);
    assert_eq!(shown["returned"], eur(world.minor(&anna).await - 8_990));
    let history = world.get(&anna, "/history").await.with(200);
    let kinds: Vec<&Value> = history["items"].as_array().unwrap().iter().map(|item| &item["kind"]).collect();
    assert_eq!(kinds, ["refund_abroad", "payment_abroad", "cash_in"]);
    assert_eq!(history["items"][1]["payment"], paid["payment"]);
    assert_eq!(history["items"][0]["payment"], paid["payment"]);
}

#[tokio::test]
async fn quotes_that_cannot_be_are_problems_and_late_ones_are_not_paid() {
    let world = TestWorld::start_border().await;
    let (anna, poor) = (world.customer("Anna", 10_000).await, world.customer("Poor", 5).await);
    let shop = world.merchant_in(OTHER, "Noodles").await;
    let (abroad, own) = (world.printed_code(&shop), world.printed_code(&world.merchant("Own").await));
    let table = [
        (json!({"code": own, "amount": eur(1)}), 422, "bad_field"),
        (json!({"code": "hello", "amount": thb(1)}), 422, "code_unknown"),
        (json!({"code": abroad, "amount": thb(0)}), 422, "bad_request"),
        (json!({"code": abroad, "amount": thb(1)}), 422, "amount_too_small"),
        (json!({"code": "2026112998000000000000000017"}), 422, "cell_unknown"),
        (json!({"amount": thb(1)}), 400, "request_unreadable"),
    ];
    for (place, (body, status, code)) in table.into_iter().enumerate() {
        world.post_as(&format!("k{place}"), &anna, "/quotes", &body).await.is_problem(status, code);
    }
    world.post_as("m", &shop, "/quotes", &json!({"code": own, "amount": eur(1)})).await.is_problem(403, "caller_unfit");
    world.get(&anna, "/quotes/1").await.is_problem(404, "not_found");
    world.get(&anna, "/payments/1").await.is_problem(404, "not_found");

    let ask = json!({"code": abroad, "amount": thb(40_000)});
    let quote = world.post_as("p", &poor, "/quotes", &ask).await.with(200);
    let path = format!("/quotes/{}/pay", quote["quote"].as_str().unwrap());
    world.post(&poor, &path, &json!({})).await.is_problem(402, "buyer_balance_not_enough");

    // The shop has no account in euros: its operator refuses, and the money is back at once.
    let euros = json!({"code": abroad, "amount": eur(100)});
    let quote = world.post_as("e", &anna, "/quotes", &euros).await.with(200);
    let path = format!("/quotes/{}/pay", quote["quote"].as_str().unwrap());
    let refused = world.post(&anna, &path, &json!({})).await.with(200);
    assert_eq!((&refused["state"], &refused["refusal"]), (&json!("refused"), &json!("currency_not_supported")));
    assert_eq!(refused["money"], "Nothing was paid; the money is in the customer's balance.");
    assert_eq!(world.minor(&anna).await, 10_000);

    let quote = world.post_as("l", &anna, "/quotes", &ask).await.with(200);
    let path = format!("/quotes/{}", quote["quote"].as_str().unwrap());
    world.clock.move_to(sycee_engine::clock::Clock::now_ns(&world.clock) + 61_000_000_000);
    assert_eq!(world.get(&anna, &path).await.with(200)["state"], "expired");
    world.post(&anna, &format!("{path}/pay"), &json!({})).await.is_problem(402, "quote_expired");
    assert_eq!((world.minor(&anna).await, world.minor(&shop).await), (10_000, 0));
}

#[tokio::test]
async fn merchants_take_foreign_codes_and_send_money_abroad_as_at_home() {
    let world = TestWorld::start_border().await;
    let anna = world.customer("Anna", 10_000).await;
    let shop = world.merchant_in(OTHER, "Noodles").await;
    let code = world.post(&anna, "/pay-code", &json!({})).await.with(200)["auth_code"].clone();
    let order = json!({"out_trade_no": "A-1", "total": thb(4_000), "subject": "soup"});
    let charge = json!({"order": order, "auth_code": code});
    let paid = world.post(&shop, "/orders/by-pay-code", &charge).await.with(200);
    assert_eq!((&paid["order"]["status"], &paid["repeated"]), (&json!("paid"), &json!(false)));
    assert_eq!(world.post(&shop, "/orders/by-pay-code", &charge).await.with(200)["repeated"], true);
    // 40.00 baht are 1.00 euro, and a cent of margin.
    assert_eq!((world.minor(&anna).await, world.minor(&shop).await), (9_899, 4_000));
    let mut used = charge.clone();
    used["order"]["out_trade_no"] = json!("A-2");
    let refused = world.post(&shop, "/orders/by-pay-code", &used).await;
    refused.is_problem(402, "auth_code_invalid");

    let transfer = json!({"out_biz_no": "T-1", "payee": anna.number.to_string(), "money": thb(1_000)});
    let sent = world.post(&shop, "/merchant-transfers", &transfer).await.with(200);
    assert_eq!((&sent["state"], &sent["repeated"]), (&json!("done"), &json!(false)));
    assert_eq!(world.post(&shop, "/merchant-transfers", &transfer).await.with(200)["repeated"], true);
    // 10.00 baht less the margin are worth 24 cents.
    assert_eq!(world.minor(&anna).await, 9_923);
    let nobody = sycee_party::party_number(CELL, 900).unwrap().to_string();
    let nobody = json!({"out_biz_no": "T-2", "payee": nobody, "money": thb(1_000)});
    let failed = world.post(&shop, "/merchant-transfers", &nobody).await.with(200);
    assert_eq!((&failed["state"], &failed["refusal"]), (&json!("failed"), &json!("payee_not_found")));
    assert_eq!(world.minor(&shop).await, 3_000, "what failed is back");
    let failed = world.get(&shop, "/merchant-transfers?state=failed").await.with(200);
    assert_eq!(failed["items"][0]["out_biz_no"], "T-2");
    let kinds = world.get(&anna, "/history?kind=transfer_from_abroad").await.with(200);
    assert_eq!(kinds["items"][0]["money"], eur(24));
}

#[tokio::test]
async fn the_networks_staff_closes_windows_and_confirms_what_banks_paid() {
    let world = TestWorld::start_border().await;
    let anna = world.customer("Anna", 10_000).await;
    let shop = world.merchant_in(OTHER, "Noodles").await;
    let finance = world.staff_in(NETWORK, StaffRole::Finance).await;
    let support = world.staff_in(NETWORK, StaffRole::Support).await;
    let ask = json!({"code": world.printed_code(&shop), "amount": thb(40_000)});
    let quote = world.post_as("q", &anna, "/quotes", &ask).await.with(200);
    let path = format!("/quotes/{}/pay", quote["quote"].as_str().unwrap());
    world.post(&anna, &path, &json!({})).await.with(200);

    let list = world.get(&finance, "/network/participants").await.with(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    assert_eq!(world.get(&finance, "/network/rates").await.with(200)["items"].as_array().unwrap().len(), 2);
    world.get(&support, "/network/participants").await.is_problem(403, "caller_unfit");
    let more = json!({"cell": "fr", "net_debit_cap_minor": "5"});
    world.post(&finance, "/network/participants", &more).await.is_problem(403, "caller_unfit");
    let prefund = json!({"money": eur(7_000), "bank_reference": "b1"});
    let path = format!("/network/participants/{CELL}/prefunding");
    let funded = world.post_as("f", &finance, &path, &prefund).await.with(200);
    assert_eq!(funded["prefunded_minor"], "7000");
    let replay = world.post_as("f", &finance, &path, &prefund).await;
    assert_eq!((replay.header("idempotent-replayed"), &replay.json["prefunded_minor"]), (Some("true"), &json!("7000")));
    world
        .post_as("f2", &finance, &path, &json!({"money": thb(1), "bank_reference": "b"}))
        .await
        .is_problem(422, "bad_request");

    let open = world.get(&finance, "/network/windows/open").await.with(200)["window"].as_str().unwrap().to_owned();
    let close = format!("/network/windows/{open}/close");
    assert_eq!(world.post(&finance, &close, &json!({})).await.with(200)["window"], json!(open));
    let mut sides = Value::Null;
    for _ in 0..1_000 {
        let window = world.get(&finance, &format!("/network/windows/{open}")).await.with(200);
        sides = window["sides"].clone();
        if sides.as_array().unwrap().iter().all(|side| side["state"] != "draining") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let confirmations = format!("/network/windows/{open}/confirmations");
    for side in sides.as_array().unwrap() {
        for row in side["instructions"].as_array().unwrap() {
            let body = json!({
                "cell": side["cell"], "currency": row["money"]["currency"], "bank_reference": "SIM-1",
            });
            world.post(&finance, &confirmations, &body).await.with(200);
        }
    }
    let window = world.get(&finance, &format!("/network/windows/{open}")).await.with(200);
    assert_eq!(window["open_sides"], 0, "{window}");
    let unsettled = world.get(&finance, "/network/windows?unsettled=true").await.with(200);
    assert_eq!(unsettled["items"], json!([]));
    world
        .post(&finance, &confirmations, &json!({"cell": CELL, "currency": "EUR", "bank_reference": "x"}))
        .await
        .is_problem(409, "nothing_due");
    let exchange = json!({"given": eur(1_000), "got": thb(39_000), "bank_reference": "x1"});
    world.post_as("x", &finance, "/network/exchanges", &exchange).await.with(200);

    // The staff of a participant is told that its cell is no network.
    let own = world.staff(StaffRole::Admin).await;
    world.get(&own, "/network/windows/open").await.is_problem(404, "not_found");
    world.post_as("x", &own, "/network/exchanges", &exchange).await.is_problem(422, "not_a_network");
    let outgoing = world.get(&own, "/outgoing-payments?state=paid").await.with(200);
    let payment = outgoing["items"][0]["payment"].as_str().unwrap();
    let release = format!("/outgoing-payments/{payment}/release");
    world.post(&own, &release, &json!({"reference": "file 1"})).await.is_problem(409, "payment_not_waiting");
    assert_eq!(world.csv(&own, "/outgoing-payments").await.len(), 2);
    assert_eq!(world.get(&own, "/parked-messages").await.with(200)["items"], json!([]));
    let retry = format!("/parked-messages/{NETWORK}/1/retry");
    world.post(&own, &retry, &json!({})).await.is_problem(404, "message_not_parked");
}
