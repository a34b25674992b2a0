//! `alipay.trade.cancel`: undoes a trade whatever became of it. Unpaid it is closed, paid it is refunded in full; of an order
//! that nobody knows there is nothing to undo, and that is a success.

use sycee_acquiring::command::CANCEL;
use sycee_acquiring::reply::{CancelAction, CancelReply};

use super::Call;
use crate::codes::GatewayCode;
use crate::wire::failure::Failure;
use crate::wire::response::Node;

pub(super) const METHOD: &str = "alipay.trade.cancel";

pub(super) async fn answer(call: &Call<'_>) -> Result<Node, Failure> {
    let named = call.named_order()?;
    let (out_trade_no, trade_no) = (named.out_trade_no.clone(), named.trade_no.clone());
    let node = Node::with_outcome(GatewayCode::Success).with("retry_flag", "N");
    let reply = match call.order_ref(named)? {
        None => CancelReply { action: None, order: None, repeated: false },
        Some(order) => {
            let reply = call.ask::<_, CancelReply>(CANCEL, &order).await;
            reply.map_err(|unanswered| unanswered.into_failure(METHOD))?
        }
    };
    let Some(order) = reply.order else {
        return Ok(node.with_optional("trade_no", trade_no).with_optional("out_trade_no", out_trade_no));
    };
    let node = node.with("out_trade_no", order.out_trade_no.clone());
    if order.trade_created_at_ns.is_none() {
        // Its code was never scanned: there was no trade to act on, and there will be none.
        return Ok(node);
    }
    let action = reply.action.map(|action| match action {
        CancelAction::Close => "close",
        CancelAction::Refund => "refund",
    });
    Ok(node.with("trade_no", call.trade_no(&order)).with_optional("action", action))
}
