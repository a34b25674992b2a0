//! What the parser puts up with, what it reports and what it refuses, one payload at a time.

use sycee_codes::crc::crc16;
use sycee_codes::emvco::merchant::{is_merchant_presented, parse};
use sycee_codes::field::{find, text_at};
use sycee_codes::{Problem, Value};

fn field(id: &str, value: &str) -> String {
    format!("{id}{:02}{value}", value.chars().count())
}

fn with_crc(body: &str) -> String {
    let text = format!("{body}6304");
    format!("{text}{:04X}", crc16(text.as_bytes()))
}

/// A complete payload: what every payload needs, an account, these fields, the checksum.
fn payload(fields: &str) -> String {
    let start = "00020101021126100006com.ab5204581253031565802CN5904SHOP6004CITY";
    with_crc(&format!("{start}{fields}"))
}

fn tell(text: &str) -> (bool, Vec<String>) {
    let parsed = parse(text);
    let tell = |problem: &Problem| format!("{} {}", problem.kind.code(), problem.path);
    (parsed.valid, parsed.problems.iter().map(tell).collect())
}

#[test]
fn the_checksum_has_its_check_value() {
    assert_eq!(crc16(b"123456789"), 0x29B1);
    assert_eq!(crc16(b""), 0xFFFF);
}

#[test]
fn values_that_are_not_as_specified_are_problems_only() {
    #[rustfmt::skip]
    let table: &[(&str, &str, &str)] = &[
        ("02", "4000123456789012", ""),
        ("54", "0.10", ""),
        ("54", "100.000", ""),
        ("54", "12", ""),
        ("54", "0.00", "not_an_amount 54"),
        ("54", ".50", "not_an_amount 54"),
        ("54", "5.", "not_an_amount 54"),
        ("54", "1,2", "not_an_amount 54"),
        ("54", "1.2.3", "not_an_amount 54"),
        ("54", "-12", "not_an_amount 54"),
        ("54", "１２", "not_an_amount 54"),
        ("54", "1234567890.00", ""),
        ("54", "12345678901.00", "too_long 54"),
        ("54", "", "empty 54"),
        ("55", "01", ""),
        ("55", "04", "unexpected_value 55"),
        ("55", "02", "missing 56"),
        ("55", "03", "missing 57"),
        ("56", "1", "not_in_this_tip_mode 56"),
        ("57", "1", "not_in_this_tip_mode 57"),
        ("61", "1234567890", ""),
        ("61", "12345678901", "too_long 61"),
        ("61", "邮编", "not_printable_ascii 61"),
        ("62", "0102", "not_a_template 62"),
        ("62", "0102no", ""),
        ("62", "0100", "empty 62.01"),
        ("62", "", "not_a_template 62"),
        ("62", "0903MEA", ""),
        ("62", "0903MEM", "not_a_data_request 62.09"),
        ("62", "0902ms", "not_a_data_request 62.09"),
        ("62", "1006tax-id", ""),
        ("62", "1201x", "reserved_id 62.12"),
        ("62", "5005hello", "not_a_template 62.50"),
        ("62", "50060102no", "missing 62.50.00"),
        ("62", "50060002ab", ""),
        ("64", "0002zh", "missing 64.01"),
        ("64", "0002zh0103最佳店", ""),
        ("64", "0003zho0102ab", "not_a_language 64.00"),
        ("65", "x", "reserved_id 65"),
        ("81", "hello", "not_a_template 81"),
        ("81", "00480065", "not_a_template 81"),
        ("27", "x123", "not_a_template 27"),
        ("27", "0006com", "not_a_template 27"),
        ("27", "0102ab", "missing 27.00"),
        ("27", "0033123456789012345678901234567890123", "too_long 27.00"),
        // Where plain text is as likely as fields, a repeated id or an empty field shows that it is plain text.
        ("81", "0102no0102on", "not_a_template 81"),
        ("81", "0002ab0100", "not_a_template 81"),
    ];
    for (id, value, expected) in table {
        let (valid, problems) = tell(&payload(&field(id, value)));
        assert_eq!(problems.join(", "), *expected, "{id} {value}");
        assert!(valid, "{id} {value}");
    }
    let modes = [
        ("02", "56", "500", ""),
        ("02", "56", "5.", "not_an_amount 56"),
        ("03", "57", "99.99", ""),
        ("03", "57", "00.01", ""),
        ("03", "57", "00.00", "not_a_percentage 57"),
        ("03", "57", "100", "not_a_percentage 57"),
        ("03", "57", "5.125", "not_a_percentage 57"),
    ];
    for (mode, id, value, expected) in modes {
        let fields = field("55", mode) + &field(id, value);
        let (valid, problems) = tell(&payload(&fields));
        assert_eq!(problems.join(", "), expected, "{id} {value}");
        assert!(valid, "{id} {value}");
    }
}

#[test]
fn broken_structure_repeated_ids_and_wrong_checksums_invalidate() {
    let good = payload("");
    assert_eq!(tell(&good), (true, vec![]));
    let body = good.strip_suffix(&good[good.len() - 8..]).unwrap();
    #[rustfmt::skip]
    let table: &[(String, &str)] = &[
        (payload("59041234"), "repeated_id 59"),
        (payload("590412345904abcd"), "repeated_id 59"),
        (payload("27200006com.ab0006com.cd"), "repeated_id 27.00"),
        (payload("62120102no0102on"), "repeated_id 62.01"),
        (payload("64180002zh0102ab0102cd"), "repeated_id 64.01"),
        (body.to_string(), "missing_crc 63"),
        (body.to_string() + "63040000", "wrong_crc 63"),
        (body.to_string() + "6303000", "wrong_crc 63"),
        (body.to_string() + "6304", "broken_structure , missing_crc 63"),
        (body.to_string() + "6304１２３４", "not_printable_ascii 63, wrong_crc 63"),
        (good.clone() + "5", "broken_structure "),
        (good.clone() + "6105123", "broken_structure "),
        (good.clone() + "+1021212", "broken_structure "),
        (good.clone() + "61+212", "broken_structure "),
        ("000201".into(), "missing 52, missing 53, missing 58, missing 59, missing 60, no_merchant_account , \
          missing_crc 63"),
    ];
    for (text, expected) in table {
        let (valid, problems) = tell(text);
        assert_eq!(problems.join(", "), *expected, "{text}");
        assert!(!valid, "{text}");
    }
}

#[test]
fn harmless_deviations_are_read_and_reported() {
    let good = payload("");
    let (body, crc) = good.split_at(good.len() - 4);
    let lower = body.to_string() + &crc.to_ascii_lowercase();
    assert_ne!(lower, good, "the checksum must have a letter for this test");
    #[rustfmt::skip]
    let table: &[(String, &str)] = &[
        (lower, "crc_lower_case 63"),
        (good.clone() + "  \r\n", "surrounding_space "),
        ("\u{feff} ".to_string() + &good, "surrounding_space "),
        (good.clone() + "61041234", "crc_not_last 63"),
        (with_crc(&(body[..body.len() - 4].replacen("000201", "", 1) + "000201")), "format_indicator_not_first 00"),
    ];
    for (text, expected) in table {
        let (valid, problems) = tell(text);
        assert_eq!(problems.join(", "), *expected, "{text}");
        assert!(valid, "{text}");
    }
    let fields = (80..=85).fold(String::new(), |fields, id| {
        fields
            + &field(&id.to_string(), &field("00", &"x".repeat(30)))
            + &field(&(id + 6).to_string(), &(field("00", "y") + &field("01", &"z".repeat(60))))
    });
    let long = payload(&fields);
    assert!(long.chars().count() > 512);
    assert_eq!(tell(&long), (true, vec!["code_too_long ".into()]));
}

#[test]
fn of_a_repeated_id_the_first_is_kept() {
    let parsed = parse(&payload("27200006com.ab0006com.cd5904EVIL"));
    assert_eq!(text_at(&parsed.fields, "59"), Some("SHOP"));
    assert_eq!(text_at(&parsed.fields, "27.00"), Some("com.ab"));
}

#[test]
fn lengths_count_characters_and_only_the_named_places_nest() {
    let parsed = parse(&payload("38180002ab01080002cdde27180002ab01080002cdde"));
    assert!(matches!(find(&parsed.fields, "38"), Some(Value::Template(_))));
    assert_eq!(text_at(&parsed.fields, "38.01"), Some("0002cdde"));
    let parsed = parse(&payload("38160002ab01060002cd27160002ab01060002cd"));
    assert_eq!(text_at(&parsed.fields, "38.01.00"), Some("cd"));
    assert_eq!(text_at(&parsed.fields, "27.01"), Some("0002cd"));
    let parsed = parse(&payload("64140002th0104ร้าน6103123"));
    assert_eq!(text_at(&parsed.fields, "64.01"), Some("ร้าน"));
    assert_eq!(text_at(&parsed.fields, "61"), Some("123"));
}

#[test]
fn only_what_looks_like_a_payload_is_taken_for_one() {
    let table = [
        ("000201", true),
        ("0002029999", true),
        ("0002", false),
        ("0002ab", false),
        ("01021163041234", true),
        ("0102116304123", false),
        ("010211", false),
        ("", false),
        ("BCD\n002", false),
    ];
    for (text, expected) in table {
        assert_eq!(is_merchant_presented(text), expected, "{text}");
    }
}
