//! The settlement report: a merchant's totals of each day on which its money moved.

use std::collections::BTreeMap;

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_acquiring::entry::Totals;
use sycee_money::Currency;

use super::Operation;
use super::merchant_lists::{MERCHANT, OFFICE, OPERATOR, OfMerchant, for_both};
use crate::desk::Asked;
use crate::lists::csv::{Line, Row};
use crate::lists::{Day, Days, Lister, Page, Paging, Slice, Sorting, bad_cursor, page_or_csv};
use crate::problem::Problem;
use crate::wire::Digits;

const REPORT: [Operation; 2] = for_both!(
    Manager,
    "settlement_report",
    "settlement_report_of_merchant",
    "/settlement-report",
    report,
    ReportQuery,
    DayTotals,
    "The merchant's totals of each day on which its money moved in one currency."
);

pub(super) const OPERATIONS: &[Operation] = &REPORT;

/// How many entries are added up for one page; the day on which it is reached is the page's last one.
const ENTRIES_MAX: usize = 50_000;
/// How many entries are read at once.
const PART: usize = 1_000;

/// Which days.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReportQuery {
    /// The `next` of the page before.
    cursor: Option<String>,
    /// How many days, 1 to 200; 50 if left out.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u16>,
    /// In which order; `newest` if left out.
    #[serde(default)]
    order: Sorting,
    /// The first day of the market.
    from: Option<Day>,
    /// The last day of the market.
    to: Option<Day>,
    /// ISO 4217 code; the market's currency if left out.
    #[schemars(regex(pattern = "^[A-Z]{3}$"))]
    currency: Option<String>,
}

/// A merchant's totals of one day, in one currency; minor units as digits.
#[derive(Serialize, JsonSchema)]
struct DayTotals {
    day: Day,
    /// ISO 4217 code.
    currency: &'static str,
    /// How many payments.
    payments: u64,
    /// Their prices.
    gross_minor: Digits,
    /// How many refunds, with those of cancels.
    refunds: u64,
    /// What they refunded.
    refunded_minor: Digits,
    /// Fees that accrued.
    fees_minor: Digits,
    /// Fees that refunds returned.
    fees_returned_minor: Digits,
    /// What was earned: prices less refunds and fees, plus fees returned; with sign.
    net_minor: String,
    /// Transfers to customers.
    transferred_minor: Digits,
    /// Fees taken from the balance.
    fees_taken_minor: Digits,
    /// Fees given back to it.
    fees_given_back_minor: Digits,
    /// By how much the balance has changed; with sign.
    balance_change_minor: String,
    /// By how much the fees that the merchant owes have changed; with sign.
    fees_owed_change_minor: String,
}

fn day_totals(day: Day, currency: Currency, totals: &Totals) -> DayTotals {
    DayTotals {
        day,
        currency: currency.code(),
        payments: totals.payments,
        gross_minor: Digits(totals.gross_minor),
        refunds: totals.refunds,
        refunded_minor: Digits(totals.refunded_minor),
        fees_minor: Digits(totals.fees_minor),
        fees_returned_minor: Digits(totals.fees_returned_minor),
        net_minor: totals.net_minor().to_string(),
        transferred_minor: Digits(totals.transferred_minor),
        fees_taken_minor: Digits(totals.fees_taken_minor),
        fees_given_back_minor: Digits(totals.fees_given_back_minor),
        balance_change_minor: totals.on_balance_minor().to_string(),
        fees_owed_change_minor: totals.on_fees_owed_minor().to_string(),
    }
}

/// Minor units with sign as major units.
fn major(minor: &str, currency: &str) -> String {
    let (sign, digits) = minor.strip_prefix('-').map_or(("", minor), |digits| ("-", digits));
    let places = Currency::from_code(currency).map_or(0, |currency| usize::from(currency.minor_digits()));
    let digits = format!("{digits:0>width$}", width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

impl Row for DayTotals {
    const COLUMNS: &'static [&'static str] = &[
        "day",
        "currency",
        "payments",
        "gross",
        "refunds",
        "refunded",
        "fees",
        "fees_returned",
        "net",
        "transferred",
        "fees_taken",
        "fees_given_back",
        "balance_change",
        "fees_owed_change",
    ];

    fn write(&self, line: &mut Line) {
        let major = |minor: &str| major(minor, self.currency);
        let digits = |Digits(minor): Digits| major(&minor.to_string());
        line.value(self.day.0).value(self.currency).value(self.payments).value(digits(self.gross_minor));
        line.value(self.refunds).value(digits(self.refunded_minor)).value(digits(self.fees_minor));
        line.value(digits(self.fees_returned_minor)).value(major(&self.net_minor));
        line.value(digits(self.transferred_minor)).value(digits(self.fees_taken_minor));
        line.value(digits(self.fees_given_back_minor)).value(major(&self.balance_change_minor));
        line.value(major(&self.fees_owed_change_minor));
    }
}

struct Report {
    of: OfMerchant,
    sorting: Sorting,
    days: Days,
    currency: Currency,
}

impl Lister for Report {
    type Item = DayTotals;

    /// The place in this list is the last day that was given, four bytes.
    fn slice(&self, after: Option<&[u8]>, limit: usize) -> Result<Slice<DayTotals>, Problem> {
        let mut days = self.days;
        if let Some(bytes) = after {
            let number = <[u8; 4]>::try_from(bytes).map(u32::from_be_bytes).map_err(|_| bad_cursor())?;
            let last = Day::of_number(number).ok_or_else(bad_cursor)?;
            match self.sorting {
                Sorting::Oldest => days.from = Some(days.from.map_or(last.next(), |from| from.max(last.next()))),
                Sorting::Newest => {
                    let Ok(before) = last.0.yesterday() else { return Err(bad_cursor()) };
                    days.to = Some(days.to.map_or(Day(before), |to| to.min(Day(before))));
                }
            }
        }
        if let (Some(from), Some(to)) = (days.from, days.to)
            && to < from
        {
            return Ok(Slice { items: Vec::new(), next: None });
        }
        let mut totals: BTreeMap<u32, Totals> = BTreeMap::new();
        let (mut cursor, mut count, mut is_full): (Option<Vec<u8>>, usize, bool) = (None, 0, false);
        while !is_full {
            let place = cursor.take();
            let part = self.of.entries((self.sorting, days), (place.as_deref(), PART), &mut |_, date, _, entry| {
                let is_new_day = !totals.contains_key(&date);
                if is_full || is_new_day && (totals.len() >= limit || count >= ENTRIES_MAX) {
                    is_full = true;
                    return Ok(Some(()));
                }
                count += 1;
                // A day on which only another currency moved is none of this report; it is kept as empty until the end.
                let day = totals.entry(date).or_default();
                if entry.money.currency == self.currency {
                    day.add(&entry);
                }
                Ok(Some(()))
            })?;
            match part.next {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        let last = match self.sorting {
            Sorting::Oldest => totals.keys().next_back(),
            Sorting::Newest => totals.keys().next(),
        };
        let next = last.filter(|_| is_full).map(|date| date.to_be_bytes().to_vec());
        let moved = totals.iter().filter(|(_, totals)| **totals != Totals::default());
        let mut items: Vec<DayTotals> = moved
            .filter_map(|(date, totals)| Some(day_totals(Day::of_number(*date)?, self.currency, totals)))
            .collect();
        if self.sorting == Sorting::Newest {
            items.reverse();
        }
        Ok(Slice { items, next })
    }
}

async fn report(asked: Asked) -> Result<Response, Problem> {
    let ReportQuery { cursor, limit, order, from, to, currency } = asked.query()?;
    let currency = match currency {
        None => asked.cell.currency,
        Some(code) => Currency::from_code(&code)
            .ok_or_else(|| Problem::bad_field("currency", "is an ISO 4217 code of three capitals, such as EUR"))?,
    };
    let lister = Report { of: OfMerchant::of(&asked)?, sorting: order, days: Days::new(from, to)?, currency };
    page_or_csv(&asked, Paging::new(cursor.as_deref(), limit)?, lister).await
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn sums_with_sign_are_written_in_major_units() {
        for (minor, currency, expected) in [
            ("1250", "EUR", "12.50"),
            ("-5", "EUR", "-0.05"),
            ("0", "EUR", "0.00"),
            ("-1250", "JPY", "-1250"),
            ("1250", "KWD", "1.250"),
        ] {
            assert_eq!(major(minor, currency), expected);
        }
    }
}
