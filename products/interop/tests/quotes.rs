//! The arithmetic of quotes: worked by hand, and held to its promises over random amounts.

use sycee_contract::Random;
use sycee_interop::quote::{Quote, Split, Target, Terms, customer_rate};
use sycee_money::{Amount, Currency, Money, Rate};

fn money(code: &str, minor: u64) -> Money {
    Money::new(Amount::new(minor).unwrap(), Currency::from_code(code).unwrap())
}

fn terms(rate: &str, margin_bps: u32, fee_bps: u32) -> Terms {
    Terms { rate: Rate::parse_decimal(rate).unwrap(), margin_bps, fee_bps }
}

fn minors(split: &Split) -> [u64; 6] {
    [split.payee.amount, split.total.amount, split.mid, split.margin, split.residual, split.fee].map(Amount::minor)
}

#[test]
fn what_a_price_costs() {
    // Each worked by hand with the formulas at the head of quote.rs: payee, total, mid, margin, residual, fee.
    let table = [
        // 12.50 × 38.0985275 = 476.23159…; × 1.005 = 478.61275…
        (("EUR", 1_250), "THB", terms("38.0985275", 50, 0), [1_250, 47_862, 47_623, 238, 1, 0]),
        // KRW has no decimals: 10 000 × 0.005625 = 56.25; × 1.005 = 56.53125.
        (("KRW", 10_000), "HKD", terms("0.005625", 50, 0), [10_000, 5_654, 5_625, 28, 1, 0]),
        // The other way: 100.00 × 177.7777 = 17 777.77; × 1.005 = 17 866.65885.
        (("HKD", 10_000), "KRW", terms("177.7777", 50, 0), [10_000, 17_867, 17_777, 88, 2, 0]),
        // A fee of 1 % of the converted price, halves up: 478.62 → 4.7862 → 4.79.
        (("EUR", 1_250), "THB", terms("38.0985275", 50, 100), [1_250, 48_341, 47_623, 238, 1, 479]),
        // One currency: no margin whatever the terms say.
        (("EUR", 999), "EUR", terms("1", 50, 0), [999, 999, 999, 0, 0, 0]),
        // Exact: 2 × 1.5 = 3, no margin, nothing left.
        (("EUR", 200), "CNY", terms("1.5", 0, 0), [200, 300, 300, 0, 0, 0]),
        // Less than a minor unit's worth is still one minor unit: 0.01 × 0.1 = 0.001.
        (("THB", 1), "EUR", terms("0.1", 0, 0), [1, 1, 0, 0, 1, 0]),
    ];
    for ((code, minor), currency, terms, expected) in table {
        let split = Split::for_payee(money(code, minor), Currency::from_code(currency).unwrap(), terms).unwrap();
        assert_eq!(minors(&split), expected, "{code} {minor} in {currency}");
    }
}

#[test]
fn what_a_total_pays() {
    let table = [
        // 100.00 ÷ (0.02625 × 1.005) = 3 790.5709…; that × 0.02625 = 99.50246…
        (("EUR", 10_000), "THB", terms("0.02625", 50, 0), [379_057, 10_000, 9_950, 49, 1, 0]),
        // 1 000 ÷ (190 × 1.005) = 5.2369… → 5.23; 5.23 × 190 = 993.7; the margin of it 4.965.
        (("KRW", 1_000), "CNY", terms("190", 50, 0), [523, 1_000, 993, 4, 3, 0]),
        (("EUR", 500), "EUR", terms("1", 50, 0), [500, 500, 500, 0, 0, 0]),
    ];
    for ((code, minor), currency, terms, expected) in table {
        let split = Split::of_total(money(code, minor), Currency::from_code(currency).unwrap(), terms).unwrap();
        assert_eq!(minors(&split), expected, "{code} {minor} to {currency}");
    }
}

#[test]
fn the_customers_rate_has_the_margin_in_it() {
    assert_eq!(customer_rate(terms("38", 50, 0)), Ok(Rate::parse_decimal("38.19").unwrap()));
    assert!(customer_rate(terms("9999999999999999999", 50, 0)).is_err(), "too large to be exact");
}

fn quote(split: Split, terms: Terms, target: Target) -> Quote {
    Quote {
        id: 1,
        network: 99,
        origin: 3,
        destination: 7,
        payer: 1,
        target,
        split,
        rate: terms.rate,
        rate_source: "test".into(),
        rate_at_ns: 0,
        margin_bps: terms.margin_bps,
        expires_at_ns: 0,
        fee_returned: true,
    }
}

#[test]
fn refunds_in_parts_come_to_the_whole_and_every_part_is_round_of_its_share() {
    let mut random = Random::new(7);
    let codes = ["EUR", "THB", "KRW", "HKD", "CNY", "PKR"];
    for _ in 0..20_000 {
        let pick = |random: &mut Random| *random.pick(&codes).unwrap();
        let (from, to) = (pick(&mut random), pick(&mut random));
        let rate =
            if from == to { "1".into() } else { format!("{}.{:06}", random.below(300), random.below(999_999) + 1) };
        let terms = terms(&rate, u32::try_from(random.below(300)).unwrap(), u32::try_from(random.below(200)).unwrap());
        let price = money(from, random.below(5_000_000) + 1);
        let split = Split::for_payee(price, Currency::from_code(to).unwrap(), terms).unwrap();
        let [_, total, mid, margin, residual, fee] = minors(&split);
        assert_eq!(total, mid + margin + residual + fee);
        assert!(residual <= 3, "{split:?}");
        assert!(quote(split, terms, Target::Order { order: 1 }).adds_up());

        let fee_returned = random.below(2) == 0;
        let mut sums = [0_i128; 5];
        let mut before = Amount::ZERO;
        while before < price.amount {
            let left = price.amount.minor() - before.minor();
            let part = if random.below(4) == 0 { left } else { random.below(left) + 1 };
            let after = Amount::new(before.minor() + part).unwrap();
            let shares = split.shares(before, after, fee_returned).unwrap();
            let parts =
                [shares.total_minor, shares.mid_minor, shares.margin_minor, shares.residual_minor, shares.fee_minor];
            assert_eq!(parts[0], parts[1..].iter().sum::<i128>(), "{split:?}");
            for (sum, part) in sums.iter_mut().zip(parts) {
                *sum += part;
            }
            // round(paid × c ÷ price), halves up, has been returned in all.
            let paid = u128::from(if fee_returned { total } else { total - fee });
            let (c, p) = (u128::from(after.minor()), u128::from(price.amount.minor()));
            assert_eq!(sums[0], i128::try_from((2 * paid * c + p) / (2 * p)).unwrap());
            before = after;
        }
        let fee = if fee_returned { fee } else { 0 };
        let whole = [total - minors(&split)[5] + fee, mid, margin, residual, fee].map(i128::from);
        assert_eq!(sums, whole, "a full refund returns every part whole");
    }
}

#[test]
fn a_quote_whose_parts_are_not_those_of_its_rate_does_not_add_up() {
    let terms = terms("38.0985275", 50, 0);
    let good = quote(
        Split::for_payee(money("EUR", 1_250), Currency::from_code("THB").unwrap(), terms).unwrap(),
        terms,
        Target::Order { order: 1 },
    );
    assert!(good.adds_up());
    let minor = |minor| Amount::new(minor).unwrap();
    let spoilt = [
        Quote { margin_bps: 51, ..good.clone() },
        Quote { rate: Rate::parse_decimal("38.1").unwrap(), ..good.clone() },
        Quote { split: Split { mid: minor(47_622), ..good.split }, ..good.clone() },
        Quote { split: Split { mid: minor(47_622), residual: minor(2), ..good.split }, ..good.clone() },
        Quote { split: Split { total: money("THB", 47_863), ..good.split }, ..good.clone() },
        Quote { split: Split { payee: money("EUR", 1_249), ..good.split }, ..good.clone() },
        Quote { split: Split { payee: money("EUR", 1_000_000_000_000_000), ..good.split }, ..good },
    ];
    for quote in spoilt {
        assert!(!quote.adds_up(), "{quote:?}");
    }
}

#[test]
fn rates_are_exact_or_cut_off() {
    for (numerator, denominator, expected) in [
        (1, 1, "1"),
        (380_125, 10_000, "38.0125"),
        (1, 3, "0.333333333333333333"),
        (200, 3, "66.666666666666666666"),
        (u64::MAX, u64::MAX - 1, "1.000000000000000000"),
    ] {
        assert_eq!(sycee_interop::quote::rate_text(Rate::new(numerator, denominator).unwrap()), expected);
    }
}
