//! Freezing parties, and ending it: for tests of what frozen parties can still do.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Serialize;
use sycee_contract::{Caller, Command};
use sycee_party::command::{Freeze, Unfreeze};
use sycee_party::{FREEZE, PartyKind, UNFREEZE};

use crate::desk::Desk;
use crate::json;
use crate::problem::Problem;

/// The reason that a sandbox gives.
const REASON_CODE: u16 = 1;

#[derive(Serialize)]
struct Frozen {
    frozen: bool,
}

async fn set(desk: &Desk, id: &str, kind: PartyKind, frozen: bool) -> Result<Response, Problem> {
    let (cell, party) = desk.existing(id, kind)?;
    let party = party.number;
    let command = if frozen {
        Command::new(FREEZE, Caller::OPERATOR, &Freeze { party, reason_code: REASON_CODE })
    } else {
        Command::new(UNFREEZE, Caller::OPERATOR, &Unfreeze { party })
    };
    desk.done(cell, command).await?;
    Ok(json::ok(&Frozen { frozen }))
}

/// `POST /customers/{id}/freeze`.
pub(crate) async fn freeze_customer(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    set(&desk, &id, PartyKind::Customer, true).await
}

/// `POST /customers/{id}/unfreeze`.
pub(crate) async fn unfreeze_customer(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    set(&desk, &id, PartyKind::Customer, false).await
}

/// `POST /merchants/{id}/freeze`.
pub(crate) async fn freeze_merchant(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    set(&desk, &id, PartyKind::Merchant, true).await
}

/// `POST /merchants/{id}/unfreeze`.
pub(crate) async fn unfreeze_merchant(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    set(&desk, &id, PartyKind::Merchant, false).await
}
