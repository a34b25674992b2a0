//! Every function that reads answers for whatever it is given. The cases are pseudo-random and the same in each run.

mod random;

use random::Random;
use serde_json::Value as Json;
use sycee_codes::emvco::merchant::parse;
use sycee_codes::numeric::{classify, decode_pay_code};
use sycee_codes::{Field, Value, decode, scheme};

const CASES: usize = 250_000;

/// What breaks readers: structure, digits that are none, characters of two to four bytes, joiners, controls.
const ALPHABET: &str =
    "00112233445566778899009912628064 aZ.:/?#@%&=+-*\\\"\0\n\u{7f}éß１٣最ร้ភ្😀\u{200d}\u{feff}\u{10ffff}";

fn seeds() -> Vec<String> {
    let mpm: Json = serde_json::from_str(include_str!("vectors/qr_mpm.json")).unwrap();
    let cpm: Json = serde_json::from_str(include_str!("vectors/qr_cpm.json")).unwrap();
    let uri: Json = serde_json::from_str(include_str!("vectors/uri_codes.json")).unwrap();
    let texts = |list: &Json, member: &str| -> Vec<String> {
        let list = list.as_array().unwrap().iter();
        list.map(|one| one[member].as_str().unwrap().to_string()).collect()
    };
    let mut seeds = texts(&mpm["vectors"], "payload");
    seeds.extend(texts(&cpm["bertlv"], "payload"));
    seeds.extend(texts(&cpm["numeric_payment_codes"], "code"));
    seeds.extend(texts(&uri["alipay_plus_mpm"]["url_codes"], "pattern"));
    seeds.push(uri["upi"]["examples"][0].as_str().unwrap().to_string());
    seeds
}

/// The text with a few characters replaced, removed, inserted, doubled or cut off.
fn mutated(random: &mut Random, seed: &str, alphabet: &[char]) -> String {
    let mut characters: Vec<char> = seed.chars().collect();
    for _ in 0..=random.below(3) {
        let at = random.below(characters.len() + 1);
        match random.below(6) {
            0 if at < characters.len() => characters[at] = *random.pick(alphabet),
            1 if at < characters.len() => {
                characters.remove(at);
            }
            2 => characters.insert(at, *random.pick(alphabet)),
            3 => characters.truncate(at),
            4 => {
                let tail = characters[at..].to_vec();
                characters.extend(tail);
            }
            _ => {
                let digit = *random.pick(&['0', '1', '2', '5', '9']);
                if at < characters.len() {
                    characters[at] = digit;
                }
            }
        }
    }
    characters.into_iter().collect()
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

#[test]
fn any_text_gets_an_answer() {
    let seeds = seeds();
    let alphabet: Vec<char> = ALPHABET.chars().collect();
    let mut random = Random(20_261_123);
    let mut valid_count = 0_usize;
    for case in 0..CASES {
        let text = if case % 4 == 0 {
            random.text(ALPHABET, 60)
        } else {
            let seed = random.pick(&seeds).clone();
            mutated(&mut random, &seed, &alphabet)
        };
        let decoded = decode(&text);
        check_tree(&decoded.fields, 1, &text);
        valid_count += usize::from(decoded.valid);
        let json = decoded.to_json();
        // Reading all of them back with the full parser would take most of the test's time.
        if case % 16 == 0 {
            let json: Json = serde_json::from_str(&json).unwrap();
            assert_eq!(json["valid"], decoded.valid, "{text}");
        }
        let parsed = parse(&text);
        check_tree(&parsed.fields, 1, &text);
        assert_eq!(parsed.valid, !parsed.problems.iter().any(|one| one.kind.invalidates()));
        let _ = scheme::accounts(&parsed.fields).count();
        let _ = classify(&text);
        let _ = decode_pay_code(&text);
    }
    // Both sides are reached: numbers and links stay valid under most mutations, payloads hardly ever.
    assert!(valid_count > CASES / 50 && valid_count < CASES / 2, "{valid_count}");
}

#[test]
fn long_and_hostile_texts_are_read_in_linear_time() {
    let texts = [
        "0000".repeat(250_000),
        "5901x".repeat(200_000),
        "9".repeat(1_000_000),
        "😀".repeat(250_000),
        format!("https://x.example/?{}", "%".repeat(1_000_000)),
        format!("upi://pay?{}", "a=%&".repeat(250_000)),
        (0..200_000).fold(String::from("upi://pay?"), |text, number| text + &format!("{number}&")),
        format!("000201{}", "26990095".repeat(100_000)),
    ];
    for text in texts {
        let decoded = decode(&text);
        assert!(decoded.problems.len() < 1_000);
        let _ = decoded.to_json();
        let _ = parse(&text);
    }
}
