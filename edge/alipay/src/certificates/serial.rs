//! The names that the protocol gives certificates (`app_cert_sn`, `alipay_cert_sn`, `alipay_root_cert_sn`).

use md5::{Digest as _, Md5};

/// A distinguished name of exactly four parts, encoded in this order: one community client knows no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    /// C, two capital letters.
    pub country: &'a str,
    /// O.
    pub organization: &'a str,
    /// OU.
    pub unit: &'a str,
    /// CN.
    pub common: &'a str,
}

/// The 32 hexadecimal digits of the MD5 digest (RFC 1321) of the issuer, its parts in reverse, and the serial number in
/// decimal digits. It tells certificates apart and proves nothing; signatures are checked with keys.
#[must_use]
pub fn certificate_sn(issuer: Name<'_>, serial: u128) -> String {
    let Name { country, organization, unit, common } = issuer;
    let digest = Md5::digest(format!("CN={common},OU={unit},O={organization},C={country}{serial}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether the text has the form of such a name.
#[must_use]
pub fn is_certificate_sn(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
