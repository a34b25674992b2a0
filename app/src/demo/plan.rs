//! What happens in the demo's weeks: a pure function of a seed and of the first day. What the server makes of it (rates,
//! numbers, instants to the millisecond) is not in it.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use sycee_contract::Random;

use super::people::{CORRIDORS, CUSTOMERS, MARKETS, SHOPS, Shop, market_of};

const DAY_SECONDS: u64 = 86_400;
const HOUR_SECONDS: u64 = 3_600;
/// When shops open, by their own clock.
const OPENS_SECONDS: u64 = 9 * HOUR_SECONDS;
/// For how long.
const OPEN_SECONDS: u64 = 11 * HOUR_SECONDS;
/// When the bank's word comes in, UTC.
const BANK_SECONDS: u64 = 10 * HOUR_SECONDS;
/// What somebody wants to buy who has not nearly enough, US dollars.
const FAR_TOO_MUCH_USD: u64 = 4_000;
/// The planner's guess of a price in the payer's currency is this much too high, percent: margin, rounding, moving rates.
const GUESS_PERCENT: u64 = 105;
/// How often another payer is looked for when one has not enough left.
const PICKS_MAX: u32 = 8;

/// A payment's place in [`Plan::payments`], for refunds of it.
pub type Payment = usize;

/// One thing that somebody does. People and shops are named by their places in the tables.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    /// A customer scans a shop's printed code and types an amount of the shop's currency.
    Scan {
        /// Which payment this is.
        payment: Payment,
    },
    /// A shop scans the code that a customer shows.
    Collect {
        /// Which payment this is.
        payment: Payment,
    },
    /// A shop gives back a part, or all.
    Refund {
        /// Of which payment.
        payment: Payment,
        /// How much, in the shop's currency.
        minor: u64,
    },
    /// A customer sends another one of the same market money.
    Send {
        /// Who sends.
        from: usize,
        /// To whom.
        to: usize,
        /// How much.
        minor: u64,
    },
    /// A customer wants to pay what they cannot: it is refused.
    PayTooMuch {
        /// Who pays.
        payer: usize,
        /// Whom.
        shop: usize,
        /// How much, in the shop's currency.
        minor: u64,
    },
    /// A shop wants to give back more than it got: it is refused.
    RefundTooMuch {
        /// Of which payment.
        payment: Payment,
        /// How much, in the shop's currency.
        minor: u64,
    },
    /// The bank has paid what was due by today.
    Settle,
}

/// When what happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// Seconds since the beginning of the first day, UTC.
    pub at_second: u64,
    /// What.
    pub deed: Deed,
}

/// Who pays whom how much.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sale {
    /// The customer.
    pub payer: usize,
    /// The shop.
    pub shop: usize,
    /// How much, in the shop's currency.
    pub minor: u64,
}

/// The whole history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// With how much each customer begins, minor units.
    pub balances_minor: Vec<u64>,
    /// The payments that succeed.
    pub payments: Vec<Sale>,
    /// What happens, the first first.
    pub steps: Vec<Step>,
}

impl Plan {
    /// The history of so many days from this one on. The same arguments give the same plan.
    #[must_use]
    pub fn new(seed: u64, first_day: Date, days: u64) -> Self {
        Planner::new(seed).plan(first_day, days)
    }
}

struct Planner {
    random: Random,
    plan: Plan,
    /// What each customer has left at least, minor units.
    left_minor: Vec<u64>,
}

impl Planner {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let balance = |(cell, _): &(&str, &str)| {
            let market = market_of(cell);
            let extra = random.below(market.balance_minor / 2) / market.round_minor * market.round_minor;
            market.balance_minor + extra
        };
        let balances_minor: Vec<u64> = CUSTOMERS.iter().map(balance).collect();
        let left_minor = balances_minor.clone();
        Self { random, plan: Plan { balances_minor, payments: Vec::new(), steps: Vec::new() }, left_minor }
    }

    fn plan(mut self, first_day: Date, days: u64) -> Plan {
        let mut date = first_day;
        for day in 0..days {
            let is_weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
            let count = if is_weekend { 6 + self.random.below(5) } else { 17 + self.random.below(8) };
            for _ in 0..count {
                self.something(day * DAY_SECONDS);
            }
            if !is_weekend {
                self.step(day * DAY_SECONDS + BANK_SECONDS, Deed::Settle);
            }
            date = date.checked_add(1.day()).unwrap_or(date);
        }
        let end_second = days * DAY_SECONDS;
        self.plan.steps.retain(|step| step.at_second < end_second);
        // Stable: what is at the same second stays in the order in which it was thought of.
        self.plan.steps.sort_by_key(|step| step.at_second);
        self.plan
    }

    fn step(&mut self, at_second: u64, deed: Deed) {
        self.plan.steps.push(Step { at_second, deed });
    }

    /// One of what customers do on a day.
    fn something(&mut self, day_second: u64) {
        match self.random.below(100) {
            0..55 => {
                let (from, to) = self.corridor();
                self.sale(day_second, from, to);
            }
            55..86 => {
                let cell = self.cell();
                self.sale(day_second, cell, cell);
            }
            86..95 => self.send(day_second),
            _ => {
                let (from, to) = if self.random.below(2) == 0 {
                    self.corridor()
                } else {
                    let cell = self.cell();
                    (cell, cell)
                };
                let (payer, shop) = (self.customer(from), self.shop(to));
                let minor = FAR_TOO_MUCH_USD * 1_000_000 / market_of(to).minor_usd_millionths;
                let at_second = self.opening(day_second, to);
                self.step(at_second, Deed::PayTooMuch { payer, shop, minor });
            }
        }
    }

    fn corridor(&mut self) -> (&'static str, &'static str) {
        let mut place = self.random.below(CORRIDORS.iter().map(|(_, _, weight)| weight).sum());
        for (from, to, weight) in CORRIDORS {
            if place < *weight {
                return (from, to);
            }
            place -= weight;
        }
        let (from, to, _) = CORRIDORS[0];
        (from, to)
    }

    fn cell(&mut self) -> &'static str {
        self.one_of(MARKETS.iter().map(|market| market.cell).enumerate().collect()).1
    }

    fn customer(&mut self, cell: &str) -> usize {
        self.one_of(CUSTOMERS.iter().enumerate().filter(|(_, (of, _))| *of == cell).collect()).0
    }

    fn shop(&mut self, cell: &str) -> usize {
        self.one_of(SHOPS.iter().enumerate().filter(|(_, shop)| shop.cell == cell).collect()).0
    }

    fn one_of<T: Copy>(&mut self, list: Vec<(usize, T)>) -> (usize, T) {
        *self.random.pick(&list).expect("every market has customers and shops")
    }

    /// A second of the day at which shops of this cell are open.
    fn opening(&mut self, day_second: u64, cell: &str) -> u64 {
        let local = OPENS_SECONDS + self.random.below(OPEN_SECONDS);
        day_second + local - market_of(cell).utc_offset_hours * HOUR_SECONDS
    }

    /// A price: the cheap ones are the common ones.
    fn price(&mut self, shop: &Shop) -> u64 {
        let (low, high) = shop.prices_minor;
        let steps = (high - low) / shop.step_minor + 1;
        let drawn = self.random.below(steps).min(self.random.below(steps));
        low + drawn * shop.step_minor
    }

    fn sale(&mut self, day_second: u64, from: &str, to: &str) {
        let shop = self.shop(to);
        let minor = self.price(&SHOPS[shop]);
        let (ours, theirs) = (market_of(from).minor_usd_millionths, market_of(to).minor_usd_millionths);
        let guess_minor = minor * theirs * GUESS_PERCENT / (ours * 100) + 1;
        let Some(payer) = self.payer(from, guess_minor) else { return };
        let payment = self.plan.payments.len();
        self.plan.payments.push(Sale { payer, shop, minor });
        let at_second = self.opening(day_second, to);
        let deed = if self.random.below(8) == 0 { Deed::Collect { payment } } else { Deed::Scan { payment } };
        self.step(at_second, deed);
        self.refunds(payment, minor, at_second);
    }

    /// Somebody of this cell who has so much left; it is taken off. `None` if nobody was found.
    fn payer(&mut self, cell: &str, minor: u64) -> Option<usize> {
        for _ in 0..PICKS_MAX {
            let payer = self.customer(cell);
            if let Some(left) = self.left_minor[payer].checked_sub(minor) {
                self.left_minor[payer] = left;
                return Some(payer);
            }
        }
        None
    }

    /// Whether something comes back: within the hour or within days, whole, or in one or two parts.
    fn refunds(&mut self, payment: Payment, minor: u64, paid_at_second: u64) {
        let wait = |random: &mut Random| match random.below(3) {
            0 => 600 + random.below(HOUR_SECONDS),
            _ => DAY_SECONDS + random.below(4 * DAY_SECONDS),
        };
        let at_second = paid_at_second + wait(&mut self.random);
        match self.random.below(100) {
            0..5 => self.step(at_second, Deed::Refund { payment, minor }),
            5..11 => {
                let part = (minor * (10 + self.random.below(60)) / 100).max(1);
                self.step(at_second, Deed::Refund { payment, minor: part });
                let again = (minor - part) / 2;
                if again > 0 && self.random.below(3) == 0 {
                    let later = at_second + wait(&mut self.random);
                    self.step(later, Deed::Refund { payment, minor: again });
                }
            }
            11..13 => self.step(at_second, Deed::RefundTooMuch { payment, minor: minor + 1 }),
            _ => {}
        }
    }

    fn send(&mut self, day_second: u64) {
        let cell = self.cell();
        let market = market_of(cell);
        let usd = 5 + self.random.below(50);
        let minor = (usd * 1_000_000 / market.minor_usd_millionths).next_multiple_of(market.round_minor);
        let Some(from) = self.payer(cell, minor) else { return };
        let to = self.customer(cell);
        let at_second = self.opening(day_second, cell);
        if from != to {
            self.step(at_second, Deed::Send { from, to, minor });
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const SEED: u64 = 20_261_123;

    /// A Monday (`cal 10 2026`).
    fn monday() -> Date {
        date(2026, 10, 26)
    }

    #[test]
    fn the_same_seed_and_day_give_the_same_history() {
        let plan = Plan::new(SEED, monday(), 28);
        assert_eq!(plan, Plan::new(SEED, monday(), 28));
        assert_ne!(plan, Plan::new(SEED + 1, monday(), 28));
    }

    #[test]
    fn four_weeks_have_everything_that_there_is_to_see() {
        let plan = Plan::new(SEED, monday(), 28);
        let count = |is: fn(&Deed) -> bool| plan.steps.iter().filter(|step| is(&step.deed)).count();
        assert!((250..600).contains(&plan.payments.len()), "{}", plan.payments.len());
        assert!(count(|deed| matches!(deed, Deed::Refund { .. })) > 20);
        assert!(count(|deed| matches!(deed, Deed::Collect { .. })) > 20);
        assert!(count(|deed| matches!(deed, Deed::Send { .. })) > 15);
        assert!(count(|deed| matches!(deed, Deed::PayTooMuch { .. })) > 8);
        assert!(count(|deed| matches!(deed, Deed::RefundTooMuch { .. })) > 2);
        assert_eq!(count(|deed| *deed == Deed::Settle), 20, "on weekdays");
        for (from, to, _) in CORRIDORS {
            let of =
                plan.payments.iter().filter(|sale| CUSTOMERS[sale.payer].0 == *from && SHOPS[sale.shop].cell == *to);
            assert!(of.count() > 10, "{from} to {to}");
        }
    }

    #[test]
    fn weekends_are_quieter_and_steps_are_in_order() {
        let plan = Plan::new(SEED, monday(), 28);
        assert!(plan.steps.windows(2).all(|pair| pair[0].at_second <= pair[1].at_second));
        let mut by_weekday = [0_u64; 7];
        for step in &plan.steps {
            if matches!(step.deed, Deed::Scan { .. } | Deed::Collect { .. }) {
                by_weekday[usize::try_from(step.at_second / DAY_SECONDS % 7).unwrap()] += 1;
            }
        }
        let quietest_weekday = by_weekday[..5].iter().min();
        assert!(by_weekday[5..].iter().max() < quietest_weekday, "{by_weekday:?}");
    }

    #[test]
    fn a_refund_follows_its_payment_and_never_exceeds_it() {
        for seed in 0..20 {
            let plan = Plan::new(seed, monday(), 14);
            let mut paid = vec![None; plan.payments.len()];
            for step in &plan.steps {
                match step.deed {
                    Deed::Scan { payment } | Deed::Collect { payment } => {
                        paid[payment] = Some(plan.payments[payment].minor)
                    }
                    Deed::Refund { payment, minor } => {
                        let left = paid[payment].expect("it was paid before").checked_sub(minor);
                        paid[payment] = Some(left.expect("no more than was paid"));
                        assert!(minor > 0);
                    }
                    Deed::RefundTooMuch { payment, minor } => assert!(paid[payment].expect("paid before") < minor),
                    Deed::Send { from, to, .. } => assert!(from != to && CUSTOMERS[from].0 == CUSTOMERS[to].0),
                    Deed::PayTooMuch { .. } | Deed::Settle => {}
                }
            }
        }
    }

    #[test]
    fn nobody_spends_more_than_they_have() {
        for seed in 0..20 {
            let plan = Plan::new(seed, monday(), 60);
            let mut spent_usd_millionths = vec![0; CUSTOMERS.len()];
            for Sale { payer, shop, minor } in &plan.payments {
                spent_usd_millionths[*payer] += minor * market_of(SHOPS[*shop].cell).minor_usd_millionths;
            }
            for (index, (cell, name)) in CUSTOMERS.iter().enumerate() {
                let has = plan.balances_minor[index] * market_of(cell).minor_usd_millionths;
                assert!(spent_usd_millionths[index] < has, "seed {seed} {name}");
            }
        }
    }
}
