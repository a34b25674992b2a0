//! The rules of cash in and out, of sending, and of paying from the balance.

use alloc::format;
use alloc::vec::Vec;

use sycee_contract::{
    AccountRef, Charge, Command, Deciding, FundingSource, MarketPack, Refusal, RefusalCode, Stop, cell, encode,
};
use sycee_ledger::{AccountId, OPERATOR};
use sycee_money::{Amount, Currency, Money};
use sycee_party::{ContactOwner, Party, PartyKind};

use crate::command::{BANK_REFERENCE_MAX_LENGTH, CashIn, CashMoved, CashOut, Payee, Send, Sent};
use crate::refusal::{
    BALANCE_NOT_ENOUGH, CURRENCY_NOT_HELD, PAYEE_IS_PAYER, PAYEE_NOT_CUSTOMER, PAYEE_NOT_FOUND, PAYER_NOT_CUSTOMER,
    PAYER_NOT_FOUND,
};
use crate::{
    BALANCE, CASH_IN, CASH_OUT, DECLINE_REQUEST, PAY_REQUEST, REQUEST_MONEY, SAFEGUARDING, SEND, TRANSFER_CASH_IN,
    TRANSFER_CASH_OUT, TRANSFER_SEND, request,
};

pub(crate) fn decide(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    match command.code {
        CASH_IN => cash_in(command, deciding),
        SEND => send(command, deciding),
        REQUEST_MONEY => request::request_money(command, deciding),
        PAY_REQUEST => request::pay_request(command, deciding),
        DECLINE_REQUEST => request::decline_request(command, deciding),
        CASH_OUT => cash_out(command, deciding),
        _ => Err(Refusal::new(cell::UNKNOWN_COMMAND, "wallet has no such command").into()),
    }
}

/// The account that holds a customer's balance, opened when first used: where another product credits a customer, as
/// a refund does, or debits one.
#[must_use]
pub fn customer_account(customer: u64, currency: Currency) -> AccountRef {
    AccountRef::of(&BALANCE, customer, currency)
}

/// Whether wallets of this market hold `currency`: the market's own, or one of its others.
#[must_use]
pub fn is_held(market: &MarketPack, currency: Currency) -> bool {
    market.currency == currency || market.other_currencies.contains(&currency)
}

/// The seam *funding source*: the balance of a payer who is a customer and has one in the price's currency.
pub(crate) fn fund(charge: &Charge, deciding: &mut Deciding<'_>) -> Result<Option<FundingSource>, Stop> {
    if charge.payer == OPERATOR {
        return Ok(None);
    }
    let account = BALANCE.of(charge.payer, charge.price.currency);
    sycee_party::want(deciding, charge.payer);
    deciding.want_account(account);
    deciding.ready()?;
    let payer = sycee_party::find(deciding, charge.payer)?;
    if payer.is_none_or(|payer| payer.kind != PartyKind::Customer) || deciding.account(account)?.is_none() {
        return Ok(None);
    }
    let available_minor = deciding.available_minor(account)?;
    Ok(Some(FundingSource { account, label: "balance", available_minor }))
}

fn cash_in(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    cell::require_id(command)?;
    let CashIn { customer, money, bank_reference } = cell::body(command)?;
    check_bank_reference(&bank_reference)?;
    want_cash(deciding, customer, money.currency)?;
    check_held(deciding, money.currency)?;
    payee(deciding, Payee::Party(customer))?;
    let transfer = deciding.new_id()?;
    let account = customer_account(customer, money.currency);
    deciding.concerning(transfer);
    deciding.transfer(safeguarding(money.currency), account, money.amount, TRANSFER_CASH_IN)?;
    let balance_minor = deciding.available_minor(account.id())?;
    Ok(encode(&CashMoved { transfer, balance_minor }))
}

fn cash_out(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    cell::require_id(command)?;
    let CashOut { customer, money, bank_reference } = cell::body(command)?;
    check_bank_reference(&bank_reference)?;
    want_cash(deciding, customer, money.currency)?;
    check_held(deciding, money.currency)?;
    payer(deciding, Payee::Party(customer))?;
    let account = customer_account(customer, money.currency);
    check_available(deciding, account.id(), money)?;
    let transfer = deciding.new_id()?;
    deciding.concerning(transfer);
    deciding.transfer(account, safeguarding(money.currency), money.amount, TRANSFER_CASH_OUT)?;
    let balance_minor = deciding.available_minor(account.id())?;
    Ok(encode(&CashMoved { transfer, balance_minor }))
}

fn send(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    cell::require_id(command)?;
    let body: Send = cell::body(command)?;
    let sender = command.caller.party;
    want_payee(deciding, Payee::Party(sender), body.money.currency);
    want_payee(deciding, body.payee, body.money.currency);
    deciding.ready()?;
    payer(deciding, Payee::Party(sender))?;
    let receiver = payee(deciding, body.payee)?;
    pay(deciding, sender, receiver.number, body.money, TRANSFER_SEND)
}

/// Moves money between two customers and gives back the encoded [`Sent`].
pub(crate) fn pay(deciding: &mut Deciding<'_>, from: u64, to: u64, money: Money, code: u16) -> Result<Vec<u8>, Stop> {
    if from == to {
        return Err(Refusal::new(PAYEE_IS_PAYER, "the caller would pay itself").into());
    }
    let debit = customer_account(from, money.currency);
    let credit = customer_account(to, money.currency);
    sycee_party::want(deciding, from);
    sycee_party::want(deciding, to);
    deciding.want_account(debit.id());
    deciding.want_account(credit.id());
    deciding.ready()?;
    check_held(deciding, money.currency)?;
    check_available(deciding, debit.id(), money)?;
    let transfer = deciding.new_id()?;
    deciding.concerning(transfer);
    deciding.transfer(debit, credit, money.amount, code)?;
    let balance_minor = deciding.available_minor(debit.id())?;
    Ok(encode(&Sent { transfer, payee: to, money, balance_minor }))
}

/// The customer who is to be paid.
pub(crate) fn payee(deciding: &mut Deciding<'_>, payee: Payee) -> Result<Party, Stop> {
    customer(deciding, payee, PAYEE_NOT_FOUND, PAYEE_NOT_CUSTOMER)
}

/// The customer who is to pay.
pub(crate) fn payer(deciding: &mut Deciding<'_>, payer: Payee) -> Result<Party, Stop> {
    customer(deciding, payer, PAYER_NOT_FOUND, PAYER_NOT_CUSTOMER)
}

/// Notes what finding `payee` and paying it in `currency` reads. Behind a contact only its owner is known at first.
pub(crate) fn want_payee(deciding: &mut Deciding<'_>, payee: Payee, currency: Currency) {
    match payee {
        Payee::Party(number) => {
            sycee_party::want(deciding, number);
            deciding.want_account(BALANCE.of(number, currency));
        }
        Payee::Contact(digest) => deciding.want(&[ContactOwner::key(digest)]),
    }
}

pub(crate) fn check_held(deciding: &mut Deciding<'_>, currency: Currency) -> Result<(), Stop> {
    let market = deciding.market()?;
    if is_held(&market, currency) {
        return Ok(());
    }
    let detail = format!("{currency} is not held here; the market's currency is {}", market.currency);
    Err(Refusal::new(CURRENCY_NOT_HELD, detail).into())
}

fn customer(
    deciding: &mut Deciding<'_>,
    named: Payee,
    not_found: RefusalCode,
    not_customer: RefusalCode,
) -> Result<Party, Stop> {
    let party = match named {
        Payee::Party(number) => sycee_party::find(deciding, number)?,
        Payee::Contact(digest) => sycee_party::find_by_contact(deciding, digest)?,
    };
    match party {
        Some(party) if party.kind == PartyKind::Customer => Ok(party),
        Some(party) => Err(Refusal::new(not_customer, format!("the party is a {}", party.kind.name())).into()),
        None => {
            let by = if matches!(named, Payee::Party(_)) { "number" } else { "contact" };
            Err(Refusal::new(not_found, format!("no party has this {by}")).into())
        }
    }
}

fn check_available(deciding: &mut Deciding<'_>, account: AccountId, needed: Money) -> Result<(), Stop> {
    let available_minor = deciding.available_minor(account)?;
    if available_minor >= needed.amount.minor() {
        return Ok(());
    }
    let available = Money::new(Amount::new(available_minor).unwrap_or(Amount::MAX), needed.currency);
    Err(Refusal::new(BALANCE_NOT_ENOUGH, format!("available {available}, needed {needed}")).into())
}

fn check_bank_reference(text: &str) -> Result<(), Stop> {
    if text.is_empty() || text.len() > BANK_REFERENCE_MAX_LENGTH {
        return Err(Refusal::new(cell::BAD_BODY, "bank_reference has 1 to 64 bytes").into());
    }
    Ok(())
}

fn want_cash(deciding: &mut Deciding<'_>, customer: u64, currency: Currency) -> Result<(), Stop> {
    sycee_party::want(deciding, customer);
    deciding.want_account(BALANCE.of(customer, currency));
    deciding.want_account(SAFEGUARDING.of(OPERATOR, currency));
    deciding.ready()
}

fn safeguarding(currency: Currency) -> AccountRef {
    AccountRef::of(&SAFEGUARDING, OPERATOR, currency)
}
