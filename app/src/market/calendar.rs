//! Dates of a pack. Rules know no calendar: what they search is computed here.

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The longest calendar that a pack may ask for, days: it is a list in the cell's row, and holidays of years to come
/// are not known anyway.
const CALENDAR_DAYS: usize = 1_200;

/// A date as people write it.
///
/// # Errors
/// What is wrong.
pub(super) fn date(text: &str) -> Result<Date, String> {
    let date: Date = text.parse().map_err(|_| format!("{text:?} is not a date yyyy-mm-dd"))?;
    // The parser takes more than this one form.
    if date.to_string() == text { Ok(date) } else { Err(format!("{text:?} is not a date yyyy-mm-dd")) }
}

/// The decimal number yyyymmdd.
pub(super) fn number(date: Date) -> u32 {
    let part = |part: i16| u32::try_from(part).unwrap_or(0);
    part(date.year()) * 10_000 + part(date.month().into()) * 100 + part(date.day().into())
}

/// The first instant of a day in a zone, UTC nanoseconds.
///
/// # Errors
/// It is before 1970 or beyond what can be counted.
pub(super) fn starts_at_ns(date: Date, zone: &TimeZone) -> Result<u64, String> {
    let zoned = date.to_zoned(zone.clone()).map_err(|error| error.to_string())?;
    u64::try_from(zoned.timestamp().as_nanosecond()).map_err(|_| format!("{date} is not between 1970 and 2554"))
}

/// All days from `from` to `until` that are neither of the weekend (ISO weekday numbers) nor holidays, yyyymmdd,
/// rising.
///
/// # Errors
/// The two dates are in the wrong order or too far apart.
pub(super) fn business_dates(from: Date, until: Date, weekend: &[u8], holidays: &[u32]) -> Result<Vec<u32>, String> {
    if until < from {
        return Err(format!("{until} is before as_of, {from}"));
    }
    let days = from.series(1.day()).take_while(|day| *day <= until);
    if days.clone().nth(CALENDAR_DAYS).is_some() {
        return Err(format!("{until} is more than {CALENDAR_DAYS} days after as_of, {from}"));
    }
    let is_weekend =
        |day: Date| u8::try_from(day.weekday().to_monday_one_offset()).is_ok_and(|iso| weekend.contains(&iso));
    Ok(days.filter(|day| !is_weekend(*day)).map(number).filter(|day| holidays.binary_search(day).is_err()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn business_dates_leave_out_weekends_and_holidays() {
        // `cal 12 2026`: the 24th is a Thursday, the 26th a Saturday.
        let [from, until] = ["2026-12-23", "2026-12-29"].map(|text| date(text).unwrap());
        let holidays = [20_261_225, 20_261_226];
        for (weekend, expected) in [
            (&[6, 7][..], &[23, 24, 28, 29][..]),
            (&[7], &[23, 24, 28, 29]),
            (&[5, 6], &[23, 24, 27, 28, 29]),
            (&[], &[23, 24, 27, 28, 29]),
        ] {
            let expected: Vec<u32> = expected.iter().map(|day| 20_261_200 + day).collect();
            assert_eq!(business_dates(from, until, weekend, &holidays), Ok(expected), "{weekend:?}");
        }
        assert!(business_dates(until, from, &[], &[]).is_err());
        assert!(business_dates(from, date("2036-01-01").unwrap(), &[], &[]).is_err());
    }

    #[test]
    fn a_day_starts_at_its_zones_midnight() {
        // `TZ=Europe/Paris date -d 2027-01-01 +%s`, the same in Asia/Shanghai and in UTC.
        for (zone, seconds) in
            [("Europe/Paris", 1_798_758_000), ("Asia/Shanghai", 1_798_732_800), ("Etc/UTC", 1_798_761_600)]
        {
            let zone = TimeZone::get(zone).unwrap();
            assert_eq!(starts_at_ns(date("2027-01-01").unwrap(), &zone), Ok(seconds * 1_000_000_000));
        }
        assert!(starts_at_ns(date("1969-12-31").unwrap(), &TimeZone::UTC).is_err());
    }

    #[test]
    fn only_whole_dates_are_dates() {
        for text in ["2027-02-29", "2027-1-1", "20270101", "2027-01-01T00:00:00", "", "tomorrow", "2027-01-01 "] {
            assert!(date(text).is_err(), "{text}");
        }
        assert_eq!(date("2028-02-29").map(number), Ok(20_280_229));
    }
}
