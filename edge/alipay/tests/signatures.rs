//! Keys and signatures against the OpenSSL command line (see `fixtures/make.py`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sycee_alipay::signature::{KeyError, SigningKey, VerifyingKey};

const PKCS8: &[u8] = include_bytes!("fixtures/merchant.pkcs8.der");
const SPKI_PEM: &str = include_str!("fixtures/merchant.spki.pem");
const PKCS1_PEM: &str = include_str!("fixtures/merchant.pkcs1.pem");
const TEXT: &[u8] = include_bytes!("fixtures/signed.txt");
const SHA256: &str = include_str!("fixtures/signed.sha256.base64");
const SHA1: &str = include_str!("fixtures/signed.sha1.base64");

fn without_armour(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with("-----")).collect()
}

fn armoured(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

#[test]
fn every_form_of_the_key_verifies_what_openssl_signed() {
    let forms = [
        ("SPKI in PEM", SPKI_PEM.to_owned()),
        ("PKCS#1 in PEM", PKCS1_PEM.to_owned()),
        ("SPKI in base64 on one line", without_armour(SPKI_PEM)),
        ("PKCS#1 in base64 on one line", without_armour(PKCS1_PEM)),
        ("with the line ends of Windows and white space around", format!("\r\n {}", SPKI_PEM.replace('\n', "\r\n"))),
        ("base64 without padding", without_armour(SPKI_PEM).trim_end_matches('=').to_owned()),
    ];
    for (form, text) in forms {
        let key = VerifyingKey::parse(&text).unwrap_or_else(|error| panic!("{form}: {error}"));
        assert!(key.verify(TEXT, SHA256.as_bytes()), "{form}");
        assert!(!key.verify(TEXT, SHA1.as_bytes()), "{form}: SHA-1 must not pass for RSA2");
    }
}

#[test]
fn signing_gives_the_bytes_that_openssl_gives() {
    let key = SigningKey::from_pkcs8_der(PKCS8).unwrap();
    assert_eq!(key.sign(TEXT).unwrap(), SHA256);
    assert_eq!(key.public_key_base64().unwrap(), without_armour(SPKI_PEM));
}

#[test]
fn other_texts_signatures_and_keys_do_not_verify() {
    let key = VerifyingKey::parse(SPKI_PEM).unwrap();
    let other_key = VerifyingKey::parse(include_str!("fixtures/platform.spki.pem")).unwrap();
    assert!(!other_key.verify(TEXT, SHA256.as_bytes()));
    let mut other_text = TEXT.to_vec();
    other_text[0] ^= 1;
    assert!(!key.verify(&other_text, SHA256.as_bytes()));
    assert!(!key.verify(b"", SHA256.as_bytes()));
    for signature in
        ["", "=", "AAAA", "not base64!", &SHA256[..340], &SHA256.replace('+', " "), &format!("{SHA256}AAAA")]
    {
        let untouched = signature == SHA256;
        assert_eq!(key.verify(TEXT, signature.as_bytes()), untouched, "{signature}");
    }
    let mut bytes = STANDARD.decode(SHA256).unwrap();
    for at in [0, 1, 100, 255] {
        bytes[at] ^= 0x80;
        assert!(!key.verify(TEXT, STANDARD.encode(&bytes).as_bytes()), "byte {at}");
        bytes[at] ^= 0x80;
    }
    assert!(key.verify(TEXT, STANDARD.encode(&bytes).as_bytes()));
}

#[test]
fn sizes_from_2048_to_4096_bits_are_accepted() {
    let cases = [
        (include_str!("fixtures/size1024.spki.pem"), Some(1024)),
        (include_str!("fixtures/size3072.spki.pem"), None),
        (include_str!("fixtures/size4096.spki.pem"), None),
        (include_str!("fixtures/size5120.spki.pem"), Some(5120)),
    ];
    for (pem, refused_bits) in cases {
        let error = VerifyingKey::parse(pem).err();
        assert_eq!(error, refused_bits.map(|bits| KeyError::ModulusSize { bits }));
    }
}

#[test]
fn what_is_no_public_key_is_refused_with_its_name() {
    // A 2048-bit RSA key in PKCS#8 has 26 bytes in front of its PKCS#1 form.
    let pkcs1_private = &PKCS8[26..];
    let cut_pem = &SPKI_PEM[..SPKI_PEM.len() - 10];
    let two_keys = format!("{SPKI_PEM}{SPKI_PEM}");
    let mut trailing = STANDARD.decode(without_armour(SPKI_PEM)).unwrap();
    trailing.push(0);
    let cases = [
        ("nothing", String::new(), KeyError::Empty),
        ("blanks", " \n\t".to_owned(), KeyError::Empty),
        ("an empty armour", armoured("PUBLIC KEY", b""), KeyError::Empty),
        ("a file name", "merchant.pem!".to_owned(), KeyError::NotBase64),
        ("base64 of something", STANDARD.encode("hello"), KeyError::NotAnRsaKey),
        ("a byte too many", STANDARD.encode(&trailing), KeyError::NotAnRsaKey),
        ("an elliptic-curve key", include_str!("fixtures/ec.spki.pem").to_owned(), KeyError::NotAnRsaKey),
        ("a private key in PEM", armoured("PRIVATE KEY", PKCS8), KeyError::PrivateKey),
        ("a PKCS#1 private key in PEM", armoured("RSA PRIVATE KEY", pkcs1_private), KeyError::PrivateKey),
        ("a private key in base64", STANDARD.encode(PKCS8), KeyError::PrivateKey),
        ("a PKCS#1 private key in base64", STANDARD.encode(pkcs1_private), KeyError::PrivateKey),
        ("a certificate", armoured("CERTIFICATE", b"x"), KeyError::NotAPublicKeyPem),
        ("an armour cut off", cut_pem.to_owned(), KeyError::NotAPublicKeyPem),
        ("two keys", two_keys, KeyError::NotAPublicKeyPem),
        ("a novel", "A".repeat(16_385), KeyError::TooLong),
    ];
    for (what, text, expected) in cases {
        assert_eq!(VerifyingKey::parse(&text).err(), Some(expected), "{what}");
    }
}

#[test]
fn private_keys_are_read_only_when_they_are_fit() {
    assert_eq!(SigningKey::from_pkcs8_der(b"").err(), Some(KeyError::NotAnRsaKey));
    assert_eq!(SigningKey::from_pkcs8_der(&PKCS8[1..]).err(), Some(KeyError::NotAnRsaKey));
    assert_eq!(SigningKey::from_pkcs8_der(&PKCS8[..600]).err(), Some(KeyError::NotAnRsaKey));
}

#[test]
fn a_generated_key_can_be_kept_and_used() {
    let key = SigningKey::generate().unwrap();
    let public_key = VerifyingKey::parse(&key.public_key_base64().unwrap()).unwrap();
    let kept = SigningKey::from_pkcs8_der(&key.to_pkcs8_der().unwrap()).unwrap();
    let signature = kept.sign(b"text").unwrap();
    assert_eq!(signature.len(), 344);
    assert!(public_key.verify(b"text", signature.as_bytes()));
    assert_ne!(SigningKey::generate().unwrap().public_key_base64(), key.public_key_base64());
    assert_eq!(format!("{key:?}"), "SigningKey { .. }");
}
