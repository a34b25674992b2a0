//! Where parties want to be told of events, and how far each has been told: in the vault, because each has a secret.

use std::fmt;

use fjall::PersistMode;
use minicbor::{Decode, Encode};

use super::{Vault, VaultError, crypto};
use crate::events::EventCursor;

/// An address that is told of events.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct WebhookEndpoint {
    /// `w`, the cell's number in two digits, 20 hexadecimal digits.
    #[n(0)]
    pub id: String,
    /// Whose it is.
    #[n(1)]
    pub party: u64,
    /// The address.
    #[n(2)]
    pub url: String,
    /// The types of events that are wanted, by name; all, if there is none.
    #[n(3)]
    pub types: Vec<String>,
    /// The secret with which what is posted is signed.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub secret: Vec<u8>,
    /// When it was registered, UTC nanoseconds.
    #[n(5)]
    pub created_at_ns: u64,
}

impl fmt::Debug for WebhookEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookEndpoint({}, secret not shown)", self.id)
    }
}

impl WebhookEndpoint {
    /// Random digits of an id, bytes.
    const ID_BYTES: usize = 10;

    /// An id that nobody has, for an endpoint of the cell of this number.
    ///
    /// # Errors
    /// [`VaultError::NoRandomness`].
    pub fn new_id(cell: u16) -> Result<String, VaultError> {
        Ok(format!("w{cell:02}{}", crypto::hex(&crypto::random::<{ Self::ID_BYTES }>()?)))
    }
}

/// What the names of endpoints begin with.
const ENDPOINTS: &str = "webhook/";

impl Vault {
    /// Keeps a new endpoint, with the place in the stream behind which it is told.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn put_webhook(&self, endpoint: &WebhookEndpoint, cursor: EventCursor) -> Result<(), VaultError> {
        let name = format!("{ENDPOINTS}{}", endpoint.id);
        let sealed = self.key.seal(&name, &sycee_contract::encode(endpoint))?;
        let mut batch = self.database.batch();
        batch.insert(&self.entries, place(&endpoint.id), to_bytes(cursor).as_slice());
        batch.insert(&self.entries, name, sealed.0);
        batch.commit()?;
        Ok(self.database.persist(PersistMode::SyncAll)?)
    }

    /// All endpoints, by id, each with its place.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn webhooks(&self) -> Result<Vec<(WebhookEndpoint, EventCursor)>, VaultError> {
        let mut endpoints = Vec::new();
        for guard in self.entries.prefix(ENDPOINTS.as_bytes()) {
            let (name, sealed) = guard.into_inner()?;
            let name = std::str::from_utf8(&name).map_err(|_| VaultError::DoesNotOpen)?;
            let bytes = self.key.open(name, &sealed)?;
            let endpoint: WebhookEndpoint = minicbor::decode(&bytes).map_err(|_| VaultError::DoesNotOpen)?;
            let cursor = self.entries.get(place(&endpoint.id))?.and_then(|bytes| from_bytes(&bytes));
            endpoints.push((endpoint, cursor.ok_or(VaultError::DoesNotOpen)?));
        }
        Ok(endpoints)
    }

    /// Moves an endpoint's place. It outlives the process when this returns, and a loss of power only if it is `synced`: then, and
    /// only then, what was told since is told again.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn move_webhook(&self, id: &str, cursor: EventCursor, synced: bool) -> Result<(), VaultError> {
        self.entries.insert(place(id), to_bytes(cursor).as_slice())?;
        Ok(self.database.persist(if synced { PersistMode::SyncAll } else { PersistMode::Buffer })?)
    }

    /// Forgets an endpoint, its secret and its place.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn remove_webhook(&self, id: &str) -> Result<(), VaultError> {
        let mut batch = self.database.batch();
        batch.remove(&self.entries, format!("{ENDPOINTS}{id}"));
        batch.remove(&self.entries, place(id));
        batch.commit()?;
        Ok(self.database.persist(PersistMode::SyncAll)?)
    }
}

fn place(id: &str) -> String {
    format!("webhook-place/{id}")
}

fn to_bytes(cursor: EventCursor) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[..8].copy_from_slice(&cursor.operation.to_be_bytes());
    bytes[8..].copy_from_slice(&cursor.index.to_be_bytes());
    bytes
}

fn from_bytes(bytes: &[u8]) -> Option<EventCursor> {
    let (operation, index) = bytes.split_at_checked(8)?;
    Some(EventCursor {
        operation: u64::from_be_bytes(operation.try_into().ok()?),
        index: u16::from_be_bytes(index.try_into().ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_and_its_place_are_kept_moved_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let open = |is_new| Vault::open(&folder.path().join("vault"), &folder.path().join("key"), is_new).unwrap();
        let vault = open(true);
        let endpoint = |party| WebhookEndpoint {
            id: WebhookEndpoint::new_id(7).unwrap(),
            party,
            url: "https://shop.example/hook".into(),
            types: vec!["acquiring.order_paid".into()],
            secret: vec![0xa5; 32],
            created_at_ns: 1,
        };
        let (one, other) = (endpoint(1), endpoint(2));
        let at = |operation, index| EventCursor { operation, index };
        vault.put_webhook(&one, at(5, 1)).unwrap();
        vault.put_webhook(&other, EventCursor::behind(9)).unwrap();
        vault.move_webhook(&one.id, at(6, 2), false).unwrap();
        drop(vault);
        let vault = open(false);
        let mut expected = vec![(one.clone(), at(6, 2)), (other.clone(), EventCursor::behind(9))];
        expected.sort_by(|a, b| a.0.id.cmp(&b.0.id));
        assert_eq!(vault.webhooks().unwrap(), expected);
        vault.remove_webhook(&one.id).unwrap();
        assert_eq!(vault.webhooks().unwrap(), [(other, EventCursor::behind(9))]);
        assert!(!format!("{one:?}").contains("165"));
    }
}
