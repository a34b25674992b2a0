//! `--clock-start` of the real process: the sandbox's clock begins in the past, its journals are never behind, and what is no
//! instant or no sandbox is refused.

mod support;

use std::path::Path;

use serde_json::json;
use support::{Caller, Process, assert_audit, sycee};

const PAST: &str = "2020-02-29T08:00:00Z";

/// The server's clock, as text: RFC 3339 in UTC sorts as time does.
fn now(caller: &mut Caller) -> String {
    caller.get("/sandbox/v1/clock").unwrap()["now"].as_str().unwrap().to_owned()
}

fn start(data: &Path, instant: &str) -> (Process, Caller) {
    let data = data.to_str().unwrap();
    let flags = ["--sandbox", "--cells", "fr", "--listen", "127.0.0.1:0", "--data", data, "--clock-start", instant];
    let process = Process::serve(&flags);
    let caller = Caller::connect(&process.address).unwrap();
    (process, caller)
}

#[test]
fn a_world_begins_in_the_past_and_goes_on_from_its_journal() {
    let folder = tempfile::tempdir().unwrap();
    let (process, mut caller) = start(folder.path(), PAST);
    let began = now(&mut caller);
    assert!(began.as_str() >= "2020-02-29T08:00:00" && began.as_str() < "2020-02-29T09:00:00", "{began}");
    caller.post("/sandbox/v1/clock/advance", &json!({"seconds": 86_400})).unwrap();
    assert!(now(&mut caller).starts_with("2020-03-01T08:"), "a leap day");
    let customer = json!({"cell": "fr", "name": "Camille", "balance": {"currency": "EUR", "minor": 100}});
    let customer = caller.post("/sandbox/v1/customers", &customer).unwrap();
    let path = format!("/sandbox/v1/customers/{}", customer["customer_id"].as_str().unwrap());
    let opened = caller.get(&path).unwrap()["opened_at"].as_str().unwrap().to_owned();
    assert!(opened.starts_with("2020-03-01T08:"), "{opened}");
    drop(caller);
    process.stop();
    assert_audit(folder.path());

    // The journal is later than where the clock is told to begin; later than the journal, it is believed.
    for (instant, from, until) in
        [(PAST, opened.as_str(), "2020-03-01T09"), ("2021-01-01T00:00:00Z", "2021-01-01T00:00", "2021-01-01T01")]
    {
        let (process, mut caller) = start(folder.path(), instant);
        let now = now(&mut caller);
        assert!(now.as_str() >= from && now.as_str() < until, "{instant}: {now}");
        drop(caller);
        process.stop();
    }
}

#[test]
fn what_is_no_instant_or_no_sandbox_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    for arguments in [
        &["serve", "--cells", "fr", "--data", data, "--clock-start", PAST][..],
        &["serve", "--sandbox", "--cells", "fr", "--data", data, "--clock-start", "yesterday"],
        &["serve", "--sandbox", "--cells", "fr", "--data", data, "--clock-start"],
    ] {
        let output = sycee(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.starts_with("sycee: ") && text.contains("--clock-start") && text.lines().count() == 1, "{text}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was made");
}
