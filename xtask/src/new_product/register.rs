//! Where a product is named: its number, the workspace's dependencies, the registry's manifest and list.

use std::path::{Path, PathBuf};

use crate::run::{Failure, Result, fail};

/// The smallest number above all that products have.
pub fn next_number(root: &Path) -> Result<u8> {
    let mut largest = 0_u32;
    for product in folders(&root.join("products"))? {
        let Ok(text) = std::fs::read_to_string(product.join("src/lib.rs")) else { continue };
        largest = largest.max(declared_number(&text).unwrap_or(0));
    }
    Ok(u8::try_from(largest + 1)?)
}

fn folders(parent: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        std::fs::read_dir(parent).map_err(|error| Failure(format!("{} cannot be read: {error}", parent.display())))?;
    entries.map(|entry| Ok(entry?.path())).collect()
}

/// The number in `pub const NUMBER: u8 = 3;`.
fn declared_number(source: &str) -> Option<u32> {
    let (_, after) = source.split_once("pub const NUMBER: u8 = ")?;
    after.split_once(';')?.0.trim().parse().ok()
}

/// The files outside the product's folder that name it, as they must become.
pub fn changes(root: &Path, name: &str) -> Result<Vec<(String, String)>> {
    let workspace = "Cargo.toml".to_owned();
    let manifest = "products/registry/Cargo.toml".to_owned();
    let list = registry_list(root)?;
    let workspace_text = with_workspace_dependency(&read(root, &workspace)?, name)?;
    let manifest_text = with_dependency(&read(root, &manifest)?, name)?;
    let list_text = with_entry(&read(root, &list)?, name)?;
    Ok(vec![(workspace, workspace_text), (manifest, manifest_text), (list, list_text)])
}

fn read(root: &Path, path: &str) -> Result<String> {
    std::fs::read_to_string(root.join(path)).map_err(|error| Failure(format!("{path} cannot be read: {error}")))
}

/// The file of the registry that makes the list.
fn registry_list(root: &Path) -> Result<String> {
    const FOLDER: &str = "products/registry/src";
    for file in folders(&root.join(FOLDER))? {
        let is_list = std::fs::read_to_string(&file).is_ok_and(|text| text.contains("Box::new("));
        if let Some(name) = file.file_name().and_then(|name| name.to_str()).filter(|_| is_list) {
            return Ok(format!("{FOLDER}/{name}"));
        }
    }
    fail(format!("no file of {FOLDER} lists products as `Box::new(…)`"))
}

/// A line behind the last product in the workspace's dependencies, but before the registry.
fn with_workspace_dependency(text: &str, name: &str) -> Result<String> {
    let is_product = |line: &str| line.starts_with("sycee-") && line.contains("\"products/");
    let line = format!("sycee-{name} = {{ path = \"products/{name}\" }}");
    insert_after_last(text, &line, |old| is_product(old) && !old.starts_with("sycee-registry"))
        .ok_or_else(|| Failure("Cargo.toml lists no product among its workspace.dependencies".into()))
}

/// A line in its place by the alphabet among our own dependencies.
fn with_dependency(text: &str, name: &str) -> Result<String> {
    let line = format!("sycee-{name}.workspace = true");
    let is_before = |old: &str| old.starts_with("sycee-") && old < line.as_str();
    // Only the first table: a test's dependencies come later.
    let (table, rest) = match text.split_once("\n[dev-dependencies]") {
        Some((table, _)) => text.split_at(table.len()),
        None => (text, ""),
    };
    let table = insert_after_last(table, &line, is_before)
        .ok_or_else(|| Failure("products/registry/Cargo.toml lists no product".into()))?;
    Ok(table + rest)
}

fn insert_after_last(text: &str, line: &str, is_before: impl Fn(&str) -> bool) -> Option<String> {
    let mut lines: Vec<&str> = text.lines().collect();
    let last = lines.iter().rposition(|old| is_before(old))?;
    lines.insert(last + 1, line);
    Some(lines.join("\n") + "\n")
}

/// One entry more behind the last `Box::new(…)`.
fn with_entry(text: &str, name: &str) -> Result<String> {
    const OPENING: &str = "Box::new(";
    let broken = || Failure("the registry's list has no whole `Box::new(…)`".into());
    let start = text.rfind(OPENING).ok_or_else(broken)? + OPENING.len();
    let mut depth = 1_usize;
    for (at, character) in text[start..].char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let (before, after) = text.split_at(start + at + 1);
            let mut capital = name.to_owned();
            if let Some(first) = capital.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            return Ok(format!("{before}, Box::new(sycee_{name}::{capital}Product){after}"));
        }
    }
    Err(broken())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found() {
        assert_eq!(declared_number("/// This.\npub const NUMBER: u8 = 3;\n"), Some(3));
        assert_eq!(declared_number("//! To be written."), None);
    }

    #[test]
    fn lines_go_to_their_places() {
        let workspace = "[workspace.dependencies]\nsycee-money = { path = \"kernel/money\" }\n\
            sycee-party = { path = \"products/party\" }\nsycee-registry = { path = \"products/registry\" }\n";
        let changed = with_workspace_dependency(workspace, "voucher").unwrap();
        assert!(
            changed.contains("products/party\" }\nsycee-voucher = { path = \"products/voucher\" }\nsycee-reg"),
            "{changed}"
        );
        let manifest = "[dependencies]\nsycee-books.workspace = true\nsycee-wallet.workspace = true\n\n\
            [dev-dependencies]\nsycee-ledger.workspace = true\n";
        let changed = with_dependency(manifest, "voucher").unwrap();
        assert!(changed.contains("books.workspace = true\nsycee-voucher.workspace = true\nsycee-wallet"), "{changed}");
        assert!(with_workspace_dependency("", "voucher").is_err());
        assert!(with_dependency("", "voucher").is_err());
    }

    #[test]
    fn entries_follow_the_last() {
        for (text, expected) in [
            ("vec![Box::new(A)]", "vec![Box::new(A), Box::new(sycee_voucher::VoucherProduct)]"),
            (
                "vec![\nBox::new(B::default()),\n]",
                "vec![\nBox::new(B::default()), Box::new(sycee_voucher::VoucherProduct),\n]",
            ),
        ] {
            assert_eq!(with_entry(text, "voucher").unwrap(), expected);
        }
        assert!(with_entry("vec![]", "voucher").is_err());
        assert!(with_entry("Box::new(A", "voucher").is_err());
    }
}
