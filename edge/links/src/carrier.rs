//! Frames to a peer in another process: HTTP/1.1 on one connection that is kept open, with TLS for `https`.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use sycee_engine::limits;
use sycee_engine::links::{Carrier, Delivery, Undelivered};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::CONTENT_TYPE;
use crate::target::{BadUrl, Target};

/// How long a connection may take, the TLS handshake included.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

type Connection = SendRequest<Full<Bytes>>;

/// Posts frames to one peer's server.
pub struct HttpCarrier {
    target: Target,
    tls: Option<TlsConnector>,
    /// The connection that was used last; one frame is under way at a time.
    open: Mutex<Option<Connection>>,
}

impl HttpCarrier {
    /// A carrier to the server at `url`, such as `https://pay.example.com`, which trusts the certificate authorities that
    /// browsers trust. Whom it talks to in the end the signatures say.
    ///
    /// # Errors
    /// [`BadUrl`].
    pub fn new(url: &str) -> Result<Self, BadUrl> {
        let target = Target::parse(url)?;
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let config =
            ClientConfig::builder_with_provider(Arc::new(default_provider())).with_safe_default_protocol_versions();
        let tls = config.ok().map(|config| config.with_root_certificates(roots).with_no_client_auth());
        Ok(Self { target, tls: tls.map(|config| TlsConnector::from(Arc::new(config))), open: Mutex::new(None) })
    }

    async fn connect(&self) -> Result<Connection, Undelivered> {
        let Target { host, port, .. } = &self.target;
        let failed = |what: &str| Undelivered(format!("{host}:{port}: {what}"));
        let stream = TcpStream::connect((host.as_str(), *port)).await.map_err(|_| failed("cannot be connected to"))?;
        stream.set_nodelay(true).map_err(|_| failed("the connection broke off"))?;
        let stream: Box<dyn Stream> = if self.target.is_tls {
            let tls = self.tls.as_ref().ok_or_else(|| failed("no TLS"))?;
            let name = ServerName::try_from(host.clone()).map_err(|_| failed("is no name for TLS"))?;
            Box::new(tls.connect(name, stream).await.map_err(|_| failed("the TLS handshake failed"))?)
        } else {
            Box::new(stream)
        };
        let (sender, connection) =
            handshake(TokioIo::new(stream)).await.map_err(|_| failed("the connection broke off"))?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to a peer has ended");
            }
        });
        Ok(sender)
    }

    async fn post(&self, frame: Bytes) -> Result<Vec<u8>, Undelivered> {
        let mut open = self.open.lock().await;
        let kept = match open.take() {
            Some(mut kept) => kept.ready().await.is_ok().then_some(kept),
            None => None,
        };
        let mut connection = match kept {
            Some(kept) => kept,
            None => tokio::time::timeout(CONNECT_WITHIN, self.connect())
                .await
                .map_err(|_| Undelivered(format!("{}: connecting took too long", self.target.host)))??,
        };
        let failed = |what: &str| Undelivered(format!("{}: {what}", self.target.authority));
        let request = Request::post(self.target.path.as_str())
            .header(header::HOST, self.target.authority.as_str())
            .header(header::CONTENT_TYPE, CONTENT_TYPE)
            .header(header::USER_AGENT, "Sycee")
            .body(Full::new(frame))
            .map_err(|_| failed("no request can be made of the address"))?;
        let response = connection.send_request(request).await.map_err(|_| failed("the exchange broke off"))?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, limits::FRAME_REPLY_BYTES_MAX).collect().await;
        let body = body.map_err(|_| failed("the reply broke off, or is too long"))?.to_bytes();
        if !parts.status.is_success() {
            return Err(failed(&format!("the reply has status {}", parts.status)));
        }
        *open = Some(connection);
        Ok(body.to_vec())
    }
}

impl Carrier for HttpCarrier {
    fn deliver<'c>(&'c self, frame: &'c [u8]) -> Delivery<'c> {
        Box::pin(self.post(Bytes::copy_from_slice(frame)))
    }
}
