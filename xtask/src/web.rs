//! `cargo xtask web`: the web apps, built into the place where the binary embeds them.

use crate::run::{Result, Run, fail, root};
use crate::setup;

/// Installs the packages of `web/` and builds the apps.
pub fn run(arguments: &[String]) -> Result {
    if !arguments.is_empty() {
        return fail("web takes no arguments");
    }
    let web = root()?.join("web");
    if !web.join("package.json").is_file() {
        println!("The web apps are not there yet: there is no web/package.json, so there is nothing to build.");
        return Ok(());
    }
    setup::need(&[setup::NODE])?;
    Run::new("npm", &["ci", "--no-audit", "--no-fund"]).dir(&web).run()?;
    Run::new("npm", &["run", "build"]).dir(&web).run()
}
