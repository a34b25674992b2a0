//! What a notice says: the fields of the order as it was when the notice was asked for.

use sycee_acquiring::Order;
use sycee_acquiring::reply::{FreezeNotice, FreezeNoticeKind, Notice, NoticeKind};
use sycee_contract::{EffectId, EffectRecord};
use sycee_engine::CellHandle;
use sycee_money::{Amount, Money};

use super::news::News;
use crate::market_time::MarketTime;
use crate::methods::{Amounts, fund_bills, logon_id, trade_status_name};
use crate::signature::SigningKey;
use crate::wire::outgoing_fields::OutgoingFields;
use crate::wire::response::{Node, NodeValue};

/// The signed form of a notice.
///
/// # Errors
/// Why it cannot be made: the cell cannot be read, or the effect's body is none of ours.
pub(super) fn form(
    gateway_key: &SigningKey,
    cell: &CellHandle,
    id: EffectId,
    record: &EffectRecord,
) -> Result<String, String> {
    let news = News::of(record).ok_or_else(|| "its body does not decode".to_owned())?;
    let market = cell.market().map_err(|error| error.to_string())?;
    let writing = Writing {
        cell: cell.number,
        id,
        time: &MarketTime::new(&market.time_zone)?,
        requested_at_ns: record.requested_at_ns,
        buyer_logon_id: news.customer().map(|customer| logon_id(cell, &cell.port.begin_read(), customer)),
    };
    let fields = match &news {
        News::Trade(notice) => writing.fields(notice),
        News::Freeze(notice) => writing.freeze_fields(notice),
    };
    fields.signed_form(gateway_key).map_err(|error| error.to_string())
}

/// What the fields are made of beside the notice itself.
struct Writing<'a> {
    cell: u16,
    id: EffectId,
    time: &'a MarketTime,
    requested_at_ns: u64,
    buyer_logon_id: Option<String>,
}

impl Writing<'_> {
    /// What every notice has.
    fn head(&self, notify_type: &str, app: Option<u64>) -> OutgoingFields {
        let app = app.map(|app| app.to_string());
        OutgoingFields::new()
            .with("notify_time", self.time.write(self.requested_at_ns))
            .with("notify_type", notify_type)
            .with("notify_id", notify_id(self.cell, self.id))
            .with_optional("app_id", app.clone())
            .with_optional("auth_app_id", app)
            .with("charset", "utf-8")
            .with("version", "1.0")
    }

    /// Of frozen money. Names and form as in recorded notices of the platform; that what goes back by itself (a cancel, an end by
    /// time, a last payment) is told like a release, under the number of the freeze, is from memory.
    fn freeze_fields(self, notice: &FreezeNotice) -> OutgoingFields {
        let FreezeNotice { kind, authorisation, operation, amount } = notice;
        let local = |time_ns: u64| self.time.write(time_ns);
        let money = |amount: Amount| Money::new(amount, authorisation.amount.currency).to_decimal_two();
        let (notify_type, operation_type) = match kind {
            FreezeNoticeKind::Frozen => ("fund_auth_freeze", "FREEZE"),
            FreezeNoticeKind::Released | FreezeNoticeKind::Ended => ("fund_auth_unfreeze", "UNFREEZE"),
        };
        self.head(notify_type, authorisation.app)
            .with("auth_no", authorisation.number(self.cell))
            .with("out_order_no", authorisation.out_order_no.clone())
            .with("operation_id", operation.number(self.cell))
            .with("out_request_no", operation.out_request_no.clone())
            .with("operation_type", operation_type)
            .with("amount", money(*amount))
            .with("trans_currency", authorisation.amount.currency.code())
            .with("status", "SUCCESS")
            .with("gmt_create", local(authorisation.created_at_ns))
            .with("gmt_trans", local(self.requested_at_ns))
            .with_optional("payer_user_id", authorisation.customer.map(|customer| customer.to_string()))
            .with_optional("payer_logon_id", self.buyer_logon_id.clone())
            .with("payee_user_id", authorisation.merchant.to_string())
            .with("total_freeze_amount", money(authorisation.frozen()))
            .with("total_unfreeze_amount", money(authorisation.released))
            .with("total_pay_amount", money(authorisation.captured))
            .with("rest_amount", money(authorisation.held))
    }

    fn fields(self, notice: &Notice) -> OutgoingFields {
        let order = &notice.order;
        let amounts = Amounts::of(order);
        let local = |time_ns: u64| self.time.write(time_ns);
        let paid = order.paid.as_ref();
        let fields = self
            .head("trade_status_sync", order.app)
            .with("trade_no", sycee_acquiring::trade_no(order, self.cell))
            .with("out_trade_no", order.out_trade_no.clone())
            .with_optional("trade_status", trade_status_name(order.status_at(self.requested_at_ns)))
            .with("total_amount", amounts.total)
            .with_optional("buyer_id", order.buyer.map(|buyer| buyer.to_string()))
            .with_optional("buyer_logon_id", self.buyer_logon_id.clone())
            .with("seller_id", order.merchant.to_string())
            .with("subject", order.subject.clone())
            .with_optional("body", order.body.clone())
            .with_optional("passback_params", order.passback_params.clone())
            .with("gmt_create", local(order.trade_created_at_ns.unwrap_or(order.created_at_ns)))
            .with_optional("gmt_payment", paid.map(|paid| local(paid.at_ns)))
            .with_optional("gmt_close", order.closed_at(self.requested_at_ns).map(local));
        let fields = match paid {
            None => fields,
            Some(_) => fields
                .with("receipt_amount", amounts.receipt)
                .with("buyer_pay_amount", amounts.buyer_pay.clone())
                .with("invoice_amount", amounts.buyer_pay)
                .with("point_amount", amounts.point)
                .with("fund_bill_list", fund_bill_list(order))
                .with_optional("voucher_detail_list", voucher_detail_list(order)),
        };
        match (notice.kind, &notice.refund) {
            (NoticeKind::Refunded, Some(refund)) => fields
                .with("out_biz_no", refund.out_request_no.clone())
                .with("refund_fee", money(order, refund.cumulative))
                .with("send_back_fee", money(order, refund.to_payer))
                .with("gmt_refund", local(refund.at_ns)),
            _ => fields,
        }
    }
}

fn money(order: &Order, amount: Amount) -> String {
    Money::new(amount, order.total.currency).to_decimal_two()
}

/// In a notice the names inside the list are written together, unlike in answers.
fn fund_bill_list(order: &Order) -> String {
    let bills = fund_bills(order).into_iter();
    let bills: Vec<Node> =
        bills.map(|(channel, amount)| Node::new().with("amount", amount).with("fundChannel", channel)).collect();
    NodeValue::from(bills).to_json()
}

fn voucher_detail_list(order: &Order) -> Option<String> {
    let discounts = order.paid.as_ref().map(|paid| paid.discounts.as_slice()).unwrap_or_default();
    let voucher = |part: &sycee_acquiring::order::Discount| {
        Node::new().with("amount", money(order, part.amount)).with("name", part.label.clone())
    };
    let vouchers: Vec<Node> = discounts.iter().map(voucher).collect();
    (!vouchers.is_empty()).then(|| NodeValue::from(vouchers).to_json())
}

/// The same for every attempt, and no other notice's in the world: the cell, the operation and the place in its plan.
pub(super) fn notify_id(cell: u16, id: EffectId) -> String {
    format!("{cell:02}{:020}{:05}", id.operation, id.index)
}

/// The notice that a number names; whether there is one is for the caller to see.
pub(super) fn parse_notify_id(text: &str) -> Option<(u16, EffectId)> {
    if text.len() != 27 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (cell, rest) = text.split_at_checked(2)?;
    let (operation, index) = rest.split_at_checked(20)?;
    let id = EffectId { operation: operation.parse().ok()?, index: index.parse().ok()? };
    cell.parse().ok().map(|cell| (cell, id))
}

#[cfg(test)]
#[path = "notice_tests.rs"]
mod tests;
