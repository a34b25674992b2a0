//! One French cell with a shop, a customer and a bank, on a clock that is moved.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sycee_acquiring::command::*;
use sycee_acquiring::payout::{PAYOUT, Payout};
use sycee_acquiring::reply::{MerchantReply, OrderReply, RefundReply};
use sycee_acquiring::settlement::*;
use sycee_bank::simulated::operators_account;
use sycee_bank::{Bank, Payouts, SimulatedBank};
use sycee_contract::cell::{INSTALL_MARKET, TIMER};
use sycee_contract::{
    Caller, Command, Finding, Key, KycTier, MarketPack, MarketRole, Record, SettlementTerms, TimerId, decode,
};
use sycee_engine::clock::{Clock, SystemClock, TestClock};
use sycee_engine::disk::{Disk, MemoryDisk};
use sycee_engine::drive::Driven;
use sycee_engine::journal::{JournalError, JournalReader};
use sycee_engine::outbound::{Faults, Outbound};
use sycee_engine::store::{MemoryStore, TableStore};
use sycee_engine::vault::{AccountNumber, BankAccount, CODE_KEY, Handle, Person, Vault};
use sycee_engine::{CellConfig, CellHandle, JournalBooks, World, open};
use sycee_ledger::{AccountKind, OPERATOR};
use sycee_money::{Amount, Currency, Money};
use sycee_party::command::{OpenCustomer, Opened};
use sycee_wallet::command::CashIn;
use tempfile::TempDir;

/// The market's zone.
pub const ZONE: &str = "Europe/Paris";
/// What happens from this hour on belongs to the next business date.
pub const CUT_OFF_HOUR: i8 = 18;

pub struct TestWorld {
    pub world: Arc<World>,
    pub clock: TestClock,
    pub bank: Arc<SimulatedBank>,
    pub payouts: Arc<Payouts>,
    pub shop: u64,
    pub buyer: u64,
    pub folder: TempDir,
    disk: Arc<MemoryDisk>,
    numbers: AtomicU64,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for TestWorld {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

pub fn euro(minor: u64) -> Money {
    Money::new(Amount::new(minor).unwrap(), Currency::EUR)
}

pub fn day_number(date: Date) -> u32 {
    date.to_string().replace('-', "").parse().unwrap()
}

/// On which days banks do not work.
pub struct Calendar {
    pub holidays: &'static [Date],
    /// ISO weekday numbers.
    pub weekend: &'static [i8],
}

/// Saturday, Sunday, and nothing else.
pub const USUAL: Calendar = Calendar { holidays: &[], weekend: &[6, 7] };

impl Calendar {
    pub fn is_banking_day(&self, date: Date) -> bool {
        !self.weekend.contains(&date.weekday().to_monday_one_offset()) && !self.holidays.contains(&date)
    }
}

fn pack(banks: &Calendar, first: Date) -> MarketPack {
    let limit = Amount::ZERO;
    let calendar = first.series(1.day()).take(400).filter(|day| banks.is_banking_day(*day));
    MarketPack {
        cell: "fr".into(),
        cell_number: 7,
        market: "FR".into(),
        roles: vec![MarketRole::Wallet, MarketRole::Acquirer],
        currency: Currency::EUR,
        other_currencies: Vec::new(),
        time_zone: ZONE.into(),
        pay_code_prefix: "2833".into(),
        mpm_template: 26,
        mpm_guid: "org.sycee.fr".into(),
        kyc_tiers: vec![KycTier {
            rank: 1,
            name: "full".into(),
            transaction_limit: limit,
            day_limit: limit,
            month_limit: limit,
            balance_limit: limit,
            year_limit: None,
            lifetime_limit: None,
        }],
        merchant_fee_bps: 0,
        merchant_fee_returned: true,
        refund_window_days: 90,
        cancel_window_hours: 24,
        order_timeout_minutes: 60,
        order_code_minutes: 60,
        pay_code_seconds: 60,
        holidays: banks.holidays.iter().copied().map(day_number).collect(),
        languages: None,
        settlement: Some(SettlementTerms {
            cut_off_minutes: 60 * u32::try_from(CUT_OFF_HOUR).unwrap(),
            days_after: 1,
            weekend: banks.weekend.iter().map(|day| u8::try_from(*day).unwrap()).collect(),
        }),
        offline_codes: None,
        code_patterns: None,
        network: None,
        effective_from_ns: None,
        provenance: None,
        settlement_calendar: Some(calendar.map(day_number).collect()),
        proof_above: None,
    }
}

/// An instant of the market.
pub fn instant_ns(date: Date, hour: i8, minute: i8) -> u64 {
    let zoned = date.at(hour, minute, 0, 0).to_zoned(TimeZone::get(ZONE).unwrap()).unwrap();
    u64::try_from(zoned.timestamp().as_nanosecond()).unwrap()
}

impl TestWorld {
    /// At noon of a day, with these terms of the shop, and a bank account whose number has this tail.
    pub fn start(
        day: Date,
        banks: &Calendar,
        fee_bps: u32,
        account_tail: &str,
        terms: impl FnOnce(SetSettlementTerms) -> SetSettlementTerms,
    ) -> Self {
        let pack = pack(banks, day);
        let folder = tempfile::tempdir().unwrap();
        let clock = TestClock::starting_at(Arc::new(SystemClock), instant_ns(day, 12, 0));
        let products = Arc::new(sycee_registry::products());
        let disk = Arc::new(MemoryDisk::new());
        let store: Arc<dyn TableStore> = Arc::new(MemoryStore::new());
        let config = CellConfig {
            cell: pack.cell_number,
            time_zone: pack.time_zone.clone(),
            products: Arc::clone(&products),
            clock: Arc::new(clock.clone()),
            disk: Arc::clone(&disk) as Arc<dyn Disk>,
            segment_bytes: 1 << 20,
        };
        let cell = open(config, &|_| Ok(Arc::clone(&store))).map_err(|error| error.to_string()).unwrap();
        let vault = Vault::open(&folder.path().join("vault"), &folder.path().join("key"), true).unwrap();
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
        let stop = Arc::new(AtomicBool::new(false));
        let thread = drive(Driven::new(cell), Arc::clone(&stop));
        let world = Arc::new(World {
            cells: vec![Arc::new(handle)],
            products,
            clock: Arc::new(clock.clone()),
            faults: Faults::default(),
            sandbox: true,
            test_clock: Some(clock.clone()),
            base_url: String::new(),
        });
        let bank = Arc::new(SimulatedBank::open(&folder.path().join("bank"), ZONE).unwrap());
        let banks: Vec<(u16, Arc<dyn Bank>)> = vec![(7, Arc::clone(&bank) as Arc<dyn Bank>)];
        let payouts = Arc::new(Payouts::new(Arc::clone(&world), banks, &operators_account()));
        let (numbers, thread) = (AtomicU64::new(0), Some(thread));
        let mut started = Self { world, clock, bank, payouts, shop: 0, buyer: 0, folder, disk, numbers, stop, thread };
        started.prepare(&pack, fee_bps, account_tail, terms);
        started
    }

    fn prepare(
        &mut self,
        pack: &MarketPack,
        fee_bps: u32,
        account_tail: &str,
        terms: impl FnOnce(SetSettlementTerms) -> SetSettlementTerms,
    ) {
        self.operator::<(), _>(INSTALL_MARKET, pack);
        let Handle(name) = self.cell().vault.put_person(&Person::named("Boulangerie")).unwrap();
        let body = OnboardMerchant { name, mcc: "5462".into(), fee_bps: Some(fee_bps) };
        self.shop = self.operator::<MerchantReply, _>(ONBOARD_MERCHANT, &body).merchant;
        let body = OpenCustomer { person: [1; 16], contact: None, kyc_rank: None };
        self.buyer = self.operator::<Opened, _>(sycee_party::OPEN_CUSTOMER, &body).party;
        let body = CashIn { customer: self.buyer, money: euro(50_000_000), bank_reference: "r".into() };
        self.operator::<sycee_wallet::command::CashMoved, _>(sycee_wallet::CASH_IN, &body);
        let plain = SetSettlementTerms {
            merchant: self.shop,
            schedule: PayoutSchedule::Daily,
            weekday: 0,
            minimum_payout: Amount::ZERO,
            reserve_bps: 0,
            reserve_days: 0,
            negative_limit: Amount::ZERO,
            fee_bps: None,
        };
        self.operator::<MerchantTerms, _>(SET_SETTLEMENT_TERMS, &terms(plain));
        self.set_account(account_tail);
    }

    pub fn set_account(&self, tail: &str) {
        let number = AccountNumber::iban_of("FR", &format!("2004101005050001{tail:0>7}")).unwrap();
        let account = BankAccount::new("Boulangerie Müller & Fils", number, Some("PSSTFRPPLIL")).unwrap();
        let mut handle = [9; 16];
        handle[..4].copy_from_slice(&tail.as_bytes()[..4]);
        self.cell().vault.put_bank_account(Handle(handle), &account).unwrap();
        let body = SetBankAccount { merchant: self.shop, bank_account: Some(handle) };
        self.operator::<MerchantTerms, _>(SET_BANK_ACCOUNT, &body);
    }

    pub fn cell(&self) -> &Arc<CellHandle> {
        &self.world.cells[0]
    }

    pub fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::SeqCst)
    }

    pub fn ask(&self, command: Command) -> Result<Vec<u8>, sycee_contract::Refusal> {
        self.cell().port.ask_blocking_anywhere(command).unwrap().outcome
    }

    pub fn operator<R: Reply, B: minicbor::Encode<()>>(&self, code: u16, body: &B) -> R {
        let command = Command::new(code, Caller::OPERATOR, body).with_id(&format!("t{}", self.number()));
        R::read(&self.ask(command).unwrap())
    }

    /// Sells for so much; gives back the merchant's number of the order.
    pub fn sell(&self, minor: u64) -> String {
        let out_trade_no = format!("S{}", self.number());
        let fields = OrderFields {
            app: None,
            out_trade_no: out_trade_no.clone(),
            total: euro(minor),
            subject: "pain".into(),
            body: None,
            store: None,
            store_reference: None,
            terminal: None,
            operator: None,
            passback_params: None,
            notify_url: None,
            return_url: None,
            product_code: None,
            expires_at_ns: None,
            expires_after_seconds: None,
            required_buyer: None,
        };
        let placed = self.ask(Command::new(CREATE, Caller::merchant(self.shop), &fields)).unwrap();
        let placed: OrderReply = decode(&placed, "order").unwrap();
        let target = OrderTarget { id: placed.order.id };
        self.ask(Command::new(PAY_ORDER, Caller::customer(self.buyer), &target)).unwrap();
        out_trade_no
    }

    pub fn refund(&self, out_trade_no: &str, minor: u64) -> Result<RefundReply, sycee_contract::Refusal> {
        let body = RefundOrder {
            order: OrderRef { out_trade_no: Some(out_trade_no.into()), id: None },
            amount: euro(minor),
            out_request_no: Some(format!("R{}", self.number())),
            reason: None,
        };
        let reply = self.ask(Command::new(REFUND, Caller::merchant(self.shop), &body))?;
        Ok(decode(&reply, "refund").unwrap())
    }

    pub fn cancel(&self, out_trade_no: &str) {
        let body = OrderRef { out_trade_no: Some(out_trade_no.into()), id: None };
        self.ask(Command::new(CANCEL, Caller::merchant(self.shop), &body)).unwrap();
    }

    pub fn get<R: Record>(&self, key: &Key) -> Option<R> {
        self.cell().port.get(key).unwrap()
    }

    pub fn settlement(&self, date: Date) -> Option<Settlement> {
        self.get(&Settlement::key(self.shop, Currency::EUR, day_number(date)))
    }

    pub fn all_payouts(&self) -> Vec<Payout> {
        let rows = self.cell().port.begin_read().scan(&Key::new(PAYOUT), None, 10_000).unwrap();
        rows.iter().map(|(_, row)| decode(row, "payout").unwrap()).collect()
    }

    pub fn account(&self, kind: AccountKind, owner: u64) -> i128 {
        let account = self.cell().port.begin_read().account(kind.of(owner, Currency::EUR)).unwrap();
        account.map_or(0, |account| account.balance_minor())
    }

    pub fn shops(&self, kind: AccountKind) -> i128 {
        self.account(kind, self.shop)
    }

    pub fn operators(&self, kind: AccountKind) -> i128 {
        self.account(kind, OPERATOR)
    }

    fn timer_due_ns(&self) -> Option<u64> {
        let first = self.cell().port.begin_read().scan(&Key::new(TIMER), None, 1).unwrap();
        first.first().and_then(|(key, _)| TimerId::from_key(key)).map(|timer| timer.due_at_ns)
    }

    /// Moves the clock; what is due in between happens at its own time.
    pub async fn go_to(&self, target_ns: u64) {
        loop {
            let due = self.timer_due_ns().into_iter().chain(self.payouts.next_due_ns()).min();
            let step_ns = due.map_or(target_ns, |due_ns| due_ns.min(target_ns)).max(self.clock.now_ns());
            self.clock.move_to(step_ns);
            self.cell().port.wake();
            while self.timer_due_ns().is_some_and(|due_ns| due_ns <= step_ns) {
                assert!(self.cell().port.stopped().is_none());
                self.cell().port.wake();
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            self.payouts.run_due(self.clock.now_ns()).await;
            if step_ns >= target_ns && self.timer_due_ns().is_none_or(|due_ns| due_ns > target_ns) {
                return;
            }
        }
    }

    /// What all audits find, from the journal alone.
    pub fn findings(&self) -> Vec<Finding> {
        let reader = JournalReader::open(Arc::clone(&self.disk) as Arc<dyn Disk>, 7).unwrap();
        let mut books = JournalBooks::default();
        reader
            .read::<JournalError>(1, |entry| {
                books.take(&entry.stamp, &entry.plan);
                Ok(())
            })
            .unwrap();
        let mut findings = Vec::new();
        self.world.products.iter().for_each(|product| product.audit(&books, &mut findings));
        findings
    }

    /// The bank's files of a folder, by name.
    pub fn files(&self, folder: &str) -> BTreeMap<String, PathBuf> {
        let entries = std::fs::read_dir(self.folder.path().join("bank").join(folder)).unwrap();
        entries
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
            .collect()
    }
}

/// A reply, or nothing.
pub trait Reply {
    fn read(bytes: &[u8]) -> Self;
}

impl Reply for () {
    fn read(_: &[u8]) -> Self {}
}

macro_rules! replies {
    ($($reply:ty),*) => { $(impl Reply for $reply {
        fn read(bytes: &[u8]) -> Self {
            decode(bytes, "reply").unwrap()
        }
    })* };
}

replies!(MerchantReply, Opened, sycee_wallet::command::CashMoved, MerchantTerms, AdvanceFundsReply, SettlementReply);

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
