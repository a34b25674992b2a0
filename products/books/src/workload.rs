//! Load: batches of transfers, linked sets and holds, with a model of every account that may be overdrawn or not.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sycee_contract::{Answer, Caller, Command, Expectation, Random, WorkItem, Workload, cell, decode};
use sycee_ledger::{AccountId, LedgerRefusal};
use sycee_money::{Amount, Currency};

use crate::command::{
    BooksKind, HoldPlaced, NewAccount, OpenAccounts, PlaceHold, PostHold, PostTransfers, RefusedTransfer, TransferItem,
    TransfersPosted, VoidHold,
};
use crate::{
    ACCOUNT_NOT_OF_BOOKS, OPEN_ACCOUNTS, PLACE_HOLD, POST_HOLD, POST_TRANSFERS, VOID_HOLD, account_id, is_of_books,
};

/// Accounts of each kind; sub-numbers from 0.
const ACCOUNTS: u32 = 12;
/// The sub-number of accounts that are never opened.
const UNOPENED: u32 = 999_999;
/// When holds expire that are to expire: 2100-01-01, so that none does while the load runs.
const FAR_AWAY_NS: u64 = 4_102_444_800_000_000_000;

/// What a limited account has, minor units.
#[derive(Clone, Copy, Default)]
struct Limited {
    balance_minor: u64,
    held_minor: u64,
}

#[derive(Clone, Copy)]
struct Placed {
    hold: u64,
    payer: usize,
    minor: u64,
}

/// What the next answer tells.
#[derive(Clone, Default)]
enum Awaited {
    #[default]
    Nothing,
    Posted(Vec<RefusedTransfer>),
    Placed(usize, u64),
}

/// The generator.
#[derive(Default)]
pub(crate) struct BulkWork {
    limited: Vec<Limited>,
    holds: Vec<Placed>,
    awaited: Awaited,
    problem: Option<String>,
}

impl Workload for BulkWork {
    fn prepare(&mut self) -> Vec<WorkItem> {
        self.limited = alloc::vec![Limited::default(); usize::try_from(ACCOUNTS).unwrap_or(0)];
        let accounts = (0..ACCOUNTS)
            .flat_map(|sub| [BooksKind::General, BooksKind::Limited].map(|kind| (sub, kind)))
            .map(|(sub, kind)| NewAccount { sub, kind, currency: Currency::EUR });
        let body = OpenAccounts { accounts: accounts.collect() };
        alloc::vec![accepted(OPEN_ACCOUNTS, &body)]
    }

    fn next(&mut self, random: &mut Random) -> WorkItem {
        self.awaited = Awaited::Nothing;
        match random.below(8) {
            0 => self.place_hold(random),
            1 => self.end_hold(random),
            2 => {
                let items = alloc::vec![TransferItem {
                    debit: account_id(BooksKind::General, Currency::EUR, 0),
                    credit: AccountId::new(7, crate::LIMITED.number, Currency::EUR, 0),
                    amount: Amount::ONE,
                    code: 0,
                    linked: false,
                }];
                let item = accepted(POST_TRANSFERS, &PostTransfers { items });
                WorkItem { expectation: Expectation::Refused(ACCOUNT_NOT_OF_BOOKS), ..item }
            }
            _ => self.post_transfers(random),
        }
    }

    fn learn(&mut self, answer: &Answer) {
        self.problem = None;
        let Answer::Done(reply) = answer else { return };
        self.problem = match core::mem::take(&mut self.awaited) {
            Awaited::Nothing => None,
            Awaited::Posted(expected) => match decode::<TransfersPosted>(reply, "reply") {
                Ok(posted) if posted.refused == expected => None,
                Ok(posted) => Some(format!("refused {:?}, expected {expected:?}", posted.refused)),
                Err(_) => Some("the reply does not decode".to_string()),
            },
            Awaited::Placed(payer, minor) => match decode::<HoldPlaced>(reply, "reply") {
                Ok(HoldPlaced { hold }) => {
                    self.holds.push(Placed { hold, payer, minor });
                    None
                }
                Err(_) => Some("the reply does not decode".to_string()),
            },
        };
    }

    fn problem(&self) -> Option<String> {
        self.problem.clone()
    }
}

impl BulkWork {
    fn post_transfers(&mut self, random: &mut Random) -> WorkItem {
        let count = random.below(12).saturating_add(1);
        let items: Vec<TransferItem> = (0..count).map(|_| transfer(random)).collect();
        self.awaited = Awaited::Posted(self.expected(&items));
        accepted(POST_TRANSFERS, &PostTransfers { items })
    }

    fn place_hold(&mut self, random: &mut Random) -> WorkItem {
        let sub = random.below(u64::from(ACCOUNTS));
        let payer = usize::try_from(sub).unwrap_or(0);
        let minor = random.below(40).saturating_add(1);
        let expires_at_ns = if random.below(2) == 0 { 0 } else { FAR_AWAY_NS };
        let body = PlaceHold {
            debit: account_id(BooksKind::Limited, Currency::EUR, u32::try_from(sub).unwrap_or(0)),
            credit: account_id(BooksKind::General, Currency::EUR, 0),
            amount: amount(minor),
            expires_at_ns,
        };
        let item = accepted(PLACE_HOLD, &body);
        match self.limited.get_mut(payer) {
            Some(account) if account.available() >= minor => {
                account.held_minor = account.held_minor.saturating_add(minor);
                self.awaited = Awaited::Placed(payer, minor);
                item
            }
            _ => WorkItem { expectation: refused_by(LedgerRefusal::DebitLimit), ..item },
        }
    }

    fn end_hold(&mut self, random: &mut Random) -> WorkItem {
        let Some(Placed { hold, payer, minor }) = self.holds.pop() else {
            let item = accepted(VOID_HOLD, &VoidHold { hold: u64::MAX });
            return WorkItem { expectation: refused_by(LedgerRefusal::HoldNotFound), ..item };
        };
        let kind = random.below(3);
        if kind == 0 {
            self.holds.push(Placed { hold, payer, minor });
            let too_much = PostHold { hold, amount: amount(minor.saturating_add(1)) };
            let item = accepted(POST_HOLD, &too_much);
            return WorkItem { expectation: refused_by(LedgerRefusal::PostExceedsHold), ..item };
        }
        let posted_minor = if kind == 1 { 0 } else { random.below(minor).saturating_add(1) };
        if let Some(account) = self.limited.get_mut(payer) {
            account.held_minor = account.held_minor.saturating_sub(minor);
            account.balance_minor = account.balance_minor.saturating_sub(posted_minor);
        }
        if posted_minor == 0 {
            return accepted(VOID_HOLD, &VoidHold { hold });
        }
        accepted(POST_HOLD, &PostHold { hold, amount: amount(posted_minor) })
    }

    /// What a batch must come to, worked out on the model alone.
    fn expected(&mut self, items: &[TransferItem]) -> Vec<RefusedTransfer> {
        let mut refused = Vec::new();
        let mut rest = items;
        let mut start: u32 = 0;
        while !rest.is_empty() {
            let end = rest.iter().position(|item| !item.linked);
            let length = end.map_or(rest.len(), |end| end.saturating_add(1));
            let (set, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            let before = self.limited.clone();
            let failed = match end {
                None => Some((set.len().saturating_sub(1), LedgerRefusal::LinkedSetOpen)),
                Some(_) => set.iter().enumerate().find_map(|(at, item)| Some((at, self.attempt(item)?))),
            };
            if let Some((at, reason)) = failed {
                self.limited = before;
                for (index, place) in (start..).zip(0..set.len()) {
                    let reason = if place == at { reason } else { LedgerRefusal::LinkedSetRefused };
                    let refusal = cell::LEDGER_REFUSAL_BASE.saturating_add(reason.number());
                    refused.push(RefusedTransfer { index, refusal });
                }
            }
            start = start.saturating_add(u32::try_from(set.len()).unwrap_or(u32::MAX));
            rest = after;
        }
        refused
    }

    fn attempt(&mut self, item: &TransferItem) -> Option<LedgerRefusal> {
        let minor = item.amount.minor();
        if item.debit.sub() == UNOPENED {
            return Some(LedgerRefusal::DebitLimit);
        }
        if item.credit.sub() == UNOPENED {
            return Some(LedgerRefusal::CreditLimit);
        }
        if item.debit == item.credit {
            return Some(LedgerRefusal::SameAccount);
        }
        if minor == 0 {
            return Some(LedgerRefusal::AmountZero);
        }
        if let Some(payer) = self.limited_account(item.debit) {
            if payer.available() < minor {
                return Some(LedgerRefusal::DebitLimit);
            }
            payer.balance_minor = payer.balance_minor.saturating_sub(minor);
        }
        if let Some(payee) = self.limited_account(item.credit) {
            payee.balance_minor = payee.balance_minor.saturating_add(minor);
        }
        None
    }

    fn limited_account(&mut self, id: AccountId) -> Option<&mut Limited> {
        debug_assert!(is_of_books(id));
        let index = usize::try_from(id.sub()).ok()?;
        if id.kind() == crate::LIMITED.number { self.limited.get_mut(index) } else { None }
    }
}

impl Limited {
    fn available(&self) -> u64 {
        self.balance_minor.saturating_sub(self.held_minor)
    }
}

fn transfer(random: &mut Random) -> TransferItem {
    let amount = if random.below(20) == 0 { Amount::ZERO } else { amount(random.below(100).saturating_add(1)) };
    let debit = any_account(random);
    let mut credit = any_account(random);
    if debit == credit && amount.is_zero() {
        // Two reasons at once would test the order of refusals, which the ledger's own tests do.
        credit = account_id(BooksKind::General, Currency::EUR, UNOPENED);
    }
    TransferItem { debit, credit, amount, code: 1, linked: random.below(4) == 0 }
}

fn any_account(random: &mut Random) -> AccountId {
    let kind = if random.below(3) == 0 { BooksKind::General } else { BooksKind::Limited };
    let sub =
        if random.below(25) == 0 { UNOPENED } else { u32::try_from(random.below(u64::from(ACCOUNTS))).unwrap_or(0) };
    account_id(kind, Currency::EUR, sub)
}

fn amount(minor: u64) -> Amount {
    Amount::new(minor).unwrap_or(Amount::MAX)
}

fn refused_by(refusal: LedgerRefusal) -> Expectation {
    Expectation::Refused(cell::LEDGER_REFUSAL_BASE.saturating_add(refusal.number()))
}

fn accepted<T: minicbor::Encode<()>>(code: u16, body: &T) -> WorkItem {
    WorkItem { command: Command::new(code, Caller::OPERATOR, body), expectation: Expectation::Accepted }
}
