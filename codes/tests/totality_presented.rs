//! Consumer-presented codes, Alipay+, UPI, GOST and routing answer for whatever they are given. The cases are
//! pseudo-random and the same in each run.

mod random;

use random::Random;
use serde_json::Value as Json;
use sycee_codes::emvco::consumer::{self, AccountNumber, Track2};
use sycee_codes::numeric::pay_code_issuer;
use sycee_codes::routing::{RoutingPattern, choose, routing_keys};
use sycee_codes::{Field, Value, decode};

const CASES: usize = 120_000;

fn payloads() -> Vec<String> {
    let cpm: Json = serde_json::from_str(include_str!("vectors/qr_cpm.json")).unwrap();
    let vectors = cpm["bertlv"].as_array().unwrap();
    vectors.iter().map(|one| one["payload"].as_str().unwrap().to_string()).collect()
}

fn hexes() -> Vec<Vec<u8>> {
    let cpm: Json = serde_json::from_str(include_str!("vectors/qr_cpm.json")).unwrap();
    let vectors = cpm["bertlv"].as_array().unwrap();
    let bytes =
        |hex: &str| (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    vectors.iter().filter_map(|one| one["hex"].as_str()).map(bytes).collect()
}

fn base64(bytes: &[u8]) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..=group.len() {
            text.push(char::from(alphabet[(bits >> (18 - 6 * place) & 63) as usize]));
        }
        text.extend(std::iter::repeat_n('=', 3 - group.len()));
    }
    text
}

/// No id twice on a level, no template empty, three levels at most.
fn check_tree(fields: &[Field], level: usize, text: &str) {
    assert!(level <= 3, "{text}");
    for (position, field) in fields.iter().enumerate() {
        assert!(fields[..position].iter().all(|other| other.id != field.id), "{text}");
        if let Value::Template(inner) = &field.value {
            assert!(!inner.is_empty(), "{text}");
            check_tree(inner, level + 1, text);
        }
    }
}

fn check(text: &str, patterns: &[RoutingPattern]) -> bool {
    let decoded = decode(text);
    check_tree(&decoded.fields, 1, text);
    let parsed = consumer::parse(text);
    check_tree(&parsed.fields(), 1, text);
    assert_eq!(parsed.valid, !parsed.problems.iter().any(|one| one.kind.invalidates()));
    for application in parsed.applications() {
        let _ = (application.id(), application.label(), application.account_number(), application.track_2());
        let _ = (application.cryptogram(), application.transaction_counter(), application.token_requestor_id());
        let _ = (application.last_four_digits(), application.languages().count());
    }
    let keys = routing_keys(&decoded);
    assert!(decoded.valid || keys.is_empty(), "{text}");
    let chosen = choose(&keys, patterns);
    assert_eq!(chosen.is_some(), patterns.iter().any(|one| keys.iter().any(|key| one.matches(key).is_some())));
    let _ = pay_code_issuer(text, &["28", "2833"]);
    decoded.valid
}

fn patterns() -> Vec<RoutingPattern> {
    let texts = ["guid:com.alipay", "aid:A000000602", "digits:28", "url:qr.alipay.com/", "card:02", "scheme:unionpay"];
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn any_bytes_in_base64_get_an_answer() {
    let (seeds, patterns) = (hexes(), patterns());
    let mut random = Random(20_261_123);
    let mut valid_count = 0_usize;
    for case in 0..CASES {
        let mut bytes: Vec<u8> = random.pick(&seeds).clone();
        if case % 5 == 0 {
            bytes.truncate(7);
            bytes.extend((0..random.below(40)).map(|_| u8::try_from(random.next() % 256).unwrap()));
        }
        for _ in 0..random.below(4) {
            let at = random.below(bytes.len());
            match random.below(5) {
                0 => bytes[at] = *random.pick(&[0, 1, 0x1F, 0x61, 0x62, 0x7F, 0x80, 0x81, 0x84, 0x9F, 0xFF]),
                1 => bytes.truncate(at.max(7)),
                2 => bytes.insert(at, *random.pick(&[0, 0x61, 0xFF])),
                3 => {
                    bytes.remove(at);
                }
                _ => {
                    let tail = bytes[at..].to_vec();
                    bytes.extend(tail);
                }
            }
        }
        let text = base64(&bytes);
        valid_count += usize::from(check(&text, &patterns));
        let _ = (AccountNumber::from_packed(&bytes), Track2::from_packed(&bytes));
    }
    assert!(valid_count > CASES / 20 && valid_count < CASES * 3 / 4, "{valid_count}");
}

#[test]
fn any_text_gets_an_answer() {
    let (seeds, patterns) = (payloads(), patterns());
    let mut random = Random(7_816);
    for case in 0..CASES {
        let text = if case % 3 == 0 {
            format!("hQVDUFYw{}", random.text("AZaz09+/=-_ é", 60))
        } else {
            let seed: Vec<char> = random.pick(&seeds).chars().collect();
            let mut characters = seed.clone();
            for _ in 0..=random.below(3) {
                let at = random.below(characters.len());
                match random.below(4) {
                    0 => characters[at] = *random.pick(&['A', '/', '=', '_', 'é', '\0', ' ']),
                    1 => characters.truncate(at.max(1)),
                    2 => characters.insert(at, *random.pick(&['=', 'A', '\n'])),
                    _ => characters.swap(at, 0),
                }
            }
            characters.into_iter().collect()
        };
        let _ = check(&text, &patterns);
    }
}

#[test]
fn every_beginning_and_every_flipped_bit_gets_an_answer() {
    let patterns = patterns();
    for bytes in hexes() {
        for end in 0..bytes.len() {
            let _ = check(&base64(&bytes[..end]), &patterns);
        }
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                let _ = check(&base64(&flipped), &patterns);
            }
        }
    }
}

#[test]
fn long_and_hostile_codes_are_read_in_linear_time() {
    let repeat = |piece: &str, count: usize| format!("hQVDUFYwMW{}", piece.repeat(count));
    let distinct: Vec<u8> = (0x9F01_u16..0x9F7F).chain(0xDF01..0xDF7F).flat_map(u16::to_be_bytes).collect();
    let distinct: Vec<u8> = distinct.chunks(2).flat_map(|tag| [tag[0], tag[1], 0]).collect();
    let nested = (0..700_usize).fold(vec![0x50, 0], |inner, _| {
        let length = u16::try_from(inner.len()).unwrap().to_be_bytes();
        [&[0x61, 0x82, length[0], length[1]], inner.as_slice()].concat()
    });
    let head = [0x85, 5, b'C', b'P', b'V', b'0', b'1'];
    let texts = [
        repeat("A", 1_000_000),
        repeat("YQBh", 400_000),
        repeat("=", 1_000_000),
        repeat("😀", 250_000),
        base64(&[&head[..], &distinct].concat()),
        base64(&[&head[..], &nested[nested.len() - 2_000..]].concat()),
        base64(&[&head[..], &[0x61, 0].repeat(1_000)].concat()),
        format!("https://qr.example.com/MPM/3/{}", "R1BM".repeat(250_000)),
        format!("https://qr.example.com/MPM/3/{}", "%41".repeat(300_000)),
        format!("https://global.alipay.com/28{}", "1".repeat(1_000_000)),
        format!("upi://pay?pa={}", "@".repeat(1_000_000)),
        "1".repeat(1_000_000),
    ];
    for text in texts {
        let decoded = decode(&text);
        assert!(decoded.problems.len() < 3_000);
        let _ = (decoded.to_json(), routing_keys(&decoded), consumer::parse(&text), pay_code_issuer(&text, &["28"]));
    }
}

#[test]
fn any_text_is_a_pattern_or_none() {
    let mut random = Random(44);
    let mut read = 0;
    for _ in 0..CASES {
        let kind = *random.pick(&["guid:", "aid:", "digits:", "url:", "card:", "scheme:", ""]);
        let text = format!("{kind}{}", random.text("aA01.:/*@=_%é -?#", 14));
        let Ok(pattern) = text.parse::<RoutingPattern>() else {
            continue;
        };
        read += 1;
        let shown = pattern.to_string();
        assert_eq!(shown.parse::<RoutingPattern>().as_ref(), Ok(&pattern), "{text}");
        assert!(pattern.overlaps(&pattern) && pattern.conflicts_with(&pattern), "{text}");
    }
    assert!(read > CASES / 50, "{read}");
}
