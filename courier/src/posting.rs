//! Calling an address: HTTP/1.1, with TLS for `https`, on a connection that was kept open or a new one.
//!
//! The name is resolved here and the connection goes to the address that was judged, so that a name cannot change its mind in
//! between. Redirects are not followed, proxies of the environment not used.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::http::uri::{Scheme, Uri};
use hyper::{Method, Request};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::address::Reach;
use super::kept::{Destination, Kept, Open};

/// How long a receiver has for everything, from the name to the last byte of its answer.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// What a receiver said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// What it wrote; nothing, if it wrote more than was wanted.
    pub body: Bytes,
}

impl Answer {
    /// Whether the status is one of success: 200 to 299.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Why a post is not known to have arrived. What a receiver wrote is not repeated here: it may be anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotPosted {
    /// The address is not one of HTTP.
    BadAddress,
    /// The name has no address, or none that may be called.
    NoAllowedAddress,
    /// It cannot be connected to.
    Connect,
    /// It is not who the address says, by its certificate.
    Tls,
    /// The exchange broke off.
    Exchange,
    /// It took too long.
    Timeout,
}

impl fmt::Display for NotPosted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadAddress => formatter.write_str("the address is not an HTTP address"),
            Self::NoAllowedAddress => formatter.write_str("the host has no address that may be called"),
            Self::Connect => formatter.write_str("the host cannot be connected to"),
            Self::Tls => formatter.write_str("the TLS handshake failed"),
            Self::Exchange => formatter.write_str("the exchange broke off"),
            Self::Timeout => write!(formatter, "no answer within {} seconds", TIMEOUT.as_secs()),
        }
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

type Line = Box<dyn Stream>;

/// Calls addresses.
pub struct Courier {
    reach: Reach,
    tls: Option<TlsConnector>,
    kept: Kept,
}

impl Courier {
    /// One that trusts the certificate authorities that browsers trust.
    #[must_use]
    pub fn new(reach: Reach) -> Self {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let config =
            ClientConfig::builder_with_provider(Arc::new(default_provider())).with_safe_default_protocol_versions();
        let tls = config.ok().map(|config| config.with_root_certificates(roots).with_no_client_auth());
        Self { reach, tls: tls.map(|config| TlsConnector::from(Arc::new(config))), kept: Kept::default() }
    }

    /// Closes connections that have had nothing to do for long.
    pub fn close_idle(&self) {
        self.kept.close_idle();
    }

    /// Posts a body with these headers, its content type among them, and reads up to `answer_max_bytes` of the answer.
    ///
    /// # Errors
    /// [`NotPosted`]: among others, after [`TIMEOUT`].
    pub async fn post(
        &self,
        url: &str,
        headers: &[(HeaderName, HeaderValue)],
        body: Bytes,
        answer_max_bytes: usize,
    ) -> Result<Answer, NotPosted> {
        let exchange = self.exchange(url, headers, &body, answer_max_bytes);
        tokio::time::timeout(TIMEOUT, exchange).await.unwrap_or(Err(NotPosted::Timeout))
    }

    async fn exchange(
        &self,
        url: &str,
        headers: &[(HeaderName, HeaderValue)],
        body: &Bytes,
        answer_max_bytes: usize,
    ) -> Result<Answer, NotPosted> {
        let target = Target::parse(url).ok_or(NotPosted::BadAddress)?;
        // A receiver may close what is kept open just when something is sent: that is no failure, and once more is enough.
        if let Some(open) = self.kept.take(&target.destination) {
            let request = target.request(Method::POST, headers, body.clone())?;
            match self.send(&target, open, request, answer_max_bytes).await {
                Err(NotPosted::Exchange) => {}
                answered => return answered,
            }
        }
        let open = Open::on(self.connect(&target).await?).await.map_err(|_| NotPosted::Exchange)?;
        let request = target.request(Method::POST, headers, body.clone())?;
        self.send(&target, open, request, answer_max_bytes).await
    }

    async fn send(
        &self,
        target: &Target,
        mut open: Open,
        request: Request<Full<Bytes>>,
        answer_max_bytes: usize,
    ) -> Result<Answer, NotPosted> {
        let response = open.sender.send_request(request).await.map_err(|_| NotPosted::Exchange)?;
        let (parts, body) = response.into_parts();
        // A longer answer is none that anybody wants, whatever it begins with.
        let body = match Limited::new(body, answer_max_bytes).collect().await {
            Ok(body) => {
                self.kept.put(&target.destination, open);
                body.to_bytes()
            }
            Err(_) => Bytes::new(),
        };
        Ok(Answer { status: parts.status.as_u16(), body })
    }

    /// Gets an address and reads its answer piece by piece, for as long as it lasts; the answer's beginning has [`TIMEOUT`].
    ///
    /// # Errors
    /// [`NotPosted`].
    pub async fn get(&self, url: &str, headers: &[(HeaderName, HeaderValue)]) -> Result<Reading, NotPosted> {
        let beginning = async {
            let target = Target::parse(url).ok_or(NotPosted::BadAddress)?;
            let request = target.request(Method::GET, headers, Bytes::new())?;
            let mut open = Open::on(self.connect(&target).await?).await.map_err(|_| NotPosted::Exchange)?;
            let response = open.sender.send_request(request).await.map_err(|_| NotPosted::Exchange)?;
            let (parts, body) = response.into_parts();
            Ok(Reading { status: parts.status.as_u16(), body, _open: open })
        };
        tokio::time::timeout(TIMEOUT, beginning).await.unwrap_or(Err(NotPosted::Timeout))
    }

    async fn connect(&self, target: &Target) -> Result<Line, NotPosted> {
        let destination = &target.destination;
        let addresses = tokio::net::lookup_host((destination.host.as_str(), destination.port)).await;
        let allowed: Vec<SocketAddr> = addresses
            .map_err(|_| NotPosted::NoAllowedAddress)?
            .filter(|address| self.reach.allows(address.ip()))
            .collect();
        if allowed.is_empty() {
            return Err(NotPosted::NoAllowedAddress);
        }
        let stream = TcpStream::connect(allowed.as_slice()).await.map_err(|_| NotPosted::Connect)?;
        // The request is one write; waiting to fill a packet only delays it. A system that refuses this is slower, no more.
        let _slower = stream.set_nodelay(true);
        if !destination.is_tls {
            return Ok(Box::new(stream));
        }
        let tls = self.tls.as_ref().ok_or(NotPosted::Tls)?;
        let name = ServerName::try_from(destination.host.clone()).map_err(|_| NotPosted::BadAddress)?;
        let stream = tls.connect(name, stream).await.map_err(|_| NotPosted::Tls)?;
        Ok(Box::new(stream))
    }
}

/// An answer that is read piece by piece.
pub struct Reading {
    /// The HTTP status.
    pub status: u16,
    body: Incoming,
    /// Kept so that the connection stays.
    _open: Open,
}

impl Reading {
    /// The next piece; `None` when the answer has ended or was cut off.
    pub async fn piece(&mut self) -> Option<Bytes> {
        loop {
            let frame = self.body.frame().await?.ok()?;
            if let Ok(bytes) = frame.into_data() {
                return Some(bytes);
            }
        }
    }
}

/// Where to call.
struct Target {
    destination: Destination,
    /// Host and port as the address writes them.
    authority: String,
    path_and_query: String,
}

impl Target {
    fn parse(url: &str) -> Option<Self> {
        // The fragment is for whoever wrote the address.
        let uri: Uri = url.split('#').next()?.parse().ok()?;
        let is_tls = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTP => false,
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            _ => return None,
        };
        let authority = uri.authority()?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() || authority.as_str().contains('@') {
            return None;
        }
        let port = authority.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let path_and_query = uri.path_and_query().map_or("/", |path| path.as_str());
        Some(Self {
            destination: Destination { is_tls, host: host.to_ascii_lowercase(), port },
            authority: authority.as_str().to_owned(),
            path_and_query: path_and_query.to_owned(),
        })
    }

    fn request(
        &self,
        method: Method,
        headers: &[(HeaderName, HeaderValue)],
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>, NotPosted> {
        let mut request = Request::builder()
            .method(method)
            .uri(self.path_and_query.as_str())
            .header(header::HOST, self.authority.as_str())
            .header(header::USER_AGENT, "Sycee");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.body(Full::new(body)).map_err(|_| NotPosted::BadAddress)
    }
}

/// Whether a text is an address that can be called, and whether with TLS; whether it may be is known when its name is resolved.
#[must_use]
pub fn is_address(url: &str) -> Option<bool> {
    Target::parse(url).map(|target| target.destination.is_tls)
}

/// Whom an address belongs to, for fairness among receivers: host and port.
#[must_use]
pub fn receiver_of(url: &str) -> String {
    let destination = Target::parse(url).map(|target| target.destination);
    destination.map(|destination| format!("{}:{}", destination.host, destination.port)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn an_answer_is_read_piece_by_piece_while_it_lasts() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/stream", listener.local_addr().unwrap());
        let (go_on, mut told) = tokio::sync::mpsc::channel::<()>(1);
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = [0; 4096];
            let count = stream.read(&mut buffer).await.unwrap();
            assert!(buffer[..count].starts_with(b"GET /stream HTTP/1.1\r\n"));
            stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n").await.unwrap();
            told.recv().await;
            stream.write_all(b"3\r\ntwo\r\n0\r\n\r\n").await.unwrap();
        });
        let mut reading = Courier::new(Reach::Everywhere).get(&url, &[]).await.unwrap();
        assert_eq!((reading.status, reading.piece().await.as_deref()), (200, Some(&b"one"[..])));
        go_on.send(()).await.unwrap();
        assert_eq!(reading.piece().await.as_deref(), Some(&b"two"[..]));
        assert_eq!(reading.piece().await, None);
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
    async fn a_connection_is_used_again_and_one_that_the_receiver_gave_up_costs_no_attempt() {
        for (requests, expected) in [(100, vec![6]), (2, vec![2, 2, 2])] {
            let (url, heard) = keeping(requests).await;
            let courier = Courier::new(Reach::Everywhere);
            for _ in 0..6 {
                let answer = courier.post(&url, &[], Bytes::from_static(b"a=1"), 100).await.unwrap();
                assert!(answer.is_success() && answer.body == "success", "{answer:?}");
            }
            assert_eq!(*heard.lock().unwrap(), expected);
            // Another name is another receiver, though it is the same machine.
            let other = Target::parse(&url.replace("127.0.0.1", "localhost")).unwrap();
            assert!(courier.kept.take(&other.destination).is_none());
        }
    }

    #[test]
    fn what_can_be_called_is_http_with_a_host_and_without_a_user() {
        let table = [
            ("http://shop.example/a?b", Some(false)),
            ("https://shop.example", Some(true)),
            ("http://[::1]:9000/", Some(false)),
            ("ftp://shop.example/", None),
            ("http://user@shop.example/", None),
            ("http:///a", None),
            ("shop.example", None),
            ("", None),
        ];
        for (url, expected) in table {
            assert_eq!(is_address(url), expected, "{url}");
        }
    }
}
