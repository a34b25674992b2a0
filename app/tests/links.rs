//! Links of a real process: cells of one server find each other, through kills and clean stops, and the tools read what they left.

mod support;

use std::path::Path;

use serde_json::Value;
use support::{Process, free_port, sycee};
use sycee::bench::client::Client;

/// The sides of all links, once both cells have agreed on a version and nothing waits.
fn agreed(address: &str) -> Vec<Value> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut client = Client::connect(address).await.unwrap();
        loop {
            let list = client.get("/links/v1/status").await.unwrap();
            let sides = list.as_array().unwrap();
            if !sides.is_empty() && sides.iter().all(|side| side["version"] == 1 && side["backlog"] == 0) {
                return sides.clone();
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    })
}

fn link_key(data: &Path, cell: &str) -> Result<String, String> {
    let output = sycee(&["link", "key", "--data", data.to_str().unwrap(), "--cell", cell]);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim().to_owned();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

#[test]
fn cells_of_one_server_are_linked_with_the_network_through_kills_and_stops() {
    let folder = tempfile::TempDir::new().unwrap();
    let data = folder.path();
    let process = Process::start(data, free_port(), "fr,it,net");
    let sides = agreed(&process.address);
    let names: Vec<_> =
        sides.iter().map(|side| format!("{}-{}", side["cell"], side["peer"]).replace('"', "")).collect();
    let mut sorted = names.clone();
    sorted.sort();
    assert_eq!(sorted, ["fr-net", "it-net", "net-fr", "net-it"], "a star");
    process.kill();
    let process = Process::start(data, free_port(), "fr,it,net");
    let sides = agreed(&process.address);
    assert!(sides.iter().all(|side| side["parked"] == 0 && side["is_here"] == true), "{sides:?}");
    assert!(link_key(data, "fr").unwrap_err().contains("a server has the directory open"));
    process.stop();

    let keys: Vec<String> = ["fr", "it", "net"].map(|cell| link_key(data, cell).unwrap()).to_vec();
    assert!(keys.iter().all(|key| key.len() == 44 && key.ends_with('=')), "32 bytes in base64: {keys:?}");
    assert!(keys[0] != keys[1] && keys[1] != keys[2]);
    assert_eq!(link_key(data, "fr").unwrap(), keys[0], "reading it changes nothing");
    assert!(link_key(data, "cn").is_err() && link_key(data, "../fr").is_err());
    let audit = sycee(&["audit", "--data", data.to_str().unwrap()]);
    let printed = String::from_utf8(audit.stdout).unwrap();
    assert!(audit.status.success() && printed.contains("seal       intact"), "{printed}");
    let replay = sycee(&["replay", "--data", data.to_str().unwrap()]);
    assert!(replay.status.success(), "{}", String::from_utf8(replay.stdout).unwrap());
}
