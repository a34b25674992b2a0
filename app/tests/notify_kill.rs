//! The real process, killed while a merchant's receiver hangs: after the restart every notice arrives, and what was told can be
//! sent again by command.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use support::{Caller, Process, assert_audit, free_port, sycee};
use sycee_alipay::signature::SigningKey;

const ORDERS: usize = 24;

/// A receiver that hangs until it is told to answer.
#[derive(Clone)]
struct Receiver {
    url: String,
    answers: Arc<AtomicBool>,
    hanging: Arc<Mutex<Vec<TcpStream>>>,
    /// Each body that was answered.
    taken: Arc<Mutex<Vec<BTreeMap<String, String>>>>,
}

impl Receiver {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let receiver = Self {
            url: format!("http://{}/notify", listener.local_addr().unwrap()),
            answers: Arc::default(),
            hanging: Arc::default(),
            taken: Arc::default(),
        };
        let here = receiver.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                if !here.answers.load(Ordering::SeqCst) {
                    here.hanging.lock().unwrap().push(stream);
                    continue;
                }
                let Some(body) = read_body(&mut stream) else { continue };
                let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
                let fields = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
                here.taken.lock().unwrap().push(fields);
                let _sent =
                    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\nconnection: close\r\n\r\nsuccess");
            }
        });
        receiver
    }

    fn orders(&self) -> BTreeSet<String> {
        self.taken.lock().unwrap().iter().map(|fields| fields["out_trade_no"].clone()).collect()
    }
}

fn read_body(stream: &mut TcpStream) -> Option<String> {
    let mut read = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok())?;
            if body.len() >= length {
                return Some(body.to_owned());
            }
        }
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        read.extend_from_slice(buffer.get(..count)?);
    }
}

/// An order with an address for notices; its code.
fn precreate(caller: &mut Caller, app_id: &str, key: &SigningKey, out_trade_no: &str, notify_url: &str) -> String {
    let biz = json!({"out_trade_no": out_trade_no, "total_amount": "0.01", "subject": "kill"});
    let mut parameters: BTreeMap<&str, String> = BTreeMap::from([
        ("app_id", app_id.into()),
        ("method", "alipay.trade.precreate".into()),
        ("charset", "utf-8".into()),
        ("sign_type", "RSA2".into()),
        ("timestamp", "2026-11-23 12:00:00".into()),
        ("version", "1.0".into()),
        ("notify_url", notify_url.into()),
        ("biz_content", biz.to_string()),
    ]);
    let text = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    parameters.insert("sign", key.sign(text.as_bytes()).unwrap());
    let encode = |value: &str| value.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let body = parameters.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&");
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let (status, text) = caller.exchange("POST", "/gateway.do", &headers, &body).unwrap();
    assert_eq!(status, 200, "{text}");
    let reply: Value = serde_json::from_str(&text).unwrap();
    reply["alipay_trade_precreate_response"]["qr_code"].as_str().unwrap_or_else(|| panic!("{text}")).to_owned()
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..6_000 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{what} did not come in a minute");
}

#[test]
fn notices_outlive_a_kill_while_their_receiver_hangs() {
    let folder = tempfile::tempdir().unwrap();
    let (receiver, port) = (Receiver::start(), free_port());
    let process = Process::start(folder.path(), port, "fr");
    let key = SigningKey::generate().unwrap();
    let mut caller = Caller::connect(&process.address).unwrap();
    let shop = json!({"cell": "fr", "name": "Killed", "app_public_key": key.public_key_base64().unwrap()});
    let shop = caller.post("/sandbox/v1/merchants", &shop).unwrap();
    let (merchant, app_id) = (shop["merchant_id"].as_str().unwrap(), shop["app_id"].as_str().unwrap());
    let customer = json!({"cell": "fr", "name": "Payer", "balance": {"currency": "EUR", "minor": 10_000}});
    let customer = caller.post("/sandbox/v1/customers", &customer).unwrap();
    let customer = customer["customer_id"].as_str().unwrap();
    let orders: BTreeSet<String> = (0..ORDERS).map(|number| format!("order{number}")).collect();
    for order in &orders {
        let code = precreate(&mut caller, app_id, &key, order, &receiver.url);
        let pay = json!({"code": code, "confirm": true});
        let paid = caller.post(&format!("/sandbox/v1/customers/{customer}/pay"), &pay).unwrap();
        assert!(paid["payment_id"].is_string(), "{paid}");
    }
    until("the first post", || !receiver.hanging.lock().unwrap().is_empty());
    process.kill();
    assert!(receiver.orders().is_empty());

    receiver.answers.store(true, Ordering::SeqCst);
    let process = Process::start(folder.path(), port, "fr");
    until("every notice", || receiver.orders() == orders);

    // What was told is seen, and sent again by command.
    let mut caller = Caller::connect(&process.address).unwrap();
    let path = format!("/sandbox/v1/merchants/{merchant}/deliveries");
    until("the end of every notice", || {
        let list = caller.get(&path).unwrap();
        let list = list["deliveries"].as_array().unwrap().clone();
        list.len() == ORDERS && list.iter().all(|one| one["state"] == "taken")
    });
    let list = caller.get(&path).unwrap();
    let (number, trade) = (&list["deliveries"][3]["notify_id"], &list["deliveries"][3]["trade_no"]);
    let told = receiver.taken.lock().unwrap().len();
    let url = format!("http://{}", process.address);
    let replay = ["notify", "replay", "--url", &url, "--merchant", merchant];
    for (flag, value) in [("--notify-id", number), ("--trade-no", trade)] {
        let output = sycee(&[&replay[..], &[flag, value.as_str().unwrap()]].concat());
        assert!(output.status.success(), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("\"on_request\": true"), "{output:?}");
    }
    let taken = receiver.taken.lock().unwrap().clone();
    assert_eq!(taken.len(), told + 2);
    let again = &taken[told];
    assert_eq!(Some(again["notify_id"].as_str()), number.as_str());
    assert!(taken[..told].contains(again), "the same fields");
    assert_ne!(taken[told + 1]["notify_id"], again["notify_id"]);
    assert_eq!(taken[told + 1]["trade_no"], again["trade_no"]);
    let output = sycee(&[&replay[..], &["--notify-id", "070000000000000000000100001"]].concat());
    assert!(!output.status.success());
    process.stop();
    assert_audit(folder.path());
}
