//! A cell in memory: enough of an engine to decide and apply commands, with every audit after every step.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use minicbor::{Decode, Encode};
use sycee_acquiring::command::{CodeTarget, ISSUE_PAY_CODE, ONBOARD_MERCHANT, OnboardMerchant, OrderFields};
use sycee_acquiring::reply::{MerchantReply, PayCodeReply};
use sycee_acquiring::{Acquiring, Order};
use sycee_contract::*;
use sycee_ledger::{Account, AccountId};
use sycee_money::{Amount, Currency, Money};
use sycee_party::command::{OpenCustomer, Opened};
use sycee_wallet::command::{CashIn, CashMoved};

/// 2026-03-30, 23:30 UTC.
pub const START_NS: u64 = 1_774_913_400_000_000_000;
pub const SECOND_NS: u64 = 1_000_000_000;
pub const HOUR_NS: u64 = 3_600 * SECOND_NS;
pub const DAY_NS: u64 = 24 * HOUR_NS;

/// Accounts and rows of a cell.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Memory {
    pub accounts: BTreeMap<AccountId, Account>,
    pub rows: BTreeMap<Key, Vec<u8>>,
}

impl State for Memory {
    fn account(&self, id: AccountId) -> Option<Account> {
        self.accounts.get(&id).copied()
    }
    fn set_account(&mut self, id: AccountId, account: Account) {
        self.accounts.insert(id, account);
    }
    fn set_row(&mut self, key: Key, value: Option<Vec<u8>>) {
        match value {
            Some(value) => self.rows.insert(key, value),
            None => self.rows.remove(&key),
        };
    }
}

impl Books for Memory {
    fn accounts(&self, each: &mut dyn FnMut(AccountId, &Account)) {
        self.accounts.iter().for_each(|(id, account)| each(*id, account));
    }
    fn rows(&self, table: u16, each: &mut dyn FnMut(&Key, &[u8])) {
        let rows = self.rows.range(Key::new(table)..).take_while(|(key, _)| key.table() == table);
        rows.for_each(|(key, row)| each(key, row));
    }
    fn row(&self, key: &Key) -> Option<Vec<u8>> {
        self.rows.get(key).cloned()
    }
    fn account(&self, id: AccountId) -> Option<Account> {
        self.accounts.get(&id).copied()
    }
}

/// A view that has nothing in memory until it is fetched: every test also shows that rules ask for what they lack.
struct Cold<'m> {
    memory: &'m Memory,
    fetched: &'m RefCell<BTreeSet<Key>>,
}

impl View for Cold<'_> {
    fn row(&self, key: &Key) -> Lookup<&[u8]> {
        if !self.fetched.borrow().contains(key) {
            return Lookup::NotInMemory;
        }
        self.memory.rows.get(key).map_or(Lookup::Absent, |row| Lookup::Found(row.as_slice()))
    }
    fn account(&self, id: AccountId) -> Lookup<Account> {
        if !self.fetched.borrow().contains(&cell::account_key(id)) {
            return Lookup::NotInMemory;
        }
        self.memory.accounts.get(&id).map_or(Lookup::Absent, |account| Lookup::Found(*account))
    }
}

/// The cell.
pub struct Bench {
    pub products: Products,
    pub memory: Memory,
    pub now_ns: u64,
    pub operation: u64,
    /// The market's calendar day, as the decimal number yyyymmdd.
    pub business_date: u32,
    /// The plan of the last command that had one.
    pub plan: Plan,
    keys: u64,
}

impl Bench {
    pub fn new() -> Self {
        Self::with(Vec::new(), &market())
    }

    /// A cell with more products than party, wallet and acquiring, and a market.
    pub fn with(more: Vec<Box<dyn Product>>, market: &MarketPack) -> Self {
        let mut list: Vec<Box<dyn Product>> = vec![Box::new(Acquiring::default())];
        list.extend(more);
        Self::of(list, market)
    }

    /// A cell with this acquiring product.
    pub fn only(acquiring: Box<dyn Product>) -> Self {
        Self::of(vec![acquiring], &market())
    }

    fn of(more: Vec<Box<dyn Product>>, market: &MarketPack) -> Self {
        let mut list: Vec<Box<dyn Product>> = vec![Box::new(sycee_party::PartyProduct), Box::new(sycee_wallet::Wallet)];
        list.extend(more);
        let products = Products::new(list).expect("product numbers differ");
        let (memory, plan) = (Memory::default(), Plan::default());
        let mut bench =
            Self { products, memory, now_ns: START_NS, operation: 0, business_date: 20_260_331, plan, keys: 0 };
        bench.answer(&Command::new(cell::INSTALL_MARKET, Caller::OPERATOR, market));
        bench
    }

    /// Decides a command one second later and applies its plan; then all audits.
    pub fn answer(&mut self, command: &Command) -> Answer {
        self.now_ns += SECOND_NS;
        let stamp = Stamp {
            operation: self.operation + 1,
            time_ns: self.now_ns,
            business_date: self.business_date,
            utc_offset_seconds: 3_600,
            cell: 1,
        };
        let fetched = RefCell::new(BTreeSet::new());
        for _ in 0..16 {
            let view = Cold { memory: &self.memory, fetched: &fetched };
            match decide(&self.products, command, stamp, &view) {
                Outcome::Need(keys) => {
                    let before = fetched.borrow().len();
                    fetched.borrow_mut().extend(keys);
                    assert!(fetched.borrow().len() > before, "{command:?} asks again for what it has");
                }
                Outcome::Planned(plan, answer) => {
                    apply(&plan, &stamp, &mut self.memory).expect("a plan fits the state that it was made on");
                    self.operation += 1;
                    self.plan = plan;
                    assert_eq!(self.findings(), [], "after {command:?}");
                    return answer;
                }
                Outcome::Refused(refusal) => return Answer::Refused(refusal),
                Outcome::Repeated(_, answer) => return answer,
                Outcome::Broken(what) => panic!("{command:?} is broken: {what}"),
            }
        }
        panic!("{command:?} needs more than 16 rounds")
    }

    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.products.iter().for_each(|product| product.audit(&self.memory, &mut findings));
        findings
    }

    pub fn done<R: for<'b> Decode<'b, ()>>(&mut self, command: &Command) -> R {
        match self.answer(command) {
            Answer::Done(reply) => decode(&reply, "reply").expect("the reply decodes"),
            Answer::Refused(refusal) => panic!("{command:?} was refused: {refusal:?}"),
        }
    }

    pub fn refused(&mut self, command: &Command) -> Refusal {
        match self.answer(command) {
            Answer::Refused(refusal) => refusal,
            Answer::Done(_) => panic!("{command:?} was accepted"),
        }
    }

    /// Moves the clock and fires the timers that are due; gives back how many.
    pub fn pass(&mut self, ns: u64) -> usize {
        self.now_ns += ns;
        let mut fired = 0;
        while let Some((key, row)) = self.memory.rows.range(Key::new(cell::TIMER)..).next() {
            let due =
                TimerId::from_key(key).filter(|timer| key.table() == cell::TIMER && timer.due_at_ns <= self.now_ns);
            if due.is_none() {
                break;
            }
            let command: Command = decode(row, "timer").expect("a timer's command");
            self.answer(&command);
            fired += 1;
        }
        fired
    }

    pub fn key(&mut self) -> String {
        self.keys += 1;
        format!("test-{}", self.keys)
    }

    pub fn operator<R: for<'b> Decode<'b, ()>, T: Encode<()>>(&mut self, code: u16, body: &T) -> R {
        let key = self.key();
        self.done(&Command::new(code, Caller::OPERATOR, body).with_id(&key))
    }

    pub fn customer(&mut self, minor: u64) -> u64 {
        let body = OpenCustomer { person: [7; 16], contact: None, kyc_rank: None };
        let Opened { party } = self.operator(sycee_party::OPEN_CUSTOMER, &body);
        if minor > 0 {
            let body = CashIn { customer: party, money: euro(minor), bank_reference: String::from("r") };
            let _: CashMoved = self.operator(sycee_wallet::CASH_IN, &body);
        }
        party
    }

    pub fn merchant(&mut self, fee_bps: Option<u32>) -> MerchantReply {
        self.operator(ONBOARD_MERCHANT, &OnboardMerchant { name: [9; 16], mcc: String::from("5411"), fee_bps })
    }

    pub fn code(&mut self, customer: u64, digest: u8) -> [u8; 32] {
        let code_digest = [digest; 32];
        let command = Command::new(ISSUE_PAY_CODE, Caller::customer(customer), &CodeTarget { code_digest });
        let _: PayCodeReply = self.done(&command);
        code_digest
    }

    pub fn balance(&self, id: AccountId) -> i128 {
        self.memory.accounts.get(&id).map_or(0, Account::balance_minor)
    }

    pub fn order(&self, id: u64) -> Order {
        decode(&self.memory.rows[&Order::key(id)], "order").expect("an order")
    }
}

pub fn euro(minor: u64) -> Money {
    Money::new(Amount::new(minor).expect("a test's amount is in range"), Currency::EUR)
}

pub fn fields(out_trade_no: &str, minor: u64) -> OrderFields {
    OrderFields {
        app: None,
        out_trade_no: out_trade_no.to_string(),
        total: euro(minor),
        subject: String::from("bread"),
        body: None,
        store: None,
        store_reference: None,
        terminal: None,
        operator: None,
        passback_params: None,
        notify_url: Some(String::from("http://shop.example/n")),
        return_url: None,
        product_code: None,
        expires_at_ns: None,
        expires_after_seconds: None,
        required_buyer: None,
    }
}

pub fn by<T: Encode<()>>(code: u16, caller: Caller, body: &T) -> Command {
    Command::new(code, caller, body)
}

/// Euro, one tier without limits, fee 60 bps returned, refunds for 90 days, cancels for 24 hours, orders 180 minutes,
/// order codes 120 minutes, payment codes 60 seconds.
pub fn market() -> MarketPack {
    let none = Amount::ZERO;
    MarketPack {
        cell: String::from("test"),
        cell_number: 1,
        market: String::from("FR"),
        roles: vec![MarketRole::Wallet, MarketRole::Acquirer],
        currency: Currency::EUR,
        other_currencies: vec![],
        time_zone: String::from("Europe/Paris"),
        pay_code_prefix: String::from("28"),
        mpm_template: 26,
        mpm_guid: String::from("org.example"),
        kyc_tiers: vec![KycTier {
            rank: 1,
            name: String::from("one"),
            transaction_limit: none,
            day_limit: none,
            month_limit: none,
            balance_limit: none,
            year_limit: None,
            lifetime_limit: None,
        }],
        merchant_fee_bps: 60,
        merchant_fee_returned: true,
        refund_window_days: 90,
        cancel_window_hours: 24,
        order_timeout_minutes: 180,
        order_code_minutes: 120,
        pay_code_seconds: 60,
        holidays: vec![],
        languages: None,
        settlement: None,
        offline_codes: Some(OfflineCodeTerms { count: 3, hours: 24, amount_limit: euro(5_000).amount }),
        code_patterns: None,
        network: None,
        effective_from_ns: None,
        provenance: None,
        settlement_calendar: None,
        proof_above: None,
    }
}
