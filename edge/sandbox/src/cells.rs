//! The cells of this server.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use sycee_contract::MarketRole;

use crate::desk::Desk;
use crate::json;
use crate::problem::Problem;

#[derive(Serialize)]
struct CellJson<'a> {
    cell: &'a str,
    market: String,
    roles: Vec<&'static str>,
    currency: &'static str,
}

/// A role as this API writes it.
pub(crate) fn role_name(role: MarketRole) -> &'static str {
    match role {
        MarketRole::Wallet => "wallet",
        MarketRole::Acquirer => "acquirer",
        MarketRole::Network => "network",
    }
}

/// `GET /cells`.
pub(crate) async fn list(State(desk): State<Arc<Desk>>) -> Result<Response, Problem> {
    let mut cells = Vec::new();
    for cell in &desk.world().cells {
        let market = cell.market()?;
        cells.push(CellJson {
            cell: &cell.name,
            roles: market.roles.iter().map(|role| role_name(*role)).collect(),
            market: market.market,
            currency: market.currency.code(),
        });
    }
    Ok(json::ok(&cells))
}
