//! Payments over HTTP: a sandbox server in this process, clients on loopback connections that are kept open, every reply durable.
//! The load generator runs on the same cores; what it costs is in the figure.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::client::Client;
use super::{Measured, Options, stage, threads};
use crate::server::Server;

/// Who pays whom.
struct Corridor {
    name: &'static str,
    cells: &'static [&'static str],
    payers: &'static str,
    currency: &'static str,
    count: u64,
}

const AT_HOME: Corridor =
    Corridor { name: "payments", cells: &[stage::CELL], payers: stage::CELL, currency: "EUR", count: 200_000 };

/// Three cells in one server: the traveller's wallet, the network, the shop's acquirer.
const ABROAD: Corridor = Corridor {
    name: "payments abroad",
    cells: &["th", "net", stage::CELL],
    payers: "th",
    currency: "THB",
    count: 40_000,
};

pub fn run(options: &Options) -> Result<String, String> {
    let corridor = if options.abroad { &ABROAD } else { &AT_HOME };
    let count = options.count.unwrap_or(corridor.count);
    let connections = options.connections.unwrap_or(64);
    stage::with_server(corridor.cells, async move |server| load(server, corridor, count, connections).await)
}

async fn load(server: &Server, corridor: &Corridor, count: u64, connections: usize) -> Result<Measured, String> {
    let address = server.address.to_string();
    let mut setup = Client::connect(&address).await?;
    let shop = setup.post("/sandbox/v1/merchants", r#"{"cell":"fr","name":"Boulangerie","mcc":"5462"}"#).await?;
    let merchant = shop["merchant_id"].as_str().ok_or("no merchant_id")?.to_owned();
    let code = setup.post(&format!("/sandbox/v1/merchants/{merchant}/static-code"), "{}").await?;
    let code = code["code"].as_str().ok_or("no code")?.to_owned();
    let mut customers = Vec::new();
    for index in 0..connections {
        let balance = serde_json::json!({"currency": corridor.currency, "minor": 10_000_000});
        let body =
            serde_json::json!({"cell": corridor.payers, "name": format!("Customer {index}"), "balance": balance});
        let customer = setup.post("/sandbox/v1/customers", &body.to_string()).await?;
        customers.push(customer["customer_id"].as_str().ok_or("no customer_id")?.to_owned());
    }
    let bytes_before = stage::journal_bytes(server);
    let threads_before = threads::cpu_times();
    let left = Arc::new(AtomicU64::new(count));
    let began = Instant::now();
    let mut tasks = Vec::new();
    for customer in customers {
        let (address, left) = (address.clone(), Arc::clone(&left));
        let path = format!("/sandbox/v1/customers/{customer}/pay");
        let body =
            serde_json::json!({"code": code, "amount": {"currency": "EUR", "minor": 1}, "confirm": true}).to_string();
        tasks.push(tokio::spawn(async move {
            let mut client = Client::connect(&address).await?;
            let mut latencies = Vec::new();
            let take = |left: u64| left.checked_sub(1);
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok() {
                let asked = Instant::now();
                let (status, reply) = client.exchange("POST", &path, &[], &body).await?;
                if status != 200 || !reply.windows(6).any(|window| window == br#""paid""#) {
                    return Err(format!("{path}: {status} {}", String::from_utf8_lossy(&reply)));
                }
                latencies.push(u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX));
            }
            Ok::<_, String>(latencies)
        }));
    }
    let mut latencies_us = Vec::new();
    for task in tasks {
        latencies_us.extend(task.await.map_err(|error| error.to_string())??);
    }
    let elapsed: Duration = began.elapsed();
    let threads = threads::cpu_times();
    Ok(Measured {
        name: format!("{} ({connections} connections)", corridor.name),
        operations: count,
        elapsed,
        latencies_us,
        journal_bytes: stage::journal_bytes(server) - bytes_before,
        cpu_seconds: threads::since(&threads_before, &threads),
        more: serde_json::Map::new(),
    })
}
