//! Reads merchant-presented payloads liberally.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::rules::{self, Nesting};
use super::{CRC_ID, MAXIMUM_CHARACTERS};
use crate::crc::crc16;
use crate::decode::trim;
use crate::emvco::tlv::Elements;
use crate::field::{Field, Value, find};
use crate::problem::{Problem, ProblemKind};

/// What a payload says and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The fields in the order of the payload, the checksum among them. Of a repeated id only the first.
    pub fields: Vec<Field>,
    /// Everything that is not as the specification has it.
    pub problems: Vec<Problem>,
    /// False for broken outer structure, a repeated id, a wrong or missing checksum; nothing else.
    pub valid: bool,
    /// The checksum of the text up to and including the id and length of field 63; `None` without that field.
    pub computed_crc: Option<u16>,
}

/// Reads any text as a merchant-presented payload.
///
/// Lengths count characters. Templates (26-51, 62, 64, 80-99, and within them 62.50-99 and 38.01) are nested; a value
/// there that does not consist of fields stays text. White space around the payload is ignored and reported.
#[must_use]
pub fn parse(text: &str) -> Parsed {
    let payload = trim(text);
    let mut problems = Vec::new();
    if payload.len() != text.len() {
        problems.push(Problem::new("", ProblemKind::SurroundingSpace));
    }
    if payload.chars().count() > MAXIMUM_CHARACTERS {
        let maximum = MAXIMUM_CHARACTERS;
        problems.push(Problem::new("", ProblemKind::CodeTooLong { maximum }));
    }

    let mut fields: Vec<Field> = Vec::new();
    let mut repeated: Vec<&str> = Vec::new();
    let mut crc: Option<(u16, &str)> = None;
    let mut last_id = "";
    for element in Elements::of(payload) {
        let element = match element {
            Ok(element) => element,
            Err(broken) => {
                let at_character = broken.at_character;
                problems.push(Problem::new("", ProblemKind::BrokenStructure { at_character }));
                break;
            }
        };
        last_id = element.id;
        if find(&fields, element.id).is_some() {
            if !repeated.contains(&element.id) {
                repeated.push(element.id);
                problems.push(Problem::new(element.id, ProblemKind::RepeatedId));
            }
            continue;
        }
        if element.id == CRC_ID {
            crc = Some((crc16(element.up_to_value.as_bytes()), element.value));
        }
        let nesting = rules::nesting(element.id);
        let value = read_value(element.value, nesting, element.id, &mut problems);
        fields.push(Field { id: element.id.into(), value });
    }

    problems.extend(rules::check(&fields));
    check_crc(crc, last_id, &mut problems);
    Parsed {
        valid: !problems.iter().any(|problem| problem.kind.invalidates()),
        computed_crc: crc.map(|(computed, _)| computed),
        fields,
        problems,
    }
}

fn check_crc(crc: Option<(u16, &str)>, last_id: &str, problems: &mut Vec<Problem>) {
    let mut report = |kind| problems.push(Problem::new(CRC_ID, kind));
    let Some((computed, written)) = crc else {
        report(ProblemKind::MissingCrc);
        return;
    };
    let right = format!("{computed:04X}");
    if !written.eq_ignore_ascii_case(&right) {
        report(ProblemKind::WrongCrc { computed });
    } else if written != right {
        report(ProblemKind::CrcLowerCase);
    }
    if last_id != CRC_ID {
        report(ProblemKind::CrcNotLast);
    }
}

/// Reads a value as fields where it may be a template, else leaves it as text. `path` is where the value stands.
fn read_value(text: &str, nesting: Nesting, path: &str, problems: &mut Vec<Problem>) -> Value {
    let read = match nesting {
        Nesting::Text => None,
        Nesting::Template => read_template(text, path, problems),
        Nesting::TemplateOrText => read_clean(text),
    };
    match read {
        Some(fields) => Value::Template(fields),
        None => Value::Text(String::from(text)),
    }
}

/// The fields of a template of the specification. A repeated id is reported, because two readers of the same code
/// could then pay two different accounts; what cannot be read to its end is no template.
fn read_template(text: &str, path: &str, problems: &mut Vec<Problem>) -> Option<Vec<Field>> {
    let mut fields: Vec<Field> = Vec::new();
    let mut found = Vec::new();
    for element in Elements::of(text) {
        let element = element.ok()?;
        let inner_path = format!("{path}.{}", element.id);
        if find(&fields, element.id).is_some() {
            let problem = Problem::new(inner_path, ProblemKind::RepeatedId);
            if !found.contains(&problem) {
                found.push(problem);
            }
            continue;
        }
        let nesting = rules::inner_nesting(path, element.id);
        let value = read_value(element.value, nesting, &inner_path, &mut found);
        fields.push(Field { id: element.id.into(), value });
    }
    if fields.is_empty() {
        return None;
    }
    problems.append(&mut found);
    Some(fields)
}

/// The fields of a value that is as often plain text (a hash, a message in hex): only what is beyond doubt counts as
/// fields, so no id twice and nothing empty.
fn read_clean(text: &str) -> Option<Vec<Field>> {
    let mut fields: Vec<Field> = Vec::new();
    for element in Elements::of(text) {
        let element = element.ok()?;
        if element.value.is_empty() || find(&fields, element.id).is_some() {
            return None;
        }
        fields.push(Field::text(element.id, element.value));
    }
    if fields.is_empty() {
        return None;
    }
    Some(fields)
}
