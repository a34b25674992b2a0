//! What a cell and its peers owe each other, what is on its way, what is parked, and what waits.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Serialize;
use sycee_contract::link::{Link, Parked, RetryParked};
use sycee_contract::{Caller, Command, cell, decode};
use sycee_engine::ReadPoint;
use sycee_interop::clearing::{TALLY, Tally, clearing_account, suspense_account};
use sycee_interop::message::{Envelope, Stands};
use sycee_interop::record::{Outgoing, OutgoingState};
use sycee_money::{Currency, Money};
use sycee_party::PartyKind;

use crate::abroad::{all_payments, payments_of};
use crate::desk::Desk;
use crate::fx::{self, FxJson};
use crate::json::{self, MoneyJson};
use crate::problem::Problem;
use crate::windows::StreamJson;

impl Desk {
    /// The name of the cell of this number; the number where it is not of this server.
    pub fn cell_name(&self, number: u16) -> String {
        self.world().numbered(number).map_or_else(|| number.to_string(), |cell| cell.name.clone())
    }
}

#[derive(Serialize)]
struct ClearingJson {
    links: Vec<LinkJson>,
    balances: Vec<BalanceJson>,
    parked: Vec<ParkedJson>,
}

#[derive(Serialize)]
struct LinkJson {
    peer: String,
    version: Option<u16>,
    sent: u64,
    acknowledged: u64,
    received: u64,
    /// Messages that the peer has not acknowledged.
    in_flight: u64,
    parked: u64,
}

#[derive(Serialize)]
struct BalanceJson {
    peer: String,
    currency: &'static str,
    /// What the peer owes this cell; below zero, what this cell owes.
    balance_minor: i128,
    /// The same by the sums of the entries.
    tally_minor: i128,
    sent: StreamJson,
    received: StreamJson,
    /// What is booked with the peer and not understood: owed to nobody yet, above zero for what this cell owes.
    suspense_minor: i128,
}

#[derive(Serialize)]
struct ParkedJson {
    peer: String,
    sequence: u64,
    kind: u16,
    reason: String,
    parked_at: String,
    /// What the message makes owed, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    clearing: Option<MoneyJson>,
}

/// A peer and a currency, as the keys of tallies have them.
pub(crate) fn tallies(point: &ReadPoint) -> Result<Vec<(u16, Currency, Tally)>, Problem> {
    let mut list = Vec::new();
    for (key, bytes) in point.all_rows(TALLY)? {
        let small =
            |at: usize| -> Option<u16> { Some(u16::from_be_bytes(key.as_bytes().get(at..at + 2)?.try_into().ok()?)) };
        let (Some(peer), Some(currency)) = (small(2), small(4).and_then(Currency::from_numeric)) else {
            return Err(Problem::internal("a tally has a key that is none", &format!("{key:?}")));
        };
        list.push((peer, currency, decode(&bytes, "tally")?));
    }
    Ok(list)
}

/// `GET /cells/{cell}/clearing`.
pub(crate) async fn clearing(State(desk): State<Arc<Desk>>, Path(name): Path<String>) -> Result<Response, Problem> {
    let point = desk.cell(&name)?.port.begin_read();
    let mut links = Vec::new();
    for (_, bytes) in point.all_rows(cell::LINK)? {
        let link: Link = decode(&bytes, "link")?;
        links.push(LinkJson {
            peer: desk.cell_name(link.peer),
            version: link.version,
            sent: link.sent,
            acknowledged: link.acknowledged,
            received: link.received,
            in_flight: link.backlog(),
            parked: link.parked,
        });
    }
    let mut balances = Vec::new();
    for (peer, currency, tally) in tallies(&point)? {
        let balance = |account| -> Result<i128, Problem> {
            Ok(point.account(account)?.map_or(0, |account| account.balance_minor()))
        };
        balances.push(BalanceJson {
            peer: desk.cell_name(peer),
            currency: currency.code(),
            balance_minor: balance(clearing_account(peer, currency).id())?,
            tally_minor: tally.owed_to_us_minor(),
            sent: tally.sent.into(),
            received: tally.received.into(),
            suspense_minor: balance(suspense_account(peer, currency).id())?,
        });
    }
    let mut parked = Vec::new();
    for (_, bytes) in point.all_rows(cell::PARKED)? {
        let Parked { incoming, reason, parked_at_ns } = decode(&bytes, "parked")?;
        let envelope = decode::<Envelope>(&incoming.message.body, "envelope").ok();
        parked.push(ParkedJson {
            peer: desk.cell_name(incoming.peer),
            sequence: incoming.sequence,
            kind: incoming.message.kind,
            reason,
            parked_at: json::instant(parked_at_ns),
            clearing: envelope.and_then(|envelope| envelope.clearing).map(|clearing| MoneyJson(clearing.money)),
        });
    }
    Ok(json::ok(&ClearingJson { links, balances, parked }))
}

#[derive(Serialize)]
struct Retried {
    applied: bool,
}

/// `POST /cells/{cell}/parked/{peer}/{sequence}/retry`. The peer is named as in the list of what is parked.
pub(crate) async fn retry(
    State(desk): State<Arc<Desk>>,
    Path((name, peer, sequence)): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    let cell = desk.cell(&name)?;
    let sequence = sequence.parse().map_err(|_| Problem::no_such_path())?;
    let number = match peer.parse() {
        Ok(number) => number,
        Err(_) => desk.cell(&peer)?.number,
    };
    let body = RetryParked { peer: number, sequence };
    desk.done(cell, Command::new(cell::RETRY_PARKED, Caller::OPERATOR, &body)).await?;
    Ok(json::ok(&Retried { applied: true }))
}

#[derive(Serialize)]
struct OutgoingJson {
    /// This cell's number of the payment.
    payment: String,
    /// The shop's trade number, once it is paid; none for money sent to a customer.
    payment_id: Option<String>,
    /// The merchant's own number of a transfer.
    #[serde(skip_serializing_if = "Option::is_none")]
    out_biz_no: Option<String>,
    payer_id: String,
    /// The payee's cell.
    cell: String,
    status: &'static str,
    /// The price, or what a customer who is sent money gets; in the payee's currency, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    order_amount: Option<MoneyJson>,
    paid_amount: MoneyJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    fee_amount: Option<MoneyJson>,
    /// How much of the order was refunded, in the shop's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    refunded_amount: Option<MoneyJson>,
    /// How much of it came back, in the payer's currency.
    returned_amount: MoneyJson,
    held_at: String,
    ended_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fx: Option<FxJson>,
    /// Why it was refused: the refusal's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<&'static str>,
    /// How often the network was asked about it.
    asked: u32,
    /// What the network said last.
    #[serde(skip_serializing_if = "Option::is_none")]
    standing: Option<&'static str>,
    /// Whether the network was asked often enough: people must look.
    waits_for_people: bool,
}

fn outgoing_json(desk: &Desk, payment: &Outgoing) -> OutgoingJson {
    let in_payee = |amount| {
        let quote = payment.quote.as_ref()?;
        Some(MoneyJson(Money::new(amount, quote.split.payee.currency)))
    };
    let refusal = match &payment.state {
        OutgoingState::Refused { refusal } => desk.world().products.refusal(refusal.code).map(|known| known.name),
        _ => None,
    };
    OutgoingJson {
        payment: payment.id.to_string(),
        payment_id: payment.trade_no(),
        out_biz_no: payment.out_biz_no.clone(),
        payer_id: json::party(payment.payer),
        cell: desk.cell_name(payment.destination),
        status: match payment.state {
            OutgoingState::Held => "processing",
            OutgoingState::Done => "paid",
            OutgoingState::Refused { .. } => "refused",
            OutgoingState::Released => "released",
        },
        order_amount: payment.quote.as_ref().map(|quote| MoneyJson(quote.split.payee)),
        paid_amount: MoneyJson(payment.total),
        fee_amount: payment.quote.as_ref().and_then(fx::fee),
        refunded_amount: in_payee(payment.refunded),
        returned_amount: MoneyJson(Money::new(payment.returned, payment.total.currency)),
        held_at: json::instant(payment.held_at_ns),
        ended_at: payment.ended_at_ns.map(json::instant),
        fx: payment.quote.as_ref().map(FxJson::of),
        refusal,
        asked: payment.asked,
        standing: payment.standing.map(|stands| match stands {
            Stands::Unknown => "unknown",
            Stands::Forwarded => "forwarded",
            Stands::Done => "done",
            Stands::Refused => "refused",
        }),
        waits_for_people: payment.waits_for_people(),
    }
}

/// `GET /customers/{id}/payments`: the customer's payments to other cells, the first one first.
pub(crate) async fn of_customer(State(desk): State<Arc<Desk>>, Path(id): Path<String>) -> Result<Response, Problem> {
    payments(&desk, &id, PartyKind::Customer)
}

/// `GET /merchants/{id}/payments`: what the merchant has sent to customers of other cells, the first one first.
pub(crate) async fn of_merchant(State(desk): State<Arc<Desk>>, Path(id): Path<String>) -> Result<Response, Problem> {
    payments(&desk, &id, PartyKind::Merchant)
}

fn payments(desk: &Desk, id: &str, kind: PartyKind) -> Result<Response, Problem> {
    let (cell, party) = desk.existing(id, kind)?;
    let list = payments_of(cell, party.number)?;
    Ok(json::ok(&list.iter().map(|payment| outgoing_json(desk, payment)).collect::<Vec<_>>()))
}

/// `GET /cells/{cell}/waiting`: payments for which money is held, because no final answer has come.
pub(crate) async fn waiting(State(desk): State<Arc<Desk>>, Path(name): Path<String>) -> Result<Response, Problem> {
    let list = all_payments(desk.cell(&name)?)?;
    let held = list.iter().filter(|payment| payment.state == OutgoingState::Held);
    Ok(json::ok(&held.map(|payment| outgoing_json(&desk, payment)).collect::<Vec<_>>()))
}
