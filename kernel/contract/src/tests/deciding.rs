//! The overlay of one decision: reads see earlier writes; accounts open once; holds from first to last.

use alloc::vec::Vec;

use sycee_ledger::{Account, Hold, HoldState, LedgerRefusal, Movement};
use sycee_money::{Amount, Currency};

use super::memory::{Memory, START_NS, stamp};
use super::till::{BANK, LOAN, Note, PURSE, TICK, amount, bank, bank_ref, count_up, note_key, purse, purse_ref, till};
use crate::{
    AccountRef, Caller, Command, Deciding, Effect, EffectPolicy, Key, Lookup, Plan, Products, Refusal, Stop, TimerId,
    View, apply, cell, decode, encode,
};

/// Plans with `rule` at an operation and applies the plan, if the rule does not stop.
fn at<T>(
    memory: &mut Memory,
    operation: u64,
    rule: impl FnOnce(&mut Deciding<'_>) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let products = till();
    let mut deciding = Deciding::new(stamp(operation), &products, memory);
    let value = rule(&mut deciding)?;
    let plan = deciding.into_plan();
    apply(&plan, &stamp(operation), memory).unwrap();
    Ok(value)
}

/// A purse of the owner 7 with this much in it.
fn with_purse(minor: u64) -> Memory {
    let mut memory = Memory::default();
    at(&mut memory, 1, |deciding| deciding.transfer(bank_ref(), purse_ref(7), amount(minor), 1)).unwrap();
    memory
}

fn ledger(refusal: LedgerRefusal) -> Stop {
    Stop::Refuse(Refusal::new(63 + refusal.number(), refusal.name()))
}

fn totals(memory: &Memory, owner: u64) -> Option<(u64, u64, u64, u64)> {
    memory
        .accounts
        .get(&purse(owner))
        .map(|a| (a.debits_posted_minor, a.credits_posted_minor, a.debits_pending_minor, a.credits_pending_minor))
}

fn hold_state(memory: &Memory, hold: u64) -> (u64, HoldState) {
    let Lookup::Found(bytes) = View::row(memory, &Key::new(cell::HOLD).number(hold)) else { panic!("no hold {hold}") };
    let hold: Hold = decode(bytes, "hold").unwrap();
    (hold.expires_at_ns, hold.state)
}

fn planning(products: &Products, memory: &Memory, rule: impl FnOnce(&mut Deciding<'_>)) -> Plan {
    let mut deciding = Deciding::new(stamp(5), products, memory);
    rule(&mut deciding);
    deciding.into_plan()
}

#[test]
fn reads_see_what_was_written_before_them_and_the_plan_has_the_last_word_of_each_row() {
    let mut memory = Memory::default();
    memory.rows.insert(note_key(1), encode(&Note { count: 10 }));
    memory.rows.insert(note_key(2), encode(&Note { count: 20 }));
    let plan = planning(&till(), &memory, |deciding| {
        assert_eq!(count_up(1, deciding), Ok(11));
        assert_eq!(count_up(1, deciding), Ok(12));
        assert_eq!(count_up(3, deciding), Ok(1));
        deciding.remove(note_key(2));
        assert_eq!(deciding.get::<Note>(&note_key(2)), Ok(None));
        deciding.put(note_key(4), &Note { count: 1 });
        deciding.remove(note_key(4));
        deciding.remove(note_key(1));
        assert_eq!(count_up(1, deciding), Ok(1));
    });
    let rows: Vec<_> = plan.rows.iter().map(|row| (row.key.number_at(0), row.value.as_ref().map(|v| v[1]))).collect();
    assert_eq!(rows, [(Some(1), Some(1)), (Some(2), None), (Some(3), Some(1)), (Some(4), None)]);
    assert_eq!(memory.rows.len(), 2, "nothing outside changes");
}

#[test]
fn transfers_open_accounts_once_and_see_what_moved_before() {
    let mut memory = Memory::default();
    let plan = planning(&till(), &memory, |deciding| {
        assert_eq!(deciding.available_minor(purse(7)), Ok(0));
        deciding.transfer(bank_ref(), purse_ref(7), amount(100), 1).unwrap();
        deciding.transfer(purse_ref(7), purse_ref(8), amount(60), 2).unwrap();
        assert_eq!(deciding.available_minor(purse(7)), Ok(40));
        // An id names an account that is open, by now.
        deciding.transfer(purse(8), purse(7), amount(10), 3).unwrap();
        assert_eq!(deciding.available_minor(purse(7)), Ok(50));
        let too_much = deciding.transfer(purse_ref(7), purse_ref(8), amount(51), 4);
        assert_eq!(too_much, Err(ledger(LedgerRefusal::DebitLimit)));
        assert_eq!(deciding.available_minor(purse(7)), Ok(50));
        deciding.open_account(purse_ref(7)).unwrap();
        deciding.open_account(purse(10).into()).unwrap();
    });
    let opened: Vec<_> = plan.openings.iter().map(|opening| opening.account).collect();
    assert_eq!(opened, [bank(), purse(7), purse(8)]);
    assert_eq!(plan.movements.len(), 3);
    assert_eq!(plan.accounts().count(), 6);
    apply(&plan, &stamp(5), &mut memory).unwrap();
    // And never again: the next decision finds them open, and keeps what is in them.
    let next = planning(&till(), &memory, |deciding| {
        deciding.transfer(bank_ref(), purse_ref(7), amount(1), 1).unwrap();
    });
    assert!(next.openings.is_empty());
    apply(&next, &stamp(6), &mut memory).unwrap();
    assert_eq!(totals(&memory, 7), Some((60, 111, 0, 0)));
}

#[test]
fn movements_that_cannot_be_are_refused_with_the_lowest_number() {
    let other = AccountRef::of(&PURSE, 8, Currency::USD);
    let unopened = AccountRef::from(purse(99));
    let not_open = Stop::Refuse(Refusal::new(cell::ACCOUNT_NOT_OPEN, "an account of this movement is not open"));
    let table = [
        ("nothing", purse_ref(7), purse_ref(8), 0, ledger(LedgerRefusal::AmountZero)),
        ("nothing to oneself", purse_ref(7), purse_ref(7), 0, ledger(LedgerRefusal::AmountZero)),
        ("to oneself", purse_ref(7), purse_ref(7), 1, ledger(LedgerRefusal::SameAccount)),
        ("another currency", purse_ref(7), other, 1, ledger(LedgerRefusal::CurrencyMismatch)),
        ("another currency, too much", purse_ref(7), other, 9_999, ledger(LedgerRefusal::CurrencyMismatch)),
        ("too much", purse_ref(7), purse_ref(8), 101, ledger(LedgerRefusal::DebitLimit)),
        ("out of an empty one", purse_ref(8), purse_ref(7), 1, ledger(LedgerRefusal::DebitLimit)),
        (
            "more than was lent",
            bank_ref(),
            AccountRef::of(&LOAN, 7, Currency::EUR),
            1,
            ledger(LedgerRefusal::CreditLimit),
        ),
        ("to one not open", purse_ref(7), unopened, 1, not_open.clone()),
        ("from one not open", unopened, purse_ref(7), 1, not_open),
    ];
    for (what, debit, credit, minor, expected) in table {
        let (products, memory) = (till(), with_purse(100));
        let mut deciding = Deciding::new(stamp(2), &products, &memory);
        assert_eq!(deciding.transfer(debit, credit, amount(minor), 1), Err(expected.clone()), "transfer: {what}");
        assert_eq!(deciding.hold(debit, credit, amount(minor), 0, 1), Err(expected), "hold: {what}");
        assert!(deciding.movements().is_empty());
    }
}

#[test]
fn a_hold_is_posted_in_part_in_the_same_decision() {
    let mut memory = with_purse(100);
    let hold = at(&mut memory, 2, |deciding| {
        let hold = deciding.hold(purse_ref(7), purse_ref(8), amount(80), 0, 1)?;
        assert_eq!(deciding.available_minor(purse(7)), Ok(20));
        assert_eq!(deciding.available_minor(purse(8)), Ok(0), "what is held for them is not theirs");
        assert_eq!(deciding.post_hold(hold, amount(81), 1), Err(ledger(LedgerRefusal::PostExceedsHold)));
        assert_eq!(deciding.post_hold(hold, Amount::ZERO, 1), Err(ledger(LedgerRefusal::AmountZero)));
        deciding.post_hold(hold, amount(30), 1)?;
        assert_eq!(deciding.available_minor(purse(7)), Ok(70));
        for again in [deciding.post_hold(hold, amount(1), 1), deciding.void_hold(hold), deciding.expire_hold(hold)] {
            assert_eq!(again, Err(ledger(LedgerRefusal::HoldNotPending)));
        }
        Ok(hold)
    })
    .unwrap();
    assert_eq!(hold, 32, "the operation times 16");
    assert_eq!((totals(&memory, 7), totals(&memory, 8)), (Some((30, 100, 0, 0)), Some((0, 30, 0, 0))));
    assert_eq!(hold_state(&memory, hold), (0, HoldState::Posted(amount(30))));
}

#[test]
fn a_hold_lives_across_decisions_until_it_is_posted_voided_or_expired() {
    type Ending = fn(&mut Deciding<'_>, u64) -> Result<(), Stop>;
    let until = START_NS + 5_000_000_000;
    let post: Ending = |deciding, hold| deciding.post_hold(hold, amount(30), 1);
    let void: Ending = |deciding, hold| deciding.void_hold(hold);
    let expire: Ending = |deciding, hold| deciding.expire_hold(hold);
    let (voided, expired) = (Ok(HoldState::Voided), Ok(HoldState::Expired));
    let posted = Ok(HoldState::Posted(amount(30)));
    let (over, not_over) = (Err(LedgerRefusal::HoldTimeOver), Err(LedgerRefusal::HoldTimeNotOver));
    // The stamp of operation 5 is the very instant at which the hold expires.
    for (what, expires_at_ns, operation, ending, expected) in [
        ("post before its time", until, 4, post, posted),
        ("post at its time", until, 5, post, over),
        ("post after its time", until, 6, post, over),
        ("post what has no time", 0, 6, post, posted),
        ("void before its time", until, 4, void, voided),
        ("void after its time", until, 6, void, voided),
        ("expire before its time", until, 4, expire, not_over),
        ("expire at its time", until, 5, expire, expired),
        ("expire after its time", until, 6, expire, expired),
        ("expire what has no time", 0, 6, expire, not_over),
    ] {
        let mut memory = with_purse(100);
        let hold = at(&mut memory, 2, |d| d.hold(purse_ref(7), purse_ref(8), amount(80), expires_at_ns, 1)).unwrap();
        assert_eq!((totals(&memory, 7), totals(&memory, 8)), (Some((0, 100, 80, 0)), Some((0, 0, 0, 80))));
        assert_eq!(hold_state(&memory, hold), (expires_at_ns, HoldState::Pending));
        let held = memory.clone();
        let outcome = at(&mut memory, operation, |deciding| ending(deciding, hold));
        match expected {
            Err(refusal) => {
                assert_eq!(outcome, Err(ledger(refusal)), "{what}");
                assert_eq!(memory, held, "{what}");
            }
            Ok(state) => {
                assert_eq!(outcome, Ok(()), "{what}");
                let moved = if matches!(state, HoldState::Posted(_)) { 30 } else { 0 };
                assert_eq!(totals(&memory, 7), Some((moved, 100, 0, 0)), "{what}");
                assert_eq!(totals(&memory, 8), Some((0, moved, 0, 0)), "{what}");
                assert_eq!(hold_state(&memory, hold), (0, state), "{what}");
                for again in [post, void, expire] {
                    let again = at(&mut memory, 7, |deciding| again(deciding, hold));
                    assert_eq!(again, Err(ledger(LedgerRefusal::HoldNotPending)), "{what}");
                }
            }
        }
    }
    let unknown = at(&mut with_purse(1), 2, |deciding| deciding.void_hold(999));
    assert_eq!(unknown, Err(ledger(LedgerRefusal::HoldNotFound)));
}

#[test]
fn one_operation_makes_sixteen_ids_and_no_more() {
    let (products, memory) = (till(), Memory::default());
    let mut deciding = Deciding::new(stamp(5), &products, &memory);
    let ids: Vec<_> = (0..16).map(|_| deciding.new_id().unwrap()).collect();
    assert_eq!(ids, (80..96).collect::<Vec<u64>>());
    for _ in 0..3 {
        assert!(matches!(deciding.new_id(), Err(Stop::Broken(_))));
    }
    // The first operation's ids do not meet the second's, and the last ids of all do not wrap.
    let first = Deciding::new(stamp(6), &products, &memory).new_id();
    assert_eq!(first, Ok(96));
    let last = crate::Stamp { operation: (1 << 60) - 1, ..stamp(1) };
    assert_eq!(Deciding::new(last, &products, &memory).new_id(), Ok(u64::MAX - 15));
    let beyond = crate::Stamp { operation: 1 << 60, ..stamp(1) };
    assert!(matches!(Deciding::new(beyond, &products, &memory).new_id(), Err(Stop::Broken(_))));
}

#[test]
fn timers_are_rows_in_order_of_time_and_can_be_cancelled_in_the_same_decision() {
    let (products, memory) = (till(), Memory::default());
    let command = Command::new(TICK, Caller::SYSTEM, &0);
    let mut names = Vec::new();
    let plan = planning(&products, &memory, |deciding| {
        names = [30, 10, 10, 20].map(|due| deciding.timer(due, &command)).to_vec();
        deciding.cancel_timer(names[3]);
    });
    let id = |due_at_ns, index| TimerId { due_at_ns, operation: 5, index };
    assert_eq!(names, [id(30, 0), id(10, 1), id(10, 2), id(20, 3)]);
    let rows: Vec<_> =
        plan.rows.iter().map(|row| (TimerId::from_key(&row.key).unwrap(), row.value.is_some())).collect();
    assert_eq!(rows, [(id(10, 1), true), (id(10, 2), true), (id(20, 3), false), (id(30, 0), true)]);
    for row in plan.rows.iter().filter(|row| row.value.is_some()) {
        let kept: Command = decode(row.value.as_ref().unwrap(), "timer").unwrap();
        assert_eq!(kept, Command { timer: TimerId::from_key(&row.key), ..command.clone() });
    }
}

#[test]
fn a_plan_says_whether_it_changes_anything() {
    let (products, memory) = (till(), with_purse(10));
    assert!(planning(&products, &memory, |_| {}).is_empty());
    assert!(planning(&products, &memory, |deciding| drop(deciding.account(bank()))).is_empty());
    let effect = Effect { kind: 1, target: "x".into(), body: Vec::new(), policy: EffectPolicy::Binds };
    for plan in [
        planning(&products, &memory, |deciding| deciding.effect(effect)),
        planning(&products, &memory, |deciding| deciding.remove(note_key(1))),
        planning(&products, &memory, |deciding| deciding.open_account(purse_ref(8)).unwrap()),
        planning(&products, &memory, |deciding| deciding.transfer(bank(), purse(7), amount(1), 1).unwrap()),
        planning(&products, &memory, |deciding| deciding.emit(crate::Event { kind: 1, body: Vec::new() })),
    ] {
        assert!(!plan.is_empty(), "{plan:?}");
    }
}

#[test]
fn an_account_keeps_the_class_and_limit_it_was_opened_with() {
    let mut memory = with_purse(10);
    assert_eq!(memory.accounts.get(&bank()).map(|a| (a.class, a.limit)), Some((BANK.class, BANK.limit)));
    assert_eq!(memory.accounts.get(&purse(7)).map(|a| (a.class, a.limit)), Some((PURSE.class, PURSE.limit)));
    // The chart has changed meanwhile: what is open stays as it was.
    memory.accounts.insert(purse(8), Account::open(LOAN.class, LOAN.limit));
    at(&mut memory, 2, |deciding| deciding.open_account(purse_ref(8))).unwrap();
    assert_eq!(memory.accounts.get(&purse(8)), Some(&Account::open(LOAN.class, LOAN.limit)));
    let movement = Movement::Transfer { debit: bank(), credit: purse(8), amount: amount(1), code: 1 };
    let refused = at(&mut memory, 3, |deciding| deciding.transfer(movement.debit(), movement.credit(), amount(1), 1));
    assert_eq!(refused, Err(ledger(LedgerRefusal::CreditLimit)));
}
