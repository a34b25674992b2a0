//! Times as the wire writes them: `yyyy-MM-dd HH:mm:ss`, local to the merchant.

use std::fmt;

/// A date and time of day without a zone; the merchant's zone is known to the caller only.
///
/// A request's `timestamp` is checked for its form alone: clients take it from a local clock, some in their own zone
/// and some in Beijing's, so no window around the present is enforced on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalDateTime {
    /// 1 to 9999.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31, as the month allows.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59; leap seconds are not written on this wire.
    pub second: u8,
}

impl LocalDateTime {
    /// Reads exactly `yyyy-MM-dd HH:mm:ss`; `None` for another form or a date that does not exist.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: &[u8; 19] = text.as_bytes().try_into().ok()?;
        let separators = [(4, b'-'), (7, b'-'), (10, b' '), (13, b':'), (16, b':')];
        if separators.iter().any(|(at, separator)| bytes[*at] != *separator) {
            return None;
        }
        let century = two_digits([bytes[0], bytes[1]])?;
        let year_of_century = two_digits([bytes[2], bytes[3]])?;
        let time = Self {
            year: u16::from(century) * 100 + u16::from(year_of_century),
            month: two_digits([bytes[5], bytes[6]])?,
            day: two_digits([bytes[8], bytes[9]])?,
            hour: two_digits([bytes[11], bytes[12]])?,
            minute: two_digits([bytes[14], bytes[15]])?,
            second: two_digits([bytes[17], bytes[18]])?,
        };
        time.exists().then_some(time)
    }

    fn exists(self) -> bool {
        self.year >= 1
            && (1..=days_in_month(self.year, self.month)).contains(&self.day)
            && self.hour <= 23
            && self.minute <= 59
            && self.second <= 59
    }
}

impl fmt::Display for LocalDateTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
            self.year, self.month, self.day, self.hour, self.minute, self.second
        )
    }
}

fn two_digits(digits: [u8; 2]) -> Option<u8> {
    let [tens, ones] = digits;
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| (tens - b'0') * 10 + (ones - b'0'))
}

/// Days of a month in the Gregorian calendar; none for a month that does not exist.
fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_times_are_read_and_written_back() {
        for text in [
            "2026-01-02 03:04:05",
            "2024-02-29 23:59:59",
            "2000-02-29 00:00:00",
            "0001-01-01 00:00:00",
            "9999-12-31 23:59:59",
        ] {
            assert_eq!(LocalDateTime::parse(text).unwrap().to_string(), text);
        }
        let time = LocalDateTime::parse("2026-11-23 03:10:47").unwrap();
        assert_eq!((time.year, time.month, time.day), (2026, 11, 23));
        assert_eq!((time.hour, time.minute, time.second), (3, 10, 47));
    }

    #[test]
    fn other_forms_and_impossible_times_are_refused() {
        for text in [
            "",
            "2026-01-02",
            "2026-01-02 03:04",
            "2026-01-02T03:04:05",
            "2026/01/02 03:04:05",
            "2026-1-2 03:04:05",
            "2026-01-02 03:04:05Z",
            " 2026-01-02 03:04:0",
            "2026-13-01 00:00:00",
            "2026-00-01 00:00:00",
            "2026-04-31 00:00:00",
            "2025-02-29 00:00:00",
            "1900-02-29 00:00:00",
            "2026-01-00 00:00:00",
            "2026-01-01 24:00:00",
            "2026-01-01 00:60:00",
            "2026-01-01 00:00:60",
            "0000-01-01 00:00:00",
            "+026-01-01 00:00:00",
            "٢٠٢٦-01-01 00:00",
        ] {
            assert_eq!(LocalDateTime::parse(text), None, "{text}");
        }
    }
}
