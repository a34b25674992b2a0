//! `cargo xtask fuzz`: every parser against inputs that are led by coverage, for a while.
//!
//! libFuzzer asks nothing of the compiler that stable Rust lacks: the counters that it reads come from a pass of LLVM's
//! (`sancov-module`), not from a sanitizer. `fuzz/README.md` says more.

use std::collections::VecDeque;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use crate::run::{Failure, Result, Run, fail, root};
use crate::{setup, test};

/// How long each target runs if nothing is said, seconds.
const SECONDS: u64 = 60;
/// Targets that run at once.
const AT_ONCE: usize = 2;
/// An input that takes longer is a finding, seconds.
const TIMEOUT_SECONDS: u64 = 10;
/// A target that takes more memory is a finding, MiB.
const MEMORY_MIB_MAX: u64 = 2_048;
/// The longest input, bytes: more than any code or record of sense.
const INPUT_BYTES_MAX: u64 = 4_096;
/// The target with a fault that must be found, and what its panic says.
const PLANTED: (&str, &str) = ("planted", "the planted fault");
/// How long that may take at most, seconds; it takes less than one.
const PLANTED_SECONDS: u64 = 60;
/// Folder of what is found, below the root.
const FINDINGS: &str = "fuzz/findings";

/// Counters and comparisons that the fuzzer is led by, without a sanitizer.
const RUSTFLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    seconds: u64,
    only: Option<String>,
}

/// `cargo xtask fuzz [--seconds N] [--only TARGET]`.
pub fn command(arguments: &[String]) -> Result {
    let Asked { seconds, only } = parse(arguments)?;
    run_targets(seconds, only.as_deref())
}

/// Builds all targets and runs each for so many seconds. The fuzzer's own test comes first: a fault that is planted must
/// be found.
pub fn run(seconds: u64) -> Result {
    run_targets(seconds, None)
}

fn parse(arguments: &[String]) -> Result<Asked> {
    let mut asked = Asked { seconds: SECONDS, only: None };
    let mut words = arguments.iter().flat_map(|word| word.splitn(2, '='));
    while let Some(word) = words.next() {
        match (word, words.next()) {
            ("--seconds", Some(text)) => {
                let seconds = text.parse().ok().filter(|seconds| *seconds > 0);
                asked.seconds = seconds.ok_or_else(|| Failure(format!("{text:?} is no number of seconds")))?;
            }
            ("--only", Some(name)) => asked.only = Some(name.into()),
            _ => return fail("fuzz takes --seconds N and --only TARGET"),
        }
    }
    Ok(asked)
}

fn run_targets(seconds: u64, only: Option<&str>) -> Result {
    let root = root()?;
    setup::need(&[setup::CXX])?;
    let fuzzer = Fuzzer::build(&root)?;
    let mut targets = fuzzer.targets()?;
    if !targets.iter().any(|target| target == PLANTED.0) {
        return fail("the target with the planted fault is gone");
    }
    targets.retain(|target| target != PLANTED.0);
    if let Some(only) = only {
        if !targets.iter().any(|target| target == only) {
            return fail(format!("there is no target {only:?}; there are {}", targets.join(", ")));
        }
        targets.retain(|target| target == only);
    }
    fuzzer.find_planted()?;
    let queue = Mutex::new(VecDeque::from(targets));
    let failed = Mutex::new(Vec::new());
    // A worker that panicked has already said so; the others go on.
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let work = || {
        while let Some(target) = next() {
            if let Err(failure) = fuzzer.try_target(&target, seconds) {
                println!("fuzz {target}: {failure}");
                failed.lock().unwrap_or_else(PoisonError::into_inner).push(target);
            }
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().or_else(|_| fail("a worker panicked")))
    })?;
    let mut failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.sort();
    if failed.is_empty() { Ok(()) } else { fail(format!("fuzzing found something: {}", failed.join(", "))) }
}

/// The built program and its folders.
struct Fuzzer {
    root: PathBuf,
    program: PathBuf,
    /// Below the target folder: seeds, corpora and logs.
    place: PathBuf,
}

impl Fuzzer {
    fn build(root: &Path) -> Result<Self> {
        let place = test::target(root).join("fuzz");
        let folder = root.join("fuzz");
        let triple = host(&Run::new("rustc", &["-vV"]).output()?)?;
        Run::new("cargo", &["fmt", "--check"]).dir(&folder).run()?;
        // With the target named, build scripts and macros are built without the counters, for which they have no use.
        let release = ["--release", "--target", &triple];
        for (verb, rest) in [("clippy", &["--", "-D", "warnings"][..]), ("build", &[])] {
            Run::new("cargo", &[&[verb], &release[..], rest].concat())
                .dir(&folder)
                .variable("CARGO_TARGET_DIR", &place.join("build"))
                .variable("RUSTFLAGS", Path::new(RUSTFLAGS))
                .run()?;
        }
        let program = place.join("build").join(triple).join("release/sycee-fuzz");
        Ok(Self { root: root.into(), program, place })
    }

    /// Writes the seeds and names the targets, each of which has a folder of them.
    fn targets(&self) -> Result<Vec<String>> {
        let seeds = self.place.join("seeds");
        if seeds.exists() {
            std::fs::remove_dir_all(&seeds)?;
        }
        let status = Command::new(&self.program).env("SYCEE_FUZZ_SEEDS", &seeds).status()?;
        if !status.success() {
            return fail(format!("the seeds cannot be written: {status}"));
        }
        let mut targets = Vec::new();
        for entry in std::fs::read_dir(&seeds)? {
            targets.push(entry?.file_name().to_string_lossy().into_owned());
        }
        targets.sort();
        Ok(targets)
    }

    fn find_planted(&self) -> Result {
        let (target, message) = PLANTED;
        // What was learnt before would make it too easy.
        let corpus = self.place.join("corpus").join(target);
        if corpus.exists() {
            std::fs::remove_dir_all(&corpus)?;
        }
        let (succeeded, log) = self.fuzz(target, PLANTED_SECONDS, &self.place.join("planted-"))?;
        if succeeded || !log.contains(message) {
            return fail(format!("the fuzzer did not find the fault planted for it in {PLANTED_SECONDS} s: {log}"));
        }
        println!("fuzz {target}: found, as it must be");
        Ok(())
    }

    fn try_target(&self, target: &str, seconds: u64) -> Result {
        let findings = self.root.join(FINDINGS);
        std::fs::create_dir_all(&findings)?;
        let (succeeded, log) = self.fuzz(target, seconds, &findings.join(format!("{target}-")))?;
        match closing_line(&log) {
            Some(line) if succeeded => {
                println!("fuzz {target}: {line}");
                Ok(())
            }
            _ => fail(finding(&log, &self.root)),
        }
    }

    /// Runs a target on its seeds and on what it learnt before: whether nothing was found, and what it wrote.
    fn fuzz(&self, target: &str, seconds: u64, artifacts: &Path) -> Result<(bool, String)> {
        let corpus = self.place.join("corpus").join(target);
        let logs = self.place.join("logs");
        std::fs::create_dir_all(&corpus)?;
        std::fs::create_dir_all(&logs)?;
        let log = logs.join(format!("{target}.log"));
        let status = Command::new(&self.program)
            .env("SYCEE_FUZZ_TARGET", target)
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-timeout={TIMEOUT_SECONDS}"))
            .arg(format!("-rss_limit_mb={MEMORY_MIB_MAX}"))
            .arg(format!("-max_len={INPUT_BYTES_MAX}"))
            .arg(format!("-artifact_prefix={}", artifacts.display()))
            .arg(&corpus)
            .arg(self.place.join("seeds").join(target))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log)?)
            .status()?;
        // Inputs are shown in the log as they are, and need not be UTF-8.
        Ok((status.success(), String::from_utf8_lossy(&std::fs::read(&log)?).into_owned()))
    }
}

/// The triple of the machine, as `rustc -vV` says it.
fn host(version: &str) -> Result<String> {
    let triple = version.lines().find_map(|line| line.strip_prefix("host: "));
    triple.map(String::from).ok_or_else(|| Failure("`rustc -vV` does not say for which machine it is".into()))
}

/// The fuzzer's last line about its coverage.
fn closing_line(log: &str) -> Option<&str> {
    log.lines().rev().find(|line| line.contains("\tDONE "))
}

/// What was found, and the input's path below the root.
fn finding(log: &str, root: &Path) -> String {
    let panic = log.lines().skip_while(|line| !line.contains("panicked at")).take(3).collect::<Vec<_>>().join(" ");
    let summary = log.lines().rev().find(|line| line.starts_with("SUMMARY: "));
    let what = if panic.is_empty() { summary.unwrap_or("it ended before its time") } else { panic.trim() };
    let input = log.lines().rev().find_map(|line| line.split_once("Test unit written to "));
    match input {
        Some((_, path)) => {
            let path = Path::new(path.trim());
            format!("{what}; the input is {}", path.strip_prefix(root).unwrap_or(path).display())
        }
        None => format!("{what}; no input was saved: {}", log.lines().last().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments() {
        let of = |text: &str| parse(&text.split_whitespace().map(String::from).collect::<Vec<_>>()).ok();
        let asked = |seconds, only: Option<&str>| Some(Asked { seconds, only: only.map(String::from) });
        for (text, expected) in [
            ("", asked(60, None)),
            ("--seconds 5", asked(5, None)),
            ("--seconds=5 --only epc", asked(5, Some("epc"))),
            ("--seconds", None),
            ("--seconds 0", None),
            ("--seconds many", None),
            ("5", None),
        ] {
            assert_eq!(of(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_finding_names_the_panic_and_the_input_below_the_root() {
        let log = "#9\tINITED cov: 1\n\nthread '<unnamed>' (7) panicked at src/codes.rs:41:5:\nis stands twice\n\
            stack\nSUMMARY: libFuzzer: deadly signal\nartifact_prefix='x'; Test unit written to /a/b/fuzz/findings/epc-1\n";
        let told = finding(log, Path::new("/a/b"));
        assert_eq!(
            told,
            "thread '<unnamed>' (7) panicked at src/codes.rs:41:5: is stands twice stack; the input is fuzz/findings/epc-1"
        );
        let slow = finding("ALARM\nSUMMARY: libFuzzer: timeout\n", Path::new("/a"));
        assert!(slow.starts_with("SUMMARY: libFuzzer: timeout; no input"), "{slow}");
        assert_eq!(closing_line(log), None);
        assert_eq!(closing_line("#1\tNEW cov: 1\n#2\tDONE   cov: 2\nDone\n"), Some("#2\tDONE   cov: 2"));
    }

    #[test]
    fn the_machine_is_what_the_compiler_says() {
        let version = "rustc 1.95.0\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.95.0\n";
        assert_eq!(host(version), Ok("x86_64-unknown-linux-gnu".into()));
        assert!(host("rustc 1.95.0").is_err());
    }
}
