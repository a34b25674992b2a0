//! Codes that are lines of text in a fixed order: EPC and Swiss QR.
//!
//! Each line has a path, ids joined by dots, which says where its field stands in the tree.

use alloc::string::String;
use alloc::vec::Vec;

use crate::field::{Field, Value, text_at};
use crate::problem::{Problem, ProblemKind};

/// The lines of a text. They end with a line feed, before which a carriage return may stand.
pub(crate) fn split(text: &str) -> Vec<&str> {
    text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect()
}

/// The fields of these lines, empty lines among them, so that they can be written again as they were. Lines beyond
/// the last path are left out.
pub(crate) fn to_fields(lines: &[&str], paths: &[&str]) -> Vec<Field> {
    let mut fields = Vec::new();
    for (path, line) in paths.iter().zip(lines) {
        insert(&mut fields, path, line);
    }
    fields
}

/// Puts a text at a path, making the templates on the way. What stands there already is kept.
pub(crate) fn insert(fields: &mut Vec<Field>, path: &str, text: &str) {
    let Some((first, rest)) = path.split_once('.') else {
        fields.push(Field::text(path, text));
        return;
    };
    if !fields.iter().any(|field| field.id == first && field.value.as_template().is_some()) {
        fields.push(Field::template(first, Vec::new()));
    }
    let template = fields.iter_mut().find_map(|field| match &mut field.value {
        Value::Template(inner) if field.id == first => Some(inner),
        _ => None,
    });
    if let Some(template) = template {
        insert(template, rest, text);
    }
}

/// The path and the text of every field that holds text, in the order of the tree.
pub(crate) fn leaves(fields: &[Field]) -> Vec<(String, &str)> {
    let mut found = Vec::new();
    for field in fields {
        match &field.value {
            Value::Text(text) => found.push((field.id.clone(), text.as_str())),
            Value::Template(inner) => {
                found.extend(
                    leaves(inner).into_iter().map(|(path, text)| (alloc::format!("{}.{path}", field.id), text)),
                );
            }
        }
    }
    found
}

/// Writes the lines up to the last one that there is a field for.
///
/// # Errors
///
/// `UnknownName` for a field that has no line, `ControlCharacter` for a value that would not stay on its line.
pub(crate) fn write(fields: &[Field], paths: &[&str]) -> Result<String, Problem> {
    for (path, text) in leaves(fields) {
        if !paths.contains(&path.as_str()) {
            return Err(Problem::new(path, ProblemKind::UnknownName));
        }
        if text.contains(['\n', '\r']) {
            return Err(Problem::new(path, ProblemKind::ControlCharacter));
        }
    }
    let texts: Vec<Option<&str>> = paths.iter().map(|path| text_at(fields, path)).collect();
    let count = texts.iter().rposition(Option::is_some).map_or(0, |last| last.saturating_add(1));
    let lines: Vec<&str> = texts.into_iter().take(count).map(Option::unwrap_or_default).collect();
    Ok(lines.join("\n"))
}
