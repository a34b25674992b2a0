//! Decimal text to amounts and back.

use sycee_money::{Money, MoneyError};

use crate::{currency, money};

#[test]
fn accepted_text() {
    let rows = [
        ("12", "EUR", 1200),
        ("12.5", "EUR", 1250),
        ("12.50", "EUR", 1250),
        ("12.500", "EUR", 1250),
        ("0.01", "EUR", 1),
        ("0", "EUR", 0),
        ("0.00", "EUR", 0),
        ("007.10", "EUR", 710),
        ("88.88", "CNY", 8888),
        ("1000", "JPY", 1000),
        ("1000.00", "JPY", 1000),
        ("1.234", "KWD", 1234),
        ("1", "KWD", 1000),
        ("1.0001", "CLF", 10_001),
        ("100000000000000.00", "USD", 10_000_000_000_000_000),
        ("10000000000000000", "KRW", 10_000_000_000_000_000),
        ("1.000000000000000000000000000000", "USD", 100), // 32 characters
        ("00000000000000000000000000000012", "USD", 1200),
    ];
    for (text, code, minor) in rows {
        assert_eq!(Money::parse_decimal(text, currency(code)), Ok(money(minor, code)), "{text}");
    }
}

#[test]
fn refused_text() {
    use MoneyError::{AmountTooLarge, DecimalEmpty, DecimalExponent, DecimalMalformed, DecimalTooLong};
    let too_precise = |digits_max| MoneyError::DecimalTooPrecise { digits_max };
    let rows = [
        ("", "EUR", DecimalEmpty),
        ("0.001", "EUR", too_precise(2)),
        ("12.3450", "EUR", too_precise(2)),
        ("0.5", "JPY", too_precise(0)),
        ("1000.01", "JPY", too_precise(0)),
        ("1.2345", "KWD", too_precise(3)),
        ("1.00001", "CLF", too_precise(4)),
        ("-1", "EUR", DecimalMalformed),
        ("+1", "EUR", DecimalMalformed),
        (" 1", "EUR", DecimalMalformed),
        ("1 ", "EUR", DecimalMalformed),
        ("1\n", "EUR", DecimalMalformed),
        ("1,00", "EUR", DecimalMalformed),
        ("1_000", "EUR", DecimalMalformed),
        (".", "EUR", DecimalMalformed),
        (".5", "EUR", DecimalMalformed),
        ("5.", "EUR", DecimalMalformed),
        ("1.2.3", "EUR", DecimalMalformed),
        ("1..2", "EUR", DecimalMalformed),
        ("0x10", "EUR", DecimalMalformed),
        ("NaN", "EUR", DecimalMalformed),
        ("e5", "EUR", DecimalMalformed),
        ("١٢", "EUR", DecimalMalformed),
        ("１２", "EUR", DecimalMalformed),
        ("€5", "EUR", DecimalMalformed),
        ("1e2", "EUR", DecimalExponent),
        ("1E+2", "EUR", DecimalExponent),
        ("1.5e-1", "EUR", DecimalExponent),
        ("100000000000000.01", "USD", AmountTooLarge),
        ("10000000000000001", "KRW", AmountTooLarge),
        ("18446744073709551616", "KRW", AmountTooLarge), // 2^64
        ("184467440737095516.16", "USD", AmountTooLarge),
        ("99999999999999999999999999999999", "USD", AmountTooLarge),
        ("1.0000000000000000000000000000000", "USD", DecimalTooLong), // 33 characters
        ("000000000000000000000000000000012", "USD", DecimalTooLong),
    ];
    for (text, code, error) in rows {
        assert_eq!(Money::parse_decimal(text, currency(code)), Err(error), "{text:?} {code}");
        assert!(!error.to_string().is_empty());
    }
    assert_eq!(DecimalExponent.to_string(), "number is written with an exponent; write it out");
}

#[test]
fn written_text() {
    // minor, currency, exact decimals, at least two decimals
    let rows = [
        (0, "EUR", "0.00", "0.00"),
        (1, "EUR", "0.01", "0.01"),
        (10, "EUR", "0.10", "0.10"),
        (1250, "EUR", "12.50", "12.50"),
        (0, "JPY", "0", "0.00"),
        (1000, "JPY", "1000", "1000.00"),
        (1, "KWD", "0.001", "0.001"),
        (1000, "KWD", "1.000", "1.000"),
        (10_001, "CLF", "1.0001", "1.0001"),
        (10_000_000_000_000_000, "USD", "100000000000000.00", "100000000000000.00"),
        (10_000_000_000_000_000, "KRW", "10000000000000000", "10000000000000000.00"),
    ];
    for (minor, code, exact, two) in rows {
        assert_eq!(money(minor, code).to_decimal(), exact);
        assert_eq!(money(minor, code).to_decimal_two(), two);
    }
    assert_eq!(money(1250, "EUR").to_string(), "12.50 EUR");
    assert_eq!(money(1250, "JPY").to_string(), "1250 JPY");
}
