//! Answers as clients see them: cut the way they cut, checked with the platform's public key.

mod cutters;

use sycee_alipay::codes::{GatewayCode, business};
use sycee_alipay::signature::{SigningKey, VerifyingKey};
use sycee_alipay::wire::charset::Charset;
use sycee_alipay::wire::failure::Failure;
use sycee_alipay::wire::response::{Node, ResponseKey, signed_body};

const METHOD: &str = "alipay.trade.precreate";

fn platform_key() -> SigningKey {
    SigningKey::from_pkcs8_der(include_bytes!("fixtures/platform.pkcs8.der")).unwrap()
}

fn platform_public_key() -> VerifyingKey {
    VerifyingKey::parse(include_str!("fixtures/platform.spki.pem")).unwrap()
}

/// What users type, and what would break one client or another if it went out as it is.
const USER_TEXTS: &[&str] = &[
    "Coca-Cola",
    "可口可乐 500ml 🥤",
    "{",
    "}",
    "}}}{{{",
    "{\"a\":{\"b\":1}}",
    "\"",
    "\\",
    "ends with a backslash \\",
    "\\\"}\\",
    "a/b//c",
    "\"},\"sign\":\"AAAA\"",
    "},\"sign\":\"AAAA\"}",
    "}, 'sign': 'AAAA",
    "\"sign\"",
    ",\"sign\":",
    ",\"alipay_cert_sn\":\"1\"",
    "\"alipay_trade_precreate_response\":{\"code\":\"10000\"}",
    "'x_response' : {",
    "alipay_trade_precreate_response",
    "\r\n\t\u{0}\u{7f}\u{2028}",
    "<script>alert(1)</script>",
    "\\u007b",
    "",
];

fn nodes_with(text: &str) -> Vec<Node> {
    vec![
        Node::with_outcome(GatewayCode::Success).with("subject", text),
        Node::with_outcome(GatewayCode::Processing)
            .with("fund_bill_list", vec![Node::new().with("fund_channel", text), Node::new()])
            .with("body", text),
        Node::with_failure(&Failure::with_detail(business::INVALID_PARAMETER, text)),
    ]
}

#[test]
fn every_client_cuts_exactly_the_signed_text() {
    let (key, public_key) = (platform_key(), platform_public_key());
    let response_key = ResponseKey::for_method(Some(METHOD));
    for text in USER_TEXTS {
        for node in nodes_with(text) {
            let body = signed_body(&response_key, &node, None, &key).unwrap();
            let sign = cutters::raw_sign(&body).unwrap();
            assert_eq!(sign.len(), 344);
            for cutter in cutters::ALL {
                let cut = (cutter.cut)(&body, response_key.as_str());
                assert_eq!(cut.as_deref(), Some(node.to_json().as_str()), "{} {text}", cutter.client);
                assert!(public_key.verify(cut.unwrap().as_bytes(), sign.as_bytes()), "{} {text}", cutter.client);
            }
        }
    }
}

#[test]
fn the_text_survives_the_escaping() {
    let key = platform_key();
    let response_key = ResponseKey::for_method(Some(METHOD));
    for text in USER_TEXTS {
        let node = Node::with_outcome(GatewayCode::Success).with("subject", *text);
        let body = signed_body(&response_key, &node, None, &key).unwrap();
        let read: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(read["alipay_trade_precreate_response"]["subject"], *text);
        assert_eq!(read["alipay_trade_precreate_response"]["code"], "10000");
    }
}

#[test]
fn clients_with_certificates_find_the_serial_and_the_text() {
    let (key, public_key) = (platform_key(), platform_public_key());
    let response_key = ResponseKey::for_method(Some(METHOD));
    for text in USER_TEXTS {
        for node in nodes_with(text) {
            let body = signed_body(&response_key, &node, Some("0123456789abcdef"), &key).unwrap();
            assert!(body.contains("},\"alipay_cert_sn\":\"0123456789abcdef\",\"sign\":\""));
            let sign = cutters::raw_sign(&body).unwrap();
            // The official Python client would take the serial for part of the text.
            for cutter in cutters::ALL.iter().filter(|cutter| cutter.client != "official Python") {
                let cut = (cutter.cut)(&body, response_key.as_str()).unwrap();
                assert!(public_key.verify(cut.as_bytes(), sign.as_bytes()), "{} {text}", cutter.client);
            }
        }
    }
}

/// The cutters themselves must be able to fail, or the tests above would show nothing.
#[test]
fn braces_and_blanks_left_in_break_clients() {
    let cut_by = |client: &str, body: &str| {
        let cutter = cutters::ALL.iter().find(|cutter| cutter.client == client).unwrap();
        (cutter.cut)(body, "alipay_trade_query_response")
    };
    let unbalanced = r#"{"alipay_trade_query_response":{"subject":"}"},"sign":"AAAA"}"#;
    let node = Some(r#"{"subject":"}"}"#.to_owned());
    assert_ne!(cut_by("community Python", unbalanced), node);
    assert_eq!(cut_by("smartwalle", unbalanced), node);

    let raw_quotes = r#"{"alipay_trade_query_response":{"a":"x"},"sign":"AAAA","b":"1"},"sign":"BBBB"}"#;
    assert_ne!(cut_by("gopay", raw_quotes), cut_by("official Node", raw_quotes));

    let blanks = r#"{"alipay_trade_query_response": {"a":"1"} , "sign" : "AAAA"}"#;
    assert_eq!(cut_by("official Python", blanks).as_deref(), Some(r#"{"a":"1"}"#));
    assert_eq!(cut_by("gopay", blanks), None);
    let digits = r#"{"alipay_v2_response":{"a":"1"},"sign":"AAAA"}"#;
    assert_eq!(cut_by("official Python", digits), None);
}

#[test]
fn the_whole_body_is_what_another_signer_made() {
    let node = Node::with_outcome(GatewayCode::Success)
        .with("out_trade_no", "20150320-010101_001")
        .with("subject", "可乐 {/}");
    let body = signed_body(&ResponseKey::for_method(Some(METHOD)), &node, None, &platform_key()).unwrap();
    assert_eq!(body, include_str!("fixtures/response.json"));
}

#[test]
fn failures_without_a_method_are_signed_too() {
    let failure = Failure::new(sycee_alipay::codes::gateway::MISSING_METHOD);
    let node = Node::with_failure(&failure);
    let body = signed_body(&ResponseKey::for_failure(None), &node, None, &platform_key()).unwrap();
    assert!(body.starts_with(
        "{\"error_response\":{\"code\":\"40001\",\"msg\":\"Missing Required Arguments\",\"sub_code\":\"isv.missing-method\","
    ));
    let sign = cutters::raw_sign(&body).unwrap();
    assert!(platform_public_key().verify(node.to_json().as_bytes(), sign.as_bytes()));
}

/// A client that reads in GBK reads the same bytes as one that reads in UTF-8, and the signature covers them.
#[test]
fn an_answer_to_a_chinese_charset_is_ascii() {
    let node = Node::new().with("subject", "可乐 {\u{20000}}").for_charset(Charset::Gbk);
    let expected = r#"{"subject":"\u53ef\u4e50 \u007b\ud840\udc00\u007d"}"#;
    assert_eq!(node.to_json(), expected);
    let body = signed_body(&ResponseKey::for_method(Some(METHOD)), &node, None, &platform_key()).unwrap();
    assert!(body.is_ascii() && body.contains(expected));
    assert_eq!(Node::new().with("subject", "可乐").for_charset(Charset::Utf8).to_json(), "{\"subject\":\"可乐\"}");
}
