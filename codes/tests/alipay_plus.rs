//! Alipay+: payment codes, links of orders and shops, merchant-presented codes of version 3.

mod random;

use random::Random;
use serde_json::{Value as Json, json};
use sycee_codes::alipay_plus::merchant::{MerchantCode, parse_payload};
use sycee_codes::alipay_plus::{CodeType, LinkCode, PaymentCode, Shape, write_link};
use sycee_codes::{Kind, decode};

fn as_json(text: &str) -> Json {
    serde_json::from_str(&decode(text).to_json()).unwrap()
}

/// So many digits that begin so; the rest are nines.
fn digits(start: &str, length: usize) -> String {
    format!("{start:9<length$}")
}

#[test]
fn payment_codes_say_their_issuer_and_type_where_their_shape_has_them() {
    use Shape::*;
    type Expected = Option<(Shape, Option<&'static str>, Option<&'static str>, CodeType)>;
    #[rustfmt::skip]
    let table: &[(&str, usize, Expected)] = &[
        // The examples of the documentation.
        ("251001020123456789012345", 24, Some((Standard, Some("251001"), Some("02"), CodeType::Payment))),
        ("281010897274821897274821", 24, Some((Routed, Some("281010"), Some("89"), CodeType::Other))),
        ("281006", 24, Some((Routed, Some("281006"), Some("99"), CodeType::Other))),
        ("28101002", 24, Some((Standard, Some("281010"), Some("02"), CodeType::Payment))),
        ("28024456785672301", 17, Some((Legacy, None, None, CodeType::Payment))),
        ("2893612204263667830", 19, Some((Legacy, None, None, CodeType::Payment))),
        // Edges.
        ("28", 16, None), ("28", 17, Some((Legacy, None, None, CodeType::Payment))),
        ("28", 19, Some((Legacy, None, None, CodeType::Payment))), ("27", 18, None), ("30", 19, None),
        ("28", 20, Some((Reserved, Some("289999"), Some("99"), CodeType::Other))),
        ("25", 20, Some((Reserved, Some("259999"), Some("99"), CodeType::Other))),
        ("24", 24, None), ("31", 24, None), ("800088", 24, None),
        ("30300104", 24, Some((Standard, Some("303001"), Some("04"), CodeType::Order))),
        ("291", 32, Some((Routed, Some("291999"), Some("99"), CodeType::Other))), ("291", 33, None),
        ("292", 32, Some((Reserved, Some("292999"), Some("99"), CodeType::Other))),
        ("", 0, None), ("２８", 24, None), ("28a", 24, None),
    ];
    for (start, length, expected) in table {
        let text = digits(start, *length);
        let code = PaymentCode::parse(&text);
        let found = code.map(|code| (code.shape(), code.issuer(), code.type_digits(), code.code_type()));
        assert_eq!(&found, expected, "{text}");
        if let Some(code) = code {
            assert_eq!(code.digits(), text);
            assert_eq!(code.route(), code.issuer().map(|issuer| &issuer[3..]), "{text}");
            let hidden = &text[8..];
            assert!(!format!("{code:?}").contains(hidden), "{code:?}");
        }
    }
}

#[test]
fn every_published_code_of_the_family_is_read() {
    let file: Json = serde_json::from_str(include_str!("vectors/qr_cpm.json")).unwrap();
    let vectors = file["numeric_payment_codes"].as_array().unwrap();
    let mut read = 0;
    for vector in vectors {
        let (code, family) = (vector["code"].as_str().unwrap(), vector["family"].as_str().unwrap());
        let is_alipay_plus = family.starts_with("alipay_plus") || code.starts_with("28");
        assert_eq!(PaymentCode::parse(code).is_some(), is_alipay_plus, "{code}");
        read += usize::from(is_alipay_plus);
    }
    assert_eq!(read, 6);
}

#[test]
fn links_say_issuer_and_type() {
    #[rustfmt::skip]
    let table = [
        ("https://global.alipay.com/2810020400...", json!("alipay_plus"), json!("281002"), json!("04")),
        ("https://payqr.gcash.com/28101005...", json!("alipay_plus"), json!("281010"), json!("05")),
        ("https://global.alipay.com/2810020", json!("alipay_plus"), Json::Null, Json::Null),
        ("https://global.alipay.com/28a1002040", json!("alipay_plus"), Json::Null, Json::Null),
        ("https://global.alipay.com/281002é04", json!("alipay_plus"), Json::Null, Json::Null),
        ("https://qr.alipay.com/2810020400", json!("alipay"), Json::Null, Json::Null),
        ("https://evil.example/2810020400", Json::Null, Json::Null, Json::Null),
        ("https://global.alipay.com@evil.example/2810020400", Json::Null, Json::Null, Json::Null),
    ];
    for (text, scheme, issuer, code_type) in table {
        let json = as_json(text);
        assert_eq!(
            (&json["scheme"], &json["fields"]["issuer"], &json["fields"]["type"], &json["valid"]),
            (&scheme, &issuer, &code_type, &json!(true)),
            "{text}"
        );
    }
    let code = LinkCode::of_path("/281002040012345abc678").unwrap();
    assert_eq!((code.issuer, code.code_type(), code.rest), ("281002", CodeType::Order, "0012345abc678"));
    assert_eq!(code.leading_digits(), "281002040012345");
    for path in ["", "/", "281002040", "/24100204", "/31100204", "/２８1002040"] {
        assert_eq!(LinkCode::of_path(path), None, "{path}");
    }
}

#[test]
fn links_are_written_strictly_and_read_back() {
    let link = write_link("global.alipay.com", "281002", CodeType::Order, "00ABC").unwrap();
    assert_eq!(link, "https://global.alipay.com/2810020400ABC");
    let json = as_json(&write_link("payqr.gcash.com", "281010", CodeType::Entry, "7").unwrap());
    assert_eq!((&json["fields"]["issuer"], &json["fields"]["type"]), (&json!("281010"), &json!("05")));
    let long = "1".repeat(600);
    for (host, issuer, code_type, rest, expected) in [
        ("host", "281002", CodeType::Order, "1", "host"),
        ("a.b/c", "281002", CodeType::Order, "1", "host"),
        ("-a.example", "281002", CodeType::Order, "1", "host"),
        ("a.example", "28100", CodeType::Order, "1", "issuer"),
        ("a.example", "311002", CodeType::Order, "1", "issuer"),
        ("a.example", "28100x", CodeType::Order, "1", "issuer"),
        ("a.example", "281002", CodeType::Payment, "1", "type"),
        ("a.example", "281002", CodeType::Order, "", "rest"),
        ("a.example", "281002", CodeType::Order, "1/2", "rest"),
        ("a.example", "281002", CodeType::Order, long.as_str(), ""),
    ] {
        let problems = write_link(host, issuer, code_type, rest).unwrap_err().problems;
        assert_eq!(problems.iter().map(|one| one.path.as_str()).collect::<Vec<_>>(), [expected]);
    }
}

fn sample() -> (String, String) {
    let file: Json = serde_json::from_str(include_str!("vectors/uri_codes.json")).unwrap();
    let sample = &file["alipay_plus_mpm"]["sample"];
    (sample["url"].as_str().unwrap().into(), sample["decoded"].as_str().unwrap().into())
}

#[test]
fn the_documented_merchant_code_is_read_and_written() {
    let (url, plain) = sample();
    let json = as_json(&url);
    // As the table beside the sample in the documentation has it.
    let expected = json!({
        "PLVS": "01",
        "CDSD": {"01": "SAMPLEPLATFORM", "02": "SAMPLEMERID"},
        "CIRD": {"01": "SAMPLEISSUER", "02": "12", "03": "MINIPROGRAMID"},
    });
    assert_eq!((&json["kind"], &json["scheme"], &json["valid"]), (&json!("url"), &json!("alipay_plus"), &json!(true)));
    assert_eq!((&json["fields"]["GPLD"], &json["problems"]), (&expected, &json!([])));
    assert!(plain.starts_with("GPLD095PLVS00201CDSD033"));

    let code = MerchantCode::new("qr.sampledomain.com", "SAMPLEPLATFORM", "SAMPLEMERID", "SAMPLEISSUER")
        .issuer_field(2, "12")
        .issuer_field(3, "MINIPROGRAMID");
    assert_eq!(code.generate().unwrap(), url);
}

/// Base64 by the sample's own letters would not do for all texts, so once more by hand.
fn base64(text: &str) -> String {
    let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    let mut bits: Vec<u8> = text.bytes().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    bits.resize(bits.len().div_ceil(6) * 6, 0);
    let mut out: String =
        bits.chunks(6).map(|six| alphabet[six.iter().fold(0, |sum, bit| sum * 2 + usize::from(*bit))]).collect();
    while !out.len().is_multiple_of(4) {
        out.push('=');
    }
    out
}

#[test]
fn faults_of_merchant_codes_are_reported() {
    #[rustfmt::skip]
    let table: Vec<(String, bool, &str)> = vec![
        (base64("GPLD009PLVS00201"), true, ""),
        (base64("GPLD009PLVS00202"), true, "unexpected_value GPLD.PLVS"),
        (base64("GPLD009PLVS00201").replace('=', ""), true, "base64_not_canonical path"),
        (base64("GPLD009PLVS00201").replace('=', "%3D"), true, ""),
        (base64("GPLD010PLVS00201"), true, "not_a_template path"),
        (base64("GPLD008PLVS0020"), true, "not_a_template GPLD"),
        (base64("GPLDé09PLVS00201"), true, "not_a_template path"),
        (base64("gpld009PLVS00201"), true, "not_a_template path"),
        (base64("GPLD+09PLVS00201"), true, "not_a_template path"),
        (base64("PLVS00201"), true, "missing GPLD"),
        (base64("GPLD018PLVS00201PLVS00202"), false, "repeated_id GPLD.PLVS"),
        (base64("GPLD009PLVS00201GPLD009PLVS00201"), false, "repeated_id GPLD"),
        (base64("GPLD017CDSD0100101A0101B"), false, "repeated_id GPLD.CDSD.01"),
        (base64("GPLD011CDSD0040101"), true, "not_a_template GPLD.CDSD"),
        (base64("GPLD007CDSD000"), true, "not_a_template GPLD.CDSD"),
        ("%zz".into(), true, "bad_percent_escape path"),
        ("R1BM*".into(), true, "not_a_template path"),
        ("".into(), true, "not_a_template path"),
        ("A".repeat(2_954), true, "too_long path"),
    ];
    for (payload, valid, expected) in table {
        let decoded = decode(&format!("https://qr.example.com/MPM/3/{payload}"));
        assert_eq!((decoded.kind, decoded.scheme), (Kind::Url, Some("alipay_plus")));
        let found: Vec<String> =
            decoded.problems.iter().map(|one| format!("{} {}", one.kind.code(), one.path)).collect();
        let expected: Vec<&str> = if expected.is_empty() { vec![] } else { vec![expected] };
        assert_eq!((decoded.valid, found), (valid, expected.iter().map(ToString::to_string).collect()), "{payload}");
    }
    // Lengths count characters; objects that nobody knows stay text.
    let json = as_json(&format!("https://qr.example.com/MPM/3/{}", base64("GPLD015ABCD0020éPLVS")));
    assert_eq!(json["problems"], json!(["not_a_template path: the value does not consist of fields"]));
    let json = as_json(&format!("https://qr.example.com/MPM/3/{}", base64("GPLD013ABCD0060101é1")));
    assert_eq!(json["fields"]["GPLD"], json!({"ABCD": "0101é1"}));
}

#[test]
fn the_generator_of_merchant_codes_refuses_what_cannot_be_read() {
    let new = || MerchantCode::new("qr.example.com", "P", "M", "I");
    let long = "1".repeat(100);
    let mut full = new();
    for id in 3..15 {
        full = full.code_field(id, &"1".repeat(99));
    }
    #[rustfmt::skip]
    let table: Vec<(MerchantCode, &str)> = vec![
        (MerchantCode::new("qr", "P", "M", "I"), "unexpected_value host"),
        (MerchantCode::new("qr.example.com/", "P", "M", "I"), "unexpected_value host"),
        (MerchantCode::new("qr.example.com", "", "M", "I"), "empty GPLD.CDSD.01"),
        (MerchantCode::new("qr.example.com", "P", "É", "I"), "not_printable_ascii GPLD.CDSD.02"),
        (new().issuer_field(1, "again"), "repeated_id GPLD.CIRD.01"),
        (new().issuer_field(100, "1"), "id_out_of_range GPLD.CIRD.100"),
        (new().code_field(3, &long), "too_long GPLD.CDSD.03"),
        (full, "too_long CDSD"),
    ];
    for (code, expected) in table {
        let problem = &code.generate().unwrap_err().problems[0];
        assert_eq!(format!("{} {}", problem.kind.code(), problem.path), expected);
    }
}

#[test]
fn whatever_is_written_reads_back_without_a_problem() {
    let mut random = Random(3);
    for _ in 0..2_000 {
        let mut text = |maximum| random.text("AZaz09 +/=%&?#.-", maximum);
        let (platform, merchant, issuer, more) = (text(99), text(99), text(99), text(99));
        let code = MerchantCode::new("qr.example.com", &platform, &merchant, &issuer).issuer_field(77, &more);
        let link = code.generate().unwrap();
        let decoded = decode(&link);
        assert!(decoded.valid && decoded.problems.is_empty(), "{link}: {:?}", decoded.problems);
        let json: Json = serde_json::from_str(&decoded.to_json()).unwrap();
        let expected =
            json!({"PLVS": "01", "CDSD": {"01": platform, "02": merchant}, "CIRD": {"01": issuer, "77": more}});
        assert_eq!(json["fields"]["GPLD"], expected);
    }
}

#[test]
fn any_payload_gets_an_answer() {
    let (url, plain) = sample();
    let payload = url.rsplit('/').next().unwrap();
    for end in 0..=payload.len() {
        let _ = parse_payload(&payload[..end], &mut Vec::new());
    }
    for end in 0..=plain.len() {
        let mut problems = Vec::new();
        let fields = parse_payload(&base64(&plain[..end]), &mut problems);
        assert_eq!(problems.is_empty(), end == plain.len(), "{end}");
        assert!(fields.is_empty() || end == plain.len() || end == 0, "{end}");
    }
    let mut random = Random(95);
    for _ in 0..50_000 {
        let text = random.text("GPLDCSDIRV0123é=%", 80);
        let _ = parse_payload(&base64(&text), &mut Vec::new());
        let _ = parse_payload(&text, &mut Vec::new());
        let _ = PaymentCode::parse(&text);
        let _ = LinkCode::of_path(&text);
    }
}
