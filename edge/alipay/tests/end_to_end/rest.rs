//! Version 3: the methods of version 2 under paths, signatures in headers.

use serde_json::{Value, json};
use sycee_alipay::methods::{Handler, METHODS};

use crate::client::{Answer, signed_parameters};
use crate::world::{Shop, TestWorld};

/// How a request of version 3 may differ from a good one.
#[derive(Clone, Copy, Default)]
pub struct Odd<'a> {
    /// Sent after the signature was made, instead of the body.
    pub other_body: Option<&'a str>,
    /// More headers; the token among them is signed.
    pub app_auth_token: Option<&'a str>,
    pub header: &'a str,
    /// Instead of the header `authorization`.
    pub authorization: Option<&'a str>,
    /// Instead of the one for JSON.
    pub content_type: Option<&'a str>,
}

impl TestWorld {
    pub async fn rest(&self, shop: &Shop, verb: &str, target: &str, body: &str, odd: Odd<'_>) -> Answer {
        let auth = format!("app_id={},nonce=5f0d2f1c,timestamp=1795514400000", shop.app_id);
        let token = odd.app_auth_token.map(|token| format!("{token}\n")).unwrap_or_default();
        let sign = shop.key.sign(format!("{auth}\n{verb}\n{target}\n{body}\n{token}").as_bytes()).unwrap();
        let authorization = match odd.authorization {
            Some(line) => line.to_owned(),
            None => format!("authorization: ALIPAY-SHA256withRSA {auth},sign={sign}\r\n"),
        };
        let token = odd.app_auth_token.map(|token| format!("alipay-app-auth-token: {token}\r\n")).unwrap_or_default();
        let content_type = odd.content_type.unwrap_or("application/json");
        let head = format!("{authorization}{token}{}content-type: {content_type}\r\n", odd.header);
        self.request_with(verb, target, &head, odd.other_body.unwrap_or(body)).await
    }

    /// The status and the body of an answer; the signature over its exact bytes is checked.
    pub fn rest_answer(&self, answer: &Answer) -> (u16, Value) {
        let header = |name| answer.header(name).unwrap_or_else(|| panic!("{name} of {}", answer.head));
        assert_eq!(header("content-type"), "application/json;charset=UTF-8");
        assert_eq!(header("alipay-trace-id").len(), 32);
        let text = format!("{}\n{}\n{}\n", header("alipay-timestamp"), header("alipay-nonce"), answer.body);
        let sign = header("alipay-signature").as_bytes();
        assert!(self.gateway.verify(text.as_bytes(), sign), "the signature of {text}");
        assert!(!self.gateway.verify(format!("{text} ").as_bytes(), sign));
        (answer.status, serde_json::from_str(&answer.body).unwrap())
    }

    pub async fn post(&self, shop: &Shop, path: &str, content: Value) -> (u16, Value) {
        let target = format!("/v3/alipay/{path}");
        self.rest_answer(&self.rest(shop, "POST", &target, &content.to_string(), Odd::default()).await)
    }

    pub async fn get(&self, shop: &Shop, path_and_query: &str) -> (u16, Value) {
        let target = format!("/v3/alipay/{path_and_query}");
        self.rest_answer(&self.rest(shop, "GET", &target, "", Odd::default()).await)
    }
}

pub fn assert_refused((status, body): &(u16, Value), expected_status: u16, code: &str) {
    assert_eq!((*status, body["code"].as_str()), (expected_status, Some(code)), "{body}");
    assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
    let link = format!("http://127.0.0.1:8080/v3/errors/{code}");
    assert_eq!(body["links"], json!([{"link": link, "desc": "what the code means"}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_shown_paid_refunded_and_closed_over_version_3_and_version_2_sees_the_same() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let customer = world.customer("fr", "1", 10_000).await;
    let order = json!({"out_trade_no": "o1", "subject": "Café {crème}", "total_amount": "10.00"});
    let (status, created) = world.post(&shop, "trade/precreate", order).await;
    assert_eq!((status, created["out_trade_no"].as_str()), (200, Some("o1")));
    assert_eq!((created.get("code"), created.get("msg")), (None, None), "plain fields");
    let named = json!({"out_trade_no": "o1"});
    assert_refused(&world.post(&shop, "trade/query", named.clone()).await, 400, "ACQ.TRADE_NOT_EXIST");
    world.pay("fr", customer, created["qr_code"].as_str().unwrap()).await.unwrap();

    let (status, trade) = world.post(&shop, "trade/query", named.clone()).await;
    assert_eq!(
        (status, &trade["trade_status"], &trade["total_amount"]),
        (200, &json!("TRADE_SUCCESS"), &json!("10.00"))
    );
    let mut by_version_2 = world.call(&shop, "alipay.trade.query", named.clone()).await;
    for name in ["code", "msg"] {
        by_version_2.as_object_mut().unwrap().remove(name);
    }
    assert_eq!(trade, by_version_2);
    assert_eq!(world.get(&shop, "trade/query?out_trade_no=o1").await, (200, trade));

    let refund = json!({"out_trade_no": "o1", "refund_amount": "4.00", "out_request_no": "r1"});
    let (status, refunded) = world.post(&shop, "trade/refund", refund.clone()).await;
    assert_eq!((status, &refunded["fund_change"], &refunded["refund_fee"]), (200, &json!("Y"), &json!("4.00")));
    assert_eq!(world.post(&shop, "trade/refund", refund).await.1["fund_change"], "N");
    let asked = json!({"out_trade_no": "o1", "out_request_no": "r1"});
    let (status, known) = world.post(&shop, "trade/fastpay/refund/query", asked).await;
    assert_eq!(
        (status, &known["refund_status"], &known["refund_amount"]),
        (200, &json!("REFUND_SUCCESS"), &json!("4.00"))
    );
    assert_refused(&world.post(&shop, "trade/close", named.clone()).await, 400, "ACQ.TRADE_STATUS_ERROR");
    let (status, cancelled) = world.post(&shop, "trade/cancel", named).await;
    assert_eq!((status, &cancelled["action"]), (200, &json!("refund")));
    assert_eq!(world.balance_minor("fr", customer), 10_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scanned_code_and_a_transfer_over_version_3() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let customer = world.customer("fr", "1", 10_000).await;
    let code = world.pay_code("fr", customer).await;
    let sale = |amount: &str, code: &str| {
        json!({"out_trade_no": "s1", "subject": "Pain", "total_amount": amount,
        "scene": "bar_code", "auth_code": code})
    };
    let unknown = world.post(&shop, "trade/pay", sale("20.00", "280700000000009999")).await;
    assert_refused(&unknown, 400, "ACQ.PAYMENT_AUTH_CODE_INVALID");
    let keys: Vec<&String> = unknown.1.as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 3, "a failure has no amounts: {unknown:?}");
    let (status, paid) = world.post(&shop, "trade/pay", sale("20.00", &code)).await;
    assert_eq!(
        (status, &paid["total_amount"], &paid["buyer_user_id"]),
        (200, &json!("20.00"), &json!(customer.to_string()))
    );

    let content = json!({"out_biz_no": "t1", "trans_amount": "5.00", "product_code": "TRANS_ACCOUNT_NO_PWD",
        "biz_scene": "DIRECT_TRANSFER", "order_title": "Prize",
        "payee_info": {"identity": customer.to_string(), "identity_type": "ALIPAY_USER_ID"}});
    let (status, sent) = world.post(&shop, "fund/trans/uni/transfer", content).await;
    assert_eq!((status, &sent["status"]), (200, &json!("SUCCESS")));
    let query = "fund/trans/common/query?product_code=TRANS_ACCOUNT_NO_PWD&biz_scene=DIRECT_TRANSFER&out_biz_no";
    let (status, known) = world.get(&shop, &format!("{query}=t1")).await;
    assert_eq!((status, &known["order_id"], &known["trans_amount"]), (200, &sent["order_id"], &json!("5.00")));
    assert_refused(&world.get(&shop, &format!("{query}=t2")).await, 400, "ORDER_NOT_EXIST");
    assert_eq!((world.balance_minor("fr", customer), world.balance_minor("fr", shop.merchant)), (8_500, 1_500));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_is_under_way_is_202_and_cannot_be_taken_for_paid() {
    let world = TestWorld::start_that_waits(std::time::Duration::from_millis(300)).await;
    world.connect().await;
    world.cut().await;
    let shop = world.shop("fr").await;
    let korean = world.customer("kr", "1", 100_000).await;
    let code = world.pay_code("kr", korean).await;
    let sale = json!({"out_trade_no": "s1", "subject": "Pain", "total_amount": "2.00", "scene": "bar_code", "auth_code": code});
    let (status, answer) = world.post(&shop, "trade/pay", sale.clone()).await;
    assert_eq!((status, &answer["code"], &answer["out_trade_no"]), (202, &json!("10003"), &json!("s1")), "{answer}");
    assert_eq!((answer.get("gmt_payment"), answer.get("msg")), (None, None));
    world.mend();
    world.quiet().await;
    let (status, paid) = world.post(&shop, "trade/pay", sale).await;
    assert_eq!((status, &paid["total_amount"], paid.get("code")), (200, &json!("2.00"), None), "{paid}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_method_of_version_2_that_a_program_calls_has_a_path_and_no_page_has_one() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    for (method, handler) in METHODS {
        let path = method.strip_prefix("alipay.").unwrap().replace('.', "/");
        let (status, body) = world.post(&shop, &path, json!({})).await;
        let reached = body["code"] != "invalid-method";
        assert_eq!(reached, matches!(handler, Handler::Node(_)), "{method}: {status} {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_request_has_a_status_and_a_code() {
    let world = TestWorld::start().await;
    let (shop, other) = (world.shop("fr").await, world.shop("fr").await);
    let query = "/v3/alipay/trade/query";
    let good = r#"{"out_trade_no":"o1"}"#;
    let with = |authorization| Odd { authorization: Some(authorization), ..Odd::default() };
    let foreign = Shop { cell: "fr".into(), merchant: shop.merchant, app_id: shop.app_id, key: other.key };
    let unknown = Shop { cell: "fr".into(), merchant: 0, app_id: 2_021_079_999_999_999, key: foreign.key };
    let foreign =
        Shop { cell: "fr".into(), merchant: shop.merchant, app_id: shop.app_id, key: world.shop("fr").await.key };
    let plain = Odd::default();
    let tampered = Odd { other_body: Some(r#"{"out_trade_no":"o2"}"#), ..plain };
    let encrypted = Odd { header: "alipay-encrypt-type: AES\r\n", ..plain };
    let otherwise = Odd { header: "alipay-encrypt-type: DES\r\n", ..plain };
    let token = Odd { app_auth_token: Some("202611BB1"), ..plain };
    let unsigned_token = Odd { header: "alipay-app-auth-token: 202611BB1\r\n", ..plain };
    let upload = Odd { content_type: Some("multipart/form-data; boundary=x"), ..plain };
    let table: [(&Shop, &str, &str, &str, Odd<'_>, u16, &str); 21] = [
        (&shop, "POST", query, good, with(""), 401, "missing-signature"),
        (&shop, "POST", query, good, with("authorization: Bearer x\r\n"), 400, "invalid-signature-type"),
        (&unknown, "POST", query, good, plain, 400, "invalid-app-id"),
        (&foreign, "POST", query, good, plain, 401, "invalid-signature"),
        (&shop, "POST", query, good, tampered, 401, "invalid-signature"),
        (&shop, "POST", query, good, unsigned_token, 401, "invalid-signature"),
        (&shop, "POST", query, good, token, 401, "invalid-app-auth-token"),
        (&shop, "POST", query, r#"{"out_trade_no":"o1","app_auth_token":"x"}"#, plain, 401, "invalid-app-auth-token"),
        (&shop, "POST", query, good, encrypted, 400, "decryption-error-unknown"),
        (&shop, "POST", query, good, otherwise, 400, "invalid-encrypt-type"),
        (&shop, "POST", query, good, upload, 400, "invalid-parameter"),
        (&shop, "POST", "/v3/alipay/trade/nothing", good, plain, 400, "invalid-method"),
        (&shop, "POST", "/v3/alipay/trade/page/pay", good, plain, 400, "invalid-method"),
        (&shop, "POST", "/v3/alipay/trade//query", good, plain, 400, "invalid-method"),
        (&shop, "PUT", query, good, plain, 400, "invalid-http-method"),
        (&shop, "GET", "/v3/alipay/trade/cancel?out_trade_no=o1", "", plain, 400, "invalid-http-method"),
        (&shop, "POST", query, "[1]", plain, 400, "illegal-json"),
        (&shop, "POST", query, "{", plain, 400, "illegal-json"),
        (&shop, "POST", "/v3/alipay/trade/query?out_trade_no=o1", good, plain, 400, "invalid-parameter"),
        (&shop, "POST", query, r#"{"out_trade_no":"o1","notify_url":"ftp://x/"}"#, plain, 400, "invalid-parameter"),
        (&shop, "POST", query, good, plain, 400, "ACQ.TRADE_NOT_EXIST"),
    ];
    for (shop, verb, target, body, odd, status, code) in table {
        let answer = world.rest(shop, verb, target, body, odd).await;
        assert_refused(&world.rest_answer(&answer), status, code);
    }
    let explained = world.request("GET", "/v3/errors/invalid-signature", "").await;
    assert_eq!(
        (explained.status, explained.body.as_str()),
        (200, "invalid-signature: the signature does not verify\n")
    );
    assert_eq!(world.request("GET", "/v3/errors/nothing", "").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_says_over_which_text_a_signature_was_checked() {
    let world = TestWorld::start().await;
    let (shop, other) = (world.shop("fr").await, world.shop("fr").await);
    let foreign = Shop { cell: "fr".into(), merchant: shop.merchant, app_id: shop.app_id, key: other.key };
    let body = r#"{"out_trade_no":"o{1"}"#;
    let answer = world.rest(&foreign, "POST", "/v3/alipay/trade/query?a=%7B", body, Odd::default()).await;
    let message = world.rest_answer(&answer).1["message"].as_str().unwrap().to_owned();
    let text = format!(
        "\napp_id={},nonce=5f0d2f1c,timestamp=1795514400000\nPOST\n/v3/alipay/trade/query?a=%7B\n{body}\n",
        shop.app_id
    );
    assert!(message.ends_with(&text), "{message}");

    let parameters = signed_parameters(&foreign, "alipay.trade.query", &json!({"out_trade_no": "o{1"}), &[]);
    let node = world.node("alipay.trade.query", &world.send(&parameters, crate::client::Split::Body).await);
    assert_eq!(node["sub_code"], "isv.invalid-signature");
    let text = format!(
        "\napp_id={}&biz_content={body}&charset=utf-8&method=alipay.trade.query&sign_type=RSA2\
         &timestamp=2026-11-23 10:00:00&version=1.0",
        shop.app_id
    );
    assert!(node["sub_msg"].as_str().unwrap().ends_with(&text), "{node}");
}
