//! Division and splits, worked by hand.

use sycee_money::{Amount, MoneyError, RemainderRule, Rounding, cumulative_share, divide, split};

use crate::{amount, assert_cbor};

#[test]
fn quotients() {
    let max = u128::MAX;
    // numerator, denominator, down, up, half up, half even
    let rows = [
        (0, 7, 0, 0, 0, 0),
        (14, 7, 2, 2, 2, 2),
        (29, 10, 2, 3, 3, 3),
        (21, 10, 2, 3, 2, 2),
        (25, 10, 2, 3, 3, 2),
        (35, 10, 3, 4, 4, 4),
        (5, 10, 0, 1, 1, 0),
        (15, 10, 1, 2, 2, 2),
        (4, 3, 1, 2, 1, 1),
        (5, 3, 1, 2, 2, 2),
        (max, 1, max, max, max, max),
        (max, max, 1, 1, 1, 1),
        (max - 1, max, 0, 1, 1, 1),
        (max, 2, max >> 1, (max >> 1) + 1, (max >> 1) + 1, (max >> 1) + 1),
        (1, max, 0, 1, 0, 0),
    ];
    for (numerator, denominator, down, up, half_up, half_even) in rows {
        let by = |rounding| divide(numerator, denominator, rounding).unwrap();
        let found = (by(Rounding::Down), by(Rounding::Up), by(Rounding::HalfUp), by(Rounding::HalfEven));
        assert_eq!(found, (down, up, half_up, half_even), "{numerator} / {denominator}");
    }
    assert_eq!(divide(1, 0, Rounding::Down), Err(MoneyError::DivisionByZero));
    assert_eq!(divide(0, 0, Rounding::Up), Err(MoneyError::DivisionByZero));
}

/// Total, weights, parts by the first-gets rule, parts by the largest remainder.
type SplitRow<'a> = (u64, &'a [u64], &'a [u64], &'a [u64]);

#[test]
fn splits() {
    let max = Amount::MAX_MINOR;
    let rows: [SplitRow; 10] = [
        (1000, &[1, 1, 1], &[334, 333, 333], &[334, 333, 333]),
        (5, &[1, 1, 1], &[3, 1, 1], &[2, 2, 1]),
        (100, &[3, 2, 1], &[51, 33, 16], &[50, 33, 17]),
        (100, &[1, 2, 3], &[17, 33, 50], &[17, 33, 50]),
        (10, &[0, 3, 0, 4], &[0, 5, 0, 5], &[0, 4, 0, 6]),
        (0, &[1, 2], &[0, 0], &[0, 0]),
        (7, &[9], &[7], &[7]),
        (7, &[0, 9], &[0, 7], &[0, 7]),
        (1, &[u64::MAX, u64::MAX], &[1, 0], &[1, 0]),
        (max, &[u64::MAX, u64::MAX], &[max / 2, max / 2], &[max / 2, max / 2]),
    ];
    for (total, weights, first, largest) in rows {
        for (rule, expected) in [(RemainderRule::FirstGets, first), (RemainderRule::LargestRemainder, largest)] {
            let parts = split(amount(total), weights, rule).unwrap();
            let parts: Vec<u64> = parts.into_iter().map(Amount::minor).collect();
            assert_eq!(parts, expected, "{total} by {weights:?}, {rule:?}");
        }
    }
    for weights in [&[][..], &[0], &[0, 0]] {
        assert_eq!(split(amount(5), weights, RemainderRule::FirstGets), Err(MoneyError::WeightsZero));
    }
}

#[test]
fn shares_of_refunds() {
    let max = Amount::MAX_MINOR;
    // paid, refunded so far, total, share so far
    let rows = [
        (100, 0, 3, 0),
        (100, 1, 3, 33),
        (100, 2, 3, 67),
        (100, 3, 3, 100),
        (1, 1, 2, 1),
        (5, 1, 10, 1),
        (5, 3, 10, 2),
        (4, 1, 10, 0),
        (0, 5, 10, 0),
        (max, max, max, max),
        (max, 1, max, 1),
    ];
    for (paid, part, total, share) in rows {
        let found = cumulative_share(amount(paid), amount(part), amount(total));
        assert_eq!(found, Ok(amount(share)), "{paid} x {part} / {total}");
    }
    let refused = |part, total| cumulative_share(amount(9), amount(part), amount(total)).unwrap_err();
    assert_eq!(refused(4, 3), MoneyError::PartAboveTotal);
    assert_eq!(refused(0, 0), MoneyError::DivisionByZero);
}

#[test]
fn cbor_of_rules() {
    assert_cbor(Rounding::Down, &[0]);
    assert_cbor(Rounding::Up, &[1]);
    assert_cbor(Rounding::HalfUp, &[2]);
    assert_cbor(Rounding::HalfEven, &[3]);
    assert_cbor(RemainderRule::FirstGets, &[0]);
    assert_cbor(RemainderRule::LargestRemainder, &[1]);
    assert!(minicbor::decode::<Rounding>(&[4]).is_err());
    assert!(minicbor::decode::<RemainderRule>(&[2]).is_err());
}
