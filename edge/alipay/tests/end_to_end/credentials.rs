//! Encrypted content, and certificates in place of bare keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sycee_alipay::aes::ContentKey;

use crate::client::{Split, assert_failed, assert_succeeded, signed_parameters, signed_text};
use crate::world::{Shop, TestWorld};

const PRECREATE: &str = "alipay.trade.precreate";
const QUERY: &str = "alipay.trade.query";
const DOWNLOAD: &str = "alipay.open.app.alipaycert.download";

fn key() -> ContentKey {
    ContentKey::parse("AAECAwQFBgcICQoLDA0ODw==").unwrap()
}

/// The text of the node and the serial after it; the signature over the node's exact bytes is checked.
fn opened(world: &TestWorld, method: &str, body: &str) -> (String, Option<String>) {
    let key = format!("{{\"{}_response\":", method.replace('.', "_"));
    let rest = body.strip_prefix(&key).unwrap_or_else(|| panic!("{body}"));
    let (signed, sign) = rest.strip_suffix("\"}").unwrap().rsplit_once(",\"sign\":\"").unwrap();
    let (node, serial) = match signed.split_once(",\"alipay_cert_sn\":\"") {
        Some((node, serial)) => (node, Some(serial.strip_suffix('"').unwrap().to_owned())),
        None => (signed, None),
    };
    assert!(world.gateway.verify(node.as_bytes(), sign.as_bytes()), "{body}");
    (node.to_owned(), serial)
}

async fn encrypted(world: &TestWorld, shop: &Shop, method: &str, cipher: &str) -> Value {
    let parameters = signed_text(shop, method, cipher, &[("encrypt_type", "AES")]);
    let answer = world.send(&parameters, Split::ContentInBody).await;
    serde_json::from_str(&opened(world, method, &answer.body).0).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn content_goes_encrypted_both_ways_and_failures_in_the_clear() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let content = json!({"out_trade_no": "E1", "total_amount": "4.50", "subject": "可乐 {1}"}).to_string();
    let cipher = key().encrypt(&content).unwrap();
    let no_key = encrypted(&world, &shop, PRECREATE, &cipher).await;
    assert_failed(&no_key, "40003", "isv.decryption-error-unknown");

    key().keep(&world.cell("fr").vault, shop.app_id).unwrap();
    let answer = encrypted(&world, &shop, PRECREATE, &cipher).await;
    let node: Value = serde_json::from_str(&key().decrypt(answer.as_str().unwrap()).unwrap()).unwrap();
    assert_succeeded(&node);
    assert_eq!(node["out_trade_no"], "E1");

    // Not encrypted, with another key, and no JSON inside.
    assert_failed(&encrypted(&world, &shop, PRECREATE, &content).await, "40003", "isv.decryption-error-unknown");
    let other = ContentKey::parse("EBESExQVFhcYGRobHB0eHw==").unwrap().encrypt(&content).unwrap();
    assert_failed(&encrypted(&world, &shop, PRECREATE, &other).await, "40003", "isv.decryption-error-unknown");
    let no_json = key().encrypt("tea").unwrap();
    assert_failed(&encrypted(&world, &shop, PRECREATE, &no_json).await, "40002", "isv.illegal-json");
    let unknown = key().encrypt(r#"{"out_trade_no":"E9"}"#).unwrap();
    assert_failed(&encrypted(&world, &shop, QUERY, &unknown).await, "40004", "ACQ.TRADE_NOT_EXIST");

    // What was encrypted is covered by the signature.
    let mut parameters = signed_text(&shop, PRECREATE, &cipher, &[("encrypt_type", "AES")]);
    let at = parameters.iter().position(|(name, _)| name == "biz_content").unwrap();
    parameters[at].1 = key().encrypt(&content.replace("4.50", "0.01")).unwrap();
    let answer = world.send(&parameters, Split::Body).await;
    let node: Value = serde_json::from_str(&opened(&world, PRECREATE, &answer.body).0).unwrap();
    assert_failed(&node, "40002", "isv.invalid-signature");
    // And the same app may still speak in the clear.
    assert_succeeded(&world.call(&shop, PRECREATE, serde_json::from_str(&content).unwrap()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_names_a_certificate_of_its_own_app() {
    let world = TestWorld::start().await;
    let (shop, other) = (world.shop("fr").await, world.shop("fr").await);
    let vault = &world.cell("fr").vault;
    let certify = |shop: &Shop| {
        let key = sycee_alipay::signature::VerifyingKey::parse(&shop.key.public_key_base64().unwrap()).unwrap();
        world.authority.certify_app(vault, shop.app_id, &key, 1_790_000_000_000_000_000).unwrap().sn
    };
    let (own, foreign) = (certify(&shop), certify(&other));
    // A certificate under the app's name for a key that it does not sign with.
    let other_key = sycee_alipay::signature::VerifyingKey::parse(&other.key.public_key_base64().unwrap()).unwrap();
    let of_other_key = world.authority.certify_app(vault, shop.app_id, &other_key, 1_790_000_000_000_000_000);
    let of_other_key = of_other_key.unwrap().sn;
    let root = world.authority.root_sn().to_owned();
    let joined = format!("0123456789abcdef0123456789abcdef_{root}");
    const UNKNOWN: Option<&str> = Some("isv.app-cert-not-exist");
    const WRONG_ROOT: Option<&str> = Some("isv.invalid-alipay-root-cert-sn");
    let table = [
        (own.as_str(), Some(root.as_str()), None),
        (own.as_str(), Some(joined.as_str()), None),
        (own.as_str(), None, None),
        (foreign.as_str(), Some(root.as_str()), UNKNOWN),
        (of_other_key.as_str(), Some(root.as_str()), UNKNOWN),
        ("0123456789abcdef0123456789abcdef", Some(root.as_str()), UNKNOWN),
        ("../secret", Some(root.as_str()), UNKNOWN),
        (own.as_str(), Some("0123456789abcdef0123456789abcdef"), WRONG_ROOT),
    ];
    for (at, (app_sn, root_sn, refused)) in table.into_iter().enumerate() {
        let content = json!({"out_trade_no": format!("C{at}"), "total_amount": "1.00", "subject": "Tea"});
        let mut more = vec![("app_cert_sn", app_sn)];
        more.extend(root_sn.map(|root_sn| ("alipay_root_cert_sn", root_sn)));
        let answer = world.send(&signed_parameters(&shop, PRECREATE, &content, &more), Split::Query).await;
        let (node, serial) = opened(&world, PRECREATE, &answer.body);
        assert_eq!(serial.as_deref(), Some(world.authority.platform_sn()), "{app_sn}");
        let node = serde_json::from_str(&node).unwrap();
        match refused {
            None => assert_succeeded(&node),
            Some(sub_code) => assert_failed(&node, "40002", sub_code),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platforms_certificate_can_be_fetched_by_its_serial() {
    let world = TestWorld::start().await;
    let shop = world.shop("fr").await;
    let known = world.call(&shop, DOWNLOAD, json!({"alipay_cert_sn": world.authority.platform_sn()})).await;
    assert_succeeded(&known);
    let content = STANDARD.decode(known["alipay_cert_content"].as_str().unwrap()).unwrap();
    assert_eq!(String::from_utf8(content).unwrap(), world.authority.platform_pem());
    let unknown = world.call(&shop, DOWNLOAD, json!({"alipay_cert_sn": "0123456789abcdef0123456789abcdef"})).await;
    assert_failed(&unknown, "40002", "isv.invalid-parameter");
    assert_failed(&world.call(&shop, DOWNLOAD, json!({})).await, "40002", "isv.invalid-parameter");
}
