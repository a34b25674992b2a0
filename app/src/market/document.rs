//! A pack's text with the line of everything in it, so that whatever is wrong is said with its place.

use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What is wrong with a pack, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PackError {
    /// The line, 1 for the first.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

/// A TOML text, read once without meaning.
pub struct Document<'t> {
    text: &'t str,
    root: Spanned<DeTable<'t>>,
}

impl<'t> Document<'t> {
    /// Reads a text.
    ///
    /// # Errors
    /// It is not TOML.
    pub fn parse(text: &'t str) -> Result<Self, PackError> {
        match DeTable::parse(text) {
            Ok(root) => Ok(Self { text, root }),
            Err(error) => Err(toml_error(text, &error)),
        }
    }

    /// The whole table.
    #[must_use]
    pub fn root(&self) -> &DeTable<'t> {
        self.root.get_ref()
    }

    /// The line of a place such as `kyc_tiers.1.rank` (the second tier's rank); of the nearest thing around it if it
    /// is not there.
    #[must_use]
    pub fn line_of(&self, path: &str) -> usize {
        let mut steps = path.split('.');
        let Some((key, mut value)) = steps.next().and_then(|step| self.root().get_key_value(step)) else { return 1 };
        let mut line = self.line_at(key.span());
        for step in steps {
            match value.get_ref() {
                DeValue::Table(table) => match table.get_key_value(step) {
                    Some((key, inner)) => (line, value) = (self.line_at(key.span()), inner),
                    None => break,
                },
                DeValue::Array(items) => match step.parse().ok().and_then(|index: usize| items.get(index)) {
                    Some(item) => (line, value) = (self.line_at(item.span()), item),
                    None => break,
                },
                _ => break,
            }
        }
        line
    }

    /// The line on which a part of the text begins.
    #[must_use]
    pub fn line_at(&self, span: Range<usize>) -> usize {
        line_at(self.text, span.start)
    }

    /// A value as people wrote it, on one line and without quotation marks.
    #[must_use]
    pub fn show(&self, value: &Spanned<DeValue<'_>>) -> String {
        match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            _ => {
                let written = self.text.get(value.span()).unwrap_or_default();
                written.split_whitespace().collect::<Vec<_>>().join(" ")
            }
        }
    }
}

/// The same for an error of the TOML reader.
pub fn toml_error(text: &str, error: &toml::de::Error) -> PackError {
    let line = error.span().map_or(1, |span| line_at(text, span.start));
    let reason = error.message().lines().collect::<Vec<_>>().join("; ");
    PackError { line, reason }
}

fn line_at(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_their_lines() {
        let text = "a = 1\n\n[t]\nb = { value = 2 }\nlist = [\n  { c = 1 },\n  { c = 2 },\n]\n[[row]]\nx = 1\n[[row]]\nx = 2\n";
        let document = Document::parse(text).unwrap();
        for (path, line) in [
            ("a", 1),
            ("t", 3),
            ("t.b", 4),
            ("t.b.value", 4),
            ("t.missing", 3),
            ("t.list.0.c", 6),
            ("t.list.1.c", 7),
            ("t.list.1.missing", 7),
            ("row.0.x", 10),
            ("row.1.x", 12),
            ("row.1.missing", 11),
            ("missing", 1),
        ] {
            assert_eq!(document.line_of(path), line, "{path}");
        }
    }

    #[test]
    fn what_is_no_toml_has_a_line_too() {
        for (text, line) in [("a = 1\nb = \n", 2), ("a = 1\na = 2\n", 2), ("[x\n", 1)] {
            assert_eq!(Document::parse(text).err().map(|error| error.line), Some(line), "{text:?}");
        }
    }
}
