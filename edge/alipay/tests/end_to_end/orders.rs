//! Orders: made, scanned, paid, cancelled, closed; and what the gateway refuses.

use serde_json::{Value, json};
use sycee_acquiring::command::{SET_APP_KEY, SetAppKey};
use sycee_acquiring::refusal::{BUYER_NOT_MATCH, TRADE_HAS_CLOSED};
use sycee_alipay::signature::{SigningKey, VerifyingKey};
use sycee_contract::{Caller, Command};

use crate::client::{Split, assert_failed, assert_succeeded, signed_parameters};
use crate::world::{Shop, TestWorld};

const PRECREATE: &str = "alipay.trade.precreate";
const CREATE: &str = "alipay.trade.create";
const QUERY: &str = "alipay.trade.query";
const CANCEL: &str = "alipay.trade.cancel";
const CLOSE: &str = "alipay.trade.close";

fn order(world: &TestWorld, amount: &str) -> Value {
    json!({"out_trade_no": world.new_number("order"), "total_amount": amount, "subject": "Deux {cafés}"})
}

async fn query(world: &TestWorld, shop: &Shop, order: &Value) -> Value {
    world.call(shop, QUERY, json!({"out_trade_no": order["out_trade_no"]})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shown_code_becomes_a_trade_when_it_is_paid() {
    let world = TestWorld::start().await;
    for (cell, amount, minor) in [("fr", "12.50", 1_250), ("kr", "1000.00", 1_000)] {
        let shop = world.shop(cell).await;
        let customer = world.customer(cell, "+33612345678", 5_000).await;
        let order = order(&world, amount);
        let created = world.call(&shop, PRECREATE, order.clone()).await;
        assert_succeeded(&created);
        assert_eq!(created["out_trade_no"], order["out_trade_no"]);
        let again = world.call(&shop, PRECREATE, order.clone()).await;
        assert_eq!(again["qr_code"], created["qr_code"], "the same order again has the same code");
        assert_failed(&query(&world, &shop, &order).await, "40004", "ACQ.TRADE_NOT_EXIST");

        world.pay(cell, customer, created["qr_code"].as_str().unwrap()).await.unwrap();
        let trade = query(&world, &shop, &order).await;
        assert_succeeded(&trade);
        let wanted = [
            ("trade_status", "TRADE_SUCCESS"),
            ("total_amount", amount),
            ("receipt_amount", amount),
            ("buyer_pay_amount", amount),
            ("point_amount", "0.00"),
            ("buyer_logon_id", "336******78"),
            ("trans_currency", world.cell(cell).currency.code()),
        ];
        for (name, value) in wanted {
            assert_eq!(trade[name], value, "{name} of {trade}");
        }
        assert_eq!(trade["buyer_user_id"], customer.to_string());
        assert_eq!(trade["send_pay_date"].as_str().unwrap().len(), 19);
        assert!(trade.get("fund_bill_list").is_none(), "only when asked for");
        let by_ours =
            json!({"trade_no": trade["trade_no"], "out_trade_no": "ignored", "query_options": ["fund_bill_list"]});
        let by_ours = world.call(&shop, QUERY, by_ours).await;
        assert_eq!(by_ours["out_trade_no"], order["out_trade_no"]);
        assert_eq!(by_ours["fund_bill_list"], json!([{"fund_channel": "ALIPAYACCOUNT", "amount": amount}]));
        assert_eq!(
            (world.balance_minor(cell, customer), world.balance_minor(cell, shop.merchant)),
            (5_000 - minor, minor)
        );
        let other = world.shop(cell).await;
        let foreign = world.call(&other, QUERY, json!({"trade_no": trade["trade_no"]})).await;
        assert_failed(&foreign, "40004", "ACQ.TRADE_NOT_EXIST");
        let paid_before = world.call(&shop, PRECREATE, order).await;
        assert_failed(&paid_before, "40004", "ACQ.TRADE_HAS_SUCCESS");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_order_may_not_be() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let customer = world.customer("fr", "+33612345678", 0).await;
    let table = [
        (json!({"total_amount": "0.001"}), "ACQ.INVALID_PARAMETER"),
        (json!({"total_amount": null}), "ACQ.INVALID_PARAMETER"),
        (json!({"out_trade_no": "a b"}), "ACQ.INVALID_PARAMETER"),
        (json!({"subject": ""}), "ACQ.INVALID_PARAMETER"),
        (json!({"subject": "bell\u{7}"}), "ACQ.INVALID_PARAMETER"),
        (json!({"trans_currency": "CNY"}), "ACQ.CURRENCY_NOT_SUPPORT"),
        (json!({"seller_id": "2088079999999999"}), "ACQ.PARTNER_ERROR"),
        (json!({"discountable_amount": "1.00", "undiscountable_amount": "1.00"}), "ACQ.INVALID_PARAMETER"),
        (json!({"time_expire": "tomorrow"}), "ACQ.INVALID_PARAMETER"),
        (json!({"time_expire": "2020-01-01 00:00:00"}), "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR"),
        (json!({"timeout_express": "16d"}), "ACQ.INVALID_PARAMETER"),
        (json!({"buyer_id": "2088079999999999"}), "ACQ.INVALID_PARAMETER"),
        (json!({"buyer_logon_id": "+33699999999"}), "ACQ.INVALID_PARAMETER"),
        (json!({"buyer_id": shop.merchant.to_string()}), "ACQ.BUYER_SELLER_EQUAL"),
        (json!({"goods_detail": "tea"}), "ACQ.INVALID_PARAMETER"),
        (
            json!({"trans_currency": "EUR", "discountable_amount": 4, "undiscountable_amount": "8.50", "seller_id": shop.merchant,
            "timeout_express": "1c", "buyer_logon_id": "+33 6 12-34-56-78", "store_id": "till", "total_amount": 12.50}),
            "",
        ),
        (json!({"buyer_id": customer}), ""),
    ];
    for (fields, expected) in table {
        let mut content = order(&world, "12.50");
        content.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let answer = world.call(&shop, CREATE, content).await;
        match expected {
            "" => assert_succeeded(&answer),
            expected => assert_failed(&answer, "40004", expected),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_end_by_cancel_close_and_time() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let (buyer, stranger) = (world.customer("fr", "1", 5_000).await, world.customer("fr", "2", 5_000).await);
    let created = |extra: Value| {
        let mut content = order(&world, "15.00");
        content["buyer_id"] = json!(buyer.to_string());
        content.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        content
    };
    let pay_by = async |customer: u64, trade: &Value| {
        let (_, id) = sycee_acquiring::parse_trade_no(trade["trade_no"].as_str().unwrap()).unwrap();
        let target = sycee_acquiring::command::OrderTarget { id };
        let pay = Command::new(sycee_acquiring::command::PAY_ORDER, Caller::customer(customer), &target);
        world.cell("fr").port.ask(pay).await.unwrap().outcome.map(drop).map_err(|refusal| refusal.code)
    };

    let content = created(json!({}));
    let trade = world.call(&shop, CREATE, content.clone()).await;
    assert_eq!(query(&world, &shop, &content).await["trade_status"], "WAIT_BUYER_PAY");
    assert_eq!(query(&world, &shop, &content).await["buyer_pay_amount"], "0.00");
    assert_eq!(pay_by(stranger, &trade).await, Err(BUYER_NOT_MATCH));
    let mut other = content.clone();
    other["total_amount"] = json!("15.01");
    assert_failed(&world.call(&shop, CREATE, other).await, "40004", "ACQ.CONTEXT_INCONSISTENT");
    let cancelled = world.call(&shop, CANCEL, json!({"trade_no": trade["trade_no"]})).await;
    assert_succeeded(&cancelled);
    assert_eq!((&cancelled["action"], &cancelled["retry_flag"]), (&json!("close"), &json!("N")));
    assert_eq!(cancelled["out_trade_no"], content["out_trade_no"]);
    assert_eq!(query(&world, &shop, &content).await["trade_status"], "TRADE_CLOSED");
    assert_eq!(pay_by(buyer, &trade).await, Err(TRADE_HAS_CLOSED));

    let content = created(json!({}));
    let trade = world.call(&shop, CREATE, content.clone()).await;
    let closed = world.call(&shop, CLOSE, json!({"out_trade_no": content["out_trade_no"], "operator_id": "1"})).await;
    assert_succeeded(&closed);
    assert_eq!((&closed["trade_no"], &closed["out_trade_no"]), (&trade["trade_no"], &content["out_trade_no"]));
    assert_failed(&world.call(&shop, CREATE, content).await, "40004", "ACQ.TRADE_HAS_CLOSE");

    let content = created(json!({}));
    let trade = world.call(&shop, CREATE, content.clone()).await;
    pay_by(buyer, &trade).await.unwrap();
    let close = world.call(&shop, CLOSE, json!({"trade_no": trade["trade_no"]})).await;
    assert_failed(&close, "40004", "ACQ.TRADE_STATUS_ERROR");
    for _ in 0..2 {
        let cancelled = world.call(&shop, CANCEL, json!({"out_trade_no": content["out_trade_no"]})).await;
        assert_eq!(cancelled["action"], "refund", "{cancelled}");
    }
    assert_eq!(world.balance_minor("fr", buyer), 5_000);

    let code = world.call(&shop, PRECREATE, order(&world, "15.00")).await;
    let cancelled = world.call(&shop, CANCEL, json!({"out_trade_no": code["out_trade_no"]})).await;
    assert_succeeded(&cancelled);
    assert!(cancelled.get("action").is_none() && cancelled.get("trade_no").is_none(), "{cancelled}");
    assert_eq!(world.pay("fr", buyer, code["qr_code"].as_str().unwrap()).await, Err(TRADE_HAS_CLOSED));
    for unknown in [json!({"out_trade_no": "none"}), json!({"trade_no": "2026112307000010000000000012"})] {
        let cancelled = world.call(&shop, CANCEL, unknown.clone()).await;
        assert_succeeded(&cancelled);
        assert!(cancelled.get("action").is_none() && cancelled["retry_flag"] == "N", "{cancelled}");
        assert_failed(&world.call(&shop, CLOSE, unknown).await, "40004", "ACQ.TRADE_NOT_EXIST");
    }

    let content = created(json!({"timeout_express": "1m"}));
    let trade = world.call(&shop, CREATE, content.clone()).await;
    world.advance(120);
    assert_eq!(query(&world, &shop, &content).await["trade_status"], "TRADE_CLOSED");
    assert_eq!(pay_by(buyer, &trade).await, Err(TRADE_HAS_CLOSED));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_refuses_by_name_and_signs_it() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let foreign = Shop { cell: "fr".into(), merchant: 0, app_id: shop.app_id, key: SigningKey::generate().unwrap() };
    let unknown =
        Shop { cell: "fr".into(), merchant: 0, app_id: 2_021_999_999_999_999, key: SigningKey::generate().unwrap() };
    let content = json!({"out_trade_no": "none"});
    let table = [
        (&foreign, QUERY, "isv.invalid-signature"),
        (&unknown, QUERY, "isv.invalid-app-id"),
        (&shop, "alipay.sycee.no.such.method", "isv.invalid-method"),
    ];
    for (shop, method, expected) in table {
        for split in [Split::Query, Split::Body, Split::ContentInBody] {
            let parameters = signed_parameters(shop, method, &content, &[]);
            let node = world.node(method, &world.send(&parameters, split).await);
            assert_failed(&node, "40002", expected);
        }
    }
    let no_method = world.request("GET", "/gateway.do", "").await;
    assert!(no_method.body.starts_with("{\"error_response\":{\"code\":\"40001\""), "{}", no_method.body);
    let too_long = format!("method={QUERY}&x={}", "a".repeat(300_000));
    let refused = world.request("POST", "/gateway.do?method=alipay.trade.query", &too_long).await;
    assert_failed(&world.node(QUERY, &refused), "40002", "isv.invalid-parameter");
    let parameters = signed_parameters(&shop, QUERY, &json!("text"), &[]);
    let node = world.node(QUERY, &world.send(&parameters, Split::Query).await);
    assert_failed(&node, "40002", "isv.illegal-json");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_counts_at_once_and_the_old_one_until_its_time() {
    let world = TestWorld::start().await;
    let mut shop = world.shop("fr").await;
    let content = json!({"out_trade_no": "none"});
    assert_failed(&world.call(&shop, QUERY, content.clone()).await, "40004", "ACQ.TRADE_NOT_EXIST");
    let new = SigningKey::generate().unwrap();
    let public_key = VerifyingKey::parse(&new.public_key_base64().unwrap()).unwrap().spki_der().to_vec();
    let body = SetAppKey { app_id: shop.app_id, public_key, previous_valid_seconds: 60 };
    let command = Command::new(SET_APP_KEY, Caller::merchant(shop.merchant), &body);
    world.cell("fr").port.ask(command).await.unwrap().outcome.unwrap();
    assert_failed(&world.call(&shop, QUERY, content.clone()).await, "40004", "ACQ.TRADE_NOT_EXIST");
    let old = std::mem::replace(&mut shop.key, new);
    assert_failed(&world.call(&shop, QUERY, content.clone()).await, "40004", "ACQ.TRADE_NOT_EXIST");
    world.advance(61);
    assert_failed(&world.call(&shop, QUERY, content.clone()).await, "40004", "ACQ.TRADE_NOT_EXIST");
    shop.key = old;
    assert_failed(&world.call(&shop, QUERY, content).await, "40002", "isv.invalid-signature");
}
