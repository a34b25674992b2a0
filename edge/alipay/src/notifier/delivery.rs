//! Posting a form to an address that a merchant has given, and what counts as received.

use std::fmt;

use axum::http::header;
use sycee_courier::{Bytes, HeaderValue, NotPosted, Reach};

use crate::notify::{ANSWER_MAX_BYTES, CONTENT_TYPE, is_acknowledged};

/// What a receiver said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Answer(sycee_courier::Answer);

impl Answer {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// The first so many bytes of what it wrote, as text as far as they are.
    pub fn beginning(&self, bytes: usize) -> String {
        String::from_utf8_lossy(self.0.body.get(..bytes).unwrap_or(&self.0.body)).into_owned()
    }

    /// Whether it has the notice.
    pub fn acknowledged(&self) -> Result<(), Undelivered> {
        if !self.0.is_success() {
            return Err(Undelivered::Status(self.0.status));
        }
        if is_acknowledged(&self.0.body) { Ok(()) } else { Err(Undelivered::NotSuccess) }
    }
}

/// Why a notice is not known to have arrived. What a receiver wrote is not repeated here, where logs and the journal have it: it
/// may be anything.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Undelivered {
    /// It was not posted, or nothing was heard.
    NotPosted(NotPosted),
    /// It answered with another status than 2xx.
    Status(u16),
    /// It answered something else than `success`.
    NotSuccess,
    /// A tester wanted it so.
    Fault,
}

impl fmt::Display for Undelivered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPosted(why) => why.fmt(formatter),
            Self::Status(status) => write!(formatter, "the answer has status {status}"),
            Self::NotSuccess => formatter.write_str("the answer is not the word success"),
            Self::Fault => formatter.write_str("a fault that a tester has set"),
        }
    }
}

/// Posts forms.
pub(super) struct Courier(sycee_courier::Courier);

impl Courier {
    /// One that calls what `reach` allows.
    pub fn new(reach: Reach) -> Self {
        Self(sycee_courier::Courier::new(reach))
    }

    /// Closes connections that have had nothing to do for long.
    pub fn close_idle(&self) {
        self.0.close_idle();
    }

    /// Posts a form and reads the answer.
    pub async fn post(&self, url: &str, form: &str) -> Result<Answer, Undelivered> {
        let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE))];
        let form = Bytes::copy_from_slice(form.as_bytes());
        let posted = self.0.post(url, &headers, form, ANSWER_MAX_BYTES).await;
        posted.map(Answer).map_err(Undelivered::NotPosted)
    }
}

#[cfg(test)]
#[path = "delivery_tests.rs"]
mod tests;
