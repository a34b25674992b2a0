//! The real process with a webhook, killed again and again while a shop sells: every event comes, in order, and what comes twice is
//! the same. `sycee listen` tells the same story to a local port.

mod support;

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use support::{Caller, Process, assert_audit, free_port, sycee};

/// How often the process is killed.
const KILLS: u64 = 4;
/// How many payments the shop takes between two kills.
const PAYMENTS: u64 = 25;

/// Each post's headers in small letters, and its body.
type Posts = Arc<Mutex<Vec<(String, String)>>>;

/// A receiver that takes everything.
fn receiver() -> (String, Posts) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let posts = Posts::default();
    let here = Arc::clone(&posts);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let Some((head, body)) = read_post(&mut stream) else { continue };
            here.lock().unwrap().push((head, body));
            let _sent = stream.write_all(b"HTTP/1.1 204 X\r\nconnection: close\r\n\r\n");
        }
    });
    (url, posts)
}

fn read_post(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut read = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok())?;
            if body.len() >= length {
                return Some((text.split_once("\r\n\r\n")?.0.to_owned(), body.to_owned()));
            }
        }
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        read.extend_from_slice(buffer.get(..count)?);
    }
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    head.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        .unwrap_or_else(|| panic!("{name}: {head}"))
}

fn is_signed_with((head, body): &(String, String), secret: &str) -> bool {
    let secret = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let text = format!("{}.{}.{body}", header(head, "webhook-id"), header(head, "webhook-timestamp"));
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), text.as_bytes());
    header(head, "webhook-signature") == format!("v1,{}", STANDARD.encode(signature))
}

/// The ids in the order in which each came first.
fn firsts(posts: &Posts) -> Vec<String> {
    let mut seen = HashSet::new();
    let posts = posts.lock().unwrap();
    let ids = posts.iter().map(|(head, _)| header(head, "webhook-id").to_owned());
    ids.filter(|id| seen.insert(id.clone())).collect()
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

/// A request of a party to the own API.
fn ask(caller: &mut Caller, token: &str, method: &str, path: &str, body: &Value) -> Result<Value, String> {
    let bearer = format!("Bearer {token}");
    let body = if method == "GET" { String::new() } else { body.to_string() };
    let (status, text) = caller.exchange(method, &format!("/api/v1{path}"), &[("authorization", &bearer)], &body)?;
    assert_eq!(status, 200, "{path}: {text}");
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

/// All events of a party, by page.
fn events(caller: &mut Caller, token: &str) -> Vec<Value> {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let page = ask(caller, token, "GET", &format!("/events?limit=40{after}"), &Value::Null).unwrap();
        found.extend(page["events"].as_array().unwrap().iter().cloned());
        if page["has_more"] == false {
            return found;
        }
        after = format!("&after={}", page["next"].as_str().unwrap());
    }
}

struct Shop {
    token: String,
    customer_token: String,
    sold: u64,
}

impl Shop {
    fn open(caller: &mut Caller) -> Self {
        let shop = caller.post("/sandbox/v1/merchants", &json!({"cell": "fr", "name": "Killed"})).unwrap();
        let customer = json!({"cell": "fr", "name": "Payer", "balance": {"currency": "EUR", "minor": 1_000_000}});
        let customer = caller.post("/sandbox/v1/customers", &customer).unwrap();
        let token = |of: &Value| of["token"].as_str().unwrap_or_else(|| panic!("{of}")).to_owned();
        Self { token: token(&shop), customer_token: token(&customer), sold: 0 }
    }

    /// Sells so often; what fails because the process is killed meanwhile is somebody else's loss.
    fn sell(&mut self, caller: &mut Caller, times: u64) {
        for _ in 0..times {
            self.sold += 1;
            let (number, total) = (format!("A-{}", self.sold), json!({"currency": "EUR", "minor": "5"}));
            let order = json!({"out_trade_no": number, "total": total, "subject": "tea"});
            let made = ask(caller, &self.token, "POST", "/orders", &json!({"order": order})).unwrap();
            let scanned = ask(caller, &self.customer_token, "POST", "/scan", &json!({"code": made["code"]})).unwrap();
            let pay = format!("/orders/{}/pay", scanned["order"]["trade_no"].as_str().unwrap());
            ask(caller, &self.customer_token, "POST", &pay, &json!({})).unwrap();
        }
    }
}

#[test]
fn every_event_is_posted_in_order_however_often_the_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let ((url, posts), port) = (receiver(), free_port());
    let mut process = Process::start(folder.path(), port, "fr");
    let mut caller = Caller::connect(&process.address).unwrap();
    let mut shop = Shop::open(&mut caller);
    let made = ask(&mut caller, &shop.token, "POST", "/webhooks", &json!({"url": url})).unwrap();
    let secret = made["secret"].as_str().unwrap().to_owned();
    for kill in 0..KILLS {
        shop.sell(&mut caller, PAYMENTS);
        // At some moment of the deliveries: what is asserted does not depend on which.
        std::thread::sleep(Duration::from_millis(3 * kill));
        process.kill();
        process = Process::start(folder.path(), port, "fr");
        caller = Caller::connect(&process.address).unwrap();
    }
    shop.sell(&mut caller, PAYMENTS);
    let expected: Vec<Value> = events(&mut caller, &shop.token);
    assert_eq!(u64::try_from(expected.len()).unwrap(), (KILLS + 1) * PAYMENTS);
    let ids: Vec<String> = expected.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
    until("every event", || firsts(&posts).len() == ids.len());
    assert_eq!(firsts(&posts), ids, "in the order of the stream");
    for post in &*posts.lock().unwrap() {
        let event: Value = serde_json::from_str(&post.1).unwrap();
        let place = ids.iter().position(|id| event["id"] == id.as_str()).unwrap();
        assert_eq!(event, expected[place], "what comes again is the same");
        assert!(is_signed_with(post, &secret), "{post:?}");
    }
    process.stop();
    assert_audit(folder.path());
}

#[test]
fn listen_posts_each_event_to_a_local_port_and_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let ((url, posts), port) = (receiver(), free_port());
    let process = Process::start(folder.path(), port, "fr");
    let mut caller = Caller::connect(&process.address).unwrap();
    let mut shop = Shop::open(&mut caller);
    let server = format!("http://{}", process.address);
    let mut listening = Command::new(env!("CARGO_BIN_EXE_sycee"))
        .args(["listen", "--server", &server, "--forward", &url, "--type", "acquiring.order_paid"])
        .env("SYCEE_TOKEN", &shop.token)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(listening.stdout.take().unwrap()).lines().map_while(Result::ok);
    let secret = lines.next().unwrap().strip_prefix("secret ").unwrap().to_owned();
    assert!(lines.next().unwrap().starts_with("listening to "));
    shop.sell(&mut caller, 3);
    for _ in 0..3 {
        let line = lines.next().unwrap();
        assert!(line.contains(" acquiring.order_paid ") && line.contains(" -> 204 in "), "{line}");
    }
    // The server stops, although a stream is open, and comes back.
    process.stop();
    let process = Process::start(folder.path(), port, "fr");
    let mut caller = Caller::connect(&process.address).unwrap();
    shop.sell(&mut caller, 2);
    for _ in 0..2 {
        assert!(lines.next().unwrap().contains(" -> 204 in "));
    }
    listening.kill().unwrap();
    listening.wait().unwrap();
    let ids: Vec<String> = events(&mut caller, &shop.token)
        .iter()
        .filter(|event| event["type"] == "acquiring.order_paid")
        .map(|event| event["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(firsts(&posts), ids);
    assert!(posts.lock().unwrap().iter().all(|post| is_signed_with(post, &secret)));
    process.stop();
}

#[test]
fn listen_says_what_is_wrong_with_how_it_was_called() {
    let port = free_port();
    let nobody = format!("http://127.0.0.1:{port}");
    for (arguments, expected) in [
        (&["--token", "t"][..], "usage: sycee listen"),
        (&["--token", "t", "--forward", "9000"], "--forward is an address"),
        (&["--token", "t", "--forward", "http://127.0.0.1:1/", "--after", "a b"], "--after has letters"),
        (&["--token", "t", "--forward", "http://127.0.0.1:1/", "--server", &nobody], "the host cannot be connected to"),
        (&["--forward", "http://127.0.0.1:1/"], "--token is missing"),
        (&["--to", "x"], "--to"),
    ] {
        let output = sycee(&[&["listen"], arguments].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && said.contains(expected), "{arguments:?}: {said}");
    }
    let help = sycee(&["--help"]);
    assert!(String::from_utf8_lossy(&help.stdout).contains("sycee listen"));
}
