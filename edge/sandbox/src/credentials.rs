//! What a merchant's app may have at the Alipay edge besides its id, made by whoever runs that edge.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sycee_engine::CellHandle;
use sycee_engine::certificates::{AppCertificates, CertifiesApps};

use crate::problem::Problem;

/// How long a key for content is, in bytes.
pub const CONTENT_KEY_BYTES: usize = 16;

/// The certificates of an app, in PEM, as this edge writes them.
#[derive(Serialize)]
pub(crate) struct Certificates {
    /// The app's own, for the key that it was opened with.
    pub app_cert: String,
    /// The platform's, for the key that signs answers.
    pub alipay_cert: String,
    /// The root's, which clients trust.
    pub root_cert: String,
}

impl From<AppCertificates> for Certificates {
    fn from(AppCertificates { app_cert, platform_cert, root_cert }: AppCertificates) -> Self {
        Self { app_cert, alipay_cert: platform_cert, root_cert }
    }
}

/// Equips apps for the Alipay edge.
pub trait AppCredentials: CertifiesApps {
    /// Keeps the key with which the app's content is encrypted. It may wait for a disk.
    ///
    /// # Errors
    /// Why it could not be kept, for the operator.
    fn keep_content_key(&self, cell: &CellHandle, app_id: u64, key: [u8; CONTENT_KEY_BYTES]) -> Result<(), String>;
}

/// A content key as merchants configure it.
pub(crate) fn content_key(text: &str) -> Result<[u8; CONTENT_KEY_BYTES], Problem> {
    let bytes = STANDARD.decode(text.trim()).ok();
    let key = bytes.and_then(|bytes| bytes.try_into().ok());
    key.ok_or_else(|| Problem::bad_field("encrypt_key", "is base64 of 16 bytes"))
}
