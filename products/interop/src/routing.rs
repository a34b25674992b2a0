//! Whose a code is: what the network's directory, as a cell knows it, says of a code that was scanned.

use alloc::string::String;
use alloc::vec::Vec;

use sycee_codes::decode::decode;
use sycee_codes::own::OwnCode;
use sycee_codes::routing::{RoutingKey, RoutingPattern, choose, routing_keys};

use crate::quote::Target;
use crate::record::KnownCell;

/// What a shop's code of another cell asks to pay; `None` if it is nobody's whom the directory names, or cannot be read.
#[must_use]
pub fn shops_code(code: &str, cells: &[KnownCell]) -> Option<OwnCode> {
    let keys = routing_keys(&decode(code));
    if keys.is_empty() {
        return None;
    }
    let (pattern, cell) = chosen(&keys, cells)?;
    read(code, &pattern, cell)
}

/// The cell whose wallets show such payment codes (digits); `None` if it is nobody's whom the directory names.
#[must_use]
pub fn issuer(auth_code: &str, cells: &[KnownCell]) -> Option<u16> {
    chosen(&[RoutingKey::NumericPrefix(String::from(auth_code))], cells).map(|(_, cell)| cell)
}

/// The number of the cell that a code names.
#[must_use]
pub fn cell_of_code(code: &OwnCode) -> Option<u16> {
    match code {
        OwnCode::Order { cell, .. } => Some(*cell),
        OwnCode::Merchant { merchant, .. } => sycee_party::cell_of(*merchant),
    }
}

impl Target {
    /// What a code asks to pay, with what its payer says of it.
    #[must_use]
    pub fn of_code(code: &OwnCode, reference: String) -> Self {
        match *code {
            OwnCode::Order { id, .. } => Self::Order { order: id },
            OwnCode::Merchant { merchant, store } => Self::Merchant { merchant, store, reference },
        }
    }
}

fn chosen(keys: &[RoutingKey], cells: &[KnownCell]) -> Option<(RoutingPattern, u16)> {
    let mut patterns: Vec<(RoutingPattern, u16)> = Vec::new();
    for KnownCell { entry, .. } in cells {
        // What this version does not understand of a pattern, it does not route by.
        let parsed = entry.code_patterns.iter().filter_map(|text| text.parse().ok());
        patterns.extend(parsed.map(|pattern| (pattern, entry.cell)));
    }
    let place = choose(keys, patterns.iter().map(|(pattern, _)| pattern))?;
    (place < patterns.len()).then(|| patterns.swap_remove(place))
}

/// Reads a code as the pattern says that it is made. What it names must be of the cell whose pattern it is.
fn read(code: &str, pattern: &RoutingPattern, cell: u16) -> Option<OwnCode> {
    let target = match pattern {
        RoutingPattern::GloballyUniqueId { 0: guid, .. } => OwnCode::parse(code, guid)?,
        RoutingPattern::Url { .. } => {
            let path = code.split(['?', '#']).next()?.trim_end_matches('/');
            let (cell, id) = sycee_acquiring::parse_trade_no(path.rsplit('/').next()?)?;
            OwnCode::Order { cell, id }
        }
        _ => return None,
    };
    (cell_of_code(&target) == Some(cell)).then_some(target)
}

#[cfg(test)]
mod tests {
    use sycee_codes::own::Label;

    use super::*;

    #[test]
    fn a_code_must_name_the_cell_whose_pattern_it_matches() {
        let label = Label {
            template: 26,
            guid: "org.sycee.th",
            merchant_category_code: "5999",
            currency_numeric: "764",
            amount: None,
            country: "TH",
            name: "Shop",
            city: "Bangkok",
        };
        let order = OwnCode::Order { cell: 3, id: 5 }.encode(&label).unwrap();
        let shop = OwnCode::Merchant { merchant: 2_088_030_000_100_000, store: Some(7) }.encode(&label).unwrap();
        let link = "https://pay.example.com/p/2026112403000000000000065537?x=1";
        let of_shop = OwnCode::Merchant { merchant: 2_088_030_000_100_000, store: Some(7) };
        for (code, pattern, cell, expected) in [
            (order.as_str(), "guid:org.sycee.th", 3, Some(OwnCode::Order { cell: 3, id: 5 })),
            (&shop, "guid:org.sycee.th", 3, Some(of_shop)),
            (&order, "guid:org.sycee.th", 4, None),
            (&shop, "guid:org.sycee.th", 4, None),
            (&order, "guid:org.sycee.fr", 3, None),
            (link, "url:pay.example.com/p/", 3, Some(OwnCode::Order { cell: 3, id: 65_537 })),
            (link, "url:pay.example.com/p/", 7, None),
            (&order, "scheme:promptpay_credit_transfer", 3, None),
        ] {
            assert_eq!(read(code, &pattern.parse().unwrap(), cell), expected, "{code} {pattern} {cell}");
        }
    }
}
