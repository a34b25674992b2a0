//! Orders by their trade number: looking, scanning, paying.

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_acquiring::authorisation::Authorisation;
use sycee_acquiring::command::{OrderTarget, PAY_ORDER, SCAN_ORDER};
use sycee_acquiring::record::Merchant;
use sycee_acquiring::reply::OrderReply;
use sycee_acquiring::{Order, OrderState, parse_trade_no, trade_no};
use sycee_codes::own::shop_name;
use sycee_contract::Role;
use sycee_engine::vault::Handle;
use sycee_party::{MemberRole, Party};

use super::Operation;
use super::authorisations::{AuthorisationView, authorisation_view};
use super::order_view::{OrderReplyWire, OrderView, view};
use crate::abroad::known_cell;
use crate::codebook::Target;
use crate::desk::{Asked, ok};
use crate::problem::Problem;
use crate::wire::Digits;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("show_order", "/orders/{trade_no}", |asked| Box::pin(show_order(asked)))
        .says("An order of the caller's: its merchant's, or the customer's who scanned or paid it.")
        .for_roles(&[Role::Customer, Role::Merchant])
        .for_members(MemberRole::Cashier)
        .gives::<OrderView<'_>>(),
    Operation::post("scan", "/scan", |asked| Box::pin(scan(asked)))
        .says("Looks at a code that the customer has scanned: an order, which its shop then sees, a shop's printed code, an \
               authorisation to be confirmed, or one of another cell.")
        .asks(SCAN_ORDER)
        .takes::<ScanBody>()
        .gives::<Scanned<'_>>(),
    Operation::post("pay_order", "/orders/{trade_no}/pay", |asked| Box::pin(pay_order(asked)))
        .says("Pays an order. One that the customer has paid before is answered again, with repeated.")
        .asks(PAY_ORDER)
        .may_need_proof()
        .gives::<OrderReplyWire<'_>>(),
];

/// What was scanned.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ScanBody {
    /// The text of the code.
    code: String,
}

/// What a code asks for: one of the members, and of an order who sells.
#[derive(Default, Serialize, JsonSchema)]
struct Scanned<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<OrderView<'a>>,
    /// Of an order: the name of its shop; absent if it was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    seller: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shop: Option<Shop>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorisation: Option<AuthorisationView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    abroad: Option<Abroad>,
}

/// A code of another cell: ask what it costs with `POST /quotes`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CodeAbroad")]
struct Abroad {
    /// The name of that cell.
    cell: String,
    /// Its currency, ISO 4217 code.
    currency: &'static str,
    kind: AbroadKind,
    /// What the code calls the shop; absent if it does not. Whoever made the code wrote it, and nobody has checked it.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// What a code of another cell asks to pay.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CodeAbroadKind")]
enum AbroadKind {
    /// An order, which says its price.
    Order,
    /// A shop; the customer types the amount in the shop's currency.
    Shop,
}

/// A shop whose printed code was scanned: the customer types the amount.
#[derive(Serialize, JsonSchema)]
struct Shop {
    merchant: Digits,
    store: Digits,
    name: Option<String>,
}

fn no_order() -> Problem {
    Problem::not_found("the caller has no order of this number")
}

/// The order of the trade number in the path, whoever asks.
fn order(asked: &Asked) -> Result<Order, Problem> {
    let text = asked.path("trade_no");
    let (cell, id) = parse_trade_no(text).ok_or_else(no_order)?;
    if cell != asked.cell.number {
        return Err(no_order());
    }
    let order: Order = asked.cell.port.get(&Order::key(id))?.ok_or_else(no_order)?;
    if trade_no(&order, cell) == text { Ok(order) } else { Err(no_order()) }
}

async fn show_order(asked: Asked) -> Result<Response, Problem> {
    let order = order(&asked)?;
    let party = asked.caller.party;
    let is_the_callers = match asked.caller.role {
        Role::Merchant => order.merchant == party,
        _ => order.buyer == Some(party) || order.required_buyer == Some(party),
    };
    if is_the_callers { ok(&view(&asked, &order)) } else { Err(no_order()) }
}

async fn scan(asked: Asked) -> Result<Response, Problem> {
    let ScanBody { code } = asked.body()?;
    let target = asked.desk.codebook.target(&asked.desk.world, &asked.cell, &code)?;
    if target.cell() != Some(asked.cell.number) {
        let known = target.cell().map(|cell| known_cell(&asked.cell, cell)).transpose()?.flatten();
        let entry = known.ok_or_else(Problem::code_unknown)?.entry;
        let kind = if matches!(target, Target::Order { .. }) { AbroadKind::Order } else { AbroadKind::Shop };
        let name = shop_name(&code);
        let abroad = Abroad { cell: entry.name, currency: entry.currency.code(), kind, name };
        return ok(&Scanned { abroad: Some(abroad), ..Scanned::default() });
    }
    match target {
        Target::Order { id, .. } => {
            // Orders and authorisations have ids of one kind.
            if let Some(row) = asked.cell.port.get(&Authorisation::key(id))? {
                let now_ns = asked.desk.world.clock.now_ns();
                let authorisation = Some(authorisation_view(asked.cell.number, now_ns, row));
                return ok(&Scanned { authorisation, ..Scanned::default() });
            }
            let (reply, _): (OrderReply, bool) = asked.reply(SCAN_ORDER, &OrderTarget { id }).await?;
            let seller: Option<Party> = asked.cell.port.get(&Party::key(reply.order.merchant))?;
            let seller = seller.map(|party| asked.cell.vault.person(Handle(party.person))).transpose()?.flatten();
            let seller = seller.map(|person| person.name);
            ok(&Scanned { order: Some(view(&asked, &reply.order)), seller, ..Scanned::default() })
        }
        Target::Shop { merchant, store } => {
            let point = asked.cell.port.begin_read();
            let (shop, party) = (point.get(&Merchant::key(merchant))?, point.get(&Party::key(merchant))?);
            let (Some::<Merchant>(shop), Some::<Party>(party)) = (shop, party) else {
                return Err(Problem::code_unknown());
            };
            let name = asked.cell.vault.person(Handle(party.person))?.map(|person| person.name);
            let store = Digits(store.unwrap_or(shop.default_store));
            let shop = Some(Shop { merchant: Digits(merchant), store, name });
            ok(&Scanned { shop, ..Scanned::default() })
        }
    }
}

async fn pay_order(asked: Asked) -> Result<Response, Problem> {
    let order = order(&asked)?;
    let target = OrderTarget { id: order.id };
    if matches!(order.state, OrderState::CodeIssued | OrderState::WaitBuyerPay) {
        asked.may_move(order.total)?;
    }
    if order.state == OrderState::CodeIssued {
        // Whoever pays by the number has seen the code; the trade becomes visible to the shop before it is paid.
        asked.ask(SCAN_ORDER, &target).await?;
    }
    let (reply, _): (OrderReply, bool) = asked.reply(PAY_ORDER, &target).await?;
    ok(&OrderReplyWire { order: view(&asked, &reply.order), repeated: reply.repeated, code: None })
}
