//! Payments by the customer's code, and money back.

use serde_json::{Value, json};
use sycee_contract::{Caller, Command};

use crate::client::{assert_failed, assert_succeeded};
use crate::world::TestWorld;

const PAY: &str = "alipay.trade.pay";
const REFUND: &str = "alipay.trade.refund";
const REFUND_QUERY: &str = "alipay.trade.fastpay.refund.query";

fn payment(world: &TestWorld, amount: &str, auth_code: &str) -> Value {
    json!({"out_trade_no": world.new_number("order"), "total_amount": amount, "subject": "Tea", "scene": "bar_code",
        "auth_code": auth_code, "query_options": ["fund_bill_list"]})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customers_code_pays_once() {
    let world = TestWorld::start().await;
    let shop = world.shop("kr").await;
    let customer = world.customer("kr", "01012345678", 5_000).await;
    let content = payment(&world, "4500.00", &world.pay_code("kr", customer).await);
    let paid = world.call(&shop, PAY, content.clone()).await;
    assert_succeeded(&paid);
    for name in ["total_amount", "receipt_amount", "buyer_pay_amount", "invoice_amount", "pay_amount", "settle_amount"]
    {
        assert_eq!(paid[name], "4500.00", "{name}");
    }
    assert_eq!(paid["buyer_user_id"], customer.to_string());
    assert_eq!(paid["buyer_logon_id"], "010******78");
    assert_eq!(paid["fund_bill_list"], json!([{"fund_channel": "ALIPAYACCOUNT", "amount": "4500.00"}]));
    assert_eq!(world.call(&shop, PAY, content).await, paid, "the same again is the same answer");
    assert_eq!((world.balance_minor("kr", customer), world.balance_minor("kr", shop.merchant)), (500, 4_500));
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_that_cannot_pay_move_nothing() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let customer = world.customer("fr", "1", 199_999).await;
    let used = world.pay_code("fr", customer).await;
    assert_succeeded(&world.call(&shop, PAY, payment(&world, "1.00", &used)).await);
    let expired = world.pay_code("fr", customer).await;
    world.advance(61);
    let (poor, rich) = (world.customer("fr", "2", 199).await, world.customer("fr", "3", 500_000).await);
    let poor = world.pay_code("fr", poor).await;
    let (above_one, then_above_day) = (world.pay_code("fr", rich).await, world.pay_code("fr", rich).await);
    let korean = world.customer("kr", "4", 5_000).await;
    let korean = world.pay_code("kr", korean).await;
    let table = [
        (payment(&world, "2.00", &used), "ACQ.PAYMENT_AUTH_CODE_INVALID"),
        (payment(&world, "2.00", &expired), "ACQ.PAYMENT_AUTH_CODE_INVALID"),
        (payment(&world, "2.00", "289999999999999999"), "ACQ.PAYMENT_AUTH_CODE_INVALID"),
        (payment(&world, "2.00", "tea"), "ACQ.PAYMENT_AUTH_CODE_INVALID"),
        (payment(&world, "2.00", ""), "ACQ.INVALID_PARAMETER"),
        (payment(&world, "2.00", &poor), "ACQ.BUYER_BALANCE_NOT_ENOUGH"),
        (payment(&world, "1000.01", &above_one), "ACQ.TOTAL_FEE_EXCEED"),
        // Of a wallet that the network has not named.
        (payment(&world, "2.00", &korean), "ACQ.PAYMENT_AUTH_CODE_INVALID"),
    ];
    let before = world.balance_minor("fr", shop.merchant);
    for (content, expected) in table {
        let answer = world.call(&shop, PAY, content).await;
        assert_failed(&answer, "40004", expected);
        for name in ["receipt_amount", "buyer_pay_amount", "invoice_amount", "point_amount"] {
            assert_eq!(answer[name], "0.00", "{name} of {answer}");
        }
    }
    assert_eq!(world.balance_minor("fr", shop.merchant), before);
    assert_succeeded(&world.call(&shop, PAY, payment(&world, "600.00", &above_one)).await);
    let day = world.call(&shop, PAY, payment(&world, "400.01", &then_above_day)).await;
    assert_failed(&day, "40004", "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_frozen_is_said() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let customer = world.customer("fr", "1", 5_000).await;
    for (party, expected) in [(customer, "ACQ.BUYER_ENABLE_STATUS_FORBID"), (shop.merchant, "ACQ.SELLER_BEEN_BLOCKED")]
    {
        let freeze = sycee_party::command::Freeze { party, reason_code: 1 };
        let command = Command::new(sycee_party::FREEZE, Caller::OPERATOR, &freeze).with_id(&world.new_number("freeze"));
        world.cell("fr").port.ask(command).await.unwrap().outcome.unwrap();
        let code = world.pay_code("fr", customer).await;
        assert_failed(&world.call(&shop, PAY, payment(&world, "2.00", &code)).await, "40004", expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refunds_are_made_once_each_and_never_exceed() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let customer = world.customer("fr", "1", 10_000).await;
    let paid = world.sell(&shop, customer, "100.00", "http://127.0.0.1:1/").await;
    let refund = async |amount: &str, number: Option<&str>| {
        let mut content = json!({"trade_no": paid["trade_no"], "refund_amount": amount, "refund_reason": "cold"});
        if let Some(number) = number {
            content["out_request_no"] = json!(number);
        }
        world.call(&shop, REFUND, content).await
    };
    let ask = async |number: &str| {
        let content = json!({"out_trade_no": paid["out_trade_no"], "out_request_no": number, "query_options": ["gmt_refund_pay"]});
        world.call(&shop, REFUND_QUERY, content).await
    };
    let steps = [
        ("30.00", "a", "Y", "30.00", "30.00"),
        ("20.00", "b", "Y", "50.00", "20.00"),
        ("30.00", "a", "N", "50.00", "0.00"),
    ];
    for (amount, number, changed, total, sent_back) in steps {
        let answer = refund(amount, Some(number)).await;
        assert_succeeded(&answer);
        let wanted = [("fund_change", changed), ("refund_fee", total), ("send_back_fee", sent_back)];
        for (name, value) in wanted {
            assert_eq!(answer[name], value, "{name} of {answer}");
        }
        assert_eq!((&answer["trade_no"], &answer["out_trade_no"]), (&paid["trade_no"], &paid["out_trade_no"]));
    }
    let refusals = [
        ("20.00", Some("a"), "ACQ.DISCORDANT_REPEAT_REQUEST"),
        ("50.01", Some("c"), "ACQ.REASON_TRADE_REFUND_FEE_ERR"),
        ("30.00", None, "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"),
        ("100.01", None, "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"),
        ("0.00", Some("d"), "ACQ.INVALID_PARAMETER"),
    ];
    for (amount, number, expected) in refusals {
        assert_failed(&refund(amount, number).await, "40004", expected);
    }
    let known = ask("b").await;
    let wanted = [
        ("refund_status", "REFUND_SUCCESS"),
        ("refund_amount", "20.00"),
        ("total_amount", "100.00"),
        ("refund_reason", "cold"),
    ];
    for (name, value) in wanted {
        assert_eq!(known[name], value, "{name} of {known}");
    }
    assert_eq!(known["gmt_refund_pay"].as_str().unwrap().len(), 19);
    let unknown = ask("never").await;
    assert_succeeded(&unknown);
    assert!(unknown.get("refund_status").is_none() && unknown.get("refund_amount").is_none());
    assert_eq!((world.balance_minor("fr", customer), world.balance_minor("fr", shop.merchant)), (5_000, 5_000));
    // The shop spends its balance: there is nothing to refund from.
    let payee = world.customer("fr", "2", 0).await;
    let transfer = json!({"out_biz_no": "t", "trans_amount": "50.00",
        "payee_info": {"identity": payee.to_string(), "identity_type": "ALIPAY_USER_ID"}});
    assert_succeeded(&world.call(&shop, "alipay.fund.trans.uni.transfer", transfer).await);
    assert_failed(&refund("50.00", Some("rest")).await, "40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH");
    let cancel = world.call(&shop, "alipay.trade.cancel", json!({"trade_no": paid["trade_no"]})).await;
    assert_failed(&cancel, "40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH");
    let missing = json!({"out_trade_no": "none", "refund_amount": "1.00", "out_request_no": "x"});
    assert_failed(&world.call(&shop, REFUND, missing).await, "40004", "ACQ.TRADE_NOT_EXIST");
}
