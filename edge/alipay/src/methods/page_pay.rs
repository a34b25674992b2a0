//! `alipay.trade.page.pay` and `alipay.trade.wap.pay`: the merchant sends the customer's browser here; it shows the order with
//! a code to scan, and goes back to the merchant when the order is paid. Both are one thing for us: a page that fits any
//! screen.

use sycee_acquiring::command::{PAGE_PAY, PagePay};
use sycee_acquiring::refusal::{TRADE_HAS_CLOSED, TRADE_HAS_SUCCESS};
use sycee_acquiring::reply::OrderReply;

use super::{Call, Unanswered};
use crate::cashier::{self, Page, page_of_order};
use crate::wire::failure::Failure;

pub(super) const PAGE_METHOD: &str = "alipay.trade.page.pay";
pub(super) const WAP_METHOD: &str = "alipay.trade.wap.pay";

pub(super) async fn answer(call: &Call<'_>, wap: bool) -> Result<Page, Failure> {
    let method = if wap { WAP_METHOD } else { PAGE_METHOD };
    let order = call.order_fields()?;
    let asked = (order.out_trade_no.clone(), order.total);
    let order = match call.ask::<_, OrderReply>(PAGE_PAY, &PagePay { order, wap }).await {
        Ok(reply) => reply.order,
        // The customer has come back to an order that has ended: the page says how.
        Err(Unanswered::Refused(refusal)) if [TRADE_HAS_SUCCESS, TRADE_HAS_CLOSED].contains(&refusal.code) => {
            let ended = call.by_out_trade_no(&call.cell.port.begin_read(), &asked.0)?;
            let ended = ended.filter(|order| order.total == asked.1 && cashier::has_page(order));
            ended.ok_or_else(|| Unanswered::Refused(refusal).into_failure(method))?
        }
        Err(unanswered) => return Err(unanswered.into_failure(method)),
    };
    page_of_order(call.alipay, call.cell, &order, call.language, false)
}
