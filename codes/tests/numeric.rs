//! Numeric payment codes: the published ones, the edges of each family, and our own.

mod random;

use random::Random;
use serde_json::{Value as Json, json};
use sycee_codes::numeric::{
    Family, PAY_CODE_DIGITS, PayCodeError, RANDOM_DIGITS, classify, decode_pay_code, encode_pay_code, pay_code_issuer,
};
use sycee_codes::{Kind, decode};

fn bytes(random: &mut Random) -> [u8; 16] {
    (u128::from(random.next()) << 64 | u128::from(random.next())).to_be_bytes()
}

#[test]
fn every_published_code_is_of_its_family() {
    let file: Json = serde_json::from_str(include_str!("vectors/qr_cpm.json")).unwrap();
    let vectors = file["numeric_payment_codes"].as_array().unwrap();
    assert_eq!(vectors.len(), 9);
    for vector in vectors {
        let decoded = decode(vector["code"].as_str().unwrap());
        assert_eq!(decoded.kind, Kind::Numeric, "{vector}");
        assert!(decoded.valid && decoded.problems.is_empty(), "{vector}");
        let json: Json = serde_json::from_str(&decoded.to_json()).unwrap();
        assert_eq!(json["scheme"], vector["family"], "{vector}");
        assert_eq!(json["fields"]["code"], vector["code"], "{vector}");
    }
}

#[test]
fn alipay_plus_codes_say_where_they_are_routed() {
    let table = [
        ("251001020123456789012345", json!({"code": "251001020123456789012345", "issuer": "251001", "type": "02"})),
        ("281010897274821897274821", json!({"code": "281010897274821897274821", "version": "1", "route": "010"})),
    ];
    for (code, expected) in table {
        let json: Json = serde_json::from_str(&decode(code).to_json()).unwrap();
        assert_eq!(json["fields"], expected);
    }
}

/// So many digits that begin so; the rest are nines.
fn digits(start: &str, length: usize) -> String {
    format!("{start:9<length$}")
}

#[test]
fn families_end_where_their_rules_end() {
    use Family::*;
    #[rustfmt::skip]
    let table = [
        ("10", 18, Some(WeChatPay)), ("15", 18, Some(WeChatPay)), ("16", 18, None), ("09", 18, None),
        ("10", 17, None), ("10", 19, None),
        ("62", 19, Some(UnionPay)), ("62", 18, None), ("62", 20, None), ("61", 19, None),
        ("800088", 24, Some(ZeroPay)), ("800089", 24, None),
        ("25", 15, None), ("25", 16, Some(Alipay)), ("24", 17, None), ("31", 17, None),
        ("25", 17, Some(AlipayMainlandOrHongKong)), ("30", 19, Some(AlipayMainlandOrHongKong)),
        ("288", 19, Some(AlipayMainlandOrHongKong)), ("289", 19, Some(AlipayMainlandOrHongKong)),
        ("28900000000006", 19, Some(AlipayPlus19)), ("27900000000006", 19, Some(AlipayMainlandOrHongKong)),
        ("28", 20, Some(Alipay)), ("28", 23, Some(Alipay)),
        ("28", 24, Some(AlipayPlus)), ("281", 24, Some(AlipayPlusRouted)), ("28101002", 24, Some(AlipayPlus)),
        ("28", 25, None), ("281", 32, Some(AlipayPlusRouted)), ("28101002", 32, Some(AlipayPlus)),
        ("281", 33, None),
    ];
    for (start, length, expected) in table {
        assert_eq!(classify(&digits(start, length)), expected, "{start} {length}");
    }
    for text in ["", "28", "28024456785672３０１", "2802445678567230a", " 28024456785672301"] {
        assert_eq!(classify(text), None, "{text}");
    }
}

#[test]
fn a_pay_code_has_the_documented_layout() {
    // 2^128 - 1 = 340282366920938463463374607431768211455; Damm's own example is 572 with check digit 4.
    let all_ones = encode_pay_code("28", "", [0xFF; 16]).unwrap();
    assert_eq!(&all_ones[..18], "284607431768211455");
    let zeros = encode_pay_code("25", "417", [0; 16]).unwrap();
    assert_eq!(&zeros[..21], "254170000000000000000");

    let decoded = decode_pay_code(&zeros).unwrap();
    assert_eq!((decoded.prefix, decoded.routing, decoded.random), ("25", "417", "0000000000000000"));
    assert!(!format!("{decoded:?}").contains("0000000000000000"));
}

#[test]
fn the_check_digit_is_damms() {
    // By the quasigroup as Damm published it: 0,5 -> 9; 9,7 -> 7; 7,2 -> 4 gives 4 for 572. A pay code cannot be that
    // short, so the same table is followed by hand for 28 and sixteen zeros: 0,2 -> 1; 1,8 -> 6; then 6,0 -> 5;
    // 5,0 -> 3; 3,0 -> 1; 1,0 -> 7; 7,0 -> 8; 8,0 -> 9; 9,0 -> 2; 2,0 -> 4; 4,0 -> 6 and round again (nine steps).
    // After 16 zeros: 16 mod 9 = 7 steps from 6: 5, 3, 1, 7, 8, 9, 2.
    let code = encode_pay_code("28", "", [0; 16]).unwrap();
    assert_eq!(code, "2800000000000000002");
}

#[test]
fn pay_codes_read_back_and_every_slip_is_noticed() {
    let mut random = Random(7);
    for round in 0..300 {
        let prefix = *random.pick(&["25", "26", "27", "28", "29", "30"]);
        let routing = random.text("0123456789", 5);
        let routing = if round % 7 == 0 { "" } else { routing.as_str() };
        let code = encode_pay_code(prefix, routing, bytes(&mut random)).unwrap();
        assert!(PAY_CODE_DIGITS.contains(&code.len()));
        assert!(classify(&code).is_some() || code.len() == 24, "{code}");
        let decoded = decode_pay_code(&code).unwrap();
        assert_eq!((decoded.prefix, decoded.routing), (prefix, routing));
        assert_eq!(decoded.random.len(), RANDOM_DIGITS);
        for at in 0..code.len() {
            for digit in '0'..='9' {
                let mut slip = code.clone();
                slip.replace_range(at..=at, &digit.to_string());
                assert_eq!(decode_pay_code(&slip).is_ok(), slip == code, "{slip}");
            }
            if at + 1 < code.len() {
                let (one, two) = (&code[at..=at], &code[at + 1..at + 2]);
                let mut slip = code.clone();
                slip.replace_range(at..at + 2, &format!("{two}{one}"));
                assert_eq!(decode_pay_code(&slip).is_ok(), one == two, "{slip}");
            }
        }
    }
}

#[test]
fn random_digits_are_even_and_unlike() {
    let mut random = Random(3);
    let mut counts = [[0_u32; 10]; RANDOM_DIGITS];
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..20_000 {
        let code = encode_pay_code("28", "41", bytes(&mut random)).unwrap();
        let digits = decode_pay_code(&code).unwrap().random.to_string();
        for (place, digit) in digits.bytes().enumerate() {
            counts[place][usize::from(digit - b'0')] += 1;
        }
        seen.insert(digits);
    }
    assert_eq!(seen.len(), 20_000);
    // 2,000 expected; the standard deviation is 42, and six of them are never reached by chance in 160 cells.
    for count in counts.as_flattened() {
        assert!((1_745..=2_255).contains(count), "{counts:?}");
    }
}

#[test]
fn what_is_no_pay_code_is_refused_by_name() {
    use PayCodeError::*;
    let cases = [
        ("24", "", PrefixOutOfRange),
        ("31", "", PrefixOutOfRange),
        ("2", "8", PrefixOutOfRange),
        ("+28", "", PrefixOutOfRange),
        ("28", "12a", NotDigits),
        ("28", "１", NotDigits),
        ("28", "123456", RoutingTooLong),
    ];
    for (prefix, routing, expected) in cases {
        assert_eq!(encode_pay_code(prefix, routing, [1; 16]), Err(expected));
    }
    let cases = [
        ("", WrongLength),
        ("280000000000000000", WrongLength),
        ("2800000000000000000000000", WrongLength),
        ("2400000000000000002", PrefixOutOfRange),
        ("2800000000000000003", WrongCheckDigit),
        ("28000000000000000x2", NotDigits),
    ];
    for (code, expected) in cases {
        assert_eq!(decode_pay_code(code), Err(expected), "{code}");
    }
}

#[test]
fn our_own_codes_are_told_from_others_by_prefix_and_check_digit() {
    // Checked by hand in `the_check_digit_is_damms`.
    let (bare, routed) = ("2800000000000000002", encode_pay_code("28", "33", [0; 16]).unwrap());
    assert_eq!(routed.len(), 21);
    #[rustfmt::skip]
    let table: &[(&str, &[&str], Option<&str>)] = &[
        (bare, &["28"], Some("")),
        (bare, &["25", "28"], Some("")),
        (bare, &["25"], None), (bare, &[], None), (bare, &[""], None), (bare, &["2"], None),
        // A prefix reaches into the routing digits, never into the random ones.
        (bare, &["280"], None),
        (&routed, &["28"], Some("33")), (&routed, &["283"], Some("33")), (&routed, &["2833"], Some("33")),
        (&routed, &["2834"], None), (&routed, &["28330"], None),
        (" 2800000000000000002\n", &["28"], Some("")),
        ("2800000000000000003", &["28"], None),
        ("280000000000000000\u{662}", &["28"], None),
        ("https://qr.alipay.com/2800000000000000002", &["28"], None),
        ("", &["28"], None),
    ];
    for (text, prefixes, expected) in table {
        assert_eq!(pay_code_issuer(text, prefixes), *expected, "{text} {prefixes:?}");
    }
    let mut random = Random(17);
    for _ in 0..1_000 {
        let routing = random.text("0123456789", 5);
        let code = encode_pay_code("30", &routing, bytes(&mut random)).unwrap();
        assert_eq!(pay_code_issuer(&code, &["30"]), Some(routing.as_str()));
        assert_eq!(pay_code_issuer(&code, &[&format!("30{routing}")]), Some(routing.as_str()));
        assert_eq!(pay_code_issuer(&code, &["29", "31"]), None);
    }
}
