//! What customers have let apps know about them, and where apps may be sent back to.

use fjall::PersistMode;
use minicbor::{Decode, Encode};

use super::{Vault, VaultError};

/// What an app may know of a customer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum Scope {
    /// The customer's number, and nothing else.
    #[n(0)]
    Number,
    /// Number and name.
    #[n(1)]
    Profile,
}

/// A customer's word that an app may know something. An app has at most one of a customer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Consent {
    /// The app.
    #[n(0)]
    pub app: u64,
    /// What it may know.
    #[n(1)]
    pub scope: Scope,
    /// When the customer said so, UTC nanoseconds.
    #[n(2)]
    pub given_at_ns: u64,
}

/// The addresses that an app may have customers sent back to.
#[derive(Encode, Decode)]
struct ReturnAddresses {
    #[n(0)]
    addresses: Vec<String>,
}

impl Vault {
    /// Keeps a customer's consent, in place of an earlier one for the same app.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn put_consent(&self, customer: u64, consent: &Consent) -> Result<(), VaultError> {
        let name = entry(customer, consent.app);
        let sealed = self.key.seal(&name, &sycee_contract::encode(consent))?;
        self.entries.insert(name, sealed.0)?;
        Ok(self.database.persist(PersistMode::SyncAll)?)
    }

    /// A customer's consent for an app.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn consent(&self, customer: u64, app: u64) -> Result<Option<Consent>, VaultError> {
        let name = entry(customer, app);
        let Some(sealed) = self.entries.get(&name)? else { return Ok(None) };
        self.opened(&name, &sealed).map(Some)
    }

    /// All consents of a customer, by app.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn consents(&self, customer: u64) -> Result<Vec<Consent>, VaultError> {
        let mut consents = Vec::new();
        for guard in self.entries.prefix(index(customer).as_bytes()) {
            let (name, sealed) = guard.into_inner()?;
            let name = std::str::from_utf8(&name).map_err(|_| VaultError::DoesNotOpen)?;
            consents.push(self.opened(name, &sealed)?);
        }
        Ok(consents)
    }

    /// Takes a consent back, and with it every code and token that the app has of this customer: none is good once this returns.
    /// `None` if there was no consent.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn withdraw_consent(&self, customer: u64, app: u64) -> Result<Option<Consent>, VaultError> {
        let Some(consent) = self.consent(customer, app)? else { return Ok(None) };
        self.entries.remove(entry(customer, app))?;
        self.revoke_tokens(customer, |token| token.grant.is_some_and(|grant| grant.app == app))?;
        Ok(Some(consent))
    }

    /// Keeps the addresses that an app may have customers sent back to, in place of the earlier ones.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn put_return_addresses(&self, app: u64, addresses: Vec<String>) -> Result<(), VaultError> {
        self.put_secret(&return_addresses(app), &sycee_contract::encode(&ReturnAddresses { addresses }))
    }

    /// The addresses that an app may have customers sent back to.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn return_addresses(&self, app: u64) -> Result<Vec<String>, VaultError> {
        let Some(bytes) = self.secret(&return_addresses(app))? else { return Ok(Vec::new()) };
        let kept: ReturnAddresses = minicbor::decode(&bytes).map_err(|_| VaultError::DoesNotOpen)?;
        Ok(kept.addresses)
    }

    fn opened(&self, name: &str, sealed: &[u8]) -> Result<Consent, VaultError> {
        minicbor::decode(&self.key.open(name, sealed)?).map_err(|_| VaultError::DoesNotOpen)
    }
}

fn index(customer: u64) -> String {
    format!("consent/{customer:020}/")
}

fn entry(customer: u64, app: u64) -> String {
    format!("{}{app:020}", index(customer))
}

fn return_addresses(app: u64) -> String {
    format!("return-addresses/{app:020}")
}

#[cfg(test)]
mod tests {
    use super::super::{Grant, NewToken, TokenKind};
    use super::*;

    #[test]
    fn a_consent_withdrawn_takes_the_tokens_of_its_app_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(&folder.path().join("vault"), &folder.path().join("key"), true).unwrap();
        let consent = |app| Consent { app, scope: Scope::Profile, given_at_ns: 3 };
        for app in [21, 22] {
            vault.put_consent(1, &consent(app)).unwrap();
        }
        vault.put_consent(1, &Consent { scope: Scope::Number, ..consent(22) }).unwrap();
        let token = |app| {
            let grant = Some(Grant { app, scope: Scope::Profile, granted_at_ns: 3 });
            vault.issue(NewToken { grant, ..NewToken::new("07", 1, TokenKind::Access) }).unwrap().0
        };
        let (of_one, of_other) = (token(21), token(22));
        let listed: Vec<(u64, Scope)> =
            vault.consents(1).unwrap().iter().map(|consent| (consent.app, consent.scope)).collect();
        assert_eq!(listed, [(21, Scope::Profile), (22, Scope::Number)]);
        assert_eq!(vault.withdraw_consent(11, 21).unwrap(), None);
        assert_eq!(vault.withdraw_consent(1, 21).unwrap(), Some(consent(21)));
        assert_eq!(vault.withdraw_consent(1, 21).unwrap(), None);
        assert_eq!(vault.token(&of_one, 9).unwrap(), None);
        assert!(vault.token(&of_other, 9).unwrap().is_some());
    }

    #[test]
    fn return_addresses_are_kept_for_each_app() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(&folder.path().join("vault"), &folder.path().join("key"), true).unwrap();
        assert_eq!(vault.return_addresses(21).unwrap(), Vec::<String>::new());
        vault.put_return_addresses(21, vec!["https://shop.example/in".into()]).unwrap();
        assert_eq!(vault.return_addresses(21).unwrap(), ["https://shop.example/in"]);
        assert_eq!(vault.return_addresses(22).unwrap(), Vec::<String>::new());
    }
}
