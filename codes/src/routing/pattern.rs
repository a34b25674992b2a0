//! What participants register: which codes they want to be asked about.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use super::{RoutingKey, is_plain_path};
use crate::emvco::merchant::rules::{CARD_ACCOUNT_IDS, GLOBALLY_UNIQUE_ID_CHARACTERS};
use crate::emvco::tlv::two_digits;
use crate::url::is_host;

/// What separates one kind of pattern from the next more specific one; longer than any pattern, so that the length
/// decides only among patterns of one kind.
const RANK: u32 = 10_000;
/// The longest pattern, characters.
const PATTERN_CHARACTERS_MAX: usize = 300;
/// Digits of a numeric pattern.
const DIGITS_MAX: usize = 32;
/// Hex digits of an application id: one byte more than nothing of the provider's five, up to 16 bytes.
const APPLICATION_ID_HEX_DIGITS: core::ops::RangeInclusive<usize> = 10..=32;

/// Which codes somebody wants to be asked about. Its text form is what [`parse`](str::parse) reads and
/// [`Display`](fmt::Display) writes; ids, hosts and hex digits are brought into one form of letters, so that equal
/// patterns have equal texts.
///
/// | text | matches |
/// |---|---|
/// | `guid:org.sycee.th` | templates with this globally unique id |
/// | `guid:*@examplebank` | globally unique ids (or UPI payees) that end so |
/// | `guid:a0000006150001/01=501664` | templates with this id in which field 01 begins so |
/// | `aid:A000000677010111` | applications whose id begins so |
/// | `digits:2833` | payment codes and Alipay+ links whose digits begin so |
/// | `url:qr.example.com/pay/` | `https` links to this host whose path begins so |
/// | `card:15` | accounts of a card network with this id, 02 to 25 |
/// | `scheme:promptpay_credit_transfer` | codes of this scheme |
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RoutingPattern {
    /// This globally unique id, in lower case.
    #[non_exhaustive]
    GloballyUniqueId(String),
    /// Globally unique ids that end with this text: `@` and a handle, in lower case.
    #[non_exhaustive]
    GloballyUniqueIdEnding(String),
    /// A template with this id in which a field begins so.
    #[non_exhaustive]
    TemplateField {
        /// The globally unique id, in lower case.
        globally_unique_id: String,
        /// The field's path within the template.
        path: String,
        /// What the field begins with; not empty.
        beginning: String,
    },
    /// Application ids that begin so, hex digits in capitals.
    #[non_exhaustive]
    ApplicationId(String),
    /// Digits that begin so.
    #[non_exhaustive]
    NumericPrefix(String),
    /// `https` links to this host whose path begins so.
    #[non_exhaustive]
    Url {
        /// The host in lower case, with the port if it is not 443.
        host: String,
        /// What the path begins with, at least a slash. It is compared character by character: end it with a slash to
        /// match whole segments.
        path: String,
    },
    /// An account of a card network, 2 to 25.
    #[non_exhaustive]
    CardAccount(u8),
    /// A scheme by its name.
    #[non_exhaustive]
    Scheme(String),
}

/// Why a text is no pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PatternError {
    /// There is no colon, or no kind of pattern has this name.
    UnknownKind,
    /// More than 300 characters.
    TooLong,
    /// What follows the colon is not what this kind of pattern has there.
    WrongForm,
}

impl fmt::Display for PatternError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::UnknownKind => "a routing pattern begins with guid:, aid:, digits:, url:, card: or scheme:",
            Self::TooLong => "a routing pattern has at most 300 characters",
            Self::WrongForm => "what follows the colon does not have the form of this kind of routing pattern",
        })
    }
}

impl core::error::Error for PatternError {}

impl RoutingPattern {
    /// How specifically the pattern matches a key; `None` if it does not. Larger is more specific: first the kind of
    /// pattern decides, then its length.
    #[must_use]
    pub fn matches(&self, key: &RoutingKey) -> Option<u32> {
        let fits = match (self, key) {
            (Self::GloballyUniqueId(id), RoutingKey::GloballyUniqueId(found)) => id == found,
            (Self::GloballyUniqueIdEnding(ending), RoutingKey::GloballyUniqueId(found)) => {
                found.len() > ending.len() && found.ends_with(ending.as_str())
            }
            (
                Self::TemplateField { globally_unique_id, path, beginning },
                RoutingKey::TemplateField { globally_unique_id: id, path: its_path, text },
            ) => globally_unique_id == id && path == its_path && text.starts_with(beginning.as_str()),
            (Self::ApplicationId(beginning), RoutingKey::ApplicationId(id)) => id.starts_with(beginning.as_str()),
            (Self::NumericPrefix(beginning), RoutingKey::NumericPrefix(digits)) => {
                digits.starts_with(beginning.as_str())
            }
            (Self::Url { host, path }, RoutingKey::Url { host: its_host, path: its_path }) => {
                host == its_host && its_path.starts_with(path.as_str())
            }
            (Self::CardAccount(id), RoutingKey::CardAccount(its_id)) => id == its_id,
            (Self::Scheme(name), RoutingKey::Scheme(its_name)) => name == its_name,
            _ => false,
        };
        fits.then(|| self.specificity())
    }

    /// Whether some key is matched by both. That is no fault as long as one of them is more specific: `digits:28` and
    /// `digits:2833` overlap, and a router chooses the second where both match.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let either_begins = |one: &str, other: &str| one.starts_with(other) || other.starts_with(one);
        match (self, other) {
            (Self::GloballyUniqueIdEnding(ending), Self::GloballyUniqueId(id))
            | (Self::GloballyUniqueId(id), Self::GloballyUniqueIdEnding(ending)) => {
                id.len() > ending.len() && id.ends_with(ending.as_str())
            }
            (Self::GloballyUniqueIdEnding(one), Self::GloballyUniqueIdEnding(other)) => {
                one.ends_with(other.as_str()) || other.ends_with(one.as_str())
            }
            (
                Self::TemplateField { globally_unique_id: one_id, path: one_path, beginning: one },
                Self::TemplateField { globally_unique_id, path, beginning },
            ) => one_id == globally_unique_id && one_path == path && either_begins(one, beginning),
            (Self::ApplicationId(one), Self::ApplicationId(other))
            | (Self::NumericPrefix(one), Self::NumericPrefix(other)) => either_begins(one, other),
            (Self::Url { host: one_host, path: one }, Self::Url { host, path }) => {
                one_host == host && either_begins(one, path)
            }
            _ => self == other,
        }
    }

    /// Whether some key is matched by both and by neither more specifically: two participants must not register such.
    #[must_use]
    pub fn conflicts_with(&self, other: &Self) -> bool {
        self.overlaps(other) && self.specificity() == other.specificity()
    }

    /// The number that [`matches`](Self::matches) answers.
    fn specificity(&self) -> u32 {
        let (rank, length) = match self {
            Self::TemplateField { path, beginning, .. } => (6_u32, path.len().saturating_add(beginning.len())),
            Self::ApplicationId(beginning) => (5, beginning.len()),
            // A whole id is more specific than every ending.
            Self::GloballyUniqueId(_) => (4, PATTERN_CHARACTERS_MAX),
            Self::GloballyUniqueIdEnding(ending) => (4, ending.len()),
            Self::NumericPrefix(beginning) => (3, beginning.len()),
            Self::Url { path, .. } => (2, path.len()),
            Self::CardAccount(_) => (1, 0),
            Self::Scheme(_) => (0, 0),
        };
        // The length is at most that of a pattern, so both conversion and sum are exact.
        rank.saturating_mul(RANK).saturating_add(u32::try_from(length).unwrap_or(RANK))
    }
}

impl fmt::Display for RoutingPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GloballyUniqueId(id) => write!(formatter, "guid:{id}"),
            Self::GloballyUniqueIdEnding(ending) => write!(formatter, "guid:*{ending}"),
            Self::TemplateField { globally_unique_id, path, beginning } => {
                write!(formatter, "guid:{globally_unique_id}/{path}={beginning}")
            }
            Self::ApplicationId(beginning) => write!(formatter, "aid:{beginning}"),
            Self::NumericPrefix(beginning) => write!(formatter, "digits:{beginning}"),
            Self::Url { host, path } => write!(formatter, "url:{host}{path}"),
            Self::CardAccount(id) => write!(formatter, "card:{id:02}"),
            Self::Scheme(name) => write!(formatter, "scheme:{name}"),
        }
    }
}

impl FromStr for RoutingPattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        if text.len() > PATTERN_CHARACTERS_MAX {
            return Err(PatternError::TooLong);
        }
        let (kind, rest) = text.split_once(':').ok_or(PatternError::UnknownKind)?;
        let pattern = match kind {
            "guid" => globally_unique_id(rest),
            "aid" => {
                let fits = APPLICATION_ID_HEX_DIGITS.contains(&rest.len())
                    && rest.len().is_multiple_of(2)
                    && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
                fits.then(|| Self::ApplicationId(rest.to_ascii_uppercase()))
            }
            "digits" => {
                let fits = (1..=DIGITS_MAX).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_digit());
                fits.then(|| Self::NumericPrefix(rest.into()))
            }
            "url" => url(rest),
            "card" => two_digits(rest).filter(|id| CARD_ACCOUNT_IDS.contains(id)).map(Self::CardAccount),
            "scheme" => {
                let of_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
                (!rest.is_empty() && rest.bytes().all(of_name)).then(|| Self::Scheme(rest.into()))
            }
            _ => return Err(PatternError::UnknownKind),
        };
        pattern.ok_or(PatternError::WrongForm)
    }
}

fn globally_unique_id(text: &str) -> Option<RoutingPattern> {
    let (id, field) = match text.split_once('/') {
        Some((id, field)) => (id, Some(field)),
        None => (text, None),
    };
    let is_plain = |text: &str| {
        !text.is_empty()
            && text.len() <= GLOBALLY_UNIQUE_ID_CHARACTERS
            && text.bytes().all(|byte| matches!(byte, b'!'..=b'~') && byte != b'*' && byte != b'/')
    };
    if let Some(ending) = id.strip_prefix('*') {
        let fits = field.is_none() && is_plain(ending) && ending.len() > 1 && ending.starts_with('@');
        return fits.then(|| RoutingPattern::GloballyUniqueIdEnding(ending.to_ascii_lowercase()));
    }
    if !is_plain(id) {
        return None;
    }
    let globally_unique_id = id.to_ascii_lowercase();
    let Some(field) = field else {
        return Some(RoutingPattern::GloballyUniqueId(globally_unique_id));
    };
    let (path, beginning) = field.split_once('=')?;
    let fits = path != "00"
        && path.split('.').count() <= 2
        && path.split('.').all(|id| two_digits(id).is_some())
        && !beginning.is_empty()
        && beginning.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && !beginning.ends_with(' ');
    fits.then(|| RoutingPattern::TemplateField { globally_unique_id, path: path.into(), beginning: beginning.into() })
}

fn url(text: &str) -> Option<RoutingPattern> {
    let (address, path) = text.find('/').map_or((text, "/"), |at| text.split_at_checked(at).unwrap_or((text, "/")));
    let (host, port) = match address.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (address, None),
    };
    let is_port = |port: &str| {
        port.parse::<u16>().is_ok_and(|number| number > 0 && number != 443) && !port.starts_with(['0', '+'])
    };
    let is_path = is_plain_path(path) && path.bytes().all(|byte| matches!(byte, b'!'..=b'~') && !b"?#".contains(&byte));
    let fits = is_host(host) && port.is_none_or(is_port) && is_path;
    fits.then(|| RoutingPattern::Url { host: address.to_ascii_lowercase(), path: path.into() })
}
