//! Every product's own load, mixed: each expectation met, all audits clean, plans that replay to the same state, and the
//! same plans when nothing is in memory at first.

use std::collections::BTreeSet;

use sycee_contract::{Answer, Event, EventValue, Expectation, Outcome, Random, WorkItem, Workload, apply};

use crate::bench::{Bench, Memory, plan_bytes};

/// Together; about 5,000 for each product.
const STEPS: u32 = 25_000;

/// Runs all loads on one cell.
fn run(seed: u64, steps: u32, cold: bool) -> Bench {
    let mut bench = Bench::new();
    (bench.cold, bench.audited) = (cold, false);
    let products = sycee_registry::products();
    let mut loads: Vec<(&str, Box<dyn Workload>)> =
        products.iter().map(|product| (product.descriptor().name, product.workload())).collect();
    for (name, load) in &mut loads {
        for item in load.prepare() {
            step(&mut bench, name, load.as_mut(), &item);
        }
    }
    let mut random = Random::new(seed);
    let mut accepted = 0;
    for index in 0..steps {
        let count = u64::try_from(loads.len()).unwrap();
        let chosen = usize::try_from(random.below(count)).unwrap();
        let (name, load) = &mut loads[chosen];
        let item = load.next(&mut random);
        accepted += u32::from(step(&mut bench, name, load.as_mut(), &item));
        if index % 250 == 0 {
            assert_eq!(bench.findings(), [], "at step {index}");
        }
    }
    assert_eq!(bench.findings(), [], "at the end");
    assert!(accepted > steps / 4, "only {accepted} of {steps} commands were accepted");
    bench
}

/// One command, with its timers; whether it was accepted.
fn step(bench: &mut Bench, name: &str, load: &mut dyn Workload, item: &WorkItem) -> bool {
    let answer = match bench.run(&item.command) {
        Outcome::Planned(_, answer) | Outcome::Repeated(_, answer) => answer,
        Outcome::Refused(refusal) => Answer::Refused(refusal),
        other => panic!("{name}: {:?} came to {other:?}", item.command),
    };
    match (&item.expectation, &answer) {
        (Expectation::Any, _) | (Expectation::Accepted, Answer::Done(_)) => {}
        (Expectation::Refused(code), Answer::Refused(refusal)) if refusal.code == *code => {}
        _ => panic!("{name}: {:?} was to be {:?} and was {answer:?}", item.command, item.expectation),
    }
    load.learn(&answer);
    assert_eq!(load.problem(), None, "{name}: {:?}", item.command);
    bench.fire_timers();
    matches!(answer, Answer::Done(_))
}

#[test]
fn mixed_load_meets_every_expectation_and_replays_to_the_same_state() {
    let bench = run(1, STEPS, false);
    let mut replayed = Memory::default();
    for (stamp, plan) in &bench.journal {
        apply(plan, stamp, &mut replayed).expect("a journal replays");
    }
    assert_eq!(replayed, bench.memory);
    assert!(bench.journal.iter().any(|(_, plan)| !plan.movements.is_empty()));
}

/// Every event that any product's load brings about is described, and says what its descriptor has, in its order.
#[test]
fn every_event_is_described_and_says_what_its_descriptor_has() {
    let (bench, products) = (run(3, STEPS, false), sycee_registry::products());
    let mut seen = BTreeSet::new();
    for (stamp, plan) in &bench.journal {
        for event in &plan.events {
            let descriptor = products.event(event.kind).unwrap_or_else(|| panic!("{} is not described", event.kind));
            let telling = (descriptor.tell)(event, stamp.cell).expect("an event reads");
            let mut values = telling.values.iter().peekable();
            for field in descriptor.fields {
                let value = values.next_if(|(name, _)| *name == field.name).map(|(_, value)| value.kind());
                assert!(value == Some(field.kind) || value.is_none() && field.optional, "{} {telling:?}", field.name);
            }
            assert_eq!(values.next(), None, "{} says more", descriptor.name);
            let parties = telling.values.iter().filter_map(|(_, value)| match value {
                EventValue::Party(party) => Some(*party),
                _ => None,
            });
            assert_eq!(parties.collect::<BTreeSet<_>>(), telling.concerns.iter().copied().collect(), "{descriptor:?}");
            assert!(descriptor.kind < 256 || !telling.concerns.is_empty(), "{} concerns nobody", descriptor.name);
            seen.insert(descriptor.name);
        }
    }
    for name in
        ["order_paid", "order_refunded", "order_closed", "merchant_transfer_made", "money_sent", "cash_in_booked"]
    {
        assert!(seen.contains(name), "no load brings about {name}: {seen:?}");
    }
}

#[test]
fn what_is_no_event_of_a_kind_is_not_told() {
    for descriptor in sycee_registry::products().events() {
        for body in [&b""[..], b"\x80", b"\xff", &[0x82, 1]] {
            let event = Event { kind: descriptor.kind, body: body.to_vec() };
            assert!((descriptor.tell)(&event, 7).is_err(), "{} {body:?}", descriptor.name);
        }
    }
}

#[test]
fn a_cold_view_gives_the_same_plans() {
    let warm = run(2, STEPS, false);
    let cold = run(2, STEPS, true);
    assert!(cold.rounds_max > 0, "nothing had to be fetched");
    assert!(cold.rounds_max <= 8, "{} rounds of fetching", cold.rounds_max);
    assert_eq!(warm.journal.len(), cold.journal.len());
    for ((warm_stamp, warm_plan), (cold_stamp, cold_plan)) in warm.journal.iter().zip(&cold.journal) {
        assert_eq!(warm_stamp, cold_stamp);
        assert_eq!(plan_bytes(warm_plan), plan_bytes(cold_plan), "operation {}", warm_stamp.operation);
    }
    assert_eq!(warm.memory, cold.memory);
}

#[test]
fn the_same_seed_gives_the_same_journal() {
    let [once, again] = [run(3, 500, false), run(3, 500, false)];
    assert_eq!(once.journal, again.journal);
    assert_ne!(once.journal, run(4, 500, false).journal);
}
