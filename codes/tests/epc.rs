//! European bills: every vector, the edges of every element, and what is written.

mod random;

use random::Random;
use serde_json::Value as Json;
use sycee_codes::epc::{CreditTransfer, LINES, MAXIMUM_BYTES, Remittance, Version, is_epc, parse, write};
use sycee_codes::iban::{is_bic, is_creditor_reference, is_iban};
use sycee_codes::{Kind, decode, field::text_at};

fn vectors() -> Vec<Json> {
    let file: Json = serde_json::from_str(include_str!("vectors/qr_europe.json")).unwrap();
    file["epc"]["vectors"].as_array().unwrap().clone()
}

const PLAIN: [&str; 12] =
    ["BCD", "002", "1", "SCT", "", "Franz Muster", "DE71110220330123456789", "EUR12.3", "", "", "", ""];

/// The plain code with one line replaced, up to the last line that is not empty.
fn with(line: &str, value: &str) -> String {
    let position = LINES.iter().position(|name| *name == line).unwrap();
    let mut lines = PLAIN.map(String::from);
    lines[position] = value.into();
    lines.join("\n").trim_end_matches('\n').into()
}

fn tell(text: &str) -> (bool, String) {
    let decoded = decode(text);
    let told: Vec<String> = decoded.problems.iter().map(|one| format!("{} {}", one.kind.code(), one.path)).collect();
    (decoded.valid, told.join(", "))
}

#[test]
fn every_vector_decodes_as_published() {
    // The names that the vectors have for the elements, where they differ from ours.
    let renamed = [
        ("charset_code", "character_set"),
        ("structured", "remittance_structured"),
        ("unstructured", "remittance_unstructured"),
    ];
    let vectors = vectors();
    assert_eq!(vectors.len(), 3);
    for vector in vectors {
        let id = &vector["id"];
        let payload = vector["payload"].as_str().unwrap();
        let decoded = decode(payload);
        assert_eq!((decoded.kind, decoded.valid), (Kind::Epc, true), "{id}");
        assert!(decoded.problems.is_empty(), "{id}: {:?}", decoded.problems);
        for (name, value) in vector["fields"].as_object().unwrap() {
            let name = renamed.iter().find(|(theirs, _)| theirs == name).map_or(name.as_str(), |(_, ours)| ours);
            assert_eq!(text_at(&decoded.fields, name), value.as_str(), "{id} {name}");
        }
        assert_eq!(write(&decoded.fields).unwrap(), payload, "{id}");
        let with_returns = payload.replace('\n', "\r\n");
        assert_eq!(decode(&with_returns).fields, decoded.fields, "{id}");
    }
}

#[test]
fn faults_are_told() {
    let long = |count: usize| "x".repeat(count);
    #[rustfmt::skip]
    let table: &[(&str, String, bool, &str)] = &[
        ("version", "001".into(), true, "missing bic"),
        ("version", "003".into(), true, "unexpected_value version"),
        ("character_set", "8".into(), true, ""),
        ("character_set", "9".into(), true, "unexpected_value character_set"),
        ("identification", "SDD".into(), true, "unexpected_value identification"),
        ("bic", "BHBLDEHHXXX".into(), true, ""),
        ("bic", "BHBLDEHHXX".into(), true, "not_a_bic bic"),
        ("bic", "BHBL1EHH".into(), true, "not_a_bic bic"),
        ("name", long(70), true, ""),
        ("name", long(71), true, "too_long name"),
        ("name", String::new(), true, "missing name"),
        ("name", "a\u{7}b".into(), true, "control_character name"),
        ("iban", "DE71110220330123456788".into(), true, "wrong_iban iban"),
        ("iban", "DE7111022033012345678".into(), true, "wrong_iban iban"),
        ("iban", "DE71 1102 2033 0123 4567 89".into(), true, "wrong_iban iban"),
        ("amount", "EUR0.01".into(), true, ""),
        ("amount", "EUR999999999.99".into(), true, ""),
        ("amount", "EUR1000000000".into(), true, "not_an_amount amount"),
        ("amount", "EUR0.00".into(), true, "not_an_amount amount"),
        ("amount", "EUR01".into(), true, "not_an_amount amount"),
        ("amount", "EUR1.234".into(), true, "not_an_amount amount"),
        ("amount", "EUR1.".into(), true, "not_an_amount amount"),
        ("amount", "EUR1,50".into(), true, "not_an_amount amount"),
        ("amount", "USD1".into(), true, "not_an_amount amount"),
        ("amount", String::new(), true, ""),
        ("purpose", "CHAR".into(), true, ""),
        ("purpose", "CHARS".into(), true, "too_long purpose"),
        ("purpose", "ch".into(), true, "wrong_form purpose"),
        ("remittance_structured", "RF18539007547034".into(), true, ""),
        ("remittance_structured", "RF19539007547034".into(), true, "wrong_check_digit remittance_structured"),
        ("remittance_structured", "+++090/9337/55493+++".into(), true, ""),
        ("remittance_structured", long(36), true, "too_long remittance_structured"),
        ("remittance_unstructured", long(140), true, ""),
        ("remittance_unstructured", long(141), true, "too_long remittance_unstructured"),
        ("information", long(71), true, "too_long information"),
    ];
    for (line, value, valid, expected) in table {
        assert_eq!(tell(&with(line, value)), (*valid, (*expected).to_string()), "{line} {value}");
    }
    let whole = "BCD\n002\n1\nSCT\n\nX\nDE71110220330123456789\n\n\nRF18539007547034\nand text\nthanks";
    assert_eq!(tell(whole), (true, "not_exactly_one remittance_unstructured".into()));
    assert_eq!(
        tell(&format!("{whole}\nmore")),
        (false, "broken_structure , not_exactly_one remittance_unstructured".into())
    );
    assert_eq!(tell("BCD\n002\n1\nSCT\n\nX"), (false, "broken_structure ".into()));
    assert_eq!(tell(&format!("{}\n", with("bic", ""))), (true, "surrounding_space ".into()));
}

#[test]
fn the_length_is_counted_in_the_bytes_of_the_character_set() {
    // 331 bytes where each letter has one; twice as many letters' bytes in UTF-8.
    let code = |set: &str, name: &str, text: usize| {
        let text = "ä".repeat(text);
        format!("BCD\n002\n{set}\nSCT\n\n{name}\nDE71110220330123456789\n\n\n\n{text}")
    };
    // Line ends: 10; BCD 3, version 3, set 1, SCT 3, IBAN 22; name 70, text 140: 252 characters, 140 of two bytes.
    let name = "x".repeat(70);
    assert_eq!(code("1", &name, 140).chars().count(), 252);
    assert_eq!(tell(&code("1", &name, 140)), (true, "code_too_long ".into()));
    assert_eq!(tell(&code("1", &name, MAXIMUM_BYTES - 252)), (true, String::new()));
    assert_eq!(tell(&code("2", &name, 140)), (true, String::new()));
}

#[test]
fn check_digits_notice_every_changed_digit() {
    for iban in ["DE71110220330123456789", "FR1420041010050500013M02606", "BE72000000001616", "CH4431999123000889012"] {
        assert!(is_iban(iban), "{iban}");
        for (position, letter) in iban.char_indices().filter(|(_, letter)| letter.is_ascii_digit()) {
            for other in ('0'..='9').filter(|other| *other != letter) {
                let mut changed = iban.to_string();
                changed.replace_range(position..=position, &other.to_string());
                assert!(!is_iban(&changed), "{changed}");
            }
        }
    }
    for wrong in ["", "DE", "de71110220330123456789", "DÉ71110220330123456789", "NO00"] {
        assert!(!is_iban(wrong), "{wrong}");
    }
    assert!(is_creditor_reference("RF18539007547034") && !is_creditor_reference("RF18539007547043"));
    assert!(is_bic("DEUTDEFF") && is_bic("DEUTDEFF500") && !is_bic("DEUTDEFF5") && !is_bic("deutdeff"));
}

#[test]
fn only_a_first_line_of_its_own_is_the_mark() {
    for (text, expected) in
        [("BCD\n", true), ("BCD\r\n002", true), ("BCD", false), ("BCDE\n", false), ("\nBCD\n", false)]
    {
        assert_eq!(is_epc(text), expected, "{text:?}");
    }
}

fn transfer() -> CreditTransfer {
    CreditTransfer {
        version: Version::V2,
        bic: None,
        name: "Franz Mustermänn".into(),
        iban: "DE71110220330123456789".into(),
        amount: Some("12.3".into()),
        purpose: None,
        remittance: None,
        information: None,
    }
}

#[test]
fn codes_are_written_as_published() {
    let first = CreditTransfer {
        bic: Some("BHBLDEHHXXX".into()),
        purpose: Some("GDDS".into()),
        remittance: Some(Remittance::Structured("RF18539007547034".into())),
        ..transfer()
    };
    assert_eq!(first.generate().unwrap(), vectors()[0]["payload"].as_str().unwrap());
    let third = CreditTransfer {
        version: Version::V1,
        bic: Some("BPOTBEB1".into()),
        name: "Red Cross of Belgium".into(),
        iban: "BE72000000001616".into(),
        amount: Some("1".into()),
        purpose: Some("CHAR".into()),
        remittance: Some(Remittance::Unstructured("Urgency fund".into())),
        information: Some("Sample EPC QR Code".into()),
    };
    assert_eq!(third.generate().unwrap(), vectors()[2]["payload"].as_str().unwrap());
}

#[test]
fn what_the_guidelines_do_not_allow_is_not_written() {
    #[rustfmt::skip]
    let table = [
        (transfer(), ""),
        (CreditTransfer { version: Version::V1, ..transfer() }, "missing bic"),
        (CreditTransfer { amount: Some("0".into()), ..transfer() }, "not_an_amount amount"),
        (CreditTransfer { iban: "DE72110220330123456789".into(), ..transfer() }, "wrong_iban iban"),
        (CreditTransfer { name: "a\nb".into(), ..transfer() }, "control_character name"),
        (CreditTransfer { name: "x".repeat(71), ..transfer() }, "too_long name"),
        (CreditTransfer { name: String::new(), ..transfer() }, "empty name, missing name"),
        (CreditTransfer { information: Some(" x".into()), ..transfer() }, "surrounding_space information"),
    ];
    for (transfer, expected) in table {
        let told = match transfer.generate() {
            Ok(text) => tell(&text).1,
            Err(refused) => {
                let told = refused.problems.iter().map(|one| format!("{} {}", one.kind.code(), one.path));
                told.collect::<Vec<_>>().join(", ")
            }
        };
        assert_eq!(told, expected);
    }
}

#[test]
fn whatever_is_written_is_read_back() {
    let mut random = Random(331);
    let alphabet = "abc ÄÖ€ш 0123456789.\nEURF";
    let mut written = 0;
    for _ in 0..20_000 {
        let mut maybe = |maximum| (random.below(2) == 0).then(|| random.text(alphabet, maximum));
        let (amount, information, remittance) = (maybe(6), maybe(72), maybe(142));
        let transfer = CreditTransfer {
            name: random.text(alphabet, 72),
            amount: if random.below(2) == 0 { amount } else { Some(format!("{}", random.below(100_000) + 1)) },
            remittance: remittance.map(Remittance::Unstructured),
            information,
            ..transfer()
        };
        let Ok(text) = transfer.generate() else {
            continue;
        };
        written += 1;
        let parsed = parse(&text);
        assert!(parsed.problems.is_empty());
        assert_eq!(text_at(&parsed.fields, "name"), Some(transfer.name.as_str()));
        assert_eq!(text_at(&parsed.fields, "information"), transfer.information.as_deref());
        assert_eq!(write(&parsed.fields).unwrap(), text);
        assert_eq!(decode(&text).fields, parsed.fields);
    }
    assert!(written > 500, "{written}");
}
