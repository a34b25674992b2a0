//! RSA2 signatures and the forms in which their keys are handed around.
//!
//! RSA2 is RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 8.2). The platform's older type, RSA with SHA-1, is
//! refused on purpose: SHA-1 no longer binds a text, and every client to be served has RSA2.

use std::fmt;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize, PublicKey};
use aws_lc_rs::signature::{
    KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_SHA256, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose::STANDARD};

/// The only signature type that is spoken (`sign_type` on the wire).
pub const SIGN_TYPE: &str = "RSA2";
/// Smallest RSA modulus that is accepted, in bits.
pub const MODULUS_MIN_BITS: usize = 2048;
/// Largest RSA modulus that is accepted, in bits; larger ones cost the verifier too much.
pub const MODULUS_MAX_BITS: usize = 4096;
/// Longest key text that is read, in bytes; a 4096-bit public key in PEM has about 800.
pub const KEY_TEXT_MAX_BYTES: usize = 16 * 1024;

/// Base64 as senders produce it: standard alphabet, with or without the padding.
pub(crate) const BASE64_LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a key was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// There is no key in the text.
    Empty,
    /// The text is longer than [`KEY_TEXT_MAX_BYTES`].
    TooLong,
    /// The PEM armour is not complete, or holds something that is no public key.
    NotAPublicKeyPem,
    /// The text is not base64.
    NotBase64,
    /// It is a private key. It belongs to its owner and must not be handed over.
    PrivateKey,
    /// The bytes are not an RSA key in DER.
    NotAnRsaKey,
    /// The modulus has a size that is not accepted.
    ModulusSize {
        /// The size found, in bits.
        bits: usize,
    },
}

impl fmt::Display for KeyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => formatter.write_str("the key is empty"),
            Self::TooLong => write!(formatter, "the key text exceeds {KEY_TEXT_MAX_BYTES} bytes"),
            Self::NotAPublicKeyPem => formatter.write_str("the PEM text does not hold one complete public key"),
            Self::NotBase64 => formatter.write_str("the key is not base64"),
            Self::PrivateKey => formatter.write_str("this is a private key; hand over the public key only"),
            Self::NotAnRsaKey => formatter.write_str("the key is not an RSA key in DER (PKCS#1, SPKI or PKCS#8)"),
            Self::ModulusSize { bits } => {
                write!(formatter, "the modulus has {bits} bits; {MODULUS_MIN_BITS} to {MODULUS_MAX_BITS} are accepted")
            }
        }
    }
}

impl std::error::Error for KeyError {}

/// A public key that checks RSA2 signatures.
#[derive(Clone, Debug)]
pub struct VerifyingKey {
    key: ParsedPublicKey,
    spki: Vec<u8>,
}

impl VerifyingKey {
    /// Reads a public key in any of the forms merchants paste: base64 of the DER, on one line or many, or PEM; the
    /// DER being PKCS#1 `RSAPublicKey` (RFC 8017) or `SubjectPublicKeyInfo` (RFC 5280).
    ///
    /// # Errors
    /// [`KeyError`], which says what the text is instead.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        if text.len() > KEY_TEXT_MAX_BYTES {
            return Err(KeyError::TooLong);
        }
        let base64_text = without_armour(text.trim())?;
        let compact: Vec<u8> = base64_text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        if compact.is_empty() {
            return Err(KeyError::Empty);
        }
        let der = BASE64_LENIENT.decode(&compact).map_err(|_| KeyError::NotBase64)?;
        Self::from_der(&der)
    }

    /// Reads a public key in DER, as [`VerifyingKey::parse`] does after the base64.
    ///
    /// # Errors
    /// [`KeyError`], which says what the bytes are instead.
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        let Ok(public_key) = PublicKey::from_der(der) else {
            let private = RsaKeyPair::from_pkcs8(der).is_ok() || RsaKeyPair::from_der(der).is_ok();
            return Err(if private { KeyError::PrivateKey } else { KeyError::NotAnRsaKey });
        };
        // The library reads the key at the front and does not mind what follows; a pasted key has nothing behind it.
        if !der_value(der, 0x30).is_some_and(|(rest, _)| rest.is_empty()) {
            return Err(KeyError::NotAnRsaKey);
        }
        accept_size(&public_key)?;
        let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public_key.as_ref())
            .map_err(|_| KeyError::NotAnRsaKey)?;
        let spki = public_key.as_der().map_err(|_| KeyError::NotAnRsaKey)?.as_ref().to_vec();
        Ok(Self { key, spki })
    }

    /// The key in DER, as `SubjectPublicKeyInfo` (RFC 5280), whatever form it was read in.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// True when `signature_base64` is a signature of the older type, with SHA-1: only for telling a developer so. Nothing is accepted
    /// for it.
    #[must_use]
    pub fn verify_sha1(&self, text: &[u8], signature_base64: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, &self.spki);
        BASE64_LENIENT.decode(signature_base64).is_ok_and(|signature| key.verify(text, &signature).is_ok())
    }

    /// True when `signature_base64` is an RSA2 signature of `text` by this key's owner. Anything else, base64 that
    /// is none included, is false.
    #[must_use]
    pub fn verify(&self, text: &[u8], signature_base64: &[u8]) -> bool {
        BASE64_LENIENT.decode(signature_base64).is_ok_and(|signature| self.key.verify_sig(text, &signature).is_ok())
    }
}

/// The platform's own private key, which signs responses, notifications and redirects.
pub struct SigningKey {
    key: RsaKeyPair,
}

/// The signature could not be made. The library gives no reason; nothing may be sent unsigned instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SigningError;

impl fmt::Display for SigningError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the signature could not be made")
    }
}

impl std::error::Error for SigningError {}

impl fmt::Debug for SigningKey {
    /// Shows that there is a key and nothing of it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SigningKey").finish_non_exhaustive()
    }
}

impl SigningKey {
    /// Makes a new 2048-bit key from the operating system's randomness.
    ///
    /// # Errors
    /// [`SigningError`] when the library cannot make one.
    pub fn generate() -> Result<Self, SigningError> {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| SigningError)?;
        Ok(Self { key })
    }

    /// Reads a private key in DER: PKCS#8 `PrivateKeyInfo` (RFC 5208).
    ///
    /// # Errors
    /// [`KeyError`] when it is no RSA key or has a size that is not accepted.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, KeyError> {
        let key = RsaKeyPair::from_pkcs8(der).map_err(|_| KeyError::NotAnRsaKey)?;
        accept_size(key.public_key())?;
        Ok(Self { key })
    }

    /// The private key in DER (PKCS#8), to be sealed and kept by the caller.
    ///
    /// # Errors
    /// [`SigningError`] when the library cannot write it.
    pub fn to_pkcs8_der(&self) -> Result<Vec<u8>, SigningError> {
        let der = self.key.as_der().map_err(|_| SigningError)?;
        Ok(der.as_ref().to_vec())
    }

    /// The public key as merchants configure it: base64 of `SubjectPublicKeyInfo`, on one line.
    ///
    /// # Errors
    /// [`SigningError`] when the library cannot write it.
    pub fn public_key_base64(&self) -> Result<String, SigningError> {
        let spki = self.key.public_key().as_der().map_err(|_| SigningError)?;
        Ok(STANDARD.encode(spki.as_ref()))
    }

    /// The RSA2 signature of `text` in base64, 344 characters for a 2048-bit key.
    ///
    /// # Errors
    /// [`SigningError`] when the library refuses.
    pub fn sign(&self, text: &[u8]) -> Result<String, SigningError> {
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature).map_err(|_| SigningError)?;
        Ok(STANDARD.encode(signature))
    }
}

/// What stands between the lines of a PEM armour, or the text itself when there is none.
fn without_armour(text: &str) -> Result<&str, KeyError> {
    if !text.starts_with("-----BEGIN ") {
        return Ok(text);
    }
    for label in ["PUBLIC KEY", "RSA PUBLIC KEY"] {
        let begin = format!("-----BEGIN {label}-----");
        let end = format!("-----END {label}-----");
        if let Some(inner) = text
            .strip_prefix(begin.as_str())
            .and_then(|rest| rest.strip_suffix(end.as_str()))
            .filter(|inner| !inner.contains("-----"))
        {
            return Ok(inner);
        }
    }
    let first_line = text.lines().next().unwrap_or_default();
    Err(if first_line.contains("PRIVATE KEY") { KeyError::PrivateKey } else { KeyError::NotAPublicKeyPem })
}

/// The size of the modulus of an RSA key in PKCS#1 DER: `SEQUENCE { INTEGER modulus, INTEGER exponent }`.
///
/// The library names the size only of keys within its own limits; a clear error needs it of the others as well.
fn modulus_bits(pkcs1_der: &[u8]) -> Option<usize> {
    let (_, sequence) = der_value(pkcs1_der, 0x30)?;
    let (_, integer) = der_value(sequence, 0x02)?;
    let leading_zeros = integer.iter().take_while(|byte| **byte == 0).count();
    let magnitude = &integer[leading_zeros..];
    let first = magnitude.first()?;
    let unused_bits = usize::try_from(first.leading_zeros()).ok()?;
    Some(magnitude.len() * 8 - unused_bits)
}

/// Splits `tag length value rest` into the rest and the value, for definite lengths of up to three bytes.
fn der_value(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, after_tag) = der.split_first()?;
    let (length_byte, after_length) = after_tag.split_first()?;
    if *first != tag {
        return None;
    }
    let (length, contents) = match length_byte {
        0..=0x7F => (usize::from(*length_byte), after_length),
        0x81..=0x83 => {
            let (digits, contents) = after_length.split_at_checked(usize::from(length_byte & 0x7F))?;
            let length = digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
            (length, contents)
        }
        _ => return None,
    };
    let (value, rest) = contents.split_at_checked(length)?;
    Some((rest, value))
}

fn accept_size(key: &PublicKey) -> Result<(), KeyError> {
    let bits = modulus_bits(key.as_ref()).ok_or(KeyError::NotAnRsaKey)?;
    if (MODULUS_MIN_BITS..=MODULUS_MAX_BITS).contains(&bits) { Ok(()) } else { Err(KeyError::ModulusSize { bits }) }
}
