//! Every vector of `qr_cpm.json` and `uri_codes.json` through `decode`: kind, scheme, validity.

use serde_json::Value as Json;
use sycee_codes::{Kind, decode};

/// Every text in these files that is a code, with what it must be.
fn expectations() -> Vec<(String, Kind, Option<String>, bool)> {
    let cpm: Json = serde_json::from_str(include_str!("vectors/qr_cpm.json")).unwrap();
    let uri: Json = serde_json::from_str(include_str!("vectors/uri_codes.json")).unwrap();
    let text = |value: &Json| value.as_str().unwrap().to_string();
    let mut all = Vec::new();
    for vector in cpm["bertlv"].as_array().unwrap() {
        let is_valid = vector["expect_valid"] != false;
        // The negative vectors that do not begin as a consumer-presented code does are nobody's.
        let begins = text(&vector["payload"]).starts_with("hQVDUFYw");
        let kind = if begins { Kind::EmvcoCpm } else { Kind::Unknown };
        let scheme = match vector["id"].as_str().unwrap() {
            "unionpay_style" => Some("unionpay".into()),
            "qris_cpm_synthetic" => Some("qris".into()),
            _ => None,
        };
        all.push((text(&vector["payload"]), kind, scheme, is_valid));
    }
    for vector in cpm["numeric_payment_codes"].as_array().unwrap() {
        all.push((text(&vector["code"]), Kind::Numeric, Some(text(&vector["family"])), true));
    }
    let alipay_plus = &uri["alipay_plus_mpm"];
    all.push((text(&alipay_plus["sample"]["url"]), Kind::Url, Some("alipay_plus".into()), true));
    for link in alipay_plus["url_codes"].as_array().unwrap() {
        let pattern = text(&link["pattern"]);
        let scheme = if pattern.contains("qr.alipay.com") { "alipay" } else { "alipay_plus" };
        all.push((pattern.replace("<code>", "bax01"), Kind::Url, Some(scheme.into()), true));
    }
    for example in uri["upi"]["examples"].as_array().unwrap() {
        all.push((text(example), Kind::Url, Some("upi".into()), true));
    }
    all
}

#[test]
fn every_vector_is_what_it_was_published_as() {
    let all = expectations();
    assert_eq!(all.len(), 7 + 9 + 1 + 3 + 1);
    for (text, kind, scheme, valid) in all {
        let decoded = decode(&text);
        assert_eq!(
            (decoded.kind, decoded.scheme, decoded.valid),
            (kind, scheme.as_deref(), valid),
            "{text}: {:?}",
            decoded.problems
        );
        assert_eq!(valid, decoded.problems.is_empty(), "{text}: {:?}", decoded.problems);
    }
}

#[test]
fn every_beginning_of_every_vector_gets_an_answer() {
    for (text, kind, _, _) in expectations() {
        for (end, _) in text.char_indices() {
            let decoded = decode(&text[..end]);
            let json: Json = serde_json::from_str(&decoded.to_json()).unwrap();
            assert_eq!(json["valid"], decoded.valid);
            // A consumer-presented code that was cut off is never taken for a whole one.
            if kind == Kind::EmvcoCpm && decoded.valid {
                let missing = text.len() - end;
                let is_whole = text[end..].bytes().all(|byte| byte == b'=');
                let ends_at_object = decoded.problems.iter().all(|one| one.kind.code() == "base64_not_canonical");
                assert!(is_whole || ends_at_object, "{missing} characters fewer: {:?}", decoded.problems);
            }
        }
    }
}

/// What the page of published rules says of numeric codes, against what the crate says.
#[test]
fn numeric_families_keep_to_the_published_expressions() {
    let digits = |start: &str, length: usize| format!("{start:0<length$}");
    let scheme = |text: &str| decode(text).scheme;
    for length in 0..40 {
        for first in 0..100 {
            let text = digits(&format!("{first:02}"), length.max(2));
            let alipay = (25..=30).contains(&first) && (16..=24).contains(&length);
            let wechat = (10..=15).contains(&first) && length == 18;
            let unionpay = first == 62 && length == 19;
            let found = scheme(&text);
            if alipay {
                assert!(found.is_some_and(|name| name.starts_with("alipay")), "{text}: {found:?}");
            } else if wechat {
                assert_eq!(found, Some("wechat_pay"), "{text}");
            } else if unionpay {
                assert_eq!(found, Some("unionpay_numeric"), "{text}");
            } else {
                assert_eq!(found, None, "{text}");
            }
        }
    }
}
