//! Two cells behind the gateway, with shops and customers, and the network between them.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use sycee_acquiring::command::{
    CodeTarget, ISSUE_PAY_CODE, ONBOARD_MERCHANT, OnboardMerchant, OrderTarget, PAY_ORDER, REGISTER_APP, RegisterApp,
};
use sycee_acquiring::reply::{AppReply, MerchantReply};
use sycee_alipay::certificates::Authority;
use sycee_alipay::methods::ANSWER_WAIT_SECONDS;
use sycee_alipay::notifier::Notifier;
use sycee_alipay::signature::{SigningKey, VerifyingKey};
use sycee_alipay::state::{APP_CALLS_PER_SECOND, Alipay};
use sycee_codes::own::OwnCode;
use sycee_contract::cell::INSTALL_MARKET;
use sycee_contract::{
    Caller, Command, KycTier, MarketPack, MarketRole, NetworkTerms, Products, SettlementTerms, decode,
};
use sycee_engine::clock::{Clock, SystemClock, TestClock};
use sycee_engine::disk::MemoryDisk;
use sycee_engine::drive::Driven;
use sycee_engine::links::{Links, network_of};
use sycee_engine::outbound::{Faults, Outbound as _};
use sycee_engine::store::{FjallStore, MemoryStore, TableStore};
use sycee_engine::vault::{CODE_KEY, Person, Vault};
use sycee_engine::{CellConfig, CellHandle, World, open};
use sycee_interop::command::{REGISTER_PARTICIPANT, RateOfPair, RegisterParticipant, SET_RATES, SetRates};
use sycee_interop::message::DirectoryEntry;
use sycee_interop::record::{KnownCell, Roster};
use sycee_money::{Amount, Currency, Money, Rate};
use sycee_party::command::{OpenCustomer, Opened};
use sycee_wallet::command::CashIn;
use tempfile::TempDir;

/// A server that runs.
pub struct TestWorld {
    pub world: Arc<World>,
    pub clock: TestClock,
    pub notifier: Arc<Notifier>,
    links: Arc<Links>,
    pumps: Mutex<Option<tokio::task::JoinHandle<()>>>,
    pub gateway: VerifyingKey,
    pub authority: Arc<Authority>,
    pub alipay: Arc<Alipay>,
    pub address: SocketAddr,
    numbers: AtomicU64,
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

/// A shop with an app of its own.
pub struct Shop {
    pub cell: String,
    pub merchant: u64,
    pub app_id: u64,
    pub key: SigningKey,
}

fn pack(name: &str, number: u16, currency: &str, time_zone: &str) -> MarketPack {
    let tier = KycTier {
        rank: 1,
        name: "full".into(),
        transaction_limit: Amount::new(100_000).unwrap(),
        day_limit: Amount::new(100_000).unwrap(),
        month_limit: Amount::new(100_000).unwrap(),
        balance_limit: Amount::new(1_000_000).unwrap(),
        year_limit: None,
        lifetime_limit: None,
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
        kyc_tiers: vec![tier],
        merchant_fee_bps: 0,
        merchant_fee_returned: true,
        refund_window_days: 365,
        cancel_window_hours: 24,
        order_timeout_minutes: 180,
        order_code_minutes: 120,
        pay_code_seconds: 60,
        holidays: Vec::new(),
        languages: None,
        settlement: None,
        offline_codes: None,
        code_patterns: None,
        network: None,
        effective_from_ns: None,
        provenance: None,
        settlement_calendar: None,
        proof_above: None,
    }
}

/// How many of the second currency one of the first buys.
pub const RATES: [(&str, &str, &str); 2] = [("EUR", "KRW", "1601.37"), ("KRW", "EUR", "0.00062447")];

fn packs() -> Vec<MarketPack> {
    let terms = NetworkTerms {
        margin_bps: 50,
        fee_bps: 0,
        fee_returned_on_refund: true,
        quote_seconds: 60,
        quote_grace_seconds: 30,
        rate_max_age_seconds: 3_600,
        window_seconds: 86_400,
        participants: Vec::new(),
    };
    let net = MarketPack {
        roles: vec![MarketRole::Network],
        network: Some(terms),
        kyc_tiers: Vec::new(),
        ..pack("net", 99, "USD", "Etc/UTC")
    };
    vec![pack("fr", 7, "EUR", "Europe/Paris"), pack("kr", 5, "KRW", "Asia/Seoul"), net]
}

impl TestWorld {
    pub async fn start() -> Self {
        Self::start_that_waits(Duration::from_secs(ANSWER_WAIT_SECONDS)).await
    }

    /// One with tables on a disk: those in memory are copied whole by each batch, which very many orders would feel.
    pub async fn start_on_disk() -> Self {
        let clock = TestClock::new(Arc::new(SystemClock), 0);
        Self::start_with(Duration::from_secs(ANSWER_WAIT_SECONDS), clock, packs(), true, APP_CALLS_PER_SECOND).await
    }

    /// One that takes so many calls a second of one app.
    pub async fn start_that_takes(app_calls: u32) -> Self {
        let clock = TestClock::new(Arc::new(SystemClock), 0);
        Self::start_with(Duration::from_secs(ANSWER_WAIT_SECONDS), clock, packs(), false, app_calls).await
    }

    /// One whose gateway says so soon that a matter is under way.
    pub async fn start_that_waits(answer_wait: Duration) -> Self {
        Self::start_with(answer_wait, TestClock::new(Arc::new(SystemClock), 0), packs(), false, APP_CALLS_PER_SECOND)
            .await
    }

    /// One whose clock begins at an instant, and whose French market has these holidays.
    pub async fn start_at(start_ns: u64, holidays: Vec<u32>) -> Self {
        let mut packs = packs();
        packs[0].holidays = holidays;
        let clock = TestClock::starting_at(Arc::new(SystemClock), start_ns);
        Self::start_with(Duration::from_secs(ANSWER_WAIT_SECONDS), clock, packs, false, APP_CALLS_PER_SECOND).await
    }

    /// One whose French banks settle at 18:00 on these days.
    pub async fn start_settling(start_ns: u64, calendar: &[jiff::civil::Date]) -> Self {
        let mut packs = packs();
        packs[0].settlement = Some(SettlementTerms { cut_off_minutes: 1_080, days_after: 1, weekend: vec![6, 7] });
        let number = |day: &jiff::civil::Date| day.strftime("%Y%m%d").to_string().parse().unwrap();
        packs[0].settlement_calendar = Some(calendar.iter().map(number).collect());
        let clock = TestClock::starting_at(Arc::new(SystemClock), start_ns);
        Self::start_with(Duration::from_secs(ANSWER_WAIT_SECONDS), clock, packs, false, APP_CALLS_PER_SECOND).await
    }

    async fn start_with(
        answer_wait: Duration,
        test_clock: TestClock,
        packs: Vec<MarketPack>,
        on_disk: bool,
        app_calls: u32,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(test_clock.clone());
        let products = Arc::new(sycee_registry::products());
        let stop = Arc::new(AtomicBool::new(false));
        let (mut cells, mut threads) = (Vec::new(), Vec::new());
        for pack in packs {
            let (handle, driven) = open_cell(&pack, &folder, on_disk, &products, &clock);
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
            test_clock: Some(test_clock.clone()),
            base_url: "http://127.0.0.1:8080".into(),
        });
        let gateway_key = Arc::new(SigningKey::generate().unwrap());
        let gateway = VerifyingKey::parse(&gateway_key.public_key_base64().unwrap()).unwrap();
        let notifier = Arc::new(Notifier::new(Arc::clone(&world), Arc::clone(&gateway_key)));
        let authority = Arc::new(Authority::generate(&gateway, test_clock.now_ns()).unwrap());
        let mut alipay = Alipay::new(Arc::clone(&world), gateway_key)
            .with_authority(Arc::clone(&authority))
            .with_app_calls(app_calls);
        alipay.answer_wait = answer_wait;
        let alipay = Arc::new(alipay);
        let router = sycee_alipay::router(Arc::clone(&alipay));
        let links = Links::new(Arc::clone(&world), network_of(&world).unwrap(), Vec::new()).unwrap();
        links.open().unwrap();
        let pumps = Mutex::new(Some(tokio::spawn(Arc::clone(&links).run())));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let numbers = AtomicU64::new(0);
        let clock = test_clock;
        Self {
            world,
            clock,
            notifier,
            links,
            pumps,
            gateway,
            authority,
            alipay,
            address,
            numbers,
            stop,
            threads,
            _folder: folder,
        }
    }

    /// Takes both cells into the network, and sets rates.
    pub async fn connect(&self) {
        for name in ["fr", "kr"] {
            self.participate(name, true).await;
        }
        self.set_rates().await;
    }

    /// Registers a cell, or changes whether it may pay and be paid; both cells know it then.
    pub async fn participate(&self, name: &str, active: bool) {
        let cell = self.cell(name);
        let market = cell.market().unwrap();
        let entry = DirectoryEntry {
            cell: cell.number,
            name: name.to_owned(),
            currency: cell.currency,
            code_patterns: vec![format!("guid:{}", market.mpm_guid), format!("digits:{}", market.pay_code_prefix)],
            active,
        };
        let register = RegisterParticipant { entry: entry.clone(), net_debit_cap: Amount::new(10_000_000).unwrap() };
        self.ask_as_operator("net", REGISTER_PARTICIPANT, &register).await;
        let members = self.cell("net").port.get::<Roster>(&Roster::key()).unwrap().unwrap().cells;
        for member in members {
            let port = &self.world.numbered(member).unwrap().port;
            let key = KnownCell::key(cell.number);
            port.until(&key, |known: Option<KnownCell>| known.filter(|known| known.entry == entry)).await.unwrap();
        }
    }

    /// Sets the rates as of now.
    pub async fn set_rates(&self) {
        let currency = |code| Currency::from_code(code).unwrap();
        let pair = |(base, counter, rate)| RateOfPair {
            base: currency(base),
            counter: currency(counter),
            rate: Rate::parse_decimal(rate).unwrap(),
        };
        let rates = RATES.into_iter().map(pair).collect();
        let set = SetRates { source: "test".into(), at_ns: self.clock.now_ns(), rates };
        self.ask_as_operator("net", SET_RATES, &set).await;
    }

    /// From now on no message gets from one cell to another.
    pub async fn cut(&self) {
        let pumps = self.pumps.lock().unwrap().take().unwrap();
        pumps.abort();
        let _aborted = pumps.await;
    }

    /// Messages go again.
    pub fn mend(&self) {
        *self.pumps.lock().unwrap() = Some(tokio::spawn(Arc::clone(&self.links).run()));
    }

    /// Waits until no message is on its way.
    pub async fn quiet(&self) {
        self.links.run_due(self.clock.now_ns()).await;
    }

    pub fn cell(&self, name: &str) -> &CellHandle {
        self.world.named(name).unwrap()
    }

    /// A number that no other order, refund or transfer of this world has.
    pub fn new_number(&self, prefix: &str) -> String {
        format!("{prefix}_{}", self.numbers.fetch_add(1, Ordering::SeqCst))
    }

    pub async fn ask_as_operator<B: minicbor::Encode<()>>(&self, cell: &str, code: u16, body: &B) -> Vec<u8> {
        let command = Command::new(code, Caller::OPERATOR, body).with_id(&self.new_number("key"));
        self.cell(cell).port.ask(command).await.unwrap().outcome.unwrap()
    }

    pub async fn shop(&self, cell: &str) -> Shop {
        self.shop_with_fee(cell, None).await
    }

    /// A shop with a price of its own, basis points.
    pub async fn shop_with_fee(&self, cell: &str, fee_bps: Option<u32>) -> Shop {
        let name = self.cell(cell).vault.put_person(&Person::named("Café de la Gare")).unwrap().0;
        let onboard = OnboardMerchant { name, mcc: "5812".into(), fee_bps };
        let reply = self.ask_as_operator(cell, ONBOARD_MERCHANT, &onboard).await;
        let merchant = decode::<MerchantReply>(&reply, "reply").unwrap().merchant;
        let key = SigningKey::generate().unwrap();
        let public_key = VerifyingKey::parse(&key.public_key_base64().unwrap()).unwrap().spki_der().to_vec();
        let register = RegisterApp { merchant, public_key, notify_url: None };
        let reply = self.ask_as_operator(cell, REGISTER_APP, &register).await;
        let app_id = decode::<AppReply>(&reply, "reply").unwrap().app_id;
        Shop { cell: cell.to_owned(), merchant, app_id, key }
    }

    /// A customer called Amélie Martin, with this phone number and so much money.
    pub async fn customer(&self, cell: &str, phone: &str, minor: u64) -> u64 {
        self.opened(cell, Person::named("Amélie Martin").with_phone(phone), phone, minor).await
    }

    /// The same with a PIN.
    pub async fn customer_with_pin(&self, cell: &str, phone: &str, minor: u64, pin: &str) -> u64 {
        let person = Person::named("Amélie Martin").with_phone(phone).with_pin(pin).unwrap();
        self.opened(cell, person, phone, minor).await
    }

    async fn opened(&self, cell: &str, person: Person, phone: &str, minor: u64) -> u64 {
        let handle = self.cell(cell);
        let person = handle.vault.put_person(&person).unwrap().0;
        let contact = Some(handle.vault.digest("phone", phone.as_bytes()));
        let open = OpenCustomer { person, contact, kyc_rank: None };
        let reply = self.ask_as_operator(cell, sycee_party::OPEN_CUSTOMER, &open).await;
        let customer = decode::<Opened>(&reply, "reply").unwrap().party;
        if minor > 0 {
            let money = Money::new(Amount::new(minor).unwrap(), handle.currency);
            let cash_in = CashIn { customer, money, bank_reference: "opening".into() };
            self.ask_as_operator(cell, sycee_wallet::CASH_IN, &cash_in).await;
        }
        customer
    }

    pub async fn ask_as_customer<B: minicbor::Encode<()>>(
        &self,
        cell: &str,
        customer: u64,
        code: u16,
        body: &B,
    ) -> Result<Vec<u8>, u16> {
        let command = Command::new(code, Caller::customer(customer), body);
        self.cell(cell).port.ask(command).await.unwrap().outcome.map_err(|refusal| refusal.code)
    }

    /// The digits that the customer shows.
    pub async fn pay_code(&self, cell: &str, customer: u64) -> String {
        let prefix = self.cell(cell).market().unwrap().pay_code_prefix;
        let digits = format!("{prefix}{:014}", self.numbers.fetch_add(1, Ordering::SeqCst));
        let code_digest = self.cell(cell).code_digest(&digits);
        self.ask_as_customer(cell, customer, ISSUE_PAY_CODE, &CodeTarget { code_digest }).await.unwrap();
        digits
    }

    /// The customer scans a shown code and pays it; the refusal's code if it is refused.
    pub async fn pay(&self, cell: &str, customer: u64, code: &str) -> Result<(), u16> {
        let guid = self.cell(cell).market().unwrap().mpm_guid;
        let Some(OwnCode::Order { cell: number, id }) = OwnCode::parse(code, &guid) else {
            panic!("{code} is no order's code")
        };
        assert_eq!(number, self.cell(cell).number);
        self.ask_as_customer(cell, customer, PAY_ORDER, &OrderTarget { id }).await.map(drop)
    }

    /// What a customer has, or a merchant.
    pub fn balance_minor(&self, cell: &str, party: u64) -> i128 {
        let cell = self.cell(cell);
        let read = cell.port.begin_read();
        let kinds = [&sycee_wallet::BALANCE, &sycee_acquiring::MERCHANT_BALANCE];
        kinds
            .iter()
            .filter_map(|kind| read.account(kind.of(party, cell.currency)).unwrap())
            .map(|a| a.balance_minor())
            .sum()
    }

    pub fn advance(&self, seconds: u64) {
        self.clock.move_to(self.clock.now_ns() + seconds * 1_000_000_000);
        self.cells_wake();
    }

    /// The cells look at the clock, which was moved.
    pub fn cells_wake(&self) {
        for cell in &self.world.cells {
            cell.port.wake();
        }
    }
}

fn open_cell(
    pack: &MarketPack,
    folder: &TempDir,
    on_disk: bool,
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
    let tables = folder.path().join(&pack.cell).join("tables");
    let store: Arc<dyn TableStore> = match on_disk {
        true => Arc::new(FjallStore::open(&tables).unwrap()),
        false => Arc::new(MemoryStore::new()),
    };
    let cell = open(config, &|_| Ok(Arc::clone(&store))).map_err(|error| error.to_string()).unwrap();
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
