//! Certificates of merchants' apps, for whoever hands them out: the edge that reads them makes them, other edges ask it to.

use crate::CellHandle;

/// The certificates that an app's systems need, in PEM (RFC 7468).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AppCertificates {
    /// The app's own, for its key.
    pub app_cert: String,
    /// The platform's, for the key that signs answers, with that of its issuer behind it.
    pub platform_cert: String,
    /// The root's, which clients trust.
    pub root_cert: String,
}

/// Makes certificates for apps.
pub trait CertifiesApps: Send + Sync {
    /// The app's certificates for this key (SPKI DER). Asked again for the same key it gives the same ones. It may wait for a disk.
    ///
    /// # Errors
    /// Why there are none, for the operator.
    fn certify(&self, cell: &CellHandle, app_id: u64, spki: &[u8]) -> Result<AppCertificates, String>;
}
