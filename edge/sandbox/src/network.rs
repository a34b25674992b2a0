//! The network as its operator sees it: participants and rates.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use sycee_contract::{Caller, Command, Key, MarketPack, MarketRole, decode};
use sycee_engine::CellHandle;
use sycee_interop::account::PREFUNDING;
use sycee_interop::clearing::clearing_account;
use sycee_interop::command::{REGISTER_PARTICIPANT, RateOfPair, RegisterParticipant, SET_RATES, SetRates};
use sycee_interop::message::DirectoryEntry;
use sycee_interop::quote::rate_text;
use sycee_interop::record::{KnownCell, PARTICIPANT, Participant, RATE, RateRow, Roster};
use sycee_ledger::OPERATOR;
use sycee_money::{Currency, Rate};
use tokio::time::{Instant, timeout_at};

use crate::abroad::WAIT;
use crate::desk::Desk;
use crate::json::{self, Body};
use crate::problem::Problem;

impl Desk {
    /// The cell of this server that is the network.
    pub fn network(&self) -> Result<(&Arc<CellHandle>, MarketPack), Problem> {
        for cell in &self.world().cells {
            let market = cell.market()?;
            if market.roles.contains(&MarketRole::Network) {
                return Ok((cell, market));
            }
        }
        let title = "No cell of this server is a network.";
        Err(Problem::new(StatusCode::NOT_FOUND, "network_not_here", title, "start the server with the cell net"))
    }
}

#[derive(Serialize)]
struct ParticipantJson {
    cell: String,
    number: u16,
    currency: &'static str,
    active: bool,
    code_patterns: Vec<String>,
    registered_at: String,
    /// How far it may owe the network, without what it has prefunded.
    net_debit_cap_minor: u64,
    prefunded_minor: i128,
    /// What it owes the network; below zero, what the network owes it.
    owed_minor: i128,
    /// What is reserved below the cap for payments that are under way.
    reserved_minor: u64,
}

/// `GET /network/participants`.
pub(crate) async fn participants(State(desk): State<Arc<Desk>>) -> Result<Response, Problem> {
    let (net, _) = desk.network()?;
    let point = net.port.begin_read();
    let mut list = Vec::new();
    for (_, bytes) in point.scan(&Key::new(PARTICIPANT), None, usize::MAX)? {
        let Participant { entry, net_debit_cap, registered_at_ns } = decode(&bytes, "participant")?;
        let clearing = point.account(clearing_account(entry.cell, entry.currency).id())?;
        let prefunding = sycee_contract::AccountRef::with_sub(&PREFUNDING, OPERATOR, entry.currency, entry.cell.into());
        let prefunding = point.account(prefunding.id())?;
        list.push(ParticipantJson {
            cell: entry.name,
            number: entry.cell,
            currency: entry.currency.code(),
            active: entry.active,
            code_patterns: entry.code_patterns,
            registered_at: json::instant(registered_at_ns),
            net_debit_cap_minor: net_debit_cap.minor(),
            prefunded_minor: prefunding.map_or(0, |account| account.balance_minor()),
            owed_minor: clearing.map_or(0, |account| account.balance_minor()),
            reserved_minor: clearing.map_or(0, |account| account.debits_pending_minor),
        });
    }
    Ok(json::ok(&list))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegisterBody {
    cell: String,
    /// As in the network's market pack unless given.
    net_debit_cap_minor: Option<u64>,
    code_patterns: Option<Vec<String>>,
    active: Option<bool>,
}

#[derive(Serialize)]
struct Registered<'a> {
    cell: &'a str,
    active: bool,
}

/// `POST /network/participants`: registers a participant of the network's market pack, or changes what is known of it.
pub(crate) async fn register(
    State(desk): State<Arc<Desk>>,
    Body(body): Body<RegisterBody>,
) -> Result<Response, Problem> {
    let (net, market) = desk.network()?;
    let terms = market.network.iter().flat_map(|network| &network.participants).find(|terms| terms.cell == body.cell);
    let Some(terms) = terms else {
        let title = "The network's market pack has no such participant; nothing happened.";
        return Err(Problem::not_found("participant_not_found", title, body.cell));
    };
    let before: Option<Participant> = net.port.get(&Participant::key(terms.cell_number))?;
    let before_patterns = before.as_ref().map(|before| before.entry.code_patterns.clone());
    let cap = body.net_debit_cap_minor.map(sycee_money::Amount::new).transpose();
    let cap = cap.map_err(|_| Problem::bad_field("net_debit_cap_minor", "is too large"))?;
    let active = body.active.unwrap_or(true);
    let entry = DirectoryEntry {
        cell: terms.cell_number,
        name: terms.cell.clone(),
        currency: terms.currency,
        code_patterns: body.code_patterns.or(before_patterns).unwrap_or_else(|| terms.code_patterns.clone()),
        active,
    };
    let net_debit_cap = cap.or(before.map(|before| before.net_debit_cap)).unwrap_or(terms.net_debit_cap);
    let register = RegisterParticipant { entry: entry.clone(), net_debit_cap };
    desk.done(net, Command::new(REGISTER_PARTICIPANT, Caller::OPERATOR, &register)).await?;
    heard(&desk, net, &entry).await?;
    Ok(json::ok(&Registered { cell: &body.cell, active }))
}

/// Waits until the participants of this server have heard of it; what is too far away hears of it later.
async fn heard(desk: &Desk, net: &CellHandle, entry: &DirectoryEntry) -> Result<(), Problem> {
    let deadline = Instant::now() + WAIT;
    let Roster { cells } = net.port.get(&Roster::key())?.unwrap_or_default();
    for cell in cells.iter().filter_map(|number| desk.world().numbered(*number)) {
        let key = KnownCell::key(entry.cell);
        let knows = cell.port.until(&key, |known: Option<KnownCell>| known.filter(|known| known.entry == *entry));
        if let Ok(known) = timeout_at(deadline, knows).await {
            known?;
        }
    }
    Ok(())
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct RateJson {
    base: String,
    counter: String,
    /// How many of `counter` one `base` buys: a decimal number.
    rate: String,
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    at: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RatesBody {
    source: String,
    rates: Vec<RateJson>,
}

/// `POST /network/rates`: rates as of now.
pub(crate) async fn set_rates(State(desk): State<Arc<Desk>>, Body(body): Body<RatesBody>) -> Result<Response, Problem> {
    let (net, _) = desk.network()?;
    let rates = body.rates.iter().map(pair).collect::<Result<_, _>>()?;
    let set = SetRates { source: body.source, at_ns: desk.world().clock.now_ns(), rates };
    desk.done(net, Command::new(SET_RATES, Caller::OPERATOR, &set)).await?;
    list_rates(net)
}

fn pair(pair: &RateJson) -> Result<RateOfPair, Problem> {
    let currency = |code: &str| {
        Currency::from_code(code).ok_or_else(|| Problem::bad_field("rates", "are between ISO 4217 codes, such as EUR"))
    };
    let rate = Rate::parse_decimal(&pair.rate);
    let rate = rate.map_err(|_| Problem::bad_field("rates", "have a decimal number above 0 as rate, as text"))?;
    Ok(RateOfPair { base: currency(&pair.base)?, counter: currency(&pair.counter)?, rate })
}

/// `GET /network/rates`.
pub(crate) async fn rates(State(desk): State<Arc<Desk>>) -> Result<Response, Problem> {
    list_rates(desk.network()?.0)
}

fn list_rates(net: &CellHandle) -> Result<Response, Problem> {
    let mut list = Vec::new();
    for (key, bytes) in net.port.begin_read().scan(&Key::new(RATE), None, usize::MAX)? {
        let RateRow { rate, source, at_ns } = decode(&bytes, "rate")?;
        let code = |at: usize| {
            let bytes: Option<[u8; 2]> = key.as_bytes().get(at..at + 2).and_then(|bytes| bytes.try_into().ok());
            let currency = bytes.and_then(|bytes| Currency::from_numeric(u16::from_be_bytes(bytes)));
            currency.map_or("???", Currency::code).to_owned()
        };
        let (source, at) = (Some(source), Some(json::instant(at_ns)));
        list.push(RateJson { base: code(2), counter: code(4), rate: rate_text(rate), source, at });
    }
    Ok(json::ok(&list))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_decimal_numbers_between_currencies() {
        for (base, counter, rate, good) in [
            ("EUR", "THB", "38.0125", true),
            ("EUR", "THB", "0", false),
            ("EUR", "THB", "-1", false),
            ("EUR", "THB", "1e3", false),
            ("EUR", "XX", "1", false),
            ("EURO", "THB", "1", false),
        ] {
            let (base, counter, rate) = (base.to_owned(), counter.to_owned(), rate.to_owned());
            let json = RateJson { base, counter, rate, source: None, at: None };
            assert_eq!(pair(&json).is_ok(), good, "{} {} {}", json.base, json.counter, json.rate);
        }
        let number = br#"{"source":"s","rates":[{"base":"EUR","counter":"THB","rate":38.0}]}"#;
        assert!(json::read::<RatesBody>(number).is_err(), "a rate is no binary fraction");
    }
}
