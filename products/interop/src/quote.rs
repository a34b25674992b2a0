//! Quotes: what a payment in the payer's currency costs, and how every minor unit of it is explained.
//!
//! A price of `p` in the shop's currency, a mid-market rate `r` (payer's currency for one of the shop's) and a margin of `m`
//! basis points give, in minor units of the payer's currency:
//!
//! | part | is |
//! |---|---|
//! | mid | `p × r`, rounded down |
//! | margin | `mid × m ÷ 10 000`, rounded down |
//! | converted | `p × r × (1 + m ÷ 10 000)`, rounded up |
//! | residual | converted − mid − margin: what rounding left, 0 to 3 |
//! | fee | `converted × fee bps ÷ 10 000`, halves up |
//! | total | converted + fee: what the payer pays |
//!
//! Where the payer's side is given instead (a transfer of so much), the payee gets `given ÷ (r × (1 + m ÷ 10 000))`, rounded
//! down, and the same parts explain what was given; the residual is then up to a minor unit of the payee's currency.

use alloc::format;
use alloc::string::String;

use minicbor::{Decode, Encode};
use sycee_money::{Amount, Currency, Money, MoneyError, Rate, Rounding, cumulative_share, share_bps};

/// One whole in basis points.
const WHOLE_BPS: u32 = 10_000;

/// Whom a payment across cells is for.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Target {
    /// An order of a shop.
    #[n(0)]
    Order {
        /// The order's id in its cell.
        #[n(0)]
        order: u64,
    },
    /// A shop, by its printed code; the payer typed the amount.
    #[n(1)]
    Merchant {
        /// The merchant's party number.
        #[n(0)]
        merchant: u64,
        /// The store; the merchant's first one if `None`.
        #[n(1)]
        store: Option<u64>,
        /// What the code or the payer says of it; may be empty.
        #[n(2)]
        reference: String,
    },
    /// A customer, who is sent money.
    #[n(2)]
    Customer {
        /// The customer's party number.
        #[n(0)]
        customer: u64,
    },
}

/// A rate and what the network adds to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Terms {
    /// Mid-market: how many of the payer's currency one of the payee's buys.
    pub rate: Rate,
    /// The network's margin, basis points.
    pub margin_bps: u32,
    /// The payer's fee, basis points.
    pub fee_bps: u32,
}

/// What a payer pays, in parts that add up. All but `payee` are in the payer's currency.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Split {
    /// What the payee gets.
    #[n(0)]
    pub payee: Money,
    /// What the payer pays.
    #[n(1)]
    pub total: Money,
    /// The price at mid-market.
    #[n(2)]
    pub mid: Amount,
    /// The network's margin.
    #[n(3)]
    pub margin: Amount,
    /// What rounding left.
    #[n(4)]
    pub residual: Amount,
    /// The payer's fee.
    #[n(5)]
    pub fee: Amount,
}

/// A quote: the network's word, for one payment, to one wallet. It is signed as the message that brought it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Quote {
    /// The network's id of it.
    #[n(0)]
    pub id: u64,
    /// The network's cell.
    #[n(1)]
    pub network: u16,
    /// The payer's cell: nobody else may use it.
    #[n(2)]
    pub origin: u16,
    /// The payee's cell.
    #[n(3)]
    pub destination: u16,
    /// The payer's party number.
    #[n(4)]
    pub payer: u64,
    /// Whom it pays.
    #[n(5)]
    pub target: Target,
    /// Both amounts and their parts.
    #[n(6)]
    pub split: Split,
    /// Mid-market: how many of the payer's currency one of the payee's buys.
    #[n(7)]
    pub rate: Rate,
    /// Who said so.
    #[n(8)]
    pub rate_source: String,
    /// As of when, UTC nanoseconds.
    #[n(9)]
    pub rate_at_ns: u64,
    /// The network's margin, basis points.
    #[n(10)]
    pub margin_bps: u32,
    /// Until when the payer's cell may hold the money for it, by its stamp, UTC nanoseconds.
    #[n(11)]
    pub expires_at_ns: u64,
    /// Whether refunds return the fee in proportion.
    #[n(12)]
    pub fee_returned: bool,
}

/// What a refund of a part returns to the payer, and which part of the payment each share comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Shares {
    /// To the payer, minor units: the sum of all below.
    pub total_minor: i128,
    /// At mid-market on the day of payment.
    pub mid_minor: i128,
    /// Of the margin.
    pub margin_minor: i128,
    /// Of what rounding left; may be below zero.
    pub residual_minor: i128,
    /// Of the fee.
    pub fee_minor: i128,
}

impl Split {
    /// The converted price: what is paid without the fee.
    ///
    /// # Errors
    /// [`MoneyError`] if the parts are not a split.
    pub fn converted(&self) -> Result<Amount, MoneyError> {
        self.total.amount.checked_sub(self.fee)
    }

    /// What the payer pays for `payee` to be paid.
    ///
    /// # Errors
    /// [`MoneyError`]: an amount or the rate leaves its range.
    pub fn for_payee(payee: Money, currency: Currency, terms: Terms) -> Result<Self, MoneyError> {
        let mid = mid(payee, currency, terms.rate)?;
        let (margin, converted) = if currency == payee.currency && terms.rate == Rate::ONE {
            (Amount::ZERO, payee.amount)
        } else {
            let customer = customer_rate(terms)?;
            let converted = customer.convert(payee, currency, Rounding::Up)?.money.amount;
            (share_bps(mid, terms.margin_bps, Rounding::Down)?, converted)
        };
        let fee = share_bps(converted, terms.fee_bps, Rounding::HalfUp)?;
        let residual = converted.checked_sub(mid)?.checked_sub(margin)?;
        let total = Money::new(converted.checked_add(fee)?, currency);
        Ok(Self { payee, total, mid, margin, residual, fee })
    }

    /// What the payee gets of `total`.
    ///
    /// # Errors
    /// [`MoneyError`]: an amount or the rate leaves its range.
    pub fn of_total(total: Money, currency: Currency, terms: Terms) -> Result<Self, MoneyError> {
        let fee = share_bps(total.amount, terms.fee_bps, Rounding::HalfUp)?;
        let converted = Money::new(total.amount.checked_sub(fee)?, total.currency);
        let same = currency == total.currency && terms.rate == Rate::ONE;
        let payee = if same {
            Money::new(converted.amount, currency)
        } else {
            customer_rate(terms)?.inverse().convert(converted, currency, Rounding::Down)?.money
        };
        let mid = mid(payee, total.currency, terms.rate)?;
        let margin = if same { Amount::ZERO } else { share_bps(mid, terms.margin_bps, Rounding::Down)? };
        let residual = converted.amount.checked_sub(mid)?.checked_sub(margin)?;
        Ok(Self { payee, total, mid, margin, residual, fee })
    }

    /// What refunds up to `after` of the price return beyond those up to `before`. After refunds of `c` in all,
    /// round(paid × c ÷ price) has been returned in all, and likewise of every part; the residual takes what rounding leaves.
    ///
    /// # Errors
    /// [`MoneyError`] if `after` is more than the price.
    pub fn shares(&self, before: Amount, after: Amount, fee_returned: bool) -> Result<Shares, MoneyError> {
        let upto = self.shares_upto(after, fee_returned)?;
        let earlier = self.shares_upto(before, fee_returned)?;
        Ok(Shares {
            total_minor: upto.total_minor.saturating_sub(earlier.total_minor),
            mid_minor: upto.mid_minor.saturating_sub(earlier.mid_minor),
            margin_minor: upto.margin_minor.saturating_sub(earlier.margin_minor),
            residual_minor: upto.residual_minor.saturating_sub(earlier.residual_minor),
            fee_minor: upto.fee_minor.saturating_sub(earlier.fee_minor),
        })
    }

    fn shares_upto(&self, refunded: Amount, fee_returned: bool) -> Result<Shares, MoneyError> {
        let price = self.payee.amount;
        let share =
            |of: Amount| -> Result<i128, MoneyError> { Ok(i128::from(cumulative_share(of, refunded, price)?.minor())) };
        let fee_minor = if fee_returned { share(self.fee)? } else { 0 };
        let paid = if fee_returned { self.total.amount } else { self.converted()? };
        let total_minor = share(paid)?;
        let (mid_minor, margin_minor) = (share(self.mid)?, share(self.margin)?);
        let explained = mid_minor.saturating_add(margin_minor).saturating_add(fee_minor);
        let residual_minor = total_minor.saturating_sub(explained);
        Ok(Shares { total_minor, mid_minor, margin_minor, residual_minor, fee_minor })
    }
}

/// The price at mid-market, rounded down.
fn mid(payee: Money, currency: Currency, rate: Rate) -> Result<Amount, MoneyError> {
    Ok(rate.convert(payee, currency, Rounding::Down)?.money.amount)
}

/// The rate that the payer sees: mid-market and the margin.
///
/// # Errors
/// [`MoneyError::RateTooLarge`].
pub fn customer_rate(terms: Terms) -> Result<Rate, MoneyError> {
    let with_margin = u64::from(WHOLE_BPS.saturating_add(terms.margin_bps));
    let numerator = terms.rate.numerator().checked_mul(with_margin).ok_or(MoneyError::RateTooLarge)?;
    let denominator = terms.rate.denominator().checked_mul(u64::from(WHOLE_BPS)).ok_or(MoneyError::RateTooLarge)?;
    Rate::new(numerator, denominator)
}

/// Decimals of a rate that has no finite decimal form.
const RATE_DECIMALS: u32 = 18;

/// A rate as a decimal number: exact if it has a finite form, otherwise cut off after 18 decimals.
#[must_use]
pub fn rate_text(rate: Rate) -> String {
    rate.to_decimal().unwrap_or_else(|| {
        let (numerator, denominator) = (u128::from(rate.numerator()), u128::from(rate.denominator()));
        let whole = numerator.checked_div(denominator).unwrap_or_default();
        // Below 2^64 × 10^18, which 128 bits hold.
        let rest = numerator.checked_rem(denominator).unwrap_or_default();
        let rest = rest.saturating_mul(10_u128.saturating_pow(RATE_DECIMALS)).checked_div(denominator);
        format!("{whole}.{:018}", rest.unwrap_or_default())
    })
}

impl Quote {
    /// The rate that the payer pays, as a decimal number: mid-market and the margin.
    #[must_use]
    pub fn customer_rate_text(&self) -> String {
        // A quote exists only if its terms were in range.
        let terms = Terms { rate: self.rate, margin_bps: self.margin_bps, fee_bps: 0 };
        customer_rate(terms).map(rate_text).unwrap_or_default()
    }

    /// Whether its parts are what its rate and margin make of its price: recomputed, not believed. `fee_bps` is not in the
    /// quote, so the fee is only checked to be a part.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let terms = Terms { rate: self.rate, margin_bps: self.margin_bps, fee_bps: 0 };
        let Split { payee, total, mid, margin, residual, fee } = self.split;
        let parts =
            mid.checked_add(margin).and_then(|sum| sum.checked_add(residual)).and_then(|sum| sum.checked_add(fee));
        if parts != Ok(total.amount) {
            return false;
        }
        let converted = |amount| Money::new(amount, total.currency);
        match self.target {
            Target::Customer { .. } => total
                .amount
                .checked_sub(fee)
                .and_then(|paid| Split::of_total(converted(paid), payee.currency, terms))
                .is_ok_and(|own| own.payee == payee && own.mid == mid && own.margin == margin),
            Target::Order { .. } | Target::Merchant { .. } => Split::for_payee(payee, total.currency, terms)
                .is_ok_and(|own| own.mid == mid && own.margin == margin && own.residual == residual),
        }
    }
}
