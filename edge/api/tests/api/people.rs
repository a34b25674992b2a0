//! The people of a shop, its apps and its printed code.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sycee_engine::CellHandle;
use sycee_engine::certificates::{AppCertificates, CertifiesApps};
use sycee_engine::vault::Handle;

use crate::world::{Answer, Somebody, TestWorld, eur};

const PIN: &str = "739164";

fn somebody(session: &Value) -> Somebody {
    let number = session["party"].as_str().unwrap().parse().unwrap();
    Somebody { number, token: session["token"].as_str().unwrap().to_owned() }
}

async fn add(world: &TestWorld, by: &Somebody, name: &str, role: &str) -> Value {
    let body = json!({"name": name, "role": role, "pin": PIN});
    world.post_as(&format!("add {role}"), by, "/members", &body).await.with(200)
}

async fn sign_in(world: &TestWorld, login: &Value, pin: &str) -> Answer {
    let body = json!({"login": login, "pin": pin, "at_shop": true}).to_string();
    world.request("POST", "/sessions", "", &body).await
}

async fn signed_in(world: &TestWorld, member: &Value) -> Somebody {
    somebody(&sign_in(world, &member["member"], PIN).await.with(200))
}

/// A paid order of 10 euros under this number.
async fn paid(world: &TestWorld, seller: &Somebody, number: &str) {
    let order = json!({"order": {"out_trade_no": number, "total": eur(1_000), "subject": "coffee"}});
    let made = world.post(seller, "/orders", &order).await.with(200);
    let buyer = world.customer(&format!("Buyer of {number}"), 5_000).await;
    let scanned = world.post(&buyer, "/scan", &json!({"code": made["code"]})).await.with(200);
    let trade = scanned["order"]["trade_no"].as_str().unwrap();
    world.post(&buyer, &format!("/orders/{trade}/pay"), &json!({})).await.with(200);
}

#[tokio::test]
async fn each_role_may_do_what_it_is_for_and_no_more() {
    let world = TestWorld::start().await;
    let shop = world.merchant("Café du Port").await;
    let owner = signed_in(&world, &add(&world, &shop, "Olga", "owner").await).await;
    let manager = signed_in(&world, &add(&world, &owner, "Max", "manager").await).await;
    let cashier = signed_in(&world, &add(&world, &owner, "Chloé", "cashier").await).await;
    let me = world.get(&cashier, "/me").await.with(200);
    assert_eq!((&me["role"], &me["party"]), (&json!("merchant"), &json!(shop.number.to_string())));
    assert_eq!((&me["member"]["name"], &me["member"]["role"]), (&json!("Chloé"), &json!("cashier")));

    paid(&world, &cashier, "A1").await;
    let refund = json!({"out_trade_no": "A1", "out_request_no": "R1", "amount": eur(100)});
    world.post(&cashier, "/refunds", &refund).await.is_problem(403, "caller_unfit");
    // A cancel of what is paid gives the money back: the product says no, since the operation itself is a cashier's.
    let cancel = json!({"out_trade_no": "A1"});
    world.post(&cashier, "/orders/cancel", &cancel).await.is_problem(403, "member_may_not");
    world.post(&manager, "/refunds", &refund).await.with(200);
    let person = json!({"name": "Zoe", "role": "cashier", "pin": PIN});
    let key = json!({"algorithm": "hmac-sha256"});
    for (who, role) in [(&cashier, "cashier"), (&manager, "manager")] {
        world.post_as("zoe", who, "/members", &person).await.is_problem(403, "caller_unfit");
        assert_eq!(world.post(who, "/keys", &key).await.status, 403, "{role}");
        assert_eq!(world.get(who, "/apps").await.status, 403, "{role}");
    }
    for (who, may) in [(&cashier, 403), (&manager, 200), (&owner, 200)] {
        assert_eq!(world.get(who, "/entries").await.status, may);
        assert_eq!(world.get(who, "/orders").await.status, 200);
    }
    world.post(&owner, "/keys", &key).await.with(200);
}

#[tokio::test]
async fn people_come_change_and_go() {
    let world = TestWorld::start().await;
    let (shop, other) = (world.merchant("Café du Port").await, world.merchant("Other").await);
    let olga = add(&world, &shop, "Olga", "owner").await;
    let owner = signed_in(&world, &olga).await;
    let chloe = add(&world, &owner, "Chloé", "cashier").await;
    // The same key is the same person, and a PIN is not changed by it.
    let again = json!({"name": "Chloé", "role": "cashier", "pin": "846275"});
    let repeated = world.post_as("add cashier", &owner, "/members", &again).await.with(200);
    assert_eq!(repeated["member"], chloe["member"]);
    sign_in(&world, &chloe["member"], "846275").await.is_problem(401, "sign_in_failed");
    let path = format!("/members/{}", chloe["member"].as_str().unwrap());
    // Another merchant neither sees nor changes them.
    let change = |role: &str, dismissed: bool| json!({"role": role, "dismissed": dismissed});
    world.post(&other, &path, &change("owner", false)).await.is_problem(404, "not_found");
    assert_eq!(world.get(&other, "/members").await.with(200)["members"], json!([]));

    let cashier = signed_in(&world, &chloe).await;
    world.get(&cashier, "/entries").await.is_problem(403, "caller_unfit");
    world.post(&owner, &path, &change("manager", false)).await.with(200);
    world.get(&cashier, "/entries").await.with(200);
    world.post(&owner, &format!("{path}/pin"), &json!({"pin": "846275"})).await.with(200);
    world.get(&cashier, "/me").await.is_problem(401, "not_authenticated");
    let cashier = somebody(&sign_in(&world, &chloe["member"], "846275").await.with(200));
    let gone = world.post(&owner, &path, &change("manager", true)).await.with(200);
    assert_eq!(gone["dismissed"], true);
    world.get(&cashier, "/me").await.is_problem(401, "not_authenticated");
    sign_in(&world, &chloe["member"], "846275").await.is_problem(401, "sign_in_failed");
    // The last owner stays.
    let own = format!("/members/{}", olga["member"].as_str().unwrap());
    for refused in [change("cashier", false), change("owner", true)] {
        world.post(&owner, &own, &refused).await.is_problem(422, "last_owner");
    }
    let listed = world.get(&owner, "/members").await.with(200)["members"].clone();
    assert_eq!(
        (&listed[0]["name"], &listed[1]["name"], listed.as_array().unwrap().len()),
        (&json!("Olga"), &json!("Chloé"), 2)
    );
}

#[tokio::test]
async fn a_shop_is_opened_by_phone_and_its_owner_may_have_a_wallet_too() {
    let world = TestWorld::start().await;
    let phone = "+33612345678";
    let begin = async |shop: Option<Value>| {
        let mut body = json!({"name": "Olga", "phone": phone});
        if let Some(shop) = shop {
            body["shop"] = shop;
        }
        let begun = world.request("POST", "/sign-ups", "", &body.to_string()).await.with(200);
        let confirm = json!({"sign_up": begun["sign_up"], "code": begun["code"], "pin": PIN}).to_string();
        world.request("POST", "/sign-ups/confirm", "", &confirm).await
    };
    let wallet = begin(None).await.with(200);
    let cafe = json!({"name": "Café du Port", "mcc": "5814"});
    let owner = begin(Some(cafe.clone())).await.with(200);
    assert_ne!(wallet["party"], owner["party"]);
    let owner = somebody(&owner);
    let me = world.get(&owner, "/me").await.with(200);
    assert_eq!((&me["name"], &me["role"]), (&json!("Café du Port"), &json!("merchant")));
    assert_eq!((&me["member"]["name"], &me["member"]["role"]), (&json!("Olga"), &json!("owner")));
    paid(&world, &owner, "A1").await;
    // The phone finds the wallet or the place at the shop, as is asked.
    let by_phone = sign_in(&world, &json!(phone), PIN).await.with(200);
    assert_eq!(by_phone["party"], owner.number.to_string());
    let at_wallet = json!({"login": phone, "pin": PIN}).to_string();
    assert_eq!(world.request("POST", "/sessions", "", &at_wallet).await.with(200)["party"], wallet["party"]);
    // The number has a shop; nothing is opened beside it.
    let support = world.staff(sycee_party::StaffRole::Support).await;
    let merchants =
        async || world.get(&support, "/parties?kind=merchant").await.with(200)["items"].as_array().unwrap().len();
    let before = merchants().await;
    world.clock.move_to(world.world.clock.now_ns() + 86_400 * 1_000_000_000);
    begin(Some(cafe)).await.is_problem(409, "contact_taken");
    assert_eq!(merchants().await, before);
    let wrong = json!({"name": "O", "phone": phone, "shop": {"name": "S", "mcc": "58x4"}}).to_string();
    world.request("POST", "/sign-ups", "", &wrong).await.is_problem(422, "bad_field");
}

#[tokio::test]
async fn a_shop_registers_apps_of_its_own() {
    let world = TestWorld::start().await;
    let (shop, other) = (world.merchant("Café du Port").await, world.merchant("Other").await);
    assert_eq!(world.get(&shop, "/apps").await.with(200), json!({"apps": [], "gateway": null}));
    let key = STANDARD.encode(rsa_spki());
    let made = world.post_as("app", &shop, "/apps", &json!({"public_key": key})).await.with(200);
    let again = world.post_as("app", &shop, "/apps", &json!({"public_key": key})).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.with(200), made);
    let listed = world.get(&shop, "/apps").await.with(200)["apps"].clone();
    assert_eq!((&listed[0]["app"], &listed[0]["public_key"]), (&made["app"], &json!(key)));
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(world.get(&other, "/apps").await.with(200)["apps"], json!([]));
    let rotate = format!("/apps/{}/key", made["app"].as_str().unwrap());
    let new = STANDARD.encode(rsa_spki());
    world.post(&shop, &rotate, &json!({"public_key": new, "previous_valid_seconds": 60})).await.with(200);
    let listed = world.get(&shop, "/apps").await.with(200)["apps"].clone();
    assert_eq!(listed[0]["public_key"], new);
    assert!(listed[0]["previous_key_valid_until"].is_string(), "{listed}");
    world.clock.move_to(world.world.clock.now_ns() + 61 * 1_000_000_000);
    assert_eq!(world.get(&shop, "/apps").await.with(200)["apps"][0]["previous_key_valid_until"], Value::Null);
    let certificate = format!("/apps/{}/certificate", made["app"].as_str().unwrap());
    world.post(&shop, &certificate, &json!({})).await.is_problem(404, "not_found");
}

/// Writes down for whom it was asked.
struct Certifier;

impl CertifiesApps for Certifier {
    fn certify(&self, cell: &CellHandle, app_id: u64, spki: &[u8]) -> Result<AppCertificates, String> {
        let app_cert = format!("{} {app_id} {}", cell.name, STANDARD.encode(spki));
        Ok(AppCertificates { app_cert, platform_cert: "platform".to_owned(), root_cert: "root".to_owned() })
    }
}

#[tokio::test]
async fn a_shop_has_certificates_for_its_own_apps() {
    let world = TestWorld::start_with(&|api| api.with_certificates(Arc::new(Certifier))).await;
    let (shop, other) = (world.merchant("Café du Port").await, world.merchant("Other").await);
    let key = STANDARD.encode(rsa_spki());
    let app = world.post_as("app", &shop, "/apps", &json!({"public_key": key})).await.with(200)["app"].clone();
    let app = app.as_str().unwrap();
    let certificate = format!("/apps/{app}/certificate");
    let made = world.post(&shop, &certificate, &json!({})).await.with(200);
    let expected = json!({"app_cert": format!("fr {app} {key}"), "alipay_cert": "platform", "root_cert": "root"});
    assert_eq!(made, expected);
    world.post(&other, &certificate, &json!({})).await.is_problem(404, "not_found");
    world.post(&shop, "/apps/x/certificate", &json!({})).await.is_problem(404, "not_found");
    let owner = signed_in(&world, &add(&world, &shop, "Olga", "owner").await).await;
    let manager = signed_in(&world, &add(&world, &owner, "Max", "manager").await).await;
    assert_eq!(world.post(&owner, &certificate, &json!({})).await.with(200), expected);
    world.post(&manager, &certificate, &json!({})).await.is_problem(403, "caller_unfit");
}

#[tokio::test]
async fn a_cashier_hears_what_happens_at_the_till_only() {
    let world = TestWorld::start().await;
    let shop = world.merchant("Café du Port").await;
    let owner = signed_in(&world, &add(&world, &shop, "Olga", "owner").await).await;
    let manager = signed_in(&world, &add(&world, &owner, "Max", "manager").await).await;
    let cashier = signed_in(&world, &add(&world, &owner, "Chloé", "cashier").await).await;
    paid(&world, &cashier, "A1").await;
    let anna = world.customer("Anna", 0).await;
    let transfer = json!({"out_biz_no": "T1", "payee": anna.number.to_string(), "money": eur(10)});
    world.post(&shop, "/merchant-transfers", &transfer).await.with(200);
    let types = |events: Value| {
        let types = events["events"].as_array().unwrap().iter();
        types.map(|event| event["type"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(types(world.get(&cashier, "/events").await.with(200)), ["acquiring.order_paid"]);
    let all = types(world.get(&manager, "/events").await.with(200));
    assert!(all.contains(&"acquiring.merchant_transfer_made".to_owned()), "{all:?}");
    let named = world.get(&cashier, "/events?type=acquiring.merchant_transfer_made").await.with(200);
    assert_eq!(named["events"], json!([]));
}

#[tokio::test]
async fn of_somebody_who_did_not_come_nothing_is_kept() {
    let world = TestWorld::start().await;
    let shop = world.merchant("Café du Port").await;
    let new = |name: &str| json!({"name": name, "phone": "+33611223344", "role": "cashier", "pin": PIN});
    let chloe = world.post_as("1", &shop, "/members", &new("Chloé")).await.with(200);
    world.post_as("2", &shop, "/members", &new("Zoe")).await.is_problem(409, "contact_taken");
    // The same key with another body is another refusal, and Chloé stays who she is.
    let other = json!({"name": "Chloé", "phone": "+33611223344", "role": "manager", "pin": PIN});
    world.post_as("1", &shop, "/members", &other).await.is_problem(409, "idempotency_key_reused");
    let listed = world.get(&shop, "/members").await.with(200)["members"].clone();
    assert_eq!(listed, json!([chloe]));
    let kept = |key: &str| {
        let digest = world.cell().vault.digest("member-person", format!("{} {key}", shop.number).as_bytes());
        world.cell().vault.person(Handle(digest[..16].try_into().unwrap())).unwrap().map(|person| person.name)
    };
    assert_eq!((kept("1").as_deref(), kept("2")), (Some("Chloé"), None));
}

#[tokio::test]
async fn the_printed_code_of_a_shop_is_paid() {
    let world = TestWorld::start().await;
    let (shop, anna) = (world.merchant("Café du Port").await, world.customer("Anna", 5_000).await);
    let shown = world.get(&shop, "/shop-code").await.with(200);
    let body = json!({"code": shown["code"], "total": eur(450)});
    let paid = world.post_as("pay", &anna, "/pay-printed-code", &body).await.with(200);
    assert_eq!(paid["merchant"], shop.number.to_string());
    let store = world.post_as("store", &shop, "/stores", &json!({})).await.with(200)["store"].clone();
    let second = world.get(&shop, &format!("/shop-code?store={}", store.as_str().unwrap())).await.with(200);
    assert_ne!(second["code"], shown["code"]);
    let other = world.merchant("Other").await;
    let path = format!("/shop-code?store={}", store.as_str().unwrap());
    world.get(&other, &path).await.is_problem(404, "not_found");
}

/// A fresh RSA public key as SPKI DER.
fn rsa_spki() -> Vec<u8> {
    use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    use aws_lc_rs::signature::KeyPair as _;
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    spki.as_ref().to_vec()
}
