//! The merchant-presented code, version 3: `HTTPS://<domain>/MPM/3/<payload>`.
//!
//! The payload is base64, escaped for a URL, of the object `GPLD`. An object is four letters, a length of three digits
//! and a value; `GPLD` holds objects, and of those `CDSD` and `CIRD` hold fields of a two-digit id, a two-digit length
//! and a value. Lengths count characters.
//!
//! ```text
//! GPLD 095
//!   PLVS 002  01                                   version of the payload
//!   CDSD 033  01 SAMPLEPLATFORM  02 SAMPLEMERID    whose code it is: platform and merchant
//!   CIRD 039  01 SAMPLEISSUER  02 12  03 …         who issued it
//! ```
//!
//! Source: Alipay+ documentation, merchant-presented mode, "code format" and "code sample". What the fields of `CDSD`
//! and `CIRD` mean is read off the sample's values.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::base64;
use crate::emvco::merchant::OutOfSpecification;
use crate::emvco::tlv::{Elements, write_field};
use crate::field::{Field, Value, find};
use crate::problem::{Problem, ProblemKind};
use crate::url::{is_host, percent_decoded, percent_encoded};

/// What the path of such a link begins with.
pub const PATH: &str = "/MPM/3/";
/// The object that holds all others.
pub const GENERAL_PAYLOAD: &str = "GPLD";
/// The object with the payload's version.
pub const PAYLOAD_VERSION: &str = "PLVS";
/// The object that says whose code it is: 01 platform, 02 merchant.
pub const CODE_DATA: &str = "CDSD";
/// The object that says who issued it: 01 issuer.
pub const ISSUER_DATA: &str = "CIRD";

/// The only version of the payload.
const VERSION: &str = "01";
/// Letters of an object's id.
const ID_LETTERS: usize = 4;
/// Digits of an object's length.
const LENGTH_DIGITS: usize = 3;
/// The longest value that a three-digit length can announce, characters.
const VALUE_CHARACTERS_MAX: usize = 999;
/// The longest payload that is read, characters: a QR code holds no more (ISO/IEC 18004).
const READ_CHARACTERS_MAX: usize = 2_953;

/// Reads the payload of a link: what stands behind [`PATH`]. The answer is the objects as they nest, normally one,
/// [`GENERAL_PAYLOAD`]; none if it cannot be read, which is reported.
///
/// Of an id that is repeated only the first is kept, and the problem invalidates the code.
#[must_use]
pub fn parse_payload(payload: &str, problems: &mut Vec<Problem>) -> Vec<Field> {
    let mut refuse = |kind| {
        problems.push(Problem::new("path", kind));
        Vec::new()
    };
    if payload.len() > READ_CHARACTERS_MAX {
        return refuse(ProblemKind::TooLong { maximum: READ_CHARACTERS_MAX });
    }
    let Some(unescaped) = percent_decoded(payload) else {
        return refuse(ProblemKind::BadPercentEscape);
    };
    let decoding = base64::decode(&unescaped);
    let text = String::from_utf8(decoding.bytes).ok().filter(|_| decoding.broken_at_character.is_none());
    let Some(objects) = text.as_deref().and_then(objects) else {
        return refuse(ProblemKind::NotATemplate);
    };
    if !decoding.canonical {
        problems.push(Problem::new("path", ProblemKind::Base64NotCanonical));
    }
    let fields = nest(&objects, "", problems, |id, value, problems| {
        if id != GENERAL_PAYLOAD {
            return Value::Text(value.into());
        }
        let Some(objects) = self::objects(value) else {
            problems.push(Problem::new(id, ProblemKind::NotATemplate));
            return Value::Text(value.into());
        };
        Value::Template(nest(&objects, "GPLD.", problems, read_object))
    });
    if find(&fields, GENERAL_PAYLOAD).is_none() {
        problems.push(Problem::new(GENERAL_PAYLOAD, ProblemKind::Missing));
    }
    fields
}

/// The fields in an object of the general payload, or its text.
fn read_object(id: &str, value: &str, problems: &mut Vec<Problem>) -> Value {
    let path = format!("{GENERAL_PAYLOAD}.{id}");
    let elements: Result<Vec<_>, _> = Elements::of(value).collect();
    match (id, elements) {
        (CODE_DATA | ISSUER_DATA, Ok(elements)) if !elements.is_empty() => {
            let pairs: Vec<(&str, &str)> = elements.iter().map(|element| (element.id, element.value)).collect();
            Value::Template(nest(&pairs, &format!("{path}."), problems, |_, value, _| Value::Text(value.into())))
        }
        (CODE_DATA | ISSUER_DATA, _) => {
            problems.push(Problem::new(path, ProblemKind::NotATemplate));
            Value::Text(value.into())
        }
        (PAYLOAD_VERSION, _) if value != VERSION => {
            problems.push(Problem::new(path, ProblemKind::UnexpectedValue));
            Value::Text(value.into())
        }
        _ => Value::Text(value.into()),
    }
}

/// Fields out of ids and values; of a repeated id only the first, with a problem.
fn nest(
    pairs: &[(&str, &str)],
    outer: &str,
    problems: &mut Vec<Problem>,
    mut read: impl FnMut(&str, &str, &mut Vec<Problem>) -> Value,
) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for (id, value) in pairs {
        if find(&fields, id).is_none() {
            let value = read(id, value, problems);
            fields.push(Field { id: (*id).into(), value });
        } else {
            let problem = Problem::new(format!("{outer}{id}"), ProblemKind::RepeatedId);
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
    }
    fields
}

/// The objects that a text consists of, at least one; `None` if it cannot be read to its end.
fn objects(text: &str) -> Option<Vec<(&str, &str)>> {
    let mut rest = text;
    let mut objects = Vec::new();
    while !rest.is_empty() {
        let (id, after) = rest.split_at_checked(ID_LETTERS)?;
        let (length, after) = after.split_at_checked(LENGTH_DIGITS)?;
        if !is_id(id) || !length.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let length: usize = length.parse().ok()?;
        let end = after.char_indices().map(|(at, _)| at).chain([after.len()]).nth(length)?;
        let (value, after) = after.split_at_checked(end)?;
        objects.push((id, value));
        rest = after;
    }
    (!objects.is_empty()).then_some(objects)
}

fn is_id(id: &str) -> bool {
    id.len() == ID_LETTERS && id.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// A code in the making. [`generate`](Self::generate) checks everything at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MerchantCode {
    domain: String,
    code_data: Vec<Field>,
    issuer_data: Vec<Field>,
}

impl MerchantCode {
    /// A code of this merchant on this platform, at the issuer's domain.
    #[must_use]
    pub fn new(domain: &str, platform: &str, merchant: &str, issuer: &str) -> Self {
        Self {
            domain: domain.into(),
            code_data: alloc::vec![Field::text("01", platform), Field::text("02", merchant)],
            issuer_data: alloc::vec![Field::text("01", issuer)],
        }
    }

    /// Adds a field to what says who issued it; 01 is there already.
    #[must_use]
    pub fn issuer_field(mut self, id: u8, text: &str) -> Self {
        self.issuer_data.push(Field::text(format!("{id:02}"), text));
        self
    }

    /// Adds a field to what says whose code it is; 01 and 02 are there already.
    #[must_use]
    pub fn code_field(mut self, id: u8, text: &str) -> Self {
        self.code_data.push(Field::text(format!("{id:02}"), text));
        self
    }

    /// Writes the link. The parser reads it back without a problem.
    ///
    /// # Errors
    ///
    /// [`OutOfSpecification`] for a domain that is none, ids that stand twice or have not two digits, values that are
    /// empty, too long or not printable ASCII.
    pub fn generate(&self) -> Result<String, OutOfSpecification> {
        let mut problems = Vec::new();
        if !is_host(&self.domain) {
            problems.push(Problem::new("host", ProblemKind::UnexpectedValue));
        }
        let code_data = write_fields(&self.code_data, CODE_DATA, &mut problems);
        let issuer_data = write_fields(&self.issuer_data, ISSUER_DATA, &mut problems);
        let mut objects = String::new();
        for (id, value) in [(PAYLOAD_VERSION, VERSION), (CODE_DATA, &code_data), (ISSUER_DATA, &issuer_data)] {
            write_object(&mut objects, id, value, &mut problems);
        }
        let mut payload = String::new();
        write_object(&mut payload, GENERAL_PAYLOAD, &objects, &mut problems);
        if problems.is_empty() {
            let payload = percent_encoded(&base64::encode(payload.as_bytes()));
            Ok(format!("HTTPS://{}{PATH}{payload}", self.domain.to_ascii_uppercase()))
        } else {
            Err(OutOfSpecification { problems })
        }
    }
}

fn write_fields(fields: &[Field], object: &str, problems: &mut Vec<Problem>) -> String {
    let mut written = String::new();
    let mut seen: Vec<&str> = Vec::new();
    for field in fields {
        let path = format!("{GENERAL_PAYLOAD}.{object}.{}", field.id);
        let text = field.value.as_text().unwrap_or_default();
        if seen.contains(&field.id.as_str()) {
            problems.push(Problem::new(path.as_str(), ProblemKind::RepeatedId));
        }
        seen.push(&field.id);
        if !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            problems.push(Problem::new(path.as_str(), ProblemKind::NotPrintableAscii));
        }
        problems.extend(write_field(&mut written, field, &path).err());
    }
    written
}

fn write_object(out: &mut String, id: &str, value: &str, problems: &mut Vec<Problem>) {
    let length = value.chars().count();
    if length > VALUE_CHARACTERS_MAX {
        problems.push(Problem::new(id, ProblemKind::TooLong { maximum: VALUE_CHARACTERS_MAX }));
    }
    out.push_str(&format!("{id}{length:0LENGTH_DIGITS$}{value}"));
}
