//! `cargo xtask new-product` at work on a copy of this repository: what it makes builds, and its tests hold.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const XTASK: &str = env!("CARGO_BIN_EXE_xtask");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// A folder of ours below the target folder. It stays where it is, so that a second run builds only what changed.
fn place() -> PathBuf {
    // CARGO_TARGET_TMPDIR is a folder in the target folder.
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("new-product")
}

/// What git tracks, and new files that it does not ignore.
fn paths(root: &Path) -> BTreeSet<String> {
    let listing = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(listing.status.success());
    let listing = String::from_utf8(listing.stdout).unwrap();
    listing.split('\0').filter(|path| !path.is_empty() && root.join(path).is_file()).map(String::from).collect()
}

/// Makes `to` a copy of the repository. Files that are alike are left alone, so that cargo does not build them again.
fn copy(from: &Path, to: &Path) {
    let wanted = paths(from);
    for path in &wanted {
        let (source, target) = (from.join(path), to.join(path));
        let content = fs::read(&source).unwrap();
        if fs::read(&target).ok().as_ref() != Some(&content) {
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::write(&target, content).unwrap();
        }
    }
    remove_others(to, to, &wanted);
}

fn remove_others(root: &Path, folder: &Path, wanted: &BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            remove_others(root, &path, wanted);
            // Only an empty folder goes away.
            let _ = fs::remove_dir(&path);
        } else if !wanted.contains(path.strip_prefix(root).unwrap().to_str().unwrap()) {
            fs::remove_file(&path).unwrap();
        }
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn new_product(copy: &Path, name: &str) -> Output {
    Command::new(XTASK).args(["new-product", "--dir"]).arg(copy).arg(name).output().unwrap()
}

#[test]
fn a_new_product_builds_and_discounts_a_payment() {
    let repository = place().join("repository");
    fs::create_dir_all(&repository).unwrap();
    copy(&root(), &repository);

    let made = new_product(&repository, "voucher");
    assert!(made.status.success(), "{}", said(&made));
    let again = new_product(&repository, "voucher");
    assert!(!again.status.success() && said(&again).contains("there already"), "{}", said(&again));

    let cargo = |arguments: &[&str]| {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(arguments).current_dir(&repository).env("CARGO_TARGET_DIR", place().join("target"));
        command.output().unwrap()
    };
    let formatted = cargo(&["fmt", "--package", "sycee-voucher", "--check"]);
    assert!(formatted.status.success(), "{}", said(&formatted));
    let tested = cargo(&["test", "--offline", "--package", "sycee-registry", "--package", "sycee-voucher"]);
    let text = said(&tested);
    assert!(tested.status.success(), "{text}");
    for test in ["tests::discounts", "tests::the_audit_finds_broken_books", "a_payment_through_acquiring_is_discounted"]
    {
        assert!(text.contains(&format!("test {test} ... ok")), "{test} did not run:\n{text}");
    }
}

#[test]
fn bad_names_change_nothing() {
    let folder = place().join("refused");
    fs::create_dir_all(folder.join("products/party")).unwrap();
    for (name, reason) in [
        ("Tax-Refund", "no product name"),
        ("../x", "no product name"),
        ("party", "there already"),
        ("voucher", "cannot be read"),
    ] {
        let refused = new_product(&folder, name);
        assert!(!refused.status.success() && said(&refused).contains(reason), "{name}: {}", said(&refused));
    }
    let made: Vec<_> = fs::read_dir(folder.join("products")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(made, ["party"]);
}
