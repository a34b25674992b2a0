//! From the body that was sent, and signed, to the body that is read.

use std::borrow::Cow;

use axum::http::HeaderMap;

use crate::aes::{self, ContentKey};
use crate::codes::gateway;
use crate::wire::failure::Failure;

/// The header that says how a body is encrypted.
const ENCRYPT_TYPE: &str = "alipay-encrypt-type";

/// Whether the body is encrypted, with AES.
///
/// # Errors
/// `isv.invalid-encrypt-type` for any other encryption.
pub(super) fn is_encrypted(headers: &HeaderMap) -> Result<bool, Failure> {
    match headers.get(ENCRYPT_TYPE).filter(|value| !value.is_empty()) {
        None => Ok(false),
        Some(value) if value.as_bytes() == aes::ENCRYPT_TYPE.as_bytes() => Ok(true),
        Some(_) => Err(Failure::new(gateway::INVALID_ENCRYPT_TYPE)),
    }
}

/// The JSON text of a body. The signature was checked over the body as it came; whatever is undone to it is undone here.
///
/// # Errors
/// `isv.decryption-error-unknown` for a body that `key` does not open.
pub(super) fn plain<'a>(key: Option<&ContentKey>, body: &'a [u8]) -> Result<Cow<'a, [u8]>, Failure> {
    let Some(key) = key else { return Ok(Cow::Borrowed(body)) };
    // What is not text is no base64 either, and fails in the same way.
    let text = aes::decrypted(key, std::str::from_utf8(body).unwrap_or_default())?;
    Ok(Cow::Owned(text.into_bytes()))
}
