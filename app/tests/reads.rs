//! A query on another connection, sent the moment an acknowledgement arrives, always sees it: 100,000 times.

use sycee::bench::client::Client;
use sycee::config::{Flags, Settings};
use sycee::server::Server;

const PAIRS: u64 = 8;
const TIMES: u64 = 12_500;

#[test]
fn a_read_always_sees_what_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let flags = Flags {
        listen: Some("127.0.0.1:0".into()),
        data: Some(folder.path().into()),
        cells: Some(vec!["fr".into()]),
        sandbox: true,
        ..Flags::default()
    };
    let settings = Settings::load(flags).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let server = Server::start(&settings).await.unwrap();
        let address = server.address.to_string();
        let pairs: Vec<_> = (0..PAIRS).map(|_| tokio::spawn(pay_and_look(address.clone()))).collect();
        let mut seen = 0;
        for pair in pairs {
            seen += pair.await.unwrap();
        }
        assert_eq!(seen, PAIRS * TIMES);
        server.stop().await.unwrap();
    });
}

/// Pays one cent at a time on one connection, and looks at the shop's balance on another.
async fn pay_and_look(address: String) -> u64 {
    let mut payer = Client::connect(&address).await.unwrap();
    let mut looker = Client::connect(&address).await.unwrap();
    let shop = payer.post("/sandbox/v1/merchants", r#"{"cell":"fr","name":"Shop"}"#).await.unwrap();
    let merchant = shop["merchant_id"].as_str().unwrap().to_owned();
    let code = payer.post(&format!("/sandbox/v1/merchants/{merchant}/static-code"), "{}").await.unwrap();
    let customer = r#"{"cell":"fr","name":"Payer","balance":{"currency":"EUR","minor":1000000}}"#;
    let customer = payer.post("/sandbox/v1/customers", customer).await.unwrap();
    let path = format!("/sandbox/v1/customers/{}/pay", customer["customer_id"].as_str().unwrap());
    let body = serde_json::json!({"code": code["code"], "amount": {"currency": "EUR", "minor": 1}, "confirm": true})
        .to_string();
    let balances = format!("/sandbox/v1/merchants/{merchant}/balances");
    for paid in 1..=TIMES {
        let reply = payer.post(&path, &body).await.unwrap();
        assert_eq!(reply["status"], "paid");
        let seen = looker.get(&balances).await.unwrap();
        assert_eq!(seen[0]["minor"].as_u64(), Some(paid), "after {paid} acknowledgements: {seen}");
    }
    TIMES
}
