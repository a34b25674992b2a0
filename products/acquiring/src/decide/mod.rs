//! The rules, by group. This file sends each command to its rule and holds what several rules need.

pub mod abroad;
mod advances;
mod authorisations;
pub(crate) mod booking;
mod closing;
mod codes;
mod merchants;
mod notices;
mod orders;
mod payments;
mod payouts;
mod placing;
mod refunds;
mod royalties;
mod settlement;
mod terms;
mod transfers;

use alloc::format;
use alloc::vec::Vec;

use sycee_contract::{AccountRef, Command, CommandCode, Deciding, Refusal, RefusalCode, Stop, cell};
use sycee_ledger::AccountId;
use sycee_party::{MemberRole, require_member_role};

use crate::command::{self, OrderRef};
use crate::number::parse_generated;
use crate::order::{Channel, Order};
use crate::payout;
use crate::record::{Merchant, OrderIndex};
use crate::refusal::MERCHANT_NOT_FOUND;
use crate::settlement as settlements;

pub(crate) fn decide(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    require_member_role(deciding, command.caller, least_role(command.code))?;
    match command.code {
        command::ONBOARD_MERCHANT => merchants::onboard(command, deciding),
        command::ADD_STORE => merchants::add_store(command, deciding),
        command::ADD_TERMINAL => merchants::add_terminal(command, deciding),
        command::REGISTER_APP => merchants::register_app(command, deciding),
        command::SET_APP_KEY => merchants::set_app_key(command, deciding),
        command::PRECREATE => orders::precreate(command, deciding),
        command::CREATE => orders::create(command, deciding),
        command::PAGE_PAY => orders::page_pay(command, deciding),
        command::SCAN_ORDER => orders::scan(command, deciding),
        command::CLOSE => orders::close(command, deciding),
        command::EXPIRE_ORDER => orders::expire(command, deciding),
        command::PAY_BY_CODE => payments::pay_by_code(command, deciding),
        command::PAY_ORDER => payments::pay_order(command, deciding),
        command::PAY_STATIC => payments::pay_static(command, deciding),
        command::CANCEL => refunds::cancel(command, deciding),
        command::REFUND => refunds::refund(command, deciding),
        command::ISSUE_PAY_CODE => codes::issue(command, deciding),
        command::ISSUE_OFFLINE_CODES => codes::issue_offline(command, deciding),
        command::DROP_PAY_CODE => codes::drop(command, deciding),
        command::MERCHANT_TRANSFER => transfers::to_customer(command, deciding),
        command::SETTLE_FEES => transfers::settle_fees(command, deciding),
        command::FREEZE_BY_CODE => authorisations::freeze_by_code(command, deciding),
        command::ISSUE_FREEZE_CODE => authorisations::issue_code(command, deciding),
        command::CONFIRM_FREEZE => authorisations::confirm(command, deciding),
        command::UNFREEZE => authorisations::unfreeze(command, deciding),
        command::CANCEL_FREEZE => authorisations::cancel(command, deciding),
        command::EXPIRE_FREEZE => authorisations::expire(command, deciding),
        command::PAY_FROM_FREEZE => payments::pay_from_freeze(command, deciding),
        command::APP_PAY => orders::app_pay(command, deciding),
        command::BIND_RECEIVERS => royalties::bind(command, deciding),
        command::UNBIND_RECEIVERS => royalties::unbind(command, deciding),
        command::PAY_ROYALTY => royalties::pay(command, deciding),
        command::REFUND_WITH_ROYALTIES => refunds::refund_with_royalties(command, deciding),
        settlements::SET_SETTLEMENT_TERMS => terms::set(command, deciding),
        settlements::SET_BANK_ACCOUNT => terms::set_bank_account(command, deciding),
        settlements::SETTLE_MERCHANT => settlement::settle(command, deciding),
        settlements::SETTLEMENT_DUE => settlement::due(command, deciding),
        settlements::MOVE_ADVANCE_FUNDS => advances::move_advance_funds(command, deciding),
        payout::PAYOUT_RESULT => payouts::result(command, deciding),
        payout::RESOLVE_PAYOUT => payouts::resolve(command, deciding),
        _ => Err(Refusal::new(cell::UNKNOWN_COMMAND, "acquiring has no such command").into()),
    }
}

/// What one of the merchant's people must be to ask this: cashiers take money and give back what was not taken yet, managers give
/// money back; the rest is the owner's.
fn least_role(code: CommandCode) -> MemberRole {
    match code {
        command::PRECREATE
        | command::CREATE
        | command::PAY_BY_CODE
        | command::CANCEL
        | command::CLOSE
        | command::FREEZE_BY_CODE
        | command::ISSUE_FREEZE_CODE
        | command::CANCEL_FREEZE => MemberRole::Cashier,
        command::REFUND | command::UNFREEZE | command::PAY_FROM_FREEZE => MemberRole::Manager,
        _ => MemberRole::Owner,
    }
}

/// A refusal of this product.
fn refuse<T>(code: RefusalCode, detail: &str) -> Result<T, Stop> {
    Err(Refusal::new(code, detail).into())
}

/// The refusal for a field that is missing or out of range.
fn bad_field<T>(field: &str) -> Result<T, Stop> {
    Err(Refusal::new(cell::BAD_BODY, format!("{field} is missing or out of range")).into())
}

/// Refuses a text of more than `max` characters or with control characters.
fn check_text(field: &str, text: &str, max: usize) -> Result<(), Stop> {
    // A character has at most four bytes: the length in bytes keeps the count below from running over megabytes.
    let fits = text.len() <= max.saturating_mul(4) && text.chars().count() <= max;
    if fits && !text.chars().any(|c| c.is_control() && c != '\n' && c != '\r' && c != '\t') {
        Ok(())
    } else {
        bad_field(field)
    }
}

/// Refuses an optional text as [`check_text`].
fn check_optional(field: &str, text: Option<&str>, max: usize) -> Result<(), Stop> {
    text.map_or(Ok(()), |text| check_text(field, text, max))
}

/// Refuses a merchant's number that is not 1 to 64 printable ASCII characters.
fn check_number(field: &str, number: &str) -> Result<(), Stop> {
    if (1..=64).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(())
    } else {
        bad_field(field)
    }
}

/// The merchant of this number.
fn merchant(deciding: &mut Deciding<'_>, party: u64) -> Result<Merchant, Stop> {
    match deciding.get(&Merchant::key(party))? {
        Some(merchant) => Ok(merchant),
        None => refuse(MERCHANT_NOT_FOUND, &format!("merchant {party}")),
    }
}

/// The order that a merchant names; an order of another merchant is not found.
fn find_order(deciding: &mut Deciding<'_>, merchant: u64, named: &OrderRef) -> Result<Option<Order>, Stop> {
    let order = match (named.id, named.out_trade_no.as_deref()) {
        (Some(id), _) => deciding.get::<Order>(&Order::key(id))?,
        (None, Some(out_trade_no)) => by_out_trade_no(deciding, merchant, out_trade_no)?,
        (None, None) => return bad_field("out_trade_no"),
    };
    Ok(order.filter(|order| order.merchant == merchant))
}

/// The order that has this number at this merchant.
fn by_out_trade_no(deciding: &mut Deciding<'_>, merchant: u64, out_trade_no: &str) -> Result<Option<Order>, Stop> {
    check_number("out_trade_no", out_trade_no)?;
    if let Some(id) = parse_generated(out_trade_no) {
        let order = deciding.get::<Order>(&Order::key(id))?;
        return Ok(order.filter(|order| order.channel == Channel::StaticCode && order.merchant == merchant));
    }
    let Some(index) = deciding.get::<OrderIndex>(&OrderIndex::key(merchant, out_trade_no))? else { return Ok(None) };
    match deciding.get::<Order>(&Order::key(index.order))? {
        Some(order) => Ok(Some(order)),
        None => Err(Stop::Broken("an order's number leads to no order")),
    }
}

/// The account as one that is opened when first used, if its kind is known; otherwise it must be open.
fn opening(deciding: &Deciding<'_>, account: AccountId) -> AccountRef {
    let kind = deciding.products().account_kind(account.kind());
    match (kind, account.currency(), account.sub()) {
        (Some(kind), Some(currency), 0) => AccountRef::of(kind, account.owner(), currency),
        _ => account.into(),
    }
}
