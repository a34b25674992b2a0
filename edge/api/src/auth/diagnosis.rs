//! Why a signature was not taken: the text that this server made of the request, and what the signer seems to have done otherwise.
//!
//! A signature says nothing about the text under it. But the usual mistakes are few, and for each the text can be made as the
//! signer may have made it: if the signature is good over that, it was that mistake.

use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sycee_engine::vault::ApiKey;

use super::SIGNATURE_SECONDS;
use super::keys::ParsedKey;
use super::signature::{SignatureInput, Target, Verifier, digest_fits, member, parse_input, signature_base};
use crate::desk::{Desk, IDEMPOTENCY_KEY};
use crate::problem::Problem;

/// Headers whose values are secrets: a text that covers one is not kept.
const SECRET: &[&str] = &["authorization", "cookie", "proxy-authorization"];
/// How much of the text is kept, bytes.
const BASE_MAX_BYTES: usize = 4_096;

/// What is known of a signature that was not taken.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct SignatureTrouble {
    /// Whose key it names.
    pub party: Option<u64>,
    pub key: Option<String>,
    /// The text that this server made of the request (RFC 9421, section 2.5), if one could be made and has no secret in it.
    pub base: Option<String>,
    /// Which component seems to differ.
    pub component: Option<String>,
    /// What the signer seems to have done.
    pub hint: Option<String>,
    /// Whether the problem document says it too: in a sandbox.
    pub is_shown: bool,
}

/// What differs: the component, and in words.
type Difference = (Option<String>, String);

/// A problem of a signature with what can be found out about it. The request has no secret of the key's owner in it, so that
/// owner may see what it says.
pub(super) fn explain(desk: &Desk, parts: &Parts, body: &[u8], problem: Problem) -> Problem {
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let Some(input) = text("signature-input").and_then(parse_input) else { return problem };
    let key = input.key_id.and_then(|id| desk.keys.find(&desk.world, id).ok().flatten());
    let target = Target { method: parts.method.as_str(), base_url: &desk.world.base_url, uri: &parts.uri };
    let base = signature_base(&input, &target, &parts.headers);
    let difference = beforehand(desk, parts, body, &input).or_else(|| {
        let (key, base) = (key.as_deref()?, base.as_deref()?);
        let signature = member(text("signature")?, input.label)?;
        // Looking costs some signatures' worth of work: each party has a few of them.
        let may_look = desk.diagnoses.take(key.identity.caller.party, crate::limits::DIAGNOSES).allowed;
        may_look.then(|| afterwards(parts, key, &input, base, signature)).flatten()
    });
    let has_secret = input.components.iter().any(|component| SECRET.contains(component));
    let base = base.filter(|_| !has_secret).map(|mut base| {
        base.truncate(base.floor_char_boundary(BASE_MAX_BYTES));
        base
    });
    let (component, hint) = difference.map_or((None, None), |(component, hint)| (component, Some(hint)));
    let trouble = SignatureTrouble {
        party: key.as_ref().map(|key| key.identity.caller.party),
        key: input.key_id.map(str::to_owned),
        base,
        component,
        hint,
        is_shown: desk.world.sandbox,
    };
    Problem { signature: Some(Box::new(trouble)), ..problem }
}

/// What is wrong whatever the signature is.
fn beforehand(desk: &Desk, parts: &Parts, body: &[u8], input: &SignatureInput<'_>) -> Option<Difference> {
    let covers = |component: &str| input.components.contains(&component);
    let differs = |component: &str, hint: &str| Some((Some(component.to_owned()), hint.to_owned()));
    if !covers("@method") {
        return differs("@method", "it is not covered");
    }
    if !(covers("@target-uri") || covers("@path")) {
        return differs("@target-uri", "neither it nor @path is covered");
    }
    if parts.uri.query().is_some() && !(covers("@target-uri") || covers("@query")) {
        return differs("@query", "the request has a query and it is not covered");
    }
    if parts.headers.contains_key(IDEMPOTENCY_KEY) && !covers(IDEMPOTENCY_KEY) {
        return differs(IDEMPOTENCY_KEY, "the request has it and it is not covered");
    }
    if !body.is_empty() {
        if !covers("content-digest") {
            return differs("content-digest", "the request has a body and it is not covered");
        }
        let digest = parts.headers.get("content-digest").and_then(|value| value.to_str().ok());
        if !digest.is_some_and(|digest| digest_fits(digest, body)) {
            return differs("content-digest", "it is not the sha-256 of the body that came");
        }
    }
    let now = desk.world.clock.now_ns() / 1_000_000_000;
    match input.created {
        None => return differs("@signature-params", "it has no parameter created"),
        Some(created) if created.abs_diff(now) > SIGNATURE_SECONDS => {
            let hint = format!("created is {created}; this server's clock says {now}");
            return differs("@signature-params", &hint);
        }
        Some(_) => {}
    }
    let known = |name: &&&str| {
        let is_derived = matches!(**name, "@method" | "@target-uri" | "@authority" | "@path" | "@query");
        !is_derived && (name.starts_with('@') || !parts.headers.contains_key(**name))
    };
    let missing = input.components.iter().find(known)?;
    differs(missing, "the request has no such component, or this server does not take it")
}

/// What the signer seems to have done otherwise than this server.
fn afterwards(
    parts: &Parts,
    key: &ParsedKey,
    input: &SignatureInput<'_>,
    base: &str,
    signature: &str,
) -> Option<Difference> {
    for (name, line) in input.components.iter().zip(base.lines()) {
        let value = line.split_once(": ").map_or("", |(_, value)| value);
        for (other, hint) in alternatives(parts, name, value) {
            let wrong = base.replacen(line, &format!("\"{name}\": {other}"), 1);
            if key.verifier.is_good(&wrong, signature) {
                return Some((Some((*name).to_owned()), format!("the signer has {other:?}: {hint}")));
            }
        }
    }
    let without_last = base.rsplit_once('\n').map_or("", |(rest, _)| rest);
    for (wrong, hint) in [
        (format!("{base}\n"), "the signer ends the text with a line feed; there is none behind the last line"),
        (base.replace('\n', "\r\n"), "the signer ends lines with CR LF; a line feed alone stands between them"),
        (without_last.to_owned(), "the signer leaves out the last line, \"@signature-params\""),
        (
            base.replacen("\"@signature-params\"", "@signature-params", 1),
            "the signer has no quotes around @signature-params",
        ),
    ] {
        if key.verifier.is_good(&wrong, signature) {
            return Some((Some("@signature-params".to_owned()), hint.to_owned()));
        }
    }
    secret_as_text(key, input.key_id?, base, signature)
}

/// Whether the signer used a secret as the text in which it was told, instead of the bytes.
fn secret_as_text(key: &ParsedKey, id: &str, base: &str, signature: &str) -> Option<Difference> {
    let ApiKey { algorithm, bytes, .. } = key.identity.cell.vault.api_key(id).ok()??;
    if !matches!(key.verifier, Verifier::Hmac(_)) {
        return None;
    }
    let text = Verifier::new(algorithm, STANDARD.encode(bytes).into_bytes());
    let hint = "the text is right; the signer uses the secret as base64 text, and must decode it first";
    text.is_good(base, signature).then(|| (None, hint.to_owned()))
}

/// What signers write for a component by mistake, each with what is wrong with it.
fn alternatives(parts: &Parts, name: &str, value: &str) -> Vec<(String, &'static str)> {
    let host = parts.headers.get("host").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let path = parts.uri.path();
    let path_and_query = parts.uri.path_and_query().map_or(path, |both| both.as_str());
    match name {
        "@method" => vec![(value.to_lowercase(), "the method is written as it is sent")],
        "@target-uri" => vec![
            (swapped(value), "the scheme is that of this server's configured address"),
            (format!("http://{host}{path_and_query}"), "this server's configured address counts, not the one called"),
            (format!("https://{host}{path_and_query}"), "this server's configured address counts, not the one called"),
            (value.split('?').next().unwrap_or_default().to_owned(), "the query belongs to it"),
            (path_and_query.to_owned(), "it begins with the scheme and the host"),
        ],
        "@authority" => {
            let bare = value.split(':').next().unwrap_or_default().to_owned();
            vec![(bare, "the port belongs to it, unless it is the scheme's own")]
        }
        "@path" => vec![
            (path.strip_prefix(crate::BASE_PATH).unwrap_or_default().to_owned(), "/api/v1 belongs to it"),
            (path_and_query.to_owned(), "the query does not belong to it; cover @query"),
        ],
        "@query" => vec![(value.trim_start_matches('?').to_owned(), "the question mark belongs to it")],
        _ => vec![
            (format!("\"{value}\""), "a header's value is taken as it was sent, without quotes around it"),
            (value.to_lowercase(), "a header's value is taken as it was sent"),
        ],
    }
}

fn swapped(uri: &str) -> String {
    match uri.strip_prefix("http://") {
        Some(rest) => format!("https://{rest}"),
        None => uri.replacen("https://", "http://", 1),
    }
}
