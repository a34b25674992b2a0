//! What a scheme asks of its codes beyond the specification of merchant-presented ones.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::details::{AccountDetails, Named, SchemeDetails, get};
use super::form::Form;
use super::layout::{Item, beside, layout};
use crate::problem::{Problem, ProblemKind};

/// The most characters that a wallet shows of a message (field 81).
const MESSAGE_CHARACTERS_MAX: usize = 24;

/// Everything that the schemes of these details do not allow. What the specification does not allow is not their
/// affair.
#[must_use]
pub fn check(details: &SchemeDetails) -> Vec<Problem> {
    let mut problems = Vec::new();
    for account in &details.accounts {
        let outer = format!("{:02}.", account.template);
        let Some(layout) = layout(&account.scheme, account.template) else {
            problems.push(Problem::new(account.scheme.as_str(), ProblemKind::UnknownName));
            continue;
        };
        let id = Item { path: "00", name: "globally_unique_id", form: Form::AsSpecified, required: false };
        let items: Vec<&Item> = layout.account.iter().chain([&id]).collect();
        check_values(&account.values, &items, &outer, &mut problems);
        let count = account.values.iter().filter(|named| layout.one_of.contains(&named.name.as_str())).count();
        if !layout.one_of.is_empty() && count != 1 {
            problems.push(Problem::new(format!("{:02}", account.template), ProblemKind::NotExactlyOne));
        }
        problems.extend(layout.check.and_then(|check| check(details)));
    }
    let items: Vec<&Item> = beside(&details.scheme).collect();
    check_values(&details.values, &items, "", &mut problems);
    problems.dedup();
    problems
}

fn check_values(values: &[Named], items: &[&Item], outer: &str, problems: &mut Vec<Problem>) {
    for named in values {
        match items.iter().find(|item| item.name == named.name) {
            Some(item) => {
                let kind = item.form.fault(&named.value);
                problems.extend(kind.map(|kind| Problem::new(format!("{outer}{}", item.path), kind)));
            }
            None => problems.push(Problem::new(format!("{outer}{}", named.name), ProblemKind::UnknownName)),
        }
    }
    for item in items.iter().filter(|item| item.required && get(values, item.name).is_none()) {
        problems.push(Problem::new(format!("{outer}{}", item.path), ProblemKind::Missing));
    }
}

/// PayNow: the proxy is what its type says, a mobile number in the international form or a business's number (9 or 10
/// letters and digits, and three more for a branch).
pub(super) fn paynow_proxy(details: &SchemeDetails) -> Option<Problem> {
    let AccountDetails { template, values, .. } = details.accounts.iter().find(|account| account.scheme == "paynow")?;
    let value = get(values, "proxy_value")?;
    let digits = |text: &str| (8..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_right = match get(values, "proxy_type")? {
        "0" => value.strip_prefix('+').is_some_and(digits),
        "2" => (9..=13).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        _ => true,
    };
    (!is_right).then(|| Problem::new(format!("{template:02}.02"), ProblemKind::WrongForm))
}

/// QRIS: there is a postal code.
pub(super) fn postal_code(details: &SchemeDetails) -> Option<Problem> {
    details.get("postal_code").is_none().then(|| Problem::new("61", ProblemKind::Missing))
}

/// KHQR: riel or dollar, and a code for one payment says when it was made and when it expires.
pub(super) fn khqr(details: &SchemeDetails) -> Option<Problem> {
    if !matches!(details.get("currency"), Some("116" | "840")) {
        return Some(Problem::new("53", ProblemKind::UnexpectedValue));
    }
    let is_dynamic = details.get("initiation") == Some("12");
    let missing = [("created_at_ms", "99.00"), ("expires_at_ms", "99.01")]
        .into_iter()
        .find(|(name, _)| is_dynamic && details.get(name).is_none());
    missing.map(|(_, path)| Problem::new(path, ProblemKind::Missing))
}

/// Thailand: whether the last of these 13 digits is the check digit of the others, their sum weighted 13 down to 2
/// taken from 11 modulo 11, last digit.
#[must_use]
pub fn is_thai_number(text: &str) -> bool {
    let digits: Option<Vec<u32>> = text.chars().map(|character| character.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| digits.len() == 13) else {
        return false;
    };
    let weighted = digits.iter().zip((2..=13).rev()).map(|(digit, weight): (&u32, u32)| digit.saturating_mul(weight));
    let remainder = weighted.fold(0, u32::saturating_add) % 11;
    digits.last() == Some(&(11_u32.saturating_sub(remainder) % 10))
}

/// Thailand: a mobile number as PromptPay writes it (`0812345678` or `+66812345678` becomes `0066812345678`); `None`
/// for anything else.
#[must_use]
pub fn thai_mobile(number: &str) -> Option<String> {
    let local = number.strip_prefix("+66").or_else(|| number.strip_prefix('0'))?;
    let is_local = local.len() == 9 && local.bytes().all(|byte| byte.is_ascii_digit());
    is_local.then(|| format!("0066{local}"))
}

/// Thailand: the e-wallet id of a TrueMoney customer with this mobile number (`0812345678`).
#[must_use]
pub fn true_money_wallet(number: &str) -> Option<String> {
    thai_mobile(number)?;
    number.starts_with('0').then(|| format!("14000{number}"))
}

/// The text of a TrueMoney message (field 81): UTF-16, big end first, in hexadecimal digits. `None` if it is none.
#[must_use]
pub fn message_of_hex(hex: &str) -> Option<String> {
    if !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut units = Vec::new();
    let mut rest = hex;
    while !rest.is_empty() {
        let (unit, after) = rest.split_at_checked(4)?;
        units.push(u16::from_str_radix(unit, 16).ok()?);
        rest = after;
    }
    String::from_utf16(&units).ok()
}

/// A message as TrueMoney's field 81 has it; `None` for one of more than 24 UTF-16 units, which the field cannot hold.
#[must_use]
pub fn hex_of_message(message: &str) -> Option<String> {
    let units: Vec<u16> = message.encode_utf16().collect();
    if units.len() > MESSAGE_CHARACTERS_MAX {
        return None;
    }
    Some(units.iter().map(|unit| format!("{unit:04X}")).collect())
}
