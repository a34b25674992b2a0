//! The squares of a QR code as SVG (ISO/IEC 18004, error correction M).

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

use crate::pages::sheet::escaped;

/// Light squares around the code, as the standard wants.
const QUIET_ZONE: i32 = 4;

/// The picture of a text with what it is called for those who do not see it; empty when the text is too long for a QR code, the text beside it remains.
pub(super) fn svg(text: &str, label: &str) -> String {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else { return String::new() };
    let side = code.size() + 2 * QUIET_ZONE;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            // Writing into a string cannot fail.
            let _written = write!(path, "M{},{}h1v1h-1z", x + QUIET_ZONE, y + QUIET_ZONE);
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" role=\"img\" \
         aria-label=\"{}\" shape-rendering=\"crispEdges\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>",
        escaped(label)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_quiet_zone_and_three_corners() {
        // Version 1 has 21 squares a side: 29 with the quiet zone. A corner's first row is dark from 4 to 10.
        let svg = svg("HELLO", "QR code");
        assert!(svg.contains("viewBox=\"0 0 29 29\""), "{svg}");
        for corner in ["M4,4h", "M10,4h", "M18,4h", "M24,4h", "M4,24h"] {
            assert!(svg.contains(corner), "{corner}");
        }
        assert!(!svg.contains("M3,") && !svg.contains("M25,"), "nothing in the quiet zone");
    }

    #[test]
    fn too_long_a_text_has_no_picture() {
        assert_eq!(svg(&"x".repeat(4_000), "QR code"), "");
    }
}
