//! The smallest HTTP/1.1 client that keeps its connection open: for benchmarks and tests on loopback.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection to a server.
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    /// Connects.
    ///
    /// # Errors
    /// One line.
    pub async fn connect(address: &str) -> Result<Self, String> {
        let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    /// Posts JSON and reads JSON; anything but 2xx is an error.
    ///
    /// # Errors
    /// One line.
    pub async fn post(&mut self, path: &str, body: &str) -> Result<serde_json::Value, String> {
        self.json("POST", path, body).await
    }

    /// Gets JSON; anything but 2xx is an error.
    ///
    /// # Errors
    /// One line.
    pub async fn get(&mut self, path: &str) -> Result<serde_json::Value, String> {
        self.json("GET", path, "").await
    }

    async fn json(&mut self, method: &str, path: &str, body: &str) -> Result<serde_json::Value, String> {
        let (status, body) = self.exchange(method, path, &[], body).await?;
        let text = String::from_utf8_lossy(&body).into_owned();
        if !(200..300).contains(&status) {
            return Err(format!("{path}: {status} {text}"));
        }
        serde_json::from_str(&text).map_err(|error| format!("{path}: {error}: {text}"))
    }

    /// One request and its reply: status and body.
    ///
    /// # Errors
    /// One line: the connection, not the status. The connection must not be used again.
    pub async fn exchange(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<(u16, Vec<u8>), String> {
        use std::fmt::Write as _;
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: sycee\r\n");
        let has_type = headers.iter().any(|(name, _)| *name == "content-type");
        let default_type = (!has_type).then_some(("content-type", "application/json"));
        for (name, value) in headers.iter().copied().chain(default_type) {
            write!(request, "{name}: {value}\r\n").map_err(|error| error.to_string())?;
        }
        write!(request, "content-length: {}\r\n\r\n{body}", body.len()).map_err(|error| error.to_string())?;
        self.stream.write_all(request.as_bytes()).await.map_err(|error| error.to_string())?;
        self.buffer.clear();
        loop {
            let mut chunk = [0; 4096];
            let count = self.stream.read(&mut chunk).await.map_err(|error| error.to_string())?;
            if count == 0 {
                return Err("the server closed the connection".into());
            }
            self.buffer.extend_from_slice(&chunk[..count]);
            if let Some(reply) = parse(&self.buffer) {
                return Ok(reply);
            }
        }
    }
}

fn parse(bytes: &[u8]) -> Option<(u16, Vec<u8>)> {
    let head_end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..head_end]).ok()?;
    let status = head.get(9..12)?.parse().ok()?;
    let length: usize = head
        .lines()
        .find_map(|line| line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length")))
        .and_then(|(_, value)| value.trim().parse().ok())?;
    let body = bytes.get(head_end + 4..head_end + 4 + length)?;
    Some((status, body.to_vec()))
}
