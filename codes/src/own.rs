//! The codes of our own wallets, as shops show them: which order to pay, or which shop.
//!
//! They are EMVCo merchant-presented codes. In the market's own template (its id and its globally unique id are in the
//! market pack) subfield 00 is that id, 01 says what to pay, and 02 names the store of a shop's printed code:
//!
//! | 01 | says |
//! |---|---|
//! | `O`, cell (2 digits), order (13 digits) | one order; the cell's number and the order's id, as in a trade number |
//! | `M`, merchant (16 digits) | a shop; the customer types the amount |

use alloc::format;
use alloc::string::String;

use crate::emvco::merchant::{Initiation, MerchantPresented, OutOfSpecification, Template, parse as parse_merchant};
use crate::emvco::tlv::two_digits;
use crate::field::find;

/// Subfield of the template that says what to pay.
const TARGET_ID: u8 = 1;
/// Subfield of the template that names the store.
const STORE_ID: u8 = 2;
/// The most characters of a merchant's name (EMVCo MPM 1.1, field 59).
const NAME_MAX_CHARACTERS: usize = 25;
/// The most characters of a city (EMVCo MPM 1.1, field 60).
const CITY_MAX_CHARACTERS: usize = 15;
/// What stands for a name or a city of which ASCII can write nothing.
const UNWRITABLE: &str = "-";

/// What one of our own codes asks to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnCode {
    /// One order.
    Order {
        /// The cell's number, 1 to 99.
        cell: u16,
        /// The order's id, at most 13 digits.
        id: u64,
    },
    /// A shop, as its printed code says it.
    Merchant {
        /// The merchant's party number, 16 digits.
        merchant: u64,
        /// The store's id; the merchant's first store if `None`.
        store: Option<u64>,
    },
}

/// What a code says beside what to pay. Texts are what the specification wants, except for the two that people chose: the
/// name and the city are folded to ASCII and cut to length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label<'a> {
    /// Template id of the market's own codes, 26 to 51.
    pub template: u8,
    /// The globally unique id in that template.
    pub guid: &'a str,
    /// Merchant category code, four digits (ISO 18245).
    pub merchant_category_code: &'a str,
    /// The currency's three digits (ISO 4217).
    pub currency_numeric: &'a str,
    /// The price in major units, as decimal text; `None` when the customer types it.
    pub amount: Option<&'a str>,
    /// Two capital letters (ISO 3166-1).
    pub country: &'a str,
    /// The shop's name.
    pub name: &'a str,
    /// Where it is.
    pub city: &'a str,
}

impl OwnCode {
    /// Writes the code. One for an order is for one payment (dynamic), a shop's for any number (static).
    ///
    /// # Errors
    /// [`OutOfSpecification`] when the label holds something that the specification does not allow.
    pub fn encode(&self, label: &Label<'_>) -> Result<String, OutOfSpecification> {
        let template = Template::new(label.template, label.guid);
        let (initiation, template) = match self {
            Self::Order { cell, id } => (Initiation::Dynamic, template.field(TARGET_ID, format!("O{cell:02}{id:013}"))),
            Self::Merchant { merchant, store } => {
                let template = template.field(TARGET_ID, format!("M{merchant:016}"));
                let template = match store {
                    Some(store) => template.field(STORE_ID, format!("{store}")),
                    None => template,
                };
                (Initiation::Static, template)
            }
        };
        let code = MerchantPresented::new(
            initiation,
            label.merchant_category_code,
            label.currency_numeric,
            label.country,
            &folded(label.name, NAME_MAX_CHARACTERS),
            &folded(label.city, CITY_MAX_CHARACTERS),
        )
        .merchant_account(template);
        match label.amount {
            Some(amount) => code.amount(amount),
            None => code,
        }
        .generate()
    }

    /// Reads a code of the market whose globally unique id this is; `None` for any other text, and for a code that is
    /// damaged (its checksum is wrong, a field stands twice).
    #[must_use]
    pub fn parse(text: &str, guid: &str) -> Option<Self> {
        let parsed = parse_merchant(text);
        if !parsed.valid {
            return None;
        }
        let template = parsed
            .fields
            .iter()
            .filter(|field| two_digits(&field.id).is_some_and(|id| (26..=51).contains(&id)))
            .filter_map(|field| field.value.as_template())
            .find(|fields| find(fields, "00").and_then(|owner| owner.as_text()) == Some(guid))?;
        let target = find(template, "01")?.as_text()?;
        let store = match find(template, "02") {
            None => None,
            Some(store) => Some(digits(store.as_text()?)?),
        };
        if let Some(order) = target.strip_prefix('O') {
            let (cell, id) = order.split_at_checked(2)?;
            let cell = two_digits(cell).filter(|cell| *cell > 0)?;
            let id = if id.len() == 13 { digits(id)? } else { return None };
            return Some(Self::Order { cell: cell.into(), id });
        }
        let merchant = target.strip_prefix('M').filter(|merchant| merchant.len() == 16)?;
        Some(Self::Merchant { merchant: digits(merchant)?, store })
    }
}

/// What a merchant-presented code calls its shop (EMVCo MPM 1.1, field 59); `None` for any other text, a damaged code, and one whose shop
/// has a name that ASCII cannot write. Whoever printed the code wrote it: it proves nothing.
#[must_use]
pub fn shop_name(text: &str) -> Option<String> {
    let parsed = parse_merchant(text);
    let name = find(&parsed.fields, "59").filter(|_| parsed.valid)?.as_text()?;
    Some(name).filter(|name| *name != UNWRITABLE && !name.trim().is_empty()).map(String::from)
}

/// A number written with nothing but ASCII digits.
fn digits(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// A text for people in printable ASCII: Latin letters lose their marks, runs of blanks become one, what ASCII cannot write
/// is left out, and the rest is cut after so many characters.
#[must_use]
pub fn folded(text: &str, maximum_characters: usize) -> String {
    let mut out = String::new();
    for character in text.chars() {
        match character {
            '!'..='~' => out.push(character),
            _ if character.is_whitespace() => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            _ => out.push_str(base_letters(character)),
        }
    }
    let cut: String = out.chars().take(maximum_characters).collect();
    let cut = cut.trim();
    String::from(if cut.is_empty() { UNWRITABLE } else { cut })
}

/// The ASCII letters that people write for a Latin letter with a mark (ISO 8859-1, and what else is common in Europe and
/// Viet Nam); nothing for other scripts.
fn base_letters(character: char) -> &'static str {
    match character {
        'À'..='Å' | 'Ā' | 'Ă' | 'Ą' => "A",
        'Æ' => "AE",
        'Ç' | 'Ć' | 'Č' => "C",
        'Ð' | 'Đ' | 'Ď' => "D",
        'È'..='Ë' | 'Ē' | 'Ė' | 'Ę' | 'Ě' => "E",
        'Ì'..='Ï' | 'Ī' | 'İ' => "I",
        'Ł' => "L",
        'Ñ' | 'Ń' | 'Ň' => "N",
        'Ò'..='Ö' | 'Ø' | 'Ő' | 'Ơ' => "O",
        'Œ' => "OE",
        'Ř' => "R",
        'Ś' | 'Š' | 'Ş' | 'Ș' => "S",
        'Ť' | 'Ț' => "T",
        'Ù'..='Ü' | 'Ů' | 'Ű' | 'Ū' | 'Ư' => "U",
        'Ý' | 'Ÿ' => "Y",
        'Ź' | 'Ż' | 'Ž' => "Z",
        'ß' => "ss",
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'ð' | 'đ' | 'ď' => "d",
        'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => "e",
        'ì'..='ï' | 'ī' | 'ı' => "i",
        'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ő' | 'ơ' => "o",
        'œ' => "oe",
        'ř' => "r",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ť' | 'ț' => "t",
        'ù'..='ü' | 'ů' | 'ű' | 'ū' | 'ư' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        '‘' | '’' => "'",
        '“' | '”' => "\"",
        '–' | '—' => "-",
        _ => "",
    }
}
