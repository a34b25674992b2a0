//! `Need`: what is not in memory is asked for at once, and fetching it changes no byte of the plan.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::memory::{Cold, Memory, stamp};
use super::till::{Scripted, TILL, bank, count_up, note_key, pay, pay_command, products, purse, till};
use crate::{Command, Key, Outcome, Products, cell, decide, encode};

/// Decides over a cold view, fetching what is asked for; gives back each round's keys and the outcome.
fn fetched(products: &Products, command: &Command, memory: &Memory) -> (Vec<Vec<Key>>, Outcome) {
    let mut rounds = Vec::new();
    let mut cold = Cold { memory, fetched: BTreeSet::new() };
    loop {
        match decide(products, command, stamp(9), &cold) {
            Outcome::Need(keys) => {
                assert!(keys.iter().any(|key| !cold.fetched.contains(key)), "asks for nothing new: {keys:?}");
                cold.fetched.extend(keys.iter().cloned());
                rounds.push(keys);
            }
            outcome => return (rounds, outcome),
        }
    }
}

fn lived_in() -> Memory {
    let mut memory = Memory::default();
    memory.planned(&till(), &pay_command(50, 9).with_id("before"), stamp(1));
    memory
}

#[test]
fn a_cold_view_is_asked_for_all_wanted_keys_at_once_sorted_and_each_once() {
    let body = [cell::account_key(bank()), cell::account_key(purse(9)), note_key(9)];
    let natural = pay_command(100, 9);
    assert_eq!(fetched(&till(), &natural, &lived_in()).0, [body.to_vec()]);
    // A key is looked up before the rule runs: a repeat needs nothing else.
    let keyed = natural.with_id("k");
    let key = keyed.idempotency_key().unwrap();
    assert_eq!(fetched(&till(), &keyed, &lived_in()).0, [[key].to_vec(), body.to_vec()]);
    let repeat = pay_command(50, 9).with_id("before");
    let (rounds, outcome) = fetched(&till(), &repeat, &lived_in());
    assert_eq!(rounds, [[repeat.idempotency_key().unwrap()]]);
    assert!(matches!(outcome, Outcome::Repeated(1, _)));
}

#[test]
fn a_guard_may_need_keys_too() {
    let counting = Scripted {
        guard: |_, _, deciding| {
            deciding.want(&[note_key(1), note_key(2), note_key(1)]);
            deciding.ready()?;
            count_up(1, deciding).map(drop)
        },
        ..Scripted::of(&TILL)
    };
    let (rounds, outcome) = fetched(&products(&[counting]), &pay_command(100, 9), &lived_in());
    assert_eq!(rounds.len(), 2);
    assert_eq!(rounds[1], [note_key(1), note_key(2)]);
    assert!(matches!(outcome, Outcome::Planned(..)));
}

#[test]
fn a_rule_or_guard_that_overlooks_a_missing_key_is_not_planned() {
    let careless = Scripted {
        rule: |_, deciding| {
            let seen = deciding.get::<super::till::Note>(&note_key(5));
            Ok(encode(&u64::from(seen.is_ok())))
        },
        ..Scripted::of(&TILL)
    };
    let careless_guard = Scripted {
        guard: |_, _, deciding| {
            deciding.want_account(purse(5));
            Ok(())
        },
        ..Scripted::of(&TILL)
    };
    for (product, key) in [(careless, note_key(5)), (careless_guard, cell::account_key(purse(5)))] {
        let (rounds, outcome) = fetched(&products(&[product]), &pay_command(100, 9), &lived_in());
        assert_eq!(rounds.last(), Some(&[key].to_vec()));
        assert!(matches!(outcome, Outcome::Planned(..)));
    }
}

#[test]
fn plans_over_cold_and_warm_views_are_equal_to_the_byte() {
    // Wants nothing beforehand, so that it is told of its keys one at a time.
    let eager = Scripted {
        rule: |command, deciding| {
            deciding.available_minor(purse(9))?;
            count_up(3, deciding)?;
            count_up(4, deciding)?;
            pay(command, deciding)
        },
        ..Scripted::of(&TILL)
    };
    let memory = lived_in();
    for (product, rounds_expected) in [(Scripted::of(&TILL), 1), (eager, 4)] {
        for (minor, id) in [(100, None), (100, Some("k")), (13, Some("k")), (14, Some("k")), (50, Some("before"))] {
            let command = pay_command(minor, 9);
            let command = Command { id: id.map(Into::into), ..command };
            let (rounds, cold) = fetched(&products(&[product]), &command, &memory);
            let warm = decide(&products(&[product]), &command, stamp(9), &memory);
            assert_eq!(cold, warm, "{minor} {id:?}");
            if id.is_none() {
                assert_eq!(rounds.len(), rounds_expected);
            }
            if let (Outcome::Planned(cold, _), Outcome::Planned(warm, _)) = (&cold, &warm) {
                assert_eq!(encode(cold), encode(warm));
                assert!(warm.rows.is_sorted_by(|left, right| left.key < right.key), "sorted, each key once");
            }
        }
    }
}
