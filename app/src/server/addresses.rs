//! How often one address may ask, before anybody looks at who asks: whoever has no credential costs something too.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sycee_alipay::notifier::Network;
use sycee_engine::allowance::{Allowance, Buckets};

use crate::config::Limits;

/// The buckets, and whom to believe about addresses.
pub(super) struct Addresses {
    requests: Buckets,
    sign_ins: Buckets,
    request_allowance: Allowance,
    sign_in_allowance: Allowance,
    proxies: Vec<Network>,
    proxy_header: HeaderName,
}

impl Addresses {
    pub fn new(limits: &Limits) -> Self {
        let Limits { requests_per_second, sign_ins_per_minute, trusted_proxies, proxy_header, .. } = limits;
        Self {
            requests: Buckets::default(),
            sign_ins: Buckets::default(),
            // Two seconds' worth at once: a till that was offline sends all it has.
            request_allowance: Allowance::per_second(*requests_per_second, requests_per_second.saturating_mul(2)),
            sign_in_allowance: Allowance::per_minute(*sign_ins_per_minute, *sign_ins_per_minute),
            proxies: trusted_proxies.clone(),
            proxy_header: proxy_header.clone(),
        }
    }

    /// Who asks: whoever has connected, or whom a proxy of ours says it asks for. Of several in the header the last one counts
    /// that is no proxy of ours: those before it were written by the asker.
    fn asker(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let is_ours = |address: &IpAddr| self.proxies.iter().any(|network| network.contains(*address));
        if !is_ours(&peer) {
            return peer;
        }
        let lines = headers.get_all(&self.proxy_header).iter().filter_map(|value| value.to_str().ok());
        let named: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
        for text in named.into_iter().rev() {
            match text.parse::<IpAddr>() {
                Ok(address) if is_ours(&address) => {}
                Ok(address) => return address,
                // What is before something unreadable is not to be believed.
                Err(_) => return peer,
            }
        }
        peer
    }

    /// After how many seconds the asker may come again, if not now.
    fn refused(&self, asker: IpAddr, is_sign_in: bool) -> Option<u32> {
        let key = bucket(asker);
        let taken = self.requests.take(key, self.request_allowance);
        if taken.allowed && is_sign_in {
            let taken = self.sign_ins.take(key, self.sign_in_allowance);
            return (!taken.allowed).then_some(taken.seconds);
        }
        (!taken.allowed).then_some(taken.seconds)
    }
}

/// One bucket for an IPv4 address, and one for the 64 bits of an IPv6 address that a household or a server has for itself
/// (RFC 6177). The two do not meet: what is routed in IPv6 does not begin with zeros.
fn bucket(asker: IpAddr) -> u64 {
    match asker.to_canonical() {
        IpAddr::V4(address) => u64::from(address.to_bits()),
        IpAddr::V6(address) => u64::try_from(address.to_bits() >> 64).unwrap_or(0),
    }
}

/// Lets a request through, or says when to come again.
pub(super) async fn limit(State(addresses): State<Arc<Addresses>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    // Only tests serve without saying who connects.
    let Some(peer) = peer else { return next.run(request).await };
    let (method, path) = (request.method(), request.uri().path());
    let is_sign_in = sycee_api::is_sign_in(method, path) || sycee_alipay::is_sign_in(method, path);
    match addresses.refused(addresses.asker(peer, request.headers()), is_sign_in) {
        None => next.run(request).await,
        Some(seconds) => too_many(path, seconds),
    }
}

fn too_many(path: &str, seconds: u32) -> Response {
    let mut response = if path.starts_with("/api/") {
        let body = format!(
            "{{\"type\":\"/problems/too_many_requests\",\"title\":\"Nothing is wrong with the request\",\"status\":429,\
             \"code\":\"too_many_requests\",\"detail\":\"this address asks more often than it may\",\
             \"money\":\"Nothing was done; no money moved.\",\
             \"what_to_do\":\"Send the same request again after {seconds} seconds.\"}}"
        );
        ([(header::CONTENT_TYPE, "application/problem+json")], body).into_response()
    } else {
        format!("This address asks more often than it may. Nothing was done. Try again after {seconds} seconds.\n")
            .into_response()
    };
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(requests_per_second: u32, sign_ins_per_minute: u32) -> Addresses {
        Addresses::new(&Limits {
            requests_per_second,
            sign_ins_per_minute,
            trusted_proxies: vec![Network::parse("10.0.0.0/8").unwrap()],
            ..Limits::default()
        })
    }

    #[test]
    fn only_our_own_proxies_are_believed_about_addresses() {
        let addresses = addresses(1, 1);
        for (peer, forwarded, expected) in [
            ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
            ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
            ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
            ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
            ("10.0.0.1", "", "10.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
            let asker = addresses.asker(peer.parse().unwrap(), &headers);
            assert_eq!(asker, expected.parse::<IpAddr>().unwrap(), "{peer} {forwarded}");
        }
        assert_eq!(addresses.asker("10.0.0.1".parse().unwrap(), &HeaderMap::new()).to_string(), "10.0.0.1");
    }

    #[test]
    fn signing_in_has_a_bucket_of_its_own() {
        let addresses = addresses(1_000_000, 2);
        let (one, other) = ("203.0.113.7".parse().unwrap(), "203.0.113.8".parse().unwrap());
        let outcomes: Vec<bool> = (0..3).map(|_| addresses.refused(one, true).is_some()).collect();
        assert_eq!(outcomes, [false, false, true]);
        assert_eq!((addresses.refused(one, false), addresses.refused(other, true)), (None, None));
        assert_eq!(bucket("2001:db8::1".parse().unwrap()), bucket("2001:db8::2".parse().unwrap()));
        assert_ne!(bucket("2001:db8::1".parse().unwrap()), bucket("2001:db8:0:1::1".parse().unwrap()));
    }
}
