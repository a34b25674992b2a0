//! Writing certificates (RFC 5280): which fields and extensions each kind has.

use aws_lc_rs::rand;
use aws_lc_rs::rsa::PublicKey;
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, DnValue, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_RSA_SHA256, PublicKeyData, RsaKeySize, SerialNumber, SignatureAlgorithm, date_time_ymd,
};

use super::AuthorityError;
use super::serial::{Name, certificate_sn};
use crate::signature::VerifyingKey;

/// Characters on a line of PEM (RFC 7468).
const PEM_LINE: usize = 64;

/// A certificate that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The certificate in PEM (RFC 7468).
    pub pem: String,
    /// What the protocol calls it by.
    pub sn: String,
}

/// What the owner of a certificate may do with it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Issue certificates of authorities.
    Root,
    /// Issue certificates of signers.
    Issuing,
    /// Sign requests or answers.
    Signer,
}

/// What is written into a certificate besides the key and the issuer.
pub(super) struct Content<'a> {
    pub subject: Name<'a>,
    pub purpose: Purpose,
    pub now_ns: u64,
    pub years: i16,
}

/// An RSA key that authorities sign with.
pub(super) fn new_key() -> Result<KeyPair, AuthorityError> {
    KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(AuthorityError::library)
}

/// A kept key.
pub(super) fn read_key(pkcs8_der: &[u8]) -> Result<KeyPair, AuthorityError> {
    KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8_der.into(), &PKCS_RSA_SHA256).map_err(AuthorityError::library)
}

/// A public key that gets a certificate.
pub(super) struct Subject(PublicKey);

impl Subject {
    pub fn new(key: &VerifyingKey) -> Result<Self, AuthorityError> {
        PublicKey::from_der(key.spki_der()).map(Self).map_err(AuthorityError::library)
    }
}

impl PublicKeyData for Subject {
    fn der_bytes(&self) -> &[u8] {
        self.0.as_ref()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

/// A certificate that its own key signs.
pub(super) fn self_signed(content: &Content<'_>, key: &KeyPair) -> Result<Issued, AuthorityError> {
    let serial = new_serial()?;
    let certificate = parameters(content, serial)?.self_signed(key).map_err(AuthorityError::library)?;
    Ok(issued(certificate.der(), content.subject, serial))
}

/// A certificate that an authority signs.
pub(super) fn signed(
    content: &Content<'_>,
    key: &impl PublicKeyData,
    issuer: Name<'_>,
    issuer_key: &KeyPair,
) -> Result<Issued, AuthorityError> {
    let serial = new_serial()?;
    // Of an issuer only the name, the usages and how its key is identified are read.
    let mut authority = CertificateParams::default();
    authority.distinguished_name = distinguished_name(issuer)?;
    authority.key_usages = usages(Purpose::Issuing);
    let issuing = Issuer::from_params(&authority, issuer_key);
    let certificate = parameters(content, serial)?.signed_by(key, &issuing).map_err(AuthorityError::library)?;
    Ok(issued(certificate.der(), issuer, serial))
}

fn issued(der: &[u8], issuer: Name<'_>, serial: u128) -> Issued {
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD.encode(der);
    let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
    for (at, character) in base64.chars().enumerate() {
        if at > 0 && at % PEM_LINE == 0 {
            pem.push('\n');
        }
        pem.push(character);
    }
    pem.push_str("\n-----END CERTIFICATE-----\n");
    Issued { pem, sn: certificate_sn(issuer, serial) }
}

fn parameters(content: &Content<'_>, serial: u128) -> Result<CertificateParams, AuthorityError> {
    let ends = |path| IsCa::Ca(BasicConstraints::Constrained(path));
    let now = Timestamp::from_nanosecond(i128::from(content.now_ns)).map_err(AuthorityError::library)?;
    // From the day before: a client's clock may be behind.
    let first = now.to_zoned(TimeZone::UTC).date().checked_sub(1.day()).map_err(AuthorityError::library)?;
    let last = first.checked_add(content.years.years()).map_err(AuthorityError::library)?;
    let ((from_year, from_month, from_day), (to_year, to_month, to_day)) = (day(first)?, day(last)?);
    let mut parameters = CertificateParams::default();
    parameters.not_before = date_time_ymd(from_year, from_month, from_day);
    parameters.not_after = date_time_ymd(to_year, to_month, to_day);
    parameters.serial_number = Some(SerialNumber::from_slice(&serial.to_be_bytes()));
    parameters.distinguished_name = distinguished_name(content.subject)?;
    parameters.is_ca = match content.purpose {
        Purpose::Root => ends(1),
        Purpose::Issuing => ends(0),
        Purpose::Signer => IsCa::ExplicitNoCa,
    };
    parameters.key_usages = usages(content.purpose);
    parameters.use_authority_key_identifier_extension = true;
    Ok(parameters)
}

fn usages(purpose: Purpose) -> Vec<KeyUsagePurpose> {
    match purpose {
        Purpose::Root | Purpose::Issuing => vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign],
        Purpose::Signer => vec![KeyUsagePurpose::DigitalSignature],
    }
}

fn distinguished_name(name: Name<'_>) -> Result<DistinguishedName, AuthorityError> {
    let mut written = DistinguishedName::new();
    for (part, text) in [
        (DnType::CountryName, name.country),
        (DnType::OrganizationName, name.organization),
        (DnType::OrganizationalUnitName, name.unit),
        (DnType::CommonName, name.common),
    ] {
        let text = text.try_into().map_err(AuthorityError::library)?;
        written.push(part, DnValue::PrintableString(text));
    }
    Ok(written)
}

/// 126 random bits under a one: positive, always of 16 bytes, and no two certificates of an issuer have the same.
fn new_serial() -> Result<u128, AuthorityError> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).map_err(AuthorityError::library)?;
    Ok((u128::from_be_bytes(bytes) >> 2) | (1 << 126))
}

/// A day as the parts of a date.
fn day(date: jiff::civil::Date) -> Result<(i32, u8, u8), AuthorityError> {
    let part = |value: i8| u8::try_from(value).map_err(AuthorityError::library);
    Ok((i32::from(date.year()), part(date.month())?, part(date.day())?))
}
