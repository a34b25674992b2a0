//! Our own codes: written, read back, and told apart from everybody else's.

use sycee_codes::emvco::merchant::{Initiation, MerchantPresented, Template};
use sycee_codes::own::{Label, OwnCode, folded, shop_name};
use sycee_codes::{Kind, decode, field::text_at};

const LABEL: Label<'static> = Label {
    template: 26,
    guid: "org.sycee.fr",
    merchant_category_code: "5812",
    currency_numeric: "978",
    amount: Some("12.50"),
    country: "FR",
    name: "Café de la Gare",
    city: "Orléans",
};

#[test]
fn codes_come_back_as_they_were_written() {
    let table = [
        OwnCode::Order { cell: 7, id: 1 },
        OwnCode::Order { cell: 99, id: 9_999_999_999_999 },
        OwnCode::Merchant { merchant: 2_088_070_000_100_001, store: None },
        OwnCode::Merchant { merchant: 2_088_070_000_100_001, store: Some(u64::MAX) },
    ];
    for code in table {
        let text = code.encode(&LABEL).unwrap();
        assert_eq!(OwnCode::parse(&text, "org.sycee.fr"), Some(code), "{text}");
        assert_eq!(OwnCode::parse(&text, "org.sycee.it"), None, "another market's");
        let decoded = decode(&text);
        assert!(decoded.kind == Kind::EmvcoMpm && decoded.valid && decoded.problems.is_empty(), "{text}");
        assert_eq!(text_at(&decoded.fields, "59"), Some("Cafe de la Gare"));
        assert_eq!(text_at(&decoded.fields, "60"), Some("Orleans"));
        assert_eq!(text_at(&decoded.fields, "54"), Some("12.50"));
    }
}

#[test]
fn an_order_is_paid_once_and_a_shop_often() {
    let order = OwnCode::Order { cell: 7, id: 12 }.encode(&LABEL).unwrap();
    assert!(order.starts_with("00020101021226360012org.sycee.fr0116O070000000000012"), "{order}");
    let shop = OwnCode::Merchant { merchant: 2_088_070_000_100_001, store: Some(5) };
    let shop = shop.encode(&Label { amount: None, ..LABEL }).unwrap();
    assert!(shop.starts_with("00020101021126420012org.sycee.fr0117M208807000010000102015"), "{shop}");
    assert_eq!(text_at(&decode(&shop).fields, "54"), None);
}

#[test]
fn other_codes_are_not_ours() {
    let whole = OwnCode::Order { cell: 7, id: 12 }.encode(&LABEL).unwrap();
    for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
        assert_eq!(OwnCode::parse(&whole[..end], LABEL.guid), None, "cut after {end}");
    }
    let damaged = whole.replacen("O07", "O06", 1);
    assert_eq!(OwnCode::parse(&damaged, LABEL.guid), None, "a wrong checksum");
    let targets = [
        "",
        "O",
        "M",
        "O7",
        "O000000000000012",
        "O07000000000012",
        "O0700000000000012",
        "O07-000000000012",
        "O07+000000000012",
        "M208807000010000",
        "M20880700001000011",
        "Mabcdefghijklmnop",
        "X070000000000012",
        "é7000",
    ];
    for target in targets {
        let code = MerchantPresented::new(Initiation::Dynamic, "5812", "978", "FR", "Shop", "Paris");
        let template = Template::new(26, LABEL.guid);
        let template = if target.is_empty() { template } else { template.field(1, target) };
        let text = code.merchant_account(template).generate().unwrap();
        assert_eq!(OwnCode::parse(&text, LABEL.guid), None, "{target}");
    }
}

#[test]
fn names_are_folded_to_what_the_specification_allows() {
    let table = [
        ("Café", 25, "Cafe"),
        ("  Trattoria \t  da  Nicolò ", 25, "Trattoria da Nicolo"),
        ("Straße 7 & Söhne", 25, "Strasse 7 & Sohne"),
        ("可乐 Kele 店", 25, "Kele"),
        ("可乐店", 25, "-"),
        ("", 25, "-"),
        ("abcdefghij", 4, "abcd"),
        ("abc defghij", 4, "abc"),
        ("Œuvre d’Art", 25, "OEuvre d'Art"),
        ("\u{0}\u{7f}x", 25, "x"),
    ];
    for (text, maximum, expected) in table {
        assert_eq!(folded(text, maximum), expected, "{text:?}");
    }
    for name in ["可乐店", "A very very very long name of a shop", "\u{7f}"] {
        assert!(OwnCode::Order { cell: 7, id: 1 }.encode(&Label { name, ..LABEL }).is_ok(), "{name}");
    }
}

#[test]
fn a_code_says_what_its_shop_is_called_and_no_more_than_that() {
    let order = OwnCode::Order { cell: 7, id: 1 };
    let name = |name: &str| shop_name(&order.encode(&Label { name, ..LABEL }).unwrap());
    assert_eq!(name("Café du Port").as_deref(), Some("Cafe du Port"));
    assert_eq!(name("ก๋วยเตี๋ยว"), None, "what ASCII cannot write");
    let code = order.encode(&LABEL).unwrap();
    let damaged = code.replacen("Cafe", "Bafe", 1);
    assert_ne!(damaged, code);
    for text in [&damaged, "", "2026112907000020000000000176", &code[..code.len() - 1]] {
        assert_eq!(shop_name(text), None, "{text}");
    }
}
