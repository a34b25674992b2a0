//! Money that one customer asks of another.

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_wallet::command::{DeclineRequest, MoneyRequested, PayRequest, RequestMoney, Sent};
use sycee_wallet::{DECLINE_REQUEST, MoneyRequest, PAY_REQUEST, REQUEST_MONEY};

use super::Operation;
use super::customer::{SentWire, other_customer};
use crate::desk::{Asked, answer};
use crate::problem::Problem;
use crate::wire::{Digits, Instant, MoneyWire, digits};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::post("request_money", "/money-requests", |asked| Box::pin(request_money(asked)))
        .says("Asks another customer of the same cell for money.")
        .asks(REQUEST_MONEY)
        .takes::<RequestBody>()
        .gives::<Requested>(),
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
