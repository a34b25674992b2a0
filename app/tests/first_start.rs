//! A first start that is killed at any instant leaves a directory that the next start opens.

mod support;

use std::process::{Command, Stdio};
use std::time::Duration;

use support::{Process, assert_audit, free_port};
use sycee_contract::Random;

#[test]
fn a_first_start_that_was_killed_begins_again() {
    let mut random = Random::new(7);
    for _ in 0..15 {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let mut child = Command::new(env!("CARGO_BIN_EXE_sycee"))
            .args(["serve", "--sandbox", "--cells", "fr,kr", "--listen", &format!("127.0.0.1:{port}"), "--data"])
            .arg(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Wherever it is by then; how far it gets depends on the machine, and every place must do.
        std::thread::sleep(Duration::from_millis(random.below(250)));
        child.kill().unwrap();
        child.wait().unwrap();
        Process::start(folder.path(), free_port(), "fr,kr").stop();
        assert_audit(folder.path());
    }
}

#[test]
fn a_directory_stays_what_it_was_made_as() {
    let folder = tempfile::tempdir().unwrap();
    Process::start(folder.path(), free_port(), "fr").stop();
    let output = support::sycee(&[
        "serve",
        "--cells",
        "fr",
        "--listen",
        "127.0.0.1:0",
        "--data",
        folder.path().to_str().unwrap(),
    ]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("sandbox mode"), "{error}");
    assert_audit(folder.path());
}
