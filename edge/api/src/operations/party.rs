//! What every caller may ask about itself.

use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;
use sycee_contract::Role;
use sycee_engine::vault::Handle;
use sycee_party::{MemberRole, Party};

use super::Operation;
use super::members::{MemberView, member_view};
use crate::desk::{Asked, ok};
use crate::problem::Problem;
use crate::wire::{Digits, Instant};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("me", "/me", |asked| Box::pin(me(asked)))
        .says("Who the caller is.")
        .for_roles(&[Role::Customer, Role::Merchant, Role::Operator])
        .for_members(MemberRole::Cashier)
        .gives::<Me>(),
    Operation::get("balances", "/balances", |asked| Box::pin(balances(asked)))
        .says("What the caller has, by currency.")
        .for_roles(&[Role::Customer, Role::Merchant])
        .for_members(MemberRole::Cashier)
        .gives::<Balances>(),
];

/// In which role a caller asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CallerRole")]
pub(super) enum RoleWire {
    Customer,
    Merchant,
    /// A member of the operator's staff.
    Operator,
}

/// Who the caller is.
#[derive(Serialize, JsonSchema)]
struct Me<'a> {
    party: Digits,
    role: RoleWire,
    /// The name of the party's cell.
    cell: &'a str,
    /// The party's name; null if it was erased.
    name: Option<String>,
    /// A customer's phone number with its middle hidden.
    phone: Option<String>,
    /// A customer's KYC tier.
    kyc_tier: Option<&'a str>,
    frozen: bool,
    opened_at: Instant,
    /// The person, if it is one of a merchant's people who asks; then the party is the merchant.
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<MemberView>,
}

async fn me(asked: Asked) -> Result<Response, Problem> {
    let (cell, number) = (&asked.cell, asked.caller.party);
    let party: Option<Party> = cell.port.get(&Party::key(number))?;
    let party = party.ok_or_else(|| Problem::not_found("the caller's party is not here"))?;
    let market = cell.market()?;
    let person = cell.vault.person(Handle(party.person))?;
    let member = asked.caller.agent.map(|agent| member_view(cell, agent)).transpose()?.flatten();
    ok(&Me {
        party: Digits(number),
        role: match asked.caller.role {
            Role::Customer => RoleWire::Customer,
            Role::Merchant => RoleWire::Merchant,
            Role::Operator | Role::System | Role::Peer => RoleWire::Operator,
        },
        cell: &cell.name,
        phone: person.as_ref().and_then(sycee_engine::vault::Person::masked_phone),
        name: person.map(|person| person.name),
        kyc_tier: market.tier(party.kyc_rank).map(|tier| tier.name.as_str()),
        frozen: party.frozen,
        opened_at: Instant(party.opened_at_ns),
        member,
    })
}

/// What the caller has.
#[derive(Serialize, JsonSchema)]
struct Balances {
    balances: Vec<Balance>,
}

/// What the caller has in one currency.
#[derive(Serialize, JsonSchema)]
struct Balance {
    /// ISO 4217 code.
    currency: &'static str,
    /// What is free: booked and not held. Minor units as digits.
    minor: Digits,
    /// What is held beside it. Minor units as digits.
    held_minor: Digits,
}

/// The market's currency always; others once the party has an account in them.
async fn balances(asked: Asked) -> Result<Response, Problem> {
    let kind = match asked.caller.role {
        Role::Merchant => &sycee_acquiring::MERCHANT_BALANCE,
        _ => &sycee_wallet::BALANCE,
    };
    let market = asked.cell.market()?;
    let point = asked.cell.port.begin_read();
    let mut balances = Vec::new();
    for currency in std::iter::once(market.currency).chain(market.other_currencies) {
        let account = point.account(kind.of(asked.caller.party, currency))?;
        if account.is_none() && currency != market.currency {
            continue;
        }
        let (free, held) = account.map_or((0, 0), |account| (account.available_minor(), account.held_minor()));
        // Both kinds of accounts are never overdrawn.
        let free = u64::try_from(free).unwrap_or(0);
        balances.push(Balance { currency: currency.code(), minor: Digits(free), held_minor: Digits(held) });
    }
    ok(&Balances { balances })
}
