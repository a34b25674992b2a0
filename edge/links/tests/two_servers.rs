//! Two servers in one process that know nothing of each other but address and key: cells, doors and connections are real.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sycee_contract::link::Link;
use sycee_engine::clock::{Clock, SystemClock};
use sycee_engine::disk::MemoryDisk;
use sycee_engine::drive::Driven;
use sycee_engine::links::{Carrier as _, LinkKey, Links, RemotePeer};
use sycee_engine::outbound::Faults;
use sycee_engine::store::MemoryStore;
use sycee_engine::vault::Vault;
use sycee_engine::{CellConfig, CellHandle, World, limits, open};
use sycee_links::HttpCarrier;
use sycee_money::Currency;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A world with one cell on a thread of its own.
struct Cell {
    world: Arc<World>,
    stop: Arc<AtomicBool>,
    _folder: TempDir,
}

impl Cell {
    fn start(number: u16) -> Self {
        let folder = TempDir::new().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let products = Arc::new(sycee_registry::products());
        let config = CellConfig {
            cell: number,
            time_zone: "Etc/UTC".into(),
            products: Arc::clone(&products),
            clock: Arc::clone(&clock),
            disk: Arc::new(MemoryDisk::new()),
            segment_bytes: 1 << 20,
        };
        let store = Arc::new(MemoryStore::new());
        let mut driven = Driven::new(open(config, &|_| Ok(store.clone())).unwrap());
        let handle = CellHandle {
            name: format!("cell{number}"),
            number,
            currency: Currency::EUR,
            port: driven.port(),
            vault: Arc::new(Vault::open(&folder.path().join("vault"), &folder.path().join("key"), true).unwrap()),
            effects: Arc::clone(&driven.cell.effects),
            outbox: Arc::clone(&driven.cell.outbox),
        };
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        std::thread::spawn(move || {
            while !stopped.load(Ordering::SeqCst) {
                driven.settle().unwrap();
                std::thread::sleep(Duration::from_micros(200));
            }
        });
        let world = Arc::new(World {
            cells: vec![Arc::new(handle)],
            products,
            clock,
            faults: Faults::default(),
            sandbox: false,
            test_clock: None,
            base_url: String::new(),
        });
        Self { world, stop, _folder: folder }
    }

    fn key(&self) -> LinkKey {
        LinkKey::of(&self.world.cells[0].vault).unwrap()
    }

    /// Links it with a peer at an address, and opens its doors at `listener`.
    fn serve(&self, listener: TcpListener, peer: &Self, at: SocketAddr) -> Arc<Links> {
        let there = &peer.world.cells[0];
        let carrier = Arc::new(HttpCarrier::new(&format!("http://{at}")).unwrap());
        let remote = RemotePeer { name: there.name.clone(), number: there.number, key: peer.key().public(), carrier };
        let links = Links::new(Arc::clone(&self.world), None, vec![remote]).unwrap();
        links.open().unwrap();
        let router = sycee_links::router(Arc::clone(&links), true);
        tokio::spawn(async move { axum::serve(listener, router).await });
        links
    }

    /// Waits until its link stands so.
    async fn until(&self, peer: u16, wanted: impl Fn(&Link) -> bool) {
        let port = &self.world.cells[0].port;
        let key = Link::key(peer);
        let found = port.until(&key, |link: Option<Link>| link.filter(&wanted).map(|_| ()));
        tokio::time::timeout(Duration::from_secs(30), found).await.expect("it comes to that").unwrap();
    }
}

impl Drop for Cell {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
    }
}

/// The status of one request on a connection of its own, and the body.
async fn request(to: SocketAddr, method: &str, path: &str, content_type: &str, body: &[u8]) -> (u16, Vec<u8>) {
    let mut stream = TcpStream::connect(to).await.unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {to}\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // A server that refuses a long body may close before it has read it.
    let _closed = stream.write_all(body).await;
    let mut answer = Vec::new();
    let _closed = stream.read_to_end(&mut answer).await;
    let text = String::from_utf8_lossy(&answer);
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let at = answer.windows(4).position(|four| four == b"\r\n\r\n").map_or(answer.len(), |at| at + 4);
    (status, answer[at..].to_vec())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_agree_on_a_version_and_say_how_they_stand() {
    let (net, shop) = (Cell::start(99), Cell::start(7));
    let (for_net, for_shop) =
        (TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let (net_at, shop_at) = (for_net.local_addr().unwrap(), for_shop.local_addr().unwrap());
    // The shop begins alone: its pump tries an address at which nobody answers yet.
    drop(for_net);
    let shop_links = shop.serve(for_shop, &net, net_at);
    let first = tokio::spawn(Arc::clone(&shop_links).run());
    let failed = || shop_links.status().unwrap()[0].counters.frames_failed.load(Ordering::SeqCst);
    while failed() == 0 {
        tokio::task::yield_now().await;
    }
    let for_net = TcpListener::bind(net_at).await.unwrap();
    let net_links = net.serve(for_net, &shop, shop_at);
    let second = tokio::spawn(Arc::clone(&net_links).run());
    shop.until(99, |link| link.version == Some(1) && link.acknowledged == 1).await;
    net.until(7, |link| link.version == Some(1) && link.acknowledged == 1).await;
    let (status, body) = request(net_at, "GET", "/links/v1/status", "", b"").await;
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let link = &body[0];
    assert_eq!((status, link["peer"].as_str(), link["is_here"].as_bool()), (200, Some("cell7"), Some(false)));
    assert_eq!(
        (link["version"].as_u64(), link["backlog"].as_u64(), link["received"].as_u64()),
        (Some(1), Some(0), Some(1))
    );
    first.abort();
    second.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_frames_are_refused_without_a_word() {
    let (net, shop) = (Cell::start(99), Cell::start(7));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let links = net.serve(listener, &shop, at);
    let frame = sycee_engine::links::Frame { from: 7, to: 99, first_sequence: 1, messages: Vec::new() };
    let good = frame.clone().sign(&shop.key());
    let forged = frame.sign(&net.key());
    let path = sycee_links::FRAMES_PATH;
    let cbor = sycee_links::CONTENT_TYPE;
    for (what, content_type, body, expected) in [
        ("fine", cbor, good.clone(), 200),
        ("forged", cbor, forged, 400),
        ("cut off", cbor, good[..20].to_vec(), 400),
        ("empty", cbor, Vec::new(), 400),
        ("of another type", "application/json", good.clone(), 415),
        ("too long", cbor, vec![0; limits::FRAME_BYTES_MAX + 1], 413),
    ] {
        let (status, body) = request(at, "POST", path, content_type, &body).await;
        assert_eq!(status, expected, "{what}");
        assert!(expected == 200 || expected == 413 || body.is_empty(), "{what}: {}", String::from_utf8_lossy(&body));
    }
    assert_eq!(request(at, "GET", path, cbor, b"").await.0, 405);
    drop(links);
    // The carrier reads a status that is no success as no reply.
    let carrier = HttpCarrier::new(&format!("http://{at}")).unwrap();
    assert!(carrier.deliver(b"nothing").await.unwrap_err().to_string().contains("400"));
    assert!(carrier.deliver(&good).await.is_ok(), "and goes on");
}
