//! What customers and merchants have.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Serialize;
use sycee_ledger::AccountKind;
use sycee_party::PartyKind;

use crate::desk::Desk;
use crate::json;
use crate::problem::Problem;

#[derive(Serialize)]
struct Balance {
    currency: &'static str,
    /// What is free: booked and not held.
    minor: i128,
    /// What is held beside it.
    held_minor: u64,
}

/// `GET /customers/{id}/balances`.
pub(crate) async fn of_customer(State(desk): State<Arc<Desk>>, Path(id): Path<String>) -> Result<Response, Problem> {
    balances(&desk, &id, PartyKind::Customer, &sycee_wallet::BALANCE)
}

/// `GET /merchants/{id}/balances`.
pub(crate) async fn of_merchant(State(desk): State<Arc<Desk>>, Path(id): Path<String>) -> Result<Response, Problem> {
    balances(&desk, &id, PartyKind::Merchant, &sycee_acquiring::MERCHANT_BALANCE)
}

/// The market's currency always; others once the party has an account in them.
fn balances(desk: &Desk, id: &str, owner: PartyKind, kind: &AccountKind) -> Result<Response, Problem> {
    let (cell, party) = desk.existing(id, owner)?;
    let market = cell.market()?;
    let point = cell.port.begin_read();
    let mut balances = Vec::new();
    for currency in std::iter::once(market.currency).chain(market.other_currencies) {
        let account = point.account(kind.of(party.number, currency))?;
        if account.is_none() && currency != market.currency {
            continue;
        }
        let (minor, held_minor) = account.map_or((0, 0), |account| (account.available_minor(), account.held_minor()));
        balances.push(Balance { currency: currency.code(), minor, held_minor });
    }
    Ok(json::ok(&balances))
}
