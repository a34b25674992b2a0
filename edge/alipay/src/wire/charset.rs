//! The character sets in which requests may come (`charset` on the wire).
//!
//! The platform documents utf-8, gbk and gb2312. GB 2312 is a part of GBK, and GBK one of GB 18030, so a decoder of the larger
//! set reads the smaller one; which bytes stand for what is encoding_rs's business (WHATWG Encoding Standard, section 10).

use encoding_rs::Encoding;

/// A character set by its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8, or nothing was said.
    #[default]
    Utf8,
    /// GBK or GB 2312.
    Gbk,
    /// GB 18030.
    Gb18030,
    /// A name that is not read.
    Unknown,
}

impl Charset {
    /// The set of this name, capital letters or small.
    #[must_use]
    pub fn named(name: &[u8]) -> Self {
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        match () {
            () if name.is_empty() || is("utf-8") || is("utf8") => Self::Utf8,
            () if is("gbk") || is("gb2312") => Self::Gbk,
            () if is("gb18030") => Self::Gb18030,
            () => Self::Unknown,
        }
    }

    /// The decoder, of a Chinese set.
    pub(crate) fn chinese(self) -> Option<&'static Encoding> {
        match self {
            Self::Gbk => Some(encoding_rs::GBK),
            Self::Gb18030 => Some(encoding_rs::GB18030),
            Self::Utf8 | Self::Unknown => None,
        }
    }
}
