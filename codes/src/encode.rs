//! The fields of a code → its text: the reverse of [`decode`](mod@crate::decode).
//!
//! This writes whatever can be read back as these fields, also what a specification does not allow, so that a code can
//! be shown, changed and written again. Whoever makes new codes uses the strict generators.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::crc::crc16;
use crate::decode::{Kind, trim};
use crate::emvco::merchant::CRC_ID;
use crate::emvco::tlv::write_field;
use crate::field::{Field, Value, find};
use crate::problem::{Problem, ProblemKind};
use crate::url::percent_encoded;
use crate::{base64, epc, swiss};

/// An encoder: the text of these fields.
type Encoder = fn(&[Field]) -> Result<String, Problem>;

/// All encoders.
const ENCODERS: &[(Kind, Encoder)] = &[
    (Kind::EmvcoMpm, merchant_presented),
    (Kind::EmvcoCpm, consumer_presented),
    (Kind::Epc, epc::write),
    (Kind::SwissQr, swiss::write),
    (Kind::Url, url),
    (Kind::Numeric, numeric),
    (Kind::Gost56042, gost),
];

/// The names of the kinds that can be encoded, as [`Kind::as_str`] has them.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    ENCODERS.iter().map(|(kind, _)| kind.as_str())
}

/// The text of a code of this kind, a name of [`kinds`]. Checksums are computed, whatever the fields say of them;
/// escapes, padding and line ends come out in one form, whatever they were.
///
/// # Errors
///
/// `Unrecognised` for another kind; otherwise the problem of the first field that cannot be written.
pub fn encode(kind: &str, fields: &[Field]) -> Result<String, Problem> {
    match ENCODERS.iter().find(|(known, _)| known.as_str() == kind) {
        Some((_, encoder)) => encoder(fields),
        None => Err(Problem::new("", ProblemKind::Unrecognised)),
    }
}

fn merchant_presented(fields: &[Field]) -> Result<String, Problem> {
    let mut text = String::new();
    for field in fields.iter().filter(|field| field.id != CRC_ID) {
        write_field(&mut text, field, &field.id)?;
    }
    text.push_str(CRC_ID);
    text.push_str("04");
    let checksum = crc16(text.as_bytes());
    text.push_str(&format!("{checksum:04X}"));
    Ok(text)
}

fn consumer_presented(fields: &[Field]) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    for field in fields {
        write_object(&mut bytes, field, &field.id)?;
    }
    Ok(base64::encode(&bytes))
}

/// Appends a BER-TLV object whose id is its tag in hex digits, with `#` and a number behind it if it is repeated, and
/// whose value is hex digits or further objects. The length has its shortest form.
fn write_object(out: &mut Vec<u8>, field: &Field, path: &str) -> Result<(), Problem> {
    let wrong = |kind| Problem::new(path, kind);
    let tag = field.id.split_once('#').map_or(field.id.as_str(), |(tag, _)| tag);
    let tag = from_hex(tag).filter(|tag| !tag.is_empty()).ok_or(wrong(ProblemKind::IdOutOfRange))?;
    let value = match &field.value {
        Value::Text(text) => from_hex(text).ok_or(wrong(ProblemKind::WrongForm))?,
        Value::Template(fields) => {
            let mut inner = Vec::new();
            for field in fields {
                write_object(&mut inner, field, &format!("{path}.{}", field.id))?;
            }
            inner
        }
    };
    out.extend(tag);
    match u8::try_from(value.len()) {
        Ok(length @ ..=0x7F) => out.push(length),
        Ok(length) => out.extend([0x81, length]),
        Err(_) => {
            let maximum = usize::from(u16::MAX);
            let length = u16::try_from(value.len()).map_err(|_| wrong(ProblemKind::TooLong { maximum }))?;
            out.push(0x82);
            out.extend(length.to_be_bytes());
        }
    }
    out.extend(value);
    Ok(())
}

/// Scheme, host, port, path and fragment as they stand, the parameters with everything escaped that may not stand
/// there. Fields that are only another view of the path are passed over.
fn url(fields: &[Field]) -> Result<String, Problem> {
    let text = |id: &str| find(fields, id).and_then(Value::as_text).filter(|text| !text.is_empty());
    let scheme = text("scheme").ok_or(Problem::new("scheme", ProblemKind::Missing))?;
    let mut link = format!("{scheme}://{}", text("host").unwrap_or_default());
    for (mark, id) in [(":", "port"), ("", "path")] {
        if let Some(text) = text(id) {
            link.push_str(mark);
            link.push_str(text);
        }
    }
    let parameters = find(fields, "query").and_then(Value::as_template).unwrap_or_default();
    for (position, field) in parameters.iter().enumerate() {
        let value = field.value.as_text().ok_or(Problem::new(format!("query.{}", field.id), ProblemKind::NotText))?;
        link.push(if position == 0 { '?' } else { '&' });
        link.push_str(&percent_encoded(&field.id));
        link.push('=');
        link.push_str(&percent_encoded(value));
    }
    if let Some(fragment) = find(fields, "fragment").and_then(Value::as_text) {
        link.push('#');
        link.push_str(fragment);
    }
    Ok(link)
}

/// The digits; what else the fields say is another view of them.
fn numeric(fields: &[Field]) -> Result<String, Problem> {
    let code = find(fields, "code").and_then(Value::as_text).unwrap_or_default();
    let is_digits = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
    if is_digits { Ok(code.into()) } else { Err(Problem::new("code", ProblemKind::NotDigits)) }
}

/// A Russian bill: the character set that the fields name, then the other fields with a bar between them.
fn gost(fields: &[Field]) -> Result<String, Problem> {
    let charset = find(fields, "charset").and_then(Value::as_text).unwrap_or("2");
    let mut text = format!("ST0001{charset}");
    for field in fields.iter().filter(|field| field.id != "charset") {
        let value = field.value.as_text().ok_or(Problem::new(field.id.as_str(), ProblemKind::NotText))?;
        if field.id.contains(['|', '=']) || value.contains('|') {
            return Err(Problem::new(field.id.as_str(), ProblemKind::UnexpectedValue));
        }
        text.push_str(&format!("|{}={value}", field.id));
    }
    // What surrounds a code is not read: a value that ends so would come back shorter.
    match fields.last() {
        Some(last) if trim(&text).len() != text.len() => {
            Err(Problem::new(last.id.as_str(), ProblemKind::SurroundingSpace))
        }
        _ => Ok(text),
    }
}

/// The bytes of hex digits; `None` for anything else.
fn from_hex(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (digits, after) = rest.split_at_checked(2)?;
        // Reading alone would take a sign too.
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = after;
    }
    Some(bytes)
}
