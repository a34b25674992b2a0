//! `cargo xtask demo`: a whole world in the terminal, with one payment through the real Alipay SDK.

use crate::run::{Result, Run, fail, root};
use crate::{setup, test};

/// Builds in release mode, installs the SDK the first time, and becomes the demo; `--once` ends it after the story.
pub fn run(arguments: &[String]) -> Result {
    if arguments.iter().any(|argument| argument != "--once") {
        return fail("demo takes only --once");
    }
    let root = root()?;
    setup::need(&[setup::NODE])?;
    Run::new("cargo", &["build", "--release", "--bin", "sycee"]).dir(&root).run()?;
    let node = root.join("conformance/node");
    if !node.join("node_modules/alipay-sdk/package.json").is_file() {
        println!("xtask: installing into conformance/node/node_modules what package-lock.json lists (the Alipay SDK)");
        Run::new("npm", &["ci", "--no-audit", "--no-fund"]).dir(&node).run()?;
    }
    let target = test::target(&root);
    let data = target.join("demo/data");
    if data.exists() {
        std::fs::remove_dir_all(&data)?;
    }
    std::fs::create_dir_all(&data)?;
    let once: &[&str] = if arguments.is_empty() { &[] } else { &["--once"] };
    Run::new("node", &[&["conformance/node/demo.mjs"], once].concat())
        .dir(&root)
        .variable("SYCEE_BIN", &target.join("release/sycee"))
        .variable("SYCEE_DATA", &data)
        .become_it()
}
