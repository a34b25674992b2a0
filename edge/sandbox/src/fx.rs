//! How a payment to another cell is explained: what the payer pays, part by part.

use serde::Serialize;
use sycee_interop::quote::{Quote, rate_text};
use sycee_money::{Amount, Money, Rate};

use crate::json::{self, MoneyJson};

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
        let split = &quote.split;
        Self {
            rate: rate_text(quote.rate),
            rate_fraction: quote.rate.to_decimal().is_none().then(|| fraction(quote.rate)),
            margin: format!("{}.{:04}", quote.margin_bps / 10_000, quote.margin_bps % 10_000),
            source: quote.rate_source.clone(),
            rate_at: json::instant(quote.rate_at_ns),
            customer_rate: quote.customer_rate_text(),
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

fn fraction(rate: Rate) -> String {
    format!("{}/{}", rate.numerator(), rate.denominator())
}
