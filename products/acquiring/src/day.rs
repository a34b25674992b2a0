//! Days of the calendar as decimal numbers yyyymmdd: how many days later, and which weekday. Years have leap days as in the
//! Gregorian calendar; zones and holidays are not known here (the stamp and the market pack know them).

use alloc::vec::Vec;

/// Days from 0000-03-01 to 1970-01-01 in the proleptic Gregorian calendar.
const EPOCH: i64 = 719_468;

/// Days since 1970-01-01; `None` if the number is no day of the calendar.
#[must_use]
pub fn days_since_1970(date: u32) -> Option<i64> {
    let days = raw_days(date)?;
    // 31 February and the like come back as another day.
    (date_of_days(days)? == date).then_some(days)
}

fn raw_days(date: u32) -> Option<i64> {
    let (year, month, day) =
        (date.checked_div(10_000)?, date.checked_div(100)?.checked_rem(100)?, date.checked_rem(100)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years that begin in March have their leap day at their end.
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let from_march = month.checked_add(9)?.checked_rem(12)?;
    let of_year = from_march.checked_mul(153)?.checked_add(2)?.checked_div(5)?.checked_add(day)?.checked_sub(1)?;
    let leap_days = year.div_euclid(4).checked_sub(year.div_euclid(100))?.checked_add(year.div_euclid(400))?;
    year.checked_mul(365)?.checked_add(leap_days)?.checked_add(of_year)?.checked_sub(EPOCH)
}

/// The day so many days after 1970-01-01; `None` beyond the year 9999 or before the year 0.
#[must_use]
pub fn date_of_days(days: i64) -> Option<u32> {
    let days = days.checked_add(EPOCH)?;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let leap_days = of_era
        .checked_div(1_460)?
        .checked_sub(of_era.checked_div(36_524)?)?
        .checked_add(of_era.checked_div(146_096)?)?;
    let year_of_era = of_era.checked_sub(leap_days)?.checked_div(365)?;
    let before = year_of_era
        .checked_mul(365)?
        .checked_add(year_of_era.checked_div(4)?)?
        .checked_sub(year_of_era.checked_div(100)?)?;
    let of_year = of_era.checked_sub(before)?;
    let from_march = of_year.checked_mul(5)?.checked_add(2)?.checked_div(153)?;
    let first = from_march.checked_mul(153)?.checked_add(2)?.checked_div(5)?;
    let day = of_year.checked_sub(first)?.checked_add(1)?;
    let month = if from_march < 10 { from_march.checked_add(3)? } else { from_march.checked_sub(9)? };
    let year = era.checked_mul(400)?.checked_add(year_of_era)?;
    let year = if month <= 2 { year.checked_add(1)? } else { year };
    if !(0..=9_999).contains(&year) {
        return None;
    }
    u32::try_from(year.checked_mul(10_000)?.checked_add(month.checked_mul(100)?)?.checked_add(day)?).ok()
}

/// The day so many days later; the day itself if either is out of the calendar.
#[must_use]
pub fn after(date: u32, days: u32) -> u32 {
    let later = days_since_1970(date).and_then(|since| date_of_days(since.checked_add(i64::from(days))?));
    later.unwrap_or(date)
}

/// ISO 8601 weekday of days since 1970-01-01, which was a Thursday: 1 Monday, 7 Sunday.
fn weekday_of(days: i64) -> i64 {
    days.saturating_add(3).rem_euclid(7).saturating_add(1)
}

/// Whether a day of this ISO 8601 weekday lies after `after` and not after `until`; with `after` 0 only `until` is looked at.
#[must_use]
pub fn has_weekday(after: u32, until: u32, weekday: u8) -> bool {
    let Some(last) = days_since_1970(until) else { return false };
    let before = last.saturating_sub(1);
    let first = days_since_1970(after).unwrap_or(before).saturating_add(1);
    let days: Vec<i64> = (first.max(last.saturating_sub(6))..=last).collect();
    days.into_iter().any(|days| weekday_of(days) == i64::from(weekday))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_date_does() {
        // `date -ud 2027-03-28 +%s` and so on, divided by 86,400.
        for (date, days) in [
            (19_700_101, 0),
            (19_691_231, -1),
            (20_000_229, 11_016),
            (20_240_301, 19_783),
            (20_270_328, 20_905),
            (20_271_231, 21_183),
            (99_991_231, 2_932_896),
        ] {
            assert_eq!((days_since_1970(date), date_of_days(days)), (Some(days), Some(date)), "{date}");
        }
        for no_day in [0, 20_270_229, 20_270_431, 20_271_301, 20_270_100, 19_000_229, u32::MAX] {
            assert_eq!(days_since_1970(no_day), None, "{no_day}");
        }
        assert_eq!((after(20_270_225, 5), after(20_280_225, 5)), (20_270_302, 20_280_301));
        assert_eq!(date_of_days(2_932_897), None);
    }

    #[test]
    fn weekdays_are_looked_for_in_the_days_between() {
        // `cal 3 2027`: the 1st is a Monday, the 29th too.
        for (after, until, weekday, expected) in [
            (0, 20_270_301, 1, true),
            (0, 20_270_301, 7, false),
            (20_270_226, 20_270_301, 7, true),
            (20_270_226, 20_270_301, 5, false),
            (20_270_325, 20_270_330, 1, true),
            (20_270_301, 20_270_330, 4, true),
            (20_270_329, 20_270_330, 1, false),
        ] {
            assert_eq!(has_weekday(after, until, weekday), expected, "{after} {until} {weekday}");
        }
    }
}
