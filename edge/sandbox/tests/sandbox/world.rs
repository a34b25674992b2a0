//! A sandbox with three cells and their network, each driven by a thread, behind real HTTP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;
use sycee_contract::{
    Caller, Command, KycTier, MarketPack, MarketRole, NetworkTerms, ParticipantTerms, Products, cell::INSTALL_MARKET,
};
use sycee_engine::clock::{Clock, SystemClock, TestClock};
use sycee_engine::disk::MemoryDisk;
use sycee_engine::drive::Driven;
use sycee_engine::links::{Links, network_of};
use sycee_engine::outbound::{Faults, Outbound};
use sycee_engine::store::MemoryStore;
use sycee_engine::vault::{CODE_KEY, Vault};
use sycee_engine::{CellConfig, CellHandle, World, open};
use sycee_money::{Amount, Currency};
use sycee_sandbox::{Sandbox, router};
use tempfile::TempDir;

use crate::http::{Answer, request};

/// A sandbox that runs.
pub struct TestWorld {
    pub world: Arc<World>,
    pub address: SocketAddr,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    _folder: TempDir,
}

impl Drop for TestWorld {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        for thread in self.threads.drain(..) {
            let _ended = thread.join();
        }
    }
}

fn pack(name: &str, number: u16, currency: &str, time_zone: &str) -> MarketPack {
    let tier = |rank, name: &str, limit_minor| {
        let limit = Amount::new(limit_minor).unwrap();
        let name = name.to_owned();
        KycTier {
            rank,
            name,
            transaction_limit: limit,
            day_limit: limit,
            month_limit: limit,
            balance_limit: Amount::ZERO,
            year_limit: None,
            lifetime_limit: None,
        }
    };
    MarketPack {
        cell: name.to_owned(),
        cell_number: number,
        market: name.to_uppercase(),
        roles: vec![MarketRole::Wallet, MarketRole::Acquirer],
        currency: Currency::from_code(currency).unwrap(),
        other_currencies: vec![Currency::from_code("USD").unwrap()],
        time_zone: time_zone.to_owned(),
        pay_code_prefix: format!("28{number:02}"),
        mpm_template: 26,
        mpm_guid: format!("org.sycee.{name}"),
        kyc_tiers: vec![tier(1, "simplified", 5_000), tier(2, "full", 0)],
        merchant_fee_bps: 60,
        merchant_fee_returned: true,
        refund_window_days: 365,
        cancel_window_hours: 24,
        order_timeout_minutes: 180,
        order_code_minutes: 120,
        pay_code_seconds: 60,
        holidays: Vec::new(),
        languages: None,
        settlement: None,
        offline_codes: Some(sycee_contract::OfflineCodeTerms {
            count: 5,
            hours: 24,
            amount_limit: Amount::new(5_000).unwrap(),
        }),
        code_patterns: None,
        network: None,
        effective_from_ns: None,
        provenance: None,
        settlement_calendar: None,
        proof_above: None,
    }
}

/// How many of the second currency one of the first buys.
pub const RATES: [(&str, &str, &str); 4] =
    [("EUR", "THB", "37.8431"), ("THB", "EUR", "0.026425"), ("EUR", "KRW", "1601.37"), ("KRW", "EUR", "0.00062447")];

/// Two markets with currencies of two digits, one without digits, and the network.
fn packs() -> Vec<MarketPack> {
    let markets = vec![
        pack("fr", 7, "EUR", "Europe/Paris"),
        pack("th", 3, "THB", "Asia/Bangkok"),
        pack("kr", 5, "KRW", "Asia/Seoul"),
    ];
    let participant = |market: &MarketPack| ParticipantTerms {
        cell: market.cell.clone(),
        cell_number: market.cell_number,
        currency: market.currency,
        net_debit_cap: Amount::new(1_000_000).unwrap(),
        code_patterns: vec![format!("guid:{}", market.mpm_guid), format!("digits:{}", market.pay_code_prefix)],
    };
    let terms = NetworkTerms {
        margin_bps: 50,
        fee_bps: 0,
        fee_returned_on_refund: true,
        quote_seconds: 60,
        quote_grace_seconds: 30,
        rate_max_age_seconds: 3_600,
        window_seconds: 86_400,
        participants: markets.iter().map(participant).collect(),
    };
    let net = MarketPack {
        roles: vec![MarketRole::Network],
        network: Some(terms),
        kyc_tiers: Vec::new(),
        ..pack("net", 99, "USD", "Etc/UTC")
    };
    markets.into_iter().chain([net]).collect()
}

impl TestWorld {
    pub async fn start(outbound: Vec<Arc<dyn Outbound>>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let test_clock = TestClock::new(Arc::new(SystemClock), 0);
        let clock: Arc<dyn Clock> = Arc::new(test_clock.clone());
        let products = Arc::new(sycee_registry::products());
        let stop = Arc::new(AtomicBool::new(false));
        let (mut cells, mut threads) = (Vec::new(), Vec::new());
        for pack in packs() {
            let (handle, driven) = open_cell(&pack, &folder, &products, &clock);
            threads.push(drive(driven, Arc::clone(&stop)));
            let install = Command::new(INSTALL_MARKET, Caller::OPERATOR, &pack).with_id("market");
            handle.port.ask(install).await.unwrap().outcome.unwrap();
            cells.push(Arc::new(handle));
        }
        let world = Arc::new(World {
            cells,
            products,
            clock,
            faults: Faults::default(),
            sandbox: true,
            test_clock: Some(test_clock),
            base_url: "http://127.0.0.1:8080".into(),
        });
        let links = Links::new(Arc::clone(&world), network_of(&world).unwrap(), Vec::new()).unwrap();
        links.open().unwrap();
        let mut outbound = outbound;
        outbound.push(Arc::clone(&links) as Arc<dyn Outbound>);
        tokio::spawn(links.run());
        let sandbox = Sandbox::new(Arc::clone(&world), outbound, "gateway-key".into());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router(Arc::new(sandbox))).await });
        Self { world, address, stop, threads, _folder: folder }
    }

    /// Takes the cells into the network and sets the rates between their currencies.
    pub async fn connect(&self) {
        for cell in ["fr", "th", "kr"] {
            self.post("/network/participants", &serde_json::json!({"cell": cell})).await.with(200);
        }
        self.set_rates(&RATES).await;
    }

    /// Sets rates as of now.
    pub async fn set_rates(&self, rates: &[(&str, &str, &str)]) {
        let pair = |(base, counter, rate): &(&str, &str, &str)| serde_json::json!({"base": base, "counter": counter, "rate": rate});
        let rates: Vec<Value> = rates.iter().map(pair).collect();
        self.post("/network/rates", &serde_json::json!({"source": "test", "rates": rates})).await.with(200);
    }

    pub async fn get(&self, path: &str) -> Answer {
        request(self.address, "GET", path, "", "").await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        request(self.address, "POST", path, "", &body.to_string()).await
    }

    /// The same under a key.
    pub async fn post_as(&self, key: &str, path: &str, body: &Value) -> Answer {
        request(self.address, "POST", path, &format!("Idempotency-Key: {key}\r\n"), &body.to_string()).await
    }

    /// A customer with this much of the market's currency; their id.
    pub async fn customer(&self, cell: &str, minor: u64) -> String {
        let currency = self.world.named(cell).unwrap().currency.code();
        let body =
            serde_json::json!({"cell": cell, "name": "Anna Rossi", "balance": {"currency": currency, "minor": minor}});
        self.post("/customers", &body).await.with(200)["customer_id"].as_str().unwrap().to_owned()
    }

    /// A merchant; its id.
    pub async fn merchant(&self, cell: &str) -> String {
        let body = serde_json::json!({"cell": cell, "name": "Café du Port"});
        self.post("/merchants", &body).await.with(200)["merchant_id"].as_str().unwrap().to_owned()
    }

    /// The code that hangs in a merchant's shop.
    pub async fn static_code(&self, merchant: &str) -> String {
        let path = format!("/merchants/{merchant}/static-code");
        self.post(&path, &Value::Null).await.with(200)["code"].as_str().unwrap().to_owned()
    }

    /// What a party has in the first currency listed.
    pub async fn minor(&self, path: &str) -> i64 {
        self.get(&format!("{path}/balances")).await.with(200)[0]["minor"].as_i64().unwrap()
    }

    /// That the cell's books are in order.
    pub async fn books_hold(&self, cell: &str) {
        let balance = self.get(&format!("/cells/{cell}/trial-balance")).await.with(200);
        for total in balance["currencies"].as_array().unwrap() {
            assert_eq!(total["debits_minor"], total["credits_minor"], "{total}");
        }
        let invariants = balance["invariants"].as_array().unwrap();
        assert!(invariants.len() > 10, "{balance}");
        for invariant in invariants {
            assert_eq!(invariant["holds"], true, "{invariant}");
        }
    }
}

fn open_cell(
    pack: &MarketPack,
    folder: &TempDir,
    products: &Arc<Products>,
    clock: &Arc<dyn Clock>,
) -> (CellHandle, Driven) {
    let config = CellConfig {
        cell: pack.cell_number,
        time_zone: pack.time_zone.clone(),
        products: Arc::clone(products),
        clock: Arc::clone(clock),
        disk: Arc::new(MemoryDisk::new()),
        segment_bytes: 1 << 20,
    };
    let store = Arc::new(MemoryStore::new());
    let cell = open(config, &|_| Ok(store.clone())).map_err(|error| error.to_string()).unwrap();
    let place = folder.path().join(&pack.cell);
    let vault = Vault::open(&place.join("vault"), &place.join("key"), true).unwrap();
    vault.put_secret(CODE_KEY, &[7; 32]).unwrap();
    let handle = CellHandle {
        name: pack.cell.clone(),
        number: pack.cell_number,
        currency: pack.currency,
        port: Arc::clone(&cell.port),
        vault: Arc::new(vault),
        effects: Arc::clone(&cell.effects),
        outbox: Arc::clone(&cell.outbox),
    };
    (handle, Driven::new(cell))
}

fn drive(mut cell: Driven, stop: Arc<AtomicBool>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        while !stop.load(Ordering::SeqCst) {
            if let Err(why) = cell.settle() {
                return cell.port().stop(&why);
            }
            std::thread::sleep(Duration::from_micros(200));
        }
    })
}
