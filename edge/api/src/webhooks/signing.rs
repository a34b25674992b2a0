//! Signatures of Standard Webhooks 1.0.0 (github.com/standard-webhooks, spec/standard-webhooks.md): HMAC-SHA256 over
//! `{id}.{timestamp}.{body}`, where id and timestamp have no full stop.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sycee_courier::{HeaderName, HeaderValue};
use sycee_engine::vault::{VaultError, random};

/// What a secret is written with in front.
const PREFIX: &str = "whsec_";

/// The secret of an endpoint.
pub struct WebhookSecret(Vec<u8>);

impl WebhookSecret {
    /// A new one: 32 bytes (the specification wants 24 to 64).
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn generate() -> Result<Self, VaultError> {
        Ok(Self(random::<32>()?.to_vec()))
    }

    /// One of these bytes.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As receivers are told it: `whsec_` and base64.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    /// The signature of one attempt, as its header has it.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp_seconds: u64, body: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let signature = hmac::sign(&key, format!("{id}.{timestamp_seconds}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(signature))
    }

    /// The headers of one attempt to tell the event of this id, with the content type.
    #[must_use]
    pub fn headers(&self, id: &str, timestamp_seconds: u64, body: &str) -> Vec<(HeaderName, HeaderValue)> {
        let signature = self.sign(id, timestamp_seconds, body);
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", timestamp_seconds.to_string()),
            ("webhook-signature", signature),
        ];
        // Ids are letters, digits, hyphens and underscores; the rest is ours.
        let value = |(name, value): (&'static str, String)| {
            Some((HeaderName::from_static(name), HeaderValue::from_str(&value).ok()?))
        };
        headers.into_iter().filter_map(value).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_one_of_the_specifications_libraries() {
        // The vector with which the libraries of github.com/standard-webhooks are tested.
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let secret = WebhookSecret::from_bytes(secret);
        assert_eq!(secret.to_text(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn an_attempt_has_the_headers_of_the_specification() {
        let secret = WebhookSecret::generate().unwrap();
        assert_eq!(secret.as_bytes().len(), 32);
        let headers = secret.headers("AQcAAAAAAAAAAQAC", 5, "{}");
        let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["content-type", "webhook-id", "webhook-timestamp", "webhook-signature"]);
        assert_eq!(headers[2].1, "5");
    }
}
