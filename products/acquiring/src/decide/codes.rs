//! Customers' payment codes: their digests, and until when they live.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::vec::Vec;

use sycee_contract::{Caller, Command, Deciding, MarketPack, Stop, cell, encode};
use sycee_money::Money;
use sycee_party::Party;

use super::placing::is_customer;
use super::{bad_field, refuse};
use crate::command::{CodeTarget, DROP_PAY_CODE, OfflineCodes};
use crate::record::{OfflineBatch, PayCode};
use crate::refusal::{AUTH_CODE_INVALID, OFFLINE_CODES_REFUSED, OFFLINE_LIMIT, PAY_CODE_TAKEN};
use crate::reply::{OfflineCodesReply, PayCodeReply};

pub(super) fn issue(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let target: CodeTarget = cell::body(command)?;
    let key = PayCode::key(target.code_digest);
    let customer = command.caller.party;
    deciding.want(&[key.clone(), Party::key(customer), MarketPack::key()]);
    deciding.ready()?;
    is_customer(deciding, customer)?;
    let now = deciding.stamp().time_ns;
    if let Some(before) = deciding.get::<PayCode>(&key)? {
        if now < before.expires_at_ns {
            if before.customer != customer {
                return refuse(PAY_CODE_TAKEN, "another living code has these digits");
            }
            return Ok(encode(&PayCodeReply { expires_at_ns: before.expires_at_ns }));
        }
        deciding.cancel_timer(before.timer);
    }
    let lifetime_seconds = u64::from(deciding.market()?.pay_code_seconds);
    let expires_at_ns = deciding.stamp().after_seconds(lifetime_seconds);
    let timer = deciding.timer(expires_at_ns, &Command::new(DROP_PAY_CODE, Caller::SYSTEM, &target));
    deciding.put(key, &PayCode { customer, expires_at_ns, timer, offline_limit: None });
    Ok(encode(&PayCodeReply { expires_at_ns }))
}

/// Removes a code whose time is over. One that was used is gone already; one issued anew under the same digits stays.
pub(super) fn drop(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let target: CodeTarget = cell::body(command)?;
    let key = PayCode::key(target.code_digest);
    let now = deciding.stamp().time_ns;
    if let Some(code) = deciding.get::<PayCode>(&key)?
        && code.expires_at_ns <= now
    {
        remove(deciding, target.code_digest, &code)?;
    }
    Ok(Vec::new())
}

/// Makes a batch of codes that work without the phone being online when they are shown: counted, short-lived for what they are,
/// and for small prices. The batch before ends.
pub(super) fn issue_offline(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let OfflineCodes { code_digests } = cell::body(command)?;
    let customer = command.caller.party;
    deciding.want(&[OfflineBatch::key(customer), Party::key(customer), MarketPack::key()]);
    deciding.want(&code_digests.iter().map(|digest| PayCode::key(**digest)).collect::<Vec<_>>());
    deciding.ready()?;
    is_customer(deciding, customer)?;
    let market = deciding.market()?;
    let Some(terms) = market.offline_codes.as_ref() else {
        return refuse(OFFLINE_CODES_REFUSED, "the market pack has no offline codes");
    };
    if u64::try_from(code_digests.len()).unwrap_or(u64::MAX) > u64::from(terms.count) {
        return refuse(OFFLINE_CODES_REFUSED, &format!("at most {} at a time", terms.count));
    }
    let distinct: BTreeSet<&[u8; 32]> = code_digests.iter().map(|digest| &**digest).collect();
    if distinct.len() != code_digests.len() {
        return bad_field("code_digests");
    }
    for code_digest in &code_digests {
        let living = deciding.get::<PayCode>(&PayCode::key(**code_digest))?;
        if living.is_some_and(|living| living.customer != customer || living.offline_limit.is_none()) {
            return refuse(PAY_CODE_TAKEN, "another living code has one of these digits");
        }
    }
    if let Some(before) = deciding.get::<OfflineBatch>(&OfflineBatch::key(customer))? {
        for code_digest in &before.code_digests {
            if let Some(code) = deciding.get::<PayCode>(&PayCode::key(**code_digest))? {
                deciding.cancel_timer(code.timer);
                deciding.remove(PayCode::key(**code_digest));
            }
        }
    }
    let expires_at_ns = deciding.stamp().after_seconds(u64::from(terms.hours).saturating_mul(3_600));
    for code_digest in &code_digests {
        let target = CodeTarget { code_digest: **code_digest };
        let timer = deciding.timer(expires_at_ns, &Command::new(DROP_PAY_CODE, Caller::SYSTEM, &target));
        let code = PayCode { customer, expires_at_ns, timer, offline_limit: Some(terms.amount_limit) };
        deciding.put(PayCode::key(**code_digest), &code);
    }
    deciding.put(OfflineBatch::key(customer), &OfflineBatch { customer, code_digests, expires_at_ns });
    let amount_limit = Money::new(terms.amount_limit, market.currency);
    Ok(encode(&OfflineCodesReply { expires_at_ns, amount_limit }))
}

/// The living code of this digest.
pub(super) fn living(deciding: &mut Deciding<'_>, code_digest: [u8; 32]) -> Result<PayCode, Stop> {
    let now = deciding.stamp().time_ns;
    match deciding.get::<PayCode>(&PayCode::key(code_digest))?.filter(|code| now < code.expires_at_ns) {
        Some(code) => Ok(code),
        None => refuse(AUTH_CODE_INVALID, "the payment code is unknown, used or expired"),
    }
}

/// Refuses a price above what the code pays: what the payer pays, in the market's currency.
pub(super) fn check_offline_limit(code: &PayCode, price: Money, market: &MarketPack) -> Result<(), Stop> {
    let Some(limit) = code.offline_limit else { return Ok(()) };
    if price.currency == market.currency && price.amount <= limit {
        return Ok(());
    }
    refuse(OFFLINE_LIMIT, &format!("a code shown offline pays at most {}", Money::new(limit, market.currency)))
}

/// Ends a code: it is used, or its time is over. One of a batch is counted down.
pub(super) fn remove(deciding: &mut Deciding<'_>, code_digest: [u8; 32], code: &PayCode) -> Result<(), Stop> {
    deciding.remove(PayCode::key(code_digest));
    deciding.cancel_timer(code.timer);
    if code.offline_limit.is_some()
        && let Some(mut batch) = deciding.get::<OfflineBatch>(&OfflineBatch::key(code.customer))?
    {
        batch.code_digests.retain(|left| **left != code_digest);
        if batch.code_digests.is_empty() {
            deciding.remove(OfflineBatch::key(code.customer));
        } else {
            deciding.put(OfflineBatch::key(code.customer), &batch);
        }
    }
    Ok(())
}
