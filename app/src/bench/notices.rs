//! What merchants are told: payments at a steady rate for a hundred receivers, of which ten are dead and ten are slow. Measured is
//! how long after a payment was asked its notice is at the receiver, for the eighty that are well. Payments, receivers and
//! signatures share the cores.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sycee_acquiring::command::{CodeTarget, ISSUE_PAY_CODE, OrderFields, PAY_BY_CODE, PayByCode};
use sycee_acquiring::reply::{EFFECT_NOTICE, Notice};
use sycee_contract::{Caller, Command, decode};
use sycee_engine::CellHandle;

use super::receivers::{Arrivals, Kind, start};
use super::{Measured, Options, stage, threads};
use crate::server::Server;

const RECEIVERS: usize = 100;
const MERCHANTS: usize = 10;
const COUNT: u64 = 10_000;
const PER_SECOND: u64 = 1_000;
/// So many payments are asked at once, then it is waited for the next.
const AT_ONCE: u64 = 100;
/// A notice that has not come within this time counts as one that does not come.
const PATIENCE: Duration = Duration::from_secs(120);
/// What the customer has, minor units.
const BALANCE_MINOR: u64 = 10_000_000;

/// A payment and the receiver that is to be told.
struct Sale {
    order: String,
    receiver: usize,
    asked: Instant,
}

pub fn run(options: &Options) -> Result<String, String> {
    let (count, rate) = (options.count.unwrap_or(COUNT), options.rate.unwrap_or(PER_SECOND));
    stage::with_server(&[stage::CELL], async move |server| {
        let arrivals = Arc::new(Arrivals::default());
        let mut urls = Vec::new();
        for receiver in 0..RECEIVERS {
            urls.push(start(Kind::of(receiver), &arrivals).await?);
        }
        let cell = Arc::clone(server.running.world.named(stage::CELL).ok_or("the cell is not there")?);
        let staged = Arc::clone(&cell);
        let people = tokio::task::spawn_blocking(move || {
            let merchants = (0..MERCHANTS as u64).map(|index| stage::merchant(&staged.port, index));
            let merchants = merchants.collect::<Result<Vec<u64>, String>>()?;
            Ok::<_, String>((merchants, stage::customers_with(&staged.port, MERCHANTS as u64, BALANCE_MINOR)?))
        });
        let (merchants, customers) = people.await.map_err(|error| error.to_string())??;
        let shops = Shops { cell, urls, merchants, customers };
        measure(server, &shops, &arrivals, count, rate).await
    })
}

/// Who sells what to whom.
struct Shops {
    cell: Arc<CellHandle>,
    urls: Vec<String>,
    merchants: Vec<u64>,
    customers: Vec<u64>,
}

async fn measure(
    server: &Server,
    shops: &Shops,
    arrivals: &Arrivals,
    count: u64,
    rate: u64,
) -> Result<Measured, String> {
    let (bytes_before, threads_before) = (stage::journal_bytes(server), threads::cpu_times());
    let mut pace = tokio::time::interval(Duration::from_secs_f64(AT_ONCE as f64 / rate as f64));
    let began = Instant::now();
    let mut sales = Vec::new();
    let mut left = count;
    while left > 0 {
        pace.tick().await;
        let round = left.min(AT_ONCE);
        left -= round;
        shops.sell(round, &mut sales).await?;
    }
    let offered = began.elapsed();
    let healthy: Vec<&Sale> = sales.iter().filter(|sale| Kind::of(sale.receiver) == Kind::Healthy).collect();
    let is_healthy = |order: &str| Kind::of(receiver_of(order)) == Kind::Healthy;
    let all = arrivals.until(healthy.len(), is_healthy);
    tokio::time::timeout(PATIENCE, all).await.map_err(|_| "notices for healthy receivers did not arrive")?;
    let (elapsed, threads) = (began.elapsed(), threads::cpu_times());
    let mut measured = Measured {
        name: format!("notices ({RECEIVERS} receivers, 10 dead, 10 slow, {rate} offered a second)"),
        operations: count,
        elapsed,
        latencies_us: Vec::new(),
        journal_bytes: stage::journal_bytes(server) - bytes_before,
        cpu_seconds: threads::since(&threads_before, &threads),
        more: serde_json::Map::new(),
    };
    for sale in &healthy {
        let (at, _) = arrivals.of(&sale.order).ok_or("an arrival was forgotten")?;
        let took = at.saturating_duration_since(sale.asked);
        measured.latencies_us.push(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }
    // What has not arrived is still to be sent: each order is here or there.
    let open = shops.still_open();
    let lost = sales.iter().filter(|sale| arrivals.of(&sale.order).is_none() && !open.contains(&sale.order)).count();
    if lost > 0 {
        return Err(format!("{lost} notices have neither arrived nor are they still to be sent"));
    }
    let doubled = healthy.iter().filter(|sale| arrivals.of(&sale.order).is_some_and(|(_, times)| times > 1)).count();
    let more = [("healthy", healthy.len()), ("doubled", doubled), ("still_to_be_sent", open.len()), ("lost", lost)];
    measured.more.extend(more.map(|(name, number)| (name.to_owned(), number.into())));
    let offered_per_second = (count as f64 / offered.as_secs_f64()).round();
    measured.more.insert("offered_per_second".into(), offered_per_second.into());
    Ok(measured)
}

/// An order's number says whom its notice is for.
fn receiver_of(order: &str) -> usize {
    order.rsplit('-').next().and_then(|receiver| receiver.parse().ok()).unwrap_or(usize::MAX)
}

impl Shops {
    /// So many payments at once, for the receivers in turn.
    async fn sell(&self, round: u64, sales: &mut Vec<Sale>) -> Result<(), String> {
        let mut waiting = Vec::new();
        for _ in 0..round {
            let receiver = sales.len() % RECEIVERS;
            let order = format!("n{}-{receiver}", sales.len());
            let code_digest = self.cell.code_digest(&order);
            let place = receiver * MERCHANTS / RECEIVERS;
            let (merchant, customer) = (self.merchants[place], self.customers[place]);
            let issue = Command::new(ISSUE_PAY_CODE, Caller::customer(customer), &CodeTarget { code_digest });
            let pay = PayByCode { order: order_fields(&order, &self.urls[receiver])?, code_digest };
            let pay = Command::new(PAY_BY_CODE, Caller::merchant(merchant), &pay);
            sales.push(Sale { order, receiver, asked: Instant::now() });
            let submit = |command| self.cell.port.submit(command).map_err(|error| error.to_string());
            waiting.push((submit(issue)?, submit(pay)?));
        }
        for (issued, paid) in waiting {
            for reply in [issued, paid] {
                stage::accepted(reply.await.map_err(|error| error.to_string())?)?;
            }
        }
        Ok(())
    }

    /// The orders whose notices have not ended.
    fn still_open(&self) -> std::collections::HashSet<String> {
        let effects = self.cell.effects.list().into_iter();
        let notices = effects.filter(|(_, record)| record.effect.kind == EFFECT_NOTICE);
        let decoded = notices.filter_map(|(_, record)| decode::<Notice>(&record.effect.body, "notice").ok());
        decoded.map(|notice| notice.order.out_trade_no).collect()
    }
}

fn order_fields(out_trade_no: &str, notify_url: &str) -> Result<OrderFields, String> {
    Ok(OrderFields {
        app: None,
        out_trade_no: out_trade_no.to_owned(),
        total: stage::euros(1)?,
        subject: "Pain de campagne".into(),
        body: None,
        store: None,
        store_reference: None,
        terminal: None,
        operator: None,
        passback_params: None,
        notify_url: Some(notify_url.to_owned()),
        return_url: None,
        product_code: None,
        expires_at_ns: None,
        expires_after_seconds: None,
        required_buyer: None,
    })
}
