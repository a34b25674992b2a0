//! Market packs as people write them: read, checked, and turned into the record that a cell takes by command.
//!
//! The format is described in `markets/README.md`. Every figure carries its source and confidence; the record carries only the
//! figures.

use std::path::Path;

use serde::Deserialize;
use sycee_contract::{KycTier, MarketPack, MarketRole};
use sycee_money::{Amount, Currency};

/// The packs that are in the binary.
const EMBEDDED: [(&str, &str); 8] = [
    ("cn", include_str!("../../markets/cn.toml")),
    ("hk", include_str!("../../markets/hk.toml")),
    ("th", include_str!("../../markets/th.toml")),
    ("pk", include_str!("../../markets/pk.toml")),
    ("kr", include_str!("../../markets/kr.toml")),
    ("it", include_str!("../../markets/it.toml")),
    ("fr", include_str!("../../markets/fr.toml")),
    ("net", include_str!("../../markets/net.toml")),
];

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Confidence {
    High,
    Medium,
    Low,
}

/// A figure with where it comes from.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Figure<T> {
    value: T,
    source: String,
    #[serde(rename = "confidence")]
    _confidence: Confidence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: u32,
    cell: String,
    cell_number: u16,
    market: String,
    #[serde(rename = "name")]
    _name: String,
    roles: Vec<String>,
    currency: String,
    other_currencies: Vec<String>,
    time_zone: String,
    #[serde(rename = "languages")]
    _languages: Vec<String>,
    #[serde(rename = "dial_code")]
    _dial_code: String,
    #[serde(rename = "as_of")]
    _as_of: String,
    codes: Codes,
    kyc_tiers: Vec<Tier>,
    fees: Fees,
    refunds: Refunds,
    orders: Orders,
    holidays: Vec<Holiday>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Codes {
    pay_code_prefix: String,
    mpm_template_id: String,
    mpm_guid: String,
    schemes: Vec<Scheme>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scheme {
    #[serde(rename = "name")]
    _name: String,
    #[serde(rename = "template")]
    _template: String,
    source: String,
    #[serde(rename = "confidence")]
    _confidence: Confidence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tier {
    tier: String,
    rank: u16,
    #[serde(rename = "requires")]
    _requires: String,
    transaction_minor: u64,
    day_minor: u64,
    month_minor: u64,
    balance_minor: u64,
    source: String,
    #[serde(rename = "confidence")]
    _confidence: Confidence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fees {
    merchant_bps: Figure<u32>,
    merchant_fee_returned_on_refund: Figure<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refunds {
    window_days: Figure<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Orders {
    cancel_window_hours: Figure<u32>,
    default_timeout_minutes: Figure<u32>,
    code_lifetime_minutes: Figure<u32>,
    pay_code_lifetime_seconds: Figure<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    date: String,
    #[serde(rename = "name")]
    _name: String,
    source: String,
    #[serde(rename = "confidence")]
    _confidence: Confidence,
}

/// The pack of a cell: from `folder` if one is given, else from the binary.
///
/// # Errors
/// One line that says which file, and what is wrong in it.
pub fn load(cell: &str, folder: Option<&Path>) -> Result<MarketPack, String> {
    let known = || EMBEDDED.map(|(name, _)| name).join(", ");
    let pack = match folder {
        Some(folder) => {
            let file = folder.join(format!("{cell}.toml"));
            let text =
                std::fs::read_to_string(&file).map_err(|error| format!("market pack {}: {error}", file.display()))?;
            parse(&text).map_err(|error| format!("market pack {}: {error}", file.display()))
        }
        None => {
            let (_, text) = EMBEDDED
                .iter()
                .find(|(name, _)| *name == cell)
                .ok_or_else(|| format!("no market pack for cell {cell:?}; there are {}", known()))?;
            parse(text).map_err(|error| format!("market pack {cell}: {error}"))
        }
    }?;
    if pack.cell == cell { Ok(pack) } else { Err(format!("market pack {cell}: its cell is {:?}", pack.cell)) }
}

/// The names of the packs in the binary.
#[must_use]
pub fn embedded() -> Vec<String> {
    EMBEDDED.iter().map(|(name, _)| (*name).to_owned()).collect()
}

/// Reads a pack.
///
/// # Errors
/// One line that says what is wrong, with the line number where the file itself is wrong.
pub fn parse(text: &str) -> Result<MarketPack, String> {
    let file: File = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(0, |span| text[..span.start].lines().count().max(1));
        format!("line {line}: {}", error.message())
    })?;
    convert(file)
}

fn convert(file: File) -> Result<MarketPack, String> {
    if file.schema != 1 {
        return Err(format!("schema {} is not known; this binary reads schema 1", file.schema));
    }
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !(1..=16).contains(&file.cell.len()) || !file.cell.bytes().all(plain) {
        return Err(format!("cell {:?} is not 1 to 16 of a-z, 0-9 and -", file.cell));
    }
    if file.fees.merchant_bps.value > 10_000 {
        return Err(format!("fees.merchant_bps {} is more than 10000, the whole price", file.fees.merchant_bps.value));
    }
    if !(1..=99).contains(&file.cell_number) {
        return Err(format!("cell_number {} is not between 1 and 99", file.cell_number));
    }
    let currency = |code: &str| Currency::from_code(code).ok_or_else(|| format!("{code:?} is no ISO 4217 currency"));
    let roles = file.roles.iter().map(|role| match role.as_str() {
        "wallet" => Ok(MarketRole::Wallet),
        "acquirer" => Ok(MarketRole::Acquirer),
        "network" => Ok(MarketRole::Network),
        other => Err(format!("role {other:?} is not wallet, acquirer or network")),
    });
    let roles: Vec<MarketRole> = roles.collect::<Result<_, _>>()?;
    let prefix = &file.codes.pay_code_prefix;
    let digits = prefix.len() == 4 && prefix.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || !("25".."31").contains(&&prefix[..2]) {
        return Err(format!("pay_code_prefix {prefix:?} is not 25 to 30 and two more digits"));
    }
    let template: u16 = file.codes.mpm_template_id.parse().unwrap_or(0);
    if !(26..=51).contains(&template) {
        return Err(format!("mpm_template_id {:?} is not between 26 and 51", file.codes.mpm_template_id));
    }
    if file.codes.mpm_guid.is_empty() || file.codes.mpm_guid.len() > 32 {
        return Err("mpm_guid has not 1 to 32 characters".into());
    }
    let sources = file.codes.schemes.iter().map(|scheme| &scheme.source);
    let sources = sources.chain(file.kyc_tiers.iter().map(|tier| &tier.source));
    let mut sources = sources.chain(file.holidays.iter().map(|holiday| &holiday.source));
    if sources.any(String::is_empty) {
        return Err("a scheme, tier or holiday has no source".into());
    }
    Ok(MarketPack {
        currency: currency(&file.currency)?,
        other_currencies: file.other_currencies.iter().map(|code| currency(code)).collect::<Result<_, _>>()?,
        kyc_tiers: tiers(&file.kyc_tiers, roles.contains(&MarketRole::Wallet))?,
        cell: file.cell,
        cell_number: file.cell_number,
        market: file.market,
        roles,
        time_zone: file.time_zone,
        pay_code_prefix: file.codes.pay_code_prefix,
        mpm_template: template,
        mpm_guid: file.codes.mpm_guid,
        merchant_fee_bps: sourced("fees.merchant_bps", &file.fees.merchant_bps)?,
        merchant_fee_returned: sourced(
            "fees.merchant_fee_returned_on_refund",
            &file.fees.merchant_fee_returned_on_refund,
        )?,
        refund_window_days: sourced("refunds.window_days", &file.refunds.window_days)?,
        cancel_window_hours: sourced("orders.cancel_window_hours", &file.orders.cancel_window_hours)?,
        order_timeout_minutes: sourced("orders.default_timeout_minutes", &file.orders.default_timeout_minutes)?,
        order_code_minutes: sourced("orders.code_lifetime_minutes", &file.orders.code_lifetime_minutes)?,
        pay_code_seconds: sourced("orders.pay_code_lifetime_seconds", &file.orders.pay_code_lifetime_seconds)?,
        holidays: holidays(&file.holidays)?,
    })
}

fn sourced<T: Copy>(name: &str, figure: &Figure<T>) -> Result<T, String> {
    if figure.source.is_empty() { Err(format!("{name} has no source")) } else { Ok(figure.value) }
}

fn tiers(tiers: &[Tier], is_wallet: bool) -> Result<Vec<KycTier>, String> {
    if is_wallet && tiers.is_empty() {
        return Err("a wallet needs kyc_tiers".into());
    }
    let mut records: Vec<KycTier> = Vec::with_capacity(tiers.len());
    for (tier, rank) in tiers.iter().zip(1..) {
        if tier.rank != rank {
            return Err(format!("kyc tier {:?} has rank {}; ranks are 1, 2, 3 in order", tier.tier, tier.rank));
        }
        let amount = |name: &str, minor: u64| {
            Amount::new(minor).map_err(|_| format!("kyc tier {:?}: {name} {minor} is out of range", tier.tier))
        };
        records.push(KycTier {
            rank,
            name: tier.tier.clone(),
            transaction_limit: amount("transaction_minor", tier.transaction_minor)?,
            day_limit: amount("day_minor", tier.day_minor)?,
            month_limit: amount("month_minor", tier.month_minor)?,
            balance_limit: amount("balance_minor", tier.balance_minor)?,
        });
    }
    Ok(records)
}

fn holidays(holidays: &[Holiday]) -> Result<Vec<u32>, String> {
    let mut dates = Vec::with_capacity(holidays.len());
    for holiday in holidays {
        let date: jiff::civil::Date =
            holiday.date.parse().map_err(|_| format!("holiday date {:?} is not yyyy-mm-dd", holiday.date))?;
        let number = |part: i16| u32::try_from(part).unwrap_or(0);
        let date = number(date.year()) * 10_000 + number(date.month().into()) * 100 + number(date.day().into());
        dates.push(date);
    }
    if !dates.is_sorted() {
        return Err("holidays are not in order of their dates".into());
    }
    Ok(dates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_pack_is_whole_and_alone_in_its_numbers() {
        let packs: Vec<MarketPack> = embedded().iter().map(|cell| load(cell, None).unwrap()).collect();
        for (index, pack) in packs.iter().enumerate() {
            assert_eq!(pack.cell, embedded()[index]);
            for other in &packs[index + 1..] {
                assert_ne!(pack.cell_number, other.cell_number);
                assert_ne!(pack.pay_code_prefix, other.pay_code_prefix);
                assert_ne!(pack.mpm_guid, other.mpm_guid);
            }
        }
    }

    #[test]
    fn a_bad_pack_says_what_and_where() {
        let good = include_str!("../../markets/fr.toml");
        let table = [
            ("currency = \"EUR\"", "currency = \"EUX\"", "ISO 4217"),
            ("schema = 1", "schema = 2", "schema 2"),
            ("cell_number = 7", "cell_number = 0", "between 1 and 99"),
            ("cell = \"fr\"", "cell = \"../fr\"", "a-z"),
            ("merchant_bps = { value = 0", "merchant_bps = { value = 60000", "more than 10000"),
            ("cell_number = 7", "cell_number = \"7\"", "line "),
            ("pay_code_prefix = \"2833\"", "pay_code_prefix = \"3133\"", "25 to 30"),
            ("mpm_template_id = \"26\"", "mpm_template_id = \"52\"", "26 and 51"),
            ("[refunds]", "[refunds]\nwindow_dayz = 3", "window_dayz"),
            ("rank = 1", "rank = 3", "ranks are 1, 2, 3"),
        ];
        for (from, to, expected) in table {
            assert!(good.contains(from), "{from}");
            let error = parse(&good.replacen(from, to, 1)).unwrap_err();
            assert!(error.contains(expected), "{from} → {to}: {error}");
        }
    }
}
