//! Notifications and redirects against Python's `urllib` and `cryptography` (see `fixtures/make.py`).

use sycee_alipay::return_url::{PAGE_PAY_RETURN_METHOD, redirect_url};
use sycee_alipay::signature::{SigningKey, VerifyingKey};
use sycee_alipay::wire::callback_url::CallbackUrl;
use sycee_alipay::wire::outgoing_fields::OutgoingFields;
use sycee_alipay::wire::parameters::{EmptyValues, Parameters};

fn platform_key() -> SigningKey {
    SigningKey::from_pkcs8_der(include_bytes!("fixtures/platform.pkcs8.der")).unwrap()
}

#[test]
fn the_form_is_what_another_signer_made() {
    let form = OutgoingFields::new()
        .with("notify_time", "2026-11-23 03:10:47")
        .with("notify_type", "trade_status_sync")
        .with("trade_status", "TRADE_SUCCESS")
        .with("subject", "可乐 & {1}")
        .with("total_amount", "88.88")
        .with("refund_fee", "")
        .with("fund_bill_list", "[{\"amount\":\"88.88\",\"fundChannel\":\"PCREDIT\"}]")
        .with("app_id", "2021000000000001")
        .signed_form(&platform_key())
        .unwrap();
    assert_eq!(form, include_str!("fixtures/notification.form"));
}

#[test]
fn the_redirect_keeps_the_merchants_address() {
    let key = platform_key();
    let public_key = VerifyingKey::parse(include_str!("fixtures/platform.spki.pem")).unwrap();
    let fields = OutgoingFields::new()
        .with("out_trade_no", "70501111")
        .with("method", PAGE_PAY_RETURN_METHOD)
        .with("x", "a b&c");
    let ours = "out_trade_no=70501111&method=alipay.trade.page.pay.return&x=a+b%26c&sign_type=RSA2&sign=";
    let cases = [
        ("https://shop.example/back", "https://shop.example/back?", ""),
        ("https://shop.example/back?", "https://shop.example/back?", ""),
        ("https://shop.example/back?shop=1", "https://shop.example/back?shop=1&", ""),
        ("https://shop.example/back?shop=1&", "https://shop.example/back?shop=1&", ""),
        ("https://shop.example/#/done?x=1", "https://shop.example/?", "#/done?x=1"),
        ("https://shop.example/b?shop=1#top", "https://shop.example/b?shop=1&", "#top"),
    ];
    for (return_url, before, after) in cases {
        let url = redirect_url(&CallbackUrl::parse(return_url).unwrap(), &fields, &key).unwrap();
        let added = url.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).unwrap();
        assert!(added.starts_with(ours), "{url}");
        let read = Parameters::parse(added.as_bytes(), b"").unwrap();
        let signed_text = read.text_to_sign(&["sign", "sign_type"], EmptyValues::Dropped);
        assert_eq!(signed_text, b"method=alipay.trade.page.pay.return&out_trade_no=70501111&x=a b&c");
        assert!(public_key.verify(&signed_text, read.value("sign").unwrap()), "{url}");
    }
}

/// docs/notification-vectors.json, which others check their code with: forms of `urllib`, signatures of the `openssl` command.
#[test]
fn the_published_vectors_hold() {
    let whole: serde_json::Value =
        serde_json::from_str(include_str!("../../../docs/notification-vectors.json")).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let pem = text(&whole["private_key_pem"]);
    let inner: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, inner).unwrap();
    let key = SigningKey::from_pkcs8_der(&der).unwrap();
    let public_key = VerifyingKey::parse(&text(&whole["public_key"])).unwrap();
    assert_eq!(key.public_key_base64().unwrap(), text(&whole["public_key"]));
    let vectors = whole["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 3);
    for vector in vectors {
        let (name, signed, sign) = (text(&vector["name"]), text(&vector["signed_text"]), text(&vector["sign"]));
        let fields = vector["fields"].as_array().unwrap().iter();
        let fields = fields.fold(OutgoingFields::new(), |all, pair| all.with(text(&pair[0]), text(&pair[1])));
        assert_eq!(fields.text_to_sign(), signed, "{name}");
        assert_eq!(fields.signed_form(&key).unwrap(), text(&vector["form"]), "{name}");
        // As a receiver reads it.
        let form = text(&vector["form"]);
        let read = Parameters::parse(b"", form.as_bytes()).unwrap();
        assert_eq!(read.text_to_sign(&["sign", "sign_type"], EmptyValues::Dropped), signed.as_bytes(), "{name}");
        assert_eq!(read.value("sign").unwrap(), sign.as_bytes(), "{name}");
        assert!(public_key.verify(signed.as_bytes(), sign.as_bytes()), "{name}");
        assert!(!public_key.verify(signed.replace("2026", "2027").as_bytes(), sign.as_bytes()), "{name}");
        assert!(CallbackUrl::parse(&text(&vector["notify_url"])).is_some(), "{name}");
    }
}
