//! Payments: with a customer's code, by a customer's confirmation, of a printed code.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sycee_contract::{
    AccountRef, AdjustmentSide, Charge, Command, Deciding, FundingSource, MarketPack, Stop, cell, encode,
};
use sycee_ledger::{AccountId, OPERATOR};
use sycee_money::{Amount, Currency, Money};

use super::authorisations::{self, Drawing};
use super::orders::{Payable, check_payable, clear_timer, existing};
use super::placing::{check_repeat, differing_field, draft, look_up, own_store};
use super::{bad_field, check_text, codes, merchant, notices, opening, refuse};
use crate::command::{OrderTarget, PayByCode, PayFromFreeze, PayStatic};
use crate::entry::{self, EntryKind};
use crate::number::generated_out_trade_no;
use crate::order::{Channel, Discount, Fee, Order, OrderState, Paid};
use crate::record::{Merchant, OrderIndex, PayCode, Store};
use crate::refusal::{BUYER_BALANCE_NOT_ENOUGH, BUYER_NOT_MATCH, BUYER_SELLER_EQUAL, CURRENCY_NOT_SUPPORTED};
use crate::reply::{OrderReply, PayStaticReply};
use crate::{FEE_INCOME, FEE_RECEIVABLE, MERCHANT_BALANCE, purpose};

pub(super) fn pay_by_code(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let PayByCode { order: fields, code_digest } = cell::body(command)?;
    deciding.want(&[PayCode::key(code_digest)]);
    let (merchant, before) = look_up(deciding, command.caller.party, &fields)?;
    if let Some(order) = before {
        // The till asks again because it did not hear the answer; the code is used by now.
        let same =
            order.code_digest == Some(code_digest) && differing_field(&order, &fields, Channel::BarcodePay).is_none();
        if !(same && order.state == OrderState::Paid) {
            check_repeat(&order, deciding.stamp().time_ns, &fields, Channel::BarcodePay)?;
        }
        return Ok(encode(&OrderReply { order, repeated: true }));
    }
    let code = codes::living(deciding, code_digest)?;
    codes::check_offline_limit(&code, fields.total, &*deciding.market()?)?;
    if fields.required_buyer.is_some_and(|buyer| buyer != code.customer) {
        return refuse(BUYER_NOT_MATCH, "the code is not of the buyer that the order names");
    }
    let mut order = draft(deciding, &merchant, fields, Channel::BarcodePay, None)?;
    order.code_digest = Some(code_digest);
    // The till must not learn what the customer has.
    pay(deciding, &mut order, code.customer, Paying::Wallet(Telling::Nothing))?;
    codes::remove(deciding, code_digest, &code)?;
    deciding.put(OrderIndex::key(order.merchant, &order.out_trade_no), &OrderIndex { order: order.id });
    Ok(encode(&OrderReply { order, repeated: false }))
}

pub(super) fn pay_from_freeze(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let PayFromFreeze { order: fields, authorisation, is_last } = cell::body(command)?;
    let (merchant, before) = look_up(deciding, command.caller.party, &fields)?;
    if let Some(order) = before {
        let same = order.authorisation == Some(authorisation)
            && differing_field(&order, &fields, Channel::Authorisation).is_none();
        if !(same && order.state == OrderState::Paid) {
            check_repeat(&order, deciding.stamp().time_ns, &fields, Channel::Authorisation)?;
        }
        return Ok(encode(&OrderReply { order, repeated: true }));
    }
    let (buyer, drawing) = authorisations::drawable(deciding, merchant.party, authorisation, fields.total, is_last)?;
    if fields.required_buyer.is_some_and(|required| required != buyer) {
        return refuse(BUYER_NOT_MATCH, "the money is not of the buyer that the order names");
    }
    let mut order = draft(deciding, &merchant, fields, Channel::Authorisation, None)?;
    order.authorisation = Some(authorisation);
    pay(deciding, &mut order, buyer, Paying::Frozen(&drawing))?;
    deciding.put(OrderIndex::key(order.merchant, &order.out_trade_no), &OrderIndex { order: order.id });
    Ok(encode(&OrderReply { order, repeated: false }))
}

pub(super) fn pay_order(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let OrderTarget { id } = cell::body(command)?;
    let customer = command.caller.party;
    let mut order = existing(deciding, id)?;
    let repeated = match check_payable(&order, customer, deciding.stamp().time_ns)? {
        Payable::Paid => true,
        Payable::Open => {
            order.trade_created_at_ns.get_or_insert(deciding.stamp().time_ns);
            pay(deciding, &mut order, customer, Paying::Wallet(Telling::Balance))?;
            false
        }
    };
    Ok(encode(&OrderReply { order, repeated }))
}

pub(super) fn pay_static(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    cell::require_id(command)?;
    let body: PayStatic = cell::body(command)?;
    let order = static_order(deciding, body, command.caller.party, Paying::Wallet(Telling::Balance))?;
    let (payer_amount, paid_at_ns) =
        order.paid.as_ref().map_or((Amount::ZERO, 0), |paid| (paid.payer_amount, paid.at_ns));
    Ok(encode(&PayStaticReply { id: order.id, payer_amount, paid_at_ns }))
}

/// Makes the order of a printed code and pays it.
pub(super) fn static_order(
    deciding: &mut Deciding<'_>,
    body: PayStatic,
    buyer: u64,
    from: Paying<'_>,
) -> Result<Order, Stop> {
    let PayStatic { merchant: party, store, total, reference } = body;
    check_text("reference", &reference, 64)?;
    if total.amount.is_zero() {
        return bad_field("total");
    }
    deciding.want(&[Merchant::key(party)]);
    if let Some(store) = store {
        deciding.want(&[Store::key(store)]);
    }
    want_payment(deciding, buyer, party, total.currency);
    deciding.ready()?;
    let merchant = merchant(deciding, party)?;
    // The shop is paid in its own currency, whatever a code or a customer says.
    if total.currency != deciding.market()?.currency {
        return refuse(CURRENCY_NOT_SUPPORTED, "shops are paid in the market's currency");
    }
    let store = match store {
        Some(store) => own_store(deciding, &merchant, store)?,
        None => merchant.default_store,
    };
    let (id, stamp) = (deciding.new_id()?, *deciding.stamp());
    let mut order = Order {
        id,
        merchant: party,
        app: None,
        store,
        store_reference: None,
        terminal: None,
        operator: None,
        out_trade_no: generated_out_trade_no(id),
        total,
        subject: reference,
        body: None,
        passback_params: None,
        notify_url: None,
        return_url: None,
        product_code: None,
        channel: Channel::StaticCode,
        state: OrderState::WaitBuyerPay,
        created_at_ns: stamp.time_ns,
        created_date: stamp.business_date,
        code_issued_at_ns: None,
        code_expires_at_ns: None,
        trade_created_at_ns: Some(stamp.time_ns),
        expires_at_ns: stamp.time_ns,
        timer: None,
        buyer: None,
        required_buyer: None,
        paid: None,
        refunded: Amount::ZERO,
        fee_returned: Amount::ZERO,
        refund_count: 0,
        closed_at_ns: None,
        close_reason: None,
        code_digest: None,
        authorisation: None,
    };
    pay(deciding, &mut order, buyer, from)?;
    Ok(order)
}

/// Where the money of a payment comes from.
#[derive(Clone, Copy)]
pub(super) enum Paying<'d> {
    /// From what the buyer has in this cell.
    Wallet(Telling),
    /// From another cell, by way of this account: the price is paid whole, and discounts of this market do not apply.
    Abroad(AccountId),
    /// From money that was frozen: the price is paid whole, and discounts do not apply.
    Frozen(&'d Drawing),
}

/// What a wallet of another cell is called as a source of money.
pub(crate) const ABROAD: &str = "abroad";

/// Whether the caller may hear what the buyer has.
#[derive(Clone, Copy)]
pub(super) enum Telling {
    Balance,
    Nothing,
}

/// Notes all that a payment and its guards will read.
fn want_payment(deciding: &mut Deciding<'_>, buyer: u64, merchant: u64, currency: Currency) {
    deciding.want(&[Merchant::key(merchant), sycee_party::Party::key(merchant), MarketPack::key()]);
    sycee_party::want(deciding, buyer);
    deciding.want_account(sycee_wallet::BALANCE.of(buyer, currency));
    deciding.want_account(MERCHANT_BALANCE.of(merchant, currency));
    deciding.want_account(FEE_RECEIVABLE.of(merchant, currency));
    deciding.want_account(FEE_INCOME.of(OPERATOR, currency));
}

/// Pays `order` whole, writes it and tells.
pub(super) fn pay(deciding: &mut Deciding<'_>, order: &mut Order, buyer: u64, from: Paying<'_>) -> Result<(), Stop> {
    if buyer == order.merchant {
        return refuse(BUYER_SELLER_EQUAL, "the buyer is the merchant");
    }
    let currency = order.total.currency;
    want_payment(deciding, buyer, order.merchant, currency);
    deciding.ready()?;
    let market = deciding.market()?;
    let charge =
        Charge { payer: buyer, payee: order.merchant, price: order.total, reference: order.out_trade_no.clone() };
    let (mut discounts, fees) = price(deciding, &charge)?;
    if let Paying::Abroad(_) | Paying::Frozen(_) = from {
        discounts.clear();
    }
    let discount = discounts.iter().try_fold(Amount::ZERO, |sum, part| sum.checked_add(part.amount))?;
    let payer_amount = order.total.amount.checked_sub(discount)?;
    let merchant_balance = AccountRef::of(&MERCHANT_BALANCE, order.merchant, currency);
    let (funding_account, funding_label) = match from {
        Paying::Wallet(telling) => {
            let source = source(deciding, &charge, payer_amount, telling)?;
            (source.account, String::from(source.label))
        }
        Paying::Abroad(account) => (account, String::from(ABROAD)),
        Paying::Frozen(drawing) => (drawing.account, drawing.authorisation.funding_label.clone().unwrap_or_default()),
    };
    deciding.concerning(order.id);
    match from {
        Paying::Frozen(drawing) => authorisations::draw(deciding, drawing, payer_amount)?,
        Paying::Wallet(_) | Paying::Abroad(_) => {
            deciding.transfer(funding_account, merchant_balance, payer_amount, purpose::PAYMENT)?;
        }
    }
    for part in &discounts {
        let bearer = opening(deciding, part.account);
        deciding.transfer(bearer, merchant_balance, part.amount, purpose::DISCOUNT)?;
    }
    for fee in &fees {
        let receivable = AccountRef::of(&FEE_RECEIVABLE, order.merchant, currency);
        let earner = opening(deciding, fee.account);
        deciding.transfer(receivable, earner, fee.amount, purpose::FEE)?;
    }

    let stamp = *deciding.stamp();
    let paid = Paid {
        at_ns: stamp.time_ns,
        payer_amount,
        discounts,
        fees,
        fees_returnable: market.merchant_fee_returned,
        funding_account,
        funding_label,
        refund_until_ns: stamp.after_seconds(u64::from(market.refund_window_days).saturating_mul(86_400)),
        cancel_until_ns: stamp.after_seconds(u64::from(market.cancel_window_hours).saturating_mul(3_600)),
    };
    clear_timer(deciding, order);
    order.state = OrderState::Paid;
    order.buyer = Some(buyer);
    order.paid = Some(paid.clone());
    deciding.put(Order::key(order.id), order);
    entry::write(deciding, order.merchant, EntryKind::Payment, order.id, order.total, paid.fee(), None)?;
    notices::paid(deciding, order, &paid, buyer);
    Ok(())
}

/// What all products change in the price. Discounts together leave the buyer at least one minor unit to pay.
fn price(deciding: &mut Deciding<'_>, charge: &Charge) -> Result<(Vec<Discount>, Vec<Fee>), Stop> {
    let mut discountable = charge.price.amount.checked_sub(Amount::ONE)?;
    let (mut discounts, mut fees) = (Vec::new(), Vec::new());
    for adjustment in deciding.adjust(charge)? {
        match adjustment.side {
            AdjustmentSide::DiscountForPayer => {
                let amount = adjustment.amount.min(discountable);
                if !amount.is_zero() {
                    discountable = discountable.checked_sub(amount)?;
                    let (account, label) = (adjustment.account, adjustment.label);
                    discounts.push(Discount { amount, account, label, returned: Amount::ZERO });
                }
            }
            AdjustmentSide::FeeFromPayee if !adjustment.amount.is_zero() => {
                fees.push(Fee { amount: adjustment.amount, account: adjustment.account, label: adjustment.label });
            }
            AdjustmentSide::FeeFromPayee => {}
        }
    }
    Ok((discounts, fees))
}

/// Where the buyer's money comes from.
fn source(
    deciding: &mut Deciding<'_>,
    charge: &Charge,
    payer_amount: Amount,
    telling: Telling,
) -> Result<FundingSource, Stop> {
    match (deciding.fund(charge, payer_amount)?, telling) {
        (Some(source), _) if source.available_minor >= payer_amount.minor() => Ok(source),
        (_, Telling::Nothing) => refuse(BUYER_BALANCE_NOT_ENOUGH, "the buyer has not enough"),
        (source, Telling::Balance) => {
            let currency = charge.price.currency;
            let available = source.map_or(0, |source| source.available_minor);
            let available = Money::new(Amount::new(available)?, currency);
            let needed = Money::new(payer_amount, currency);
            refuse(BUYER_BALANCE_NOT_ENOUGH, &format!("available {available}, needed {needed}"))
        }
    }
}
