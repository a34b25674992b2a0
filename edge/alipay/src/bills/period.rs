//! What a bill is of: its type, and a day or a month of the market.

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::market_time::MarketTime;
use crate::timestamps::LocalDateTime;

/// Which bill.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BillType {
    /// `trade`: payments and refunds.
    Trade,
    /// `signcustomer`: whatever moved the balance.
    SignCustomer,
}

impl BillType {
    /// The type of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Trade, Self::SignCustomer].into_iter().find(|bill_type| bill_type.name() == name)
    }

    /// Its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trade => "trade",
            Self::SignCustomer => "signcustomer",
        }
    }
}

/// A day, or a calendar month.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period {
    /// Its first day.
    pub first: Date,
    /// Its last day.
    pub last: Date,
}

impl Period {
    /// Reads exactly `yyyy-MM-dd` or `yyyy-MM`; `None` for another form or a day that does not exist.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.len() {
            10 => date(text).map(|day| Self { first: day, last: day }),
            7 => date(&format!("{text}-01")).map(|first| Self { first, last: first.last_of_month() }),
            _ => None,
        }
    }

    /// As requests write it.
    #[must_use]
    pub fn text(&self) -> String {
        let form = if self.first == self.last { "%Y-%m-%d" } else { "%Y-%m" };
        self.first.strftime(form).to_string()
    }

    /// When its last day ends in the market, UTC nanoseconds; `None` beyond what nanoseconds can count.
    #[must_use]
    pub fn ends_at_ns(&self, time: &MarketTime) -> Option<u64> {
        let next = self.last.checked_add(1.day()).ok()?;
        time.instant_ns(LocalDateTime::parse(&next.strftime("%Y-%m-%d 00:00:00").to_string())?)
    }
}

fn date(text: &str) -> Option<Date> {
    let day = LocalDateTime::parse(&format!("{text} 00:00:00"))?;
    let (month, number) = (i8::try_from(day.month).ok()?, i8::try_from(day.day).ok()?);
    Date::new(i16::try_from(day.year).ok()?, month, number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_months_are_read_and_written_back() {
        let table = [
            ("2026-10-25", Some(("2026-10-25", "2026-10-25"))),
            ("2026-10", Some(("2026-10-01", "2026-10-31"))),
            ("2028-02", Some(("2028-02-01", "2028-02-29"))),
            ("2026-02-29", None),
            ("2026-13", None),
            ("2026-1", None),
            ("2026-1-01", None),
            ("20261025", None),
            ("2026-10-25 ", None),
            ("２０２６", None),
            ("", None),
        ];
        for (text, expected) in table {
            let period = Period::parse(text);
            let days = period.map(|period| (period.first.to_string(), period.last.to_string()));
            assert_eq!(days, expected.map(|(first, last)| (first.to_owned(), last.to_owned())), "{text}");
            if let Some(period) = period {
                assert_eq!(period.text(), text);
            }
        }
    }

    #[test]
    fn a_period_ends_at_the_markets_midnight() {
        let paris = MarketTime::new("Europe/Paris").unwrap();
        // 25 October 2026 has 25 hours in Paris; midnight after it is 23:00 UTC, that before it 22:00 UTC.
        let table = [("2026-10-24", 1_792_879_200), ("2026-10-25", 1_792_969_200), ("2026-10", 1_793_487_600)];
        for (text, seconds) in table {
            assert_eq!(Period::parse(text).unwrap().ends_at_ns(&paris), Some(seconds * 1_000_000_000), "{text}");
        }
    }
}
