//! The sandbox API of a whole server with the market packs of the binary: all cells, on disk, through HTTP.

use std::net::SocketAddr;
use std::path::Path;

use serde_json::{Value, json};
use sycee::config::{Limits, Settings};
use sycee::server::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn settings(data: &Path) -> Settings {
    Settings {
        listen: "127.0.0.1:0".into(),
        data: data.to_owned(),
        cells: ["cn", "hk", "th", "pk", "kr", "it", "fr", "net"].map(str::to_owned).to_vec(),
        markets: None,
        market_keys: Vec::new(),
        sandbox: true,
        clock_start_ns: None,
        public_url: None,
        peers: Vec::new(),
        network_code_key_file: None,
        rates_file: None,
        brand: None,
        notify_allow: Vec::new(),
        log_json: false,
        log_level: "warn".into(),
        segment_bytes: 1 << 20,
        limits: Limits::default(),
    }
}

/// One request on one connection: status and JSON.
async fn request(to: SocketAddr, method: &str, path: &str, body: &str) -> (u16, Value) {
    let mut stream = TcpStream::connect(to).await.unwrap();
    let length = body.len();
    let text = format!(
        "{method} /sandbox/v1{path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap())
}

async fn get(to: SocketAddr, path: &str) -> Value {
    let (status, answer) = request(to, "GET", path, "").await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

async fn post(to: SocketAddr, path: &str, body: &Value) -> Value {
    let (status, answer) = request(to, "POST", path, &body.to_string()).await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

async fn books_hold(to: SocketAddr, cell: &str) {
    let balance = get(to, &format!("/cells/{cell}/trial-balance")).await;
    for total in balance["currencies"].as_array().unwrap() {
        assert_eq!(total["debits_minor"], total["credits_minor"], "{cell}: {total}");
    }
    let invariants = balance["invariants"].as_array().unwrap();
    assert!(invariants.iter().any(|invariant| invariant["name"] == "clearing_mirrors"), "{balance}");
    for invariant in invariants {
        assert_eq!(invariant["holds"], true, "{cell}: {invariant}");
    }
}

/// The customer's free balance in their market's currency.
async fn balance_minor(to: SocketAddr, customer: &str) -> u64 {
    get(to, &format!("/customers/{customer}/balances")).await[0]["minor"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn shops_are_paid_from_abroad_and_windows_settle_across_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&settings(folder.path())).await.unwrap();
    let to = server.address;
    let wait = json!({"seconds": 0});
    post(to, "/clock/advance", &wait).await;
    let participants = get(to, "/network/participants").await;
    assert_eq!(participants.as_array().unwrap().len(), 7, "{participants}");
    let mut spent = Vec::new();
    for (payer, currency, shop, price, minor) in
        [("th", "THB", "fr", "EUR", 1_250), ("hk", "HKD", "kr", "KRW", 9_000), ("it", "EUR", "fr", "EUR", 700)]
    {
        let balance = json!({"currency": currency, "minor": 100_000});
        let opened = post(to, "/customers", &json!({"cell": payer, "name": "Li Na", "balance": balance})).await;
        let customer = opened["customer_id"].as_str().unwrap().to_owned();
        let opened = post(to, "/merchants", &json!({"cell": shop, "name": "Corner shop"})).await;
        let merchant = opened["merchant_id"].as_str().unwrap();
        let code = post(to, &format!("/merchants/{merchant}/static-code"), &Value::Null).await["code"].clone();
        let amount = json!({"currency": price, "minor": minor});
        let quote = post(to, &format!("/customers/{customer}/pay"), &json!({"code": code, "amount": amount})).await;
        assert_eq!((&quote["status"], &quote["order_amount"]), (&json!("quoted"), &amount), "{quote}");
        let pay = json!({"quote_id": quote["quote_id"], "confirm": true});
        let paid = post(to, &format!("/customers/{customer}/pay"), &pay).await;
        assert_eq!((&paid["status"], &paid["paid_amount"]), (&json!("paid"), &quote["paid_amount"]), "{paid}");
        let expected = json!([{"currency": price, "minor": minor, "held_minor": 0}]);
        assert_eq!(get(to, &format!("/merchants/{merchant}/balances")).await, expected);
        let left = 100_000 - paid["paid_amount"]["minor"].as_u64().unwrap();
        if currency == price {
            assert_eq!((left, &paid["fx"]["margin"]), (100_000 - minor, &json!("0.0000")), "{paid}");
        }
        spent.push((payer, shop, customer, left));
    }
    post(to, "/clock/advance", &wait).await;
    for (payer, shop, customer, left) in &spent {
        assert_eq!(balance_minor(to, customer).await, *left);
        for cell in [payer, shop, "net"] {
            books_hold(to, cell).await;
        }
    }
    assert_eq!(post(to, "/network/windows/close", &Value::Null).await, json!({"window": 1}));
    server.stop().await.unwrap();

    let server = Server::start(&settings(folder.path())).await.unwrap();
    let to = server.address;
    let settled = post(to, "/network/windows/1/settle", &Value::Null).await;
    // Thailand, Hong Kong and Italy pay, Korea and France are paid; the others have nothing to settle.
    assert_eq!(settled, json!({"window": 1, "confirmed": 5, "waiting": []}));
    post(to, "/clock/advance", &wait).await;
    for (payer, shop, customer, left) in &spent {
        assert_eq!(balance_minor(to, customer).await, *left);
        for cell in [payer, shop] {
            for balance in get(to, &format!("/cells/{cell}/clearing")).await["balances"].as_array().unwrap() {
                assert_eq!((&balance["balance_minor"], &balance["tally_minor"]), (&json!(0), &json!(0)), "{balance}");
            }
            books_hold(to, cell).await;
        }
    }
    books_hold(to, "net").await;
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_market_pays_its_shops_and_the_books_hold_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&settings(folder.path())).await.unwrap();
    let to = server.address;
    let cells = get(to, "/cells").await;
    let names: Vec<&str> = cells.as_array().unwrap().iter().map(|cell| cell["cell"].as_str().unwrap()).collect();
    assert_eq!(names, ["cn", "hk", "th", "pk", "kr", "it", "fr", "net"]);

    let mut payers = Vec::new();
    for cell in cells.as_array().unwrap() {
        let (name, currency) = (cell["cell"].as_str().unwrap(), cell["currency"].as_str().unwrap());
        if name == "net" {
            assert_eq!(cell["roles"], json!(["network"]));
            let (status, problem) =
                request(to, "POST", "/customers", &json!({"cell": name, "name": "A"}).to_string()).await;
            assert_eq!((status, &problem["code"]), (422, &json!("role_missing")));
            continue;
        }
        let money = |minor: u64| json!({"currency": currency, "minor": minor});
        let opened = post(to, "/merchants", &json!({"cell": name, "name": "Corner shop"})).await;
        let merchant = opened["merchant_id"].as_str().unwrap();
        assert!(opened["gateway_public_key"].as_str().unwrap().len() > 300, "base64 of an RSA key in SPKI DER");
        let code = post(to, &format!("/merchants/{merchant}/static-code"), &Value::Null).await["code"].clone();
        let opened = post(to, "/customers", &json!({"cell": name, "name": "Li Na", "balance": money(900)})).await;
        let customer = opened["customer_id"].as_str().unwrap().to_owned();
        let pay = json!({"code": code, "amount": money(350), "confirm": true});
        let paid = post(to, &format!("/customers/{customer}/pay"), &pay).await;
        assert_eq!((&paid["status"], &paid["paid_amount"]), (&json!("paid"), &money(350)));
        let expected = json!([{"currency": currency, "minor": 350, "held_minor": 0}]);
        assert_eq!(get(to, &format!("/merchants/{merchant}/balances")).await, expected);
        let shown = post(to, &format!("/customers/{customer}/pay-code"), &Value::Null).await;
        let auth_code = shown["auth_code"].as_str().unwrap();
        assert!((18..=24).contains(&auth_code.len()), "{auth_code}");
        books_hold(to, name).await;
        payers.push((name.to_owned(), customer, currency.to_owned()));
    }

    // A day later every payment code is gone, and after a restart the clock and the money are where they were.
    let before = get(to, "/clock").await["now"].as_str().unwrap().to_owned();
    let after = post(to, "/clock/advance", &json!({"seconds": 86_400})).await["now"].as_str().unwrap().to_owned();
    let instant = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    assert!(instant(&after).duration_since(instant(&before)).as_secs() >= 86_400, "{before} {after}");
    server.stop().await.unwrap();

    let server = Server::start(&settings(folder.path())).await.unwrap();
    for (cell, customer, currency) in payers {
        let expected = json!([{"currency": currency, "minor": 550, "held_minor": 0}]);
        assert_eq!(get(server.address, &format!("/customers/{customer}/balances")).await, expected);
        books_hold(server.address, &cell).await;
    }
    server.stop().await.unwrap();
}
