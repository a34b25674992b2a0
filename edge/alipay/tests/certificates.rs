//! Names of certificates against the OpenSSL command line, and an authority that is kept.

use sycee_alipay::certificates::{Authority, AuthorityError, Name, certificate_sn, is_certificate_sn};
use sycee_alipay::signature::VerifyingKey;
use sycee_engine::vault::Vault;

const NOW_NS: u64 = 1_790_000_000_000_000_000;

fn key(pem: &str) -> VerifyingKey {
    VerifyingKey::parse(pem).unwrap()
}

/// Certificates made with `openssl req -x509 -subj "/C=ZZ/O=Test Org/OU=Test Unit/CN=Test CA 1"` and `openssl x509 -req
/// -set_serial`, their names computed by a community client (python-alipay-sdk 3.4.0) and by `md5sum`.
#[test]
fn names_are_those_that_clients_compute() {
    let issuer = Name { country: "ZZ", organization: "Test Org", unit: "Test Unit", common: "Test CA 1" };
    for (serial, expected) in [
        (0x7a01_0203_0405_0607_0809_0a0b_0c0d_0e0f, "a3e8d95458e8c677fb0fe6a203e391d8"),
        (42, "a811f69596baa31dfb3cbd640e20c754"),
    ] {
        assert_eq!(certificate_sn(issuer, serial), expected);
        assert!(is_certificate_sn(expected));
    }
    for text in
        ["", "a3e8d95458e8c677fb0fe6a203e391d", "A3E8D95458E8C677FB0FE6A203E391D8", "../58e8c677fb0fe6a203e391d8//"]
    {
        assert!(!is_certificate_sn(text), "{text}");
    }
}

#[test]
fn an_authority_is_kept_and_goes_with_its_platform_key() {
    let platform = key(include_str!("fixtures/platform.spki.pem"));
    let made = Authority::generate(&platform, NOW_NS).unwrap();
    let bytes = made.to_bytes().unwrap();
    let kept = Authority::from_bytes(&bytes, &platform).unwrap();
    assert_eq!((kept.root_pem(), kept.root_sn()), (made.root_pem(), made.root_sn()));
    assert_eq!((kept.platform_pem(), kept.platform_sn()), (made.platform_pem(), made.platform_sn()));
    assert_ne!(made.root_sn(), made.platform_sn());
    assert_eq!(made.root_pem().matches("-----BEGIN CERTIFICATE-----\n").count(), 1);
    assert_eq!(made.platform_pem().matches("-----BEGIN CERTIFICATE-----\n").count(), 2);

    let merchant = key(include_str!("fixtures/merchant.spki.pem"));
    assert!(matches!(Authority::from_bytes(&bytes, &merchant), Err(AuthorityError::OtherPlatformKey)));
    for end in 0..bytes.len() {
        assert!(Authority::from_bytes(&bytes[..end], &platform).is_err(), "{end} bytes of {}", bytes.len());
    }
    assert!(!format!("{made:?}").contains("key"), "{made:?}");
}

#[test]
fn each_certificate_has_a_name_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::open(&folder.path().join("vault"), &folder.path().join("key"), true).unwrap();
    let platform = key(include_str!("fixtures/platform.spki.pem"));
    let authority = Authority::generate(&platform, NOW_NS).unwrap();
    let merchant = key(include_str!("fixtures/merchant.spki.pem"));
    let issue = || authority.certify_app(&vault, 2_021_070_000_000_001, &merchant, NOW_NS).unwrap();
    let (one, other) = (issue(), issue());
    assert_ne!(one.sn, other.sn);
    assert_ne!(one.pem, other.pem);
    assert!(one.pem.lines().all(|line| line.len() <= 64 && !line.is_empty()));

    let of_key = |key: &VerifyingKey| authority.certificate_of_app(&vault, 2_021_070_000_000_001, key, NOW_NS).unwrap();
    let first = of_key(&merchant);
    assert_eq!(of_key(&merchant), first, "asked again");
    assert_ne!(of_key(&platform), first, "of another key");
    let of_other = authority.certificate_of_app(&vault, 2_021_070_000_000_002, &merchant, NOW_NS).unwrap();
    assert_ne!(of_other, first, "of another application");
}
