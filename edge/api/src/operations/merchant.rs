//! What merchants ask about orders, refunds and transfers. Each has a number of the merchant's own, so none needs a key: a repeat
//! is known by the number, and the reply says `repeated`.

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_acquiring::command::{
    CANCEL, CLOSE, CREATE, OrderFields, OrderRef, PAY_BY_CODE, PRECREATE, PayByCode, Precreate, REFUND, RefundOrder,
};
use sycee_acquiring::number::parse_generated;
use sycee_acquiring::record::{Merchant, OrderIndex, Refund};
use sycee_acquiring::reply::{CancelAction, CancelReply, OrderReply, RefundReply};
use sycee_acquiring::{Order, parse_trade_no, trade_no};
use sycee_codes::own::{Label, OwnCode};
use sycee_contract::Role;
use sycee_engine::vault::Handle;
use sycee_interop::command::{COLLECT, CollectBody};
use sycee_interop::record::Collection;
use sycee_interop::routing;
use sycee_money::{Currency, Money};
use sycee_party::{MemberRole, Party};

use super::Operation;
use super::order_view::{OrderReplyWire, OrderView, view};
use crate::abroad::known_cells;
use crate::desk::{Asked, ok};
use crate::problem::Problem;
use crate::wire::{Digits, Instant, MoneyWire, party_number};

const MERCHANT: &[Role] = &[Role::Merchant];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::post("create_order_with_code", "/orders", |asked| Box::pin(create_with_code(asked)))
        .says("Makes an order with a code of its own that any customer may scan and pay.")
        .asks(PRECREATE)
        .takes::<WithCode>()
        .for_members(MemberRole::Cashier)
        .gives::<OrderReplyWire<'_>>(),
    Operation::post("create_order_for_buyer", "/orders/for-buyer", |asked| Box::pin(create_for_buyer(asked)))
        .says("Makes an order that one customer is to pay.")
        .asks(CREATE)
        .takes::<ForBuyer>()
        .for_members(MemberRole::Cashier)
        .gives::<OrderReplyWire<'_>>(),
    Operation::post("charge_pay_code", "/orders/by-pay-code", |asked| Box::pin(charge(asked)))
        .says("Takes a payment with the code that a customer shows, of another cell too. Such an order may still wait after 10 seconds.")
        .asks(PAY_BY_CODE)
        .also_asks(&[COLLECT])
        .takes::<ByPayCode>()
        .for_members(MemberRole::Cashier)
        .gives::<OrderReplyWire<'_>>(),
    Operation::get("show_order_by_number", "/orders/by-number/{out_trade_no}", |asked| Box::pin(show(asked)))
        .says("An order by the merchant's own number.")
        .for_roles(MERCHANT)
        .for_members(MemberRole::Cashier)
        .gives::<OrderView<'_>>(),
    Operation::post("cancel_order", "/orders/cancel", |asked| Box::pin(cancel(asked)))
        .says("Cancels an order: closes it unpaid, or gives the money back. Also one whose making got no answer.")
        .asks(CANCEL)
        .takes::<OrderName>()
        .for_members(MemberRole::Cashier)
        .gives::<Cancelled<'_>>(),
    Operation::post("close_order", "/orders/close", |asked| Box::pin(close(asked)))
        .says("Closes an order that was not paid.")
        .asks(CLOSE)
        .takes::<OrderName>()
        .for_members(MemberRole::Cashier)
        .gives::<OrderReplyWire<'_>>(),
    Operation::post("refund", "/refunds", |asked| Box::pin(refund(asked)))
        .says("Refunds an order, whole or in part.")
        .asks(REFUND)
        .takes::<RefundBody>()
        .for_members(MemberRole::Manager)
        .gives::<RefundWire<'_>>(),
    Operation::get("show_refund", "/orders/by-number/{out_trade_no}/refunds/{out_request_no}", |asked| {
        Box::pin(show_refund(asked))
    })
    .says("A refund by the merchant's own numbers.")
    .for_roles(MERCHANT)
    .for_members(MemberRole::Cashier)
    .gives::<RefundWire<'_>>(),
];

/// What a merchant says of an order, whatever the way it is paid. Lengths are in characters.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// The merchant's number of it, 1 to 64 printable ASCII characters; unique for the merchant.
    out_trade_no: String,
    /// The price.
    total: MoneyWire,
    /// What is bought, 1 to 256.
    subject: String,
    /// More about it, up to 400.
    body: Option<String>,
    /// One of the merchant's stores; its first one if left out.
    store: Option<Digits>,
    /// The merchant's name of the terminal, up to 64.
    terminal: Option<String>,
    /// Where to notify, up to 2048.
    notify_url: Option<String>,
    /// When it ends unpaid; the market's time if left out.
    expires_at: Option<Instant>,
}

impl Wanted {
    pub fn fields(self, required_buyer: Option<u64>) -> OrderFields {
        OrderFields {
            app: None,
            out_trade_no: self.out_trade_no,
            total: self.total.0,
            subject: self.subject,
            body: self.body,
            store: self.store.map(|Digits(store)| store),
            store_reference: None,
            terminal: self.terminal,
            operator: None,
            passback_params: None,
            notify_url: self.notify_url,
            return_url: None,
            product_code: None,
            expires_at_ns: self.expires_at.map(|Instant(ns)| ns),
            expires_after_seconds: None,
            required_buyer,
        }
    }
}

/// An order with a code.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WithCode {
    order: Wanted,
    /// How long the code lives at most; never longer than the market's time, which it has if left out.
    code_lifetime_seconds: Option<u64>,
}

/// An order for one customer.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ForBuyer {
    order: Wanted,
    /// The customer's party number.
    buyer: String,
}

/// A charge of a customer's code.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ByPayCode {
    order: Wanted,
    /// The digits of the code that the customer shows.
    auth_code: String,
}

/// An order by its number: the merchant's or ours. If both are given, they must be of one order.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OrderName {
    out_trade_no: Option<String>,
    trade_no: Option<String>,
}

fn no_order() -> Problem {
    Problem::not_found("the merchant has no order of this number")
}

impl OrderName {
    fn reference(self, asked: &Asked) -> Result<OrderRef, Problem> {
        let Some(text) = self.trade_no else {
            if self.out_trade_no.is_none() {
                return Err(Problem::bad_field("out_trade_no", "or trade_no is given"));
            }
            return Ok(OrderRef { out_trade_no: self.out_trade_no, id: None });
        };
        let found = parse_trade_no(&text).filter(|(cell, _)| *cell == asked.cell.number);
        let (cell, id) = found.ok_or_else(no_order)?;
        let order: Order = asked.cell.port.get(&Order::key(id))?.ok_or_else(no_order)?;
        let same = self.out_trade_no.is_none_or(|number| number == order.out_trade_no);
        if order.merchant != asked.caller.party || trade_no(&order, cell) != text || !same {
            return Err(no_order());
        }
        Ok(OrderRef { out_trade_no: None, id: Some(id) })
    }
}

async fn create_with_code(asked: Asked) -> Result<Response, Problem> {
    let WithCode { order, code_lifetime_seconds } = asked.body()?;
    let body = Precreate { order: order.fields(None), code_lifetime_seconds };
    let (OrderReply { order, repeated }, _) = asked.reply(PRECREATE, &body).await?;
    let code = Some(code_of(&asked, order.merchant, order.id, order.total.currency)?);
    ok(&OrderReplyWire { order: view(&asked, &order), repeated, code })
}

/// The text of the code of an order or an authorisation, for the shop to show (EMVCo, merchant presented).
pub(super) fn code_of(asked: &Asked, merchant: u64, id: u64, currency: Currency) -> Result<String, Problem> {
    let market = asked.cell.market()?;
    let party: Option<Party> = asked.cell.port.get(&Party::key(merchant))?;
    let person = party.map(|party| asked.cell.vault.person(Handle(party.person))).transpose()?.flatten();
    let shop: Option<Merchant> = asked.cell.port.get(&Merchant::key(merchant))?;
    let label = Label {
        template: u8::try_from(market.mpm_template).unwrap_or(u8::MAX),
        guid: &market.mpm_guid,
        merchant_category_code: shop.as_ref().map_or("0000", |shop| &shop.mcc),
        currency_numeric: &format!("{:03}", currency.numeric()),
        amount: None,
        country: &market.market,
        name: &person.map_or_else(String::new, |person| person.name),
        city: &asked.cell.name,
    };
    let own = OwnCode::Order { cell: asked.cell.number, id };
    own.encode(&label).map_err(|error| Problem::internal("the market's codes cannot be written", &error))
}

/// That a text can be the digits of a customer's code.
pub(super) fn pay_code_digits(auth_code: &str) -> Result<(), Problem> {
    if (16..=24).contains(&auth_code.len()) && auth_code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    Err(Problem::bad_field("auth_code", "has 16 to 24 digits"))
}

async fn create_for_buyer(asked: Asked) -> Result<Response, Problem> {
    let ForBuyer { order, buyer } = asked.body()?;
    let buyer = party_number(&buyer).ok_or_else(|| Problem::bad_field("buyer", "has 16 digits, 2088 first"))?;
    let (OrderReply { order, repeated }, _) = asked.reply(CREATE, &order.fields(Some(buyer))).await?;
    ok(&OrderReplyWire { order: view(&asked, &order), repeated, code: None })
}

async fn charge(asked: Asked) -> Result<Response, Problem> {
    let ByPayCode { order, auth_code } = asked.body()?;
    pay_code_digits(&auth_code)?;
    let (order, code_digest) = (order.fields(None), asked.cell.code_digest(&auth_code));
    if let Some(origin) = issuer(&asked, &auth_code)? {
        return collect(&asked, CollectBody { order, origin, code_digest }).await;
    }
    let body = PayByCode { order, code_digest };
    let (OrderReply { order, repeated }, _) = asked.reply(PAY_BY_CODE, &body).await?;
    ok(&OrderReplyWire { order: view(&asked, &order), repeated, code: None })
}

/// The other cell whose wallets show such codes. A code of the market's own is looked up nowhere, so that payments at home do not
/// depend on the network.
fn issuer(asked: &Asked, auth_code: &str) -> Result<Option<u16>, Problem> {
    if auth_code.starts_with(&asked.cell.market()?.pay_code_prefix) {
        return Ok(None);
    }
    let cells = known_cells(&asked.cell.port.begin_read())?;
    Ok(routing::issuer(auth_code, &cells).filter(|cell| *cell != asked.cell.number))
}

/// Has another cell's customer asked, and waits for what comes of it; what is not known in time, the order says later.
async fn collect(asked: &Asked, body: CollectBody) -> Result<Response, Problem> {
    let (OrderReply { mut order, repeated }, _) = asked.reply(COLLECT, &body).await?;
    if order.paid.is_none() {
        // The row goes when the order is paid.
        let has_ended = |row: Option<Collection>| match row {
            None => Some(None),
            Some(Collection { refusal, .. }) => refusal.map(Some),
        };
        match asked.wait(&Collection::key(order.id), has_ended).await? {
            None => {}
            Some(Some(refusal)) => return Err(Problem::refusal(&asked.desk.world.products, refusal)),
            Some(None) => order = asked.cell.port.get(&Order::key(order.id))?.ok_or_else(no_order)?,
        }
    }
    ok(&OrderReplyWire { order: view(asked, &order), repeated, code: None })
}

/// The order of the merchant's number in the path.
fn by_number(asked: &Asked) -> Result<Order, Problem> {
    let number = asked.path("out_trade_no");
    let point = asked.cell.port.begin_read();
    let id = match parse_generated(number) {
        Some(id) => Some(id),
        None if number.len() > 64 => None,
        None => point.get::<OrderIndex>(&OrderIndex::key(asked.caller.party, number))?.map(|index| index.order),
    };
    let order: Option<Order> = id.map(|id| point.get(&Order::key(id))).transpose()?.flatten();
    order.filter(|order| order.merchant == asked.caller.party && order.out_trade_no == number).ok_or_else(no_order)
}

async fn show(asked: Asked) -> Result<Response, Problem> {
    ok(&view(&asked, &by_number(&asked)?))
}

/// What a cancel did to an order.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum CancelActionWire {
    /// The unpaid order was closed.
    Close,
    /// The money went back.
    Refund,
}

/// What a cancel did.
#[derive(Serialize, JsonSchema)]
struct Cancelled<'a> {
    /// What was done; left out if there was nothing to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<CancelActionWire>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<OrderView<'a>>,
    /// Whether nothing was changed now.
    repeated: bool,
}

async fn cancel(asked: Asked) -> Result<Response, Problem> {
    let reference = asked.body::<OrderName>()?.reference(&asked)?;
    let (reply, _): (CancelReply, bool) = asked.reply(CANCEL, &reference).await?;
    let action = reply.action.map(|action| match action {
        CancelAction::Close => CancelActionWire::Close,
        CancelAction::Refund => CancelActionWire::Refund,
    });
    let order = reply.order.as_ref().map(|order| view(&asked, order));
    ok(&Cancelled { action, order, repeated: reply.repeated })
}

async fn close(asked: Asked) -> Result<Response, Problem> {
    let reference = asked.body::<OrderName>()?.reference(&asked)?;
    let (OrderReply { order, repeated }, _) = asked.reply(CLOSE, &reference).await?;
    ok(&OrderReplyWire { order: view(&asked, &order), repeated, code: None })
}

/// A refund that is wanted.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RefundBody {
    /// The order by the merchant's number.
    out_trade_no: Option<String>,
    /// The order by ours.
    trade_no: Option<String>,
    /// How much of the price.
    amount: MoneyWire,
    /// The merchant's number of the refund; may be left out only for the whole price.
    out_request_no: Option<String>,
    /// Why, up to 256 characters.
    reason: Option<String>,
}

/// A refund that was made.
#[derive(Serialize, JsonSchema)]
struct RefundWire<'a> {
    out_request_no: &'a str,
    /// Its part of the price.
    amount: MoneyWire,
    /// What of it went back to the payer.
    to_payer: MoneyWire,
    /// All refunds of the order so far.
    cumulative: MoneyWire,
    at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    order: OrderView<'a>,
    /// Whether it was made before; nothing was changed now.
    repeated: bool,
}

fn refund_wire<'a>(asked: &Asked, order: &'a Order, refund: &'a Refund, repeated: bool) -> RefundWire<'a> {
    let amount = |amount| MoneyWire(Money::new(amount, order.total.currency));
    RefundWire {
        out_request_no: &refund.out_request_no,
        amount: amount(refund.amount),
        to_payer: amount(refund.to_payer),
        cumulative: amount(refund.cumulative),
        at: Instant(refund.at_ns),
        reason: refund.reason.as_deref(),
        order: view(asked, order),
        repeated,
    }
}

async fn refund(asked: Asked) -> Result<Response, Problem> {
    let RefundBody { out_trade_no, trade_no, amount, out_request_no, reason } = asked.body()?;
    let order = OrderName { out_trade_no, trade_no }.reference(&asked)?;
    let body = RefundOrder { order, amount: amount.0, out_request_no, reason };
    let (RefundReply { order, refund, repeated }, _) = asked.reply(REFUND, &body).await?;
    ok(&refund_wire(&asked, &order, &refund, repeated))
}

async fn show_refund(asked: Asked) -> Result<Response, Problem> {
    let order = by_number(&asked)?;
    let number = asked.path("out_request_no");
    let key = (number.len() <= 64).then(|| Refund::key(order.id, number));
    let refund: Option<Refund> = key.map(|key| asked.cell.port.get(&key)).transpose()?.flatten();
    let refund = refund.ok_or_else(|| Problem::not_found("the order has no refund of this number"))?;
    ok(&refund_wire(&asked, &order, &refund, true))
}
