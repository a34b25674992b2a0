//! What the product interop asks of this one when the payer is a customer of another cell. These are no commands: interop
//! decides in one plan with its own bookings.

use alloc::format;

use sycee_contract::{AccountRef, Deciding, MarketPack, Stop};
use sycee_ledger::{AccountId, HoldId};
use sycee_money::{Amount, Money};
use sycee_party::Party;

use super::orders::{Payable, check_payable, clear_timer, existing, open_trade, set_timer};
use super::payments::{Paying, pay, static_order};
use super::placing::{check_currency, check_repeat, differing_field, draft, look_up};
use super::{bad_field, check_number, check_optional, codes, merchant, refuse};
use crate::authorisation::Authorisation;
use crate::command::{OrderFields, PayStatic, TransferToCustomer};
use crate::entry::{self, EntryKind};
use crate::order::{Channel, Order, OrderState};
use crate::record::{Merchant, MerchantTransfer, MerchantTransferIndex, OrderIndex, TransferState};
use crate::refusal::{
    FREEZE_NOT_ABROAD, PAYEE_NOT_FOUND, SELLER_BALANCE_NOT_ENOUGH, TRADE_HAS_SUCCESS, TRANSFER_INCONSISTENT,
};
use crate::{MERCHANT_BALANCE, purpose};

/// A customer of another cell has scanned the code of an order: the trade becomes visible for them. Gives back the order.
///
/// # Errors
/// The refusals of `scan_order`; an order that is paid is refused to everybody, and so is a code that asks to freeze money.
pub fn scan(deciding: &mut Deciding<'_>, order: u64, payer: u64) -> Result<Order, Stop> {
    if deciding.get::<Order>(&Order::key(order))?.is_none()
        && deciding.get::<Authorisation>(&Authorisation::key(order))?.is_some()
    {
        return refuse(FREEZE_NOT_ABROAD, "the code asks to freeze money");
    }
    let mut order = existing(deciding, order)?;
    match check_payable(&order, payer, deciding.stamp().time_ns)? {
        Payable::Paid => return refuse(TRADE_HAS_SUCCESS, "the order was paid before"),
        Payable::Open => {}
    }
    if order.state == OrderState::CodeIssued || order.buyer != Some(payer) {
        open_trade(deciding, &mut order, payer);
        deciding.put(Order::key(order.id), &order);
    }
    Ok(order)
}

/// Pays an order with money that has come from another cell into `source`. The first of accept, cancel, close and expiry
/// decides an order, and this is accept.
///
/// # Errors
/// The refusals of `pay_order`; another price than the order's.
pub fn pay_order(
    deciding: &mut Deciding<'_>,
    order: u64,
    payer: u64,
    price: Money,
    source: AccountId,
) -> Result<Order, Stop> {
    let mut order = existing(deciding, order)?;
    match check_payable(&order, payer, deciding.stamp().time_ns)? {
        Payable::Paid => return refuse(TRADE_HAS_SUCCESS, "the order was paid before"),
        Payable::Open => {}
    }
    if price != order.total {
        return bad_field("price");
    }
    order.trade_created_at_ns.get_or_insert(deciding.stamp().time_ns);
    pay(deciding, &mut order, payer, Paying::Abroad(source))?;
    Ok(order)
}

/// Pays a shop's printed code with money that has come from another cell into `source`.
///
/// # Errors
/// The refusals of `pay_static`.
pub fn pay_static(deciding: &mut Deciding<'_>, body: PayStatic, payer: u64, source: AccountId) -> Result<Order, Stop> {
    static_order(deciding, body, payer, Paying::Abroad(source))
}

/// An order whose payment another cell was asked for.
pub struct Placed {
    /// The order.
    pub order: Order,
    /// Whether it was placed before, by the same request.
    pub repeated: bool,
}

/// Places the order of a till that has scanned a payment code of another cell. It waits for the buyer as a created one does.
///
/// # Errors
/// The refusals of `pay_by_code` that need no code.
pub fn place(
    deciding: &mut Deciding<'_>,
    merchant: u64,
    fields: OrderFields,
    code_digest: [u8; 32],
) -> Result<Placed, Stop> {
    let (merchant, before) = look_up(deciding, merchant, &fields)?;
    if let Some(order) = before {
        let same =
            order.code_digest == Some(code_digest) && differing_field(&order, &fields, Channel::BarcodePay).is_none();
        if !(same && order.state == OrderState::Paid) {
            check_repeat(&order, deciding.stamp().time_ns, &fields, Channel::BarcodePay)?;
        }
        return Ok(Placed { order, repeated: true });
    }
    let mut order = draft(deciding, &merchant, fields, Channel::BarcodePay, None)?;
    order.code_digest = Some(code_digest);
    set_timer(deciding, &mut order);
    deciding.put(OrderIndex::key(order.merchant, &order.out_trade_no), &OrderIndex { order: order.id });
    deciding.put(Order::key(order.id), &order);
    Ok(Placed { order, repeated: false })
}

/// Nothing was paid with the code that was shown for an order: unless it has ended meanwhile, it is as if it had never been
/// placed, so that the till can try again under the same number, as after a refused payment in one market.
///
/// # Errors
/// [`Stop::Need`].
pub fn forget(deciding: &mut Deciding<'_>, order: u64) -> Result<(), Stop> {
    let Some(mut order) = deciding.get::<Order>(&Order::key(order))? else { return Ok(()) };
    if order.state != OrderState::WaitBuyerPay || order.channel != Channel::BarcodePay {
        return Ok(());
    }
    clear_timer(deciding, &mut order);
    deciding.remove(OrderIndex::key(order.merchant, &order.out_trade_no));
    deciding.remove(Order::key(order.id));
    Ok(())
}

/// A merchant's transfer that has begun, or had before.
pub enum Begun {
    /// It was begun by the same request before.
    Before(MerchantTransfer),
    /// It begins now: the money is held for this account.
    Now(MerchantTransfer, HoldId),
}

/// Begins a transfer from a merchant's balance to a customer of another cell: holds the money in favour of `towards`.
///
/// # Errors
/// The refusals of `merchant_transfer`.
pub fn begin_transfer(
    deciding: &mut Deciding<'_>,
    from: u64,
    body: TransferToCustomer,
    towards: AccountRef,
) -> Result<Begun, Stop> {
    check_number("out_biz_no", &body.out_biz_no)?;
    check_optional("title", body.title.as_deref(), 256)?;
    if body.money.amount.is_zero() {
        return bad_field("money");
    }
    let currency = body.money.currency;
    let key = MerchantTransfer::key(from, &body.out_biz_no);
    deciding.want(&[Merchant::key(from), key.clone(), Party::key(from), MarketPack::key()]);
    deciding.want_account(MERCHANT_BALANCE.of(from, currency));
    deciding.ready()?;
    merchant(deciding, from)?;
    if let Some(before) = deciding.get::<MerchantTransfer>(&key)? {
        if before.payee != body.payee {
            return refuse(TRANSFER_INCONSISTENT, "payee");
        }
        if before.money != body.money {
            return refuse(TRANSFER_INCONSISTENT, "money");
        }
        return Ok(Begun::Before(before));
    }
    if sycee_party::cell_of(body.payee).is_none_or(|cell| cell == deciding.stamp().cell) {
        return refuse(PAYEE_NOT_FOUND, &format!("payee {}", body.payee));
    }
    check_currency(&*deciding.market()?, currency)?;
    let account = AccountRef::of(&MERCHANT_BALANCE, from, currency);
    let available = deciding.available_minor(account.id())?;
    if available < body.money.amount.minor() {
        let available = Money::new(Amount::new(available)?, currency);
        return refuse(SELLER_BALANCE_NOT_ENOUGH, &format!("available {available}, needed {}", body.money));
    }
    let hold = deciding.hold(account, towards, body.money.amount, 0, purpose::MERCHANT_TRANSFER)?;
    let transfer = MerchantTransfer {
        id: deciding.new_id()?,
        merchant: from,
        out_biz_no: body.out_biz_no,
        payee: body.payee,
        money: body.money,
        title: body.title,
        state: TransferState::UnderWay,
        at_ns: deciding.stamp().time_ns,
        created_date: deciding.stamp().business_date,
    };
    let index = MerchantTransferIndex { merchant: from, out_biz_no: transfer.out_biz_no.clone() };
    deciding.put(MerchantTransferIndex::key(transfer.id), &index);
    deciding.put(key, &transfer);
    Ok(Begun::Now(transfer, hold))
}

/// A merchant's transfer to another cell has ended; its hold was posted or released by the caller.
///
/// # Errors
/// [`Stop::Need`]; [`Stop::Broken`] if there is none.
pub fn end_transfer(deciding: &mut Deciding<'_>, merchant: u64, out_biz_no: &str, done: bool) -> Result<(), Stop> {
    let key = MerchantTransfer::key(merchant, out_biz_no);
    let Some(mut transfer) = deciding.get::<MerchantTransfer>(&key)? else {
        return Err(Stop::Broken("a transfer to another cell has no row"));
    };
    transfer.state = if done { TransferState::Done } else { TransferState::Failed };
    transfer.at_ns = deciding.stamp().time_ns;
    deciding.put(key, &transfer);
    if done {
        entry::write(deciding, merchant, EntryKind::Transfer, transfer.id, transfer.money, Amount::ZERO, None)?;
    }
    Ok(())
}

/// Uses a customer's living payment code up for what they pay, and says whose it is.
///
/// # Errors
/// The refusals of an unknown, used or expired code, and of one that was made to be shown offline and pays less.
pub fn take_code(deciding: &mut Deciding<'_>, code_digest: [u8; 32], price: Money) -> Result<u64, Stop> {
    let code = codes::living(deciding, code_digest)?;
    codes::check_offline_limit(&code, price, &*deciding.market()?)?;
    codes::remove(deciding, code_digest, &code)?;
    Ok(code.customer)
}
