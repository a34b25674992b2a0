//! Writes bills strictly.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{LINES, QR_TYPE, parse};
use crate::emvco::merchant::OutOfSpecification;
use crate::lines;
use crate::problem::{Problem, ProblemKind};

/// The currencies of the Swiss payment systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Currency {
    /// Swiss franc.
    Chf,
    /// Euro.
    Eur,
}

/// A structured address (type S).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Address {
    /// At most 70 characters.
    pub name: String,
    /// At most 70 characters; may be empty.
    pub street: String,
    /// At most 16 characters; may be empty.
    pub building_number: String,
    /// At most 16 characters, without the country.
    pub postal_code: String,
    /// At most 35 characters.
    pub town: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

/// What the creditor finds the bill by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// QRR: 27 digits, for a QR-IBAN.
    Qr(String),
    /// SCOR: ISO 11649, for an ordinary account.
    Creditor(String),
    /// NON: nothing, for an ordinary account.
    None,
}

/// A bill in the making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// The creditor's account: Switzerland or Liechtenstein.
    pub iban: String,
    /// Who is paid.
    pub creditor: Address,
    /// Decimal text with two decimals up to 999999999.99; `None` when the payer writes it, `0.00` when nothing is to
    /// be paid.
    pub amount: Option<String>,
    /// The currency.
    pub currency: Currency,
    /// Who pays, if that is known.
    pub debtor: Option<Address>,
    /// What the creditor finds it by.
    pub reference: Reference,
    /// A message for people; together with the billing information at most 140 characters.
    pub unstructured_message: Option<String>,
    /// For the debtor's accounting software, in Swico's or another syntax.
    pub billing_information: Option<String>,
    /// At most two, 100 characters each, such as `eBill/B/…`.
    pub alternative_procedures: Vec<String>,
}

impl Bill {
    /// Writes the code, without the empty lines at its end. The parser reads it back without a problem.
    ///
    /// # Errors
    ///
    /// [`OutOfSpecification`] lists everything that the guidelines do not allow.
    pub fn generate(&self) -> Result<String, OutOfSpecification> {
        let (reference_type, reference) = match &self.reference {
            Reference::Qr(digits) => ("QRR", digits.as_str()),
            Reference::Creditor(reference) => ("SCOR", reference.as_str()),
            Reference::None => ("NON", ""),
        };
        let mut texts = Vec::from([QR_TYPE, "0200", "1", &self.iban]);
        texts.extend(address_lines(Some(&self.creditor)));
        texts.extend(address_lines(None));
        texts.push(self.amount.as_deref().unwrap_or_default());
        texts.push(match self.currency {
            Currency::Chf => "CHF",
            Currency::Eur => "EUR",
        });
        texts.extend(address_lines(self.debtor.as_ref()));
        texts.extend([reference_type, reference, self.unstructured_message.as_deref().unwrap_or_default(), "EPD"]);
        if self.billing_information.is_some() || !self.alternative_procedures.is_empty() {
            texts.push(self.billing_information.as_deref().unwrap_or_default());
        }
        texts.extend(self.alternative_procedures.iter().map(String::as_str));

        let mut problems = Vec::new();
        for (position, text) in texts.iter().enumerate() {
            let path = LINES.get(position).copied().unwrap_or("AltPmtInf");
            if text.chars().any(char::is_control) {
                problems.push(Problem::new(path, ProblemKind::ControlCharacter));
            } else if text.trim() != *text {
                problems.push(Problem::new(path, ProblemKind::SurroundingSpace));
            } else if text.is_empty() && position == texts.len().saturating_sub(1) {
                // Readers drop empty lines at the end, so that this would not be read back.
                problems.push(Problem::new(path, ProblemKind::Empty));
            }
        }
        if texts.len() > LINES.len() {
            let path = format!("AltPmtInf.AltPmt{}", self.alternative_procedures.len());
            problems.push(Problem::new(path, ProblemKind::UnknownName));
        }
        if problems.is_empty() {
            let text = lines::write(&lines::to_fields(&texts, LINES), LINES);
            let text = text.map_err(|problem| OutOfSpecification { problems: Vec::from([problem]) })?;
            problems = parse(&text).problems;
            if problems.is_empty() {
                return Ok(text);
            }
        }
        Err(OutOfSpecification { problems })
    }
}

fn address_lines(address: Option<&Address>) -> [&str; 7] {
    match address {
        None => [""; 7],
        Some(Address { name, street, building_number, postal_code, town, country }) => {
            ["S", name, street, building_number, postal_code, town, country]
        }
    }
}
