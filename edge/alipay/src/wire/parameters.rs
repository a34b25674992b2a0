//! The flat map of request parameters, and the text that is signed over it.
//!
//! Source: Alipay Open Platform, "request parameters" and "signature" chapters; which client puts which parameter
//! into the query or into the body differs, so both are read and joined.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use percent_encoding::percent_decode;

use crate::codes::gateway;
use crate::wire::charset::Charset;
use crate::wire::failure::Failure;

/// Longest query string that is read, in bytes. Clients that put everything in the query stay far below it.
pub const QUERY_MAX_BYTES: usize = 64 * 1024;
/// Longest request body that is read, in bytes.
pub const BODY_MAX_BYTES: usize = 256 * 1024;
/// Most parameters that are read from query and body together.
pub const PARAMETERS_MAX: usize = 128;
/// Characters of a parameter's name that an error message shows.
const NAME_SHOWN_MAX_CHARACTERS: usize = 64;

/// All parameters of one request, percent-decoded, as raw bytes, ordered by name (byte order).
///
/// The bytes stay as they came: the signature covers them before any character set is applied. What a request in a Chinese
/// character set says is read from a second form of them, in UTF-8.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    values: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Those whose bytes are other ones in UTF-8.
    transcoded: BTreeMap<Vec<u8>, Vec<u8>>,
    charset: Charset,
    /// The names in the order in which they came.
    arrived: Vec<Vec<u8>>,
}

/// Why the parameters of a request cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParametersError {
    /// The query is longer than [`QUERY_MAX_BYTES`].
    QueryTooLong,
    /// The body is longer than [`BODY_MAX_BYTES`].
    BodyTooLong,
    /// There are more parameters than [`PARAMETERS_MAX`].
    TooMany,
    /// One name came twice with different values, so that nobody can say which one the sender signed.
    Conflict {
        /// The name, shortened for display.
        name: String,
    },
}

impl From<ParametersError> for Failure {
    fn from(error: ParametersError) -> Self {
        let detail = match error {
            ParametersError::QueryTooLong => format!("the query exceeds {QUERY_MAX_BYTES} bytes"),
            ParametersError::BodyTooLong => format!("the body exceeds {BODY_MAX_BYTES} bytes"),
            ParametersError::TooMany => format!("there are more than {PARAMETERS_MAX} parameters"),
            ParametersError::Conflict { name } => {
                format!("parameter {name} is given twice with different values")
            }
        };
        Failure::with_detail(gateway::INVALID_PARAMETER, detail)
    }
}

/// Whether parameters without a value take part in the signed text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmptyValues {
    /// They are left out, as the documentation says.
    Dropped,
    /// They stay in as `name=`, as some clients would sign them.
    Kept,
}

impl Parameters {
    /// Reads a query string (without its `?`) and a form body into one map.
    ///
    /// Both are `application/x-www-form-urlencoded` as the URL Standard parses it: `+` is a blank, a malformed
    /// percent escape stands for itself, empty pieces between `&` are skipped. A name that comes again with the same
    /// value counts once.
    ///
    /// # Errors
    /// [`ParametersError`] when a limit is passed, or when a name comes twice with different values.
    pub fn parse(query: &[u8], body: &[u8]) -> Result<Self, ParametersError> {
        if query.len() > QUERY_MAX_BYTES {
            return Err(ParametersError::QueryTooLong);
        }
        if body.len() > BODY_MAX_BYTES {
            return Err(ParametersError::BodyTooLong);
        }
        let mut parameters = Self::default();
        for part in [query, body] {
            for pair in part.split(|byte| *byte == b'&') {
                if pair.is_empty() {
                    continue;
                }
                let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
                    Some(at) => (&pair[..at], &pair[at + 1..]),
                    None => (pair, &[][..]),
                };
                parameters.insert(decoded(name), decoded(value))?;
            }
        }
        parameters.transcode();
        Ok(parameters)
    }

    /// Reads a query string and joins it with the text parts of a body that brings files, whose bytes are not encoded.
    ///
    /// # Errors
    /// As [`Parameters::parse`].
    pub fn with_texts(query: &[u8], texts: Vec<(Vec<u8>, Vec<u8>)>) -> Result<Self, ParametersError> {
        let mut parameters = Self::parse(query, b"")?;
        for (name, value) in texts {
            parameters.insert(name, value)?;
        }
        parameters.transcode();
        Ok(parameters)
    }

    /// What `charset` names, if it names one that is read.
    #[must_use]
    pub fn charset(&self) -> Charset {
        self.charset
    }

    /// Reads values in the character set that the request names. Bytes that are not of it stay as they are, and are refused as
    /// not being text by whoever reads them.
    fn transcode(&mut self) {
        self.charset = self.values.get(b"charset".as_slice()).map_or(Charset::Utf8, |name| Charset::named(name));
        let Some(encoding) = self.charset.chinese() else { return };
        for (name, value) in self.values.iter().filter(|(_, value)| !value.is_ascii()) {
            if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(value) {
                self.transcoded.insert(name.clone(), text.into_owned().into_bytes());
            }
        }
    }

    /// The names in the order in which they came, the query first.
    pub fn arrived(&self) -> impl Iterator<Item = &[u8]> {
        self.arrived.iter().map(Vec::as_slice)
    }

    /// The decoded names and values, ordered by name.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.values.iter().map(|(name, value)| (name.as_slice(), value.as_slice()))
    }

    /// Adds a decoded parameter, as one that came.
    ///
    /// # Errors
    /// [`ParametersError`] when there are too many, or when the name is there with another value.
    pub(crate) fn insert(&mut self, name: Vec<u8>, value: Vec<u8>) -> Result<(), ParametersError> {
        let count = self.values.len();
        match self.values.entry(name) {
            Entry::Vacant(entry) => {
                if count >= PARAMETERS_MAX {
                    return Err(ParametersError::TooMany);
                }
                self.arrived.push(entry.key().clone());
                entry.insert(value);
                Ok(())
            }
            Entry::Occupied(entry) if *entry.get() == value => Ok(()),
            Entry::Occupied(entry) => Err(ParametersError::Conflict {
                name: String::from_utf8_lossy(entry.key()).chars().take(NAME_SHOWN_MAX_CHARACTERS).collect(),
            }),
        }
    }

    /// The decoded value of a parameter, in UTF-8 whatever the request's character set, also when it is empty; `None` when the
    /// request does not have it.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        let name = name.as_bytes();
        self.transcoded.get(name).or_else(|| self.values.get(name)).map(Vec::as_slice)
    }

    /// True when some parameter, other than the ones named, has an empty value.
    #[must_use]
    pub fn has_empty_value(&self, excluded_names: &[&str]) -> bool {
        self.values.iter().any(|(name, value)| value.is_empty() && !is_excluded(name, excluded_names))
    }

    /// The text a signature covers: every parameter but the excluded ones, ordered by name, as `name=value` joined
    /// with `&`, over the decoded bytes.
    ///
    /// A request excludes `sign` only (its `sign_type` is signed); a notification excludes `sign` and `sign_type`.
    #[must_use]
    pub fn text_to_sign(&self, excluded_names: &[&str], empty_values: EmptyValues) -> Vec<u8> {
        let mut text = Vec::new();
        for (name, value) in &self.values {
            let dropped = value.is_empty() && empty_values == EmptyValues::Dropped;
            if dropped || is_excluded(name, excluded_names) {
                continue;
            }
            if !text.is_empty() {
                text.push(b'&');
            }
            text.extend_from_slice(name);
            text.push(b'=');
            text.extend_from_slice(value);
        }
        text
    }
}

fn is_excluded(name: &[u8], excluded_names: &[&str]) -> bool {
    excluded_names.iter().any(|excluded| excluded.as_bytes() == name)
}

fn decoded(piece: &[u8]) -> Vec<u8> {
    let blanks_restored: Vec<u8> = piece.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&blanks_restored).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(query: &str, body: &str) -> Parameters {
        Parameters::parse(query.as_bytes(), body.as_bytes()).unwrap()
    }

    #[test]
    fn signed_text_is_sorted_decoded_and_keeps_sign_type() {
        struct Case {
            name: &'static str,
            query: &'static str,
            body: &'static str,
            expected: &'static str,
        }
        let cases = [
            Case {
                name: "everything in the query",
                query: "sign=abc%3D&method=alipay.trade.query&app_id=2021&sign_type=RSA2&biz_content=%7B%22a%22%3A1%7D",
                body: "",
                expected: "app_id=2021&biz_content={\"a\":1}&method=alipay.trade.query&sign_type=RSA2",
            },
            Case {
                name: "common ones in the query, content in the body",
                query: "method=m&app_id=1&timestamp=2026-01-02+03%3A04%3A05",
                body: "biz_content=%7B%7D&sign=x",
                expected: "app_id=1&biz_content={}&method=m&timestamp=2026-01-02 03:04:05",
            },
            Case {
                name: "unknown parameters are signed, empty ones dropped",
                query: "zz=1&empty=&Alone&alipay_sdk=alipay-sdk-java-4",
                body: "",
                expected: "alipay_sdk=alipay-sdk-java-4&zz=1",
            },
            Case {
                name: "byte order: capitals before the underscore before small letters",
                query: "a=1&B=2&_c=3",
                body: "",
                expected: "B=2&_c=3&a=1",
            },
            Case {
                name: "value with equals signs, plus and a malformed escape",
                query: "a=b=c&b=%2B&c=100%zz",
                body: "",
                expected: "a=b=c&b=+&c=100%zz",
            },
            Case { name: "UTF-8 stays raw", query: "subject=%E5%8F%AF%E4%B9%90", body: "", expected: "subject=可乐" },
        ];
        for case in cases {
            let text = parsed(case.query, case.body).text_to_sign(&["sign"], EmptyValues::Dropped);
            assert_eq!(String::from_utf8(text).unwrap(), case.expected, "{}", case.name);
        }
    }

    #[test]
    fn empty_values_can_be_kept() {
        let parameters = parsed("b=&a=1&sign=", "");
        assert_eq!(parameters.text_to_sign(&["sign"], EmptyValues::Kept), b"a=1&b=");
        assert!(parameters.has_empty_value(&["sign"]));
        assert!(!parsed("a=1&sign=", "").has_empty_value(&["sign"]));
    }

    #[test]
    fn notifications_exclude_the_sign_type_too() {
        let parameters = parsed("sign=x&sign_type=RSA2&a=1", "");
        assert_eq!(parameters.text_to_sign(&["sign", "sign_type"], EmptyValues::Dropped), b"a=1");
    }

    #[test]
    fn bytes_of_another_character_set_stay_as_they_are() {
        // The two characters of the first subject word in GBK.
        let parameters = parsed("subject=%BF%C9%C0%D6", "");
        assert_eq!(parameters.text_to_sign(&["sign"], EmptyValues::Dropped), b"subject=\xBF\xC9\xC0\xD6");
        assert_eq!(
            parameters.value("subject"),
            Some(&b"\xBF\xC9\xC0\xD6"[..]),
            "UTF-8 unless the request says otherwise"
        );
    }

    #[test]
    fn a_chinese_character_set_is_read_and_its_bytes_are_what_is_signed() {
        // Bytes from the table of GB 18030-2005: 可乐, a character of four bytes (U+20000), and the second byte 0x5C of 俓.
        let table: &[(&str, &str, Option<&str>)] = &[
            ("GBK", "%BF%C9%C0%D6", Some("可乐")),
            ("gb2312", "%BF%C9%C0%D6", Some("可乐")),
            ("GB18030", "%95%32%82%36", Some("\u{20000}")),
            ("gbk", "%82%5C", Some("俓")),
            ("GBK", "plain+text", Some("plain text")),
            ("GBK", "%BF", None),
            ("utf-8", "%BF%C9%C0%D6", None),
            ("latin1", "%BF%C9%C0%D6", None),
        ];
        for (charset, sent, expected) in table {
            let parameters = parsed(&format!("charset={charset}&subject={sent}"), "");
            let read = parameters.value("subject").and_then(|value| std::str::from_utf8(value).ok());
            assert_eq!(read, *expected, "{charset} {sent}");
            let signed = [format!("charset={charset}&subject=").as_bytes(), &decoded(sent.as_bytes())].concat();
            assert_eq!(parameters.text_to_sign(&["sign"], EmptyValues::Dropped), signed, "{charset} {sent}");
        }
    }

    #[test]
    fn repeated_names_must_agree() {
        assert_eq!(parsed("a=1", "a=1").value("a"), Some(&b"1"[..]));
        assert_eq!(Parameters::parse(b"a=1", b"a=2"), Err(ParametersError::Conflict { name: "a".into() }));
        assert_eq!(Parameters::parse(b"a=1&%61=2", b""), Err(ParametersError::Conflict { name: "a".into() }));
    }

    #[test]
    fn limits_hold_exactly() {
        let many = |count: usize| (0..count).map(|number| format!("p{number}=1")).collect::<Vec<_>>().join("&");
        assert!(Parameters::parse(many(128).as_bytes(), b"").is_ok());
        assert_eq!(Parameters::parse(many(128).as_bytes(), b"one_more=1"), Err(ParametersError::TooMany));
        assert!(Parameters::parse(b"", &vec![b'a'; 262_144]).is_ok());
        assert_eq!(Parameters::parse(b"", &vec![b'a'; 262_145]), Err(ParametersError::BodyTooLong));
        assert!(Parameters::parse(&vec![b'a'; 65_536], b"").is_ok());
        assert_eq!(Parameters::parse(&vec![b'a'; 65_537], b""), Err(ParametersError::QueryTooLong));
    }
}
