//! What a client takes and what it has: `Accept-Encoding` and `If-None-Match` (RFC 9110, sections 12.5.3 and 13.1.2).

use axum::http::{HeaderMap, header};

/// A form in which files are kept beside their own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Coding {
    Brotli,
    Gzip,
}

impl Coding {
    /// As headers write it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }
}

/// Whether the client takes `coding`. One that does not name it, not even by `*`, does not.
pub(super) fn accepted(headers: &HeaderMap, coding: Coding) -> bool {
    let mut by_star = false;
    for item in items(headers, &header::ACCEPT_ENCODING) {
        let mut parts = item.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let is_taken = parts.all(|parameter| !is_zero(parameter));
        if name.eq_ignore_ascii_case(coding.name()) || (coding == Coding::Gzip && name.eq_ignore_ascii_case("x-gzip")) {
            return is_taken;
        }
        if name == "*" {
            by_star = is_taken;
        }
    }
    by_star
}

/// Whether a parameter is a weight of zero: `q=0`, `q=0.000`.
fn is_zero(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, weight)| {
        name.trim().eq_ignore_ascii_case("q") && weight.trim().parse::<f32>().is_ok_and(|weight| weight == 0.0)
    })
}

/// Whether the client has the form with this ETag. The comparison is the weak one.
pub(super) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    items(headers, &header::IF_NONE_MATCH).any(|item| item == "*" || item.strip_prefix("W/").unwrap_or(item) == tag)
}

/// The items of a list header. Those of ours have no comma inside.
fn items<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, text: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if !text.is_empty() {
            headers.insert(name, text.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_coding_is_taken_only_when_the_client_names_it() {
        for (text, br, gzip) in [
            ("", false, false),
            ("gzip, deflate, br", true, true),
            ("GZIP", false, true),
            ("x-gzip", false, true),
            ("br;q=0, gzip;q=0.5", false, true),
            ("br; Q=0.000,*", false, true),
            ("*;q=0", false, false),
            ("*", true, true),
            ("identity", false, false),
            ("brotli;;q=,;=", false, false),
        ] {
            let headers = headers(header::ACCEPT_ENCODING, text);
            assert_eq!((accepted(&headers, Coding::Brotli), accepted(&headers, Coding::Gzip)), (br, gzip), "{text:?}");
        }
    }

    #[test]
    fn a_tag_is_known_in_a_list_and_weakly() {
        for (text, known) in [
            ("", false),
            ("\"a1\"", true),
            ("\"b2\"", false),
            ("\"b2\", \"a1\"", true),
            ("W/\"a1\"", true),
            ("*", true),
            ("a1", false),
        ] {
            assert_eq!(is_known(&headers(header::IF_NONE_MATCH, text), "\"a1\""), known, "{text:?}");
        }
    }
}
