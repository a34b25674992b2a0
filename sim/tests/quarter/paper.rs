//! The network's books on paper: what each payment, refund and exchange must make of its positions and its income, computed
//! here with plain integers.

use std::collections::BTreeMap;

use sycee_interop::quote::Split;
use sycee_money::Currency;

/// A currency, and the one that it stands against.
pub type Pair = (Currency, Currency);

/// What the day's rate of a pair is: numerator and denominator in minor units of both.
#[derive(Clone, Copy)]
pub struct DayRate {
    pub numerator: u128,
    pub denominator: u128,
}

impl DayRate {
    /// Converts, halves to the even neighbour.
    pub fn half_even(self, minor: u64) -> i128 {
        let product = u128::from(minor) * self.numerator;
        let (whole, rest) = (product / self.denominator, product % self.denominator);
        let up = 2 * rest > self.denominator || (2 * rest == self.denominator && whole % 2 == 1);
        i128::try_from(whole + u128::from(up)).unwrap()
    }

    /// Converts, up.
    pub fn up(self, minor: u64) -> u64 {
        u64::try_from((u128::from(minor) * self.numerator).div_ceil(self.denominator)).unwrap()
    }
}

#[derive(Default)]
pub struct Paper {
    pub position: BTreeMap<Pair, i128>,
    pub margin: BTreeMap<Currency, i128>,
    pub residual: BTreeMap<Currency, i128>,
    pub fee: BTreeMap<Currency, i128>,
    pub result: BTreeMap<Currency, i128>,
    /// What participants owe the network for all payments and refunds, less what it owes them, by currency.
    pub traded: BTreeMap<Currency, i128>,
}

fn minor(amount: sycee_money::Amount) -> i128 {
    i128::from(amount.minor())
}

/// round(of × part ÷ whole), halves up.
fn share(of: i128, part: u64, whole: u64) -> i128 {
    let (part, whole) = (i128::from(part), i128::from(whole));
    (2 * of * part + whole) / (2 * whole)
}

impl Paper {
    pub fn paid(&mut self, split: &Split) {
        let (payer, payee) = (split.total.currency, split.payee.currency);
        *self.position.entry((payer, payee)).or_default() += minor(split.mid);
        *self.position.entry((payee, payer)).or_default() -= minor(split.payee.amount);
        *self.margin.entry(payer).or_default() += minor(split.margin);
        *self.residual.entry(payer).or_default() += minor(split.residual);
        *self.fee.entry(payer).or_default() += minor(split.fee);
        *self.traded.entry(payer).or_default() += minor(split.total.amount);
        *self.traded.entry(payee).or_default() -= minor(split.payee.amount);
    }

    /// A refund of a part, after refunds of `before_minor`; `today` is the rate of its day. Gives back what the payer gets.
    pub fn refunded(&mut self, split: &Split, before_minor: u64, part_minor: u64, today: DayRate) -> i128 {
        let (payer, payee) = (split.total.currency, split.payee.currency);
        let whole = split.payee.amount.minor();
        let of = |of| share(minor(of), before_minor + part_minor, whole) - share(minor(of), before_minor, whole);
        let (total, mid, margin, fee) = (of(split.total.amount), of(split.mid), of(split.margin), of(split.fee));
        let worth_today = today.half_even(part_minor);
        *self.position.entry((payer, payee)).or_default() -= worth_today;
        *self.position.entry((payee, payer)).or_default() += i128::from(part_minor);
        *self.result.entry(payer).or_default() -= mid - worth_today;
        *self.margin.entry(payer).or_default() -= margin;
        *self.fee.entry(payer).or_default() -= fee;
        *self.residual.entry(payer).or_default() -= total - mid - margin - fee;
        *self.traded.entry(payer).or_default() -= total;
        *self.traded.entry(payee).or_default() += i128::from(part_minor);
        total
    }

    /// So much of one currency was given for so much of another; a position that is square then shows its result.
    pub fn exchanged(&mut self, (given, given_minor): (Currency, u64), (got, got_minor): (Currency, u64)) {
        let long = self.position.entry((given, got)).or_default();
        *long -= i128::from(given_minor);
        let left = *long;
        let short = self.position.entry((got, given)).or_default();
        *short += i128::from(got_minor);
        if *short == 0 {
            *self.result.entry(given).or_default() += left;
            self.position.insert((given, got), 0);
        }
    }
}
