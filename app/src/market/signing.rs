//! Signatures of packs: Ed25519 (RFC 8032) over the SHA-256 of the file's bytes, beside the file in `FILE.sig`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

/// The longest signature file or key file that is read, bytes.
const FILE_BYTES: u64 = 4_096;

const PEM_BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const PEM_END: &str = "-----END PRIVATE KEY-----";

/// A key whose signatures are taken: an entry of `market_keys` in the configuration.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedKey {
    /// Its name; empty for a key that may have any name.
    pub name: String,
    /// Base64 of the 32 bytes that `sycee market keygen` prints.
    pub public_key: String,
}

/// SHA-256 of a file's bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}

/// Where the signature of a file is.
#[must_use]
pub fn signature_file(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".sig");
    name.into()
}

/// Makes a key in `NAME.pem` (PKCS#8, mode 0600, never over another file); gives back the public key.
///
/// # Errors
/// One line.
pub fn keygen(name: &str, folder: &Path) -> Result<String, String> {
    key_name(name)?;
    let key = Ed25519KeyPair::generate().map_err(|_| "the key cannot be made")?;
    let der = key.to_pkcs8v1().map_err(|_| "the key cannot be written")?;
    let file = folder.join(format!("{name}.pem"));
    let pem = format!("{PEM_BEGIN}\n{}\n{PEM_END}\n", STANDARD.encode(der.as_ref()));
    let mut options = std::fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written =
        options.open(&file).and_then(|mut open| open.write_all(pem.as_bytes()).and_then(|()| open.sync_all()));
    written.map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(STANDARD.encode(key.public_key().as_ref()))
}

/// Signs a file with a key made by [`keygen`]; the key's name is that of its file. Gives back where the signature is.
///
/// # Errors
/// One line.
pub fn sign(file: &Path, key_file: &Path) -> Result<PathBuf, String> {
    let name = key_file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    key_name(name)?;
    let key = private_key(key_file)?;
    let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let signature = key.sign(&sha256(&bytes));
    let line = format!("{name} {}\n", STANDARD.encode(signature.as_ref()));
    let path = signature_file(file);
    std::fs::write(&path, line).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

fn private_key(file: &Path) -> Result<Ed25519KeyPair, String> {
    let bad = |why: &str| format!("{}: {why}", file.display());
    let pem = read_small(file)?.ok_or_else(|| bad("no such file"))?;
    let body = pem.split_once(PEM_BEGIN).and_then(|(_, rest)| rest.split_once(PEM_END)).map(|(body, _)| body);
    let compact: String = body.unwrap_or_default().split_whitespace().collect();
    let der = STANDARD.decode(compact).map_err(|_| bad("is no PEM text"))?;
    Ed25519KeyPair::from_pkcs8(&der).map_err(|_| bad("holds no Ed25519 key"))
}

/// Who signed these bytes of `file`: `None` if nobody did.
///
/// # Errors
/// One line: the signature is damaged, of an unknown key, or not of these bytes.
pub fn signer(file: &Path, bytes: &[u8], trusted: &[TrustedKey]) -> Result<Option<String>, String> {
    let path = signature_file(file);
    let Some(text) = read_small(&path)? else { return Ok(None) };
    let bad = |why: &str| format!("{}: {why}", path.display());
    let (name, signature) = text.trim_end().split_once(' ').ok_or_else(|| bad("is not NAME SIGNATURE"))?;
    key_name(name).map_err(|reason| bad(&reason))?;
    let signature = STANDARD.decode(signature).map_err(|_| bad("the signature is not base64"))?;
    let mut candidates = trusted.iter().filter(|key| key.name.is_empty() || key.name == name).peekable();
    if candidates.peek().is_none() {
        return Err(bad(&format!("no trusted key is called {name:?}")));
    }
    for candidate in candidates {
        let key = public_key(&candidate.public_key)?;
        if UnparsedPublicKey::new(&ED25519, key).verify(&sha256(bytes), &signature).is_ok() {
            return Ok(Some(name.to_owned()));
        }
    }
    Err(bad(&format!("the signature is not {name}'s of this file")))
}

/// What `check` says of a file's signature.
///
/// # Errors
/// It does not verify.
pub(super) fn state(file: &Path, trusted: &[TrustedKey]) -> Result<String, String> {
    let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    match (signature_file(file).exists(), trusted.is_empty()) {
        (false, _) => Ok("none".into()),
        (true, true) => Ok("not verified; say --trust PUBLIC_KEY".into()),
        (true, false) => {
            let signer = signer(file, &bytes, trusted)?;
            Ok(format!("by {}, verified", signer.unwrap_or_default()))
        }
    }
}

/// The 32 bytes of a public key.
///
/// # Errors
/// It is not base64 of 32 bytes.
pub fn public_key(text: &str) -> Result<[u8; 32], String> {
    let bytes = STANDARD.decode(text).unwrap_or_default();
    bytes.try_into().map_err(|_| format!("{text:?} is not the base64 of an Ed25519 public key, 32 bytes"))
}

fn key_name(name: &str) -> Result<(), String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let fits = (1..=64).contains(&name.len()) && name.bytes().all(plain) && !name.starts_with('.');
    if fits { Ok(()) } else { Err(format!("key name {name:?} is not 1 to 64 letters, digits, dots, - and _")) }
}

/// A small text; `None` if there is no such file.
fn read_small(file: &Path) -> Result<Option<String>, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", file.display());
    match std::fs::metadata(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
        Ok(metadata) if metadata.len() > FILE_BYTES => return Err(format!("{}: is too long", file.display())),
        Ok(_) => {}
    }
    std::fs::read_to_string(file).map(Some).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trusted(name: &str, public_key: &str) -> Vec<TrustedKey> {
        vec![TrustedKey { name: name.into(), public_key: public_key.into() }]
    }

    #[test]
    fn a_signature_is_of_one_key_and_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let [ops, other] = ["ops", "other"].map(|name| keygen(name, folder.path()).unwrap());
        assert!(keygen("ops", folder.path()).is_err(), "a key is never written over");
        let file = folder.path().join("fr.toml");
        std::fs::write(&file, "a = 1\n").unwrap();
        assert_eq!(signer(&file, b"a = 1\n", &trusted("ops", &ops)), Ok(None));
        let written = sign(&file, &folder.path().join("ops.pem")).unwrap();
        assert_eq!(written, folder.path().join("fr.toml.sig"));
        for (what, bytes, keys, expected) in [
            ("whole", &b"a = 1\n"[..], trusted("ops", &ops), Ok("ops")),
            ("by any name", b"a = 1\n", trusted("", &ops), Ok("ops")),
            ("changed", b"a = 2\n", trusted("ops", &ops), Err("not ops's of this file")),
            ("of another key", b"a = 1\n", trusted("ops", &other), Err("not ops's of this file")),
            ("of another name", b"a = 1\n", trusted("other", &ops), Err("no trusted key is called \"ops\"")),
            ("nobody is trusted", b"a = 1\n", vec![], Err("no trusted key")),
            ("no key", b"a = 1\n", trusted("ops", "AAAA"), Err("32 bytes")),
        ] {
            match (signer(&file, bytes, &keys), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found.as_deref(), Some(expected), "{what}"),
                (Err(found), Err(expected)) => assert!(found.contains(expected), "{what}: {found}"),
                (found, expected) => panic!("{what}: {found:?}, not {expected:?}"),
            }
        }
        for damaged in ["", "ops", "ops AAAA\n", "ops not base64!\n", "o/s AAAA\n", &"x".repeat(5_000)] {
            std::fs::write(&written, damaged).unwrap();
            assert!(signer(&file, b"a = 1\n", &trusted("ops", &ops)).is_err(), "{damaged:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        keygen("ops", folder.path()).unwrap();
        let mode = std::fs::metadata(folder.path().join("ops.pem")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        for name in ["", "../ops", "a b", ".ops", "é"] {
            assert!(keygen(name, folder.path()).is_err(), "{name:?}");
        }
    }

    #[test]
    fn the_signature_is_ed25519_of_the_files_sha_256() {
        // RFC 8032, section 7.1, test 1: the key of this seed, which signs the empty message so.
        let hex = |text: &str| -> Vec<u8> {
            (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
        };
        let seed = hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        let public = hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        let key = Ed25519KeyPair::from_seed_and_public_key(&seed, &public).unwrap();
        let signed = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
        assert_eq!(key.sign(b"").as_ref(), hex(signed));
        // FIPS 180-2, appendix B.1.
        assert_eq!(sha256(b"abc").to_vec(), hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    }
}
