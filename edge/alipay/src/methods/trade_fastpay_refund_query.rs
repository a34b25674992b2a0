//! `alipay.trade.fastpay.refund.query`: whether a refund was made. A refund that nobody knows is a success that says nothing
//! of it: no `refund_status`.

use sycee_acquiring::record::Refund;
use sycee_money::{Amount, Money};

use super::{Call, trade_status_name};
use crate::codes::{GatewayCode, business};
use crate::state::unreadable;
use crate::wire::failure::Failure;
use crate::wire::response::Node;

pub(super) const METHOD: &str = "alipay.trade.fastpay.refund.query";

pub(super) async fn answer(call: &Call<'_>) -> Result<Node, Failure> {
    let named = call.named_order()?;
    let number = call.fields().identifier("out_request_no");
    let number = number.map_err(|error| error.into_failure(business::INVALID_PARAMETER))?;
    let read = call.cell.port.begin_read();
    let order =
        call.find_order(&read, &named)?.filter(|order| trade_status_name(order.status_at(call.now_ns)).is_some());
    let order = order.ok_or(Failure::new(business::TRADE_NOT_EXIST))?;
    let refund = read.get::<Refund>(&Refund::key(order.id, &number)).map_err(unreadable)?;
    let node = Node::with_outcome(GatewayCode::Success);
    let Some(refund) = refund else { return Ok(node) };
    let text = |amount: Amount| Money::new(amount, order.total.currency).to_decimal_two();
    let asks_for_time = call.asks_for("gmt_refund_pay");
    Ok(node
        .with("trade_no", call.trade_no(&order))
        .with("out_trade_no", order.out_trade_no.clone())
        .with("out_request_no", refund.out_request_no)
        .with("total_amount", text(order.total.amount))
        .with("refund_amount", text(refund.amount))
        .with("send_back_fee", text(refund.to_payer))
        .with("refund_status", "REFUND_SUCCESS")
        .with_optional("refund_reason", refund.reason)
        .with_optional("gmt_refund_pay", asks_for_time.then(|| call.time.write(refund.at_ns))))
}
