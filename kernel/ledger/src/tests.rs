//! Tables: one case a line, the expected outcome last.

use alloc::vec;
use alloc::vec::Vec;

use sycee_money::{Amount, Currency};

use crate::*;

fn amount(minor: u64) -> Amount {
    Amount::new(minor).unwrap()
}

/// A wallet (may not be overdrawn) with these posted credits, posted debits and held debits.
fn wallet(credits: u64, debits: u64, held: u64) -> Account {
    Account {
        credits_posted_minor: credits,
        debits_posted_minor: debits,
        debits_pending_minor: held,
        ..Account::open(AccountClass::Liability, Limit::DebitsMustNotExceedCredits)
    }
}

#[test]
fn posting_respects_the_limit_of_the_payer_and_counts_holds() {
    let table = [
        // credits, debits, held, amount, expected
        (100, 0, 0, 100, Ok(())),
        (100, 0, 0, 101, Err(LedgerRefusal::DebitLimit)),
        (100, 40, 0, 60, Ok(())),
        (100, 40, 0, 61, Err(LedgerRefusal::DebitLimit)),
        (100, 0, 50, 50, Ok(())),
        (100, 0, 50, 51, Err(LedgerRefusal::DebitLimit)),
        (100, 0, 0, 0, Err(LedgerRefusal::AmountZero)),
        (Account::MAX_TOTAL_MINOR, Account::MAX_TOTAL_MINOR, 0, 1, Err(LedgerRefusal::TotalOverflow)),
    ];
    for (credits, debits, held, minor, expected) in table {
        let mut payer = wallet(credits, debits, held);
        let mut payee = wallet(0, 0, 0);
        assert_eq!(post(&mut payer, &mut payee, amount(minor)), expected, "{credits} {debits} {held} {minor}");
        if expected.is_ok() {
            assert_eq!(payee.balance_minor(), i128::from(minor));
            assert_eq!(payer.balance_minor(), i128::from(credits - debits - minor));
        }
    }
}

#[test]
fn a_hold_is_posted_in_part_and_the_rest_is_free_again() {
    let (mut payer, mut payee) = (wallet(100, 0, 0), wallet(0, 0, 0));
    reserve(&mut payer, &mut payee, amount(80)).unwrap();
    assert_eq!((payer.available_minor(), payer.held_minor(), payee.balance_minor()), (20, 80, 0));
    settle(&mut payer, &mut payee, amount(80), amount(30)).unwrap();
    assert_eq!((payer.available_minor(), payer.held_minor(), payee.balance_minor()), (70, 0, 30));
    assert_eq!(release(&mut payer, &mut payee, amount(1)), Err(LedgerRefusal::HoldNotFound));
}

#[test]
fn holds_end_once() {
    let euro = Currency::from_code("EUR").unwrap();
    let account = |owner| AccountId::new(owner, 1, euro, 0);
    let hold = |state| Hold { debit: account(1), credit: account(2), amount: amount(80), expires_at_ns: 1_000, state };
    let pending = hold(HoldState::Pending);
    assert_eq!(pending.can_post(amount(80), 999), Ok(()));
    assert_eq!(pending.can_post(amount(81), 999), Err(LedgerRefusal::PostExceedsHold));
    assert_eq!(pending.can_post(amount(80), 1_000), Err(LedgerRefusal::HoldTimeOver));
    assert_eq!(pending.can_expire(999), Err(LedgerRefusal::HoldTimeNotOver));
    assert_eq!(pending.can_expire(1_000), Ok(()));
    for state in [HoldState::Posted(amount(1)), HoldState::Voided, HoldState::Expired] {
        let ended = hold(state);
        assert_eq!(ended.can_post(amount(1), 0), Err(LedgerRefusal::HoldNotPending));
        assert_eq!(ended.can_void(), Err(LedgerRefusal::HoldNotPending));
        assert_eq!(ended.can_expire(u64::MAX), Err(LedgerRefusal::HoldNotPending));
    }
    let for_ever = Hold { expires_at_ns: 0, ..pending };
    assert_eq!(for_ever.can_expire(u64::MAX), Err(LedgerRefusal::HoldTimeNotOver));
}

/// A batch on one payer: each item takes an amount if there is enough.
struct Batch {
    items: Vec<(u64, bool)>,
    left: u64,
    marked: u64,
}

impl LinkedItem for Batch {
    fn is_linked(&self, index: usize) -> bool {
        self.items[index].1
    }
    fn attempt(&mut self, index: usize) -> Result<(), LedgerRefusal> {
        self.left = self.left.checked_sub(self.items[index].0).ok_or(LedgerRefusal::DebitLimit)?;
        Ok(())
    }
    fn mark(&mut self) {
        self.marked = self.left;
    }
    fn roll_back(&mut self) {
        self.left = self.marked;
    }
}

#[test]
fn linked_sets_happen_whole_or_not_at_all() {
    use LedgerRefusal::{DebitLimit, LinkedSetOpen, LinkedSetRefused};
    type Case = (&'static [(u64, bool)], &'static [Option<LedgerRefusal>], u64);
    let table: [Case; 5] = [
        (&[(10, false), (20, false)], &[None, None], 70),
        (&[(10, true), (20, false)], &[None, None], 70),
        (&[(10, true), (200, false), (5, false)], &[Some(LinkedSetRefused), Some(DebitLimit), None], 95),
        (
            &[(200, true), (10, true), (10, false)],
            &[Some(DebitLimit), Some(LinkedSetRefused), Some(LinkedSetRefused)],
            100,
        ),
        (&[(10, false), (10, true)], &[None, Some(LinkedSetOpen)], 90),
    ];
    for (items, expected, left) in table {
        let mut batch = Batch { items: items.to_vec(), left: 100, marked: 0 };
        assert_eq!(decide_linked(&mut batch, items.len()), expected.to_vec());
        assert_eq!(batch.left, left);
    }
    assert_eq!(decide_linked(&mut Batch { items: vec![], left: 0, marked: 0 }, 0), vec![]);
}

#[test]
fn account_ids_tell_their_parts_and_sort_by_owner() {
    let won = Currency::from_code("KRW").unwrap();
    let id = AccountId::new(2_088_010_000_000_001, 0x0201, won, 7);
    assert_eq!((id.owner(), id.kind(), id.currency(), id.sub()), (2_088_010_000_000_001, 0x0201, Some(won), 7));
    assert_eq!(AccountId::from_bytes(id.to_bytes()), id);
    assert!(AccountId::new(1, 9, won, 9) < AccountId::new(2, 0, won, 0));
    let bytes = minicbor::to_vec(id).unwrap();
    assert_eq!(minicbor::decode::<AccountId>(&bytes).unwrap(), id);
    assert!(
        minicbor::decode::<AccountId>(&minicbor::to_vec(minicbor::bytes::ByteVec::from(vec![0; 16])).unwrap()).is_err()
    );
}
