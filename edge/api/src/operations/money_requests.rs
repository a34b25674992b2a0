//! Money that one customer asks of another.

use std::sync::Arc;

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_contract::{Key, Role, decode};
use sycee_engine::{CellHandle, ReadPoint};
use sycee_party::Party;
use sycee_wallet::command::{DeclineRequest, MoneyRequested, PayRequest, RequestMoney, Sent};
use sycee_wallet::{DECLINE_REQUEST, MoneyRequest, MoneyRequestState, PAY_REQUEST, REQUEST_MONEY, RequestOfCustomer};

use super::Operation;
use super::customer::{SentWire, other_customer};
use super::payees::shown_name;
use crate::desk::{Asked, answer};
use crate::lists::{Lister, Page, Paging, Slice, Sorting, Walk, page};
use crate::problem::Problem;
use crate::wire::{Digits, Instant, MoneyWire, digits};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::post("request_money", "/money-requests", |asked| Box::pin(request_money(asked)))
        .says("Asks another customer of the same cell for money.")
        .asks(REQUEST_MONEY)
        .takes::<RequestBody>()
        .gives::<Requested>(),
    Operation::get("list_money_requests", "/money-requests", |asked| Box::pin(list(asked)))
        .says("Money that the caller was asked for, or has asked others for.")
        .for_roles(&[Role::Customer])
        .queries::<RequestQuery>()
        .gives::<Page<RequestWire>>(),
    Operation::post("pay_request", "/money-requests/{request}/pay", |asked| Box::pin(pay_request(asked)))
        .says("Pays what another customer has asked for.")
        .asks(PAY_REQUEST)
        .may_need_proof()
        .gives::<SentWire>(),
    Operation::post("decline_request", "/money-requests/{request}/decline", |asked| Box::pin(decline_request(asked)))
        .says("Declines what another customer has asked for.")
        .asks(DECLINE_REQUEST)
        .gives::<Declined>(),
];

/// Money that is asked for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RequestBody {
    /// Who is asked to pay: the party's number (16 digits), or a phone number.
    payer: String,
    money: MoneyWire,
}

/// A money request.
#[derive(Serialize, JsonSchema)]
struct Requested {
    request: Digits,
    /// When it ends by itself.
    expires_at: Instant,
}

/// A money request that was declined.
#[derive(Serialize, JsonSchema)]
struct Declined {
    request: Digits,
}

async fn request_money(asked: Asked) -> Result<Response, Problem> {
    let RequestBody { payer, money } = asked.body()?;
    let body = RequestMoney { payer: other_customer(&asked.cell, "payer", &payer)?, money: money.0 };
    let (made, replayed): (MoneyRequested, bool) = asked.reply(REQUEST_MONEY, &body).await?;
    answer(&Requested { request: Digits(made.request), expires_at: Instant(made.expires_at_ns) }, replayed)
}

/// Who is to pay.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum RequestDirection {
    /// The caller is asked to pay.
    Incoming,
    /// The caller asks.
    Outgoing,
}

/// What became of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum RequestState {
    /// It can be paid or declined.
    Open,
    /// It was paid.
    Paid,
    /// Who was asked does not want to pay.
    Declined,
    /// Its time was over before it was answered.
    Expired,
}

impl RequestState {
    const fn at(request: &MoneyRequest, now_ns: u64) -> Self {
        match request.state {
            MoneyRequestState::Paid => Self::Paid,
            MoneyRequestState::Declined => Self::Declined,
            MoneyRequestState::Open if request.expires_at_ns <= now_ns => Self::Expired,
            MoneyRequestState::Open => Self::Open,
        }
    }
}

/// A money request of the caller's.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MoneyRequest")]
struct RequestWire {
    request: Digits,
    direction: RequestDirection,
    /// Who asks the caller, or is asked.
    other_party: Digits,
    /// Their name with most of it hidden; absent if it was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    other_name: Option<String>,
    money: MoneyWire,
    state: RequestState,
    created_at: Instant,
    /// When it ends by itself.
    expires_at: Instant,
}

/// Which requests.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RequestQuery {
    /// The `next` of the page before.
    cursor: Option<String>,
    /// How many items, 1 to 200; 50 if left out.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u16>,
    /// In which order; `newest` if left out.
    #[serde(default)]
    order: Sorting,
    /// Those of one direction only.
    direction: Option<RequestDirection>,
    /// Those that stand so only.
    state: Option<RequestState>,
}

struct Requests {
    cell: Arc<CellHandle>,
    customer: u64,
    now_ns: u64,
    sorting: Sorting,
    direction: Option<RequestDirection>,
    state: Option<RequestState>,
}

impl Requests {
    fn item(&self, point: &ReadPoint, key: &Key, row: RequestOfCustomer) -> Result<Option<RequestWire>, Problem> {
        let direction = if row.is_payer { RequestDirection::Incoming } else { RequestDirection::Outgoing };
        if self.direction.is_some_and(|wanted| wanted != direction) {
            return Ok(None);
        }
        let id = RequestOfCustomer::request_of(key).unwrap_or(0);
        let request: Option<MoneyRequest> = point.get(&MoneyRequest::key(id))?;
        let request = request.ok_or_else(|| Problem::internal("a request that is listed is not there", &id))?;
        let state = RequestState::at(&request, self.now_ns);
        if self.state.is_some_and(|wanted| wanted != state) {
            return Ok(None);
        }
        let other = if row.is_payer { request.to } else { request.from };
        let party: Option<Party> = point.get(&Party::key(other))?;
        Ok(Some(RequestWire {
            request: Digits(id),
            direction,
            other_party: Digits(other),
            other_name: party.map(|party| shown_name(&self.cell, &party)).transpose()?.flatten(),
            money: MoneyWire(request.money),
            state,
            created_at: Instant(request.created_at_ns),
            expires_at: Instant(request.expires_at_ns),
        }))
    }
}

impl Lister for Requests {
    type Item = RequestWire;

    fn slice(&self, after: Option<&[u8]>, limit: usize) -> Result<Slice<RequestWire>, Problem> {
        let point = self.cell.port.begin_read();
        let walk = Walk::new(RequestOfCustomer::of_customer(self.customer), self.sorting);
        walk.slice(&point, after, limit, &mut |key, bytes| self.item(&point, key, decode(bytes, "money request")?))
    }
}

async fn list(asked: Asked) -> Result<Response, Problem> {
    let RequestQuery { cursor, limit, order, direction, state } = asked.query()?;
    let (cell, customer, now_ns) = (Arc::clone(&asked.cell), asked.caller.party, asked.desk.world.clock.now_ns());
    let requests = Requests { cell, customer, now_ns, sorting: order, direction, state };
    page(Paging::new(cursor.as_deref(), limit)?, requests).await
}

fn request(asked: &Asked) -> Result<u64, Problem> {
    digits(asked.path("request")).ok_or_else(|| Problem::not_found("a money request is named by digits"))
}

async fn pay_request(asked: Asked) -> Result<Response, Problem> {
    let request = request(&asked)?;
    if let Some(row) = asked.cell.port.get::<MoneyRequest>(&MoneyRequest::key(request))? {
        asked.may_move(row.money)?;
    }
    let (sent, replayed): (Sent, bool) = asked.reply(PAY_REQUEST, &PayRequest { request }).await?;
    answer(&SentWire::from(sent), replayed)
}

async fn decline_request(asked: Asked) -> Result<Response, Problem> {
    let request = request(&asked)?;
    let (_, replayed) = asked.ask(DECLINE_REQUEST, &DeclineRequest { request }).await?;
    answer(&Declined { request: Digits(request) }, replayed)
}
