//! Until when a quote is good, and who may not have one.

use sycee_contract::{Caller, Command};
use sycee_interop::command::{ENQUIRE, EnquireBody};
use sycee_interop::quote::Target;
use sycee_interop::record::OutgoingState;
use sycee_interop::refusal::{CELL_SUSPENDED, CELL_UNKNOWN, NOT_ABROAD, QUOTE_EXPIRED, QUOTE_UNKNOWN, RATE_STALE};
use sycee_sim::clock::SECOND_NS;
use sycee_sim::setup::register;

use crate::bench::{Bench, CASH_MINOR};

#[test]
fn a_quote_is_good_until_the_nanosecond_before_its_end() {
    for (late_ns, expected) in [(-1_i64, Ok(())), (0, Err(QUOTE_EXPIRED)), (1, Err(QUOTE_EXPIRED))] {
        let mut bench = Bench::new("th", "fr");
        let enquiry = bench.enquire(1_250).unwrap();
        let quote = bench.quote(enquiry).unwrap();
        bench.network.clock.move_to_ns(quote.expires_at_ns.checked_add_signed(late_ns).unwrap());
        let paid = bench.pay(enquiry).map(drop).map_err(|refusal| refusal.code);
        assert_eq!(paid, expected, "{late_ns}");
        bench.network.drain();
        bench.check_money(&[]);
    }
}

#[test]
fn a_payment_held_in_time_may_arrive_in_the_grace_and_not_later() {
    // The network's terms: a quote of 60 seconds, a grace of 30.
    for (late_ns, refused) in [(0, None), (1, Some(QUOTE_UNKNOWN)), (SECOND_NS, Some(QUOTE_UNKNOWN))] {
        let mut bench = Bench::new("th", "fr");
        let enquiry = bench.enquire(1_250).unwrap();
        let quote = bench.quote(enquiry).unwrap();
        let payment = bench.pay(enquiry).unwrap();
        bench.network.clock.move_to_ns(quote.expires_at_ns + 30 * SECOND_NS + late_ns);
        bench.network.drain();
        match refused {
            None => assert_eq!(bench.payment(payment).state, OutgoingState::Done),
            Some(code) => {
                assert_eq!(bench.refusal(payment), code, "{late_ns}");
                assert_eq!(bench.customer_has(), (i128::from(CASH_MINOR), 0), "what was held is free again");
            }
        }
        bench.check_money(&[]);
    }
}

#[test]
fn a_quote_pays_once() {
    let mut bench = Bench::new("th", "fr");
    let enquiry = bench.enquire(1_250).unwrap();
    bench.quote(enquiry).unwrap();
    let payment = bench.pay(enquiry).unwrap();
    assert_eq!(bench.pay(enquiry).unwrap(), payment, "a repeat answers the same");
    bench.network.drain();
    assert_eq!(bench.pay(enquiry).unwrap(), payment);
    assert_eq!(bench.customer_has(), (i128::from(CASH_MINOR) - 47_448, 0));
    bench.check_money(&[]);
}

#[test]
fn a_rate_is_quoted_up_to_its_age_and_not_beyond() {
    // The network's terms: 3600 seconds; whole seconds count.
    for (age_seconds, expected) in [(3_600, None), (3_601, Some(RATE_STALE))] {
        let mut bench = Bench::new("th", "fr");
        bench.network.clock.advance_ns(age_seconds * SECOND_NS);
        let enquiry = bench.enquire(1_250).unwrap();
        assert_eq!(bench.quote(enquiry).err().map(|refusal| refusal.code), expected, "{age_seconds}");
    }
}

#[test]
fn cells_that_are_unknown_suspended_or_ones_own_are_refused() {
    let mut bench = Bench::new("th", "fr");
    let asked = |bench: &mut Bench, destination| {
        let target = Target::Merchant { merchant: 1, store: None, reference: String::new() };
        let body = EnquireBody { destination, target, amount: Some(bench.to.money(1_000)) };
        let command = Command::new(ENQUIRE, Caller::customer(bench.customer), &body);
        bench.network.ask(bench.from.number, command).map(drop).map_err(|refusal| refusal.code)
    };
    assert_eq!(asked(&mut bench, 42), Err(CELL_UNKNOWN));
    assert_eq!(asked(&mut bench, 3), Err(NOT_ABROAD));
    let (th, fr) = (bench.from, bench.to);
    register(&mut bench.network, &fr, 1_000_000, false);
    bench.network.drain();
    assert_eq!(asked(&mut bench, 7), Err(CELL_SUSPENDED));
    register(&mut bench.network, &fr, 1_000_000_000, true);
    bench.network.drain();
    // The payer's own cell is suspended between its quote and its payment.
    let enquiry = bench.enquire(1_250).unwrap();
    bench.quote(enquiry).unwrap();
    register(&mut bench.network, &th, 1_000_000_000, false);
    let payment = bench.pay(enquiry).unwrap();
    bench.network.drain();
    assert_eq!(bench.refusal(payment), CELL_SUSPENDED);
    let enquiry = bench.enquire(1_250).unwrap();
    assert_eq!(bench.quote(enquiry).unwrap_err().code, CELL_SUSPENDED);
    bench.check_money(&[]);
}
