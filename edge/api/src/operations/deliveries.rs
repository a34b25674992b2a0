//! What a merchant's notifications came to, and sending them again. These are the notifications that orders ask for by an address;
//! webhooks of this API are beside them.

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_contract::Role;
use sycee_engine::deliveries::{Deliveries, Delivery, DeliveryAttempt, DeliveryState, NotSent};
use sycee_party::StaffRole;

use super::Operation;
use crate::desk::{Asked, ok};
use crate::problem::Problem;
use crate::wire::{Digits, Instant, party_number};

const MERCHANTS: &[Role] = &[Role::Merchant, Role::Operator];
const STAFF: &[StaffRole] = &[StaffRole::Support];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("list_deliveries", "/deliveries", |asked| Box::pin(list_deliveries(asked)))
        .says("The merchant's last notifications, the latest first: 50, kept in memory until the server stops.")
        .for_roles(MERCHANTS)
        .for_staff(STAFF)
        .queries::<OfMerchant>()
        .gives::<DeliveryList<'_>>(),
    Operation::get("show_delivery", "/deliveries/{notify_id}", |asked| Box::pin(show_delivery(asked)))
        .says("A notification with its last attempts.")
        .for_roles(MERCHANTS)
        .for_staff(STAFF)
        .queries::<OfMerchant>()
        .gives::<DeliveryWire<'_>>(),
    Operation::post("replay_delivery", "/deliveries/{notify_id}/replay", |asked| Box::pin(replay_delivery(asked)))
        .says("Posts the same bytes to the same address again, now, once. The schedule of attempts does not count it.")
        .for_roles(MERCHANTS)
        .for_staff(STAFF)
        .queries::<OfMerchant>()
        .gives::<DeliveryWire<'_>>(),
    Operation::post("notify_again", "/orders/{trade_no}/notify", |asked| Box::pin(notify_again(asked)))
        .says("Posts a new notification of how an order stands now, to the order's address. It needs no memory.")
        .for_roles(MERCHANTS)
        .for_staff(STAFF)
        .queries::<OfMerchant>()
        .gives::<DeliveryWire<'_>>(),
];

/// Whose notifications.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfMerchant {
    /// For staff, who must say it: whose notifications.
    merchant: Option<String>,
}

/// A merchant's notifications.
#[derive(Serialize, JsonSchema)]
struct DeliveryList<'a> {
    deliveries: Vec<DeliveryWire<'a>>,
}

/// A notification.
#[derive(Serialize, JsonSchema)]
struct DeliveryWire<'a> {
    /// The number that every attempt carries.
    notify_id: &'a str,
    /// The app whose order it is about.
    app: Option<Digits>,
    trade_no: &'a str,
    notify_url: &'a str,
    state: DeliveryStateWire,
    /// The exact bytes that are posted.
    payload: &'a str,
    attempts: Vec<AttemptWire<'a>>,
}

/// How a notification stands.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum DeliveryStateWire {
    /// It will be tried again.
    Waiting,
    /// The receiver has said that it has it.
    Taken,
    /// It was tried for the last time.
    GivenUp,
    /// It was sent because somebody asked for it, once.
    OnRequest,
}

/// One time that a notification was posted.
#[derive(Serialize, JsonSchema)]
struct AttemptWire<'a> {
    at: Instant,
    /// The HTTP status of the answer, if there was one.
    status: Option<u16>,
    /// The first bytes of the answer.
    answer: &'a str,
    /// Why it does not count as received; null if it does.
    failure: Option<&'a str>,
    /// Whether somebody asked for it.
    on_request: bool,
}

impl<'a> From<&'a Delivery> for DeliveryWire<'a> {
    fn from(delivery: &'a Delivery) -> Self {
        let attempt = |attempt: &'a DeliveryAttempt| AttemptWire {
            at: Instant(attempt.at_ns),
            status: attempt.status,
            answer: &attempt.answer,
            failure: attempt.failure.as_deref(),
            on_request: attempt.on_request,
        };
        Self {
            notify_id: &delivery.notify_id,
            app: delivery.app.map(Digits),
            trade_no: &delivery.trade_no,
            notify_url: &delivery.target,
            state: match delivery.state {
                DeliveryState::Waiting => DeliveryStateWire::Waiting,
                DeliveryState::Taken => DeliveryStateWire::Taken,
                DeliveryState::GivenUp => DeliveryStateWire::GivenUp,
                DeliveryState::OnRequest => DeliveryStateWire::OnRequest,
            },
            payload: &delivery.payload,
            attempts: delivery.attempts.iter().map(attempt).collect(),
        }
    }
}

/// Whose notifications: the merchant's own, or for staff those of a merchant of its cell.
fn merchant(asked: &Asked) -> Result<u64, Problem> {
    let wrong = || Problem::bad_field("merchant", "is a merchant's number of the caller's cell: 16 digits, 2088 first");
    let OfMerchant { merchant } = asked.query()?;
    let named = merchant.map(|text| party_number(&text).ok_or_else(wrong)).transpose()?;
    match asked.caller.role {
        Role::Operator => {
            named.filter(|number| sycee_party::cell_of(*number) == Some(asked.cell.number)).ok_or_else(wrong)
        }
        _ if named.is_some_and(|named| named != asked.caller.party) => Err(wrong()),
        _ => Ok(asked.caller.party),
    }
}

fn book(asked: &Asked) -> Result<&dyn Deliveries, Problem> {
    asked.desk.deliveries.as_deref().ok_or_else(|| Problem::not_found("this server notifies nobody"))
}

fn not_sent(why: NotSent) -> Problem {
    match why {
        NotSent::Unknown => Problem::not_found(
            "this server does not remember the notification (it keeps the last 50 of a merchant until it stops), or the \
             merchant has no such order; an order is told anew at /orders/{trade_no}/notify",
        ),
        NotSent::NothingToTell => Problem::nothing_to_tell(why.to_string()),
        NotSent::Busy => Problem::too_many_requests(1),
        NotSent::Failed(_) => Problem::internal("a notification cannot be written", &why),
    }
}

async fn list_deliveries(asked: Asked) -> Result<Response, Problem> {
    let deliveries = book(&asked)?.of_merchant(merchant(&asked)?);
    ok(&DeliveryList { deliveries: deliveries.iter().map(DeliveryWire::from).collect() })
}

async fn show_delivery(asked: Asked) -> Result<Response, Problem> {
    let found = book(&asked)?.one(merchant(&asked)?, asked.path("notify_id"));
    ok(&DeliveryWire::from(&found.ok_or_else(|| not_sent(NotSent::Unknown))?))
}

async fn replay_delivery(asked: Asked) -> Result<Response, Problem> {
    let sent = book(&asked)?.replay(merchant(&asked)?, asked.path("notify_id")).await;
    ok(&DeliveryWire::from(&sent.map_err(not_sent)?))
}

async fn notify_again(asked: Asked) -> Result<Response, Problem> {
    let sent = book(&asked)?.tell_again(merchant(&asked)?, asked.path("trade_no")).await;
    ok(&DeliveryWire::from(&sent.map_err(not_sent)?))
}
