//! A merchant's history, day by day, and the settlement report that its bills agree with.

use std::collections::BTreeMap;

use jiff::civil::Date;
use sycee_acquiring::entry::{MerchantEntry, Totals};
use sycee_contract::{Key, decode};
use sycee_engine::ReadPoint;
use sycee_engine::store::StoreError;
use sycee_money::Currency;

/// How many rows are read at once.
const PAGE: usize = 4_096;

/// A day as keys have it: yyyymmdd.
#[must_use]
pub fn number_of_date(date: Date) -> u32 {
    let number = |part: i32| u32::try_from(part).unwrap_or(0);
    let (year, month, day) = (i32::from(date.year()), i32::from(date.month()), i32::from(date.day()));
    number(year) * 10_000 + number(month) * 100 + number(day)
}

/// Shows each entry of a merchant in a currency, from the first day to the last, in the order in which they were made, with its
/// day (yyyymmdd) and its id; until `each` says that it has had enough.
///
/// # Errors
/// The table store's, or that a row does not decode.
pub fn entries(
    read: &ReadPoint,
    merchant: u64,
    currency: Currency,
    (first, last): (Date, Date),
    each: &mut dyn FnMut(u32, u64, MerchantEntry) -> bool,
) -> Result<(), StoreError> {
    let mut day = Some(first);
    while let Some(date) = day.filter(|date| *date <= last) {
        let date_number = number_of_date(date);
        let prefix = MerchantEntry::of_day(merchant, date_number);
        let mut after: Option<Key> = None;
        loop {
            let rows = read.scan(&prefix, after.as_ref(), PAGE)?;
            for (key, row) in &rows {
                let entry: MerchantEntry = decode(row, "entry")
                    .map_err(|error| StoreError::new(format!("an entry does not decode: {error:?}")))?;
                let id = MerchantEntry::id_of(key).unwrap_or_default();
                if entry.money.currency == currency && !each(date_number, id, entry) {
                    return Ok(());
                }
            }
            if rows.len() < PAGE {
                break;
            }
            after = rows.last().map(|(key, _)| key.clone());
        }
        day = date.tomorrow().ok();
    }
    Ok(())
}

/// The settlement report: a merchant's totals of each day on which its money moved, by day (yyyymmdd).
///
/// # Errors
/// The table store's.
pub fn report(
    read: &ReadPoint,
    merchant: u64,
    currency: Currency,
    days: (Date, Date),
) -> Result<BTreeMap<u32, Totals>, StoreError> {
    let mut report: BTreeMap<u32, Totals> = BTreeMap::new();
    entries(read, merchant, currency, days, &mut |date, _, entry| {
        report.entry(date).or_default().add(&entry);
        true
    })?;
    Ok(report)
}
