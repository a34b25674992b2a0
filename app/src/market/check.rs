//! `sycee market check`: what a pack says, how sure somebody is of it, and whether several packs fit together.

use std::fmt::Write as _;
use std::path::Path;

use sycee_contract::MarketPack;

use super::document::Document;
use super::figures::{Entry, entries};
use super::file::Confidence;
use super::signing::{self, TrustedKey};
use super::{patterns, read};

/// A pack that was read, and what it says.
pub(super) struct Checked {
    /// The name of the file.
    pub file: String,
    /// The record.
    pub pack: MarketPack,
    /// What it says.
    pub entries: Vec<Entry>,
}

/// Reads a file.
///
/// # Errors
/// `FILE:LINE: reason`, or `FILE: reason` if it cannot be read at all.
pub(super) fn checked(file: &Path) -> Result<Checked, String> {
    let name = file.display().to_string();
    let text = super::read_text(file)?;
    let failed = |error: super::document::PackError| format!("{name}:{}: {}", error.line, error.reason);
    let pack = read(&text).map_err(failed)?;
    let entries = entries(&Document::parse(&text).map_err(failed)?);
    Ok(Checked { file: name, pack, entries })
}

/// Checks files, each alone and all together, and prints what they say. `trusted` keys verify those that are signed.
///
/// # Errors
/// The first thing that is wrong, as [`checked`]; or a signature that does not verify.
pub fn run(files: &[&Path], trusted: &[TrustedKey]) -> Result<(), String> {
    let mut packs = Vec::new();
    for file in files {
        let checked = checked(file)?;
        let signature = signing::state(file, trusted)?;
        print!("{}", report(&checked, &signature));
        packs.push(checked);
    }
    together(&packs)
}

/// The table of one pack.
fn report(checked: &Checked, signature: &str) -> String {
    let Checked { file, pack, entries } = checked;
    let mut out = format!("{file}: market pack {}, cell number {}\n", pack.cell, pack.cell_number);
    let is_holiday = |entry: &&Entry| entry.path.starts_with("holidays[");
    for entry in entries.iter().filter(|entry| !is_holiday(entry)) {
        let grade = entry.confidence.map_or("", Confidence::name);
        let _infallible = writeln!(out, "  {:<52} {:<7} {}", entry.path, grade, entry.value);
    }
    let mut line = |name: &str, what: String| {
        let _infallible = writeln!(out, "  {name:<52} {:<7} {what}", "");
    };
    let span = |dates: &[u32]| match (dates.first(), dates.last()) {
        (Some(first), Some(last)) => format!("{}, {first} to {last}", dates.len()),
        _ => "none".to_owned(),
    };
    line("holidays", span(&pack.holidays));
    line("business days", pack.settlement_calendar.as_deref().map_or_else(|| "the pack does not say".into(), span));
    line("signature", signature.to_owned());
    let graded = |grade| entries.iter().filter(move |entry| entry.confidence == Some(grade));
    let counts = [Confidence::High, Confidence::Medium, Confidence::Low]
        .map(|grade| format!("{} {}", graded(grade).count(), grade.name()));
    let _infallible = writeln!(
        out,
        "{file}: {} figures: {}",
        entries.iter().filter(|entry| entry.confidence.is_some()).count(),
        counts.join(", ")
    );
    for entry in graded(Confidence::Low) {
        let source = entry.source.as_deref().unwrap_or_default();
        let _infallible = writeln!(out, "{file}:{}: low: {} = {} ({source})", entry.line, entry.path, entry.value);
    }
    out
}

/// What packs of one world may not share.
fn together(packs: &[Checked]) -> Result<(), String> {
    for (index, one) in packs.iter().enumerate() {
        for other in packs.iter().take(index) {
            clash(one, other)?;
        }
    }
    for network in packs {
        for participant in network.pack.network.iter().flat_map(|terms| &terms.participants) {
            let Some(own) = packs.iter().find(|checked| checked.pack.cell == participant.cell) else { continue };
            let same = own.pack.cell_number == participant.cell_number && own.pack.currency == participant.currency;
            let place = format!("network.participants[{}]", participant.cell);
            if !same {
                return Err(at(network, &place, &format!("cell_number or currency is not that of {}", own.file)));
            }
            if own.pack.code_patterns.as_ref().is_some_and(|patterns| *patterns != participant.code_patterns) {
                return Err(at(network, &place, &format!("code_patterns are not those of {}", own.file)));
            }
        }
    }
    Ok(())
}

/// Refuses what two packs have both.
fn clash(one: &Checked, other: &Checked) -> Result<(), String> {
    let (this, that) = (&one.pack, &other.pack);
    for (path, same) in [
        ("cell", this.cell == that.cell),
        ("cell_number", this.cell_number == that.cell_number),
        ("codes.pay_code_prefix", this.pay_code_prefix == that.pay_code_prefix),
        ("codes.mpm_guid", this.mpm_guid.eq_ignore_ascii_case(&that.mpm_guid)),
    ] {
        if same {
            return Err(at(one, path, &format!("{path} is that of {} too", other.file)));
        }
    }
    for pattern in this.code_patterns.iter().flatten() {
        if let Some(theirs) = that.code_patterns.iter().flatten().find(|theirs| patterns::overlap(theirs, pattern)) {
            let reason = format!("code pattern {pattern:?} overlaps {theirs:?} of {}", other.file);
            return Err(at(one, "codes.code_patterns", &reason));
        }
    }
    Ok(())
}

fn at(checked: &Checked, path: &str, reason: &str) -> String {
    let line = checked.entries.iter().find(|entry| entry.path.starts_with(path)).map_or(1, |entry| entry.line);
    format!("{}:{line}: {reason}", checked.file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(file: &str, text: &str) -> Checked {
        let entries = entries(&Document::parse(text).unwrap());
        Checked { file: file.into(), pack: read(text).unwrap(), entries }
    }

    const FR: &str = include_str!("../../../markets/fr.toml");
    const IT: &str = include_str!("../../../markets/it.toml");
    const NET: &str = include_str!("../../../markets/net.toml");

    #[test]
    fn packs_of_one_world_share_nothing_that_tells_them_apart() {
        assert_eq!(together(&[of("fr", FR), of("it", IT), of("net", NET)]), Ok(()));
        // A change to it.toml, and how the error begins and what it names.
        for (from, to, place, reason) in [
            ("cell = \"it\"", "cell = \"fr\"", "it:3:", "cell is that of fr"),
            ("cell_number = 6", "cell_number = 7", "it:4:", "cell_number is that of fr"),
            ("pay_code_prefix = \"2839\"", "pay_code_prefix = \"2833\"", "it:", "pay_code_prefix is that of fr"),
            ("mpm_guid = \"org.sycee.it\"", "mpm_guid = \"ORG.sycee.fr\"", "it:", "mpm_guid is that of fr"),
            ("\"digits:2839\"", "\"digits:283\"", "it:", "overlaps \"digits:2833\" of fr"),
        ] {
            assert!(IT.contains(from), "{from}");
            let error = together(&[of("fr", FR), of("it", &IT.replace(from, to))]).unwrap_err();
            assert!(error.starts_with(place) && error.contains(reason), "{to}: {error}");
        }
    }

    #[test]
    fn the_networks_participants_are_what_their_packs_say() {
        for (from, to, reason) in [
            ("cell_number = 6", "cell_number = 66", "cell_number or currency"),
            ("currency = \"EUR\"", "currency = \"USD\"", "cell_number or currency"),
            ("\"digits:2839\"", "\"digits:2838\"", "code_patterns are not"),
        ] {
            assert!(IT.contains(from), "{from}");
            let error = together(&[of("net", NET), of("it", &IT.replace(from, to))]).unwrap_err();
            assert!(error.starts_with("net:") && error.contains(reason), "{to}: {error}");
        }
    }

    #[test]
    fn every_low_figure_is_listed_with_its_line() {
        let report = report(&of("fr.toml", FR), "none");
        let low: Vec<usize> = (1..)
            .zip(FR.lines())
            .filter(|(_, line)| line.contains("confidence = \"low\" }") && line.contains("value ="))
            .map(|(number, _)| number)
            .collect();
        assert!(low.len() > 5, "the test looks at nothing");
        for line in low {
            assert!(report.contains(&format!("\nfr.toml:{line}: low: ")), "line {line}\n{report}");
        }
        assert!(!report.contains("holidays[2027-12-25]"), "high, and a list of its own");
        // Counted in the file: a tier has five figures, a scheme, a holiday and each of the others one.
        let lines = |what: &str| FR.lines().filter(|line| line.contains(what)).count();
        let tiers = 5 * lines("[[kyc_tiers]]");
        let figures = tiers + lines("[[holidays]]") + lines("{ name = ") + lines("{ value = ");
        assert!(report.contains(&format!("\nfr.toml: {figures} figures: ")), "{figures}\n{report}");
    }
}
