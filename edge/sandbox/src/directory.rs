//! The network's directory, as a cell knows it: whose a code is.

use sycee_acquiring::parse_trade_no;
use sycee_codes::decode::decode as decode_code;
use sycee_codes::own::OwnCode;
use sycee_codes::routing::{RoutingPattern, choose, routing_keys};
use sycee_contract::{Key, decode};
use sycee_engine::ReadPoint;
use sycee_engine::store::StoreError;
use sycee_interop::record::{DIRECTORY, KnownCell};

use crate::codebook::Target;

/// All cells that the network has named.
pub(crate) fn known_cells(point: &ReadPoint) -> Result<Vec<KnownCell>, StoreError> {
    let rows = point.scan(&Key::new(DIRECTORY), None, usize::MAX)?;
    let row = |bytes: &[u8]| decode(bytes, "directory").map_err(|stop| StoreError::new(format!("{stop:?}")));
    rows.iter().map(|(_, bytes)| row(bytes)).collect()
}

/// What a code of another cell asks to pay; `None` if it is nobody's whom the directory names, or cannot be read.
pub(crate) fn target(point: &ReadPoint, code: &str) -> Result<Option<Target>, StoreError> {
    let keys = routing_keys(&decode_code(code));
    if keys.is_empty() {
        return Ok(None);
    }
    let mut patterns: Vec<(RoutingPattern, u16)> = Vec::new();
    for KnownCell { entry, .. } in known_cells(point)? {
        // What this version does not understand of a pattern, it does not route by.
        let parsed = entry.code_patterns.iter().filter_map(|text| text.parse().ok());
        patterns.extend(parsed.map(|pattern| (pattern, entry.cell)));
    }
    let chosen = choose(&keys, patterns.iter().map(|(pattern, _)| pattern)).and_then(|place| patterns.get(place));
    Ok(chosen.and_then(|(pattern, cell)| read(code, pattern, *cell)))
}

/// Reads a code as the pattern says that it is made. What it names must be of the cell whose pattern it is.
fn read(code: &str, pattern: &RoutingPattern, cell: u16) -> Option<Target> {
    let target = match pattern {
        RoutingPattern::GloballyUniqueId { 0: guid, .. } => Target::from(OwnCode::parse(code, guid)?),
        RoutingPattern::Url { .. } => {
            let path = code.split(['?', '#']).next()?.trim_end_matches('/');
            let (cell, id) = parse_trade_no(path.rsplit('/').next()?)?;
            Target::Order { cell, id }
        }
        _ => return None,
    };
    (target.cell() == Some(cell)).then_some(target)
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
        let of_shop = Target::Shop { merchant: 2_088_030_000_100_000, store: Some(7) };
        for (code, pattern, cell, expected) in [
            (order.as_str(), "guid:org.sycee.th", 3, Some(Target::Order { cell: 3, id: 5 })),
            (&shop, "guid:org.sycee.th", 3, Some(of_shop)),
            (&order, "guid:org.sycee.th", 4, None),
            (&shop, "guid:org.sycee.th", 4, None),
            (&order, "guid:org.sycee.fr", 3, None),
            (link, "url:pay.example.com/p/", 3, Some(Target::Order { cell: 3, id: 65_537 })),
            (link, "url:pay.example.com/p/", 7, None),
            (&order, "scheme:promptpay_credit_transfer", 3, None),
        ] {
            assert_eq!(read(code, &pattern.parse().unwrap(), cell), expected, "{code} {pattern} {cell}");
        }
    }
}
