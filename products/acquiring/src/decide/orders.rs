//! Orders until they are paid: precreate, create, page pay, scan, close, expire.

use alloc::format;
use alloc::vec::Vec;

use sycee_contract::{Caller, Command, Deciding, Refusal, Stop, cell, encode};

use super::placing::{check_repeat, draft, is_customer, look_up};
use super::{find_order, notices, refuse};
use crate::command::{EXPIRE_ORDER, OrderFields, OrderRef, OrderTarget, PagePay, Precreate};
use crate::order::{Channel, CloseReason, Order, OrderState, TradeStatus};
use crate::record::OrderIndex;
use crate::refusal::{
    BUYER_NOT_MATCH, BUYER_SELLER_EQUAL, TRADE_HAS_CLOSED, TRADE_HAS_SUCCESS, TRADE_NOT_EXIST, TRADE_STATUS_ERROR,
};
use crate::reply::OrderReply;

pub(super) fn precreate(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let Precreate { order, code_lifetime_seconds } = cell::body(command)?;
    place(command, deciding, order, Channel::Precreate, code_lifetime_seconds)
}

pub(super) fn create(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let fields: OrderFields = cell::body(command)?;
    if fields.required_buyer == Some(command.caller.party) {
        return refuse(BUYER_SELLER_EQUAL, "the buyer is the merchant");
    }
    place(command, deciding, fields, Channel::Create, None)
}

pub(super) fn page_pay(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let PagePay { order, wap } = cell::body(command)?;
    place(command, deciding, order, if wap { Channel::Wap } else { Channel::Page }, None)
}

pub(super) fn app_pay(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let fields: OrderFields = cell::body(command)?;
    place(command, deciding, fields, Channel::App, None)
}

/// Opens an order, or gives back the one that was opened with the same content.
fn place(
    command: &Command,
    deciding: &mut Deciding<'_>,
    fields: OrderFields,
    channel: Channel,
    code_lifetime_seconds: Option<u64>,
) -> Result<Vec<u8>, Stop> {
    let (merchant, before) = look_up(deciding, command.caller.party, &fields)?;
    if let Some(order) = before {
        check_repeat(&order, deciding.stamp().time_ns, &fields, channel)?;
        return Ok(encode(&OrderReply { order, repeated: true }));
    }
    let mut order = draft(deciding, &merchant, fields, channel, code_lifetime_seconds)?;
    set_timer(deciding, &mut order);
    deciding.put(OrderIndex::key(order.merchant, &order.out_trade_no), &OrderIndex { order: order.id });
    deciding.put(Order::key(order.id), &order);
    Ok(encode(&OrderReply { order, repeated: false }))
}

pub(super) fn scan(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let OrderTarget { id } = cell::body(command)?;
    let customer = command.caller.party;
    deciding.want(&[Order::key(id), sycee_party::Party::key(customer)]);
    deciding.ready()?;
    let mut order = existing(deciding, id)?;
    let repeated = match check_payable(&order, customer, deciding.stamp().time_ns)? {
        Payable::Paid => true,
        Payable::Open => order.state == OrderState::WaitBuyerPay && order.buyer == Some(customer),
    };
    if !repeated {
        is_customer(deciding, customer)?;
        open_trade(deciding, &mut order, customer);
        deciding.put(Order::key(order.id), &order);
    }
    Ok(encode(&OrderReply { order, repeated }))
}

/// Whether there is something left to pay.
pub(super) enum Payable {
    /// It waits for this customer.
    Open,
    /// This customer has paid it.
    Paid,
}

/// Refuses unless `customer` may pay the order or has paid it.
pub(super) fn check_payable(order: &Order, customer: u64, now_ns: u64) -> Result<Payable, Stop> {
    let taken = |by: Option<u64>| by.is_some_and(|by| by != customer);
    match order.state {
        OrderState::Closed => refuse(TRADE_HAS_CLOSED, "the order is closed"),
        OrderState::Paid if order.buyer == Some(customer) => Ok(Payable::Paid),
        OrderState::Paid => refuse(TRADE_HAS_SUCCESS, "another has paid the order"),
        OrderState::CodeIssued | OrderState::WaitBuyerPay if order.expired_at(now_ns) => {
            refuse(TRADE_HAS_CLOSED, "the order's time is over")
        }
        OrderState::CodeIssued | OrderState::WaitBuyerPay if customer == order.merchant => {
            refuse(BUYER_SELLER_EQUAL, "the buyer is the merchant")
        }
        OrderState::CodeIssued | OrderState::WaitBuyerPay => {
            // Only whom the merchant named may keep others away: a scan alone binds nobody, or anyone who counts through ids
            // could lock every order.
            if taken(order.required_buyer) {
                refuse(BUYER_NOT_MATCH, "the order is for another buyer")
            } else {
                Ok(Payable::Open)
            }
        }
    }
}

/// The trade becomes visible, for this buyer; from now on the order's own time counts, not the code's.
pub(super) fn open_trade(deciding: &mut Deciding<'_>, order: &mut Order, buyer: u64) {
    order.buyer = Some(buyer);
    order.trade_created_at_ns.get_or_insert(deciding.stamp().time_ns);
    if order.state == OrderState::CodeIssued {
        order.state = OrderState::WaitBuyerPay;
        set_timer(deciding, order);
    }
}

pub(super) fn close(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let named: OrderRef = cell::body(command)?;
    let now = deciding.stamp().time_ns;
    let Some(mut order) = find_order(deciding, command.caller.party, &named)? else {
        return refuse(TRADE_NOT_EXIST, "the merchant has no such order");
    };
    match order.status_at(now) {
        TradeStatus::NotExist => refuse(TRADE_NOT_EXIST, "the order's code was not scanned"),
        TradeStatus::WaitBuyerPay => {
            end_unpaid(deciding, &mut order, CloseReason::Closed);
            Ok(encode(&OrderReply { order, repeated: false }))
        }
        status => refuse(TRADE_STATUS_ERROR, &format!("the order is {status:?}")),
    }
}

pub(super) fn expire(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let OrderTarget { id } = cell::body(command)?;
    let mut order = existing(deciding, id)?;
    if order.deadline_ns().is_none() {
        return Ok(encode(&OrderReply { order, repeated: true }));
    }
    if !order.expired_at(deciding.stamp().time_ns) {
        return refuse(TRADE_STATUS_ERROR, "the order's time is not over");
    }
    end_unpaid(deciding, &mut order, CloseReason::Expired);
    Ok(encode(&OrderReply { order, repeated: false }))
}

/// Closes an order that was not paid, writes it and tells.
pub(super) fn end_unpaid(deciding: &mut Deciding<'_>, order: &mut Order, reason: CloseReason) {
    clear_timer(deciding, order);
    order.state = OrderState::Closed;
    order.closed_at_ns = Some(deciding.stamp().time_ns);
    order.close_reason = Some(reason);
    deciding.put(Order::key(order.id), order);
    notices::closed(deciding, order, reason);
}

/// The order of this id.
pub(super) fn existing(deciding: &mut Deciding<'_>, id: u64) -> Result<Order, Stop> {
    deciding.get::<Order>(&Order::key(id))?.ok_or_else(|| Refusal::new(TRADE_NOT_EXIST, format!("order {id}")).into())
}

/// Sets the timer for what the open order waits for, instead of the one before.
pub(super) fn set_timer(deciding: &mut Deciding<'_>, order: &mut Order) {
    clear_timer(deciding, order);
    if let Some(deadline_ns) = order.deadline_ns() {
        let expire = Command::new(EXPIRE_ORDER, Caller::SYSTEM, &OrderTarget { id: order.id });
        order.timer = Some(deciding.timer(deadline_ns, &expire));
    }
}

/// Removes the timer.
pub(super) fn clear_timer(deciding: &mut Deciding<'_>, order: &mut Order) {
    if let Some(timer) = order.timer.take() {
        deciding.cancel_timer(timer);
    }
}
