//! The way between cells: what is on it can be lost, doubled, delayed, and so overtaken.

use std::collections::BTreeMap;
use std::sync::Arc;

use sycee_contract::Random;
use sycee_contract::link::Message;

/// How bad the way is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Weather {
    /// Of a hundred cargoes, how many are lost.
    pub lost_percent: u64,
    /// Of a hundred, how many arrive twice.
    pub doubled_percent: u64,
    /// How many ticks a cargo is on its way at most; the least is 1.
    pub ticks_max: u64,
    /// How many messages a cargo holds at most.
    pub messages_max: u64,
}

impl Weather {
    /// Nothing is lost, and everything arrives at the next tick.
    pub const FAIR: Self = Self { lost_percent: 0, doubled_percent: 0, ticks_max: 1, messages_max: 512 };
}

/// What travels.
#[derive(Clone, Debug)]
pub enum Cargo {
    /// Messages of a stream, from this place on.
    Messages {
        /// The place of the first.
        first: u64,
        /// The messages.
        messages: Vec<Arc<Message>>,
    },
    /// The sender has everything of the other's stream up to this place.
    Acknowledgement {
        /// The place.
        through: u64,
    },
}

/// A cargo on its way.
#[derive(Clone, Debug)]
pub struct Flight {
    /// From which cell.
    pub from: u16,
    /// To which.
    pub to: u16,
    /// What.
    pub cargo: Cargo,
}

/// All that is on its way between all cells.
#[derive(Default)]
pub struct Wire {
    // By the tick of arrival and a number drawn for it, so that what arrives at one tick comes in any order.
    flights: BTreeMap<(u64, u64), Flight>,
}

impl Wire {
    /// Sends a cargo at `tick`.
    pub fn send(&mut self, tick: u64, weather: Weather, random: &mut Random, flight: Flight) {
        let copies = if random.below(100) < weather.doubled_percent { 2 } else { 1 };
        for _ in 0..copies {
            let lost = random.below(100) < weather.lost_percent;
            let at = tick + 1 + random.below(weather.ticks_max);
            let order = random.next_u64();
            if !lost {
                self.flights.insert((at, order), flight.clone());
            }
        }
    }

    /// What has arrived by `tick`, in the order of its arrival.
    pub fn arrived(&mut self, tick: u64) -> Vec<Flight> {
        let later = self.flights.split_off(&(tick + 1, 0));
        std::mem::replace(&mut self.flights, later).into_values().collect()
    }

    /// Whether nothing is on its way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.flights.is_empty()
    }
}
