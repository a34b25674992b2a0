//! Any text → what kind of payment code it is, with its fields.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::emvco::{consumer, merchant};
use crate::field::Field;
use crate::problem::{Problem, ProblemKind};
use crate::scheme::SchemeDetails;
use crate::{epc, gost, json, numeric, swiss, url};

/// What kind of code a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// EMVCo merchant-presented QR.
    EmvcoMpm,
    /// EMVCo consumer-presented QR.
    EmvcoCpm,
    /// A European bill: SEPA credit transfer (EPC069-12).
    Epc,
    /// A Swiss QR-bill.
    SwissQr,
    /// A numeric payment code, as a wallet shows it for a shop's scanner.
    Numeric,
    /// A link.
    Url,
    /// A bill of Russia (GOST R 56042).
    Gost56042,
    /// None of those known here.
    Unknown,
}

impl Kind {
    /// The name in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EmvcoMpm => "emvco-mpm",
            Self::EmvcoCpm => "emvco-cpm",
            Self::Epc => "epc",
            Self::SwissQr => "swiss-qr",
            Self::Numeric => "numeric",
            Self::Url => "url",
            Self::Gost56042 => "gost-56042",
            Self::Unknown => "unknown",
        }
    }
}

/// What a text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// What kind of code it is.
    pub kind: Kind,
    /// Whose code it is, as far as the code itself tells.
    pub scheme: Option<&'static str>,
    /// Whether it may be used: no problem [invalidates](ProblemKind::invalidates) it.
    pub valid: bool,
    /// Everything that is not as it should be.
    pub problems: Vec<Problem>,
    /// What it says, in the order of the code.
    pub fields: Vec<Field>,
    /// What it says by the names of its national scheme, where that is known.
    pub details: Option<SchemeDetails>,
}

impl Decoded {
    /// Puts a decoder's findings together; `valid` follows from the problems.
    #[must_use]
    pub fn new(kind: Kind, scheme: Option<&'static str>, problems: Vec<Problem>, fields: Vec<Field>) -> Self {
        let valid = !problems.iter().any(|problem| problem.kind.invalidates());
        Self { kind, scheme, valid, problems, fields, details: None }
    }

    /// One JSON object: `kind`, `scheme` (or null), `valid`, `problems` (strings), `fields` (templates nested), and
    /// `details` where the national scheme is known.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::from("{\"kind\":");
        json::write_string(&mut out, self.kind.as_str());
        out.push_str(",\"scheme\":");
        match self.scheme {
            Some(scheme) => json::write_string(&mut out, scheme),
            None => out.push_str("null"),
        }
        out.push_str(",\"valid\":");
        out.push_str(if self.valid { "true" } else { "false" });
        out.push_str(",\"problems\":");
        json::write_array(&mut out, &self.problems, |out, problem| {
            json::write_string(out, &alloc::format!("{problem}"));
        });
        out.push_str(",\"fields\":");
        json::write_fields(&mut out, &self.fields);
        if let Some(details) = &self.details {
            out.push_str(",\"details\":");
            json::write_details(&mut out, details);
        }
        out.push('}');
        out
    }
}

/// A decoder: `None` when the text, which has no white space around it, is not of its kind.
type Decoder = fn(&str) -> Option<Decoded>;

/// All decoders, the most certain first; the first that knows the text answers. A new kind of code is one line here
/// and one value of [`Kind`].
const DECODERS: &[Decoder] =
    &[url::decode, numeric::decode, epc::decode, swiss::decode, gost::decode, consumer::decode, merchant::decode];

/// Says what any text is. White space and byte order marks around it are ignored and reported.
#[must_use]
pub fn decode(text: &str) -> Decoded {
    let code = trim(text);
    let mut decoded = DECODERS.iter().find_map(|decoder| decoder(code)).unwrap_or_else(|| {
        let unrecognised = Problem::new("", ProblemKind::Unrecognised);
        Decoded::new(Kind::Unknown, None, vec![unrecognised], Vec::new())
    });
    if code.len() != text.len() {
        let space = Problem::new("", ProblemKind::SurroundingSpace);
        decoded.problems.insert(0, space);
    }
    decoded
}

/// Without what scanners and copying leave around a code.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(|character: char| character.is_whitespace() || matches!(character, '\u{feff}' | '\0'))
}
