//! Targets for payment codes: whatever the text, there is an answer, and what the documentation promises of it holds.

use std::borrow::Cow;

use sycee_codes::alipay_plus::{LinkCode, PaymentCode, merchant};
use sycee_codes::emvco::{consumer, merchant as merchant_code};
use sycee_codes::numeric::{classify, decode_pay_code};
use sycee_codes::own::{OwnCode, folded};
use sycee_codes::routing::{RoutingPattern, choose, routing_keys};
use sycee_codes::{Decoded, Field, Kind, Value, epc as sepa, field, iban, scheme, swiss as bill, upi};

/// Fields nest no deeper than this.
const LEVELS_MAX: usize = 8;

fn text(data: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(data)
}

fn check_tree(fields: &[Field], level: usize) {
    assert!(level <= LEVELS_MAX, "fields nest too deep");
    for (position, field) in fields.iter().enumerate() {
        assert!(!fields[..position].iter().any(|other| other.id == field.id), "{} stands twice", field.id);
        if let Value::Template(inner) = &field.value {
            check_tree(inner, level + 1);
        }
    }
}

/// Any text: a tree without repeated ids, JSON that can be read, validity that follows from the problems.
pub fn decode(data: &[u8]) {
    let decoded = sycee_codes::decode(&text(data));
    // Looking at every pair of parameters of a long link would be the slowest part of all.
    if data.len() < 4_096 {
        check_tree(&decoded.fields, 1);
    }
    assert_eq!(decoded.valid, !decoded.problems.iter().any(|problem| problem.kind.invalidates()));
    let json: serde_json::Value = match serde_json::from_str(&decoded.to_json()) {
        Ok(json) => json,
        Err(error) => panic!("not JSON: {error}"),
    };
    assert_eq!(json["valid"], decoded.valid);
    assert_eq!(json["kind"], decoded.kind.as_str());
}

/// The fields of a code without the checksum, which is computed when it is written.
fn contents(decoded: &Decoded) -> Vec<&Field> {
    let is_checksum = |id: &str| decoded.kind == Kind::EmvcoMpm && id == merchant_code::CRC_ID;
    decoded.fields.iter().filter(|field| !is_checksum(&field.id)).collect()
}

/// A valid code that can be encoded says the same when it is decoded again. Links have more texts than meanings.
pub fn encode(data: &[u8]) {
    let decoded = sycee_codes::decode(&text(data));
    if !decoded.valid {
        return;
    }
    let Ok(encoded) = sycee_codes::encode(decoded.kind.as_str(), &decoded.fields) else {
        return;
    };
    let again = sycee_codes::decode(&encoded);
    if decoded.kind != Kind::Url {
        assert_eq!((again.kind, contents(&again)), (decoded.kind, contents(&decoded)), "{encoded:?}");
    }
}

/// Merchant-presented codes: what a scheme's writer writes is valid, and has only what the scheme tolerates.
pub fn merchant_presented(data: &[u8]) {
    let text = text(data);
    let parsed = merchant_code::parse(&text);
    let _ = scheme::accounts(&parsed.fields).count();
    let _ = field::text_at(&parsed.fields, &text);
    if let Some(details) = scheme::details(&parsed.fields) {
        let _ = scheme::check(&details);
        if let Ok(payload) = details.generate() {
            let again = sycee_codes::decode(&payload);
            assert!(again.valid, "{payload:?}");
            let row = scheme::named(&details.scheme);
            let tolerates = |problem| row.is_some_and(|row| row.tolerates(problem));
            assert!(again.problems.iter().all(tolerates), "{payload:?}: {:?}", again.problems);
        }
    }
    if let Some(message) = scheme::message_of_hex(&text) {
        let hex = scheme::hex_of_message(&message);
        assert!(hex.is_none_or(|hex| hex.eq_ignore_ascii_case(&text)));
    }
    let _ = (scheme::is_thai_number(&text), scheme::thai_mobile(&text), scheme::true_money_wallet(&text));
}

/// Consumer-presented codes, and the bytes in them.
pub fn consumer_presented(data: &[u8]) {
    let parsed = consumer::parse(&text(data));
    check_tree(&parsed.fields(), 1);
    for application in parsed.applications() {
        let _ = (application.id(), application.label(), application.track_2(), application.cardholder_name());
        let _ = (application.languages().count(), application.issuer_url(), application.cryptogram());
        let _ = (application.payment_account_reference(), application.token_requestor_id());
        if let Some(number) = application.account_number() {
            assert!(!number.masked().is_empty());
        }
    }
    let _ = (consumer::AccountNumber::from_packed(data), consumer::Track2::from_packed(data));
}

/// Numeric codes.
pub fn numeric(data: &[u8]) {
    let text = text(data);
    let _ = classify(&text);
    if let Ok(code) = decode_pay_code(&text) {
        let whole = code.prefix.len() + code.routing.len() + code.random.len() + 1;
        assert_eq!(whole, text.len());
    }
    let _ = PaymentCode::parse(&text).map(|code| (code.issuer(), code.route(), code.type_digits()));
}

/// Links.
pub fn url(data: &[u8]) {
    let link = format!("upi://pay?{}", text(data));
    let decoded = sycee_codes::decode(&link);
    let query = field::find(&decoded.fields, "query").and_then(Value::as_template).unwrap_or_default();
    let _ = upi::check(query);
    let _ = upi::handle(&text(data));
    let _ = sycee_codes::decode(&format!("https://{}", text(data)));
    let _ = sycee_codes::decode(&format!("ST0001{}", text(data)));
}

/// Alipay+ codes and links.
pub fn alipay_plus(data: &[u8]) {
    let text = text(data);
    let mut problems = Vec::new();
    check_tree(&merchant::parse_payload(&text, &mut problems), 1);
    let _ = LinkCode::of_path(&text).map(|code| (code.code_type(), code.leading_digits()));
    let _ = PaymentCode::parse(&text).map(|code| (code.shape(), code.code_type()));
    let _ = sycee_codes::decode(&format!("https://qr.example.com/MPM/3/{text}"));
}

/// European bills: what has been read is written and read again.
pub fn epc(data: &[u8]) {
    let text = text(data);
    let parsed = sepa::parse(&text);
    if let Ok(written) = sepa::write(&parsed.fields) {
        assert_eq!(sepa::parse(&written).fields, parsed.fields);
    }
    let _ = (iban::is_iban(&text), iban::is_bic(&text), iban::is_creditor_reference(&text));
}

/// Swiss bills, the same.
pub fn swiss(data: &[u8]) {
    let text = text(data);
    let parsed = bill::parse(&text);
    if let Ok(written) = bill::write(&parsed.fields) {
        assert_eq!(bill::parse(&written).fields, parsed.fields);
    }
    let _ = (bill::is_qr_iban(&text), bill::is_qr_reference(&text));
}

/// Our own codes: one that is read is of that market, and its name fits into the label.
pub fn own(data: &[u8]) {
    let text = text(data);
    if OwnCode::parse(&text, seeds_guid()).is_some() {
        assert!(OwnCode::parse(&text, "org.sycee.elsewhere").is_none());
    }
    let name = folded(&text, 25);
    assert!(name.is_ascii() && !name.is_empty() && name.len() <= 25);
}

/// The globally unique id of the market whose codes are the seeds.
pub fn seeds_guid() -> &'static str {
    "org.sycee.fr"
}

/// Routing: the first line is a pattern, the rest a code. A pattern's text is read as that pattern again.
pub fn routing(data: &[u8]) {
    let text = text(data);
    let (pattern, code) = text.split_once('\n').unwrap_or((&text, ""));
    let keys = routing_keys(&sycee_codes::decode(code));
    let Ok(pattern) = pattern.parse::<RoutingPattern>() else {
        return;
    };
    assert_eq!(pattern.to_string().parse().as_ref(), Ok(&pattern));
    assert!(pattern.overlaps(&pattern), "{pattern}");
    let matching = keys.iter().any(|key| pattern.matches(key).is_some());
    assert_eq!(choose(&keys, [&pattern]).is_some(), matching, "{pattern}");
}
