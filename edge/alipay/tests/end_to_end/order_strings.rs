//! Order strings: signed by the shop's server, brought by the customer's wallet, and a signed result for the shop's app.

use serde_json::{Value, json};
use sycee_acquiring::command::{AuthorisationTarget, CONFIRM_FREEZE, OrderTarget, PAY_ORDER, SCAN_ORDER};
use sycee_alipay::order_strings::OfWallets;
use sycee_engine::order_strings::{AppResult, Asked, OrderStrings as _};

use crate::client::{form, signed_parameters};
use crate::notices::Receiver;
use crate::world::{Shop, TestWorld};

const PAY: &str = "alipay.trade.app.pay";
const FREEZE: &str = "alipay.fund.auth.order.app.freeze";

fn order_string(shop: &Shop, method: &str, content: &Value, more: &[(&str, &str)]) -> String {
    form(&signed_parameters(shop, method, content, more), |_| true)
}

impl TestWorld {
    fn wallet(&self) -> OfWallets {
        OfWallets(self.alipay.clone())
    }

    /// The node of a result, its signature checked over its exact bytes.
    fn app_node(&self, method: &str, told: &AppResult) -> Value {
        let key = format!("{{\"{}_response\":", method.replace('.', "_"));
        let rest = told.result.strip_prefix(&key).unwrap_or_else(|| panic!("{key} begins {}", told.result));
        let (node, sign) = rest.rsplit_once(",\"sign\":\"").unwrap();
        let sign = sign.strip_suffix("\",\"sign_type\":\"RSA2\"}").unwrap();
        assert!(self.gateway.verify(node.as_bytes(), sign.as_bytes()), "the signature of {node}");
        serde_json::from_str(node).unwrap()
    }

    async fn open(&self, text: &str) -> Asked {
        self.wallet().open(text).await.unwrap_or_else(|told| panic!("{told:?}"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_string_is_paid_by_the_customer_and_the_shops_app_hears_of_it() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let (customer, other) = (world.customer("fr", "1", 10_000).await, world.customer("fr", "2", 10_000).await);
    let (receiver, url) = Receiver::start(&[]).await;
    let content = json!({"out_trade_no": "A1", "total_amount": "12.50", "subject": "Thé & gâteau", "timeout_express": "30m",
        "product_code": "QUICK_MSECURITY_PAY"});
    let text = order_string(&shop, PAY, &content, &[("notify_url", &url)]);
    assert!(world.wallet().is_one(&text));
    let asked = world.open(&text).await;
    assert_eq!(world.open(&text).await, asked, "brought again, it is the same order");
    let query = json!({"out_trade_no": "A1"});
    let unseen = world.call(&shop, "alipay.trade.query", query.clone()).await;
    assert_eq!(unseen["sub_code"], "ACQ.TRADE_NOT_EXIST", "nobody has looked at it");
    let target = OrderTarget { id: asked.id };
    world.ask_as_customer("fr", customer, SCAN_ORDER, &target).await.unwrap();
    assert_eq!(world.call(&shop, "alipay.trade.query", query.clone()).await["trade_status"], "WAIT_BUYER_PAY");
    let told = world.wallet().tell(&text, customer, false).await;
    assert_eq!((told.status.as_str(), told.result.as_str()), ("6001", ""));
    assert_eq!(world.wallet().tell(&text, customer, true).await.status, "8000");

    world.ask_as_customer("fr", customer, PAY_ORDER, &target).await.unwrap();
    let told = world.wallet().tell(&text, customer, false).await;
    assert_eq!(told.status, "9000");
    let node = world.app_node(PAY, &told);
    let expected = [
        ("code", "10000"),
        ("out_trade_no", "A1"),
        ("total_amount", "12.50"),
        ("app_id", &shop.app_id.to_string()),
        ("seller_id", &shop.merchant.to_string()),
        ("charset", "utf-8"),
    ];
    for (name, value) in expected {
        assert_eq!(node[name], value, "{name} of {node}");
    }
    let paid = world.call(&shop, "alipay.trade.query", query).await;
    assert_eq!((&paid["trade_status"], &paid["trade_no"]), (&json!("TRADE_SUCCESS"), &node["trade_no"]));
    assert_eq!(world.balance_minor("fr", customer), 8_750);
    world.run_due().await;
    assert_eq!(receiver.fields(&world, 0)["trade_status"], "TRADE_SUCCESS");

    // Brought again after it was paid: by the same customer it is the same payment, by another it is refused.
    assert_eq!(world.open(&text).await, asked);
    assert_eq!(world.wallet().tell(&text, customer, false).await.status, "9000");
    let told = world.wallet().tell(&text, other, false).await;
    assert_eq!(told.status, "4000");
    assert_eq!(world.app_node(PAY, &told)["sub_code"], "ACQ.TRADE_HAS_SUCCESS");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_string_freezes_money_and_the_notice_says_so() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let customer = world.customer("fr", "1", 10_000).await;
    let (receiver, url) = Receiver::start(&[]).await;
    let content = json!({"out_order_no": "F1", "out_request_no": "Q1", "order_title": "A room", "amount": "60.00",
        "product_code": "PRE_AUTH_ONLINE", "payee_user_id": shop.merchant.to_string()});
    let text = order_string(&shop, FREEZE, &content, &[("notify_url", &url)]);
    let asked = world.open(&text).await;
    let told = world.wallet().tell(&text, customer, false).await;
    assert_eq!((told.status.as_str(), told.result.as_str()), ("6001", ""));
    world.ask_as_customer("fr", customer, CONFIRM_FREEZE, &AuthorisationTarget { id: asked.id }).await.unwrap();
    assert_eq!(world.open(&text).await, asked);
    let told = world.wallet().tell(&text, customer, false).await;
    assert_eq!(told.status, "9000");
    let node = world.app_node(FREEZE, &told);
    assert_eq!((node["status"].as_str(), node["amount"].as_str()), (Some("SUCCESS"), Some("60.00")));
    world.run_due().await;
    let frozen = receiver.fields(&world, 0);
    assert_eq!((&*frozen["notify_type"], &*frozen["auth_no"]), ("fund_auth_freeze", node["auth_no"].as_str().unwrap()));
    assert_eq!((&*frozen["rest_amount"], &*frozen["payer_user_id"]), ("60.00", &*customer.to_string()));

    let release = json!({"auth_no": node["auth_no"], "out_request_no": "Q2", "amount": "20.00", "remark": "bye"});
    let (own, own_url) = Receiver::start(&[]).await;
    world.call_notified(&shop, "alipay.fund.auth.order.unfreeze", release, &own_url).await;
    world.run_due().await;
    let released = own.fields(&world, 0);
    assert_eq!((&*released["notify_type"], &*released["operation_type"]), ("fund_auth_unfreeze", "UNFREEZE"));
    assert_eq!((&*released["amount"], &*released["total_unfreeze_amount"]), ("20.00", "20.00"));
    assert_eq!((receiver.count(), &*released["out_request_no"]), (1, "Q2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_string_that_is_not_genuine_makes_nothing() {
    let world = TestWorld::start().await;
    let (shop, foreign) = (world.shop("fr").await, world.shop("fr").await);
    let stolen = Shop { cell: "fr".into(), merchant: shop.merchant, app_id: shop.app_id, key: foreign.key };
    let content = json!({"out_trade_no": "A1", "total_amount": "12.50", "subject": "Tea"});
    let good = order_string(&shop, PAY, &content, &[]);
    let table = [
        (order_string(&stolen, PAY, &content, &[]), "isv.invalid-signature"),
        (good.replace("12.50", "0.50"), "isv.invalid-signature"),
        (good.replace("charset=utf-8", "charset=latin1"), "isv.invalid-charset"),
        (order_string(&shop, PAY, &content, &[("notify_url", "ftp://x/")]), "isv.invalid-parameter"),
        (order_string(&shop, PAY, &content, &[("app_auth_token", "x")]), "aop.invalid-app-auth-token"),
        (order_string(&shop, "alipay.trade.query", &content, &[]), "isv.invalid-method"),
        (order_string(&shop, PAY, &json!({"out_trade_no": "A1"}), &[]), "ACQ.INVALID_PARAMETER"),
        (order_string(&shop, FREEZE, &content, &[]), "ILLEGAL_ARGUMENT"),
        ("app_id=1&method=x&sign=y".into(), "isv.invalid-app-id"),
        (format!("{good}&x={}", "y".repeat(17_000)), "isv.invalid-parameter"),
    ];
    for (text, code) in table {
        let told = world.wallet().open(&text).await.unwrap_err();
        assert_eq!(told.status, "4000", "{told:?}");
        assert!(told.result.contains(&format!("\"sub_code\":\"{code}\"")), "{code}: {}", told.result);
    }
    let sent = world.request("POST", "/gateway.do", &good).await;
    assert_eq!(world.node(PAY, &sent)["sub_code"], "isv.invalid-method", "a wallet brings it, nobody sends it");
    world.open(&good).await;
    for text in ["", "280700000000000001", "00020101021226", "https://x/?app_id=1"] {
        assert!(!world.wallet().is_one(text), "{text}");
    }
}
