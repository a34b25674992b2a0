//! Every public merchant-presented vector, through the whole of `decode`.

use serde_json::Value as Json;
use sycee_codes::emvco::merchant::parse;
use sycee_codes::scheme;
use sycee_codes::{Kind, Problem, decode};

fn vectors() -> Vec<Json> {
    let file: Json = serde_json::from_str(include_str!("vectors/qr_mpm.json")).unwrap();
    file["vectors"].as_array().unwrap().clone()
}

fn vector(id: &str) -> Json {
    vectors().into_iter().find(|one| one["id"] == id).unwrap()
}

#[test]
fn every_vector_decodes_as_published() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 49);
    for vector in &vectors {
        let id = &vector["id"];
        let payload = vector["payload"].as_str().unwrap();
        let decoded = decode(payload);
        assert_eq!(decoded.kind, Kind::EmvcoMpm, "{id}");
        assert_eq!(decoded.valid, vector["expect_valid"], "{id}");

        let json: Json = serde_json::from_str(&decoded.to_json()).unwrap();
        assert_eq!(json["fields"], vector["decoded"], "{id}");
        assert_eq!(json["valid"], vector["expect_valid"], "{id}");

        let computed = parse(payload).computed_crc.unwrap();
        assert_eq!(format!("{computed:04X}"), vector["crc_computed"], "{id}");
        let crc_faults: Vec<&Problem> =
            decoded.problems.iter().filter(|problem| problem.kind.code() == "wrong_crc").collect();
        assert_eq!(crc_faults.is_empty(), vector["crc_ok"], "{id}");

        // The vector with an id that nobody knows must not be given to anybody.
        let scheme = match vector["scheme"].as_str().unwrap() {
            "unknown_guid" => Json::Null,
            known => Json::from(known),
        };
        assert_eq!(json["scheme"], scheme, "{id}");
        if let Some(row) = decoded.scheme.and_then(scheme::named) {
            assert!(row.country.is_empty() || row.country == vector["country"], "{id}");
        }
    }
}

#[test]
fn quirks_are_reported_and_do_not_invalidate() {
    #[rustfmt::skip]
    let table: &[(&str, &[&str])] = &[
        ("emvco_annex_b", &[]),
        ("emvco_unreserved_3", &[]),
        ("bharatqr_upi", &[]),
        ("qris_dynamic", &[]),
        ("qris_tip_percent", &[]),
        ("kr_bc_static", &[]),
        ("pix_dynamic_recurrence", &[]),
        ("emvco_full_1", &[
            "not_a_data_request 62.09: the value is not out of A, M, E",
            "reserved_id 64.03: the specification reserves the id",
            "reserved_id 65: the specification reserves the id",
            "not_in_this_tip_mode 56: field 55 does not allow it",
            "not_in_this_tip_mode 57: field 55 does not allow it",
        ]),
        ("khqr_bad_mcc", &["not_digits 52: the value must consist of digits"]),
        ("duitnow_jompay", &[
            "unexpected_value 00: the value is not allowed here",
            "not_a_template 62.90: the value does not consist of fields",
            "not_a_template 82: the value does not consist of fields",
        ]),
        ("promptpay_tax_id", &[
            "missing 52: the field must be there",
            "missing 59: the field must be there",
            "missing 60: the field must be there",
            // Its digits are made up.
            "wrong_check_digit 29.02: the check digit does not fit",
        ]),
        ("qrph_with_alipay", &["reserved_id 66: the specification reserves the id"]),
        ("kr_order_swapped", &[
            "format_indicator_not_first 00: field 00 is not the first",
            "wrong_crc 63: the checksum is not that of the text (computed 058A)",
        ]),
    ];
    for (id, expected) in table {
        let decoded = decode(vector(id)["payload"].as_str().unwrap());
        let found: Vec<String> = decoded.problems.iter().map(Problem::to_string).collect();
        assert_eq!(&found, expected, "{id}");
    }
}

#[test]
fn what_a_scheme_leaves_out_is_tolerated_for_that_scheme_only() {
    for vector in vectors() {
        let decoded = decode(vector["payload"].as_str().unwrap());
        let Some(row) = decoded.scheme.and_then(scheme::named) else {
            continue;
        };
        if matches!(row.name, "promptpay_bill_payment" | "duitnow") {
            assert!(!decoded.problems.is_empty(), "{}", vector["id"]);
            for problem in &decoded.problems {
                assert!(row.tolerates(problem), "{}: {problem}", vector["id"]);
            }
        }
        if !decoded.valid {
            let invalidating = decoded.problems.iter().find(|one| one.kind.invalidates());
            assert!(!row.tolerates(invalidating.unwrap()), "{}", vector["id"]);
        }
        if row.name == "fps" {
            assert!(!decoded.problems.iter().any(|one| row.tolerates(one)));
        }
    }
}

#[test]
fn a_label_of_several_schemes_names_each_account() {
    type Accounts = &'static [(&'static str, Option<&'static str>)];
    let table: &[(&str, Accounts)] = &[
        (
            "sgqr_multi",
            &[("26", Some("paynow")), ("27", Some("alipay_plus")), ("28", Some("nets")), ("51", Some("sgqr"))],
        ),
        (
            "nepal_multi",
            &[("15", Some("unionpay")), ("27", None), ("29", Some("nepalpay")), ("49", Some("alipay_plus"))],
        ),
        ("kr_zeropay_like", &[("26", None)]),
        ("emvco_full_1", &[("02", Some("visa"))]),
    ];
    for (id, expected) in table {
        let parsed = parse(vector(id)["payload"].as_str().unwrap());
        let found: Vec<_> = scheme::accounts(&parsed.fields).map(|account| (account.id, account.scheme)).collect();
        assert_eq!(&found, expected, "{id}");
    }
}
