//! A JSON writer just large enough for [`Decoded::to_json`](crate::Decoded::to_json) (RFC 8259).

use alloc::format;
use alloc::string::String;

use crate::field::{Field, Value};

/// Appends a JSON string. Escapes the quotation mark, the backslash and the control characters; everything else may
/// stand as it is (RFC 8259, section 7).
pub(crate) fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => {
                out.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Appends a JSON array, each item by `write_item`.
pub(crate) fn write_array<T>(
    out: &mut String,
    items: impl IntoIterator<Item = T>,
    mut write_item: impl FnMut(&mut String, T),
) {
    out.push('[');
    for (position, item) in items.into_iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        write_item(out, item);
    }
    out.push(']');
}

/// Appends a tree of fields as a JSON object, templates nested, in the order of the code.
pub(crate) fn write_fields(out: &mut String, fields: &[Field]) {
    out.push('{');
    for (position, field) in fields.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        write_string(out, &field.id);
        out.push(':');
        match &field.value {
            Value::Text(text) => write_string(out, text),
            // Decoders nest three levels at most, so this ends.
            Value::Template(inner) => write_fields(out, inner),
        }
    }
    out.push('}');
}
