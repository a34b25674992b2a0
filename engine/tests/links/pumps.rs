//! Pumps and inboxes as a server runs them: real keys, faults on request, catching up, cells that stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use sycee_engine::clock::{Clock, SystemClock, TestClock};
use sycee_engine::drive::Driven;
use sycee_engine::links::{BadFrame, Frame, FrameMessage, LinkKey, Links, RemotePeer};
use sycee_engine::links::{Carrier, Delivery, Undelivered, step};
use sycee_engine::outbound::{FaultMode, Faults, Outbound as _};
use sycee_engine::vault::Vault;
use sycee_engine::{CellHandle, World};
use sycee_money::Currency;
use tempfile::TempDir;

use crate::parcels::{self, ECHO, PARCEL, send_command, shelf};
use crate::site::{Site, link};

/// Cells on threads of their own, the first of them the network's.
struct Server {
    world: Arc<World>,
    links: Arc<Links>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    _folder: TempDir,
}

impl Server {
    fn start(numbers: &[u16], with_network: bool, remote: Vec<RemotePeer>) -> Self {
        let folder = TempDir::new().unwrap();
        let test_clock = TestClock::new(Arc::new(SystemClock), 0);
        let clock: Arc<dyn Clock> = Arc::new(test_clock.clone());
        let stop = Arc::new(AtomicBool::new(false));
        let (mut cells, mut threads) = (Vec::new(), Vec::new());
        for number in numbers {
            let driven = Site::new(*number).open_by(Arc::clone(&clock)).unwrap();
            let place = folder.path().join(number.to_string());
            cells.push(Arc::new(CellHandle {
                name: format!("cell{number}"),
                number: *number,
                currency: Currency::EUR,
                port: driven.port(),
                vault: Arc::new(Vault::open(&place.join("vault"), &place.join("key"), true).unwrap()),
                effects: Arc::clone(&driven.cell.effects),
                outbox: Arc::clone(&driven.cell.outbox),
            }));
            threads.push(drive(driven, Arc::clone(&stop)));
        }
        let world = Arc::new(World {
            cells,
            products: Arc::new(parcels::products()),
            clock,
            faults: Faults::default(),
            sandbox: true,
            test_clock: Some(test_clock),
            base_url: String::new(),
        });
        let network = with_network.then(|| Arc::clone(&world.cells[0]));
        let links = Links::new(Arc::clone(&world), network, remote).unwrap();
        links.open().unwrap();
        Self { world, links, stop, threads, _folder: folder }
    }

    async fn send(&self, from: u16, to: u16, kind: u16, count: u64, evidence: bool) {
        let cell = self.world.numbered(from).unwrap();
        cell.port.ask(send_command(to, kind, count, evidence)).await.unwrap().outcome.unwrap();
    }

    /// Waits until `at` has received `count` parcels of `from`.
    async fn received(&self, at: u16, from: u16, count: u64) {
        let port = &self.world.numbered(at).unwrap().port;
        let key = parcels::key(from);
        let waiting =
            port.until(&key, |shelf: Option<parcels::Shelf>| shelf.filter(|shelf| shelf.received >= count).map(|_| ()));
        tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("they arrive").unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        for thread in self.threads.drain(..) {
            let _ended = thread.join();
        }
    }
}

fn drive(mut cell: Driven, stop: Arc<AtomicBool>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        while !stop.load(Ordering::SeqCst) {
            if let Err(why) = cell.settle() {
                return cell.port().stop(&why);
            }
            std::thread::sleep(Duration::from_micros(200));
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn through_every_fault_each_parcel_arrives_once_and_in_order() {
    let server = Server::start(&[9, 1, 2], true, Vec::new());
    let pumps = tokio::spawn(Arc::clone(&server.links).run());
    let mut sent = 0;
    for mode in [FaultMode::Lose, FaultMode::Double, FaultMode::Delay, FaultMode::TimeoutAfterDoing] {
        server.world.faults.set(Some("cell1"), "clearing", mode, 2);
        server.world.faults.set(Some("cell9"), "clearing", mode, 2);
        for _ in 0..3 {
            server.send(1, 9, PARCEL, 20, false).await;
            server.send(9, 1, PARCEL, 20, true).await;
            sent += 20;
            server.received(9, 1, sent).await;
            server.received(1, 9, sent).await;
        }
    }
    let now_ns = server.world.clock.now_ns();
    server.links.run_due(now_ns).await;
    for (at, from, signed) in [(9, 1, 0), (1, 9, sent)] {
        let port = &server.world.numbered(at).unwrap().port;
        let arrived = shelf(&port.begin_read(), from);
        assert_eq!((arrived.received, arrived.signed), (sent, signed));
        let link = link(port, from);
        // The hello is one more, each way.
        assert_eq!((link.received, link.parked, link.sent, link.acknowledged), (sent + 1, 0, sent + 1, sent + 1));
    }
    let status = server.links.status().unwrap();
    assert_eq!(status.len(), 4, "a star: two links, two sides each");
    assert!(status.iter().all(|side| side.backlog == 0 && side.is_here));
    let failed: u64 = status.iter().map(|side| side.counters.frames_failed.load(Ordering::SeqCst)).sum();
    // Lost, delayed and timed out: two of each, on both cells.
    assert_eq!(failed, 12);
    pumps.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_advance_of_the_clock_waits_for_messages_for_what_they_set_off_and_for_what_comes_back() {
    let server = Server::start(&[9, 1], true, Vec::new());
    let pumps = tokio::spawn(Arc::clone(&server.links).run());
    server.world.faults.set(None, "clearing", FaultMode::Lose, 2);
    server.send(1, 9, ECHO, 5, false).await;
    // Messages go in real time: a link that is cut must not hold the world's clock, so nothing is due by it.
    assert_eq!(server.links.next_due_ns(), None);
    let now_ns = server.world.clock.now_ns();
    server.links.run_due(now_ns).await;
    let port = &server.world.numbered(1).unwrap().port;
    assert_eq!(shelf(&port.begin_read(), 9).received, 5, "the answers are here too");
    pumps.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_thousand_messages_are_caught_up_frame_by_frame_after_a_silence() {
    let server = Server::start(&[9, 1], true, Vec::new());
    for _ in 0..50 {
        server.send(1, 9, PARCEL, 1_000, false).await;
    }
    assert_eq!(server.world.numbered(1).unwrap().outbox.backlog(9), 50_001);
    let pumps = tokio::spawn(Arc::clone(&server.links).run());
    server.received(9, 1, 50_000).await;
    let now_ns = server.world.clock.now_ns();
    server.links.run_due(now_ns).await;
    let status = server.links.status().unwrap();
    let side = status.iter().find(|side| side.cell == "cell1").unwrap();
    assert_eq!((side.backlog, side.link.as_ref().unwrap().acknowledged), (0, 50_001));
    let frames = side.counters.frames_sent.load(Ordering::SeqCst);
    assert!((98..200).contains(&frames), "frames of up to 512 messages: {frames}");
    pumps.abort();
}

/// Nobody is reached by this.
struct Nowhere;

impl Carrier for Nowhere {
    fn deliver<'c>(&'c self, _: &'c [u8]) -> Delivery<'c> {
        Box::pin(async { Err(Undelivered("nowhere".into())) })
    }
}

fn remote(number: u16, key: &LinkKey) -> RemotePeer {
    RemotePeer { name: format!("cell{number}"), number, key: key.public(), carrier: Arc::new(Nowhere) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_of_strangers_for_strangers_and_by_other_keys_are_not_taken_and_old_ones_change_nothing() {
    let (peer, stranger) = (LinkKey::generate().unwrap().0, LinkKey::generate().unwrap().0);
    let server = Server::start(&[1, 2], false, vec![remote(9, &peer)]);
    let hello = |from, to, first_sequence| {
        let body = sycee_contract::encode(&sycee_contract::link::VERSIONS);
        let message = sycee_contract::link::Message { kind: 1, version: 0, sent_at_ns: 1, body, evidence: false };
        Frame { from, to, first_sequence, messages: vec![FrameMessage { message, signature: None }] }
    };
    for (what, bytes, expected) in [
        ("by another key", hello(9, 1, 1).sign(&stranger), BadFrame::BadSignature),
        ("for a cell that is not here", hello(9, 3, 1).sign(&peer), BadFrame::NotLinked),
        ("of a cell that is not linked", hello(2, 1, 1).sign(&peer), BadFrame::NotLinked),
    ] {
        assert_eq!(server.links.deliver(&bytes).await, Err(expected), "{what}");
    }
    let port = &server.world.numbered(1).unwrap().port;
    assert_eq!(link(port, 9).received, 0);
    let good = hello(9, 1, 1).sign(&peer);
    let key = server.links.public_key(1).unwrap();
    for (received, bytes) in
        [(1, &good), (1, &good), (1, &hello(9, 1, 3).sign(&peer)), (2, &hello(9, 1, 2).sign(&peer))]
    {
        let reply = server.links.deliver(bytes).await.unwrap();
        let reply = sycee_engine::links::FrameReply::read(&reply, bytes, 1, 9, &key).unwrap();
        assert_eq!((reply.received, reply.busy), (received, false));
        assert_eq!(link(port, 9).received, received);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_cannot_be_reached_does_not_hold_up_the_clock() {
    let server = Server::start(&[1], false, vec![remote(9, &LinkKey::generate().unwrap().0)]);
    let pumps = tokio::spawn(Arc::clone(&server.links).run());
    assert_eq!((server.links.next_due_ns(), server.links.status().unwrap()[0].backlog), (None, 1));
    server.links.run_due(server.world.clock.now_ns()).await;
    pumps.abort();
}

#[test]
fn a_network_that_is_not_here_is_one_peer_and_numbers_are_used_once() {
    let key = LinkKey::generate().unwrap().0;
    let server = Server::start(&[1, 2], false, Vec::new());
    let world = || Arc::clone(&server.world);
    let network = Some(Arc::clone(&server.world.cells[0]));
    let two = || vec![remote(8, &key), remote(9, &key)];
    assert!(Links::new(world(), None, two()).is_err());
    assert_eq!(Links::new(world(), network.clone(), two()).unwrap().status().unwrap().len(), 4);
    assert!(Links::new(world(), network, vec![remote(2, &key)]).is_err());
    assert_eq!(Links::new(world(), None, vec![remote(9, &key)]).unwrap().status().unwrap().len(), 2);
    let opened = step::open_command(1);
    assert_eq!(opened.code, sycee_contract::cell::LINK_OPEN);
}

#[test]
fn a_cells_key_and_its_networks_code_key_are_the_same_after_every_start() {
    use sycee_engine::vault::CODE_KEY;
    let folder = TempDir::new().unwrap();
    let open =
        |name: &str| Vault::open(&folder.path().join(name), &folder.path().join("keys").join(name), true).unwrap();
    let (vault, other) = (open("a"), open("b"));
    assert!(LinkKey::find(&vault).unwrap().is_none());
    let made = LinkKey::of(&vault).unwrap().public();
    assert_ne!(made, LinkKey::of(&other).unwrap().public());
    assert_ne!(vault.code_digest("28011234"), other.code_digest("28011234"), "each under its own key");
    let own = vault.code_digest("28011234");
    // HMAC-SHA256 (RFC 2104) of the digits under 32 bytes of 7, computed with another program (Python's hmac module).
    let expected = [
        0xac, 0xf6, 0x26, 0x38, 0x5a, 0xf0, 0xa8, 0xad, 0xc9, 0x21, 0x92, 0x92, 0xca, 0x5b, 0xfb, 0x91, 0x6a, 0x56,
        0xaa, 0x66, 0xc0, 0x08, 0xf3, 0xf5, 0x4a, 0x7c, 0x5b, 0xf0, 0xa0, 0x72, 0x43, 0x38,
    ];
    for vault in [&vault, &other] {
        assert!(vault.put_secret(CODE_KEY, &[7; 31]).is_err(), "a key of another length is not kept");
        vault.put_secret(CODE_KEY, &[7; 32]).unwrap();
        assert_eq!(vault.code_digest("28011234"), expected);
    }
    assert_ne!(own, expected);
    drop(vault);
    let again = open("a");
    assert_eq!((LinkKey::of(&again).unwrap().public(), again.code_digest("28011234")), (made, expected));
}
