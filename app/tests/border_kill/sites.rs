//! The two processes, and connections that outlive them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::support::{Caller, Process, free_port, sycee};

/// How often it is looked whether everything has arrived: a stream that stands for so long does not move any more.
pub const LOOKS_MAX: u32 = 3_000;
pub const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A cell of the other process, as a configuration names it.
struct Peer {
    cell: &'static str,
    number: u16,
    port: u16,
    public_key: String,
}

/// One process with its data, at an address that it keeps.
pub struct Site {
    folder: tempfile::TempDir,
    data: PathBuf,
    cells: &'static [&'static str],
    port: u16,
    process: Option<Process>,
}

impl Site {
    fn new(cells: &'static [&'static str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        Self { folder, data, cells, port: free_port(), process: None }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("sycee.toml")
    }

    /// Small segments, so that some of them are closed while the process is being killed.
    fn configure(&self, code_key: &Path, peers: &[Peer]) {
        let Self { data, cells, port, .. } = self;
        let mut text = format!(
            "listen = \"127.0.0.1:{port}\"\ndata = {data:?}\ncells = {cells:?}\nsandbox = true\n\
             network_code_key_file = {code_key:?}\n\n[journal]\nsegment_mib = 2\n"
        );
        for Peer { cell, number, port, public_key } in peers {
            write!(
                text,
                "\n[[peers]]\ncell = {cell:?}\nnumber = {number}\nurl = \"http://127.0.0.1:{port}\"\n\
                 public_key = {public_key:?}\n"
            )
            .unwrap();
        }
        std::fs::write(self.file(), text).unwrap();
    }

    fn as_peer(&self, cell: &'static str, number: u16) -> Peer {
        let output = sycee(&["link", "key", "--data", self.data.to_str().unwrap(), "--cell", cell]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let public_key = String::from_utf8(output.stdout).unwrap().trim().to_owned();
        Peer { cell, number, port: self.port, public_key }
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn data(&self) -> &Path {
        &self.data
    }

    pub fn start(&mut self) {
        self.process = Some(Process::configured(&self.file()));
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.process.take().unwrap().kill();
    }

    /// SIGTERM, and a clean end.
    pub fn stop(&mut self) {
        self.process.take().unwrap().stop();
    }
}

/// A test that fails leaves no server behind.
impl Drop for Site {
    fn drop(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill();
        }
    }
}

/// The payers' operator, and the network with the shops' operator.
pub struct Sites {
    pub wallet: Site,
    pub shops: Site,
}

impl Sites {
    /// Both start once alone, because peers need each other's keys; then they start linked, and the wallet waits until the
    /// network has told it about the shops' cell.
    pub fn linked() -> Self {
        let mut sites = Self { wallet: Site::new(&["th"]), shops: Site::new(&["net", "fr"]) };
        let code_key = sites.shops.folder.path().join("network-code.key");
        std::fs::write(&code_key, "5e".repeat(32)).unwrap();
        for site in [&mut sites.wallet, &mut sites.shops] {
            site.configure(&code_key, &[]);
            site.start();
            site.stop();
        }
        sites.wallet.configure(&code_key, &[sites.shops.as_peer("net", 99)]);
        sites.shops.configure(&code_key, &[sites.wallet.as_peer("th", 3)]);
        sites.wallet.start();
        sites.shops.start();
        for address in [sites.wallet.address(), sites.shops.address()] {
            Line::to(&address).agreed();
        }
        sites
    }
}

/// A way to one server that outlives it: after each kill it connects again.
pub struct Line {
    address: String,
    connection: Option<Caller>,
}

impl Line {
    pub fn to(address: &str) -> Self {
        Self { address: address.to_owned(), connection: None }
    }

    /// One exchange: the status and the body. An error means that nobody knows whether it was done.
    pub fn exchange(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<(u16, String), String> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => Caller::connect(&self.address).inspect_err(|_| std::thread::sleep(Duration::from_millis(5)))?,
        };
        let reply = connection.exchange(method, path, headers, body)?;
        self.connection = Some(connection);
        Ok(reply)
    }

    pub fn post(&mut self, path: &str, body: &Value) -> Value {
        done(self.exchange("POST", path, &[], &body.to_string()))
    }

    pub fn get(&mut self, path: &str) -> Value {
        done(self.exchange("GET", path, &[], ""))
    }

    /// Waits until every link has a version and nothing waits.
    pub fn agreed(&mut self) {
        let mut list = Value::Null;
        for _ in 0..LOOKS_MAX {
            list = self.get("/links/v1/status");
            let sides = list.as_array().unwrap();
            if !sides.is_empty() && sides.iter().all(|side| side["version"] == 1 && side["backlog"] == 0) {
                return;
            }
            std::thread::sleep(LOOK_EVERY);
        }
        panic!("a link stands: {list}");
    }
}

fn done(reply: Result<(u16, String), String>) -> Value {
    let (status, text) = reply.unwrap();
    assert!((200..300).contains(&status), "{status} {text}");
    serde_json::from_str(&text).unwrap()
}
