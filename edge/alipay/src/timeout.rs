//! How long an order may be paid: `timeout_express` and `qr_code_timeout_express`.
//!
//! Source: Alipay Open Platform, `alipay.trade.precreate`. The absolute form, `time_expire`, is a
//! [`LocalDateTime`](crate::timestamps::LocalDateTime) and wins when both are given.

const MINUTES_PER_HOUR: u32 = 60;
const MINUTES_PER_DAY: u32 = 24 * MINUTES_PER_HOUR;
/// The longest time to pay: 15 days, in minutes.
pub const TIMEOUT_MAX_MINUTES: u32 = 15 * MINUTES_PER_DAY;
/// Enough digits for the longest timeout in minutes (21600), with one to spare for a leading zero.
const DIGITS_MAX: usize = 6;

/// A relative time to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeoutExpress {
    /// This many minutes after the order was made, 1 to [`TIMEOUT_MAX_MINUTES`].
    Minutes(u32),
    /// Until the end of the merchant's current day, whenever the order was made (`1c`).
    EndOfDay,
}

impl TimeoutExpress {
    /// Reads `<whole number>m`, `h` or `d`, between 1 minute and 15 days, or `1c`; `None` for anything else,
    /// decimals included.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "1c" {
            return Some(Self::EndOfDay);
        }
        let (unit_at, unit) = text.char_indices().next_back()?;
        let digits = text.get(..unit_at)?;
        let is_number = (1..=DIGITS_MAX).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number {
            return None;
        }
        let minutes_per_unit = match unit {
            'm' => 1,
            'h' => MINUTES_PER_HOUR,
            'd' => MINUTES_PER_DAY,
            _ => return None,
        };
        let minutes = digits.parse::<u32>().ok()?.checked_mul(minutes_per_unit)?;
        (1..=TIMEOUT_MAX_MINUTES).contains(&minutes).then_some(Self::Minutes(minutes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_read_as_documented() {
        let cases = [
            ("1m", Some(TimeoutExpress::Minutes(1))),
            ("90m", Some(TimeoutExpress::Minutes(90))),
            ("2h", Some(TimeoutExpress::Minutes(120))),
            ("1d", Some(TimeoutExpress::Minutes(1_440))),
            ("15d", Some(TimeoutExpress::Minutes(21_600))),
            ("21600m", Some(TimeoutExpress::Minutes(21_600))),
            ("360h", Some(TimeoutExpress::Minutes(21_600))),
            ("1c", Some(TimeoutExpress::EndOfDay)),
            ("0m", None),
            ("16d", None),
            ("361h", None),
            ("21601m", None),
            ("1.5h", None),
            ("2c", None),
            ("c", None),
            ("m", None),
            ("", None),
            ("15", None),
            ("15s", None),
            ("-1m", None),
            ("+1m", None),
            (" 1m", None),
            ("1M", None),
            ("9999999999m", None),
            ("1分", None),
            ("１m", None),
        ];
        for (text, expected) in cases {
            assert_eq!(TimeoutExpress::parse(text), expected, "{text}");
        }
    }
}
