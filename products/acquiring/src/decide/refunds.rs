//! Refunds and cancels: what goes back, and to whom.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sycee_contract::{AccountRef, Command, Deciding, Stop, cell, encode};
use sycee_money::{Amount, Money, MoneyError, RemainderRule, cumulative_share, split};
use sycee_party::{MemberRole, require_member_role};

use super::orders::end_unpaid;
use super::{advances, bad_field, check_number, check_optional, find_order, notices, opening, refuse, royalties};
use crate::command::{OrderRef, RefundOrder, RefundWithRoyalties};
use crate::entry::{self, EntryKind};
use crate::number::parse_generated;
use crate::order::{CloseReason, Order, OrderState, Paid, TradeStatus};
use crate::record::{CancelledNumber, Refund};
use crate::refusal::{
    CANCEL_TIME_OUT, CURRENCY_NOT_SUPPORTED, DISCORDANT_REPEAT, REFUND_AMOUNT_EXCEEDS, REFUND_NEEDS_REQUEST_NO,
    SELLER_BALANCE_NOT_ENOUGH, TRADE_HAS_CLOSED, TRADE_HAS_FINISHED, TRADE_NOT_EXIST, TRADE_STATUS_ERROR,
};
use crate::reply::{CancelAction, CancelReply, RefundReply};
use crate::royalty::TakeBack;
use crate::{FEE_RECEIVABLE, MERCHANT_BALANCE, purpose};

pub(super) fn refund(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    refund_order(command, deciding, cell::body(command)?, Vec::new())
}

pub(super) fn refund_with_royalties(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let RefundWithRoyalties { refund, taken } = cell::body(command)?;
    refund_order(command, deciding, refund, taken)
}

/// Refunds, after `taken` of what was passed on of the order came back.
fn refund_order(
    command: &Command,
    deciding: &mut Deciding<'_>,
    asked: RefundOrder,
    taken: Vec<TakeBack>,
) -> Result<Vec<u8>, Stop> {
    let RefundOrder { order: named, amount, out_request_no, reason } = asked;
    if amount.amount.is_zero() {
        return bad_field("amount");
    }
    if let Some(number) = &out_request_no {
        check_number("out_request_no", number)?;
    }
    check_optional("reason", reason.as_deref(), 256)?;
    let now = deciding.stamp().time_ns;
    let order = find_order(deciding, command.caller.party, &named)?;
    let Some(mut order) = order.filter(|order| order.status_at(now) != TradeStatus::NotExist) else {
        return refuse(TRADE_NOT_EXIST, "the merchant has no such trade");
    };
    if amount.currency != order.total.currency {
        return refuse(CURRENCY_NOT_SUPPORTED, &format!("the order is in {}", order.total.currency));
    }
    let amount = amount.amount;
    if order.paid.is_none() {
        return match order.status_at(now) {
            TradeStatus::Closed => refuse(TRADE_HAS_CLOSED, "the order was closed unpaid"),
            _ => refuse(TRADE_STATUS_ERROR, "the order is not paid"),
        };
    }
    let number = match out_request_no {
        Some(number) => number,
        None if amount < order.total.amount => {
            return refuse(REFUND_NEEDS_REQUEST_NO, "a refund of a part needs a number of its own");
        }
        None => order.out_trade_no.clone(),
    };
    if let Some(before) = deciding.get::<Refund>(&Refund::key(order.id, &number))? {
        if before.amount != amount {
            let asked = Money::new(before.amount, order.total.currency);
            return refuse(DISCORDANT_REPEAT, &format!("the first refund of this number was {asked}"));
        }
        if royalties::taken_before(deciding, order.id, &number)? != taken {
            return refuse(DISCORDANT_REPEAT, "the first refund of this number took back something else");
        }
        return Ok(encode(&RefundReply { order, refund: before, repeated: true }));
    }
    match order.status_at(now) {
        TradeStatus::Finished => return refuse(TRADE_HAS_FINISHED, "the time for refunds is over"),
        TradeStatus::Closed if order.close_reason != Some(CloseReason::Refunded) => {
            return refuse(TRADE_HAS_CLOSED, "the order was cancelled");
        }
        _ => {}
    }
    if amount > order.refundable() {
        let left = Money::new(order.refundable(), order.total.currency);
        return refuse(REFUND_AMOUNT_EXCEEDS, &format!("{left} is left to refund"));
    }
    royalties::take_back(deciding, &order, &number, taken)?;
    let refund = give_back(deciding, &mut order, amount, number, reason, CloseReason::Refunded)?;
    Ok(encode(&RefundReply { order, refund, repeated: false }))
}

pub(super) fn cancel(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let named: OrderRef = cell::body(command)?;
    let now = deciding.stamp().time_ns;
    let Some(mut order) = find_order(deciding, command.caller.party, &named)? else {
        // A payment that was sent before and has not arrived must not take money after this answer: the number is kept.
        if let (None, Some(number)) = (named.id, named.out_trade_no.as_deref())
            && parse_generated(number).is_none()
        {
            let key = CancelledNumber::key(command.caller.party, number);
            deciding.put(key, &CancelledNumber { at_ns: now });
        }
        return Ok(encode(&CancelReply { action: None, order: None, repeated: false }));
    };
    let (action, repeated) = match order.state {
        OrderState::Closed => {
            let action = match order.close_reason {
                Some(CloseReason::CancelledPaid) => Some(CancelAction::Refund),
                Some(CloseReason::Refunded) => None,
                Some(CloseReason::Expired | CloseReason::Closed | CloseReason::Cancelled) | None => {
                    Some(CancelAction::Close)
                }
            };
            (action, true)
        }
        OrderState::CodeIssued | OrderState::WaitBuyerPay => {
            end_unpaid(deciding, &mut order, CloseReason::Cancelled);
            (Some(CancelAction::Close), false)
        }
        OrderState::Paid => {
            // It gives money back, as a refund does.
            require_member_role(deciding, command.caller, MemberRole::Manager)?;
            if order.paid.as_ref().is_none_or(|paid| paid.cancel_until_ns <= now) {
                return refuse(CANCEL_TIME_OUT, "the time for cancels is over");
            }
            let number = cancel_number(deciding, &order)?;
            let rest = order.refundable();
            give_back(deciding, &mut order, rest, number, None, CloseReason::CancelledPaid)?;
            (Some(CancelAction::Refund), false)
        }
    };
    Ok(encode(&CancelReply { action, order: Some(order), repeated }))
}

/// The refund of a cancel has the order's number, as a full refund without one has; unless a merchant gave that to a partial
/// refund. The other name cannot be a merchant's: it has a blank.
fn cancel_number(deciding: &mut Deciding<'_>, order: &Order) -> Result<String, Stop> {
    let taken = deciding.get::<Refund>(&Refund::key(order.id, &order.out_trade_no))?.is_some();
    Ok(if taken { String::from("cancel of the rest") } else { order.out_trade_no.clone() })
}

/// Returns `amount` of the order's price: to the payer and to those who bore discounts, each its share of all that was refunded
/// so far; and the fee's share, if the market returns fees. Writes the order and the refund, and tells.
fn give_back(
    deciding: &mut Deciding<'_>,
    order: &mut Order,
    amount: Amount,
    out_request_no: String,
    reason: Option<String>,
    closing: CloseReason,
) -> Result<Refund, Stop> {
    let Some(mut paid) = order.paid.take() else { return Err(Stop::Broken("a refund of an order that is not paid")) };
    let (merchant, currency) = (order.merchant, order.total.currency);
    let merchant_balance = AccountRef::of(&MERCHANT_BALANCE, merchant, currency);
    let available = deciding.available_minor(merchant_balance.id())?;
    if available < amount.minor() && !advances::advance(deciding, order, available, amount)? {
        let available = Money::new(Amount::new(available)?, currency);
        let needed = Money::new(amount, currency);
        return refuse(SELLER_BALANCE_NOT_ENOUGH, &format!("available {available}, needed {needed}"));
    }
    let before = order.refunded;
    let after = before.checked_add(amount)?;
    let share = |of: Amount| -> Result<Amount, MoneyError> {
        let so_far = cumulative_share(of, after, order.total.amount)?;
        so_far.checked_sub(cumulative_share(of, before, order.total.amount)?)
    };
    let to_payer = share(paid.payer_amount)?;
    deciding.concerning(order.id);
    if !to_payer.is_zero() {
        let payer = opening(deciding, paid.funding_account);
        deciding.transfer(merchant_balance, payer, to_payer, purpose::REFUND)?;
    }
    return_discounts(deciding, &mut paid, merchant_balance, amount.checked_sub(to_payer)?)?;
    let mut fee_returned = Amount::ZERO;
    for fee in paid.fees.iter().filter(|_| paid.fees_returnable) {
        let part = share(fee.amount)?;
        if !part.is_zero() {
            let receivable = AccountRef::of(&FEE_RECEIVABLE, merchant, currency);
            deciding.transfer(fee.account, receivable, part, purpose::FEE_RETURN)?;
            fee_returned = fee_returned.checked_add(part)?;
        }
    }

    let at_ns = deciding.stamp().time_ns;
    order.paid = Some(paid);
    order.refunded = after;
    order.fee_returned = order.fee_returned.checked_add(fee_returned)?;
    order.refund_count = order.refund_count.saturating_add(1);
    if after == order.total.amount {
        order.state = OrderState::Closed;
        order.closed_at_ns = Some(at_ns);
        order.close_reason = Some(closing);
    }
    let refund =
        Refund { order: order.id, out_request_no, amount, to_payer, cumulative: after, fee_returned, at_ns, reason };
    deciding.put(Refund::key(order.id, &refund.out_request_no), &refund);
    deciding.put(Order::key(order.id), order);
    let (money, number) = (Money::new(amount, currency), refund.out_request_no.clone());
    entry::write(deciding, merchant, EntryKind::Refund, order.id, money, fee_returned, Some(number))?;
    notices::refunded(deciding, order, &refund);
    Ok(refund)
}

/// Returns `rest` to those who bore the discounts, in proportion to what each has not got back yet. Over all refunds the rest
/// adds up to the discounts, so no one gets more than they gave, and a full refund gives each all of it.
fn return_discounts(
    deciding: &mut Deciding<'_>,
    paid: &mut Paid,
    merchant_balance: AccountRef,
    rest: Amount,
) -> Result<(), Stop> {
    if rest.is_zero() {
        return Ok(());
    }
    let open: Vec<u64> = paid.discounts.iter().map(|part| part.amount.saturating_sub(part.returned).minor()).collect();
    let parts = split(rest, &open, RemainderRule::LargestRemainder)?;
    for (discount, part) in paid.discounts.iter_mut().zip(parts) {
        if !part.is_zero() {
            deciding.transfer(merchant_balance, discount.account, part, purpose::DISCOUNT_RETURN)?;
            discount.returned = discount.returned.checked_add(part)?;
        }
    }
    Ok(())
}
