//! Paying on the page itself: signing in, confirming, at home and from abroad, and what does not work.

use serde_json::json;
use sycee_acquiring::command::{OrderTarget, SCAN_ORDER};
use sycee_codes::own::OwnCode;
use sycee_contract::{Caller, Command};
use sycee_engine::clock::Clock as _;

use crate::client::{Answer, Split, signed_parameters};
use crate::visitor::{Form, Visitor, between};
use crate::world::{Shop, TestWorld};

const PHONE: &str = "+33612345678";
const PIN: &str = "739164";

async fn page(world: &TestWorld, shop: &Shop, amount: &str) -> (String, Answer) {
    let content = json!({"out_trade_no": world.new_number("order"), "total_amount": amount, "subject": "Tea"});
    let more = [("return_url", "http://shop.example/thanks")];
    let parameters = signed_parameters(shop, "alipay.trade.page.pay", &content, &more);
    let page = world.send(&parameters, Split::Query).await;
    (between(&page.body, "content=\"3;url=", "\"").unwrap().to_owned(), page)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_signs_in_confirms_and_goes_back_to_the_shop() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let customer = world.customer_with_pin("fr", PHONE, 10_000, PIN).await;
    let (here, _) = page(&world, &shop, "49.90").await;
    let browser = Visitor::new(&world);
    let asked = browser.open(&format!("{here}/pay")).await;
    assert_eq!(asked.header("cache-control"), Some("no-store"));
    assert_eq!(asked.header("referrer-policy"), Some("no-referrer"));
    let policy = asked.header("content-security-policy").unwrap();
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    let wrong = browser.sign_in(&asked, PHONE, "000000", "fr").await;
    assert!(
        wrong.body.contains("do not belong together") && wrong.body.contains("Nothing was taken"),
        "{}",
        wrong.body
    );
    let confirm = browser.sign_in(&wrong, PHONE, PIN, "fr").await;
    for shown in ["Signed in as <bdi>Amélie Martin</bdi>", "100.00 EUR", "Pay <bdi dir=\"ltr\">49.90 EUR</bdi>"] {
        assert!(confirm.body.contains(shown), "{shown}: {}", confirm.body);
    }
    let done = browser.send(&Form::of(&confirm)).await;
    assert!(done.body.contains("The payment has arrived"), "{}", done.body);
    assert_eq!(world.balance_minor("fr", customer), 5_010);
    let next = between(&done.body, "content=\"2;url=", "\"").unwrap().to_owned();
    let away = browser.open(&next).await;
    assert_eq!(away.status, 302);
    assert!(away.header("location").unwrap().starts_with("http://shop.example/thanks?charset=utf-8&"));
    // The same form again finds an order that is paid.
    let again = browser.send(&Form::of(&confirm)).await;
    assert!(again.body.contains("The payment has arrived"), "{}", again.body);
    assert_eq!(world.balance_minor("fr", customer), 5_010);
}

/// A shop of kr, and a customer of fr with 50.00 EUR.
async fn shop_and_traveller(world: &TestWorld) -> (Shop, u64) {
    world.connect().await;
    (world.shop("kr").await, world.customer_with_pin("fr", PHONE, 5_000, PIN).await)
}

/// The page on which the traveller confirms 30000.00 KRW.
async fn confirming_abroad(world: &TestWorld, shop: &Shop, browser: &Visitor<'_>) -> Answer {
    let (here, _) = page(world, shop, "30000.00").await;
    browser.sign_in(&browser.open(&format!("{here}/pay")).await, PHONE, PIN, "fr").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_of_another_cell_sees_both_currencies_and_pays_what_was_quoted() {
    let world = TestWorld::start().await;
    let (shop, customer) = shop_and_traveller(&world).await;
    let browser = Visitor::new(&world);
    let confirm = confirming_abroad(&world, &shop, &browser).await;
    // 30000 KRW at 0.00062447 are 18.7341 EUR, half a percent of 18.73 is 0.09, together 18.8277705, rounded up.
    for shown in ["30000.00 KRW", "18.83 EUR", "18.73 EUR", "0.09 EUR", "0.01 EUR", "0.50 %", "1 KRW = 0.00062447 EUR"]
    {
        assert!(confirm.body.contains(shown), "{shown}: {}", confirm.body);
    }
    assert!(confirm.body.contains("This price is good for"));
    let stolen = Form::of(&confirm).with(&[]);
    let (other, _) = page(&world, &shop, "90000.00").await;
    let elsewhere = Form { action: format!("{other}/pay"), ..stolen };
    let refused = browser.send(&elsewhere).await;
    assert!(refused.body.contains("name=\"pin\""), "a session and a quote are for one order: {}", refused.body);
    let done = browser.send(&Form::of(&confirm)).await;
    assert!(done.body.contains("The payment has arrived"), "{}", done.body);
    world.quiet().await;
    assert_eq!((world.balance_minor("fr", customer), world.balance_minor("kr", shop.merchant)), (3_117, 30_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_agrees_to_an_old_price_is_shown_the_new_one_first() {
    let world = TestWorld::start().await;
    let (shop, customer) = shop_and_traveller(&world).await;
    let browser = Visitor::new(&world);
    let confirm = confirming_abroad(&world, &shop, &browser).await;
    assert!(!confirm.body.contains("http-equiv"), "the page does not change by itself: {}", confirm.body);
    world.clock.move_to(world.clock.now_ns() + 90 * 1_000_000_000);
    let asked_again = browser.send(&Form::of(&confirm)).await;
    assert!(asked_again.body.contains("The price has changed"), "{}", asked_again.body);
    world.quiet().await;
    assert_eq!(world.balance_minor("fr", customer), 5_000);
    let done = browser.send(&Form::of(&asked_again)).await;
    assert!(done.body.contains("The payment has arrived"), "{}", done.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_paid_says_where_the_money_is() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let poor = world.customer_with_pin("fr", PHONE, 100, PIN).await;
    let (here, _) = page(&world, &shop, "49.90").await;
    let browser = Visitor::new(&world);
    let confirm = browser.sign_in(&browser.open(&format!("{here}/pay")).await, PHONE, PIN, "fr").await;
    assert!(confirm.body.contains("Your balance is not enough. Nothing was taken"), "{}", confirm.body);
    assert!(!confirm.body.contains("<form"));
    // Nobody pays without the seal of their own form, whatever the page says.
    for seal in ["", "00112233445566778899aabbccddeeff"] {
        let form = Form { action: format!("{here}/pay"), fields: vec![("seal".into(), seal.into())] };
        browser.send(&form).await;
        let thief = Visitor::new(&world);
        let asked = thief.send(&form).await;
        assert!(asked.body.contains("name=\"pin\""), "{}", asked.body);
    }
    assert_eq!(world.balance_minor("fr", poor), 100);
    assert_eq!(world.balance_minor("fr", shop.merchant), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_site_signs_nobody_in() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    world.customer_with_pin("fr", PHONE, 10_000, PIN).await;
    let (here, _) = page(&world, &shop, "1.00").await;
    for lines in ["sec-fetch-site: cross-site\r\norigin: null\r\n", "origin: https://evil.example\r\n"] {
        let browser = Visitor::new(&world);
        let asked = browser.open(&format!("{here}/pay")).await;
        let browser = Visitor { lines: lines.to_owned(), ..browser };
        let refused = browser.sign_in(&asked, PHONE, PIN, "fr").await;
        assert!(refused.body.contains("Your session is over") && refused.body.contains("name=\"pin\""), "{lines}");
    }
    // Without the cookie that the form was made for.
    let asked = Visitor::new(&world).open(&format!("{here}/pay")).await;
    let refused = Visitor::new(&world).sign_in(&asked, PHONE, PIN, "fr").await;
    assert!(refused.body.contains("Your session is over"), "{}", refused.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_speak_the_visitors_language_and_tell_a_scan() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let customer = world.customer("fr", "1", 10_000).await;
    let (here, first) = page(&world, &shop, "1.00").await;
    let urdu = Visitor { lines: "accept-language: ur-PK, en;q=0.5\r\n".into(), ..Visitor::new(&world) };
    let shown = urdu.open(&here).await;
    assert!(shown.body.contains("<html lang=\"ur\" dir=\"rtl\">"), "{}", shown.body);
    let chosen = urdu.open(&format!("{here}?lang=zh")).await;
    assert!(chosen.body.contains("<html lang=\"zh\" dir=\"ltr\">"));
    assert!(chosen.body.contains(&format!("content=\"3;url={here}?lang=zh\"")), "the choice stays");
    assert!(!first.body.contains("Confirm on your phone"));
    let code = between(&first.body, "<meta name=\"sycee:code\" content=\"", "\"").unwrap();
    let guid = world.cell("fr").market().unwrap().mpm_guid;
    let Some(OwnCode::Order { id, .. }) = OwnCode::parse(code, &guid) else { panic!("{code}") };
    let scan = Command::new(SCAN_ORDER, Caller::customer(customer), &OrderTarget { id });
    world.cell("fr").port.ask(scan).await.unwrap().outcome.unwrap();
    let scanned = Visitor::new(&world).open(&here).await;
    assert!(scanned.body.contains("Scanned. Confirm on your phone."), "{}", scanned.body);
}
