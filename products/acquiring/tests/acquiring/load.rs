//! The product's own load, with every audit after every step.

use std::collections::BTreeMap;

use sycee_contract::{Answer, Expectation, Random, WorkItem, Workload};

use crate::bench::*;

fn step(bench: &mut Bench, load: &mut dyn Workload, item: WorkItem, seen: &mut BTreeMap<String, u32>) {
    let answer = bench.answer(&item.command);
    let name = bench.products.command(item.command.code).map_or("none", |(_, descriptor)| descriptor.name);
    let outcome = match (&item.expectation, &answer) {
        (Expectation::Accepted | Expectation::Any, Answer::Done(_)) => "done".to_string(),
        (Expectation::Refused(code), Answer::Refused(refusal)) if refusal.code == *code => {
            bench.products.refusal(*code).expect("a listed refusal").name.to_string()
        }
        (Expectation::Any, Answer::Refused(_)) => "refused".to_string(),
        _ => panic!("{item:?} came to {answer:?}"),
    };
    *seen.entry(format!("{name} {outcome}")).or_default() += 1;
    load.learn(&answer);
    assert_eq!(load.problem(), None, "{item:?}");
}

#[test]
fn the_load_comes_to_what_it_expects() {
    let mut seen = BTreeMap::new();
    for seed in 1..=3 {
        let mut bench = Bench::with(Vec::new(), &crate::settling::banking_market(&[]));
        let mut load = bench.products.get(3).expect("acquiring").workload();
        let mut random = Random::new(seed);
        for item in load.prepare() {
            step(&mut bench, load.as_mut(), item, &mut seen);
        }
        for count in 0..600 {
            // Mostly nothing happens, sometimes hours pass, and now and then a day.
            if count % 50 == 0 {
                bench.pass(HOUR_NS);
            }
            if count % 120 == 0 {
                bench.pass(DAY_NS);
                bench.business_date = sycee_acquiring::day::after(bench.business_date, 1);
            }
            let item = load.next(&mut random);
            step(&mut bench, load.as_mut(), item, &mut seen);
        }
    }
    for name in [
        "pay_static done",
        "pay_static buyer_balance_not_enough",
        "create done",
        "create context_inconsistent",
        "create trade_has_success",
        "page_pay done",
        "scan_order done",
        "pay_order done",
        "pay_by_code done",
        "pay_by_code auth_code_invalid",
        "refund done",
        "refund refund_amount_exceeds",
        "refund discordant_repeat",
        "cancel done",
        "close done",
        "close trade_status_error",
        "merchant_transfer done",
        "merchant_transfer seller_balance_not_enough",
        "settle_fees done",
        "freeze_by_code done",
        "pay_from_freeze done",
        "pay_from_freeze authorisation_amount_exceeds",
        "release_freeze done",
        "cancel_freeze done",
        "set_settlement_terms done",
        "set_bank_account done",
        "settle_merchant done",
        "payout_result done",
        "move_advance_funds done",
    ] {
        assert!(seen.contains_key(name), "the load never came to {name}: {seen:#?}");
    }
}
