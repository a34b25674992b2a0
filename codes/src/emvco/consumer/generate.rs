//! Writes consumer-presented payloads strictly.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::account::{AccountNumber, from_hex};
use super::ber::{Contents, Object, Tag, write_object};
use super::rules::{self, path};
use super::{MAXIMUM_BYTES, VERSION, numbered, tag};
use crate::base64;
use crate::emvco::merchant::OutOfSpecification;
use crate::problem::{Problem, ProblemKind};

/// The objects of one application, or those that two share.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Data {
    objects: Vec<Object>,
    transparent: Vec<Object>,
}

impl Data {
    /// No objects yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the card number or token (5A).
    #[must_use]
    pub fn account_number(self, number: &AccountNumber) -> Self {
        self.object(tag::ACCOUNT_NUMBER, number.packed())
    }

    /// Adds the cardholder's name (5F20), 2 to 26 printable ASCII characters.
    #[must_use]
    pub fn cardholder_name(self, name: &str) -> Self {
        self.object(tag::CARDHOLDER_NAME, name)
    }

    /// Adds the languages that the customer prefers (5F2D), two letters each and best first: `iden`.
    #[must_use]
    pub fn languages(self, languages: &str) -> Self {
        self.object(tag::LANGUAGES, languages)
    }

    /// Adds any object of [`tag`].
    #[must_use]
    pub fn object(mut self, tag: Tag, bytes: impl Into<Vec<u8>>) -> Self {
        self.objects.push(Object::bytes(tag, bytes));
        self
    }

    /// Adds an object to the transparent template (63 of an application, 64 of the common data), where the payment
    /// system may have objects of its own.
    #[must_use]
    pub fn transparent(mut self, tag: Tag, bytes: impl Into<Vec<u8>>) -> Self {
        self.transparent.push(Object::bytes(tag, bytes));
        self
    }

    fn template(mut self, tag: Tag, transparent_tag: Tag) -> Object {
        if !self.transparent.is_empty() {
            self.objects.push(Object { tag: transparent_tag, contents: Contents::Objects(self.transparent) });
        }
        let contents =
            if self.objects.is_empty() { Contents::Bytes(Vec::new()) } else { Contents::Objects(self.objects) };
        Object { tag, contents }
    }
}

/// A consumer-presented code in the making. [`generate`](Self::generate) checks everything at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConsumerPresented {
    applications: Vec<Object>,
    common: Vec<Object>,
    problems: Vec<Problem>,
}

impl ConsumerPresented {
    /// A code without any application yet. It needs one and may have two.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an application: its id (AID) as 10 to 32 hex digits, its label of 1 to 16 printable ASCII characters, and
    /// what else it says.
    #[must_use]
    pub fn application(mut self, application_id: &str, label: &str, data: Data) -> Self {
        let id = from_hex(application_id);
        if id.is_none() {
            let number = self.applications.len().saturating_add(1);
            let here = path(&numbered(tag::APPLICATION_TEMPLATE, number), &format!("{}", tag::APPLICATION_ID));
            self.problems.push(Problem::new(here, ProblemKind::NotAnApplicationId));
        }
        let mut objects = Vec::new();
        objects.push(Object::bytes(tag::APPLICATION_ID, id.unwrap_or_default()));
        objects.push(Object::bytes(tag::APPLICATION_LABEL, label));
        objects.extend(data.objects);
        let data = Data { objects, transparent: data.transparent };
        self.applications.push(data.template(tag::APPLICATION_TEMPLATE, tag::APPLICATION_TRANSPARENT_TEMPLATE));
        self
    }

    /// Sets what two applications share.
    #[must_use]
    pub fn common_data(mut self, data: Data) -> Self {
        self.common.push(data.template(tag::COMMON_DATA_TEMPLATE, tag::COMMON_TRANSPARENT_TEMPLATE));
        self
    }

    /// Writes the payload in base64. The parser reads it back without a problem.
    ///
    /// # Errors
    ///
    /// [`OutOfSpecification`] lists everything that the specification does not allow.
    pub fn generate(&self) -> Result<String, OutOfSpecification> {
        let mut objects = Vec::new();
        objects.push(Object::bytes(tag::PAYLOAD_FORMAT_INDICATOR, VERSION));
        objects.extend(self.applications.iter().chain(&self.common).cloned());

        let mut problems = self.problems.clone();
        if self.common.len() > 1 {
            problems.push(Problem::new(format!("{}", tag::COMMON_DATA_TEMPLATE), ProblemKind::RepeatedId));
        }
        let mut applications = 0_usize;
        for object in &objects {
            let mut id = format!("{}", object.tag);
            if object.tag == tag::APPLICATION_TEMPLATE {
                applications = applications.saturating_add(1);
                id = numbered(object.tag, applications);
            }
            check_tags(object.objects(), &id, &mut problems);
        }
        for problem in rules::check(&objects) {
            if !problems.iter().any(|known| known.path == problem.path) {
                problems.push(problem);
            }
        }

        let mut bytes = Vec::new();
        for object in &objects {
            write_object(&mut bytes, object);
        }
        if bytes.len() > MAXIMUM_BYTES {
            let maximum = base64::encode(&[0; MAXIMUM_BYTES]).len();
            problems.push(Problem::new("", ProblemKind::CodeTooLong { maximum }));
        }
        if problems.is_empty() { Ok(base64::encode(&bytes)) } else { Err(OutOfSpecification { problems }) }
    }
}

/// Tags that stand twice, are none, or announce objects where bytes were given.
fn check_tags(objects: &[Object], outer: &str, problems: &mut Vec<Problem>) {
    let mut seen: Vec<Tag> = Vec::new();
    for object in objects {
        let here = path(outer, &format!("{}", object.tag));
        let holds_bytes = object.as_bytes().is_some();
        if !object.tag.is_well_formed() {
            problems.push(Problem::new(here.as_str(), ProblemKind::IdOutOfRange));
        } else if holds_bytes && object.tag.is_constructed() {
            problems.push(Problem::new(here.as_str(), ProblemKind::NotATemplate));
        }
        if seen.contains(&object.tag) {
            problems.push(Problem::new(here.as_str(), ProblemKind::RepeatedId));
        }
        seen.push(object.tag);
        check_tags(object.objects(), &here, problems);
    }
}
