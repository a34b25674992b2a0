//! From the body that was sent, and signed, to the body that is read.

use std::borrow::Cow;

use axum::http::{HeaderMap, header};

use crate::codes::gateway;
use crate::wire::failure::Failure;

/// The header that says how a body is encrypted.
const ENCRYPT_TYPE: &str = "alipay-encrypt-type";

/// The JSON text of a body. The signature was checked over the body as it came; whatever is undone to it is undone here.
///
/// # Errors
/// `isv.invalid-encrypt-type` for an encrypted body, `isv.invalid-parameter` for an upload of files: neither is offered.
pub(super) fn plain<'a>(headers: &HeaderMap, body: &'a [u8]) -> Result<Cow<'a, [u8]>, Failure> {
    if headers.get(ENCRYPT_TYPE).is_some_and(|value| !value.is_empty()) {
        return Err(Failure::new(gateway::INVALID_ENCRYPT_TYPE));
    }
    Ok(Cow::Borrowed(body))
}

/// Whether files are uploaded; then another text than the body is signed.
pub(super) fn is_upload(headers: &HeaderMap) -> bool {
    const MULTIPART: &[u8] = b"multipart/";
    let content_type = headers.get(header::CONTENT_TYPE).map(|value| value.as_bytes()).unwrap_or_default();
    content_type.get(..MULTIPART.len()).is_some_and(|start| start.eq_ignore_ascii_case(MULTIPART))
}
