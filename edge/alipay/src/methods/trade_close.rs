//! `alipay.trade.close`: closes a trade that waits for its payment.

use sycee_acquiring::command::CLOSE;
use sycee_acquiring::reply::OrderReply;

use super::Call;
use crate::codes::{GatewayCode, business};
use crate::wire::failure::Failure;
use crate::wire::response::Node;

pub(super) const METHOD: &str = "alipay.trade.close";
/// Longest `operator_id` that is taken, in characters.
const OPERATOR_MAX_CHARACTERS: usize = 64;

pub(super) async fn answer(call: &Call<'_>) -> Result<Node, Failure> {
    let named = call.named_order()?;
    let operator = call.fields().optional_text("operator_id", OPERATOR_MAX_CHARACTERS);
    operator.map_err(|error| error.into_failure(business::INVALID_PARAMETER))?;
    let order = call.order_ref(named)?.ok_or(Failure::new(business::TRADE_NOT_EXIST))?;
    let reply = call.ask::<_, OrderReply>(CLOSE, &order).await;
    let order = reply.map_err(|unanswered| unanswered.into_failure(METHOD))?.order;
    let trade_no = call.trade_no(&order);
    Ok(Node::with_outcome(GatewayCode::Success).with("trade_no", trade_no).with("out_trade_no", order.out_trade_no))
}
