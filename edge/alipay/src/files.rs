//! Pictures that merchants have sent, as anybody reads them who knows their address.
//!
//! The bytes are in the vault of the merchant's cell, not in the journal: they may show people (law 9). Their number is a keyed
//! digest, so an address cannot be guessed; what is behind it never changes.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use sycee_engine::CellHandle;
use sycee_engine::vault::FileId;
use tracing::error;

use crate::state::Alipay;

/// How much of the vault one merchant's pictures may take, in bytes.
pub const MERCHANT_FILES_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// What a browser may do with a picture that somebody else has sent: show it.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; sandbox";

/// A kind of picture that is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ImageKind {
    /// Its name, as the platform's clients write it in small letters.
    pub name: &'static str,
    /// What browsers call it.
    pub media_type: &'static str,
    /// What its bytes begin with.
    magic: &'static [u8],
}

/// The kinds of pictures. Videos, which the platform also takes, are not.
pub const IMAGE_KINDS: [ImageKind; 5] = [
    ImageKind { name: "jpg", media_type: "image/jpeg", magic: b"\xFF\xD8\xFF" },
    ImageKind { name: "jpeg", media_type: "image/jpeg", magic: b"\xFF\xD8\xFF" },
    ImageKind { name: "png", media_type: "image/png", magic: b"\x89PNG\r\n\x1A\n" },
    ImageKind { name: "gif", media_type: "image/gif", magic: b"GIF8" },
    ImageKind { name: "bmp", media_type: "image/bmp", magic: b"BM" },
];

impl ImageKind {
    /// The kind of this name, whatever its letters' case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        IMAGE_KINDS.into_iter().find(|kind| kind.name.eq_ignore_ascii_case(name))
    }

    /// Whether so begins a picture of this kind.
    #[must_use]
    pub fn begins(&self, content: &[u8]) -> bool {
        content.starts_with(self.magic)
    }
}

/// The path at which a kept picture is read.
#[must_use]
pub fn path(cell: &CellHandle, id: FileId) -> String {
    format!("/files/{}/{}", cell.number, id.to_text())
}

/// `GET /files/{cell}/{file}`.
pub(crate) async fn handle(State(alipay): State<Arc<Alipay>>, Path((cell, file)): Path<(u16, String)>) -> Response {
    let found = alipay.world.numbered(cell).cloned().zip(FileId::parse(&file));
    let Some((cell, id)) = found else { return not_found() };
    match tokio::task::spawn_blocking(move || cell.vault.file(id)).await {
        Ok(Ok(Some(file))) => match ImageKind::named(&file.kind) {
            Some(kind) => picture(kind, file.content),
            None => not_found(),
        },
        Ok(Ok(None)) => not_found(),
        Ok(Err(why)) => unreadable(&why),
        Err(panicked) => unreadable(&panicked),
    }
}

fn picture(kind: ImageKind, content: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(content));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind.media_type));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn not_found() -> Response {
    plain(StatusCode::NOT_FOUND, "There is no such picture.\n")
}

fn unreadable(why: &dyn std::fmt::Display) -> Response {
    error!("a picture cannot be read: {why}");
    plain(StatusCode::INTERNAL_SERVER_ERROR, "The picture cannot be read.\n")
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain;charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_of_a_kind_by_its_name_and_its_first_bytes() {
        // Signatures: JPEG, ISO/IEC 10918-1; PNG, ISO/IEC 15948; GIF89a; BMP.
        let table: [(&str, &[u8], bool); 9] = [
            ("jpg", b"\xFF\xD8\xFF\xE0", true),
            ("JPEG", b"\xFF\xD8\xFF", true),
            ("png", b"\x89PNG\r\n\x1A\n", true),
            ("gif", b"GIF89a", true),
            ("bmp", b"BM6", true),
            ("png", b"\x89PNG\n", false),
            ("jpg", b"<svg onload=alert(1)>", false),
            ("svg", b"<svg>", false),
            ("mp4", b"\0\0\0\x18ftyp", false),
        ];
        for (name, content, expected) in table {
            assert_eq!(ImageKind::named(name).is_some_and(|kind| kind.begins(content)), expected, "{name}");
        }
    }
}
