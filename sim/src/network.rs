//! Cells, the wire between them and one clock, moved tick by tick.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sycee_contract::link::{Link, Parked, RetryParked};
use sycee_contract::{Caller, Command, Key, Products, Random, Refusal, cell};
use sycee_engine::clock::Clock;
use sycee_engine::links::step::{self, Verdict};

use crate::clock::HandClock;
use crate::site::{Answer, Kill, Site};
use crate::wire::{Cargo, Flight, Weather, Wire};

/// After how many ticks without an acknowledgement a stream is sent again from its beginning.
const RESEND_TICKS: u64 = 8;

/// How far stamps may have run ahead of a clock that stands, nanoseconds.
const STAMPS_AHEAD_NS: u64 = 100_000;

/// Where the sender of a stream stands. It is no part of a cell: after a kill it begins again.
#[derive(Clone, Copy, Default)]
struct Pump {
    sent: u64,
    acknowledged: u64,
    moved_at_tick: u64,
}

/// A whole network.
pub struct Network {
    /// The clock of all cells.
    pub clock: HandClock,
    /// How bad the way is now.
    pub weather: Weather,
    /// Messages that were parked on arrival, counted.
    pub parked: u64,
    sites: BTreeMap<u16, Site>,
    wire: Wire,
    pumps: BTreeMap<(u16, u16), Pump>,
    arrivals: Vec<(u16, u16, u64, Arc<sycee_contract::link::Message>, Answer)>,
    heard: BTreeSet<(u16, u16)>,
    tick: u64,
    random: Random,
}

impl Network {
    /// A network of these cells. `seed` decides what the wire does.
    #[must_use]
    pub fn new(clock: HandClock, sites: Vec<Site>, seed: u64) -> Self {
        Self {
            clock,
            weather: Weather::FAIR,
            parked: 0,
            sites: sites.into_iter().map(|site| (site.number(), site)).collect(),
            wire: Wire::default(),
            pumps: BTreeMap::new(),
            arrivals: Vec::new(),
            heard: BTreeSet::new(),
            tick: 0,
            random: Random::new(seed),
        }
    }

    /// A cell.
    ///
    /// # Panics
    /// If there is none of this number.
    pub fn site(&mut self, number: u16) -> &mut Site {
        self.sites.get_mut(&number).expect("the cell is in the network")
    }

    /// The same, to look at.
    ///
    /// # Panics
    /// If there is none of this number.
    #[must_use]
    pub fn at(&self, number: u16) -> &Site {
        &self.sites[&number]
    }

    /// All cells, by number.
    pub fn sites(&self) -> impl Iterator<Item = &Site> {
        self.sites.values()
    }

    /// The cells' numbers.
    #[must_use]
    pub fn numbers(&self) -> Vec<u16> {
        self.sites.keys().copied().collect()
    }

    /// How many ticks have gone by.
    #[must_use]
    pub fn ticks(&self) -> u64 {
        self.tick
    }

    /// Asks a command of a cell and waits for its answer.
    ///
    /// # Errors
    /// The refusal.
    pub fn ask(&mut self, number: u16, command: Command) -> Result<Vec<u8>, Refusal> {
        self.site(number).ask(command)
    }

    /// Kills a cell after a step of its machine. What is on its way to it is lost when it arrives.
    pub fn kill(&mut self, number: u16, after: Kill, kept_bytes: usize) {
        self.site(number).kill(after, kept_bytes);
        self.forget(number);
    }

    /// Opens a cell that was killed or closed, or one that runs with other products.
    pub fn open(&mut self, number: u16, products: Arc<Products>) {
        self.site(number).close();
        self.forget(number);
        self.site(number).open(products);
    }

    fn forget(&mut self, number: u16) {
        self.arrivals.retain(|(to, ..)| *to != number);
        self.heard.retain(|(to, _)| *to != number);
        self.pumps.retain(|(from, _), _| *from != number);
    }

    /// One tick: what has arrived is put into the queues, all cells that run decide, commit and apply, and what is durable then
    /// leaves.
    pub fn tick(&mut self) {
        self.deliver();
        self.work();
        self.leave();
    }

    /// What has arrived is put into the queues.
    pub fn deliver(&mut self) {
        self.tick += 1;
        for Flight { from, to, cargo } in self.wire.arrived(self.tick) {
            let Some(site) = self.sites.get_mut(&to).filter(|site| site.is_open()) else { continue };
            match cargo {
                Cargo::Acknowledgement { through } => {
                    drop(site.submit(step::acknowledge_command(from, through)));
                    let pump = self.pumps.entry((to, from)).or_default();
                    if through > pump.acknowledged {
                        pump.acknowledged = through;
                        pump.sent = pump.sent.max(through);
                        pump.moved_at_tick = self.tick;
                    }
                }
                Cargo::Messages { first, messages } => {
                    self.heard.insert((to, from));
                    for (sequence, message) in (first..).zip(messages) {
                        let signature = message.evidence.then(|| signature(from));
                        let answer = site.submit(step::receive_command(from, &message, sequence, signature));
                        self.arrivals.push((to, from, sequence, message, answer));
                    }
                }
            }
        }
    }

    /// All cells that run decide, commit and apply.
    pub fn work(&mut self) {
        for site in self.sites.values_mut().filter(|site| site.is_open()) {
            site.settle();
        }
        for (to, from, sequence, message, mut answer) in std::mem::take(&mut self.arrivals) {
            let Ok(Ok(reply)) = answer.try_recv() else { continue };
            if let Verdict::Park(reason) = step::verdict(&reply.outcome) {
                self.parked += 1;
                let signature = message.evidence.then(|| signature(from));
                let command = step::park_command(from, &message, sequence, signature, reason);
                let _ = self.site(to).ask(command);
            }
        }
    }

    /// What is durable leaves: acknowledgements, and messages that were not sent, or that nobody has acknowledged for a while.
    pub fn leave(&mut self) {
        for (to, from) in std::mem::take(&mut self.heard) {
            let Some(site) = self.sites.get(&to).filter(|site| site.is_open()) else { continue };
            let through = site.get::<Link>(&Link::key(from)).map_or(0, |link| link.received);
            let cargo = Cargo::Acknowledgement { through };
            self.wire.send(self.tick, self.weather, &mut self.random, Flight { from: to, to: from, cargo });
        }
        for (from, site) in self.sites.iter().filter(|(_, site)| site.is_open()) {
            let outbox = site.outbox();
            for to in outbox.peers() {
                let pump = self.pumps.entry((*from, to)).or_default();
                if self.tick >= pump.moved_at_tick + RESEND_TICKS {
                    (pump.sent, pump.moved_at_tick) = (pump.acknowledged, self.tick);
                }
                let most = usize::try_from(1 + self.random.below(self.weather.messages_max)).unwrap_or(1);
                let count = if self.weather == Weather::FAIR { 512 } else { most };
                let waiting = outbox.next(to, pump.sent, count, usize::MAX);
                let Some(first) = waiting.first().map(|(sequence, _)| *sequence) else { continue };
                pump.sent = waiting.last().map_or(first, |(sequence, _)| *sequence);
                let messages = waiting.into_iter().map(|(_, message)| message).collect();
                let flight = Flight { from: *from, to, cargo: Cargo::Messages { first, messages } };
                self.wire.send(self.tick, self.weather, &mut self.random, flight);
            }
        }
    }

    /// Whether nothing is on its way and nothing waits to leave.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.wire.is_empty() && self.sites.values().all(|site| !site.is_open() || site.outbox().peers().is_empty())
    }

    /// Ticks until nothing is on its way. The clock moves only as far as stamps have run ahead of it.
    ///
    /// # Panics
    /// If that does not come.
    pub fn drain(&mut self) {
        for _ in 0..100_000 {
            self.tick();
            if self.is_quiet() {
                // A reaction is due at the stamp that asked for it, and stamps rise while the clock stands.
                let reach_ns = self.clock.now_ns() + STAMPS_AHEAD_NS;
                match self.next_timer_ns().filter(|due_ns| *due_ns <= reach_ns) {
                    Some(due_ns) => self.clock.move_to_ns(due_ns),
                    None => return,
                }
            }
        }
        panic!("messages never come to an end");
    }

    /// Moves the clock, lets timers fire, and drains.
    pub fn pass(&mut self, by_ns: u64) {
        self.clock.advance_ns(by_ns);
        self.drain();
    }

    /// When the next timer of any cell is due, UTC nanoseconds.
    pub fn next_timer_ns(&mut self) -> Option<u64> {
        let open = self.sites.values_mut().filter(|site| site.is_open());
        open.filter_map(|site| site.driven().cell.sequencer.next_timer_ns()).min()
    }

    /// Passes a time in which every timer fires when it is due.
    pub fn pass_by_timers(&mut self, by_ns: u64) {
        let until_ns = self.clock.now_ns().saturating_add(by_ns);
        self.drain();
        while let Some(due_ns) = self.next_timer_ns().filter(|due_ns| *due_ns <= until_ns) {
            self.clock.move_to_ns(due_ns);
            self.drain();
        }
        self.clock.move_to_ns(until_ns);
        self.drain();
    }

    /// The operators try again what is parked, in order, until a round changes nothing. Gives back how many are left.
    pub fn retry_parked(&mut self) -> usize {
        loop {
            let mut understood = 0;
            let mut left = 0;
            for number in self.numbers() {
                let parked = self.at(number).all::<Parked>();
                for (_, Parked { incoming, .. }) in parked {
                    let body = RetryParked { peer: incoming.peer, sequence: incoming.sequence };
                    match self.ask(number, Command::new(cell::RETRY_PARKED, Caller::OPERATOR, &body)) {
                        Ok(_) => understood += 1,
                        Err(_) => left += 1,
                    }
                }
            }
            self.drain();
            if understood == 0 {
                return left;
            }
        }
    }

    /// How many rows a table of a cell has.
    #[must_use]
    pub fn count(&self, number: u16, table: sycee_contract::Table) -> usize {
        let mut count = 0;
        let each: &mut dyn FnMut(&Key, &[u8]) = &mut |_, _| count += 1;
        sycee_contract::Books::rows(self.at(number).tables(), table, each);
        count
    }
}

/// What stands in for a signature: the simulator has no keys, rules only keep what was verified before.
#[must_use]
pub fn signature(from: u16) -> Vec<u8> {
    [b"signed by ".as_slice(), &from.to_be_bytes()].concat()
}
