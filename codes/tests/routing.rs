//! Which keys a code has, which pattern is chosen, and what patterns are.

use serde_json::Value as Json;
use sycee_codes::emvco::consumer::{ConsumerPresented, Data};
use sycee_codes::emvco::merchant::{Initiation, MerchantPresented, Template};
use sycee_codes::routing::{PatternError, RoutingKey, RoutingPattern, choose, routing_keys};
use sycee_codes::{Field, decode};

/// A key as one line.
fn line(key: &RoutingKey) -> String {
    match key {
        RoutingKey::TemplateField { globally_unique_id, path, text } => format!("{globally_unique_id}/{path}={text}"),
        RoutingKey::ApplicationId(id) => format!("aid {id}"),
        RoutingKey::GloballyUniqueId(id) => format!("guid {id}"),
        RoutingKey::NumericPrefix(digits) => format!("digits {digits}"),
        RoutingKey::Url { host, path } => format!("url {host} {path}"),
        RoutingKey::CardAccount(id) => format!("card {id}"),
        RoutingKey::Scheme(name) => format!("scheme {name}"),
        _ => panic!("{key:?}"),
    }
}

fn keys(text: &str) -> Vec<String> {
    routing_keys(&decode(text)).iter().map(line).collect()
}

fn vector(file: &str, list: &str, id: &str) -> String {
    let file: Json = serde_json::from_str(file).unwrap();
    let vectors = file[list].as_array().unwrap();
    vectors.iter().find(|one| one["id"] == id).unwrap()["payload"].as_str().unwrap().into()
}

fn mpm(id: &str) -> String {
    vector(include_str!("vectors/qr_mpm.json"), "vectors", id)
}

fn cpm(id: &str) -> String {
    vector(include_str!("vectors/qr_cpm.json"), "bertlv", id)
}

fn pattern(text: &str) -> RoutingPattern {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn keys_of_payment_codes_and_links_are_digits_hosts_and_schemes() {
    #[rustfmt::skip]
    let table: &[(&str, &[&str])] = &[
        ("281010897274821897274821", &["digits 281010897274821897274821", "scheme alipay_plus_cgcp"]),
        ("135112298638468293", &["digits 135112298638468293", "scheme wechat_pay"]),
        ("https://global.alipay.com/281002040012ab34",
            &["digits 281002040012", "url global.alipay.com /281002040012ab34", "scheme alipay_plus"]),
        ("https://qr.alipay.com/bax01", &["url qr.alipay.com /bax01", "scheme alipay"]),
        ("https://Shop.Example", &["url shop.example /"]),
        ("https://shop.example:8443/a?b#c", &["url shop.example:8443 /a"]),
        ("https://shop.example:443/a", &["url shop.example /a"]),
        ("upi://pay?pa=Shop@ExampleBank&pn=x", &["guid shop@examplebank", "scheme upi"]),
        ("upi://pay?pa=nobody&pn=x", &["scheme upi"]),
        // The host is the one behind the user name, not the one before it.
        ("https://qr.alipay.com@evil.example/x", &["url evil.example /x"]),
        ("https://evil.example\\@qr.alipay.com/x", &[]),
        // Links that others read otherwise, or that can be changed on their way, say nothing.
        ("http://qr.alipay.com/x", &[]),
        ("ftp://qr.alipay.com/x", &[]),
        ("https://qr.alipay.com/a/../x", &["scheme alipay"]),
        ("https://qr.alipay.com/a/%2E%2e/x", &["scheme alipay"]),
        ("https://qr.alipay.com/./x", &["scheme alipay"]),
        ("https://qr.alipay.com/a%2Fx", &["scheme alipay"]),
        ("https://qr.alipay.com//x", &["scheme alipay"]),
        ("https://qr.alipay.com./x", &["url qr.alipay.com. /x"]),
        // Nobody is asked about a code that must not be used.
        ("upi://pay?pa=a@b&pn=x&pa=c@d", &[]),
        ("hello", &[]), ("", &[]),
    ];
    for (text, expected) in table {
        assert_eq!(keys(text), *expected, "{text}");
    }
}

#[test]
fn keys_of_cards_are_their_applications() {
    assert_eq!(keys(&cpm("emvco_two_apps")), ["aid A0000000555555", "aid A0000000666666"]);
    assert_eq!(keys(&cpm("qris_cpm_synthetic")), ["aid A0000006022020", "scheme qris"]);
    assert_eq!(keys(&cpm("neg_4")), [""; 0]);
    let written = ConsumerPresented::new().application("A000000003", "A", Data::new()).generate().unwrap();
    assert_eq!(keys(&written), ["aid A000000003", "scheme visa"]);
    // 61 { 4F A000000003 } 61 { 4F A000000004 } 62 { 4F A000000333 }: an id within the common data is nobody's.
    let misplaced = "hQVDUFYwMWEHTwWgAAAAA2EHTwWgAAAABGIHTwWgAAADMw==";
    assert_eq!(keys(misplaced), ["aid A000000003", "aid A000000004", "scheme visa"]);
}

#[test]
fn keys_of_merchants_are_all_their_accounts() {
    let payload = MerchantPresented::new(Initiation::Static, "5812", "978", "IT", "Caffe", "Roma")
        .card_account(4, "5204740000001002")
        .card_account(2, "4000123456789012")
        .merchant_account(Template::new(26, "A0000006150001").field(1, "501664").field(2, "X"))
        .merchant_account(
            Template::new(27, "Org.Sycee.IT").nested(1, vec![Field::text("00", "970415"), Field::text("01", "1")]),
        )
        .merchant_account(Template::new(28, "a0000000000000000000000000000000"))
        .merchant_account(Template::new(29, "A00000061500011"))
        .merchant_account(Template::new(30, "F0000006150001"))
        .unreserved(Template::new(80, "com.example").field(5, "5"))
        .generate()
        .unwrap();
    let expected = [
        "a0000006150001/01=501664",
        "a0000006150001/02=X",
        "org.sycee.it/01=[0006970415 01011]",
        "com.example/05=5",
        "aid A0000006150001",
        "guid a0000006150001",
        "guid org.sycee.it",
        "guid a0000000000000000000000000000000",
        "guid a00000061500011",
        "guid f0000006150001",
        "guid com.example",
        "card 2",
        "card 4",
        "scheme duitnow",
        "scheme visa",
        "scheme mastercard",
    ];
    // Only 38.01 nests by the specification, so elsewhere what looks like fields is text.
    let expected: Vec<String> =
        expected.iter().map(|one| one.replace("[0006970415 01011]", "000697041501011")).collect();
    let mut found = keys(&payload);
    let mut sorted = expected.clone();
    assert_eq!(found[..13], expected[..13]);
    found.sort();
    sorted.sort();
    assert_eq!(found, sorted);
}

#[test]
fn every_valid_merchant_vector_has_a_key_and_no_other_has() {
    let file: Json = serde_json::from_str(include_str!("vectors/qr_mpm.json")).unwrap();
    for vector in file["vectors"].as_array().unwrap() {
        let found = keys(vector["payload"].as_str().unwrap());
        assert_eq!(!found.is_empty(), vector["expect_valid"].as_bool().unwrap(), "{}", vector["id"]);
    }
}

#[test]
fn the_most_specific_pattern_is_chosen() {
    let prompt_pay = mpm("promptpay_tax_id");
    let viet = mpm("vietqr_static");
    #[rustfmt::skip]
    let table: &[(&str, &[&str], Option<usize>)] = &[
        ("281010897274821897274821", &["digits:28", "digits:281010", "digits:2810"], Some(1)),
        ("281010897274821897274821", &["digits:29", "digits:281011"], None),
        ("281010897274821897274821", &["scheme:alipay_plus_cgcp", "digits:2"], Some(1)),
        ("281010897274821897274821", &["aid:A000000003", "guid:28"], None),
        ("https://qr.example.com/pay/1", &["url:qr.example.com", "url:qr.example.com/pay/"], Some(1)),
        ("https://qr.example.com/pay", &["url:qr.example.com/pay/", "url:QR.example.com"], Some(1)),
        ("https://qr.example.com.evil.example/pay/", &["url:qr.example.com/"], None),
        ("https://qr.example.com:8443/pay/", &["url:qr.example.com/"], None),
        ("https://qr.example.com:8443/pay/", &["url:qr.example.com:8443/"], Some(0)),
        ("https://a.example@qr.example.com/", &["url:a.example"], None),
        ("upi://pay?pa=shop@examplebank&pn=x",
            &["scheme:upi", "guid:*@examplebank", "guid:shop@examplebank", "guid:*@bank"], Some(2)),
        ("upi://pay?pa=shop@examplebank&pn=x", &["scheme:upi", "guid:*@examplebank"], Some(1)),
        ("upi://pay?pa=shop@notexamplebank&pn=x", &["guid:*@examplebank"], None),
        (&prompt_pay, &["scheme:promptpay_credit_transfer", "aid:A000000677010111", "aid:A000000677"], Some(1)),
        (&prompt_pay, &["guid:A000000677010111", "aid:A000000677"], Some(1)),
        (&prompt_pay, &["guid:a000000677010111/02=0", "aid:A000000677010111"], Some(0)),
        (&viet, &["guid:A000000727", "guid:A000000727/01.00=97"], Some(1)),
        (&viet, &["guid:A000000727", "guid:A000000727/01.00=98"], Some(0)),
    ];
    for (text, patterns, expected) in table {
        let patterns: Vec<RoutingPattern> = patterns.iter().map(|text| pattern(text)).collect();
        let keys = routing_keys(&decode(text));
        assert_eq!(choose(&keys, &patterns), *expected, "{text} {patterns:?} {keys:?}");
    }
    // Among equals the code's own order decides: the customer's preferred card.
    let keys = routing_keys(&decode(&cpm("emvco_two_apps")));
    for patterns in [["aid:A0000000666666", "aid:A0000000555555"], ["aid:A0000000555555", "aid:A0000000666666"]] {
        let patterns = patterns.map(pattern);
        let chosen = choose(&keys, &patterns).unwrap();
        assert_eq!(patterns[chosen].to_string(), "aid:A0000000555555");
    }
    // A handle alone is no address at it.
    assert_eq!(pattern("guid:*@bank").matches(&RoutingKey::GloballyUniqueId("@bank".into())), None);
    assert_eq!(choose(&[], &[pattern("digits:2")]), None);
    assert_eq!(choose(&keys, &[]), None);
}

#[test]
fn patterns_have_one_text() {
    for (text, shown) in [
        ("guid:org.sycee.th", "guid:org.sycee.th"),
        ("guid:SG.PAYNOW", "guid:sg.paynow"),
        ("guid:*@ExampleBank", "guid:*@examplebank"),
        ("guid:A0000006150001/01=501664", "guid:a0000006150001/01=501664"),
        ("guid:a000000727/01.00=Ab=/ c", "guid:a000000727/01.00=Ab=/ c"),
        ("aid:a000000677010111", "aid:A000000677010111"),
        ("digits:2833", "digits:2833"),
        ("url:QR.example.com", "url:qr.example.com/"),
        ("url:qr.example.com:8443/Pay/", "url:qr.example.com:8443/Pay/"),
        ("card:15", "card:15"),
        ("card:02", "card:02"),
        ("scheme:promptpay_credit_transfer", "scheme:promptpay_credit_transfer"),
    ] {
        let pattern = pattern(text);
        assert_eq!(pattern.to_string(), shown);
        assert_eq!(shown.parse(), Ok(pattern));
    }
}

#[test]
fn what_is_no_pattern_is_refused_by_name() {
    use PatternError::*;
    let long = format!("url:qr.example.com/{}", "a".repeat(300));
    #[rustfmt::skip]
    let table = [
        ("", UnknownKind), ("digits", UnknownKind), ("Digits:1", UnknownKind), ("iban:IT", UnknownKind),
        (" digits:1", UnknownKind),
        (&long, TooLong),
        ("digits:", WrongForm), ("digits:28a", WrongForm), ("digits:２８", WrongForm), ("digits:28*", WrongForm),
        ("digits:111111111111111111111111111111111", WrongForm),
        ("guid:", WrongForm), ("guid:*", WrongForm), ("guid:*@", WrongForm), ("guid:*bank", WrongForm),
        ("guid:*.*", WrongForm), ("guid:a b", WrongForm), ("guid:é", WrongForm), ("guid:a*b", WrongForm),
        ("guid:123456789012345678901234567890123", WrongForm),
        ("guid:a/1=2", WrongForm), ("guid:a/01", WrongForm), ("guid:a/01=", WrongForm), ("guid:a/00=b", WrongForm),
        ("guid:a/01.02.03=b", WrongForm), ("guid:a/01=b ", WrongForm), ("guid:*@a/01=b", WrongForm),
        ("guid:/01=b", WrongForm),
        ("aid:A00000", WrongForm), ("aid:A0000006770", WrongForm), ("aid:G000000677", WrongForm),
        ("aid:A00000067701011100000000000000000000", WrongForm),
        ("url:", WrongForm), ("url:/pay", WrongForm), ("url:host/pay", WrongForm), ("url:me@qr.example.com/", WrongForm),
        ("url:qr.example.com/a/../", WrongForm), ("url:qr.example.com/a?b", WrongForm),
        ("url:qr.example.com/a#b", WrongForm), ("url:qr.example.com\\a", WrongForm),
        ("url:qr.example.com:443/", WrongForm), ("url:qr.example.com:0/", WrongForm),
        ("url:qr.example.com:99999/", WrongForm), ("url:qr.example.com:+80/", WrongForm),
        ("url:https://qr.example.com/", WrongForm), ("url:*.example.com/", WrongForm), ("url:é.example/", WrongForm),
        ("card:1", WrongForm), ("card:01", WrongForm), ("card:26", WrongForm), ("card:xx", WrongForm),
        ("scheme:", WrongForm), ("scheme:Pix", WrongForm), ("scheme:a b", WrongForm),
    ];
    for (text, expected) in table {
        assert_eq!(text.parse::<RoutingPattern>(), Err(expected), "{text}");
    }
}

#[test]
fn overlaps_and_conflicts_are_told() {
    #[rustfmt::skip]
    let table = [
        ("digits:28", "digits:2833", true, false),
        ("digits:2833", "digits:2834", false, false),
        ("digits:2833", "digits:2833", true, true),
        ("digits:28", "aid:2800000000", false, false),
        ("aid:A000000677", "aid:A000000677010111", true, false),
        ("aid:A000000677010111", "aid:A000000677010112", false, false),
        ("guid:org.a", "guid:ORG.A", true, true),
        ("guid:org.a", "guid:org.a.b", false, false),
        ("guid:*@bank", "guid:shop@bank", true, false),
        ("guid:*@bank", "guid:shop@mybank", false, false),
        ("guid:*@bank", "guid:@bank", false, false),
        ("guid:*@bank", "guid:*@bank", true, true),
        ("guid:*@a@bank", "guid:*@bank", true, false),
        ("guid:*@a", "guid:*@b", false, false),
        ("guid:a/01=5", "guid:a", false, false),
        ("guid:a/01=5", "guid:a/01=50", true, false),
        ("guid:a/01=5", "guid:a/02=5", false, false),
        ("guid:a/01=5", "guid:b/01=5", false, false),
        ("url:a.example", "url:a.example/pay/", true, false),
        ("url:a.example/pay/", "url:a.example/buy/", false, false),
        ("url:a.example", "url:b.example", false, false),
        ("url:a.example", "url:a.example:8443", false, false),
        ("url:a.example/", "url:A.example", true, true),
        ("card:15", "card:15", true, true),
        ("card:15", "card:16", false, false),
        ("scheme:pix", "scheme:pix", true, true),
        ("scheme:pix", "scheme:upi", false, false),
    ];
    for (one, other, overlaps, conflicts) in table {
        let (a, b) = (pattern(one), pattern(other));
        assert_eq!((a.overlaps(&b), a.conflicts_with(&b)), (overlaps, conflicts), "{one} {other}");
        assert_eq!((b.overlaps(&a), b.conflicts_with(&a)), (overlaps, conflicts), "{other} {one}");
    }
}

#[test]
fn two_patterns_that_match_one_key_overlap() {
    let texts = [
        "guid:*@bank",
        "guid:shop@bank",
        "guid:*@b@bank",
        "guid:a/01=5",
        "guid:a/01=50",
        "digits:2",
        "digits:28",
        "url:a.example",
        "url:a.example/p",
        "url:a.example/pay/",
        "aid:A000000677",
        "aid:A000000677010111",
        "card:15",
        "scheme:upi",
        "scheme:alipay_plus",
    ];
    let patterns = texts.map(pattern);
    let field =
        |text: &str| RoutingKey::TemplateField { globally_unique_id: "a".into(), path: "01".into(), text: text.into() };
    let guid = |text: &str| RoutingKey::GloballyUniqueId(text.into());
    let url = |path: &str| RoutingKey::Url { host: "a.example".into(), path: path.into() };
    let keys = [
        guid("shop@bank"),
        guid("x@b@bank"),
        guid("@bank"),
        field("5"),
        field("501"),
        url("/"),
        url("/pay/1"),
        RoutingKey::NumericPrefix("2801".into()),
        RoutingKey::ApplicationId("A000000677010111".into()),
        RoutingKey::CardAccount(15),
        RoutingKey::Scheme("upi"),
    ];
    let mut pairs = 0;
    for key in &keys {
        for one in &patterns {
            for other in &patterns {
                if let (Some(a), Some(b)) = (one.matches(key), other.matches(key)) {
                    assert!(one.overlaps(other), "{one} {other} {key:?}");
                    assert_eq!(a == b, one == other, "{one} {other}");
                    pairs += 1;
                }
            }
        }
    }
    assert!(pairs > 20, "{pairs}");
}
