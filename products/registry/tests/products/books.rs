//! Tables for the operator's own books.

use sycee_books::command::{
    AccountsOpened, BooksKind, HoldPlaced, NewAccount, OpenAccounts, PlaceHold, PostHold, PostTransfers,
    RefusedTransfer, TransferItem, TransfersPosted, VoidHold,
};
use sycee_books::{
    ACCOUNT_NOT_OF_BOOKS, EXPIRY_IN_PAST, HOLD_TIMER, ITEMS_MAX, OPEN_ACCOUNTS, PLACE_HOLD, POST_HOLD, POST_TRANSFERS,
    TOO_MANY_ITEMS, VOID_HOLD, account_id,
};
use sycee_contract::{Answer, Caller, Command, Key, cell};
use sycee_ledger::AccountId;
use sycee_money::Currency;

use crate::bench::{Bench, SECOND_NS, amount};

/// Refusals of the ledger as the cell numbers them.
mod ledger {
    pub const AMOUNT_ZERO: u16 = 64;
    pub const SAME_ACCOUNT: u16 = 65;
    pub const CURRENCY_MISMATCH: u16 = 66;
    pub const HOLD_NOT_FOUND: u16 = 67;
    pub const HOLD_NOT_PENDING: u16 = 68;
    pub const HOLD_TIME_OVER: u16 = 70;
    pub const DEBIT_LIMIT: u16 = 73;
    pub const CREDIT_LIMIT: u16 = 74;
    pub const LINKED_SET: u16 = 75;
    pub const LINKED_OPEN: u16 = 76;
}
use ledger::{
    AMOUNT_ZERO, CREDIT_LIMIT, CURRENCY_MISMATCH, DEBIT_LIMIT, HOLD_NOT_FOUND, HOLD_NOT_PENDING, HOLD_TIME_OVER,
    LINKED_OPEN, LINKED_SET, SAME_ACCOUNT,
};

fn general(sub: u32) -> AccountId {
    account_id(BooksKind::General, Currency::EUR, sub)
}

fn limited(sub: u32) -> AccountId {
    account_id(BooksKind::Limited, Currency::EUR, sub)
}

fn command<T: minicbor::Encode<()>>(code: u16, body: &T) -> Command {
    Command::new(code, Caller::OPERATOR, body)
}

fn item(debit: AccountId, credit: AccountId, minor: u64, linked: bool) -> TransferItem {
    TransferItem { debit, credit, amount: amount(minor), code: 9, linked }
}

/// General 0 and limited 1 to 3 in euro, limited 1 in dollars; limited 1 (euro) has 100.
fn bench() -> Bench {
    let mut bench = Bench::new();
    let new = |sub, kind, currency| NewAccount { sub, kind, currency };
    let mut accounts = vec![new(0, BooksKind::General, Currency::EUR), new(1, BooksKind::Limited, Currency::USD)];
    accounts.extend((1..=3).map(|sub| new(sub, BooksKind::Limited, Currency::EUR)));
    let body = OpenAccounts { accounts };
    assert_eq!(bench.done::<AccountsOpened>(command(OPEN_ACCOUNTS, &body)).opened, 5);
    assert_eq!(bench.done::<AccountsOpened>(command(OPEN_ACCOUNTS, &body)).opened, 0);
    assert_eq!(post(&mut bench, vec![item(general(0), limited(1), 100, false)]), []);
    bench
}

fn post(bench: &mut Bench, items: Vec<TransferItem>) -> Vec<(u32, u16)> {
    let posted: TransfersPosted = bench.done(command(POST_TRANSFERS, &PostTransfers { items }));
    posted.refused.iter().map(|RefusedTransfer { index, refusal }| (*index, *refusal)).collect()
}

#[test]
fn batches_accept_and_refuse_each_item_and_each_linked_set() {
    let dollars = account_id(BooksKind::Limited, Currency::USD, 1);
    // Items from limited 1, which has 100; what is refused; what limited 1 and 2 have then.
    type Row = (&'static str, Vec<TransferItem>, Vec<(u32, u16)>, [i128; 2]);
    let rows: Vec<Row> = vec![
        ("one", vec![item(limited(1), limited(2), 100, false)], vec![], [0, 100]),
        ("too much", vec![item(limited(1), limited(2), 101, false)], vec![(0, DEBIT_LIMIT)], [100, 0]),
        (
            "the second is too much",
            vec![item(limited(1), limited(2), 60, false), item(limited(1), limited(2), 60, false)],
            vec![(1, DEBIT_LIMIT)],
            [40, 60],
        ),
        (
            "what comes in can go out",
            vec![item(limited(1), limited(2), 60, false), item(limited(2), limited(1), 60, false)],
            vec![],
            [100, 0],
        ),
        (
            "a set with one refused",
            vec![item(limited(1), limited(2), 60, true), item(limited(1), limited(2), 60, false)],
            vec![(0, LINKED_SET), (1, DEBIT_LIMIT)],
            [100, 0],
        ),
        (
            "a set, then one alone",
            vec![
                item(limited(1), limited(2), 60, true),
                item(limited(2), limited(9), 1, false),
                item(limited(1), limited(2), 5, false),
            ],
            vec![(0, LINKED_SET), (1, CREDIT_LIMIT)],
            [95, 5],
        ),
        ("an open set", vec![item(limited(1), limited(2), 60, true)], vec![(0, LINKED_OPEN)], [100, 0]),
        ("unknown payer", vec![item(limited(9), limited(2), 1, false)], vec![(0, DEBIT_LIMIT)], [100, 0]),
        ("nothing", vec![item(limited(1), limited(2), 0, false)], vec![(0, AMOUNT_ZERO)], [100, 0]),
        ("to itself", vec![item(limited(1), limited(1), 1, false)], vec![(0, SAME_ACCOUNT)], [100, 0]),
        ("two currencies", vec![item(limited(1), dollars, 1, false)], vec![(0, CURRENCY_MISMATCH)], [100, 0]),
        ("none at all", vec![], vec![], [100, 0]),
    ];
    for (name, items, refused, balances) in rows {
        let mut bench = bench();
        assert_eq!(post(&mut bench, items), refused, "{name}");
        assert_eq!([bench.balance(limited(1)), bench.balance(limited(2))], balances, "{name}");
    }
}

#[test]
fn only_the_books_own_accounts_can_be_named() {
    let mut bench = bench();
    let foreign = [
        AccountId::new(2_088_010_000_000_000, limited(1).kind(), Currency::EUR, 1),
        AccountId::new(0, sycee_wallet::SAFEGUARDING.number, Currency::EUR, 0),
        AccountId::new(0, 0x0403, Currency::EUR, 0),
    ];
    for account in foreign {
        for (debit, credit) in [(account, general(0)), (general(0), account)] {
            let batch =
                PostTransfers { items: vec![item(general(0), limited(1), 1, false), item(debit, credit, 1, false)] };
            assert_eq!(bench.refusal(command(POST_TRANSFERS, &batch)), (ACCOUNT_NOT_OF_BOOKS, "item 1".to_string()));
            let hold = PlaceHold { debit, credit, amount: amount(1), expires_at_ns: 0 };
            assert_eq!(bench.refused(command(PLACE_HOLD, &hold)), ACCOUNT_NOT_OF_BOOKS);
        }
    }
    assert_eq!(bench.balance(limited(1)), 100);
}

#[test]
fn a_batch_has_at_most_8190_items_and_may_have_a_key() {
    let mut bench = bench();
    bench.audited = false;
    let full = PostTransfers { items: vec![item(general(0), limited(2), 1, false); ITEMS_MAX] };
    let once = command(POST_TRANSFERS, &full).with_id("batch-1");
    let posted: TransfersPosted = bench.done(once.clone());
    assert_eq!((posted.refused.len(), bench.balance(limited(2))), (0, 8_190));
    assert_eq!(bench.answer(&once), Answer::Done(sycee_contract::encode(&posted)));
    assert_eq!(bench.balance(limited(2)), 8_190, "a repeat under the same key is not done again");
    let other = PostTransfers { items: vec![item(general(0), limited(2), 2, false)] };
    let reused = bench.refusal(command(POST_TRANSFERS, &other).with_id("batch-1"));
    assert_eq!(reused, (cell::KEY_REUSED, "items".to_string()));
    let over = PostTransfers { items: vec![item(general(0), limited(2), 1, false); ITEMS_MAX + 1] };
    assert_eq!(bench.refused(command(POST_TRANSFERS, &over)), TOO_MANY_ITEMS);
    let accounts = vec![NewAccount { sub: 1, kind: BooksKind::General, currency: Currency::EUR }; ITEMS_MAX + 1];
    assert_eq!(bench.refused(command(OPEN_ACCOUNTS, &OpenAccounts { accounts })), TOO_MANY_ITEMS);
    assert_eq!(bench.findings(), []);
}

fn hold(bench: &mut Bench, minor: u64, expires_at_ns: u64) -> u64 {
    let body = PlaceHold { debit: limited(1), credit: limited(2), amount: amount(minor), expires_at_ns };
    bench.done::<HoldPlaced>(command(PLACE_HOLD, &body)).hold
}

fn timers(bench: &Bench) -> usize {
    let count = |table| bench.memory.rows.range(Key::new(table)..).take_while(|(key, _)| key.table() == table).count();
    assert_eq!(count(cell::TIMER), count(HOLD_TIMER));
    count(HOLD_TIMER)
}

#[test]
fn holds_end_once_and_take_their_timer_with_them() {
    for expires in [false, true] {
        let mut bench = bench();
        let at = |bench: &Bench| if expires { bench.now_ns + 60 * SECOND_NS } else { 0 };
        let expires_at_ns = at(&bench);
        let first = hold(&mut bench, 70, expires_at_ns);
        assert_eq!(timers(&bench), usize::from(expires));
        let too_much = PlaceHold { debit: limited(1), credit: limited(2), amount: amount(31), expires_at_ns: 0 };
        assert_eq!(bench.refused(command(PLACE_HOLD, &too_much)), DEBIT_LIMIT);
        bench.done_empty(command(POST_HOLD, &PostHold { hold: first, amount: amount(50) }));
        assert_eq!([bench.balance(limited(1)), bench.balance(limited(2))], [50, 50]);
        let expires_at_ns = at(&bench);
        let second = hold(&mut bench, 50, expires_at_ns);
        bench.done_empty(command(VOID_HOLD, &VoidHold { hold: second }));
        assert_eq!(timers(&bench), 0);
        for ended in [first, second] {
            assert_eq!(bench.refused(command(VOID_HOLD, &VoidHold { hold: ended })), HOLD_NOT_PENDING);
            let again = PostHold { hold: ended, amount: amount(1) };
            assert_eq!(bench.refused(command(POST_HOLD, &again)), HOLD_NOT_PENDING);
        }
        assert_eq!([bench.balance(limited(1)), bench.balance(limited(2))], [50, 50]);
    }
}

#[test]
fn a_hold_expires_by_its_timer_and_by_stamp() {
    let mut bench = bench();
    let expires_at_ns = bench.now_ns + 60 * SECOND_NS;
    let hold = hold(&mut bench, 100, expires_at_ns);
    assert_eq!(bench.fire_timers(), 0);
    // The clock passes the deadline before the timer fires: the stamp decides.
    bench.now_ns = expires_at_ns;
    let late = PostHold { hold, amount: amount(1) };
    assert_eq!(bench.refused(command(POST_HOLD, &late)), HOLD_TIME_OVER);
    assert_eq!(timers(&bench), 1);
    assert_eq!(bench.fire_timers(), 1);
    assert_eq!(timers(&bench), 0);
    assert_eq!(bench.refused(command(POST_HOLD, &late)), HOLD_NOT_PENDING);
    assert_eq!(post(&mut bench, vec![item(limited(1), limited(2), 100, false)]), []);
}

#[test]
fn holds_that_cannot_be_are_refused() {
    let mut bench = bench();
    let past = bench.now_ns;
    let body = PlaceHold { debit: limited(1), credit: limited(2), amount: amount(1), expires_at_ns: past };
    assert_eq!(bench.refused(command(PLACE_HOLD, &body)), EXPIRY_IN_PAST);
    let body = PlaceHold { debit: limited(1), credit: limited(9), amount: amount(1), expires_at_ns: 0 };
    assert_eq!(bench.refused(command(PLACE_HOLD, &body)), cell::ACCOUNT_NOT_OPEN);
    assert_eq!(bench.refused(command(VOID_HOLD, &VoidHold { hold: 12_345 })), HOLD_NOT_FOUND);
    let customer = Command::new(VOID_HOLD, Caller::customer(1), &VoidHold { hold: 1 });
    assert_eq!(bench.refused(customer), cell::ROLE_FORBIDDEN);
}

#[test]
fn the_audit_sees_a_hold_without_its_timer() {
    let mut bench = bench();
    let expires_at_ns = bench.now_ns + 60 * SECOND_NS;
    let hold = hold(&mut bench, 10, expires_at_ns);
    let rows = bench.memory.rows.clone();
    bench.memory.rows.retain(|key, _| key.table() != HOLD_TIMER);
    let names = |bench: &Bench| bench.findings().iter().map(|finding| finding.invariant).collect::<Vec<_>>();
    assert_eq!(names(&bench), ["hold_timers_match"]);
    bench.memory.rows = rows.clone();
    bench.memory.rows.retain(|key, _| key.table() != cell::TIMER);
    assert_eq!(names(&bench), ["hold_timers_match"]);
    bench.memory.rows = rows;
    bench.memory.rows.remove(&Key::new(cell::HOLD).number(hold));
    assert!(names(&bench).contains(&"hold_timers_match"));
}
