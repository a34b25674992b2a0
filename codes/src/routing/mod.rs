//! Who should be asked about a code.
//!
//! A code says whose it is in several ways at once: the globally unique id of a merchant account, the id of a card
//! application, the first digits of a payment code, the host of a link. [`routing_keys`] lists them;
//! participants of a network register [`RoutingPattern`]s; [`choose`] finds the most specific pattern that any of the
//! keys matches.
//!
//! A code that must not be used has no keys, so that it is never sent to anybody.

mod pattern;

pub use pattern::{PatternError, RoutingPattern};

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::alipay_plus::LinkCode;
use crate::decode::{Decoded, Kind};
use crate::emvco::merchant::rules::{MERCHANT_ACCOUNT_IDS, UNRESERVED_IDS};
use crate::emvco::tlv::two_digits;
use crate::field::{Field, Value, find, text_at};
use crate::{scheme, upi};

/// The port of `https` links, which need not be written.
const HTTPS_PORT: &str = "443";

/// Hex digits of an application id, 5 to 15 bytes. Ids of 16 bytes are taken for UUIDs, which stand in the same places.
const APPLICATION_ID_HEX_DIGITS: core::ops::RangeInclusive<usize> = 10..=30;

/// One thing in a code that can say who should be asked about it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RoutingKey {
    /// A further field in the template of a globally unique id, where a scheme keeps its institutions apart:
    /// the id in lower case, the field's path within the template (`01`, `01.00`), the field's text.
    TemplateField {
        /// The globally unique id in 00 of the template, in lower case.
        globally_unique_id: String,
        /// The field's path within the template.
        path: String,
        /// What stands there.
        text: String,
    },
    /// The id of a card application, hex digits in capitals: 4F of a consumer-presented code, or a globally unique id
    /// that has that form.
    ApplicationId(String),
    /// The globally unique id of a template (26-51, 80-99), in lower case; of a UPI link the payee's handle, as `*@`
    /// patterns compare it (`shop@examplebank`).
    GloballyUniqueId(String),
    /// The digits of a numeric payment code or of an Alipay+ link, all of them.
    NumericPrefix(String),
    /// Where an `https` link leads.
    Url {
        /// The host in lower case, with the port if it is not 443.
        host: String,
        /// The path as it stands in the link, with its first slash.
        path: String,
    },
    /// The id of a card network's account, 2 to 25.
    CardAccount(u8),
    /// The scheme, as [`decode`](crate::decode()) names it.
    Scheme(&'static str),
}

/// All keys of a code, the most specific first: fields within templates, application ids, globally unique ids, digits,
/// links, card accounts, schemes; among equals in the order of the code. None for a code that is not valid.
#[must_use]
pub fn routing_keys(code: &Decoded) -> Vec<RoutingKey> {
    if !code.valid {
        return Vec::new();
    }
    let mut keys = Vec::new();
    match code.kind {
        Kind::EmvcoMpm => merchant_keys(&code.fields, &mut keys),
        Kind::EmvcoCpm => {
            let applications = code.fields.iter().filter(|field| field.id == "61" || field.id.starts_with("61#"));
            let ids = applications.filter_map(|field| text_at(field.value.as_template()?, "4F"));
            keys.extend(ids.map(|id| RoutingKey::ApplicationId(id.to_ascii_uppercase())));
        }
        Kind::Numeric => {
            keys.extend(text_at(&code.fields, "code").map(|digits| RoutingKey::NumericPrefix(digits.into())));
        }
        Kind::Url => link_keys(code, &mut keys),
        _ => {}
    }
    keys.extend(code.scheme.map(RoutingKey::Scheme));
    keys.sort_by_key(rank);
    let mut distinct: Vec<RoutingKey> = Vec::new();
    for key in keys {
        if !distinct.contains(&key) {
            distinct.push(key);
        }
    }
    distinct
}

/// The place of the most specific of these patterns that any of the keys matches. Of equally specific ones the first
/// key decides, then the first pattern; a registry that refuses [conflicts](RoutingPattern::conflicts_with) has no two
/// for one key.
#[must_use]
pub fn choose<'a>(keys: &[RoutingKey], patterns: impl IntoIterator<Item = &'a RoutingPattern>) -> Option<usize> {
    let mut best: Option<(u32, usize, usize)> = None;
    for (place, pattern) in patterns.into_iter().enumerate() {
        for (key_place, key) in keys.iter().enumerate() {
            let Some(specificity) = pattern.matches(key) else {
                continue;
            };
            let is_better = best.is_none_or(|(its_specificity, its_key, _)| {
                specificity > its_specificity || (specificity == its_specificity && key_place < its_key)
            });
            if is_better {
                best = Some((specificity, key_place, place));
            }
        }
    }
    best.map(|(_, _, place)| place)
}

/// How specific keys and patterns of a kind are: the lowest number is the most specific.
fn rank(key: &RoutingKey) -> u32 {
    match key {
        RoutingKey::TemplateField { .. } => 0,
        RoutingKey::ApplicationId(_) => 1,
        RoutingKey::GloballyUniqueId(_) => 2,
        RoutingKey::NumericPrefix(_) => 3,
        RoutingKey::Url { .. } => 4,
        RoutingKey::CardAccount(_) => 5,
        RoutingKey::Scheme(_) => 6,
    }
}

fn merchant_keys(payload: &[Field], keys: &mut Vec<RoutingKey>) {
    for field in payload {
        let Some(id) = two_digits(&field.id) else {
            continue;
        };
        if (2..=25).contains(&id) {
            keys.push(RoutingKey::CardAccount(id));
        }
        let is_owned = MERCHANT_ACCOUNT_IDS.contains(&id) || UNRESERVED_IDS.contains(&id);
        let Some(template) = field.value.as_template().filter(|_| is_owned) else {
            continue;
        };
        let Some(owner) = text_at(template, "00").filter(|owner| !owner.is_empty()) else {
            continue;
        };
        let globally_unique_id = owner.to_ascii_lowercase();
        for inner in template.iter().filter(|inner| inner.id != "00") {
            template_keys(inner, &inner.id, &globally_unique_id, keys);
        }
        if is_application_id(owner) {
            keys.push(RoutingKey::ApplicationId(owner.to_ascii_uppercase()));
        }
        keys.push(RoutingKey::GloballyUniqueId(globally_unique_id));
    }
    keys.extend(scheme::accounts(payload).filter_map(|account| account.scheme).map(RoutingKey::Scheme));
}

/// A key for each text in a field of a template. Decoders nest three levels at most.
fn template_keys(field: &Field, path: &str, globally_unique_id: &str, keys: &mut Vec<RoutingKey>) {
    match &field.value {
        Value::Text(text) => keys.push(RoutingKey::TemplateField {
            globally_unique_id: globally_unique_id.into(),
            path: path.into(),
            text: text.clone(),
        }),
        Value::Template(fields) => {
            for inner in fields {
                template_keys(inner, &format!("{path}.{}", inner.id), globally_unique_id, keys);
            }
        }
    }
}

/// Whether a globally unique id is an application id: whole bytes in hex, the first digit of a registered category
/// (ISO/IEC 7816-5: A international, D national).
fn is_application_id(text: &str) -> bool {
    APPLICATION_ID_HEX_DIGITS.contains(&text.len())
        && text.len().is_multiple_of(2)
        && text.starts_with(['A', 'D', 'a', 'd'])
        && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn link_keys(code: &Decoded, keys: &mut Vec<RoutingKey>) {
    let text = |id| text_at(&code.fields, id).unwrap_or_default();
    let path = text("path");
    match code.scheme {
        Some("alipay_plus") => {
            keys.extend(LinkCode::of_path(path).map(|link| RoutingKey::NumericPrefix(link.leading_digits())));
        }
        Some("upi") => {
            let parameters = find(&code.fields, "query").and_then(Value::as_template).unwrap_or_default();
            let payee = text_at(parameters, "pa").filter(|payee| upi::handle(payee).is_some());
            keys.extend(payee.map(|payee| RoutingKey::GloballyUniqueId(payee.to_ascii_lowercase())));
        }
        _ => {}
    }
    if text("scheme") != "https" || !is_plain_path(path) {
        return;
    }
    let host = match text("port") {
        "" | HTTPS_PORT => String::from(text("host")),
        port => format!("{}:{port}", text("host")),
    };
    if !host.is_empty() {
        let path = if path.is_empty() { "/" } else { path };
        keys.push(RoutingKey::Url { host, path: path.into() });
    }
}

/// Whether a path is read the same by everybody: no backslash, no segment that steps up or stays, no escape that could
/// hide either.
fn is_plain_path(path: &str) -> bool {
    let hides = |segment: &str| matches!(segment, "." | "..");
    let lower = path.to_ascii_lowercase();
    let hidden = ["\\", "%2e", "%2f", "%5c", "%25", "//"].iter().any(|piece| lower.contains(piece));
    !hidden && !path.split('/').any(hides)
}
