//! Payments by scanned codes over the Alipay gateway: each request is signed by a shop with RSA2, and so is each answer by the
//! server. The codes are made by asking the cell, and not over HTTP: phones make them.

use std::sync::Arc;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sycee_acquiring::command::{CodeTarget, ISSUE_PAY_CODE, REGISTER_APP, RegisterApp};
use sycee_acquiring::reply::AppReply;
use sycee_alipay::signature::SigningKey;
use sycee_codes::numeric::encode_pay_code;
use sycee_contract::{Caller, Command, decode};
use sycee_engine::CellHandle;
use sycee_engine::vault::random;

use super::client::Client;
use super::load::{Left, microseconds_since};
use super::{Measured, Options, load, stage};
use crate::demo::gateway;

/// What each customer has, minor units.
const BALANCE_MINOR: u64 = 10_000_000;

/// What the connections share.
struct Shop {
    address: String,
    cell: Arc<CellHandle>,
    app_id: String,
    key: SigningKey,
    left: Left,
}

pub fn run(options: &Options) -> Result<String, String> {
    let connections = options.connections.unwrap_or(64);
    let count = options.count.unwrap_or(20_000);
    stage::with_server(&[stage::CELL], async move |server| {
        let cell = Arc::clone(server.running.world.named(stage::CELL).ok_or("the cell is not there")?);
        let address = server.address.to_string();
        let staged = tokio::task::spawn_blocking(move || open(cell, address, connections, count));
        let (shop, customers) = staged.await.map_err(|error| error.to_string())??;
        let shop = Arc::new(shop);
        let workers = customers.into_iter().map(|customer| pay(Arc::clone(&shop), customer)).collect();
        let measured = load::run(server, count, workers).await?;
        Ok(Measured { name: format!("alipay.trade.pay, RSA2 ({connections} connections)"), ..measured })
    })
}

/// A shop with an app, and a customer for each connection.
fn open(cell: Arc<CellHandle>, address: String, connections: usize, count: u64) -> Result<(Shop, Vec<u64>), String> {
    let customers = u64::try_from(connections).map_err(|error| error.to_string())?;
    let people = stage::people(&cell.port, customers, BALANCE_MINOR)?;
    let key = SigningKey::generate().map_err(|error| error.to_string())?;
    let public_key = key.public_key_base64().map_err(|error| error.to_string())?;
    let public_key = STANDARD.decode(public_key).map_err(|error| error.to_string())?;
    let register = RegisterApp { merchant: people.merchant, public_key, notify_url: None };
    let command = Command::new(REGISTER_APP, Caller::OPERATOR, &register).with_id("bench-app");
    let reply = stage::ask(&cell.port, command)?;
    let app = decode::<AppReply>(&reply, "app").map_err(|_| "app reply")?;
    Ok((Shop { address, cell, app_id: app.app_id.to_string(), key, left: Left::new(count) }, people.customers))
}

/// One connection and one customer: a new code, then its payment.
async fn pay(shop: Arc<Shop>, customer: u64) -> Result<Vec<u64>, String> {
    let market = shop.cell.market().map_err(|error| error.to_string())?;
    let (prefix, routing) = market.pay_code_prefix.split_at_checked(2).ok_or("no prefix of codes")?;
    let mut client = Client::connect(&shop.address).await?;
    let mut latencies = Vec::new();
    while let Some(number) = shop.left.take() {
        let digits = encode_pay_code(prefix, routing, random().map_err(|error| error.to_string())?)
            .map_err(|error| error.to_string())?;
        let target = CodeTarget { code_digest: shop.cell.code_digest(&digits) };
        let issue = Command::new(ISSUE_PAY_CODE, Caller::customer(customer), &target);
        stage::accepted(shop.cell.port.ask(issue).await)?;
        let biz = serde_json::json!({"out_trade_no": format!("bench-{number}"), "total_amount": "0.01",
            "subject": "Pain de campagne", "scene": "bar_code", "auth_code": digits});
        let asked = Instant::now();
        let answer = gateway::ask(&mut client, &shop.key, &shop.app_id, "alipay.trade.pay", &biz).await?;
        if answer["code"] != gateway::DONE {
            return Err(format!("alipay.trade.pay: {answer}"));
        }
        latencies.push(microseconds_since(asked));
    }
    Ok(latencies)
}
