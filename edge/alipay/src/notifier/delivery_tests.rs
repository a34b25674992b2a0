use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::super::address::Network;
use super::*;

/// A receiver that takes one request, answers with these bytes, closes, and gives back what it read.
async fn receiver(answer: &'static [u8]) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut read = Vec::new();
        let mut buffer = [0; 4096];
        while !read.ends_with(b"a=1") {
            let count = stream.read(&mut buffer).await.unwrap();
            read.extend_from_slice(&buffer[..count]);
        }
        stream.write_all(answer).await.unwrap();
        String::from_utf8(read).unwrap()
    });
    (url, task)
}

#[tokio::test]
async fn only_a_2xx_with_the_word_acknowledges() {
    let long: &'static [u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 1100\r\n\r\nsuccess";
    let table: [(&'static [u8], Result<(), Undelivered>); 8] = [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nsuccess", Ok(())),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nsuc\r\n4\r\ncess\r\n0\r\n\r\n", Ok(())),
        (b"HTTP/1.1 201 Created\r\n\r\n SUCCESS\n", Ok(())),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfail", Err(Undelivered::NotSuccess)),
        (
            b"HTTP/1.1 500 No\r\ncontent-length: 7\r\n\r\nsuccess",
            Err(Undelivered::Status(StatusCode::INTERNAL_SERVER_ERROR)),
        ),
        // Not followed.
        (
            b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 7\r\n\r\nsuccess",
            Err(Undelivered::Status(StatusCode::FOUND)),
        ),
        (long, Err(Undelivered::NotSuccess)),
        (b"nonsense\r\n\r\n", Err(Undelivered::Exchange)),
    ];
    for (answer, expected) in table {
        let (url, task) = receiver(answer).await;
        let posted = Courier::new(Reach::Everywhere).post(&url, "a=1").await.and_then(|answer| answer.acknowledged());
        assert_eq!(posted, expected, "{}", String::from_utf8_lossy(answer));
        task.await.unwrap();
    }
}

#[tokio::test]
async fn the_request_is_a_form_to_the_address_as_it_was_given() {
    let (url, task) = receiver(b"HTTP/1.1 200 OK\r\n\r\nsuccess").await;
    let host = url.strip_prefix("http://").unwrap().to_owned();
    Courier::new(Reach::Everywhere).post(&format!("{url}/notify/x?shop=1&y=%20#top"), "a=1").await.unwrap();
    let request = task.await.unwrap();
    assert!(request.starts_with("POST /notify/x?shop=1&y=%20 HTTP/1.1\r\n"), "{request}");
    let request = request.to_ascii_lowercase();
    for line in [
        format!("host: {host}"),
        "content-type: application/x-www-form-urlencoded; charset=utf-8".into(),
        "content-length: 3".into(),
    ] {
        assert!(request.contains(&format!("\r\n{line}\r\n")), "{line} in {request}");
    }
    assert!(request.ends_with("\r\n\r\na=1"));
}

#[tokio::test]
async fn outside_a_sandbox_nothing_near_is_called() {
    let (url, task) = receiver(b"HTTP/1.1 200 OK\r\n\r\nsuccess").await;
    let port = url.rsplit(':').next().unwrap().to_owned();
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "169.254.169.254"] {
        let posted = Courier::new(Reach::Public(Vec::new())).post(&format!("http://{host}:{port}/"), "a=1").await;
        assert_eq!(posted, Err(Undelivered::NoPublicAddress), "{host}");
    }
    assert!(!task.is_finished(), "nobody came");
    task.abort();
}

#[tokio::test]
async fn what_is_no_address_or_not_there_fails_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let table = [
        (closed.as_str(), Undelivered::Connect),
        ("ftp://127.0.0.1/", Undelivered::BadAddress),
        ("/notify", Undelivered::BadAddress),
        ("http://a b/", Undelivered::BadAddress),
        ("http://user@127.0.0.1/", Undelivered::BadAddress),
        ("", Undelivered::BadAddress),
    ];
    for (url, expected) in table {
        assert_eq!(Courier::new(Reach::Everywhere).post(url, "a=1").await, Err(expected), "{url}");
    }
}

#[tokio::test]
async fn https_wants_a_certificate() {
    // The receiver speaks plain HTTP: the handshake fails, and the form is not sent to it.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        buffer[..count].to_vec()
    });
    assert_eq!(Courier::new(Reach::Everywhere).post(&url, "secret=1").await, Err(Undelivered::Tls));
    let heard = task.await.unwrap();
    assert_eq!(heard.first(), Some(&0x16), "a TLS handshake record");
    assert!(!heard.windows(6).any(|window| window == b"secret"));
}

#[test]
fn receivers_are_told_apart_by_host_and_port() {
    let table = [
        ("http://Shop.example/a", "shop.example:80"),
        ("http://shop.example:80/b?x", "shop.example:80"),
        ("https://shop.example", "shop.example:443"),
        ("http://[::1]:9000/n", "::1:9000"),
        ("nonsense", ""),
    ];
    for (url, expected) in table {
        assert_eq!(receiver_of(url), expected, "{url}");
    }
}

#[tokio::test]
async fn a_network_that_is_configured_is_called() {
    let (url, task) = receiver(b"HTTP/1.1 200 OK\r\n\r\nsuccess").await;
    let courier = Courier::new(Reach::Public(vec![Network::parse("127.0.0.0/8").unwrap()]));
    courier.post(&url, "a=1").await.and_then(|answer| answer.acknowledged()).unwrap();
    task.await.unwrap();
}

/// A receiver that keeps its connections open for so many requests each, then closes without a word; with what it heard by
/// connection.
async fn keeping(requests: usize) -> (String, Arc<std::sync::Mutex<Vec<usize>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/n", listener.local_addr().unwrap());
    let heard: Arc<std::sync::Mutex<Vec<usize>>> = Arc::default();
    let here = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let connection = here.lock().unwrap().len();
            here.lock().unwrap().push(0);
            for _ in 0..requests {
                let mut read = Vec::new();
                while !read.ends_with(b"a=1") {
                    if stream.read_buf(&mut read).await.unwrap() == 0 {
                        break;
                    }
                }
                here.lock().unwrap()[connection] += 1;
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nsuccess").await.unwrap();
            }
            // What comes next is read, so that it is the silence that ends it, and not answered.
            let mut rest = [0; 4096];
            let _read = stream.read(&mut rest).await;
        }
    });
    (url, heard)
}

#[tokio::test]
async fn a_connection_that_was_left_open_is_used_again() {
    let (url, heard) = keeping(100).await;
    let courier = Courier::new(Reach::Everywhere);
    for _ in 0..5 {
        courier.post(&url, "a=1").await.and_then(|answer| answer.acknowledged()).unwrap();
    }
    assert_eq!(*heard.lock().unwrap(), [5], "five requests on one connection");
    let other = url.replace("127.0.0.1", "localhost");
    // Another name is another receiver, though it is the same machine: nobody answers on the second connection yet.
    assert!(courier.kept.take(&Target::parse(&other).unwrap().destination).is_none());
}

#[tokio::test]
async fn a_connection_that_the_receiver_gave_up_costs_no_attempt() {
    let (url, heard) = keeping(2).await;
    let courier = Courier::new(Reach::Everywhere);
    for _ in 0..6 {
        courier.post(&url, "a=1").await.and_then(|answer| answer.acknowledged()).unwrap();
    }
    // The third, the fifth went out on a connection that had ended, and again on a new one.
    assert_eq!(*heard.lock().unwrap(), [2, 2, 2]);
}
