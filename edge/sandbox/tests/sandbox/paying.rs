//! Paying shops and other customers.

use serde_json::{Value, json};
use sycee_acquiring::command::{OrderFields, PRECREATE, Precreate};
use sycee_acquiring::reply::OrderReply;
use sycee_acquiring::{Order, TradeStatus, trade_no};
use sycee_codes::own::{Label, OwnCode};
use sycee_contract::{Caller, Command, decode};
use sycee_money::{Amount, Currency, Money};

use crate::world::TestWorld;

fn euros(minor: u64) -> Value {
    json!({"currency": "EUR", "minor": minor})
}

/// An order as a shop's till opens it.
async fn order(world: &TestWorld, merchant: &str, out_trade_no: &str, minor: u64) -> Order {
    let order = OrderFields {
        app: None,
        out_trade_no: out_trade_no.into(),
        total: Money::new(Amount::new(minor).unwrap(), Currency::from_code("EUR").unwrap()),
        subject: "coffee".into(),
        body: None,
        store: None,
        store_reference: None,
        terminal: None,
        operator: None,
        passback_params: None,
        notify_url: None,
        return_url: None,
        product_code: None,
        expires_at_ns: None,
        expires_after_seconds: None,
        required_buyer: None,
    };
    let body = Precreate { order, code_lifetime_seconds: None };
    let command = Command::new(PRECREATE, Caller::merchant(merchant.parse().unwrap()), &body);
    let reply = world.world.named("fr").unwrap().port.ask(command).await.unwrap().outcome.unwrap();
    decode::<OrderReply>(&reply, "reply").unwrap().order
}

fn status(world: &TestWorld, id: u64) -> TradeStatus {
    let order: Order = world.world.named("fr").unwrap().port.get(&Order::key(id)).unwrap().unwrap();
    order.status_at(world.world.clock.now_ns())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printed_code_is_quoted_paid_and_paid_once_per_key() {
    let world = TestWorld::start(Vec::new()).await;
    let (customer, merchant) = (world.customer("fr", 5_000).await, world.merchant("fr").await);
    let code = world.static_code(&merchant).await;
    let path = format!("/customers/{customer}/pay");

    let quote = world.post(&path, &json!({"code": code, "amount": euros(1250)})).await.with(200);
    let expected = json!({
        "payment_id": null, "status": "quoted", "order_amount": euros(1250), "paid_amount": euros(1250),
        "payee_name": "Café du Port",
    });
    assert_eq!(quote, expected);
    assert_eq!(world.minor(&format!("/customers/{customer}")).await, 5_000);

    let confirm = json!({"code": code, "amount": euros(1250), "confirm": true});
    let paid = world.post_as("k1", &path, &confirm).await.with(200);
    assert_eq!((&paid["status"], &paid["paid_amount"]), (&json!("paid"), &euros(1250)));
    // The payment's number is the one that the order itself has.
    let number = paid["payment_id"].as_str().unwrap();
    let (_, id) = sycee_acquiring::parse_trade_no(number).unwrap();
    let order: Order = world.world.named("fr").unwrap().port.get(&Order::key(id)).unwrap().unwrap();
    assert_eq!(number, trade_no(&order, 7));

    assert_eq!(world.post_as("k1", &path, &confirm).await.with(200), paid);
    let other = json!({"code": code, "amount": euros(1), "confirm": true});
    world.post_as("k1", &path, &other).await.is_problem(409, "idempotency_key_reused");
    world.post(&path, &confirm).await.with(200);
    assert_eq!(world.minor(&format!("/customers/{customer}")).await, 2_500);
    assert_eq!(world.minor(&format!("/merchants/{merchant}")).await, 2_500);
    world.books_hold("fr").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fees_are_nothing_unless_they_are_given() {
    let world = TestWorld::start(Vec::new()).await;
    let customer = world.customer("fr", 50_000).await;
    let opened = world.post("/merchants", &json!({"cell": "fr", "name": "B", "fee_bps": 100})).await.with(200);
    let (free, priced) = (world.merchant("fr").await, opened["merchant_id"].as_str().unwrap().to_owned());
    for (merchant, fee_minor) in [(free, 0), (priced, 100)] {
        let code = world.static_code(&merchant).await;
        let body = json!({"code": code, "amount": euros(10_000), "confirm": true});
        world.post(&format!("/customers/{customer}/pay"), &body).await.with(200);
        let kind = &sycee_acquiring::FEE_RECEIVABLE;
        let account = kind.of(merchant.parse().unwrap(), Currency::from_code("EUR").unwrap());
        let account = world.world.named("fr").unwrap().port.begin_read().account(account).unwrap();
        assert_eq!(account.map_or(0, |account| account.balance_minor()), fee_minor, "{merchant}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_scanned_and_paid_by_code_or_number() {
    let world = TestWorld::start(Vec::new()).await;
    let (customer, merchant) = (world.customer("fr", 5_000).await, world.merchant("fr").await);
    let path = format!("/customers/{customer}/pay");
    let first = order(&world, &merchant, "a-1", 700).await;
    let label = Label {
        template: 26,
        guid: "org.sycee.fr",
        merchant_category_code: "5999",
        currency_numeric: "978",
        amount: Some("7.00"),
        country: "FR",
        name: "Shop",
        city: "Paris",
    };
    let code = OwnCode::Order { cell: 7, id: first.id }.encode(&label).unwrap();
    assert_eq!(status(&world, first.id), TradeStatus::NotExist);

    let number = trade_no(&first, 7);
    let expected =
        json!({"payment_id": number, "status": "quoted", "order_amount": euros(700), "paid_amount": euros(700)});
    assert_eq!(world.post(&path, &json!({"code": code})).await.with(200), expected);
    assert_eq!(status(&world, first.id), TradeStatus::WaitBuyerPay);
    world.post(&path, &json!({"code": code, "amount": euros(699)})).await.is_problem(422, "bad_field");

    let paid = world.post(&path, &json!({"trade_no": number, "confirm": true})).await.with(200);
    assert_eq!((&paid["status"], &paid["payment_id"]), (&json!("paid"), &json!(number)));
    assert_eq!(world.post(&path, &json!({"code": code, "confirm": true})).await.with(200), paid, "again: the same");
    assert_eq!(world.minor(&format!("/customers/{customer}")).await, 4_300);

    // Another customer comes too late; a payment that is refused has made the trade visible all the same.
    let other = format!("/customers/{}/pay", world.customer("fr", 10).await);
    world.post(&other, &json!({"code": code, "confirm": true})).await.is_problem(409, "trade_has_success");
    let second = order(&world, &merchant, "a-2", 800).await;
    let link = format!("http://127.0.0.1:8080/pay/{}", trade_no(&second, 7));
    world.post(&other, &json!({"code": link, "confirm": true})).await.is_problem(402, "buyer_balance_not_enough");
    assert_eq!(status(&world, second.id), TradeStatus::WaitBuyerPay);
    world.books_hold("fr").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_paid_is_a_problem_and_moves_nothing() {
    let world = TestWorld::start(Vec::new()).await;
    let (customer, merchant) = (world.customer("fr", 1_000).await, world.merchant("fr").await);
    let code = world.static_code(&merchant).await;
    let abroad = world.static_code(&world.merchant("th").await).await;
    let table = [
        (json!({"confirm": true}), 422, "bad_field"),
        (json!({"code": code, "trade_no": "1", "confirm": true}), 422, "bad_field"),
        (json!({"code": code, "confirm": true}), 422, "bad_field"),
        (json!({"code": code, "amount": euros(0), "confirm": true}), 422, "bad_field"),
        (json!({"code": code, "amount": euros(1_001), "confirm": true}), 402, "buyer_balance_not_enough"),
        // Nothing is known of other cells before the network has said who takes part.
        (json!({"code": abroad, "amount": euros(1), "confirm": true}), 422, "code_unknown"),
        (json!({"code": "hello", "amount": euros(1), "confirm": true}), 422, "code_unknown"),
        (json!({"code": code.replace("5999", "5998"), "amount": euros(1), "confirm": true}), 422, "code_unknown"),
        (json!({"trade_no": "2026112403000000000000065537", "amount": euros(1), "confirm": true}), 404, "cell_unknown"),
        (json!({"trade_no": "2026112455000000000000065537", "amount": euros(1), "confirm": true}), 404, "cell_unknown"),
        (
            json!({"trade_no": "2026112407000000000000065537", "amount": euros(1), "confirm": true}),
            404,
            "trade_not_exist",
        ),
        (json!({"trade_no": "7", "amount": euros(1), "confirm": true}), 404, "trade_not_exist"),
    ];
    for (body, status, code) in table {
        let answer = world.post(&format!("/customers/{customer}/pay"), &body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.json);
        answer.is_problem(status, code);
    }
    let pay = json!({"code": code, "amount": euros(1), "confirm": true});
    for (nobody, status, code) in
        [("2088070000000099", 404, "customer_not_found"), (merchant.as_str(), 422, "buyer_seller_equal")]
    {
        let answer = world.post(&format!("/customers/{nobody}/pay"), &pay).await;
        answer.is_problem(status, code);
    }
    assert_eq!(world.minor(&format!("/customers/{customer}")).await, 1_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_code_has_the_markets_prefix_and_lives_as_long_as_its_pack_says() {
    let world = TestWorld::start(Vec::new()).await;
    let customer = world.customer("fr", 1_000).await;
    let before_ns = world.world.clock.now_ns();
    let shown = world.post(&format!("/customers/{customer}/pay-code"), &Value::Null).await.with(200);
    let code = shown["auth_code"].as_str().unwrap();
    assert!((18..=24).contains(&code.len()) && code.starts_with("2807"), "{code}");
    let digest = world.world.named("fr").unwrap().code_digest(code);
    let key = sycee_acquiring::record::PayCode::key(digest);
    let kept: sycee_acquiring::record::PayCode = world.world.named("fr").unwrap().port.get(&key).unwrap().unwrap();
    assert_eq!(kept.customer.to_string(), customer);
    let expires_at: jiff::Timestamp = shown["expires_at"].as_str().unwrap().parse().unwrap();
    let expires_at_ns = u64::try_from(expires_at.as_nanosecond()).unwrap();
    assert_eq!(expires_at_ns, kept.expires_at_ns);
    assert!(expires_at_ns >= before_ns + 60_000_000_000);
    let merchant = world.merchant("fr").await;
    world.post(&format!("/customers/{merchant}/pay-code"), &Value::Null).await.is_problem(404, "buyer_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_send_and_ask_for_money() {
    let world = TestWorld::start(Vec::new()).await;
    let anna = world.customer("fr", 1_000).await;
    let body = json!({"cell": "fr", "name": "Béa Martin", "phone": "+33612345678"});
    let bea = world.post("/customers", &body).await.with(200)["customer_id"].as_str().unwrap().to_owned();
    let send = format!("/customers/{anna}/send");

    let quote = world.post(&send, &json!({"to": "+33 612345678", "amount": euros(300)})).await.with(200);
    assert_eq!((&quote["payee_name"], &quote["payee_id"]), (&json!("Béa Martin"), &json!(bea)));
    assert_eq!(quote["status"], "quoted");
    assert_eq!(world.minor(&format!("/customers/{anna}")).await, 1_000);
    let confirm = json!({"to": bea, "amount": euros(300), "confirm": true});
    let sent = world.post_as("s1", &send, &confirm).await.with(200);
    assert_eq!(world.post_as("s1", &send, &confirm).await.with(200), sent);
    assert_eq!(world.minor(&format!("/customers/{anna}")).await, 700);

    let asked =
        world.post(&format!("/customers/{anna}/request-money"), &json!({"from": bea, "amount": euros(50)})).await;
    let request = asked.with(200)["request_id"].clone();
    let answer = json!({"request_id": request, "pay": true});
    world.post(&format!("/customers/{anna}/answer-request"), &answer).await.is_problem(403, "not_your_request");
    let answered = world.post(&format!("/customers/{bea}/answer-request"), &answer).await.with(200);
    assert_eq!(answered["status"], "paid");
    world.post(&format!("/customers/{bea}/answer-request"), &answer).await.is_problem(409, "request_ended");
    assert_eq!(world.minor(&format!("/customers/{bea}")).await, 250);

    let abroad = world.customer("th", 0).await;
    let table = [
        (json!({"to": abroad, "amount": euros(1)}), 422, "not_offered_abroad"),
        (json!({"to": "+3399999999", "amount": euros(1)}), 404, "payee_not_found"),
        (json!({"to": "somebody", "amount": euros(1)}), 422, "bad_field"),
        (json!({"to": bea, "amount": euros(5_000), "confirm": true}), 402, "balance_not_enough"),
    ];
    for (body, status, code) in table {
        world.post(&send, &body).await.is_problem(status, code);
    }
    world.books_hold("fr").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_codes_is_counted_and_limited_by_the_market() {
    let world = TestWorld::start(Vec::new()).await;
    let customer = world.customer("fr", 50_000).await;
    let path = format!("/customers/{customer}/offline-codes");
    let batch = world.post(&path, &json!({"count": 2})).await.with(200);
    let codes: Vec<&str> = batch["auth_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
    assert_eq!(codes.len(), 2);
    assert!(codes[0] != codes[1] && codes.iter().all(|code| code.starts_with("28")), "{codes:?}");
    assert_eq!(batch["amount_limit"]["currency"], "EUR");
    let refused = world.post(&path, &json!({"count": 99})).await.with(422);
    assert_eq!(refused["code"], "offline_codes_refused");
    assert_eq!(world.post(&path, &json!({"count": 101})).await.with(422)["code"], "bad_field");
    assert_eq!(world.post(&path, &json!({"count": 0})).await.with(200)["auth_codes"], json!([]));
}
