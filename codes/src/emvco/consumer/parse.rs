//! Reads consumer-presented payloads liberally.

use alloc::vec::Vec;

use super::account::upper_hex;
use super::application::Application;
use super::ber::{Contents, Elements, Object, Tag, Unread, bytes_of};
use super::rules::{self, path};
use super::{MAXIMUM_BYTES, READ_BYTES_MAX, numbered, tag};
use crate::base64;
use crate::decode::trim;
use crate::field::Field;
use crate::problem::{Problem, ProblemKind};

/// Levels of templates that are nested: 61 and 62, and within them 63 and 64. What consists of objects further in
/// stays bytes, so that no payload can make the reader go deep.
const TEMPLATE_LEVELS: u8 = 2;

/// What a payload says and what is wrong with it. Its `Debug` text leaves out the values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The objects in the order of the payload. Of a repeated tag only the first, application templates (61) apart.
    pub objects: Vec<Object>,
    /// Everything that is not as the specification has it.
    pub problems: Vec<Problem>,
    /// False for broken outer structure, a payload that does not begin with tag 85 or has no application template, and
    /// a repeated tag; nothing else.
    pub valid: bool,
}

impl Parsed {
    /// The applications, of which the shop's terminal chooses one. They stand in the customer's order of preference.
    pub fn applications(&self) -> impl Iterator<Item = Application<'_>> {
        let of = |tag| self.objects.iter().filter(move |object| object.tag == tag);
        let common = of(tag::COMMON_DATA_TEMPLATE).next().map(Object::objects).unwrap_or_default();
        of(tag::APPLICATION_TEMPLATE).map(move |object| Application { own: object.objects(), common })
    }

    /// The payload's version: `CPV01`.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        core::str::from_utf8(bytes_of(&self.objects, tag::PAYLOAD_FORMAT_INDICATOR)?).ok()
    }

    /// The objects as fields: ids are tags, values hex digits, both in capitals. The second application template is
    /// `61#2`.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        fields(&self.objects)
    }
}

fn fields(objects: &[Object]) -> Vec<Field> {
    let mut applications = 0_usize;
    let one = |object: &Object| {
        let mut id = alloc::format!("{}", object.tag);
        if object.tag == tag::APPLICATION_TEMPLATE {
            applications = applications.saturating_add(1);
            id = numbered(object.tag, applications);
        }
        match &object.contents {
            Contents::Bytes(bytes) => Field::text(id, upper_hex(bytes)),
            // At most `TEMPLATE_LEVELS` deep.
            Contents::Objects(inner) => Field::template(id, fields(inner)),
        }
    };
    objects.iter().map(one).collect()
}

/// Reads any text as a consumer-presented payload: BER-TLV in base64.
///
/// White space around it, missing padding and filler bytes behind the last object are ignored and reported.
#[must_use]
pub fn parse(text: &str) -> Parsed {
    let payload = trim(text);
    let mut problems = Vec::new();
    if payload.len() != text.len() {
        problems.push(Problem::new("", ProblemKind::SurroundingSpace));
    }
    // Nothing that a QR code can hold is longer, and the work is bounded.
    let characters_max = base64::character_of_byte(READ_BYTES_MAX);
    let (payload, is_cut) = match payload.char_indices().nth(characters_max) {
        Some((at, _)) => (payload.get(..at).unwrap_or_default(), true),
        None => (payload, false),
    };
    let decoding = base64::decode(payload);
    if decoding.bytes.len() > MAXIMUM_BYTES || is_cut {
        let maximum = base64::encode(&[0; MAXIMUM_BYTES]).len();
        problems.push(Problem::new("", ProblemKind::CodeTooLong { maximum }));
    }
    if is_cut {
        let at_character = characters_max;
        problems.push(Problem::new("", ProblemKind::BrokenStructure { at_character }));
    } else if let Some(at_character) = decoding.broken_at_character {
        problems.push(Problem::new("", ProblemKind::BrokenStructure { at_character }));
    } else if !decoding.canonical {
        problems.push(Problem::new("", ProblemKind::Base64NotCanonical));
    }

    let (objects, unread) = read_objects(&decoding.bytes, TEMPLATE_LEVELS, "", &mut problems);
    let is_broken = problems.iter().any(|one| matches!(one.kind, ProblemKind::BrokenStructure { .. }));
    if let Some(Unread(rest)) = unread.filter(|_| !is_broken) {
        let at_character = base64::character_of_byte(decoding.bytes.len().saturating_sub(rest.len()));
        problems.push(Problem::new("", ProblemKind::BrokenStructure { at_character }));
    }
    problems.extend(rules::check(&objects));
    Parsed { valid: !problems.iter().any(|problem| problem.kind.invalidates()), objects, problems }
}

/// Reads objects and, through at most so many further levels, the objects in them; answers what it could not read.
fn read_objects<'a>(
    bytes: &'a [u8],
    levels: u8,
    outer: &str,
    problems: &mut Vec<Problem>,
) -> (Vec<Object>, Option<Unread<'a>>) {
    let mut objects: Vec<Object> = Vec::new();
    let mut repeated: Vec<Tag> = Vec::new();
    let mut applications = 0_usize;
    for element in Elements::of(bytes) {
        let element = match element {
            Ok(element) => element,
            Err(Unread(rest)) if !objects.is_empty() && is_filler(rest) => {
                problems.push(Problem::new(outer, ProblemKind::TrailingBytes));
                break;
            }
            Err(unread) => return (objects, Some(unread)),
        };
        let mut id = alloc::format!("{}", element.tag);
        if outer.is_empty() && element.tag == tag::APPLICATION_TEMPLATE {
            applications = applications.saturating_add(1);
            id = numbered(element.tag, applications);
        } else if objects.iter().any(|object| object.tag == element.tag) {
            if !repeated.contains(&element.tag) {
                repeated.push(element.tag);
                problems.push(Problem::new(path(outer, &id), ProblemKind::RepeatedId));
            }
            continue;
        }
        let here = path(outer, &id);
        if !element.length_is_shortest {
            problems.push(Problem::new(here.as_str(), ProblemKind::LengthNotShortest));
        }
        let contents = read_contents(element.tag, element.value, levels, &here, problems);
        objects.push(Object { tag: element.tag, contents });
    }
    (objects, None)
}

/// A template's objects if all of it can be read, else its bytes.
fn read_contents(tag: Tag, value: &[u8], levels: u8, path: &str, problems: &mut Vec<Problem>) -> Contents {
    let bytes = || Contents::Bytes(value.into());
    let Some(levels) = levels.checked_sub(1).filter(|_| tag.is_constructed() && !value.is_empty()) else {
        return bytes();
    };
    let mut found = Vec::new();
    match read_objects(value, levels, path, &mut found) {
        (objects, None) => {
            problems.append(&mut found);
            Contents::Objects(objects)
        }
        _ => {
            problems.push(Problem::new(path, ProblemKind::NotATemplate));
            bytes()
        }
    }
}

/// ISO/IEC 7816-4 allows 00 and FF between and behind objects.
fn is_filler(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, 0x00 | 0xFF))
}

/// The text that these bytes are, if they are printable ASCII.
pub(super) fn printable(bytes: &[u8]) -> Option<&str> {
    let text = core::str::from_utf8(bytes).ok()?;
    text.bytes().all(|byte| matches!(byte, b' '..=b'~')).then_some(text)
}
