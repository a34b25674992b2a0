//! Rates, conversions and basis points, worked by hand.

use sycee_money::{Amount, Converted, MoneyError, Rate, Rounding, share_bps};

use crate::{amount, assert_cbor, currency, money};

fn rate(text: &str) -> Rate {
    Rate::parse_decimal(text).unwrap()
}

#[test]
fn rates_are_in_lowest_terms() {
    let rows = [
        ("36.1234", 180_617, 5000),
        ("0.5", 1, 2),
        ("1", 1, 1),
        ("1.0000", 1, 1),
        ("20", 20, 1),
        ("0.0487", 487, 10_000),
        ("0.0000000000000000001", 1, 10_000_000_000_000_000_000),
        ("18446744073709551615", u64::MAX, 1),
    ];
    for (text, numerator, denominator) in rows {
        assert_eq!((rate(text).numerator(), rate(text).denominator()), (numerator, denominator));
    }
    assert_eq!(Rate::new(6, 4), Rate::new(3, 2));
    assert_eq!(Rate::new(5, 5), Ok(Rate::ONE));
    assert_eq!(Rate::new(6, 4).unwrap().inverse(), Rate::new(2, 3).unwrap());
    assert_eq!(rate("0.04870").to_string(), "0.0487");
    assert_eq!(rate("36.1234").to_decimal().as_deref(), Some("36.1234"));
    assert_eq!(rate("100").to_decimal().as_deref(), Some("100"));
    assert_eq!(Rate::new(1, 3).unwrap().to_decimal(), None);
    assert_eq!(Rate::new(2, 6).unwrap().to_string(), "1/3");
}

#[test]
fn refused_rates() {
    for (numerator, denominator) in [(0, 1), (1, 0), (0, 0)] {
        assert_eq!(Rate::new(numerator, denominator), Err(MoneyError::RateNotPositive));
    }
    let rows = [
        ("0", MoneyError::RateNotPositive),
        ("0.000", MoneyError::RateNotPositive),
        ("", MoneyError::DecimalEmpty),
        ("-1", MoneyError::DecimalMalformed),
        ("1/3", MoneyError::DecimalMalformed),
        ("1e-3", MoneyError::DecimalExponent),
        ("0.00000000000000000001", MoneyError::DecimalTooPrecise { digits_max: 19 }),
        ("18446744073709551616", MoneyError::RateTooLarge),
        ("3.6123400000000000000000000000001", MoneyError::DecimalTooLong),
        ("10.0000000000000000001", MoneyError::RateTooLarge),
    ];
    for (text, error) in rows {
        assert_eq!(Rate::parse_decimal(text), Err(error), "{text}");
    }
}

#[test]
fn conversions() {
    use Rounding::{Down, HalfEven, HalfUp, Up};
    let third = Rate::new(1, 3).unwrap();
    // from, rate, to, rounding, result, residual
    let rows = [
        (money(10_000, "CNY"), rate("0.1234"), "EUR", HalfUp, 1234, (0, 1)),
        // 10.00 x 36.1234 = 361.234, that is 36123.4 satang
        (money(1000, "USD"), rate("36.1234"), "THB", HalfUp, 36_123, (2, 5)),
        (money(1000, "USD"), rate("36.1234"), "THB", Up, 36_124, (-3, 5)),
        // 1000 yen x 0.0487 = 48.70
        (money(1000, "JPY"), rate("0.0487"), "CNY", Down, 4870, (0, 1)),
        // 1.00 x 20.55 = 20.55 yen
        (money(100, "CNY"), rate("20.55"), "JPY", Down, 20, (11, 20)),
        (money(100, "CNY"), rate("20.55"), "JPY", HalfUp, 21, (-9, 20)),
        // 1.00 x 0.3333 = 333.3 fils
        (money(100, "EUR"), rate("0.3333"), "KWD", Down, 333, (3, 10)),
        // 1.000 dinar to whole yen, both ways of the half
        (money(1000, "KWD"), rate("485.5"), "JPY", HalfEven, 486, (-1, 2)),
        (money(1000, "KWD"), rate("484.5"), "JPY", HalfEven, 484, (1, 2)),
        (money(1000, "KWD"), rate("484.5"), "JPY", HalfUp, 485, (-1, 2)),
        (money(100, "USD"), third, "EUR", Down, 33, (1, 3)),
        (money(100, "USD"), third, "EUR", Up, 34, (-2, 3)),
        // 1.0000 UF x 39000 pesos; one ten-thousandth of it is 3.9 pesos
        (money(10_000, "CLF"), rate("39000"), "CLP", HalfUp, 39_000, (0, 1)),
        (money(1, "CLF"), rate("39000"), "CLP", HalfUp, 4, (-1, 10)),
        (money(0, "USD"), rate("36.1234"), "THB", Up, 0, (0, 1)),
        (money(1, "USD"), rate("0.0000000000000000001"), "EUR", Down, 0, (1, 10_u128.pow(19))),
        (money(Amount::MAX_MINOR, "USD"), Rate::ONE, "EUR", Down, Amount::MAX_MINOR, (0, 1)),
    ];
    for (from, rate, to, rounding, minor, (residual_numerator, residual_denominator)) in rows {
        let expected = Converted { money: money(minor, to), residual_numerator, residual_denominator };
        assert_eq!(rate.convert(from, currency(to), rounding), Ok(expected), "{from} at {rate}");
    }
}

#[test]
fn refused_conversions() {
    let largest = Rate::new(u64::MAX, 1).unwrap();
    let rows = [
        (money(Amount::MAX_MINOR, "USD"), rate("2"), "EUR", MoneyError::AmountTooLarge),
        (money(Amount::MAX_MINOR, "USD"), largest, "EUR", MoneyError::AmountTooLarge),
        (money(Amount::MAX_MINOR, "JPY"), largest, "CLF", MoneyError::Overflow),
    ];
    for (from, rate, to, error) in rows {
        assert_eq!(rate.convert(from, currency(to), Rounding::Up), Err(error), "{from} at {rate}");
    }
}

#[test]
fn basis_points() {
    use Rounding::{Down, HalfEven, HalfUp, Up};
    let rows = [
        (10_000, 60, HalfUp, 60),
        (12_345, 60, Down, 74), // 74.07
        (12_345, 60, Up, 75),
        (250, 100, HalfUp, 3), // 2.5
        (250, 100, HalfEven, 2),
        (350, 100, HalfEven, 4), // 3.5
        (350, 100, Down, 3),
        (777, 10_000, Down, 777),
        (777, 0, Up, 0),
        (0, 60, Up, 0),
        (100, 20_000, Down, 200),
        (Amount::MAX_MINOR, 10_000, Up, Amount::MAX_MINOR),
    ];
    for (minor, bps, rounding, expected) in rows {
        assert_eq!(share_bps(amount(minor), bps, rounding), Ok(amount(expected)), "{minor} {bps}");
    }
    for bps in [10_001, u32::MAX] {
        assert_eq!(share_bps(Amount::MAX, bps, Rounding::Down), Err(MoneyError::AmountTooLarge));
    }
}

#[test]
fn cbor_of_rates() {
    assert_cbor(Rate::new(1, 3).unwrap(), &[0x82, 0x01, 0x03]);
    assert_cbor(rate("36.1234"), &[0x82, 0x1a, 0x00, 0x02, 0xc1, 0x89, 0x19, 0x13, 0x88]);
    let refused: [&[u8]; 7] = [
        &[0x82, 0x02, 0x06], // not in lowest terms
        &[0x82, 0x00, 0x01],
        &[0x82, 0x01, 0x00],
        &[0x82, 0x00, 0x00],
        &[0x81, 0x01],
        &[0x83, 0x01, 0x03, 0x01],
        &[0x9f, 0x01, 0x03, 0xff],
    ];
    for bytes in refused {
        assert!(minicbor::decode::<Rate>(bytes).is_err(), "{bytes:02x?}");
    }
}
