//! Base64 (RFC 4648, section 4): the alphabet with `+` and `/`, padded.

use alloc::string::String;
use alloc::vec::Vec;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Bits that one character carries.
const BITS_PER_CHARACTER: u32 = 6;
/// Bits in a byte.
const BITS_PER_BYTE: u32 = 8;

/// What a text says in base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoding {
    /// The bytes up to the first character that is none of base64.
    pub bytes: Vec<u8>,
    /// Characters before the first one that is none of base64; `None` if there is no such one.
    pub broken_at_character: Option<usize>,
    /// Whether every encoder would write these bytes so: the padding is there and the bits that no byte needs are 0.
    pub canonical: bool,
}

/// Reads base64. Missing padding and stray bits at the end are put up with and told.
pub(crate) fn decode(text: &str) -> Decoding {
    let body = text.trim_end_matches('=');
    let mut bytes = Vec::new();
    let mut broken_at_character = None;
    // Bits that have not become a byte yet, at most six of them, and how many.
    let (mut bits, mut count) = (0_u32, 0_u32);
    for (position, character) in body.chars().enumerate() {
        let Some(value) = value_of(character) else {
            broken_at_character = Some(position);
            break;
        };
        bits = bits.wrapping_shl(BITS_PER_CHARACTER) | value;
        count = count.saturating_add(BITS_PER_CHARACTER);
        if let Some(left) = count.checked_sub(BITS_PER_BYTE) {
            bytes.extend(u8::try_from(bits.wrapping_shr(left)));
            bits &= mask(left);
            count = left;
        }
    }
    let canonical = broken_at_character.is_none() && bits == 0 && text.len() == encoded_length(bytes.len());
    Decoding { bytes, broken_at_character, canonical }
}

/// Writes base64, padded.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let mut bits = 0_u32;
        for place in 0..3 {
            bits = bits.wrapping_shl(BITS_PER_BYTE) | u32::from(group.get(place).copied().unwrap_or(0));
        }
        for (place, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let index = usize::try_from(bits.wrapping_shr(shift) & mask(BITS_PER_CHARACTER)).unwrap_or(0);
            let letter = if place > group.len() { b'=' } else { ALPHABET.get(index).copied().unwrap_or(b'=') };
            text.push(char::from(letter));
        }
    }
    text
}

/// Characters before the one in which this byte begins.
pub(crate) fn character_of_byte(byte: usize) -> usize {
    byte.saturating_mul(4).checked_div(3).unwrap_or(byte)
}

fn encoded_length(bytes: usize) -> usize {
    bytes.div_ceil(3).saturating_mul(4)
}

fn mask(bits: u32) -> u32 {
    1_u32.wrapping_shl(bits).wrapping_sub(1)
}

fn value_of(character: char) -> Option<u32> {
    let byte = u8::try_from(character).ok()?;
    u32::try_from(ALPHABET.iter().position(|letter| *letter == byte)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648, section 10.
    const VECTORS: [(&str, &str); 7] = [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ];

    #[test]
    fn the_vectors_of_the_rfc_are_written_and_read() {
        for (plain, text) in VECTORS {
            assert_eq!(encode(plain.as_bytes()), text);
            let expected = Decoding { bytes: plain.into(), broken_at_character: None, canonical: true };
            assert_eq!(decode(text), expected, "{text}");
        }
    }

    #[test]
    fn every_byte_in_every_place_is_read_back() {
        for first in 0..=255_u8 {
            for length in 1..=4 {
                let bytes: Vec<u8> = (0..length).map(|place| first.wrapping_add(place * 85)).collect();
                let decoding = decode(&encode(&bytes));
                assert_eq!((decoding.bytes, decoding.canonical), (bytes, true));
            }
        }
    }

    #[test]
    fn what_is_not_canonical_is_read_and_told() {
        #[rustfmt::skip]
        let table: [(&str, &[u8], Option<usize>, bool); 9] = [
            ("Zg", b"f", None, false),
            ("Zg=", b"f", None, false),
            ("Zg===", b"f", None, false),
            // 0x66 and four bits that are not 0.
            ("Zh==", b"f", None, false),
            ("Z", b"", None, false),
            ("=", b"", None, false),
            ("Zm9v-_", b"foo", Some(4), false),
            ("Zm 9v", b"f", Some(2), false),
            ("Zm9vé", b"foo", Some(4), false),
        ];
        for (text, bytes, broken_at_character, canonical) in table {
            assert_eq!(decode(text), Decoding { bytes: bytes.into(), broken_at_character, canonical }, "{text}");
        }
    }
}
