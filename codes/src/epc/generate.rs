//! Writes codes for SEPA credit transfers strictly.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{SERVICE_TAG, UTF_8, parse, write};
use crate::emvco::merchant::OutOfSpecification;
use crate::field::Field;
use crate::problem::{Problem, ProblemKind};

/// The guidelines' version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 001: with the BIC of the payee's bank.
    V1,
    /// 002: the BIC may be left out within the European Economic Area.
    V2,
}

/// What the payment is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remittance {
    /// A creditor reference, as a rule that of ISO 11649; at most 35 characters.
    Structured(String),
    /// Text for people, at most 140 characters.
    Unstructured(String),
}

/// A code in the making. It is written in UTF-8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditTransfer {
    /// The version.
    pub version: Version,
    /// The payee's bank; version 001 needs it.
    pub bic: Option<String>,
    /// The payee, at most 70 characters.
    pub name: String,
    /// The payee's account.
    pub iban: String,
    /// Decimal text in euro from 0.01 to 999999999.99, without the currency.
    pub amount: Option<String>,
    /// The purpose code of ISO 20022, at most 4 capital letters or digits.
    pub purpose: Option<String>,
    /// What the payment is for.
    pub remittance: Option<Remittance>,
    /// A message from the payee to the payer, at most 70 characters.
    pub information: Option<String>,
}

impl CreditTransfer {
    /// Writes the code, without the empty lines at its end. The parser reads it back without a problem.
    ///
    /// # Errors
    ///
    /// [`OutOfSpecification`] lists everything that the guidelines do not allow.
    pub fn generate(&self) -> Result<String, OutOfSpecification> {
        let version = match self.version {
            Version::V1 => "001",
            Version::V2 => "002",
        };
        let (structured, unstructured) = match &self.remittance {
            None => (None, None),
            Some(Remittance::Structured(text)) => (Some(text), None),
            Some(Remittance::Unstructured(text)) => (None, Some(text)),
        };
        let amount = self.amount.as_ref().map(|amount| format!("EUR{amount}"));
        let given = [
            ("bic", self.bic.as_ref()),
            ("name", Some(&self.name)),
            ("iban", Some(&self.iban)),
            ("amount", amount.as_ref()),
            ("purpose", self.purpose.as_ref()),
            ("remittance_structured", structured),
            ("remittance_unstructured", unstructured),
            ("information", self.information.as_ref()),
        ];
        let mut fields = Vec::from([
            Field::text("service_tag", SERVICE_TAG),
            Field::text("version", version),
            Field::text("character_set", UTF_8),
            Field::text("identification", "SCT"),
        ]);
        let mut problems = Vec::new();
        for (id, text) in given {
            match text.map(String::as_str) {
                // What is left out is not the same as what is given and empty.
                Some("") => problems.push(Problem::new(id, ProblemKind::Empty)),
                // Readers drop the space around a code; within it, it would be part of a name.
                Some(text) if text.trim() != text => problems.push(Problem::new(id, ProblemKind::SurroundingSpace)),
                Some(text) => fields.push(Field::text(id, text)),
                None => {}
            }
        }
        let text = write(&fields).map_err(|problem| OutOfSpecification { problems: Vec::from([problem]) })?;
        problems.extend(parse(&text).problems);
        if problems.is_empty() { Ok(text) } else { Err(OutOfSpecification { problems }) }
    }
}
