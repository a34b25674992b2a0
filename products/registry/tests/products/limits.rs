//! Tables for party's guard, over a product of the tests that moves and holds money as it is told.

use std::cell::Cell;

use minicbor::{Decode, Encode};
use sycee_contract::{
    Books, Caller, Command, CommandDescriptor, Deciding, Descriptor, Finding, Nature, Product, Role, Stop, WorkItem,
    Workload, cell, decode, encode,
};
use sycee_ledger::{AccountId, OPERATOR};
use sycee_money::Currency;
use sycee_party::command::{Freeze, Unfreeze};
use sycee_party::{
    BALANCE_LIMIT, COUNTED_HOLD, DAY_LIMIT, FREEZE, LIFETIME_LIMIT, MONTH_LIMIT, PARTY_FROZEN, TRANSACTION_LIMIT,
    UNFREEZE, Usage, YEAR_LIMIT,
};
use sycee_wallet::{BALANCE, SAFEGUARDING};

use crate::bench::{Bench, DAY_NS, START_NS, amount, market, operator};

/// What the product of the tests is asked.
#[derive(Clone, Debug, Encode, Decode)]
enum Ask {
    #[n(0)]
    Transfers(#[n(0)] Vec<(AccountId, AccountId, u64)>),
    #[n(1)]
    Hold(#[n(0)] AccountId, #[n(1)] AccountId, #[n(2)] u64),
    #[n(2)]
    Post(#[n(0)] u64, #[n(1)] u64),
    #[n(3)]
    Void(#[n(0)] u64),
}

const REQUEST: u16 = 0xc801;
const OBLIGATION: u16 = 0xc802;

struct Mover;

const fn does(number: u8, name: &'static str, nature: Nature) -> CommandDescriptor {
    CommandDescriptor { number, name, roles: &[Role::Operator], nature, fingerprint: &[], binding_refusals: &[] }
}

static DESCRIPTOR: Descriptor = Descriptor {
    number: 0xc8,
    name: "mover",
    commands: &[does(1, "move", Nature::Request), does(2, "move_owed", Nature::Obligation)],
    refusals: &[],
    accounts: &[],
    tables: &[],
    invariants: &[],
};

impl Product for Mover {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn decide(&self, command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
        match cell::body(command)? {
            Ask::Transfers(transfers) => {
                for (debit, credit, minor) in transfers {
                    deciding.transfer(debit, credit, amount(minor), 0)?;
                }
                Ok(encode(&0_u64))
            }
            Ask::Hold(debit, credit, minor) => Ok(encode(&deciding.hold(debit, credit, amount(minor), 0, 0)?)),
            Ask::Post(hold, minor) => deciding.post_hold(hold, amount(minor), 0).map(|()| encode(&hold)),
            Ask::Void(hold) => deciding.void_hold(hold).map(|()| encode(&hold)),
        }
    }

    fn audit(&self, _: &dyn Books, _: &mut Vec<Finding>) {}

    fn workload(&self) -> Box<dyn Workload> {
        struct Nothing;
        impl Workload for Nothing {
            fn next(&mut self, _: &mut sycee_contract::Random) -> WorkItem {
                panic!("the product of the tests has no load")
            }
            fn learn(&mut self, _: &sycee_contract::Answer) {}
        }
        Box::new(Nothing)
    }
}

/// Customer 1 of the tier under test with money, customer 2 of the highest tier.
struct Scene {
    bench: Bench,
    one: u64,
    two: u64,
    keys: Cell<u32>,
}

fn euros(party: u64) -> AccountId {
    BALANCE.of(party, Currency::EUR)
}

fn bank() -> AccountId {
    SAFEGUARDING.of(OPERATOR, Currency::EUR)
}

impl Scene {
    fn new(kyc_rank: u16, has_minor: u64) -> Self {
        let mut list = sycee_registry::list();
        list.push(Box::new(Mover));
        let mut bench = Bench::of(list);
        bench.cold = true;
        bench.install_market();
        let [one, two] = [bench.open_customer(1, 3), bench.open_customer(2, 3)];
        let mut scene = Self { bench, one, two, keys: Cell::new(0) };
        for party in [one, two] {
            let body = sycee_wallet::command::CashIn {
                customer: party,
                money: sycee_money::Money::new(amount(has_minor), Currency::EUR),
                bank_reference: "B".to_string(),
            };
            let key = scene.key();
            scene.bench.done::<sycee_wallet::command::CashMoved>(operator(sycee_wallet::CASH_IN, &key, &body));
        }
        let rank = sycee_party::command::SetKycRank { party: one, kyc_rank };
        let key = scene.key();
        scene.bench.done_empty(operator(sycee_party::SET_KYC_RANK, &key, &rank));
        scene
    }

    fn key(&self) -> String {
        self.keys.set(self.keys.get() + 1);
        format!("key-{}", self.keys.get())
    }

    fn ask(&mut self, code: u16, ask: &Ask) -> Result<u64, (u16, String)> {
        match self.bench.answer(&Command::new(code, Caller::OPERATOR, ask)) {
            sycee_contract::Answer::Done(reply) => Ok(decode(&reply, "reply").unwrap()),
            sycee_contract::Answer::Refused(refusal) => Err((refusal.code, refusal.detail)),
        }
    }

    fn pay(&mut self, minor: u64) -> Result<u64, u16> {
        let ask = Ask::Transfers(vec![(euros(self.one), euros(self.two), minor)]);
        self.ask(REQUEST, &ask).map_err(|(code, _)| code)
    }

    fn hold(&mut self, minor: u64) -> Result<u64, u16> {
        let ask = Ask::Hold(euros(self.one), euros(self.two), minor);
        self.ask(REQUEST, &ask).map_err(|(code, _)| code)
    }

    /// Customer 1's day and month counters.
    fn used(&self) -> (u64, u64) {
        let row = self.bench.memory.rows.get(&Usage::key(self.one));
        let usage: Usage = row.map(|row| decode(row, "usage").unwrap()).unwrap_or_default();
        (usage.day_minor, usage.month_minor)
    }

    /// Moves the clock to this many days after the start; day 2 is in the next month.
    fn on_day(&mut self, days: u64) {
        self.bench.now_ns = START_NS + days * DAY_NS;
    }
}

#[test]
fn debits_are_limited_by_payment_day_and_month() {
    // Tier 1: 50.00 a payment, 100.00 a day, 150.00 a month. Payments of a day in cents, the last refused with the
    // code.
    let mut scene = Scene::new(1, 100_000);
    assert_eq!(scene.pay(5_001), Err(TRANSACTION_LIMIT));
    assert_eq!(scene.pay(5_000), Ok(0));
    assert_eq!(scene.pay(4_999), Ok(0));
    assert_eq!(scene.pay(2), Err(DAY_LIMIT));
    assert_eq!(scene.pay(1), Ok(0));
    assert_eq!(scene.used(), (10_000, 10_000));
    scene.on_day(1);
    assert_eq!(scene.pay(5_000), Ok(0));
    assert_eq!(scene.used(), (5_000, 15_000));
    assert_eq!(scene.pay(1), Err(MONTH_LIMIT));
    scene.on_day(2);
    assert_eq!(scene.pay(5_000), Ok(0));
    assert_eq!(scene.used(), (5_000, 5_000), "a new month");
}

#[test]
fn several_payments_in_one_plan_count_together() {
    let mut scene = Scene::new(1, 100_000);
    let [one, two] = [euros(scene.one), euros(scene.two)];
    let split = Ask::Transfers(vec![(one, two, 3_000), (one, two, 2_001)]);
    assert_eq!(scene.ask(REQUEST, &split).unwrap_err().0, TRANSACTION_LIMIT);
    let detail = scene.ask(REQUEST, &Ask::Transfers(vec![(one, two, 6_000)])).unwrap_err().1;
    assert_eq!(detail, "limit 50.00 EUR a payment, 60.00 EUR asked");
    assert_eq!([scene.pay(4_000), scene.pay(4_000)], [Ok(0), Ok(0)]);
    let detail = scene.ask(REQUEST, &Ask::Transfers(vec![(one, two, 3_000)])).unwrap_err().1;
    assert_eq!(detail, "limit 100.00 EUR a day, 80.00 EUR used, 30.00 EUR asked");
}

#[test]
fn obligations_are_counted_and_never_refused() {
    let mut scene = Scene::new(1, 100_000);
    let [one, two] = [euros(scene.one), euros(scene.two)];
    assert_eq!(scene.ask(OBLIGATION, &Ask::Transfers(vec![(one, two, 40_000)])), Ok(0));
    assert_eq!(scene.used(), (40_000, 40_000));
    assert_eq!(scene.pay(1), Err(DAY_LIMIT));
    assert_eq!(scene.ask(OBLIGATION, &Ask::Transfers(vec![(two, one, 40_000)])), Ok(0), "above the balance limit");
    assert_eq!(scene.used(), (40_000, 40_000), "money that comes gives nothing back");
}

#[test]
fn a_hold_counts_once_and_gives_back_what_it_releases() {
    // 40.00 held on day 0 and ended on another day, after 5.00 were paid on that day; what is counted then.
    for (day, posted, used) in [
        (0, Some(4_000), (4_500, 4_500)),
        (0, Some(1_500), (2_000, 2_000)),
        (0, None, (500, 500)),
        // The next day nothing is given back to that day; the month of the hold still runs.
        (1, Some(1_500), (500, 2_000)),
        (1, None, (500, 500)),
        // In the next month nothing is given back.
        (2, Some(1_500), (500, 500)),
        (2, None, (500, 500)),
    ] {
        let mut scene = Scene::new(1, 100_000);
        let hold = scene.hold(4_000).unwrap();
        assert_eq!(scene.used(), (4_000, 4_000));
        scene.on_day(day);
        scene.pay(500).unwrap();
        let end = posted.map_or(Ask::Void(hold), |minor| Ask::Post(hold, minor));
        assert_eq!(scene.ask(REQUEST, &end), Ok(hold));
        assert_eq!(scene.used(), used, "day {day}, posted {posted:?}");
        assert!(!scene.bench.memory.rows.keys().any(|key| key.table() == COUNTED_HOLD));
    }
}

#[test]
fn a_hold_is_limited_like_a_payment() {
    let mut scene = Scene::new(1, 100_000);
    assert_eq!(scene.hold(5_001), Err(TRANSACTION_LIMIT));
    let first = scene.hold(5_000).unwrap();
    scene.hold(5_000).unwrap();
    assert_eq!([scene.hold(1), scene.pay(1)], [Err(DAY_LIMIT), Err(DAY_LIMIT)]);
    scene.ask(REQUEST, &Ask::Void(first)).unwrap();
    assert_eq!(scene.pay(5_000), Ok(0));
    assert_eq!(scene.pay(1), Err(DAY_LIMIT));
}

#[test]
fn balances_are_limited_held_credits_included() {
    // Tier 1: 200.00.
    let mut scene = Scene::new(1, 10_000);
    let [one, two] = [euros(scene.one), euros(scene.two)];
    let credit = |minor| Ask::Transfers(vec![(two, one, minor)]);
    assert_eq!(scene.ask(REQUEST, &Ask::Transfers(vec![(bank(), two, 90_000)])), Ok(0), "tier 3 has no limit");
    let (code, detail) = scene.ask(REQUEST, &credit(10_001)).unwrap_err();
    assert_eq!((code, detail.as_str()), (BALANCE_LIMIT, "the payee's balance may come to 200.00 EUR"));
    let hold = scene.ask(REQUEST, &Ask::Hold(two, one, 6_000)).unwrap();
    assert_eq!(scene.ask(REQUEST, &credit(4_001)).unwrap_err().0, BALANCE_LIMIT);
    assert_eq!(scene.ask(REQUEST, &credit(4_000)), Ok(0));
    assert_eq!(scene.ask(REQUEST, &Ask::Post(hold, 6_000)), Ok(hold));
    assert_eq!(scene.bench.balance(one), 20_000);
    assert_eq!(scene.ask(REQUEST, &credit(1)).unwrap_err().0, BALANCE_LIMIT);
}

/// Noon UTC of 31 December 2026 and of 1 January 2027, from `date -u -d … +%s`.
const NEW_YEARS_EVE_NS: u64 = 1_798_718_400_000_000_000;
const NEW_YEAR_NS: u64 = 1_798_804_800_000_000_000;

/// Tier 3, which has no other limits, with these of the year and for life.
fn scene_with(year_minor: Option<u64>, lifetime_minor: Option<u64>) -> Scene {
    let mut scene = Scene::new(3, 1_000_000);
    let mut market = market();
    market.kyc_tiers[2].year_limit = year_minor.map(amount);
    market.kyc_tiers[2].lifetime_limit = lifetime_minor.map(amount);
    scene.bench.done_empty(Command::new(cell::INSTALL_MARKET, Caller::OPERATOR, &market));
    scene
}

#[test]
fn debits_are_limited_by_year_and_for_life() {
    // The two limits; payments on New Year's Eve and on New Year's Day in cents, and what each comes to.
    type Paid = (u64, Result<u64, u16>);
    type Row = (Option<u64>, Option<u64>, &'static [Paid], &'static [Paid]);
    let table: [Row; 8] = [
        (Some(10_000), None, &[(10_001, Err(YEAR_LIMIT)), (10_000, Ok(0)), (1, Err(YEAR_LIMIT))], &[(10_000, Ok(0))]),
        (Some(10_000), None, &[(9_999, Ok(0)), (2, Err(YEAR_LIMIT)), (1, Ok(0))], &[(10_001, Err(YEAR_LIMIT))]),
        (
            None,
            Some(10_000),
            &[(10_001, Err(LIFETIME_LIMIT)), (6_000, Ok(0))],
            &[(4_001, Err(LIFETIME_LIMIT)), (4_000, Ok(0))],
        ),
        (None, Some(10_000), &[(10_000, Ok(0))], &[(1, Err(LIFETIME_LIMIT))]),
        // The year is named first, as the shorter time.
        (Some(10_000), Some(10_000), &[(10_001, Err(YEAR_LIMIT)), (10_000, Ok(0))], &[(1, Err(LIFETIME_LIMIT))]),
        (Some(10_000), Some(15_000), &[(10_000, Ok(0))], &[(5_001, Err(LIFETIME_LIMIT)), (5_000, Ok(0))]),
        (None, None, &[(500_000, Ok(0))], &[(400_000, Ok(0))]),
        (Some(0), Some(0), &[(500_000, Ok(0))], &[(400_000, Ok(0))]),
    ];
    for (year, lifetime, last_year, this_year) in table {
        let mut scene = scene_with(year, lifetime);
        for (now_ns, payments) in [(NEW_YEARS_EVE_NS, last_year), (NEW_YEAR_NS, this_year)] {
            scene.bench.now_ns = now_ns;
            for (minor, expected) in payments {
                assert_eq!(scene.pay(*minor), *expected, "{year:?} {lifetime:?} {payments:?}");
            }
        }
    }
    let mut scene = scene_with(Some(10_000), Some(12_000));
    let detail = |scene: &mut Scene, minor| {
        let ask = Ask::Transfers(vec![(euros(scene.one), euros(scene.two), minor)]);
        scene.ask(REQUEST, &ask).unwrap_err().1
    };
    assert_eq!(scene.pay(8_000), Ok(0));
    assert_eq!(detail(&mut scene, 3_000), "limit 100.00 EUR a year, 80.00 EUR used, 30.00 EUR asked");
    scene.bench.now_ns = NEW_YEAR_NS;
    assert_eq!(detail(&mut scene, 5_000), "limit 120.00 EUR for life, 80.00 EUR used, 50.00 EUR asked");
}

#[test]
fn a_hold_of_last_year_gives_back_to_the_lifetime_alone() {
    // 60.00 held on New Year's Eve and ended then or a day later; year and lifetime after 5.00 paid on that day.
    for (ended_ns, posted, expected) in [
        (NEW_YEARS_EVE_NS, Some(6_000), (6_500, 6_500)),
        (NEW_YEARS_EVE_NS, Some(1_000), (1_500, 1_500)),
        (NEW_YEARS_EVE_NS, None, (500, 500)),
        (NEW_YEAR_NS, Some(6_000), (500, 6_500)),
        (NEW_YEAR_NS, Some(1_000), (500, 1_500)),
        (NEW_YEAR_NS, None, (500, 500)),
    ] {
        let mut scene = scene_with(Some(10_000), Some(10_000));
        scene.bench.now_ns = NEW_YEARS_EVE_NS;
        let hold = scene.hold(6_000).unwrap();
        assert_eq!(scene.pay(4_001), Err(YEAR_LIMIT), "a hold counts when it is held");
        scene.bench.now_ns = ended_ns.max(scene.bench.now_ns);
        scene.pay(500).unwrap();
        let end = posted.map_or(Ask::Void(hold), |minor| Ask::Post(hold, minor));
        assert_eq!(scene.ask(REQUEST, &end), Ok(hold));
        let usage: Usage = decode(&scene.bench.memory.rows[&Usage::key(scene.one)], "usage").unwrap();
        assert_eq!(
            (usage.year_minor, usage.lifetime_minor),
            (Some(expected.0), Some(expected.1)),
            "{ended_ns} {posted:?}"
        );
    }
}

#[test]
fn zero_is_no_limit() {
    // Tier 2 has a day limit of 500.00 only; tier 3 none.
    let mut scene = Scene::new(2, 1_000_000);
    assert_eq!([scene.pay(50_000), scene.pay(1)], [Ok(0), Err(DAY_LIMIT)]);
    let mut scene = Scene::new(3, 1_000_000);
    assert_eq!(scene.pay(1_000_000), Ok(0));
    assert_eq!(scene.used(), (1_000_000, 1_000_000), "what has no limit is counted too");
}

#[test]
fn money_of_one_owner_and_of_other_currencies_does_not_count() {
    let mut scene = Scene::new(1, 100_000);
    let pot = AccountId::new(scene.one, BALANCE.number, Currency::EUR, 1);
    let dollars = |party| BALANCE.of(party, Currency::USD);
    let bank_dollars = SAFEGUARDING.of(OPERATOR, Currency::USD);
    for account in [pot, dollars(scene.one), dollars(scene.two)] {
        scene.bench.memory.accounts.insert(account, sycee_ledger::Account::open(BALANCE.class, BALANCE.limit));
    }
    let safeguarding = sycee_ledger::Account::open(SAFEGUARDING.class, SAFEGUARDING.limit);
    scene.bench.memory.accounts.insert(bank_dollars, safeguarding);
    let [one, two] = [dollars(scene.one), dollars(scene.two)];
    let into_pot = Ask::Transfers(vec![(euros(scene.one), pot, 30_000)]);
    assert_eq!(scene.ask(REQUEST, &into_pot), Ok(0));
    let in_dollars = Ask::Transfers(vec![(bank_dollars, one, 90_000), (one, two, 70_000)]);
    assert_eq!(scene.ask(REQUEST, &in_dollars), Ok(0));
    assert_eq!(scene.used(), (0, 0));
}

#[test]
fn frozen_parties_neither_pay_nor_are_paid_but_obligations_are_booked() {
    let mut scene = Scene::new(3, 100_000);
    let [one, two] = [euros(scene.one), euros(scene.two)];
    let key = scene.key();
    let frozen = scene.two;
    scene.bench.done_empty(operator(FREEZE, &key, &Freeze { party: frozen, reason_code: 1 }));
    for (debit, credit) in [(one, two), (two, one), (bank(), two), (two, bank())] {
        let ask = Ask::Transfers(vec![(debit, credit, 1)]);
        let (code, detail) = scene.ask(REQUEST, &ask).unwrap_err();
        assert_eq!((code, detail), (PARTY_FROZEN, format!("party {frozen} is frozen")));
        assert_eq!(scene.ask(OBLIGATION, &ask), Ok(0));
    }
    assert_eq!(scene.ask(REQUEST, &Ask::Transfers(vec![(one, bank(), 1)])), Ok(0), "the others go on");
    let key = scene.key();
    scene.bench.done_empty(operator(UNFREEZE, &key, &Unfreeze { party: frozen }));
    assert_eq!(scene.ask(REQUEST, &Ask::Transfers(vec![(two, one, 1)])), Ok(0));
}
