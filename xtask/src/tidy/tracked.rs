//! What may not get into the repository: places of the machine that built it, package registries, large files.

use super::tree::Tree;

/// The largest file that is no data.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Folders of data: their files may be large.
const DATA: &[&str] = &["data/", "vectors/", "fixtures/", "bench/results/"];

/// What may not stand in a file, in two halves so that it does not stand in this one.
const FORBIDDEN: &[(&str, &str)] = &[
    ("/wor", "k/"),
    ("/ro", "ot/"),
    ("/fa", "rm/"),
    ("/tmp/tar", "get-"),
    ("bash_", "jobs"),
    ("/.lib", "rary"),
    ("registry.npm", "js.org"),
    ("registry.yarn", "pkg.com"),
    ("index.crates", ".io"),
    ("static.crates", ".io"),
    ("files.python", "hosted.org"),
    ("pypi.org/", "simple"),
    ("proxy.go", "lang.org"),
];

/// Keys that name a registry in a configuration, in two halves as above.
const REGISTRY_KEYS: &[(&str, &str)] = &[("replace-", "with"), ("index-", "url"), ("registry", "=http")];

/// Every place where a file says such a thing, and every file that is too large.
pub fn check(tree: &Tree) -> Vec<String> {
    let whole: Vec<String> =
        FORBIDDEN.iter().chain(REGISTRY_KEYS).map(|(left, right)| format!("{left}{right}")).collect();
    let mut findings = Vec::new();
    for file in &tree.files {
        let path = &file.path;
        if file.length_bytes > FILE_BYTES_MAX && !DATA.iter().any(|folder| path.contains(folder)) && !is_lock(path) {
            findings
                .push(format!("{path}: {} bytes, at most {FILE_BYTES_MAX} outside data folders", file.length_bytes));
        }
        let lines = file.text.as_deref().filter(|_| !is_lock(path)).unwrap_or_default().lines();
        for (index, line) in lines.enumerate() {
            for piece in whole.iter().filter(|piece| line.contains(piece.as_str())) {
                findings.push(format!("{path}:{}: `{piece}` belongs to one machine", index + 1));
            }
        }
    }
    findings
}

fn is_lock(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.ends_with(".lock") || name == "package-lock.json"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_machines_are_found() {
        for (left, right) in FORBIDDEN.iter().chain(REGISTRY_KEYS) {
            let text = format!("fine\nsee {left}{right} there\n");
            let tree = Tree::of(&[("docs/a.md", &text), ("Cargo.lock", &text), ("x/package-lock.json", &text)]);
            assert_eq!(check(&tree), [format!("docs/a.md:2: `{left}{right}` belongs to one machine")]);
        }
        assert_eq!(check(&Tree::of(&[("docs/a.md", "the working root of crates.io")])), [""; 0]);
    }

    #[test]
    fn large_files_are_found() {
        let large = "x".repeat(1024 * 1024 + 1);
        let tree = Tree::of(&[("app/a.bin", &large), ("kernel/money/data/a.csv", &large), ("Cargo.lock", &large)]);
        assert_eq!(check(&tree), ["app/a.bin: 1048577 bytes, at most 1048576 outside data folders"]);
    }
}
