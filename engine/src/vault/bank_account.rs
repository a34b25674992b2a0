//! Bank accounts of merchants: personal data, sealed in the vault and named by a handle in commands.

use std::fmt;

use minicbor::{Decode, Encode};

use super::{Handle, Vault, VaultError};

/// The longest name of a holder, characters: what ISO 20022 gives a name (Max140Text).
const HOLDER_MAX_CHARACTERS: usize = 140;

/// The number of a bank account.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub enum AccountNumber {
    /// An IBAN (ISO 13616): two letters, two check digits, up to 30 letters and digits.
    #[n(0)]
    Iban(#[n(0)] String),
    /// A number of the market's own kind, 1 to 34 letters, digits and hyphens.
    #[n(1)]
    Local(#[n(0)] String),
}

impl AccountNumber {
    /// An IBAN whose check digits are right; blanks are left out, letters made capital.
    #[must_use]
    pub fn iban(text: &str) -> Option<Self> {
        let iban: String = text.chars().filter(|character| *character != ' ').collect::<String>().to_ascii_uppercase();
        let bytes = iban.as_bytes();
        let shape = (15..=34).contains(&bytes.len())
            && bytes.iter().all(u8::is_ascii_alphanumeric)
            && bytes.get(..2).is_some_and(|country| country.iter().all(u8::is_ascii_uppercase))
            && bytes.get(2..4).is_some_and(|check| check.iter().all(u8::is_ascii_digit));
        (shape && remainder(&iban) == Some(1)).then_some(Self::Iban(iban))
    }

    /// A made IBAN: the country and the rest, with the check digits that belong to them.
    #[must_use]
    pub fn iban_of(country: &str, rest: &str) -> Option<Self> {
        let check = 98_u32.checked_sub(remainder(&format!("{country}00{rest}"))?)?;
        Self::iban(&format!("{country}{check:02}{rest}"))
    }

    /// A number of the market's own kind.
    #[must_use]
    pub fn local(text: &str) -> Option<Self> {
        let good = (1..=34).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && text.bytes().any(|byte| byte.is_ascii_digit());
        good.then(|| Self::Local(text.to_owned()))
    }

    /// The number as it is written in a file for a bank.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Iban(text) | Self::Local(text) => text,
        }
    }

    /// What may be shown of it: its last four characters.
    #[must_use]
    pub fn masked(&self) -> String {
        let text = self.as_str();
        let tail: String = text.chars().skip(text.chars().count().saturating_sub(4)).collect();
        format!("****{tail}")
    }
}

/// ISO 13616: the country and the check digits go to the end, letters count as 10 to 35, and the whole number is taken modulo 97.
fn remainder(iban: &str) -> Option<u32> {
    let (head, rest) = iban.split_at_checked(4)?;
    let mut remainder = 0_u32;
    for character in rest.chars().chain(head.chars()) {
        let value = character.to_digit(36)?;
        remainder = (remainder * if value < 10 { 10 } else { 100 } + value) % 97;
    }
    Some(remainder)
}

/// A bank account that a merchant is paid to.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct BankAccount {
    /// Whose it is, as the bank has it.
    #[n(0)]
    pub holder: String,
    /// Its number.
    #[n(1)]
    pub number: AccountNumber,
    /// The bank's BIC (ISO 9362), 8 or 11 letters and digits, if it is needed.
    #[n(2)]
    pub bic: Option<String>,
}

impl fmt::Debug for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountNumber(not shown)")
    }
}

impl fmt::Debug for BankAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BankAccount(not shown)")
    }
}

impl BankAccount {
    /// An account; `None` if the holder or the BIC cannot be.
    #[must_use]
    pub fn new(holder: &str, number: AccountNumber, bic: Option<&str>) -> Option<Self> {
        let holder = holder.trim();
        let name_fits = !holder.is_empty()
            && holder.chars().count() <= HOLDER_MAX_CHARACTERS
            && !holder.chars().any(char::is_control);
        // [A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?
        let bic_fits = bic.is_none_or(|bic| {
            let plain = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
            matches!(bic.len(), 8 | 11)
                && bic.bytes().all(|byte| plain(&byte))
                && bic.as_bytes()[4..6].iter().all(u8::is_ascii_uppercase)
        });
        (name_fits && bic_fits).then(|| Self { holder: holder.to_owned(), number, bic: bic.map(str::to_owned) })
    }
}

impl Vault {
    /// Keeps a bank account; its handle may be used in commands when this returns. What was kept under it is written over.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn put_bank_account(&self, handle: Handle, account: &BankAccount) -> Result<(), VaultError> {
        self.put_secret(&handle.name("bank-account"), &sycee_contract::encode(account))
    }

    /// A bank account; `None` if there is none under this handle.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn bank_account(&self, handle: Handle) -> Result<Option<BankAccount>, VaultError> {
        let Some(bytes) = self.secret(&handle.name("bank-account"))? else { return Ok(None) };
        minicbor::decode(&bytes).map(Some).map_err(|_| VaultError::DoesNotOpen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ibans_have_their_check_digits() {
        // The examples of the SWIFT IBAN registry.
        for (text, good) in [
            ("FR1420041010050500013M02606", true),
            ("IT60X0542811101000000123456", true),
            ("PK36SCBL0000001123456702", true),
            ("GB29 NWBK 6016 1331 9268 19", true),
            ("fr1420041010050500013m02606", true),
            ("FR1520041010050500013M02606", false),
            ("FR14", false),
            ("1420041010050500013M02606", false),
            ("FR1420041010050500013M0260é", false),
            ("", false),
        ] {
            assert_eq!(AccountNumber::iban(text).is_some(), good, "{text}");
        }
        let made = AccountNumber::iban_of("FR", "20041010050500013M02606");
        assert_eq!(made, AccountNumber::iban("FR1420041010050500013M02606"));
        assert_eq!(made.map(|number| number.masked()), Some("****2606".to_owned()));
        assert_eq!(AccountNumber::local(""), None);
        assert_eq!(AccountNumber::local("012 345"), None);
        assert!(AccountNumber::local("012-345").is_some());
    }

    #[test]
    fn holders_and_bics_are_checked_and_nothing_is_shown() {
        let number = AccountNumber::local("012-345").unwrap();
        for (holder, bic, good) in [
            ("Bäckerei Müller", Some("BNPAFRPP"), true),
            ("A", Some("BNPAFRPPXXX"), true),
            ("A", None, true),
            (" ", None, false),
            ("A\nB", None, false),
            ("A", Some("BNPAFRP"), false),
            ("A", Some("bnpafrpp"), false),
            ("A", Some("BNPA12PP"), false),
            ("A", Some("BNPAFRé"), false),
        ] {
            assert_eq!(BankAccount::new(holder, number.clone(), bic).is_some(), good, "{holder} {bic:?}");
        }
        let account = BankAccount::new("Somebody", number, None).unwrap();
        assert!(!format!("{account:?} {:?}", account.number).contains("345"));
    }
}
