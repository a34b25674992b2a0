//! What a developer is told whose signature does not verify.

use std::borrow::Cow;

use crate::wire::failure::Failure;

/// Most of a signed text that is shown, in bytes.
const SHOWN_MAX_BYTES: usize = 4 * 1024;

/// In a sandbox: the failure with the text that the signature was checked against, so that the developer can compare it with
/// their own, and the mistake that they have made, if it is a well-known one. In production: the failure as it is; whoever
/// guesses at signatures there learns nothing.
#[must_use]
pub fn explained(
    sandbox: bool,
    failure: Failure,
    checked_text: &[u8],
    mistake: impl FnOnce() -> Option<String>,
) -> Failure {
    if !sandbox {
        return failure;
    }
    let mistake = mistake().map(|mistake| format!("; {mistake}")).unwrap_or_default();
    let shown = checked_text.get(..SHOWN_MAX_BYTES).unwrap_or(checked_text);
    let rest = checked_text.len() - shown.len();
    let rest = if rest > 0 { format!(" (and {rest} bytes more)") } else { String::new() };
    let text = String::from_utf8_lossy(shown);
    let message = format!(
        "{}{mistake}; it was checked against this text, from the next character on:\n{text}{rest}",
        failure.message
    );
    Failure { message: Cow::Owned(message), ..failure }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::gateway;
    use crate::wire::response::Node;

    #[test]
    fn only_a_sandbox_shows_what_was_checked() {
        let failure = || Failure::new(gateway::INVALID_SIGNATURE);
        assert_eq!(explained(false, failure(), b"a=1", || panic!("nobody asks")), failure());
        let mistake = || Some("sign_type was left out".to_owned());
        let shown = explained(true, failure(), b"a=1&biz_content={\"b\":2}", mistake);
        assert!(shown.message.contains("; sign_type was left out; it was checked"), "{}", shown.message);
        assert_eq!(shown.sub_code, gateway::INVALID_SIGNATURE);
        assert!(shown.message.starts_with(gateway::INVALID_SIGNATURE.meaning), "{}", shown.message);
        assert!(shown.message.ends_with(":\na=1&biz_content={\"b\":2}"), "{}", shown.message);
        // Clients that count braces, quoted or not, find the end of the node.
        let json = Node::with_failure(&shown).to_json();
        assert_eq!((json.matches('{').count(), json.matches('}').count()), (1, 1), "{json}");
    }

    #[test]
    fn what_is_shown_is_bounded_and_is_text() {
        let long = explained(true, Failure::new(gateway::INVALID_SIGNATURE), &[b'x'; 5_000], || None).message;
        assert!(long.ends_with("x (and 904 bytes more)"), "{long}");
        assert_eq!(long.matches('x').count(), 4_096 + gateway::INVALID_SIGNATURE.meaning.matches('x').count() + 2);
        let noise = explained(true, Failure::new(gateway::INVALID_SIGNATURE), b"\xff\xfe", || None).message;
        assert!(noise.ends_with("\u{fffd}\u{fffd}"), "{noise}");
    }
}
