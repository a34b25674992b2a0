//! How a payment to another cell is explained: what the payer pays, part by part.

use serde::Serialize;
use sycee_interop::quote::{Quote, Terms, customer_rate};
use sycee_money::{Amount, Money, Rate};

use crate::json::{self, MoneyJson};

/// Decimals of a rate that has no finite decimal form.
const RATE_DECIMALS: u32 = 18;

/// A quote's parts. README.md says how they recompute.
#[derive(Serialize)]
pub(crate) struct FxJson {
    /// Mid-market: how many of the payer's currency one of the payee's buys.
    rate: String,
    /// The same as a fraction, if the decimal number is cut off.
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_fraction: Option<String>,
    /// What the network adds, as a fraction of one.
    margin: String,
    /// Who says the rate.
    source: String,
    /// As of when.
    rate_at: String,
    /// The rate with the margin.
    customer_rate: String,
    /// The price at mid-market, rounded down, in the payer's currency.
    mid_minor: u64,
    /// The margin on that, rounded down.
    margin_minor: u64,
    /// What rounding left.
    residual_minor: u64,
}

impl FxJson {
    pub fn of(quote: &Quote) -> Self {
        let terms = Terms { rate: quote.rate, margin_bps: quote.margin_bps, fee_bps: 0 };
        let split = &quote.split;
        Self {
            rate: decimal(quote.rate),
            rate_fraction: quote.rate.to_decimal().is_none().then(|| fraction(quote.rate)),
            margin: format!("{}.{:04}", quote.margin_bps / 10_000, quote.margin_bps % 10_000),
            source: quote.rate_source.clone(),
            rate_at: json::instant(quote.rate_at_ns),
            // A quote exists only if its terms were in range.
            customer_rate: customer_rate(terms).map(decimal).unwrap_or_default(),
            mid_minor: split.mid.minor(),
            margin_minor: split.margin.minor(),
            residual_minor: split.residual.minor(),
        }
    }
}

/// The payer's fee, if there is one.
pub(crate) fn fee(quote: &Quote) -> Option<MoneyJson> {
    let Money { currency, .. } = quote.split.total;
    (quote.split.fee != Amount::ZERO).then(|| MoneyJson(Money::new(quote.split.fee, currency)))
}

/// A rate as a decimal number: exact if it has a finite form, otherwise cut off after 18 decimals.
pub(crate) fn decimal(rate: Rate) -> String {
    rate.to_decimal().unwrap_or_else(|| {
        let (numerator, denominator) = (u128::from(rate.numerator()), u128::from(rate.denominator()));
        let whole = numerator / denominator;
        // Below 2^64 × 10^18, which 128 bits hold.
        let rest = (numerator % denominator) * 10_u128.pow(RATE_DECIMALS) / denominator;
        format!("{whole}.{rest:018}")
    })
}

fn fraction(rate: Rate) -> String {
    format!("{}/{}", rate.numerator(), rate.denominator())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_exact_or_cut_off() {
        for (numerator, denominator, expected) in [
            (1, 1, "1"),
            (380_125, 10_000, "38.0125"),
            (1, 3, "0.333333333333333333"),
            (200, 3, "66.666666666666666666"),
            (u64::MAX, u64::MAX - 1, "1.000000000000000000"),
        ] {
            assert_eq!(decimal(Rate::new(numerator, denominator).unwrap()), expected);
        }
    }
}
