//! Trying a rule inside a decision: what a refused attempt planned is as if it had never been, and guards judge parts.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::memory::{Memory, START_NS, stamp};
use super::till::{Note, TICK, amount, bank_ref, note_key, purse, purse_ref, till};
use crate::{Caller, Command, Deciding, Effect, EffectPolicy, Event, Plan, Products, Refusal, Stop};

/// Plans everything that a rule can plan.
fn everything(deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    deciding.transfer(bank_ref(), purse_ref(7), amount(100), 1)?;
    deciding.hold(purse_ref(7), bank_ref(), amount(30), 0, 2)?;
    let id = deciding.new_id()?;
    deciding.put(note_key(id), &Note { count: id });
    deciding.timer(START_NS, &Command::new(TICK, Caller::SYSTEM, &Note { count: 1 }));
    deciding.effect(Effect { kind: 1, target: String::new(), body: Vec::new(), policy: EffectPolicy::Binds });
    deciding.emit(Event { kind: 0x2099, body: vec![] });
    Ok(())
}

fn plan(products: &Products, rule: impl FnOnce(&mut Deciding<'_>)) -> Plan {
    let memory = Memory::default();
    let mut deciding = Deciding::new(stamp(5), products, &memory);
    rule(&mut deciding);
    deciding.into_plan()
}

#[test]
fn a_refused_attempt_leaves_nothing_and_a_done_one_everything() {
    let products = till();
    let refusal = Refusal::new(7, "no");
    let twice = plan(&products, |deciding| {
        everything(deciding).unwrap();
        everything(deciding).unwrap();
    });
    let tried = plan(&products, |deciding| {
        everything(deciding).unwrap();
        let refused = deciding.attempt(|deciding| {
            everything(deciding)?;
            assert_eq!(deciding.available_minor(purse(7))?, 140);
            Err::<(), _>(refusal.clone().into())
        });
        assert_eq!(refused, Ok(Err(refusal.clone())));
        assert_eq!(deciding.available_minor(purse(7)), Ok(70));
        assert_eq!(deciding.attempt(everything), Ok(Ok(())));
    });
    assert_eq!(tried, twice);
}

#[test]
fn what_is_missing_or_broken_ends_the_decision() {
    let products = till();
    plan(&products, |deciding| {
        assert_eq!(deciding.attempt(|_| Err::<(), _>(Stop::Need)), Err(Stop::Need));
        assert_eq!(deciding.attempt(|_| Err::<(), _>(Stop::Broken("b"))), Err(Stop::Broken("b")));
    });
}

#[test]
fn guards_see_each_movement_once() {
    let products = till();
    plan(&products, |deciding| {
        everything(deciding).unwrap();
        assert_eq!(deciding.unguarded_movements().len(), 2);
        deciding.guard_request(Caller::SYSTEM).unwrap();
        assert_eq!(deciding.unguarded_movements().len(), 0);
        deciding.transfer(bank_ref(), purse_ref(7), amount(1), 1).unwrap();
        assert_eq!((deciding.unguarded_movements().len(), deciding.movements().len()), (1, 3));
        // A refused attempt takes its guards' mark back with it.
        let refused = deciding.attempt(|deciding| {
            deciding.guard_request(Caller::SYSTEM)?;
            Err::<(), _>(Refusal::new(7, "no").into())
        });
        assert!(matches!(refused, Ok(Err(_))));
        assert_eq!(deciding.unguarded_movements().len(), 1);
    });
}

#[test]
fn movements_are_for_what_the_rule_said_last_and_a_refused_attempt_said_nothing() {
    let products = till();
    plan(&products, |deciding| {
        let pay = |deciding: &mut Deciding<'_>| deciding.transfer(bank_ref(), purse_ref(7), amount(1), 1);
        let concerns = |deciding: &Deciding<'_>| -> Vec<(usize, u64)> {
            deciding.unguarded_concerns().map(|(place, _, of)| (place, of)).collect()
        };
        pay(deciding).unwrap();
        deciding.concerning(41);
        deciding.concerning(42);
        pay(deciding).unwrap();
        pay(deciding).unwrap();
        let refused = deciding.attempt(|deciding| {
            deciding.concerning(7);
            pay(deciding)?;
            Err::<(), _>(Refusal::new(7, "no").into())
        });
        assert!(matches!(refused, Ok(Err(_))));
        pay(deciding).unwrap();
        assert_eq!(concerns(deciding), [(0, 0), (1, 42), (2, 42), (3, 42)]);
        deciding.guard_request(Caller::SYSTEM).unwrap();
        deciding.concerning(43);
        pay(deciding).unwrap();
        assert_eq!(concerns(deciding), [(4, 43)], "places are those of the plan");
    });
}
