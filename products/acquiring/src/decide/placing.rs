//! How an order comes to be, and when it is the same as one before.

use alloc::format;

use sycee_contract::{Deciding, MarketPack, Stop};
use sycee_money::Currency;
use sycee_party::Party;

use super::merchants::check_url;
use super::{bad_field, by_out_trade_no, check_number, check_optional, check_text, merchant, refuse};
use crate::command::OrderFields;
use crate::number::parse_generated;
use crate::order::{Channel, Order, OrderState};
use crate::record::{App, CancelledNumber, Merchant, OrderIndex, Store};
use crate::refusal::{
    APP_NOT_FOUND, BUYER_NOT_FOUND, CONTEXT_INCONSISTENT, CURRENCY_NOT_SUPPORTED, EXPIRY_IN_PAST, STORE_NOT_FOUND,
    TRADE_HAS_CLOSED, TRADE_HAS_SUCCESS,
};

/// Checks the fields; gives back the merchant, and the order of the same number if there is one.
pub(super) fn look_up(
    deciding: &mut Deciding<'_>,
    merchant_party: u64,
    fields: &OrderFields,
) -> Result<(Merchant, Option<Order>), Stop> {
    check_fields(fields)?;
    deciding.want(&[
        Merchant::key(merchant_party),
        OrderIndex::key(merchant_party, &fields.out_trade_no),
        CancelledNumber::key(merchant_party, &fields.out_trade_no),
        MarketPack::key(),
    ]);
    if let Some(app) = fields.app {
        deciding.want(&[App::key(app)]);
    }
    if let Some(store) = fields.store {
        deciding.want(&[Store::key(store)]);
    }
    if let Some(buyer) = fields.required_buyer {
        deciding.want(&[Party::key(buyer)]);
    }
    deciding.ready()?;
    let merchant = merchant(deciding, merchant_party)?;
    let before = by_out_trade_no(deciding, merchant_party, &fields.out_trade_no)?;
    let cancelled = CancelledNumber::key(merchant_party, &fields.out_trade_no);
    if before.is_none() && deciding.get::<CancelledNumber>(&cancelled)?.is_some() {
        return refuse(TRADE_HAS_CLOSED, "the number was cancelled before its order came");
    }
    Ok((merchant, before))
}

/// Refuses unless `order` is open and was asked for with the same content.
pub(super) fn check_repeat(order: &Order, now_ns: u64, fields: &OrderFields, channel: Channel) -> Result<(), Stop> {
    match order.state {
        OrderState::Paid => return refuse(TRADE_HAS_SUCCESS, "the order was paid before"),
        OrderState::Closed => return refuse(TRADE_HAS_CLOSED, "the order is closed"),
        OrderState::CodeIssued | OrderState::WaitBuyerPay if order.expired_at(now_ns) => {
            return refuse(TRADE_HAS_CLOSED, "the order's time is over");
        }
        OrderState::CodeIssued | OrderState::WaitBuyerPay => {}
    }
    match differing_field(order, fields, channel) {
        Some(field) => refuse(CONTEXT_INCONSISTENT, field),
        None => Ok(()),
    }
}

/// The first field in which an order differs from what is asked. Where it happens, who operates it and when it ends may
/// differ between two attempts of the same order; a store only if it is named.
pub(super) fn differing_field(order: &Order, fields: &OrderFields, channel: Channel) -> Option<&'static str> {
    let differs = [
        (order.total != fields.total, "total"),
        (order.subject != fields.subject, "subject"),
        (order.body != fields.body, "body"),
        (order.required_buyer != fields.required_buyer, "buyer"),
        (fields.store.is_some_and(|store| store != order.store), "store"),
        (order.channel != channel, "channel"),
    ];
    differs.into_iter().find_map(|(differs, field)| differs.then_some(field))
}

/// A new order of `merchant`, not yet written. It waits for a scan if its channel has a code, otherwise for the payment.
pub(super) fn draft(
    deciding: &mut Deciding<'_>,
    merchant: &Merchant,
    fields: OrderFields,
    channel: Channel,
    code_lifetime_seconds: Option<u64>,
) -> Result<Order, Stop> {
    let store = match fields.store {
        Some(store) => own_store(deciding, merchant, store)?,
        None => merchant.default_store,
    };
    let notify_url = match (fields.notify_url, fields.app) {
        (own, None) => own,
        (own, Some(app)) => match deciding.get::<App>(&App::key(app))? {
            Some(app) if app.merchant == merchant.party => own.or(app.notify_url),
            _ => return refuse(APP_NOT_FOUND, &format!("app {app}")),
        },
    };
    if let Some(buyer) = fields.required_buyer {
        check_buyer(deciding, buyer)?;
    }
    let market = deciding.market()?;
    check_currency(&market, fields.total.currency)?;
    let stamp = *deciding.stamp();
    let timeout_seconds = u64::from(market.order_timeout_minutes).saturating_mul(60);
    let expires_at_ns = fields
        .expires_at_ns
        .unwrap_or_else(|| stamp.after_seconds(fields.expires_after_seconds.unwrap_or(timeout_seconds)));
    if expires_at_ns <= stamp.time_ns {
        return refuse(EXPIRY_IN_PAST, "the order's time is over before it begins");
    }
    let has_code = matches!(channel, Channel::Precreate | Channel::Page | Channel::Wap | Channel::App);
    let code_expires_at_ns = (channel == Channel::Precreate).then(|| {
        let longest = u64::from(market.order_code_minutes).saturating_mul(60);
        stamp.after_seconds(code_lifetime_seconds.map_or(longest, |seconds| seconds.min(longest)))
    });
    Ok(Order {
        id: deciding.new_id()?,
        merchant: merchant.party,
        app: fields.app,
        store,
        store_reference: fields.store_reference,
        terminal: fields.terminal,
        operator: fields.operator,
        out_trade_no: fields.out_trade_no,
        total: fields.total,
        subject: fields.subject,
        body: fields.body,
        passback_params: fields.passback_params,
        notify_url,
        return_url: fields.return_url,
        product_code: fields.product_code,
        channel,
        state: if has_code { OrderState::CodeIssued } else { OrderState::WaitBuyerPay },
        created_at_ns: stamp.time_ns,
        created_date: stamp.business_date,
        code_issued_at_ns: has_code.then_some(stamp.time_ns),
        code_expires_at_ns,
        trade_created_at_ns: (!has_code).then_some(stamp.time_ns),
        expires_at_ns,
        timer: None,
        buyer: fields.required_buyer.filter(|_| !has_code),
        required_buyer: fields.required_buyer,
        paid: None,
        refunded: sycee_money::Amount::ZERO,
        fee_returned: sycee_money::Amount::ZERO,
        refund_count: 0,
        closed_at_ns: None,
        close_reason: None,
        code_digest: None,
        authorisation: None,
    })
}

/// Refuses a currency that no wallet of this market holds.
pub(super) fn check_currency(market: &MarketPack, currency: Currency) -> Result<(), Stop> {
    if sycee_wallet::is_held(market, currency) {
        return Ok(());
    }
    refuse(CURRENCY_NOT_SUPPORTED, &format!("wallets here do not hold {currency}"))
}

/// The store, if it is the merchant's. The first one needs no look-up.
pub(super) fn own_store(deciding: &mut Deciding<'_>, merchant: &Merchant, store: u64) -> Result<u64, Stop> {
    if store == merchant.default_store {
        return Ok(store);
    }
    match deciding.get::<Store>(&Store::key(store))? {
        Some(found) if found.merchant == merchant.party => Ok(store),
        _ => refuse(STORE_NOT_FOUND, &format!("store {store}")),
    }
}

/// Refuses a buyer whose number is of this cell and who is not its customer. Buyers of other cells pay through theirs.
fn check_buyer(deciding: &mut Deciding<'_>, buyer: u64) -> Result<(), Stop> {
    match sycee_party::cell_of(buyer) {
        Some(cell) if cell == deciding.stamp().cell => is_customer(deciding, buyer),
        Some(_) => Ok(()),
        None => refuse(BUYER_NOT_FOUND, &format!("buyer {buyer}")),
    }
}

/// Refuses a party that is not a customer of this cell.
pub(super) fn is_customer(deciding: &mut Deciding<'_>, party: u64) -> Result<(), Stop> {
    match sycee_party::find(deciding, party)? {
        Some(found) if found.kind == sycee_party::PartyKind::Customer => Ok(()),
        _ => refuse(BUYER_NOT_FOUND, &format!("buyer {party}")),
    }
}

fn check_fields(fields: &OrderFields) -> Result<(), Stop> {
    check_number("out_trade_no", &fields.out_trade_no)?;
    if parse_generated(&fields.out_trade_no).is_some() {
        return bad_field("out_trade_no");
    }
    if fields.total.amount.is_zero() {
        return bad_field("total");
    }
    if fields.subject.is_empty() {
        return bad_field("subject");
    }
    check_text("subject", &fields.subject, 256)?;
    check_optional("body", fields.body.as_deref(), 400)?;
    check_optional("store_reference", fields.store_reference.as_deref(), 64)?;
    check_optional("terminal", fields.terminal.as_deref(), 64)?;
    check_optional("operator", fields.operator.as_deref(), 64)?;
    check_optional("passback_params", fields.passback_params.as_deref(), 512)?;
    check_optional("product_code", fields.product_code.as_deref(), 64)?;
    check_url("notify_url", fields.notify_url.as_deref())?;
    check_url("return_url", fields.return_url.as_deref())
}
