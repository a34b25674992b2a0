//! The cell's key and what is made with it: AES-256-GCM for sealing, HKDF-SHA256 for keys of purposes, HMAC-SHA256 for
//! digests, all of aws-lc.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hkdf::{self, HKDF_SHA256};
use aws_lc_rs::{hmac, rand};

use super::VaultError;

const KEY_LENGTH: usize = 32;
const TEXT_PREFIX: &str = "sycee-cell-key-1:";

/// Fills an array with randomness of the system.
pub(super) fn random<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| VaultError::NoRandomness)?;
    Ok(bytes)
}

/// HMAC-SHA256 (RFC 2104, FIPS 180-4).
pub(super) fn hmac_sha256(key: &[u8; 32], bytes: &[u8]) -> [u8; 32] {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), bytes);
    let mut digest = [0; 32];
    digest.copy_from_slice(tag.as_ref());
    digest
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Sealed bytes: nonce, then cipher text with its tag.
pub struct Sealed(pub Vec<u8>);

/// A 256-bit key. It is not shown by `Debug` and has no `Display`.
pub struct CellKey([u8; KEY_LENGTH]);

impl CellKey {
    /// A new random key.
    ///
    /// # Errors
    /// [`VaultError::NoRandomness`].
    pub fn generate() -> Result<Self, VaultError> {
        Ok(Self(random()?))
    }

    /// A key of these bytes; `None` if they are not 32.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// [`VaultError::Key`], without showing what was in it.
    pub fn parse(text: &[u8]) -> Result<Self, VaultError> {
        let bad = || VaultError::Key("the key file is not 'sycee-cell-key-1:' and 64 hexadecimal digits".into());
        let text = std::str::from_utf8(text).map_err(|_| bad())?;
        let digits = text.trim_end().strip_prefix(TEXT_PREFIX).ok_or_else(bad)?;
        if digits.len() != KEY_LENGTH * 2 || !digits.is_ascii() {
            return Err(bad());
        }
        let mut bytes = [0; KEY_LENGTH];
        for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| bad())?;
        }
        Ok(Self(bytes))
    }

    /// The content of a key file.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{TEXT_PREFIX}{}\n", hex(&self.0))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Seals bytes under a name: they open only under the same name.
    ///
    /// # Errors
    /// [`VaultError::NoRandomness`].
    pub fn seal(&self, name: &str, secret: &[u8]) -> Result<Sealed, VaultError> {
        let key = self.sealing_key()?;
        let mut bytes = secret.to_vec();
        let nonce = key
            .seal_in_place_append_tag(Aad::from(name.as_bytes()), &mut bytes)
            .map_err(|_| VaultError::NoRandomness)?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.extend_from_slice(&bytes);
        Ok(Sealed(sealed))
    }

    /// Opens what was sealed under this name.
    ///
    /// # Errors
    /// [`VaultError::DoesNotOpen`].
    pub fn open(&self, name: &str, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (nonce, bytes) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(VaultError::DoesNotOpen)?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let mut bytes = bytes.to_vec();
        let opened = self
            .sealing_key()?
            .open_in_place(nonce, Aad::from(name.as_bytes()), &mut bytes)
            .map_err(|_| VaultError::DoesNotOpen)?;
        Ok(opened.to_vec())
    }

    /// HMAC-SHA256 under a key derived for `purpose`.
    #[must_use]
    pub fn digest(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        hmac_sha256(&self.derived(purpose), bytes)
    }

    fn sealing_key(&self) -> Result<RandomizedNonceKey, VaultError> {
        RandomizedNonceKey::new(&AES_256_GCM, &self.derived("seal")).map_err(|_| VaultError::DoesNotOpen)
    }

    fn derived(&self, purpose: &str) -> [u8; 32] {
        let mut derived = [0; 32];
        let secret = hkdf::Salt::new(HKDF_SHA256, b"sycee").extract(&self.0);
        let info = [purpose.as_bytes()];
        let filled = secret.expand(&info, HKDF_SHA256).and_then(|output| output.fill(&mut derived));
        assert!(filled.is_ok(), "HKDF gives 32 bytes");
        derived
    }
}
