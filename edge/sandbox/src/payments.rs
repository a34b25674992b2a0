//! Paying shops: with a code that the customer shows, and by scanning the shop's.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use sycee_acquiring::command::{CodeTarget, ISSUE_PAY_CODE, OrderTarget, PAY_ORDER, PAY_STATIC, PayStatic, SCAN_ORDER};
use sycee_acquiring::record::{Merchant, Store};
use sycee_acquiring::refusal::{BUYER_BALANCE_NOT_ENOUGH, PAY_CODE_TAKEN};
use sycee_acquiring::reply::{OrderReply, PayCodeReply, PayStaticReply};
use sycee_acquiring::{Order, OrderState, parse_trade_no, trade_no};
use sycee_codes::numeric::encode_pay_code;
use sycee_contract::{Caller, Command, Refusal, decode};
use sycee_engine::CellHandle;
use sycee_engine::vault::{Handle, random};
use sycee_money::Money;
use sycee_party::{Party, PartyKind};

use crate::abroad::{PayerAbroad, Wanted};
use crate::codebook::Target;
use crate::desk::{Desk, Outcome, key, no_party};
use crate::freezing;
use crate::fx::FxJson;
use crate::json::{self, Body, MoneyJson};
use crate::order_strings::{self, AppResultJson};
use crate::problem::Problem;

/// How often other digits are drawn when those drawn are in use. Once is rare: there are 10^16.
const DRAWS_MAX: u32 = 3;

#[derive(Serialize)]
struct PayCodeJson {
    auth_code: String,
    expires_at: String,
}

/// `POST /customers/{id}/pay-code`.
pub(crate) async fn pay_code(State(desk): State<Arc<Desk>>, Path(id): Path<String>) -> Result<Response, Problem> {
    let (cell, customer) = desk.party(&id, PartyKind::Customer)?;
    let (prefix, routing) = &desk.codebook.facts(desk.world(), cell)?.pay_code_prefix;
    let mut draws = 0;
    loop {
        draws += 1;
        let auth_code = encode_pay_code(prefix, routing, random()?)
            .map_err(|error| Problem::internal("the market's payment codes cannot be written", &error))?;
        let code_digest = cell.code_digest(&auth_code);
        let command = Command::new(ISSUE_PAY_CODE, Caller::customer(customer), &CodeTarget { code_digest });
        match desk.ask(cell, command).await? {
            Outcome::Done(reply) => {
                let PayCodeReply { expires_at_ns } = decode(&reply, "reply")?;
                return Ok(json::ok(&PayCodeJson { auth_code, expires_at: json::instant(expires_at_ns) }));
            }
            Outcome::Refused(refusal) if refusal.code == PAY_CODE_TAKEN && draws < DRAWS_MAX => {}
            Outcome::Refused(refusal) => return Err(desk.refused(&refusal)),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PayBody {
    code: Option<String>,
    trade_no: Option<String>,
    /// What an earlier request was quoted: only for shops of other cells.
    quote_id: Option<String>,
    amount: Option<MoneyJson>,
    pub confirm: Option<bool>,
}

/// A payment, or what one would cost.
#[derive(Serialize)]
pub(crate) struct PaymentJson<'a> {
    /// The trade number; `null` for a shop's printed code, or a shop of another cell, that is not paid yet.
    pub payment_id: Option<String>,
    /// What to confirm to pay exactly this; only for shops of other cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote_id: Option<String>,
    pub status: &'a str,
    pub order_amount: MoneyJson,
    pub paid_amount: MoneyJson,
    /// The payer's fee in `paid_amount`, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee_amount: Option<MoneyJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payee_name: Option<String>,
    /// Until when the quote can be confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fx: Option<FxJson>,
    /// What the wallet hands back to the shop's app that has handed over an order string.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_result: Option<AppResultJson>,
}

/// `POST /customers/{id}/pay`. A shop's code that asks to freeze money is confirmed in the same way.
pub(crate) async fn pay(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(body): Body<PayBody>,
) -> Result<Response, Problem> {
    let (cell, customer) = desk.party(&id, PartyKind::Customer)?;
    let confirm = body.confirm == Some(true);
    let is_order_string =
        |code: &&String| desk.sandbox.order_strings.as_ref().is_some_and(|strings| strings.is_one(code));
    let target = match (&body.code, &body.trade_no, &body.quote_id) {
        (Some(code), None, None) => match Some(code).filter(is_order_string) {
            Some(text) => return order_strings::pay(&desk, (cell, customer), &headers, text, &body).await,
            None => desk.codebook.target(desk.world(), cell, code)?,
        },
        (None, Some(text), None) => {
            let (cell, id) = parse_trade_no(text).ok_or_else(no_trade)?;
            Target::Order { cell, id }
        }
        (None, None, Some(quote_id)) => {
            let paid = PayerAbroad::new(&desk, cell, customer).pay_quote(quote_id, confirm).await?;
            return Ok(json::ok(&paid));
        }
        _ => return Err(Problem::bad_field("code", "or trade_no or quote_id is given, and only one of them")),
    };
    let paying = Paying { desk: &desk, cell, customer, headers: &headers };
    let payment = paying.pay(target, body.trade_no.as_deref(), amount_of(&body)?, confirm).await?;
    Ok(json::ok(&payment))
}

/// How much a request says, if it does.
pub(crate) fn amount_of(body: &PayBody) -> Result<Option<Money>, Problem> {
    let amount = body.amount.map(|MoneyJson(money)| money);
    if amount.is_some_and(|amount| amount.amount.is_zero()) {
        return Err(Problem::bad_field("amount", "is more than nothing"));
    }
    Ok(amount)
}

/// A customer's request to pay.
pub(crate) struct Paying<'a> {
    pub desk: &'a Desk,
    pub cell: &'a CellHandle,
    pub customer: u64,
    pub headers: &'a HeaderMap,
}

impl Paying<'_> {
    /// Pays a target, here or in another cell, or shows what that would do.
    pub async fn pay(
        &self,
        target: Target,
        named: Option<&str>,
        amount: Option<Money>,
        confirm: bool,
    ) -> Result<PaymentJson<'static>, Problem> {
        let Self { desk, cell, customer, headers } = *self;
        let payer = Payer { desk, cell, customer };
        match target.cell().filter(|destination| *destination != cell.number) {
            Some(_) if amount.is_none() && matches!(target, Target::Shop { .. }) => Err(no_amount()),
            Some(destination) => {
                let wanted = Wanted { destination, target: target.abroad(), amount };
                let key = confirm.then(|| key(headers)).transpose()?;
                PayerAbroad::new(desk, cell, customer).pay(wanted, confirm, key.as_deref()).await
            }
            None => match (target, amount) {
                (Target::Shop { merchant, store }, Some(total)) if confirm => {
                    payer.pay_shop(merchant, store, total, &key(headers)?).await
                }
                (Target::Shop { merchant, store }, Some(total)) => payer.quote_shop(merchant, store, total),
                (Target::Shop { .. }, None) => Err(no_amount()),
                (Target::Order { id, .. }, amount) => payer.pay_order(id, named, amount, confirm).await,
            },
        }
    }
}

/// The customer who pays.
pub(crate) struct Payer<'a> {
    pub desk: &'a Desk,
    pub cell: &'a CellHandle,
    pub customer: u64,
}

impl Payer<'_> {
    /// What paying a shop's printed code would do. Nothing is written; the balance is not looked at.
    fn quote_shop(&self, merchant: u64, store: Option<u64>, total: Money) -> Result<PaymentJson<'static>, Problem> {
        let point = self.cell.port.begin_read();
        let payer: Option<Party> = point.get(&Party::key(self.customer))?;
        if payer.is_none_or(|payer| payer.kind != PartyKind::Customer) {
            return Err(no_party(PartyKind::Customer));
        }
        let shop: Option<Merchant> = point.get(&Merchant::key(merchant))?;
        let party: Option<Party> = point.get(&Party::key(merchant))?;
        let (Some(_), Some(party)) = (shop, party) else { return Err(no_party(PartyKind::Merchant)) };
        if let Some(id) = store {
            let store: Option<Store> = point.get(&Store::key(id))?;
            if store.is_none_or(|store| store.merchant != merchant) {
                let title = "The merchant has no such store; nothing moved.";
                return Err(Problem::not_found("store_not_found", title, format!("store {id}")));
            }
        }
        if !sycee_wallet::is_held(&self.cell.market()?, total.currency) {
            return Err(Problem::bad_field(
                "amount",
                &format!("is in {}, which wallets here do not hold", total.currency),
            ));
        }
        let payee_name = self.cell.vault.person(Handle(party.person))?.map(|person| person.name);
        Ok(PaymentJson { payee_name, ..payment(None, "quoted", total, total) })
    }

    /// Pays a shop's printed code. The path that benchmarks run on: one command, no reads.
    async fn pay_shop(
        &self,
        merchant: u64,
        store: Option<u64>,
        total: Money,
        key: &str,
    ) -> Result<PaymentJson<'static>, Problem> {
        let body = PayStatic { merchant, store, total, reference: String::new() };
        let command = Command::new(PAY_STATIC, Caller::customer(self.customer), &body).with_id(key);
        let reply = match self.desk.ask(self.cell, command).await? {
            Outcome::Done(reply) => reply,
            Outcome::Refused(refusal) => return Err(self.refused(&refusal)),
        };
        let PayStaticReply { id, payer_amount, paid_at_ns } = decode(&reply, "reply")?;
        let date = self.desk.codebook.facts(self.desk.world(), self.cell)?.date_at(paid_at_ns);
        let number = sycee_acquiring::number::number(date, self.cell.number, merchant, id);
        Ok(payment(Some(number), "paid", total, Money::new(payer_amount, total.currency)))
    }

    /// Scans an order, and pays it with `confirm`.
    async fn pay_order(
        &self,
        id: u64,
        named: Option<&str>,
        amount: Option<Money>,
        confirm: bool,
    ) -> Result<PaymentJson<'static>, Problem> {
        let Some(order) = self.cell.port.get::<Order>(&Order::key(id))? else {
            return freezing::freeze(self, id, named, amount, confirm).await;
        };
        let number = trade_no(&order, self.cell.number);
        if named.is_some_and(|named| named != number) {
            return Err(no_trade());
        }
        if amount.is_some_and(|amount| amount != order.total) {
            return Err(Problem::bad_field("amount", &format!("is not the order's: {}", order.total)));
        }
        let target = OrderTarget { id };
        // Scanning makes the trade visible to the shop, whether or not the payment then succeeds.
        let order = if !confirm || order.state == OrderState::CodeIssued {
            self.ask_order(SCAN_ORDER, &target).await?
        } else {
            order
        };
        let order = if confirm { self.ask_order(PAY_ORDER, &target).await? } else { order };
        let (status, paid) = match &order.paid {
            Some(paid) => ("paid", Money::new(paid.payer_amount, order.total.currency)),
            None => ("quoted", order.total),
        };
        Ok(payment(Some(number), status, order.total, paid))
    }

    async fn ask_order(&self, code: u16, target: &OrderTarget) -> Result<Order, Problem> {
        match self.desk.ask(self.cell, Command::new(code, Caller::customer(self.customer), target)).await? {
            Outcome::Done(reply) => Ok(decode::<OrderReply>(&reply, "reply")?.order),
            Outcome::Refused(refusal) => Err(self.refused(&refusal)),
        }
    }

    /// Somebody who is no customer has nothing to pay with: that is told apart here, off the path of payments that succeed.
    pub fn refused(&self, refusal: &Refusal) -> Problem {
        if refusal.code == BUYER_BALANCE_NOT_ENOUGH {
            match self.cell.port.get::<Party>(&Party::key(self.customer)) {
                Ok(Some(party)) if party.kind == PartyKind::Customer => {}
                Ok(_) => return no_party(PartyKind::Customer),
                Err(error) => return error.into(),
            }
        }
        self.desk.refused(refusal)
    }
}

pub(crate) fn payment(
    payment_id: Option<String>,
    status: &'static str,
    order_amount: Money,
    paid_amount: Money,
) -> PaymentJson<'static> {
    let (order_amount, paid_amount) = (MoneyJson(order_amount), MoneyJson(paid_amount));
    PaymentJson {
        payment_id,
        quote_id: None,
        status,
        order_amount,
        paid_amount,
        fee_amount: None,
        payee_name: None,
        expires_at: None,
        fx: None,
        app_result: None,
    }
}

fn no_amount() -> Problem {
    Problem::bad_field("amount", "is needed for a shop's code")
}

pub(crate) fn no_trade() -> Problem {
    let title = "There is no such trade; nothing moved.";
    Problem::new(StatusCode::NOT_FOUND, "trade_not_exist", title, "no order here has this number or code")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_fields_are_named() {
        let Err(problem) = json::read::<PayBody>(br#"{"code":"x","ammount":1}"#) else { panic!("taken") };
        assert!(problem.detail.contains("`ammount`"), "{}", problem.detail);
    }
}
