//! What happens to cells: kills, old products that park what they do not know, silent nights; and what their operators do.

use sycee_contract::link::{Parked, RetryParked};
use sycee_contract::{Command, cell};
use sycee_interop::command::{
    CLOSE_WINDOW, CONFIRM_SETTLEMENT, CloseWindow, ConfirmSettlement, EXCHANGE, Exchange, PREFUND, Prefund,
};
use sycee_interop::message as kind;
use sycee_interop::window::{WindowSide, WindowState};
use sycee_party::command::{Freeze, Unfreeze};
use sycee_party::{FREEZE, UNFREEZE};

use super::World;
use crate::clock::SECOND_NS;
use crate::setup::{NETWORK, operator, rates_command, register};
use crate::site::{Kill, products_without};

/// What an old product may not know: one kind, or a few that belong together.
const UNKNOWN: &[&[u16]] = &[
    &[kind::ENQUIRE],
    &[kind::ASK_PRICE],
    &[kind::PRICED],
    &[kind::QUOTED],
    &[kind::PAY],
    &[kind::SEND_MONEY],
    &[kind::DELIVER],
    &[kind::DELIVERED],
    &[kind::NOT_DELIVERED],
    &[kind::ACCEPTED],
    &[kind::REFUSED],
    &[kind::REFUND],
    &[kind::RETURN],
    &[kind::COLLECT],
    &[kind::PRESENT],
    &[kind::COLLECT_REFUSED],
    &[kind::INQUIRE],
    &[kind::STANDING],
    &[kind::DIRECTORY],
    &[kind::DRAINING],
    &[kind::WINDOW_TOTALS],
    &[kind::WINDOW_ANSWER],
    &[kind::SETTLED],
    &[kind::PREFUNDED],
    &[kind::ACCEPTED, kind::RETURN],
    &[kind::DELIVERED, kind::REFUND],
    &[kind::DELIVER, kind::DELIVERED, kind::ACCEPTED, kind::REFUND, kind::RETURN],
];

impl World {
    /// How far each participant may owe the network, minor units.
    pub(super) const CAP_MINOR: u64 = 1_000_000_000_000;

    fn any_cell(&mut self) -> u16 {
        *self.random.pick(&self.network.numbers()).expect("there are cells")
    }

    /// Kills cells in the middle of their work, and brings back those whose time has come.
    pub(super) fn kill_some(&mut self) {
        let tick = self.network.ticks();
        let back: Vec<u16> = self.down.iter().filter(|(_, at)| **at <= tick).map(|(number, _)| *number).collect();
        for number in back {
            self.bring_up(number);
        }
        if self.happens(100) {
            let number = self.any_cell();
            if self.network.at(number).is_open() {
                let after = [Kill::Decided, Kill::SyncFailed, Kill::Committed, Kill::Applied];
                let after = *self.random.pick(&after).expect("there are steps");
                let kept_bytes = usize::try_from(self.random.below(2_000)).unwrap_or(0);
                self.network.kill(number, after, kept_bytes);
                let down_ticks = self.random.below(20);
                self.down.insert(number, tick + down_ticks);
                self.tally.kills += 1;
                self.note(|| format!("cell {number} is killed ({after:?}) and stays down for {down_ticks} ticks"));
            }
        } else if self.happens(100) {
            let number = self.any_cell();
            if self.network.at(number).is_open() {
                self.network.site(number).write_checkpoint();
            }
        }
    }

    /// Opens a cell that is down.
    pub(super) fn bring_up(&mut self, number: u16) {
        if self.down.remove(&number).is_some() {
            // Whatever it ran before, it comes back with what it knows now.
            self.old.remove(&number);
            self.network.open(number, (self.products)());
            self.retry_once(number);
        }
    }

    /// An operator tries all again that is parked.
    fn retry_once(&mut self, number: u16) {
        for (_, Parked { incoming, .. }) in self.network.at(number).all::<Parked>() {
            let body = RetryParked { peer: incoming.peer, sequence: incoming.sequence };
            if self.network.ask(number, operator(cell::RETRY_PARKED, &body)).is_ok() {
                self.tally.understood += 1;
            }
        }
    }

    /// What operators do now and then.
    pub(super) fn operate(&mut self) {
        if self.happens(300) {
            self.change_weather();
        }
        self.change_products();
        if self.happens(6) {
            self.silent_night();
        }
        if !self.network.at(NETWORK).is_open() {
            return;
        }
        match self.random.below(200) {
            0..=7 => self.move_rates(),
            8 | 9 => drop(self.network.ask(NETWORK, operator(CLOSE_WINDOW, &CloseWindow { window: None }))),
            10..=12 => self.settle_windows(),
            13 => self.exchange(),
            14 => self.prefund(),
            15 => self.suspend(),
            16 => self.freeze(),
            17..=36 if self.suspended.is_some() => self.suspend(),
            37..=56 if self.frozen.is_some() => self.freeze(),
            _ => {}
        }
    }

    fn change_products(&mut self) {
        let tick = self.network.ticks();
        let known: Vec<u16> = self.old.iter().filter(|(_, until)| **until <= tick).map(|(number, _)| *number).collect();
        for number in known {
            self.old.remove(&number);
            if self.network.at(number).is_open() {
                self.network.open(number, (self.products)());
                self.note(|| format!("cell {number} knows all messages again"));
                self.retry_once(number);
            }
        }
        if self.happens(120) {
            let number = self.any_cell();
            if self.network.at(number).is_open() && !self.old.contains_key(&number) {
                let kinds = self.random.pick(UNKNOWN).expect("there are kinds");
                let ticks = self.random.below(60);
                self.network.open(number, products_without(kinds));
                self.old.insert(number, tick + ticks);
                self.tally.parkings += 1;
                self.note(|| format!("cell {number} does not know {kinds:x?} for {ticks} ticks"));
            }
        }
    }

    /// The network is away for so long that people must look after held money.
    fn silent_night(&mut self) {
        if !self.network.at(NETWORK).is_open() {
            return;
        }
        self.note(|| "the network is silent for more than an hour".into());
        self.network.kill(NETWORK, Kill::Applied, 0);
        self.down.insert(NETWORK, self.network.ticks() + 40);
        self.tally.kills += 1;
        for _ in 0..9 {
            self.network.clock.advance_ns(1_000 * SECOND_NS);
            self.network.tick();
        }
    }

    fn move_rates(&mut self) {
        for market in self.markets {
            let worth = self.worth.get_mut(&market.number).expect("its worth is known");
            if market.currency != "EUR" {
                // Up to two percent up or down.
                *worth = *worth * (980 + self.random.below(41)) / 1_000;
                *worth = (*worth).clamp(300, 400_000);
            }
        }
        let at_ns = sycee_engine::clock::Clock::now_ns(&self.network.clock);
        let command = rates_command(at_ns, &self.markets, |market| self.worth[&market.number]);
        self.network.ask(NETWORK, command).expect("rates of now are taken");
    }

    /// The banks have paid what is due.
    pub(super) fn settle_windows(&mut self) {
        for (_, side) in self.network.at(NETWORK).all::<WindowSide>() {
            if side.state != WindowState::Agreed {
                continue;
            }
            for row in side.instructions.iter().filter(|row| row.settled_at_ns.is_none()) {
                let body = ConfirmSettlement {
                    window: side.window,
                    cell: side.cell,
                    currency: row.instruction.money.currency,
                    bank_reference: format!("bank-{}-{}", side.window, side.cell),
                };
                self.network.ask(NETWORK, operator(CONFIRM_SETTLEMENT, &body)).expect("an agreed window settles");
                self.tally.settled += 1;
            }
        }
    }

    fn keyed<T: minicbor::Encode<()>>(&mut self, code: u16, body: &T) -> Command {
        self.keys += 1;
        operator(code, body).with_id(&format!("key-{}", self.keys))
    }

    fn exchange(&mut self) {
        let [here, there] = self.markets;
        if here.currency == there.currency {
            return;
        }
        let (given_minor, got_minor) = (1 + self.random.below(20_000), 1 + self.random.below(20_000));
        let (given, got) = (here.money(given_minor), there.money(got_minor));
        let body = Exchange { given, got, bank_reference: "bank".into() };
        let command = self.keyed(EXCHANGE, &body);
        self.network.ask(NETWORK, command).expect("an exchange is booked");
        *self.put_in.entry(given.currency).or_default() -= i128::from(given_minor);
        *self.put_in.entry(got.currency).or_default() += i128::from(got_minor);
    }

    fn prefund(&mut self) {
        let market = *self.random.pick(&self.markets).expect("there are markets");
        let minor = 1 + self.random.below(100_000);
        let body = Prefund { cell: market.number, money: market.money(minor), bank_reference: "bank".into() };
        let command = self.keyed(PREFUND, &body);
        self.network.ask(NETWORK, command).expect("a prefunding is booked");
        *self.put_in.entry(market.currency()).or_default() += i128::from(minor);
    }

    fn suspend(&mut self) {
        if let Some(market) = self.suspended.take() {
            register(&mut self.network, &market, Self::CAP_MINOR, true);
        } else {
            let market = *self.random.pick(&self.markets).expect("there are markets");
            register(&mut self.network, &market, Self::CAP_MINOR, false);
            self.suspended = Some(market);
        }
    }

    fn freeze(&mut self) {
        let (number, party, command) = match self.frozen.take() {
            Some((number, party)) => (number, party, operator(UNFREEZE, &Unfreeze { party })),
            None => {
                let number = self.random.pick(&self.markets).expect("there are markets").number;
                let people = &self.people[&number];
                let merchant = self.random.below(2) == 0;
                let party =
                    if merchant { people.merchant(&mut self.random) } else { people.customer(&mut self.random) };
                (number, party, operator(FREEZE, &Freeze { party, reason_code: 1 }))
            }
        };
        if self.network.at(number).is_open() {
            let freezes = command.code == FREEZE;
            self.network.ask(number, command).expect("parties freeze and thaw");
            self.frozen = freezes.then_some((number, party));
        } else if command.code == UNFREEZE {
            self.frozen = Some((number, party));
        }
    }
}
