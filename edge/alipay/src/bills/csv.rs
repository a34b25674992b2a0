//! The text of a bill: comma-separated fields, lines that end with CR LF, GBK bytes.

use encoding_rs::{Encoder, EncoderResult, GBK};

/// What a spreadsheet may take for the beginning of a formula, and what a reader of bills takes for that of a comment; the wide
/// forms too, which some spreadsheets read as the narrow ones.
const MEANINGFUL_AT_THE_BEGINNING: [char; 9] = ['=', '+', '-', '@', '#', '＝', '＋', '－', '＠'];

/// A text that somebody else chose, as a field. Control characters and line breaks become blanks, so that a line stays a line;
/// what a spreadsheet would calculate gets an apostrophe in front; commas and quotation marks are quoted as RFC 4180 has it.
pub(super) fn field(text: &str) -> String {
    let plain: String = text.chars().map(|c| if is_invisible(c) { ' ' } else { c }).collect();
    let plain = plain.trim();
    let guarded = if plain.starts_with(MEANINGFUL_AT_THE_BEGINNING) { format!("'{plain}") } else { plain.to_owned() };
    if guarded.contains([',', '"']) { format!("\"{}\"", guarded.replace('"', "\"\"")) } else { guarded }
}

/// A long number as a field: with a tab behind it, as the platform writes it, so that a spreadsheet keeps its digits.
pub(super) fn number(text: &str) -> String {
    let field = field(text);
    if field.is_empty() || field.ends_with('"') { field } else { format!("{field}\t") }
}

fn is_invisible(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// Lines of a file.
#[derive(Default)]
pub(super) struct Lines(String);

impl Lines {
    pub(super) fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push_str("\r\n");
    }

    /// A line of fields that are already written as such.
    pub(super) fn fields<const N: usize>(&mut self, fields: &[String; N]) {
        self.line(&fields.join(","));
    }

    pub(super) fn into_gbk(self) -> Vec<u8> {
        to_gbk(&self.0)
    }
}

/// The text in GBK; what GBK has no bytes for is a question mark.
pub(super) fn to_gbk(text: &str) -> Vec<u8> {
    let mut encoder: Encoder = GBK.new_encoder();
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    loop {
        let needed = encoder.max_buffer_length_from_utf8_without_replacement(rest.len()).unwrap_or(rest.len() * 2 + 16);
        bytes.reserve(needed);
        let (result, read) = encoder.encode_from_utf8_to_vec_without_replacement(rest, &mut bytes, true);
        rest = rest.get(read..).unwrap_or_default();
        match result {
            EncoderResult::InputEmpty => return bytes,
            EncoderResult::Unmappable(_) => {
                bytes.push(b'?');
                encoder = GBK.new_encoder();
            }
            EncoderResult::OutputFull => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stay_fields() {
        let table = [
            ("Deux cafés", "Deux cafés"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=1+1", "'=1+1"),
            ("+49", "'+49"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=cmd|'/C calc'!A0", "'=cmd|'/C calc'!A0"),
            ("\u{feff}=1", "'=1"),
            ("＝1", "'＝1"),
            ("#交易合计：9笔", "'#交易合计：9笔"),
            ("a\r\n#b\u{2028}c", "a  #b c"),
            ("=a,\"b\"", "\"'=a,\"\"b\"\"\""),
            ("1=1", "1=1"),
        ];
        for (text, expected) in table {
            assert_eq!(field(text), expected, "{text:?}");
        }
        assert_eq!((number("20260331"), number(""), number("a,b")), ("20260331\t".into(), "".into(), "\"a,b\"".into()));
    }

    #[test]
    fn what_gbk_does_not_know_is_a_question_mark() {
        // GBK: 账 D5CB, 单 B5A5, é A8A6, ü A8B9; a line of Thai or an emoji has no place in it.
        let table: [(&str, &[u8]); 5] = [
            ("账单", &[0xd5, 0xcb, 0xb5, 0xa5]),
            ("é,ü", &[0xa8, 0xa6, b',', 0xa8, 0xb9]),
            ("a🍜b", b"a?b"),
            ("กา", b"??"),
            ("", b""),
        ];
        for (text, expected) in table {
            assert_eq!(to_gbk(text), expected, "{text}");
        }
    }
}
