//! Content encryption against the OpenSSL command line: `openssl enc -aes-128-cbc -K 000102…0f -iv 0…0`, then base64.

use std::sync::Arc;

use sycee_alipay::aes::{ContentKey, decrypted, key_of_sender};
use sycee_alipay::signature::{SigningKey, VerifyingKey};
use sycee_alipay::wire::response::{ResponseKey, signed_encrypted_body};
use sycee_engine::vault::Vault;

/// Base64 of the bytes 0 to 15.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODw==";
/// Plain texts, and what OpenSSL made of them.
const FROM_OPENSSL: &[(&str, &str)] = &[
    ("", "lU9k8uTobp7ugtICFmhImQ=="),
    ("{}", "XjROMe16mC4WGbUXWRQLQA=="),
    (
        r#"{"out_trade_no":"A1","total_amount":"88.88"}"#,
        "G7PYcjyAquhKW/Z/PmtCC0M0p96/EEBQ2AgMMno2Nsa4/fZquz7WM44E3ojSzElM",
    ),
    ("0123456789abcdef", "KBVnqy9M8Nc9MZgiW4uDk44NT+KGlmukev6rA40uOsw="),
    (r#"{"subject":"可口可乐 🥤"}"#, "qgNdygfgK+ffctnAzwzmgthQ0090mUcJzSuvTyKNJJU="),
];

#[test]
fn both_ways_are_those_of_openssl() {
    let key = ContentKey::parse(KEY).unwrap();
    for (text, cipher) in FROM_OPENSSL {
        assert_eq!(key.encrypt(text).unwrap(), *cipher, "{text}");
        assert_eq!(key.decrypt(cipher).as_deref(), Some(*text));
        assert_eq!(key.decrypt(cipher.trim_end_matches('=')).as_deref(), Some(*text), "padding may be missing");
    }
}

#[test]
fn what_does_not_decrypt_is_refused() {
    let key = ContentKey::parse(KEY).unwrap();
    let table = [
        ("nothing", ""),
        ("no base64", "{\"out_trade_no\":\"A1\"}"),
        ("no whole block", "AAAA"),
        ("another key's", "AAAAAAAAAAAAAAAAAAAAAA=="),
        ("no UTF-8: the bytes FF FE, encrypted by openssl", "/xSZV29C1it2iFtdwe5npg=="),
    ];
    for (what, cipher) in table {
        assert_eq!(key.decrypt(cipher), None, "{what}");
        let failure = decrypted(&key, cipher).unwrap_err();
        assert_eq!((failure.gateway_code().code(), failure.sub_code.name), ("40003", "isv.decryption-error-unknown"));
    }
    let other = ContentKey::parse("EBESExQVFhcYGRobHB0eHw==").unwrap();
    for (text, cipher) in FROM_OPENSSL {
        assert_ne!(other.decrypt(cipher).as_deref(), Some(*text));
    }
}

#[test]
fn keys_are_sixteen_bytes_in_base64_and_are_not_shown() {
    for text in ["", "AAAA", "AAECAwQFBgcICQoLDA0ODxA=", "not base64 at all", "AAECAwQFBgcICQoLDA0OD"] {
        assert_eq!(ContentKey::parse(text), None, "{text}");
    }
    let key = ContentKey::parse(&format!(" {KEY}\n")).unwrap();
    assert_eq!(format!("{key:?}"), "ContentKey { .. }");
}

#[test]
fn the_key_of_an_app_is_in_its_vault() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Arc::new(Vault::open(&folder.path().join("vault"), &folder.path().join("key"), true).unwrap());
    let key = ContentKey::parse(KEY).unwrap();
    key.keep(&vault, 2_021_070_000_000_001).unwrap();
    assert_eq!(key_of_sender(&vault, 2_021_070_000_000_001).unwrap(), key);
    let failure = key_of_sender(&vault, 2_021_070_000_000_002).unwrap_err();
    assert_eq!(failure.sub_code.name, "isv.decryption-error-unknown");
}

#[test]
fn the_signature_covers_the_quoted_cipher_text() {
    let signer = SigningKey::from_pkcs8_der(include_bytes!("fixtures/platform.pkcs8.der")).unwrap();
    let public_key = VerifyingKey::parse(include_str!("fixtures/platform.spki.pem")).unwrap();
    let response_key = ResponseKey::for_method(Some("alipay.trade.query"));
    let body = signed_encrypted_body(&response_key, "XjROMe16mC4WGbUXWRQLQA==", None, &signer).unwrap();
    let rest = body.strip_prefix("{\"alipay_trade_query_response\":").unwrap();
    let (node, sign) = rest.split_once(",\"sign\":\"").unwrap();
    assert_eq!(node, "\"XjROMe16mC4WGbUXWRQLQA==\"");
    assert!(public_key.verify(node.as_bytes(), sign.strip_suffix("\"}").unwrap().as_bytes()));
    assert!(!public_key.verify(node.trim_matches('"').as_bytes(), sign.strip_suffix("\"}").unwrap().as_bytes()));
}

#[test]
fn damage_is_refused_without_panic() {
    let key = ContentKey::parse(KEY).unwrap();
    for (_, cipher) in FROM_OPENSSL {
        for end in 0..cipher.len() {
            let _refused_or_not = key.decrypt(&cipher[..end]);
            let mut bytes = cipher.as_bytes().to_vec();
            bytes[end] = bytes[end].wrapping_add(1);
            let _refused_or_not = key.decrypt(&String::from_utf8_lossy(&bytes));
        }
    }
}
