//! One cell, or two markets and their network, each driven by a thread, behind the API over real HTTP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};
use sycee_acquiring::command::{ONBOARD_MERCHANT, OnboardMerchant};
use sycee_acquiring::reply::MerchantReply;
use sycee_api::Api;
use sycee_codes::own::{Label, OwnCode};
use sycee_contract::{
    Caller, Command, KycTier, MarketPack, MarketRole, NetworkTerms, OfflineCodeTerms, ParticipantTerms,
    SettlementTerms, cell::INSTALL_MARKET, decode,
};
use sycee_engine::clock::{Clock, SystemClock, TestClock};
use sycee_engine::disk::MemoryDisk;
use sycee_engine::drive::Driven;
use sycee_engine::links::{Links, network_of};
use sycee_engine::outbound::Faults;
use sycee_engine::store::MemoryStore;
use sycee_engine::vault::{CODE_KEY, Handle, Person, Vault};
use sycee_engine::{CellConfig, CellHandle, World, open};
use sycee_interop::command::{RateOfPair, SET_RATES, SetRates};
use sycee_interop::record::KnownCell;
use sycee_money::{Amount, Currency, Money, Rate};
use sycee_party::command::{OpenCustomer, OpenStaff, Opened};
use sycee_party::{OPEN_CUSTOMER, OPEN_STAFF, StaffRole};
use sycee_wallet::CASH_IN;
use sycee_wallet::command::CashIn;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The number of the cell; and of the other market and of the network, where there are more.
pub const CELL: u16 = 7;
pub const OTHER: u16 = 3;
pub const NETWORK: u16 = 99;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
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
        other_currencies: Vec::new(),
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
        offline_codes: Some(OfflineCodeTerms { count: 5, hours: 24, amount_limit: Amount::new(5_000).unwrap() }),
        code_patterns: None,
        network: None,
        effective_from_ns: None,
        provenance: None,
        settlement_calendar: None,
        proof_above: Some(Amount::new(3_000).unwrap()),
    }
}

fn french() -> MarketPack {
    pack("fr", CELL, "EUR", "Europe/Paris")
}

/// A market with euros, one with baht, and their network.
fn border() -> Vec<MarketPack> {
    let markets = [french(), pack("th", OTHER, "THB", "Asia/Bangkok")];
    let participant = |market: &MarketPack| ParticipantTerms {
        cell: market.cell.clone(),
        cell_number: market.cell_number,
        currency: market.currency,
        net_debit_cap: Amount::new(1_000_000).unwrap(),
        code_patterns: vec![format!("guid:{}", market.mpm_guid), format!("digits:{}", market.pay_code_prefix)],
    };
    let terms = NetworkTerms {
        margin_bps: 100,
        fee_bps: 0,
        fee_returned_on_refund: true,
        quote_seconds: 60,
        quote_grace_seconds: 30,
        rate_max_age_seconds: 3_600,
        window_seconds: 86_400,
        participants: markets.iter().map(participant).collect(),
    };
    let network = MarketPack {
        roles: vec![MarketRole::Network],
        network: Some(terms),
        kyc_tiers: Vec::new(),
        ..pack("net", NETWORK, "USD", "Etc/UTC")
    };
    markets.into_iter().chain([network]).collect()
}

/// An amount of euros on the wire.
pub fn eur(minor: u64) -> Value {
    json!({"currency": "EUR", "minor": minor.to_string()})
}

impl TestWorld {
    pub async fn start() -> Self {
        Self::start_with(&|api| api).await
    }

    /// Two markets whose shops and customers meet: one baht is 0.025 euro.
    pub async fn start_border() -> Self {
        let world = Self::of(border(), true, &|api| api).await;
        let links = Links::new(Arc::clone(&world.world), network_of(&world.world).unwrap(), Vec::new()).unwrap();
        links.open().unwrap();
        tokio::spawn(links.run());
        let admin = world.staff_in(NETWORK, StaffRole::Admin).await;
        for cell in ["fr", "th"] {
            world.post(&admin, "/network/participants", &json!({"cell": cell})).await.with(200);
        }
        let (baht, euro) = (Currency::from_code("THB").unwrap(), Currency::EUR);
        let pair = |base, counter, rate| RateOfPair { base, counter, rate: Rate::parse_decimal(rate).unwrap() };
        let rates = vec![pair(baht, euro, "0.025"), pair(euro, baht, "40")];
        let set = SetRates { source: "test".into(), at_ns: world.world.clock.now_ns(), rates };
        let command = Command::new(SET_RATES, Caller::OPERATOR, &set);
        world.numbered(NETWORK).port.ask(command).await.unwrap().outcome.unwrap();
        for cell in [CELL, OTHER] {
            for other in [CELL, OTHER] {
                let known = |row: Option<KnownCell>| row.map(drop);
                world.numbered(cell).port.until(&KnownCell::key(other), known).await.unwrap();
            }
        }
        world
    }

    /// The same with an API that is set up otherwise.
    pub async fn start_with(set_up: &dyn Fn(Api) -> Api) -> Self {
        Self::start_as(true, set_up).await
    }

    /// The same cell behind another API, at another address.
    pub async fn serving(mut self, set_up: &dyn Fn(Api) -> Api) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        self.address = listener.local_addr().unwrap();
        let router = set_up(Api::new(Arc::clone(&self.world))).router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        self
    }

    /// The same, in a sandbox or not.
    pub async fn start_as(sandbox: bool, set_up: &dyn Fn(Api) -> Api) -> Self {
        Self::of(vec![french()], sandbox, set_up).await
    }

    async fn of(packs: Vec<MarketPack>, sandbox: bool, set_up: &dyn Fn(Api) -> Api) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let test_clock = TestClock::new(Arc::new(SystemClock), 0);
        let clock: Arc<dyn Clock> = Arc::new(test_clock.clone());
        let products = Arc::new(sycee_registry::products());
        let stop = Arc::new(AtomicBool::new(false));
        let (mut cells, mut threads) = (Vec::new(), Vec::new());
        for pack in packs {
            let config = CellConfig {
                cell: pack.cell_number,
                time_zone: pack.time_zone.clone(),
                products: Arc::clone(&products),
                clock: Arc::clone(&clock),
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
            threads.push(drive(Driven::new(cell), Arc::clone(&stop)));
            let install = Command::new(INSTALL_MARKET, Caller::OPERATOR, &pack).with_id("market");
            handle.port.ask(install).await.unwrap().outcome.unwrap();
            cells.push(Arc::new(handle));
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let world = Arc::new(World {
            cells,
            products,
            clock,
            faults: Faults::default(),
            sandbox,
            test_clock: Some(test_clock.clone()),
            base_url: format!("http://{address}"),
        });
        let router = set_up(Api::new(Arc::clone(&world))).router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { world, address, clock: test_clock, stop, threads, _folder: folder }
    }

    pub fn numbered(&self, cell: u16) -> &Arc<CellHandle> {
        self.world.numbered(cell).unwrap()
    }

    pub fn cell(&self) -> &Arc<CellHandle> {
        self.world.numbered(CELL).unwrap()
    }

    /// Lets banks work every day from 2025 on for ten years; a date is cut off as it begins, so what happens belongs to tomorrow.
    pub async fn install_banks(&self) {
        let days = jiff::civil::date(2025, 1, 1).series(jiff::Span::new().days(1)).take(3_650);
        let terms = SettlementTerms { cut_off_minutes: 0, days_after: 1, weekend: Vec::new() };
        let calendar = days.map(|day| day.strftime("%Y%m%d").to_string().parse().unwrap()).collect();
        let pack = MarketPack { settlement: Some(terms), settlement_calendar: Some(calendar), ..french() };
        let install = Command::new(INSTALL_MARKET, Caller::OPERATOR, &pack).with_id("banks");
        self.cell().port.ask(install).await.unwrap().outcome.unwrap();
    }

    /// Asks a command of the operator's machine, and reads the reply.
    pub async fn ask<T: for<'b> minicbor::Decode<'b, ()>, B: minicbor::Encode<()>>(
        &self,
        cell: u16,
        code: u16,
        key: &str,
        body: &B,
    ) -> T {
        let command = Command::new(code, Caller::OPERATOR, body).with_id(key);
        decode(&self.numbered(cell).port.ask(command).await.unwrap().outcome.unwrap(), "reply").unwrap()
    }

    fn person(&self, cell: u16, name: &str) -> [u8; 16] {
        let Handle(person) = self.numbered(cell).vault.put_person(&Person::named(name)).unwrap();
        person
    }

    fn somebody(&self, number: u64) -> Somebody {
        let cell = sycee_party::cell_of(number).unwrap();
        Somebody { number, token: self.numbered(cell).issue_token(number).unwrap() }
    }

    /// A customer with this much; `name` is unique in the test.
    pub async fn customer(&self, name: &str, minor: u64) -> Somebody {
        self.customer_in(CELL, name, minor).await
    }

    /// The same in a cell.
    pub async fn customer_in(&self, cell: u16, name: &str, minor: u64) -> Somebody {
        let body = OpenCustomer { person: self.person(cell, name), contact: None, kyc_rank: None };
        let Opened { party } = self.ask(cell, OPEN_CUSTOMER, name, &body).await;
        let money = Money::new(Amount::new(minor).unwrap(), self.numbered(cell).currency);
        let cash_in = CashIn { customer: party, money, bank_reference: "test".into() };
        if minor > 0 {
            let _: sycee_wallet::command::CashMoved = self.ask(cell, CASH_IN, name, &cash_in).await;
        }
        self.somebody(party)
    }

    /// A merchant.
    pub async fn merchant(&self, name: &str) -> Somebody {
        self.merchant_in(CELL, name).await
    }

    /// The same in a cell.
    pub async fn merchant_in(&self, cell: u16, name: &str) -> Somebody {
        let body = OnboardMerchant { name: self.person(cell, name), mcc: "5999".into(), fee_bps: None };
        let MerchantReply { merchant, .. } = self.ask(cell, ONBOARD_MERCHANT, name, &body).await;
        self.somebody(merchant)
    }

    /// A member of staff.
    pub async fn staff(&self, staff_role: StaffRole) -> Somebody {
        self.staff_in(CELL, staff_role).await
    }

    /// The same in a cell.
    pub async fn staff_in(&self, cell: u16, staff_role: StaffRole) -> Somebody {
        self.staff_named(cell, staff_role, &format!("{staff_role:?}")).await
    }

    /// The same with a name that is unique in the test.
    pub async fn staff_named(&self, cell: u16, staff_role: StaffRole, name: &str) -> Somebody {
        let body = OpenStaff { person: self.person(cell, name), contact: None, staff_role };
        let Opened { party } = self.ask(cell, OPEN_STAFF, name, &body).await;
        self.somebody(party)
    }

    /// The code that hangs in a merchant's shop.
    pub fn printed_code(&self, merchant: &Somebody) -> String {
        let cell = self.numbered(sycee_party::cell_of(merchant.number).unwrap());
        let label = Label {
            template: 26,
            guid: &cell.market().unwrap().mpm_guid,
            merchant_category_code: "5999",
            currency_numeric: &format!("{:03}", cell.currency.numeric()),
            amount: None,
            country: &cell.name.to_uppercase(),
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
        let is_chunked = head.to_lowercase().contains("transfer-encoding: chunked");
        let body = if is_chunked { unchunked(body) } else { body.to_owned() };
        let json = serde_json::from_str(&body).unwrap_or(Value::Null);
        Answer { status, head: head.to_owned(), body, json }
    }

    pub async fn get(&self, who: &Somebody, path: &str) -> Answer {
        self.request("GET", path, &format!("Authorization: Bearer {}\r\n", who.token), "").await
    }

    pub async fn post(&self, who: &Somebody, path: &str, body: &Value) -> Answer {
        self.request("POST", path, &format!("Authorization: Bearer {}\r\n", who.token), &body.to_string()).await
    }

    /// A list as CSV: the lines.
    pub async fn csv(&self, who: &Somebody, path: &str) -> Vec<String> {
        let headers = format!("Authorization: Bearer {}\r\nAccept: text/csv\r\n", who.token);
        let answer = self.request("GET", path, &headers, "").await;
        assert_eq!(answer.status, 200, "{}", answer.json);
        assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
        answer.body.split("\r\n").filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    /// The same under a key.
    pub async fn post_as(&self, key: &str, who: &Somebody, path: &str, body: &Value) -> Answer {
        let headers = format!("Authorization: Bearer {}\r\nIdempotency-Key: {key}\r\n", who.token);
        self.request("POST", path, &headers, &body.to_string()).await
    }

    /// What somebody has, minor units of their market's currency.
    pub async fn minor(&self, who: &Somebody) -> u64 {
        let balances = self.get(who, "/balances").await.with(200);
        balances["balances"][0]["minor"].as_str().unwrap().parse().unwrap()
    }
}

/// A body that came in chunks (RFC 9112, section 7.1), which must be whole.
fn unchunked(mut rest: &str) -> String {
    let mut body = String::new();
    loop {
        let (length, after) = rest.split_once("\r\n").unwrap();
        let length = usize::from_str_radix(length, 16).unwrap();
        if length == 0 {
            return body;
        }
        body.push_str(&after[..length]);
        rest = after[length..].strip_prefix("\r\n").unwrap();
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
