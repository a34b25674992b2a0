//! `alipay.trade.create`: a trade for a buyer, which waits for the payment. Without a buyer the first customer who opens it
//! may pay.

use sycee_acquiring::command::CREATE;
use sycee_acquiring::reply::OrderReply;

use super::Call;
use crate::codes::GatewayCode;
use crate::wire::failure::Failure;
use crate::wire::response::Node;

pub(super) const METHOD: &str = "alipay.trade.create";

pub(super) async fn answer(call: &Call<'_>) -> Result<Node, Failure> {
    let reply = call.ask::<_, OrderReply>(CREATE, &call.order_fields()?).await;
    let order = reply.map_err(|unanswered| unanswered.into_failure(METHOD))?.order;
    let trade_no = call.trade_no(&order);
    Ok(Node::with_outcome(GatewayCode::Success).with("out_trade_no", order.out_trade_no).with("trade_no", trade_no))
}
