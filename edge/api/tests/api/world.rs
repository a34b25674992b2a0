//! One cell, driven by a thread, behind the API over real HTTP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};
use sycee_acquiring::command::{ONBOARD_MERCHANT, OnboardMerchant};
use sycee_acquiring::reply::MerchantReply;
use sycee_codes::own::{Label, OwnCode};
use sycee_contract::{
    Caller, Command, KycTier, MarketPack, MarketRole, OfflineCodeTerms, SettlementTerms, cell::INSTALL_MARKET, decode,
};
use sycee_engine::clock::{Clock, SystemClock, TestClock};
use sycee_engine::disk::MemoryDisk;
use sycee_engine::drive::Driven;
use sycee_engine::outbound::Faults;
use sycee_engine::store::MemoryStore;
use sycee_engine::vault::{CODE_KEY, Handle, Person, Vault};
use sycee_engine::{CellConfig, CellHandle, World, open};
use sycee_money::{Amount, Currency, Money};
use sycee_party::command::{OpenCustomer, OpenStaff, Opened};
use sycee_party::{OPEN_CUSTOMER, OPEN_STAFF, StaffRole};
use sycee_wallet::CASH_IN;
use sycee_wallet::command::CashIn;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The number of the cell.
pub const CELL: u16 = 7;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub json: Value,
}

impl Answer {
    /// The answer's JSON, which must have come with this status.
    pub fn with(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.json);
        self.json
    }

    /// That it is a problem with this status and code, whole.
    pub fn is_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.json["code"].as_str()), (status, Some(code)), "{}", self.json);
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.head);
        assert_eq!(self.json["status"], status, "{}", self.json);
        for member in ["type", "title", "detail", "money", "what_to_do"] {
            assert!(self.json[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {}", self.json);
        }
    }

    /// A header of the answer.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

/// A party with its token.
#[derive(Clone, Debug)]
pub struct Somebody {
    pub number: u64,
    pub token: String,
}

/// A cell that runs.
pub struct TestWorld {
    pub world: Arc<World>,
    pub address: SocketAddr,
    pub clock: TestClock,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    _folder: TempDir,
}

impl Drop for TestWorld {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}

fn pack() -> MarketPack {
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
        cell: "fr".to_owned(),
        cell_number: CELL,
        market: "FR".to_owned(),
        roles: vec![MarketRole::Wallet, MarketRole::Acquirer],
        currency: Currency::EUR,
        other_currencies: Vec::new(),
        time_zone: "Europe/Paris".to_owned(),
        pay_code_prefix: "2807".to_owned(),
        mpm_template: 26,
        mpm_guid: "org.sycee.fr".to_owned(),
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
        offline_codes: Some(OfflineCodeTerms { count: 5, hours: 24, amount_limit: Amount::new(5_000).unwrap() }),
        code_patterns: None,
        network: None,
        effective_from_ns: None,
        provenance: None,
        settlement_calendar: None,
    }
}

/// An amount of euros on the wire.
pub fn eur(minor: u64) -> Value {
    json!({"currency": "EUR", "minor": minor.to_string()})
}

impl TestWorld {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let test_clock = TestClock::new(Arc::new(SystemClock), 0);
        let clock: Arc<dyn Clock> = Arc::new(test_clock.clone());
        let products = Arc::new(sycee_registry::products());
        let pack = pack();
        let config = CellConfig {
            cell: CELL,
            time_zone: pack.time_zone.clone(),
            products: Arc::clone(&products),
            clock: Arc::clone(&clock),
            disk: Arc::new(MemoryDisk::new()),
            segment_bytes: 1 << 20,
        };
        let store = Arc::new(MemoryStore::new());
        let cell = open(config, &|_| Ok(store.clone())).map_err(|error| error.to_string()).unwrap();
        let vault = Vault::open(&folder.path().join("vault"), &folder.path().join("key"), true).unwrap();
        vault.put_secret(CODE_KEY, &[7; 32]).unwrap();
        let handle = CellHandle {
            name: pack.cell.clone(),
            number: CELL,
            currency: pack.currency,
            port: Arc::clone(&cell.port),
            vault: Arc::new(vault),
            effects: Arc::clone(&cell.effects),
            outbox: Arc::clone(&cell.outbox),
        };
        let stop = Arc::new(AtomicBool::new(false));
        let thread = drive(Driven::new(cell), Arc::clone(&stop));
        let install = Command::new(INSTALL_MARKET, Caller::OPERATOR, &pack).with_id("market");
        handle.port.ask(install).await.unwrap().outcome.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let world = Arc::new(World {
            cells: vec![Arc::new(handle)],
            products,
            clock,
            faults: Faults::default(),
            sandbox: true,
            test_clock: Some(test_clock.clone()),
            base_url: format!("http://{address}"),
        });
        let router = sycee_api::router(Arc::clone(&world));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { world, address, clock: test_clock, stop, thread: Some(thread), _folder: folder }
    }

    pub fn cell(&self) -> &Arc<CellHandle> {
        self.world.numbered(CELL).unwrap()
    }

    /// Lets banks work every day from 2025 on for ten years; a date is cut off as it begins, so what happens belongs to tomorrow.
    pub async fn install_banks(&self) {
        let days = jiff::civil::date(2025, 1, 1).series(jiff::Span::new().days(1)).take(3_650);
        let terms = SettlementTerms { cut_off_minutes: 0, days_after: 1, weekend: Vec::new() };
        let calendar = days.map(|day| day.strftime("%Y%m%d").to_string().parse().unwrap()).collect();
        let pack = MarketPack { settlement: Some(terms), settlement_calendar: Some(calendar), ..pack() };
        let install = Command::new(INSTALL_MARKET, Caller::OPERATOR, &pack).with_id("banks");
        self.cell().port.ask(install).await.unwrap().outcome.unwrap();
    }

    async fn ask<T: for<'b> minicbor::Decode<'b, ()>, B: minicbor::Encode<()>>(
        &self,
        code: u16,
        key: &str,
        body: &B,
    ) -> T {
        let command = Command::new(code, Caller::OPERATOR, body).with_id(key);
        decode(&self.cell().port.ask(command).await.unwrap().outcome.unwrap(), "reply").unwrap()
    }

    fn person(&self, name: &str) -> [u8; 16] {
        let Handle(person) = self.cell().vault.put_person(&Person::named(name)).unwrap();
        person
    }

    fn somebody(&self, number: u64) -> Somebody {
        Somebody { number, token: self.cell().issue_token(number).unwrap() }
    }

    /// A customer with this much; `name` is unique in the test.
    pub async fn customer(&self, name: &str, minor: u64) -> Somebody {
        let body = OpenCustomer { person: self.person(name), contact: None, kyc_rank: None };
        let Opened { party } = self.ask(OPEN_CUSTOMER, name, &body).await;
        let money = Money::new(Amount::new(minor).unwrap(), Currency::EUR);
        let cash_in = CashIn { customer: party, money, bank_reference: "test".into() };
        if minor > 0 {
            let _: sycee_wallet::command::CashMoved = self.ask(CASH_IN, name, &cash_in).await;
        }
        self.somebody(party)
    }

    /// A merchant.
    pub async fn merchant(&self, name: &str) -> Somebody {
        let body = OnboardMerchant { name: self.person(name), mcc: "5999".into(), fee_bps: None };
        let MerchantReply { merchant, .. } = self.ask(ONBOARD_MERCHANT, name, &body).await;
        self.somebody(merchant)
    }

    /// A member of staff.
    pub async fn staff(&self, staff_role: StaffRole) -> Somebody {
        let name = format!("{staff_role:?}");
        let body = OpenStaff { person: self.person(&name), contact: None, staff_role };
        let Opened { party } = self.ask(OPEN_STAFF, &name, &body).await;
        self.somebody(party)
    }

    /// The code that hangs in a merchant's shop.
    pub fn printed_code(&self, merchant: &Somebody) -> String {
        let label = Label {
            template: 26,
            guid: "org.sycee.fr",
            merchant_category_code: "5999",
            currency_numeric: "978",
            amount: None,
            country: "FR",
            name: "Shop",
            city: "fr",
        };
        OwnCode::Merchant { merchant: merchant.number, store: None }.encode(&label).unwrap()
    }

    /// One request on one connection, with these header lines.
    pub async fn request(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let length = body.len();
        let text = format!(
            "{method} /api/v1{path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}",
            self.address
        );
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let json = serde_json::from_str(body).unwrap_or(Value::Null);
        Answer { status, head: head.to_owned(), json }
    }

    pub async fn get(&self, who: &Somebody, path: &str) -> Answer {
        self.request("GET", path, &format!("Authorization: Bearer {}\r\n", who.token), "").await
    }

    pub async fn post(&self, who: &Somebody, path: &str, body: &Value) -> Answer {
        self.request("POST", path, &format!("Authorization: Bearer {}\r\n", who.token), &body.to_string()).await
    }

    /// The same under a key.
    pub async fn post_as(&self, key: &str, who: &Somebody, path: &str, body: &Value) -> Answer {
        let headers = format!("Authorization: Bearer {}\r\nIdempotency-Key: {key}\r\n", who.token);
        self.request("POST", path, &headers, &body.to_string()).await
    }

    /// What somebody has, minor units of euros.
    pub async fn minor(&self, who: &Somebody) -> u64 {
        let balances = self.get(who, "/balances").await.with(200);
        balances["balances"][0]["minor"].as_str().unwrap().parse().unwrap()
    }
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
