//! The real process, killed with SIGKILL at random moments under load, thirty times: no acknowledged payment is lost, none is
//! done twice, the audit is clean after every kill that it looks at, and every order reaches a final state.

mod support;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use support::{Caller, Process, assert_audit, free_port};
use sycee_alipay::signature::SigningKey;
use sycee_contract::Random;

const KILLS: u64 = 30;
const PAYERS: usize = 4;

/// What a payer knows of one payment: asked under this key, and whether it was acknowledged.
#[derive(Default)]
struct Payments {
    /// Payment numbers and their payers, by idempotency key.
    acknowledged: BTreeMap<String, (String, String)>,
}

struct Shared {
    address: String,
    code: String,
    app_id: String,
    key: SigningKey,
    over: AtomicBool,
    next: AtomicU64,
    payments: Mutex<Payments>,
    orders: Mutex<Vec<String>>,
}

/// Signs a request to the gateway as a merchant's SDK does.
fn gateway(
    caller: &mut Caller,
    shared: &Shared,
    method: &str,
    biz: &serde_json::Value,
) -> Result<serde_json::Value, String> {
    let mut parameters: BTreeMap<&str, String> = BTreeMap::new();
    parameters.insert("app_id", shared.app_id.clone());
    parameters.insert("method", method.into());
    parameters.insert("charset", "utf-8".into());
    parameters.insert("sign_type", "RSA2".into());
    parameters.insert("timestamp", "2026-11-23 12:00:00".into());
    parameters.insert("version", "1.0".into());
    parameters.insert("biz_content", biz.to_string());
    let text = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    parameters.insert("sign", shared.key.sign(text.as_bytes()).map_err(|_| "sign")?);
    let encode = |value: &str| value.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let body = parameters.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&");
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let (status, text) = caller.exchange("POST", "/gateway.do", &headers, &body)?;
    assert_eq!(status, 200, "{text}");
    let reply: serde_json::Value = serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))?;
    Ok(reply[format!("{}_response", method.replace('.', "_"))].clone())
}

fn pay_until_over(shared: &Shared, customer: &str, seed: u64) {
    let mut random = Random::new(seed);
    let mut connection: Option<Caller> = None;
    let mut open: Option<(String, bool)> = None;
    while !shared.over.load(Ordering::SeqCst) {
        let Some(caller) = connection.as_mut() else {
            match Caller::connect(&shared.address) {
                Ok(caller) => connection = Some(caller),
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
            continue;
        };
        // What was asked and not answered is asked again under the same key.
        let (key, as_order) = open
            .take()
            .unwrap_or_else(|| (format!("k{}", shared.next.fetch_add(1, Ordering::SeqCst)), random.below(8) == 0));
        let asked =
            if as_order { ask_order(caller, shared, &key) } else { ask_payment(caller, shared, customer, &key) };
        if asked.is_err() {
            open = Some((key, as_order));
            connection = None;
        }
    }
    // The last one stays open if it was not answered; it must have been done once or not at all.
}

fn ask_payment(caller: &mut Caller, shared: &Shared, customer: &str, key: &str) -> Result<(), String> {
    let body = json!({"code": shared.code, "amount": {"currency": "EUR", "minor": 1}, "confirm": true}).to_string();
    let path = format!("/sandbox/v1/customers/{customer}/pay");
    let (status, text) = caller.exchange("POST", &path, &[("idempotency-key", key)], &body)?;
    if status == 503 {
        return Err(text);
    }
    assert_eq!(status, 200, "{text}");
    let reply: serde_json::Value = serde_json::from_str(&text).unwrap();
    let number = reply["payment_id"].as_str().unwrap().to_owned();
    shared.payments.lock().unwrap().acknowledged.insert(key.to_owned(), (number, customer.to_owned()));
    Ok(())
}

fn ask_order(caller: &mut Caller, shared: &Shared, key: &str) -> Result<(), String> {
    let biz = json!({"out_trade_no": key, "total_amount": "0.01", "subject": "kill", "timeout_express": "5m"});
    let reply = gateway(caller, shared, "alipay.trade.precreate", &biz)?;
    if reply["code"] == "20000" {
        return Err(reply.to_string());
    }
    assert_eq!(reply["code"], "10000", "{reply}");
    shared.orders.lock().unwrap().push(key.to_owned());
    Ok(())
}

/// A shop with an app and a printed code, and customers with money.
struct World {
    merchant: String,
    customers: Vec<String>,
    shared: Arc<Shared>,
}

fn set_up(process: &Process) -> World {
    let key = SigningKey::generate().unwrap();
    let mut setup = Caller::connect(&process.address).unwrap();
    let shop = json!({"cell": "fr", "name": "Killed", "app_public_key": key.public_key_base64().unwrap()});
    let shop = setup.post("/sandbox/v1/merchants", &shop).unwrap();
    let merchant = shop["merchant_id"].as_str().unwrap().to_owned();
    let code = setup.post(&format!("/sandbox/v1/merchants/{merchant}/static-code"), &json!({})).unwrap();
    let customer = |index| {
        let balance = json!({"currency": "EUR", "minor": 10_000_000});
        let body = json!({"cell": "fr", "name": format!("Payer {index}"), "balance": balance});
        setup.post("/sandbox/v1/customers", &body).unwrap()["customer_id"].as_str().unwrap().to_owned()
    };
    let customers = (0..PAYERS).map(customer).collect();
    let shared = Arc::new(Shared {
        address: process.address.clone(),
        code: code["code"].as_str().unwrap().to_owned(),
        app_id: shop["app_id"].as_str().unwrap().to_owned(),
        key,
        over: AtomicBool::new(false),
        next: AtomicU64::new(0),
        payments: Mutex::default(),
        orders: Mutex::default(),
    });
    World { merchant, customers, shared }
}

#[test]
fn killed_thirty_times_under_load() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let mut process = Process::start(folder.path(), port, "fr");
    let World { merchant, customers, shared } = set_up(&process);
    let payers = customers.iter().zip(1..).map(|(customer, seed)| {
        let (shared, customer) = (Arc::clone(&shared), customer.clone());
        std::thread::spawn(move || pay_until_over(&shared, &customer, seed))
    });
    let payers: Vec<_> = payers.collect();

    let mut random = Random::new(20_261_123);
    for kill in 0..KILLS {
        std::thread::sleep(Duration::from_millis(30 + random.below(300)));
        process.kill();
        if kill % 10 == 0 {
            assert_audit(folder.path());
        }
        process = Process::start(folder.path(), port, "fr");
    }
    std::thread::sleep(Duration::from_millis(200));
    shared.over.store(true, Ordering::SeqCst);
    for payer in payers {
        payer.join().unwrap();
    }

    let mut caller = Caller::connect(&process.address).unwrap();
    nothing_lost_nothing_twice(&mut caller, &shared, &merchant, &customers);
    every_order_is_final(&mut caller, &shared, &customers);
    let trial = caller.get("/sandbox/v1/cells/fr/trial-balance").unwrap();
    for invariant in trial["invariants"].as_array().unwrap() {
        assert_eq!(invariant["holds"], true, "{trial}");
    }
    drop(caller);
    process.stop();
    let table = assert_audit(folder.path());
    assert!(table.contains("seal       intact"), "{table}");
}

/// Every acknowledged payment is there and none twice: all that the shop has is what was acknowledged, and at most one
/// payment a payer that was done and whose answer was cut off.
fn nothing_lost_nothing_twice(caller: &mut Caller, shared: &Shared, merchant: &str, customers: &[String]) {
    let payments = shared.payments.lock().unwrap();
    let acknowledged = payments.acknowledged.len() as u64;
    let distinct: std::collections::BTreeSet<&String> =
        payments.acknowledged.values().map(|(number, _)| number).collect();
    assert_eq!(distinct.len() as u64, acknowledged, "two keys have one payment");
    assert!(acknowledged > 200, "only {acknowledged} payments: that is no load");
    let balances = caller.get(&format!("/sandbox/v1/merchants/{merchant}/balances")).unwrap();
    let has = balances[0]["minor"].as_u64().unwrap();
    assert!(acknowledged <= has && has <= acknowledged + PAYERS as u64, "{acknowledged} acknowledged, {has} there");
    println!("{KILLS} kills, {acknowledged} payments acknowledged, {has} there");
    for (key, (number, customer)) in payments.acknowledged.iter().rev().take(200) {
        // Asked again under its key, it is the same payment.
        assert!(customers.contains(customer));
        let body = json!({"code": shared.code, "amount": {"currency": "EUR", "minor": 1}, "confirm": true}).to_string();
        let path = format!("/sandbox/v1/customers/{customer}/pay");
        let reply = caller.exchange("POST", &path, &[("idempotency-key", key.as_str())], &body).unwrap().1;
        assert!(reply.contains(number.as_str()), "{key} has lost {number}: {reply}");
    }
    let after = caller.get(&format!("/sandbox/v1/merchants/{merchant}/balances")).unwrap();
    assert_eq!(after[0]["minor"].as_u64(), Some(has), "asking again has paid again");
}

/// Half of the orders are paid now, all others expire.
fn every_order_is_final(caller: &mut Caller, shared: &Shared, customers: &[String]) {
    let orders = shared.orders.lock().unwrap().clone();
    assert!(orders.len() > 20, "only {} orders", orders.len());
    for order in orders.iter().step_by(2) {
        let biz = json!({"out_trade_no": order, "total_amount": "0.01", "subject": "kill", "timeout_express": "5m"});
        let reply = gateway(caller, shared, "alipay.trade.precreate", &biz).unwrap();
        let qr = reply["qr_code"].as_str().unwrap_or_else(|| panic!("{order} is open: {reply}"));
        let pay = json!({"code": qr, "confirm": true});
        caller.post(&format!("/sandbox/v1/customers/{}/pay", customers[0]), &pay).unwrap();
    }
    caller.post("/sandbox/v1/clock/advance", &json!({"seconds": 8_000})).unwrap();
    let mut paid = 0;
    for order in &orders {
        let reply = gateway(caller, shared, "alipay.trade.query", &json!({"out_trade_no": order})).unwrap();
        // An order that nobody scanned never became a trade.
        let status = reply["trade_status"].as_str().or(reply["sub_code"].as_str()).unwrap_or_default();
        assert!(["TRADE_SUCCESS", "TRADE_CLOSED", "ACQ.TRADE_NOT_EXIST"].contains(&status), "{order}: {reply}");
        paid += usize::from(status == "TRADE_SUCCESS");
    }
    assert_eq!(paid, orders.len().div_ceil(2));
}
