//! At least a hundred thousand random histories: no money is made or lost, and everything comes to an end.

use std::panic::catch_unwind;
use std::sync::Arc;

use sycee_contract::Products;
use sycee_sim::histories::{Plan, Tally, run};

fn products() -> Arc<Products> {
    Arc::new(sycee_registry::products())
}

/// Histories of one network: enough to meet each other, few enough to begin afresh often.
const HISTORIES_PER_NETWORK: u64 = 400;

/// How many histories the test runs, unless `SYCEE_SIM_HISTORIES` says otherwise; the first seed, unless `SYCEE_SIM_SEED` does.
fn of_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn whatever_happens_to_payments_across_a_border_no_money_is_made_or_lost() {
    let wanted = of_environment("SYCEE_SIM_HISTORIES", 100_000);
    let first_seed = of_environment("SYCEE_SIM_SEED", 1);
    let mut tally = Tally::default();
    for seed in first_seed.. {
        let plan = Plan { seed, histories: HISTORIES_PER_NETWORK, products };
        let repeat = format!("SYCEE_SIM_SEED={seed} SYCEE_SIM_HISTORIES=1 repeats this");
        match catch_unwind(|| run(&plan)) {
            Ok(Ok(ended)) => tally.add(&ended.tally),
            Ok(Err(what)) => panic!("{repeat}\n{what}"),
            Err(_) => panic!("{repeat}: see the panic above"),
        }
        if tally.histories >= wanted {
            break;
        }
    }
    println!("{tally:#?}");
    assert!(tally.done > 0 && tally.refused > 0 && tally.refunded > 0 && tally.kills > 0);
    if wanted >= 100_000 {
        // All that the histories are for has happened.
        assert!(
            tally.in_suspense > 0 && tally.released > tally.in_suspense && tally.understood > 0 && tally.settled > 0
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_journals() {
    let journals = |seed| {
        let plan = Plan { seed, histories: 60, products };
        let ended = run(&plan).unwrap_or_else(|what| panic!("{what}"));
        ended.network.sites().map(sycee_sim::site::Site::journal).collect::<Vec<_>>()
    };
    assert!(journals(7) == journals(7), "chance came in from elsewhere");
    assert!(journals(7) != journals(8), "the seed decides nothing");
}
