//! Where an app may have customers sent back to.

/// Whether an address is one of the app's, letter by letter (RFC 9700, section 2.1). In a sandbox an address of the same machine
/// may have another port: test programs take one that is free (RFC 8252, section 7.3).
pub(crate) fn is_registered(known: &[String], address: &str, sandbox: bool) -> bool {
    let same = |known: &String| {
        known == address
            || sandbox
                && without_loopback_port(known).is_some_and(|known| Some(known) == without_loopback_port(address))
    };
    known.iter().any(same)
}

/// Scheme, host and the rest of an address of the same machine.
fn without_loopback_port(address: &str) -> Option<(&str, &str)> {
    let rest = address.strip_prefix("http://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at_checked(end)?;
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    ["127.0.0.1", "[::1]", "localhost"].contains(&host).then_some((host, rest))
}

/// Scheme and host of an address, as a security policy names a site.
pub(crate) fn site_of(address: &str) -> &str {
    let start = address.find("://").map_or(0, |at| at + 3);
    let rest = address.get(start..).unwrap_or_default();
    let end = rest.find(['/', '?', '#']).map_or(address.len(), |at| start + at);
    let site = address.get(..end).unwrap_or_default();
    // What would end the policy's list is no host.
    if site.contains([';', ',', '\'', '"', ' ']) { "" } else { site }
}

/// An address with more in its query, before a fragment.
pub(crate) fn with_query(address: &str, query: &str) -> String {
    let (address, fragment) = match address.split_once('#') {
        Some((address, fragment)) => (address, Some(fragment)),
        None => (address, None),
    };
    let separator = match address.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    format!("{address}{separator}{query}{fragment}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_the_same_letter_by_letter_but_for_the_port_of_a_test() {
        let known = ["https://shop.example/in".to_owned(), "http://127.0.0.1/in".to_owned()];
        for (address, sandbox, expected) in [
            ("https://shop.example/in", false, true),
            ("https://shop.example/in/", true, false),
            ("https://shop.example/in?x=1", true, false),
            ("https://shop.example:444/in", true, false),
            ("https://shop.example.evil.example/in", true, false),
            ("http://127.0.0.1:9000/in", true, true),
            ("http://127.0.0.1:9000/in", false, false),
            ("http://127.0.0.1:9000/other", true, false),
            ("http://127.0.0.1.evil.example:1/in", true, false),
            ("http://127.0.0.1:1@evil.example/in", true, false),
            ("http://localhost:9000/in", true, false),
        ] {
            assert_eq!(is_registered(&known, address, sandbox), expected, "{address} {sandbox}");
        }
    }

    #[test]
    fn queries_are_added_and_sites_cut_out() {
        for (address, with, site) in [
            ("http://a:1/b", "http://a:1/b?c=d", "http://a:1"),
            ("https://a?x=1#top", "https://a?x=1&c=d#top", "https://a"),
            ("https://a;b/", "https://a;b/?c=d", ""),
        ] {
            assert_eq!((with_query(address, "c=d").as_str(), site_of(address)), (with, site));
        }
    }
}
