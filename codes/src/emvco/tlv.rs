//! The structure of merchant-presented payloads: a two-digit id, a two-digit length, a value (EMVCo MPM 1.1).
//!
//! Lengths count characters (Unicode code points), not bytes.

use alloc::format;
use alloc::string::String;

use crate::field::{Field, Value};
use crate::problem::{Problem, ProblemKind};

/// The longest value that a two-digit length can announce, in characters.
pub const MAXIMUM_VALUE_CHARACTERS: usize = 99;

/// One element as it stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    /// The id: two digits.
    pub id: &'a str,
    /// The value, as long as its length field says.
    pub value: &'a str,
    /// The text from its beginning to the end of this element's length field: what a checksum covers.
    pub up_to_value: &'a str,
}

/// What ends an unreadable text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    /// Characters before the element that cannot be read.
    pub at_character: usize,
}

/// Reads element after element; after the first that cannot be read it ends.
#[derive(Debug, Clone)]
pub struct Elements<'a> {
    whole: &'a str,
    rest: &'a str,
}

impl<'a> Elements<'a> {
    /// Reads this text.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        Self { whole: text, rest: text }
    }

    fn read(&self) -> Option<(Element<'a>, &'a str)> {
        let (id, rest) = split_characters(self.rest, 2)?;
        two_digits(id)?;
        let (length, rest) = split_characters(rest, 2)?;
        let up_to_value = self.whole.get(..self.whole.len().checked_sub(rest.len())?)?;
        let (value, rest) = split_characters(rest, two_digits(length)?.into())?;
        let element = Element { id, value, up_to_value };
        Some((element, rest))
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Result<Element<'a>, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        match self.read() {
            Some((element, rest)) => {
                self.rest = rest;
                Some(Ok(element))
            }
            None => {
                let read = self.whole.strip_suffix(self.rest).unwrap_or_default();
                self.rest = "";
                Some(Err(Broken { at_character: read.chars().count() }))
            }
        }
    }
}

/// The number that two ASCII digits write; `None` for any other text.
#[must_use]
pub fn two_digits(text: &str) -> Option<u8> {
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// Appends one field; a template's fields are written into its value.
///
/// # Errors
///
/// `IdOutOfRange` for an id that is not two digits, `Empty` and `TooLong` for a value that no length field can
/// announce. `path` is where the field stands, for the problem.
pub fn write_field(out: &mut String, field: &Field, path: &str) -> Result<(), Problem> {
    let refuse = |kind| Err(Problem::new(path, kind));
    if two_digits(&field.id).is_none() {
        return refuse(ProblemKind::IdOutOfRange);
    }
    let inner;
    let value = match &field.value {
        Value::Text(text) => text,
        Value::Template(fields) => {
            let mut written = String::new();
            for field in fields {
                write_field(&mut written, field, &format!("{path}.{}", field.id))?;
            }
            inner = written;
            &inner
        }
    };
    match value.chars().count() {
        0 => refuse(ProblemKind::Empty),
        length if length > MAXIMUM_VALUE_CHARACTERS => {
            refuse(ProblemKind::TooLong { maximum: MAXIMUM_VALUE_CHARACTERS })
        }
        length => {
            out.push_str(&format!("{}{length:02}{value}", field.id));
            Ok(())
        }
    }
}

/// Splits after this many characters; `None` when there are fewer.
fn split_characters(text: &str, count: usize) -> Option<(&str, &str)> {
    let Some(before_last) = count.checked_sub(1) else {
        return Some(("", text));
    };
    let (start, last) = text.char_indices().nth(before_last)?;
    text.split_at_checked(start.checked_add(last.len_utf8())?)
}
