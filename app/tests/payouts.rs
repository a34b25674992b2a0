//! A whole sandbox server that settles merchants and pays them through its simulated bank.

mod support;

use serde_json::{Value, json};
use support::{Caller, Process, assert_audit, free_port};

fn post(caller: &mut Caller, path: &str, body: &Value) -> Value {
    caller.post(&format!("/sandbox/v1{path}"), body).unwrap_or_else(|why| panic!("{path}: {why}"))
}

fn get(caller: &mut Caller, path: &str) -> Value {
    caller.get(&format!("/sandbox/v1{path}")).unwrap_or_else(|why| panic!("{path}: {why}"))
}

/// What a merchant has, minor units.
fn minor(caller: &mut Caller, merchant: &str) -> i64 {
    get(caller, &format!("/merchants/{merchant}/balances"))[0]["minor"].as_i64().unwrap()
}

fn sell(caller: &mut Caller, merchant: &str, customer: &str, minor: u64) {
    let code = post(caller, &format!("/merchants/{merchant}/static-code"), &json!({}))["code"].clone();
    let amount = json!({"currency": "EUR", "minor": minor});
    let paid =
        post(caller, &format!("/customers/{customer}/pay"), &json!({"code": code, "amount": amount, "confirm": true}));
    assert_eq!(paid["status"], "paid", "{paid}");
}

/// The merchant's last settlement that is closed.
fn last_closing(caller: &mut Caller, token: &str) -> Value {
    let bearer = format!("Bearer {token}");
    let path = "/api/v1/settlements/EUR";
    let (status, body) = caller.exchange("GET", path, &[("authorization", &bearer)], "").unwrap();
    assert_eq!(status, 200, "{body}");
    let list: Value = serde_json::from_str(&body).unwrap();
    let settlements = list["items"].as_array().unwrap();
    settlements.iter().find(|one| one.get("closing").is_some()).unwrap()["closing"].clone()
}

fn payout_state(caller: &mut Caller, token: &str, payout: &str) -> String {
    let bearer = format!("Bearer {token}");
    let path = format!("/api/v1/payouts/{payout}");
    let (status, body) = caller.exchange("GET", &path, &[("authorization", &bearer)], "").unwrap();
    assert_eq!(status, 200, "{body}");
    serde_json::from_str::<Value>(&body).unwrap()["state"].as_str().unwrap().to_owned()
}

#[test]
fn a_sandbox_pays_out_those_who_ask_for_it_through_files_and_a_killed_server_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let server = Process::start(folder.path(), port, "fr");
    let mut caller = Caller::connect(&server.address).unwrap();
    let merchant = |caller: &mut Caller, name: &str| {
        let opened = post(caller, "/merchants", &json!({"cell": "fr", "name": name, "fee_bps": 100}));
        (opened["merchant_id"].as_str().unwrap().to_owned(), opened["token"].as_str().unwrap().to_owned())
    };
    let (shop, token) = merchant(&mut caller, "Boulangerie");
    let (plain, _) = merchant(&mut caller, "Tabac");
    let balance = json!({"currency": "EUR", "minor": 100_000});
    let customer = post(&mut caller, "/customers", &json!({"cell": "fr", "name": "Anna", "balance": balance}));
    let customer = customer["customer_id"].as_str().unwrap().to_owned();
    let begun = post(&mut caller, &format!("/merchants/{shop}/settlement"), &json!({}));
    assert!(begun["account_number"].as_str().unwrap().starts_with("FR"), "{begun}");
    sell(&mut caller, &shop, &customer, 10_000);
    sell(&mut caller, &plain, &customer, 5_000);

    // The answer about the first file is lost; a week has a banking day whatever day it is.
    let fault = json!({"effect": "payout", "mode": "timeout-after-doing", "count": 1});
    post(&mut caller, "/faults", &fault);
    post(&mut caller, "/clock/advance", &json!({"seconds": 8 * 86_400}));
    assert_eq!((minor(&mut caller, &shop), minor(&mut caller, &plain)), (0, 5_000));
    let closing = last_closing(&mut caller, &token);
    assert_eq!(closing["paid_out"], json!({"currency": "EUR", "minor": "9900"}));
    let payout = closing["payout"].as_str().unwrap().to_owned();
    assert_eq!(payout_state(&mut caller, &token, &payout), "settled");
    let bank = folder.path().join("bank/fr");
    let sent = std::fs::read_dir(bank.join("out")).unwrap().count();
    assert_eq!(sent, 1);
    assert!(std::fs::read_dir(bank.join("read")).unwrap().count() >= 1);

    // Another sale, and a server that is killed: what was on its way is asked about and arrives once.
    sell(&mut caller, &shop, &customer, 2_000);
    drop(caller);
    server.kill();
    let server = Process::start(folder.path(), port, "fr");
    let mut caller = Caller::connect(&server.address).unwrap();
    post(&mut caller, "/clock/advance", &json!({"seconds": 8 * 86_400}));
    let closing = last_closing(&mut caller, &token);
    assert_eq!(closing["paid_out"], json!({"currency": "EUR", "minor": "1980"}));
    let payout = closing["payout"].as_str().unwrap().to_owned();
    assert_eq!(payout_state(&mut caller, &token, &payout), "settled");
    let books = get(&mut caller, "/cells/fr/trial-balance");
    assert!(books["invariants"].as_array().unwrap().iter().all(|invariant| invariant["holds"] == true), "{books}");
    drop(caller);
    server.stop();
    assert_audit(folder.path());
}
