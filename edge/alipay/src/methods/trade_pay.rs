//! `alipay.trade.pay`: the shop scans the customer's payment code and the trade is paid at once.
//!
//! 10000 paid; 10003 under way, to be queried; failures carry amounts of zero. A payment code of another cell's wallet is
//! collected through the network; as soon as that cell has refused, the order is as if it had never been, and the till can try
//! again under the same number. With `auth_no` the money comes out of a freeze; paying by agreement is not offered.

use sycee_acquiring::Order;
use sycee_acquiring::command::{PAY_BY_CODE, PAY_FROM_FREEZE, PayByCode, PayFromFreeze};
use sycee_acquiring::reply::OrderReply;
use sycee_contract::{Key, decode};
use sycee_interop::command::{COLLECT, CollectBody};
use sycee_interop::record::{Collection, DIRECTORY, KnownCell};
use sycee_interop::routing;
use sycee_party::{PARTY_FROZEN, Party};

use super::rendering::zero;
use super::{Call, Unanswered};
use crate::codes::{GatewayCode, business};
use crate::state::unreadable;
use crate::wire::biz_content::FieldError;
use crate::wire::failure::Failure;
use crate::wire::response::Node;

pub(super) const METHOD: &str = "alipay.trade.pay";

/// Payment codes have 16 to 24 digits and begin with 25 to 30.
const AUTH_CODE_DIGITS: std::ops::RangeInclusive<usize> = 16..=24;

pub(super) async fn answer(call: &Call<'_>) -> Result<Node, Failure> {
    match pay(call).await {
        Ok(node) => Ok(node),
        Err(failure) => Ok(Node::with_failure(&failure)
            .with("buyer_pay_amount", zero())
            .with("invoice_amount", zero())
            .with("point_amount", zero())
            .with("receipt_amount", zero())),
    }
}

async fn pay(call: &Call<'_>) -> Result<Node, Failure> {
    let invalid = |field| Failure::with_detail(business::INVALID_PARAMETER, field);
    if call.fields().has("agreement_params") {
        let detail = "paying from an agreement (agreement_params) is not offered";
        return Err(Failure::with_detail(business::ACCESS_FORBIDDEN, detail));
    }
    if call.fields().has("auth_no") {
        let reply = pay_from_freeze(call).await?;
        return Ok(render(call, &reply.order));
    }
    let auth_code = call.fields().text("auth_code", 64).map_err(|error| invalid(error.to_string()))?.into_owned();
    let order = call.order_fields()?;
    let (out_trade_no, total) = (order.out_trade_no.clone(), order.total);
    check_code(&auth_code)?;
    let code_digest = call.cell.code_digest(&auth_code);
    let placed = match issuer(call, &auth_code)? {
        None => call.ask::<_, OrderReply>(PAY_BY_CODE, &PayByCode { order, code_digest }).await,
        Some(origin) => collect(call, CollectBody { order, origin, code_digest }).await,
    };
    match placed {
        Ok(reply) => Ok(render(call, &reply.order)),
        Err(Unanswered::UnderWay) => Ok(Node::with_outcome(GatewayCode::Processing)
            .with("out_trade_no", out_trade_no)
            .with("total_amount", total.to_decimal_two())),
        Err(unanswered) => Err(failure(call, unanswered)),
    }
}

/// Takes the payment out of a freeze. Unless it says that it is the last (`COMPLETE`), what is left stays frozen.
async fn pay_from_freeze(call: &Call<'_>) -> Result<OrderReply, Failure> {
    let invalid = |error: FieldError| error.into_failure(business::INVALID_PARAMETER);
    let number = call.fields().identifier("auth_no").map_err(invalid)?;
    let is_last = match call.fields().optional_text("auth_confirm_mode", 32).map_err(invalid)?.as_deref() {
        Some("COMPLETE") => true,
        Some("NOT_COMPLETE") | None => false,
        Some(_) => {
            let detail = "auth_confirm_mode is neither COMPLETE nor NOT_COMPLETE";
            return Err(Failure::with_detail(business::INVALID_PARAMETER, detail));
        }
    };
    let order = call.order_fields()?;
    let found = call.authorisation_by_number(&call.cell.port.begin_read(), &number)?;
    let authorisation = found.ok_or(Failure::new(business::AUTH_NO_ERROR))?.id;
    let reply = call.ask::<_, OrderReply>(PAY_FROM_FREEZE, &PayFromFreeze { order, authorisation, is_last }).await;
    reply.map_err(|unanswered| failure(call, unanswered))
}

/// A code that cannot be one is refused like one that is unknown.
pub(super) fn check_code(auth_code: &str) -> Result<(), Failure> {
    let is_code = AUTH_CODE_DIGITS.contains(&auth_code.len()) && auth_code.bytes().all(|byte| byte.is_ascii_digit());
    if is_code { Ok(()) } else { Err(Failure::new(business::PAYMENT_AUTH_CODE_INVALID)) }
}

/// The other cell whose wallets show such codes, as the network's directory says it. A code of the market's own wallets is looked
/// up nowhere, so paying at home does not depend on the network; one that is nobody's is the market's own too, and unknown
/// there.
pub(super) fn issuer(call: &Call<'_>, auth_code: &str) -> Result<Option<u16>, Failure> {
    if auth_code.starts_with(&call.market.pay_code_prefix) {
        return Ok(None);
    }
    let rows = call.cell.port.begin_read().scan(&Key::new(DIRECTORY), None, usize::MAX).map_err(unreadable)?;
    let cells: Result<Vec<KnownCell>, _> = rows.iter().map(|(_, bytes)| decode(bytes, "directory")).collect();
    let cells = cells.map_err(|stop| unreadable(format!("{stop:?}")))?;
    Ok(routing::issuer(auth_code, &cells).filter(|cell| *cell != call.cell.number))
}

/// Has another cell's customer asked, and waits until it is known what came of it.
async fn collect(call: &Call<'_>, body: CollectBody) -> Result<OrderReply, Unanswered> {
    let mut reply = call.ask::<_, OrderReply>(COLLECT, &body).await?;
    if reply.order.paid.is_some() {
        return Ok(reply);
    }
    let id = reply.order.id;
    // The row goes when the order is paid.
    let key = Collection::key(id);
    let ended = call.until(&key, |row: Option<Collection>| match row {
        None => Some(None),
        Some(Collection { refusal, .. }) => refusal.map(Some),
    });
    match ended.await {
        Err(Unanswered::UnderWay) => Ok(reply),
        Err(unanswered) => Err(unanswered),
        Ok(Some(refusal)) => Err(Unanswered::Refused(refusal)),
        Ok(None) => {
            let order = call.cell.port.get::<Order>(&Order::key(id));
            let order = order.map_err(|error| Unanswered::unreadable(call.cell, &error))?;
            reply.order = order.ok_or(Unanswered::UnderWay)?;
            Ok(reply)
        }
    }
}

/// Which of the two is frozen, the engine says only to the operator; the merchant may know of itself.
fn failure(call: &Call<'_>, unanswered: Unanswered) -> Failure {
    if let Unanswered::Refused(refusal) = &unanswered
        && refusal.code == PARTY_FROZEN
        && let Ok(Some(merchant)) = call.cell.port.get::<Party>(&Party::key(call.merchant))
        && merchant.frozen
    {
        return Failure::new(business::SELLER_BEEN_BLOCKED);
    }
    unanswered.into_failure(METHOD)
}

fn render(call: &Call<'_>, order: &Order) -> Node {
    let Some(paid) = &order.paid else {
        // Placed by an earlier request and not paid yet.
        let node = Node::with_outcome(GatewayCode::Processing).with("trade_no", call.trade_no(order));
        return node
            .with("out_trade_no", order.out_trade_no.clone())
            .with("total_amount", order.total.to_decimal_two());
    };
    let node = Node::with_outcome(GatewayCode::Success)
        .with("trade_no", call.trade_no(order))
        .with("out_trade_no", order.out_trade_no.clone())
        .with("gmt_payment", call.time.write(paid.at_ns));
    let node = call.with_amounts(call.with_buyer(node, order), order);
    call.with_lists(node, order)
}
