//! Money between customers: sending, asking for it, answering.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use sycee_contract::{Caller, Command};
use sycee_engine::CellHandle;
use sycee_engine::vault::Handle;
use sycee_party::{ContactOwner, Party, PartyKind};
use sycee_wallet::command::{DeclineRequest, MoneyRequested, PayRequest, Payee, RequestMoney, Send, Sent};
use sycee_wallet::{DECLINE_REQUEST, PAY_REQUEST, REQUEST_MONEY, SEND};

use crate::customers::{contact, phone};
use crate::desk::{Desk, key, party_number};
use crate::json::{self, Body, MoneyJson};
use crate::problem::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendBody {
    /// A customer's id or phone number.
    to: String,
    amount: MoneyJson,
    confirm: Option<bool>,
}

#[derive(Serialize)]
struct SentJson {
    /// The transfer's id; `null` until it is confirmed.
    payment_id: Option<String>,
    status: &'static str,
    payee_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    payee_name: Option<String>,
    amount: MoneyJson,
}

/// `POST /customers/{id}/send`.
pub(crate) async fn send(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(body): Body<SendBody>,
) -> Result<Response, Problem> {
    let (cell, sender) = desk.existing(&id, PartyKind::Customer)?;
    let payee = other(cell, &body.to)?;
    let MoneyJson(money) = body.amount;
    if body.confirm == Some(true) {
        let command = Command::new(SEND, Caller::customer(sender.number), &Send { payee, money });
        let sent: Sent = desk.reply(cell, command.with_id(&key(&headers)?)).await?;
        return Ok(json::ok(&SentJson {
            payment_id: Some(sent.transfer.to_string()),
            status: "paid",
            payee_id: json::party(sent.payee),
            payee_name: None,
            amount: MoneyJson(sent.money),
        }));
    }
    let payee = find(cell, payee)?;
    Ok(json::ok(&SentJson {
        payment_id: None,
        status: "quoted",
        payee_id: json::party(payee.number),
        payee_name: cell.vault.person(Handle(payee.person))?.map(|person| person.name),
        amount: body.amount,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestBody {
    /// A customer's id or phone number.
    from: String,
    amount: MoneyJson,
}

#[derive(Serialize)]
struct Requested {
    request_id: String,
    expires_at: String,
}

/// `POST /customers/{id}/request-money`.
pub(crate) async fn request_money(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(body): Body<RequestBody>,
) -> Result<Response, Problem> {
    let (cell, asker) = desk.existing(&id, PartyKind::Customer)?;
    let request = RequestMoney { payer: other(cell, &body.from)?, money: body.amount.0 };
    let command = Command::new(REQUEST_MONEY, Caller::customer(asker.number), &request).with_id(&key(&headers)?);
    let MoneyRequested { request, expires_at_ns } = desk.reply(cell, command).await?;
    Ok(json::ok(&Requested { request_id: request.to_string(), expires_at: json::instant(expires_at_ns) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerBody {
    request_id: String,
    pay: bool,
}

#[derive(Serialize)]
struct Answered {
    payment_id: Option<String>,
    status: &'static str,
}

/// `POST /customers/{id}/answer-request`.
pub(crate) async fn answer_request(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(body): Body<AnswerBody>,
) -> Result<Response, Problem> {
    let (cell, payer) = desk.existing(&id, PartyKind::Customer)?;
    let request = body.request_id.parse().map_err(|_| Problem::bad_field("request_id", "is a number as text"))?;
    let caller = Caller::customer(payer.number);
    let key = key(&headers)?;
    if body.pay {
        let command = Command::new(PAY_REQUEST, caller, &PayRequest { request }).with_id(&key);
        let sent: Sent = desk.reply(cell, command).await?;
        return Ok(json::ok(&Answered { payment_id: Some(sent.transfer.to_string()), status: "paid" }));
    }
    desk.done(cell, Command::new(DECLINE_REQUEST, caller, &DeclineRequest { request }).with_id(&key)).await?;
    Ok(json::ok(&Answered { payment_id: None, status: "declined" }))
}

/// The other customer, by id or phone number, in the same cell.
fn other(cell: &CellHandle, text: &str) -> Result<Payee, Problem> {
    if let Some(number) = party_number(text) {
        if sycee_party::cell_of(number) != Some(cell.number) {
            return Err(Problem::not_offered_abroad());
        }
        return Ok(Payee::Party(number));
    }
    let phone = phone(text).map_err(|_| Problem::bad_field("the other customer", "is named by id or phone number"))?;
    Ok(Payee::Contact(contact(cell, &phone)))
}

/// The payee's row.
fn find(cell: &CellHandle, payee: Payee) -> Result<Party, Problem> {
    let point = cell.port.begin_read();
    let number = match payee {
        Payee::Party(number) => Some(number),
        Payee::Contact(digest) => point.get::<ContactOwner>(&ContactOwner::key(digest))?.map(|owner| owner.party),
    };
    let party: Option<Party> = number.map(|number| point.get(&Party::key(number))).transpose()?.flatten();
    party.filter(|party| party.kind == PartyKind::Customer).ok_or_else(|| {
        let title = "Nobody with that number or contact is in this cell; nothing moved.";
        Problem::not_found("payee_not_found", title, "no customer has this id or phone number")
    })
}
