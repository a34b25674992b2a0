//! Tokens and signatures.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sycee_engine::clock::Clock;

use crate::world::{Answer, Somebody, TestWorld, eur};

/// Signs bytes.
pub type Sign = Box<dyn Fn(&[u8]) -> Vec<u8>>;

/// How a request is signed.
pub struct Signer<'a> {
    pub world: &'a TestWorld,
    pub key: String,
    pub sign: Sign,
    /// Seconds from the world's time.
    pub offset: i64,
    pub components: &'a [&'a str],
    pub parameters: &'a str,
    /// What the signer does to the text before it signs it.
    pub spoil: &'a dyn Fn(String) -> String,
}

const ALL: &[&str] = &["@method", "@path", "content-digest", "idempotency-key"];

impl Signer<'_> {
    /// The header lines of a request, made by hand from RFC 9421, section 2.5.
    fn headers(&self, method: &str, path: &str, key: &str, body: &str) -> String {
        let digest = format!("sha-256=:{}:", STANDARD.encode(digest(&SHA256, body.as_bytes())));
        let now = i64::try_from(self.world.clock.now_ns() / 1_000_000_000).unwrap() + self.offset;
        let names: Vec<String> = self.components.iter().map(|name| format!("\"{name}\"")).collect();
        let parameters = format!("({});created={now};keyid=\"{}\"{}", names.join(" "), self.key, self.parameters);
        let mut base = String::new();
        for name in self.components {
            let value = match *name {
                "@method" => method.to_owned(),
                "@path" => format!("/api/v1{path}"),
                "@target-uri" => format!("http://{}/api/v1{path}", self.world.address),
                "@authority" => self.world.address.to_string(),
                "content-digest" => digest.clone(),
                _ => key.to_owned(),
            };
            base.push_str(&format!("\"{name}\": {value}\n"));
        }
        base.push_str(&format!("\"@signature-params\": {parameters}"));
        let signature = STANDARD.encode((self.sign)((self.spoil)(base).as_bytes()));
        format!(
            "Content-Digest: {digest}\r\nIdempotency-Key: {key}\r\nSignature-Input: s={parameters}\r\nSignature: s=:{signature}:\r\n"
        )
    }

    pub async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        let body = body.to_string();
        self.world.request("POST", path, &self.headers("POST", path, key, &body), &body).await
    }
}

pub async fn hmac_key(world: &TestWorld, who: &Somebody) -> (String, Vec<u8>) {
    let made = world.post(who, "/keys", &json!({"algorithm": "hmac-sha256"})).await.with(200);
    (made["key"].as_str().unwrap().to_owned(), STANDARD.decode(made["secret"].as_str().unwrap()).unwrap())
}

/// The header lines of a request without a body.
pub fn signed_get(world: &TestWorld, key: &str, secret: &[u8], path: &str) -> String {
    let signer = Signer { components: &["@method", "@path"], ..hmac_signer(world, key, secret) };
    let headers = signer.headers("GET", path, "", "");
    headers.lines().filter(|line| line.starts_with("Signature")).map(|line| format!("{line}\r\n")).collect()
}

/// A secret as the bytes of the text in which it is told.
pub fn as_text(secret: &[u8]) -> Vec<u8> {
    STANDARD.encode(secret).into_bytes()
}

pub fn hmac_signer<'a>(world: &'a TestWorld, key: &str, secret: &[u8]) -> Signer<'a> {
    let secret = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let sign = Box::new(move |base: &[u8]| hmac::sign(&secret, base).as_ref().to_vec());
    Signer { world, key: key.to_owned(), sign, offset: 0, components: ALL, parameters: "", spoil: &|base| base }
}

#[tokio::test]
async fn requests_signed_with_either_algorithm_are_the_partys() {
    let world = TestWorld::start().await;
    let (anna, ben) = (world.customer("Anna", 1_000).await, world.customer("Ben", 0).await);
    let send = |minor| json!({"payee": ben.number.to_string(), "money": eur(minor)});
    let (key, secret) = hmac_key(&world, &anna).await;
    let signer = hmac_signer(&world, &key, &secret);
    signer.post("/send", "1", &send(10)).await.with(200);
    let whole = Signer {
        components: &["@method", "@target-uri", "@authority", "content-digest", "idempotency-key"],
        parameters: ";alg=\"hmac-sha256\";nonce=\"n\"",
        ..hmac_signer(&world, &key, &secret)
    };
    whole.post("/send", "2", &send(20)).await.with(200);

    let pair = Ed25519KeyPair::generate().unwrap();
    let public_key = STANDARD.encode(pair.public_key().as_ref());
    let made = world.post(&anna, "/keys", &json!({"algorithm": "ed25519", "public_key": public_key})).await.with(200);
    assert_eq!(made["secret"], Value::Null);
    let key = made["key"].as_str().unwrap().to_owned();
    let sign = Box::new(move |base: &[u8]| pair.sign(base).as_ref().to_vec());
    let signer = Signer { world: &world, key, sign, offset: 0, components: ALL, parameters: "", spoil: &|base| base };
    signer.post("/send", "3", &send(30)).await.with(200);
    assert_eq!(world.minor(&ben).await, 60);
}

#[tokio::test]
async fn signatures_that_are_not_good_enough_are_refused() {
    let world = TestWorld::start().await;
    let (anna, ben) = (world.customer("Anna", 1_000).await, world.customer("Ben", 0).await);
    let send = json!({"payee": ben.number.to_string(), "money": eur(10)});
    let (key, secret) = hmac_key(&world, &anna).await;
    let good = || hmac_signer(&world, &key, &secret);
    let mut other = key.clone();
    other.replace_range(3..4, if key.get(3..4) == Some("0") { "1" } else { "0" });
    let table: Vec<(&str, Signer<'_>)> = vec![
        ("not @method", Signer { components: &["@path", "content-digest", "idempotency-key"], ..good() }),
        ("not @path", Signer { components: &["@method", "content-digest", "idempotency-key"], ..good() }),
        ("not the digest", Signer { components: &["@method", "@path", "idempotency-key"], ..good() }),
        ("not the key", Signer { components: &["@method", "@path", "content-digest"], ..good() }),
        ("too old", Signer { offset: -302, ..good() }),
        ("too new", Signer { offset: 302, ..good() }),
        ("expired", Signer { parameters: ";expires=1", ..good() }),
        ("another algorithm", Signer { parameters: ";alg=\"ed25519\"", ..good() }),
        ("another secret", hmac_signer(&world, &key, &[1; 32])),
        ("no such key", hmac_signer(&world, &other, &secret)),
        ("a key of no cell", hmac_signer(&world, "k99aabbccddeeff00112233", &secret)),
    ];
    for (what, signer) in table {
        let answer = signer.post("/send", "k", &send).await;
        assert_eq!(answer.status, 401, "{what}: {}", answer.json);
        answer.is_problem(401, "not_authenticated");
    }
    // A body that was changed on the way.
    let headers = good().headers("POST", "/send", "k", &send.to_string());
    let changed = json!({"payee": ben.number.to_string(), "money": eur(11)}).to_string();
    world.request("POST", "/send", &headers, &changed).await.is_problem(401, "not_authenticated");
    assert_eq!(world.minor(&anna).await, 1_000);
    good().post("/send", "k", &send).await.with(200);
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_once_and_only_its_owner_revokes_it() {
    let world = TestWorld::start().await;
    let (anna, ben) = (world.customer("Anna", 1_000).await, world.customer("Ben", 0).await);
    let send = json!({"payee": ben.number.to_string(), "money": eur(10)});
    let (key, secret) = hmac_key(&world, &anna).await;
    let signer = hmac_signer(&world, &key, &secret);
    signer.post("/send", "1", &send).await.with(200);
    let delete = async |who: &Somebody| {
        let bearer = format!("Authorization: Bearer {}\r\n", who.token);
        world.request("DELETE", &format!("/keys/{key}"), &bearer, "").await
    };
    delete(&ben).await.is_problem(404, "not_found");
    signer.post("/send", "2", &send).await.with(200);
    assert!(delete(&anna).await.with(200)["revoked_at"].is_string());
    signer.post("/send", "3", &send).await.is_problem(401, "not_authenticated");
    let list = world.get(&anna, "/keys").await.with(200);
    assert_eq!(list["keys"][0]["key"], key);
    assert!(!list.to_string().contains(&STANDARD.encode(&secret)), "{list}");
}

#[tokio::test]
async fn tokens_of_both_kinds_work_and_others_do_not() {
    let world = TestWorld::start().await;
    let anna = world.customer("Anna", 0).await;
    assert!(anna.token.starts_with("t07"), "{}", anna.token);
    // As tokens were made before they named their cell.
    let old = world.cell().vault.issue_token(anna.number).unwrap();
    let old = Somebody { number: anna.number, token: old };
    assert_eq!(world.get(&old, "/me").await.with(200)["name"], "Anna");
    for header in [
        "",
        "Authorization: Bearer\r\n",
        "Authorization: Bearer x\r\n",
        "Authorization: Basic x\r\n",
        "Signature-Input: s=(\r\n",
        &format!("Authorization: Bearer {}0\r\n", anna.token),
        &format!("Authorization: Bearer {}\r\n", anna.token.replacen("t07", "t08", 1)),
    ] {
        world.request("GET", "/me", header, "").await.is_problem(401, "not_authenticated");
    }
}
