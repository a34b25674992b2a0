//! Reads and writes the codes of national schemes by the names of their fields.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::layout::{beside, first_layout, layout};
use super::table::SCHEMES;
use super::{Pattern, accounts, check, recognise};
use crate::emvco::merchant::{Initiation, MerchantPresented, OutOfSpecification};
use crate::emvco::tlv::two_digits;
use crate::field::{Field, Value};
use crate::lines::{insert, leaves};
use crate::problem::{Problem, ProblemKind};

/// The name of the globally unique id (00) of an account, where the scheme has no other.
const GLOBALLY_UNIQUE_ID: &str = "globally_unique_id";

/// A value by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name, as the scheme's [`Layout`](super::Layout) has it.
    pub name: String,
    /// The value, as it stands in the code.
    pub value: String,
}

/// One account and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountDetails {
    /// Whose account it is.
    pub scheme: String,
    /// The id of its template.
    pub template: u8,
    /// Its values.
    pub values: Vec<Named>,
}

/// What a scheme's code says, by name. [`details`] reads it, [`generate`](Self::generate) writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemeDetails {
    /// The scheme that names the code.
    pub scheme: String,
    /// Its accounts; a label may carry several schemes'.
    pub accounts: Vec<AccountDetails>,
    /// What stands outside the accounts.
    pub values: Vec<Named>,
    /// Paths of fields that have no name here. A code with such fields cannot be written.
    pub unnamed: Vec<String>,
}

impl SchemeDetails {
    /// A new code of this scheme without any account.
    #[must_use]
    pub fn new(scheme: &str, initiation: Initiation) -> Self {
        let initiation = match initiation {
            Initiation::Static => "11",
            Initiation::Dynamic => "12",
        };
        let empty = Self { scheme: scheme.into(), accounts: Vec::new(), values: Vec::new(), unnamed: Vec::new() };
        empty.value("initiation", initiation)
    }

    /// Adds an account with these values, at the template where the scheme has it. The globally unique id may be left
    /// out where there is only one.
    #[must_use]
    pub fn account(self, scheme: &str, values: &[(&str, &str)]) -> Self {
        let template = first_layout(scheme).map_or(0, |layout| *layout.templates.start());
        self.account_at(template, scheme, values)
    }

    /// Adds an account at this template.
    #[must_use]
    pub fn account_at(mut self, template: u8, scheme: &str, values: &[(&str, &str)]) -> Self {
        let named = |(name, value): &(&str, &str)| Named { name: (*name).into(), value: (*value).into() };
        let values = values.iter().map(named).collect();
        self.accounts.push(AccountDetails { scheme: scheme.into(), template, values });
        self
    }

    /// Adds a value outside the accounts.
    #[must_use]
    pub fn value(mut self, name: &str, value: &str) -> Self {
        self.values.push(Named { name: name.into(), value: value.into() });
        self
    }

    /// The value of this name outside the accounts.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        get(&self.values, name)
    }

    /// Writes the payload: fields in the order of their ids. The parser reads it back without any problem but those
    /// that the scheme's codes have on purpose ([`Scheme::tolerates`](super::Scheme::tolerates)).
    ///
    /// # Errors
    ///
    /// [`OutOfSpecification`] lists everything that the specification and the scheme do not allow.
    pub fn generate(&self) -> Result<String, OutOfSpecification> {
        let mut problems: Vec<Problem> =
            self.unnamed.iter().map(|path| Problem::new(path.as_str(), ProblemKind::UnknownName)).collect();
        problems.extend(check::check(self));
        let fields = self.fields();
        // An account must be told again as what it was meant as, or a reader would take it for another's.
        for account in &self.accounts {
            let id = format!("{:02}", account.template);
            let told = accounts(&fields).find(|told| told.id == id).and_then(|told| told.scheme);
            if told != Some(account.scheme.as_str()) {
                problems.push(Problem::new(format!("{id}.00"), ProblemKind::UnexpectedValue));
            }
        }
        if recognise(&fields) != Some(self.scheme.as_str()) {
            problems.push(Problem::new("", ProblemKind::Unrecognised));
        }
        let scheme = SCHEMES.iter().find(|scheme| scheme.name == self.scheme);
        let is_tolerated = |problem: &Problem| scheme.is_some_and(|scheme| scheme.tolerates(problem));
        match MerchantPresented::of_fields(fields).generate_tolerating(is_tolerated) {
            Ok(payload) if problems.is_empty() => Ok(payload),
            Ok(_) => Err(OutOfSpecification { problems }),
            Err(refused) => {
                problems.extend(refused.problems);
                Err(OutOfSpecification { problems })
            }
        }
    }

    fn fields(&self) -> Vec<Field> {
        let mut fields = Vec::from([Field::text("00", "01")]);
        for account in &self.accounts {
            let mut inner = Vec::new();
            let Some(layout) = layout(&account.scheme, account.template) else {
                continue;
            };
            let is_named = account.values.iter().any(|named| path_of(layout.account, &named.name) == Some("00"));
            if let Some(id) = only_id(&account.scheme).filter(|_| !is_named) {
                insert(&mut inner, "00", id);
            }
            for named in &account.values {
                if let Some(path) = path_of(layout.account, &named.name) {
                    insert(&mut inner, path, &named.value);
                }
            }
            fields.push(Field::template(format!("{:02}", account.template), inner));
        }
        for named in &self.values {
            if let Some(item) = beside(&self.scheme).find(|item| item.name == named.name) {
                insert(&mut fields, item.path, &named.value);
            }
        }
        sort(&mut fields);
        fields
    }
}

pub(super) fn get<'a>(values: &'a [Named], name: &str) -> Option<&'a str> {
    values.iter().find(|named| named.name == name).map(|named| named.value.as_str())
}

fn path_of(items: &[super::Item], name: &str) -> Option<&'static str> {
    let item = items.iter().find(|item| item.name == name);
    item.map(|item| item.path).or((name == GLOBALLY_UNIQUE_ID).then_some("00"))
}

/// The globally unique id of a scheme's accounts, if the scheme fixes it; of several the first.
fn only_id(scheme: &str) -> Option<&'static str> {
    match SCHEMES.iter().find(|row| row.name == scheme)?.globally_unique_id {
        Pattern::Is(id) => Some(id),
        Pattern::OneOf(ids) => ids.first().copied(),
        _ => None,
    }
}

/// Puts the fields of every level into the order of their ids.
fn sort(fields: &mut [Field]) {
    fields.sort_by(|one, other| one.id.cmp(&other.id));
    for field in fields {
        if let Value::Template(inner) = &mut field.value {
            sort(inner);
        }
    }
}

/// What a merchant-presented payload says by the names of its scheme; `None` if the scheme is not known or its fields
/// have no names here.
#[must_use]
pub fn details(payload: &[Field]) -> Option<SchemeDetails> {
    let scheme = recognise(payload)?;
    first_layout(scheme)?;
    let mut read =
        SchemeDetails { scheme: scheme.into(), accounts: Vec::new(), values: Vec::new(), unnamed: Vec::new() };
    let told: Vec<_> = accounts(payload).collect();
    for field in payload.iter().filter(|field| !matches!(field.id.as_str(), "00" | "63")) {
        let account = told.iter().find(|account| account.id == field.id).and_then(|account| account.scheme);
        let template = two_digits(&field.id).unwrap_or_default();
        match (account.and_then(|account| layout(account, template)), &field.value) {
            (Some(layout), Value::Template(inner)) => {
                let mut values = Vec::new();
                for (path, text) in leaves(inner) {
                    let item = layout.account.iter().find(|item| item.path == path);
                    match item.map(|item| item.name).or((path == "00").then_some(GLOBALLY_UNIQUE_ID)) {
                        Some(name) => values.push(Named { name: name.into(), value: text.into() }),
                        None => read.unnamed.push(format!("{}.{path}", field.id)),
                    }
                }
                read.accounts.push(AccountDetails { scheme: layout.scheme.into(), template, values });
            }
            _ => {
                for (path, text) in leaves(core::slice::from_ref(field)) {
                    match beside(scheme).find(|item| item.path == path) {
                        Some(item) => read.values.push(Named { name: item.name.into(), value: text.into() }),
                        None => read.unnamed.push(path),
                    }
                }
            }
        }
    }
    Some(read)
}
