//! Transfers from a shop to a customer.

use serde_json::{Value, json};

use crate::client::{assert_failed, assert_succeeded};
use crate::world::TestWorld;

const TRANSFER: &str = "alipay.fund.trans.uni.transfer";
const QUERY: &str = "alipay.fund.trans.common.query";

#[tokio::test(flavor = "multi_thread")]
async fn transfers_are_made_once_and_found_by_either_number() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let buyer = world.customer("fr", "1", 10_000).await;
    let payee = world.customer("fr", "+33612345678", 0).await;
    let korean = world.customer("kr", "3", 0).await;
    world.sell(&shop, buyer, "100.00", "http://127.0.0.1:1/").await;
    let by_id = |identity: &str| json!({"identity": identity, "identity_type": "ALIPAY_USER_ID"});
    let by_phone =
        |phone: &str, name: &str| json!({"identity": phone, "identity_type": "ALIPAY_LOGON_ID", "name": name});
    let transfer = async |number: &str, amount: &str, payee_info: Value| {
        let content = json!({"out_biz_no": number, "trans_amount": amount, "product_code": "TRANS_ACCOUNT_NO_PWD",
            "biz_scene": "DIRECT_TRANSFER", "order_title": "Prize", "payee_info": payee_info});
        world.call(&shop, TRANSFER, content).await
    };
    let first = transfer("t1", "40.00", by_id(&payee.to_string())).await;
    assert_succeeded(&first);
    assert_eq!((&first["status"], &first["out_biz_no"]), (&json!("SUCCESS"), &json!("t1")));
    assert_eq!(first["trans_date"].as_str().unwrap().len(), 19);
    assert_eq!(transfer("t1", "40.00", by_id(&payee.to_string())).await, first, "the same again is the same answer");
    assert_succeeded(&transfer("t2", "10.00", by_phone("+33 6 12 34 56 78", " amélie MARTIN ")).await);
    let table = [
        ("t1", "40.01", by_id(&payee.to_string()), "PAYMENT_INFO_INCONSISTENCY"),
        ("t1", "40.00", by_id(&buyer.to_string()), "PAYMENT_INFO_INCONSISTENCY"),
        ("t3", "50.01", by_id(&payee.to_string()), "PAYER_BALANCE_NOT_ENOUGH"),
        ("t3", "1.00", by_id("2088999999999990"), "PAYEE_NOT_EXIST"),
        ("t3", "1.00", by_id("2088079999900000"), "PAYEE_NOT_EXIST"),
        ("t3", "1.00", by_id(&korean.to_string()), "PAYEE_NOT_EXIST"),
        ("t3", "1.00", by_id(&shop.merchant.to_string()), "PAYER_PAYEE_CANNOT_SAME"),
        ("t3", "1.00", by_phone("+33612345678", "Somebody Else"), "PAYEE_NOT_EXIST"),
        ("t3", "1.00", by_phone("+33600000000", "Amélie Martin"), "PAYEE_NOT_EXIST"),
        ("t3", "1.00", by_phone("+33612345678", ""), "INVALID_PARAMETER"),
        ("t3", "1.00", json!({"identity": "x", "identity_type": "CARD"}), "INVALID_PARAMETER"),
        ("t3", "0.09", by_id(&payee.to_string()), "EXCEED_LIMIT_SM_MIN_AMOUNT"),
        ("t3", "1.001", by_id(&payee.to_string()), "INVALID_PARAMETER"),
    ];
    for (number, amount, payee_info, expected) in table {
        assert_failed(&transfer(number, amount, payee_info).await, "40004", expected);
    }
    assert_eq!((world.balance_minor("fr", payee), world.balance_minor("fr", shop.merchant)), (5_000, 5_000));

    for content in [json!({"out_biz_no": "t1"}), json!({"order_id": first["order_id"]})] {
        let known = world.call(&shop, QUERY, content).await;
        assert_succeeded(&known);
        let wanted = [("status", "SUCCESS"), ("trans_amount", "40.00"), ("out_biz_no", "t1")];
        for (name, value) in wanted {
            assert_eq!(known[name], value, "{name} of {known}");
        }
        assert_eq!(known["order_id"], first["order_id"]);
    }
    let other = world.shop("fr").await;
    for content in [json!({"out_biz_no": "t3"}), json!({"order_id": "2026112307000010000000000012"})] {
        assert_failed(&world.call(&shop, QUERY, content).await, "40004", "ORDER_NOT_EXIST");
    }
    let foreign = world.call(&other, QUERY, json!({"order_id": first["order_id"]})).await;
    assert_failed(&foreign, "40004", "ORDER_NOT_EXIST");
    assert_failed(&world.call(&shop, QUERY, json!({})).await, "40004", "INVALID_PARAMETER");
}
