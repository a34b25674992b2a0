//! The structure of consumer-presented payloads: BER-TLV as cards write it (ISO/IEC 7816-4, annex on BER-TLV; EMV book 3,
//! annex B).

use alloc::vec::Vec;
use core::fmt;

/// Bits of a tag's first byte that, all set, announce further bytes.
const TAG_CONTINUES: u8 = 0x1F;
/// The bit of a tag's first byte that says: the value consists of objects.
const TAG_CONSTRUCTED: u8 = 0x20;
/// The bit of any byte but the last that says: one more follows. In a length: the long form.
const ONE_MORE: u8 = 0x80;
/// The most bytes of a tag that are read. The specifications use two.
const TAG_BYTES_MAX: usize = 4;
/// The most bytes of a length in its long form that are read. Two suffice for any QR code.
const LENGTH_BYTES_MAX: usize = 4;
/// The longest value whose length is written in one byte, bytes.
const SHORT_LENGTH_MAX: usize = 127;

/// A tag of one to four bytes. Its text is their hex digits in capitals: `4F`, `5F20`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag(u32);

impl Tag {
    /// The tag whose bytes are those of this number, leading zero bytes left out. A number that is no well-formed tag
    /// can be made; writing it is refused, because no reader would find it again.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// Whether the value consists of objects.
    #[must_use]
    pub fn is_constructed(self) -> bool {
        self.bytes().next().is_some_and(|first| first & TAG_CONSTRUCTED != 0)
    }

    /// Whether a reader would read exactly these bytes as one tag.
    #[must_use]
    pub fn is_well_formed(self) -> bool {
        let bytes: Vec<u8> = self.bytes().collect();
        matches!(read_tag(&bytes), Some((tag, [])) if tag == self)
    }

    fn bytes(self) -> impl Iterator<Item = u8> {
        self.0.to_be_bytes().into_iter().skip_while(|byte| *byte == 0)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02X}", self.0)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// One object of the tree. Its `Debug` text leaves out the value, which may be a card number.
#[derive(Clone, PartialEq, Eq)]
pub struct Object {
    /// What it is.
    pub tag: Tag,
    /// What it holds.
    pub contents: Contents,
}

impl fmt::Debug for Object {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.contents {
            Contents::Bytes(bytes) => write!(formatter, "{}({} bytes)", self.tag, bytes.len()),
            Contents::Objects(objects) => write!(formatter, "{}{objects:?}", self.tag),
        }
    }
}

/// What an object holds.
#[derive(Clone, PartialEq, Eq)]
pub enum Contents {
    /// Bytes; of a template too, when they cannot be read as objects.
    Bytes(Vec<u8>),
    /// Objects, at least one.
    Objects(Vec<Object>),
}

impl Object {
    /// An object that holds bytes.
    pub fn bytes(tag: Tag, bytes: impl Into<Vec<u8>>) -> Self {
        Self { tag, contents: Contents::Bytes(bytes.into()) }
    }

    /// The bytes, if it holds bytes.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match &self.contents {
            Contents::Bytes(bytes) => Some(bytes),
            Contents::Objects(_) => None,
        }
    }

    /// The objects in it; none if it holds bytes.
    #[must_use]
    pub fn objects(&self) -> &[Object] {
        match &self.contents {
            Contents::Bytes(_) => &[],
            Contents::Objects(objects) => objects,
        }
    }
}

/// The bytes of the first object with this tag.
#[must_use]
pub fn bytes_of(objects: &[Object], tag: Tag) -> Option<&[u8]> {
    objects.iter().find(|object| object.tag == tag)?.as_bytes()
}

/// One element as it stands in the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element<'a> {
    pub tag: Tag,
    pub value: &'a [u8],
    /// Whether the length stands in the fewest bytes that can hold it.
    pub length_is_shortest: bool,
}

/// The bytes from the first place that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unread<'a>(pub &'a [u8]);

/// Reads element after element; after the first that cannot be read it ends.
#[derive(Debug, Clone)]
pub(super) struct Elements<'a> {
    rest: &'a [u8],
}

impl<'a> Elements<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Result<Element<'a>, Unread<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        match read_element(self.rest) {
            Some((element, rest)) => {
                self.rest = rest;
                Some(Ok(element))
            }
            None => {
                let unread = Unread(self.rest);
                self.rest = &[];
                Some(Err(unread))
            }
        }
    }
}

fn read_element(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (tag, rest) = read_tag(bytes)?;
    let (length, length_is_shortest, rest) = read_length(rest)?;
    let (value, rest) = rest.split_at_checked(length)?;
    Some((Element { tag, value, length_is_shortest }, rest))
}

fn read_tag(bytes: &[u8]) -> Option<(Tag, &[u8])> {
    let (first, mut rest) = bytes.split_first()?;
    // 00 and FF stand between objects as filler and begin none (ISO/IEC 7816-4).
    if matches!(first, 0x00 | 0xFF) {
        return None;
    }
    let mut number = u32::from(*first);
    if first & TAG_CONTINUES != TAG_CONTINUES {
        return Some((Tag(number), rest));
    }
    for _ in 1..TAG_BYTES_MAX {
        let (next, after) = rest.split_first()?;
        rest = after;
        number = number.wrapping_shl(u8::BITS) | u32::from(*next);
        if next & ONE_MORE == 0 {
            return Some((Tag(number), rest));
        }
    }
    None
}

/// The length, whether it stands in the fewest bytes, and what follows. The indefinite form (80) is not read: the
/// specifications do not use it.
fn read_length(bytes: &[u8]) -> Option<(usize, bool, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    if first & ONE_MORE == 0 {
        return Some((usize::from(*first), true, rest));
    }
    let count = usize::from(first & !ONE_MORE);
    if !(1..=LENGTH_BYTES_MAX).contains(&count) {
        return None;
    }
    let (digits, rest) = rest.split_at_checked(count)?;
    let length = digits.iter().fold(0_u32, |length, digit| length.wrapping_shl(u8::BITS) | u32::from(*digit));
    let length = usize::try_from(length).ok()?;
    let shortest = length > SHORT_LENGTH_MAX && digits.first() != Some(&0);
    Some((length, shortest, rest))
}

/// Appends an object, lengths in their shortest form. How deep it may nest is the caller's to bound.
pub(super) fn write_object(out: &mut Vec<u8>, object: &Object) {
    let mut inner = Vec::new();
    let value = match &object.contents {
        Contents::Bytes(bytes) => bytes,
        Contents::Objects(objects) => {
            for object in objects {
                write_object(&mut inner, object);
            }
            &inner
        }
    };
    out.extend(object.tag.bytes());
    write_length(out, value.len());
    out.extend_from_slice(value);
}

fn write_length(out: &mut Vec<u8>, length: usize) {
    if length > SHORT_LENGTH_MAX {
        let digits: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
        out.push(ONE_MORE | u8::try_from(digits.len()).unwrap_or(0));
        out.extend(digits);
    } else {
        out.extend(u8::try_from(length));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    /// What the first element is: tag, length, shortest; `None` if it cannot be read.
    fn first(bytes: &[u8]) -> Option<(u32, usize, bool)> {
        let element = Elements::of(bytes).next()?.ok()?;
        Some((element.tag.0, element.value.len(), element.length_is_shortest))
    }

    #[test]
    fn tags_and_lengths_are_read_as_the_standard_has_them() {
        let long = |head: &[u8], length: usize| [head, &alloc::vec![0x41; length]].concat();
        #[rustfmt::skip]
        let table = [
            (long(&[0x4F, 0x00], 0), Some((0x4F, 0, true))),
            (long(&[0x4F, 0x7F], 127), Some((0x4F, 127, true))),
            (long(&[0x4F, 0x81, 0x80], 128), Some((0x4F, 128, true))),
            (long(&[0x4F, 0x81, 0xFF], 255), Some((0x4F, 255, true))),
            (long(&[0x4F, 0x82, 0x01, 0x00], 256), Some((0x4F, 256, true))),
            (long(&[0x4F, 0x81, 0x7F], 127), Some((0x4F, 127, false))),
            (long(&[0x4F, 0x82, 0x00, 0x80], 128), Some((0x4F, 128, false))),
            (long(&[0x4F, 0x84, 0x00, 0x00, 0x00, 0x01], 1), Some((0x4F, 1, false))),
            (long(&[0x5F, 0x20, 0x01], 1), Some((0x5F20, 1, true))),
            (long(&[0x9F, 0x81, 0x01, 0x01], 1), Some((0x9F_8101, 1, true))),
            (long(&[0x9F, 0x81, 0x81, 0x01, 0x01], 1), Some((0x9F81_8101, 1, true))),
            // Five bytes of tag, an unfinished tag, no length, the indefinite length, five bytes of length.
            (long(&[0x9F, 0x81, 0x81, 0x81, 0x01, 0x01], 1), None),
            (long(&[0x9F], 0), None),
            (long(&[0x9F, 0x81], 0), None),
            (long(&[0x4F], 0), None),
            (long(&[0x4F, 0x80, 0x00, 0x00], 0), None),
            (long(&[0x4F, 0x85, 0, 0, 0, 0, 1], 1), None),
            (long(&[0x4F, 0x84, 0xFF, 0xFF, 0xFF, 0xFF], 9), None),
            (long(&[0x4F, 0x02], 1), None),
            (long(&[0x4F, 0x81], 0), None),
            (long(&[0x00, 0x01], 1), None),
            (long(&[0xFF, 0x01, 0x01], 1), None),
        ];
        for (bytes, expected) in table {
            let shown: Vec<u8> = bytes.iter().take(8).copied().collect();
            assert_eq!(first(&bytes), expected, "{shown:02X?}");
        }
    }

    #[test]
    fn lengths_are_written_in_their_shortest_form() {
        for (length, head) in [
            (0, &[0x5F, 0x20, 0x00][..]),
            (127, &[0x5F, 0x20, 0x7F]),
            (128, &[0x5F, 0x20, 0x81, 0x80]),
            (256, &[0x5F, 0x20, 0x82, 0x01, 0x00]),
        ] {
            let mut out = Vec::new();
            write_object(&mut out, &Object::bytes(Tag::new(0x5F20), alloc::vec![7; length]));
            assert_eq!(out, [head, &alloc::vec![7; length]].concat());
        }
    }

    #[test]
    fn tags_know_their_form_and_debug_hides_values() {
        for (number, constructed, well_formed, text) in [
            (0x61, true, true, "61"),
            (0x4F, false, true, "4F"),
            (0x5F20, false, true, "5F20"),
            (0xBF0C, true, true, "BF0C"),
            (0x9F_8101, false, true, "9F8101"),
            (0x9F, false, false, "9F"),
            (0x4F01, false, false, "4F01"),
            (0x9F81, false, false, "9F81"),
            (0, false, false, "00"),
        ] {
            let tag = Tag::new(number);
            assert_eq!((tag.is_constructed(), tag.is_well_formed()), (constructed, well_formed), "{text}");
            assert_eq!(format!("{tag}"), text);
        }
        let card = Object::bytes(Tag::new(0x5A), [0x12, 0x34]);
        let template = Object { tag: Tag::new(0x61), contents: Contents::Objects(alloc::vec![card]) };
        assert_eq!(format!("{template:?}"), "61[5A(2 bytes)]");
    }
}
