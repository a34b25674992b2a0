//! Whose code it is: national schemes, told by the globally unique ids in their merchant accounts.
//!
//! What is known of each scheme is data: how its codes are told in [`SCHEMES`], what their fields mean in
//! [`LAYOUTS`]. One reader ([`details`](fn@details)) and one writer ([`SchemeDetails::generate`]) serve them all.

mod check;
mod details;
mod form;
mod layout;
mod layouts;
mod table;

pub use check::{check, hex_of_message, is_thai_number, message_of_hex, thai_mobile, true_money_wallet};
pub use details::{AccountDetails, Named, SchemeDetails, details};
pub use form::Form;
pub use layout::{Item, Layout, first_layout, layout};
pub use layouts::{COMMON, LAYOUTS};
pub use table::{CARD_ACCOUNTS, SCHEMES};

use core::ops::RangeInclusive;

use crate::emvco::merchant::rules::MERCHANT_ACCOUNT_IDS;
use crate::emvco::tlv::two_digits;
use crate::field::{Field, text_at};
use crate::problem::Problem;

/// The name for payloads whose accounts are those of card networks only.
pub const CARD_NETWORKS_ONLY: &str = "emvco";

/// How sure the knowledge of a scheme is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confidence {
    /// Official text, or several sources that agree.
    High,
    /// One secondary or older source.
    Medium,
    /// Little is public.
    Low,
}

/// What a text must look like to match. Letters match in either case, as domain names do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// Any text.
    Any,
    /// This text.
    Is(&'static str),
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A text that begins so.
    BeginsWith(&'static str),
    /// A UUID without hyphens.
    Uuid,
    /// So many digits.
    Digits(usize),
    /// `account@bank`.
    AccountAtBank,
}

impl Pattern {
    /// Whether the text matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Is(expected) => text.eq_ignore_ascii_case(expected),
            Self::OneOf(expected) => expected.iter().any(|one| text.eq_ignore_ascii_case(one)),
            Self::BeginsWith(start) => text.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start)),
            Self::Uuid => text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
            Self::Digits(count) => text.len() == *count && text.bytes().all(|byte| byte.is_ascii_digit()),
            Self::AccountAtBank => {
                text.split_once('@').is_some_and(|(account, bank)| !account.is_empty() && !bank.is_empty())
            }
        }
    }
}

/// One scheme and how its codes are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheme {
    /// The name, as [`recognise`] answers it.
    pub name: &'static str,
    /// ISO 3166-1 alpha-2; empty for a scheme of several countries.
    pub country: &'static str,
    /// Which of the merchant account templates may be the scheme's.
    pub templates: RangeInclusive<u8>,
    /// The globally unique id (00 of the template).
    pub globally_unique_id: Pattern,
    /// What else must stand in the template: id and pattern.
    pub within: &'static [(&'static str, Pattern)],
    /// What else must stand in the payload: path and pattern.
    pub beside: &'static [(&'static str, Pattern)],
    /// Paths and [problem codes](crate::ProblemKind::code) that the scheme's codes are known to have in use. They
    /// stay problems; a caller that trusts the scheme may pass over them.
    pub tolerated: &'static [(&'static str, &'static str)],
    /// How sure all this is.
    pub confidence: Confidence,
}

impl Scheme {
    /// Whether the scheme's codes are known to have this problem in use. Never true for one that invalidates.
    #[must_use]
    pub fn tolerates(&self, problem: &Problem) -> bool {
        !problem.kind.invalidates() && self.tolerated.contains(&(problem.path.as_str(), problem.kind.code()))
    }

    fn matches(&self, account: &Field, payload: &[Field]) -> bool {
        let Some(inner) = account.value.as_template() else {
            return false;
        };
        let fits =
            |fields, (path, pattern): &(&str, Pattern)| text_at(fields, path).is_some_and(|text| pattern.matches(text));
        two_digits(&account.id).is_some_and(|id| self.templates.contains(&id))
            && fits(inner, &("00", self.globally_unique_id))
            && self.within.iter().all(|condition| fits(inner, condition))
            && self.beside.iter().all(|condition| fits(payload, condition))
    }
}

/// An account in a payload and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account<'a> {
    /// The id of the field, 02 to 51.
    pub id: &'a str,
    /// The scheme or card network, if it is known.
    pub scheme: Option<&'static str>,
}

/// The scheme of a merchant-presented payload, of several the one that stands first in [`SCHEMES`]. Payloads with
/// card networks' accounts only are [`CARD_NETWORKS_ONLY`].
#[must_use]
pub fn recognise(payload: &[Field]) -> Option<&'static str> {
    let known = SCHEMES.iter().find(|scheme| payload.iter().any(|field| scheme.matches(field, payload)));
    if let Some(scheme) = known {
        return Some(scheme.name);
    }
    let mut only_cards = None;
    for account in accounts(payload) {
        if two_digits(account.id).is_some_and(|id| MERCHANT_ACCOUNT_IDS.contains(&id)) {
            return None;
        }
        only_cards = Some(CARD_NETWORKS_ONLY);
    }
    only_cards
}

/// All accounts of a payload, one label often carries several, with the scheme of each.
pub fn accounts(payload: &[Field]) -> impl Iterator<Item = Account<'_>> {
    payload.iter().filter_map(move |field| {
        let id = two_digits(&field.id).filter(|id| (2..=51).contains(id))?;
        let network = CARD_ACCOUNTS.iter().find(|(ids, _)| ids.contains(&id)).map(|(_, network)| *network);
        let scheme = SCHEMES.iter().find(|scheme| scheme.matches(field, payload)).map(|scheme| scheme.name);
        Some(Account { id: &field.id, scheme: network.or(scheme) })
    })
}

/// What is known of the scheme with this name; the first row, where a scheme has several.
#[must_use]
pub fn named(name: &str) -> Option<&'static Scheme> {
    SCHEMES.iter().find(|scheme| scheme.name == name)
}
