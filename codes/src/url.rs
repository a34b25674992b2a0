//! Links that are payment codes.
//!
//! A link is taken apart as RFC 3986 has it and compared with a table of known payment links; nothing is fetched.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::alipay_plus::{LinkCode, merchant};
use crate::decode::{Decoded, Kind};
use crate::field::Field;
use crate::problem::{Problem, ProblemKind};
use crate::upi;

/// Links whose owner is known: URI scheme, host (empty: any), beginning of the path, whose link it is.
///
/// Sources: NPCI UPI linking specification 1.5 (UPI); Alipay+ code format documentation (MPM/3); the two lines with
/// `/28` are inferred from public samples, where the digits after the host begin with an issuer's id.
const LINKS: &[(&str, &str, &str, &str)] = &[
    ("upi", "pay", "", "upi"),
    ("https", "global.alipay.com", "/28", "alipay_plus"),
    ("https", "payqr.gcash.com", "/28", "alipay_plus"),
    ("https", "qr.alipay.com", "/", "alipay"),
    ("https", "qr.nspk.ru", "/", "sbp"),
    ("https", "", "/MPM/3/", "alipay_plus"),
];

/// Decodes a link: `scheme://…` without white space or control characters. Fields: `scheme`, `host`, `port`, `path`,
/// `query` (nested, percent escapes resolved), `fragment`, each if there is one; of Alipay+ links also `issuer` and
/// `type`, or the objects of the payload.
pub(crate) fn decode(text: &str) -> Option<Decoded> {
    let (uri_scheme, rest) = text.split_once("://")?;
    let mut letters = uri_scheme.chars();
    let is_scheme = letters.next()?.is_ascii_alphabetic()
        && letters.all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter));
    let unfit = |character: char| character.is_whitespace() || character.is_control();
    if !is_scheme || rest.is_empty() || rest.contains(unfit) {
        return None;
    }

    let (rest, fragment) = split_before(rest, &['#']);
    let (rest, query) = split_before(rest, &['?']);
    // Browsers take a backslash for a slash; so must whoever judges by the host.
    let (authority, path) = split_before(rest, &['/', '\\']);
    let (user, address) = authority.rsplit_once('@').map_or((None, authority), |(user, address)| (Some(user), address));
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port),
        _ => (address, ""),
    };
    let uri_scheme = uri_scheme.to_ascii_lowercase();
    let host = host.to_ascii_lowercase();
    let owner = LINKS
        .iter()
        .find(|(its_scheme, its_host, its_path, _)| {
            *its_scheme == uri_scheme
                && (its_host.is_empty() || *its_host == host)
                && path.starts_with(its_path)
                && user.is_none()
        })
        .map(|(_, _, _, owner)| *owner);

    let mut problems = Vec::new();
    if user.is_some() {
        problems.push(Problem::new("", ProblemKind::UserInUrl));
    }
    let query = query.strip_prefix('?').unwrap_or_default();
    let parameters = read_query(query, owner.is_some(), &mut problems);
    let texts = [("scheme", uri_scheme.as_str()), ("host", &host), ("port", port), ("path", path)];
    let mut fields: Vec<Field> =
        texts.iter().filter(|(_, text)| !text.is_empty()).map(|(id, text)| Field::text(*id, *text)).collect();
    if owner == Some("alipay_plus") {
        fields.extend(alipay_plus_fields(path, &mut problems));
    }
    if owner == Some("upi") {
        problems.extend(upi::check(&parameters));
    }
    if !parameters.is_empty() {
        fields.push(Field::template("query", parameters));
    }
    if let Some(fragment) = fragment.strip_prefix('#') {
        fields.push(Field::text("fragment", fragment));
    }
    Some(Decoded::new(Kind::Url, owner, problems, fields))
}

/// What the path of an Alipay+ link says.
fn alipay_plus_fields(path: &str, problems: &mut Vec<Problem>) -> Vec<Field> {
    if let Some(payload) = path.strip_prefix(merchant::PATH) {
        return merchant::parse_payload(payload, problems);
    }
    let code = LinkCode::of_path(path);
    code.into_iter()
        .flat_map(|code| [Field::text("issuer", code.issuer), Field::text("type", code.type_digits)])
        .collect()
}

/// Splits before the first of these characters; the second part begins with it or is empty.
fn split_before<'a>(text: &'a str, characters: &[char]) -> (&'a str, &'a str) {
    let position = text.find(characters).unwrap_or(text.len());
    text.split_at_checked(position).unwrap_or((text, ""))
}

/// The parameters of a query. In a payment link a repeated parameter invalidates: two readers could pay two payees.
/// In other links it is allowed.
fn read_query(query: &str, is_payment: bool, problems: &mut Vec<Problem>) -> Vec<Field> {
    let repeated_kind = if is_payment { ProblemKind::RepeatedId } else { ProblemKind::RepeatedParameter };
    let mut fields: Vec<Field> = Vec::new();
    // Sets, because a hostile query may have any number of parameters.
    let mut seen = BTreeSet::new();
    let mut repeated = BTreeSet::new();
    let mut has_bad_escape = false;
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let mut resolve = |text: &str| {
            percent_decoded(text).unwrap_or_else(|| {
                has_bad_escape = true;
                String::from(text)
            })
        };
        let (name, value) = (resolve(name), resolve(value));
        if seen.insert(name.clone()) {
            fields.push(Field::text(name, value));
        } else if repeated.insert(name.clone()) {
            problems.push(Problem::new(format!("query.{name}"), repeated_kind));
        }
    }
    if has_bad_escape {
        problems.push(Problem::new("query", ProblemKind::BadPercentEscape));
    }
    fields
}

/// The text with its percent escapes resolved; `None` if one is not two hex digits or the bytes are not UTF-8.
pub(crate) fn percent_decoded(text: &str) -> Option<String> {
    let mut pieces = text.split('%');
    let mut bytes = Vec::from(pieces.next()?);
    for piece in pieces {
        let (digits, plain) = piece.split_at_checked(2)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(plain.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

/// The text with everything but the unreserved characters of RFC 3986, section 2.3, as percent escapes.
pub(crate) fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// The longest host name, characters (RFC 1035, section 2.3.4).
const HOST_CHARACTERS_MAX: usize = 253;
/// The longest part of a host name between dots, characters (same place).
const LABEL_CHARACTERS_MAX: usize = 63;

/// Whether this is a host name of at least two labels: ASCII letters, digits, and hyphens within a label.
pub(crate) fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        let letters = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let hyphen_outside = label.starts_with('-') || label.ends_with('-');
        letters && !hyphen_outside && (1..=LABEL_CHARACTERS_MAX).contains(&label.len())
    };
    text.len() <= HOST_CHARACTERS_MAX && text.contains('.') && text.split('.').all(is_label)
}
