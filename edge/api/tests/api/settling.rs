//! Settlement as merchants and the operator's finance see it.

use serde_json::{Value, json};
use sycee_acquiring::parse_trade_no;
use sycee_acquiring::payout::{PAYOUT_RESULT, PayoutResult, PayoutState};
use sycee_contract::{Caller, Command};
use sycee_engine::clock::Clock;
use sycee_party::StaffRole;

use crate::world::{Somebody, TestWorld, eur};

const DAY_NS: u64 = 86_400 * 1_000_000_000;

/// Sells, and gives back the number of the order.
async fn sell(world: &TestWorld, shop: &Somebody, buyer: &Somebody, number: &str, minor: u64) {
    let code = world.post(buyer, "/pay-code", &json!({})).await.with(200)["auth_code"].clone();
    let order = json!({"out_trade_no": number, "total": eur(minor), "subject": "tea"});
    let charge = json!({"order": order, "auth_code": code});
    assert_eq!(world.post(shop, "/orders/by-pay-code", &charge).await.with(200)["order"]["status"], "paid");
}

/// A day later; the date that has begun was settled by the cell itself.
async fn pass_a_day(world: &TestWorld, shop: &Somebody) -> Value {
    world.clock.move_to(world.clock.now_ns() + DAY_NS);
    loop {
        world.cell().port.wake();
        let list = world.get(shop, "/settlements/EUR").await.with(200);
        let last = list["items"].as_array().unwrap().iter().find(|one| one.get("closing").is_some()).cloned();
        if let Some(last) = last {
            return last;
        }
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}

async fn bank_says(world: &TestWorld, payout: &str, state: PayoutState) {
    let (_, payout) = parse_trade_no(payout).unwrap();
    let body = PayoutResult { payout, state, bank_reference: None, reason: Some("the bank does not say".into()) };
    world.cell().port.ask(Command::new(PAYOUT_RESULT, Caller::SYSTEM, &body)).await.unwrap().outcome.unwrap();
}

#[tokio::test]
async fn a_settlement_is_shown_down_to_its_orders_and_its_payout_is_resolved_by_finance() {
    let world = TestWorld::start().await;
    world.install_banks().await;
    let (anna, shop, other) =
        (world.customer("Anna", 100_000).await, world.merchant("Shop").await, world.merchant("Other").await);
    let (finance, cashier) = (world.staff(StaffRole::Finance).await, world.staff(StaffRole::Cashier).await);
    let terms = json!({"schedule": "daily", "reserve_bps": 1_000, "reserve_days": 30, "negative_limit_minor": "5000"});
    let path = format!("/merchants/{}/settlement-terms", shop.number);
    world.post_as("t0", &cashier, &path, &terms).await.is_problem(403, "caller_unfit");
    world.get(&shop, "/settlement-terms").await.is_problem(404, "not_found");
    let agreed = world.post_as("t", &finance, &path, &terms).await.with(200);
    assert_eq!((&agreed["reserve_bps"], agreed.get("bank_account")), (&json!(1_000), None));
    let account = format!("/merchants/{}/bank-account", shop.number);
    let wrong = json!({"holder": "Shop", "iban": "FR1520041010050500013M02606"});
    world.post_as("b0", &finance, &account, &wrong).await.is_problem(422, "bad_field");
    let right = json!({"holder": "Shop", "iban": "FR14 2004 1010 0505 0001 3M02 606"});
    let set = world.post_as("b", &finance, &account, &right).await.with(200);
    assert_eq!(set["bank_account"], "****2606");
    let again = world.post_as("b", &finance, &account, &right).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(world.get(&shop, "/settlement-terms").await.with(200)["bank_account"], "****2606");

    sell(&world, &shop, &anna, "A-1", 10_000).await;
    sell(&world, &shop, &anna, "A-2", 2_000).await;
    let part = json!({"out_trade_no": "A-1", "amount": eur(4_000), "out_request_no": "R-1"});
    world.post(&shop, "/refunds", &part).await.with(200);
    let settlement = pass_a_day(&world, &shop).await;
    assert_eq!((&settlement["gross"], &settlement["refunded"]), (&eur(12_000), &eur(4_000)));
    // 0.6 % of 80.00; a tenth of 80.00 is held back.
    let closing = &settlement["closing"];
    assert_eq!((&closing["fees_taken"], &closing["reserve_held"]), (&eur(48), &eur(800)));
    assert_eq!((&closing["paid_out"], &closing["carried_forward_minor"]), (&eur(7_152), &json!("0")));

    // Down to the orders: the entries come to nothing carried, each with its number.
    let date = settlement["date"].as_str().unwrap();
    let shown = world.get(&shop, &format!("/settlements/EUR/{date}")).await.with(200);
    assert_eq!(shown, settlement);
    let entries = world.get(&shop, &format!("/settlements/EUR/{date}/entries?order=oldest")).await.with(200);
    let entries = entries["items"].as_array().unwrap().clone();
    let sum: i64 =
        entries.iter().map(|entry| entry["on_balance_minor"].as_str().unwrap().parse::<i64>().unwrap()).sum();
    let kinds: Vec<_> = entries.iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!((sum, kinds), (0, vec!["payment", "payment", "refund", "fees_taken", "reserve_held", "paid_out"]));
    assert_eq!((&entries[0]["out_trade_no"], &entries[2]["out_request_no"]), (&json!("A-1"), &json!("R-1")));
    assert_eq!(settlement["entries"], "6");
    let path = format!("/settlements/EUR/{date}/entries?order=oldest&limit=2");
    let two = world.get(&shop, &path).await.with(200);
    let rest = format!("/settlements/EUR/{date}/entries?order=oldest&cursor={}", two["next"].as_str().unwrap());
    let rest = world.get(&shop, &rest).await.with(200);
    assert_eq!(
        (two["items"].as_array().unwrap().as_slice(), rest["items"].as_array().unwrap().as_slice()),
        entries.split_at(2)
    );
    assert_eq!(rest["next"], Value::Null);
    let back = world.get(&shop, &format!("/settlements/EUR/{date}/entries")).await.with(200);
    assert!(back["items"].as_array().unwrap().iter().eq(entries.iter().rev()));
    world.get(&other, &format!("/settlements/EUR/{date}")).await.is_problem(404, "not_found");

    let payout = closing["payout"].as_str().unwrap();
    let path = format!("/payouts/{payout}");
    let requested = world.get(&shop, &path).await.with(200);
    assert_eq!((&requested["state"], &requested["money"]), (&json!("requested"), &eur(7_152)));
    world.get(&other, &path).await.is_problem(404, "not_found");
    world.get(&cashier, &path).await.is_problem(403, "caller_unfit");
    let resolve = json!({"is_settled": true, "bank_reference": "CALL-1", "reason": "by telephone"});
    let resolving = format!("{path}/resolve");
    world.post(&finance, &resolving, &resolve).await.is_problem(409, "payout_not_unknown");
    bank_says(&world, payout, PayoutState::Unknown).await;
    let unknown = world.get(&finance, "/payouts?state=unknown").await.with(200);
    assert_eq!(unknown["items"][0]["payout"], payout);
    let resolved = world.post(&finance, &resolving, &resolve).await.with(200);
    assert_eq!((&resolved["state"], &resolved["bank_reference"]), (&json!("settled"), &json!("CALL-1")));
    assert_eq!(world.get(&finance, "/payouts?state=open").await.with(200)["items"], json!([]));
    let all = world.get(&finance, "/payouts").await.with(200);
    assert_eq!((all["items"].as_array().unwrap().len(), &all["next"]), (1, &Value::Null));
    world.get(&finance, "/payouts?state=all").await.is_problem(400, "request_unreadable");

    // A refund beyond the balance needs own money first.
    let late = json!({"out_trade_no": "A-2", "amount": eur(2_000), "out_request_no": "R-2"});
    world.post(&shop, "/refunds", &late).await.is_problem(402, "seller_balance_not_enough");
    let funds = json!({"money": eur(3_000), "bank_reference": "OWN-1"});
    assert_eq!(world.post_as("f", &finance, "/advance-funds", &funds).await.with(200)["available"], eur(3_000));
    world.post(&shop, "/refunds", &late).await.with(200);
    let settle = json!({"currency": "EUR"});
    let path = format!("/merchants/{}/settle", shop.number);
    let nothing = world.post(&finance, &path, &settle).await.with(200);
    assert_eq!((nothing.get("settlement"), &nothing["is_more"]), (None, &json!(false)));
    let back = json!({"money": eur(3_000), "bank_reference": "OWN-2", "is_withdrawal": true});
    world.post_as("w", &finance, "/advance-funds", &back).await.is_problem(402, "advance_funds_not_enough");
}
