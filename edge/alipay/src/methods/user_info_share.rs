//! `alipay.user.info.share`: what a customer has let an app know.

use sycee_engine::vault::{Handle, Scope};
use sycee_party::Party;

use super::Call;
use crate::codes::{GatewayCode, gateway};
use crate::oauth::grants::customer;
use crate::state::unreadable;
use crate::wire::failure::Failure;
use crate::wire::response::Node;

pub(super) const METHOD: &str = "alipay.user.info.share";

pub(super) async fn answer(call: &Call<'_>) -> Result<Node, Failure> {
    let text = call.request.auth_token.ok_or(Failure::new(gateway::INVALID_AUTH_TOKEN))?;
    let (cell, number, scope) = customer(call.alipay, call.app, text)?;
    if scope < Scope::Profile {
        return Err(Failure::new(gateway::INSUFFICIENT_USER_PERMISSIONS));
    }
    let party = cell.port.get::<Party>(&Party::key(number)).map_err(unreadable)?;
    let person = party.map(|party| cell.vault.person(Handle(party.person))).transpose().map_err(unreadable)?;
    Ok(Node::with_outcome(GatewayCode::Success)
        .with("user_id", number.to_string())
        .with_optional("nick_name", person.flatten().map(|person| person.name)))
}
