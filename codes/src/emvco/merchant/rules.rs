//! What the specification says of each field, as tables that parser and generator share.
//!
//! Source: EMVCo MPM 1.1. Fields 62.10 and 62.11 come from later versions and are taken but never written.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::RangeInclusive;

use super::form::Form;
use crate::emvco::tlv::two_digits;
use crate::field::{Field, Value, find, text_at};
use crate::problem::{Problem, ProblemKind};

/// Ids of the accounts that card networks and EMVCo allot; plain text.
pub const CARD_ACCOUNT_IDS: RangeInclusive<u8> = 2..=25;
/// Ids of merchant account templates, each with its own globally unique id.
pub const MERCHANT_ACCOUNT_IDS: RangeInclusive<u8> = 26..=51;
/// Ids of templates that nobody has reserved.
pub const UNRESERVED_IDS: RangeInclusive<u8> = 80..=99;
/// Ids within the additional data (62) of templates owned by payment systems.
pub const PAYMENT_SYSTEM_IDS: RangeInclusive<u8> = 50..=99;

/// The most characters of a globally unique id: an application id, a UUID without hyphens or a reverse domain.
pub const GLOBALLY_UNIQUE_ID_CHARACTERS: usize = 32;

/// Whether a value consists of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nesting {
    /// Never.
    Text,
    /// By the specification.
    Template,
    /// By the specification or by habit, but plain text occurs in use.
    TemplateOrText,
}

/// How the outermost field of this id nests.
#[must_use]
pub fn nesting(id: &str) -> Nesting {
    match two_digits(id) {
        Some(26..=51 | 62 | 64) => Nesting::Template,
        Some(80..=99) => Nesting::TemplateOrText,
        _ => Nesting::Text,
    }
}

/// How the field `id` within the outermost field `outer` nests. 38.01 is Viet Nam's beneficiary.
#[must_use]
pub fn inner_nesting(outer: &str, id: &str) -> Nesting {
    match (outer, two_digits(id)) {
        ("62", Some(50..=99)) | ("38", Some(1)) => Nesting::TemplateOrText,
        _ => Nesting::Text,
    }
}

/// What the specification says of the fields with these ids.
pub(super) struct Rule {
    ids: RangeInclusive<u8>,
    mandatory: bool,
    form: Form,
}

const fn rule(ids: RangeInclusive<u8>, mandatory: bool, form: Form) -> Rule {
    Rule { ids, mandatory, form }
}

const MANDATORY: bool = true;
const OPTIONAL: bool = false;

/// The outermost fields. The checksum (63) is not among them: only the text itself can say whether it is right.
const OUTER: &[Rule] = &[
    rule(0..=0, MANDATORY, Form::OneOf(&["01"])),
    rule(1..=1, OPTIONAL, Form::OneOf(&["11", "12"])),
    rule(CARD_ACCOUNT_IDS, OPTIONAL, Form::Printable { maximum: 99 }),
    rule(MERCHANT_ACCOUNT_IDS, OPTIONAL, Form::OwnedTemplate),
    rule(52..=52, MANDATORY, Form::Digits { length: 4 }),
    rule(53..=53, MANDATORY, Form::Digits { length: 3 }),
    rule(54..=54, OPTIONAL, Form::Amount { maximum: 13 }),
    rule(55..=55, OPTIONAL, Form::OneOf(&["01", "02", "03"])),
    rule(56..=56, OPTIONAL, Form::Amount { maximum: 13 }),
    rule(57..=57, OPTIONAL, Form::Percentage),
    rule(58..=58, MANDATORY, Form::Country),
    rule(59..=59, MANDATORY, Form::Printable { maximum: 25 }),
    rule(60..=60, MANDATORY, Form::Printable { maximum: 15 }),
    rule(61..=61, OPTIONAL, Form::Printable { maximum: 10 }),
    rule(62..=62, OPTIONAL, Form::Template(ADDITIONAL_DATA)),
    rule(63..=63, OPTIONAL, Form::Printable { maximum: 4 }),
    rule(64..=64, OPTIONAL, Form::Template(LANGUAGE)),
    rule(UNRESERVED_IDS, OPTIONAL, Form::OwnedTemplate),
];

const ADDITIONAL_DATA: &[Rule] = &[
    rule(1..=8, OPTIONAL, Form::Printable { maximum: 25 }),
    rule(9..=9, OPTIONAL, Form::DataRequest),
    rule(10..=10, OPTIONAL, Form::Printable { maximum: 20 }),
    rule(11..=11, OPTIONAL, Form::Printable { maximum: 3 }),
    rule(PAYMENT_SYSTEM_IDS, OPTIONAL, Form::OwnedTemplate),
];

const LANGUAGE: &[Rule] = &[
    rule(0..=0, MANDATORY, Form::Language),
    rule(1..=1, MANDATORY, Form::Characters { maximum: 25 }),
    rule(2..=2, OPTIONAL, Form::Characters { maximum: 15 }),
];

/// A template whose owner names itself in 00 and decides over the rest.
const OWNED: &[Rule] = &[
    rule(0..=0, MANDATORY, Form::Printable { maximum: GLOBALLY_UNIQUE_ID_CHARACTERS }),
    rule(1..=99, OPTIONAL, Form::Owners),
];

/// Everything in these fields that the specification does not allow, the checksum apart.
#[must_use]
pub fn check(fields: &[Field]) -> Vec<Problem> {
    let mut problems = Vec::new();
    if fields.first().is_some_and(|first| first.id != "00") {
        problems.push(Problem::new("00", ProblemKind::FormatIndicatorNotFirst));
    }
    check_level(fields, OUTER, "", &mut problems);
    let is_account = |field: &Field| two_digits(&field.id).is_some_and(|id| (2..=51).contains(&id));
    if !fields.iter().any(is_account) {
        problems.push(Problem::new("", ProblemKind::NoMerchantAccount));
    }
    check_tip(fields, &mut problems);
    problems
}

fn check_level(fields: &[Field], rules: &[Rule], outer: &str, problems: &mut Vec<Problem>) {
    for rule in rules.iter().filter(|rule| rule.mandatory) {
        let id = format!("{:02}", rule.ids.start());
        if find(fields, &id).is_none() {
            problems.push(Problem::new(path(outer, &id), ProblemKind::Missing));
        }
    }
    for field in fields {
        let here = path(outer, &field.id);
        let id = two_digits(&field.id);
        let rule = rules.iter().find(|rule| id.is_some_and(|id| rule.ids.contains(&id)));
        match rule {
            Some(rule) => check_value(&field.value, &rule.form, &here, problems),
            None => problems.push(Problem::new(here, ProblemKind::ReservedId)),
        }
    }
}

fn check_value(value: &Value, form: &Form, path: &str, problems: &mut Vec<Problem>) {
    let rules = match form {
        Form::Template(rules) => rules,
        Form::OwnedTemplate => OWNED,
        _ => &[],
    };
    let kind = match (value, rules.is_empty()) {
        (Value::Template(fields), false) => return check_level(fields, rules, path, problems),
        // What an owner does with its own fields is its own affair.
        (Value::Template(_), true) if matches!(form, Form::Owners) => return,
        (Value::Template(_), true) => Some(ProblemKind::NotText),
        (Value::Text(_), false) => Some(ProblemKind::NotATemplate),
        (Value::Text(text), true) => form.fault(text),
    };
    problems.extend(kind.map(|kind| Problem::new(path, kind)));
}

/// Fields 56 and 57 stand exactly where the tip mode in 55 asks for them.
fn check_tip(fields: &[Field], problems: &mut Vec<Problem>) {
    let mode = text_at(fields, "55");
    for (id, its_mode) in [("56", "02"), ("57", "03")] {
        match (mode == Some(its_mode), find(fields, id).is_some()) {
            (true, false) => problems.push(Problem::new(id, ProblemKind::Missing)),
            (false, true) => problems.push(Problem::new(id, ProblemKind::NotInThisTipMode)),
            _ => {}
        }
    }
}

fn path(outer: &str, id: &str) -> String {
    if outer.is_empty() { String::from(id) } else { format!("{outer}.{id}") }
}
