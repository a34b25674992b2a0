//! Who a cell is to other cells: an Ed25519 key (RFC 8032) in its vault, and the public keys of its peers.

use std::fmt;

use aws_lc_rs::signature::{ED25519, ED25519_PUBLIC_KEY_LEN, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use crate::vault::{Vault, VaultError};

/// The secret's name in the vault; its bytes are PKCS#8.
const LINK_KEY: &str = "link-key";

/// The public key of a cell: 32 bytes (RFC 8032, section 5.1.5).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PeerKey([u8; ED25519_PUBLIC_KEY_LEN]);

impl PeerKey {
    /// A key of these bytes; `None` if they are not 32.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether `signature` over `bytes` was made with the private key that belongs to this one.
    #[must_use]
    pub fn verifies(&self, bytes: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0).verify(bytes, signature).is_ok()
    }
}

impl fmt::Debug for PeerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PeerKey(")?;
        self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("…)")
    }
}

/// A cell's own key. It is not shown by `Debug`.
pub struct LinkKey {
    pair: Ed25519KeyPair,
    public: PeerKey,
}

impl LinkKey {
    /// The key in a cell's vault; `None` if there is none.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn find(vault: &Vault) -> Result<Option<Self>, VaultError> {
        vault.secret(LINK_KEY)?.map(|der| Self::from_pkcs8(&der)).transpose()
    }

    /// The key in a cell's vault. It is made if there is none: with a new cell, or one from before there were links.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn of(vault: &Vault) -> Result<Self, VaultError> {
        if let Some(key) = Self::find(vault)? {
            return Ok(key);
        }
        let (key, der) = Self::generate()?;
        vault.put_secret(LINK_KEY, &der)?;
        Ok(key)
    }

    /// A new key, and its PKCS#8.
    ///
    /// # Errors
    /// [`VaultError::NoRandomness`].
    pub fn generate() -> Result<(Self, Vec<u8>), VaultError> {
        let pair = Ed25519KeyPair::generate().map_err(|_| VaultError::NoRandomness)?;
        let der = pair.to_pkcs8().map_err(|_| VaultError::NoRandomness)?.as_ref().to_vec();
        Ok((Self::from_pkcs8(&der)?, der))
    }

    fn from_pkcs8(der: &[u8]) -> Result<Self, VaultError> {
        let broken = || VaultError::Key("the link key is not an Ed25519 key in PKCS#8".into());
        let pair = Ed25519KeyPair::from_pkcs8(der).map_err(|_| broken())?;
        let public = PeerKey::from_bytes(pair.public_key().as_ref()).ok_or_else(broken)?;
        Ok(Self { pair, public })
    }

    /// The public key, for peers.
    #[must_use]
    pub fn public(&self) -> PeerKey {
        self.public
    }

    /// The signature over `bytes`, 64 bytes.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.pair.sign(bytes).as_ref().to_vec()
    }
}

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinkKey({:?})", self.public)
    }
}
