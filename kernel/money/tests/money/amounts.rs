//! Ranges, sums and records of amounts.

use sycee_money::{Amount, Money, MoneyError};

use crate::{amount, assert_cbor, currency, money};

#[test]
fn range_is_checked() {
    assert_eq!(Amount::MAX_MINOR, 10_000_000_000_000_000);
    assert_eq!(Amount::new(Amount::MAX_MINOR), Ok(Amount::MAX));
    for minor in [Amount::MAX_MINOR + 1, u64::MAX] {
        assert_eq!(Amount::new(minor), Err(MoneyError::AmountTooLarge));
        assert_eq!(Amount::try_from(u128::from(minor)), Err(MoneyError::AmountTooLarge));
    }
    assert_eq!(Amount::try_from((1_u128 << 64) + 5), Err(MoneyError::AmountTooLarge));
    assert_eq!(amount(0), Amount::ZERO);
    assert!(Amount::ZERO.is_zero() && !amount(1).is_zero());
    assert_eq!(amount(7).minor(), 7);
}

#[test]
fn sums_and_differences() {
    let max = Amount::MAX_MINOR;
    let too_large = Err(MoneyError::AmountTooLarge);
    let negative = Err(MoneyError::AmountNegative);
    // left, right, sum, difference, saturating difference, smaller
    let rows = [
        (5, 3, Ok(8), Ok(2), 2, 3),
        (3, 5, Ok(8), negative, 0, 3),
        (0, 0, Ok(0), Ok(0), 0, 0),
        (max, 0, Ok(max), Ok(max), max, 0),
        (max, 1, too_large, Ok(max - 1), max - 1, 1),
        (max, max, too_large, Ok(0), 0, max),
        (0, 1, Ok(1), negative, 0, 0),
    ];
    for (left, right, sum, difference, saturated, smaller) in rows {
        let (left, right) = (amount(left), amount(right));
        assert_eq!(left.checked_add(right).map(Amount::minor), sum);
        assert_eq!(left.checked_sub(right).map(Amount::minor), difference);
        assert_eq!(left.saturating_sub(right).minor(), saturated);
        assert_eq!(left.min(right).minor(), smaller);
    }
    assert!(amount(1) < amount(2));
}

#[test]
fn currencies_do_not_mix() {
    let mismatch = MoneyError::CurrencyMismatch { expected: currency("EUR"), found: currency("USD") };
    assert_eq!(money(5, "EUR").checked_add(money(3, "USD")), Err(mismatch));
    assert_eq!(money(5, "EUR").checked_sub(money(3, "USD")), Err(mismatch));
    assert_eq!(money(5, "EUR").checked_add(money(3, "EUR")), Ok(money(8, "EUR")));
    assert_eq!(money(5, "EUR").checked_sub(money(3, "EUR")), Ok(money(2, "EUR")));
    assert_eq!(money(3, "EUR").checked_sub(money(5, "EUR")), Err(MoneyError::AmountNegative));
    assert_eq!(mismatch.to_string(), "currency is USD where EUR is needed");
}

#[test]
fn cbor_checks_the_range() {
    assert_cbor(Amount::ZERO, &[0x00]);
    assert_cbor(amount(1250), &[0x19, 0x04, 0xe2]);
    assert_cbor(Amount::MAX, &[0x1b, 0x00, 0x23, 0x86, 0xf2, 0x6f, 0xc1, 0x00, 0x00]);
    let refused: [&[u8]; 4] = [
        &[0x1b, 0x00, 0x23, 0x86, 0xf2, 0x6f, 0xc1, 0x00, 0x01], // the largest and one
        &[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x20],             // -1
        &[0xf9, 0x3c, 0x00], // 1.0
    ];
    for bytes in refused {
        assert!(minicbor::decode::<Amount>(bytes).is_err(), "{bytes:02x?}");
    }
}

#[test]
fn cbor_of_money_is_currency_then_amount() {
    assert_cbor(money(1250, "EUR"), &[0x82, 0x19, 0x03, 0xd2, 0x19, 0x04, 0xe2]);
    let refused: [&[u8]; 5] = [
        &[0x82, 0x19, 0x03, 0xe7, 0x01],       // currency 999
        &[0x81, 0x19, 0x03, 0xd2],             // one element
        &[0x83, 0x19, 0x03, 0xd2, 0x01, 0x01], // three elements
        &[0x9f, 0x19, 0x03, 0xd2, 0x01, 0xff], // indefinite length
        &[0x82, 0x19, 0x03, 0xd2, 0x1b, 0x00, 0x23, 0x86, 0xf2, 0x6f, 0xc1, 0x00, 0x01],
    ];
    for bytes in refused {
        assert!(minicbor::decode::<Money>(bytes).is_err(), "{bytes:02x?}");
    }
}
