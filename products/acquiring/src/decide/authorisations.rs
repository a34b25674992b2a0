//! Money frozen for a merchant: by a customer's code, or by their confirmation of a merchant's; released, cancelled, ended by
//! time. Paying out of it is in `payments`, by way of [`draw`].
//!
//! The ledger posts up to what a hold holds and releases the rest, so whatever leaves something behind ends the hold and makes
//! one of the rest in the same plan. The guard of parties knows such a pair as one hold that goes on, and counts it once.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sycee_contract::{AccountRef, Caller, Charge, Command, Deciding, MarketPack, Stop, cell, encode};
use sycee_ledger::AccountId;
use sycee_money::{Amount, Money};

use super::placing::{check_currency, is_customer};
use super::{bad_field, check_number, check_optional, check_text, codes, merchant, refuse};
use crate::authorisation::{
    AUTHORISATION_DAYS, Authorisation, AuthorisationIndex, AuthorisationOperation, AuthorisationOperationIndex,
    AuthorisationState, OperationKind,
};
use crate::command::{AuthorisationTarget, EXPIRE_FREEZE, FreezeByCode, FreezeFields, IssueFreezeCode, Unfreeze};
use crate::record::{App, Merchant, PayCode};
use crate::refusal::{
    APP_NOT_FOUND, AUTHORISATION_AMOUNT_EXCEEDS, AUTHORISATION_CLOSED, AUTHORISATION_FINISHED,
    AUTHORISATION_INCONSISTENT, AUTHORISATION_NOT_FOUND, AUTHORISATION_NOT_FROZEN, BUYER_BALANCE_NOT_ENOUGH,
    BUYER_NOT_MATCH, BUYER_SELLER_EQUAL, CURRENCY_NOT_SUPPORTED, FREEZE_HAS_SUCCESS,
};
use crate::reply::AuthorisationReply;
use crate::{MERCHANT_BALANCE, purpose};

pub(super) fn freeze_by_code(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let FreezeByCode { freeze: fields, code_digest } = cell::body(command)?;
    deciding.want(&[PayCode::key(code_digest)]);
    let party = command.caller.party;
    if let Some((authorisation, operation)) = before(deciding, party, &fields)? {
        if authorisation.state_at(deciding.stamp().time_ns) == AuthorisationState::Closed {
            return refuse(AUTHORISATION_CLOSED, "the freeze was cancelled, or its time is over");
        }
        // Another code under the same number would be another customer's money.
        if authorisation.code_digest != Some(code_digest) {
            return refuse(AUTHORISATION_INCONSISTENT, "auth_code");
        }
        return Ok(encode(&AuthorisationReply { authorisation, operation, repeated: true }));
    }
    let code = codes::living(deciding, code_digest)?;
    codes::check_offline_limit(&code, fields.amount, &*deciding.market()?)?;
    let (mut authorisation, operation) = draft(deciding, party, fields)?;
    authorisation.code_digest = Some(code_digest);
    freeze(deciding, &mut authorisation, code.customer, false)?;
    codes::remove(deciding, code_digest, &code)?;
    put(deciding, &authorisation, &operation);
    Ok(encode(&AuthorisationReply { authorisation, operation, repeated: false }))
}

pub(super) fn issue_code(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let IssueFreezeCode { freeze: fields, code_lifetime_seconds } = cell::body(command)?;
    let party = command.caller.party;
    if let Some((authorisation, operation)) = before(deciding, party, &fields)? {
        if authorisation.code_digest.is_some() {
            return refuse(AUTHORISATION_INCONSISTENT, "auth_code");
        }
        return match authorisation.state_at(deciding.stamp().time_ns) {
            AuthorisationState::CodeIssued => {
                Ok(encode(&AuthorisationReply { authorisation, operation, repeated: true }))
            }
            AuthorisationState::Authorised | AuthorisationState::Finished => {
                refuse(FREEZE_HAS_SUCCESS, "the customer has confirmed it")
            }
            AuthorisationState::Closed => refuse(AUTHORISATION_CLOSED, "the freeze was cancelled, or its time is over"),
        };
    }
    let longest = u64::from(deciding.market()?.order_code_minutes).saturating_mul(60);
    let seconds = code_lifetime_seconds.map_or(longest, |seconds| seconds.min(longest));
    let (mut authorisation, operation) = draft(deciding, party, fields)?;
    let expires_at_ns = deciding.stamp().after_seconds(seconds);
    end_at(deciding, &mut authorisation, expires_at_ns);
    put(deciding, &authorisation, &operation);
    Ok(encode(&AuthorisationReply { authorisation, operation, repeated: false }))
}

pub(super) fn confirm(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let AuthorisationTarget { id } = cell::body(command)?;
    let customer = command.caller.party;
    let (mut authorisation, operation) = find(deciding, id, None)?;
    let repeated = match authorisation.state_at(deciding.stamp().time_ns) {
        AuthorisationState::CodeIssued => {
            is_customer(deciding, customer)?;
            freeze(deciding, &mut authorisation, customer, true)?;
            deciding.put(Authorisation::key(id), &authorisation);
            false
        }
        _ if authorisation.customer.is_some_and(|other| other != customer) => {
            return refuse(BUYER_NOT_MATCH, "another customer has confirmed it");
        }
        AuthorisationState::Authorised | AuthorisationState::Finished => true,
        AuthorisationState::Closed => {
            return refuse(AUTHORISATION_CLOSED, "the freeze was cancelled, or its time is over");
        }
    };
    Ok(encode(&AuthorisationReply { authorisation, operation, repeated }))
}

pub(super) fn unfreeze(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let Unfreeze { authorisation: id, out_request_no, amount, remark } = cell::body(command)?;
    check_number("out_request_no", &out_request_no)?;
    check_optional("remark", remark.as_deref(), 256)?;
    if amount.amount.is_zero() {
        return bad_field("amount");
    }
    let party = command.caller.party;
    let index = AuthorisationOperationIndex::key(party, &out_request_no);
    deciding.want(&[Authorisation::key(id), index.clone()]);
    deciding.ready()?;
    let (mut authorisation, _) = find(deciding, id, Some(party))?;
    if let Some(operation) = operation_of(deciding, &index)? {
        let same = operation.kind == OperationKind::Unfreeze
            && operation.authorisation == id
            && operation.amount == amount.amount
            && authorisation.amount.currency == amount.currency;
        if !same {
            return refuse(AUTHORISATION_INCONSISTENT, "out_request_no");
        }
        return Ok(encode(&AuthorisationReply { authorisation, operation, repeated: true }));
    }
    check_held(&authorisation, amount, deciding.stamp().time_ns)?;
    release(deciding, &mut authorisation, amount.amount)?;
    finish_if_empty(deciding, &mut authorisation);
    let operation =
        operation(deciding, &authorisation, out_request_no, OperationKind::Unfreeze, amount.amount, remark)?;
    put(deciding, &authorisation, &operation);
    Ok(encode(&AuthorisationReply { authorisation, operation, repeated: false }))
}

/// Cancels a freeze: what is still held of it goes back. What was paid out of it stays paid; that is refunded.
pub(super) fn cancel(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let AuthorisationTarget { id } = cell::body(command)?;
    let (mut authorisation, operation) = find(deciding, id, Some(command.caller.party))?;
    let repeated = match authorisation.state {
        AuthorisationState::Finished => return refuse(AUTHORISATION_FINISHED, "nothing of it is held any more"),
        AuthorisationState::Closed => true,
        AuthorisationState::CodeIssued | AuthorisationState::Authorised => {
            close(deciding, &mut authorisation, false)?;
            false
        }
    };
    Ok(encode(&AuthorisationReply { authorisation, operation, repeated }))
}

/// Ends an authorisation whose time is over. One that was ended, or confirmed and so given a later end, is left alone.
pub(super) fn expire(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let AuthorisationTarget { id } = cell::body(command)?;
    let found = deciding.get::<Authorisation>(&Authorisation::key(id))?;
    if let Some(mut authorisation) = found
        && authorisation.is_open()
        && authorisation.expires_at_ns <= deciding.stamp().time_ns
    {
        close(deciding, &mut authorisation, true)?;
    }
    Ok(Vec::new())
}

/// What a payment out of an authorisation takes.
#[derive(Clone)]
pub(super) struct Drawing {
    /// Out of what, as it was before.
    pub authorisation: Authorisation,
    /// The account in which the money is held.
    pub account: AccountId,
    /// Whether what is left after it is released.
    pub is_last: bool,
}

/// The merchant's authorisation, if it can pay so much.
pub(super) fn drawable(
    deciding: &mut Deciding<'_>,
    merchant: u64,
    id: u64,
    price: Money,
    is_last: bool,
) -> Result<(u64, Drawing), Stop> {
    let (authorisation, _) = find(deciding, id, Some(merchant))?;
    check_held(&authorisation, price, deciding.stamp().time_ns)?;
    let (Some(customer), Some(account)) = (authorisation.customer, authorisation.funding_account) else {
        return Err(Stop::Broken("money is frozen of nobody"));
    };
    Ok((customer, Drawing { authorisation, account, is_last }))
}

/// Pays `amount` out of an authorisation, and holds or releases the rest.
pub(super) fn draw(deciding: &mut Deciding<'_>, drawing: &Drawing, amount: Amount) -> Result<(), Stop> {
    let mut authorisation = drawing.authorisation.clone();
    let Some(hold) = authorisation.hold.take() else { return Err(Stop::Broken("an authorisation without its hold")) };
    let rest = authorisation.held.checked_sub(amount)?;
    deciding.post_hold(hold, amount, purpose::PAYMENT)?;
    authorisation.captured = authorisation.captured.checked_add(amount)?;
    authorisation.held = Amount::ZERO;
    if drawing.is_last {
        authorisation.released = authorisation.released.checked_add(rest)?;
    } else {
        hold_on(deciding, &mut authorisation, rest)?;
    }
    finish_if_empty(deciding, &mut authorisation);
    deciding.put(Authorisation::key(authorisation.id), &authorisation);
    Ok(())
}

// ---- inside ----

/// Refuses unless so much is held, in that currency.
fn check_held(authorisation: &Authorisation, asked: Money, now_ns: u64) -> Result<(), Stop> {
    match authorisation.state_at(now_ns) {
        AuthorisationState::CodeIssued => return refuse(AUTHORISATION_NOT_FROZEN, "no customer has confirmed it"),
        AuthorisationState::Finished => return refuse(AUTHORISATION_FINISHED, "nothing of it is held any more"),
        AuthorisationState::Closed => {
            return refuse(AUTHORISATION_CLOSED, "the freeze was cancelled, or its time is over");
        }
        AuthorisationState::Authorised => {}
    }
    if asked.currency != authorisation.amount.currency {
        return refuse(CURRENCY_NOT_SUPPORTED, &format!("the freeze is in {}", authorisation.amount.currency));
    }
    if asked.amount > authorisation.held {
        let held = Money::new(authorisation.held, asked.currency);
        return refuse(AUTHORISATION_AMOUNT_EXCEEDS, &format!("{held} is held"));
    }
    Ok(())
}

/// The authorisation and the operation that asked for it; of a merchant, only its own.
fn find(
    deciding: &mut Deciding<'_>,
    id: u64,
    merchant: Option<u64>,
) -> Result<(Authorisation, AuthorisationOperation), Stop> {
    let found = deciding.get::<Authorisation>(&Authorisation::key(id))?;
    let own = found.filter(|found| merchant.is_none_or(|merchant| merchant == found.merchant));
    let Some(authorisation) = own else { return refuse(AUTHORISATION_NOT_FOUND, "the merchant has no such freeze") };
    match deciding.get(&AuthorisationOperation::key(authorisation.operation))? {
        Some(operation) => Ok((authorisation, operation)),
        None => Err(Stop::Broken("an authorisation without its operation")),
    }
}

fn operation_of(
    deciding: &mut Deciding<'_>,
    index: &sycee_contract::Key,
) -> Result<Option<AuthorisationOperation>, Stop> {
    let Some(AuthorisationOperationIndex { operation }) = deciding.get(index)? else { return Ok(None) };
    match deciding.get(&AuthorisationOperation::key(operation))? {
        Some(operation) => Ok(Some(operation)),
        None => Err(Stop::Broken("an operation's number leads to no operation")),
    }
}

/// Checks the fields; gives back what was asked before under the same numbers, if it was the same.
fn before(
    deciding: &mut Deciding<'_>,
    party: u64,
    fields: &FreezeFields,
) -> Result<Option<(Authorisation, AuthorisationOperation)>, Stop> {
    check_number("out_order_no", &fields.out_order_no)?;
    check_number("out_request_no", &fields.out_request_no)?;
    if fields.title.is_empty() {
        return bad_field("title");
    }
    check_text("title", &fields.title, 256)?;
    if fields.amount.amount.is_zero() {
        return bad_field("amount");
    }
    let index = AuthorisationIndex::key(party, &fields.out_order_no);
    let request = AuthorisationOperationIndex::key(party, &fields.out_request_no);
    deciding.want(&[Merchant::key(party), index.clone(), request.clone(), MarketPack::key()]);
    deciding.ready()?;
    merchant(deciding, party)?;
    let Some(AuthorisationIndex { authorisation }) = deciding.get(&index)? else {
        return match operation_of(deciding, &request)? {
            Some(_) => refuse(AUTHORISATION_INCONSISTENT, "out_request_no"),
            None => Ok(None),
        };
    };
    let (authorisation, operation) = find(deciding, authorisation, Some(party))?;
    let differs = [
        (operation.out_request_no != fields.out_request_no, "out_request_no"),
        (authorisation.amount != fields.amount, "amount"),
        (authorisation.title != fields.title, "order_title"),
    ];
    match differs.into_iter().find_map(|(differs, field)| differs.then_some(field)) {
        Some(field) => refuse(AUTHORISATION_INCONSISTENT, field),
        None => Ok(Some((authorisation, operation))),
    }
}

/// A new authorisation that holds nothing yet, and the operation that asks for it; nothing is written.
fn draft(
    deciding: &mut Deciding<'_>,
    party: u64,
    fields: FreezeFields,
) -> Result<(Authorisation, AuthorisationOperation), Stop> {
    check_currency(&*deciding.market()?, fields.amount.currency)?;
    if let Some(app) = fields.app {
        let found = deciding.get::<App>(&App::key(app))?;
        if found.is_none_or(|found| found.merchant != party) {
            return refuse(APP_NOT_FOUND, &format!("app {app}"));
        }
    }
    let (id, stamp) = (deciding.new_id()?, *deciding.stamp());
    let mut authorisation = Authorisation {
        id,
        merchant: party,
        app: fields.app,
        out_order_no: fields.out_order_no,
        title: fields.title,
        amount: fields.amount,
        state: AuthorisationState::CodeIssued,
        customer: None,
        funding_account: None,
        funding_label: None,
        hold: None,
        held: Amount::ZERO,
        captured: Amount::ZERO,
        released: Amount::ZERO,
        created_at_ns: stamp.time_ns,
        created_date: stamp.business_date,
        expires_at_ns: stamp.time_ns,
        timer: None,
        authorised_at_ns: None,
        ended_at_ns: None,
        operation: 0,
        code_digest: None,
    };
    let amount = fields.amount.amount;
    let operation = operation(deciding, &authorisation, fields.out_request_no, OperationKind::Freeze, amount, None)?;
    authorisation.operation = operation.id;
    Ok((authorisation, operation))
}

fn operation(
    deciding: &mut Deciding<'_>,
    authorisation: &Authorisation,
    out_request_no: String,
    kind: OperationKind,
    amount: Amount,
    remark: Option<String>,
) -> Result<AuthorisationOperation, Stop> {
    let stamp = *deciding.stamp();
    Ok(AuthorisationOperation {
        id: deciding.new_id()?,
        authorisation: authorisation.id,
        merchant: authorisation.merchant,
        out_request_no,
        kind,
        amount,
        at_ns: stamp.time_ns,
        created_date: stamp.business_date,
        remark,
    })
}

fn put(deciding: &mut Deciding<'_>, authorisation: &Authorisation, operation: &AuthorisationOperation) {
    let merchant = authorisation.merchant;
    let index = AuthorisationIndex { authorisation: authorisation.id };
    deciding.put(AuthorisationIndex::key(merchant, &authorisation.out_order_no), &index);
    deciding.put(Authorisation::key(authorisation.id), authorisation);
    let index = AuthorisationOperationIndex { operation: operation.id };
    deciding.put(AuthorisationOperationIndex::key(merchant, &operation.out_request_no), &index);
    deciding.put(AuthorisationOperation::key(operation.id), operation);
}

/// Freezes what an authorisation asks for.
fn freeze(
    deciding: &mut Deciding<'_>,
    authorisation: &mut Authorisation,
    customer: u64,
    telling: bool,
) -> Result<(), Stop> {
    let (merchant, asked) = (authorisation.merchant, authorisation.amount);
    if customer == merchant {
        return refuse(BUYER_SELLER_EQUAL, "the customer is the merchant");
    }
    sycee_party::want(deciding, customer);
    deciding.want(&[sycee_party::Party::key(merchant)]);
    deciding.want_account(sycee_wallet::BALANCE.of(customer, asked.currency));
    deciding.want_account(MERCHANT_BALANCE.of(merchant, asked.currency));
    deciding.ready()?;
    let reference = authorisation.out_order_no.clone();
    let charge = Charge { payer: customer, payee: merchant, price: asked, reference };
    let source = deciding.fund(&charge, asked.amount)?;
    let Some(source) = source.filter(|source| source.available_minor >= asked.amount.minor()) else {
        // The till must not learn what the customer has.
        let detail = if telling { format!("{asked} are needed") } else { String::from("the buyer has not enough") };
        return refuse(BUYER_BALANCE_NOT_ENOUGH, &detail);
    };
    let expires_at_ns = deciding.stamp().after_seconds(AUTHORISATION_DAYS.saturating_mul(86_400));
    authorisation.state = AuthorisationState::Authorised;
    authorisation.customer = Some(customer);
    authorisation.funding_account = Some(source.account);
    authorisation.funding_label = Some(String::from(source.label));
    authorisation.authorised_at_ns = Some(deciding.stamp().time_ns);
    end_at(deciding, authorisation, expires_at_ns);
    hold_on(deciding, authorisation, asked.amount)
}

/// Holds `amount`, if it is anything, until the authorisation's end. After the end of another hold of it: the rest of that one.
fn hold_on(deciding: &mut Deciding<'_>, authorisation: &mut Authorisation, amount: Amount) -> Result<(), Stop> {
    authorisation.held = amount;
    authorisation.hold = None;
    if amount.is_zero() {
        return Ok(());
    }
    let Some(account) = authorisation.funding_account else { return Err(Stop::Broken("money is frozen of nobody")) };
    let payee = AccountRef::of(&MERCHANT_BALANCE, authorisation.merchant, authorisation.amount.currency);
    let hold = deciding.hold(account, payee, amount, authorisation.expires_at_ns, purpose::PAYMENT)?;
    authorisation.hold = Some(hold);
    Ok(())
}

/// Releases `amount` of what is held, and holds the rest on.
fn release(deciding: &mut Deciding<'_>, authorisation: &mut Authorisation, amount: Amount) -> Result<(), Stop> {
    let Some(hold) = authorisation.hold else { return Err(Stop::Broken("an authorisation without its hold")) };
    let rest = authorisation.held.checked_sub(amount)?;
    deciding.void_hold(hold)?;
    authorisation.released = authorisation.released.checked_add(amount)?;
    hold_on(deciding, authorisation, rest)
}

/// Releases all that is held, and writes that it is closed.
fn close(deciding: &mut Deciding<'_>, authorisation: &mut Authorisation, expired: bool) -> Result<(), Stop> {
    if let Some(hold) = authorisation.hold.take() {
        if expired {
            deciding.expire_hold(hold)?;
        } else {
            deciding.void_hold(hold)?;
        }
        authorisation.released = authorisation.released.checked_add(authorisation.held)?;
        authorisation.held = Amount::ZERO;
    }
    end(deciding, authorisation, AuthorisationState::Closed);
    deciding.put(Authorisation::key(authorisation.id), authorisation);
    Ok(())
}

fn finish_if_empty(deciding: &mut Deciding<'_>, authorisation: &mut Authorisation) {
    if authorisation.held.is_zero() {
        end(deciding, authorisation, AuthorisationState::Finished);
    }
}

fn end(deciding: &mut Deciding<'_>, authorisation: &mut Authorisation, state: AuthorisationState) {
    if let Some(timer) = authorisation.timer.take() {
        deciding.cancel_timer(timer);
    }
    authorisation.state = state;
    authorisation.ended_at_ns = Some(deciding.stamp().time_ns);
}

/// Sets the end, instead of the one before.
fn end_at(deciding: &mut Deciding<'_>, authorisation: &mut Authorisation, expires_at_ns: u64) {
    if let Some(timer) = authorisation.timer.take() {
        deciding.cancel_timer(timer);
    }
    let expire = Command::new(EXPIRE_FREEZE, Caller::SYSTEM, &AuthorisationTarget { id: authorisation.id });
    authorisation.expires_at_ns = expires_at_ns;
    authorisation.timer = Some(deciding.timer(expires_at_ns, &expire));
}
