//! Payment codes that a customer's phone keeps, to be shown while it is offline.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use minicbor::bytes::ByteArray;
use serde::{Deserialize, Serialize};
use sycee_acquiring::command::{ISSUE_OFFLINE_CODES, OfflineCodes};
use sycee_acquiring::reply::OfflineCodesReply;
use sycee_codes::numeric::encode_pay_code;
use sycee_contract::{Caller, Command};
use sycee_engine::vault::random;
use sycee_party::PartyKind;

use crate::desk::Desk;
use crate::json::{self, Body, MoneyJson};
use crate::problem::Problem;

/// More than any market pack allows; the pack's own number is the cell's to judge.
const COUNT_MAX: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfflineCodesBody {
    /// How many; 0 ends the batch before.
    count: usize,
}

#[derive(Serialize)]
struct OfflineCodesJson {
    auth_codes: Vec<String>,
    expires_at: String,
    /// The most that each pays.
    amount_limit: MoneyJson,
}

/// `POST /customers/{id}/offline-codes`. The digits are told once, here; only their digests are kept.
pub(crate) async fn issue(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    Body(body): Body<OfflineCodesBody>,
) -> Result<Response, Problem> {
    if body.count > COUNT_MAX {
        return Err(Problem::bad_field("count", &format!("is at most {COUNT_MAX}")));
    }
    let (cell, customer) = desk.party(&id, PartyKind::Customer)?;
    let (prefix, routing) = &desk.codebook.facts(desk.world(), cell)?.pay_code_prefix;
    let mut auth_codes = Vec::with_capacity(body.count);
    for _ in 0..body.count {
        let auth_code = encode_pay_code(prefix, routing, random()?)
            .map_err(|error| Problem::internal("the market's payment codes cannot be written", &error))?;
        auth_codes.push(auth_code);
    }
    let code_digests = auth_codes.iter().map(|digits| ByteArray::from(cell.code_digest(digits))).collect();
    let command = Command::new(ISSUE_OFFLINE_CODES, Caller::customer(customer), &OfflineCodes { code_digests });
    let reply: OfflineCodesReply = desk.reply(cell, command).await?;
    let expires_at = json::instant(reply.expires_at_ns);
    Ok(json::ok(&OfflineCodesJson { auth_codes, expires_at, amount_limit: MoneyJson(reply.amount_limit) }))
}
