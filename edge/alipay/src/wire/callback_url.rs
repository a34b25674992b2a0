//! Addresses that a merchant gives for notifications and redirects.

use crate::codes::gateway;
use crate::wire::failure::Failure;

/// Longest `notify_url` or `return_url`, in bytes.
pub const CALLBACK_URL_MAX_BYTES: usize = 256;

/// An absolute `http` or `https` address, kept exactly as the merchant wrote it, its query included.
///
/// Only the form is checked. Whether the host may be called (private networks, the operator's own) is for whoever
/// calls it to decide, at the time of the call, on the address that the name then has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackUrl {
    text: String,
}

impl CallbackUrl {
    /// Accepts `http://` or `https://` (in any case of letters) with a host, in visible ASCII only, so that it can
    /// stand in a request line or a `Location` header as it is.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > CALLBACK_URL_MAX_BYTES || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            return None;
        }
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        // User names and passwords in addresses serve to deceive; a backslash is read as a slash by browsers.
        let host_is_plain = !authority.is_empty() && !authority.starts_with(':') && !authority.contains(['@', '\\']);
        host_is_plain.then(|| Self { text: text.to_owned() })
    }

    /// The address as the merchant wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The failure for a parameter that holds no such address.
    pub(crate) fn refused(parameter: &str) -> Failure {
        Failure::with_detail(
            gateway::INVALID_PARAMETER,
            format!("{parameter} is not an http or https address of at most {CALLBACK_URL_MAX_BYTES} characters"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_keep_their_query() {
        for text in [
            "http://shop.example/notify",
            "https://shop.example:8443/notify?shop=1&x=%20#top",
            "HTTPS://SHOP.example",
            "http://127.0.0.1:9000/n",
            "http://[::1]:9000/n",
            "https://shop.example?x=a@b",
        ] {
            assert_eq!(CallbackUrl::parse(text).unwrap().as_str(), text);
        }
        let longest = format!("http://a/{}", "x".repeat(247));
        assert!(CallbackUrl::parse(&longest).is_some());
    }

    #[test]
    fn anything_else_is_refused() {
        let too_long = format!("http://a/{}", "x".repeat(248));
        for text in [
            "",
            "shop.example/notify",
            "//shop.example/",
            "javascript://a/%0aalert(1)",
            "ftp://shop.example/",
            "http://",
            "http:///path",
            "http://?x=1",
            "http://:80/",
            "http://user@shop.example/",
            "http://a\\b/",
            "http://shop.example/a b",
            "http://shop.example/\r\nSet-Cookie: a=b",
            "http://店.example/",
            &too_long,
        ] {
            assert_eq!(CallbackUrl::parse(text), None, "{text}");
        }
    }
}
