//! No phone number, name, PIN verifier, token or key is found by searching the raw bytes of journal and tables.

mod support;

use std::path::Path;

use serde_json::json;
use support::{Caller, Process, free_port};
use sycee_engine::store::{FjallStore, TableStore};
use sycee_engine::vault::{Handle, Vault};

const NAME: &str = "Aurélie Vérité-Dumoulin";
const PHONE: &str = "+33612345789";
const SHOP: &str = "Fromagerie Introuvable";
const SUBJECT: &str = "visible-marker-of-the-static-code";

fn bytes_below(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(bytes_below(&path));
        } else {
            files.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    files
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

#[test]
fn raw_bytes_tell_nothing_of_people() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(folder.path(), free_port(), "fr");
    let mut caller = Caller::connect(&process.address).unwrap();
    let customer = json!({
        "cell": "fr", "name": NAME, "phone": PHONE, "pin": "739164",
        "balance": {"currency": "EUR", "minor": 10_000},
    });
    let customer = caller.post("/sandbox/v1/customers", &customer).unwrap();
    let other = json!({"cell": "fr", "name": "Payee", "phone": "+33698765432"});
    caller.post("/sandbox/v1/customers", &other).unwrap();
    let shop = caller.post("/sandbox/v1/merchants", &json!({"cell": "fr", "name": SHOP})).unwrap();
    let merchant = shop["merchant_id"].as_str().unwrap();
    let code = caller.post(&format!("/sandbox/v1/merchants/{merchant}/static-code"), &json!({})).unwrap();
    let id = customer["customer_id"].as_str().unwrap();
    let pay = json!({"code": code["code"], "amount": {"currency": "EUR", "minor": 100}, "confirm": true}).to_string();
    let path = format!("/sandbox/v1/customers/{id}/pay");
    let (status, text) = caller.exchange("POST", &path, &[("idempotency-key", SUBJECT)], &pay).unwrap();
    assert_eq!(status, 200, "{text}");
    let pay_code = caller.post(&format!("/sandbox/v1/customers/{id}/pay-code"), &json!({})).unwrap();
    let send = json!({"to": "+33698765432", "amount": {"currency": "EUR", "minor": 100}, "confirm": true});
    let sent = caller.post(&format!("/sandbox/v1/customers/{id}/send"), &send);
    sent.unwrap();
    drop(caller);
    process.stop();

    let cell = folder.path().join("fr");
    let vault = Vault::open(&cell.join("vault"), &cell.join("keys").join("cell.key"), false).unwrap();
    let tables = FjallStore::open(&cell.join("tables")).unwrap();
    let party = sycee_party::Party::key(id.parse().unwrap());
    let row = tables.get(&party).unwrap().unwrap();
    let party: sycee_party::Party = sycee_contract::decode(&row.value, "party").unwrap();
    let person = vault.person(Handle(party.person)).unwrap().unwrap();
    assert_eq!((person.name.as_str(), person.phone.as_deref()), (NAME, Some(PHONE)));
    assert!(person.has_pin("739164") && !person.has_pin("739165"));
    let verifier = person.pin_verifier().unwrap().to_vec();
    let gateway = vault.secret("gateway-key").unwrap().unwrap();
    let cell_key = std::fs::read_to_string(cell.join("keys").join("cell.key")).unwrap();
    let cell_key_hex = cell_key.trim_end().rsplit(':').next().unwrap().to_owned();
    let cell_key_bytes: Vec<u8> =
        (0..32).map(|at| u8::from_str_radix(&cell_key_hex[at * 2..at * 2 + 2], 16).unwrap()).collect();
    let secrets: Vec<(&str, Vec<u8>)> = vec![
        ("name", NAME.into()),
        ("part of the name", "Dumoulin".into()),
        ("shop", SHOP.into()),
        ("phone", PHONE.trim_start_matches('+').into()),
        ("national phone", "612345789".into()),
        ("PIN salt", verifier[..16].to_vec()),
        ("PIN verifier", verifier[16..].to_vec()),
        ("gateway key", gateway[gateway.len() - 64..].to_vec()),
        ("gateway key, its middle", gateway[200..264].to_vec()),
        ("cell key", cell_key_bytes),
        ("cell key in hexadecimal", cell_key_hex.into()),
        ("token", customer["token"].as_str().unwrap().into()),
        ("payment code", pay_code["auth_code"].as_str().unwrap().into()),
    ];
    // Tables compress their blocks, so their rows are searched as they read, too.
    let mut rows = Vec::new();
    tables
        .snapshot()
        .scan(&[], None, &mut |key, row| {
            rows.extend_from_slice(key);
            rows.extend_from_slice(&row.value);
            true
        })
        .unwrap();
    drop(tables);
    let mut haystacks = bytes_below(&cell.join("journal"));
    haystacks.extend(bytes_below(&cell.join("tables")));
    haystacks.push(("rows".into(), rows));
    let visible = |what: &str| haystacks.iter().filter(|(_, bytes)| contains(bytes, what.as_bytes())).count();
    assert!(visible(SUBJECT) >= 2, "the search itself works: what is no secret is found in journal and rows");
    for (file, bytes) in &haystacks {
        for (what, secret) in &secrets {
            assert!(!contains(bytes, secret), "{what} stands in {file}");
        }
    }
}
