//! Guards, and the three seams: price adjustment, funding source, reaction.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use sycee_money::{Currency, Money};

use super::memory::{Memory, stamp};
use super::till::{
    GUARDED, NOTED, OWED, PAY, PURSE, SECOND, Scripted, THIRD, TICK, TILL, amount, bank, count_up, note_key, pay_body,
    pay_command, products, purse, till,
};
use crate::{
    Adjustment, AdjustmentSide, Answer, Caller, Charge, Command, Deciding, Event, FundingSource, Nature, Outcome,
    Product, Products, Refusal, Stop, TimerId, cell, decode, encode,
};

/// Refuses requests that put more than 1000 into a purse; obligations it only counts.
fn watch(nature: Nature, caller: Caller, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    let large = deciding.movements().iter().any(|movement| movement.posted() > Some(amount(1_000)));
    match nature {
        Nature::Request if large => Err(Refusal::new(GUARDED, "too much").into()),
        Nature::Request => count_up(1_000 + caller.party, deciding).map(drop),
        Nature::Obligation => count_up(2_000 + caller.party, deciding).map(drop),
    }
}

#[test]
fn guards_see_every_plan_with_its_nature_and_refuse_requests_only() {
    let products = products(&[Scripted::of(&TILL), Scripted { guard: watch, ..Scripted::of(&SECOND) }]);
    let owed = |minor| Command::new(OWED, Caller::OPERATOR, &pay_body(minor, 9));
    for (what, command, expected) in [
        ("a small request", pay_command(1_000, 9), Ok(1_007)),
        ("a large request", pay_command(1_001, 9), Err(GUARDED)),
        ("a large obligation", owed(1_001), Ok(2_000)),
        ("a small obligation", owed(1), Ok(2_000)),
    ] {
        let mut memory = Memory::default();
        match (memory.run(&products, &command, stamp(1)), expected) {
            (Outcome::Planned(..), Ok(counted)) => assert!(memory.rows.contains_key(&note_key(counted)), "{what}"),
            (Outcome::Refused(refusal), Err(code)) => {
                assert_eq!(refusal.code, code, "{what}");
                assert_eq!(memory, Memory::default(), "{what}");
            }
            (outcome, _) => panic!("{what}: {outcome:?}"),
        }
    }
}

#[test]
fn guards_are_asked_in_the_order_of_the_registry_and_the_first_refusal_stands() {
    let refuse = |list: &[Scripted]| match Memory::default().run(&products(list), &pay_command(1, 9), stamp(1)) {
        Outcome::Refused(refusal) => refusal.detail,
        other => panic!("{other:?}"),
    };
    let no = Scripted { guard: |_, _, _| Err(Refusal::new(GUARDED, "second").into()), ..Scripted::of(&SECOND) };
    let nor = Scripted { guard: |_, _, _| Err(Refusal::new(GUARDED, "third").into()), ..Scripted::of(&THIRD) };
    assert_eq!(refuse(&[Scripted::of(&TILL), no, nor]), "second");
    assert_eq!(refuse(&[nor, Scripted::of(&TILL), no]), "third");
}

fn charge() -> Charge {
    Charge { payer: 7, payee: 9, price: Money::new(amount(1_000), Currency::EUR), reference: "order 5".into() }
}

fn labelled(label: &str, to: &mut Vec<Adjustment>) {
    // Each says how many were before it, so that the order can be told from the amounts.
    let before = to.len() as u64;
    to.push(Adjustment {
        side: AdjustmentSide::DiscountForPayer,
        amount: amount(before),
        account: bank(),
        label: label.into(),
    });
}

#[test]
fn adjust_asks_every_product_in_order_on_one_growing_overlay() {
    let second = Scripted {
        adjust: |charge, deciding, to| {
            labelled("second", to);
            count_up(charge.payer, deciding).map(drop)
        },
        ..Scripted::of(&SECOND)
    };
    let third = Scripted {
        adjust: |charge, deciding, to| {
            // Sees what the second has written, or not, by its place.
            let seen = count_up(charge.payer, deciding)?;
            labelled(if seen == 2 { "third after second" } else { "third first" }, to);
            Ok(())
        },
        ..Scripted::of(&THIRD)
    };
    let failing = Scripted { adjust: |_, _, _| Err(Refusal::new(GUARDED, "no price").into()), ..Scripted::of(&TILL) };
    for (list, expected) in [
        (&[second, Scripted::of(&TILL), third][..], Ok(vec![("second", 0), ("third after second", 1)])),
        (&[third, second], Ok(vec![("third first", 0), ("second", 1)])),
        (&[Scripted::of(&TILL)], Ok(vec![])),
        (&[second, failing], Err(Stop::Refuse(Refusal::new(GUARDED, "no price")))),
    ] {
        let (products, memory) = (products(list), Memory::default());
        let found = Deciding::new(stamp(1), &products, &memory).adjust(&charge());
        let seen = found.as_ref().map(|all| all.iter().map(|one| (one.label.as_str(), one.amount.minor())).collect());
        assert_eq!(seen.map_err(Clone::clone), expected);
    }
}

fn source(label: &'static str, available_minor: u64) -> FundingSource {
    FundingSource { account: purse(7), label, available_minor }
}

#[test]
fn fund_takes_the_first_that_suffices_else_the_richest() {
    let balance = Scripted { fund: |_, _| Ok(Some(source("balance", 300))), ..Scripted::of(&TILL) };
    let fund = Scripted { fund: |_, _| Ok(Some(source("fund", 900))), ..Scripted::of(&SECOND) };
    let credit = Scripted { fund: |_, _| Ok(Some(source("credit", 900))), ..Scripted::of(&THIRD) };
    let none = Scripted::of(&THIRD);
    for (list, minor, expected) in [
        (&[balance, fund, credit][..], 300, Some("balance")),
        (&[balance, fund, credit], 301, Some("fund")),
        (&[fund, balance, credit], 1, Some("fund")),
        (&[balance, credit, fund], 900, Some("credit")),
        (&[balance, fund, credit], 901, Some("fund")),
        (&[balance, credit, fund], 901, Some("credit")),
        (&[fund, balance], 901, Some("fund")),
        (&[none, balance], 301, Some("balance")),
        (&[none], 1, None),
        (&[none], 0, None),
    ] {
        let (products, memory) = (products(list), Memory::default());
        let found = Deciding::new(stamp(1), &products, &memory).fund(&charge(), amount(minor)).unwrap();
        assert_eq!(found.map(|source| source.label), expected, "{minor}");
    }
}

/// The till's pay says so; the second product reacts to that with a tick for a note of its own.
fn reacting() -> Products {
    let noting = Scripted {
        rule: |command, deciding| {
            if command.code == PAY {
                deciding.emit(Event { kind: NOTED, body: vec![5] });
                deciding.emit(Event { kind: NOTED + 1, body: vec![6] });
            } else {
                count_up(77, deciding)?;
            }
            Ok(Vec::new())
        },
        ..Scripted::of(&TILL)
    };
    let reacts = Scripted {
        react: |event| (event.kind == NOTED).then(|| Command::new(TICK, Caller::SYSTEM, &[u64::from(event.body[0])])),
        ..Scripted::of(&SECOND)
    };
    products(&[reacts, noting])
}

#[test]
fn a_reaction_is_a_timer_due_now_in_the_same_plan_and_runs_exactly_once() {
    let (products, mut memory) = (reacting(), Memory::default());
    let (plan, _) = memory.planned(&products, &pay_command(1, 9), stamp(3));
    assert_eq!(plan.events.len(), 2);
    let timer = TimerId { due_at_ns: stamp(3).time_ns, operation: 3, index: 0 };
    let timers = memory.of_table(cell::TIMER);
    assert_eq!(timers.len(), 1, "one event has a reaction, the other none");
    assert_eq!(timers[0].0, &timer.key());
    let reaction: Command = decode(timers[0].1, "timer").unwrap();
    assert_eq!(reaction, Command { timer: Some(timer), ..Command::new(TICK, Caller::SYSTEM, &[5_u64]) });

    // What the engine does: as long as there is a timer row, it asks its command.
    let mut runs = 0;
    for operation in 4..10 {
        let Some((_, bytes)) = memory.of_table(cell::TIMER).first().copied() else { break };
        let command: Command = decode(bytes, "timer").unwrap();
        let (_, answer) = memory.planned(&products, &command, stamp(operation));
        assert_eq!(answer, Answer::Done(vec![]));
        runs += 1;
    }
    assert_eq!(runs, 1);
    assert_eq!(memory.rows.get(&note_key(77)), Some(&encode(&super::till::Note { count: 1 })));
    assert!(memory.of_table(cell::TIMER).is_empty());
}

#[test]
fn a_refused_command_reacts_to_nothing() {
    let refusing = Scripted {
        rule: |_, deciding| {
            deciding.emit(Event { kind: NOTED, body: vec![5] });
            Err(Refusal::new(super::till::UNLUCKY, "after all").into())
        },
        react: |_| Some(Command::new(TICK, Caller::SYSTEM, &0)),
        ..Scripted::of(&TILL)
    };
    let mut memory = Memory::default();
    let command = pay_command(1, 9).with_id("k");
    let (plan, _) = memory.planned(&products(&[refusing]), &command, stamp(3));
    assert_eq!((plan.events.len(), plan.rows.len()), (0, 1));
    assert!(memory.of_table(cell::TIMER).is_empty());
}

#[test]
fn products_have_numbers_of_their_own_and_everything_is_found_by_number() {
    let boxed = |product: Scripted| Box::new(product) as Box<dyn Product>;
    let twice = Products::new(vec![boxed(Scripted::of(&TILL)), boxed(Scripted::of(&TILL))]);
    assert_eq!(twice.err(), Some("till"));
    let second_cell = Products::new(vec![Box::new(cell::Cell)]);
    assert_eq!(second_cell.err(), Some("cell"));
    let products = till();
    let names: Vec<_> = products.iter().map(|product| product.descriptor().name).collect();
    assert_eq!(names, ["cell", "till"]);
    assert_eq!(products.get(0x20).map(|product| product.descriptor().name), Some("till"));
    assert!(products.get(0x21).is_none());
    assert_eq!(products.command(PAY).map(|(_, command)| command.name), Some("pay"));
    assert_eq!(products.command(cell::EXPIRE_HOLD).map(|(_, command)| command.name), Some("expire_hold"));
    assert!(products.command(0x20ff).is_none() && products.command(0x7701).is_none());
    assert_eq!(products.refusal(GUARDED).map(|refusal| refusal.name), Some("guarded"));
    assert_eq!(products.refusal(64).map(|refusal| refusal.name), Some("amount_zero"));
    assert_eq!(products.account_kind(PURSE.number), Some(&PURSE));
    assert!(products.account_kind(0x20ff).is_none());
}
