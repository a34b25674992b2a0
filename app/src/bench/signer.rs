//! The other side of signed requests: headers as a client of the own API makes them (RFC 9421, RFC 9530), for the benchmark.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sycee_engine::vault::{KeyAlgorithm, random};

/// How requests are signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Algorithm {
    /// HMAC with SHA-256.
    #[default]
    Hmac,
    /// Ed25519.
    Ed25519,
}

impl Algorithm {
    /// By its name on the command line.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "hmac" => Some(Self::Hmac),
            "ed25519" => Some(Self::Ed25519),
            _ => None,
        }
    }

    /// As RFC 9421, section 6.2.2, names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hmac => "hmac-sha256",
            Self::Ed25519 => "ed25519",
        }
    }

    /// As the vault names it.
    #[must_use]
    pub const fn stored(self) -> KeyAlgorithm {
        match self {
            Self::Hmac => KeyAlgorithm::HmacSha256,
            Self::Ed25519 => KeyAlgorithm::Ed25519,
        }
    }
}

enum Key {
    Hmac(Box<hmac::Key>),
    Ed25519(Box<Ed25519KeyPair>),
}

/// Signs requests with one key.
pub struct Signer {
    key: Key,
    id: String,
    verifying: Vec<u8>,
}

/// The headers of one signed request.
pub struct Signed {
    digest: String,
    input: String,
    signature: String,
}

impl Signed {
    /// Names and values.
    #[must_use]
    pub fn headers<'a>(&'a self, idempotency_key: &'a str) -> [(&'static str, &'a str); 4] {
        [
            ("content-digest", &self.digest),
            ("idempotency-key", idempotency_key),
            ("signature-input", &self.input),
            ("signature", &self.signature),
        ]
    }
}

impl Signer {
    /// A new key of this id.
    ///
    /// # Errors
    /// One line.
    pub fn new(algorithm: Algorithm, id: String) -> Result<Self, String> {
        let secret = random::<32>().map_err(|error| error.to_string())?;
        Ok(match algorithm {
            Algorithm::Hmac => {
                let key = Key::Hmac(Box::new(hmac::Key::new(hmac::HMAC_SHA256, &secret)));
                Self { key, id, verifying: secret.to_vec() }
            }
            Algorithm::Ed25519 => {
                let pair = Ed25519KeyPair::from_seed_unchecked(&secret).map_err(|error| error.to_string())?;
                let verifying = pair.public_key().as_ref().to_vec();
                Self { key: Key::Ed25519(Box::new(pair)), id, verifying }
            }
        })
    }

    /// The parameter `keyid` of its signatures.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the server has to know to verify.
    #[must_use]
    pub fn verifying(&self) -> &[u8] {
        &self.verifying
    }

    /// Signs a POST of `body` to `path` at `now`, Unix seconds.
    #[must_use]
    pub fn post(&self, path: &str, idempotency_key: &str, body: &str, now: u64) -> Signed {
        let digest = format!("sha-256=:{}:", STANDARD.encode(digest(&SHA256, body.as_bytes())));
        let parameters = format!(
            "(\"@method\" \"@path\" \"content-digest\" \"idempotency-key\");created={now};keyid=\"{}\"",
            self.id
        );
        let mut base = String::with_capacity(512);
        // Writing into a string cannot fail.
        let _written = write!(
            base,
            "\"@method\": POST\n\"@path\": {path}\n\"content-digest\": {digest}\n\"idempotency-key\": {idempotency_key}\n\
             \"@signature-params\": {parameters}"
        );
        let signature = match &self.key {
            Key::Hmac(key) => STANDARD.encode(hmac::sign(key, base.as_bytes())),
            Key::Ed25519(key) => STANDARD.encode(key.sign(base.as_bytes())),
        };
        Signed { digest, input: format!("s={parameters}"), signature: format!("s=:{signature}:") }
    }
}
