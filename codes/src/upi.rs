//! UPI links: `upi://pay?pa=…&pn=…`.
//!
//! Source: NPCI, UPI linking specification 1.5 and 1.6, as open-source readers and writers document it. The parameters'
//! own names are kept.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::emvco::merchant::OutOfSpecification;
use crate::field::{Field, find};
use crate::problem::{Problem, ProblemKind};
use crate::url::percent_encoded;

/// What every link to pay begins with.
const BEGINNING: &str = "upi://pay?";

/// The longest link that is written, characters.
const LINK_CHARACTERS_MAX: usize = 2_048;

/// What a parameter must look like.
#[derive(Clone, Copy)]
enum Form {
    /// Name, `@`, handle.
    Address,
    /// Four digits (ISO 18245).
    CategoryCode,
    /// Digits, a dot, at most two digits; above zero.
    Amount,
    /// `INR`.
    Rupee,
    /// Two digits.
    TwoDigits,
    /// Any text of so many characters.
    Text(usize),
}

/// The parameters, which of them must be there, and their forms.
const PARAMETERS: &[(&str, bool, Form)] = &[
    ("pa", true, Form::Address),
    ("pn", true, Form::Text(99)),
    ("mc", false, Form::CategoryCode),
    ("tid", false, Form::Text(35)),
    ("tr", false, Form::Text(35)),
    ("tn", false, Form::Text(80)),
    ("am", false, Form::Amount),
    ("mam", false, Form::Amount),
    ("cu", false, Form::Rupee),
    ("url", false, Form::Text(255)),
    ("mode", false, Form::TwoDigits),
    ("orgid", false, Form::Text(35)),
    ("purpose", false, Form::TwoDigits),
    ("sign", false, Form::Text(512)),
];

/// Everything in the parameters of a link (its field `query`) that the specification does not allow. Paths begin with
/// `query.`. Parameters that it does not have are passed over: applications add their own.
#[must_use]
pub fn check(parameters: &[Field]) -> Vec<Problem> {
    let one = |(name, mandatory, form): &(&str, bool, Form)| {
        let kind = match find(parameters, name) {
            None => mandatory.then_some(ProblemKind::Missing),
            Some(value) => form.fault(value.as_text().unwrap_or_default()),
        };
        kind.map(|kind| Problem::new(format!("query.{name}"), kind))
    };
    PARAMETERS.iter().filter_map(one).collect()
}

impl Form {
    fn fault(self, text: &str) -> Option<ProblemKind> {
        if text.is_empty() {
            return Some(ProblemKind::Empty);
        }
        if text.chars().any(char::is_control) {
            return Some(ProblemKind::ControlCharacter);
        }
        let digits = |count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
        let (fits, kind) = match self {
            Self::Address => (is_address(text), ProblemKind::NotAPaymentAddress),
            Self::CategoryCode => (digits(4), ProblemKind::WrongLength { expected: 4 }),
            Self::TwoDigits => (digits(2), ProblemKind::WrongLength { expected: 2 }),
            Self::Amount => (is_amount(text), ProblemKind::NotAnAmount),
            Self::Rupee => (text == "INR", ProblemKind::UnexpectedValue),
            Self::Text(maximum) => (text.chars().count() <= maximum, ProblemKind::TooLong { maximum }),
        };
        (!fits).then_some(kind)
    }
}

/// Name, `@`, handle: ASCII letters, digits, and in the name dots, hyphens and underscores.
fn is_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, handle)| {
        let of = |part: &str, also: &str| {
            !part.is_empty() && part.chars().all(|one| one.is_ascii_alphanumeric() || also.contains(one))
        };
        of(name, ".-_") && of(handle, ".-")
    })
}

fn is_amount(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction) && fraction.len() <= 2 && text.bytes().any(|byte| matches!(byte, b'1'..=b'9'))
}

/// The handle of a payment address: which provider answers for it. `None` if it is no address.
#[must_use]
pub fn handle(address: &str) -> Option<&str> {
    address.split_once('@').filter(|_| is_address(address)).map(|(_, handle)| handle)
}

/// A link in the making. [`generate`](Self::generate) checks everything at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpiLink {
    parameters: Vec<Field>,
}

impl UpiLink {
    /// A link that pays this address (`shop@examplebank`) and shows this name.
    #[must_use]
    pub fn new(payee_address: &str, payee_name: &str) -> Self {
        Self { parameters: Vec::new() }.parameter("pa", payee_address).parameter("pn", payee_name)
    }

    /// Sets the amount in rupees, decimal text with at most two decimals, and the currency.
    #[must_use]
    pub fn amount(self, amount: &str) -> Self {
        self.parameter("am", amount).parameter("cu", "INR")
    }

    /// Sets the merchant's category code (`mc`), four digits.
    #[must_use]
    pub fn merchant_category_code(self, code: &str) -> Self {
        self.parameter("mc", code)
    }

    /// Sets the transaction's reference (`tr`), which comes back with the payment; at most 35 characters.
    #[must_use]
    pub fn reference(self, reference: &str) -> Self {
        self.parameter("tr", reference)
    }

    /// Sets the note (`tn`) for the payer; at most 80 characters.
    #[must_use]
    pub fn note(self, note: &str) -> Self {
        self.parameter("tn", note)
    }

    /// Adds any parameter of the specification.
    #[must_use]
    pub fn parameter(mut self, name: &str, value: &str) -> Self {
        self.parameters.push(Field::text(name, value));
        self
    }

    /// Writes the link, everything but ASCII letters, digits and `-._~` as percent escapes. The parser reads it back
    /// without a problem.
    ///
    /// # Errors
    ///
    /// [`OutOfSpecification`] lists everything that the specification does not allow, parameters that it does not have
    /// included.
    pub fn generate(&self) -> Result<String, OutOfSpecification> {
        let mut problems = check(&self.parameters);
        let mut link = String::from(BEGINNING);
        let mut seen: Vec<&str> = Vec::new();
        for (position, parameter) in self.parameters.iter().enumerate() {
            let name = parameter.id.as_str();
            let mut report = |kind| problems.push(Problem::new(format!("query.{name}"), kind));
            if !PARAMETERS.iter().any(|(known, _, _)| *known == name) {
                report(ProblemKind::IdOutOfRange);
            }
            if seen.contains(&name) {
                report(ProblemKind::RepeatedId);
            }
            seen.push(name);
            let separator = if position > 0 { "&" } else { "" };
            let value = percent_encoded(parameter.value.as_text().unwrap_or_default());
            link.push_str(&format!("{separator}{name}={value}"));
        }
        if link.len() > LINK_CHARACTERS_MAX {
            problems.push(Problem::new("", ProblemKind::CodeTooLong { maximum: LINK_CHARACTERS_MAX }));
        }
        if problems.is_empty() { Ok(link) } else { Err(OutOfSpecification { problems }) }
    }
}
