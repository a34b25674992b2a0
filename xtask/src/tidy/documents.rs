//! Documents that must be there: of every product, of every decision, of every change.

use std::collections::BTreeSet;

use super::tree::Tree;

/// What is missing or not in its form.
pub fn check(tree: &Tree) -> Vec<String> {
    let mut findings = products(tree);
    findings.extend(decisions(tree));
    if tree.text("CHANGELOG.md").is_none() {
        findings.push("CHANGELOG.md: missing".into());
    }
    findings
}

/// Every product has a README and is known to the registry.
fn products(tree: &Tree) -> Vec<String> {
    let folder = |path: &str| Some(path.strip_prefix("products/")?.strip_suffix("/Cargo.toml")?.to_owned());
    let products: BTreeSet<String> = tree.files.iter().filter_map(|file| folder(&file.path)).collect();
    let registry: String = tree
        .texts(&["rs"])
        .filter(|(path, _)| path.starts_with("products/registry/src/"))
        .map(|(_, text)| text)
        .collect();
    let mut findings = Vec::new();
    for product in products {
        if tree.text(&format!("products/{product}/README.md")).is_none() {
            findings.push(format!("products/{product}: has no README.md"));
        }
        if product != "registry" && !registry.contains(&format!("sycee_{product}")) {
            findings.push(format!("products/{product}: is not in products/registry"));
        }
    }
    findings
}

/// A decision answers a question, and its title is that question.
fn decisions(tree: &Tree) -> Vec<String> {
    let decisions = tree.texts(&["md"]).filter(|(path, _)| {
        path.strip_prefix("docs/decisions/").is_some_and(|name| !name.contains('/') && name != "README.md")
    });
    decisions
        .filter(|(_, text)| {
            let title = text.lines().next().unwrap_or_default().trim_end();
            !(title.starts_with("# ") && title.ends_with('?'))
        })
        .map(|(path, _)| format!("{path}: the first line is not `# ` and a question"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_found() {
        let tree = Tree::of(&[
            ("products/party/Cargo.toml", ""),
            ("products/party/README.md", ""),
            ("products/voucher/Cargo.toml", ""),
            ("products/registry/Cargo.toml", "sycee-voucher.workspace = true"),
            ("products/registry/README.md", ""),
            ("products/registry/src/lib.rs", "Box::new(sycee_party::Party)"),
            ("docs/decisions/0001-store.md", "# Which store?\n"),
            ("docs/decisions/0002-bad.md", "# We take fjall\n"),
            ("docs/decisions/README.md", "# Decisions\n"),
        ]);
        let expected = [
            "products/voucher: has no README.md",
            "products/voucher: is not in products/registry",
            "docs/decisions/0002-bad.md: the first line is not `# ` and a question",
            "CHANGELOG.md: missing",
        ];
        assert_eq!(check(&tree), expected);
    }
}
