//! The little XML that these files need: a writer that escapes, and a reader that is total and bounded.
//!
//! The reader takes UTF-8 with elements, attributes, text, the five predefined entities and character references. It refuses document
//! types, other entities, more than [`DEPTH_MAX`] levels and more than [`FILE_MAX_BYTES`]; namespaces are taken off the names.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// The longest file, bytes: some thousand payments.
pub const FILE_MAX_BYTES: usize = 4 << 20;
/// How deep elements may be nested: the messages here have about a dozen levels.
pub const DEPTH_MAX: usize = 32;

/// What is wrong with a file, in words, without its content.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct XmlError(pub String);

impl fmt::Display for XmlError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for XmlError {}

fn wrong<T>(what: impl Into<String>) -> Result<T, XmlError> {
    Err(XmlError(what.into()))
}

/// An element with what is in it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Element {
    /// Its name, without prefix.
    pub name: String,
    /// Its attributes, the names without prefix; declarations of namespaces among them.
    pub attributes: Vec<(String, String)>,
    /// All text directly in it, without blanks at both ends.
    pub text: String,
    /// The elements in it.
    pub children: Vec<Element>,
}

impl Element {
    /// The first element of this name directly in it.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All of them.
    pub fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The element at the end of this way down, always the first of a name.
    #[must_use]
    pub fn at(&self, way: &[&str]) -> Option<&Self> {
        way.iter().try_fold(self, |element, name| element.child(name))
    }

    /// The text at the end of this way down.
    #[must_use]
    pub fn text_at(&self, way: &[&str]) -> Option<&str> {
        self.at(way).map(|element| element.text.as_str())
    }

    /// The same where it must be there.
    ///
    /// # Errors
    /// It is not, or is empty.
    pub fn need(&self, way: &[&str]) -> Result<&str, XmlError> {
        match self.text_at(way).filter(|text| !text.is_empty()) {
            Some(text) => Ok(text),
            None => wrong(format!("{} has no {}", self.name, way.join("/"))),
        }
    }

    /// An attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Reads a file.
///
/// # Errors
/// [`XmlError`].
pub fn read(bytes: &[u8]) -> Result<Element, XmlError> {
    if bytes.len() > FILE_MAX_BYTES {
        return wrong(format!("it has more than {FILE_MAX_BYTES} bytes"));
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return wrong("it is not UTF-8") };
    let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    // Elements that are open, the root first.
    let mut open: Vec<Element> = Vec::new();
    let mut root: Option<Element> = None;
    loop {
        let event = reader.read_event().map_err(|error| XmlError(format!("it is not XML: {error}")))?;
        match event {
            Event::Start(start) => {
                if open.len() >= DEPTH_MAX {
                    return wrong(format!("it has more than {DEPTH_MAX} levels"));
                }
                open.push(element(&start)?);
            }
            Event::Empty(start) => close(element(&start)?, &mut open, &mut root)?,
            Event::End(_) => {
                let Some(ended) = open.pop() else { return wrong("an element ends that has not begun") };
                close(ended, &mut open, &mut root)?;
            }
            Event::Text(text) => say(&mut open, &text.xml10_content())?,
            Event::CData(text) => say(&mut open, &text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let character =
                    reference.resolve_char_ref().map_err(|_| XmlError("a character is no character".into()))?;
                match (character, resolve_predefined_entity(&reference)) {
                    (Some(character), _) => say(&mut open, character.encode_utf8(&mut [0; 4]))?,
                    (None, Some(text)) => say(&mut open, text)?,
                    (None, None) => return wrong("an entity is not one of the five"),
                }
            }
            Event::DocType(_) => return wrong("document types are not read"),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
            Event::Eof => break,
        }
    }
    match root {
        Some(root) if open.is_empty() => Ok(root),
        _ => wrong("it has no whole element"),
    }
}

fn element(start: &BytesStart<'_>) -> Result<Element, XmlError> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| XmlError(format!("an attribute is wrong: {error}")))?;
        let value = attribute.normalized_value(XmlVersion::default());
        let value = value.map_err(|error| XmlError(format!("an attribute is wrong: {error}")))?;
        attributes.push((attribute.key.local_name().as_ref().to_owned(), value.into_owned()));
    }
    let name = start.local_name().as_ref().to_owned();
    Ok(Element { name, attributes, ..Element::default() })
}

fn close(mut ended: Element, open: &mut [Element], root: &mut Option<Element>) -> Result<(), XmlError> {
    ended.text = ended.text.trim().to_owned();
    match open.last_mut() {
        Some(parent) => parent.children.push(ended),
        None if root.is_none() => *root = Some(ended),
        None => return wrong("it has more than one element at the top"),
    }
    Ok(())
}

fn say(open: &mut [Element], text: &str) -> Result<(), XmlError> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return wrong("there is text outside of all elements"),
    }
    Ok(())
}

/// A file that is being written.
#[derive(Debug)]
pub struct Writer {
    text: String,
    open: Vec<&'static str>,
}

impl Writer {
    /// Begins a document of this namespace.
    #[must_use]
    pub fn document(namespace: &str) -> Self {
        let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"{}\">\n", escape(namespace));
        Self { text, open: vec!["Document"] }
    }

    /// Opens an element.
    pub fn open(&mut self, name: &'static str) -> &mut Self {
        self.indent();
        self.write(format_args!("<{name}>\n"));
        self.open.push(name);
        self
    }

    /// Closes the element that was opened last.
    pub fn close(&mut self) -> &mut Self {
        if let Some(name) = self.open.pop() {
            self.indent();
            self.write(format_args!("</{name}>\n"));
        }
        self
    }

    /// Writes an element with a text.
    pub fn leaf(&mut self, name: &str, text: &str) -> &mut Self {
        self.indent();
        self.write(format_args!("<{name}>{}</{name}>\n", plain(text)));
        self
    }

    /// The same with an attribute.
    pub fn leaf_with(&mut self, name: &str, (attribute, value): (&str, &str), text: &str) -> &mut Self {
        self.indent();
        self.write(format_args!("<{name} {attribute}=\"{}\">{}</{name}>\n", plain(value), plain(text)));
        self
    }

    /// Closes whatever is open, and gives back the file.
    #[must_use]
    pub fn end(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.text
    }

    fn indent(&mut self) {
        for _ in 0..self.open.len() {
            self.text.push_str("  ");
        }
    }

    fn write(&mut self, arguments: fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _infallible = self.text.write_fmt(arguments);
    }
}

/// Escaped, and without the characters that XML cannot have at all.
fn plain(text: &str) -> Cow<'_, str> {
    let is_bad = |character: char| character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}');
    if text.contains(is_bad) { Cow::Owned(escape(text.replace(is_bad, " ")).into_owned()) } else { escape(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut writer = Writer::document("urn:x");
        writer.open("A").leaf("B", "Müller & <Sons> \"Ltd\"").leaf_with("C", ("Ccy", "E&R"), "1.00").close();
        let text = writer.end();
        let root = read(text.as_bytes()).unwrap();
        assert_eq!((root.name.as_str(), root.attribute("xmlns")), ("Document", Some("urn:x")));
        assert_eq!(root.need(&["A", "B"]).unwrap(), "Müller & <Sons> \"Ltd\"");
        let c = root.at(&["A", "C"]).unwrap();
        assert_eq!((c.attribute("Ccy"), c.text.as_str()), (Some("E&R"), "1.00"));
        assert!(root.need(&["A", "D"]).is_err());
        assert!(!plain("a\u{0}b\u{1b}").contains(char::is_control));
    }

    #[test]
    fn what_these_files_may_not_have_is_refused() {
        let deep = |levels: usize| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
        for (text, good) in [
            ("<a/>", true),
            ("\u{feff}<?xml version=\"1.0\"?><!-- c --><p:a xmlns:p=\"u\"><p:b>1</p:b></p:a>", true),
            ("<a>&#65;&amp;<![CDATA[<x>]]></a>", true),
            (&deep(DEPTH_MAX), true),
            (&deep(DEPTH_MAX + 1), false),
            ("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", false),
            ("<a>&x;</a>", false),
            ("<a>&#0;</a>", false),
            ("<a b=\"&x;\"/>", false),
            ("<a><b></a></b>", false),
            ("<a>", false),
            ("</a>", false),
            ("<a/><b/>", false),
            ("<a/>text", false),
            ("", false),
            ("text", false),
        ] {
            assert_eq!(read(text.as_bytes()).is_ok(), good, "{text:.60}");
        }
        assert!(read(&[0xff, b'<', b'a', b'/', b'>']).is_err());
        assert!(read(&vec![b' '; FILE_MAX_BYTES + 1]).is_err());
    }
}
