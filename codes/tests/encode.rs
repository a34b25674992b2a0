//! What is decoded can be encoded again, for every kind and every public vector.

use serde_json::Value as Json;
use sycee_codes::emvco::merchant::CRC_ID;
use sycee_codes::{Decoded, Field, Kind, Value, decode, encode, encode::kinds};

fn vectors() -> Vec<String> {
    let files = [
        include_str!("vectors/qr_mpm.json"),
        include_str!("vectors/qr_cpm.json"),
        include_str!("vectors/qr_europe.json"),
        include_str!("vectors/uri_codes.json"),
    ];
    let mut texts = Vec::new();
    for file in files {
        collect(&serde_json::from_str(file).unwrap(), &mut texts);
    }
    texts
}

/// Every text of a vector file that is a code of some kind.
fn collect(json: &Json, texts: &mut Vec<String>) {
    match json {
        Json::String(text) if decode(text).kind != Kind::Unknown => texts.push(text.clone()),
        Json::Array(list) => list.iter().for_each(|one| collect(one, texts)),
        Json::Object(members) => members.values().for_each(|one| collect(one, texts)),
        _ => {}
    }
}

fn without_checksum(decoded: &Decoded) -> Vec<Field> {
    decoded.fields.iter().filter(|field| decoded.kind != Kind::EmvcoMpm || field.id != CRC_ID).cloned().collect()
}

#[test]
fn every_vector_is_encoded_to_what_says_the_same() {
    let (mut same, mut seen) = (0, Vec::new());
    for text in vectors() {
        let decoded = decode(&text);
        let encoded =
            encode(decoded.kind.as_str(), &decoded.fields).unwrap_or_else(|problem| panic!("{text}: {problem}"));
        let again = decode(&encoded);
        assert_eq!((again.kind, without_checksum(&again)), (decoded.kind, without_checksum(&decoded)), "{text}");
        same += usize::from(encoded == text.trim());
        seen.push(decoded.kind.as_str());
        // Texts without a fault come out byte by byte, but for links, whose escapes and letters have several forms.
        if decoded.problems.is_empty() && decoded.kind != Kind::Url {
            assert_eq!(encoded, text);
        }
    }
    assert!(same > 60, "{same}");
    for kind in kinds().filter(|kind| *kind != "gost-56042") {
        assert!(seen.contains(&kind), "no vector is {kind}");
    }
}

#[test]
fn links_and_bills_come_out_as_they_were() {
    for text in [
        "upi://pay?pa=shop%40examplebank&pn=Example%20Shop&am=149.50&cu=INR",
        "https://shop.example:8443/a/b?c=d&e=#f",
        "https://[::1]/x",
        "https://qr.alipay.com/fkx0001",
        "ST00012|Name=Shop|PersonalAcc=40702810138250123017|BankName=Bank|BIC=044525225|CorrespAcc=30101810400000000225",
        "281010051000000000000000",
    ] {
        let decoded = decode(text);
        assert_eq!(encode(decoded.kind.as_str(), &decoded.fields).unwrap(), text);
    }
}

#[test]
fn what_cannot_be_encoded_says_where() {
    let nested = |id: &str, inner: &str, text: &str| vec![Field::template(id, vec![Field::text(inner, text)])];
    #[rustfmt::skip]
    let table: Vec<(&str, Vec<Field>, &str)> = vec![
        ("fax", vec![], "unrecognised "),
        ("emvco-mpm", vec![Field::text("abc", "1")], "id_out_of_range abc"),
        ("emvco-mpm", vec![Field::text("59", "")], "empty 59"),
        ("emvco-mpm", nested("62", "05", &"x".repeat(96)), "too_long 62"),
        ("emvco-cpm", vec![Field::text("xy", "00")], "id_out_of_range xy"),
        ("emvco-cpm", nested("61", "4F", "A0000"), "wrong_form 61.4F"),
        ("epc", vec![Field::text("colour", "red")], "unknown_name colour"),
        ("epc", vec![Field::text("name", "a\nb")], "control_character name"),
        ("swiss-qr", nested("Header", "Colour", "red"), "unknown_name Header.Colour"),
        ("url", vec![Field::text("host", "a")], "missing scheme"),
        ("url", vec![Field::text("scheme", "a"), Field::template("query", nested("b", "c", "d"))], "not_text query.b"),
        ("numeric", vec![Field::text("code", "12a")], "not_digits code"),
        ("gost-56042", vec![Field::text("Name", "a|b")], "unexpected_value Name"),
        ("gost-56042", vec![Field::text("Name", "a\0")], "surrounding_space Name"),
    ];
    for (kind, fields, expected) in table {
        let problem = encode(kind, &fields).unwrap_err();
        assert_eq!(format!("{} {}", problem.kind.code(), problem.path), expected, "{kind}");
    }
}

#[test]
fn lengths_of_objects_have_their_shortest_form() {
    for (bytes, length) in [(1_usize, "01"), (0x7F, "7F"), (0x80, "8180"), (0xFF, "81FF"), (0x100, "820100")] {
        // The payload's beginning, a template with one object, whose tag has one byte.
        let value = "AB".repeat(bytes);
        let fields =
            vec![Field::text("85", "4350563031"), Field::template("61", vec![Field::text("50", value.clone())])];
        let text = encode("emvco-cpm", &fields).unwrap();
        let parsed = sycee_codes::emvco::consumer::parse(&text);
        assert!(parsed.problems.iter().all(|one| one.kind.code() != "length_not_shortest"), "{length}");
        let inner = parsed.fields().into_iter().find(|field| field.id == "61").unwrap();
        assert_eq!(inner.value, Value::Template(vec![Field::text("50", value)]), "{length}");
    }
}
