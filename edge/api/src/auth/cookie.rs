//! The cookie with which a browser shows its session, and what a request must be that comes with one.
//!
//! A browser sends cookies with whatever a page asks, also a page of another site. So the cookie is `SameSite=Strict`, stays below
//! `/api/v1`, is out of scripts' reach, and counts for a request that may change something only if that comes from a page of
//! this server.

use axum::http::header::{COOKIE, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};

use crate::problem::Problem;

/// The cookie of a customer's or of staff's session.
const PERSON: &str = "sycee_session";
/// The cookie of a session of one of a shop's people: the same browser may have a wallet open too.
const AT_SHOP: &str = "sycee_shop";

/// The header with which a page says whose session it means; it proves nothing.
const APP: &str = "sycee-app";

fn name(is_at_shop: bool) -> &'static str {
    if is_at_shop { AT_SHOP } else { PERSON }
}

/// The token in the cookie, if there is one and it may be used for this request. A page of the counter says `sycee-app: shop`.
pub(crate) fn token<'a>(parts: &'a Parts, base_url: &str) -> Result<Option<&'a str>, Problem> {
    let meant = name(parts.headers.get(APP).is_some_and(|app| app == "shop"));
    let mut found = None;
    for header in parts.headers.get_all(COOKIE) {
        let text = header.to_str().unwrap_or_default();
        for (name, value) in text.split(';').filter_map(|pair| pair.trim().split_once('=')) {
            // A second one was set by somebody else, perhaps under another path: neither is believed.
            if name == meant && found.replace(value).is_some() {
                return Err(Problem::not_authenticated("the session cookie came twice"));
            }
        }
    }
    let is_safe = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    if found.is_some() && !is_safe && !is_of_this_site(&parts.headers, base_url) {
        return Err(Problem::cross_site());
    }
    Ok(found)
}

/// Whether a request comes from a page of this server. Browsers say so in `Sec-Fetch-Site` (Fetch Metadata), older ones and those
/// without TLS in `Origin` only; whoever says neither is no browser that we know, and needs no cookie.
pub(crate) fn is_of_this_site(headers: &HeaderMap, base_url: &str) -> bool {
    let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or_default());
    if let Some(site) = text("sec-fetch-site".parse().unwrap_or(ORIGIN)) {
        return site == "same-origin";
    }
    let Some(origin) = text(ORIGIN) else { return false };
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    origin == base_url.trim_end_matches('/') || authority.is_some_and(|authority| text(HOST) == Some(authority))
}

/// The header that sets the cookie, or with 0 seconds takes it away. `is_at_shop`: of one of a shop's people.
pub(crate) fn set(token: &str, seconds: u64, is_at_shop: bool, base_url: &str) -> Option<HeaderValue> {
    let secure = if base_url.starts_with("https://") { "; Secure" } else { "" };
    let path = crate::BASE_PATH;
    let name = name(is_at_shop);
    let text = format!("{name}={token}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, headers: &[(&'static str, &str)]) -> Parts {
        let mut builder = axum::http::Request::builder().method(method).uri("/api/v1/send");
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        builder.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_cookie_counts_for_changes_only_from_our_own_pages() {
        const OURS: &str = "https://pay.example";
        let cookie = ("cookie", "a=b; sycee_session=t07x");
        type Row<'a> = (&'a str, &'a [(&'static str, &'a str)], Result<Option<&'a str>, u16>);
        let both = ("cookie", "sycee_session=t07x; sycee_shop=t07y");
        let table: [Row<'_>; 15] = [
            ("GET", &[both], Ok(Some("t07x"))),
            ("GET", &[both, ("sycee-app", "shop")], Ok(Some("t07y"))),
            ("GET", &[cookie, ("sycee-app", "shop")], Ok(None)),
            ("GET", &[cookie], Ok(Some("t07x"))),
            ("GET", &[("cookie", "a=b; xsycee_session=t07x")], Ok(None)),
            ("POST", &[], Ok(None)),
            ("POST", &[cookie], Err(403)),
            ("POST", &[cookie, ("origin", OURS)], Ok(Some("t07x"))),
            ("POST", &[cookie, ("origin", "https://pay.example.evil.example")], Err(403)),
            ("POST", &[cookie, ("origin", "null")], Err(403)),
            ("POST", &[cookie, ("origin", "http://localhost:8080"), ("host", "localhost:8080")], Ok(Some("t07x"))),
            ("POST", &[cookie, ("origin", OURS), ("sec-fetch-site", "cross-site")], Err(403)),
            ("DELETE", &[cookie, ("sec-fetch-site", "same-origin")], Ok(Some("t07x"))),
            ("POST", &[cookie, ("sec-fetch-site", "same-site")], Err(403)),
            ("GET", &[cookie, ("cookie", "sycee_session=other")], Err(401)),
        ];
        for (method, headers, expected) in table {
            let parts = request(method, headers);
            let found = token(&parts, OURS).map_err(|problem| problem.status.as_u16());
            assert_eq!(found, expected, "{method} {headers:?}");
        }
    }

    #[test]
    fn the_cookie_is_out_of_reach() {
        assert_eq!(
            set("t07x", 60, false, "https://pay.example").unwrap(),
            "sycee_session=t07x; Path=/api/v1; Max-Age=60; HttpOnly; SameSite=Strict; Secure"
        );
        assert!(
            set("t07x", 60, true, "https://pay.example").unwrap().to_str().unwrap().starts_with("sycee_shop=t07x; ")
        );
        assert!(!set("t07x", 60, false, "http://127.0.0.1:8080").unwrap().to_str().unwrap().contains("Secure"));
    }
}
