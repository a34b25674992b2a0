//! `cargo xtask tidy`: the rules of the house, as functions over the files and over what cargo says of the packages.
//!
//! Each check is one file, with tests that show it failing on a bad sample. The test of this module runs them all on the
//! repository itself, so `cargo test` is enough to be tidy.

mod documents;
mod lengths;
mod licences;
mod names;
mod purity;
mod rust_text;
mod tracked;
mod tree;
mod walls;

use std::path::Path;

use serde_json::Value;

use crate::run::{Failure, Result, Run, fail, root};
use tree::Tree;

/// What the checks look at.
struct Repository {
    tree: Tree,
    /// `cargo metadata --no-deps`: our own packages.
    packages: Value,
    /// `cargo metadata`: these and all that they need on this platform.
    dependencies: Value,
}

/// One rule: its findings are sentences that begin with the place.
struct Check {
    name: &'static str,
    run: fn(&Repository) -> Vec<String>,
}

const CHECKS: &[Check] = &[
    Check { name: "walls", run: |repository| walls::check(&repository.packages) },
    Check { name: "purity", run: |repository| purity::check(&repository.tree) },
    Check { name: "names", run: |repository| names::check(&repository.tree) },
    Check { name: "lengths", run: |repository| lengths::check(&repository.tree) },
    Check { name: "licences", run: |repository| licences::check(&repository.dependencies) },
    Check { name: "tracked", run: |repository| tracked::check(&repository.tree) },
    Check { name: "documents", run: |repository| documents::check(&repository.tree) },
];

/// Runs every check on the repository.
pub fn run(arguments: &[String]) -> Result {
    if !arguments.is_empty() {
        return fail("tidy takes no arguments");
    }
    let repository = Repository::read(&root()?)?;
    let mut count = 0;
    for check in CHECKS {
        let findings = (check.run)(&repository);
        println!("{:<10} {}", check.name, if findings.is_empty() { "ok" } else { "FAILED" });
        for finding in &findings {
            println!("  {finding}");
        }
        count += findings.len();
    }
    if count == 0 { Ok(()) } else { fail(format!("{count} findings")) }
}

impl Repository {
    fn read(root: &Path) -> Result<Self> {
        Ok(Self {
            tree: Tree::read(root)?,
            packages: metadata(root, &["--no-deps", "--offline"])?,
            dependencies: all_dependencies(root)?,
        })
    }
}

fn all_dependencies(root: &Path) -> Result<Value> {
    let version = Run::new("rustc", &["--version", "--verbose"]).output()?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or("x86_64-unknown-linux-gnu");
    let arguments = ["--filter-platform", host];
    // Without the network if all is downloaded, which it is once the workspace has been built.
    let quiet = [&["metadata", "--format-version", "1", "--offline"], arguments.as_slice()].concat();
    match Run::new("cargo", &quiet).dir(root).probe() {
        (true, json) => parse(&json),
        (false, _) => metadata(root, &["--locked", arguments[0], arguments[1]]),
    }
}

fn metadata(root: &Path, arguments: &[&str]) -> Result<Value> {
    let all = [&["metadata", "--format-version", "1"], arguments].concat();
    parse(&Run::new("cargo", &all).dir(root).output()?)
}

fn parse(json: &str) -> Result<Value> {
    serde_json::from_str(json).map_err(|error| Failure(format!("cargo metadata is not JSON: {error}")))
}

/// The elements of an array in `value` under `name`; none if there is no such array.
fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The text in `value` under `name`, or nothing.
fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One test for all, so that the repository is read once; a failure lists every finding of every check.
    #[test]
    fn the_repository_is_tidy() {
        let repository = Repository::read(&root().unwrap()).unwrap();
        let findings: Vec<String> = CHECKS
            .iter()
            .flat_map(|check| (check.run)(&repository).into_iter().map(move |found| format!("{}: {found}", check.name)))
            .collect();
        assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
    }

    /// A check that sees nothing would find nothing.
    #[test]
    fn the_repository_is_seen() {
        let repository = Repository::read(&root().unwrap()).unwrap();
        assert!(repository.tree.files.iter().any(|file| file.path == "kernel/money/src/lib.rs" && file.text.is_some()));
        assert!(list(&repository.packages, "packages").len() > 10);
        assert!(list(&repository.dependencies, "packages").len() > list(&repository.packages, "packages").len());
    }
}
