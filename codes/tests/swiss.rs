//! Swiss QR-bills: every vector, the edges of every element, and what is written.

use serde_json::{Value as Json, json};
use sycee_codes::swiss::{Address, Bill, Currency, LINES, Reference, is_qr_iban, is_qr_reference, write};
use sycee_codes::{Kind, decode, field::text_at};

fn vectors() -> Vec<Json> {
    let file: Json = serde_json::from_str(include_str!("vectors/qr_europe.json")).unwrap();
    file["swiss"]["vectors"].as_array().unwrap().clone()
}

fn payload(id: &str) -> String {
    vectors().iter().find(|one| one["id"] == id).unwrap()["payload"].as_str().unwrap().into()
}

fn tell(text: &str) -> (bool, String) {
    let decoded = decode(text);
    let told: Vec<String> = decoded.problems.iter().map(|one| format!("{} {}", one.kind.code(), one.path)).collect();
    (decoded.valid, told.join(", "))
}

/// Paths of lines, and what is to stand there.
type Changes<'a> = &'a [(&'a str, &'a str)];

/// This vector with some of its lines replaced.
fn with(id: &str, changes: Changes<'_>) -> String {
    let payload = payload(id);
    let mut lines: Vec<&str> = payload.split('\n').collect();
    for (path, value) in changes {
        let position = LINES.iter().position(|one| one == path).unwrap();
        lines.resize(lines.len().max(position + 1), "");
        lines[position] = value;
    }
    lines.join("\n")
}

#[test]
fn every_vector_decodes_line_by_line() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 5);
    for vector in vectors {
        let id = &vector["id"];
        let payload = vector["payload"].as_str().unwrap();
        let lines: Vec<&str> = payload.split('\n').collect();
        assert_eq!(Json::from(lines.len()), vector["lines"], "{id}");
        let decoded = decode(payload);
        assert_eq!((decoded.kind, decoded.valid), (Kind::SwissQr, true), "{id}");
        assert!(decoded.problems.is_empty(), "{id}: {:?}", decoded.problems);
        for (position, path) in LINES.iter().enumerate() {
            assert_eq!(text_at(&decoded.fields, path), lines.get(position).copied(), "{id} {path}");
        }
        assert_eq!(write(&decoded.fields).unwrap(), payload, "{id}");
        assert_eq!(decode(&payload.replace('\n', "\r\n")).fields, decoded.fields, "{id}");
    }
}

#[test]
fn elements_stand_in_their_groups() {
    let json: Json = serde_json::from_str(&decode(&payload("swiss_qrr")).to_json()).unwrap();
    assert_eq!(json["kind"], "swiss-qr");
    assert_eq!(json["fields"]["Header"], json!({"QRType": "SPC", "Version": "0200", "Coding": "1"}));
    assert_eq!(
        json["fields"]["CdtrInf"],
        json!({"IBAN": "CH4431999123000889012", "Cdtr": {"AdrTp": "S", "Name": "Max Muster & Söhne",
            "StrtNmOrAdrLine1": "Musterstrasse", "BldgNbOrAdrLine2": "123", "PstCd": "8000", "TwnNm": "Seldwyla",
            "Ctry": "CH"}})
    );
    assert_eq!(json["fields"]["CcyAmt"], json!({"Amt": "1949.75", "Ccy": "CHF"}));
    assert_eq!(json["fields"]["UltmtDbtr"]["Name"], "Simon Muster");
    assert_eq!(
        json["fields"]["RmtInf"],
        json!({"Tp": "QRR", "Ref": "210000000003139471430009017", "AddInf": {"Ustrd": "Order dated 18.06.2020",
            "Trailer": "EPD", "StrdBkgInf": "//S1/10/10201409/11/200701"}})
    );
    let json: Json = serde_json::from_str(&decode(&payload("swiss_alt_scheme")).to_json()).unwrap();
    assert_eq!(json["fields"]["AltPmtInf"], json!({"AltPmt1": "eBill/B/peter@muster.ch"}));
}

#[test]
fn faults_are_told() {
    let (long_70, long_71, long_140) = ("x".repeat(70), "x".repeat(71), "x".repeat(140));
    #[rustfmt::skip]
    let table: &[(&str, Changes<'_>, bool, &str)] = &[
        ("swiss_non", &[("Header.Version", "0100")], true, "unexpected_value Header.Version"),
        ("swiss_non", &[("Header.Coding", "2")], true, "unexpected_value Header.Coding"),
        ("swiss_non", &[("RmtInf.AddInf.Trailer", "END")], true, "unexpected_value RmtInf.AddInf.Trailer"),
        ("swiss_non", &[("CdtrInf.IBAN", "CH5800791123000889013")], true, "wrong_iban CdtrInf.IBAN"),
        ("swiss_non", &[("CdtrInf.IBAN", "DE71110220330123456789")], true, "wrong_iban CdtrInf.IBAN"),
        ("swiss_non", &[("CcyAmt.Ccy", "EUR")], true, ""),
        ("swiss_non", &[("CcyAmt.Ccy", "USD")], true, "unexpected_value CcyAmt.Ccy"),
        ("swiss_non", &[("CcyAmt.Amt", "999999999.99")], true, ""),
        ("swiss_non", &[("CcyAmt.Amt", "1000000000.00")], true, "not_an_amount CcyAmt.Amt"),
        ("swiss_non", &[("CcyAmt.Amt", "1")], true, "not_an_amount CcyAmt.Amt"),
        ("swiss_non", &[("CcyAmt.Amt", "1.5")], true, "not_an_amount CcyAmt.Amt"),
        ("swiss_non", &[("CcyAmt.Amt", "01.50")], true, "not_an_amount CcyAmt.Amt"),
        ("swiss_non", &[("CcyAmt.Amt", "1'000.00")], true, "not_an_amount CcyAmt.Amt"),
        ("swiss_non", &[("CdtrInf.Cdtr.AdrTp", "X")], true, "unexpected_value CdtrInf.Cdtr.AdrTp"),
        ("swiss_non", &[("CdtrInf.Cdtr.Name", "")], true, "missing CdtrInf.Cdtr.Name"),
        ("swiss_non", &[("CdtrInf.Cdtr.Name", &long_70)], true, ""),
        ("swiss_non", &[("CdtrInf.Cdtr.Name", &long_71)], true, "too_long CdtrInf.Cdtr.Name"),
        ("swiss_non", &[("CdtrInf.Cdtr.PstCd", "")], true, "missing CdtrInf.Cdtr.PstCd"),
        ("swiss_non", &[("CdtrInf.Cdtr.TwnNm", "")], true, "missing CdtrInf.Cdtr.TwnNm"),
        ("swiss_non", &[("CdtrInf.Cdtr.Ctry", "ch")], true, "not_a_country CdtrInf.Cdtr.Ctry"),
        ("swiss_non", &[("CdtrInf.Cdtr.BldgNbOrAdrLine2", "12345678901234567")], true,
            "too_long CdtrInf.Cdtr.BldgNbOrAdrLine2"),
        ("swiss_non", &[("CdtrInf.Cdtr.AdrTp", "K"), ("CdtrInf.Cdtr.BldgNbOrAdrLine2", "1234 Creditor City, Switzerland"),
            ("CdtrInf.Cdtr.PstCd", ""), ("CdtrInf.Cdtr.TwnNm", "")], true, "combined_address CdtrInf.Cdtr.AdrTp"),
        ("swiss_non", &[("UltmtCdtr.Name", "Somebody")], true, "reserved_id UltmtCdtr"),
        ("swiss_qrr", &[("UltmtDbtr.TwnNm", "")], true, "missing UltmtDbtr.TwnNm"),
        ("swiss_non", &[("UltmtDbtr.Name", "Half")], true, "unexpected_value UltmtDbtr.AdrTp, missing UltmtDbtr.PstCd, \
            missing UltmtDbtr.TwnNm, not_a_country UltmtDbtr.Ctry"),
        ("swiss_non", &[("RmtInf.Ref", "1")], true, "wrong_reference RmtInf.Ref"),
        ("swiss_non", &[("RmtInf.Tp", "ABC")], true, "unexpected_value RmtInf.Tp"),
        ("swiss_scor", &[("RmtInf.Ref", "RF495000056789012345")], true, "wrong_reference RmtInf.Ref"),
        ("swiss_scor", &[("RmtInf.Ref", "")], true, "wrong_reference RmtInf.Ref"),
        ("swiss_qrr", &[("RmtInf.Ref", "210000000003139471430009018")], true, "wrong_reference RmtInf.Ref"),
        ("swiss_qrr", &[("RmtInf.Ref", "21000000000313947143000901")], true, "wrong_reference RmtInf.Ref"),
        // An account for QR references needs one, and no other account may have one.
        ("swiss_qrr", &[("RmtInf.Tp", "NON"), ("RmtInf.Ref", "")], true, "reference_does_not_fit_account RmtInf.Tp"),
        ("swiss_qrr", &[("CdtrInf.IBAN", "CH5800791123000889012")], true, "reference_does_not_fit_account RmtInf.Tp"),
        ("swiss_non", &[("RmtInf.AddInf.Ustrd", &long_140)], true, ""),
        ("swiss_billinfo", &[("RmtInf.AddInf.Ustrd", &long_140)], true, "too_long RmtInf.AddInf"),
        ("swiss_alt_scheme", &[("AltPmtInf.AltPmt2", "x")], true, ""),
        ("swiss_alt_scheme", &[("AltPmtInf.AltPmt2", &long_140)], true, "too_long AltPmtInf.AltPmt2"),
        ("swiss_non", &[("RmtInf.AddInf.Ustrd", "a\u{7}b")], true, "control_character RmtInf.AddInf.Ustrd"),
    ];
    for (id, changes, valid, expected) in table {
        assert_eq!(tell(&with(id, changes)), (*valid, (*expected).to_string()), "{id} {changes:?}");
    }
    let four = with("swiss_alt_scheme", &[("AltPmtInf.AltPmt2", "x")]) + "\ny";
    assert_eq!(tell(&four), (false, "broken_structure ".into()));
    let (valid, told) = tell("SPC\n0200\n1");
    assert!(!valid && told.starts_with("broken_structure ,"), "{told}");
    assert_eq!(decode("SPC").kind, Kind::Unknown);
    assert_eq!(tell(&format!("{}\r\n", payload("swiss_non"))), (true, "surrounding_space ".into()));
}

#[test]
fn check_digits_of_references() {
    // 00 00000 00000 00000 00000 00001: carry of 1 is 9, and the check digit leads 9 back to zero: 9+1 = 10.
    assert!(is_qr_reference("000000000000000000000000011"));
    let reference = "210000000003139471430009017";
    assert!(is_qr_reference(reference));
    for (position, letter) in reference.char_indices() {
        for other in ('0'..='9').filter(|other| *other != letter) {
            let mut changed = reference.to_string();
            changed.replace_range(position..=position, &other.to_string());
            assert!(!is_qr_reference(&changed), "{changed}");
        }
    }
    for (iban, expected) in [
        ("CH4431999123000889012", true),
        ("CH4430000123000889012", true),
        ("CH4432000123000889012", false),
        ("CH4429999123000889012", false),
        ("CH44", false),
        ("CH44é99", false),
    ] {
        assert_eq!(is_qr_iban(iban), expected, "{iban}");
    }
}

fn muster(name: &str, building_number: &str) -> Address {
    Address {
        name: name.into(),
        street: "Musterstrasse".into(),
        building_number: building_number.into(),
        postal_code: "8000".into(),
        town: "Seldwyla".into(),
        country: "CH".into(),
    }
}

fn bill() -> Bill {
    Bill {
        iban: "CH4431999123000889012".into(),
        creditor: muster("Max Muster & Söhne", "123"),
        amount: Some("1949.75".into()),
        currency: Currency::Chf,
        debtor: Some(muster("Simon Muster", "1")),
        reference: Reference::Qr("210000000003139471430009017".into()),
        unstructured_message: Some("Order dated 18.06.2020".into()),
        billing_information: Some("//S1/10/10201409/11/200701".into()),
        alternative_procedures: Vec::new(),
    }
}

#[test]
fn bills_are_written_as_published() {
    assert_eq!(bill().generate().unwrap(), payload("swiss_qrr"));
    let creditor = Address {
        name: "Creditor FirstName LastName".into(),
        street: "Creditor Address".into(),
        building_number: String::new(),
        postal_code: "1234".into(),
        town: "Creditor City".into(),
        country: "CH".into(),
    };
    let plain = Bill {
        iban: "CH5800791123000889012".into(),
        creditor,
        amount: None,
        currency: Currency::Chf,
        debtor: None,
        reference: Reference::None,
        unstructured_message: None,
        billing_information: None,
        alternative_procedures: Vec::new(),
    };
    assert_eq!(plain.generate().unwrap(), payload("swiss_non"));
    let ebill = Bill { alternative_procedures: vec!["eBill/B/peter@muster.ch".into()], ..plain.clone() };
    assert_eq!(ebill.generate().unwrap(), payload("swiss_alt_scheme"));
    let reference = Reference::Creditor("RF485000056789012345".into());
    let scor = Bill { amount: Some("123.45".into()), reference, ..plain };
    assert_eq!(scor.generate().unwrap(), payload("swiss_scor"));
}

#[test]
fn what_the_guidelines_do_not_allow_is_not_written() {
    #[rustfmt::skip]
    let table = [
        (Bill { reference: Reference::None, ..bill() }, "reference_does_not_fit_account RmtInf.Tp"),
        (Bill { reference: Reference::Qr("1".into()), ..bill() }, "wrong_reference RmtInf.Ref"),
        (Bill { amount: Some("5".into()), ..bill() }, "not_an_amount CcyAmt.Amt"),
        (Bill { creditor: Address::default(), ..bill() }, "missing CdtrInf.Cdtr.Name, missing CdtrInf.Cdtr.PstCd, \
            missing CdtrInf.Cdtr.TwnNm, not_a_country CdtrInf.Cdtr.Ctry"),
        (Bill { creditor: Address { town: "a\nb".into(), ..muster("x", "1") }, ..bill() },
            "control_character CdtrInf.Cdtr.TwnNm"),
        (Bill { creditor: muster("x ", "1"), ..bill() }, "surrounding_space CdtrInf.Cdtr.Name"),
        (Bill { alternative_procedures: vec!["a".into(), "b".into(), "c".into()], ..bill() },
            "unknown_name AltPmtInf.AltPmt3"),
        (Bill { billing_information: Some(String::new()), ..bill() }, "empty RmtInf.AddInf.StrdBkgInf"),
    ];
    for (bill, expected) in table {
        let refused = bill.generate().unwrap_err();
        let told: Vec<String> =
            refused.problems.iter().map(|one| format!("{} {}", one.kind.code(), one.path)).collect();
        assert_eq!(told.join(", "), expected);
    }
}
