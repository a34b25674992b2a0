//! Which well-known mistake explains a signature that does not verify. For a sandbox only: the signature is tried against the texts
//! that developers sign instead of the right one; if one verifies, the mistake and its field are named.
//!
//! The cost is bounded: so many texts, of so many bytes together. Whoever guesses at signatures learns nothing that the right key
//! would not have told: a text verifies only if the app's own key has signed it.

mod json_forms;

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use crate::rest::received::Received;
use crate::signature::VerifyingKey;
use crate::wire::charset::Charset;
use crate::wire::parameters::Parameters;

/// How many texts are tried.
const TRIES_MAX: usize = 300;
/// How long they are together, in bytes.
const TRIED_MAX_BYTES: usize = 4 * 1024 * 1024;

/// What JavaScript's `encodeURIComponent` leaves as it is.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// Names and values of a signed text, in the order in which they stand.
type Pairs<'a> = Vec<(Cow<'a, [u8]>, Cow<'a, [u8]>)>;

/// Tries texts until one verifies or there have been enough.
struct Trial<'a> {
    keys: &'a [VerifyingKey],
    sign: Cow<'a, [u8]>,
    tries: usize,
    tried_bytes: usize,
}

impl<'a> Trial<'a> {
    fn new(keys: &'a [VerifyingKey], sign: &'a [u8]) -> Self {
        Self { keys, sign: Cow::Borrowed(sign), tries: 0, tried_bytes: 0 }
    }

    fn verifies(&mut self, text: &[u8]) -> bool {
        self.tries += 1;
        self.tried_bytes += text.len();
        let is_within = self.tries <= TRIES_MAX && self.tried_bytes <= TRIED_MAX_BYTES;
        is_within && self.keys.iter().any(|key| key.verify(text, &self.sign))
    }

    fn pairs(&mut self, pairs: &Pairs<'_>) -> bool {
        self.verifies(&joined(pairs))
    }
}

fn joined(pairs: &Pairs<'_>) -> Vec<u8> {
    let pieces: Vec<Vec<u8>> = pairs.iter().map(|(name, value)| [name, &b"="[..], value].concat()).collect();
    pieces.join(&b'&')
}

fn encoded(value: &[u8]) -> Vec<u8> {
    percent_encode(value, COMPONENT).to_string().into_bytes()
}

fn form_encoded(value: &[u8]) -> Vec<u8> {
    form_urlencoded::byte_serialize(value).collect::<String>().into_bytes()
}

fn blanks_as_plus(value: &[u8]) -> Vec<u8> {
    value.iter().map(|byte| if *byte == b' ' { b'+' } else { *byte }).collect()
}

fn plus_as_blanks(value: &[u8]) -> Vec<u8> {
    value.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect()
}

/// The mistake in a request of version 2, as a sentence.
#[must_use]
pub fn of_version_2(parameters: &Parameters, keys: &[VerifyingKey]) -> Option<String> {
    let sign = parameters.value("sign")?;
    let mut trial = Trial::new(keys, sign);
    let right: Pairs<'_> = pairs_of(parameters, |name, value| name != b"sign" && !value.is_empty());
    signature_itself(&mut trial, &joined(&right), sign)
        .or_else(|| as_a_whole(&mut trial, parameters, &right))
        .or_else(|| content(&mut trial, &right))
        .or_else(|| one_field(&mut trial, &right))
}

fn pairs_of<'a>(parameters: &'a Parameters, is_wanted: impl Fn(&[u8], &[u8]) -> bool) -> Pairs<'a> {
    let wanted = parameters.iter().filter(|(name, value)| is_wanted(name, value));
    wanted.map(|(name, value)| (Cow::Borrowed(name), Cow::Borrowed(value))).collect()
}

/// The text is right and the signature was damaged on its way, or made in an older way.
fn signature_itself(trial: &mut Trial<'_>, right: &[u8], sign: &[u8]) -> Option<String> {
    let mended = blanks_as_plus(sign);
    if mended != sign {
        let as_sent = std::mem::replace(&mut trial.sign, Cow::Owned(mended));
        if trial.verifies(right) {
            return Some("sign was not URL-encoded when it was sent: its + arrived as blanks".into());
        }
        trial.sign = as_sent;
    }
    let is_old = trial.keys.iter().any(|key| key.verify_sha1(right, &trial.sign));
    is_old.then(|| "the text is right, but it was signed with SHA-1 (sign_type RSA); RSA2 is SHA-256".into())
}

/// Mistakes that touch the text as a whole.
fn as_a_whole(trial: &mut Trial<'_>, parameters: &Parameters, right: &Pairs<'_>) -> Option<String> {
    let without_type: Pairs<'_> = right.iter().filter(|(name, _)| **name != *b"sign_type").cloned().collect();
    if without_type != *right && trial.pairs(&without_type) {
        return Some("sign_type was left out of the signed text; a request signs it (a notification does not)".into());
    }
    let each = |change: fn(&[u8]) -> Vec<u8>| -> Pairs<'_> {
        right.iter().map(|(name, value)| (name.clone(), Cow::Owned(change(value)))).collect()
    };
    for (change, how) in [(encoded as fn(&[u8]) -> Vec<u8>, "URL-encoded"), (form_encoded, "form-encoded")] {
        let changed = each(change);
        let field = right.iter().zip(&changed).find(|(plain, changed)| plain.1 != changed.1);
        if let Some(((name, _), _)) = field
            && trial.pairs(&changed)
        {
            let name = String::from_utf8_lossy(name);
            return Some(format!("values were signed {how}; they are signed plain. The first that differs: {name}"));
        }
    }
    let mut arrived: Pairs<'_> = Vec::new();
    for name in parameters.arrived() {
        arrived.extend(right.iter().find(|(known, _)| **known == *name).cloned());
    }
    if arrived != *right && trial.pairs(&arrived) {
        let (wrong, _) = arrived.iter().zip(right).find(|(sent, sorted)| sent != sorted)?;
        let name = String::from_utf8_lossy(&wrong.0);
        return Some(format!(
            "the text is not sorted by name; it was signed as it was sent. First out of place: {name}"
        ));
    }
    let mut folded = right.clone();
    folded.sort_by_key(|(name, _)| name.to_ascii_lowercase());
    if folded != *right && trial.pairs(&folded) {
        return Some(
            "the text is sorted without regard to case; names are sorted by their bytes, capitals first".into(),
        );
    }
    charsets(trial, parameters, right)
}

/// The text was signed in another character set than it was sent in.
fn charsets(trial: &mut Trial<'_>, parameters: &Parameters, right: &Pairs<'_>) -> Option<String> {
    let beyond_ascii = right.iter().find(|(_, value)| !value.is_ascii());
    let name = String::from_utf8_lossy(&beyond_ascii?.0).into_owned();
    let in_utf8: Pairs<'_> = right
        .iter()
        .map(|(name, value)| {
            let text = std::str::from_utf8(name).ok().and_then(|name| parameters.value(name));
            (name.clone(), text.map_or_else(|| value.clone(), Cow::Borrowed))
        })
        .collect();
    if in_utf8 != *right && trial.pairs(&in_utf8) {
        return Some(format!("the text was signed in UTF-8 and sent in another character set. It shows in {name}"));
    }
    let text = String::from_utf8(joined(&in_utf8)).ok()?;
    let encoding = Charset::Gb18030.chinese()?;
    let (in_chinese, _, is_lossy) = encoding.encode(&text);
    (!is_lossy && *in_chinese != *joined(right) && trial.verifies(&in_chinese))
        .then(|| format!("the text was signed in GBK and sent in UTF-8. It shows in {name}"))
}

/// `biz_content` was written anew between signing and sending.
fn content(trial: &mut Trial<'_>, right: &Pairs<'_>) -> Option<String> {
    let at = right.iter().position(|(name, _)| **name == *b"biz_content")?;
    let sent = std::str::from_utf8(&right[at].1).ok()?;
    for (form, how) in json_forms::of(sent) {
        let mut changed = right.clone();
        changed[at].1 = Cow::Owned(form.into_bytes());
        if trial.pairs(&changed) {
            return Some(format!("biz_content was written anew between signing and sending: it was signed {how}"));
        }
    }
    None
}

/// What may have been done to a value before it was signed.
type Change = fn(&[u8]) -> Vec<u8>;

/// One parameter that was signed otherwise, or not at all, or signed and not sent.
fn one_field(trial: &mut Trial<'_>, right: &Pairs<'_>) -> Option<String> {
    let changes: [(Change, &str); 4] = [
        (blanks_as_plus, "with + where blanks arrived: a + is sent as %2B"),
        (plus_as_blanks, "with blanks where + arrived"),
        (encoded, "URL-encoded; it is signed plain"),
        (form_encoded, "form-encoded; it is signed plain"),
    ];
    for at in 0..right.len() {
        let name = String::from_utf8_lossy(&right[at].0).into_owned();
        let mut without = right.clone();
        without.remove(at);
        if trial.pairs(&without) {
            return Some(format!("{name} was sent and not signed; every parameter but sign is signed"));
        }
        for (change, how) in changes {
            let changed = change(&right[at].1);
            if *changed == *right[at].1 {
                continue;
            }
            let mut pairs = right.clone();
            pairs[at].1 = Cow::Owned(changed);
            if trial.pairs(&pairs) {
                return Some(format!("{name} was signed {how}"));
            }
        }
    }
    other_values(trial, right)
}

/// Values that clients write in several ways, and parameters that they sign and forget to send.
const OTHERWISE: [(&str, &str); 11] = [
    ("charset", "utf-8"),
    ("charset", "UTF-8"),
    ("charset", "utf8"),
    ("charset", "GBK"),
    ("charset", "gbk"),
    ("format", "JSON"),
    ("format", "json"),
    ("sign_type", "RSA"),
    ("version", "1.0"),
    ("encrypt_type", "AES"),
    ("biz_content", "{}"),
];

fn other_values(trial: &mut Trial<'_>, right: &Pairs<'_>) -> Option<String> {
    for (name, value) in OTHERWISE {
        let pair = (Cow::Borrowed(name.as_bytes()), Cow::Borrowed(value.as_bytes()));
        let mut pairs = right.clone();
        let known = pairs.iter().position(|(known, _)| *known == pair.0);
        match known {
            Some(at) if pairs[at] == pair => continue,
            Some(at) => pairs[at] = pair,
            None => pairs.push(pair),
        }
        pairs.sort();
        if trial.pairs(&pairs) {
            return Some(match known {
                Some(_) => format!("{name} was signed as {value} and sent as something else"),
                None => format!("{name}={value} was signed and not sent"),
            });
        }
    }
    None
}

/// The mistake in a request of version 3, as a sentence. `authorization` is the part of that header that is signed.
#[must_use]
pub fn of_version_3(
    received: &Received<'_>,
    authorization: &str,
    sign: &str,
    token: Option<&str>,
    keys: &[VerifyingKey],
) -> Option<String> {
    let mut trial = Trial::new(keys, sign.as_bytes());
    let (verb, target, body) = (received.verb, received.target, received.body);
    let right = received.text_to_sign(authorization, token);
    if let Some(mistake) = signature_itself(&mut trial, &right, sign.as_bytes()) {
        return Some(mistake);
    }
    let token = token.unwrap_or_default();
    let text = |lines: [&[u8]; 5]| {
        let [authorization, verb, target, body, token] = lines;
        let mut text = [authorization, verb, target, body, b""].join(&b'\n');
        if !token.is_empty() {
            text.extend_from_slice(token);
            text.push(b'\n');
        }
        text
    };
    let parts = [authorization.as_bytes(), verb.as_bytes(), target.as_bytes(), body, token.as_bytes()];
    let path = target.split('?').next().unwrap_or(target);
    let host = received.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let with_host = ["http", "https"].map(|scheme| format!("{scheme}://{host}{target}"));
    let with_scheme = format!("{} {authorization}", crate::rest::authorization::SCHEME);
    let lower = verb.to_ascii_lowercase();
    let replaced = |at: usize, with: &[u8]| {
        let mut lines: [&[u8]; 5] = parts;
        lines[at] = with;
        text(lines)
    };
    let table: [(Vec<u8>, &str); 9] = [
        (right.strip_suffix(b"\n").unwrap_or(&right).to_vec(), "the line feed at the end of the text was left out"),
        (replaced(2, path.as_bytes()), "the query was left out of the address (third line)"),
        (replaced(2, with_host[0].as_bytes()), "the address (third line) was signed with scheme and host"),
        (replaced(2, with_host[1].as_bytes()), "the address (third line) was signed with scheme and host"),
        (replaced(3, b""), "the body (fourth line) was not signed"),
        (replaced(1, lower.as_bytes()), "the verb (second line) was signed in small letters"),
        (replaced(0, with_scheme.as_bytes()), "the scheme was signed with the authorization (first line)"),
        (replaced(4, b""), "alipay-app-auth-token was sent and not signed (fifth line)"),
        (String::from_utf8_lossy(&right).replace('\n', "\r\n").into_bytes(), "lines were signed with CR LF"),
    ];
    if let Some((_, mistake)) = table.iter().find(|(text, _)| *text != right && trial.verifies(text)) {
        return Some((*mistake).into());
    }
    let forms = std::str::from_utf8(body).map(json_forms::of).unwrap_or_default();
    let found = forms.into_iter().find(|(form, _)| trial.verifies(&replaced(3, form.as_bytes())));
    found.map(|(_, how)| format!("the body was written anew between signing and sending: it was signed {how}"))
}

#[cfg(test)]
#[path = "signature_mistakes_tests.rs"]
mod tests;
