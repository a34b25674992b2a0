//! What the fields of each scheme's codes mean: one row a field, which one reader and one writer go by.

use core::ops::RangeInclusive;

use super::details::SchemeDetails;
use super::form::Form;
use super::layouts::{COMMON, LAYOUTS};
use crate::problem::Problem;

/// One field of a scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// Where it stands, ids joined by dots: within the account's template or within the payload.
    pub path: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it looks like.
    pub form: Form,
    /// Whether it must be there.
    pub required: bool,
}

/// What the fields of one scheme's account mean, and of those beside it that are the scheme's own.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The scheme's name in [`SCHEMES`](super::SCHEMES).
    pub scheme: &'static str,
    /// The templates that are laid out so; the first is where a new code has it.
    pub templates: RangeInclusive<u8>,
    /// The fields of the template.
    pub account: &'static [Item],
    /// The scheme's own fields elsewhere in the payload; they go before [`COMMON`].
    pub beside: &'static [Item],
    /// Names of fields of the template, of which exactly one must be there; none if it is empty.
    pub one_of: &'static [&'static str],
    /// What else the scheme asks for.
    pub check: Option<fn(&SchemeDetails) -> Option<Problem>>,
}

/// The layout of this scheme's account at this template.
#[must_use]
pub fn layout(scheme: &str, template: u8) -> Option<&'static Layout> {
    LAYOUTS.iter().find(|layout| layout.scheme == scheme && layout.templates.contains(&template))
}

/// The first layout of this scheme, the one that a new code has.
#[must_use]
pub fn first_layout(scheme: &str) -> Option<&'static Layout> {
    LAYOUTS.iter().find(|layout| layout.scheme == scheme)
}

/// The fields outside the accounts that a code of this scheme may have: the scheme's own, then those of everybody.
pub(super) fn beside(scheme: &str) -> impl Iterator<Item = &'static Item> {
    let own = first_layout(scheme).map(|layout| layout.beside).unwrap_or_default();
    let is_common = move |item: &&Item| own.iter().all(|other| other.path != item.path && other.name != item.name);
    own.iter().chain(COMMON.iter().filter(is_common))
}
