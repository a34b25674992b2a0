//! Instants in the market's zone, as the wire writes them.

use jiff::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::timestamps::LocalDateTime;

/// The time zone of a market. The zone data is in the binary.
#[derive(Clone, Debug)]
pub struct MarketTime {
    zone: TimeZone,
}

impl MarketTime {
    /// The zone of this IANA name.
    ///
    /// # Errors
    /// That there is no such zone. A cell whose zone is unknown does not open, so this is a defect.
    pub fn new(time_zone: &str) -> Result<Self, String> {
        let zone = TimeZone::get(time_zone).map_err(|error| format!("time zone {time_zone:?}: {error}"))?;
        Ok(Self { zone })
    }

    /// An instant (UTC nanoseconds) as `yyyy-MM-dd HH:mm:ss`, cut to the second.
    #[must_use]
    pub fn write(&self, time_ns: u64) -> String {
        self.local(time_ns).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// The instant of a local time, UTC nanoseconds; of a time that the clocks pass twice the first, of one that they skip the
    /// one as far after. `None` before 1970 and beyond what nanoseconds can count.
    #[must_use]
    pub fn instant_ns(&self, local: LocalDateTime) -> Option<u64> {
        let number = |part: u8| i8::try_from(part).ok();
        let date_time = DateTime::new(
            i16::try_from(local.year).ok()?,
            number(local.month)?,
            number(local.day)?,
            number(local.hour)?,
            number(local.minute)?,
            number(local.second)?,
            0,
        )
        .ok()?;
        self.instant_of(date_time)
    }

    /// When the local day of an instant ends, UTC nanoseconds.
    #[must_use]
    pub fn end_of_day_ns(&self, time_ns: u64) -> Option<u64> {
        let midnight = self.local(time_ns).date().checked_add(1.day()).ok()?.to_datetime(jiff::civil::Time::midnight());
        self.instant_of(midnight)
    }

    fn local(&self, time_ns: u64) -> DateTime {
        let instant = Timestamp::from_nanosecond(i128::from(time_ns)).unwrap_or(Timestamp::MAX);
        self.zone.to_datetime(instant)
    }

    fn instant_of(&self, local: DateTime) -> Option<u64> {
        let instant = self.zone.to_timestamp(local).ok()?;
        u64::try_from(instant.as_nanosecond()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ns(instant: &str) -> u64 {
        u64::try_from(instant.parse::<Timestamp>().unwrap().as_nanosecond()).unwrap()
    }

    #[test]
    fn times_are_the_markets() {
        // Zone rules as in the IANA database.
        let table = [
            ("Asia/Shanghai", "2026-11-23T16:00:00Z", "2026-11-24 00:00:00"),
            ("Europe/Paris", "2026-10-24T22:30:00.999999999Z", "2026-10-25 00:30:00"),
            ("Europe/Paris", "2026-12-31T23:00:00Z", "2027-01-01 00:00:00"),
            ("Asia/Seoul", "2026-11-23T03:04:05Z", "2026-11-23 12:04:05"),
        ];
        for (zone, instant, expected) in table {
            let time = MarketTime::new(zone).unwrap();
            assert_eq!(time.write(ns(instant)), expected, "{zone}");
            let whole_seconds = ns(instant) / 1_000_000_000 * 1_000_000_000;
            assert_eq!(time.instant_ns(LocalDateTime::parse(expected).unwrap()), Some(whole_seconds), "{zone}");
        }
        assert!(MarketTime::new("Europe/Nowhere").is_err());
        assert_eq!(MarketTime::new("Asia/Seoul").unwrap().write(u64::MAX).len(), 19);
    }

    #[test]
    fn days_end_at_local_midnight_whatever_their_length() {
        let table = [
            ("Europe/Paris", "2026-10-25T10:00:00Z", "2026-10-25T23:00:00Z"),
            ("Europe/Paris", "2026-03-28T23:30:00Z", "2026-03-29T22:00:00Z"),
            ("Asia/Bangkok", "2026-11-23T17:00:00Z", "2026-11-24T17:00:00Z"),
            ("Asia/Bangkok", "2026-11-23T16:59:59Z", "2026-11-23T17:00:00Z"),
        ];
        for (zone, instant, expected) in table {
            assert_eq!(
                MarketTime::new(zone).unwrap().end_of_day_ns(ns(instant)),
                Some(ns(expected)),
                "{zone} {instant}"
            );
        }
    }

    #[test]
    fn what_nanoseconds_cannot_count_is_refused() {
        let time = MarketTime::new("Asia/Shanghai").unwrap();
        for text in ["1969-12-31 23:59:59", "0001-01-01 00:00:00", "9999-12-31 23:59:59"] {
            assert_eq!(time.instant_ns(LocalDateTime::parse(text).unwrap()), None, "{text}");
        }
    }
}
