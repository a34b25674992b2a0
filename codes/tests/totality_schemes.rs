//! Codes of lines and details of schemes: an answer for whatever is given, and what is read can be written.

mod random;

use random::Random;
use serde_json::Value as Json;
use sycee_codes::scheme::{check, hex_of_message, message_of_hex};
use sycee_codes::{Kind, decode, epc, iban, scheme, swiss};

const ALPHABET: &str = "0123456789ABCDEFRSKXYZ .:/+-@\n\r\0\"\\éß１最ร😀\u{feff}\u{10ffff}";

fn seeds() -> Vec<String> {
    let europe: Json = serde_json::from_str(include_str!("vectors/qr_europe.json")).unwrap();
    let national: Json = serde_json::from_str(include_str!("vectors/qr_mpm.json")).unwrap();
    let lists = [&europe["epc"]["vectors"], &europe["swiss"]["vectors"], &national["vectors"]];
    let all = lists.into_iter().flat_map(|list| list.as_array().unwrap());
    all.map(|one| one["payload"].as_str().unwrap().to_string()).collect()
}

/// The text with one to three characters replaced, removed or inserted, or one line doubled.
fn mutated(random: &mut Random, seed: &str, alphabet: &[char]) -> String {
    let mut characters: Vec<char> = seed.chars().collect();
    for _ in 0..=random.below(3) {
        let at = random.below(characters.len().max(1)).min(characters.len().saturating_sub(1));
        match random.below(4) {
            0 => characters[at] = *random.pick(alphabet),
            1 if characters.len() > 1 => {
                characters.remove(at);
            }
            2 => characters.insert(at, *random.pick(alphabet)),
            _ => characters.insert(at, '\n'),
        }
    }
    characters.into_iter().collect()
}

#[test]
fn any_text_gets_an_answer_and_what_is_read_can_be_written() {
    let seeds = seeds();
    let alphabet: Vec<char> = ALPHABET.chars().collect();
    let mut random = Random(31_331);
    let (mut rewritten, mut generated) = (0_usize, 0_usize);
    for case in 0..120_000 {
        let seed = random.pick(&seeds).clone();
        let text = if case % 4 == 0 { random.text(ALPHABET, 80) } else { mutated(&mut random, &seed, &alphabet) };
        let decoded = decode(&text);
        let written = match decoded.kind {
            Kind::Epc => Some(epc::write(&decoded.fields)),
            Kind::SwissQr => Some(swiss::write(&decoded.fields)),
            _ => None,
        };
        // A carriage return within a line is the one thing that cannot be written. Of a text with too many lines the
        // last are not kept, so that empty ones may then stand at the end.
        if let Some(Ok(written)) = written.filter(|_| decoded.valid) {
            rewritten += 1;
            let again = decode(&written);
            assert_eq!((again.kind, &again.fields), (decoded.kind, &decoded.fields), "{text:?}");
        }
        if let Some(details) = &decoded.details {
            let _ = check(details);
            if let Ok(payload) = details.generate() {
                generated += 1;
                let again = decode(&payload);
                assert!(again.valid, "{payload:?} of {text:?}");
                let row = scheme::named(&details.scheme).unwrap();
                assert!(again.problems.iter().all(|one| row.tolerates(one)), "{payload:?}: {:?}", again.problems);
                assert_eq!(again.details.unwrap().accounts, in_order(details), "{text:?}");
            }
        }
        let _ = (epc::parse(&text), swiss::parse(&text), iban::is_iban(&text), iban::is_bic(&text));
        let _ = (scheme::is_thai_number(&text), scheme::thai_mobile(&text), swiss::is_qr_iban(&text));
        if let Some(message) = message_of_hex(&text) {
            assert!(hex_of_message(&message).is_none_or(|hex| hex.eq_ignore_ascii_case(&text)), "{text:?}");
        }
    }
    assert!(rewritten > 1_000 && generated > 5_000, "{rewritten} {generated}");
}

/// The accounts as a writer puts them: templates in order, and within them the values in the order of their ids.
fn in_order(details: &scheme::SchemeDetails) -> Vec<scheme::AccountDetails> {
    let mut accounts = details.accounts.clone();
    accounts.sort_by_key(|account| account.template);
    for account in &mut accounts {
        let layout = scheme::layout(&account.scheme, account.template).unwrap();
        let path = |name: &str| layout.account.iter().find(|item| item.name == name).map_or("00", |item| item.path);
        account.values.sort_by_key(|named| path(&named.name));
    }
    accounts
}

#[test]
fn long_and_hostile_texts_are_read_in_linear_time() {
    for start in ["BCD\n", "SPC\n"] {
        for tail in ["\n".repeat(1_000_000), "9\n".repeat(500_000), "x".repeat(1_000_000), "\r".repeat(1_000_000)] {
            let decoded = decode(&format!("{start}{tail}x"));
            assert!(!decoded.valid && decoded.problems.len() < 100);
        }
    }
    let _ = message_of_hex(&"0041".repeat(250_000));
    let _ = iban::is_iban(&"9".repeat(1_000_000));
}
