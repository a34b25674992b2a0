//! No parser panics, whatever the bytes: noise from a seeded generator, and valid inputs with damage done to them.

use sycee_alipay::codes::business;
use sycee_alipay::notify::is_acknowledged;
use sycee_alipay::rest::authorization::Authorization;
use sycee_alipay::rest::received::Received;
use sycee_alipay::signature::{SigningKey, VerifyingKey};
use sycee_alipay::timeout::TimeoutExpress;
use sycee_alipay::timestamps::LocalDateTime;
use sycee_alipay::wire::amount::parse_amount;
use sycee_alipay::wire::biz_content::BizContent;
use sycee_alipay::wire::callback_url::CallbackUrl;
use sycee_alipay::wire::parameters::{EmptyValues, Parameters};
use sycee_alipay::wire::request::UnverifiedRequest;
use sycee_alipay::wire::response::{NodeValue, ResponseKey};
use sycee_alipay::wire::upload;
use sycee_money::Currency;

thread_local! {
    static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
}

/// Marsaglia's xorshift with 64 bits.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap()
    }

    fn bytes(&mut self, alphabet: &[u8]) -> Vec<u8> {
        let length = self.below(80);
        (0..length)
            .map(
                |_| {
                    if alphabet.is_empty() {
                        self.next().to_le_bytes()[0]
                    } else {
                        alphabet[self.below(alphabet.len())]
                    }
                },
            )
            .collect()
    }

    fn damaged(&mut self, valid: &[u8]) -> Vec<u8> {
        let mut bytes = valid.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            match self.below(4) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, self.next().to_le_bytes()[0]),
                2 if at < bytes.len() => bytes[at] = self.next().to_le_bytes()[0],
                _ if at < bytes.len() => {
                    bytes.remove(at);
                }
                _ => {}
            }
        }
        bytes
    }
}

const ALPHABETS: &[&[u8]] = &[
    b"",
    b"{}[]\":,0123456789.eE+-ntrfalsu\\ ",
    b"&=%+0123456789abcdefABCDEF.",
    b"0123456789-: .mhdc",
    b"http://s?#@&=[]:.",
    b"ALIPAY-SHA256withRSA app_id=1,nonce=2,timestamp=3,sign=/v?",
    b"-BEGIN PUBLIC KEY\nMIIAQab+/=",
];

const VALID: &[&[u8]] = &[
    include_bytes!("fixtures/request.query"),
    include_bytes!("fixtures/request.body"),
    include_bytes!("fixtures/request_gbk.query"),
    include_bytes!("fixtures/merchant.spki.pem"),
    include_bytes!("fixtures/merchant.pkcs1.pem"),
    include_bytes!("fixtures/merchant.pkcs8.der"),
    include_bytes!("fixtures/response.json"),
    br#"{"a":{"b":[{"c":"x"}],"d":1.25e3},"total_amount":"88.88","e":null}"#,
    b"2026-11-23 03:10:47",
    b"90m",
    b"100000000.00",
    b"success",
    b"https://shop.example/notify?x=1#top",
    b"ALIPAY-SHA256withRSA app_id=2021,app_cert_sn=c0ffee,nonce=n-1,timestamp=1795514400123,sign=QUJD+/==",
    b"/v3/alipay/trade/fastpay/refund/query?out_trade_no=o%201&x=+",
    b"--x\r\ncontent-disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\nGIF8\r\n--x--\r\n",
    b"multipart/form-data; boundary=x",
];

/// Puts the bytes through every parser; true for each that accepted them.
fn feed(bytes: &[u8], key: &VerifyingKey) -> Vec<bool> {
    let middle = bytes.len() / 2;
    let parameters = Parameters::parse(&bytes[..middle], &bytes[middle..]);
    if let Ok(parameters) = &parameters {
        let _ = parameters.text_to_sign(&["sign"], EmptyValues::Kept);
        assert!(!ResponseKey::for_failed_request(parameters).as_str().contains('"'));
    }
    let whole = Parameters::parse(bytes, b"");
    let request = whole.as_ref().ok().and_then(|parameters| UnverifiedRequest::decode(parameters).ok());
    let text = String::from_utf8_lossy(bytes);
    let content = BizContent::parse(&text);
    if let Ok(content) = &content {
        let fields = content.fields();
        for name in ["a", "b", "total_amount", "e"] {
            let error = fields.text(name, 3).err();
            let _ = error.map(|error| error.into_failure(business::INVALID_PARAMETER).message);
            let _ = fields.identifier(name);
            let _ = fields.amount(name, Currency::JPY);
            let _ = fields.object(name).map(|inner| inner.objects("b", 9).is_ok());
        }
    }
    let json = NodeValue::from(text.as_ref()).to_json();
    assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    assert!(!json.contains(['{', '}']));
    let headers = axum::http::HeaderMap::new();
    let parts = RUNTIME.with(|runtime| runtime.block_on(upload::parts("x", bytes.to_vec().into())));
    let target = Received { verb: "GET", target: &text, headers: &headers, body: bytes };
    let _ = target.parameters(b"", None);
    let plain = Received { target: "/v3/alipay/trade/query?b=1", ..target };
    vec![
        parameters.is_ok(),
        request.is_some_and(|request| request.verify(key).is_ok()),
        content.is_ok(),
        VerifyingKey::parse(&text).is_ok(),
        SigningKey::from_pkcs8_der(bytes).is_ok(),
        key.verify(b"text", bytes),
        parse_amount(&text, Currency::CNY).is_ok(),
        TimeoutExpress::parse(&text).is_some(),
        LocalDateTime::parse(&text).is_some(),
        CallbackUrl::parse(&text).is_some(),
        is_acknowledged(bytes),
        Authorization::parse(&text).is_ok(),
        target.method().is_some(),
        plain.parameters(bytes, None).is_ok(),
        parts.is_ok(),
        upload::boundary(&text).is_ok(),
    ]
}

#[test]
fn noise_and_damage_are_answered_without_panic() {
    let key = VerifyingKey::parse(include_str!("fixtures/merchant.spki.pem")).unwrap();
    let mut noise = Noise(0x5EED_0F5E_11AB_1E00);
    for round in 0..6_000 {
        let alphabet = ALPHABETS[round % ALPHABETS.len()];
        let _ = feed(&noise.bytes(alphabet), &key);
    }
    for round in 0..4_000 {
        let damaged = noise.damaged(VALID[round % VALID.len()]);
        let _ = feed(&damaged, &key);
    }
}

/// The undamaged inputs do reach the inside of each parser, so that the damage above is done to something.
#[test]
fn every_parser_accepts_some_valid_input() {
    let key = VerifyingKey::parse(include_str!("fixtures/merchant.spki.pem")).unwrap();
    let mut accepted = [false; 16];
    let whole_request = [include_str!("fixtures/request.query"), "&", include_str!("fixtures/request.body")].concat();
    let signer = SigningKey::from_pkcs8_der(include_bytes!("fixtures/merchant.pkcs8.der")).unwrap();
    let signature = signer.sign(b"text").unwrap();
    for input in VALID.iter().copied().chain([whole_request.as_bytes(), signature.as_bytes()]) {
        for (parser, accepts) in accepted.iter_mut().zip(feed(input, &key)) {
            *parser |= accepts;
        }
    }
    assert_eq!(accepted, [true; 16]);
}
