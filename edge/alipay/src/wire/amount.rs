//! Amounts as the wire writes them: decimal text in the merchant's currency.
//!
//! Source: Alipay Open Platform, every method of section "trade": two decimals, from 0.01 to 100000000.

use sycee_money::{Currency, Money};

/// The largest amount of a request, in major units.
const AMOUNT_MAX: &str = "100000000";
/// The smallest amount of a request, in major units, where the currency has such a part.
const AMOUNT_MIN: &str = "0.01";

/// Why an amount is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AmountError {
    /// It is not plain decimal digits, or has more decimals than the currency.
    NotAnAmount,
    /// It is below 0.01 (or the currency's smallest unit, if larger) or above 100000000.
    OutOfRange,
}

/// Reads an amount from the raw token that came, exactly; no float is ever made of it.
///
/// # Errors
/// [`AmountError`], which says whether form or range is wrong.
pub fn parse_amount(token: &str, currency: Currency) -> Result<Money, AmountError> {
    let money = Money::parse_decimal(token, currency).map_err(|error| match error {
        sycee_money::MoneyError::AmountTooLarge => AmountError::OutOfRange,
        _ => AmountError::NotAnAmount,
    })?;
    let above_max = Money::parse_decimal(AMOUNT_MAX, currency).is_ok_and(|max| money.amount > max.amount);
    // A currency without hundredths cannot express the least amount; there its smallest unit is the least.
    let below_min = match Money::parse_decimal(AMOUNT_MIN, currency) {
        Ok(min) => money.amount < min.amount,
        Err(_) => money.amount.is_zero(),
    };
    if above_max || below_min {
        return Err(AmountError::OutOfRange);
    }
    Ok(money)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_or_refused() {
        let (cny, jpy, kwd) = (Currency::CNY, Currency::JPY, Currency::KWD);
        let cases = [
            ("0.01", cny, Ok(1)),
            ("88.88", cny, Ok(8_888)),
            ("88.8", cny, Ok(8_880)),
            ("88", cny, Ok(8_800)),
            ("1.10", cny, Ok(110)),
            ("100000000", cny, Ok(10_000_000_000)),
            ("100000000.00", cny, Ok(10_000_000_000)),
            ("9007199.31", cny, Ok(900_719_931)),
            ("100000000.01", cny, Err(AmountError::OutOfRange)),
            ("0", cny, Err(AmountError::OutOfRange)),
            ("0.00", cny, Err(AmountError::OutOfRange)),
            ("99999999999999999999", cny, Err(AmountError::OutOfRange)),
            ("0.001", cny, Err(AmountError::NotAnAmount)),
            ("0.30000000000000004", cny, Err(AmountError::NotAnAmount)),
            ("-1", cny, Err(AmountError::NotAnAmount)),
            ("+1", cny, Err(AmountError::NotAnAmount)),
            ("1e2", cny, Err(AmountError::NotAnAmount)),
            ("1,00", cny, Err(AmountError::NotAnAmount)),
            (" 1", cny, Err(AmountError::NotAnAmount)),
            ("", cny, Err(AmountError::NotAnAmount)),
            ("NaN", cny, Err(AmountError::NotAnAmount)),
            ("１", cny, Err(AmountError::NotAnAmount)),
            ("1000.00", jpy, Ok(1_000)),
            ("1", jpy, Ok(1)),
            ("0.01", jpy, Err(AmountError::NotAnAmount)),
            ("0.00", jpy, Err(AmountError::OutOfRange)),
            ("1.25", kwd, Ok(1_250)),
            ("0.01", kwd, Ok(10)),
            ("0.009", kwd, Err(AmountError::OutOfRange)),
        ];
        for (token, currency, expected) in cases {
            let found = parse_amount(token, currency).map(|money| money.amount.minor());
            assert_eq!(found, expected, "{token} {currency}");
        }
    }
}
