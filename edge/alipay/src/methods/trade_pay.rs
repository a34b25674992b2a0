//! `alipay.trade.pay`: the shop scans the customer's payment code and the trade is paid at once.
//!
//! 10000 paid; 10003 under way, to be queried; failures carry amounts of zero. Payment codes of other markets' wallets are
//! refused for now: payments across borders come with the network. Paying from a freeze and by agreement is not offered.

use sycee_acquiring::Order;
use sycee_acquiring::command::{PAY_BY_CODE, PayByCode};
use sycee_acquiring::reply::OrderReply;
use sycee_party::{PARTY_FROZEN, Party};

use super::rendering::zero;
use super::{Call, Unanswered};
use crate::codes::{GatewayCode, business};
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
    for (field, what) in [("auth_no", "a freeze"), ("agreement_params", "an agreement")] {
        if call.fields().has(field) {
            let detail = format!("paying from {what} ({field}) is not offered");
            return Err(Failure::with_detail(business::ACCESS_FORBIDDEN, detail));
        }
    }
    let auth_code = call.fields().text("auth_code", 64).map_err(|error| invalid(error.to_string()))?.into_owned();
    let order = call.order_fields()?;
    let (out_trade_no, total) = (order.out_trade_no.clone(), order.total);
    check_code(call, &auth_code)?;
    let code_digest = call.cell.vault.digest("pay-code", auth_code.as_bytes());
    match call.ask::<_, OrderReply>(PAY_BY_CODE, &PayByCode { order, code_digest }).await {
        Ok(reply) => Ok(render(call, &reply.order)),
        Err(Unanswered::UnderWay) => Ok(Node::with_outcome(GatewayCode::Processing)
            .with("out_trade_no", out_trade_no)
            .with("total_amount", total.to_decimal_two())),
        Err(unanswered) => Err(failure(call, unanswered)),
    }
}

/// A code that cannot be one is refused like one that is unknown; one of another wallet of this world is refused by its name.
fn check_code(call: &Call<'_>, auth_code: &str) -> Result<(), Failure> {
    let is_code = AUTH_CODE_DIGITS.contains(&auth_code.len()) && auth_code.bytes().all(|byte| byte.is_ascii_digit());
    if !is_code {
        return Err(Failure::new(business::PAYMENT_AUTH_CODE_INVALID));
    }
    if auth_code.starts_with(&call.market.pay_code_prefix) {
        return Ok(());
    }
    let others = call.alipay.world.cells.iter().filter(|cell| cell.number != call.cell.number);
    let issuer = others.filter_map(|cell| cell.market().ok()).find(|pack| auth_code.starts_with(&pack.pay_code_prefix));
    match issuer {
        None => Ok(()),
        Some(pack) => {
            let detail = format!(
                "the code is of a wallet in {} ({}): payments across borders are not offered yet",
                pack.market, pack.currency
            );
            Err(Failure::with_detail(business::CURRENCY_NOT_SUPPORT, detail))
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
