//! Posting a form to an address that a merchant has given: HTTP/1.1, with TLS for `https`, on a connection that was kept open or a
//! new one.
//!
//! The name is resolved here and the connection goes to the address that was judged, so that a name cannot change its mind in
//! between. Redirects are not followed, proxies of the environment not used.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::uri::{Scheme, Uri};
use axum::http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::address::Reach;
use super::kept::{Destination, Kept, Open};
use crate::notify::{ANSWER_MAX_BYTES, CONTENT_TYPE, is_acknowledged};

/// How long a receiver has for everything, from the name to the last byte of its answer.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);

/// What a receiver said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Answer {
    status: StatusCode,
    body: Bytes,
}

impl Answer {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The first so many bytes of what it wrote, as text as far as they are.
    pub fn beginning(&self, bytes: usize) -> String {
        String::from_utf8_lossy(self.body.get(..bytes).unwrap_or(&self.body)).into_owned()
    }

    /// Whether it has the notice.
    pub fn acknowledged(&self) -> Result<(), Undelivered> {
        if !self.status.is_success() {
            return Err(Undelivered::Status(self.status));
        }
        if is_acknowledged(&self.body) { Ok(()) } else { Err(Undelivered::NotSuccess) }
    }
}

/// Why a notice is not known to have arrived. What a receiver wrote is not repeated here, where logs and the journal have it: it
/// may be anything.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Undelivered {
    /// The address is not one of HTTP.
    BadAddress,
    /// The name has no address, or none on the public internet.
    NoPublicAddress,
    /// It cannot be connected to.
    Connect,
    /// It is not who the address says, by its certificate.
    Tls,
    /// The exchange broke off.
    Exchange,
    /// It took too long.
    Timeout,
    /// It answered with another status than 2xx.
    Status(StatusCode),
    /// It answered something else than `success`.
    NotSuccess,
    /// A tester wanted it so.
    Fault,
}

impl fmt::Display for Undelivered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadAddress => formatter.write_str("the address is not an HTTP address"),
            Self::NoPublicAddress => formatter.write_str("the host has no address that may be called"),
            Self::Connect => formatter.write_str("the host cannot be connected to"),
            Self::Tls => formatter.write_str("the TLS handshake failed"),
            Self::Exchange => formatter.write_str("the exchange broke off"),
            Self::Timeout => write!(formatter, "no answer within {} seconds", TIMEOUT.as_secs()),
            Self::Status(status) => write!(formatter, "the answer has status {status}"),
            Self::NotSuccess => formatter.write_str("the answer is not the word success"),
            Self::Fault => formatter.write_str("a fault that a tester has set"),
        }
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Posts forms.
pub(super) struct Courier {
    reach: Reach,
    tls: Option<TlsConnector>,
    kept: Kept,
}

impl Courier {
    /// One that trusts the certificate authorities that browsers trust.
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

    /// Posts a form and reads the answer.
    pub async fn post(&self, url: &str, form: &str) -> Result<Answer, Undelivered> {
        let form = Bytes::copy_from_slice(form.as_bytes());
        let exchange = self.exchange(url, &form);
        tokio::time::timeout(TIMEOUT, exchange).await.unwrap_or(Err(Undelivered::Timeout))
    }

    async fn exchange(&self, url: &str, form: &Bytes) -> Result<Answer, Undelivered> {
        let target = Target::parse(url).ok_or(Undelivered::BadAddress)?;
        // A receiver may close what is kept open just when something is sent: that is no failure, and once more is enough.
        if let Some(open) = self.kept.take(&target.destination) {
            match self.send(&target, open, form).await {
                Err(Undelivered::Exchange) => {}
                answered => return answered,
            }
        }
        let open = Open::on(self.connect(&target).await?).await.map_err(|_| Undelivered::Exchange)?;
        self.send(&target, open, form).await
    }

    async fn send(&self, target: &Target, mut open: Open, form: &Bytes) -> Result<Answer, Undelivered> {
        let request = Request::post(target.path_and_query.as_str())
            .header(header::HOST, target.authority.as_str())
            .header(header::CONTENT_TYPE, CONTENT_TYPE)
            .header(header::USER_AGENT, "Sycee")
            .body(Full::new(form.clone()))
            .map_err(|_| Undelivered::BadAddress)?;
        let response = open.sender.send_request(request).await.map_err(|_| Undelivered::Exchange)?;
        let (parts, body) = response.into_parts();
        // A longer answer is no acknowledgement, whatever it begins with.
        let body = match Limited::new(body, ANSWER_MAX_BYTES).collect().await {
            Ok(body) => {
                self.kept.put(&target.destination, open);
                body.to_bytes()
            }
            Err(_) => Bytes::new(),
        };
        Ok(Answer { status: parts.status, body })
    }

    async fn connect(&self, target: &Target) -> Result<Box<dyn Stream>, Undelivered> {
        let destination = &target.destination;
        let addresses = tokio::net::lookup_host((destination.host.as_str(), destination.port)).await;
        let allowed: Vec<SocketAddr> = addresses
            .map_err(|_| Undelivered::NoPublicAddress)?
            .filter(|address| self.reach.allows(address.ip()))
            .collect();
        if allowed.is_empty() {
            return Err(Undelivered::NoPublicAddress);
        }
        let stream = TcpStream::connect(allowed.as_slice()).await.map_err(|_| Undelivered::Connect)?;
        // The form is one write; waiting to fill a packet only delays it. A system that refuses this is slower, no more.
        let _slower = stream.set_nodelay(true);
        if !destination.is_tls {
            return Ok(Box::new(stream));
        }
        let tls = self.tls.as_ref().ok_or(Undelivered::Tls)?;
        let name = ServerName::try_from(destination.host.clone()).map_err(|_| Undelivered::BadAddress)?;
        let stream = tls.connect(name, stream).await.map_err(|_| Undelivered::Tls)?;
        Ok(Box::new(stream))
    }
}

/// Where to post to.
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
}

/// Whom an address belongs to, for fairness among receivers: host and port.
pub(super) fn receiver_of(url: &str) -> String {
    let destination = Target::parse(url).map(|target| target.destination);
    destination.map(|destination| format!("{}:{}", destination.host, destination.port)).unwrap_or_default()
}

#[cfg(test)]
#[path = "delivery_tests.rs"]
mod tests;
