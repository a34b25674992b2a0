//! The business fields of a request: `biz_content`, a JSON object in one parameter.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};
use sycee_money::{Currency, Money};

use crate::codes::{SubCode, gateway};
use crate::wire::amount::{AmountError, parse_amount};
use crate::wire::failure::Failure;

/// Longest `biz_content` that is read, in bytes of its decoded text.
pub const BIZ_CONTENT_MAX_BYTES: usize = 128 * 1024;
/// Deepest nesting of objects and lists that is read, the outer object counted.
pub const BIZ_CONTENT_MAX_DEPTH: usize = 16;
/// Longest identifier a client may choose, such as `out_trade_no`, in characters.
pub const IDENTIFIER_MAX_CHARACTERS: usize = 64;

/// A parsed `biz_content`. Numbers keep the digits they were written with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BizContent {
    fields: Map<String, Value>,
}

impl BizContent {
    /// Reads the text of `biz_content`, which must be one JSON object. Of a name that is repeated the last counts.
    ///
    /// # Errors
    /// `isv.illegal-json` when it is not, or passes a limit.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let illegal = |detail: &str| Failure::with_detail(gateway::ILLEGAL_JSON, detail);
        if text.len() > BIZ_CONTENT_MAX_BYTES {
            return Err(illegal("it is too long"));
        }
        let value = serde_json::from_str::<Value>(text).map_err(|_| Failure::new(gateway::ILLEGAL_JSON))?;
        if depth(&value) > BIZ_CONTENT_MAX_DEPTH {
            return Err(illegal("it is nested too deeply"));
        }
        match value {
            Value::Object(fields) => Ok(Self { fields }),
            _ => Err(Failure::new(gateway::ILLEGAL_JSON)),
        }
    }

    /// The fields of the outer object that are text, with their names.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
    }

    /// Whether the outer object has a field of this name, whatever is in it.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// The object with `more` fields, as the text that [`BizContent::parse`] reads; of equal names `more` counts.
    #[must_use]
    pub fn joined(mut self, more: Map<String, Value>) -> String {
        self.fields.extend(more);
        Value::Object(self.fields).to_string()
    }

    /// The fields of the outer object.
    #[must_use]
    pub fn fields(&self) -> Fields<'_> {
        Fields { map: &self.fields }
    }
}

/// Nesting of a value; the recursion ends because the JSON reader itself stops at 128 levels.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// A field that is missing or wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name on the wire.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: FieldProblem,
}

/// What can be wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldProblem {
    /// It is required and absent, null or empty.
    Missing,
    /// It is not text.
    NotText,
    /// It has more characters than allowed.
    TooLong {
        /// The most that is allowed.
        max_characters: usize,
    },
    /// It is not an identifier: 1 to 64 of letters, digits, `_` and `-`.
    NotAnIdentifier,
    /// It is not a decimal amount of the currency.
    NotAnAmount,
    /// It is an amount outside of 0.01 to 100000000.
    AmountOutOfRange,
    /// It is not a JSON object.
    NotAnObject,
    /// It is not a list of JSON objects.
    NotAListOfObjects,
    /// The list has more entries than allowed.
    TooManyEntries {
        /// The most that is allowed.
        max_entries: usize,
    },
}

impl fmt::Display for FieldError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.field;
        match self.problem {
            FieldProblem::Missing => write!(formatter, "{field} is missing"),
            FieldProblem::NotText => write!(formatter, "{field} is not text"),
            FieldProblem::TooLong { max_characters } => {
                write!(formatter, "{field} has more than {max_characters} characters")
            }
            FieldProblem::NotAnIdentifier => {
                write!(formatter, "{field} is not 1 to {IDENTIFIER_MAX_CHARACTERS} letters, digits, _ or -")
            }
            FieldProblem::NotAnAmount => {
                write!(formatter, "{field} is not a decimal amount of the currency")
            }
            FieldProblem::AmountOutOfRange => {
                write!(formatter, "{field} is not between 0.01 and 100000000")
            }
            FieldProblem::NotAnObject => write!(formatter, "{field} is not a JSON object"),
            FieldProblem::NotAListOfObjects => {
                write!(formatter, "{field} is not a list of JSON objects")
            }
            FieldProblem::TooManyEntries { max_entries } => {
                write!(formatter, "{field} has more than {max_entries} entries")
            }
        }
    }
}

impl FieldError {
    /// The failure to answer with; the sub code is the method family's word for an invalid parameter
    /// (`ACQ.INVALID_PARAMETER` for trades, `INVALID_PARAMETER` for funds).
    #[must_use]
    pub fn into_failure(self, sub_code: SubCode) -> Failure {
        Failure::with_detail(sub_code, self.to_string())
    }

    fn new(field: &'static str, problem: FieldProblem) -> Self {
        Self { field, problem }
    }
}

/// The fields of one JSON object, read by name.
///
/// A field that is null or an empty string counts as absent: clients write both for what their caller left out.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    fn present(self, field: &str) -> Option<&'a Value> {
        match self.map.get(field)? {
            Value::Null => None,
            Value::String(text) if text.is_empty() => None,
            value => Some(value),
        }
    }

    /// A text of at most `max_characters` characters. A JSON number counts as the text it was written with, because
    /// clients in loosely typed languages send identifiers that way.
    ///
    /// # Errors
    /// [`FieldError`] when it is not text or too long.
    pub fn optional_text(self, field: &'static str, max_characters: usize) -> Result<Option<Cow<'a, str>>, FieldError> {
        let text = match self.present(field) {
            None => return Ok(None),
            Some(Value::String(text)) => Cow::Borrowed(text.as_str()),
            Some(Value::Number(number)) => Cow::Owned(number.to_string()),
            Some(_) => return Err(FieldError::new(field, FieldProblem::NotText)),
        };
        if text.chars().nth(max_characters).is_some() {
            let problem = FieldProblem::TooLong { max_characters };
            return Err(FieldError::new(field, problem));
        }
        Ok(Some(text))
    }

    /// As [`Fields::optional_text`], for a field that must be there.
    ///
    /// # Errors
    /// [`FieldError`], also when it is missing.
    pub fn text(self, field: &'static str, max_characters: usize) -> Result<Cow<'a, str>, FieldError> {
        required(field, self.optional_text(field, max_characters)?)
    }

    /// An identifier: 1 to 64 of ASCII letters, digits, `_` and `-`. The documentation leaves out the `-`; real
    /// clients send it.
    ///
    /// # Errors
    /// [`FieldError`] when it is something else.
    pub fn optional_identifier(self, field: &'static str) -> Result<Option<Cow<'a, str>>, FieldError> {
        let not_an_identifier = FieldError::new(field, FieldProblem::NotAnIdentifier);
        let text = self.optional_text(field, IDENTIFIER_MAX_CHARACTERS).map_err(|_| not_an_identifier)?;
        match text {
            Some(text) if !is_identifier(&text) => Err(not_an_identifier),
            text => Ok(text),
        }
    }

    /// As [`Fields::optional_identifier`], for a field that must be there.
    ///
    /// # Errors
    /// [`FieldError`], also when it is missing.
    pub fn identifier(self, field: &'static str) -> Result<Cow<'a, str>, FieldError> {
        required(field, self.optional_identifier(field)?)
    }

    /// An amount, written as a JSON string or a JSON number, taken from its digits exactly.
    ///
    /// # Errors
    /// [`FieldError`] when it is no decimal amount of the currency or outside of 0.01 to 100000000.
    pub fn optional_amount(self, field: &'static str, currency: Currency) -> Result<Option<Money>, FieldError> {
        let token = match self.present(field) {
            None => return Ok(None),
            Some(Value::String(text)) => Cow::Borrowed(text.as_str()),
            Some(Value::Number(number)) => Cow::Owned(number.to_string()),
            Some(_) => return Err(FieldError::new(field, FieldProblem::NotAnAmount)),
        };
        parse_amount(&token, currency).map(Some).map_err(|error| match error {
            AmountError::NotAnAmount => FieldError::new(field, FieldProblem::NotAnAmount),
            AmountError::OutOfRange => FieldError::new(field, FieldProblem::AmountOutOfRange),
        })
    }

    /// As [`Fields::optional_amount`], for a field that must be there.
    ///
    /// # Errors
    /// [`FieldError`], also when it is missing.
    pub fn amount(self, field: &'static str, currency: Currency) -> Result<Money, FieldError> {
        required(field, self.optional_amount(field, currency)?)
    }

    /// A nested object, such as `payee_info`.
    ///
    /// # Errors
    /// [`FieldError`] when it is something else.
    pub fn optional_object(self, field: &'static str) -> Result<Option<Fields<'a>>, FieldError> {
        match self.present(field) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(Fields { map })),
            Some(_) => Err(FieldError::new(field, FieldProblem::NotAnObject)),
        }
    }

    /// As [`Fields::optional_object`], for a field that must be there.
    ///
    /// # Errors
    /// [`FieldError`], also when it is missing.
    pub fn object(self, field: &'static str) -> Result<Fields<'a>, FieldError> {
        required(field, self.optional_object(field)?)
    }

    /// Whether the field is there at all.
    #[must_use]
    pub fn has(self, field: &str) -> bool {
        self.present(field).is_some()
    }

    /// The texts of a list of texts, such as `query_options`; what is no text is passed over, and anything but a list is an
    /// empty one. Options are wishes: nobody's request fails for one.
    pub fn texts(self, field: &str) -> impl Iterator<Item = &'a str> {
        let items = self.present(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        items.iter().filter_map(Value::as_str)
    }

    /// A list of objects, such as `goods_detail`; empty when absent.
    ///
    /// # Errors
    /// [`FieldError`] when it is something else or has more than `max_entries`.
    pub fn objects(self, field: &'static str, max_entries: usize) -> Result<Vec<Fields<'a>>, FieldError> {
        let items = match self.present(field) {
            None => return Ok(Vec::new()),
            Some(Value::Array(items)) => items,
            Some(_) => return Err(FieldError::new(field, FieldProblem::NotAListOfObjects)),
        };
        if items.len() > max_entries {
            let problem = FieldProblem::TooManyEntries { max_entries };
            return Err(FieldError::new(field, problem));
        }
        items
            .iter()
            .map(|item| match item {
                Value::Object(map) => Ok(Fields { map }),
                _ => Err(FieldError::new(field, FieldProblem::NotAListOfObjects)),
            })
            .collect()
    }
}

fn required<T>(field: &'static str, value: Option<T>) -> Result<T, FieldError> {
    value.ok_or(FieldError::new(field, FieldProblem::Missing))
}

fn is_identifier(text: &str) -> bool {
    (1..=IDENTIFIER_MAX_CHARACTERS).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

#[cfg(test)]
#[path = "biz_content_tests.rs"]
mod tests;
