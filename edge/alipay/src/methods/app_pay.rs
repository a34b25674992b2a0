//! `alipay.trade.app.pay`: an order that the shop's app hands to the customer's wallet as a signed text. The trade exists once the
//! wallet has shown it to a customer.

use sycee_acquiring::command::APP_PAY;
use sycee_acquiring::refusal::{TRADE_HAS_CLOSED, TRADE_HAS_SUCCESS};
use sycee_acquiring::reply::OrderReply;
use sycee_acquiring::{Channel, Order, OrderState};

use super::{Call, Told, Unanswered};
use crate::codes::{GatewayCode, business};
use crate::wire::failure::Failure;
use crate::wire::response::Node;

pub(super) const METHOD: &str = "alipay.trade.app.pay";

/// Makes the order, or finds it; gives back its id.
pub(super) async fn open(call: &Call<'_>) -> Result<u64, Failure> {
    let fields = call.order_fields()?;
    let (number, total) = (fields.out_trade_no.clone(), fields.total);
    match call.ask::<_, OrderReply>(APP_PAY, &fields).await {
        Ok(reply) => Ok(reply.order.id),
        // The customer has come back to an order that has ended: how, they are told when they are asked to pay it.
        Err(Unanswered::Refused(refusal)) if [TRADE_HAS_SUCCESS, TRADE_HAS_CLOSED].contains(&refusal.code) => {
            let ended = find(call, &number)?.filter(|order| order.total == total);
            ended.map(|order| order.id).ok_or_else(|| Unanswered::Refused(refusal).into_failure(METHOD))
        }
        Err(unanswered) => Err(unanswered.into_failure(METHOD)),
    }
}

/// How the order stands for a customer.
pub(super) fn tell(call: &Call<'_>, customer: u64) -> Result<Told, Failure> {
    let fields = call.order_fields()?;
    let order = find(call, &fields.out_trade_no)?.filter(|order| order.total == fields.total);
    let order = order.ok_or(Failure::new(business::TRADE_HAS_CLOSE))?;
    Ok(match &order.paid {
        Some(_) if order.buyer != Some(customer) => Told::Refused(Failure::new(business::TRADE_HAS_SUCCESS)),
        Some(_) => Told::Done(
            Node::with_outcome(GatewayCode::Success)
                .with("out_trade_no", order.out_trade_no.clone())
                .with("trade_no", call.trade_no(&order))
                .with("total_amount", order.total.to_decimal_two())
                .with("seller_id", order.merchant.to_string()),
        ),
        None if order.state == OrderState::Closed || order.expired_at(call.now_ns) => {
            Told::Refused(Failure::new(business::TRADE_HAS_CLOSE))
        }
        None => Told::Waits,
    })
}

/// The merchant's order of this number, if it came in this way.
fn find(call: &Call<'_>, number: &str) -> Result<Option<Order>, Failure> {
    let order = call.by_out_trade_no(&call.cell.port.begin_read(), number)?;
    Ok(order.filter(|order| order.channel == Channel::App))
}
