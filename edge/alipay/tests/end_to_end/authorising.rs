//! An app learns who somebody is: link, sign-in, consent, code, tokens, and taking it back.

use std::collections::BTreeMap;

use form_urlencoded::Serializer;
use serde_json::{Value, json};

use crate::client::{Answer, Split, assert_failed, signed_parameters};
use crate::visitor::{Form, Visitor};
use crate::world::{Shop, TestWorld};

const PHONE: &str = "+33612345678";
const PIN: &str = "739164";
const BACK: &str = "https://shop.example/in?shop=1";
const TOKEN: &str = "alipay.system.oauth.token";
const SHARE: &str = "alipay.user.info.share";

async fn shop(world: &TestWorld, cell: &str) -> Shop {
    let shop = world.shop(cell).await;
    world.cell(cell).vault.put_return_addresses(shop.app_id, vec![BACK.into()]).unwrap();
    shop
}

fn link(app_id: u64, scope: &str, back: &str) -> String {
    let mut query = Serializer::new(String::new());
    query.append_pair("app_id", &app_id.to_string()).append_pair("scope", scope);
    query.append_pair("redirect_uri", back).append_pair("state", "a&b=c");
    format!("/oauth2/publicAppAuthorize.htm?{}", query.finish())
}

/// The fields with which the browser goes back.
fn returned(answer: &Answer) -> BTreeMap<String, String> {
    assert_eq!(answer.status, 302, "{}", answer.body);
    let query = answer.header("location").unwrap().strip_prefix("https://shop.example/in?shop=1&").unwrap();
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

async fn code(world: &TestWorld, shop: &Shop, scope: &str) -> String {
    let browser = Visitor::new(world);
    let asked = browser.open(&link(shop.app_id, scope, BACK)).await;
    let consent = browser.sign_in(&asked, PHONE, PIN, "fr").await;
    let fields = returned(&browser.send(&Form::of(&consent).with(&[("answer", "allow")])).await);
    assert_eq!((&*fields["state"], &*fields["scope"], &*fields["app_id"]), ("a&b=c", scope, &*shop.app_id.to_string()));
    fields["auth_code"].clone()
}

/// A call whose parameters stand beside `biz_content`, which it has not.
async fn call(world: &TestWorld, shop: &Shop, method: &str, more: &[(&str, &str)]) -> Value {
    let answer = world.send(&signed_parameters(shop, method, &json!({}), more), Split::Query).await;
    let key = if answer.body.starts_with("{\"error_response\"") { "error" } else { method };
    world.node(key, &answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_learns_what_was_consented_to_until_it_is_taken_back() {
    let world = TestWorld::start().await;
    // The app is another cell's: numbers of customers are good everywhere.
    let shop = shop(&world, "kr").await;
    let customer = world.customer_with_pin("fr", PHONE, 0, PIN).await;
    let code = code(&world, &shop, "auth_user").await;
    assert!(code.len() <= 40 && code.starts_with("07"), "{code}");
    let grant = [("grant_type", "authorization_code"), ("code", code.as_str())];
    let tokens = call(&world, &shop, TOKEN, &grant).await;
    assert_eq!((&tokens["user_id"], &tokens["expires_in"]), (&json!(customer.to_string()), &json!("1296000")));
    assert!(tokens.get("code").is_none(), "{tokens}");
    assert_failed(&call(&world, &shop, TOKEN, &grant).await, "40002", "isv.code-invalid");
    let access = tokens["access_token"].as_str().unwrap();
    assert!(access.len() <= 40, "{access}");
    let share = [("auth_token", access)];
    let who = call(&world, &shop, SHARE, &share).await;
    assert_eq!((&who["code"], &who["user_id"]), (&json!("10000"), &json!(customer.to_string())));
    assert_eq!((&who["nick_name"], who.as_object().unwrap().len()), (&json!("Amélie Martin"), 4), "{who}");

    let refresh = [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())];
    let renewed = call(&world, &shop, TOKEN, &refresh).await;
    assert_failed(&call(&world, &shop, TOKEN, &refresh).await, "40002", "isv.refresh-token-invalid");
    let share_again = [("auth_token", renewed["access_token"].as_str().unwrap())];
    assert_eq!(call(&world, &shop, SHARE, &share_again).await["nick_name"], "Amélie Martin");

    assert!(world.cell("fr").vault.withdraw_consent(customer, shop.app_id).unwrap().is_some());
    for share in [share, share_again] {
        assert_failed(&call(&world, &shop, SHARE, &share).await, "20001", "aop.invalid-auth-token");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_and_tokens_are_of_one_app_for_one_use_and_for_a_time() {
    let world = TestWorld::start().await;
    let (shop, other) = (shop(&world, "fr").await, shop(&world, "fr").await);
    world.customer_with_pin("fr", PHONE, 0, PIN).await;
    let first = code(&world, &shop, "auth_base").await;
    let grant = |code: &str| [("grant_type", "authorization_code".to_owned()), ("code", code.to_owned())];
    let token = async |shop: &Shop, code: &str| {
        let grant = grant(code);
        let grant: Vec<(&str, &str)> = grant.iter().map(|(name, value)| (*name, value.as_str())).collect();
        call(&world, shop, TOKEN, &grant).await
    };
    assert_failed(&token(&other, &first).await, "40002", "isv.unmatched-app-id");
    let tokens = token(&shop, &first).await;
    let share = [("auth_token", tokens["access_token"].as_str().unwrap())];
    assert_failed(&call(&world, &other, SHARE, &share).await, "20001", "aop.invalid-auth-token");
    assert_failed(&call(&world, &shop, SHARE, &share).await, "40006", "isv.insufficient-user-permissions");
    for (grant, expected) in [
        (&[("grant_type", "password")][..], "isv.grant-type-invalid"),
        (&[("code", "x")], "isv.grant-type-invalid"),
        (&[("grant_type", "authorization_code")], "isv.code-invalid"),
        (&[("grant_type", "authorization_code"), ("code", "99nothing")], "isv.code-invalid"),
        (&[("grant_type", "refresh_token"), ("refresh_token", "07nothing")], "isv.refresh-token-invalid"),
        (
            &[("grant_type", "authorization_code"), ("code", tokens["access_token"].as_str().unwrap())],
            "isv.code-invalid",
        ),
    ] {
        assert_failed(&call(&world, &shop, TOKEN, grant).await, "40002", expected);
    }
    assert_failed(&call(&world, &shop, SHARE, &[]).await, "20001", "aop.invalid-auth-token");
    let late = code(&world, &shop, "auth_user").await;
    world.advance(601);
    assert_failed(&token(&shop, &late).await, "40002", "isv.code-invalid");
    world.advance(1_296_000);
    assert_failed(&call(&world, &shop, SHARE, &share).await, "20001", "aop.auth-token-time-out");
    world.advance(2_592_000);
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())];
    assert_failed(&call(&world, &shop, TOKEN, &refresh).await, "40002", "isv.refresh-token-time-out");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_to_an_address_that_is_not_the_apps() {
    let world = TestWorld::start().await;
    let shop = shop(&world, "fr").await;
    for target in [
        link(shop.app_id, "auth_user", "https://evil.example/in"),
        link(shop.app_id, "auth_user", "https://shop.example/in"),
        link(shop.app_id + 1, "auth_user", BACK),
        link(shop.app_id, "auth_everything", BACK),
    ] {
        let answer = Visitor::new(&world).open(&target).await;
        assert_eq!(answer.status, 200);
        assert!(answer.body.contains("Nothing about you was told") && !answer.body.contains("<form"), "{target}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_goes_back_without_a_code_and_a_stolen_form_is_worth_nothing() {
    let world = TestWorld::start().await;
    let shop = shop(&world, "fr").await;
    world.customer_with_pin("fr", PHONE, 0, PIN).await;
    let browser = Visitor::new(&world);
    let asked = browser.open(&link(shop.app_id, "auth_user", BACK)).await;
    let consent = browser.sign_in(&asked, PHONE, PIN, "fr").await;
    assert!(consent.header("content-security-policy").unwrap().contains("form-action 'self' https://shop.example;"));
    let form = Form::of(&consent).with(&[("answer", "allow")]);
    // Somebody else's browser, and the same browser with more in the form than was shown.
    let thief = Visitor::new(&world).send(&form).await;
    assert!(thief.body.contains("name=\"pin\""), "{}", thief.body);
    let wider = browser.open(&link(shop.app_id, "auth_base", BACK)).await;
    assert!(wider.body.contains("name=\"pin\""), "a session is for one request: {}", wider.body);
    let no = browser.send(&Form::of(&consent).with(&[("answer", "deny")])).await;
    let fields = returned(&no);
    assert_eq!((fields.get("auth_code"), fields["error"].as_str()), (None, "access_denied"));
    let late = browser.send(&form).await;
    assert!(late.body.contains("name=\"pin\""), "the session has ended with the answer: {}", late.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_calls_too_often_is_told_so_and_others_are_not() {
    // One a second, two at once: whatever the machine's speed, three hundred calls are too many.
    let world = TestWorld::start_that_takes(1).await;
    let (shop, other) = (world.shop("fr").await, world.shop("fr").await);
    let query = json!({"out_trade_no": "none"});
    let mut last = Value::Null;
    for _ in 0..300 {
        last = world.call(&shop, "alipay.trade.query", query.clone()).await;
        if last["code"] == "40005" {
            break;
        }
    }
    assert_failed(&last, "40005", "isv.app-call-limited");
    assert_failed(&world.call(&other, "alipay.trade.query", query).await, "40004", "ACQ.TRADE_NOT_EXIST");
}
