//! Time: the clock as a trait, and the market's calendar.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

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

/// The test clock of the sandbox: it runs with another clock, stands ahead of it or behind it, and can be moved forward for
/// everything at once.
#[derive(Clone)]
pub struct TestClock {
    base: Arc<dyn Clock>,
    /// How far it is ahead of `base`; below zero, behind it.
    ahead_ns: Arc<AtomicI64>,
}

impl TestClock {
    /// A test clock on `base`, at least at `not_before_ns`: a journal whose time was advanced goes on from there.
    #[must_use]
    pub fn new(base: Arc<dyn Clock>, not_before_ns: u64) -> Self {
        let ahead_ns = ahead_ns(&*base, not_before_ns).max(0);
        Self { base, ahead_ns: Arc::new(AtomicI64::new(ahead_ns)) }
    }

    /// A test clock that begins at `start_ns`, be it ahead of `base` or behind it.
    #[must_use]
    pub fn starting_at(base: Arc<dyn Clock>, start_ns: u64) -> Self {
        let ahead_ns = ahead_ns(&*base, start_ns);
        Self { base, ahead_ns: Arc::new(AtomicI64::new(ahead_ns)) }
    }

    /// Moves to an instant, if it is ahead of where the clock stands.
    pub fn move_to(&self, time_ns: u64) {
        self.ahead_ns.fetch_max(ahead_ns(&*self.base, time_ns), Ordering::SeqCst);
    }
}

/// How far an instant is ahead of a clock, nanoseconds; below zero, behind it. At most 292 years either way.
fn ahead_ns(base: &dyn Clock, time_ns: u64) -> i64 {
    let ahead_ns = i128::from(time_ns).saturating_sub(i128::from(base.now_ns()));
    i64::try_from(ahead_ns).unwrap_or(if ahead_ns < 0 { i64::MIN } else { i64::MAX })
}

impl Clock for TestClock {
    fn now_ns(&self) -> u64 {
        self.base.now_ns().saturating_add_signed(self.ahead_ns.load(Ordering::SeqCst))
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

    /// A clock that stands until it is moved, nanoseconds.
    struct HandClock(AtomicI64);

    impl Clock for HandClock {
        fn now_ns(&self) -> u64 {
            self.0.load(Ordering::SeqCst).unsigned_abs()
        }
    }

    #[test]
    fn a_test_clock_begins_ahead_or_behind_and_only_moves_ahead() {
        let base = Arc::new(HandClock(AtomicI64::new(1_000)));
        let on = || Arc::clone(&base) as Arc<dyn Clock>;
        for (clock, begins_at_ns) in [
            (TestClock::new(on(), 0), 1_000),
            (TestClock::new(on(), 1_500), 1_500),
            (TestClock::starting_at(on(), 400), 400),
            (TestClock::starting_at(on(), 1_000), 1_000),
            (TestClock::starting_at(on(), 1_500), 1_500),
            (TestClock::starting_at(on(), 0), 0),
        ] {
            base.0.store(1_000, Ordering::SeqCst);
            assert_eq!(clock.now_ns(), begins_at_ns);
            // What was passed is not come back to.
            clock.move_to(begins_at_ns.saturating_sub(300));
            assert_eq!(clock.now_ns(), begins_at_ns);
            // It runs with its base.
            base.0.store(1_007, Ordering::SeqCst);
            assert_eq!(clock.now_ns(), begins_at_ns + 7);
            clock.move_to(begins_at_ns + 200);
            assert_eq!(clock.now_ns(), begins_at_ns + 200);
            base.0.store(1_010, Ordering::SeqCst);
            assert_eq!(clock.clone().now_ns(), begins_at_ns + 203);
        }
        // The journal of a cell may be later than where the clock was to begin, and may be the later one of two.
        base.0.store(1_000, Ordering::SeqCst);
        let clock = TestClock::starting_at(on(), 400);
        clock.move_to(600);
        clock.move_to(500);
        assert_eq!(clock.now_ns(), 600);
        // What is out of reach is not wrapped around.
        clock.move_to(u64::MAX);
        assert_eq!(clock.now_ns(), 1_000 + i64::MAX.unsigned_abs());
    }

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
