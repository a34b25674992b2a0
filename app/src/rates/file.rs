//! Rates from a file that somebody else writes.
//!
//! ```text
//! source,Treasury desk
//! as_of,2026-11-23T09:00:00Z
//! EUR,THB,37.8123
//! THB,EUR,0.026447
//! ```
//!
//! One `source` and one `as_of` line, then a line for each pair: how many of the second one of the first buys, at
//! mid-market. Lines that begin with `#` and empty ones are passed over. A file that cannot be read whole changes nothing.

use jiff::Timestamp;
use sycee_interop::command::{RateOfPair, SetRates};
use sycee_money::{Currency, Rate};

/// Reads a file.
///
/// # Errors
/// The line and what is wrong there.
pub fn parse(text: &str) -> Result<SetRates, String> {
    if !text.ends_with('\n') {
        return Err("the last line has no end: the file may not be written whole yet".into());
    }
    let (mut source, mut at_ns) = (None, None);
    let mut rates: Vec<RateOfPair> = Vec::new();
    for (number, line) in text.lines().enumerate().map(|(index, line)| (index + 1, line.trim())) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = |what: String| format!("line {number}: {what}");
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        match fields.as_slice() {
            ["source", name] if source.is_none() => source = Some((*name).to_owned()),
            ["as_of", instant] if at_ns.is_none() => {
                let instant: Timestamp =
                    instant.parse().map_err(|_| wrong(format!("{instant:?} is no RFC 3339 time")))?;
                at_ns = Some(u64::try_from(instant.as_nanosecond()).map_err(|_| wrong("before 1970".into()))?);
            }
            ["source" | "as_of", _] => return Err(wrong(format!("{} stands twice", fields[0]))),
            [base, counter, rate] => {
                let currency = |code: &str| {
                    Currency::from_code(code).ok_or_else(|| wrong(format!("{code:?} is no ISO 4217 currency")))
                };
                let pair = RateOfPair {
                    base: currency(base)?,
                    counter: currency(counter)?,
                    rate: Rate::parse_decimal(rate).map_err(|error| wrong(format!("{rate:?}: {error}")))?,
                };
                if pair.base == pair.counter {
                    return Err(wrong(format!("{base} against itself")));
                }
                if rates.iter().any(|before| (before.base, before.counter) == (pair.base, pair.counter)) {
                    return Err(wrong(format!("{base} in {counter} stands twice")));
                }
                rates.push(pair);
            }
            _ => return Err(wrong("neither source, as_of nor base,counter,rate".into())),
        }
    }
    let source = source.ok_or("no source line")?;
    let at_ns = at_ns.ok_or("no as_of line")?;
    if rates.is_empty() { Err("no rates".into()) } else { Ok(SetRates { source, at_ns, rates }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "source,Treasury desk\n# morning\nas_of,2026-11-23T09:00:00Z\n\nEUR,THB,37.8123\nTHB, EUR ,0.026447\n";

    #[test]
    fn a_file_is_read_whole() {
        let set = parse(GOOD).unwrap();
        assert_eq!((set.source.as_str(), set.at_ns), ("Treasury desk", 1_795_424_400_000_000_000));
        let shown: Vec<String> =
            set.rates.iter().map(|pair| format!("{} {} {}", pair.base, pair.counter, pair.rate)).collect();
        assert_eq!(shown, ["EUR THB 37.8123", "THB EUR 0.026447"]);
    }

    #[test]
    fn a_bad_line_is_named() {
        for (from, to, expected) in [
            ("source,Treasury desk", "", "no source"),
            ("as_of,2026-11-23T09:00:00Z", "", "no as_of"),
            ("2026-11-23T09:00:00Z", "yesterday", "line 3: \"yesterday\""),
            ("37.8123", "0", "line 5: \"0\""),
            ("37.8123", "-1", "line 5"),
            ("37.8123", "1e3", "line 5"),
            ("EUR,THB", "EUR,THX", "line 5: \"THX\""),
            ("EUR,THB", "EUR,EUR", "line 5: EUR against itself"),
            ("THB, EUR ,0.026447", "EUR,THB,37.9", "line 6: EUR in THB stands twice"),
            ("EUR,THB,37.8123", "EUR THB 37.8123", "line 5: neither"),
            ("# morning", "source,again", "line 2: source stands twice"),
            ("0.026447\n", "0.0264", "the last line has no end"),
        ] {
            assert!(GOOD.contains(from), "{from}");
            let error = parse(&GOOD.replacen(from, to, 1)).unwrap_err();
            assert!(error.contains(expected), "{from} -> {to}: {error}");
        }
        assert!(parse("source,a\nas_of,2026-11-23T09:00:00Z\n").is_err());
    }
}
