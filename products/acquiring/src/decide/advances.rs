//! What the operator advances for refunds when a merchant's balance has been paid out, and the own money that stands for it.

use alloc::format;
use alloc::vec::Vec;

use sycee_contract::{AccountRef, Command, Deciding, Stop, cell, encode};
use sycee_ledger::{AccountKind, OPERATOR};
use sycee_money::{Amount, Currency, Money};

use super::placing::check_currency;
use super::{bad_field, check_number, refuse};
use crate::entry::{self, EntryKind};
use crate::order::Order;
use crate::record::Merchant;
use crate::refusal::ADVANCE_FUNDS_NOT_ENOUGH;
use crate::settlement::{AdvanceFundsReply, MerchantTerms, MoveAdvanceFunds, SettlementAccount};
use crate::{ADVANCE_FUNDS, ADVANCE_FUNDS_LENT, MERCHANT_BALANCE, MERCHANT_OWES, purpose};

fn own(kind: &'static AccountKind, currency: Currency) -> AccountRef {
    AccountRef::of(kind, OPERATOR, currency)
}

/// Advances what a refund of an order needs beyond what the merchant has, if its terms allow that and the operator has put enough
/// own money aside. Gives back whether it did.
pub(super) fn advance(
    deciding: &mut Deciding<'_>,
    order: &Order,
    available_minor: u64,
    amount: Amount,
) -> Result<bool, Stop> {
    let (party, currency) = (order.merchant, order.total.currency);
    deciding.want(&[Merchant::key(party), MerchantTerms::key(party), SettlementAccount::key(party, currency)]);
    deciding.want_account(own(&ADVANCE_FUNDS, currency).id());
    deciding.ready()?;
    let Some(terms) = deciding.get::<MerchantTerms>(&MerchantTerms::key(party))? else { return Ok(false) };
    let key = SettlementAccount::key(party, currency);
    let Some(mut account) = deciding.get::<SettlementAccount>(&key)? else { return Ok(false) };
    let missing_minor = amount.minor().saturating_sub(available_minor);
    let limit_minor = if deciding.market()?.currency == currency { terms.negative_limit.minor() } else { 0 };
    let free_minor = deciding.available_minor(own(&ADVANCE_FUNDS, currency).id())?;
    if account.owes_minor().saturating_add(missing_minor) > limit_minor || free_minor < missing_minor {
        return Ok(false);
    }
    let missing = Amount::new(missing_minor)?;
    let balance = AccountRef::of(&MERCHANT_BALANCE, party, currency);
    deciding.transfer(AccountRef::of(&MERCHANT_OWES, party, currency), balance, missing, purpose::ADVANCE)?;
    deciding.transfer(own(&ADVANCE_FUNDS, currency), own(&ADVANCE_FUNDS_LENT, currency), missing, purpose::ADVANCE)?;
    account.advanced_minor = account.advanced_minor.saturating_add(missing_minor);
    deciding.put(key, &account);
    let money = Money::new(missing, currency);
    entry::write(deciding, party, EntryKind::Advanced, order.id, money, Amount::ZERO, None)?;
    Ok(true)
}

/// Pays back out of a merchant's balance what was advanced.
pub(super) fn recover(deciding: &mut Deciding<'_>, party: u64, money: Money) -> Result<(), Stop> {
    let currency = money.currency;
    let owes = AccountRef::of(&MERCHANT_OWES, party, currency);
    let balance = AccountRef::of(&MERCHANT_BALANCE, party, currency);
    deciding.transfer(balance, owes, money.amount, purpose::ADVANCE_RECOVERED)?;
    let (lent, free) = (own(&ADVANCE_FUNDS_LENT, currency), own(&ADVANCE_FUNDS, currency));
    deciding.transfer(lent, free, money.amount, purpose::ADVANCE_RECOVERED)
}

pub(super) fn move_advance_funds(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    cell::require_id(command)?;
    let MoveAdvanceFunds { money, is_withdrawal, bank_reference } = cell::body(command)?;
    check_number("bank_reference", &bank_reference)?;
    if money.amount.is_zero() {
        return bad_field("money");
    }
    check_currency(&*deciding.market()?, money.currency)?;
    let funds = own(&ADVANCE_FUNDS, money.currency);
    let bank = AccountRef::of(&sycee_wallet::SAFEGUARDING, OPERATOR, money.currency);
    if is_withdrawal {
        let free_minor = deciding.available_minor(funds.id())?;
        if free_minor < money.amount.minor() {
            let free = Money::new(Amount::new(free_minor)?, money.currency);
            return refuse(ADVANCE_FUNDS_NOT_ENOUGH, &format!("{free} is free, {money} was asked"));
        }
        deciding.transfer(funds, bank, money.amount, purpose::ADVANCE_FUNDS)?;
    } else {
        deciding.transfer(bank, funds, money.amount, purpose::ADVANCE_FUNDS)?;
    }
    let available = Amount::new(deciding.available_minor(funds.id())?)?;
    Ok(encode(&AdvanceFundsReply { available: Money::new(available, money.currency) }))
}
