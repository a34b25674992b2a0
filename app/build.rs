//! Embeds the built web apps, `web/dist`, in the binary. It never runs npm and never uses the network: `cargo xtask web` builds
//! the apps, compressed forms (`.br`, `.gz`) included.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Set to 1, it makes a binary without web apps an error: for releases and continuous integration.
const REQUIRE: &str = "SYCEE_REQUIRE_WEB";

fn main() {
    println!("cargo::rerun-if-env-changed={REQUIRE}");
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let dist = manifest.parent().expect("the package is in a workspace").join("web").join("dist");
    // A tracked file keeps the folder there: cargo would build anew each time if it were missing.
    println!("cargo::rerun-if-changed={}", dist.display());
    let mut files = Vec::new();
    collect(&dist, &mut files);
    files.sort();
    let has_apps = files.iter().any(|file| file.ends_with("wallet/index.html"));
    if !has_apps {
        let missing = "the web apps are not built, so the binary has none: run `cargo xtask web`, then build again";
        if env::var_os(REQUIRE).is_some_and(|value| value == "1") {
            println!("cargo::error={missing} ({REQUIRE} is 1)");
        } else {
            println!("cargo::warning={missing}");
        }
        files.clear();
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("web.rs");
    fs::write(out, table(&dist, &files)).expect("the build's own folder is writable");
}

/// Every file below `folder`; none if there is no such folder.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if entry.file_name() != ".gitignore" {
            files.push(path);
        }
    }
}

/// The expression of a slice of `Embedded`.
fn table(dist: &Path, files: &[PathBuf]) -> String {
    let is_compressed =
        |path: &Path| matches!(path.extension().and_then(|extension| extension.to_str()), Some("br" | "gz"));
    let mut text = String::from("&[\n");
    for file in files.iter().filter(|file| !is_compressed(file)) {
        let path = file.strip_prefix(dist).expect("collected below it").to_str().expect("names are ASCII");
        let sibling = |extension: &str| {
            let sibling = PathBuf::from(format!("{}.{extension}", file.display()));
            if sibling.is_file() {
                format!("Some(include_bytes!({:?}))", sibling.display().to_string())
            } else {
                "None".into()
            }
        };
        let (br, gz) = (sibling("br"), sibling("gz"));
        let raw = file.display().to_string();
        // Writing into a string cannot fail.
        let _written = writeln!(
            text,
            "    Embedded {{ path: {:?}, raw: include_bytes!({raw:?}), br: {br}, gz: {gz} }},",
            format!("/{path}")
        );
    }
    text.push_str("]\n");
    text
}
