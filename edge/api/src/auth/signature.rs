//! HTTP message signatures (RFC 9421) and digests of content (RFC 9530), as far as this API takes them.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use axum::http::{HeaderMap, Uri};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sycee_engine::vault::KeyAlgorithm;

/// The most components that a signature may cover.
const COMPONENTS_MAX: usize = 32;
/// The longest signature, bytes: Ed25519 has 64, HMAC-SHA256 32; a decoder may ask for a little more room.
const SIGNATURE_ROOM: usize = 96;

/// One member of the header Signature-Input.
#[derive(PartialEq, Eq, Debug, Default)]
pub(crate) struct SignatureInput<'a> {
    pub label: &'a str,
    /// What is covered, in order.
    pub components: Vec<&'a str>,
    /// The value of `@signature-params`: the member as it was sent, from the parenthesis on.
    pub raw: &'a str,
    pub created: Option<u64>,
    pub expires: Option<u64>,
    pub key_id: Option<&'a str>,
    pub algorithm: Option<&'a str>,
}

/// Where a request went, as `@authority`, `@target-uri`, `@path` and `@query` say it.
pub(crate) struct Target<'a> {
    pub method: &'a str,
    /// Such as `https://pay.example`, under which clients reach this server.
    pub base_url: &'a str,
    pub uri: &'a Uri,
}

/// What is left to read of a structured field (RFC 8941).
struct Scanner<'a>(&'a str);

impl<'a> Scanner<'a> {
    fn take(&mut self, text: &str) -> bool {
        let rest = self.0.strip_prefix(text);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn blanks(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\t']);
    }

    fn until(&mut self, is_over: impl Fn(char) -> bool) -> Option<&'a str> {
        let end = self.0.find(is_over).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest;
        (!taken.is_empty()).then_some(taken)
    }

    fn key(&mut self) -> Option<&'a str> {
        self.until(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.' | '*')))
    }

    /// A string without escapes: none of the values that are taken here needs one.
    fn string(&mut self) -> Option<&'a str> {
        if !self.take("\"") {
            return None;
        }
        let end = self.0.find('"')?;
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest.strip_prefix('"')?;
        let plain = taken.bytes().all(|byte| (0x20..0x7f).contains(&byte) && byte != b'\\');
        plain.then_some(taken)
    }

    /// A byte sequence, still in base64.
    fn bytes(&mut self) -> Option<&'a str> {
        if !self.take(":") {
            return None;
        }
        let (taken, rest) = self.0.split_once(':')?;
        self.0 = rest;
        Some(taken)
    }

    /// The comma before the next member; `None` if something else stands there, `Some(false)` at the end.
    fn next_member(&mut self) -> Option<bool> {
        self.blanks();
        if self.0.is_empty() {
            return Some(false);
        }
        let comma = self.take(",");
        self.blanks();
        comma.then_some(true)
    }
}

/// The first member of a Signature-Input header: proxies on the way add theirs behind it.
pub(crate) fn parse_input(header: &str) -> Option<SignatureInput<'_>> {
    let mut scanner = Scanner(header.trim());
    let label = scanner.key()?;
    if !scanner.take("=") {
        return None;
    }
    let start = scanner.0;
    let mut input = SignatureInput { label, ..SignatureInput::default() };
    if !scanner.take("(") {
        return None;
    }
    loop {
        scanner.blanks();
        if scanner.take(")") {
            break;
        }
        let component = scanner.string()?;
        // A component with parameters (such as ;req) is none that this API takes; nor is one twice (section 2.5).
        if scanner.0.starts_with(';')
            || input.components.contains(&component)
            || input.components.len() >= COMPONENTS_MAX
        {
            return None;
        }
        input.components.push(component);
    }
    while scanner.take(";") {
        scanner.blanks();
        let name = scanner.key()?;
        if !scanner.take("=") {
            continue;
        }
        if scanner.0.starts_with('"') {
            let value = Some(scanner.string()?);
            match name {
                "keyid" => input.key_id = value,
                "alg" => input.algorithm = value,
                _ => {} // nonce, tag: covered by the signature, of no meaning here
            }
        } else {
            let value = scanner.until(|c| matches!(c, ';' | ',' | ' ' | '\t'))?;
            match name {
                "created" => input.created = Some(value.parse().ok()?),
                "expires" => input.expires = Some(value.parse().ok()?),
                _ => {}
            }
        }
    }
    input.raw = start.get(..start.len().checked_sub(scanner.0.len())?)?;
    scanner.next_member()?;
    Some(input)
}

/// The member `label` of a dictionary of byte sequences, still in base64: of the headers Signature and Content-Digest.
pub(crate) fn member<'a>(header: &'a str, label: &str) -> Option<&'a str> {
    let mut scanner = Scanner(header.trim());
    loop {
        let key = scanner.key()?;
        if !scanner.take("=") {
            return None;
        }
        let bytes = scanner.bytes()?;
        if key == label {
            return Some(bytes);
        }
        if !scanner.next_member()? {
            return None;
        }
    }
}

/// The signature base (section 2.5); `None` if it covers something that the request has not, or that this API does not take.
pub(crate) fn signature_base(input: &SignatureInput<'_>, target: &Target<'_>, headers: &HeaderMap) -> Option<String> {
    let mut base = String::with_capacity(512);
    for component in &input.components {
        base.push('"');
        base.push_str(component);
        base.push_str("\": ");
        match *component {
            "@method" => base.push_str(target.method),
            "@target-uri" => {
                base.push_str(target.base_url);
                base.push_str(target.uri.path_and_query()?.as_str());
            }
            "@authority" => push_authority(target, headers, &mut base)?,
            "@path" => base.push_str(target.uri.path()),
            "@query" => {
                base.push('?');
                base.push_str(target.uri.query().unwrap_or_default());
            }
            name if name.starts_with('@') || name.bytes().any(|byte| byte.is_ascii_uppercase()) => return None,
            name => {
                let mut values = headers.get_all(name).iter();
                base.push_str(values.next()?.to_str().ok()?.trim());
                for value in values {
                    base.push_str(", ");
                    base.push_str(value.to_str().ok()?.trim());
                }
            }
        }
        base.push('\n');
    }
    base.push_str("\"@signature-params\": ");
    base.push_str(input.raw);
    Some(base)
}

/// The authority in lower case, without the scheme's own port (section 2.2.3).
fn push_authority(target: &Target<'_>, headers: &HeaderMap, base: &mut String) -> Option<()> {
    let authority = match target.uri.authority() {
        Some(authority) => authority.as_str(),
        None => headers.get("host")?.to_str().ok()?.trim(),
    };
    let port = if target.base_url.starts_with("https:") { ":443" } else { ":80" };
    let authority = authority.strip_suffix(port).unwrap_or(authority);
    base.extend(authority.chars().map(|character| character.to_ascii_lowercase()));
    Some(())
}

/// A key in the form in which it checks signatures.
pub(crate) enum Verifier {
    // Boxed: the prepared key is 1,232 bytes long.
    Hmac(Box<hmac::Key>),
    Ed25519(UnparsedPublicKey<Vec<u8>>),
}

impl Verifier {
    /// A key of these bytes.
    pub fn new(algorithm: KeyAlgorithm, bytes: Vec<u8>) -> Self {
        match algorithm {
            KeyAlgorithm::HmacSha256 => Self::Hmac(Box::new(hmac::Key::new(hmac::HMAC_SHA256, &bytes))),
            KeyAlgorithm::Ed25519 => Self::Ed25519(UnparsedPublicKey::new(&ED25519, bytes)),
        }
    }

    /// As the parameter `alg` names it (section 6.2.2).
    pub fn algorithm(&self) -> &'static str {
        match self {
            Self::Hmac(_) => "hmac-sha256",
            Self::Ed25519(_) => "ed25519",
        }
    }

    /// Whether `signature`, in base64, is this key's of `base`. Compared in constant time.
    pub fn is_good(&self, base: &str, signature: &str) -> bool {
        let mut room = [0; SIGNATURE_ROOM];
        let Ok(length) = STANDARD.decode_slice(signature, &mut room) else { return false };
        let Some(signature) = room.get(..length) else { return false };
        match self {
            Self::Hmac(key) => hmac::verify(key, base.as_bytes(), signature).is_ok(),
            Self::Ed25519(key) => key.verify(base.as_bytes(), signature).is_ok(),
        }
    }
}

/// Whether a Content-Digest header has the SHA-256 of the body.
pub(crate) fn digest_fits(header: &str, body: &[u8]) -> bool {
    let Some(wanted) = member(header, "sha-256") else { return false };
    let mut room = [0; SIGNATURE_ROOM];
    let Ok(length) = STANDARD.decode_slice(wanted, &mut room) else { return false };
    room.get(..length) == Some(digest(&SHA256, body).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The request of RFC 9421, appendix B.2.
    fn rfc_request() -> (Uri, HeaderMap) {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("host", "example.com"),
            ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
            ("content-type", "application/json"),
            ("content-length", "18"),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        ("/foo?param=Value&Pet=dog".parse().unwrap(), headers)
    }

    fn base_of(input: &SignatureInput<'_>) -> Option<String> {
        let (uri, headers) = rfc_request();
        signature_base(input, &Target { method: "POST", base_url: "https://example.com", uri: &uri }, &headers)
    }

    #[test]
    fn the_hmac_example_of_rfc_9421_b_2_5_is_good() {
        let input =
            "sig-b25=(\"date\" \"@authority\" \"content-type\");created=1618884473;keyid=\"test-shared-secret\"";
        let signature = "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:";
        // Appendix B.1.5.
        let secret = "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==";
        let input = parse_input(input).unwrap();
        let base = base_of(&input).unwrap();
        let expected = "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@authority\": example.com\n\
                        \"content-type\": application/json\n\"@signature-params\": (\"date\" \"@authority\" \
                        \"content-type\");created=1618884473;keyid=\"test-shared-secret\"";
        assert_eq!(base, expected);
        let key = Verifier::new(KeyAlgorithm::HmacSha256, STANDARD.decode(secret).unwrap());
        let signature = member(signature, input.label).unwrap();
        assert!(key.is_good(&base, signature));
        assert!(!key.is_good(&base.replace("20 Apr", "21 Apr"), signature));
    }

    #[test]
    fn the_ed25519_example_of_rfc_9421_b_2_6_is_good() {
        let input = "sig-b26=(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \"content-length\")\
                     ;created=1618884473;keyid=\"test-key-ed25519\"";
        let signature =
            "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:";
        // Appendix B.1.4: the last 32 bytes of the SPKI are the key (RFC 8410).
        let spki = STANDARD.decode("MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=").unwrap();
        let input = parse_input(input).unwrap();
        let base = base_of(&input).unwrap();
        let key = Verifier::new(KeyAlgorithm::Ed25519, spki[12..].to_vec());
        let signature = member(signature, input.label).unwrap();
        assert!(key.is_good(&base, signature));
        assert!(!key.is_good(&base.replace("POST", "PUT"), signature));
    }

    #[test]
    fn components_have_the_values_of_rfc_9421_section_2_2() {
        let table = [
            ("(\"@method\")", Some("\"@method\": POST")),
            ("(\"@target-uri\")", Some("\"@target-uri\": https://example.com/foo?param=Value&Pet=dog")),
            ("(\"@path\")", Some("\"@path\": /foo")),
            ("(\"@query\")", Some("\"@query\": ?param=Value&Pet=dog")),
            ("(\"@status\")", None),
            ("(\"Date\")", None),
            ("(\"not-sent\")", None),
        ];
        for (raw, expected) in table {
            let text = format!("s={raw}");
            let base = base_of(&parse_input(&text).unwrap());
            assert_eq!(base.as_deref().and_then(|base| base.lines().next()), expected, "{raw}");
        }
    }

    #[test]
    fn what_is_no_signature_input_is_nothing() {
        let table = [
            "",
            "=",
            "s",
            "s=",
            "s=(",
            "s=(\"a\"",
            "s=(a)",
            "s=(\"a\";req)",
            "s=(\"a\" \"a\")",
            "s=(\"a\");created",
            "s=(\"a\");created=x",
            "s=(\"a\");keyid=\"x",
            "s=(\"a\") x",
            "s=(\"\\\"\")",
            "S=(\"a\")",
            "s=(\"é\")",
        ];
        for text in table {
            let parsed = parse_input(text).map(|input| input.created);
            // A parameter without a value is true (RFC 8941, section 3.1.2): it can be read, and says no time.
            let expected = (text == "s=(\"a\");created").then_some(None);
            assert_eq!(parsed, expected, "{text}");
        }
        let two = "s=(\"a\");created=1;keyid=\"k\";nonce=\"n\", proxy=(\"b\")";
        let input = parse_input(two).unwrap();
        assert_eq!((input.label, input.created, input.key_id), ("s", Some(1), Some("k")));
        assert_eq!(input.raw, "(\"a\");created=1;keyid=\"k\";nonce=\"n\"");
    }

    #[test]
    fn a_digest_is_of_the_body() {
        // RFC 9530, appendix B: the content {"hello": "world"} and a line feed.
        let body = b"{\"hello\": \"world\"}\n";
        let sha256 = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
        assert!(digest_fits(sha256, body));
        assert!(digest_fits(&format!("sha-512=:AAAA:, {sha256}"), body));
        assert!(!digest_fits(sha256, b"{\"hello\": \"World\"}\n"));
        for bad in ["", "sha-256", "sha-256=", "sha-256=::", "sha-256=:!:", "sha-512=:AAAA:", ":"] {
            assert!(!digest_fits(bad, body), "{bad}");
        }
    }
}
