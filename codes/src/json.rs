//! A JSON writer just large enough for [`Decoded::to_json`](crate::Decoded::to_json) (RFC 8259).

use alloc::format;
use alloc::string::String;

use crate::field::{Field, Value};
use crate::scheme::{Named, SchemeDetails};

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

/// Appends a scheme's details: `scheme`, `accounts` (`scheme`, `template`, `values`), `values`; and `unnamed`, the
/// paths of fields that have no name, if there are any.
pub(crate) fn write_details(out: &mut String, details: &SchemeDetails) {
    out.push_str("{\"scheme\":");
    write_string(out, &details.scheme);
    out.push_str(",\"accounts\":");
    write_array(out, &details.accounts, |out, account| {
        out.push_str("{\"scheme\":");
        write_string(out, &account.scheme);
        out.push_str(&format!(",\"template\":{},\"values\":", account.template));
        write_named(out, &account.values);
        out.push('}');
    });
    out.push_str(",\"values\":");
    write_named(out, &details.values);
    if !details.unnamed.is_empty() {
        out.push_str(",\"unnamed\":");
        write_array(out, &details.unnamed, |out, path| write_string(out, path));
    }
    out.push('}');
}

fn write_named(out: &mut String, values: &[Named]) {
    out.push('{');
    for (position, named) in values.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        write_string(out, &named.name);
        out.push(':');
        write_string(out, &named.value);
    }
    out.push('}');
}
