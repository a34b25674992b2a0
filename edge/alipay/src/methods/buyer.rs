//! Buyers as merchants see them: a number, and a log-in name with its middle hidden.

use sycee_contract::Key;
use sycee_engine::vault::Handle;
use sycee_engine::{CellHandle, ReadPoint};
use sycee_party::{ContactOwner, Party, cell_of};

use super::Call;
use crate::codes::SubCode;
use crate::state::{sixteen_digits, unreadable};
use crate::wire::failure::Failure;

/// Longest name of a person or log-in name that is read, in characters.
const LOGON_ID_MAX_CHARACTERS: usize = 128;

/// The buyer's log-in name as receipts show it: the phone number with its middle hidden. Of somebody without a number in this
/// cell, the customer number with its middle hidden.
pub(crate) fn logon_id(cell: &CellHandle, read: &ReadPoint, buyer: u64) -> String {
    let party = read.get::<Party>(&Party::key(buyer)).ok().flatten();
    let person = party.and_then(|party| cell.vault.person(Handle(party.person)).ok().flatten());
    person.and_then(|person| person.masked_phone()).unwrap_or_else(|| masked_number(buyer))
}

/// `208807********31`.
fn masked_number(number: u64) -> String {
    let digits = format!("{number:016}");
    let (head, tail) = (digits.get(..6).unwrap_or_default(), digits.get(14..).unwrap_or_default());
    format!("{head}********{tail}")
}

/// The bytes of a phone number of which the digest is made: digits and the leading plus, without what people write between.
pub(crate) fn phone_bytes(text: &str) -> Vec<u8> {
    text.bytes().filter(|byte| byte.is_ascii_digit() || *byte == b'+').collect()
}

impl Call<'_> {
    /// The customer whose phone number this is.
    ///
    /// # Errors
    /// When the cell cannot be read.
    pub(super) fn party_of_phone(&self, phone: &str) -> Result<Option<u64>, Failure> {
        let digest = self.cell.vault.digest("phone", &phone_bytes(phone));
        let key: Key = ContactOwner::key(digest);
        let owner = self.cell.port.get::<ContactOwner>(&key).map_err(unreadable)?;
        Ok(owner.map(|owner| owner.party))
    }

    /// The buyer that an order names by `buyer_id`, `buyer_open_id` or `buyer_logon_id`, if it names one.
    ///
    /// # Errors
    /// `invalid` when there can be no such buyer.
    pub(super) fn named_buyer(&self, invalid: SubCode) -> Result<Option<u64>, Failure> {
        for field in ["buyer_id", "buyer_open_id"] {
            let text = self.fields().optional_text(field, LOGON_ID_MAX_CHARACTERS);
            if let Some(text) = text.map_err(|error| error.into_failure(invalid))? {
                let number = sixteen_digits(&text).filter(|number| cell_of(*number).is_some());
                let unknown = || Failure::with_detail(invalid, format!("{field} is no customer's number"));
                return number.map(Some).ok_or_else(unknown);
            }
        }
        let text = self.fields().optional_text("buyer_logon_id", LOGON_ID_MAX_CHARACTERS);
        match text.map_err(|error| error.into_failure(invalid))? {
            None => Ok(None),
            Some(text) => match self.party_of_phone(&text)? {
                Some(party) => Ok(Some(party)),
                None => Err(Failure::with_detail(invalid, "buyer_logon_id is no customer's phone number")),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_masked_and_phones_stripped() {
        assert_eq!(masked_number(2_088_070_000_100_031), "208807********31");
        assert!(masked_number(u64::MAX).contains("********"));
        assert_eq!(masked_number(0), "000000********00");
        assert_eq!(phone_bytes(" +33 6-12.34 (5)é"), b"+33612345");
    }
}
