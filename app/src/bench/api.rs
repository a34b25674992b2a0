//! Signed requests to the own API: customers who pay a shop of their own wallet, over HTTP on connections that are kept open. Every
//! request is signed when it is sent, every reply is durable and looked at.

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use sycee_engine::CellHandle;
use sycee_engine::vault::{ApiKey, KeyAlgorithm};

use super::client::Client;
use super::load::{Left, microseconds_since};
use super::signer::{Algorithm, Signer};
use super::{Options, load, stage};

const PATH: &str = "/api/v1/pay-printed-code";
/// Each customer may ask 50 times in a second and 200 times at once: so many that their limits are not what is measured.
const CUSTOMERS: u64 = 1_024;
/// What each customer has, minor units.
const BALANCE_MINOR: u64 = 10_000_000;

/// What the connections share.
struct Shared {
    address: String,
    body: String,
    left: Left,
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
        let shared = Arc::new(Shared { address, body, left: Left::new(count) });
        let mut shares: Vec<Vec<Signer>> = (0..connections).map(|_| Vec::new()).collect();
        for (index, signer) in signers.into_iter().enumerate() {
            shares[index % connections].push(signer);
        }
        let workers = shares.into_iter().map(|share| pay(Arc::clone(&shared), share)).collect();
        let mut measured = load::run(server, count, workers).await?;
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

/// One connection: customers in turn, one request at a time.
async fn pay(shared: Arc<Shared>, signers: Vec<Signer>) -> Result<Vec<u64>, String> {
    let mut client = Client::connect(&shared.address).await?;
    let mut latencies = Vec::new();
    for signer in signers.iter().cycle() {
        let Some(left) = shared.left.take() else { break };
        let asked = Instant::now();
        let key = format!("bench-{left}");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?.as_secs();
        let signed = signer.post(PATH, &key, &shared.body, now);
        let (status, reply) = client.exchange("POST", PATH, &signed.headers(&key), &shared.body).await?;
        if status != 200 || !reply.windows(10).any(|window| window == br#""trade_no""#) {
            return Err(format!("{PATH}: {status} {}", String::from_utf8_lossy(&reply)));
        }
        latencies.push(microseconds_since(asked));
    }
    Ok(latencies)
}
