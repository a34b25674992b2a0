//! The authority for the Alipay edge's certificate mode, and what the sandbox gives apps for that edge.

use std::sync::Arc;

use sycee_alipay::aes::ContentKey;
use sycee_alipay::certificates::Authority;
use sycee_alipay::signature::VerifyingKey;
use sycee_alipay::state::Alipay;
use sycee_contract::MarketPack;
use sycee_engine::CellHandle;
use sycee_engine::certificates::{AppCertificates, CertifiesApps};
use sycee_engine::vault::Vault;
use sycee_sandbox::{AppCredentials, CONTENT_KEY_BYTES};

use super::secrets::shared;

/// The server's authority. Unlike the gateway key it is also made when the cells have operations already: data directories of
/// earlier versions have none, and losing it loses no more than the certificates.
///
/// # Errors
/// One line.
pub(super) fn authority(
    packs: &[MarketPack],
    vaults: &[Arc<Vault>],
    gateway_public_key: &str,
    now_ns: u64,
) -> Result<Authority, String> {
    let platform_key = VerifyingKey::parse(gateway_public_key).map_err(|error| format!("gateway key: {error}"))?;
    let bytes = shared("certificate-authority", packs, vaults, || {
        Authority::generate(&platform_key, now_ns)
            .and_then(|authority| authority.to_bytes())
            .map_err(|error| error.to_string())
    })?;
    Authority::from_bytes(&bytes, &platform_key).map_err(|error| error.to_string())
}

/// The Alipay edge as the others see it.
pub(super) struct OfAlipay(pub Arc<Alipay>);

impl AppCredentials for OfAlipay {
    fn keep_content_key(&self, cell: &CellHandle, app_id: u64, key: [u8; CONTENT_KEY_BYTES]) -> Result<(), String> {
        ContentKey::new(key).keep(&cell.vault, app_id).map_err(|error| error.to_string())
    }
}

impl CertifiesApps for OfAlipay {
    fn certify(&self, cell: &CellHandle, app_id: u64, spki: &[u8]) -> Result<AppCertificates, String> {
        let authority = self.0.authority.as_ref().ok_or("there is no authority")?;
        let key = VerifyingKey::from_der(spki).map_err(|error| error.to_string())?;
        let now_ns = self.0.world.clock.now_ns();
        let app_cert = authority.certificate_of_app(&cell.vault, app_id, &key, now_ns);
        Ok(AppCertificates {
            app_cert: app_cert.map_err(|error| error.to_string())?,
            platform_cert: authority.platform_pem(),
            root_cert: authority.root_pem().to_owned(),
        })
    }
}
