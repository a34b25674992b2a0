//! Content encryption (`encrypt_type=AES`): AES-128-CBC with PKCS#7 padding, base64 around it.
//!
//! The protocol fixes the initialization vector at sixteen zero bytes, so equal texts become equal cipher texts; what
//! protects a request from change is its signature, which covers the cipher text and is checked before anything is
//! decrypted. Each application has a key of its own, agreed with the platform outside of this protocol and kept in the
//! vault of the application's cell.

use std::fmt;

use aws_lc_rs::cipher::{
    AES_128, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sycee_engine::vault::{Vault, VaultError};

use crate::codes::gateway;
use crate::signature::BASE64_LENIENT;
use crate::state::unreadable;
use crate::wire::failure::Failure;

/// The only `encrypt_type` there is.
pub const ENCRYPT_TYPE: &str = "AES";
/// How long a key is, in bytes.
pub const KEY_BYTES: usize = 16;
/// How long a block is, and so the initialization vector, in bytes.
const BLOCK_BYTES: usize = 16;

/// The key with which an application and the platform encrypt what they say to each other. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct ContentKey([u8; KEY_BYTES]);

/// The text could not be encrypted. The library gives no reason; nothing may be sent in the clear instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncryptionError;

impl fmt::Display for EncryptionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the answer could not be encrypted")
    }
}

impl std::error::Error for EncryptionError {}

impl fmt::Debug for ContentKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ContentKey").finish_non_exhaustive()
    }
}

impl ContentKey {
    /// Reads a key as merchants configure it: base64 of 16 bytes. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_LENIENT.decode(text.trim()).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }

    /// The key of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// The key of an application, out of its cell's vault; `None` when it has none.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn of_app(vault: &Vault, app_id: u64) -> Result<Option<Self>, VaultError> {
        let Some(bytes) = vault.secret(&secret_name(app_id))? else { return Ok(None) };
        bytes.try_into().map(|bytes| Some(Self(bytes))).map_err(|_| VaultError::DoesNotOpen)
    }

    /// Keeps this as the key of an application; it counts from the next request on.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn keep(&self, vault: &Vault, app_id: u64) -> Result<(), VaultError> {
        vault.put_secret(&secret_name(app_id), &self.0)
    }

    /// The text encrypted, as base64 with padding.
    ///
    /// # Errors
    /// [`EncryptionError`] when the library refuses.
    pub fn encrypt(&self, text: &str) -> Result<String, EncryptionError> {
        let mut bytes = text.as_bytes().to_vec();
        let key = UnboundCipherKey::new(&AES_128, &self.0).and_then(PaddedBlockEncryptingKey::cbc_pkcs7);
        // "Less safe" because of the fixed vector, which the protocol demands (see the module).
        key.and_then(|key| key.less_safe_encrypt(&mut bytes, EncryptionContext::Iv128(zero_vector())))
            .map_err(|_| EncryptionError)?;
        Ok(STANDARD.encode(bytes))
    }

    /// The text that was encrypted; `None` when it is no base64, was encrypted with another key, or is no UTF-8.
    #[must_use]
    pub fn decrypt(&self, base64_text: &str) -> Option<String> {
        let mut bytes = BASE64_LENIENT.decode(base64_text).ok()?;
        let key = UnboundCipherKey::new(&AES_128, &self.0).and_then(PaddedBlockDecryptingKey::cbc_pkcs7).ok()?;
        let text = key.decrypt(&mut bytes, DecryptionContext::Iv128(zero_vector())).ok()?;
        String::from_utf8(text.to_vec()).ok()
    }
}

/// The key of an application that sent encrypted content.
///
/// # Errors
/// `isv.decryption-error-unknown` when it has none; `isp.unknow-error` when the vault cannot be read.
pub fn key_of_sender(vault: &Vault, app_id: u64) -> Result<ContentKey, Failure> {
    ContentKey::of_app(vault, app_id)
        .map_err(unreadable)?
        .ok_or_else(|| Failure::with_detail(gateway::DECRYPTION_ERROR, "the application has no AES key configured"))
}

/// What a genuine request holds, in the clear.
///
/// # Errors
/// `isv.decryption-error-unknown`.
pub fn decrypted(key: &ContentKey, base64_text: &str) -> Result<String, Failure> {
    key.decrypt(base64_text).ok_or(Failure::new(gateway::DECRYPTION_ERROR))
}

fn secret_name(app_id: u64) -> String {
    format!("alipay-aes/{app_id}")
}

fn zero_vector() -> FixedLength<BLOCK_BYTES> {
    FixedLength::from([0; BLOCK_BYTES])
}
