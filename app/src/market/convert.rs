//! From the file to the record: what a pack may not say is refused here, with its line.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use sycee_contract::{MarketPack, MarketRole, OfflineCodeTerms, SettlementTerms};
use sycee_money::{Amount, Currency};

use super::document::{Document, PackError};
use super::file::{Figure, File, OfflineCodes, Proof, Settlement};
use super::{calendar, network, patterns, tiers};

/// The whole price, basis points.
const WHOLE_BPS: u32 = 10_000;

/// The latest cut-off: the end of the day, so that a day has none.
const CUT_OFF_MINUTES: u32 = 1_440;

/// The longest time to settle, business days.
const SETTLEMENT_DAYS: u32 = 30;

/// The most codes that a device may hold for payments without a connection.
const OFFLINE_CODES: u32 = 100;

/// The longest life of such a code, hours: whoever finds the device may spend it.
const OFFLINE_HOURS: u32 = 168;

/// The file with the places of its keys.
pub(super) struct Reading<'d, 't> {
    pub document: &'d Document<'t>,
}

impl Reading<'_, '_> {
    /// What is wrong at a place.
    pub fn error(&self, path: &str, reason: impl Into<String>) -> PackError {
        PackError { line: self.document.line_of(path), reason: reason.into() }
    }

    /// Refuses unless `holds`.
    pub fn require(&self, holds: bool, path: &str, reason: impl FnOnce() -> String) -> Result<(), PackError> {
        if holds { Ok(()) } else { Err(self.error(path, reason())) }
    }

    pub fn currency(&self, path: &str, code: &str) -> Result<Currency, PackError> {
        Currency::from_code(code).ok_or_else(|| self.error(path, format!("{code:?} is no ISO 4217 currency")))
    }

    pub fn amount(&self, path: &str, minor: u64) -> Result<Amount, PackError> {
        let name = path.rsplit('.').next().unwrap_or(path);
        Amount::new(minor).map_err(|_| self.error(path, format!("{name} {minor} is out of range")))
    }

    pub fn source(&self, path: &str, source: &str) -> Result<(), PackError> {
        self.require(!source.trim().is_empty(), &format!("{path}.source"), || format!("{path} has no source"))
    }

    /// The value of a figure that has a source.
    pub fn figure<T: Clone>(&self, path: &str, figure: &Figure<T>) -> Result<T, PackError> {
        self.source(path, &figure.source)?;
        Ok(figure.value.clone())
    }

    /// The same for a number that may not be above a bound.
    pub fn bounded(&self, path: &str, figure: &Figure<u32>, most: u32, why: &str) -> Result<u32, PackError> {
        let value = self.figure(path, figure)?;
        self.require(value <= most, path, || format!("{path} {value} is more than {most}{why}"))?;
        Ok(value)
    }

    /// The same for a number that may be neither zero nor above a bound.
    pub fn positive(&self, path: &str, figure: &Figure<u32>, most: u32) -> Result<u32, PackError> {
        let value = self.bounded(path, figure, most, "")?;
        self.require(value > 0, path, || format!("{path} is zero"))?;
        Ok(value)
    }

    /// Patterns, each alone in its list.
    pub fn patterns(&self, path: &str, list: &[String]) -> Result<(), PackError> {
        for (index, pattern) in list.iter().enumerate() {
            let place = format!("{path}.{index}");
            patterns::check(pattern).map_err(|reason| self.error(&place, reason))?;
            if let Some(other) = list.iter().take(index).find(|other| patterns::overlap(other, pattern)) {
                return Err(self.error(&place, format!("code pattern {pattern:?} overlaps {other:?}")));
            }
        }
        Ok(())
    }
}

/// The record of a file, without provenance.
pub(super) fn convert(file: &File, document: &Document<'_>) -> Result<MarketPack, PackError> {
    let reading = Reading { document };
    identity(file, &reading)?;
    let roles = roles(file, &reading)?;
    let currency = reading.currency("currency", &file.currency)?;
    let template = codes(file, &reading)?;
    let (fees, orders) = (&file.fees, &file.orders);
    let as_of = calendar::date(&file.as_of).map_err(|reason| reading.error("as_of", reason))?;
    let zone = TimeZone::get(&file.time_zone)
        .map_err(|_| reading.error("time_zone", format!("{:?} is no IANA time zone", file.time_zone)))?;
    let holidays = holidays(file, &reading)?;
    let settlement = file.settlement.as_ref().map(|terms| settlement(terms, &reading)).transpose()?;
    let year_minutes = 366 * 24 * 60;
    Ok(MarketPack {
        currency,
        other_currencies: other_currencies(file, &reading, currency)?,
        kyc_tiers: tiers::convert(&file.kyc_tiers, roles.contains(&MarketRole::Wallet), &reading)?,
        network: network::convert(file.network.as_ref(), roles.contains(&MarketRole::Network), &reading)?,
        cell: file.cell.clone(),
        cell_number: file.cell_number,
        market: file.market.clone(),
        roles,
        time_zone: file.time_zone.clone(),
        pay_code_prefix: file.codes.pay_code_prefix.clone(),
        mpm_template: template,
        mpm_guid: file.codes.mpm_guid.clone(),
        merchant_fee_bps: reading.bounded("fees.merchant_bps", &fees.merchant_bps, WHOLE_BPS, ", the whole price")?,
        merchant_fee_returned: reading
            .figure("fees.merchant_fee_returned_on_refund", &fees.merchant_fee_returned_on_refund)?,
        refund_window_days: reading.bounded("refunds.window_days", &file.refunds.window_days, 3_660, ", ten years")?,
        cancel_window_hours: reading.bounded(
            "orders.cancel_window_hours",
            &orders.cancel_window_hours,
            366 * 24,
            ", a year",
        )?,
        order_timeout_minutes: reading.positive(
            "orders.default_timeout_minutes",
            &orders.default_timeout_minutes,
            year_minutes,
        )?,
        order_code_minutes: reading.positive(
            "orders.code_lifetime_minutes",
            &orders.code_lifetime_minutes,
            year_minutes,
        )?,
        pay_code_seconds: reading.positive(
            "orders.pay_code_lifetime_seconds",
            &orders.pay_code_lifetime_seconds,
            86_400,
        )?,
        settlement_calendar: settlement_calendar(file, &reading, as_of, settlement.as_ref(), &holidays)?,
        holidays,
        languages: Some(file.languages.clone()),
        settlement,
        offline_codes: file.offline_codes.as_ref().map(|terms| offline_codes(terms, &reading)).transpose()?,
        proof_above: file.proof.as_ref().map(|proof| proof_above(proof, &reading)).transpose()?,
        code_patterns: match &file.codes.code_patterns {
            Some(figure) => {
                let list = reading.figure("codes.code_patterns", figure)?;
                reading.patterns("codes.code_patterns.value", &list)?;
                Some(list)
            }
            None => None,
        },
        effective_from_ns: effective_from_ns(file, &reading, &zone)?,
        provenance: None,
    })
}

fn identity(file: &File, reading: &Reading<'_, '_>) -> Result<(), PackError> {
    reading.require(file.schema == 1, "schema", || {
        format!("schema {} is not known; this binary reads schema 1", file.schema)
    })?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let cell = &file.cell;
    reading.require((1..=16).contains(&cell.len()) && cell.bytes().all(plain), "cell", || {
        format!("cell {cell:?} is not 1 to 16 of a-z, 0-9 and -")
    })?;
    reading.require((1..=99).contains(&file.cell_number), "cell_number", || {
        format!("cell_number {} is not between 1 and 99", file.cell_number)
    })?;
    let market = &file.market;
    reading.require(market.len() == 2 && market.bytes().all(|byte| byte.is_ascii_uppercase()), "market", || {
        format!("market {market:?} is no ISO 3166-1 alpha-2 code")
    })?;
    reading.require(!file.languages.is_empty(), "languages", || "languages is empty".into())?;
    for (index, tag) in file.languages.iter().enumerate() {
        // RFC 5646, section 2.1: subtags of 1 to 8 letters and digits, the first of letters only.
        let mut subtags = tag.split('-');
        let first = subtags.next().is_some_and(|subtag| subtag.bytes().all(|byte| byte.is_ascii_alphabetic()));
        let all =
            tag.split('-').all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
        reading
            .require(first && all, &format!("languages.{index}"), || format!("{tag:?} is no BCP 47 language tag"))?;
    }
    let dial = &file.dial_code;
    let digits = dial
        .strip_prefix('+')
        .is_some_and(|digits| (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()));
    reading.require(dial.is_empty() || digits, "dial_code", || format!("dial_code {dial:?} is not + and 1 to 3 digits"))
}

fn roles(file: &File, reading: &Reading<'_, '_>) -> Result<Vec<MarketRole>, PackError> {
    reading.require(!file.roles.is_empty(), "roles", || "roles is empty".into())?;
    let mut roles = Vec::new();
    for (index, name) in file.roles.iter().enumerate() {
        let place = format!("roles.{index}");
        let role = match name.as_str() {
            "wallet" => MarketRole::Wallet,
            "acquirer" => MarketRole::Acquirer,
            "network" => MarketRole::Network,
            other => {
                return Err(reading.error(&place, format!("role {other:?} is not wallet, acquirer or network")));
            }
        };
        reading.require(!roles.contains(&role), &place, || format!("role {name:?} stands twice"))?;
        roles.push(role);
    }
    Ok(roles)
}

fn other_currencies(file: &File, reading: &Reading<'_, '_>, own: Currency) -> Result<Vec<Currency>, PackError> {
    let mut others = Vec::new();
    for (index, code) in file.other_currencies.iter().enumerate() {
        let place = format!("other_currencies.{index}");
        let currency = reading.currency(&place, code)?;
        reading.require(currency != own && !others.contains(&currency), &place, || format!("{code} stands twice"))?;
        others.push(currency);
    }
    Ok(others)
}

/// Checks the codes, and gives back the number of the EMVCo template.
fn codes(file: &File, reading: &Reading<'_, '_>) -> Result<u16, PackError> {
    let codes = &file.codes;
    let prefix = &codes.pay_code_prefix;
    let digits = prefix.len() == 4 && prefix.bytes().all(|byte| byte.is_ascii_digit());
    reading.require(digits && ("2500".."3100").contains(&prefix.as_str()), "codes.pay_code_prefix", || {
        format!("pay_code_prefix {prefix:?} is not 25 to 30 and two more digits")
    })?;
    let template: u16 = codes.mpm_template_id.parse().unwrap_or(0);
    reading.require((26..=51).contains(&template), "codes.mpm_template_id", || {
        format!("mpm_template_id {:?} is not between 26 and 51", codes.mpm_template_id)
    })?;
    reading.require((1..=32).contains(&codes.mpm_guid.len()), "codes.mpm_guid", || {
        "mpm_guid has not 1 to 32 characters".into()
    })?;
    for (index, scheme) in codes.schemes.iter().enumerate() {
        let path = format!("codes.schemes.{index}");
        reading.source(&path, &scheme.source)?;
        let id = &scheme.template;
        let known = matches!(id.as_str(), "url" | "text" | "none")
            || (id.len() == 2 && id.bytes().all(|byte| byte.is_ascii_digit()));
        reading.require(known, &format!("{path}.template"), || {
            format!("template {id:?} is not two digits, url, text or none")
        })?;
    }
    Ok(template)
}

fn settlement(terms: &Settlement, reading: &Reading<'_, '_>) -> Result<SettlementTerms, PackError> {
    const WEEKEND: &str = "settlement.weekend";
    let weekend = reading.figure(WEEKEND, &terms.weekend)?;
    let rising = weekend.is_sorted_by(|one, next| one < next);
    reading.require(rising && weekend.len() < 7 && weekend.iter().all(|day| (1..=7).contains(day)), WEEKEND, || {
        format!("weekend {weekend:?} is not a list of ISO weekday numbers 1 to 7, rising, that leaves a day")
    })?;
    Ok(SettlementTerms {
        cut_off_minutes: reading.bounded(
            "settlement.cut_off_minutes",
            &terms.cut_off_minutes,
            CUT_OFF_MINUTES,
            ", the end of the day",
        )?,
        days_after: reading.bounded("settlement.days_after", &terms.days_after, SETTLEMENT_DAYS, "")?,
        weekend,
    })
}

fn offline_codes(terms: &OfflineCodes, reading: &Reading<'_, '_>) -> Result<OfflineCodeTerms, PackError> {
    const LIMIT: &str = "offline_codes.amount_limit_minor";
    let amount_limit = reading.amount(LIMIT, reading.figure(LIMIT, &terms.amount_limit_minor)?)?;
    reading.require(!amount_limit.is_zero(), LIMIT, || "a code without a connection needs a limit".into())?;
    Ok(OfflineCodeTerms {
        count: reading.positive("offline_codes.count", &terms.count, OFFLINE_CODES)?,
        hours: reading.positive("offline_codes.hours", &terms.hours, OFFLINE_HOURS)?,
        amount_limit,
    })
}

fn proof_above(proof: &Proof, reading: &Reading<'_, '_>) -> Result<Amount, PackError> {
    const ABOVE: &str = "proof.above_minor";
    reading.amount(ABOVE, reading.figure(ABOVE, &proof.above_minor)?)
}

fn holidays(file: &File, reading: &Reading<'_, '_>) -> Result<Vec<u32>, PackError> {
    let mut dates: Vec<u32> = Vec::with_capacity(file.holidays.len());
    for (index, holiday) in file.holidays.iter().enumerate() {
        let path = format!("holidays.{index}");
        reading.source(&path, &holiday.source)?;
        let place = format!("{path}.date");
        let date = calendar::date(&holiday.date).map_err(|reason| reading.error(&place, reason))?;
        let date = calendar::number(date);
        reading.require(dates.last().is_none_or(|last| *last < date), &place, || {
            format!("holiday {} is not after the one before it", holiday.date)
        })?;
        dates.push(date);
    }
    Ok(dates)
}

/// The settlement calendar, if the pack says until when its holidays are complete.
fn settlement_calendar(
    file: &File,
    reading: &Reading<'_, '_>,
    as_of: Date,
    settlement: Option<&SettlementTerms>,
    holidays: &[u32],
) -> Result<Option<Vec<u32>>, PackError> {
    const UNTIL: &str = "holidays_until";
    let Some(until) = &file.holidays_until else {
        return match settlement {
            Some(_) => {
                Err(reading.error("settlement", "settlement needs holidays_until, the last day they are known for"))
            }
            None => Ok(None),
        };
    };
    let until = calendar::date(until).map_err(|reason| reading.error(UNTIL, reason))?;
    let last = holidays.last().copied().unwrap_or(0);
    reading.require(last <= calendar::number(until), UNTIL, || format!("a holiday is after holidays_until {until}"))?;
    let Some(settlement) = settlement else { return Ok(None) };
    let dates = calendar::business_dates(as_of, until, &settlement.weekend, holidays);
    dates.map(Some).map_err(|reason| reading.error(UNTIL, format!("holidays_until {reason}")))
}

fn effective_from_ns(file: &File, reading: &Reading<'_, '_>, zone: &TimeZone) -> Result<Option<u64>, PackError> {
    let Some(text) = &file.effective_from else { return Ok(None) };
    let instant = calendar::date(text).and_then(|date| calendar::starts_at_ns(date, zone));
    instant.map(Some).map_err(|reason| reading.error("effective_from", reason))
}
