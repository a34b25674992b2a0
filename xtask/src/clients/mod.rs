//! `cargo xtask clients`: the typed halves of `clients/`, made from docs/openapi.json. `--check` only compares; so does a test.
//!
//! Why not a generator from a registry: those that were looked at write a file for each type, or every possible answer of every
//! operation into the types. This writes one module for each language, of what a caller uses.

mod document;
mod python;
mod typescript;

use std::collections::BTreeMap;
use std::path::Path;

use crate::run::{Failure, Result, fail, root};
use document::Api;

const DOCUMENT: &str = "docs/openapi.json";
const CURRENCIES: &str = "kernel/money/data/iso4217.csv";

/// Renews the generated files, or says which of them are stale.
pub fn run(arguments: &[String]) -> Result {
    let root = root()?;
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => {
            for (path, text) in generated(&root)? {
                std::fs::write(root.join(path), text)?;
                println!("wrote {path}");
            }
            Ok(())
        }
        ["--check"] => {
            let stale = stale(&root)?;
            if stale.is_empty() { Ok(()) } else { fail(format!("stale, renew by `cargo xtask clients`: {stale:?}")) }
        }
        _ => fail("clients takes --check or nothing"),
    }
}

/// The files that are not what the document says.
fn stale(root: &Path) -> Result<Vec<&'static str>> {
    let is_stale = |path: &str, text: &str| std::fs::read_to_string(root.join(path)).ok().as_deref() != Some(text);
    Ok(generated(root)?.into_iter().filter(|(path, text)| is_stale(path, text)).map(|(path, _)| path).collect())
}

fn generated(root: &Path) -> Result<Vec<(&'static str, String)>> {
    let text = std::fs::read_to_string(root.join(DOCUMENT))?;
    let document = serde_json::from_str(&text).map_err(|error| Failure(format!("{DOCUMENT}: {error}")))?;
    let api = Api::read(&document)?;
    let currencies = std::fs::read_to_string(root.join(CURRENCIES))?;
    let digits = digits(&currencies);
    Ok(vec![
        ("clients/typescript/src/generated.ts", typescript::write(&api, &digits)),
        ("clients/python/sycee_client/generated.py", python::write(&api, &digits)),
    ])
}

/// How many decimals a currency has, by its code.
fn digits(table: &str) -> BTreeMap<&str, &str> {
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|line| {
        let mut cells = line.split(',');
        Some((cells.next()?, cells.nth(1)?))
    })
    .collect()
}

/// Text in lines that fit, each behind `before`.
fn wrapped(text: &str, before: &str) -> Vec<String> {
    let mut lines = vec![before.to_owned()];
    for word in text.split_whitespace() {
        let line = lines.last().map_or(0, |line| line.chars().count());
        if line > before.chars().count() && line + 1 + word.chars().count() > 118 {
            lines.push(before.to_owned());
        }
        if let Some(line) = lines.last_mut() {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines
}

/// `create_order_with_code` as `CreateOrderWithCode`.
fn pascal(snake: &str) -> String {
    let capital = |word: &str| {
        let mut characters = word.chars();
        characters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(characters).collect::<String>()
    };
    snake.split(['_', '-']).map(capital).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
    }

    #[test]
    fn the_generated_clients_are_fresh() {
        assert_eq!(stale(repository()), Ok(vec![]), "renew them: cargo xtask clients");
    }

    #[test]
    fn a_changed_document_makes_them_stale() {
        let text = std::fs::read_to_string(repository().join(DOCUMENT)).unwrap();
        let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let before = Api::read(&document).unwrap();
        document["components"]["schemas"]["SendBody"]["properties"]["money"] = serde_json::json!({"type": "string"});
        let after = Api::read(&document).unwrap();
        let digits = BTreeMap::new();
        assert_ne!(typescript::write(&before, &digits), typescript::write(&after, &digits));
        assert_ne!(python::write(&before, &digits), python::write(&after, &digits));
    }

    #[test]
    fn the_decimals_of_currencies_are_those_of_the_kernel() {
        let digits = digits("# comment\nEUR,978,2,Euro\nJPY,392,0,Yen\nKWD,414,3,Kuwaiti Dinar\n");
        assert_eq!(digits, BTreeMap::from([("EUR", "2"), ("JPY", "0"), ("KWD", "3")]));
    }

    #[test]
    fn long_texts_are_wrapped() {
        let lines = wrapped(&"word ".repeat(40), " *");
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.starts_with(" * word") && line.len() <= 118));
    }
}
