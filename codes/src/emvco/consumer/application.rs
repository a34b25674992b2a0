//! One application of a consumer-presented payload, by meaning.

use alloc::string::String;

use super::account::{AccountNumber, Track2, upper_hex};
use super::ber::{Object, Tag, bytes_of};
use super::parse::printable;
use super::tag;

/// One application. What it does not say itself is looked up in its transparent template (63), then in the common
/// data (62), then in their transparent template (64). Each answer is `None` when there is no such object or it does
/// not have its form. The `Debug` text leaves out the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Application<'a> {
    pub(super) own: &'a [Object],
    pub(super) common: &'a [Object],
}

impl<'a> Application<'a> {
    /// The bytes of this object, wherever it stands.
    #[must_use]
    pub fn bytes(&self, tag: Tag) -> Option<&'a [u8]> {
        let inner = |objects: &'a [Object], template: Tag| {
            objects.iter().find(|object| object.tag == template).map(Object::objects).unwrap_or_default()
        };
        let places = [
            self.own,
            inner(self.own, tag::APPLICATION_TRANSPARENT_TEMPLATE),
            self.common,
            inner(self.common, tag::COMMON_TRANSPARENT_TEMPLATE),
        ];
        places.into_iter().find_map(|objects| bytes_of(objects, tag))
    }

    /// The application id (AID, 4F) as hex digits in capitals. Never out of the common data.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        bytes_of(self.own, tag::APPLICATION_ID).map(upper_hex)
    }

    /// The label (50).
    #[must_use]
    pub fn label(&self) -> Option<&'a str> {
        self.text(tag::APPLICATION_LABEL)
    }

    /// The card number or token: out of 5A, else out of track 2 (57).
    #[must_use]
    pub fn account_number(&self) -> Option<AccountNumber> {
        match self.bytes(tag::ACCOUNT_NUMBER) {
            Some(bytes) => AccountNumber::from_packed(bytes),
            None => self.track_2().map(|track| track.account_number),
        }
    }

    /// Track 2 equivalent data (57).
    #[must_use]
    pub fn track_2(&self) -> Option<Track2> {
        Track2::from_packed(self.bytes(tag::TRACK_2)?)
    }

    /// The cardholder's name (5F20).
    #[must_use]
    pub fn cardholder_name(&self) -> Option<&'a str> {
        self.text(tag::CARDHOLDER_NAME)
    }

    /// The languages that the customer prefers (5F2D), two letters each, best first.
    pub fn languages(&self) -> impl Iterator<Item = &'a str> {
        let text = self.text(tag::LANGUAGES).unwrap_or_default();
        text.as_bytes().chunks_exact(2).filter_map(|letters| core::str::from_utf8(letters).ok())
    }

    /// The issuer's URL (5F50).
    #[must_use]
    pub fn issuer_url(&self) -> Option<&'a str> {
        self.text(tag::ISSUER_URL)
    }

    /// The payment account reference (9F24): names the account behind all its tokens.
    #[must_use]
    pub fn payment_account_reference(&self) -> Option<&'a str> {
        self.text(tag::PAYMENT_ACCOUNT_REFERENCE)
    }

    /// Who asked for the token (9F19): 11 digits.
    #[must_use]
    pub fn token_requestor_id(&self) -> Option<String> {
        let digits = upper_hex(self.bytes(tag::TOKEN_REQUESTOR_ID)?);
        let digits = digits.strip_prefix('0').filter(|rest| rest.len() == 11)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.into())
    }

    /// The last four digits of the card number (9F25), which the customer knows when the code holds a token.
    #[must_use]
    pub fn last_four_digits(&self) -> Option<String> {
        let digits = upper_hex(self.bytes(tag::LAST_FOUR_DIGITS)?);
        (digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
    }

    /// The application cryptogram (9F26), with which the issuer proves that its wallet made the code.
    #[must_use]
    pub fn cryptogram(&self) -> Option<[u8; 8]> {
        self.bytes(tag::CRYPTOGRAM)?.try_into().ok()
    }

    /// What kind of cryptogram it is (9F27).
    #[must_use]
    pub fn cryptogram_information(&self) -> Option<u8> {
        self.bytes(tag::CRYPTOGRAM_INFORMATION)?.try_into().ok().map(u8::from_be_bytes)
    }

    /// The application transaction counter (9F36): the issuer takes each value once.
    #[must_use]
    pub fn transaction_counter(&self) -> Option<u16> {
        self.bytes(tag::TRANSACTION_COUNTER)?.try_into().ok().map(u16::from_be_bytes)
    }

    /// The unpredictable number (9F37) that went into the cryptogram.
    #[must_use]
    pub fn unpredictable_number(&self) -> Option<u32> {
        self.bytes(tag::UNPREDICTABLE_NUMBER)?.try_into().ok().map(u32::from_be_bytes)
    }

    /// The issuer's own data (9F10).
    #[must_use]
    pub fn issuer_application_data(&self) -> Option<&'a [u8]> {
        self.bytes(tag::ISSUER_APPLICATION_DATA)
    }

    fn text(&self, tag: Tag) -> Option<&'a str> {
        self.bytes(tag).and_then(printable)
    }
}
