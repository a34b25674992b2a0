//! The real binary, started and stopped by tests, and a blocking client.

#![allow(dead_code)] // each test file uses a part of it

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use sycee::bench::client::Client;

/// A port that is free now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A running `sycee serve --sandbox`.
pub struct Process {
    child: Child,
    pub address: String,
}

impl Process {
    pub fn start(data: &Path, port: u16, cells: &str) -> Self {
        let address = format!("127.0.0.1:{port}");
        Self::serve(&["--sandbox", "--cells", cells, "--listen", &address, "--data", data.to_str().unwrap()])
    }

    /// With what a configuration file says.
    pub fn configured(file: &Path) -> Self {
        Self::serve(&["--config", file.to_str().unwrap()])
    }

    /// With these flags of `sycee serve`.
    pub fn serve(flags: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sycee"))
            .arg("serve")
            .args(flags)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = child.stdout.take().unwrap();
        let line = BufReader::new(output).lines().map_while(Result::ok).find(|line| line.starts_with("listening on "));
        let Some(line) = line else {
            let status = child.wait().unwrap();
            panic!("the server did not start: {status}");
        };
        let address = line.trim_start_matches("listening on http://").to_owned();
        Self { child, address }
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and a clean end.
    pub fn stop(mut self) {
        let status = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
        assert!(self.child.wait().unwrap().success(), "the server did not stop cleanly");
    }
}

/// Runs the binary to its end.
pub fn sycee(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sycee")).args(arguments).output().unwrap()
}

/// Audits a data directory; panics with the table if not all holds.
pub fn assert_audit(data: &Path) -> String {
    let output = sycee(&["audit", "--data", data.to_str().unwrap()]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

/// A blocking client on one connection.
pub struct Caller {
    runtime: tokio::runtime::Runtime,
    client: Client,
}

impl Caller {
    pub fn connect(address: &str) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(Client::connect(address))?;
        Ok(Self { runtime, client })
    }

    pub fn post(&mut self, path: &str, body: &Value) -> Result<Value, String> {
        self.runtime.block_on(self.client.post(path, &body.to_string()))
    }

    pub fn get(&mut self, path: &str) -> Result<Value, String> {
        self.runtime.block_on(self.client.get(path))
    }

    pub fn exchange(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<(u16, String), String> {
        let (status, body) = self.runtime.block_on(self.client.exchange(method, path, headers, body))?;
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }
}
