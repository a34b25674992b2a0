//! Requests as clients send them, and the order in which what is wrong with them is named.

use std::collections::BTreeMap;

use sycee_alipay::signature::{SigningKey, VerifyingKey};
use sycee_alipay::wire::biz_content::BizContent;
use sycee_alipay::wire::failure::Failure;
use sycee_alipay::wire::parameters::{EmptyValues, Parameters};
use sycee_alipay::wire::request::{Request, UnverifiedRequest};
use sycee_alipay::wire::response::ResponseKey;
use sycee_money::Currency;

fn merchant_public_key() -> VerifyingKey {
    VerifyingKey::parse(include_str!("fixtures/merchant.spki.pem")).unwrap()
}

fn verified(parameters: &Parameters) -> Result<Request<'_>, Failure> {
    UnverifiedRequest::decode(parameters)?.verify(&merchant_public_key())
}

fn sub_code_of(parameters: &Parameters) -> Result<(), &'static str> {
    verified(parameters).map(|_| ()).map_err(|failure| failure.sub_code.name)
}

#[test]
fn a_request_made_by_another_signer_is_read() {
    let query = include_str!("fixtures/request.query");
    let body = include_str!("fixtures/request.body");
    let everywhere = format!("{query}&{body}");
    let splits = [(query, body), (everywhere.as_str(), ""), ("", everywhere.as_str()), (body, query)];
    for (query, body) in splits {
        let parameters = Parameters::parse(query.as_bytes(), body.as_bytes()).unwrap();
        let request = verified(&parameters).unwrap();
        assert_eq!(request.method, "alipay.trade.precreate");
        assert_eq!(request.app_id, "2021000000000001");
        assert_eq!(request.timestamp.to_string(), "2026-11-23 03:10:47");
        assert_eq!(request.notify_url.as_ref().unwrap().as_str(), "https://shop.example/notify?shop=1&x=a+b");
        assert_eq!(request.return_url, None);
        assert_eq!(request.parameter("alipay_sdk", 64).unwrap().unwrap().len(), 51);

        let content = BizContent::parse(request.biz_content.unwrap()).unwrap();
        let fields = content.fields();
        assert_eq!(fields.identifier("out_trade_no").unwrap(), "20150320-010101_001");
        assert_eq!(fields.amount("total_amount", Currency::CNY).unwrap().amount.minor(), 8_888);
        assert_eq!(fields.text("subject", 256).unwrap(), "可口可乐 & 100% {50/2}");
    }
}

#[test]
fn one_changed_byte_anywhere_is_noticed() {
    let query = include_str!("fixtures/request.query");
    let body = include_str!("fixtures/request.body");
    for (from, to) in [("88.88", "88.89"), ("_001", "_002")] {
        let changed = body.replace(from, to);
        assert_ne!(changed, body);
        let parameters = Parameters::parse(query.as_bytes(), changed.as_bytes()).unwrap();
        assert_eq!(sub_code_of(&parameters), Err("isv.invalid-signature"));
    }
    let added = format!("{query}&extra=1");
    let parameters = Parameters::parse(added.as_bytes(), body.as_bytes()).unwrap();
    assert_eq!(sub_code_of(&parameters), Err("isv.invalid-signature"));
    let removed = query.replace("&format=json", "");
    let parameters = Parameters::parse(removed.as_bytes(), body.as_bytes()).unwrap();
    assert_eq!(sub_code_of(&parameters), Err("isv.invalid-signature"));
}

#[test]
fn empty_values_may_be_signed_or_not() {
    // Signed by a client that drops them, and one added on the way.
    let query = format!("{}&return_url=", include_str!("fixtures/request.query"));
    let parameters = Parameters::parse(query.as_bytes(), include_bytes!("fixtures/request.body")).unwrap();
    assert_eq!(sub_code_of(&parameters), Ok(()));
    // Signed by a client that keeps them.
    let query = include_str!("fixtures/request_empty_signed.query");
    let parameters = Parameters::parse(query.as_bytes(), b"").unwrap();
    assert_eq!(sub_code_of(&parameters), Ok(()));
    let parameters = Parameters::parse(query.replace("&return_url=", "").as_bytes(), b"").unwrap();
    assert_eq!(sub_code_of(&parameters), Err("isv.invalid-signature"));
}

#[test]
fn the_signed_text_does_not_depend_on_the_character_set() {
    let parameters = Parameters::parse(include_bytes!("fixtures/request_gbk.query"), b"").unwrap();
    let text = parameters.text_to_sign(&["sign"], EmptyValues::Dropped);
    assert!(merchant_public_key().verify(&text, parameters.value("sign").unwrap()));
}

type Common = BTreeMap<&'static str, String>;

fn complete() -> Common {
    [
        ("app_id", "2021000000000001"),
        ("method", "alipay.trade.query"),
        ("charset", "utf-8"),
        ("sign_type", "RSA2"),
        ("timestamp", "2026-11-23 03:10:47"),
        ("version", "1.0"),
        ("biz_content", "{}"),
    ]
    .into_iter()
    .map(|(name, value)| (name, value.to_owned()))
    .collect()
}

/// Signs what is there and writes it as a form. (The map is ordered by name already.)
fn signed(common: &Common) -> Parameters {
    let key = SigningKey::from_pkcs8_der(include_bytes!("fixtures/merchant.pkcs8.der")).unwrap();
    let text = common.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    let mut with_sign = common.clone();
    with_sign.insert("sign", key.sign(text.as_bytes()).unwrap());
    unsigned(&with_sign)
}

fn unsigned(common: &Common) -> Parameters {
    let encoded: Vec<String> = common
        .iter()
        .map(|(name, value)| {
            let bytes: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
            format!("{name}={bytes}")
        })
        .collect();
    Parameters::parse(encoded.join("&").as_bytes(), b"").unwrap()
}

#[test]
fn mistakes_are_named() {
    let too_long_method = format!("a{}", ".b".repeat(64));
    let too_long_url = format!("http://a/{}", "x".repeat(250));
    let cases = [
        ("method", "", "isv.missing-method"),
        ("app_id", "", "isv.missing-app-id"),
        ("sign_type", "", "isv.missing-signature-type"),
        ("timestamp", "", "isv.missing-timestamp"),
        ("version", "", "isv.missing-version"),
        ("method", "alipay trade", "isv.invalid-method"),
        ("method", "alipay..trade", "isv.invalid-method"),
        ("method", too_long_method.as_str(), "isv.invalid-method"),
        ("app_id", "2021 1", "isv.invalid-app-id"),
        ("app_id", "202100000000000120210000000000012", "isv.invalid-app-id"),
        ("format", "XML", "isv.invalid-format"),
        ("sign_type", "RSA", "isv.invalid-signature-type"),
        ("sign_type", "rsa2", "isv.invalid-signature-type"),
        ("sign_type", "MD5", "isv.invalid-signature-type"),
        ("charset", "latin1", "isv.invalid-charset"),
        ("timestamp", "2026-11-23T03:10:47Z", "isv.invalid-timestamp"),
        ("timestamp", "2026-02-30 00:00:00", "isv.invalid-timestamp"),
        ("version", "2.0", "isv.invalid-parameter"),
        ("encrypt_type", "DES", "isv.invalid-encrypt-type"),
        ("encrypt_type", "aes", "isv.invalid-encrypt-type"),
        ("notify_url", "shop.example/notify", "isv.invalid-parameter"),
        ("return_url", "javascript:alert(1)", "isv.invalid-parameter"),
        ("notify_url", too_long_url.as_str(), "isv.invalid-parameter"),
    ];
    for (name, value, expected) in cases {
        let mut common = complete();
        common.insert(name, value.to_owned());
        assert_eq!(sub_code_of(&signed(&common)), Err(expected), "{name}={value}");
    }
    for (name, value) in [
        ("format", "json"),
        ("format", "JSON"),
        ("charset", "UTF-8"),
        ("charset", "GBK"),
        ("charset", "gb2312"),
        ("charset", ""),
        ("encrypt_type", ""),
        ("encrypt_type", "AES"),
        ("timestamp", "1999-01-01 00:00:00"),
        ("timestamp", "2099-12-31 23:59:59"),
        ("some_future_parameter", "1"),
        ("app_cert_sn", "50fa7bc5dc305a4fbdbe166689ddc827"),
    ] {
        let mut common = complete();
        common.insert(name, value.to_owned());
        assert_eq!(sub_code_of(&signed(&common)), Ok(()), "{name}={value}");
    }
}

/// With everything wrong at once, the mistakes are named one by one in the documented order as each is mended.
#[test]
fn the_first_mistake_in_order_is_the_one_that_is_named() {
    let mut common = Common::from([("encrypt_type", "RC4".to_owned()), ("notify_url", "x".to_owned())]);
    let steps = [
        ("isv.missing-method", "method", "a b"),
        ("isv.missing-app-id", "app_id", "a b"),
        ("isv.invalid-method", "method", "alipay.trade.query"),
        ("isv.invalid-app-id", "app_id", "2021000000000001"),
        ("isv.missing-signature", "sign", "AAAA"),
        ("isv.missing-signature-type", "sign_type", "RSA"),
        ("isv.missing-timestamp", "timestamp", "now"),
        ("isv.missing-version", "version", "9"),
        ("isv.invalid-signature-type", "sign_type", "RSA2"),
        ("isv.invalid-timestamp", "timestamp", "2026-11-23 03:10:47"),
        ("isv.invalid-parameter", "version", "1.0"),
    ];
    for (expected, name, mended) in steps {
        assert_eq!(sub_code_of(&unsigned(&common)), Err(expected));
        common.insert(name, mended.to_owned());
    }
    common.insert("charset", "latin1".to_owned());
    assert_eq!(sub_code_of(&unsigned(&common)), Err("isv.invalid-charset"));
    common.insert("format", "xml".to_owned());
    assert_eq!(sub_code_of(&unsigned(&common)), Err("isv.invalid-format"));
    common.remove("charset");
    common.remove("format");
    assert_eq!(sub_code_of(&unsigned(&common)), Err("isv.invalid-signature"));
    common.remove("sign");
    assert_eq!(sub_code_of(&signed(&common)), Err("isv.invalid-encrypt-type"));
    common.remove("encrypt_type");
    assert_eq!(sub_code_of(&signed(&common)), Err("isv.invalid-parameter"));
    common.remove("notify_url");
    assert_eq!(sub_code_of(&signed(&common)), Ok(()));
}

#[test]
fn who_sends_is_known_before_the_signature_is_looked_at() {
    let parameters = Parameters::parse(b"method=alipay.trade.query&app_id=test", b"").unwrap();
    let request = UnverifiedRequest::decode(&parameters).unwrap();
    assert_eq!((request.method(), request.app_id()), ("alipay.trade.query", "test"));
}

#[test]
fn a_failed_request_is_answered_under_its_method() {
    let cases: [(&[u8], &str); 5] = [
        (b"method=alipay.trade.query", "alipay_trade_query_response"),
        (b"app_id=1", "error_response"),
        (b"method=", "error_response"),
        (b"method=%FF", "error_response"),
        (b"method=alipay.system.oauth.token", "error_response"),
    ];
    for (query, expected) in cases {
        let parameters = Parameters::parse(query, b"").unwrap();
        assert_eq!(ResponseKey::for_failed_request(&parameters).as_str(), expected);
    }
}

#[test]
fn text_that_is_not_utf8_is_refused_after_its_signature() {
    let key = SigningKey::from_pkcs8_der(include_bytes!("fixtures/merchant.pkcs8.der")).unwrap();
    let common = "app_id=1&biz_content=%FF&method=a.b&sign_type=RSA2&timestamp=2026-11-23+03:10:47&version=1.0";
    let text = b"app_id=1&biz_content=\xFF&method=a.b&sign_type=RSA2&timestamp=2026-11-23 03:10:47&version=1.0";
    let sign = key.sign(text).unwrap().replace('+', "%2B");
    let parameters = Parameters::parse(format!("{common}&sign={sign}").as_bytes(), b"").unwrap();
    let failure = verified(&parameters).unwrap_err();
    assert_eq!(failure.sub_code.name, "isv.invalid-parameter");
    assert!(failure.message.ends_with("biz_content is not text in the request's charset"));
}

#[test]
fn a_request_in_gbk_is_read_and_one_changed_byte_is_noticed() {
    let key = SigningKey::from_pkcs8_der(include_bytes!("fixtures/merchant.pkcs8.der")).unwrap();
    let rest = "method=a.b&sign_type=RSA2&timestamp=2026-11-23 03:10:47&version=1.0";
    // The bytes of 可乐 in GBK, and those of 俓, whose second is a backslash.
    let content = b"{\"subject\":\"\xBF\xC9\xC0\xD6\x82\x5C\"}";
    let text = [b"app_id=1&biz_content=", &content[..], b"&charset=GBK&", rest.as_bytes()].concat();
    let sign = key.sign(&text).unwrap().replace('+', "%2B");
    let request = |subject: &str| {
        let content = format!("%7B%22subject%22%3A%22{subject}%22%7D");
        let rest = rest.replace(' ', "+");
        let body = format!("app_id=1&biz_content={content}&charset=GBK&{rest}&sign={sign}");
        Parameters::parse(b"", body.as_bytes()).unwrap()
    };
    let parameters = request("%BF%C9%C0%D6%82%5C");
    let content = BizContent::parse(verified(&parameters).unwrap().biz_content.unwrap()).unwrap();
    assert_eq!(content.fields().text("subject", 256).unwrap(), "可乐俓");
    assert_eq!(sub_code_of(&request("%BF%C9%C0%D7%82%5C")), Err("isv.invalid-signature"));
    // The same text in UTF-8 is not what was signed.
    assert_eq!(sub_code_of(&request("%E5%8F%AF%E4%B9%90")), Err("isv.invalid-signature"));
}
