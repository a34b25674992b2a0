//! What can be wrong with a call whatever it asks.

use super::{Method, Scene};

/// The parameters of a call.
type Pairs = Vec<(String, String)>;
/// What is wrong, parameters, and the code.
type Replaced = (&'static str, &'static [(&'static str, &'static str)], &'static str);

/// Parameters that are replaced before the call is signed (by nothing: left out), and the code. The platform's list of common
/// errors has the codes.
const REPLACED: &[Replaced] = &[
    ("an older type of signature", &[("sign_type", "RSA")], "isv.invalid-signature-type"),
    ("no type of signature", &[("sign_type", "")], "isv.missing-signature-type"),
    ("an unknown character set", &[("charset", "latin1")], "isv.invalid-charset"),
    ("another version", &[("version", "2.0")], "isv.invalid-parameter"),
    ("no version", &[("version", "")], "isv.missing-version"),
    ("no time", &[("timestamp", "")], "isv.missing-timestamp"),
    ("a time in another form", &[("timestamp", "2026-11-23T10:00:00Z")], "isv.invalid-timestamp"),
    ("a day that never is", &[("timestamp", "2026-02-30 10:00:00")], "isv.invalid-timestamp"),
    ("another format", &[("format", "XML")], "isv.invalid-format"),
    ("an unknown encryption", &[("encrypt_type", "DES")], "isv.invalid-encrypt-type"),
    ("encrypted without a key", &[("encrypt_type", "AES")], "isv.decryption-error-unknown"),
    ("no application", &[("app_id", "")], "isv.missing-app-id"),
    ("an unknown application", &[("app_id", "2021079999999999")], "isv.invalid-app-id"),
    ("no application's number", &[("app_id", "x' OR 1=1")], "isv.invalid-app-id"),
    ("an address that is none", &[("notify_url", "ftp://shop.example/")], "isv.invalid-parameter"),
    ("acting for another", &[("app_auth_token", "202611BB")], "aop.invalid-app-auth-token"),
    ("an unknown certificate", &[("app_cert_sn", "00")], "isv.app-cert-not-exist"),
    ("content that is cut off", &[("biz_content", "{\"out_trade_no\":\"o")], "isv.illegal-json"),
    ("content that is a list", &[("biz_content", "[{}]")], "isv.illegal-json"),
    ("content that is null", &[("biz_content", "null")], "isv.illegal-json"),
    ("content that goes on", &[("biz_content", "{} {}")], "isv.illegal-json"),
];

/// The call with parameters replaced before it is signed.
pub fn replaced(scene: &Scene, method: &Method, others: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut parameters = scene.parameters(method, &scene.filled(method.good));
    parameters.retain(|(name, _)| name != "sign" && !others.iter().any(|(other, _)| other == name));
    let kept = others.iter().filter(|(_, value)| !value.is_empty());
    parameters.extend(kept.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    signed(scene, parameters)
}

fn signed(scene: &Scene, mut parameters: Vec<(String, String)>) -> Vec<(String, String)> {
    parameters.sort();
    let text: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    parameters.push(("sign".into(), scene.shop.key.sign(text.join("&").as_bytes()).unwrap()));
    parameters
}

/// What is wrong, the parameters, and the code.
pub fn spoilt(scene: &Scene, method: &Method) -> Vec<(&'static str, Pairs, &'static str)> {
    let good = scene.parameters(method, &scene.filled(method.good));
    let mut list: Vec<_> =
        REPLACED.iter().map(|(what, others, expected)| (*what, replaced(scene, method, others), *expected)).collect();
    let changed = |change: &dyn Fn(&mut Pairs)| {
        let mut parameters = good.clone();
        change(&mut parameters);
        parameters
    };
    let without_sign = changed(&|all| all.retain(|(name, _)| name != "sign"));
    let other_sign = changed(&|all| all.last_mut().unwrap().1.replace_range(..4, "AAAA"));
    let more = changed(&|all| all.push(("unsigned".into(), "1".into())));
    let twice = changed(&|all| all.push(("version".into(), "1.1".into())));
    let many = changed(&|all| all.extend((0..130).map(|number| (format!("p{number}"), "1".into()))));
    let large = changed(&|all| all.push(("large".into(), "x".repeat(300_000))));
    list.push(("no signature", without_sign, "isv.missing-signature"));
    list.push(("a signature that is none", other_sign, "isv.invalid-signature"));
    list.push(("a parameter that is not signed", more, "isv.invalid-signature"));
    list.push(("a parameter twice, and different", twice, "isv.invalid-parameter"));
    list.push(("too many parameters", many, "isv.invalid-parameter"));
    list.push(("a body that is too long", large, "isv.invalid-parameter"));
    let deep = format!("{}1{}", "{\"a\":".repeat(17), "}".repeat(17));
    list.push((
        "content that is nested too deeply",
        replaced(scene, method, &[("biz_content", &deep)]),
        "isv.illegal-json",
    ));
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(140_000));
    // What a wallet brings is shorter than a request may be.
    let too_long =
        if super::is_sent(method.name) || method.name.ends_with("page.pay") || method.name.ends_with("wap.pay") {
            "isv.illegal-json"
        } else {
            "isv.invalid-parameter"
        };
    list.push(("content that is too long", replaced(scene, method, &[("biz_content", &long)]), too_long));
    list
}

/// Bodies of version 3 that are no content.
pub fn bodies() -> Vec<(&'static str, String, &'static str)> {
    vec![
        ("a body that is cut off", "{\"out_trade_no\":\"o".into(), "isv.illegal-json"),
        ("a list", "[{}]".into(), "isv.illegal-json"),
        ("null", "null".into(), "isv.illegal-json"),
        ("content that goes on", "{} {}".into(), "isv.illegal-json"),
        ("nested too deeply", format!("{}1{}", "{\"a\":".repeat(17), "}".repeat(17)), "isv.illegal-json"),
        ("too long a content", format!("{{\"a\":\"{}\"}}", "x".repeat(140_000)), "isv.illegal-json"),
        ("too long a body", format!("{{\"a\":\"{}\"}}", "x".repeat(300_000)), "isv.invalid-parameter"),
        ("an address that is none", "{\"notify_url\":\"ftp://x/\"}".into(), "isv.invalid-parameter"),
        ("acting for another", "{\"app_auth_token\":\"x\"}".into(), "aop.invalid-app-auth-token"),
    ]
}
