//! `alipay.trade.order.settle` and `alipay.trade.order.settle.query`: a part of a paid trade's proceeds goes to receivers that the
//! merchant has bound before.
//!
//! Everything is done at once, whatever `royalty_mode` says; the answer and the query are the same for both. The seller's money
//! is not set aside for royalties (`royalty_freeze`): it is the seller's balance that gives.

use sycee_acquiring::command::{PAY_ROYALTY, PayRoyalty};
use sycee_acquiring::parse_trade_no;
use sycee_acquiring::reply::RoyaltyReply;
use sycee_acquiring::royalty::{PARTS_MAX, Royalty, RoyaltyIndex, RoyaltyPart};
use sycee_acquiring::{Order, trade_no};
use sycee_engine::ReadPoint;
use sycee_money::{Amount, Money};

use super::Call;
use super::royalty_relation::receiver;
use crate::codes::{GatewayCode, SubCode, business};
use crate::state::unreadable;
use crate::wire::biz_content::{FieldError, Fields};
use crate::wire::failure::Failure;
use crate::wire::response::Node;

pub(super) const METHOD: &str = "alipay.trade.order.settle";
pub(super) const QUERY_METHOD: &str = "alipay.trade.order.settle.query";

fn bad(error: FieldError) -> Failure {
    error.into_failure(business::INVALID_PARAMETER)
}

fn invalid(detail: &str) -> Failure {
    Failure::with_detail(business::INVALID_PARAMETER, detail)
}

pub(super) async fn answer(call: &Call<'_>) -> Result<Node, Failure> {
    let fields = call.fields();
    let out_request_no = fields.identifier("out_request_no").map_err(bad)?.into_owned();
    fields.text("trade_no", 64).map_err(bad)?;
    let named = call.named_order()?;
    fields.optional_text("operator_id", 64).map_err(bad)?;
    let mode = fields.optional_text("royalty_mode", 16).map_err(bad)?;
    if mode.is_some_and(|mode| !["sync", "async"].contains(&mode.as_ref())) {
        return Err(invalid("royalty_mode is neither sync nor async"));
    }
    let extend = fields.optional_object("extend_params").map_err(bad)?;
    let finish = extend.map(|extend| extend.optional_text("royalty_finish", 8)).transpose().map_err(bad)?.flatten();
    let is_last = match finish.as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(invalid("royalty_finish is neither true nor false")),
    };
    let order = call.find_order(&call.cell.port.begin_read(), &named)?;
    let order = order.ok_or(Failure::new(business::TRADE_NOT_EXIST))?;
    let list = fields.objects("royalty_parameters", PARTS_MAX).map_err(bad)?;
    if list.is_empty() {
        return Err(invalid("royalty_parameters is missing"));
    }
    let parts = list.into_iter().map(|fields| part(call, &order, fields)).collect::<Result<_, Failure>>()?;
    let Some(named) = call.order_ref(named)? else { return Err(Failure::new(business::TRADE_NOT_EXIST)) };
    let body = PayRoyalty { order: named, out_request_no, parts, is_last };
    let reply = call.ask::<_, RoyaltyReply>(PAY_ROYALTY, &body).await;
    let royalty = reply.map_err(|unanswered| unanswered.into_failure(METHOD))?.royalty;
    Ok(Node::with_outcome(GatewayCode::Success)
        .with("trade_no", call.trade_no(&order))
        .with("settle_no", royalty.number(call.cell.number)))
}

/// One of `royalty_parameters`: who receives, and how much of the trade.
fn part(call: &Call<'_>, order: &Order, fields: Fields<'_>) -> Result<RoyaltyPart, Failure> {
    let kind = fields.optional_text("royalty_type", 32).map_err(bad)?;
    if kind.is_some_and(|kind| kind != "transfer") {
        // A subsidy (replenish) goes the other way.
        return Err(Failure::with_detail(business::NOT_SUPPORT_ROYALTY, "royalty_type is not transfer"));
    }
    check_self(call, fields, "trans_out", "trans_out_type", business::NOT_SUPPORT_ROYALTY)?;
    let names = ["trans_in_type", "trans_in", "trans_in_name"];
    let (receiver, _) =
        receiver(call, fields, names, [business::ROYALTY_ACCOUNT_NOT_EXIST, business::NOT_SUPPORT_ROYALTY])?;
    let amount = match fields.optional_amount("amount", order.total.currency).map_err(bad)? {
        Some(money) => money.amount,
        None => percentage(order.total, fields)?,
    };
    let description = fields.optional_text("desc", 1_000).map_err(bad)?.map(String::from);
    Ok(RoyaltyPart { receiver, amount, description })
}

/// `amount_percentage`: a whole number of hundredths of the price, a fraction of a minor unit left out.
fn percentage(price: Money, fields: Fields<'_>) -> Result<Amount, Failure> {
    let wrong = || invalid("amount_percentage is not 1 to 100, and there is no amount");
    let text = fields.optional_text("amount_percentage", 3).map_err(bad)?.ok_or_else(wrong)?;
    let percent: u64 = text.parse().ok().filter(|percent| (1..=100).contains(percent)).ok_or_else(wrong)?;
    let minor = u128::from(price.amount.minor()) * u128::from(percent) / 100;
    u64::try_from(minor)
        .ok()
        .and_then(|minor| Amount::new(minor).ok())
        .filter(|amount| !amount.is_zero())
        .ok_or_else(wrong)
}

/// A field that may only name the application's merchant.
pub(super) fn check_self(
    call: &Call<'_>,
    fields: Fields<'_>,
    account_field: &'static str,
    kind_field: &'static str,
    refused: SubCode,
) -> Result<(), Failure> {
    let kind = fields.optional_text(kind_field, 32).map_err(bad)?;
    let account = fields.optional_text(account_field, 128).map_err(bad)?;
    if kind.is_some_and(|kind| kind != "userId") {
        return Err(Failure::with_detail(refused, format!("{kind_field} is not userId")));
    }
    match account {
        Some(account) if account != call.merchant.to_string() => {
            Err(invalid(&format!("{account_field} is not the application's merchant")))
        }
        _ => Ok(()),
    }
}

pub(super) async fn query(call: &Call<'_>) -> Result<Node, Failure> {
    let number = |field| call.fields().optional_identifier(field).map_err(bad);
    let read = call.cell.port.begin_read();
    let royalty = match (number("settle_no")?, number("out_request_no")?, number("trade_no")?) {
        (Some(ours), _, _) => by_settle_no(call, &read, &ours)?,
        (None, Some(theirs), Some(trade)) => {
            let found: Option<Royalty> = read.get(&Royalty::key(call.merchant, &theirs)).map_err(unreadable)?;
            let order = order_of(&read, found.as_ref())?;
            found.filter(|_| order.is_some_and(|order| trade_no(&order, call.cell.number) == trade))
        }
        _ => return Err(invalid("settle_no, or out_request_no and trade_no, are needed")),
    };
    let royalty = royalty.ok_or(Failure::new(business::TRADE_SETTLE_NOT_EXIST))?;
    let currency = order_of(&read, Some(&royalty))?.map_or(call.cell.currency, |order| order.total.currency);
    let at = call.time.write(royalty.at_ns);
    let detail = |part: &RoyaltyPart| {
        Node::new()
            .with("operation_type", "transfer")
            .with("execute_dt", at.clone())
            .with("trans_out", royalty.merchant.to_string())
            .with("trans_out_type", "userId")
            .with("trans_in", part.receiver.to_string())
            .with("trans_in_type", "userId")
            .with("amount", Money::new(part.amount, currency).to_decimal_two())
            .with("state", "SUCCESS")
    };
    let details: Vec<Node> = royalty.parts.iter().map(detail).collect();
    Ok(Node::with_outcome(GatewayCode::Success)
        .with("out_request_no", royalty.out_request_no.clone())
        .with("operation_dt", at)
        .with("royalty_detail_list", details))
}

fn by_settle_no(call: &Call<'_>, read: &ReadPoint, number: &str) -> Result<Option<Royalty>, Failure> {
    let cell = call.cell.number;
    let Some((_, id)) = parse_trade_no(number).filter(|(named, _)| *named == cell) else { return Ok(None) };
    let index: Option<RoyaltyIndex> = read.get(&RoyaltyIndex::key(id)).map_err(unreadable)?;
    let Some(RoyaltyIndex { merchant, out_request_no }) = index.filter(|index| index.merchant == call.merchant) else {
        return Ok(None);
    };
    let royalty: Option<Royalty> = read.get(&Royalty::key(merchant, &out_request_no)).map_err(unreadable)?;
    Ok(royalty.filter(|royalty| royalty.number(cell) == number))
}

fn order_of(read: &ReadPoint, royalty: Option<&Royalty>) -> Result<Option<Order>, Failure> {
    let Some(royalty) = royalty else { return Ok(None) };
    read.get(&Order::key(royalty.order)).map_err(unreadable)
}
