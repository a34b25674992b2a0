//! What the network's operator asks: who takes part, what they have paid ahead, what is exchanged at the bank. The staff of another cell
//! is told that its cell is no network.

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_contract::{AccountRef, Key, Role, decode};
use sycee_engine::ReadPoint;
use sycee_interop::account::PREFUNDING;
use sycee_interop::clearing::clearing_account;
use sycee_interop::command::{EXCHANGE, Exchange, PREFUND, Prefund, REGISTER_PARTICIPANT, RegisterParticipant};
use sycee_interop::message::DirectoryEntry;
use sycee_interop::quote::rate_text;
use sycee_interop::record::{PARTICIPANT, Participant, RATE, RateRow};
use sycee_ledger::OPERATOR as OPERATORS_OWN;
use sycee_money::{Amount, Currency, Money};
use sycee_party::StaffRole;

use super::Operation;
use crate::desk::{Asked, answer, ok};
use crate::lists::{Lister, Page, Paging, Slice, Sorting, Walk, page};
use crate::problem::Problem;
use crate::wire::{Digits, Instant, MoneyWire};

const OPERATOR: &[Role] = &[Role::Operator];
const FINANCE: &[StaffRole] = &[StaffRole::Finance];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("list_participants", "/network/participants", |asked| Box::pin(list_participants(asked)))
        .says("Who takes part in the network, how far each may owe it, and what each owes.")
        .for_roles(OPERATOR)
        .for_staff(FINANCE)
        .queries::<PageQuery>()
        .gives::<Page<ParticipantWire>>(),
    Operation::post("register_participant", "/network/participants", |asked| Box::pin(register(asked)))
        .says("Takes a participant of the network's market pack in, or changes its cap, its codes and whether it may pay and be paid.")
        .asks(REGISTER_PARTICIPANT)
        .takes::<RegisterBody>()
        .gives::<ParticipantWire>(),
    Operation::get("list_rates", "/network/rates", |asked| Box::pin(list_rates(asked)))
        .says("The mid-market rates in force, with their sources.")
        .for_roles(OPERATOR)
        .for_staff(FINANCE)
        .queries::<PageQuery>()
        .gives::<Page<RateWire>>(),
    Operation::post("prefund", "/network/participants/{cell}/prefunding", |asked| Box::pin(prefund(asked)))
        .says("Books what a participant has paid ahead: it may owe that much more.")
        .asks(PREFUND)
        .for_staff(FINANCE)
        .takes::<PrefundBody>()
        .gives::<ParticipantWire>(),
    Operation::post("exchange", "/network/exchanges", |asked| Box::pin(exchange(asked)))
        .says("Books what the network has exchanged at its bank, to square what payments have left it with.")
        .asks(EXCHANGE)
        .for_staff(FINANCE)
        .takes::<ExchangeBody>()
        .gives::<Exchanged>(),
];

/// Which page.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PageQuery {
    /// The `next` of the page before.
    pub cursor: Option<String>,
    /// How many items, 1 to 200; 50 if left out.
    #[schemars(range(min = 1, max = 200))]
    pub limit: Option<u16>,
}

/// A participant of the network.
#[derive(Serialize, JsonSchema)]
struct ParticipantWire {
    /// Its short name.
    cell: String,
    /// Its number.
    number: u16,
    /// ISO 4217 code.
    currency: &'static str,
    /// Whether it may pay and be paid now.
    active: bool,
    /// Which codes are its: patterns such as `guid:org.example` and `digits:2807`.
    code_patterns: Vec<String>,
    registered_at: Instant,
    /// How far it may owe the network, without what it has paid ahead.
    net_debit_cap: MoneyWire,
    /// What it has paid ahead, minor units with sign.
    prefunded_minor: String,
    /// What it owes the network, minor units; below zero what the network owes it.
    owed_minor: String,
    /// What is reserved below the cap for payments under way, minor units as digits.
    reserved_minor: Digits,
}

fn participant_wire(point: &ReadPoint, participant: Participant) -> Result<ParticipantWire, Problem> {
    let Participant { entry, net_debit_cap, registered_at_ns } = participant;
    let clearing = point.account(clearing_account(entry.cell, entry.currency).id())?;
    let prefunding = AccountRef::with_sub(&PREFUNDING, OPERATORS_OWN, entry.currency, entry.cell.into());
    let prefunding = point.account(prefunding.id())?;
    Ok(ParticipantWire {
        cell: entry.name,
        number: entry.cell,
        currency: entry.currency.code(),
        active: entry.active,
        code_patterns: entry.code_patterns,
        registered_at: Instant(registered_at_ns),
        net_debit_cap: MoneyWire(Money::new(net_debit_cap, entry.currency)),
        prefunded_minor: prefunding.map_or(0, |account| account.balance_minor()).to_string(),
        owed_minor: clearing.as_ref().map_or(0, |account| account.balance_minor()).to_string(),
        reserved_minor: Digits(clearing.map_or(0, |account| account.debits_pending_minor)),
    })
}

struct Participants(std::sync::Arc<sycee_engine::Port>);

impl Lister for Participants {
    type Item = ParticipantWire;

    fn slice(&self, after: Option<&[u8]>, limit: usize) -> Result<Slice<ParticipantWire>, Problem> {
        let point = self.0.begin_read();
        let walk = Walk::new(Key::new(PARTICIPANT), Sorting::Oldest);
        walk.slice(&point, after, limit, &mut |_, bytes| participant_wire(&point, decode(bytes, "row")?).map(Some))
    }
}

async fn list_participants(asked: Asked) -> Result<Response, Problem> {
    let PageQuery { cursor, limit } = asked.query()?;
    page(Paging::new(cursor.as_deref(), limit)?, Participants(asked.cell.port.clone())).await
}

/// A participant to be taken in or changed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RegisterBody {
    /// Its name in the network's market pack.
    cell: String,
    /// How far it may owe, minor units of its currency as digits; as it is, or as in the pack, if left out.
    net_debit_cap_minor: Option<Digits>,
    /// Which codes are its; as they are, or as in the pack, if left out.
    code_patterns: Option<Vec<String>>,
    /// Whether it may pay and be paid; it may if left out.
    active: Option<bool>,
}

async fn register(asked: Asked) -> Result<Response, Problem> {
    let RegisterBody { cell, net_debit_cap_minor, code_patterns, active } = asked.body()?;
    let market = asked.cell.market()?;
    let terms = market.network.iter().flat_map(|network| &network.participants).find(|terms| terms.cell == cell);
    let terms = terms.ok_or_else(|| Problem::not_found("the market pack of this cell names no such participant"))?;
    let before: Option<Participant> = asked.cell.port.get(&Participant::key(terms.cell_number))?;
    let cap = net_debit_cap_minor.map(|Digits(minor)| Amount::new(minor)).transpose();
    let cap = cap.map_err(|_| Problem::bad_field("net_debit_cap_minor", "is at most 10000000000000000"))?;
    let net_debit_cap = cap.or(before.as_ref().map(|before| before.net_debit_cap)).unwrap_or(terms.net_debit_cap);
    let patterns = code_patterns.or(before.map(|before| before.entry.code_patterns));
    let entry = DirectoryEntry {
        cell: terms.cell_number,
        name: terms.cell.clone(),
        currency: terms.currency,
        code_patterns: patterns.unwrap_or_else(|| terms.code_patterns.clone()),
        active: active.unwrap_or(true),
    };
    asked.ask(REGISTER_PARTICIPANT, &RegisterParticipant { entry, net_debit_cap }).await?;
    show(&asked, terms.cell_number, false)
}

fn show(asked: &Asked, number: u16, replayed: bool) -> Result<Response, Problem> {
    let point = asked.cell.port.begin_read();
    let row: Option<Participant> = point.get(&Participant::key(number))?;
    let row = row.ok_or_else(|| Problem::internal("a participant has no row", &number))?;
    answer(&participant_wire(&point, row)?, replayed)
}

/// A mid-market rate.
#[derive(Serialize, JsonSchema)]
struct RateWire {
    /// One of these, ISO 4217 code …
    base: &'static str,
    /// … buys so many of those, ISO 4217 code.
    counter: &'static str,
    /// How many: a decimal number, cut off after 18 decimals.
    rate: String,
    /// Who says so.
    source: String,
    /// As of when.
    at: Instant,
}

struct Rates(std::sync::Arc<sycee_engine::Port>);

impl Lister for Rates {
    type Item = RateWire;

    fn slice(&self, after: Option<&[u8]>, limit: usize) -> Result<Slice<RateWire>, Problem> {
        let walk = Walk::new(Key::new(RATE), Sorting::Oldest);
        walk.slice(&self.0.begin_read(), after, limit, &mut |key, bytes| {
            let RateRow { rate, source, at_ns } = decode(bytes, "rate")?;
            let code = |at: usize| {
                let bytes: Option<[u8; 2]> = key.as_bytes().get(at..at + 2).and_then(|bytes| bytes.try_into().ok());
                bytes.and_then(|bytes| Currency::from_numeric(u16::from_be_bytes(bytes))).map(Currency::code)
            };
            let (Some(base), Some(counter)) = (code(2), code(4)) else { return Ok(None) };
            Ok(Some(RateWire { base, counter, rate: rate_text(rate), source, at: Instant(at_ns) }))
        })
    }
}

async fn list_rates(asked: Asked) -> Result<Response, Problem> {
    let PageQuery { cursor, limit } = asked.query()?;
    page(Paging::new(cursor.as_deref(), limit)?, Rates(asked.cell.port.clone())).await
}

/// Money that a participant has paid ahead.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PrefundBody {
    /// How much, in the participant's currency.
    money: MoneyWire,
    /// The bank's reference, 1 to 64 characters: a number, never a name.
    bank_reference: String,
}

async fn prefund(asked: Asked) -> Result<Response, Problem> {
    let PrefundBody { money: MoneyWire(money), bank_reference } = asked.body()?;
    let unknown = || Problem::not_found("no participant has this number");
    let cell = asked.path("cell").parse().map_err(|_| unknown())?;
    let row: Option<Participant> = asked.cell.port.get(&Participant::key(cell))?;
    row.ok_or_else(unknown)?;
    let (_, replayed) = asked.ask(PREFUND, &Prefund { cell, money, bank_reference }).await?;
    show(&asked, cell, replayed)
}

/// An exchange at the bank.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ExchangeBody {
    /// What the network gave.
    given: MoneyWire,
    /// What it got, in another currency.
    got: MoneyWire,
    /// The bank's reference, 1 to 64 characters: a number, never a name.
    bank_reference: String,
}

/// An exchange that was booked.
#[derive(Serialize, JsonSchema)]
struct Exchanged {
    given: MoneyWire,
    got: MoneyWire,
}

async fn exchange(asked: Asked) -> Result<Response, Problem> {
    let ExchangeBody { given, got, bank_reference } = asked.body()?;
    let body = Exchange { given: given.0, got: got.0, bank_reference };
    let (_, replayed) = asked.ask(EXCHANGE, &body).await?;
    if replayed { answer(&Exchanged { given, got }, true) } else { ok(&Exchanged { given, got }) }
}
