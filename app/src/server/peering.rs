//! Who the cells of this server are linked with, and the key that the cells of a network share.

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sycee_contract::{MarketPack, MarketRole};
use sycee_engine::World;
use sycee_engine::links::{Links, PeerKey, RemotePeer, network_of};
use sycee_engine::vault::{self, CODE_KEY, Vault};
use sycee_links::HttpCarrier;

use crate::config::{PeerConfig, Settings};

/// A public key as people hand it around: base64 of its 32 bytes.
#[must_use]
pub fn key_text(key: &PeerKey) -> String {
    STANDARD.encode(key.as_bytes())
}

/// Sets up the links of these cells, opens what is not open, and logs each cell's public key, which its peers' operators need.
pub(super) fn links(world: &Arc<World>, settings: &Settings) -> Result<Arc<Links>, String> {
    let remote = settings.peers.iter().map(remote_peer).collect::<Result<_, _>>()?;
    let network = network_of(world).map_err(|error| format!("links: {error}"))?;
    let links = Links::new(Arc::clone(world), network, remote).map_err(|error| format!("links: {error}"))?;
    links.open().map_err(|error| error.to_string())?;
    for cell in &world.cells {
        if let Some(key) = links.public_key(cell.number) {
            tracing::info!(cell = cell.name, link_key = key_text(&key), "public key for peers");
        }
    }
    Ok(links)
}

fn remote_peer(peer: &PeerConfig) -> Result<RemotePeer, String> {
    let failed = |what: &dyn std::fmt::Display| format!("peers: cell {}: {what}", peer.cell);
    if !(1..=99).contains(&peer.number) {
        return Err(failed(&"number is not between 1 and 99"));
    }
    let bytes = STANDARD.decode(&peer.public_key).map_err(|_| failed(&"public_key is not base64"))?;
    let key = PeerKey::from_bytes(&bytes)
        .ok_or_else(|| failed(&"public_key is not the 32 bytes that `sycee link key` prints"))?;
    let carrier = HttpCarrier::new(&peer.url).map_err(|error| failed(&format!("url: {error}")))?;
    Ok(RemotePeer { name: peer.cell.clone(), number: peer.number, key, carrier: Arc::new(carrier) })
}

/// Gives every cell here the key with which its network digests payment codes, before any of them digests one. It comes from a
/// file that the network's operator hands over, or, where the network's cell is here, is made in that cell's vault. Without
/// either each cell goes on as it is.
pub(super) fn share_code_key(packs: &[MarketPack], vaults: &[Arc<Vault>], file: Option<&Path>) -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| format!("network code key: {error}");
    let network = packs.iter().zip(vaults).find(|(pack, _)| pack.roles.contains(&MarketRole::Network));
    let key = match (file, network) {
        (Some(file), _) => read_code_key(file).map_err(|error| failed(&error))?,
        (None, Some((_, vault))) => match vault.secret(CODE_KEY).map_err(|error| failed(&error))? {
            Some(key) => key,
            None => vault::random::<32>().map_err(|error| failed(&error))?.to_vec(),
        },
        (None, None) => return Ok(()),
    };
    // The network's own vault first: a start that is killed in between finds the key there again.
    let first = packs.iter().zip(vaults).filter(|(pack, _)| pack.roles.contains(&MarketRole::Network));
    let others = packs.iter().zip(vaults).filter(|(pack, _)| !pack.roles.contains(&MarketRole::Network));
    for (pack, vault) in first.chain(others) {
        match vault.secret(CODE_KEY).map_err(|error| failed(&error))? {
            Some(before) if before == key => {}
            None => vault.put_secret(CODE_KEY, &key).map_err(|error| failed(&error))?,
            Some(_) => {
                let detail = format!("cell {} has another one: it is of another network", pack.cell);
                return Err(failed(&detail));
            }
        }
    }
    Ok(())
}

/// 64 hexadecimal digits on one line.
fn read_code_key(file: &Path) -> Result<Vec<u8>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let digits = text.trim().as_bytes();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let is_hexadecimal = digits.len() == 64 && digits.iter().all(u8::is_ascii_hexdigit);
    let key: Option<Vec<u8>> = digits.chunks(2).map(pair).collect();
    key.filter(|_| is_hexadecimal).ok_or_else(|| format!("{}: it is not 64 hexadecimal digits", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_key_file_is_64_hexadecimal_digits() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("key");
        let good = "00ff".repeat(16);
        for (text, fine) in [
            (good.clone(), true),
            (format!("{good}\n"), true),
            (good.to_uppercase(), true),
            (good[1..].to_owned(), false),
            (format!("{good}0"), false),
            ("+f".repeat(32), false),
            ("é".repeat(32), false),
            (String::new(), false),
        ] {
            std::fs::write(&file, &text).unwrap();
            let read = read_code_key(&file);
            assert_eq!(read.is_ok(), fine, "{text}");
            assert!(!fine || read == Ok([0, 255].repeat(16)), "{text}");
        }
        assert!(read_code_key(&folder.path().join("none")).is_err());
    }

    #[test]
    fn a_peer_needs_a_number_a_key_and_an_address_that_is_private() {
        let key = STANDARD.encode([7; 32]);
        for (number, url, public_key, wrong) in [
            (99, "https://net.example.com", key.as_str(), ""),
            (0, "https://net.example.com", &key, "number"),
            (100, "https://net.example.com", &key, "number"),
            (99, "http://net.example.com", &key, "url"),
            (99, "https://net.example.com", "AAAA", "public_key"),
            (99, "https://net.example.com", "?", "public_key"),
        ] {
            let peer = PeerConfig { cell: "net".into(), number, url: url.into(), public_key: public_key.into() };
            match remote_peer(&peer) {
                Ok(peer) => assert_eq!(("", peer.number), (wrong, number)),
                Err(error) => assert!(!wrong.is_empty() && error.contains(wrong), "{error}"),
            }
        }
    }
}
