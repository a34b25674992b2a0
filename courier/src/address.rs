//! Which addresses a server may be made to call (server-side request forgery).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A network of addresses, such as `10.0.0.0/8` or `fd00::/8` (RFC 4632, RFC 4291).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    /// Reads an address, `/` and the number of bits that count; an address alone is itself.
    ///
    /// # Errors
    /// What is wrong with it, in one line; also bits beyond those that count.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no network such as 10.0.0.0/8 or fd00::/8");
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => bits,
            Some(digits) if digits.len() <= 3 && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok().filter(|prefix| *prefix <= bits).ok_or_else(wrong)?
            }
            Some(_) => return Err(wrong()),
        };
        let network = Self { address, prefix };
        if network.masked(address) != number(address) {
            return Err(format!("{text:?} has bits beyond the first {prefix}"));
        }
        Ok(network)
    }

    /// Whether an address is in it. One that is an IPv4 address mapped into IPv6 is that IPv4 address: it is called as one.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4() && self.masked(address) == number(self.address)
    }

    fn masked(&self, address: IpAddr) -> u128 {
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let beyond = bits - self.prefix;
        number(address).checked_shr(beyond).and_then(|kept| kept.checked_shl(beyond)).unwrap_or(0)
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// Which addresses may be called.
#[derive(Clone, Debug)]
pub enum Reach {
    /// Any: a sandbox's receivers are on the same machine, or in a container beside it.
    Everywhere,
    /// The public internet, and these networks.
    Public(Vec<Network>),
}

impl Reach {
    /// Whether this address may be called.
    pub fn allows(&self, address: IpAddr) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Public(more) => is_public(address) || more.iter().any(|network| network.contains(address)),
        }
    }
}

/// Whether an address is one of the public internet. A merchant chooses the names that are called; what they resolve to may
/// not be this machine, its network or anything that only it can reach.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// IANA IPv4 special-purpose address registry (RFC 6890 and later), and multicast.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || a == 0
        || (a == 100 && (64..=127).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 224;
    !special
}

/// Of IPv6 only global unicast (2000::/3) is public, without what is set apart in it. Addresses that carry an IPv4 address are
/// judged by that one.
fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = carried_v4(address) {
        return is_public_v4(inner);
    }
    let [first, second, ..] = address.segments();
    let documentation = (first == 0x2001 && second == 0x0db8) || (first == 0x3fff && second < 0x1000);
    // 2001::/23 is for protocols: Teredo, benchmarks, ORCHID.
    let of_protocols = first == 0x2001 && second < 0x0200;
    (0x2000..=0x3fff).contains(&first) && !documentation && !of_protocols
}

/// The IPv4 address in a mapped (::ffff:0:0/96), translated (64:ff9b::/96) or 6to4 (2002::/16) address.
fn carried_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    if let Some(inner) = address.to_ipv4_mapped() {
        return Some(inner);
    }
    let from = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match address.segments() {
        [0x0064, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => Some(from(high, low)),
        _ => None,
    }
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
