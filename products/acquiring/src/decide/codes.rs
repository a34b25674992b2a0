//! Customers' payment codes: their digests, and until when they live.

use alloc::vec::Vec;

use sycee_contract::{Caller, Command, Deciding, MarketPack, Stop, cell, encode};
use sycee_party::Party;

use super::placing::is_customer;
use super::refuse;
use crate::command::{CodeTarget, DROP_PAY_CODE};
use crate::record::PayCode;
use crate::refusal::PAY_CODE_TAKEN;
use crate::reply::PayCodeReply;

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
    deciding.put(key, &PayCode { customer, expires_at_ns, timer });
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
        deciding.cancel_timer(code.timer);
        deciding.remove(key);
    }
    Ok(Vec::new())
}
