//! A cell in memory: enough of an engine to decide and apply commands, with every audit after every step.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use minicbor::{Decode, Encode};
use sycee_contract::{
    Answer, Books, Caller, Command, Finding, Key, KycTier, Lookup, MarketPack, MarketRole, Outcome, Plan, Product,
    Products, RefusalCode, Stamp, State, TimerId, View, apply, cell, decide, decode, encode,
};
use sycee_ledger::{Account, AccountId};
use sycee_money::{Amount, Currency};
use sycee_party::OPEN_CUSTOMER;
use sycee_party::command::{OpenCustomer, Opened};

/// 2026-03-30, 23:30 UTC, Monday: a load of an hour crosses a day, and the next day a month.
pub const START_NS: u64 = 1_774_913_400_000_000_000;
pub const SECOND_NS: u64 = 1_000_000_000;
pub const DAY_NS: u64 = 86_400 * SECOND_NS;

/// Accounts and rows of a cell.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Memory {
    pub accounts: BTreeMap<AccountId, Account>,
    pub rows: BTreeMap<Key, Vec<u8>>,
}

impl View for Memory {
    fn row(&self, key: &Key) -> Lookup<&[u8]> {
        self.rows.get(key).map_or(Lookup::Absent, |row| Lookup::Found(row.as_slice()))
    }
    fn account(&self, id: AccountId) -> Lookup<Account> {
        self.accounts.get(&id).map_or(Lookup::Absent, |account| Lookup::Found(*account))
    }
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

/// A view that has nothing in memory until it is fetched.
struct Cold<'m> {
    memory: &'m Memory,
    fetched: &'m RefCell<BTreeSet<Key>>,
}

impl View for Cold<'_> {
    fn row(&self, key: &Key) -> Lookup<&[u8]> {
        if self.fetched.borrow().contains(key) { View::row(self.memory, key) } else { Lookup::NotInMemory }
    }
    fn account(&self, id: AccountId) -> Lookup<Account> {
        let known = self.fetched.borrow().contains(&cell::account_key(id));
        if known { View::account(self.memory, id) } else { Lookup::NotInMemory }
    }
}

/// The cell.
pub struct Bench {
    pub products: Products,
    pub memory: Memory,
    pub now_ns: u64,
    pub operation: u64,
    /// How far the clock moves with every command.
    pub step_ns: u64,
    /// Whether every decision begins with nothing in memory.
    pub cold: bool,
    /// Whether all audits run after every command.
    pub audited: bool,
    /// The most rounds of fetching that one command took.
    pub rounds_max: u32,
    /// Plans with their stamps, as a journal has them.
    pub journal: Vec<(Stamp, Plan)>,
}

impl Bench {
    /// An empty cell without a market.
    pub fn bare() -> Self {
        Self::of(sycee_registry::list())
    }

    /// An empty cell of other products than the registry's.
    pub fn of(list: Vec<Box<dyn Product>>) -> Self {
        Self {
            products: Products::new(list).unwrap_or_else(|name| panic!("the number of {name} is taken")),
            memory: Memory::default(),
            now_ns: START_NS,
            operation: 0,
            step_ns: SECOND_NS,
            cold: false,
            audited: true,
            rounds_max: 0,
            journal: Vec::new(),
        }
    }

    /// A cell with the market of [`market`].
    pub fn new() -> Self {
        let mut bench = Self::bare();
        bench.install_market();
        bench
    }

    /// Installs the market of [`market`].
    pub fn install_market(&mut self) {
        self.done_empty(Command::new(cell::INSTALL_MARKET, Caller::OPERATOR, &market()));
    }

    /// Opens a customer of a tier; `index` makes its person, its contact ([`contact`]) and its key.
    pub fn open_customer(&mut self, index: u8, kyc_rank: u16) -> u64 {
        let body = OpenCustomer { person: [index; 16], contact: Some(contact(index)), kyc_rank: Some(kyc_rank) };
        self.done::<Opened>(operator(OPEN_CUSTOMER, &format!("open-{index}"), &body)).party
    }

    /// Decides a command at the next stamp and applies its plan.
    pub fn run(&mut self, command: &Command) -> Outcome {
        self.now_ns += self.step_ns.max(1);
        let stamp = self.stamp();
        let outcome = if self.cold { self.decide_cold(command, stamp) } else { self.decide_warm(command, stamp) };
        if let Outcome::Planned(plan, _) = &outcome {
            apply(plan, &stamp, &mut self.memory).expect("a plan fits the state that it was made on");
            self.operation += 1;
            self.journal.push((stamp, plan.clone()));
        }
        if self.audited {
            let findings = self.findings();
            assert_eq!(findings, [], "after {command:?}");
        }
        outcome
    }

    /// The same; gives back the answer. Panics on what is not an answer.
    pub fn answer(&mut self, command: &Command) -> Answer {
        match self.run(command) {
            Outcome::Planned(_, answer) | Outcome::Repeated(_, answer) => answer,
            Outcome::Refused(refusal) => Answer::Refused(refusal),
            other => panic!("{command:?} came to {other:?}"),
        }
    }

    /// Runs a command that must be accepted; gives back its reply.
    pub fn done<R: for<'b> Decode<'b, ()>>(&mut self, command: Command) -> R {
        match self.answer(&command) {
            Answer::Done(reply) => decode(&reply, "reply").expect("the reply decodes"),
            Answer::Refused(refusal) => panic!("{command:?} was refused: {refusal:?}"),
        }
    }

    /// Runs a command that must be accepted and has an empty reply.
    pub fn done_empty(&mut self, command: Command) {
        assert_eq!(self.answer(&command), Answer::Done(Vec::new()), "{command:?}");
    }

    /// Runs a command that must be refused; gives back the code.
    pub fn refused(&mut self, command: Command) -> RefusalCode {
        self.refusal(command).0
    }

    /// Runs a command that must be refused; gives back code and detail.
    pub fn refusal(&mut self, command: Command) -> (RefusalCode, String) {
        match self.answer(&command) {
            Answer::Refused(refusal) => (refusal.code, refusal.detail),
            Answer::Done(_) => panic!("{command:?} was accepted"),
        }
    }

    /// Fires all timers that are due; gives back how many.
    pub fn fire_timers(&mut self) -> usize {
        let mut fired = 0;
        loop {
            let first = self.memory.rows.range(Key::new(cell::TIMER)..).next();
            let Some((key, row)) = first.filter(|(key, _)| key.table() == cell::TIMER) else { return fired };
            let timer = TimerId::from_key(key).expect("a timer's key");
            if timer.due_at_ns > self.now_ns {
                return fired;
            }
            let command: Command = decode(row, "timer").expect("a timer's command");
            assert_eq!(command.timer, Some(timer), "a timer's command names its timer");
            self.answer(&command);
            fired += 1;
        }
    }

    /// What the audits of all products find.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.products.iter().for_each(|product| product.audit(&self.memory, &mut findings));
        findings
    }

    /// The posted balance of an account, minor units; 0 if it is not open.
    pub fn balance(&self, id: AccountId) -> i128 {
        self.memory.accounts.get(&id).map_or(0, Account::balance_minor)
    }

    fn stamp(&self) -> Stamp {
        Stamp {
            operation: self.operation + 1,
            time_ns: self.now_ns,
            business_date: business_date(self.now_ns),
            utc_offset_seconds: 0,
            cell: 1,
        }
    }

    fn decide_warm(&self, command: &Command, stamp: Stamp) -> Outcome {
        decide(&self.products, command, stamp, &self.memory)
    }

    fn decide_cold(&mut self, command: &Command, stamp: Stamp) -> Outcome {
        let fetched = RefCell::new(BTreeSet::new());
        for round in 0..16 {
            let view = Cold { memory: &self.memory, fetched: &fetched };
            match decide(&self.products, command, stamp, &view) {
                Outcome::Need(keys) => {
                    let before = fetched.borrow().len();
                    fetched.borrow_mut().extend(keys);
                    assert!(fetched.borrow().len() > before, "{command:?} asks again for what it has");
                }
                outcome => {
                    self.rounds_max = self.rounds_max.max(round);
                    return outcome;
                }
            }
        }
        panic!("{command:?} needs more than 16 rounds");
    }
}

/// An operator's command under a key.
pub fn operator<T: Encode<()>>(code: u16, id: &str, body: &T) -> Command {
    Command::new(code, Caller::OPERATOR, body).with_id(id)
}

/// A customer's command under a key.
pub fn customer<T: Encode<()>>(code: u16, party: u64, id: &str, body: &T) -> Command {
    Command::new(code, Caller::customer(party), body).with_id(id)
}

/// A party's number from its four parts: `2088`, cell, bucket, serial.
pub fn number(parts: &str) -> u64 {
    parts.replace(' ', "").parse().unwrap()
}

/// The contact of the customer of this index.
pub fn contact(index: u8) -> [u8; 32] {
    [index; 32]
}

pub fn amount(minor: u64) -> Amount {
    Amount::new(minor).expect("a test's amount is in range")
}

/// The market of the tests: euro, with three tiers of which the highest has no limit.
pub fn market() -> MarketPack {
    let tier = |rank, limits: [u64; 4]| KycTier {
        rank,
        name: format!("tier {rank}"),
        transaction_limit: amount(limits[0]),
        day_limit: amount(limits[1]),
        month_limit: amount(limits[2]),
        balance_limit: amount(limits[3]),
        year_limit: None,
        lifetime_limit: None,
    };
    MarketPack {
        cell: "test".to_string(),
        cell_number: 1,
        market: "FR".to_string(),
        roles: vec![MarketRole::Wallet, MarketRole::Acquirer],
        currency: Currency::EUR,
        other_currencies: vec![Currency::USD],
        time_zone: "Etc/UTC".to_string(),
        pay_code_prefix: "28".to_string(),
        mpm_template: 26,
        mpm_guid: "org.example".to_string(),
        kyc_tiers: vec![tier(1, [5_000, 10_000, 15_000, 20_000]), tier(2, [0, 50_000, 0, 0]), tier(3, [0, 0, 0, 0])],
        merchant_fee_bps: 60,
        merchant_fee_returned: true,
        refund_window_days: 365,
        cancel_window_hours: 24,
        order_timeout_minutes: 15,
        order_code_minutes: 120,
        pay_code_seconds: 60,
        holidays: vec![20_261_225],
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

/// The UTC day of an instant as yyyymmdd (the algorithm `civil_from_days` of Howard Hinnant's "chrono-compatible low-level
/// date algorithms").
pub fn business_date(time_ns: u64) -> u32 {
    let z = time_ns / DAY_NS + 719_468;
    let (era, doe) = (z / 146_097, z % 146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + u64::from(month <= 2);
    u32::try_from(year * 10_000 + month * 100 + day).expect("a date of this era")
}

/// The bytes of a plan, to compare.
pub fn plan_bytes(plan: &Plan) -> Vec<u8> {
    encode(plan)
}

#[test]
fn the_bench_knows_the_calendar() {
    // 2000-02-29T12:00Z, 2026-03-30T23:30Z and 2026-04-01T00:00Z in Unix seconds, from `date -u -d @…`.
    for (second, date) in [(951_825_600, 20_000_229), (1_774_913_400, 20_260_330), (1_775_001_600, 20_260_401)] {
        assert_eq!(business_date(second * SECOND_NS), date);
    }
}
