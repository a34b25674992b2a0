//! `sycee market diff`: every figure that two packs say differently, and which of the changes are dangerous.

use std::collections::BTreeMap;
use std::path::Path;

use sycee_contract::{KycTier, MarketPack, NetworkTerms};

use super::check::checked;
use super::figures::Entry;
use super::tiers::{LIMITS, allowed_minor};

/// Prints what differs. True if nothing of it is dangerous.
///
/// # Errors
/// One of the two is wrong: `FILE:LINE: reason`.
pub fn run(old: &Path, new: &Path) -> Result<bool, String> {
    let (old, new) = (checked(old)?, checked(new)?);
    let lines = changes(&old.entries, &new.entries);
    let dangers = dangers(&old.pack, &new.pack);
    for line in &lines {
        println!("{line}");
    }
    for danger in &dangers {
        println!("DANGEROUS: {danger}");
    }
    println!("{} changed, {} dangerous", lines.len(), dangers.len());
    Ok(dangers.is_empty())
}

/// Changed, added and removed figures, in the order of the new file and then of the old.
fn changes(old: &[Entry], new: &[Entry]) -> Vec<String> {
    let by_path = |entries: &[Entry]| -> BTreeMap<String, Entry> {
        entries.iter().map(|entry| (entry.path.clone(), entry.clone())).collect()
    };
    let (before, after) = (by_path(old), by_path(new));
    let sourced = |entry: &Entry| match (&entry.source, entry.confidence) {
        (Some(source), Some(grade)) => format!("  ({}: {source})", grade.name()),
        _ => String::new(),
    };
    let mut lines = Vec::new();
    for entry in new {
        match before.get(&entry.path) {
            None => lines.push(format!("added    {} = {}{}", entry.path, entry.value, sourced(entry))),
            Some(was) if was.value != entry.value => {
                lines.push(format!("changed  {}: {} → {}{}", entry.path, was.value, entry.value, sourced(entry)));
            }
            Some(was) if (&was.source, was.confidence) != (&entry.source, entry.confidence) => {
                lines.push(format!("source   {} = {}{}", entry.path, entry.value, sourced(entry)));
            }
            Some(_) => {}
        }
    }
    let removed = old.iter().filter(|entry| !after.contains_key(&entry.path));
    lines.extend(removed.map(|entry| format!("removed  {} = {}{}", entry.path, entry.value, sourced(entry))));
    lines
}

/// Changes that break what customers, merchants or other cells rely on.
fn dangers(old: &MarketPack, new: &MarketPack) -> Vec<String> {
    let mut dangers = Vec::new();
    let mut differs = |what: &str, was: String, is: String, why: &str| {
        if was != is {
            dangers.push(format!("{what} {was} → {is}: {why}"));
        }
    };
    differs("cell", old.cell.clone(), new.cell.clone(), "another cell");
    differs("cell_number", old.cell_number.to_string(), new.cell_number.to_string(), "every cell refuses it");
    differs("currency", old.currency.code().into(), new.currency.code().into(), "every cell refuses it");
    differs(
        "time_zone",
        old.time_zone.clone(),
        new.time_zone.clone(),
        "days and months of limits begin at other times",
    );
    let prefix = |pack: &MarketPack| pack.pay_code_prefix.clone();
    differs("codes.pay_code_prefix", prefix(old), prefix(new), "codes in customers' hands are no longer known");
    differs("codes.mpm_guid", old.mpm_guid.clone(), new.mpm_guid.clone(), "printed codes are no longer known");
    let template = |pack: &MarketPack| pack.mpm_template.to_string();
    differs("codes.mpm_template_id", template(old), template(new), "printed codes are no longer known");
    for pattern in old.code_patterns.iter().flatten() {
        if !new.code_patterns.iter().flatten().any(|kept| kept == pattern) {
            dangers.push(format!("code pattern {pattern} removed: its codes are no longer routed here"));
        }
    }
    for role in &old.roles {
        if !new.roles.contains(role) {
            dangers.push(format!("role {role:?} removed"));
        }
    }
    for currency in old.other_currencies.iter().filter(|currency| !new.other_currencies.contains(currency)) {
        dangers.push(format!("other currency {} removed: customers may hold it", currency.code()));
    }
    tiers(&old.kyc_tiers, &new.kyc_tiers, &mut dangers);
    rises("fees.merchant_bps", old.merchant_fee_bps, new.merchant_fee_bps, "fee raised", &mut dangers);
    for (what, was, is) in [
        ("refunds.window_days", old.refund_window_days, new.refund_window_days),
        ("orders.cancel_window_hours", old.cancel_window_hours, new.cancel_window_hours),
    ] {
        rises(what, is, was, "shortened: payments already made are affected", &mut dangers);
    }
    if old.merchant_fee_returned && !new.merchant_fee_returned {
        dangers.push("fees.merchant_fee_returned_on_refund: merchants no longer get their fee back".into());
    }
    if let Some(before) = &old.network {
        network(before, new.network.as_ref(), &mut dangers);
    }
    dangers
}

/// A danger if `high` is above `low`.
fn rises(what: &str, low: u32, high: u32, why: &str, dangers: &mut Vec<String>) {
    if high > low {
        dangers.push(format!("{what}: {why} ({low} and {high})"));
    }
}

fn tiers(old: &[KycTier], new: &[KycTier], dangers: &mut Vec<String>) {
    for before in old {
        let Some(after) = new.iter().find(|tier| tier.rank == before.rank) else {
            dangers.push(format!("kyc tier {:?} removed: customers who have it can no longer pay", before.name));
            continue;
        };
        if after.name != before.name {
            let (was, is) = (&before.name, &after.name);
            dangers.push(format!("kyc tier {was:?} is now {is:?}: customers keep the rank {}", before.rank));
        }
        for (limit, of) in LIMITS {
            let [was, is] = [before, after].map(|tier| allowed_minor(of(tier)));
            if is < was {
                let was = if was == u64::MAX { "none".to_owned() } else { was.to_string() };
                dangers.push(format!("kyc tier {:?}: {limit} lowered, {was} → {is}", before.name));
            }
        }
    }
}

fn network(before: &NetworkTerms, after: Option<&NetworkTerms>, dangers: &mut Vec<String>) {
    let Some(after) = after else { return dangers.push("[network] removed".into()) };
    rises("network.margin_bps", before.margin_bps, after.margin_bps, "raised", dangers);
    rises("network.fee_bps", before.fee_bps, after.fee_bps, "fee raised", dangers);
    if before.fee_returned_on_refund && !after.fee_returned_on_refund {
        dangers.push("network.fee_returned_on_refund: payers no longer get their fee back".into());
    }
    for participant in &before.participants {
        let name = &participant.cell;
        let Some(kept) = after.participants.iter().find(|kept| kept.cell == *name) else {
            dangers.push(format!("participant {name} removed"));
            continue;
        };
        if (kept.cell_number, kept.currency) != (participant.cell_number, participant.currency) {
            dangers.push(format!("participant {name}: cell number or currency changed"));
        } else if kept.net_debit_cap < participant.net_debit_cap {
            let (was, is) = (participant.net_debit_cap.minor(), kept.net_debit_cap.minor());
            dangers.push(format!("participant {name}: net debit cap lowered, {was} → {is}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::Document;
    use super::super::figures::entries;
    use super::super::read;
    use super::*;

    const FR: &str = include_str!("../../../markets/fr.toml");
    const NET: &str = include_str!("../../../markets/net.toml");

    fn all(old: &str, new: &str) -> (Vec<String>, Vec<String>) {
        let said = |text| entries(&Document::parse(text).unwrap());
        (changes(&said(old), &said(new)), dangers(&read(old).unwrap(), &read(new).unwrap()))
    }

    #[test]
    fn a_pack_does_not_differ_from_itself() {
        assert_eq!(all(FR, FR), (vec![], vec![]));
        assert_eq!(all(NET, NET), (vec![], vec![]));
    }

    #[test]
    fn every_changed_figure_is_listed_and_dangerous_ones_are_flagged() {
        // A change to fr.toml, what the list says, and what is dangerous about it, if anything.
        for (from, to, change, danger) in [
            (
                "merchant_bps = { value = 0",
                "merchant_bps = { value = 60",
                "fees.merchant_bps: 0 → 60",
                Some("fee raised"),
            ),
            (
                "day_minor = 15000",
                "day_minor = 14000",
                "kyc_tiers[simplified].day_minor: 15000 → 14000",
                Some("lowered, 15000 → 14000"),
            ),
            ("balance_minor = 15000", "balance_minor = 16000", "balance_minor: 15000 → 16000", None),
            ("balance_minor = 200000000", "balance_minor = 0", "balance_minor: 200000000 → 0", None),
            ("tier = \"full\"", "tier = \"whole\"", "kyc_tiers[whole].rank", Some("is now \"whole\"")),
            (
                "pay_code_prefix = \"2833\"",
                "pay_code_prefix = \"2834\"",
                "2833 → 2834",
                Some("codes in customers' hands"),
            ),
            ("currency = \"EUR\"", "currency = \"CHF\"", "currency: EUR → CHF", Some("every cell refuses it")),
            ("cell_number = 7", "cell_number = 8", "cell_number: 7 → 8", Some("every cell refuses it")),
            ("window_days = { value = 365", "window_days = { value = 30", "365 → 30", Some("shortened")),
            ("name = \"Toussaint\"", "name = \"All Saints\"", "holidays[2027-11-01].name", None),
            ("date = \"2027-11-01\"", "date = \"2027-11-02\"", "added    holidays[2027-11-02].date", None),
            (
                "source = \"EPC069-12; little",
                "source = \"EPC; little",
                "source   codes.schemes[EPC QR (EPC069-12), text].template",
                None,
            ),
        ] {
            assert!(FR.contains(from), "{from}");
            let (changes, dangers) = all(FR, &FR.replacen(from, to, 1));
            assert!(changes.iter().any(|line| line.contains(change)), "{to}: {changes:#?}");
            match danger {
                Some(danger) => assert!(dangers.iter().any(|line| line.contains(danger)), "{to}: {dangers:#?}"),
                None => assert_eq!(dangers, Vec::<String>::new(), "{to}"),
            }
        }
        let (changes, _) = all(FR, &FR.replacen("merchant_bps = { value = 0", "merchant_bps = { value = 60", 1));
        assert_eq!(changes, ["changed  fees.merchant_bps: 0 → 60  (low: operator default, not law)"]);
    }

    #[test]
    fn a_tier_or_a_participant_that_is_gone_is_dangerous() {
        let one_tier = MarketPack { kyc_tiers: read(FR).unwrap().kyc_tiers[..1].to_vec(), ..read(FR).unwrap() };
        assert!(dangers(&read(FR).unwrap(), &one_tier)[0].contains("kyc tier \"full\" removed"));
        assert_eq!(dangers(&one_tier, &read(FR).unwrap()), Vec::<String>::new());
        for (from, to, danger) in [
            ("margin_bps = { value = 50", "margin_bps = { value = 51", "network.margin_bps: raised"),
            ("fee_bps = { value = 0", "fee_bps = { value = 1", "fee raised"),
            ("cell = \"fr\"", "cell = \"fx\"", "participant fr removed"),
            ("net_debit_cap_minor = 200000000\n", "net_debit_cap_minor = 100000000\n", "net debit cap lowered"),
        ] {
            assert!(NET.contains(from), "{from}");
            let (_, dangers) = all(NET, &NET.replacen(from, to, 1));
            assert!(dangers.iter().any(|line| line.contains(danger)), "{to}: {dangers:#?}");
        }
    }
}
