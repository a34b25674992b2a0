//! Licences of everything that is linked, as SPDX expressions (SPDX 2.3, annex D).

use serde_json::Value;

use super::{list, text};

/// Welcome for any package.
const WELCOME: &[&str] = &[
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "BSL-1.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "BlueOak-1.0.0",
    "CDLA-Permissive-2.0",
];

/// Welcome only for packages whose names begin so: (licence, beginnings).
const ONLY_FOR: &[(&str, &[&str])] =
    &[("MPL-2.0", &["webauthn-rs", "webauthn-attestation-ca", "base64urlsafedata", "crypto-glue"])];

/// Every package with another licence.
pub fn check(dependencies: &Value) -> Vec<String> {
    let packages = list(dependencies, "packages").iter();
    packages
        .filter_map(|package| {
            let (name, expression) = (text(package, "name"), text(package, "license"));
            let problem = match is_welcome(name, expression) {
                Some(true) => return None,
                Some(false) => format!("licence {expression:?} is not welcome"),
                None => format!("licence {expression:?} cannot be read"),
            };
            Some(format!("{name} {}: {problem}", text(package, "version")))
        })
        .collect()
}

/// Whether one may use package `name` under `expression`; none if it is no expression.
fn is_welcome(name: &str, expression: &str) -> Option<bool> {
    // Cargo's older form of OR is a slash.
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser { name, words: &words };
    let welcome = parser.any()?;
    parser.words.is_empty().then_some(welcome)
}

struct Parser<'e> {
    name: &'e str,
    words: &'e [&'e str],
}

impl Parser<'_> {
    fn any(&mut self) -> Option<bool> {
        let mut welcome = self.all()?;
        while self.take("OR") {
            welcome |= self.all()?;
        }
        Some(welcome)
    }

    fn all(&mut self) -> Option<bool> {
        let mut welcome = self.one()?;
        while self.take("AND") {
            welcome &= self.one()?;
        }
        Some(welcome)
    }

    fn one(&mut self) -> Option<bool> {
        if self.take("(") {
            let welcome = self.any()?;
            return self.take(")").then_some(welcome);
        }
        let mut licence = self.word()?.to_owned();
        if self.take("WITH") {
            licence = format!("{licence} WITH {}", self.word()?);
        }
        let named = |(only, names): &(&str, &[&str])| {
            *only == licence && names.iter().any(|beginning| self.name.starts_with(beginning))
        };
        Some(WELCOME.contains(&licence.as_str()) || ONLY_FOR.iter().any(named))
    }

    fn word(&mut self) -> Option<&str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        (!matches!(*first, "OR" | "AND" | "WITH" | "(" | ")")).then_some(first)
    }

    fn take(&mut self, word: &str) -> bool {
        match self.words.split_first() {
            Some((first, rest)) if *first == word => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        for (name, expression, expected) in [
            ("a", "MIT", Some(true)),
            ("a", "Unlicense OR MIT", Some(true)),
            ("a", "Unlicense/MIT", Some(true)),
            ("a", "Apache-2.0 WITH LLVM-exception", Some(true)),
            ("a", "GPL-2.0 WITH Classpath-exception-2.0", Some(false)),
            ("a", "(MIT OR Apache-2.0) AND Unicode-3.0", Some(true)),
            ("a", "MIT AND OpenSSL", Some(false)),
            ("a", "MIT OR GPL-3.0 AND OpenSSL", Some(true)),
            ("a", "GPL-3.0-only", Some(false)),
            ("a", "MPL-2.0", Some(false)),
            ("webauthn-rs-core", "MPL-2.0", Some(true)),
            ("a", "", None),
            ("a", "MIT OR", None),
            ("a", "(MIT", None),
            ("a", "MIT Apache-2.0", None),
        ] {
            assert_eq!(is_welcome(name, expression), expected, "{name}: {expression}");
        }
    }

    #[test]
    fn bad_packages_are_found() {
        let sample = r#"{"packages": [
            {"name": "good", "version": "1.0.0", "license": "MIT"},
            {"name": "bad", "version": "1.0.0", "license": "AGPL-3.0"},
            {"name": "silent", "version": "2.0.0", "license": null}
        ]}"#;
        let findings = check(&serde_json::from_str(sample).unwrap());
        let expected = ["bad 1.0.0: licence \"AGPL-3.0\" is not welcome", "silent 2.0.0: licence \"\" cannot be read"];
        assert_eq!(findings, expected);
    }
}
