//! The tags of consumer-presented payloads (EMVCo CPM 1.1; meanings of the card's own tags: EMV book 3, annex A).

use super::ber::Tag;

/// Payload format indicator: `CPV01`.
pub const PAYLOAD_FORMAT_INDICATOR: Tag = Tag::new(0x85);
/// Application template: one card or account; there may be two.
pub const APPLICATION_TEMPLATE: Tag = Tag::new(0x61);
/// Common data template: what two applications share.
pub const COMMON_DATA_TEMPLATE: Tag = Tag::new(0x62);
/// Application specific transparent template, within an application template: what the payment system defines.
pub const APPLICATION_TRANSPARENT_TEMPLATE: Tag = Tag::new(0x63);
/// Common data transparent template, within the common data template.
pub const COMMON_TRANSPARENT_TEMPLATE: Tag = Tag::new(0x64);

/// Application id (AID): 5 to 16 bytes.
pub const APPLICATION_ID: Tag = Tag::new(0x4F);
/// Application label: 1 to 16 characters.
pub const APPLICATION_LABEL: Tag = Tag::new(0x50);
/// Track 2 equivalent data: card number, `D`, expiry, service code and more, four bits each.
pub const TRACK_2: Tag = Tag::new(0x57);
/// Card number (PAN), four bits a digit, filled up with F.
pub const ACCOUNT_NUMBER: Tag = Tag::new(0x5A);
/// Cardholder's name: 2 to 26 characters.
pub const CARDHOLDER_NAME: Tag = Tag::new(0x5F20);
/// Language preference: one to four languages of two letters.
pub const LANGUAGES: Tag = Tag::new(0x5F2D);
/// Sequence number of the card number: 1 byte.
pub const ACCOUNT_NUMBER_SEQUENCE: Tag = Tag::new(0x5F34);
/// Issuer's URL.
pub const ISSUER_URL: Tag = Tag::new(0x5F50);
/// Application interchange profile: 2 bytes.
pub const INTERCHANGE_PROFILE: Tag = Tag::new(0x82);
/// Application version number: 2 bytes.
pub const APPLICATION_VERSION: Tag = Tag::new(0x9F08);
/// Issuer application data: at most 32 bytes.
pub const ISSUER_APPLICATION_DATA: Tag = Tag::new(0x9F10);
/// Application preferred name: 1 to 16 characters.
pub const APPLICATION_PREFERRED_NAME: Tag = Tag::new(0x9F12);
/// Token requestor's id: 11 digits in 6 bytes.
pub const TOKEN_REQUESTOR_ID: Tag = Tag::new(0x9F19);
/// Payment account reference (PAR): 29 characters.
pub const PAYMENT_ACCOUNT_REFERENCE: Tag = Tag::new(0x9F24);
/// The last four digits of the card number, in 2 bytes.
pub const LAST_FOUR_DIGITS: Tag = Tag::new(0x9F25);
/// Application cryptogram: 8 bytes.
pub const CRYPTOGRAM: Tag = Tag::new(0x9F26);
/// Cryptogram information data: 1 byte.
pub const CRYPTOGRAM_INFORMATION: Tag = Tag::new(0x9F27);
/// Application transaction counter (ATC): 2 bytes.
pub const TRANSACTION_COUNTER: Tag = Tag::new(0x9F36);
/// Unpredictable number: 4 bytes.
pub const UNPREDICTABLE_NUMBER: Tag = Tag::new(0x9F37);
