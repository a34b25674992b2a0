//! Account numbers and references that carry two check digits modulo 97, and bank identifiers.
//!
//! Sources: ISO 13616 (IBAN) and the lengths in SWIFT's IBAN registry; ISO 11649 (creditor reference); ISO 9362 (BIC).

/// The shortest and the longest IBAN of any country (Norway has the shortest; ISO 13616 allows 34).
const IBAN_LENGTHS: core::ops::RangeInclusive<usize> = 15..=34;
/// The shortest and the longest creditor reference (ISO 11649).
const CREDITOR_REFERENCE_LENGTHS: core::ops::RangeInclusive<usize> = 5..=25;

/// The IBAN length of each country of the single euro payments area. Other countries' lengths are not checked.
const COUNTRY_LENGTHS: &[(usize, &[&str])] = &[
    (15, &["NO"]),
    (16, &["BE"]),
    (18, &["DK", "FI", "FO", "GL", "NL"]),
    (19, &["SI"]),
    (20, &["AT", "EE", "LT", "LU"]),
    (21, &["CH", "HR", "LI", "LV"]),
    (22, &["BG", "DE", "GB", "IE", "VA"]),
    (23, &["GI"]),
    (24, &["AD", "CZ", "ES", "RO", "SE", "SK"]),
    (25, &["PT"]),
    (26, &["IS"]),
    (27, &["FR", "GR", "IT", "MC", "SM"]),
    (28, &["CY", "HU", "PL"]),
    (31, &["MT"]),
];

/// Whether this is an IBAN in electronic form: capital letters and digits without spaces, a length that its country
/// uses, check digits that fit.
#[must_use]
pub fn is_iban(text: &str) -> bool {
    let Some(country) = text.get(..2) else {
        return false;
    };
    let known = COUNTRY_LENGTHS.iter().find(|(_, countries)| countries.contains(&country));
    country.bytes().all(|byte| byte.is_ascii_uppercase())
        && known.map_or(IBAN_LENGTHS.contains(&text.len()), |(length, _)| *length == text.len())
        && has_check_digits(text)
}

/// Whether this is a creditor reference of ISO 11649 in electronic form: `RF`, two check digits that fit, capital
/// letters and digits.
#[must_use]
pub fn is_creditor_reference(text: &str) -> bool {
    text.starts_with("RF") && CREDITOR_REFERENCE_LENGTHS.contains(&text.len()) && has_check_digits(text)
}

/// Whether this has the form of a business identifier code: four letters or digits for the institution (of old:
/// letters), two letters for the country, two for the place, and three for the branch or none.
#[must_use]
pub fn is_bic(text: &str) -> bool {
    let alphanumeric = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let country = text.get(4..6).is_some_and(|country| country.bytes().all(|byte| byte.is_ascii_uppercase()));
    matches!(text.len(), 8 | 11) && alphanumeric && country
}

/// Whether the text, its first four characters moved to the end, is 1 modulo 97, with A as 10 up to Z as 35 (ISO 7064,
/// MOD 97-10), and the third and fourth character are digits.
fn has_check_digits(text: &str) -> bool {
    let Some((head, rest)) = text.split_at_checked(4) else {
        return false;
    };
    let digits = head.get(2..).is_some_and(|check| check.bytes().all(|byte| byte.is_ascii_digit()));
    digits && remainder_97(rest.chars().chain(head.chars())) == Some(1)
}

/// `None` if there is anything but capital letters and digits.
fn remainder_97(characters: impl Iterator<Item = char>) -> Option<u32> {
    let mut remainder = 0_u32;
    for character in characters {
        if !character.is_ascii_uppercase() && !character.is_ascii_digit() {
            return None;
        }
        let value = character.to_digit(36)?;
        let shift = if value < 10 { 10 } else { 100 };
        remainder = remainder.checked_mul(shift)?.checked_add(value)?.checked_rem(97)?;
    }
    Some(remainder)
}
