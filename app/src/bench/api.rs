//! Signed requests to the own API: customers who pay a shop of their own wallet, over HTTP on connections that are kept open. Every
//! request is signed when it is sent, every reply is durable and looked at. The load runs on the same cores, on threads of its
//! own that are called `load`, so that what it costs can be told from what the server costs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use sycee_engine::CellHandle;
use sycee_engine::vault::{ApiKey, KeyAlgorithm};

use super::client::Client;
use super::signer::{Algorithm, Signer};
use super::{Measured, Options, stage, threads};
use crate::server::Server;

const PATH: &str = "/api/v1/pay-printed-code";
/// Each customer may ask 50 times in a second and 200 times at once: so many that their limits are not what is measured.
const CUSTOMERS: u64 = 1_024;
/// What each customer has, minor units.
const BALANCE_MINOR: u64 = 10_000_000;

/// What the load shares.
struct Load {
    address: String,
    body: String,
    left: AtomicU64,
}

pub fn run(options: &Options) -> Result<String, String> {
    let connections = options.connections.unwrap_or(256);
    let customers = options.accounts.unwrap_or(CUSTOMERS).max(u64::try_from(connections).unwrap_or(u64::MAX));
    let (count, algorithm) = (options.count.unwrap_or(200_000), options.signature);
    stage::with_server(&[stage::CELL], async move |server| {
        let cell = Arc::clone(server.running.world.named(stage::CELL).ok_or("the cell is not there")?);
        let staged = tokio::task::spawn_blocking(move || people(&cell, customers, algorithm));
        let (merchant, signers) = staged.await.map_err(|error| error.to_string())??;
        let address = server.address.to_string();
        let body = body(&address, merchant).await?;
        let load = Load { address, body, left: AtomicU64::new(count) };
        let mut measured = measure(server, load, signers, connections).await?;
        measured.name = format!("api --signature {} ({connections} connections)", algorithm.name());
        measured.more.insert("callers".into(), customers.into());
        Ok(measured)
    })
}

/// A merchant, and customers with a key each.
fn people(cell: &CellHandle, customers: u64, algorithm: Algorithm) -> Result<(u64, Vec<Signer>), String> {
    let people = stage::people(&cell.port, customers, BALANCE_MINOR)?;
    let mut signers = Vec::new();
    for customer in people.customers {
        let id = ApiKey::new_id(cell.number).map_err(|error| error.to_string())?;
        let signer = Signer::new(algorithm, id)?;
        register(cell, customer, &signer, algorithm.stored())?;
        signers.push(signer);
    }
    Ok((people.merchant, signers))
}

fn register(cell: &CellHandle, party: u64, signer: &Signer, algorithm: KeyAlgorithm) -> Result<(), String> {
    let (id, bytes) = (signer.id().to_owned(), signer.verifying().to_vec());
    let key = ApiKey { id, party, algorithm, bytes, created_at_ns: 0, revoked_at_ns: None };
    cell.vault.put_api_key(&key).map_err(|error| error.to_string())
}

/// What every request asks: a cent for the shop.
async fn body(address: &str, merchant: u64) -> Result<String, String> {
    let mut setup = Client::connect(address).await?;
    let code = setup.post(&format!("/sandbox/v1/merchants/{merchant}/static-code"), "{}").await?;
    let code = code["code"].as_str().ok_or("no code")?;
    Ok(serde_json::json!({"code": code, "total": {"currency": "EUR", "minor": "1"}}).to_string())
}

async fn measure(server: &Server, load: Load, signers: Vec<Signer>, connections: usize) -> Result<Measured, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("load")
        .build()
        .map_err(|error| error.to_string())?;
    let (operations, load) = (load.left.load(Ordering::Relaxed), Arc::new(load));
    let mut shares: Vec<Vec<Signer>> = (0..connections).map(|_| Vec::new()).collect();
    for (index, signer) in signers.into_iter().enumerate() {
        shares[index % connections].push(signer);
    }
    let (bytes_before, threads_before) = (stage::journal_bytes(server), threads::cpu_times());
    let began = Instant::now();
    let tasks: Vec<_> = shares.into_iter().map(|share| runtime.spawn(pay(Arc::clone(&load), share))).collect();
    let mut latencies_us = Vec::new();
    for task in tasks {
        latencies_us.extend(task.await.map_err(|error| error.to_string())??);
    }
    let (elapsed, threads) = (began.elapsed(), threads::cpu_times());
    runtime.shutdown_background();
    Ok(Measured {
        name: String::new(),
        operations,
        elapsed,
        latencies_us,
        journal_bytes: stage::journal_bytes(server) - bytes_before,
        cpu_seconds: threads::since(&threads_before, &threads),
        more: serde_json::Map::new(),
    })
}

/// One connection: customers in turn, one request at a time.
async fn pay(load: Arc<Load>, signers: Vec<Signer>) -> Result<Vec<u64>, String> {
    let mut client = Client::connect(&load.address).await?;
    let mut latencies = Vec::new();
    for signer in signers.iter().cycle() {
        let Ok(left) = load.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)) else {
            break;
        };
        let asked = Instant::now();
        let key = format!("bench-{left}");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?.as_secs();
        let signed = signer.post(PATH, &key, &load.body, now);
        let (status, reply) = client.exchange("POST", PATH, &signed.headers(&key), &load.body).await?;
        if status != 200 || !reply.windows(10).any(|window| window == br#""trade_no""#) {
            return Err(format!("{PATH}: {status} {}", String::from_utf8_lossy(&reply)));
        }
        latencies.push(u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX));
    }
    Ok(latencies)
}
