//! Money that leaves a merchant's balance otherwise than by refunds: transfers to customers, and fees.

use alloc::format;
use alloc::vec::Vec;

use sycee_contract::{AccountRef, Command, Deciding, MarketPack, Stop, cell, encode};
use sycee_money::{Amount, Money};
use sycee_party::{Party, PartyKind};

use super::placing::check_currency;
use super::{bad_field, check_number, check_optional, merchant, refuse};
use crate::command::{SettleFees, TransferToCustomer};
use crate::entry::{self, EntryKind};
use crate::record::{FeeSettlement, Merchant, MerchantTransfer, MerchantTransferIndex, TransferState};
use crate::refusal::{PAYEE_NOT_FOUND, SELLER_BALANCE_NOT_ENOUGH, TRANSFER_INCONSISTENT};
use crate::reply::{SettleFeesReply, TransferReply};
use crate::{FEE_RECEIVABLE, MERCHANT_BALANCE, purpose};

pub(super) fn to_customer(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let body: TransferToCustomer = cell::body(command)?;
    check_number("out_biz_no", &body.out_biz_no)?;
    check_optional("title", body.title.as_deref(), 256)?;
    if body.money.amount.is_zero() {
        return bad_field("money");
    }
    let (from, currency) = (command.caller.party, body.money.currency);
    let key = MerchantTransfer::key(from, &body.out_biz_no);
    deciding.want(&[Merchant::key(from), key.clone(), Party::key(body.payee), Party::key(from), MarketPack::key()]);
    deciding.want_account(MERCHANT_BALANCE.of(from, currency));
    deciding.want_account(sycee_wallet::BALANCE.of(body.payee, currency));
    deciding.ready()?;
    merchant(deciding, from)?;
    if let Some(before) = deciding.get::<MerchantTransfer>(&key)? {
        if before.payee != body.payee {
            return refuse(TRANSFER_INCONSISTENT, "payee");
        }
        if before.money != body.money {
            return refuse(TRANSFER_INCONSISTENT, "money");
        }
        return Ok(encode(&TransferReply { transfer: before, repeated: true }));
    }
    if !sycee_party::find(deciding, body.payee)?.is_some_and(|payee| payee.kind == PartyKind::Customer) {
        return refuse(PAYEE_NOT_FOUND, &format!("payee {}", body.payee));
    }
    check_currency(&*deciding.market()?, currency)?;
    let account = AccountRef::of(&MERCHANT_BALANCE, from, currency);
    let available = deciding.available_minor(account.id())?;
    if available < body.money.amount.minor() {
        let available = Money::new(Amount::new(available)?, currency);
        return refuse(SELLER_BALANCE_NOT_ENOUGH, &format!("available {available}, needed {}", body.money));
    }
    let payee = sycee_wallet::customer_account(body.payee, currency);
    let id = deciding.new_id()?;
    deciding.concerning(id);
    deciding.transfer(account, payee, body.money.amount, purpose::MERCHANT_TRANSFER)?;
    let transfer = MerchantTransfer {
        id,
        merchant: from,
        out_biz_no: body.out_biz_no,
        payee: body.payee,
        money: body.money,
        title: body.title,
        state: TransferState::Done,
        at_ns: deciding.stamp().time_ns,
        created_date: deciding.stamp().business_date,
    };
    let index = MerchantTransferIndex { merchant: from, out_biz_no: transfer.out_biz_no.clone() };
    deciding.put(MerchantTransferIndex::key(transfer.id), &index);
    deciding.put(key, &transfer);
    entry::write(deciding, from, EntryKind::Transfer, transfer.id, transfer.money, Amount::ZERO, None)?;
    Ok(encode(&TransferReply { transfer, repeated: false }))
}

pub(super) fn settle_fees(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    cell::require_id(command)?;
    let SettleFees { merchant: party, currency, at_most } = cell::body(command)?;
    let key = FeeSettlement::key(party, currency);
    let balance = AccountRef::of(&MERCHANT_BALANCE, party, currency);
    let receivable = AccountRef::of(&FEE_RECEIVABLE, party, currency);
    deciding.want(&[Merchant::key(party), key.clone()]);
    deciding.want_account(balance.id());
    deciding.want_account(receivable.id());
    deciding.ready()?;
    merchant(deciding, party)?;
    let owed = deciding.account(receivable.id())?.map_or(0, |account| account.balance_minor());
    let available = deciding.available_minor(balance.id())?;
    let limit = at_most.map_or(Amount::MAX_MINOR, Amount::minor);
    let mut settled: FeeSettlement = deciding.get(&key)?.unwrap_or_default();
    let mut reply = SettleFeesReply { taken: Amount::ZERO, given_back: Amount::ZERO };
    if owed > 0 {
        let take = u64::try_from(owed).unwrap_or(u64::MAX).min(available).min(limit);
        reply.taken = Amount::new(take)?;
        if !reply.taken.is_zero() {
            deciding.transfer(balance, receivable, reply.taken, purpose::FEE_SETTLEMENT)?;
            let taken = Money::new(reply.taken, currency);
            entry::write(deciding, party, EntryKind::FeesTaken, 0, taken, Amount::ZERO, None)?;
        }
    } else if owed < 0 {
        let give = u64::try_from(owed.unsigned_abs()).unwrap_or(u64::MAX).min(limit);
        reply.given_back = Amount::new(give)?;
        if !reply.given_back.is_zero() {
            deciding.transfer(receivable, balance, reply.given_back, purpose::FEE_GIVE_BACK)?;
            let given = Money::new(reply.given_back, currency);
            entry::write(deciding, party, EntryKind::FeesGivenBack, 0, given, Amount::ZERO, None)?;
        }
    }
    if reply.taken != reply.given_back {
        settled.taken_minor = settled.taken_minor.saturating_add(reply.taken.minor());
        settled.given_back_minor = settled.given_back_minor.saturating_add(reply.given_back.minor());
        deciding.put(key, &settled);
    }
    Ok(encode(&reply))
}
