//! Writes merchant-presented payloads strictly.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

use super::rules::{self, CARD_ACCOUNT_IDS, MERCHANT_ACCOUNT_IDS, PAYMENT_SYSTEM_IDS};
use super::{CRC_ID, MAXIMUM_CHARACTERS};
use crate::crc::crc16;
use crate::emvco::tlv::write_field;
use crate::field::{Field, Value};
use crate::problem::{Problem, ProblemKind};

/// Whether a code may be paid many times (field 01).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Initiation {
    /// For any number of payments, as printed on a sticker: 11.
    Static,
    /// For one payment: 12.
    Dynamic,
}

/// What a wallet does about a tip or convenience fee (fields 55 to 57).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tip {
    /// Asks the customer.
    AskConsumer,
    /// Adds this amount: decimal text in the code's currency.
    Fixed(String),
    /// Adds this percentage: decimal text from 00.01 to 99.99.
    Percentage(String),
}

/// A template that its owner fills: merchant account (26-51), payment system (62.50-99) or unreserved (80-99).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    id: u8,
    fields: Vec<Field>,
}

impl Template {
    /// A template with this id, whose owner is this application id, UUID without hyphens or reverse domain.
    pub fn new(id: u8, globally_unique_id: impl Into<String>) -> Self {
        Self { id, fields: alloc::vec![Field::text("00", globally_unique_id)] }
    }

    /// Adds a field as the owner defines it.
    #[must_use]
    pub fn field(mut self, id: u8, text: impl Into<String>) -> Self {
        self.fields.push(Field::text(format!("{id:02}"), text));
        self
    }

    /// Adds a field that consists of fields, as the owner defines it.
    #[must_use]
    pub fn nested(mut self, id: u8, fields: Vec<Field>) -> Self {
        self.fields.push(Field::template(format!("{id:02}"), fields));
        self
    }
}

/// The additional data (field 62). The value `***` makes the wallet ask its customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdditionalData {
    /// 01, at most 25 characters as all that follow.
    pub bill_number: Option<String>,
    /// 02.
    pub mobile_number: Option<String>,
    /// 03.
    pub store_label: Option<String>,
    /// 04.
    pub loyalty_number: Option<String>,
    /// 05.
    pub reference_label: Option<String>,
    /// 06.
    pub customer_label: Option<String>,
    /// 07.
    pub terminal_label: Option<String>,
    /// 08.
    pub purpose: Option<String>,
    /// 09, out of the letters A (address), M (mobile number), E (e-mail).
    pub consumer_data_request: Option<String>,
    /// 50-99.
    pub payment_system: Vec<Template>,
}

/// Name and city in another language (field 64).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageTemplate {
    /// 00: ISO 639, two letters.
    pub language: String,
    /// 01: at most 25 characters.
    pub merchant_name: String,
    /// 02: at most 15 characters.
    pub merchant_city: Option<String>,
}

/// Why no payload was made: everything that the specification does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutOfSpecification {
    /// At least one.
    pub problems: Vec<Problem>,
}

impl fmt::Display for OutOfSpecification {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in self.problems.iter().enumerate() {
            let separator = if position > 0 { "; " } else { "" };
            write!(formatter, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl core::error::Error for OutOfSpecification {}

/// A merchant-presented code in the making. [`generate`](Self::generate) checks everything at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MerchantPresented {
    fields: Vec<Field>,
    misplaced: Vec<Problem>,
}

impl MerchantPresented {
    /// What every code must say. `merchant_category_code` has four digits (ISO 18245), `currency_numeric` three
    /// (ISO 4217), `country` two capital letters (ISO 3166-1), the name at most 25 characters, the city 15.
    #[must_use]
    pub fn new(
        initiation: Initiation,
        merchant_category_code: &str,
        currency_numeric: &str,
        country: &str,
        merchant_name: &str,
        merchant_city: &str,
    ) -> Self {
        let initiation = match initiation {
            Initiation::Static => "11",
            Initiation::Dynamic => "12",
        };
        let empty = Self { fields: Vec::new(), misplaced: Vec::new() };
        empty
            .text("00", "01")
            .text("01", initiation)
            .text("52", merchant_category_code)
            .text("53", currency_numeric)
            .text("58", country)
            .text("59", merchant_name)
            .text("60", merchant_city)
    }

    /// A code of these fields, the checksum not among them.
    pub(crate) fn of_fields(fields: Vec<Field>) -> Self {
        Self { fields, misplaced: Vec::new() }
    }

    /// Adds a card network's account (02-25), at most 99 characters.
    #[must_use]
    pub fn card_account(mut self, id: u8, account: &str) -> Self {
        self.expect_id(id, &CARD_ACCOUNT_IDS, "");
        self.text(&format!("{id:02}"), account)
    }

    /// Adds a merchant account (26-51).
    #[must_use]
    pub fn merchant_account(self, template: Template) -> Self {
        self.template(template, &MERCHANT_ACCOUNT_IDS)
    }

    /// Sets the amount: decimal text in major units, written as it is given, above zero, at most 13 characters.
    #[must_use]
    pub fn amount(self, amount: &str) -> Self {
        self.text("54", amount)
    }

    /// Sets what the wallet does about a tip.
    #[must_use]
    pub fn tip(self, tip: &Tip) -> Self {
        match tip {
            Tip::AskConsumer => self.text("55", "01"),
            Tip::Fixed(amount) => self.text("55", "02").text("56", amount),
            Tip::Percentage(percentage) => self.text("55", "03").text("57", percentage),
        }
    }

    /// Sets the postal code, at most 10 characters.
    #[must_use]
    pub fn postal_code(self, postal_code: &str) -> Self {
        self.text("61", postal_code)
    }

    /// Sets the additional data; if nothing is in it, none is written.
    #[must_use]
    pub fn additional_data(mut self, data: AdditionalData) -> Self {
        let texts = [
            ("01", data.bill_number),
            ("02", data.mobile_number),
            ("03", data.store_label),
            ("04", data.loyalty_number),
            ("05", data.reference_label),
            ("06", data.customer_label),
            ("07", data.terminal_label),
            ("08", data.purpose),
            ("09", data.consumer_data_request),
        ];
        let mut fields: Vec<Field> = texts.into_iter().filter_map(|(id, text)| Some(Field::text(id, text?))).collect();
        for template in data.payment_system {
            self.expect_id(template.id, &PAYMENT_SYSTEM_IDS, "62.");
            let id = format!("{:02}", template.id);
            fields.push(Field::template(id, template.fields));
        }
        if !fields.is_empty() {
            self.fields.push(Field::template("62", fields));
        }
        self
    }

    /// Sets name and city in another language.
    #[must_use]
    pub fn language(mut self, template: LanguageTemplate) -> Self {
        let mut fields = alloc::vec![Field::text("00", template.language), Field::text("01", template.merchant_name),];
        fields.extend(template.merchant_city.map(|city| Field::text("02", city)));
        self.fields.push(Field::template("64", fields));
        self
    }

    /// Adds an unreserved template (80-99).
    #[must_use]
    pub fn unreserved(self, template: Template) -> Self {
        self.template(template, &rules::UNRESERVED_IDS)
    }

    /// Writes the payload: fields in the order of their ids, checksum last and in capital letters. The parser reads
    /// it back without a problem.
    ///
    /// # Errors
    ///
    /// [`OutOfSpecification`] lists everything that the specification does not allow.
    pub fn generate(&self) -> Result<String, OutOfSpecification> {
        self.generate_tolerating(|_| false)
    }

    /// As [`generate`](Self::generate), for a scheme whose codes differ from the specification on purpose.
    pub(crate) fn generate_tolerating(
        &self,
        is_tolerated: impl Fn(&Problem) -> bool,
    ) -> Result<String, OutOfSpecification> {
        let mut fields = self.fields.clone();
        fields.sort_by(|one, other| one.id.cmp(&other.id));
        let mut problems = self.misplaced.clone();
        find_repeated(&fields, "", &mut problems);
        problems.extend(rules::check(&fields).into_iter().filter(|problem| !is_tolerated(problem)));

        let mut payload = String::new();
        for field in &fields {
            match write_field(&mut payload, field, &field.id) {
                Ok(()) => {}
                Err(problem) if problems.contains(&problem) => {}
                Err(problem) => problems.push(problem),
            }
        }
        payload.push_str(CRC_ID);
        payload.push_str("04");
        payload.push_str(&format!("{:04X}", crc16(payload.as_bytes())));
        if payload.chars().count() > MAXIMUM_CHARACTERS {
            let maximum = MAXIMUM_CHARACTERS;
            problems.push(Problem::new("", ProblemKind::CodeTooLong { maximum }));
        }
        if problems.is_empty() { Ok(payload) } else { Err(OutOfSpecification { problems }) }
    }

    fn text(mut self, id: &str, text: &str) -> Self {
        self.fields.push(Field::text(id, text));
        self
    }

    fn template(mut self, template: Template, ids: &RangeInclusive<u8>) -> Self {
        self.expect_id(template.id, ids, "");
        let id = format!("{:02}", template.id);
        self.fields.push(Field::template(id, template.fields));
        self
    }

    fn expect_id(&mut self, id: u8, ids: &RangeInclusive<u8>, outer: &str) {
        if !ids.contains(&id) {
            let path = format!("{outer}{id:02}");
            self.misplaced.push(Problem::new(path, ProblemKind::IdOutOfRange));
        }
    }
}

fn find_repeated(fields: &[Field], outer: &str, problems: &mut Vec<Problem>) {
    let mut seen: Vec<&str> = Vec::new();
    for field in fields {
        let path = format!("{outer}{}", field.id);
        if let Value::Template(inner) = &field.value {
            find_repeated(inner, &format!("{path}."), problems);
        }
        if seen.contains(&field.id.as_str()) {
            problems.push(Problem::new(path, ProblemKind::RepeatedId));
        }
        seen.push(&field.id);
    }
}
