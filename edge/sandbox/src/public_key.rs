//! Merchants' public keys, in the forms in which they are handed around, as SPKI DER.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rsa::PublicKey;
use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use crate::problem::Problem;

const FIELD: &str = "app_public_key";

/// Base64 as people paste it: the standard alphabet, with or without the padding.
const BASE64_LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// An RSA public key as SPKI DER (RFC 5280, section 4.1), from base64 of PKCS#1 `RSAPublicKey` (RFC 8017, appendix A.1.1) or
/// of SPKI DER, or from PEM of either.
pub(crate) fn spki(text: &str) -> Result<Vec<u8>, Problem> {
    let wrong = || Problem::bad_field(FIELD, "is base64 of an RSA public key (PKCS#1 or SPKI DER), or PEM of one");
    let text = text.trim();
    if text.contains("PRIVATE KEY") {
        return Err(Problem::bad_field(FIELD, "is a private key; keep it and hand over the public one"));
    }
    let base64 = if text.starts_with("-----") { unarmoured(text).ok_or_else(wrong)? } else { text };
    let compact: Vec<u8> = base64.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let der = BASE64_LENIENT.decode(compact).map_err(|_| wrong())?;
    // The library reads the key at the front and does not mind what follows; a pasted key has nothing behind it.
    if !is_one_sequence(&der) {
        return Err(wrong());
    }
    // The library reads both forms, refuses moduli that are too small or large for it, and writes SPKI.
    let key = PublicKey::from_der(&der).map_err(|_| wrong())?;
    if !modulus_bits(key.as_ref()).is_some_and(|bits| (2_048..=4_096).contains(&bits)) {
        return Err(Problem::bad_field(FIELD, "has a modulus of 2048 to 4096 bits"));
    }
    let spki: PublicKeyX509Der<'_> = key.as_der().map_err(|_| wrong())?;
    Ok(spki.as_ref().to_vec())
}

/// What stands between the lines of a PEM armour (RFC 7468) of a public key.
fn unarmoured(text: &str) -> Option<&str> {
    let inner = |label: &str| {
        let rest = text.strip_prefix(&format!("-----BEGIN {label}-----"))?;
        let inner = rest.strip_suffix(&format!("-----END {label}-----"))?;
        (!inner.contains('-')).then_some(inner)
    };
    inner("PUBLIC KEY").or_else(|| inner("RSA PUBLIC KEY"))
}

/// Whether the bytes are one DER SEQUENCE of a definite length, and nothing else.
fn is_one_sequence(der: &[u8]) -> bool {
    let length = match der {
        [0x30, short @ 0..=0x7f, ..] => usize::from(*short).checked_add(2),
        [0x30, 0x81, one, ..] => usize::from(*one).checked_add(3),
        [0x30, 0x82, high, low, ..] => usize::from(u16::from_be_bytes([*high, *low])).checked_add(4),
        _ => None,
    };
    length == Some(der.len())
}

/// The size of the modulus of a key in PKCS#1 DER: a SEQUENCE that begins with the INTEGER, both with lengths of two bytes in
/// every key that is large enough.
fn modulus_bits(pkcs1: &[u8]) -> Option<usize> {
    let [0x30, 0x82, _, _, 0x02, 0x82, high, low, rest @ ..] = pkcs1 else { return None };
    let integer = rest.get(..usize::from(u16::from_be_bytes([*high, *low])))?;
    let zeros = integer.iter().take_while(|byte| **byte == 0).count();
    let magnitude = integer.get(zeros..)?;
    let unused_bits = usize::try_from(magnitude.first()?.leading_zeros()).ok()?;
    magnitude.len().checked_mul(8)?.checked_sub(unused_bits)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    use aws_lc_rs::signature::KeyPair as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn lines(text: &str) -> String {
        text.as_bytes().chunks(64).map(|line| format!("{}\n", std::str::from_utf8(line).unwrap())).collect()
    }

    #[test]
    fn every_form_of_a_key_becomes_the_same_spki() {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        // `as_ref` is PKCS#1 by the library's documentation, `as_der` SPKI.
        let pkcs1 = STANDARD.encode(pair.public_key().as_ref());
        let spki_der = pair.public_key().as_der().unwrap().as_ref().to_vec();
        let spki_text = STANDARD.encode(&spki_der);
        assert_ne!(pkcs1, spki_text);
        let forms = [
            pkcs1.clone(),
            spki_text.clone(),
            lines(&pkcs1),
            spki_text.trim_end_matches('=').to_owned(),
            format!("-----BEGIN PUBLIC KEY-----\n{}-----END PUBLIC KEY-----\n", lines(&spki_text)),
            format!("-----BEGIN RSA PUBLIC KEY-----\r\n{}-----END RSA PUBLIC KEY-----", lines(&pkcs1)),
        ];
        for form in forms {
            assert_eq!(spki(&form).unwrap(), spki_der, "{form}");
        }
    }

    #[test]
    fn sizes_are_exact() {
        let key = |first: u8, bytes: usize| {
            let mut der = vec![0x30, 0x82, 0, 0, 0x02, 0x82];
            der.extend_from_slice(&u16::try_from(bytes + 1).unwrap().to_be_bytes());
            der.extend([0, first]);
            der.extend(std::iter::repeat_n(0xff, bytes - 1));
            der
        };
        for (first, bytes, bits) in [(0x80, 256, 2_048), (0x7f, 256, 2_047), (0x80, 512, 4_096), (0x01, 513, 4_097)] {
            assert_eq!(modulus_bits(&key(first, bytes)), Some(bits));
        }
        assert_eq!(modulus_bits(&key(0x80, 256)[..200]), None);
        assert_eq!(modulus_bits(&[]), None);
        let largest = KeyPair::generate(KeySize::Rsa4096).unwrap();
        assert_eq!(modulus_bits(largest.public_key().as_ref()), Some(4_096));
    }

    #[test]
    fn what_is_no_public_key_is_refused() {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = pair.public_key().as_der().unwrap().as_ref().to_vec();
        let mut longer = der.clone();
        longer.push(0);
        let cut = &der[..der.len() - 1];
        let table = [
            String::new(),
            "not base64!".to_owned(),
            "AAAA".to_owned(),
            STANDARD.encode(&longer),
            STANDARD.encode(cut),
            format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----", STANDARD.encode(&der)),
            format!("-----BEGIN PUBLIC KEY-----\n{}", STANDARD.encode(&der)),
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----".to_owned(),
        ];
        for text in table {
            let problem = spki(&text).unwrap_err();
            assert_eq!((problem.status.as_u16(), &*problem.code), (422, "bad_field"), "{text}");
            assert!(problem.detail.starts_with(FIELD), "{}", problem.detail);
        }
    }
}
