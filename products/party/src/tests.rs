//! Tables for party numbers and usage. What needs a cell is tested on the registry's bench.

use crate::{Usage, cell_of, party_number};

/// A party's number from its four parts: `2088`, cell, bucket, serial.
fn number(parts: &str) -> u64 {
    parts.replace(' ', "").parse().unwrap()
}

#[test]
fn numbers_are_prefix_cell_bucket_serial() {
    let rows = [
        (1, 0, Some(number("2088 01 00000 00000"))),
        (1, 1, Some(number("2088 01 00001 00000"))),
        (1, 16_383, Some(number("2088 01 16383 00000"))),
        (1, 16_384, Some(number("2088 01 00000 00001"))),
        (42, 16_384 * 7 + 9, Some(number("2088 42 00009 00007"))),
        (99, 16_384 * 100_000 - 1, Some(number("2088 99 16383 99999"))),
        (99, 16_384 * 100_000, None),
        (99, u64::MAX, None),
        (0, 0, None),
        (100, 0, None),
    ];
    for (cell, counter, number) in rows {
        assert_eq!(party_number(cell, counter), number, "cell {cell}, counter {counter}");
        if let Some(number) = number {
            assert_eq!(cell_of(number), Some(cell));
        }
    }
}

#[test]
fn numbers_that_no_party_has_belong_to_no_cell() {
    let rows = [
        0,
        2_088,
        number("2088 00 00000 00000"),
        number("2088 01 16384 00000"),
        number("2087 99 00000 00000"),
        number("2089 00 00000 00000"),
        number("20880 10 00000 00000"),
        u64::MAX,
    ];
    for number in rows {
        assert_eq!(cell_of(number), None, "{number}");
    }
}

#[test]
fn usage_of_another_day_or_month_is_gone() {
    let usage = Usage {
        business_date: 20_260_331,
        day_minor: 5,
        month: 202_603,
        month_minor: 9,
        year: Some(2_026),
        year_minor: Some(20),
        lifetime_minor: Some(70),
    };
    for (date, expected) in [
        (20_260_331, [5, 9, 20, 70]),
        (20_260_330, [0, 9, 20, 70]),
        (20_260_401, [0, 0, 20, 70]),
        (20_261_231, [0, 0, 20, 70]),
        (20_270_101, [0, 0, 0, 70]),
        (20_270_331, [0, 0, 0, 70]),
    ] {
        let now = usage.on(date, date / 100);
        assert_eq!(counters(&now), expected, "{date}");
        assert_eq!((now.business_date, now.month, now.year), (date, date / 100, Some(date / 10_000)));
    }
}

/// Day, month, year, lifetime.
fn counters(usage: &Usage) -> [u64; 4] {
    [usage.day_minor, usage.month_minor, usage.year_minor.unwrap(), usage.lifetime_minor.unwrap()]
}

#[test]
fn usage_of_before_years_were_counted_begins_with_its_month() {
    let old = Usage { business_date: 20_260_331, day_minor: 5, month: 202_603, month_minor: 9, ..Usage::default() };
    for (date, expected) in [(20_260_331, [5, 9, 9, 9]), (20_260_401, [0, 0, 9, 9]), (20_270_101, [0, 0, 0, 9])] {
        assert_eq!(counters(&old.on(date, date / 100)), expected, "{date}");
    }
    assert_eq!(counters(&Usage::default().on(20_260_331, 202_603)), [0; 4]);
}
