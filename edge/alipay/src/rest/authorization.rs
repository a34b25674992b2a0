//! The `authorization` header: who calls, when, and the signature.
//!
//! `ALIPAY-SHA256withRSA app_id=…[,app_cert_sn=…],nonce=…,timestamp=…[,more],sign=…`. All between the scheme and the last
//! `,sign=` is signed exactly as it stands; base64 has no comma, so the last one it is.

use std::borrow::Cow;

use axum::http::{HeaderMap, header};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::codes::{SubCode, gateway};
use crate::timestamps::LocalDateTime;
use crate::wire::failure::Failure;
use crate::wire::request::is_app_id;

/// The only scheme: RSASSA-PKCS1-v1_5 with SHA-256.
pub const SCHEME: &str = "ALIPAY-SHA256withRSA";
/// Longest header that is read, in bytes; with a 4096-bit signature it has about 900.
pub const AUTHORIZATION_MAX_BYTES: usize = 4 * 1024;
/// Longest nonce, in bytes. Clients send 32 or 36.
pub const NONCE_MAX_BYTES: usize = 128;
/// What stands between the signed text and the signature.
const SIGN: &str = ",sign=";

/// An `authorization` header, read and not yet proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authorization<'a> {
    /// The part that is signed, as it came.
    pub text: &'a str,
    /// The application that says it sends this.
    pub app_id: &'a str,
    /// The serial of the application's certificate; present when the client works with certificates.
    pub app_cert_sn: Option<&'a str>,
    /// What makes two requests differ. Not kept: whatever moves money has a number of the merchant's, which tells a repeat.
    pub nonce: &'a str,
    /// The sender's clock, in UTC. Clocks are wrong, so no window around the present is enforced on it.
    pub timestamp: LocalDateTime,
    /// The signature, base64.
    pub sign: &'a str,
}

impl<'a> Authorization<'a> {
    /// Reads the header of a request.
    ///
    /// # Errors
    /// `isv.missing-signature` when there is none, `isv.invalid-parameter` when there are several or one is no text; otherwise as
    /// [`Authorization::parse`].
    pub fn of(headers: &'a HeaderMap) -> Result<Self, Failure> {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let value =
            values.next().ok_or_else(|| worded(gateway::MISSING_SIGNATURE, "header authorization is missing"))?;
        if values.next().is_some() {
            return Err(worded(gateway::INVALID_PARAMETER, "header authorization is given twice"));
        }
        let text = value.to_str();
        Self::parse(text.map_err(|_| worded(gateway::INVALID_PARAMETER, "header authorization is no text"))?)
    }

    /// Reads a header's value.
    ///
    /// # Errors
    /// Missing or malformed parts, under the codes that version 2 has for the parameters of the same names.
    pub fn parse(value: &'a str) -> Result<Self, Failure> {
        let invalid = |message: &'static str| worded(gateway::INVALID_PARAMETER, message);
        if value.len() > AUTHORIZATION_MAX_BYTES {
            return Err(invalid("header authorization is too long"));
        }
        let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
        if !scheme.eq_ignore_ascii_case(SCHEME) {
            return Err(worded(
                gateway::INVALID_SIGNATURE_TYPE,
                "the scheme of header authorization is not known here",
            ));
        }
        let (text, sign) = rest.rsplit_once(SIGN).unwrap_or((rest, ""));
        let part = |name: &str| {
            let mut found =
                text.split(',').filter_map(|part| part.trim().split_once('=')).filter(|part| part.0 == name);
            let first = found.next().map(|(_, value)| value).filter(|value| !value.is_empty());
            if found.next().is_some() { Err(invalid("header authorization names a part twice")) } else { Ok(first) }
        };
        let app_id = part("app_id")?.ok_or(Failure::new(gateway::MISSING_APP_ID))?;
        if !is_app_id(app_id) {
            return Err(Failure::new(gateway::INVALID_APP_ID));
        }
        if sign.is_empty() {
            return Err(Failure::new(gateway::MISSING_SIGNATURE));
        }
        let timestamp = part("timestamp")?.ok_or(Failure::new(gateway::MISSING_TIMESTAMP))?;
        let timestamp = utc(timestamp).ok_or_else(|| {
            worded(gateway::INVALID_TIMESTAMP, "timestamp is not a number of milliseconds since 1970")
        })?;
        let nonce = part("nonce")?.ok_or_else(|| invalid("nonce is missing in header authorization"))?;
        if nonce.len() > NONCE_MAX_BYTES {
            return Err(invalid("nonce is too long"));
        }
        Ok(Self { text, app_id, app_cert_sn: part("app_cert_sn")?, nonce, timestamp, sign })
    }
}

/// A failure in words of this version; the general meaning of some codes speaks of version 2.
pub(super) fn worded(sub_code: SubCode, message: &'static str) -> Failure {
    Failure { sub_code, message: Cow::Borrowed(message) }
}

/// The time of day that so many milliseconds after 1970 are, in UTC.
fn utc(milliseconds: &str) -> Option<LocalDateTime> {
    if !milliseconds.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let time = Timestamp::from_millisecond(milliseconds.parse().ok()?).ok()?;
    LocalDateTime::parse(&TimeZone::UTC.to_datetime(time).strftime("%Y-%m-%d %H:%M:%S").to_string())
}
