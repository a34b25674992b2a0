//! What merchants were told: seen and sent again.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use sycee_engine::deliveries::{Deliveries, Delivery, DeliveryAttempt, DeliveryState, NotSent};
use sycee_party::PartyKind;

use crate::desk::Desk;
use crate::json;
use crate::problem::Problem;

#[derive(Serialize)]
struct List<'a> {
    deliveries: Vec<DeliveryJson<'a>>,
}

#[derive(Serialize)]
struct DeliveryJson<'a> {
    notify_id: &'a str,
    app_id: Option<String>,
    trade_no: &'a str,
    notify_url: &'a str,
    state: &'static str,
    payload: &'a str,
    attempts: Vec<AttemptJson<'a>>,
}

#[derive(Serialize)]
struct AttemptJson<'a> {
    at: String,
    status: Option<u16>,
    answer: &'a str,
    failure: Option<&'a str>,
    on_request: bool,
}

impl<'a> From<&'a Delivery> for DeliveryJson<'a> {
    fn from(delivery: &'a Delivery) -> Self {
        let attempt = |attempt: &'a DeliveryAttempt| AttemptJson {
            at: json::instant(attempt.at_ns),
            status: attempt.status,
            answer: &attempt.answer,
            failure: attempt.failure.as_deref(),
            on_request: attempt.on_request,
        };
        Self {
            notify_id: &delivery.notify_id,
            app_id: delivery.app.map(|app| app.to_string()),
            trade_no: &delivery.trade_no,
            notify_url: &delivery.target,
            state: match delivery.state {
                DeliveryState::Waiting => "waiting",
                DeliveryState::Taken => "taken",
                DeliveryState::GivenUp => "given_up",
                DeliveryState::OnRequest => "on_request",
            },
            payload: &delivery.payload,
            attempts: delivery.attempts.iter().map(attempt).collect(),
        }
    }
}

/// `GET /merchants/{id}/deliveries`.
pub(crate) async fn list(State(desk): State<Arc<Desk>>, Path(id): Path<String>) -> Result<Response, Problem> {
    let (_, party) = desk.existing(&id, PartyKind::Merchant)?;
    let deliveries = book(&desk)?.of_merchant(party.number);
    Ok(json::ok(&List { deliveries: deliveries.iter().map(DeliveryJson::from).collect() }))
}

/// `POST /merchants/{id}/deliveries/{notify_id}/replay`.
pub(crate) async fn replay(
    State(desk): State<Arc<Desk>>,
    Path((id, notify_id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (_, party) = desk.existing(&id, PartyKind::Merchant)?;
    let sent = book(&desk)?.replay(party.number, &notify_id).await.map_err(not_sent)?;
    Ok(json::ok(&DeliveryJson::from(&sent)))
}

/// `POST /merchants/{id}/trades/{trade_no}/notify`.
pub(crate) async fn tell_again(
    State(desk): State<Arc<Desk>>,
    Path((id, trade_no)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (_, party) = desk.existing(&id, PartyKind::Merchant)?;
    let sent = book(&desk)?.tell_again(party.number, &trade_no).await.map_err(not_sent)?;
    Ok(json::ok(&DeliveryJson::from(&sent)))
}

fn book(desk: &Desk) -> Result<&dyn Deliveries, Problem> {
    desk.sandbox.deliveries.as_deref().ok_or_else(Problem::no_such_path)
}

fn not_sent(why: NotSent) -> Problem {
    let title = "Nothing was sent.";
    match why {
        NotSent::Unknown => {
            let detail = "this server does not remember the notice (it keeps the last fifty of a merchant until it stops), or \
                          the merchant has no such trade; a trade is told anew at /merchants/{id}/trades/{trade_no}/notify";
            Problem::not_found("delivery_not_found", title, detail)
        }
        NotSent::NothingToTell => {
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "nothing_to_tell", title, why.to_string())
        }
        NotSent::Busy => Problem::new(StatusCode::TOO_MANY_REQUESTS, "busy", title, why.to_string()),
        NotSent::Failed(_) => Problem::internal("a notice cannot be written", &why),
    }
}
