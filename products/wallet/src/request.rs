//! The rules of money requests.

use alloc::format;
use alloc::vec::Vec;

use sycee_contract::{Command, Deciding, Event, MarketPack, Refusal, Stop, cell, encode};
use sycee_ledger::LedgerRefusal;
use sycee_party::{ContactOwner, Party};

use crate::command::{DeclineRequest, MoneyRequested, PayRequest, Payee, RequestMoney};
use crate::decide::{check_held, pay, payee, payer};
use crate::event::{EVENT_MONEY_REQUEST_DECLINED, EVENT_MONEY_REQUESTED, MoneyAsked};
use crate::refusal::{NOT_YOUR_REQUEST, PAYEE_IS_PAYER, REQUEST_ENDED, REQUEST_NOT_FOUND};
use crate::{MoneyRequest, MoneyRequestState, RequestOfCustomer};

pub(crate) fn request_money(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    cell::require_id(command)?;
    let body: RequestMoney = cell::body(command)?;
    let to = command.caller.party;
    deciding.want(&[Party::key(to), MarketPack::key()]);
    match body.payer {
        Payee::Party(number) => deciding.want(&[Party::key(number)]),
        Payee::Contact(digest) => deciding.want(&[ContactOwner::key(digest)]),
    }
    deciding.ready()?;
    payee(deciding, Payee::Party(to))?;
    let from = payer(deciding, body.payer)?.number;
    if from == to {
        return Err(Refusal::new(PAYEE_IS_PAYER, "the caller asks itself").into());
    }
    check_held(deciding, body.money.currency)?;
    if body.money.amount.is_zero() {
        return Err(LedgerRefusal::AmountZero.into());
    }
    let id = deciding.new_id()?;
    let stamp = *deciding.stamp();
    let expires_at_ns = stamp.after_seconds(MoneyRequest::LIFETIME_SECONDS);
    let request = MoneyRequest {
        id,
        from,
        to,
        money: body.money,
        state: MoneyRequestState::Open,
        created_at_ns: stamp.time_ns,
        expires_at_ns,
    };
    deciding.put(MoneyRequest::key(id), &request);
    for (customer, is_payer) in [(from, true), (to, false)] {
        deciding.put(RequestOfCustomer::key(customer, id), &RequestOfCustomer { is_payer });
    }
    emit(deciding, EVENT_MONEY_REQUESTED, &request);
    Ok(encode(&MoneyRequested { request: id, expires_at_ns }))
}

pub(crate) fn pay_request(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let body: PayRequest = cell::body(command)?;
    let request = answerable(command, body.request, deciding)?;
    let reply = pay(deciding, request.from, request.to, request.money, Some(request.id))?;
    deciding.put(MoneyRequest::key(request.id), &MoneyRequest { state: MoneyRequestState::Paid, ..request });
    Ok(reply)
}

pub(crate) fn decline_request(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let body: DeclineRequest = cell::body(command)?;
    let request = answerable(command, body.request, deciding)?;
    emit(deciding, EVENT_MONEY_REQUEST_DECLINED, &request);
    deciding.put(MoneyRequest::key(request.id), &MoneyRequest { state: MoneyRequestState::Declined, ..request });
    Ok(Vec::new())
}

fn emit(deciding: &mut Deciding<'_>, kind: u16, request: &MoneyRequest) {
    let asked = MoneyAsked {
        request: request.id,
        payer: request.from,
        payee: request.to,
        money: request.money,
        expires_at_ns: request.expires_at_ns,
    };
    deciding.emit(Event { kind, body: encode(&asked) });
}

/// The request, if the caller is who was asked and it can still be answered.
fn answerable(command: &Command, id: u64, deciding: &mut Deciding<'_>) -> Result<MoneyRequest, Stop> {
    let request: Option<MoneyRequest> = deciding.get(&MoneyRequest::key(id))?;
    let request = request.ok_or_else(|| Refusal::new(REQUEST_NOT_FOUND, format!("money request {id}")))?;
    if request.from != command.caller.party {
        return Err(Refusal::new(NOT_YOUR_REQUEST, format!("money request {id} asks another customer")).into());
    }
    if !request.is_open(deciding.stamp().time_ns) {
        let why = match request.state {
            MoneyRequestState::Open => "its time is over",
            MoneyRequestState::Paid => "it was paid",
            MoneyRequestState::Declined => "it was declined",
        };
        return Err(Refusal::new(REQUEST_ENDED, format!("money request {id}: {why}")).into());
    }
    Ok(request)
}
