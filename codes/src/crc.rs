//! CRC-16/CCITT-FALSE, the checksum of EMVCo QR payloads.
//!
//! Source: ISO/IEC 13239 as EMVCo MPM 1.1 uses it: polynomial 0x1021, initial value 0xFFFF, bits not reflected, no
//! final exclusive-or. The check value of `123456789` is 0x29B1.

const POLYNOMIAL: u16 = 0x1021;
const INITIAL: u16 = 0xFFFF;
const TOP_BIT: u16 = 0x8000;

/// The checksum of these bytes.
///
/// For an EMVCo payload the bytes are its UTF-8 text up to and including `6304`.
#[must_use]
pub fn crc16(bytes: &[u8]) -> u16 {
    let mut register = INITIAL;
    for byte in bytes {
        register ^= u16::from(*byte).wrapping_shl(8);
        for _ in 0..8 {
            let carry = register & TOP_BIT != 0;
            register = register.wrapping_shl(1);
            if carry {
                register ^= POLYNOMIAL;
            }
        }
    }
    register
}
