//! Paying shops of other cells, and what the network's operator sees of it.

use serde_json::{Value, json};
use sycee_acquiring::command::{OrderFields, OrderRef, PRECREATE, Precreate, REFUND, RefundOrder};
use sycee_acquiring::reply::OrderReply;
use sycee_acquiring::{Order, trade_no};
use sycee_contract::{Caller, Command, decode};
use sycee_money::{Amount, Money};

use crate::world::TestWorld;

fn money(currency: &str, minor: u64) -> Value {
    json!({"currency": currency, "minor": minor})
}

/// An order as a shop's till opens it.
async fn order(world: &TestWorld, cell: &str, merchant: &str, out_trade_no: &str, minor: u64) -> Order {
    let cell = world.world.named(cell).unwrap();
    let order = OrderFields {
        app: None,
        out_trade_no: out_trade_no.into(),
        total: Money::new(Amount::new(minor).unwrap(), cell.currency),
        subject: "coffee".into(),
        body: None,
        store: None,
        store_reference: None,
        terminal: None,
        operator: None,
        passback_params: None,
        notify_url: None,
        return_url: None,
        product_code: None,
        expires_at_ns: None,
        expires_after_seconds: None,
        required_buyer: None,
    };
    let body = Precreate { order, code_lifetime_seconds: None };
    let command = Command::new(PRECREATE, Caller::merchant(merchant.parse().unwrap()), &body);
    let reply = cell.port.ask(command).await.unwrap().outcome.unwrap();
    decode::<OrderReply>(&reply, "reply").unwrap().order
}

async fn refund(world: &TestWorld, cell: &str, merchant: &str, order: &Order, minor: u64, number: &str) {
    let cell = world.world.named(cell).unwrap();
    let amount = Money::new(Amount::new(minor).unwrap(), cell.currency);
    let order = OrderRef { out_trade_no: None, id: Some(order.id) };
    let body = RefundOrder { order, amount, out_request_no: Some(number.into()), reason: None };
    let command = Command::new(REFUND, Caller::merchant(merchant.parse().unwrap()), &body);
    cell.port.ask(command).await.unwrap().outcome.unwrap();
}

async fn all_books_hold(world: &TestWorld) {
    for cell in ["fr", "th", "kr", "net"] {
        world.books_hold(cell).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printed_code_of_another_cell_is_quoted_and_paid_once_per_key() {
    let world = TestWorld::start(Vec::new()).await;
    world.connect().await;
    let (customer, merchant) = (world.customer("th", 100_000).await, world.merchant("fr").await);
    let code = world.static_code(&merchant).await;
    let path = format!("/customers/{customer}/pay");

    let quote = world.post(&path, &json!({"code": code, "amount": money("EUR", 1_250)})).await.with(200);
    // 12.50 EUR at 37.8431 are 473.03875 THB: 47303 at mid-market; of that 0.5 % are 236; with the margin 475.40394375, so
    // 47541 are paid, and rounding has left 2.
    assert_eq!((&quote["payment_id"], &quote["status"]), (&Value::Null, &json!("quoted")));
    assert_eq!((&quote["order_amount"], &quote["paid_amount"]), (&money("EUR", 1_250), &money("THB", 47_541)));
    let fx = &quote["fx"];
    let wanted = [("rate", "37.8431"), ("margin", "0.0050"), ("source", "test"), ("customer_rate", "38.0323155")];
    for (name, value) in wanted {
        assert_eq!(fx[name], value, "{name} of {quote}");
    }
    for (name, minor) in [("mid_minor", 47_303), ("margin_minor", 236), ("residual_minor", 2)] {
        assert_eq!(fx[name], minor, "{name} of {quote}");
    }
    assert!(quote.get("fee_amount").is_none() && quote["expires_at"].is_string(), "{quote}");
    assert_eq!(world.minor(&format!("/customers/{customer}")).await, 100_000);

    // Exactly the quote is paid, whatever the rate is by then.
    world.set_rates(&[("EUR", "THB", "40")]).await;
    let confirm = json!({"quote_id": quote["quote_id"], "confirm": true});
    let paid = world.post(&path, &confirm).await.with(200);
    assert_eq!((&paid["status"], &paid["paid_amount"], &paid["fx"]), (&json!("paid"), &money("THB", 47_541), fx));
    let (_, id) = sycee_acquiring::parse_trade_no(paid["payment_id"].as_str().unwrap()).unwrap();
    let order: Order = world.world.named("fr").unwrap().port.get(&Order::key(id)).unwrap().unwrap();
    assert_eq!(paid["payment_id"], trade_no(&order, 7));
    assert_eq!(world.post(&path, &confirm).await.with(200), paid, "the same quote is the same payment");
    assert_eq!(world.minor(&format!("/customers/{customer}")).await, 52_459);
    assert_eq!(world.minor(&format!("/merchants/{merchant}")).await, 1_250);

    // 1.00 EUR at 40 and 0.5 %: 40.20 THB.
    let direct = json!({"code": code, "amount": money("EUR", 100), "confirm": true});
    let first = world.post_as("k1", &path, &direct).await.with(200);
    assert_eq!((&first["status"], &first["paid_amount"]), (&json!("paid"), &money("THB", 4_020)));
    assert_eq!(world.post_as("k1", &path, &direct).await.with(200), first);
    let other = json!({"code": code, "amount": money("EUR", 101), "confirm": true});
    world.post_as("k1", &path, &other).await.is_problem(409, "idempotency_key_reused");
    assert_eq!(world.minor(&format!("/customers/{customer}")).await, 48_439);
    all_books_hold(&world).await;

    // An hour later what nobody paid is forgotten; what was paid is not.
    let unused = world.post(&path, &json!({"code": code, "amount": money("EUR", 100)})).await.with(200);
    world.post("/clock/advance", &json!({"seconds": 3_600})).await.with(200);
    assert_eq!(world.post_as("k1", &path, &direct).await.with(200), first);
    assert_eq!(world.post(&path, &confirm).await.with(200), paid);
    for confirm in [false, true] {
        let unused = json!({"quote_id": unused["quote_id"], "confirm": confirm});
        world.post(&path, &unused).await.is_problem(404, "enquiry_unknown");
    }
    assert_eq!(world.minor(&format!("/customers/{customer}")).await, 48_439);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_another_cell_is_paid_refunded_cleared_and_settled() {
    let world = TestWorld::start(Vec::new()).await;
    world.connect().await;
    let (customer, merchant) = (world.customer("fr", 5_000).await, world.merchant("kr").await);
    let path = format!("/customers/{customer}/pay");
    let ordered = order(&world, "kr", &merchant, "o-1", 30_000).await;
    let number = trade_no(&ordered, 5);

    // 30000 KRW at 0.00062447 are 18.7341 EUR: 1873 at mid-market, margin 9; 18.8277705 with it: 1883, residual 1.
    let quote = world.post(&path, &json!({"trade_no": number})).await.with(200);
    assert_eq!((&quote["order_amount"], &quote["paid_amount"]), (&money("KRW", 30_000), &money("EUR", 1_883)));
    assert_eq!((&quote["fx"]["mid_minor"], &quote["fx"]["residual_minor"]), (&json!(1_873), &json!(1)));
    let wrong = json!({"trade_no": number, "amount": money("KRW", 29_999), "confirm": true});
    world.post(&path, &wrong).await.is_problem(422, "bad_field");
    let link = format!("http://127.0.0.1:8080/pay/{number}");
    let paid = world.post(&path, &json!({"code": link, "confirm": true})).await.with(200);
    assert_eq!((&paid["status"], &paid["payment_id"]), (&json!("paid"), &json!(number)));
    let again = world.post(&path, &json!({"trade_no": number, "confirm": true})).await.with(200);
    assert_eq!(again, paid, "the payer's own second tap is the same payment");
    let other = format!("/customers/{}/pay", world.customer("fr", 5_000).await);
    world.post(&other, &json!({"trade_no": number, "confirm": true})).await.is_problem(409, "trade_has_success");
    assert_eq!(world.minor(&format!("/customers/{customer}")).await, 3_117);

    refund(&world, "kr", &merchant, &ordered, 10_000, "r-1").await;
    // The clock goes on only when nothing is on its way. A third of 18.83 is 6.2766…: 628 come back.
    world.post("/clock/advance", &json!({"seconds": 1})).await.with(200);
    assert_eq!(world.minor(&format!("/customers/{customer}")).await, 3_745);
    let payments = world.get(&format!("/customers/{customer}/payments")).await.with(200);
    assert_eq!(payments.as_array().unwrap().len(), 1, "{payments}");
    let payment = &payments[0];
    assert_eq!((&payment["status"], &payment["payment_id"]), (&json!("paid"), &json!(number)));
    let (refunded, returned) = (&payment["refunded_amount"], &payment["returned_amount"]);
    assert_eq!((refunded, returned), (&money("KRW", 10_000), &money("EUR", 628)));
    assert_eq!(world.get("/cells/fr/waiting").await.with(200), json!([]));

    let clearing = world.get("/cells/fr/clearing").await.with(200);
    assert_eq!(clearing["parked"], json!([]), "{clearing}");
    assert_eq!(clearing["links"][0]["in_flight"], 0, "{clearing}");
    let balance = &clearing["balances"][0];
    assert_eq!((&balance["peer"], &balance["currency"]), (&json!("net"), &json!("EUR")));
    assert_eq!((&balance["balance_minor"], &balance["tally_minor"]), (&json!(-1_255), &json!(-1_255)));
    let participants = world.get("/network/participants").await.with(200);
    let owes = |cell: &str| {
        let list = participants.as_array().unwrap();
        list.iter().find(|participant| participant["cell"] == cell).unwrap()["owed_minor"].clone()
    };
    assert_eq!((owes("fr"), owes("kr"), owes("th")), (json!(1_255), json!(-20_000), json!(0)));
    all_books_hold(&world).await;

    let window = world.post("/network/windows/close", &Value::Null).await.with(200)["window"].clone();
    assert_eq!(window, 1);
    let settled = world.post("/network/windows/1/settle", &Value::Null).await.with(200);
    assert_eq!((&settled["confirmed"], &settled["waiting"]), (&json!(2), &json!([])), "{settled}");
    let again = world.post("/network/windows/1/settle", &Value::Null).await.with(200);
    assert_eq!(again["confirmed"], 0);
    world.post("/network/windows/2/settle", &Value::Null).await.is_problem(404, "window_unknown");
    let windows = world.get("/network/windows").await.with(200);
    assert_eq!((&windows["open"]["window"], &windows["windows"][0]["open_sides"]), (&json!(2), &json!(0)));
    for side in windows["windows"][0]["sides"].as_array().unwrap() {
        assert_eq!((&side["state"], &side["signed"]), (&json!("settled"), &json!(true)), "{side}");
    }
    world.post("/clock/advance", &json!({"seconds": 1})).await.with(200);
    let clearing = world.get("/cells/fr/clearing").await.with(200);
    assert_eq!(clearing["balances"][0]["balance_minor"], 0, "{clearing}");
    all_books_hold(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_paid_abroad_is_a_problem_and_moves_nothing() {
    let world = TestWorld::start(Vec::new()).await;
    world.connect().await;
    let (customer, merchant) = (world.customer("fr", 1_000).await, world.merchant("th").await);
    let code = world.static_code(&merchant).await;
    let path = format!("/customers/{customer}/pay");
    let pay = |minor: u64| json!({"code": code, "amount": money("THB", minor), "confirm": true});
    let stranger = world.customer("fr", 1_000).await;
    let wanted = json!({"code": code, "amount": money("THB", 100)});
    let quote = world.post(&format!("/customers/{stranger}/pay"), &wanted).await.with(200);
    let table = [
        (json!({"code": code, "confirm": true}), 422, "bad_field"),
        (json!({"code": code, "quote_id": "1", "amount": money("THB", 1)}), 422, "bad_field"),
        (json!({"quote_id": "one", "confirm": true}), 422, "bad_field"),
        (json!({"quote_id": "1", "confirm": true}), 404, "enquiry_unknown"),
        (json!({"quote_id": quote["quote_id"], "confirm": true}), 404, "enquiry_unknown"),
        (json!({"quote_id": quote["quote_id"]}), 404, "enquiry_unknown"),
        // One satang is worth nothing in euros.
        (pay(1), 422, "amount_too_small"),
        (pay(50_000), 402, "buyer_balance_not_enough"),
        (json!({"trade_no": "2026112403000000000000065537", "confirm": true}), 404, "trade_not_exist"),
    ];
    for (body, status, code) in table {
        world.post(&path, &body).await.is_problem(status, code);
    }
    world.post("/customers/2088070000000099/pay", &pay(100)).await.is_problem(404, "customer_not_found");

    let suspend = |active: bool| json!({"cell": "th", "active": active});
    world.post("/network/participants", &suspend(false)).await.with(200);
    world.post(&path, &pay(1_000)).await.is_problem(403, "cell_suspended");
    world.post("/network/participants", &suspend(true)).await.with(200);
    world.post("/network/participants", &json!({"cell": "fr", "net_debit_cap_minor": 25})).await.with(200);
    // 10.00 THB at 0.026425 and 0.5 % are 26.557… euro cents: 27.
    world.post(&path, &pay(1_000)).await.is_problem(424, "participant_cap");
    world.post("/network/participants", &json!({"cell": "fr", "net_debit_cap_minor": 27})).await.with(200);
    assert_eq!(world.post(&path, &pay(1_000)).await.with(200)["paid_amount"], money("EUR", 27));

    world.post("/clock/advance", &json!({"seconds": 3_700})).await.with(200);
    world.post(&path, &pay(1_000)).await.is_problem(424, "rate_stale");
    world.post("/network/participants", &json!({"cell": "xx"})).await.is_problem(404, "participant_not_found");
    assert_eq!(world.minor(&format!("/customers/{customer}")).await, 973);
    world.post("/cells/fr/parked/net/1/retry", &Value::Null).await.is_problem(404, "message_not_parked");
    all_books_hold(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_are_lost_doubled_and_late_pay_once() {
    let world = TestWorld::start(Vec::new()).await;
    world.connect().await;
    let (customer, merchant) = (world.customer("th", 100_000).await, world.merchant("fr").await);
    let code = world.static_code(&merchant).await;
    let pay = json!({"code": code, "amount": money("EUR", 100), "confirm": true});
    for (place, mode) in ["lose", "double", "delay", "timeout-after-doing"].into_iter().enumerate() {
        let fault = json!({"effect": "clearing", "mode": mode, "count": 2});
        world.post("/faults", &fault).await.with(200);
        let paid = world.post(&format!("/customers/{customer}/pay"), &pay).await.with(200);
        assert_eq!(paid["status"], "paid", "{mode}");
        let earned = i64::try_from(place + 1).unwrap() * 100;
        assert_eq!(world.minor(&format!("/merchants/{merchant}")).await, earned, "{mode}");
        all_books_hold(&world).await;
    }
}
