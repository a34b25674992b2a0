//! One program with all fuzz targets: the variable `SYCEE_FUZZ_TARGET` names the one to run, `SYCEE_FUZZ_SEEDS` a folder
//! into which the seeds of all targets are written instead. `cargo xtask fuzz` builds and runs it; README.md says how.
#![no_main]

mod codes;
mod records;
mod seeds;
mod targets;

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use targets::{TARGETS, Target};

/// Which target's inputs these are.
const TARGET_VARIABLE: &str = "SYCEE_FUZZ_TARGET";
/// Where to write seeds, one folder a target.
const SEEDS_VARIABLE: &str = "SYCEE_FUZZ_SEEDS";
/// The exit status of a wrong call.
const USAGE: i32 = 2;

static TARGET: OnceLock<fn(&[u8])> = OnceLock::new();

fn prepare() {
    if let Some(folder) = std::env::var_os(SEEDS_VARIABLE) {
        match seeds::write(folder.as_ref()) {
            Ok(()) => std::process::exit(0),
            Err(error) => leave(&format!("the seeds cannot be written: {error}")),
        }
    }
    let name = std::env::var(TARGET_VARIABLE).unwrap_or_default();
    match TARGETS.iter().find(|target| target.name == name) {
        Some(Target { run, .. }) => {
            let _ = TARGET.set(*run);
        }
        None => {
            let names = TARGETS.iter().map(|target| target.name).collect::<Vec<_>>().join(", ");
            leave(&format!("{TARGET_VARIABLE} is {name:?}; it can be one of {names}"));
        }
    }
}

fn leave(sentence: &str) -> ! {
    eprintln!("sycee-fuzz: {sentence}");
    std::process::exit(USAGE);
}

fuzz_target!(init: prepare(), |data: &[u8]| {
    // The fuzzer calls `prepare` before the first input.
    if let Some(run) = TARGET.get() {
        run(data);
    }
});
