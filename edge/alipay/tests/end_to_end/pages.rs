//! Payment on a page: shown, looked at again, paid, back to the shop.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::client::{Answer, Split, signed_parameters};
use crate::world::{Shop, TestWorld};

const PAGE: &str = "alipay.trade.page.pay";
const RETURN_URL: (&str, &str) = ("return_url", "http://shop.example/thanks?shop=1");

/// What stands between the first `before` and the next `after`.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}

fn code_of(page: &Answer) -> Option<&str> {
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html;charset=utf-8")));
    between(&page.body, "<meta name=\"sycee:code\" content=\"", "\"")
}

/// The fields with which the browser comes back, their signature checked.
fn returned(world: &TestWorld, answer: &Answer) -> BTreeMap<String, String> {
    assert_eq!(answer.status, 302, "{}", answer.body);
    let query = answer.header("location").unwrap().strip_prefix("http://shop.example/thanks?shop=1&").unwrap();
    let mut fields: BTreeMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let (sign, sign_type) = (fields.remove("sign").unwrap(), fields.remove("sign_type").unwrap());
    let text: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert!(sign_type == "RSA2" && world.gateway.verify(text.join("&").as_bytes(), sign.as_bytes()));
    fields
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_paid_and_leads_back() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let customer = world.customer("fr", "1", 10_000).await;
    for (method, split) in [(PAGE, Split::Query), ("alipay.trade.wap.pay", Split::ContentInBody)] {
        let content =
            json!({"out_trade_no": world.new_number("order"), "total_amount": "49.90", "subject": "<b>Deux cafés</b>"});
        let parameters = signed_parameters(&shop, method, &content, &[RETURN_URL]);
        let page = world.send(&parameters, split).await;
        let code = code_of(&page).unwrap().to_owned();
        for shown in ["49.90 EUR", "Café de la Gare", "&lt;b&gt;Deux cafés&lt;/b&gt;", "<svg"] {
            assert!(page.body.contains(shown), "{shown}");
        }
        assert!(!page.body.contains("<b>") && !page.body.contains("<script"));
        assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
        let again = between(&page.body, "content=\"3;url=", "\"").unwrap().to_owned();
        assert_eq!(code_of(&world.request("GET", &again, "").await), Some(code.as_str()));

        world.pay("fr", customer, &code).await.unwrap();
        for answer in [world.send(&parameters, split).await, world.request("GET", &again, "").await] {
            let fields = returned(&world, &answer);
            let wanted = [
                ("method", format!("{method}.return")),
                ("app_id", shop.app_id.to_string()),
                ("total_amount", "49.90".into()),
                ("out_trade_no", content["out_trade_no"].as_str().unwrap().to_owned()),
                ("seller_id", shop.merchant.to_string()),
                ("version", "1.0".into()),
                ("charset", "utf-8".into()),
            ];
            for (name, value) in wanted {
                assert_eq!(fields.get(name), Some(&value), "{name}");
            }
            assert_eq!((fields["trade_no"].len(), fields["timestamp"].len()), (28, 19));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_an_order_has_no_code_and_leads_nowhere() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let customer = world.customer("fr", "1", 10_000).await;
    let order = |subject: &str| -> Value {
        json!({"out_trade_no": world.new_number("order"), "total_amount": "49.90", "subject": subject})
    };
    let send = async |shop: &Shop, content: &Value, more: &[(&str, &str)]| {
        world.send(&signed_parameters(shop, PAGE, content, more), Split::Query).await
    };
    // Changed on the way.
    let mut parameters = signed_parameters(&shop, PAGE, &order("tea"), &[RETURN_URL]);
    for (name, value) in &mut parameters {
        if name == "biz_content" {
            *value = value.replace("49.90", "49.91");
        }
    }
    let changed = world.send(&parameters, Split::Query).await;
    assert!(code_of(&changed).is_none() && changed.body.contains("isv.invalid-signature"), "{}", changed.body);
    // Not an order.
    let refused = send(&shop, &json!({"out_trade_no": "a", "total_amount": "0", "subject": "x"}), &[RETURN_URL]).await;
    assert!(code_of(&refused).is_none() && refused.body.contains("ACQ.INVALID_PARAMETER"));
    // Paid, and nowhere to go.
    let content = order("tea");
    let page = send(&shop, &content, &[]).await;
    world.pay("fr", customer, code_of(&page).unwrap()).await.unwrap();
    let paid = send(&shop, &content, &[]).await;
    assert!(code_of(&paid).is_none() && paid.body.contains("The payment has arrived"));
    // Cancelled.
    let content = order("milk");
    let page = send(&shop, &content, &[RETURN_URL]).await;
    let again = between(&page.body, "content=\"3;url=", "\"").unwrap().to_owned();
    world.call(&shop, "alipay.trade.cancel", json!({"out_trade_no": content["out_trade_no"]})).await;
    let closed = world.request("GET", &again, "").await;
    assert!(code_of(&closed).is_none() && closed.body.contains("closed and was not paid"), "{}", closed.body);
    // A seal that is not ours.
    let (path, seal) = again.rsplit_once('/').unwrap();
    let flipped: String = seal.chars().map(|digit| if digit == '0' { '1' } else { '0' }).collect();
    for seal in [flipped.as_str(), "x", &seal[1..]] {
        let answer = world.request("GET", &format!("{path}/{seal}"), "").await;
        assert!(answer.body.contains("ACQ.TRADE_NOT_EXIST") && !answer.body.contains("milk"), "{seal}");
    }
}
