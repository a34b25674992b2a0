//! `decode` on links and unknown texts, and the JSON it writes.

use serde_json::{Value as Json, json};
use sycee_codes::{Decoded, Field, Kind, Problem, ProblemKind, decode};

fn as_json(text: &str) -> Json {
    serde_json::from_str(&decode(text).to_json()).unwrap()
}

#[test]
fn json_has_the_promised_members_in_order() {
    let expected = r#"{"kind":"numeric","scheme":"wechat_pay","valid":true,"problems":["surrounding_space: white space around the code"],"fields":{"code":"135112298638468293"}}"#;
    assert_eq!(decode("135112298638468293\n").to_json(), expected);
    let expected = r#"{"kind":"unknown","scheme":null,"valid":false,"problems":["unrecognised: not a payment code that is known here"],"fields":{}}"#;
    assert_eq!(decode("hello").to_json(), expected);
}

#[test]
fn json_escapes_whatever_stands_in_a_field() {
    let mut text: String = (0..0x30).filter_map(char::from_u32).collect();
    text.push_str("\"\\/\u{7f}\u{85}\u{2028}é最😀\u{10ffff}");
    let inner = Field::text(text.as_str(), text.as_str());
    let fields = vec![Field::template("outer", vec![inner]), Field::text("", "")];
    let problem = Problem::new(text.as_str(), ProblemKind::Missing);
    let decoded = Decoded::new(Kind::Unknown, None, vec![problem], fields);
    let json: Json = serde_json::from_str(&decoded.to_json()).unwrap();
    assert_eq!(json["fields"], json!({"outer": {&text: &text}, "": ""}));
    assert_eq!(json["problems"], json!([format!("missing {text}: the field must be there")]));
}

#[test]
fn links_are_taken_apart_and_told() {
    #[rustfmt::skip]
    let table = [
        ("upi://pay?pa=shop%40examplebank&pn=Example%20Shop&mc=5812&tr=ORD-42&am=149.50&cu=INR&mode=02",
            json!("upi"),
            json!({"scheme": "upi", "host": "pay", "query": {"pa": "shop@examplebank", "pn": "Example Shop",
                "mc": "5812", "tr": "ORD-42", "am": "149.50", "cu": "INR", "mode": "02"}})),
        ("https://qr.alipay.com/fkx0001", json!("alipay"),
            json!({"scheme": "https", "host": "qr.alipay.com", "path": "/fkx0001"})),
        ("https://payqr.gcash.com/28101005100000", json!("alipay_plus"),
            json!({"scheme": "https", "host": "payqr.gcash.com", "path": "/28101005100000", "issuer": "281010",
                "type": "05"})),
        ("https://shop.example:8443/a?b#c?d", Json::Null,
            json!({"scheme": "https", "host": "shop.example", "port": "8443", "path": "/a", "query": {"b": ""},
                "fragment": "c?d"})),
        ("HTTPS://Shop.Example", Json::Null, json!({"scheme": "https", "host": "shop.example"})),
        ("https://[::1]/x", Json::Null, json!({"scheme": "https", "host": "[::1]", "path": "/x"})),
        // Not Alipay's: the first is a user name, the second a longer host, the third a path.
        ("https://qr.alipay.com@evil.example/x", Json::Null,
            json!({"scheme": "https", "host": "evil.example", "path": "/x"})),
        ("https://qr.alipay.com.evil.example/x", Json::Null,
            json!({"scheme": "https", "host": "qr.alipay.com.evil.example", "path": "/x"})),
        ("https://evil.example\\@qr.alipay.com/", Json::Null,
            json!({"scheme": "https", "host": "evil.example", "path": "\\@qr.alipay.com/"})),
        ("https://me@qr.alipay.com/x", Json::Null,
            json!({"scheme": "https", "host": "qr.alipay.com", "path": "/x"})),
        ("http://qr.alipay.com/x", Json::Null,
            json!({"scheme": "http", "host": "qr.alipay.com", "path": "/x"})),
    ];
    for (text, scheme, fields) in table {
        let json = as_json(text);
        assert_eq!(json["kind"], "url", "{text}");
        assert_eq!(json["scheme"], scheme, "{text}");
        assert_eq!(json["valid"], true, "{text}");
        assert_eq!(json["fields"], fields, "{text}");
    }
}

#[test]
fn published_links_are_links() {
    let file: Json = serde_json::from_str(include_str!("vectors/uri_codes.json")).unwrap();
    let sample = file["alipay_plus_mpm"]["sample"]["url"].as_str().unwrap();
    let json = as_json(sample);
    assert_eq!(json["kind"], "url");
    assert_eq!(json["scheme"], "alipay_plus");
    assert_eq!(json["fields"]["host"], "qr.sampledomain.com");
    let upi = file["upi"]["examples"].as_array().unwrap();
    assert!(!upi.is_empty());
    for example in upi {
        assert_eq!(as_json(example.as_str().unwrap())["scheme"], "upi");
    }
    let patterns = file["alipay_plus_mpm"]["url_codes"].as_array().unwrap();
    assert!(!patterns.is_empty());
    for pattern in patterns {
        let json = as_json(pattern["pattern"].as_str().unwrap());
        assert_eq!(json["kind"], "url");
        assert!(json["scheme"].as_str().unwrap().starts_with("alipay"));
    }
}

#[test]
fn faults_of_links_are_reported() {
    let table = [
        ("upi://pay?pn=x&pa=a@b&pa=b", false, "repeated_id query.pa"),
        ("https://x.example/?a=1&a=2", true, "repeated_parameter query.a"),
        ("upi://pay?pa=a@b&pn=x&tn=%4", true, "bad_percent_escape query"),
        ("upi://pay?pa=a@b&pn=x&tn=%+4", true, "bad_percent_escape query"),
        ("upi://pay?pa=a@b&pn=x&tn=%FF", true, "bad_percent_escape query"),
        ("https://me@x.example/", true, "user_in_url "),
    ];
    for (text, valid, expected) in table {
        let decoded = decode(text);
        let [problem] = decoded.problems.as_slice() else {
            panic!("{text}: {:?}", decoded.problems);
        };
        assert_eq!(format!("{} {}", problem.kind.code(), problem.path), expected, "{text}");
        assert_eq!(decoded.valid, valid, "{text}");
    }
    assert_eq!(as_json("upi://pay?pa=%FF")["fields"]["query"]["pa"], "%FF");
    assert_eq!(as_json("upi://pay?pa=a&pa=b")["fields"]["query"]["pa"], "a");
}

#[test]
fn other_texts_are_unknown() {
    for text in ["", " ", "://x", "1a://x", "https://", "https://a b", "not base64 !", "4006381333931", "00"] {
        let decoded = decode(text);
        assert_eq!((decoded.kind, decoded.valid), (Kind::Unknown, false), "{text}");
        assert_eq!(decoded.scheme, None, "{text}");
    }
}
