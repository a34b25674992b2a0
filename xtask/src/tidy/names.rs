//! Names that say nothing: no crate and no module is called after what it is not.

use super::tree::Tree;

const EMPTY: &[&str] = &["common", "utils", "util", "types", "helpers", "helper", "shared", "misc"];

/// Every file or folder of source with such a name. Packages are named after their folders.
pub fn check(tree: &Tree) -> Vec<String> {
    let mut findings: Vec<String> = tree
        .texts(&["rs", "ts", "js", "mjs", "py", "toml"])
        .flat_map(|(path, _)| path.split('/').map(move |part| (path, part)))
        .filter(|(_, part)| {
            let stem = part.split('.').next().unwrap_or_default();
            EMPTY.iter().any(|empty| stem == *empty || stem.strip_prefix("sycee-") == Some(empty))
        })
        .map(|(path, part)| format!("{path}: {part} names nothing; say what it holds"))
        .collect();
    for (path, text) in tree.texts(&["rs"]) {
        let inline = text.lines().filter_map(|line| line.trim().trim_start_matches("pub ").strip_prefix("mod "));
        for name in inline.filter_map(|rest| rest.split([' ', ';', '{']).next()) {
            if EMPTY.contains(&name) {
                findings.push(format!("{path}: mod {name} names nothing; say what it holds"));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_names_are_found() {
        for (path, text, found) in [
            ("engine/src/utils.rs", "", true),
            ("kernel/common/Cargo.toml", "", true),
            ("edge/sycee-shared/src/lib.rs", "", true),
            ("engine/src/journal.rs", "pub mod helpers {", true),
            ("web/src/types.ts", "", true),
            ("engine/src/shared_log.rs", "mod common_prefix;", false),
            ("docs/common.md", "", false),
        ] {
            assert_eq!(!check(&Tree::of(&[(path, text)])).is_empty(), found, "{path}");
        }
    }
}
