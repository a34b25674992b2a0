//! What payments and refunds cost, to the minor unit.

use sycee_interop::account::{FX_MARGIN, FX_RESIDUAL, FX_RESULT, NETWORK_FEE};
use sycee_interop::record::OutgoingState;
use sycee_interop::refusal::AMOUNT_TOO_SMALL;
use sycee_sim::setup::{Market, set_rates};

use crate::bench::{Bench, CASH_MINOR, PROCEEDS_MINOR, minor};

#[test]
fn each_corridor_takes_what_paper_says() {
    // Computed with Python's fractions from the worths in setup.rs, a margin of 50 and a fee of 20 basis points.
    for (from, to, price, mid, margin, residual, fee, total) in [
        ("th", "fr", 1_250, 47_116, 235, 2, 95, 47_448),
        ("cn", "it", 999, 7_792, 38, 2, 16, 7_848),
        ("kr", "hk", 2_550, 4_575, 22, 1, 9, 4_607),
        ("fr", "cn", 8_800, 1_128, 5, 1, 2, 1_136),
        ("hk", "kr", 12_000, 6_688, 33, 1, 13, 6_735),
        ("it", "fr", 1_999, 1_999, 0, 0, 4, 2_003),
        ("th", "fr", 1, 37, 0, 1, 0, 38),
        ("kr", "hk", 1, 1, 0, 1, 0, 2),
    ] {
        let mut bench = Bench::new(from, to);
        let enquiry = bench.enquire(price).unwrap();
        let split = bench.quote(enquiry).unwrap().split;
        let case = format!("{from} → {to} {price}");
        assert_eq!(
            (split.mid, split.margin, split.residual, split.fee, split.total.amount),
            (minor(mid), minor(margin), minor(residual), minor(fee), minor(total)),
            "{case}"
        );
        let payment = bench.pay(enquiry).unwrap();
        assert_eq!(bench.customer_has(), (i128::from(CASH_MINOR), total), "held before anything leaves: {case}");
        bench.network.drain();
        assert_eq!(bench.payment(payment).state, OutgoingState::Done, "{case}");
        assert_eq!(bench.customer_has(), (i128::from(CASH_MINOR - total), 0), "{case}");
        assert_eq!(bench.merchant_has(), i128::from(PROCEEDS_MINOR + price), "{case}");
        let income = [&FX_MARGIN, &FX_RESIDUAL, &NETWORK_FEE].map(|kind| bench.network_has(kind));
        assert_eq!(income, [margin, residual, fee].map(i128::from), "{case}");
        bench.check_money(&[]);
    }
}

#[test]
fn a_price_that_is_worth_nothing_is_refused() {
    // 0.01 EUR is 16 KRW, but 1 KRW is less than a cent.
    let mut bench = Bench::new("fr", "kr");
    let enquiry = bench.enquire(1).unwrap();
    assert_eq!(bench.quote(enquiry).unwrap_err().code, AMOUNT_TOO_SMALL);
    bench.check_money(&[]);
}

#[test]
fn three_refunds_of_a_third_return_exactly_what_was_paid() {
    let mut bench = Bench::new("th", "fr");
    let payment = bench.pay_printed(1_000);
    assert_eq!(bench.payment(payment).total.amount, minor(37_958));
    // round(37958 × c ÷ 1000) for c of 333, 666 and 1000.
    for (number, part, returned) in [("a", 333, 12_640), ("b", 333, 25_280), ("c", 334, 37_958)] {
        bench.refund(payment, part, number);
        assert_eq!(bench.payment(payment).returned, minor(returned), "after {number}");
        bench.check_money(&[]);
    }
    assert_eq!(bench.customer_has(), (i128::from(CASH_MINOR), 0));
    assert_eq!(bench.merchant_has(), i128::from(PROCEEDS_MINOR));
    let income = [&FX_MARGIN, &FX_RESIDUAL, &NETWORK_FEE, &FX_RESULT].map(|kind| bench.network_has(kind));
    // At the day's rate, which is still the payment's, the three parts are worth 12 552, 12 552 and 12 590, in all one more than the
    // whole: what rounding each part has brought is the network's result.
    assert_eq!(income, [0, 0, 0, 1], "the rate has not moved, and fees return");
}

#[test]
fn a_refund_is_at_the_original_rate_and_the_network_bears_the_move() {
    // Of 1000, paid 37 958 with 37 693 at mid-market, 400 come back: the payer gets round(37958 × 0.4) = 15 183 whatever the rate is.
    // The mid-market share is 15 077; at the day's rate 4.00 EUR are 16 667 or 13 333.
    for (worth, result) in [(24_000, 16_667 - 15_077), (30_000, 13_333 - 15_077)] {
        let mut bench = Bench::new("th", "fr");
        let payment = bench.pay_printed(1_000);
        let markets = [bench.from, bench.to];
        bench.network.clock.advance_ns(1);
        set_rates(
            &mut bench.network,
            &markets,
            |market: &Market| if market.name == "th" { worth } else { market.worth },
        );
        bench.refund(payment, 400, "a");
        assert_eq!(bench.payment(payment).returned, minor(15_183), "{worth}");
        assert_eq!(bench.network_has(&FX_RESULT), result, "{worth}");
        bench.check_money(&[]);
    }
}
