//! The rules of accounts and holds of the books.

use alloc::format;
use alloc::vec::Vec;

use sycee_contract::{AccountRef, Caller, Command, Deciding, Key, Refusal, Stop, cell, encode};
use sycee_ledger::{AccountId, Hold, HoldId, LedgerRefusal, Movement, OPERATOR};

use crate::command::{AccountsOpened, HoldPlaced, OpenAccounts, PlaceHold, PostHold, PostManually, VoidHold};
use crate::{
    ACCOUNT_NOT_OF_BOOKS, EXPIRY_IN_PAST, HoldTimer, ITEMS_MAX, OPEN_ACCOUNTS, PLACE_HOLD, POST_HOLD, POST_MANUALLY,
    POST_TRANSFERS, TOO_MANY_ITEMS, VOID_HOLD, batch, is_of_books,
};

/// Movements of holds, as statements show them.
const HOLD_CODE: u16 = PLACE_HOLD;

pub(crate) fn decide(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    match command.code {
        OPEN_ACCOUNTS => open_accounts(&cell::body(command)?, deciding),
        POST_TRANSFERS => batch::post_transfers(&command.body, deciding),
        PLACE_HOLD => place_hold(&cell::body(command)?, deciding),
        POST_HOLD => {
            let PostHold { hold, amount } = cell::body(command)?;
            check_hold(hold, deciding)?;
            deciding.post_hold(hold, amount, HOLD_CODE)?;
            Ok(Vec::new())
        }
        VOID_HOLD => {
            let VoidHold { hold } = cell::body(command)?;
            check_hold(hold, deciding)?;
            deciding.void_hold(hold)?;
            Ok(Vec::new())
        }
        POST_MANUALLY => post_manually(&cell::body(command)?, deciding),
        _ => Err(Refusal::new(cell::UNKNOWN_COMMAND, "books has no such command").into()),
    }
}

/// Ends the timers of the books' holds that the plan ends, whoever ends them: this product's commands or the timer.
pub(crate) fn end_timers(deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    let ended: Vec<HoldId> = deciding
        .movements()
        .iter()
        .filter_map(|movement| match movement {
            Movement::PostHold { hold, debit, .. } | Movement::ReleaseHold { hold, debit, .. } => {
                is_of_books(*debit).then_some(*hold)
            }
            Movement::Transfer { .. } | Movement::Hold { .. } => None,
        })
        .collect();
    for hold in &ended {
        deciding.want(&[HoldTimer::key(*hold)]);
    }
    deciding.ready()?;
    for hold in ended {
        if let Some(HoldTimer { timer }) = deciding.get(&HoldTimer::key(hold))? {
            deciding.cancel_timer(timer);
            deciding.remove(HoldTimer::key(hold));
        }
    }
    Ok(())
}

fn open_accounts(body: &OpenAccounts, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    if body.accounts.len() > ITEMS_MAX {
        return Err(Refusal::new(TOO_MANY_ITEMS, format!("{} accounts", body.accounts.len())).into());
    }
    let references = || {
        let of = |new: &crate::command::NewAccount| {
            AccountRef::with_sub(new.kind.account_kind(), OPERATOR, new.currency, new.sub)
        };
        body.accounts.iter().map(of)
    };
    for account in references() {
        deciding.want_account(account.id());
    }
    deciding.ready()?;
    let mut opened: u32 = 0;
    for account in references() {
        if deciding.account(account.id())?.is_none() {
            opened = opened.saturating_add(1);
            deciding.open_account(account)?;
        }
    }
    Ok(encode(&AccountsOpened { opened }))
}

/// A posting by hand: the kernel lets this through only when two people agree.
fn post_manually(body: &PostManually, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    check_account(body.debit, "debit")?;
    check_account(body.credit, "credit")?;
    deciding.want_account(body.debit);
    deciding.want_account(body.credit);
    deciding.ready()?;
    deciding.transfer(body.debit, body.credit, body.amount, POST_MANUALLY)?;
    Ok(Vec::new())
}

fn place_hold(body: &PlaceHold, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    check_account(body.debit, "debit")?;
    check_account(body.credit, "credit")?;
    let now_ns = deciding.stamp().time_ns;
    if body.expires_at_ns != 0 && body.expires_at_ns <= now_ns {
        return Err(Refusal::new(EXPIRY_IN_PAST, "expires_at_ns is not after now").into());
    }
    let hold = deciding.hold(body.debit, body.credit, body.amount, body.expires_at_ns, HOLD_CODE)?;
    if body.expires_at_ns != 0 {
        let expire = Command::new(cell::EXPIRE_HOLD, Caller::SYSTEM, &cell::HoldTarget { hold });
        let timer = deciding.timer(body.expires_at_ns, &expire);
        deciding.put(HoldTimer::key(hold), &HoldTimer { timer });
    }
    Ok(encode(&HoldPlaced { hold }))
}

/// Checks that a hold is one of the books: other products end their own.
fn check_hold(hold: HoldId, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    let key = Key::new(cell::HOLD).number(hold);
    deciding.want(&[key.clone(), HoldTimer::key(hold)]);
    deciding.ready()?;
    let record: Hold = deciding.get(&key)?.ok_or(LedgerRefusal::HoldNotFound)?;
    deciding.want_account(record.debit);
    deciding.want_account(record.credit);
    deciding.ready()?;
    check_account(record.debit, "debit")
}

fn check_account(account: AccountId, side: &str) -> Result<(), Stop> {
    if is_of_books(account) {
        return Ok(());
    }
    Err(Refusal::new(ACCOUNT_NOT_OF_BOOKS, format!("the {side} account")).into())
}
