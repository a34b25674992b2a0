//! Rates that are made up, for the sandbox: they move a little, the same way on every machine.

use sycee_interop::command::RateOfPair;
use sycee_money::{Currency, MoneyError, Rate};
use xxhash_rust::xxh3::xxh3_64;

/// Dollars for one unit of each currency.
const FIGURES: &str = include_str!("simulated_usd.csv");
/// How far a currency wanders from its figure, either way, millionths.
const SWING_PPM: u64 = 8_000;
/// Between two instants of this distance a currency moves in a straight line, seconds.
const KNOT_SECONDS: u64 = 6 * 3_600;
/// Decimals of a rate of one and more, and of a smaller one.
const DECIMALS: [u32; 2] = [8, 11];

/// A currency, and how many billionths of a dollar one unit is worth.
type Worth = (Currency, u128);

/// Every pair of the currencies of `FIGURES` as of an instant.
///
/// # Errors
/// [`MoneyError`]: a figure is no rate, which the tests rule out.
pub fn rates(at_ns: u64) -> Result<Vec<RateOfPair>, MoneyError> {
    let worths: Vec<Worth> =
        figures()?.into_iter().map(|(currency, worth)| (currency, moved(currency, worth, at_ns))).collect();
    let mut rates = Vec::with_capacity(worths.len() * worths.len());
    for (base, base_worth) in &worths {
        for (counter, counter_worth) in worths.iter().filter(|(counter, _)| counter != base) {
            rates.push(RateOfPair { base: *base, counter: *counter, rate: quotient(*base_worth, *counter_worth)? });
        }
    }
    Ok(rates)
}

fn figures() -> Result<Vec<Worth>, MoneyError> {
    let lines = FIGURES.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let (code, worth) = line.split_once(',').ok_or(MoneyError::RateNotPositive)?;
            let currency = Currency::from_code(code).ok_or(MoneyError::RateNotPositive)?;
            let rate = Rate::parse_decimal(worth)?;
            let billionths = u128::from(rate.numerator()) * 1_000_000_000 / u128::from(rate.denominator());
            Ok((currency, billionths))
        })
        .collect()
}

/// Where a currency has wandered to.
fn moved(currency: Currency, worth: u128, at_ns: u64) -> u128 {
    let seconds = at_ns / 1_000_000_000;
    let (knot, within) = (seconds / KNOT_SECONDS, seconds % KNOT_SECONDS);
    let swing = |knot: u64| {
        let name = format!("{} {knot}", currency.code());
        u128::from(xxh3_64(name.as_bytes()) % (2 * SWING_PPM + 1))
    };
    let (from, to) = (swing(knot), swing(knot + 1));
    let (length, within) = (u128::from(KNOT_SECONDS), u128::from(within));
    let ppm = (from * (length - within) + to * within) / length;
    worth * (1_000_000 - u128::from(SWING_PPM) + ppm) / 1_000_000
}

/// How many of the second one of the first buys, as a decimal number of a sensible length.
fn quotient(base: u128, counter: u128) -> Result<Rate, MoneyError> {
    let decimals = if base >= counter { DECIMALS[0] } else { DECIMALS[1] };
    let power = 10_u64.pow(decimals);
    let scaled = u64::try_from(base * u128::from(power) / counter).map_err(|_| MoneyError::RateTooLarge)?;
    Rate::new(scaled, power)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_NS: u64 = 3_600_000_000_000;

    #[test]
    fn pairs_agree_with_each_other_and_stay_near_their_figures() {
        // 2026-11-23T00:00:00Z.
        let start_ns = 1_795_392_000_000_000_000;
        for hour in (0..2_000).step_by(7) {
            let rates = rates(start_ns + hour * HOUR_NS).unwrap();
            assert_eq!(rates.len(), 7 * 6);
            let of = |base: &str, counter: &str| {
                let pair = |pair: &&RateOfPair| (pair.base.code(), pair.counter.code()) == (base, counter);
                let rate = rates.iter().find(pair).unwrap().rate;
                u128::from(rate.numerator()) * 1_000_000_000_000 / u128::from(rate.denominator())
            };
            for (base, counter, figure) in [("EUR", "THB", 37.93), ("HKD", "KRW", 177.78), ("EUR", "USD", 1.1)] {
                let there = of(base, counter);
                let expected = (figure * 1e12) as u128;
                assert!(there.abs_diff(expected) * 50 < expected, "hour {hour} {base}/{counter}: {there}");
                let back = of(counter, base);
                assert!(
                    (there * back / 1_000_000_000_000).abs_diff(1_000_000_000_000) < 1_000_000,
                    "hour {hour} {base}"
                );
            }
        }
    }

    #[test]
    fn rates_move_and_are_the_same_again() {
        let at = |hour: u64| rates(hour * HOUR_NS).unwrap();
        assert_eq!(at(1), at(1));
        assert_ne!(at(1), at(2));
    }
}
