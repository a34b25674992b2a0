//! Asynchronous notifications: what is posted to a merchant's `notify_url`, how often, and what counts as received.
//!
//! Source: Alipay Open Platform, "asynchronous notification". The body is
//! [`OutgoingFields::signed_form`](crate::wire::outgoing_fields::OutgoingFields::signed_form); its fields are the
//! trade's. Nothing is notified for `WAIT_BUYER_PAY`. A `notify_url` may carry a query of its own; it is kept, and is
//! no part of what is signed. Repeats carry the same `notify_id`.

/// `content-type` of a notification.
pub const CONTENT_TYPE: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// Waiting times between one attempt and the next, in seconds: 2 and 10 and 10 minutes, 1, 2, 6 and 15 hours. With the
/// first attempt these are 8 within 25 hours.
///
/// The platform's pages disagree on the first three (2, 10, 10 on two official pages; 4, 10, 15 in an official FAQ);
/// this follows the two that agree, which also tells the merchant soonest.
pub const RETRY_INTERVALS_SECONDS: [u32; 7] = [120, 600, 600, 3_600, 7_200, 21_600, 54_000];

/// How much of a receiver's answer is looked at, in bytes.
pub const ANSWER_MAX_BYTES: usize = 1_024;

/// Seconds to wait after so many attempts have failed; `None` when it was the last.
#[must_use]
pub fn retry_after_seconds(failed_attempts: usize) -> Option<u32> {
    let at = failed_attempts.checked_sub(1)?;
    RETRY_INTERVALS_SECONDS.get(at).copied()
}

/// True when the receiver's answer says that it has the notification: the word `success` alone, in any case of
/// letters, with white space around it or not. The caller has already required an HTTP status 2xx.
#[must_use]
pub fn is_acknowledged(answer: &[u8]) -> bool {
    answer.len() <= ANSWER_MAX_BYTES && answer.trim_ascii().eq_ignore_ascii_case(b"success")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_attempts_within_twenty_five_hours() {
        let minutes: Vec<_> = (1..=7).map(|failed| retry_after_seconds(failed).unwrap() / 60).collect();
        assert_eq!(minutes, [2, 10, 10, 60, 120, 360, 900]);
        assert!(minutes.iter().sum::<u32>() < 25 * 60);
        assert_eq!(retry_after_seconds(0), None);
        assert_eq!(retry_after_seconds(8), None);
        assert_eq!(retry_after_seconds(usize::MAX), None);
    }

    #[test]
    fn only_the_word_itself_acknowledges() {
        for yes in ["success", "SUCCESS", " success\r\n", "Success"] {
            assert!(is_acknowledged(yes.as_bytes()), "{yes}");
        }
        let padded = format!("success{}", " ".repeat(2_000));
        for no in ["", "fail", "failure", "successful", "\"success\"", "<html>success</html>", "suc cess", &padded] {
            assert!(!is_acknowledged(no.as_bytes()), "{no}");
        }
    }
}
