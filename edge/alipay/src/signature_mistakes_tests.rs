use axum::http::HeaderMap;

use super::*;
use crate::signature::SigningKey;

struct Developer {
    key: SigningKey,
    keys: Vec<VerifyingKey>,
}

impl Developer {
    fn new() -> Self {
        let key = SigningKey::from_pkcs8_der(include_bytes!("../tests/fixtures/merchant.pkcs8.der")).unwrap();
        let keys = vec![VerifyingKey::parse(&key.public_key_base64().unwrap()).unwrap()];
        Self { key, keys }
    }

    fn sign(&self, text: &[u8]) -> String {
        self.key.sign(text).unwrap()
    }

    /// What is said of a request with these parameters (as sent, encoded) and a signature over `signed`.
    fn told(&self, sent: &str, signed: &[u8]) -> Option<String> {
        let sign = form_encoded(self.sign(signed).as_bytes());
        let sent = [sent.as_bytes(), b"&sign=", &sign].concat();
        of_version_2(&Parameters::parse(&sent, b"").unwrap(), &self.keys)
    }
}

const SENT: &str = "method=m&app_id=1&biz_content=%7B%22a%22%3A%22b+c%2F%C3%A9%22%7D&sign_type=RSA2&charset=utf-8&\
                    timestamp=2026-11-23+10%3A00%3A00&Version=1";

#[test]
fn each_mistake_is_named_with_its_field() {
    let developer = Developer::new();
    let content = r#"biz_content={"a":"b c/é"}"#;
    let time = "timestamp=2026-11-23 10:00:00";
    let text = |content: &str, time: &str| {
        format!("Version=1&app_id=1&{content}&charset=utf-8&method=m&sign_type=RSA2&{time}")
    };
    let table: [(String, Option<&str>); 14] = [
        (text(content, time).replace("&sign_type=RSA2", ""), Some("sign_type was left out")),
        (
            text("biz_content=%7B%22a%22%3A%22b%20c%2F%C3%A9%22%7D", "timestamp=2026-11-23%2010%3A00%3A00"),
            Some("URL-encoded; they are signed plain. The first that differs: biz_content"),
        ),
        (
            text("biz_content=%7B%22a%22%3A%22b+c%2F%C3%A9%22%7D", "timestamp=2026-11-23+10%3A00%3A00"),
            Some("form-encoded"),
        ),
        (
            format!("method=m&app_id=1&{content}&sign_type=RSA2&charset=utf-8&{time}&Version=1"),
            Some("not sorted by name; it was signed as it was sent. First out of place: method"),
        ),
        (
            format!("app_id=1&{content}&charset=utf-8&method=m&sign_type=RSA2&{time}&Version=1"),
            Some("without regard to case"),
        ),
        (
            text(r#"biz_content={"a": "b c/é"}"#, time),
            Some("biz_content was written anew between signing and sending: it was signed with blanks behind , and :"),
        ),
        (
            text(r#"biz_content={"a":"b c/\u00e9"}"#, time),
            Some(
                "biz_content was written anew between signing and sending: it was signed with characters beyond ASCII escaped",
            ),
        ),
        (text(r#"biz_content={"a":"b c\/é"}"#, time), Some("with slashes escaped")),
        (text(r#"biz_content={"a":"b+c/é"}"#, time), Some("biz_content was signed with + where blanks arrived")),
        (text(content, "timestamp=2026-11-23%2010%3A00%3A00"), Some("timestamp was signed URL-encoded")),
        (text(content, time).replace("Version=1&", ""), Some("Version was sent and not signed")),
        (text(content, time).replace("charset=utf-8", "charset=UTF-8"), Some("charset was signed as UTF-8")),
        (
            text(content, time).replace("&method=m", "&format=JSON&method=m"),
            Some("format=JSON was signed and not sent"),
        ),
        (text("biz_content={}x", time), None),
    ];
    for (signed, expected) in table {
        let told = developer.told(SENT, signed.as_bytes());
        match (told, expected) {
            (Some(told), Some(expected)) => assert!(told.contains(expected), "{signed}: {told}"),
            (told, expected) => assert_eq!(told.as_deref(), expected, "{signed}"),
        }
    }
}

#[test]
fn names_that_a_writer_has_sorted_are_found_when_nothing_else_differs() {
    let told = |form: &str| {
        let forms = json_forms::of(r#"{"b":1,"a":"2"}"#);
        forms.into_iter().find(|(other, _)| other == form).map(|(_, how)| how)
    };
    assert_eq!(told(r#"{"a":"2","b":1}"#), Some("without blanks and with its names sorted"));
    assert_eq!(told(r#"{"a": "2", "b": 1}"#), Some("with its names sorted, and blanks behind , and :"));
    assert_eq!(told(r#"{"b": 1, "a": "2"}"#), Some("with blanks behind , and :"));
    assert_eq!(told(r#"{"b":1,"a":"2"}"#), None, "it is what was sent");
    assert!(json_forms::of("{\"b\":").is_empty());
}

#[test]
fn a_damaged_signature_an_older_one_and_another_character_set_are_told_apart() {
    let developer = Developer::new();
    let right = b"a=1&b=2&sign_type=RSA2";
    // A signature that has a +, sent as it is.
    let (text, sign) = (0..50)
        .map(|number| format!("a={number}"))
        .map(|text| (text.clone(), developer.sign(text.as_bytes())))
        .find(|(_, sign)| sign.contains('+'))
        .unwrap();
    let sent = format!("{text}&sign={sign}");
    let told = of_version_2(&Parameters::parse(sent.as_bytes(), b"").unwrap(), &developer.keys);
    assert_eq!(told.as_deref(), Some("sign was not URL-encoded when it was sent: its + arrived as blanks"));
    // The two characters of this word in GBK.
    let gbk = b"charset=GBK&s=\xBF\xC9\xC0\xD6";
    let told = developer.told("charset=GBK&s=%BF%C9%C0%D6", "charset=GBK&s=可乐".as_bytes()).unwrap();
    assert!(told.contains("signed in UTF-8 and sent in another character set. It shows in s"), "{told}");
    assert_eq!(developer.told("charset=GBK&s=%BF%C9%C0%D6", gbk), None, "it is right");
    let told = developer.told("s=%E5%8F%AF%E4%B9%90", b"s=\xBF\xC9\xC0\xD6").unwrap();
    assert!(told.contains("signed in GBK and sent in UTF-8"), "{told}");
    let other = SigningKey::generate().unwrap();
    let foreign = VerifyingKey::parse(&other.public_key_base64().unwrap()).unwrap();
    let sign = form_encoded(developer.sign(right).as_bytes());
    let sent = [&right[..], b"&sign=", &sign].concat();
    assert_eq!(
        of_version_2(&Parameters::parse(&sent, b"").unwrap(), &[foreign]),
        None,
        "another's key explains nothing"
    );
}

#[test]
fn mistakes_in_version_3_are_named_by_their_line() {
    let developer = Developer::new();
    let mut headers = HeaderMap::new();
    headers.insert("host", "127.0.0.1:8080".parse().unwrap());
    let (target, body) = ("/v3/alipay/trade/query?a=1", r#"{"out_trade_no":"o"}"#);
    let received = Received { verb: "POST", target, headers: &headers, body: body.as_bytes() };
    let auth = "app_id=1,nonce=2,timestamp=3";
    let right = format!("{auth}\nPOST\n{target}\n{body}\n");
    let table: [(String, Option<&str>); 10] = [
        (right.trim_end().into(), Some("the line feed at the end")),
        (right.replace("?a=1", ""), Some("the query was left out of the address (third line)")),
        (right.replace("/v3", "http://127.0.0.1:8080/v3"), Some("with scheme and host")),
        (right.replace(body, ""), Some("the body (fourth line) was not signed")),
        (right.replace("POST", "post"), Some("the verb (second line)")),
        (right.replace(auth, &format!("ALIPAY-SHA256withRSA {auth}")), Some("the scheme was signed")),
        (format!("{auth}\nPOST\n{target}\n{body}\n").replace('\n', "\r\n"), Some("CR LF")),
        (
            right.replace(body, r#"{"out_trade_no": "o"}"#),
            Some("the body was written anew between signing and sending: it was signed with blanks"),
        ),
        (format!("{right}token\n"), None),
        (right.replace("\"o\"", "\"p\""), None),
    ];
    for (signed, expected) in table {
        let told = of_version_3(&received, auth, &developer.sign(signed.as_bytes()), None, &developer.keys);
        match (told, expected) {
            (Some(told), Some(expected)) => assert!(told.contains(expected), "{signed}: {told}"),
            (told, expected) => assert_eq!(told.as_deref(), expected, "{signed}"),
        }
    }
    let told = of_version_3(&received, auth, &developer.sign(right.as_bytes()), Some("token"), &developer.keys);
    assert_eq!(told.as_deref(), Some("alipay-app-auth-token was sent and not signed (fifth line)"));
}

#[test]
fn the_search_ends_however_much_is_sent() {
    let developer = Developer::new();
    let many: Vec<String> = (0..127).map(|number| format!("p{number}=%20%2B{}", "x".repeat(500))).collect();
    assert_eq!(developer.told(&many.join("&"), b"nothing"), None);
    let mut trial = Trial::new(&developer.keys, b"x");
    let right = b"a=1";
    trial.sign = Cow::Owned(developer.sign(right).into_bytes());
    trial.tries = TRIES_MAX;
    assert!(!trial.verifies(right), "too many");
    trial.tries = 0;
    trial.tried_bytes = TRIED_MAX_BYTES;
    assert!(!trial.verifies(right), "too much");
}
