//! Parties as the operator's staff sees them: one, and all of a kind. There is no export: names leave one page at a time.

use std::sync::Arc;

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_contract::{Key, MarketPack, Role, decode};
use sycee_engine::CellHandle;
use sycee_engine::vault::{Handle, Person};
use sycee_party::{ContactOwner, PARTY, Party, PartyKind, StaffRole};

use super::Operation;
use super::customer::contact;
use super::operator::StaffRoleWire;
use super::proposals::OwnLimitsWire;
use crate::desk::{Asked, blocking, ok};
use crate::lists::{Lister, Page, Paging, Slice, Sorting, Walk, page};
use crate::problem::Problem;
use crate::wire::{self, Digits, Instant};

const OPERATOR: &[Role] = &[Role::Operator];
const OFFICE: &[StaffRole] = &[StaffRole::Support, StaffRole::Finance];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("list_parties", "/parties", |asked| Box::pin(list(asked)))
        .says("The parties of the cell: all of a kind, the frozen ones, or the one that has a phone number.")
        .for_roles(OPERATOR)
        .for_staff(OFFICE)
        .queries::<PartyQuery>()
        .gives::<Page<PartyView>>(),
    Operation::get("show_party", "/parties/{party}", |asked| Box::pin(show(asked)))
        .says("One party.")
        .for_roles(OPERATOR)
        .for_staff(OFFICE)
        .gives::<PartyView>(),
];

/// What a party is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum PartyKindWire {
    /// A person with a wallet.
    Customer,
    /// A business that is paid.
    Merchant,
    /// Somebody who works for the operator.
    Staff,
    /// Somebody who works for a merchant.
    Member,
}

impl From<PartyKind> for PartyKindWire {
    fn from(kind: PartyKind) -> Self {
        match kind {
            PartyKind::Customer => Self::Customer,
            PartyKind::Merchant => Self::Merchant,
            PartyKind::Staff => Self::Staff,
            PartyKind::Member => Self::Member,
        }
    }
}

/// A party.
#[derive(Serialize, JsonSchema)]
struct PartyView {
    party: Digits,
    kind: PartyKindWire,
    /// The party's name; null if it was erased.
    name: Option<String>,
    /// The phone number with its middle hidden; null if there is none.
    phone: Option<String>,
    opened_at: Instant,
    /// Whether new requests that move its money are refused.
    frozen: bool,
    /// Why it is frozen: a number of the operator's own list.
    #[serde(skip_serializing_if = "Option::is_none")]
    freeze_reason_code: Option<u16>,
    /// A customer's KYC tier, by its rank in the market pack.
    #[serde(skip_serializing_if = "Option::is_none")]
    kyc_rank: Option<u16>,
    /// The name of that tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    kyc_tier: Option<String>,
    /// Limits of a customer's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    own_limits: Option<OwnLimitsWire>,
    /// What a member of staff may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    staff_role: Option<StaffRoleWire>,
}

/// It opens the person's data in the vault: off the threads that serve.
fn view(cell: &CellHandle, market: &MarketPack, party: Party) -> Result<PartyView, Problem> {
    let person = cell.vault.person(Handle(party.person))?;
    let is_customer = party.kind == PartyKind::Customer;
    Ok(PartyView {
        party: Digits(party.number),
        kind: party.kind.into(),
        phone: person.as_ref().and_then(Person::masked_phone),
        name: person.map(|person| person.name),
        opened_at: Instant(party.opened_at_ns),
        frozen: party.frozen,
        freeze_reason_code: party.freeze_reason_code,
        kyc_rank: is_customer.then_some(party.kyc_rank),
        kyc_tier: market.tier(party.kyc_rank).filter(|_| is_customer).map(|tier| tier.name.clone()),
        own_limits: party.own_limits.map(OwnLimitsWire::from),
        staff_role: party.staff_role.map(StaffRoleWire::from),
    })
}

async fn show(asked: Asked) -> Result<Response, Problem> {
    let party: Option<Party> = asked.cell.port.get(&Party::key(asked.party("party")?))?;
    let party = party.ok_or_else(|| Problem::not_found("no party of this cell has this number"))?;
    let (cell, market) = (Arc::clone(&asked.cell), asked.cell.market()?);
    ok(&blocking(move || view(&cell, &market, party)).await??)
}

/// Which parties.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PartyQuery {
    /// The `next` of the page before.
    cursor: Option<String>,
    /// How many items, 1 to 200; 50 if left out.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u16>,
    /// In which order; `newest` if left out.
    #[serde(default)]
    order: Sorting,
    /// Those of one kind only.
    kind: Option<PartyKindWire>,
    /// Those that are frozen only, or that are not.
    frozen: Option<bool>,
    /// The one that is found by this phone number: 6 to 15 digits, with or without + in front.
    phone: Option<String>,
}

struct Parties {
    cell: Arc<CellHandle>,
    market: MarketPack,
    sorting: Sorting,
    kind: Option<PartyKindWire>,
    frozen: Option<bool>,
    phone: Option<[u8; 32]>,
}

impl Parties {
    fn seen(&self, party: Party) -> Result<Option<PartyView>, Problem> {
        let fits = self.kind.is_none_or(|kind| kind == PartyKindWire::from(party.kind))
            && self.frozen.is_none_or(|frozen| frozen == party.frozen);
        if fits { view(&self.cell, &self.market, party).map(Some) } else { Ok(None) }
    }
}

impl Lister for Parties {
    type Item = PartyView;

    fn slice(&self, after: Option<&[u8]>, limit: usize) -> Result<Slice<PartyView>, Problem> {
        let point = self.cell.port.begin_read();
        if let Some(digest) = self.phone {
            let owner: Option<ContactOwner> = point.get(&ContactOwner::key(digest))?;
            let party: Option<Party> = owner.map(|owner| point.get(&Party::key(owner.party))).transpose()?.flatten();
            let items = party.map(|party| self.seen(party)).transpose()?.flatten().into_iter().collect();
            return Ok(Slice { items, next: None });
        }
        let walk = Walk::new(Key::new(PARTY), self.sorting);
        walk.slice(&point, after, limit, &mut |_, bytes| self.seen(decode(bytes, "party")?))
    }
}

async fn list(asked: Asked) -> Result<Response, Problem> {
    let PartyQuery { cursor, limit, order, kind, frozen, phone } = asked.query()?;
    let phone = phone.map(|text| wire::phone("phone", &text)).transpose()?;
    let phone = phone.map(|number| contact(&asked.cell, &number));
    let (cell, market) = (Arc::clone(&asked.cell), asked.cell.market()?);
    let lister = Parties { cell, market, sorting: order, kind, frozen, phone };
    page(Paging::new(cursor.as_deref(), limit)?, lister).await
}
