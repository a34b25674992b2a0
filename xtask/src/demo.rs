//! `cargo xtask demo`: a whole world with weeks of history, and one payment across a border told in the terminal, with the
//! real Alipay SDK.

use crate::run::{Result, Run, fail, root};
use crate::{test, web};

/// Builds in release mode, installs the SDK the first time, and becomes the demo; `--once` ends it after the story.
pub fn run(arguments: &[String]) -> Result {
    let passed: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if !are_good(&passed) {
        return fail("demo takes --once, --days N and --seed N");
    }
    let root = root()?;
    web::build(&root)?;
    Run::new("cargo", &["build", "--release", "--bin", "sycee"]).dir(&root).run()?;
    let node = root.join("conformance/node");
    if !node.join("node_modules/alipay-sdk/package.json").is_file() {
        println!("xtask: installing into conformance/node/node_modules what package-lock.json lists (the Alipay SDK)");
        Run::new("npm", &["ci", "--no-audit", "--no-fund"]).dir(&node).run()?;
    }
    let target = test::target(&root);
    let folder = target.join("demo");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(folder.join("data"))?;
    Run::new("node", &[&["conformance/node/demo.mjs"], &passed[..]].concat())
        .dir(&root)
        .variable("SYCEE_BIN", &target.join("release/sycee"))
        .variable("SYCEE_DEMO", &folder)
        .become_it()
}

fn are_good(arguments: &[&str]) -> bool {
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let is_good = match *argument {
            "--once" => true,
            "--days" => rest.next().and_then(|days| days.parse::<u64>().ok()).is_some_and(|days| days > 0),
            "--seed" => rest.next().is_some_and(|seed| seed.parse::<u64>().is_ok()),
            _ => false,
        };
        if !is_good {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments() {
        for (text, good) in [
            ("", true),
            ("--once", true),
            ("--once --days 5", true),
            ("--seed 0 --days 28", true),
            ("--days 0", false),
            ("--days", false),
            ("--days five", false),
            ("--seed -1", false),
            ("--twice", false),
            ("once", false),
        ] {
            assert_eq!(are_good(&text.split_whitespace().collect::<Vec<_>>()), good, "{text}");
        }
    }
}
