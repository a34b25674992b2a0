//! A corridor for a quarter: three hundred thousand payments and refunds, a change of clocks, holidays, daily windows that a
//! timer closes, rates that move, exchanges, and settlement on the due dates.

mod paper;

use std::collections::BTreeMap;

use paper::{DayRate, Paper};
use sycee_acquiring::command::{OrderRef, REFUND, RefundOrder};
use sycee_contract::{Books, Caller, Command, Random, decode};
use sycee_engine::clock::Clock;
use sycee_interop::account::{FX_MARGIN, FX_RESIDUAL, FX_RESULT, NETWORK_FEE, position};
use sycee_interop::clearing::clearing_account;
use sycee_interop::command::{
    CONFIRM_SETTLEMENT, ConfirmSettlement, ENQUIRE, EXCHANGE, EnquireBody, EnquireReply, Exchange, PAY_ABROAD,
    PayAbroad, PayAbroadReply,
};
use sycee_interop::message::Payer;
use sycee_interop::quote::Target;
use sycee_interop::record::Outgoing;
use sycee_interop::report::{self, reconcile};
use sycee_interop::window::{WindowSide, WindowState};
use sycee_ledger::{AccountId, AccountKind, OPERATOR};
use sycee_money::{Currency, Money};
use sycee_sim::auditor;
use sycee_sim::clock::SECOND_NS;
use sycee_sim::network::Network;
use sycee_sim::setup::{
    Market, NETWORK, Options, done, open_customer, open_merchant, operator, rates_command, settlement_calendar,
    yyyymmdd,
};
use sycee_sim::site::Answer;

/// 2026-09-30 21:30 UTC: half past eleven at night in Paris, after the cut-off of 23:00. From 25 October on, windows that are a day
/// long close at half past ten, before it.
const START: &str = "2026-09-30T21:30:00Z";
const DAYS: u64 = 92;
const BATCHES_PER_DAY: u64 = 6;
const PAYMENTS_PER_BATCH: u64 = 474;
const REFUNDS_PER_BATCH: u64 = 75;
/// All Saints, Armistice, Christmas, and two days on which only one of the banks is closed.
const HOLIDAYS: &[u32] = &[20_261_013, 20_261_023, 20_261_111, 20_261_225];

struct Paid {
    name_payment: u64,
    order: u64,
    refunded_minor: u64,
    refunds: u64,
    returned_minor: i128,
}

struct Quarter {
    network: Network,
    random: Random,
    markets: [Market; 2],
    worth: BTreeMap<u16, u64>,
    customers: BTreeMap<u16, Vec<u64>>,
    merchants: BTreeMap<u16, Vec<u64>>,
    paper: Paper,
    paid: BTreeMap<u16, Vec<Paid>>,
    /// Signed: what participants have paid the network, less what it has paid them.
    settled: BTreeMap<Currency, i128>,
    payments: u64,
    refunds: u64,
    next_window: u64,
    due_dates: BTreeMap<u64, u32>,
}

impl Quarter {
    fn new() -> Self {
        let start: jiff::Timestamp = START.parse().unwrap();
        let mut options = Options::of(20_260_930, &["th", "fr"]);
        options.start_ns = u64::try_from(start.as_nanosecond()).unwrap();
        options.forgetful = true;
        options.terms.rate_max_age_seconds = 90_000;
        options.holidays = HOLIDAYS.to_vec();
        options.time_zone = "Europe/Paris";
        let mut network = options.build();
        let markets = [options.markets[0], options.markets[1]];
        let (mut customers, mut merchants) = (BTreeMap::new(), BTreeMap::new());
        for market in &markets {
            let open = |index| open_customer(&mut network, market, index, 2, 1_000_000_000_000);
            customers.insert(market.number, (1..=200).map(open).collect::<Vec<_>>());
            let open = |index| open_merchant(&mut network, market, index, 1_000_000);
            merchants.insert(market.number, (1..=20).map(open).collect::<Vec<_>>());
        }
        Self {
            network,
            random: Random::new(92),
            markets,
            worth: markets.iter().map(|market| (market.number, market.worth)).collect(),
            customers,
            merchants,
            paper: Paper::default(),
            paid: markets.iter().map(|market| (market.number, Vec::new())).collect(),
            settled: BTreeMap::new(),
            payments: 0,
            refunds: 0,
            next_window: 1,
            due_dates: BTreeMap::new(),
        }
    }

    /// How much of the payer's currency one minor unit of the payee's is worth today.
    fn today(&self, from: Market, to: Market) -> DayRate {
        // Both currencies have two decimals.
        DayRate { numerator: u128::from(self.worth[&to.number]), denominator: u128::from(self.worth[&from.number]) }
    }

    fn move_rates(&mut self) {
        let worth = self.worth.get_mut(&3).unwrap();
        *worth = *worth * (9_900 + self.random.below(201)) / 10_000;
        let command = rates_command(self.network.clock.now_ns(), &self.markets, |market| self.worth[&market.number]);
        done(&mut self.network, NETWORK, command);
    }

    fn answers<R: for<'b> minicbor::Decode<'b, ()>>(&mut self, asked: Vec<(u16, Answer)>) -> Vec<(u16, R)> {
        self.network.drain();
        let read = |(cell, mut answer): (u16, Answer)| {
            let reply = answer.try_recv().unwrap().unwrap().outcome.unwrap();
            (cell, decode::<R>(&reply, "reply").unwrap())
        };
        asked.into_iter().map(read).collect()
    }

    fn pick(random: &mut Random, of: &[u64]) -> u64 {
        *random.pick(of).unwrap()
    }

    fn pay_batch(&mut self) {
        let mut asked = Vec::new();
        let mut payers = Vec::new();
        for _ in 0..PAYMENTS_PER_BATCH {
            let turned = self.random.below(10) < 3;
            let [from, to] = if turned { [self.markets[1], self.markets[0]] } else { self.markets };
            let payer = Self::pick(&mut self.random, &self.customers[&from.number]);
            let merchant = Self::pick(&mut self.random, &self.merchants[&to.number]);
            let price = to.money(if to.name == "fr" { 100 } else { 4_000 } + self.random.below(20_000));
            let target = Target::Merchant { merchant, store: None, reference: String::new() };
            let body = EnquireBody { destination: to.number, target, amount: Some(price) };
            let command = Command::new(ENQUIRE, Caller::customer(payer), &body);
            asked.push((from.number, self.network.site(from.number).submit(command)));
            payers.push(payer);
        }
        let enquiries = self.answers::<EnquireReply>(asked);
        let mut asked = Vec::new();
        for ((cell, EnquireReply { enquiry }), payer) in enquiries.into_iter().zip(payers) {
            let command = Command::new(PAY_ABROAD, Caller::customer(payer), &PayAbroad { enquiry });
            asked.push((cell, self.network.site(cell).submit(command)));
        }
        for (cell, PayAbroadReply { payment }) in self.answers(asked) {
            let row: Outgoing = self.network.at(cell).get(&Outgoing::key(payment)).unwrap();
            self.paper.paid(&row.quote.unwrap().split);
            let order = row.receipt.expect("it is done").order;
            let paid = Paid { name_payment: payment, order, refunded_minor: 0, refunds: 0, returned_minor: 0 };
            self.paid.get_mut(&cell).unwrap().push(paid);
            self.payments += 1;
        }
    }

    fn refund_batch(&mut self) {
        for _ in 0..REFUNDS_PER_BATCH {
            let [from, to] = if self.random.below(10) < 3 { [self.markets[1], self.markets[0]] } else { self.markets };
            let today = self.today(from, to);
            let paid = self.paid.get_mut(&from.number).unwrap();
            let index = usize::try_from(self.random.below(paid.len() as u64)).unwrap();
            let paid = &mut paid[index];
            let row: Outgoing = self.network.at(from.number).get(&Outgoing::key(paid.name_payment)).unwrap();
            let split = row.quote.unwrap().split;
            let left = split.payee.amount.minor() - paid.refunded_minor;
            if left == 0 {
                continue;
            }
            let part = if self.random.below(3) == 0 { left } else { 1 + self.random.below(left) };
            let body = RefundOrder {
                order: OrderRef { out_trade_no: None, id: Some(paid.order) },
                amount: to.money(part),
                out_request_no: Some(format!("r{}", paid.refunds)),
                reason: None,
            };
            let merchant = row.receipt.unwrap().payee;
            let command = Command::new(REFUND, Caller::merchant(merchant), &body);
            drop(self.network.site(to.number).submit(command));
            paid.returned_minor += self.paper.refunded(&split, paid.refunded_minor, part, today);
            paid.refunded_minor += part;
            paid.refunds += 1;
            self.refunds += 1;
        }
        self.network.drain();
    }

    fn network_has(&self, id: AccountId) -> i128 {
        Books::account(self.network.at(NETWORK).tables(), id).map_or(0, |account| account.balance_minor())
    }

    /// The network squares its position: it gets what it is short of, at the day's rate and a tenth of a percent.
    fn exchange(&mut self, week: u64) {
        let [th, fr] = self.markets;
        for (long, short) in [(th, fr), (fr, th)] {
            let short_minor = -self.network_has(position(short.currency(), long.currency()).id());
            if short_minor <= 0 {
                continue;
            }
            let got_minor = u64::try_from(short_minor).unwrap();
            let rate = self.today(long, short);
            let bank = DayRate { numerator: rate.numerator * 1_001, denominator: rate.denominator * 1_000 };
            let given_minor = bank.up(got_minor);
            let (given, got) = (long.money(given_minor), short.money(got_minor));
            let body = Exchange { given, got, bank_reference: format!("week {week}") };
            done(&mut self.network, NETWORK, operator(EXCHANGE, &body).with_id(&format!("week {week}")));
            self.paper.exchanged((given.currency, given_minor), (got.currency, got_minor));
            return;
        }
    }

    fn local_date(&self) -> u32 {
        let now = jiff::Timestamp::from_nanosecond(i128::from(self.network.clock.now_ns())).unwrap();
        yyyymmdd(now.to_zoned(jiff::tz::TimeZone::get("Europe/Paris").unwrap()).date())
    }

    /// On which day banks settle what closed at this instant: worked out here from the calendar, not by the rule.
    fn due_date(at_ns: u64) -> u32 {
        let at = jiff::Timestamp::from_nanosecond(i128::from(at_ns)).unwrap();
        let local = at.to_zoned(jiff::tz::TimeZone::get("Europe/Paris").unwrap());
        let days = settlement_calendar(HOLIDAYS);
        let mut belongs = local.date();
        if local.hour() >= 23 {
            belongs = belongs.tomorrow().unwrap();
        }
        let belongs = *days.iter().find(|day| **day >= yyyymmdd(belongs)).unwrap();
        *days.iter().find(|day| **day > belongs).unwrap()
    }

    /// Looks at the windows that have closed, and settles what is due today.
    fn windows(&mut self) {
        let today = self.local_date();
        let mut due = Vec::new();
        for (_, side) in self.network.at(NETWORK).all::<WindowSide>() {
            if side.window >= self.next_window {
                self.look_at(&side);
            }
            assert!(matches!(side.state, WindowState::Agreed | WindowState::Settled), "{side:?}");
            for row in side.instructions.iter().filter(|row| row.settled_at_ns.is_none()) {
                assert!(row.instruction.due_date >= today, "it was not settled in time");
                if row.instruction.due_date == today {
                    due.push((side.window, side.cell, row.instruction));
                }
            }
        }
        self.next_window = self.due_dates.last_key_value().map_or(1, |(window, _)| window + 1);
        for (window, cell, instruction) in due {
            self.confirm(window, cell, instruction.money, instruction.payer);
        }
        self.network.drain();
    }

    fn confirm(&mut self, window: u64, cell: u16, money: Money, payer: Payer) {
        let bank_reference = format!("bank {window} {cell}");
        let body = ConfirmSettlement { window, cell, currency: money.currency, bank_reference };
        done(&mut self.network, NETWORK, operator(CONFIRM_SETTLEMENT, &body));
        let minor = i128::from(money.amount.minor());
        *self.settled.entry(money.currency).or_default() += if payer == Payer::Participant { minor } else { -minor };
    }

    /// Both cells' reports of a window are the same, line by line, and explain the instruction.
    fn look_at(&mut self, side: &WindowSide) {
        let window: sycee_interop::window::Window =
            self.network.at(NETWORK).get(&sycee_interop::window::Window::key(side.window)).unwrap();
        let due_date = Self::due_date(window.closed_at_ns);
        self.due_dates.insert(side.window, due_date);
        let ours = report::of_network(self.network.at(NETWORK).tables(), side.window, side.cell).unwrap();
        let theirs = report::of_participant(self.network.at(side.cell).tables(), NETWORK, side.window).unwrap();
        assert_eq!(ours.currencies.len(), theirs.currencies.len());
        for (here, there) in ours.currencies.iter().zip(&theirs.currencies) {
            assert_eq!(reconcile(&here.from_network, &there.from_network), []);
            assert_eq!(reconcile(&here.from_participant, &there.from_participant), []);
            assert_eq!((here.net_minor, here.net_minor), (there.net_minor, here.net_of_lines_minor()));
            assert_eq!(here.payments().values().sum::<i128>(), here.net_minor);
            let instruction = here.instruction.as_ref().map(|row| row.instruction);
            let signed = instruction.map_or(0, |instruction| {
                assert_eq!(instruction.due_date, due_date, "window {}", side.window);
                let minor = i128::from(instruction.money.amount.minor());
                if instruction.payer == Payer::Participant { minor } else { -minor }
            });
            assert_eq!(signed, here.net_minor);
        }
    }

    fn day(&mut self, day: u64) {
        self.move_rates();
        if day % 7 == 4 {
            self.exchange(day / 7);
        }
        for _ in 0..BATCHES_PER_DAY {
            self.pay_batch();
            self.refund_batch();
            self.network.pass(86_400 / BATCHES_PER_DAY * SECOND_NS);
        }
        self.windows();
    }

    fn judge(&mut self) {
        let own = |kind: &AccountKind, currency| kind.of(OPERATOR, currency);
        for currency in self.markets.map(|market| market.currency()) {
            let paper = &self.paper;
            for (kind, sums) in [
                (&FX_MARGIN, &paper.margin),
                (&FX_RESIDUAL, &paper.residual),
                (&NETWORK_FEE, &paper.fee),
                (&FX_RESULT, &paper.result),
            ] {
                let expected = sums.get(&currency).copied().unwrap_or(0);
                assert_eq!(self.network_has(own(kind, currency)), expected, "{} in {currency}", kind.name);
            }
            println!("{currency}: FX result {}", paper.result.get(&currency).copied().unwrap_or(0));
        }
        for ((currency, other), minor) in &self.paper.position {
            assert_eq!(self.network_has(position(*currency, *other).id()), *minor, "{currency} against {other}");
        }
        for (cell, all) in &self.paid {
            for paid in all {
                let row: Outgoing = self.network.at(*cell).get(&Outgoing::key(paid.name_payment)).unwrap();
                let got = (u128::from(row.returned.minor()), row.refunded.minor());
                assert_eq!(got, (u128::try_from(paid.returned_minor).unwrap(), paid.refunded_minor), "{row:?}");
            }
        }
        // All windows are settled: nobody owes anybody, and what was paid is what was traded.
        assert_eq!(self.settled, self.paper.traded);
        for market in self.markets {
            let (ours, theirs) = (clearing_account(market.number, market.currency()).id(), NETWORK);
            assert_eq!(self.network_has(ours), 0);
            let own = Books::account(
                self.network.at(market.number).tables(),
                clearing_account(theirs, market.currency()).id(),
            );
            assert_eq!(own.unwrap().balance_minor(), 0);
        }
        auditor::mirror(&self.network).unwrap();
        auditor::audits(&self.network, &sycee_registry::products()).unwrap();
    }
}

#[test]
fn a_quarter_of_a_corridor_settles_and_its_result_explains_itself_to_the_cent() {
    let mut quarter = Quarter::new();
    for day in 0..DAYS {
        quarter.day(day);
    }
    println!("{} payments, {} refunds", quarter.payments, quarter.refunds);
    assert!(quarter.payments + quarter.refunds >= 300_000);
    // The last windows, until everything is settled.
    for _ in 0..6 {
        quarter.move_rates();
        quarter.network.pass_by_timers(86_400 * SECOND_NS);
        quarter.windows();
    }
    quarter.judge();
    // Before the change of clocks windows close after the cut-off, after it before: Friday 23 October is a holiday, so what closed
    // on the 21st at night is of the 22nd and due on Monday; what closes on Wednesday the 28th is due on the 29th.
    let mut dates: Vec<u32> = quarter.due_dates.values().copied().collect();
    dates.dedup();
    assert!(dates.contains(&20_261_026) && dates.contains(&20_261_029) && !dates.contains(&20_261_111), "{dates:?}");
}
