//! The `authorization` header of version 3, and the text that is signed with it.

use axum::http::{HeaderMap, HeaderValue};
use sycee_alipay::codes::{SubCode, gateway};
use sycee_alipay::rest::answer::{bare, meaning, signed_text};
use sycee_alipay::rest::authorization::{AUTHORIZATION_MAX_BYTES, Authorization};
use sycee_alipay::rest::received::Received;
use sycee_alipay::timestamps::LocalDateTime;

#[test]
fn a_header_is_taken_apart_and_what_is_signed_stays_as_it_came() {
    struct Case {
        header: &'static str,
        text: &'static str,
        app_cert_sn: Option<&'static str>,
        sign: &'static str,
    }
    let cases = [
        Case {
            header: "ALIPAY-SHA256withRSA app_id=2021,nonce=n-1,timestamp=1795514400123,sign=QUJD+/==",
            text: "app_id=2021,nonce=n-1,timestamp=1795514400123",
            app_cert_sn: None,
            sign: "QUJD+/==",
        },
        Case {
            header: "alipay-sha256withrsa app_id=2021,app_cert_sn=c0ffee,nonce=n-1,timestamp=1795514400123,x=y=z,w,sign=QQ==",
            text: "app_id=2021,app_cert_sn=c0ffee,nonce=n-1,timestamp=1795514400123,x=y=z,w",
            app_cert_sn: Some("c0ffee"),
            sign: "QQ==",
        },
        Case {
            header: "ALIPAY-SHA256withRSA timestamp=1795514400123, nonce=n-1,app_id=2021,sign=a,sign=QQ==",
            text: "timestamp=1795514400123, nonce=n-1,app_id=2021,sign=a",
            app_cert_sn: None,
            sign: "QQ==",
        },
    ];
    for Case { header, text, app_cert_sn, sign } in cases {
        let read = Authorization::parse(header).unwrap();
        assert_eq!((read.text, read.app_cert_sn, read.sign), (text, app_cert_sn, sign));
        assert_eq!((read.app_id, read.nonce), ("2021", "n-1"));
        // 1 795 514 400 s after 1970: date -u -d @1795514400
        assert_eq!(Some(read.timestamp), LocalDateTime::parse("2026-11-24 10:00:00"));
    }
}

#[test]
fn what_is_missing_or_malformed_in_a_header_has_a_code() {
    let long =
        format!("ALIPAY-SHA256withRSA app_id=1,nonce=2,timestamp=3,sign={}", "A".repeat(AUTHORIZATION_MAX_BYTES));
    let nonce = format!("ALIPAY-SHA256withRSA app_id=1,nonce={},timestamp=3,sign=A", "n".repeat(129));
    let table: [(&str, SubCode); 17] = [
        ("", gateway::INVALID_SIGNATURE_TYPE),
        ("Basic dXNlcg==", gateway::INVALID_SIGNATURE_TYPE),
        ("ALIPAY-SM3withSM2 app_id=1,nonce=2,timestamp=3,sign=A", gateway::INVALID_SIGNATURE_TYPE),
        ("ALIPAY-SHA256withRSA", gateway::MISSING_APP_ID),
        ("ALIPAY-SHA256withRSA nonce=2,timestamp=3,sign=A", gateway::MISSING_APP_ID),
        ("ALIPAY-SHA256withRSA app_id=,nonce=2,timestamp=3,sign=A", gateway::MISSING_APP_ID),
        ("ALIPAY-SHA256withRSA app_id=a b,nonce=2,timestamp=3,sign=A", gateway::INVALID_APP_ID),
        ("ALIPAY-SHA256withRSA app_id=1,nonce=2,timestamp=3", gateway::MISSING_SIGNATURE),
        ("ALIPAY-SHA256withRSA app_id=1,nonce=2,timestamp=3,sign=", gateway::MISSING_SIGNATURE),
        ("ALIPAY-SHA256withRSA app_id=1,nonce=2,sign=A", gateway::MISSING_TIMESTAMP),
        ("ALIPAY-SHA256withRSA app_id=1,nonce=2,timestamp=-3,sign=A", gateway::INVALID_TIMESTAMP),
        ("ALIPAY-SHA256withRSA app_id=1,nonce=2,timestamp=99999999999999999999,sign=A", gateway::INVALID_TIMESTAMP),
        ("ALIPAY-SHA256withRSA app_id=1,nonce=2,timestamp=9223372036854775807,sign=A", gateway::INVALID_TIMESTAMP),
        ("ALIPAY-SHA256withRSA app_id=1,timestamp=3,sign=A", gateway::INVALID_PARAMETER),
        ("ALIPAY-SHA256withRSA app_id=1,app_id=1,nonce=2,timestamp=3,sign=A", gateway::INVALID_PARAMETER),
        (&long, gateway::INVALID_PARAMETER),
        (&nonce, gateway::INVALID_PARAMETER),
    ];
    for (header, expected) in table {
        assert_eq!(Authorization::parse(header).unwrap_err().sub_code, expected, "{header}");
    }
    let mut headers = HeaderMap::new();
    assert_eq!(Authorization::of(&headers).unwrap_err().sub_code, gateway::MISSING_SIGNATURE);
    let good = "ALIPAY-SHA256withRSA app_id=1,nonce=2,timestamp=3,sign=A";
    for _ in 0..2 {
        headers.append("authorization", HeaderValue::from_static(good));
        assert_eq!(Authorization::of(&headers).is_ok(), headers.get_all("authorization").iter().count() == 1);
    }
    headers.insert("authorization", HeaderValue::from_bytes(b"\xff").unwrap());
    assert_eq!(Authorization::of(&headers).unwrap_err().sub_code, gateway::INVALID_PARAMETER);
}

fn received<'a>(target: &'a str, headers: &'a HeaderMap, body: &'a [u8]) -> Received<'a> {
    Received { verb: "POST", target, headers, body }
}

#[test]
fn the_signed_text_is_header_verb_target_body_and_token_each_with_its_line_end() {
    let headers = HeaderMap::new();
    let request = received("/v3/alipay/trade/query?a=%20", &headers, b"{}");
    assert_eq!(request.text_to_sign("app_id=1,x=y", None), b"app_id=1,x=y\nPOST\n/v3/alipay/trade/query?a=%20\n{}\n");
    let empty = received("/v3/alipay/trade/query", &headers, b"");
    assert_eq!(empty.text_to_sign("a", Some("token")), b"a\nPOST\n/v3/alipay/trade/query\n\ntoken\n");
    assert_eq!(signed_text("1795514400123", "n", "{}"), "1795514400123\nn\n{}\n");
}

#[test]
fn a_path_is_a_method_with_slashes() {
    let headers = HeaderMap::new();
    let table = [
        ("/v3/alipay/trade/fastpay/refund/query", Some("alipay.trade.fastpay.refund.query")),
        ("/v3/alipay/trade/query?method=alipay.trade.pay", Some("alipay.trade.query")),
        ("/v3/zoloz/x", Some("zoloz.x")),
        ("/v3/alipay.trade.query", None),
        ("/v3/alipay/trade.query", None),
        ("/v3/alipay//query", None),
        ("/v3/alipay/trade/query/", None),
        ("/v3/alipay/%74rade/query", None),
        ("/v3/", None),
        ("/v2/alipay/trade/query", None),
        ("*", None),
        ("", None),
    ];
    for (target, expected) in table {
        assert_eq!(received(target, &headers, b"").method().as_deref(), expected, "{target}");
    }
}

#[test]
fn fields_of_the_body_become_the_parameters_of_version_2_but_cannot_pass_for_what_is_signed_elsewhere() {
    let headers = HeaderMap::new();
    let body =
        r#" {"out_trade_no":"o1","notify_url":"http://a/","method":"m","app_id":"x","app_cert_sn":"y","n":1.50} "#;
    let read =
        received("/v3/alipay/trade/query", &headers, body.as_bytes()).parameters(body.as_bytes(), Some("c0ffee"));
    let read = read.unwrap();
    let table = [
        ("notify_url", Some("http://a/")),
        ("out_trade_no", Some("o1")),
        ("biz_content", Some(body.trim())),
        ("app_cert_sn", Some("c0ffee")),
        ("method", None),
        ("app_id", None),
        ("n", None),
    ];
    for (name, expected) in table {
        assert_eq!(read.value(name), expected.map(str::as_bytes), "{name}");
    }
    let joined = received("/v3/alipay/trade/query?q=a+b%26", &headers, b"").parameters(br#"{"n":1.50}"#, None).unwrap();
    let joined: serde_json::Value = serde_json::from_slice(joined.value("biz_content").unwrap()).unwrap();
    assert_eq!(joined.to_string(), r#"{"n":1.50,"q":"a b&"}"#);
    let empty = received("/v3/alipay/trade/query", &headers, b"").parameters(b"", None).unwrap();
    assert_eq!(empty.value("biz_content"), Some(&b""[..]));
}

#[test]
fn every_code_has_one_name_in_version_3_and_a_meaning_under_it() {
    let table = [
        ("isv.invalid-signature", "invalid-signature"),
        ("aop.invalid-app-auth-token", "invalid-app-auth-token"),
        ("isp.unknow-error", "unknow-error"),
        ("ACQ.TRADE_NOT_EXIST", "ACQ.TRADE_NOT_EXIST"),
        ("AQC.SYSTEM_ERROR", "AQC.SYSTEM_ERROR"),
        ("PAYEE_NOT_EXIST", "PAYEE_NOT_EXIST"),
    ];
    for (version_2, version_3) in table {
        assert_eq!(bare(version_2), version_3);
        assert!(meaning(version_3).is_some(), "{version_3}");
    }
    let names: Vec<&str> = gateway::ALL.iter().map(|code| bare(code.name)).collect();
    for (at, name) in names.iter().enumerate() {
        assert!(!names[..at].contains(name), "{name}");
    }
    assert_eq!(meaning("isv.invalid-signature"), None);
}
