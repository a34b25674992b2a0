//! The digits in a shop's link: an order code or an entry code.

use alloc::format;
use alloc::string::String;
use alloc::vec;

use super::{CodeType, ISSUER_DIGITS, TYPE_DIGITS, all_digits, begins_as_alipay};
use crate::emvco::merchant::OutOfSpecification;
use crate::problem::{Problem, ProblemKind};
use crate::url::is_host;

/// The longest link that is written, characters. A QR code that phones read well holds little more.
const LINK_CHARACTERS_MAX: usize = 512;

/// `https://global.alipay.com/` 281002 04 …: issuer, type and the issuer's own rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkCode<'a> {
    /// The issuer's six digits.
    pub issuer: &'a str,
    /// Two digits that say what the code is for.
    pub type_digits: &'a str,
    /// What follows, up to the end of the path.
    pub rest: &'a str,
}

impl<'a> LinkCode<'a> {
    /// Takes the path of a link apart; `None` unless it begins with a slash and eight digits, of them the first two 25
    /// to 30. Whether the host is one of Alipay+ is for the caller to ask.
    #[must_use]
    pub fn of_path(path: &'a str) -> Option<Self> {
        let (issuer, rest) = path.strip_prefix('/')?.split_at_checked(ISSUER_DIGITS)?;
        let (type_digits, rest) = rest.split_at_checked(TYPE_DIGITS)?;
        let fits = all_digits(issuer) && all_digits(type_digits) && begins_as_alipay(issuer);
        fits.then_some(Self { issuer, type_digits, rest })
    }

    /// What it is for.
    #[must_use]
    pub fn code_type(&self) -> CodeType {
        CodeType::of(self.type_digits)
    }

    /// Issuer, type, and the digits of the rest up to the first character that is none: what a router compares.
    #[must_use]
    pub fn leading_digits(&self) -> String {
        let rest = self.rest.split(|character: char| !character.is_ascii_digit()).next().unwrap_or_default();
        format!("{}{}{rest}", self.issuer, self.type_digits)
    }
}

/// Writes the link of an order or of a shop.
///
/// # Errors
///
/// [`OutOfSpecification`] for a host that is none, an issuer that is not six digits beginning with 25 to 30, a type
/// other than order and entry, and a `rest` that is empty, too long or anything but ASCII letters and digits.
pub fn write_link(host: &str, issuer: &str, code_type: CodeType, rest: &str) -> Result<String, OutOfSpecification> {
    let mut problems = vec![];
    let mut expect = |path: &str, fits: bool, kind| {
        if !fits {
            problems.push(Problem::new(path, kind));
        }
    };
    let type_digits = match code_type {
        CodeType::Order => "04",
        CodeType::Entry => "05",
        CodeType::Payment | CodeType::Other => "",
    };
    expect("host", is_host(host), ProblemKind::UnexpectedValue);
    let is_issuer = issuer.len() == ISSUER_DIGITS && all_digits(issuer) && begins_as_alipay(issuer);
    expect("issuer", is_issuer, ProblemKind::UnexpectedValue);
    expect("type", !type_digits.is_empty(), ProblemKind::UnexpectedValue);
    expect("rest", !rest.is_empty(), ProblemKind::Empty);
    expect("rest", rest.bytes().all(|byte| byte.is_ascii_alphanumeric()), ProblemKind::UnexpectedValue);
    let link = format!("https://{host}/{issuer}{type_digits}{rest}");
    expect("", link.len() <= LINK_CHARACTERS_MAX, ProblemKind::CodeTooLong { maximum: LINK_CHARACTERS_MAX });
    if problems.is_empty() { Ok(link) } else { Err(OutOfSpecification { problems }) }
}
