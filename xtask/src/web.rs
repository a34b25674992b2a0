//! `cargo xtask web` and `cargo xtask dev`: the web apps, built into the place where the binary embeds them, or served while they
//! are being written.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::run::{Result, Run, fail, root};
use crate::{setup, test};

/// Where the server of `cargo xtask dev` listens; the development server passes the API on to it (`web/vite.config.ts`).
const DEV_SERVER: &str = "127.0.0.1:8080";

/// Installs the packages of `web/` and builds the apps.
pub fn run(arguments: &[String]) -> Result {
    if !arguments.is_empty() {
        return fail("web takes no arguments");
    }
    build(&root()?)
}

/// A sandbox and the development server before it: what is changed in `web/src` is seen at once.
pub fn dev(arguments: &[String]) -> Result {
    if !arguments.is_empty() {
        return fail("dev takes no arguments");
    }
    let root = root()?;
    install(&root)?;
    Run::new("cargo", &["build", "--bin", "sycee"]).dir(&root).run()?;
    let data = test::target(&root).join("dev");
    // Ctrl-C reaches both: they are of one group of processes.
    let mut server = Command::new(test::target(&root).join("debug/sycee"))
        .args(["serve", "--sandbox", "--listen", DEV_SERVER, "--data"])
        .arg(&data)
        .stdin(Stdio::null())
        .spawn()?;
    println!("The apps: http://localhost:5173/wallet/ and http://localhost:5173/merchant/");
    let ended = Run::new("npm", &["run", "dev"]).dir(&root.join("web")).run();
    let killed = server.kill();
    let waited = server.wait();
    ended?;
    killed?;
    waited?;
    Ok(())
}

/// Types, units and the build.
pub fn check(root: &Path) -> Result {
    install(root)?;
    let web = root.join("web");
    for script in ["check", "test", "build"] {
        Run::new("npm", &["run", script]).dir(&web).run()?;
    }
    Ok(())
}

/// What `cargo xtask web` does.
pub fn build(root: &Path) -> Result {
    install(root)?;
    Run::new("npm", &["run", "build"]).dir(&root.join("web")).run()
}

/// Installs what the lock file lists, unless that is there already.
fn install(root: &Path) -> Result {
    setup::need(&[setup::NODE])?;
    let web = root.join("web");
    let changed = |name: &str| std::fs::metadata(web.join(name)).and_then(|file| file.modified()).ok();
    // npm writes this file at the end of an installation.
    let installed = changed("node_modules/.package-lock.json");
    if installed.is_some() && changed("package-lock.json") <= installed && changed("package.json") <= installed {
        return Ok(());
    }
    println!("xtask: installing into web/node_modules what package-lock.json lists");
    Run::new("npm", &["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).dir(&web).run()
}
