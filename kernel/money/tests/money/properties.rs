//! Properties on pseudo-random input from fixed seeds.

use sycee_money::{Amount, Currency, Money, MoneyError, Rate, RemainderRule, Rounding, cumulative_share, split};

use crate::amount;

/// A linear congruential generator (Knuth's MMIX constants); its upper half is good enough to pick test input.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        let mut half = || {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            self.0 >> 32
        };
        (half() << 32) | half()
    }

    /// Below `bound`.
    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Up to `max`, of any magnitude: small numbers are as likely as large ones.
    fn magnitude(&mut self, max: u64) -> u64 {
        let shift = self.below(64);
        (self.next() >> shift) % (max + 1)
    }
}

#[test]
fn splits_add_up_and_are_fair() {
    let mut random = Random(1);
    for _ in 0..20_000 {
        let total = random.magnitude(Amount::MAX_MINOR);
        let count = 1 + random.below(12);
        let mut weights: Vec<u64> = (0..count).map(|_| random.magnitude(u64::MAX - 1)).collect();
        weights[0] += 1; // never all zero
        let sum: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
        for rule in [RemainderRule::FirstGets, RemainderRule::LargestRemainder] {
            let parts = split(amount(total), &weights, rule).unwrap();
            assert_eq!(parts.len(), weights.len());
            assert_eq!(parts.iter().map(|part| part.minor()).sum::<u64>(), total);
            for (part, weight) in parts.iter().zip(&weights) {
                let floor = u128::from(total) * u128::from(*weight) / sum;
                let extra = u128::from(part.minor()) - floor;
                let extra_max = if rule == RemainderRule::FirstGets { u128::from(count) } else { 1 };
                assert!(extra <= extra_max, "{total} by {weights:?}, {rule:?}");
                assert!(*weight != 0 || part.is_zero());
            }
        }
    }
}

#[test]
fn refunds_in_parts_return_exactly_what_was_paid() {
    let mut random = Random(2);
    for _ in 0..5_000 {
        let paid = amount(random.magnitude(Amount::MAX_MINOR));
        let total = amount(1 + random.magnitude(Amount::MAX_MINOR - 1));
        let (mut refunded, mut returned) = (Amount::ZERO, Amount::ZERO);
        for step in 0..40 {
            let left = total.checked_sub(refunded).unwrap();
            let part = if step == 39 { left } else { amount(random.magnitude(left.minor())) };
            refunded = refunded.checked_add(part).unwrap();
            let share = cumulative_share(paid, refunded, total).unwrap();
            assert!(share >= returned && share <= paid, "{paid:?} {refunded:?} {total:?}");
            let this_time = share.checked_sub(returned).unwrap();
            returned = returned.checked_add(this_time).unwrap();
            // Never further than half a minor unit from the exact share.
            let exact = u128::from(paid.minor()) * u128::from(refunded.minor());
            let given = u128::from(share.minor()) * u128::from(total.minor());
            assert!(exact.abs_diff(given) * 2 <= u128::from(total.minor()));
        }
        assert_eq!(returned, paid);
    }
}

#[test]
fn decimals_go_there_and_back_in_every_currency() {
    let mut random = Random(3);
    for currency in Currency::all() {
        let edges = [0, 1, 9, 10, 99, 100, 999, 1000, 9999, 10_000, Amount::MAX_MINOR];
        let picked = (0..200).map(|_| random.magnitude(Amount::MAX_MINOR));
        for minor in edges.into_iter().chain(picked) {
            let money = Money { amount: amount(minor), currency };
            let text = money.to_decimal();
            let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            assert_eq!(decimals, usize::from(currency.minor_digits()), "{text}");
            assert_eq!(text.replace('.', "").parse(), Ok(minor), "{text}");
            assert_eq!(Money::parse_decimal(&text, currency), Ok(money));

            let two = money.to_decimal_two();
            let decimals = two.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            assert_eq!(decimals, usize::from(currency.minor_digits()).max(2), "{two}");
            assert_eq!(Money::parse_decimal(&two, currency), Ok(money));

            let bytes = minicbor::to_vec(money).unwrap();
            assert_eq!(minicbor::decode::<Money>(&bytes).unwrap(), money);
        }
    }
}

#[test]
fn any_text_is_either_read_exactly_or_refused() {
    const ALPHABET: [char; 20] =
        ['0', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.', '.', 'e', 'E', '-', '+', ' ', ',', '€'];
    let mut random = Random(4);
    let currencies: Vec<_> = Currency::all().collect();
    let mut accepted = 0;
    for round in 0..100_000 {
        // Half of the rounds draw only from digits and points, or hardly any text would be a number.
        let letters = if round % 2 == 0 { 13 } else { ALPHABET.len() };
        let length = random.below(36);
        let text: String = (0..length).map(|_| ALPHABET[usize::try_from(random.next()).unwrap() % letters]).collect();
        let currency = currencies[usize::try_from(random.next()).unwrap() % currencies.len()];
        let _ = Rate::parse_decimal(&text);
        let Ok(money) = Money::parse_decimal(&text, currency) else { continue };
        accepted += 1;
        let trimmed = |text: &str| {
            let text = text.trim_start_matches('0');
            if text.contains('.') {
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            } else {
                text.to_owned()
            }
        };
        assert_eq!(trimmed(&text), trimmed(&money.to_decimal()), "{text} {currency}");
    }
    assert!(accepted > 1000, "only {accepted} texts were numbers");
}

#[test]
fn any_bytes_are_either_decoded_or_refused() {
    let mut random = Random(5);
    for _ in 0..100_000 {
        let mut bytes = random.next().to_be_bytes().to_vec();
        bytes.extend(random.next().to_be_bytes());
        bytes[0] = if random.below(2) == 0 { 0x82 } else { bytes[0] };
        if let Ok(money) = minicbor::decode::<Money>(&bytes) {
            assert!(money.amount <= Amount::MAX && !money.currency.code().is_empty());
        }
        if let Ok(rate) = minicbor::decode::<Rate>(&bytes) {
            assert_eq!(Rate::new(rate.numerator(), rate.denominator()), Ok(rate));
        }
    }
}

#[test]
fn conversions_lose_nothing() {
    let mut random = Random(6);
    let currencies: Vec<_> = Currency::all().collect();
    let pick = |random: &mut Random| currencies[usize::try_from(random.next()).unwrap() % currencies.len()];
    let power = |currency: Currency| 10_i128.pow(u32::from(currency.minor_digits()));
    let mut converted_count = 0;
    for _ in 0..20_000 {
        // Small enough that the check itself fits 128 bits: 2^40 x 2^30 x 2^14 x 2^44.
        let from = Money { amount: amount(random.magnitude(1 << 40)), currency: pick(&mut random) };
        let to = pick(&mut random);
        let rate = Rate::new(1 + random.magnitude(1 << 30), 1 + random.magnitude(1 << 30)).unwrap();
        for rounding in [Rounding::Down, Rounding::Up, Rounding::HalfUp, Rounding::HalfEven] {
            let converted = match rate.convert(from, to, rounding) {
                Ok(converted) => converted,
                Err(error) => {
                    assert_eq!(error, MoneyError::AmountTooLarge);
                    continue;
                }
            };
            converted_count += 1;
            let (numerator, denominator) =
                (converted.residual_numerator, i128::try_from(converted.residual_denominator).unwrap());
            // from x rate x 10^to / 10^from = money + numerator / denominator, multiplied out
            let exact = i128::from(from.amount.minor()) * i128::from(rate.numerator()) * power(to);
            let unit = i128::from(rate.denominator()) * power(from.currency);
            let given = i128::from(converted.money.amount.minor()) * denominator + numerator;
            assert_eq!(unit % denominator, 0);
            assert_eq!(given * (unit / denominator), exact, "{from} at {rate} to {to}");
            assert_eq!(converted.money.currency, to);
            let in_bounds = match rounding {
                Rounding::Down => (0..denominator).contains(&numerator),
                Rounding::Up => (1 - denominator..=0).contains(&numerator),
                Rounding::HalfUp | Rounding::HalfEven => numerator.abs() * 2 <= denominator,
            };
            assert!(in_bounds, "{numerator}/{denominator} by {rounding:?}");
        }
    }
    assert!(converted_count > 40_000, "only {converted_count} conversions were in range");
}
