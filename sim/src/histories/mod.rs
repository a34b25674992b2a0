//! Random histories: orders and transfers across a border, with all that can happen to them and to the cells on the way. Many
//! live in one network at the same time. Whatever happens, in the end no money was made or lost, and every order is final or
//! openly waits for a named answer.

mod faults;
mod history;
mod people;
mod verdict;
mod visits;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sycee_contract::{Products, Random};
use sycee_money::Currency;

use crate::clock::SECOND_NS;
use crate::network::Network;
use crate::setup::{MARKETS, Market, NETWORK, Options};
use crate::wire::Weather;
use history::History;
use people::People;
pub use verdict::Tally;

/// The corridors that networks are made of.
const CORRIDORS: &[[&str; 2]] = &[["th", "fr"], ["cn", "it"], ["kr", "hk"], ["fr", "cn"], ["hk", "kr"], ["it", "fr"]];

/// How many histories live at the same time in a network.
const CONCURRENT: usize = 16;

/// How many events a trace keeps.
const TRACE_LINES: usize = 60;

/// How a network of histories is made.
#[derive(Clone)]
pub struct Plan {
    /// Decides everything.
    pub seed: u64,
    /// How many histories.
    pub histories: u64,
    /// The cells' products: those of the registry, or others to see whether they are caught.
    pub products: fn() -> std::sync::Arc<Products>,
}

/// What became of a network's histories.
pub struct Ended {
    /// The network, when everything has drained.
    pub network: Network,
    /// What happened, counted.
    pub tally: Tally,
}

/// Runs a network of histories to its end, and judges it.
///
/// # Errors
/// What does not hold, with the seed and the last events.
pub fn run(plan: &Plan) -> Result<Ended, String> {
    let mut world = World::new(plan);
    let judged = world.run(plan.histories).and_then(|()| world.finish());
    match judged {
        Ok(()) => Ok(Ended { network: world.network, tally: world.tally }),
        Err(what) => {
            let trace: Vec<String> = world.trace.into_iter().collect();
            Err(format!("seed {}: {what}\nlast events:\n{}", plan.seed, trace.join("\n")))
        }
    }
}

/// A network with its people and histories.
struct World {
    network: Network,
    random: Random,
    markets: [Market; 2],
    people: BTreeMap<u16, People>,
    active: Vec<History>,
    begun: u64,
    put_in: BTreeMap<Currency, i128>,
    worth: BTreeMap<u16, u64>,
    /// The cells that are down, and at which tick they come back.
    down: BTreeMap<u16, u64>,
    /// The cells whose product does not know all messages, and until which tick.
    old: BTreeMap<u16, u64>,
    suspended: Option<Market>,
    frozen: Option<(u16, u64)>,
    keys: u64,
    /// Orders of which a shop has heard that they ended unpaid: nothing may be paid for them.
    unpaid: BTreeSet<(u16, u64)>,
    products: fn() -> std::sync::Arc<Products>,
    tally: Tally,
    trace: VecDeque<String>,
}

impl World {
    fn new(plan: &Plan) -> Self {
        let mut random = Random::new(plan.seed);
        let names = random.pick(CORRIDORS).expect("there are corridors");
        let markets = names.map(Market::named);
        let mut options = Options::of(random.next_u64(), names);
        options.terms.window_seconds = 1_800;
        options.terms.fee_returned_on_refund = random.below(2) == 0;
        options.terms.fee_bps = [0, 20, 137][usize::try_from(random.below(3)).unwrap_or(0)];
        options.terms.margin_bps = [0, 50, 333][usize::try_from(random.below(3)).unwrap_or(0)];
        let mut network = options.build();
        let mut put_in = BTreeMap::new();
        let mut people = BTreeMap::new();
        for market in &markets {
            people.insert(market.number, People::open(&mut network, market, &mut put_in));
        }
        for number in network.numbers() {
            network.open(number, (plan.products)());
        }
        let worth = MARKETS.iter().map(|market| (market.number, market.worth)).collect();
        Self {
            network,
            random,
            markets,
            people,
            active: Vec::new(),
            begun: 0,
            put_in,
            worth,
            down: BTreeMap::new(),
            old: BTreeMap::new(),
            suspended: None,
            frozen: None,
            keys: 0,
            unpaid: BTreeSet::new(),
            products: plan.products,
            tally: Tally::default(),
            trace: VecDeque::new(),
        }
    }

    fn note(&mut self, what: impl FnOnce() -> String) {
        if self.trace.len() == TRACE_LINES {
            self.trace.pop_front();
        }
        let line = format!("tick {}: {}", self.network.ticks(), what());
        self.trace.push_back(line);
    }

    /// Whether something happens that happens `of_ten_thousand` times in ten thousand.
    fn happens(&mut self, of_ten_thousand: u64) -> bool {
        self.random.below(10_000) < of_ten_thousand
    }

    fn run(&mut self, histories: u64) -> Result<(), String> {
        self.change_weather();
        while self.begun < histories || !self.active.is_empty() {
            while self.begun < histories && self.active.len() < CONCURRENT {
                self.begun += 1;
                let history = self.new_history();
                self.active.push(history);
            }
            self.visit_all();
            self.network.deliver();
            self.kill_some();
            self.network.work();
            self.network.leave();
            self.operate();
            self.let_time_pass();
            if self.happens(100) {
                crate::auditor::mirror(&self.network)?;
            }
        }
        Ok(())
    }

    fn visit_all(&mut self) {
        let tick = self.network.ticks();
        let mut active = std::mem::take(&mut self.active);
        for history in active.iter_mut().filter(|history| history.due_tick <= tick) {
            self.visit(history);
        }
        active.retain(|history| !history.has_ended());
        self.active = active;
    }

    fn let_time_pass(&mut self) {
        let by_ns = match self.random.below(1_000) {
            0..=2 => self.random.below(1_200 * SECOND_NS),
            3..=40 => self.random.below(40 * SECOND_NS),
            _ => self.random.below(SECOND_NS / 4),
        };
        self.network.clock.advance_ns(by_ns);
    }

    fn change_weather(&mut self) {
        self.network.weather = match self.random.below(10) {
            0..=4 => Weather { lost_percent: 0, doubled_percent: 0, ticks_max: 1, messages_max: 64 },
            5..=7 => Weather { lost_percent: 5, doubled_percent: 5, ticks_max: 3, messages_max: 32 },
            8 => Weather { lost_percent: 20, doubled_percent: 20, ticks_max: 4, messages_max: 8 },
            _ => Weather { lost_percent: 40, doubled_percent: 40, ticks_max: 8, messages_max: 4 },
        };
    }

    /// All faults end, and all that is under way comes to its end; then everything is judged.
    fn finish(&mut self) -> Result<(), String> {
        self.network.weather = Weather::FAIR;
        if let Some(market) = self.suspended.take() {
            self.bring_up(NETWORK);
            crate::setup::register(&mut self.network, &market, Self::CAP_MINOR, true);
        }
        for number in self.network.numbers() {
            self.network.open(number, (self.products)());
        }
        self.down.clear();
        self.old.clear();
        self.network.drain();
        self.network.retry_parked();
        // Long enough for codes, orders, enquiries, quotes, all questions about payments and the ends of collections.
        for _ in 0..28 {
            self.network.pass(400 * SECOND_NS);
        }
        self.network.retry_parked();
        self.settle_windows();
        self.network.drain();
        self.judge()
    }
}
