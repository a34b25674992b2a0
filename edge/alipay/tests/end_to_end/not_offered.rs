//! What is not offered is refused and moves nothing; and what has changed since is told as it is.

use serde_json::{Value, json};

use crate::client::{Split, assert_failed, assert_succeeded, signed_parameters};
use crate::world::TestWorld;

const PRECREATE: &str = "alipay.trade.precreate";

#[tokio::test(flavor = "multi_thread")]
async fn acting_for_another_merchant_and_sharing_money_are_refused() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let content = json!({"out_trade_no": "N1", "total_amount": "1.00", "subject": "Tea"});
    let parameters = signed_parameters(&shop, PRECREATE, &content, &[("app_auth_token", "202611BB")]);
    let answer = world.send(&parameters, Split::Query).await;
    let answer: Value = serde_json::from_str(&answer.body).unwrap();
    let node = &answer["alipay_trade_precreate_response"];
    assert_failed(node, "20001", "aop.invalid-app-auth-token");

    for field in ["royalty_info", "settle_info"] {
        let mut shared = content.clone();
        shared[field] = json!({"royalty_type": "ROYALTY"});
        assert_failed(&world.call(&shop, PRECREATE, shared).await, "40004", "ACQ.ACCESS_FORBIDDEN");
    }
    // Nothing of it has made an order: the number is free.
    assert_succeeded(&world.call(&shop, PRECREATE, content).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refunded_page_does_not_lead_back_as_paid() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let customer = world.customer("fr", "1", 10_000).await;
    let content = json!({"out_trade_no": "N2", "total_amount": "2.00", "subject": "Tea"});
    let back = [("return_url", "http://shop.example/thanks")];
    let parameters = signed_parameters(&shop, "alipay.trade.page.pay", &content, &back);
    let page = world.send(&parameters, Split::Query).await;
    let code = page.body.split_once("sycee:code\" content=\"").unwrap().1.split_once('"').unwrap().0;
    world.pay("fr", customer, code).await.unwrap();
    assert_eq!(world.send(&parameters, Split::Query).await.status, 302);
    let refund = json!({"out_trade_no": "N2", "refund_amount": "2.00"});
    assert_succeeded(&world.call(&shop, "alipay.trade.refund", refund).await);
    let page = world.send(&parameters, Split::Query).await;
    assert_eq!(page.status, 200, "no signed return after the money was given back");
    assert!(page.body.contains("given back"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_transfer_whose_payee_is_gone_does_not_read_as_failed() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let customer = world.customer("fr", "1", 10_000).await;
    let created =
        world.call(&shop, PRECREATE, json!({"out_trade_no": "N3", "total_amount": "5.00", "subject": "Tea"})).await;
    world.pay("fr", customer, created["qr_code"].as_str().unwrap()).await.unwrap();
    let transfer = |number: &str, payee: &str| {
        json!({
            "out_biz_no": number, "trans_amount": "1.00", "product_code": "TRANS_ACCOUNT_NO_PWD",
            "biz_scene": "DIRECT_TRANSFER", "payee_info": {"identity": payee, "identity_type": "ALIPAY_USER_ID"},
        })
    };
    const TRANSFER: &str = "alipay.fund.trans.uni.transfer";
    assert_succeeded(&world.call(&shop, TRANSFER, transfer("T1", &customer.to_string())).await);
    let repeated = world.call(&shop, TRANSFER, transfer("T1", "nobody")).await;
    assert_failed(&repeated, "40004", "PAYMENT_INFO_INCONSISTENCY");
    assert_failed(&world.call(&shop, TRANSFER, transfer("T2", "nobody")).await, "40004", "PAYEE_NOT_EXIST");
}
