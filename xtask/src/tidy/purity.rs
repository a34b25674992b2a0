//! Pure rules (law 2): what the compiler and clippy do not stop in the kernel and in products.

use super::rust_text::{code_only, has_word, is_word, without_tests};
use super::tree::Tree;

const ROOMS: &[&str] = &["kernel/", "products/"];

/// Words that may not stand in a rule, with the reason.
const WORDS: &[(&str, &str)] = &[
    ("f32", "no float touches money or a rate"),
    ("f64", "no float touches money or a rate"),
    ("HashMap", "the order of a hash map is chance; use BTreeMap"),
    ("HashSet", "the order of a hash set is chance; use BTreeSet"),
    ("SystemTime", "time comes in with the stamp"),
    ("Instant", "time comes in with the stamp"),
    ("atomic", "rules have no threads"),
    ("thread_local", "rules have no threads"),
    ("addr_of", "an address differs from run to run"),
];

/// Pieces of code that may not stand in a rule, with the reason.
const PIECES: &[(&str, &str)] = &[
    ("extern crate std", "rules are no_std"),
    ("*const ", "an address differs from run to run"),
    ("*mut ", "an address differs from run to run"),
];

/// What is impure, for every line of a rule. Tests and build scripts may do what they like.
pub fn check(tree: &Tree) -> Vec<String> {
    let mut findings = Vec::new();
    for (path, source) in tree.texts(&["rs"]).filter(|(path, _)| is_rule(path)) {
        if path.ends_with("/src/lib.rs") && !source.lines().any(|line| line.trim() == "#![no_std]") {
            findings.push(format!("{path}: lacks #![no_std]"));
        }
        let code = without_tests(&code_only(source));
        for (index, (line, shown)) in code.lines().zip(source.lines()).enumerate() {
            findings.extend(reasons(line, shown).map(|reason| format!("{path}:{}: {reason}", index + 1)));
        }
    }
    findings
}

fn is_rule(path: &str) -> bool {
    let inside = ROOMS.iter().any(|room| path.starts_with(room)) && path.contains("/src/");
    let test = path.ends_with("/tests.rs") || path.ends_with("_tests.rs") || path.contains("/tests/");
    inside && !test
}

/// Why `code`, a line without comments and literals, may not stand in a rule; `shown` is the same line with them.
fn reasons<'l>(code: &'l str, shown: &'l str) -> impl Iterator<Item = String> + 'l {
    let words = WORDS.iter().filter(move |(word, _)| has_word(code, word));
    let pieces = PIECES.iter().filter(move |(piece, _)| code.contains(piece));
    let found = words.chain(pieces).map(|(what, why)| format!("`{}`: {why}", what.trim()));
    let path = names_std(code).then(|| "`std::`: rules are no_std; use core or alloc".to_owned());
    let pointer = (!code.trim().is_empty() && shown.contains(concat!("{", ":p}")))
        .then(|| "an address differs from run to run".to_owned());
    found.chain(path).chain(pointer)
}

fn names_std(code: &str) -> bool {
    code.match_indices("std::").any(|(at, _)| !code[..at].chars().next_back().is_some_and(is_word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impure_lines_are_found() {
        for (line, what) in [
            ("extern crate std;", "`extern crate std`"),
            ("use std::fmt;", "`std::`"),
            ("let x: f64 = 1.0;", "`f64`"),
            ("use hashbrown::HashMap;", "`HashMap`"),
            ("let now = Instant::now();", "`Instant`"),
            ("use core::sync::atomic::AtomicU64;", "`atomic`"),
            ("let p = &x as *const u8;", "`*const`"),
            (concat!("write!(f, \"{", ":p}\", x)"), "address"),
        ] {
            let tree = Tree::of(&[("kernel/money/src/rate.rs", line)]);
            let findings = check(&tree);
            assert_eq!(findings.len(), 1, "{line}: {findings:?}");
            assert!(
                findings[0].starts_with("kernel/money/src/rate.rs:1: ") && findings[0].contains(what),
                "{findings:?}"
            );
        }
    }

    #[test]
    fn a_rule_crate_is_no_std() {
        let tree =
            Tree::of(&[("products/party/src/lib.rs", "//! #![no_std]\n"), ("products/a/src/lib.rs", "#![no_std]\n")]);
        assert_eq!(check(&tree), ["products/party/src/lib.rs: lacks #![no_std]"]);
    }

    #[test]
    fn comments_tests_and_other_rooms_are_free() {
        let tree = Tree::of(&[
            ("kernel/money/src/rate.rs", "// f64 would be wrong\nlet s = \"std::fs\";\nlet instant = 1;\n"),
            ("kernel/money/src/amount.rs", "a\n#[cfg(test)]\nmod tests {\n use std::fmt;\n}\n"),
            ("kernel/money/src/tests.rs", "use std::collections::HashMap;"),
            ("kernel/money/tests/money/main.rs", "use std::collections::HashMap;"),
            ("kernel/money/build.rs", "use std::fs;"),
            ("engine/src/lib.rs", "use std::time::Instant;"),
        ]);
        assert_eq!(check(&tree), [""; 0]);
    }
}
