//! `alipay.trade.refund`: money back, whole or in part. `refund_fee` is all that was refunded of the trade so far,
//! `send_back_fee` what this refund returned to the buyer, `fund_change` whether this call moved it.

use sycee_acquiring::command::{REFUND, REFUND_WITH_ROYALTIES, RefundOrder, RefundWithRoyalties};
use sycee_acquiring::refusal::REFUND_AMOUNT_EXCEEDS;
use sycee_acquiring::reply::RefundReply;
use sycee_acquiring::royalty::{PARTS_MAX, TakeBack};
use sycee_money::{Amount, Money};

use super::royalty_relation::receiver;
use super::trade_order_settle::check_self;
use super::{Call, Unanswered};
use crate::codes::{GatewayCode, business};
use crate::wire::biz_content::FieldError;
use crate::wire::failure::Failure;
use crate::wire::response::Node;

pub(super) const METHOD: &str = "alipay.trade.refund";

pub(super) async fn answer(call: &Call<'_>) -> Result<Node, Failure> {
    let bad = |error: FieldError| error.into_failure(business::INVALID_PARAMETER);
    let fields = call.fields();
    let named = call.named_order()?;
    call.check_currency("refund_currency", business::INVALID_PARAMETER)?;
    let taken = taken(call)?;
    let amount = fields.amount("refund_amount", call.cell.currency).map_err(bad)?;
    let out_request_no = fields.optional_identifier("out_request_no").map_err(bad)?.map(String::from);
    let reason = fields.optional_text("refund_reason", 256).map_err(bad)?.map(String::from);
    let order = call.order_ref(named)?.ok_or(Failure::new(business::TRADE_NOT_EXIST))?;
    let has_number = out_request_no.is_some();
    let body = RefundOrder { order, amount, out_request_no, reason };
    let reply = match taken.is_empty() {
        true => call.ask::<_, RefundReply>(REFUND, &body).await,
        false => call.ask(REFUND_WITH_ROYALTIES, &RefundWithRoyalties { refund: body, taken }).await,
    };
    let reply = reply.map_err(|unanswered| failure(unanswered, has_number))?;
    Ok(render(call, &reply))
}

/// `refund_royalty_parameters`: who gives back (`trans_out`) how much of what they have got of the trade. Who gives nothing back
/// keeps it, and the seller bears the refund.
fn taken(call: &Call<'_>) -> Result<Vec<TakeBack>, Failure> {
    let bad = |error: FieldError| error.into_failure(business::INVALID_PARAMETER);
    let list = call.fields().objects("refund_royalty_parameters", PARTS_MAX).map_err(bad)?;
    list.into_iter()
        .map(|fields| {
            let kind = fields.optional_text("royalty_type", 32).map_err(bad)?;
            if kind.is_some_and(|kind| kind != "transfer") {
                return Err(Failure::with_detail(business::TRADE_SETTLE_ERROR, "royalty_type is not transfer"));
            }
            check_self(call, fields, "trans_in", "trans_in_type", business::TRADE_SETTLE_ERROR)?;
            let names = ["trans_out_type", "trans_out", "trans_out_name"];
            let (receiver, _) = receiver(call, fields, names, [business::TRADE_SETTLE_ERROR; 2])?;
            let amount = fields.amount("amount", call.cell.currency).map_err(bad)?.amount;
            Ok(TakeBack { receiver, amount })
        })
        .collect()
}

/// Recorded traffic names too large a refund differently with and without a number of its own.
fn failure(unanswered: Unanswered, has_number: bool) -> Failure {
    match unanswered {
        Unanswered::Refused(refusal) if refusal.code == REFUND_AMOUNT_EXCEEDS && !has_number => {
            Failure::with_detail(business::REFUND_AMT_NOT_EQUAL_TOTAL, refusal.detail)
        }
        unanswered => unanswered.into_failure(METHOD),
    }
}

fn render(call: &Call<'_>, reply: &RefundReply) -> Node {
    let (order, refund) = (&reply.order, &reply.refund);
    let text = |amount: Amount| Money::new(amount, order.total.currency).to_decimal_two();
    let sent_back = if reply.repeated { Amount::ZERO } else { refund.to_payer };
    let node = Node::with_outcome(GatewayCode::Success)
        .with("trade_no", call.trade_no(order))
        .with("out_trade_no", order.out_trade_no.clone())
        .with("fund_change", if reply.repeated { "N" } else { "Y" })
        .with("refund_fee", text(order.refunded))
        .with("send_back_fee", text(sent_back))
        .with("refund_currency", order.total.currency.code())
        .with("gmt_refund_pay", call.time.write(refund.at_ns));
    let node = call.with_buyer(node, order);
    if !call.asks_for("refund_detail_item_list") {
        return node;
    }
    let item = Node::new().with("fund_channel", "ALIPAYACCOUNT").with("amount", text(refund.to_payer));
    node.with("refund_detail_item_list", vec![item])
}
