//! `cargo xtask test`: all that must hold before a change is merged.

use std::path::Path;
use std::time::Instant;

use crate::run::{Failure, Result, Run, fail, root};
use crate::{fuzz, setup, web};

/// How long each target is fuzzed here, seconds: enough to meet what a change has broken, not to search.
const FUZZ_SECONDS: u64 = 20;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    All,
    Rust,
    Web,
    /// The web apps of a real binary, in a real browser.
    Browser,
    Conformance,
    Fuzz,
}

/// One runner, and how it ended.
struct Ended {
    name: &'static str,
    seconds: u64,
    failure: Option<Failure>,
}

/// Runs what the arguments name, all of it even when something fails, and sums up.
pub fn run(arguments: &[String]) -> Result {
    let part = part(arguments)?;
    let root = root()?;
    let mut ended = Vec::new();
    let is_asked = |one| part == Part::All || part == one;
    // The web apps come first: the binary has them in it.
    if is_asked(Part::Web) {
        step(&mut ended, "web", || web::check(&root));
    }
    if is_asked(Part::Rust) {
        rust(&root, &mut ended);
    }
    if is_asked(Part::Browser) {
        step(&mut ended, "browser", || browser(&root, part));
    }
    if is_asked(Part::Conformance) {
        conformance(&root, &mut ended);
    }
    if is_asked(Part::Fuzz) {
        step(&mut ended, "fuzz", || fuzz::run(FUZZ_SECONDS));
    }
    sum_up(&ended)
}

fn part(arguments: &[String]) -> Result<Part> {
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => Ok(Part::All),
        ["--only", "rust"] | ["--only=rust"] => Ok(Part::Rust),
        ["--only", "web"] | ["--only=web"] => Ok(Part::Web),
        ["--only", "browser"] | ["--only=browser"] => Ok(Part::Browser),
        ["--only", "conformance"] | ["--only=conformance"] => Ok(Part::Conformance),
        ["--only", "fuzz"] | ["--only=fuzz"] => Ok(Part::Fuzz),
        other => fail(format!(
            "unknown arguments {other:?}; there is --only rust, --only web, --only browser, --only conformance, --only fuzz"
        )),
    }
}

fn rust(root: &Path, ended: &mut Vec<Ended>) {
    let cargo = |arguments: &[&str]| Run::new("cargo", arguments).dir(root).run();
    step(ended, "format", || cargo(&["fmt", "--all", "--check"]));
    step(ended, "lint", || cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]));
    // The tidy checks are tests of the crate xtask, so they are among these. One failing crate does not hide another.
    step(ended, "test", || {
        setup::need(&[setup::XMLLINT])?;
        cargo(&["test", "--workspace", "--no-fail-fast"])
    });
}

/// The apps of a real binary in a real browser.
fn browser(root: &Path, part: Part) -> Result {
    setup::need(&[setup::NODE, setup::CHROMIUM])?;
    if part != Part::All {
        web::build(root)?;
    }
    let binary = binary(root)?;
    Run::new("node", &["tests/run.mjs"]).dir(&root.join("web")).variable("SYCEE_BIN", &binary).run()
}

/// The binary under test: what the Rust tests have built already, as long as no test asks for features that the binary has not.
fn binary(root: &Path) -> Result<std::path::PathBuf> {
    Run::new("cargo", &["build", "--bin", "sycee"]).dir(root).run()?;
    Ok(target(root).join("debug/sycee"))
}

fn conformance(root: &Path, ended: &mut Vec<Ended>) {
    step(ended, "conformance", || {
        setup::need(&[setup::NODE, setup::PYTHON, setup::CURL, setup::CHROMIUM])?;
        let binary = binary(root)?;
        Run::new("bash", &["conformance/run"]).dir(root).variable("SYCEE_BIN", &binary).run()
    });
}

/// Where cargo puts what it builds.
pub fn target(root: &Path) -> std::path::PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder))
}

fn step(ended: &mut Vec<Ended>, name: &'static str, work: impl FnOnce() -> Result) {
    let start = Instant::now();
    let failure = work().err();
    ended.push(Ended { name, seconds: start.elapsed().as_secs(), failure });
}

fn sum_up(ended: &[Ended]) -> Result {
    println!();
    for Ended { name, seconds, failure } in ended {
        match failure {
            None => println!("{name:<12} ok      {seconds:>5} s"),
            Some(failure) => println!("{name:<12} FAILED  {seconds:>5} s  {failure}"),
        }
    }
    let failed: Vec<&str> = ended.iter().filter(|step| step.failure.is_some()).map(|step| step.name).collect();
    if failed.is_empty() { Ok(()) } else { fail(format!("failed: {}", failed.join(", "))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments() {
        let of = |text: &str| part(&text.split_whitespace().map(String::from).collect::<Vec<_>>()).ok();
        for (text, expected) in [
            ("", Some(Part::All)),
            ("--only rust", Some(Part::Rust)),
            ("--only=conformance", Some(Part::Conformance)),
            ("--only fuzz", Some(Part::Fuzz)),
            ("--only", None),
            ("--only web", Some(Part::Web)),
            ("--only=browser", Some(Part::Browser)),
            ("--only wasm", None),
            ("rust", None),
        ] {
            assert_eq!(of(text), expected, "{text:?}");
        }
    }

    #[test]
    fn one_failure_fails_all_and_the_rest_still_runs() {
        let mut ended = Vec::new();
        step(&mut ended, "first", || fail("broken"));
        step(&mut ended, "second", || Ok(()));
        assert_eq!(ended.len(), 2);
        assert_eq!(sum_up(&ended), fail("failed: first"));
        ended.remove(0);
        assert_eq!(sum_up(&ended), Ok(()));
    }
}
