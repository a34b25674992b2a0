//! Certificate mode: the operator's own small authority, and which certificate each application signs with.
//!
//! A root signs an issuing authority; that one signs a certificate for each application's key and one for the platform's
//! own key. The certificates are how keys are named on the wire and how a client learns the platform's key; what a
//! request proves is still its signature, checked with the key in the application's record. The authority's keys are
//! sealed in the vault, like the platform's key. Nothing is revoked or renewed here: a certificate counts as long as
//! its key is one of the application's.

mod issuing;
mod serial;

use std::fmt;

use minicbor::{Decode, Encode};
use rcgen::KeyPair;
use sycee_engine::vault::{Vault, VaultError};

pub use issuing::Issued;
pub use serial::{Name, certificate_sn, is_certificate_sn};

use crate::codes::gateway;
use crate::signature::VerifyingKey;
use crate::state::unreadable;
use crate::wire::failure::Failure;
use issuing::{Content, Purpose, Subject};

/// A country that is none (ISO 3166-1 leaves ZZ to users).
const COUNTRY: &str = "ZZ";
const ORGANIZATION: &str = "Sycee";
const ROOT: Name<'static> =
    Name { country: COUNTRY, organization: ORGANIZATION, unit: "Certification Authority", common: "Sycee Root R1" };
const ISSUING: Name<'static> = Name { common: "Sycee Issuing R1", ..ROOT };
const PLATFORM: Name<'static> = Name { unit: "Platform", common: "Sycee Gateway", ..ROOT };

const ROOT_YEARS: i16 = 30;
const ISSUING_YEARS: i16 = 25;
const PLATFORM_YEARS: i16 = 20;
const APP_YEARS: i16 = 10;

/// Why the authority cannot be made, read or used.
#[derive(Debug)]
pub enum AuthorityError {
    /// The library that writes certificates, or the system's randomness; its words.
    Library(String),
    /// The kept bytes are not an authority's.
    Damaged,
    /// It was made for another platform key than the one that signs answers.
    OtherPlatformKey,
    /// The cell's vault.
    Vault(VaultError),
}

impl AuthorityError {
    fn library(error: impl fmt::Display) -> Self {
        Self::Library(error.to_string())
    }
}

impl fmt::Display for AuthorityError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Library(error) => write!(formatter, "certificates: {error}"),
            Self::Damaged => formatter.write_str("certificates: the kept authority cannot be read"),
            Self::OtherPlatformKey => formatter.write_str("certificates: the authority is of another platform key"),
            Self::Vault(error) => write!(formatter, "certificates: {error}"),
        }
    }
}

impl std::error::Error for AuthorityError {}

/// What is kept of an authority: everything, as one secret.
#[derive(Encode, Decode)]
struct Kept {
    /// PKCS#8 DER.
    #[cbor(n(0), with = "minicbor::bytes")]
    root_key: Vec<u8>,
    #[n(1)]
    root_pem: String,
    #[n(2)]
    root_sn: String,
    /// PKCS#8 DER.
    #[cbor(n(3), with = "minicbor::bytes")]
    issuing_key: Vec<u8>,
    #[n(4)]
    issuing_pem: String,
    /// SPKI DER of the key that the platform's certificate holds.
    #[cbor(n(5), with = "minicbor::bytes")]
    platform_key: Vec<u8>,
    #[n(6)]
    platform_pem: String,
    #[n(7)]
    platform_sn: String,
}

/// The authority of a server.
pub struct Authority {
    kept: Kept,
    issuing_key: KeyPair,
}

impl fmt::Debug for Authority {
    /// Shows which one it is and none of its keys.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Authority").field("root_sn", &self.kept.root_sn).finish_non_exhaustive()
    }
}

impl Authority {
    /// Makes a new authority, valid from `now_ns` (UTC nanoseconds), with a certificate for the platform's key.
    ///
    /// # Errors
    /// [`AuthorityError::Library`].
    pub fn generate(platform_key: &VerifyingKey, now_ns: u64) -> Result<Self, AuthorityError> {
        let (root_key, issuing_key) = (issuing::new_key()?, issuing::new_key()?);
        let content = |subject, purpose, years| Content { subject, purpose, now_ns, years };
        let root = issuing::self_signed(&content(ROOT, Purpose::Root, ROOT_YEARS), &root_key)?;
        let of_issuing = content(ISSUING, Purpose::Issuing, ISSUING_YEARS);
        let authority = issuing::signed(&of_issuing, &issuing_key, ROOT, &root_key)?;
        let of_platform = content(PLATFORM, Purpose::Signer, PLATFORM_YEARS);
        let platform = issuing::signed(&of_platform, &Subject::new(platform_key)?, ISSUING, &issuing_key)?;
        let kept = Kept {
            root_key: root_key.serialized_der().to_vec(),
            root_pem: root.pem,
            root_sn: root.sn,
            issuing_key: issuing_key.serialized_der().to_vec(),
            issuing_pem: authority.pem,
            platform_key: platform_key.spki_der().to_vec(),
            platform_pem: platform.pem,
            platform_sn: platform.sn,
        };
        Ok(Self { kept, issuing_key })
    }

    /// Reads a kept authority.
    ///
    /// # Errors
    /// [`AuthorityError`]: among others, that it is not of this platform key.
    pub fn from_bytes(bytes: &[u8], platform_key: &VerifyingKey) -> Result<Self, AuthorityError> {
        let kept: Kept = minicbor::decode(bytes).map_err(|_| AuthorityError::Damaged)?;
        if kept.platform_key != platform_key.spki_der() {
            return Err(AuthorityError::OtherPlatformKey);
        }
        let issuing_key = issuing::read_key(&kept.issuing_key)?;
        Ok(Self { kept, issuing_key })
    }

    /// The authority with its private keys, to be sealed and kept by the caller.
    ///
    /// # Errors
    /// [`AuthorityError::Library`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, AuthorityError> {
        minicbor::to_vec(&self.kept).map_err(AuthorityError::library)
    }

    /// The root's certificate in PEM: what clients trust.
    #[must_use]
    pub fn root_pem(&self) -> &str {
        &self.kept.root_pem
    }

    /// The platform's certificate in PEM with that of its issuer behind it.
    #[must_use]
    pub fn platform_pem(&self) -> String {
        format!("{}{}", self.kept.platform_pem, self.kept.issuing_pem)
    }

    /// What the protocol calls the root by (`alipay_root_cert_sn`).
    #[must_use]
    pub fn root_sn(&self) -> &str {
        &self.kept.root_sn
    }

    /// What the protocol calls the platform's certificate by (`alipay_cert_sn`).
    #[must_use]
    pub fn platform_sn(&self) -> &str {
        &self.kept.platform_sn
    }

    /// Writes a certificate for an application's key, and keeps in its cell's vault that it is the application's.
    ///
    /// # Errors
    /// [`AuthorityError`].
    pub fn certify_app(
        &self,
        vault: &Vault,
        app_id: u64,
        key: &VerifyingKey,
        now_ns: u64,
    ) -> Result<Issued, AuthorityError> {
        let common = app_id.to_string();
        let subject = Name { unit: "Applications", common: &common, ..ROOT };
        let content = Content { subject, purpose: Purpose::Signer, now_ns, years: APP_YEARS };
        let issued = issuing::signed(&content, &Subject::new(key)?, ISSUING, &self.issuing_key)?;
        vault.put_secret(&secret_name(app_id, &issued.sn), key.spki_der()).map_err(AuthorityError::Vault)?;
        Ok(issued)
    }
}

impl Authority {
    /// The certificate of an application for this key: the one that was written for it before, else a new one. So however often it is
    /// asked for, an application has one for each of its keys.
    ///
    /// # Errors
    /// [`AuthorityError`].
    pub fn certificate_of_app(
        &self,
        vault: &Vault,
        app_id: u64,
        key: &VerifyingKey,
        now_ns: u64,
    ) -> Result<String, AuthorityError> {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.spki_der());
        let digest: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        // With the root's name: one of another authority would be no use to anybody.
        let name = format!("alipay-app-cert-of-key/{app_id}/{}/{digest}", self.root_sn());
        if let Some(kept) = vault.secret(&name).map_err(AuthorityError::Vault)? {
            return String::from_utf8(kept).map_err(|_| AuthorityError::Damaged);
        }
        let issued = self.certify_app(vault, app_id, key, now_ns)?;
        vault.put_secret(&name, issued.pem.as_bytes()).map_err(AuthorityError::Vault)?;
        Ok(issued.pem)
    }
}

/// Checks the certificates that a genuine request names: `app_cert_sn` must be a certificate of the application for the
/// key that verified the request, and `alipay_root_cert_sn`, when it is there, must have this authority's root in it.
/// Clients that trust other roots besides send theirs too, joined by `_`.
///
/// # Errors
/// `isv.app-cert-not-exist`, `isv.invalid-alipay-root-cert-sn`; `isp.unknow-error` when the vault cannot be read.
pub fn check_sender(
    authority: Option<&Authority>,
    vault: &Vault,
    app_id: u64,
    key: &VerifyingKey,
    app_cert_sn: &str,
    root_cert_sn: Option<&str>,
) -> Result<(), Failure> {
    let unknown = || Failure::new(gateway::APP_CERT_NOT_EXIST);
    if !is_certificate_sn(app_cert_sn) {
        return Err(unknown());
    }
    let certified = vault.secret(&secret_name(app_id, app_cert_sn)).map_err(unreadable)?.ok_or_else(unknown)?;
    if certified != key.spki_der() {
        return Err(unknown());
    }
    let root = authority.map(Authority::root_sn);
    if root_cert_sn.is_some_and(|sent| !sent.split('_').any(|sn| Some(sn) == root)) {
        return Err(Failure::new(gateway::INVALID_ROOT_CERT_SN));
    }
    Ok(())
}

fn secret_name(app_id: u64, sn: &str) -> String {
    format!("alipay-app-cert/{app_id}/{sn}")
}
