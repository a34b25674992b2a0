//! The table against facts of ISO 4217.

use std::collections::BTreeSet;

use sycee_money::Currency;

use crate::{assert_cbor, currency};

/// Every currency of list one that does not have two decimals.
const DIGITS: [(u8, &[&str]); 3] = [
    (
        0,
        &[
            "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF",
            "XOF", "XPF",
        ],
    ),
    (3, &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]),
    (4, &["CLF", "UYW"]),
];

#[test]
fn minor_digits_are_those_of_the_standard() {
    for currency in Currency::all() {
        let listed = DIGITS.iter().find(|(_, codes)| codes.contains(&currency.code()));
        let expected = listed.map_or(2, |(digits, _)| *digits);
        assert_eq!(currency.minor_digits(), expected, "{currency}");
    }
    for code in DIGITS.iter().flat_map(|(_, codes)| codes.iter()) {
        assert!(Currency::from_code(code).is_some(), "{code} is missing");
    }
    for code in ["LAK", "PKR", "IDR", "HUF", "MMK", "COP"] {
        assert_eq!(currency(code).minor_digits(), 2, "{code}");
    }
}

#[test]
fn rows_known_by_heart() {
    let rows = [
        ("ALL", 8, "Lek"),
        ("CNY", 156, "Yuan Renminbi"),
        ("EUR", 978, "Euro"),
        ("GBP", 826, "Pound Sterling"),
        ("HKD", 344, "Hong Kong Dollar"),
        ("IDR", 360, "Rupiah"),
        ("JPY", 392, "Yen"),
        ("KRW", 410, "Won"),
        ("MYR", 458, "Malaysian Ringgit"),
        ("PHP", 608, "Philippine Peso"),
        ("SGD", 702, "Singapore Dollar"),
        ("THB", 764, "Baht"),
        ("USD", 840, "US Dollar"),
        ("VND", 704, "Dong"),
        ("XCG", 532, "Caribbean Guilder"),
        ("ZWG", 924, "Zimbabwe Gold"),
    ];
    for (code, numeric, name) in rows {
        let found = Currency::from_code(code).unwrap();
        assert_eq!((found.code(), found.numeric(), found.name()), (code, numeric, name));
        assert_eq!(Currency::from_numeric(numeric), Some(found));
        assert_eq!(found.to_string(), code);
    }
    assert_eq!(Currency::EUR, currency("EUR"));
    assert_eq!(Currency::JPY.numeric(), 392);
}

#[test]
fn list_is_complete_and_free_of_doubles() {
    // List one of 2026-01-01 has 178 codes; 13 of them have no minor unit.
    assert_eq!(Currency::all().len(), 178 - 13);
    let codes: BTreeSet<_> = Currency::all().map(Currency::code).collect();
    let numbers: BTreeSet<_> = Currency::all().map(Currency::numeric).collect();
    assert_eq!((codes.len(), numbers.len()), (165, 165));
    assert!(Currency::all().map(Currency::code).is_sorted());
    for found in Currency::all() {
        assert_eq!(Currency::from_code(found.code()), Some(found));
        assert_eq!(Currency::from_numeric(found.numeric()), Some(found));
        assert!(!found.name().is_empty());
    }
}

#[test]
fn other_codes_are_unknown() {
    let codes = [
        "", "E", "EU", "EURO", "eur", "Eur", " EUR", "EUR ", "€", "978", "XAU", "XDR", "XTS", "XXX", "BGN", "HRK",
        "ANG", "DEM", "ZWL", "AAA", "ZZZ",
    ];
    for code in codes {
        assert_eq!(Currency::from_code(code), None, "{code:?}");
    }
    for numeric in [0, 1, 255, 959, 960, 963, 975, 998, 999, 1000, 1978, u16::MAX] {
        assert_eq!(Currency::from_numeric(numeric), None, "{numeric}");
    }
}

#[test]
fn cbor_is_the_number() {
    assert_cbor(currency("ALL"), &[0x08]);
    assert_cbor(currency("CNY"), &[0x18, 156]);
    assert_cbor(currency("EUR"), &[0x19, 0x03, 0xd2]);
    let refused: [&[u8]; 6] = [
        &[0x00],                         // no currency 0
        &[0x19, 0x03, 0xe7],             // 999, XXX
        &[0x1a, 0x00, 0x01, 0x03, 0xd2], // 65536 + 978
        &[0x38, 0x20],                   // negative
        &[0x63, b'E', b'U', b'R'],
        &[0xf6],
    ];
    for bytes in refused {
        assert!(minicbor::decode::<Currency>(bytes).is_err(), "{bytes:02x?}");
    }
}
