//! What is remembered of the cells' codes, so that a payment of a printed code reads no row and parses no code twice.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError, RwLock};

use axum::http::StatusCode;
use sycee_acquiring::parse_trade_no;
use sycee_codes::own::OwnCode;
use sycee_engine::clock::Calendar;
use sycee_engine::store::StoreError;
use sycee_engine::{CellHandle, World};
use sycee_interop::quote::Target as Abroad;
use sycee_party::cell_of;

use crate::directory;
use crate::problem::Problem;

/// How many printed codes are remembered; then all are forgotten.
const SHOPS_MAX: usize = 4_096;

/// What of a market pack does not change while the server runs: printed codes outlive any pack, and so must their ids.
pub(crate) struct CellFacts {
    /// The first two digits of the market's payment codes, and those that say which operator.
    pub pay_code_prefix: (String, String),
    /// The globally unique id in the market's codes.
    pub guid: String,
    calendar: Mutex<Calendar>,
}

impl CellFacts {
    fn read(cell: &CellHandle) -> Result<Self, StoreError> {
        let market = cell.market()?;
        let (prefix, routing) = market.pay_code_prefix.split_at_checked(2).unwrap_or((&market.pay_code_prefix, ""));
        Ok(Self {
            pay_code_prefix: (prefix.to_owned(), routing.to_owned()),
            guid: market.mpm_guid.clone(),
            calendar: Mutex::new(Calendar::new(&market.time_zone).map_err(StoreError::new)?),
        })
    }

    /// The market's calendar day at an instant, as the decimal number yyyymmdd: the same that the engine stamps.
    pub fn date_at(&self, time_ns: u64) -> u32 {
        self.calendar.lock().unwrap_or_else(PoisonError::into_inner).at(time_ns).0
    }
}

/// What a customer is asked to pay.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Target {
    /// One order.
    Order { cell: u16, id: u64 },
    /// A shop; the customer types the amount.
    Shop { merchant: u64, store: Option<u64> },
}

impl Target {
    /// The number of the cell that it is in.
    pub fn cell(&self) -> Option<u16> {
        match self {
            Self::Order { cell, .. } => Some(*cell),
            Self::Shop { merchant, .. } => sycee_party::cell_of(*merchant),
        }
    }

    /// As interop names it.
    pub fn abroad(&self) -> Abroad {
        match *self {
            Self::Order { id, .. } => Abroad::Order { order: id },
            Self::Shop { merchant, store } => Abroad::Merchant { merchant, store, reference: String::new() },
        }
    }
}

impl From<OwnCode> for Target {
    fn from(code: OwnCode) -> Self {
        match code {
            OwnCode::Order { cell, id } => Self::Order { cell, id },
            OwnCode::Merchant { merchant, store } => Self::Shop { merchant, store },
        }
    }
}

/// What is remembered.
pub(crate) struct Codebook {
    facts: Vec<OnceLock<CellFacts>>,
    shops: RwLock<HashMap<Box<str>, Target>>,
}

impl Codebook {
    pub fn new(cells: usize) -> Self {
        Self { facts: (0..cells).map(|_| OnceLock::new()).collect(), shops: RwLock::default() }
    }

    /// The facts of a cell of `world`.
    pub fn facts(&self, world: &World, cell: &CellHandle) -> Result<&CellFacts, Problem> {
        let place = world.cells.iter().position(|other| other.number == cell.number);
        let Some(slot) = place.and_then(|place| self.facts.get(place)) else {
            return Err(Problem::internal("a cell is not of this world", &cell.name));
        };
        if let Some(facts) = slot.get() {
            return Ok(facts);
        }
        let facts = CellFacts::read(cell)?;
        Ok(slot.get_or_init(|| facts))
    }

    /// Reads a code: one of the market's own, a trade number by itself or at the end of a link to this server, or whatever the
    /// network's directory, as the cell of the customer who scans (`home`) knows it, says is another cell's. No other cell is
    /// looked at.
    pub fn target(&self, world: &World, home: &CellHandle, code: &str) -> Result<Target, Problem> {
        // Only the customer's own market is remembered: what belongs to others, their own cell's directory says.
        let is_home = |target: &&Target| matches!(target, Target::Shop { merchant, .. } if cell_of(*merchant) == Some(home.number));
        if let Some(target) = self.shops.read().unwrap_or_else(PoisonError::into_inner).get(code).filter(is_home) {
            return Ok(*target);
        }
        if let Some((cell, id)) = parse_trade_no(in_link(&world.base_url, code).unwrap_or(code)) {
            return Ok(Target::Order { cell, id });
        }
        if let Some(own) = OwnCode::parse(code, &self.facts(world, home)?.guid) {
            let target = Target::from(own);
            self.remember(code, target);
            return Ok(target);
        }
        if let Some(target) = directory::target(&home.port.begin_read(), code)? {
            return Ok(target);
        }
        let title = "This is no code of a shop here; nothing moved.";
        let detail = "neither a code of this market or of one that the network's directory names, nor a trade number";
        Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "code_unknown", title, detail))
    }

    fn remember(&self, code: &str, target: Target) {
        if matches!(target, Target::Shop { .. }) {
            let mut shops = self.shops.write().unwrap_or_else(PoisonError::into_inner);
            if shops.len() >= SHOPS_MAX {
                shops.clear();
            }
            shops.insert(code.into(), target);
        }
    }
}

/// The last part of the path of a link to this server.
fn in_link<'a>(base_url: &str, text: &'a str) -> Option<&'a str> {
    let rest = text.strip_prefix(base_url)?.strip_prefix('/')?;
    rest.split(['?', '#']).next()?.trim_end_matches('/').rsplit('/').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_this_server_are_taken_apart() {
        let base = "http://127.0.0.1:8080";
        let table = [
            ("http://127.0.0.1:8080/pay/123", Some("123")),
            ("http://127.0.0.1:8080/pay/123/?x=4/5#6/7", Some("123")),
            ("http://127.0.0.1:80801/pay/123", None),
            ("http://elsewhere/pay/123", None),
            ("http://127.0.0.1:8080", None),
            ("123", None),
        ];
        for (text, expected) in table {
            assert_eq!(in_link(base, text), expected, "{text}");
        }
    }
}
