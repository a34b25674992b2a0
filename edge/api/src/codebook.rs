//! What is remembered of the cells' codes, so that a payment of a printed code reads no row.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError, RwLock};

use sycee_acquiring::parse_trade_no;
use sycee_codes::numeric::encode_pay_code;
use sycee_codes::own::OwnCode;
use sycee_engine::clock::Calendar;
use sycee_engine::store::StoreError;
use sycee_engine::vault::random;
use sycee_engine::{CellHandle, World};
use sycee_interop::routing;

use crate::abroad::known_cells;
use crate::problem::Problem;

/// How many printed codes are remembered of a cell; then all are forgotten and read again.
const PRINTED_MAX: usize = 4_096;
/// Longer texts are read each time, bytes: a code has at most 512 characters (EMVCo MPM 1.1, section 3.1), what is around it any
/// number.
const PRINTED_MAX_BYTES: usize = 512;

/// What of a market pack does not change while the server runs: printed codes outlive any pack, and so must their ids.
pub(crate) struct CellFacts {
    /// The first two digits of the market's payment codes, and those that say which operator.
    prefix: (String, String),
    guid: String,
    calendar: Mutex<Calendar>,
    /// Shops by the text of their printed codes: the same one is paid all day, and reading it takes longer than checking an HMAC.
    printed: RwLock<HashMap<Box<str>, Target>>,
}

impl CellFacts {
    fn read(cell: &CellHandle) -> Result<Self, StoreError> {
        let market = cell.market()?;
        let (prefix, routing) = market.pay_code_prefix.split_at_checked(2).unwrap_or((&market.pay_code_prefix, ""));
        Ok(Self {
            prefix: (prefix.to_owned(), routing.to_owned()),
            guid: market.mpm_guid.clone(),
            calendar: Mutex::new(Calendar::new(&market.time_zone).map_err(StoreError::new)?),
            printed: RwLock::default(),
        })
    }

    /// The market's calendar day at an instant, yyyymmdd: the same that the engine stamps.
    pub fn date_at(&self, time_ns: u64) -> u32 {
        self.calendar.lock().unwrap_or_else(PoisonError::into_inner).at(time_ns).0
    }

    /// What one of this market's codes asks to pay.
    fn own_code(&self, code: &str) -> Option<Target> {
        if let Some(shop) = self.printed.read().unwrap_or_else(PoisonError::into_inner).get(code) {
            return Some(*shop);
        }
        let target = match OwnCode::parse(code, &self.guid)? {
            OwnCode::Order { cell, id } => return Some(Target::Order { cell, id }),
            OwnCode::Merchant { merchant, store } => Target::Shop { merchant, store },
        };
        if code.len() > PRINTED_MAX_BYTES {
            return Some(target);
        }
        let mut printed = self.printed.write().unwrap_or_else(PoisonError::into_inner);
        if printed.len() >= PRINTED_MAX {
            printed.clear();
        }
        printed.insert(code.into(), target);
        Some(target)
    }

    /// The digits of a new payment code.
    pub fn new_pay_code(&self) -> Result<String, Problem> {
        let (prefix, routing) = &self.prefix;
        encode_pay_code(prefix, routing, random()?)
            .map_err(|error| Problem::internal("the market's payment codes cannot be written", &error))
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
}

/// What is remembered.
pub(crate) struct Codebook(Vec<OnceLock<CellFacts>>);

impl Codebook {
    pub fn new(cells: usize) -> Self {
        Self((0..cells).map(|_| OnceLock::new()).collect())
    }

    /// The facts of a cell of `world`.
    pub fn facts(&self, world: &World, cell: &CellHandle) -> Result<&CellFacts, Problem> {
        let place = world.cells.iter().position(|other| other.number == cell.number);
        let Some(slot) = place.and_then(|place| self.0.get(place)) else {
            return Err(Problem::internal("a cell is not of this world", &cell.name));
        };
        if let Some(facts) = slot.get() {
            return Ok(facts);
        }
        let facts = CellFacts::read(cell)?;
        Ok(slot.get_or_init(|| facts))
    }

    /// Reads a code: a trade number, alone or at the end of a link to this server; a code of the market's own; or one that is another
    /// cell's by the network's directory, as the customer's own cell (`home`) knows it. No other cell is looked at.
    pub fn target(&self, world: &World, home: &CellHandle, code: &str) -> Result<Target, Problem> {
        let number = in_link(&world.base_url, code).unwrap_or(code);
        if let Some((cell, id)) = parse_trade_no(number) {
            return Ok(Target::Order { cell, id });
        }
        if let Some(own) = self.facts(world, home)?.own_code(code) {
            return Ok(own);
        }
        let cells = known_cells(&home.port.begin_read())?;
        routing::shops_code(code, &cells).map(Target::from).ok_or_else(Problem::code_unknown)
    }

    /// The same of a code of the customer's own cell.
    pub fn target_at_home(&self, world: &World, home: &CellHandle, code: &str) -> Result<Target, Problem> {
        let target = self.target(world, home, code)?;
        if target.cell() == Some(home.number) { Ok(target) } else { Err(Problem::not_offered_abroad("code")) }
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
            ("123", None),
        ];
        for (text, expected) in table {
            assert_eq!(in_link(base, text), expected, "{text}");
        }
    }
}
