//! Code patterns: which codes belong to whom. Their text form and what they mean are those of [`RoutingPattern`].

use sycee_codes::routing::RoutingPattern;

fn parse(pattern: &str) -> Result<RoutingPattern, String> {
    pattern.parse().map_err(|error| format!("code pattern {pattern:?}: {error}"))
}

/// Whether this is a pattern.
///
/// # Errors
/// What is wrong.
pub(super) fn check(pattern: &str) -> Result<(), String> {
    parse(pattern).map(|_| ())
}

/// Whether some code could belong to both. Between cells the more specific one would win, but two operators who both think that a
/// code is theirs should talk to each other first.
pub(super) fn overlap(one: &str, other: &str) -> bool {
    match (parse(one), parse(other)) {
        (Ok(one), Ok(other)) => one.overlaps(&other),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_that_codes_are_routed_by() {
        for good in ["guid:org.sycee.fr", "digits:2833", "url:pay.example/fr/", "aid:A000000677010111"] {
            assert_eq!(check(good), Ok(()));
        }
        for bad in ["", "2833", "digits:", "digits:28a", "phone:33", "guid:a b", ":x"] {
            assert!(check(bad).unwrap_err().contains(bad), "{bad}");
        }
    }

    #[test]
    fn patterns_overlap_when_a_code_could_be_both() {
        for (one, other, expected) in [
            ("digits:2833", "digits:2833", true),
            ("digits:28", "digits:2833", true),
            ("digits:2833", "digits:2839", false),
            ("guid:org.sycee.fr", "guid:ORG.sycee.FR", true),
            ("guid:org.sycee", "guid:org.sycee.fr", false),
            ("url:a.example/", "url:a.example/b/", true),
            ("guid:a.b", "digits:2833", false),
        ] {
            assert_eq!((overlap(one, other), overlap(other, one)), (expected, expected), "{one} {other}");
        }
    }
}
