//! Who somebody is, before they are paid or asked for money.

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_contract::{Refusal, Role};
use sycee_engine::CellHandle;
use sycee_engine::allowance::Allowance;
use sycee_engine::vault::Handle;
use sycee_party::{ContactOwner, Party, PartyKind};
use sycee_wallet::command::Payee as Named;
use sycee_wallet::{PAYEE_IS_PAYER, PAYEE_NOT_CUSTOMER, PAYEE_NOT_FOUND, SEND};

use super::Operation;
use super::customer::other_customer;
use crate::desk::{Asked, ok};
use crate::problem::Problem;
use crate::wire::Digits;

pub(super) const OPERATIONS: &[Operation] = &[Operation::post("find_payee", "/payees", |asked| Box::pin(find(asked)))
    .says(
        "Who another customer of the same cell is, by number or phone number: asked before money is sent or asked for.",
    )
    .for_roles(&[Role::Customer])
    .refuses_as(SEND)
    .takes::<PayeeBody>()
    .gives::<PayeeWire>()];

/// How often a customer may look for others: plenty for people, too little to try phone numbers one after the other.
const LOOKUPS: Allowance = Allowance::per_minute(10, 20);

/// Somebody who is looked for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PayeeBody {
    /// The other customer: the party's number (16 digits), or a phone number.
    payee: String,
}

/// Another customer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Payee")]
struct PayeeWire {
    /// By which they are paid or asked.
    party: Digits,
    /// The first word of their name, and of the others what they begin with: `Anna R***`. Null if the name was erased.
    name: Option<String>,
}

/// The name of a party as other parties see it: a shop's as it is, a person's with most of it hidden.
pub(super) fn shown_name(cell: &CellHandle, party: &Party) -> Result<Option<String>, Problem> {
    let person = cell.vault.person(Handle(party.person))?;
    Ok(match party.kind {
        PartyKind::Merchant => person.map(|person| person.name),
        PartyKind::Customer => person.map(|person| person.hidden_name()),
        PartyKind::Staff | PartyKind::Member => None,
    })
}

async fn find(asked: Asked) -> Result<Response, Problem> {
    let PayeeBody { payee } = asked.body()?;
    let taken = asked.desk.lookups.take(asked.caller.party, LOOKUPS);
    if !taken.allowed {
        return Err(Problem::too_many_requests(taken.seconds));
    }
    let refused = |code, detail: &str| Problem::refusal(&asked.desk.world.products, Refusal::new(code, detail));
    let port = &asked.cell.port;
    let number = match other_customer(&asked.cell, "payee", &payee)? {
        Named::Party(number) => Some(number),
        Named::Contact(digest) => port.get::<ContactOwner>(&ContactOwner::key(digest))?.map(|owner| owner.party),
    };
    let party = number.map(|number| port.get::<Party>(&Party::key(number))).transpose()?.flatten();
    let party = party.ok_or_else(|| refused(PAYEE_NOT_FOUND, "no party has this number"))?;
    if party.kind != PartyKind::Customer {
        return Err(refused(PAYEE_NOT_CUSTOMER, &format!("the party is a {}", party.kind.name())));
    }
    if party.number == asked.caller.party {
        return Err(refused(PAYEE_IS_PAYER, "the number is the caller's own"));
    }
    ok(&PayeeWire { party: Digits(party.number), name: shown_name(&asked.cell, &party)? })
}
