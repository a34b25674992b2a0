//! Where a peer is: its server's address.

use std::fmt;
use std::net::IpAddr;

use axum::http::uri::{Scheme, Uri};

use crate::FRAMES_PATH;

/// Why an address cannot be a peer's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BadUrl {
    /// It is no address of HTTP, or has a query.
    NotHttp,
    /// It is `http` and not this machine: amounts and ids would travel in the clear.
    NotPrivate,
}

impl fmt::Display for BadUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotHttp => "it is not an http or https address without a query",
            Self::NotPrivate => "http is only for this machine (localhost, 127.0.0.1, ::1); use https",
        })
    }
}

impl std::error::Error for BadUrl {}

/// A peer's address in parts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Target {
    pub is_tls: bool,
    pub host: String,
    pub port: u16,
    /// As the request's `Host` has it.
    pub authority: String,
    /// The path that takes frames.
    pub path: String,
}

impl Target {
    pub fn parse(url: &str) -> Result<Self, BadUrl> {
        let uri: Uri = url.parse().map_err(|_| BadUrl::NotHttp)?;
        let is_tls = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err(BadUrl::NotHttp),
        };
        let authority = uri.authority().ok_or(BadUrl::NotHttp)?;
        if uri.query().is_some() || authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(BadUrl::NotHttp);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if !is_tls && !is_this_machine(&host) {
            return Err(BadUrl::NotPrivate);
        }
        let port = authority.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let path = format!("{}{FRAMES_PATH}", uri.path().trim_end_matches('/'));
        Ok(Self { is_tls, host, port, authority: authority.as_str().to_owned(), path })
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peers_address_is_https_or_this_machine() {
        let good = |is_tls, host: &str, port, path: &str| Ok((is_tls, host.to_owned(), port, path.to_owned()));
        for (url, expected) in [
            ("https://pay.example.com", good(true, "pay.example.com", 443, "/links/v1/frames")),
            ("https://pay.example.com:8443/", good(true, "pay.example.com", 8443, "/links/v1/frames")),
            ("https://example.com/net/", good(true, "example.com", 443, "/net/links/v1/frames")),
            ("http://127.0.0.1:8080", good(false, "127.0.0.1", 8080, "/links/v1/frames")),
            ("http://[::1]:8080", good(false, "::1", 8080, "/links/v1/frames")),
            ("http://localhost", good(false, "localhost", 80, "/links/v1/frames")),
            ("http://pay.example.com", Err(BadUrl::NotPrivate)),
            ("http://10.0.0.1", Err(BadUrl::NotPrivate)),
            ("http://localhost.example.com", Err(BadUrl::NotPrivate)),
            ("http://127.0.0.1@example.com", Err(BadUrl::NotHttp)),
            ("https://user@example.com", Err(BadUrl::NotHttp)),
            ("https://example.com/?a=1", Err(BadUrl::NotHttp)),
            ("ftp://example.com", Err(BadUrl::NotHttp)),
            ("example.com", Err(BadUrl::NotHttp)),
            ("/links", Err(BadUrl::NotHttp)),
            ("", Err(BadUrl::NotHttp)),
        ] {
            let parsed = Target::parse(url).map(|target| (target.is_tls, target.host, target.port, target.path));
            assert_eq!(parsed, expected, "{url}");
        }
    }
}
