//! What the specification says of each object (EMVCo CPM 1.1; the card's own objects: EMV book 3, annex A).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::RangeInclusive;

use super::account::{AccountNumber, Track2};
use super::ber::{Contents, Object, Tag, bytes_of};
use super::tag;
use super::{APPLICATIONS_MAX, VERSION, numbered};
use crate::problem::{Problem, ProblemKind};

/// Bytes of an application id (ISO/IEC 7816-4).
const APPLICATION_ID_BYTES: RangeInclusive<usize> = 5..=16;
/// The most languages that a customer may prefer, two letters each.
const LANGUAGES_MAX: usize = 4;

/// What a value must look like. Lengths are in bytes.
enum Form {
    Version,
    ApplicationId,
    AccountNumber,
    Track2,
    Languages,
    /// Printable ASCII.
    Printable {
        maximum: usize,
    },
    /// So many bytes.
    Exactly(usize),
    /// At least one byte.
    AtMost(usize),
    /// Objects.
    Template,
}

/// Where an object may stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    /// Outermost.
    Payload,
    /// In 61.
    Application,
    /// In 62.
    Common,
    /// In 63 or 64, where payment systems add objects of their own.
    Transparent,
}

/// Objects that stand in a certain place only.
const PLACED: &[(Tag, Level, Form)] = &[
    (tag::PAYLOAD_FORMAT_INDICATOR, Level::Payload, Form::Version),
    (tag::APPLICATION_TEMPLATE, Level::Payload, Form::Template),
    (tag::COMMON_DATA_TEMPLATE, Level::Payload, Form::Template),
    (tag::APPLICATION_ID, Level::Application, Form::ApplicationId),
    (tag::APPLICATION_TRANSPARENT_TEMPLATE, Level::Application, Form::Template),
    (tag::COMMON_TRANSPARENT_TEMPLATE, Level::Common, Form::Template),
];

/// Objects about the card, the account or the transaction: in 61 or 62, or within the templates 63 and 64 there.
const ANYWHERE: &[(Tag, Form)] = &[
    (tag::APPLICATION_LABEL, Form::Printable { maximum: 16 }),
    (tag::TRACK_2, Form::Track2),
    (tag::ACCOUNT_NUMBER, Form::AccountNumber),
    (tag::CARDHOLDER_NAME, Form::Printable { maximum: 26 }),
    (tag::LANGUAGES, Form::Languages),
    (tag::ACCOUNT_NUMBER_SEQUENCE, Form::Exactly(1)),
    (tag::ISSUER_URL, Form::Printable { maximum: 255 }),
    (tag::INTERCHANGE_PROFILE, Form::Exactly(2)),
    (tag::APPLICATION_VERSION, Form::Exactly(2)),
    (tag::ISSUER_APPLICATION_DATA, Form::AtMost(32)),
    (tag::APPLICATION_PREFERRED_NAME, Form::AtMost(16)),
    (tag::TOKEN_REQUESTOR_ID, Form::Exactly(6)),
    (tag::PAYMENT_ACCOUNT_REFERENCE, Form::Exactly(29)),
    (tag::LAST_FOUR_DIGITS, Form::Exactly(2)),
    (tag::CRYPTOGRAM, Form::Exactly(8)),
    (tag::CRYPTOGRAM_INFORMATION, Form::Exactly(1)),
    (tag::TRANSACTION_COUNTER, Form::Exactly(2)),
    (tag::UNPREDICTABLE_NUMBER, Form::Exactly(4)),
];

/// Everything in these objects that the specification does not allow.
pub(super) fn check(objects: &[Object]) -> Vec<Problem> {
    let mut problems = Vec::new();
    if objects.first().is_none_or(|first| first.tag != tag::PAYLOAD_FORMAT_INDICATOR) {
        problems.push(Problem::new("", ProblemKind::Unrecognised));
    }
    let mut applications = 0_usize;
    for object in objects {
        let mut path = format!("{}", object.tag);
        if object.tag == tag::APPLICATION_TEMPLATE {
            applications = applications.saturating_add(1);
            path = numbered(object.tag, applications);
        }
        check_object(object, Level::Payload, &path, &mut problems);
        let level = match object.tag {
            tag::APPLICATION_TEMPLATE => Level::Application,
            tag::COMMON_DATA_TEMPLATE => Level::Common,
            _ => continue,
        };
        if level == Level::Application && bytes_of(object.objects(), tag::APPLICATION_ID).is_none() {
            problems.push(Problem::new(format!("{path}.{}", tag::APPLICATION_ID), ProblemKind::Missing));
        }
        check_template(object.objects(), level, &path, &mut problems);
    }
    let has_common = objects.iter().any(|object| object.tag == tag::COMMON_DATA_TEMPLATE);
    let mut report = |tag: Tag, kind| problems.push(Problem::new(format!("{tag}"), kind));
    if applications == 0 {
        report(tag::APPLICATION_TEMPLATE, ProblemKind::NoApplication);
    }
    if applications > APPLICATIONS_MAX {
        report(tag::APPLICATION_TEMPLATE, ProblemKind::TooManyApplications);
    }
    if has_common && applications < APPLICATIONS_MAX {
        report(tag::COMMON_DATA_TEMPLATE, ProblemKind::CommonDataForOneApplication);
    }
    problems
}

fn check_template(objects: &[Object], level: Level, outer: &str, problems: &mut Vec<Problem>) {
    for object in objects {
        let path = format!("{outer}.{}", object.tag);
        check_object(object, level, &path, problems);
        let is_transparent =
            matches!(object.tag, tag::APPLICATION_TRANSPARENT_TEMPLATE | tag::COMMON_TRANSPARENT_TEMPLATE);
        if is_transparent && level != Level::Transparent {
            check_template(object.objects(), Level::Transparent, &path, problems);
        }
    }
}

fn check_object(object: &Object, level: Level, path: &str, problems: &mut Vec<Problem>) {
    let placed = PLACED.iter().find(|(tag, its_level, _)| *tag == object.tag && *its_level == level);
    let free = ANYWHERE.iter().find(|(tag, _)| *tag == object.tag && level != Level::Payload);
    let form = placed.map(|(_, _, form)| form).or(free.map(|(_, form)| form));
    let fault = match (form, &object.contents) {
        (Some(Form::Template), Contents::Objects(_)) => None,
        (Some(Form::Template), Contents::Bytes(bytes)) if bytes.is_empty() => Some(ProblemKind::Empty),
        // That it cannot be read as objects was told when it was read.
        (Some(Form::Template), Contents::Bytes(_)) => None,
        (Some(form), Contents::Bytes(bytes)) => form.fault(bytes),
        (Some(_), Contents::Objects(_)) => Some(ProblemKind::NotText),
        (None, _) => (level != Level::Transparent).then_some(ProblemKind::UnknownTag),
    };
    problems.extend(fault.map(|kind| Problem::new(path, kind)));
}

impl Form {
    /// What is wrong with these bytes, if anything. Lengths in the answer are those of the hex digits that are shown,
    /// or of the text.
    fn fault(&self, bytes: &[u8]) -> Option<ProblemKind> {
        if bytes.is_empty() {
            return Some(ProblemKind::Empty);
        }
        let (fits, fault) = match *self {
            Self::Version => (bytes == VERSION.as_bytes(), ProblemKind::UnexpectedValue),
            Self::ApplicationId => (APPLICATION_ID_BYTES.contains(&bytes.len()), ProblemKind::NotAnApplicationId),
            Self::AccountNumber => (AccountNumber::from_packed(bytes).is_some(), ProblemKind::NotAnAccountNumber),
            Self::Track2 => (Track2::from_packed(bytes).is_some(), ProblemKind::NotTrack2),
            Self::Languages => (are_languages(bytes), ProblemKind::NotALanguage),
            Self::Printable { .. } if !bytes.iter().all(|byte| matches!(byte, b' '..=b'~')) => {
                (false, ProblemKind::NotPrintableAscii)
            }
            Self::Printable { maximum } => (bytes.len() <= maximum, ProblemKind::TooLong { maximum }),
            Self::Exactly(length) => {
                (bytes.len() == length, ProblemKind::WrongLength { expected: length.saturating_mul(2) })
            }
            Self::AtMost(length) => (bytes.len() <= length, ProblemKind::TooLong { maximum: length.saturating_mul(2) }),
            Self::Template => (false, ProblemKind::NotATemplate),
        };
        (!fits).then_some(fault)
    }
}

fn are_languages(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_alphabetic)
        && bytes.len().is_multiple_of(2)
        && bytes.chunks(2).count() <= LANGUAGES_MAX
}

/// The text of a path: ids joined by dots.
pub(super) fn path(outer: &str, id: &str) -> String {
    if outer.is_empty() { String::from(id) } else { format!("{outer}.{id}") }
}
