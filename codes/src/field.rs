//! The tree of fields that every decoder answers with.

use alloc::string::String;
use alloc::vec::Vec;

/// One field: an id and what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The id as the code's own specification writes it: `"54"` in an EMVCo payload, a name elsewhere.
    pub id: String,
    /// What the field holds.
    pub value: Value,
}

impl Field {
    /// A field that holds text.
    pub fn text(id: impl Into<String>, text: impl Into<String>) -> Self {
        Self { id: id.into(), value: Value::Text(text.into()) }
    }

    /// A field that holds further fields.
    pub fn template(id: impl Into<String>, fields: Vec<Field>) -> Self {
        Self { id: id.into(), value: Value::Template(fields) }
    }
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text, as it stands in the code.
    Text(String),
    /// Further fields, in the order of the code; no id occurs twice.
    Template(Vec<Field>),
}

impl Value {
    /// The text, if this is text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Template(_) => None,
        }
    }

    /// The fields, if this is a template.
    #[must_use]
    pub fn as_template(&self) -> Option<&[Field]> {
        match self {
            Self::Text(_) => None,
            Self::Template(fields) => Some(fields),
        }
    }
}

/// The value at this id, if there is one.
#[must_use]
pub fn find<'a>(fields: &'a [Field], id: &str) -> Option<&'a Value> {
    fields.iter().find(|field| field.id == id).map(|field| &field.value)
}

/// The text at a path of ids joined by dots, such as `62.05`, if there is text.
#[must_use]
pub fn text_at<'a>(fields: &'a [Field], path: &str) -> Option<&'a str> {
    match path.split_once('.') {
        None => find(fields, path)?.as_text(),
        Some((first, rest)) => text_at(find(fields, first)?.as_template()?, rest),
    }
}
