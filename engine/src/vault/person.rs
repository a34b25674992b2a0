//! A person's data, as the vault keeps it.

use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2;
use minicbor::{Decode, Encode};

use super::{VaultError, crypto};

/// What commands and the journal carry instead of a person's data.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Handle(pub [u8; 16]);

impl Handle {
    pub(super) fn random() -> Result<Self, VaultError> {
        Ok(Self(crypto::random()?))
    }

    pub(super) fn name(self, what: &str) -> String {
        let hex: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{what}/{hex}")
    }
}

/// The iterations of PBKDF2-HMAC-SHA256 for PINs (OWASP password storage, 2023: at least 600,000 for passwords; a PIN is
/// also bound to attempts and to the cell's key, which encrypts the verifier).
const PIN_ITERATIONS: NonZeroU32 = match NonZeroU32::new(600_000) {
    Some(iterations) => iterations,
    None => NonZeroU32::MIN,
};

/// What is known of a person or a business.
#[derive(Clone, PartialEq, Eq, Default, Encode, Decode)]
pub struct Person {
    /// The name, as it is shown.
    #[n(0)]
    pub name: String,
    /// The phone number with its country code, if known.
    #[n(1)]
    pub phone: Option<String>,
    /// Salt and PBKDF2 output of the PIN, if one is set.
    #[cbor(n(2), with = "minicbor::bytes")]
    pin_verifier: Option<Vec<u8>>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person(not shown)")
    }
}

impl Person {
    /// A person of this name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// The same with a phone number.
    #[must_use]
    pub fn with_phone(mut self, phone: &str) -> Self {
        self.phone = Some(phone.to_owned());
        self
    }

    /// The same with a PIN.
    ///
    /// # Errors
    /// [`VaultError::NoRandomness`].
    pub fn with_pin(mut self, pin: &str) -> Result<Self, VaultError> {
        let salt = crypto::random::<16>()?;
        let mut verifier = salt.to_vec();
        let mut derived = [0; 32];
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, PIN_ITERATIONS, &salt, pin.as_bytes(), &mut derived);
        verifier.extend_from_slice(&derived);
        self.pin_verifier = Some(verifier);
        Ok(self)
    }

    /// Whether this is the PIN; compared in constant time. False if none is set.
    #[must_use]
    pub fn has_pin(&self, pin: &str) -> bool {
        Self::is_pin_of(Some(self), pin)
    }

    /// The same of a person who perhaps does not exist, or has no PIN: then it is false, and has cost as much.
    #[must_use]
    pub fn is_pin_of(person: Option<&Self>, pin: &str) -> bool {
        let verifier = person.and_then(|person| person.pin_verifier.as_deref()?.split_at_checked(16));
        // Nobody finds what PBKDF2 makes into 32 zeros.
        let (salt, derived) = verifier.unwrap_or((&[0; 16], &[0; 32]));
        let is_right = pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA256, PIN_ITERATIONS, salt, pin.as_bytes(), derived);
        is_right.is_ok() && verifier.is_some()
    }

    /// Whether a PIN is set.
    #[must_use]
    pub fn is_pin_set(&self) -> bool {
        self.pin_verifier.is_some()
    }

    /// The bytes of the PIN's verifier, for the test that looks for them on the disk.
    #[must_use]
    pub fn pin_verifier(&self) -> Option<&[u8]> {
        self.pin_verifier.as_deref()
    }

    /// The phone number with its middle hidden, as payers' log-in names are shown: `138****0000`.
    #[must_use]
    pub fn masked_phone(&self) -> Option<String> {
        let digits: Vec<char> = self.phone.as_deref()?.chars().filter(char::is_ascii_digit).collect();
        let (head, tail) = (digits.get(..3)?, digits.get(digits.len().checked_sub(2)?..)?);
        Some(format!("{}******{}", head.iter().collect::<String>(), tail.iter().collect::<String>()))
    }

    /// The name as somebody sees it who is about to pay this person, or was paid by them: the first word whole, of every other word the
    /// first character, of a name of one word only that: `Anna R***`, `王***`. Enough to notice a wrong number, not enough to learn a name by
    /// trying numbers. How many characters are hidden is not shown.
    #[must_use]
    pub fn hidden_name(&self) -> String {
        let begun = |word: &str| word.chars().next().map_or_else(String::new, |first| format!("{first}***"));
        let mut words = self.name.split_whitespace();
        let (Some(first), rest) = (words.next(), words.map(begun).collect::<Vec<_>>()) else { return String::new() };
        if rest.is_empty() { begun(first) } else { format!("{first} {}", rest.join(" ")) }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        sycee_contract::encode(self)
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        minicbor::decode(bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_name_only_the_first_word_is_told() {
        let table = [
            ("Anna Rossi", "Anna R***"),
            ("Anna  Maria Ştefan-Öz", "Anna M*** Ş***"),
            ("Ben", "B***"),
            ("王小明", "王***"),
            (" สมชาย ใจดี ", "สมชาย ใ***"),
            ("", ""),
        ];
        for (name, expected) in table {
            assert_eq!(Person::named(name).hidden_name(), expected, "{name}");
        }
    }
}
