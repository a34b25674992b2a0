//! Shops that take the money of other cells' customers, give it back, and send money there.

use std::time::Duration;

use serde_json::{Value, json};
use sycee_acquiring::Order;

use crate::client::{assert_failed, assert_succeeded};
use crate::world::{Shop, TestWorld};

const PAY: &str = "alipay.trade.pay";
const QUERY: &str = "alipay.trade.query";
const CANCEL: &str = "alipay.trade.cancel";
const TRANSFER: &str = "alipay.fund.trans.uni.transfer";
const TRANSFER_QUERY: &str = "alipay.fund.trans.common.query";

fn payment(world: &TestWorld, amount: &str, auth_code: &str) -> Value {
    json!({"out_trade_no": world.new_number("order"), "total_amount": amount, "subject": "Tea", "scene": "bar_code",
        "auth_code": auth_code})
}

async fn query(world: &TestWorld, shop: &Shop, order: &Value) -> Value {
    world.call(shop, QUERY, json!({"out_trade_no": order["out_trade_no"]})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_another_cell_is_paid_at_once_and_refunded() {
    let world = TestWorld::start().await;
    world.connect().await;
    let shop = world.shop("kr").await;
    let customer = world.customer("fr", "+33612345678", 5_000).await;
    let content = payment(&world, "30000.00", &world.pay_code("fr", customer).await);
    let paid = world.call(&shop, PAY, content.clone()).await;
    assert_succeeded(&paid);
    // 30000 KRW at 0.00062447 and 0.5 % are 18.8277705 EUR, rounded up.
    let wanted = [
        ("total_amount", "30000.00"),
        ("receipt_amount", "30000.00"),
        ("buyer_pay_amount", "30000.00"),
        ("trans_currency", "KRW"),
        ("settle_currency", "KRW"),
        ("settle_amount", "30000.00"),
        ("settle_trans_rate", "1"),
        ("pay_currency", "EUR"),
        ("pay_amount", "18.83"),
        ("trans_pay_rate", "0.00062759235"),
        ("buyer_logon_id", &*format!("208807********{:02}", customer % 100)),
        ("buyer_user_id", &*customer.to_string()),
    ];
    for (name, value) in wanted {
        assert_eq!(paid[name], value, "{name} of {paid}");
    }
    assert_eq!(world.call(&shop, PAY, content.clone()).await, paid, "the same again is the same answer");
    let trade = query(&world, &shop, &content).await;
    for name in ["trade_no", "pay_currency", "pay_amount", "trans_pay_rate", "receipt_amount", "buyer_user_id"] {
        assert_eq!(trade[name], paid[name], "{name} of {trade}");
    }
    assert_eq!(trade["trade_status"], "TRADE_SUCCESS");
    world.quiet().await;
    assert_eq!((world.balance_minor("fr", customer), world.balance_minor("kr", shop.merchant)), (3_117, 30_000));

    // A third of 18.83 is 6.2766…
    let refund = json!({"trade_no": paid["trade_no"], "refund_amount": "10000.00", "out_request_no": "a"});
    let refunded = world.call(&shop, "alipay.trade.refund", refund).await;
    assert_succeeded(&refunded);
    assert_eq!((&refunded["send_back_fee"], &refunded["refund_currency"]), (&json!("10000.00"), &json!("KRW")));
    world.quiet().await;
    assert_eq!((world.balance_minor("fr", customer), world.balance_minor("kr", shop.merchant)), (3_745, 20_000));
    let cancelled = world.call(&shop, CANCEL, json!({"trade_no": paid["trade_no"]})).await;
    assert_succeeded(&cancelled);
    assert_eq!(cancelled["action"], "refund");
    world.quiet().await;
    assert_eq!((world.balance_minor("fr", customer), world.balance_minor("kr", shop.merchant)), (5_000, 0));
    assert_eq!(query(&world, &shop, &content).await["trade_status"], "TRADE_CLOSED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_code_leaves_the_number_free_for_another_code() {
    let world = TestWorld::start().await;
    world.connect().await;
    let shop = world.shop("fr").await;
    let (poor, rich) = (world.customer("kr", "1", 100).await, world.customer("kr", "2", 90_000).await);
    let content = payment(&world, "10.00", "");
    let with = |code: String| {
        let mut content = content.clone();
        content["auth_code"] = json!(code);
        content
    };
    let used = world.pay_code("kr", rich).await;
    assert_succeeded(&world.call(&shop, PAY, payment(&world, "1.00", &used)).await);
    let before = world.balance_minor("fr", shop.merchant);
    let table = [
        (world.pay_code("kr", poor).await, "ACQ.BUYER_BALANCE_NOT_ENOUGH"),
        (used, "ACQ.PAYMENT_AUTH_CODE_INVALID"),
        ("280599999999999999".into(), "ACQ.PAYMENT_AUTH_CODE_INVALID"),
    ];
    for (code, expected) in table {
        let answer = world.call(&shop, PAY, with(code)).await;
        assert_failed(&answer, "40004", expected);
        assert_eq!(answer["receipt_amount"], "0.00");
        assert_failed(&query(&world, &shop, &content).await, "40004", "ACQ.TRADE_NOT_EXIST");
    }
    world.participate("kr", false).await;
    let refused = world.call(&shop, PAY, with(world.pay_code("kr", rich).await)).await;
    assert_failed(&refused, "40004", "ACQ.PAYMENT_FAIL");
    world.participate("kr", true).await;
    world.advance(3_601);
    let stale = world.call(&shop, PAY, with(world.pay_code("kr", rich).await)).await;
    assert_failed(&stale, "40004", "ACQ.SYSTEM_ERROR");
    // A code of a wallet here does not depend on the network.
    let home = world.customer("fr", "3", 1_000).await;
    assert_succeeded(&world.call(&shop, PAY, payment(&world, "2.00", &world.pay_code("fr", home).await)).await);
    world.set_rates().await;
    assert_succeeded(&world.call(&shop, PAY, with(world.pay_code("kr", rich).await)).await);
    assert_eq!(world.balance_minor("fr", shop.merchant), before + 1_200);
    world.quiet().await;
    // 1.00 and 10.00 EUR at 1601.37 and 0.5 %: 1609.37685 and 16093.7685 KRW, rounded up.
    assert_eq!(world.balance_minor("kr", rich), 90_000 - 1_610 - 16_094);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_is_said_to_be_until_it_is_decided() {
    let world = TestWorld::start_that_waits(Duration::from_millis(300)).await;
    world.connect().await;
    let shop = world.shop("kr").await;
    let customer = world.customer("fr", "1", 5_000).await;
    world.cut().await;
    let content = payment(&world, "30000.00", &world.pay_code("fr", customer).await);
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let answer = world.call(&shop, PAY, content.clone()).await;
        assert_eq!((&answer["code"], &answer["total_amount"]), (&json!("10003"), &json!("30000.00")), "{answer}");
        numbers.push(answer["trade_no"].clone());
    }
    assert_eq!(numbers[0], numbers[1]);
    let mut other = content.clone();
    other["total_amount"] = json!("30001.00");
    assert_failed(&world.call(&shop, PAY, other).await, "40004", "ACQ.CONTEXT_INCONSISTENT");
    let waiting = query(&world, &shop, &content).await;
    assert_eq!((&waiting["trade_status"], &waiting["trade_no"]), (&json!("WAIT_BUYER_PAY"), &numbers[0]), "{waiting}");
    assert!(waiting.get("buyer_user_id").is_none(), "nobody is known yet: {waiting}");
    // A second one is cancelled before anybody was asked: nothing is paid.
    let second = payment(&world, "1000.00", &world.pay_code("fr", customer).await);
    assert_eq!(world.call(&shop, PAY, second.clone()).await["code"], "10003");
    let cancelled = world.call(&shop, CANCEL, json!({"out_trade_no": second["out_trade_no"]})).await;
    assert_eq!(cancelled["action"], "close", "{cancelled}");

    world.mend();
    world.quiet().await;
    let (_, id) = sycee_acquiring::parse_trade_no(numbers[0].as_str().unwrap()).unwrap();
    let port = &world.cell("kr").port;
    port.until(&Order::key(id), |order: Option<Order>| order.filter(|order| order.paid.is_some())).await.unwrap();
    assert_eq!(query(&world, &shop, &content).await["trade_status"], "TRADE_SUCCESS");
    assert_succeeded(&world.call(&shop, PAY, content).await);
    assert_eq!(query(&world, &shop, &second).await["trade_status"], "TRADE_CLOSED");
    world.quiet().await;
    assert_eq!((world.balance_minor("fr", customer), world.balance_minor("kr", shop.merchant)), (3_117, 30_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_made_for_a_buyer_of_another_cell() {
    let world = TestWorld::start().await;
    world.connect().await;
    let shop = world.shop("fr").await;
    let (buyer, other) = (world.customer("kr", "1", 50_000).await, world.customer("kr", "2", 50_000).await);
    let order =
        json!({"out_trade_no": "made", "total_amount": "10.00", "subject": "Tea", "buyer_id": buyer.to_string()});
    assert_succeeded(&world.call(&shop, "alipay.trade.create", order.clone()).await);
    let waiting = query(&world, &shop, &order).await;
    assert_eq!(
        (&waiting["trade_status"], &waiting["buyer_user_id"]),
        (&json!("WAIT_BUYER_PAY"), &json!(buyer.to_string()))
    );
    assert_eq!(waiting["buyer_logon_id"], format!("208805********{:02}", buyer % 100));
    // Whose code it is, only their cell knows; it keeps to whom the order names.
    let named = |customer: u64, code: String| {
        json!({"out_trade_no": "scanned", "total_amount": "10.00", "subject": "Tea", "scene": "bar_code",
            "auth_code": code, "buyer_id": customer.to_string()})
    };
    let refused = world.call(&shop, PAY, named(buyer, world.pay_code("kr", other).await)).await;
    assert_failed(&refused, "40004", "ACQ.TRADE_BUYER_NOT_MATCH");
    assert_succeeded(&world.call(&shop, PAY, named(buyer, world.pay_code("kr", buyer).await)).await);
    world.quiet().await;
    assert_eq!((world.balance_minor("kr", buyer), world.balance_minor("kr", other)), (33_906, 50_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn money_is_sent_to_a_customer_of_another_cell() {
    let world = TestWorld::start_that_waits(Duration::from_secs(5)).await;
    world.connect().await;
    let shop = world.shop("fr").await;
    let buyer = world.customer("fr", "1", 10_000).await;
    let payee = world.customer("kr", "2", 0).await;
    world.sell(&shop, buyer, "100.00", "http://127.0.0.1:1/").await;
    let transfer = async |number: &str, amount: &str, payee: u64| {
        let payee_info = json!({"identity": payee.to_string(), "identity_type": "ALIPAY_USER_ID"});
        let content = json!({"out_biz_no": number, "trans_amount": amount, "payee_info": payee_info});
        world.call(&shop, TRANSFER, content).await
    };
    let ask = async |number: &str| world.call(&shop, TRANSFER_QUERY, json!({"out_biz_no": number})).await;
    let sent = transfer("t1", "40.00", payee).await;
    assert_succeeded(&sent);
    assert_eq!(sent["status"], "SUCCESS", "{sent}");
    // 40.00 EUR for a payee who gets won: one won costs 0.00062447 EUR and 0.5 %, so 63735.6…, rounded down.
    assert_eq!((world.balance_minor("kr", payee), world.balance_minor("fr", shop.merchant)), (63_735, 6_000));
    assert_eq!(transfer("t1", "40.00", payee).await, sent, "the same again is the same answer");
    assert_eq!(ask("t1").await["status"], "SUCCESS");
    assert_failed(&transfer("t1", "41.00", payee).await, "40004", "PAYMENT_INFO_INCONSISTENCY");
    assert_failed(&transfer("t2", "60.01", payee).await, "40004", "PAYER_BALANCE_NOT_ENOUGH");

    // Nobody there: the money comes back, and the number is used.
    for _ in 0..2 {
        assert_failed(&transfer("t3", "10.00", 2_088_050_000_100_099).await, "40004", "PAYEE_NOT_EXIST");
    }
    let failed = ask("t3").await;
    assert_eq!((&failed["status"], &failed["error_code"]), (&json!("FAIL"), &json!("PAYEE_NOT_EXIST")), "{failed}");
    assert_failed(&transfer("t4", "1.00", 2_088_550_000_000_001).await, "40004", "PAYEE_NOT_EXIST");
    let named = json!({"out_biz_no": "t5", "trans_amount": "1.00", "payee_info": {
        "identity": payee.to_string(), "identity_type": "ALIPAY_USER_ID", "name": "Somebody Else"}});
    assert_failed(&world.call(&shop, TRANSFER, named).await, "40004", "PAYEE_NOT_EXIST");
    assert_eq!((world.balance_minor("kr", payee), world.balance_minor("fr", shop.merchant)), (63_735, 6_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_under_way_is_said_to_be() {
    let world = TestWorld::start_that_waits(Duration::from_millis(300)).await;
    world.connect().await;
    let shop = world.shop("fr").await;
    let buyer = world.customer("fr", "1", 10_000).await;
    let payee = world.customer("kr", "2", 0).await;
    world.sell(&shop, buyer, "100.00", "http://127.0.0.1:1/").await;
    world.cut().await;
    let payee_info = json!({"identity": payee.to_string(), "identity_type": "ALIPAY_USER_ID"});
    let content = json!({"out_biz_no": "t1", "trans_amount": "40.00", "payee_info": payee_info});
    for _ in 0..2 {
        assert_eq!(world.call(&shop, TRANSFER, content.clone()).await["status"], "DEALING");
    }
    assert_eq!(world.call(&shop, TRANSFER_QUERY, json!({"out_biz_no": "t1"})).await["status"], "DEALING");
    world.mend();
    world.quiet().await;
    assert_eq!(world.call(&shop, TRANSFER, content).await["status"], "SUCCESS");
    assert_eq!((world.balance_minor("kr", payee), world.balance_minor("fr", shop.merchant)), (63_735, 6_000));
}
