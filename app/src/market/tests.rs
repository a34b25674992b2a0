//! Tables over whole packs: those of the binary are good, and what is bad is named with its line.

use sycee_contract::{MarketPack, MarketRole};
use sycee_money::Amount;

use super::*;

const FR: &str = include_str!("../../../markets/fr.toml");
const NET: &str = include_str!("../../../markets/net.toml");

fn packs() -> Vec<MarketPack> {
    embedded().iter().map(|cell| load(cell, &Packs::Embedded).unwrap()).collect()
}

#[test]
fn every_embedded_pack_is_whole_and_says_everything() {
    for (pack, name) in packs().iter().zip(embedded()) {
        assert_eq!(pack.cell, name);
        let is_network = pack.roles == [MarketRole::Network];
        assert_eq!((pack.network.is_some(), pack.offline_codes.is_some()), (is_network, !is_network), "{name}");
        assert_eq!(pack.proof_above.is_some(), !is_network, "{name}");
        assert!(pack.languages.as_ref().is_some_and(|tags| !tags.is_empty()), "{name}");
        let settlement = pack.settlement.as_ref().unwrap();
        assert_eq!((settlement.days_after, settlement.weekend.as_slice()), (1, &[6, 7][..]), "{name}");
        let digits = format!("digits:{}", pack.pay_code_prefix);
        let patterns = pack.code_patterns.as_ref().unwrap();
        assert_eq!(*patterns, [format!("guid:{}", pack.mpm_guid), digits], "{name}");
        assert!(pack.provenance.is_some() && pack.effective_from_ns.is_none(), "{name}");
        for holiday in &pack.holidays {
            assert!(!pack.is_business_date(*holiday), "{name} {holiday}");
        }
    }
}

#[test]
fn calendars_go_from_the_day_of_the_figures_to_the_end_of_the_next_year() {
    // How many, and the last day of December 2027: counted by Python's `datetime` from the packs' holidays.
    let counted = [(277, 31), (276, 31), (268, 30), (275, 31), (274, 31), (280, 31), (281, 31), (279, 31)];
    for (pack, (count, last)) in packs().iter().zip(counted) {
        let dates = pack.settlement_calendar.as_ref().unwrap();
        assert_eq!(
            (dates.len(), dates.first(), dates.last()),
            (count, Some(&20_261_123), Some(&(20_271_200 + last))),
            "{}",
            pack.cell
        );
        assert!(dates.is_sorted_by(|one, next| one < next), "{}", pack.cell);
    }
    let fr = load("fr", &Packs::Embedded).unwrap();
    // Christmas 2026 is a Friday, its second day a Saturday; then a weekend.
    for (after, days, expected) in [
        (20_261_223, 1, 20_261_224),
        (20_261_224, 1, 20_261_228),
        (20_261_225, 0, 20_261_228),
        (20_270_325, 1, 20_270_330),
    ] {
        assert_eq!(fr.settlement_date(after, days), Some(expected), "{after}");
    }
}

#[test]
fn yearly_and_lifetime_caps_are_those_of_the_sources() {
    let minor = |limit: Option<Amount>| limit.map(Amount::minor);
    // Of shared facts, in minor units: PBOC 1,000 for life, 100,000 and 200,000 a year; SBP 200,000 and 800,000 a year.
    for (cell, expected) in [
        ("cn", &[(None, Some(100_000)), (Some(10_000_000), None), (Some(20_000_000), None)][..]),
        ("pk", &[(Some(20_000_000), None), (Some(80_000_000), None), (None, None)]),
        ("hk", &[(Some(2_500_000), None), (Some(10_000_000), None), (Some(20_000_000), None), (None, None)]),
        ("fr", &[(None, None), (None, None)]),
    ] {
        let pack = load(cell, &Packs::Embedded).unwrap();
        let found: Vec<_> =
            pack.kyc_tiers.iter().map(|tier| (minor(tier.year_limit), minor(tier.lifetime_limit))).collect();
        assert_eq!(found, expected, "{cell}");
    }
}

#[test]
fn the_networks_participants_are_the_markets() {
    let packs = packs();
    let (network, markets) = packs.split_last().unwrap();
    let terms = network.network.as_ref().unwrap();
    let fees = (terms.margin_bps, terms.fee_bps, terms.fee_returned_on_refund);
    let seconds = (terms.quote_seconds, terms.quote_grace_seconds, terms.rate_max_age_seconds, terms.window_seconds);
    assert_eq!((fees, seconds), ((50, 0, true), (60, 30, 3_600, 86_400)));
    assert_eq!(terms.participants.len(), markets.len());
    for (participant, market) in terms.participants.iter().zip(markets) {
        assert_eq!(participant.cell, market.cell);
        assert_eq!((participant.cell_number, participant.currency), (market.cell_number, market.currency));
        assert_eq!(Some(&participant.code_patterns), market.code_patterns.as_ref());
        assert!(!participant.net_debit_cap.is_zero());
    }
}

#[test]
fn a_pack_of_before_the_new_keys_is_still_read() {
    let old: String = {
        let without = |text: &str, from: &str, to: &str| {
            let start = text.find(from).unwrap();
            let end = start + text[start..].find(to).unwrap();
            format!("{}{}", &text[..start], &text[end..])
        };
        let text = without(FR, "holidays_until", "\n[codes]");
        let text = without(&text, "code_patterns", "schemes");
        without(&text, "[settlement]", "[[holidays]]")
    };
    let pack = read(&old).unwrap();
    let new = (&pack.settlement, &pack.offline_codes, &pack.code_patterns, &pack.network, &pack.settlement_calendar);
    assert_eq!(new, (&None, &None, &None, &None, &None));
    assert_eq!(pack.kyc_tiers, read(FR).unwrap().kyc_tiers);
}

#[test]
fn a_pack_takes_effect_at_its_zones_midnight() {
    // `TZ=Europe/Paris date -d 2027-01-01 +%s`.
    let text = FR.replacen("holidays_until", "effective_from = \"2027-01-01\"\nholidays_until", 1);
    assert_eq!(read(&text).unwrap().effective_from_ns, Some(1_798_758_000_000_000_000));
}

/// What to change in a pack, into what, and what the reason of the error says.
type Bad = (&'static str, &'static str, &'static str);

/// Every change must be possible, and must be named with the line on which it begins.
fn all_are_named(good: &str, table: &[Bad]) {
    assert!(read(good).is_ok());
    for (from, to, reason) in table {
        let at = good.find(from).unwrap_or_else(|| panic!("nothing to change: {from}"));
        let error = read(&good.replacen(from, to, 1)).unwrap_err();
        assert!(error.reason.contains(reason), "{from} → {to}: {error}");
        assert_eq!(error.line, good[..at].matches('\n').count() + 1, "{from} → {to}: {error}");
    }
}

#[test]
fn what_a_market_may_not_be_is_named_with_its_line() {
    let table: &[Bad] = &[
        ("schema = 1", "schema = 2", "schema 2 is not known"),
        ("schema = 1", "schema = ", ""),
        ("cell = \"fr\"", "cell = \"../fr\"", "a-z"),
        ("cell_number = 7", "cell_number = 0", "between 1 and 99"),
        ("cell_number = 7", "cell_number = 100", "between 1 and 99"),
        ("cell_number = 7", "cell_number = \"7\"", "u16"),
        ("market = \"FR\"", "cell_number = 7\nmarket = \"FR\"", "duplicate key"),
        ("market = \"FR\"", "market = \"fr\"", "alpha-2"),
        ("roles = [\"wallet\", \"acquirer\"]", "roles = [\"wallet\", \"bank\"]", "not wallet, acquirer or network"),
        ("roles = [\"wallet\", \"acquirer\"]", "roles = [\"wallet\", \"wallet\"]", "stands twice"),
        ("roles = [\"wallet\", \"acquirer\"]", "roles = []", "roles is empty"),
        ("currency = \"EUR\"", "currency = \"EUX\"", "ISO 4217"),
        ("other_currencies = [\"USD\"]", "other_currencies = [\"EUR\"]", "stands twice"),
        ("time_zone = \"Europe/Paris\"", "time_zone = \"Europe/Lyon\"", "no IANA time zone"),
        ("languages = [\"fr-FR\"", "languages = [\"fr_FR\"", "BCP 47"),
        ("dial_code = \"+33\"", "dial_code = \"33\"", "1 to 3 digits"),
        ("as_of = \"2026-11-23\"", "as_of = \"23.11.2026\"", "not a date"),
        ("holidays_until = \"2027-12-31\"", "holidays_until = \"2027-12-25\"", "a holiday is after"),
        ("holidays_until = \"2027-12-31\"", "holidays_until = \"2037-12-31\"", "more than 1200 days"),
        ("holidays_until", "effective_from = \"soon\"\nholidays_until", "not a date"),
        ("pay_code_prefix = \"2833\"", "pay_code_prefix = \"3133\"", "25 to 30"),
        ("pay_code_prefix = \"2833\"", "pay_code_prefix = \"28é\"", "25 to 30"),
        ("mpm_template_id = \"26\"", "mpm_template_id = \"52\"", "26 and 51"),
        ("mpm_guid = \"org.sycee.fr\"", "mpm_guid = \"\"", "1 to 32"),
        ("code_patterns = { value = [\"guid:", "code_patterns = { value = [\"phone:", "code pattern"),
        (
            "code_patterns = { value = [\"guid:",
            "code_patterns = { value = [\"2833\", \"guid:",
            "a routing pattern begins with",
        ),
        ("code_patterns = { value = [", "code_patterns = { value = [\"digits:28\", ", "overlaps"),
        (
            "{ name = \"EPC QR (EPC069-12)\", template = \"text\"",
            "{ name = \"EPC QR (EPC069-12)\", template = \"qr\"",
            "two digits, url, text or none",
        ),
        (
            "{ name = \"EPC QR (EPC069-12)\", template = \"text\", source = \"",
            "{ name = \"EPC QR (EPC069-12)\", template = \"text\", source = \"\", confidence = \"low\" }, # ",
            "no source",
        ),
        ("window_days = {", "window_dayz = {", "window_dayz"),
        ("confidence = \"medium\"", "confidence = \"sure\"", "sure"),
    ];
    all_are_named(FR, table);
}

#[test]
fn what_figures_may_not_be_is_named_with_its_line() {
    let table: &[Bad] = &[
        ("rank = 1", "rank = 3", "ranks are 1, 2, 3"),
        ("tier = \"full\"", "tier = \"simplified\"", "no name of its own"),
        ("requires = \"none", "requirez = \"none", "requirez"),
        ("transaction_minor = 5000\n", "transaction_minor = 15001\n", "more than day_minor"),
        ("day_minor = 15000", "day_minor = 15001", "more than month_minor"),
        ("month_minor = 15000", "month_minor = 10000000000000001", "out of range"),
        ("balance_minor = 200000000", "balance_minor = 14999", "less than the lower tier's"),
        ("balance_minor = 200000000", "balance_minor = -1", "u64"),
        ("day_minor = 15000", "day_minor = 150.0", "floating point"),
        (
            "month_minor = 15000",
            "year_minor = { value = 15000, source = \"\", confidence = \"low\" }\nmonth_minor = 15000",
            "no source",
        ),
        ("merchant_bps = { value = 0", "merchant_bps = { value = 60000", "more than 10000"),
        ("merchant_bps = { value = 0", "merchant_bps = { valeu = 0", "valeu"),
        (
            "window_days = { value = 365, source = \"",
            "window_days = { value = 365, source = \" \", confidence = \"low\" } # ",
            "no source",
        ),
        ("window_days = { value = 365", "window_days = { value = 4000", "ten years"),
        ("pay_code_lifetime_seconds = { value = 60", "pay_code_lifetime_seconds = { value = 0", "is zero"),
        ("cut_off_minutes = { value = 1380", "cut_off_minutes = { value = 1441", "end of the day"),
        ("days_after = { value = 1", "days_after = { value = 31", "more than 30"),
        ("weekend = { value = [6, 7]", "weekend = { value = [7, 6]", "rising"),
        ("weekend = { value = [6, 7]", "weekend = { value = [0]", "1 to 7"),
        ("weekend = { value = [6, 7]", "weekend = { value = [1, 2, 3, 4, 5, 6, 7]", "leaves a day"),
        ("hours = { value = 72", "hours = { value = 169", "more than 168"),
        ("count = { value = 5", "count = { value = 101", "more than 100"),
        ("amount_limit_minor = { value = 3000", "amount_limit_minor = { value = 0", "needs a limit"),
        ("date = \"2027-11-01\"", "date = \"2027-11-31\"", "not a date"),
        ("date = \"2027-11-01\"", "date = \"2027-01-02\"", "not after the one before"),
        ("date = \"2027-11-11\"", "date = \"2027-11-1\"", "not a date"),
    ];
    all_are_named(FR, table);
}

#[test]
fn what_a_network_may_not_be_is_named_with_its_line() {
    let table: &[Bad] = &[
        ("margin_bps = { value = 50", "margin_bps = { value = 1001", "a tenth of the price"),
        ("quote_seconds = { value = 60", "quote_seconds = { value = 0", "is zero"),
        ("window_seconds = { value = 86400", "window_seconds = { value = 604801", "more than 604800"),
        ("cell = \"hk\"", "cell = \"cn\"", "no name of its own"),
        ("cell_number = 2\n", "cell_number = 1\n", "another's"),
        ("currency = \"THB\"", "currency = \"XTH\"", "ISO 4217"),
        ("net_debit_cap_minor = 1600000000", "net_debit_cap_minor = 10000000000000001", "out of range"),
        (
            "code_patterns = [\"guid:org.sycee.hk\", \"digits:2852\"",
            "code_patterns = [\"guid:org.sycee.hk\", \"digits:2886\"",
            "overlaps one of \"cn\"",
        ),
        ("source = \"operator default, not law: about", "source = \"\" # about", "no source"),
    ];
    all_are_named(NET, table);
}

#[test]
fn what_is_wrong_somewhere_else_is_named_there() {
    // What to change, into what, the text on whose line the error is, and its reason.
    let cn = include_str!("../../../markets/cn.toml");
    for (good, from, to, place, reason) in [
        (FR, "holidays_until = \"2027-12-31\"\n", "", "[settlement]", "needs holidays_until"),
        (FR, "roles = [\"wallet\", \"acquirer\"]", "roles = [\"network\"]", "roles =", "a network needs [network]"),
        (FR, "as_of = \"2026-11-23\"\n", "", "# Market pack", "as_of"),
        (NET, "roles = [\"network\"]", "roles = [\"acquirer\"]", "[network]", "only for a cell with the role network"),
        (
            NET,
            "roles = [\"network\"]",
            "roles = [\"network\", \"wallet\"]",
            "kyc_tiers = []",
            "a wallet needs kyc_tiers",
        ),
        (
            cn,
            "lifetime_minor = { value = 100000",
            "lifetime_minor = { value = 99999",
            "transaction_minor = 100000",
            "more than lifetime_minor",
        ),
        (
            cn,
            "year_minor = { value = 10000000,",
            "year_minor = { value = 9999999,",
            "transaction_minor = 10000000",
            "more than year_minor",
        ),
    ] {
        assert!(good.contains(from), "nothing to change: {from}");
        let text = good.replacen(from, to, 1);
        let error = read(&text).unwrap_err();
        let line = text.lines().position(|line| line.contains(place)).map(|index| index + 1);
        assert!(error.reason.contains(reason), "{from} → {to}: {error}");
        assert_eq!(Some(error.line), line, "{from} → {to}: {error}");
    }
}
