//! `alipay.trade.query`: how a trade stands. An order whose code was never scanned is no trade.

use super::{Call, trade_status_name};
use crate::codes::{GatewayCode, business};
use crate::wire::failure::Failure;
use crate::wire::response::Node;

pub(super) const METHOD: &str = "alipay.trade.query";

pub(super) async fn answer(call: &Call<'_>) -> Result<Node, Failure> {
    let named = call.named_order()?;
    let order = call.find_order(&call.cell.port.begin_read(), &named)?;
    let visible = order.and_then(|order| Some((trade_status_name(order.status_at(call.now_ns))?, order)));
    let (status, order) = visible.ok_or(Failure::new(business::TRADE_NOT_EXIST))?;
    let node = Node::with_outcome(GatewayCode::Success)
        .with("trade_no", call.trade_no(&order))
        .with("out_trade_no", order.out_trade_no.clone())
        .with("trade_status", status);
    let node = call
        .with_amounts(call.with_buyer(node, &order), &order)
        .with_optional("send_pay_date", order.paid.as_ref().map(|paid| call.time.write(paid.at_ns)))
        .with_optional("store_id", order.store_reference.clone())
        .with_optional("terminal_id", order.terminal.clone())
        .with("subject", order.subject.clone())
        .with_optional("body", order.body.clone());
    Ok(call.with_lists(node, &order))
}
