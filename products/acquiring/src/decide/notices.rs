//! What is told to others: notices to the merchant's address, events to other products.

use alloc::string::ToString;

use sycee_contract::{Deciding, Effect, EffectPolicy, Event, encode};
use sycee_money::{Amount, Money};

use crate::authorisation::{Authorisation, AuthorisationOperation};
use crate::order::{CloseReason, Order, Paid};
use crate::record::Refund;
use crate::reply::{
    EFFECT_FREEZE_NOTICE, EFFECT_NOTICE, EVENT_ORDER_CLOSED, EVENT_ORDER_PAID, EVENT_ORDER_REFUNDED, FreezeNotice,
    FreezeNoticeKind, Notice, NoticeKind, OrderClosed, OrderPaid, OrderRefunded,
};

/// Tells that `order` was paid.
pub(super) fn paid(deciding: &mut Deciding<'_>, order: &Order, paid: &Paid, buyer: u64) {
    let event = OrderPaid {
        order: order.id,
        merchant: order.merchant,
        store: order.store,
        buyer,
        total: order.total,
        payer_amount: paid.payer_amount,
        created_date: Some(order.created_date),
        out_trade_no: Some(order.out_trade_no.clone()),
    };
    deciding.emit(Event { kind: EVENT_ORDER_PAID, body: encode(&event) });
    notice(deciding, NoticeKind::Paid, order, None);
}

/// Tells that `order` was refunded.
pub(super) fn refunded(deciding: &mut Deciding<'_>, order: &Order, refund: &Refund) {
    let event = OrderRefunded {
        order: order.id,
        merchant: order.merchant,
        buyer: order.buyer.unwrap_or(0),
        amount: Money::new(refund.amount, order.total.currency),
        to_payer: refund.to_payer,
        cumulative: refund.cumulative,
        out_request_no: refund.out_request_no.clone(),
        funding_account: order.paid.as_ref().map(|paid| paid.funding_account),
        created_date: Some(order.created_date),
        out_trade_no: Some(order.out_trade_no.clone()),
    };
    deciding.emit(Event { kind: EVENT_ORDER_REFUNDED, body: encode(&event) });
    notice(deciding, NoticeKind::Refunded, order, Some(refund));
}

/// Tells that `order` was closed unpaid. A code that nobody scanned was never a trade: the merchant is not notified of it.
pub(super) fn closed(deciding: &mut Deciding<'_>, order: &Order, reason: CloseReason) {
    let event = OrderClosed {
        order: order.id,
        merchant: order.merchant,
        reason,
        buyer: order.buyer.or(order.required_buyer),
        created_date: Some(order.created_date),
        out_trade_no: Some(order.out_trade_no.clone()),
    };
    deciding.emit(Event { kind: EVENT_ORDER_CLOSED, body: encode(&event) });
    if order.trade_created_at_ns.is_some() {
        notice(deciding, NoticeKind::Closed, order, None);
    }
}

/// Tells that money was frozen, or that frozen money went back; `own_url` wins over the authorisation's address.
pub(super) fn frozen_money(
    deciding: &mut Deciding<'_>,
    kind: FreezeNoticeKind,
    authorisation: &Authorisation,
    operation: &AuthorisationOperation,
    amount: Amount,
    own_url: Option<&str>,
) {
    let Some(url) = own_url.or(authorisation.notify_url.as_deref()) else { return };
    let notice = FreezeNotice { kind, authorisation: authorisation.clone(), operation: operation.clone(), amount };
    deciding.effect(Effect {
        kind: EFFECT_FREEZE_NOTICE,
        target: url.to_string(),
        body: encode(&notice),
        policy: EffectPolicy::BindsNobody,
    });
}

fn notice(deciding: &mut Deciding<'_>, kind: NoticeKind, order: &Order, refund: Option<&Refund>) {
    let Some(url) = order.notify_url.as_deref() else { return };
    let notice = Notice { kind, order: order.clone(), refund: refund.cloned() };
    deciding.effect(Effect {
        kind: EFFECT_NOTICE,
        target: url.to_string(),
        body: encode(&notice),
        policy: EffectPolicy::BindsNobody,
    });
}
