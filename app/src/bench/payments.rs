//! Payments over HTTP: a sandbox server in this process, clients on loopback connections that are kept open, every reply durable.
//! The load generator runs on the same cores; what it costs is in the figure.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Measured, Options, stage};
use crate::config::{Flags, Settings};
use crate::server::Server;

pub fn run(options: &Options) -> Result<String, String> {
    let count = options.count.unwrap_or(200_000);
    let folder = stage::Folder::new()?;
    let flags = Flags {
        listen: Some("127.0.0.1:0".into()),
        data: Some(folder.0.clone()),
        cells: Some(vec![stage::CELL.into()]),
        sandbox: true,
        ..Flags::default()
    };
    let settings = Settings::load(flags)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| error.to_string())?;
    runtime.block_on(async move {
        let server = Server::start(&settings).await?;
        let measured = load(&server, count, options.connections).await;
        server.stop().await?;
        measured.map(Measured::to_json)
    })
}

async fn load(server: &Server, count: u64, connections: usize) -> Result<Measured, String> {
    let address = server.address.to_string();
    let mut setup = Client::connect(&address).await?;
    let shop = setup.post("/sandbox/v1/merchants", r#"{"cell":"fr","name":"Boulangerie","mcc":"5462"}"#).await?;
    let merchant = shop["merchant_id"].as_str().ok_or("no merchant_id")?.to_owned();
    let code = setup.post(&format!("/sandbox/v1/merchants/{merchant}/static-code"), "{}").await?;
    let code = code["code"].as_str().ok_or("no code")?.to_owned();
    let mut customers = Vec::new();
    for index in 0..connections {
        let body = format!(
            r#"{{"cell":"fr","name":"Customer {index}","balance":{{"currency":"EUR","minor":100000000}}}}"#
        );
        let customer = setup.post("/sandbox/v1/customers", &body).await?;
        customers.push(customer["customer_id"].as_str().ok_or("no customer_id")?.to_owned());
    }
    let metrics = Arc::clone(&server.running.metrics.first().ok_or("no cell")?.1);
    let bytes_before = metrics.journal_bytes.load(Ordering::Relaxed);
    let left = Arc::new(AtomicU64::new(count));
    let began = Instant::now();
    let mut tasks = Vec::new();
    for customer in customers {
        let (address, left) = (address.clone(), Arc::clone(&left));
        let path = format!("/sandbox/v1/customers/{customer}/pay");
        let body = serde_json::json!({"code": code, "amount": {"currency": "EUR", "minor": 1}, "confirm": true}).to_string();
        tasks.push(tokio::spawn(async move {
            let mut client = Client::connect(&address).await?;
            let mut latencies = Vec::new();
            let take = |left: u64| left.checked_sub(1);
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok() {
                let asked = Instant::now();
                client.paid(&path, &body).await?;
                latencies.push(u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX));
            }
            Ok::<_, String>(latencies)
        }));
    }
    let mut latencies_us = Vec::new();
    for task in tasks {
        latencies_us.extend(task.await.map_err(|error| error.to_string())??);
    }
    let elapsed: Duration = began.elapsed();
    let journal_bytes = metrics.journal_bytes.load(Ordering::Relaxed) - bytes_before;
    Ok(Measured { name: format!("payments ({connections} connections)"), operations: count, elapsed, latencies_us, journal_bytes })
}

/// The smallest HTTP/1.1 client that keeps its connection open.
struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    async fn connect(address: &str) -> Result<Self, String> {
        let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    async fn post(&mut self, path: &str, body: &str) -> Result<serde_json::Value, String> {
        let (status, body) = self.exchange(path, body).await?;
        let text = String::from_utf8_lossy(&body).into_owned();
        if !(200..300).contains(&status) {
            return Err(format!("{path}: {status} {text}"));
        }
        serde_json::from_str(&text).map_err(|error| format!("{path}: {error}: {text}"))
    }

    async fn paid(&mut self, path: &str, body: &str) -> Result<(), String> {
        let (status, body) = self.exchange(path, body).await?;
        let is_paid = body.windows(6).any(|window| window == br#""paid""#);
        if status == 200 && is_paid { Ok(()) } else { Err(format!("{path}: {status} {}", String::from_utf8_lossy(&body))) }
    }

    async fn exchange(&mut self, path: &str, body: &str) -> Result<(u16, Vec<u8>), String> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: sycee\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
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
