//! `alipay.trade.precreate`: a code for one order, which the customer scans. The trade exists once it was scanned.

use sycee_acquiring::command::{PRECREATE, Precreate};
use sycee_acquiring::reply::OrderReply;

use super::Call;
use crate::cashier::code_of_order;
use crate::codes::{GatewayCode, business};
use crate::wire::failure::Failure;
use crate::wire::response::Node;

pub(super) const METHOD: &str = "alipay.trade.precreate";

pub(super) async fn answer(call: &Call<'_>) -> Result<Node, Failure> {
    let body = Precreate { order: call.order_fields()?, code_lifetime_seconds: call.code_lifetime_seconds()? };
    let reply = call.ask::<_, OrderReply>(PRECREATE, &body).await;
    let order = reply.map_err(|unanswered| unanswered.into_failure(METHOD))?.order;
    let code = code_of_order(call.cell, &call.market, &order);
    let code = code.map_err(|problem| Failure::with_detail(business::SYSTEM_ERROR, problem))?;
    Ok(Node::with_outcome(GatewayCode::Success).with("out_trade_no", order.out_trade_no).with("qr_code", code))
}
