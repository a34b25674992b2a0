//! Time: the clock as a trait, and the market's calendar.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A clock.
pub trait Clock: Send + Sync {
    /// UTC, nanoseconds since 1970.
    fn now_ns(&self) -> u64;
}

/// The system's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ns(&self) -> u64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
    }
}

/// The test clock of the sandbox: it runs with another clock, and can be moved forward for everything at once.
#[derive(Clone)]
pub struct TestClock {
    base: Arc<dyn Clock>,
    ahead_ns: Arc<AtomicU64>,
}

impl TestClock {
    /// A test clock on `base`, at least at `not_before_ns`: a journal whose time was advanced goes on from there.
    #[must_use]
    pub fn new(base: Arc<dyn Clock>, not_before_ns: u64) -> Self {
        let ahead_ns = Arc::new(AtomicU64::new(not_before_ns.saturating_sub(base.now_ns())));
        Self { base, ahead_ns }
    }

    /// Moves to an instant, if it is ahead.
    pub fn move_to(&self, time_ns: u64) {
        let ahead = time_ns.saturating_sub(self.base.now_ns());
        self.ahead_ns.fetch_max(ahead, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now_ns(&self) -> u64 {
        self.base.now_ns().saturating_add(self.ahead_ns.load(Ordering::SeqCst))
    }
}

/// A market's calendar: which day it is, and how far from UTC.
pub struct Calendar {
    zone: TimeZone,
    minute: u64,
    date: u32,
    offset_seconds: i32,
}

impl Calendar {
    /// The calendar of an IANA time zone. The zone data is in the binary.
    ///
    /// # Errors
    /// That the zone is unknown.
    pub fn new(time_zone: &str) -> Result<Self, String> {
        let zone = TimeZone::get(time_zone).map_err(|error| format!("time zone {time_zone:?}: {error}"))?;
        Ok(Self { zone, minute: u64::MAX, date: 0, offset_seconds: 0 })
    }

    /// The business date (yyyymmdd) and the offset from UTC in seconds. Neither changes within a minute, so they are computed
    /// once a minute.
    pub fn at(&mut self, time_ns: u64) -> (u32, i32) {
        let minute = time_ns / 60_000_000_000;
        if minute != self.minute {
            let seconds = i64::try_from(time_ns / 1_000_000_000).unwrap_or(i64::MAX);
            let instant = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
            let local = self.zone.to_datetime(instant);
            let number = |part: i32| u32::try_from(part).unwrap_or(0);
            self.date = number(i32::from(local.year())) * 10_000
                + number(i32::from(local.month())) * 100
                + number(i32::from(local.day()));
            self.offset_seconds = self.zone.to_offset(instant).seconds();
            self.minute = minute;
        }
        (self.date, self.offset_seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn business_dates_follow_the_market() {
        // Instants from the IANA database: Paris leaves summer time on 25 October 2026 at 01:00 UTC.
        let table = [
            ("Europe/Paris", "2026-10-24T22:30:00Z", 20_261_025, 7_200),
            ("Europe/Paris", "2026-10-25T00:59:59Z", 20_261_025, 7_200),
            ("Europe/Paris", "2026-10-25T01:00:00Z", 20_261_025, 3_600),
            ("Asia/Shanghai", "2026-11-23T16:00:00Z", 20_261_124, 28_800),
            ("Asia/Karachi", "2026-11-23T18:59:59Z", 20_261_123, 18_000),
        ];
        for (zone, instant, date, offset) in table {
            let instant: Timestamp = instant.parse().unwrap();
            let ns = u64::try_from(instant.as_nanosecond()).unwrap();
            assert_eq!(Calendar::new(zone).unwrap().at(ns), (date, offset), "{zone} {instant}");
        }
        assert!(Calendar::new("Europe/Nowhere").is_err());
    }
}
