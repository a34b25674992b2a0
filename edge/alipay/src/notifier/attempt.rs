//! One attempt: post the notice, hear the answer, tell the cell how it ended.

use std::sync::Arc;

use sycee_acquiring::reply::Notice;
use sycee_contract::{Caller, Command, EffectState, cell, decode};
use sycee_engine::CellHandle;
use sycee_engine::deliveries::{DeliveryAttempt, DeliveryState};
use sycee_engine::outbound::FaultMode;
use tracing::{debug, error};

use super::delivery::{Answer, Undelivered};
use super::lanes::Outcome;
use super::notice::{form, notify_id};
use super::on_request::delivery;
use super::schedule::{Due, Next};
use super::{HANGS_AFTER, Inner};

/// The name under which a tester breaks notices.
const FAULT_EFFECT: &str = "notification";

/// How much of an answer is kept for whoever looks at the deliveries, bytes.
const ANSWER_SHOWN_BYTES: usize = 256;

/// Does what is due about a notice, and notes in the schedule what comes next. In a task of its own: should it break off, that
/// was a failed attempt.
pub(super) async fn make(inner: &Arc<Inner>, due: Due) {
    let (id, began_at_ns) = (due.id, inner.world.clock.now_ns());
    let mut task = {
        let inner = Arc::clone(inner);
        tokio::spawn(async move { carry_out(&inner, &due).await })
    };
    let made = tokio::select! {
        made = &mut task => made,
        () = tokio::time::sleep(HANGS_AFTER) => {
            inner.schedule().hangs(id);
            inner.moved.notify_waiters();
            (&mut task).await
        }
    };
    if let Err(panicked) = made {
        error!("an attempt at a notice broke off: {panicked}");
        inner.schedule().posted(id, Outcome::Unreachable);
        if inner.schedule().attempt_failed(id, began_at_ns) {
            inner.schedule().ended(id);
        }
    }
}

async fn carry_out(inner: &Arc<Inner>, due: &Due) {
    let Some(cell) = inner.world.numbered(due.id.cell) else {
        inner.schedule().posted(due.id, Outcome::Unreachable);
        inner.schedule().ended(due.id);
        return;
    };
    let ended = match &due.next {
        Next::Report(state, detail) => Some((*state, detail.clone())),
        Next::Attempt => attempt(inner, cell, due).await,
    };
    if let Some((state, detail)) = ended {
        report(inner, cell, due, state, detail).await;
    }
}

/// Posts; gives back how the notice ended, or `None` when there will be another attempt.
async fn attempt(inner: &Arc<Inner>, cell: &Arc<CellHandle>, due: &Due) -> Option<(EffectState, String)> {
    let began_at_ns = inner.world.clock.now_ns();
    let form = match &due.form {
        Some(form) => Arc::clone(form),
        None => match write(inner, cell, due).await {
            Ok(form) => {
                inner.schedule().keep_form(due.id, &form);
                form
            }
            Err(why) => {
                error!(cell = cell.name, "a notice cannot be written: {why}");
                inner.schedule().posted(due.id, Outcome::Unreachable);
                return fail(inner, due, began_at_ns, &why);
            }
        },
    };
    let exchanged = post(inner, cell, &due.record.effect.target, &form).await;
    let posted = exchanged.as_ref().map_err(Clone::clone).and_then(Answer::acknowledged);
    inner.schedule().posted(due.id, outcome(&posted));
    // There is room for another, while the cell is told of this one.
    inner.moved.notify_waiters();
    let merchant = note(inner, due, &form, seen(&exchanged, began_at_ns, false));
    match posted {
        Ok(()) => Some((EffectState::Settled, String::from("success"))),
        Err(why) => {
            debug!(cell = cell.name, "a notice was not taken: {why}");
            let ended = fail(inner, due, began_at_ns, &why.to_string());
            if let (Some(_), Some(merchant)) = (&ended, merchant) {
                let number = notify_id(due.id.cell, due.id.effect);
                inner.told().stands(merchant, &number, DeliveryState::GivenUp);
            }
            ended
        }
    }
}

/// Writes and signs a notice. A signature takes longer than all the rest, so it is made where it delays nobody's request, and on no
/// more threads than there are cores.
async fn write(inner: &Arc<Inner>, cell: &Arc<CellHandle>, due: &Due) -> Result<Arc<str>, String> {
    let _turn = inner.signing.acquire().await.map_err(|error| error.to_string())?;
    let (inner, cell) = (Arc::clone(inner), Arc::clone(cell));
    let (effect, record) = (due.id.effect, Arc::clone(&due.record));
    let written = tokio::task::spawn_blocking(move || form(&inner.gateway_key, &cell, effect, &record));
    written.await.map_err(|error| error.to_string())?.map(Into::into)
}

/// Keeps an attempt for whoever looks at the deliveries, and gives back whose notice it is.
fn note(inner: &Inner, due: &Due, form: &Arc<str>, attempt: DeliveryAttempt) -> Option<u64> {
    let Notice { order, .. } = decode(&due.record.effect.body, "notice").ok()?;
    let state = if attempt.failure.is_none() { DeliveryState::Taken } else { DeliveryState::Waiting };
    let told = delivery(&order, due.id, &due.record.effect.target, form, state);
    inner.told().note(order.merchant, told, attempt);
    Some(order.merchant)
}

/// An exchange as it is shown.
pub(super) fn seen(exchanged: &Result<Answer, Undelivered>, at_ns: u64, on_request: bool) -> DeliveryAttempt {
    let failure = exchanged.as_ref().map_err(Clone::clone).and_then(Answer::acknowledged).err();
    let answer = exchanged.as_ref().ok();
    DeliveryAttempt {
        at_ns,
        status: answer.map(Answer::status),
        answer: answer.map(|answer| answer.beginning(ANSWER_SHOWN_BYTES)).unwrap_or_default(),
        failure: failure.map(|why| why.to_string()),
        on_request,
    }
}

/// What it says of the receiver.
fn outcome(posted: &Result<(), Undelivered>) -> Outcome {
    match posted {
        Ok(()) | Err(Undelivered::Status(_) | Undelivered::NotSuccess) => Outcome::Answered,
        Err(Undelivered::Timeout) => Outcome::Silent,
        Err(_) => Outcome::Unreachable,
    }
}

fn fail(inner: &Inner, due: &Due, began_at_ns: u64, why: &str) -> Option<(EffectState, String)> {
    let was_last = inner.schedule().attempt_failed(due.id, began_at_ns);
    was_last.then(|| (EffectState::Failed, format!("not taken in 8 attempts, at last: {why}")))
}

/// Posts once, or as a tester has it. A delayed notice arrives with the next attempt.
async fn post(inner: &Inner, cell: &CellHandle, target: &str, form: &str) -> Result<Answer, Undelivered> {
    let courier = &inner.courier;
    match inner.world.faults.take(&cell.name, FAULT_EFFECT) {
        None => courier.post(target, form).await,
        Some(FaultMode::Lose | FaultMode::Delay) => Err(Undelivered::Fault),
        Some(FaultMode::Double) => {
            let first = courier.post(target, form).await;
            let second = courier.post(target, form).await;
            let is_taken = first.as_ref().is_ok_and(|answer| answer.acknowledged().is_ok());
            if is_taken { first } else { second }
        }
        Some(FaultMode::TimeoutAfterDoing) => {
            // The receiver has it; its answer is what gets lost.
            let _lost = courier.post(target, form).await;
            Err(Undelivered::Fault)
        }
    }
}

async fn report(inner: &Inner, cell: &CellHandle, due: &Due, state: EffectState, detail: String) {
    let result = cell::EffectResult { effect: due.id.effect, state, detail };
    let command = Command::new(cell::EFFECT_RESULT, Caller::SYSTEM, &result);
    match cell.port.ask(command).await {
        // A refusal says that the effect has ended already.
        Ok(_) => inner.schedule().ended(due.id),
        Err(_) => {
            let now_ns = inner.world.clock.now_ns();
            inner.schedule().report_later(due.id, state, result.detail, now_ns);
        }
    }
}
