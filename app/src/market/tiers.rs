//! KYC tiers: ranks, ranges, and limits that make sense together.

use sycee_contract::KycTier;
use sycee_money::Amount;

use super::convert::Reading;
use super::document::PackError;
use super::file::Tier;

/// What a limit is called, and what it is in a record.
pub(super) type Limit = (&'static str, fn(&KycTier) -> Option<Amount>);

/// Every limit of a tier; `None` and zero are no limit.
pub(super) const LIMITS: [Limit; 6] = [
    ("transaction_minor", |tier| Some(tier.transaction_limit)),
    ("day_minor", |tier| Some(tier.day_limit)),
    ("month_minor", |tier| Some(tier.month_limit)),
    ("year_minor", |tier| tier.year_limit),
    ("lifetime_minor", |tier| tier.lifetime_limit),
    ("balance_minor", |tier| Some(tier.balance_limit)),
];

/// Limits of which each bounds those before it: a day has room for a payment, a month for a day, and so on.
/// The balance, which is last, stands for itself.
const GROWING: usize = 5;

/// What a limit allows, minor units; without a limit, everything.
pub(super) fn allowed_minor(limit: Option<Amount>) -> u64 {
    limit.filter(|limit| !limit.is_zero()).map_or(u64::MAX, Amount::minor)
}

pub(super) fn convert(tiers: &[Tier], is_wallet: bool, reading: &Reading<'_, '_>) -> Result<Vec<KycTier>, PackError> {
    reading.require(!(is_wallet && tiers.is_empty()), "kyc_tiers", || "a wallet needs kyc_tiers".into())?;
    let mut records: Vec<KycTier> = Vec::with_capacity(tiers.len());
    for (index, (tier, rank)) in tiers.iter().zip(1..).enumerate() {
        let path = format!("kyc_tiers.{index}");
        let name = &tier.tier;
        reading.source(&path, &tier.source)?;
        reading.require(tier.rank == rank, &format!("{path}.rank"), || {
            format!("kyc tier {name:?} has rank {}; ranks are 1, 2, 3 in order", tier.rank)
        })?;
        let is_new = !name.is_empty() && records.iter().all(|record| record.name != *name);
        reading.require(is_new, &format!("{path}.tier"), || format!("kyc tier {name:?} has no name of its own"))?;
        let amount = |key: &str, minor: u64| {
            let place = format!("{path}.{key}");
            reading
                .amount(&place, minor)
                .map_err(|error| PackError { reason: format!("kyc tier {name:?}: {}", error.reason), ..error })
        };
        let optional = |key: &str, figure: &Option<super::file::Figure<u64>>| {
            let Some(figure) = figure else { return Ok(None) };
            amount(key, reading.figure(&format!("{path}.{key}"), figure)?).map(Some)
        };
        let record = KycTier {
            rank,
            name: name.clone(),
            transaction_limit: amount("transaction_minor", tier.transaction_minor)?,
            day_limit: amount("day_minor", tier.day_minor)?,
            month_limit: amount("month_minor", tier.month_minor)?,
            balance_limit: amount("balance_minor", tier.balance_minor)?,
            year_limit: optional("year_minor", &tier.year_minor)?,
            lifetime_limit: optional("lifetime_minor", &tier.lifetime_minor)?,
        };
        fits(&record, records.last(), &path, reading)?;
        records.push(record);
    }
    Ok(records)
}

/// Limits grow from payment to lifetime, and none is below the lower tier's.
fn fits(tier: &KycTier, lower: Option<&KycTier>, path: &str, reading: &Reading<'_, '_>) -> Result<(), PackError> {
    let name = &tier.name;
    for (index, (short, of)) in LIMITS.iter().enumerate().take(GROWING) {
        let own_minor = of(tier).map_or(0, Amount::minor);
        let longer = LIMITS.iter().take(GROWING).skip(index + 1);
        if let Some((long, _)) = longer.clone().find(|(_, of)| own_minor > allowed_minor(of(tier))) {
            let reason = format!("kyc tier {name:?}: {short} {own_minor} is more than {long}");
            return Err(reading.error(&format!("{path}.{short}"), reason));
        }
    }
    let Some(lower) = lower else { return Ok(()) };
    for (index, (limit, _)) in LIMITS.iter().enumerate() {
        let [this, below] = [tier, lower].map(|tier| bounded_minor(tier, index));
        reading.require(this >= below, &format!("{path}.{limit}"), || {
            format!("kyc tier {name:?}: {limit} {this} is less than the lower tier's {below}")
        })?;
    }
    Ok(())
}

/// What a limit allows when those of longer times are kept to as well, minor units.
fn bounded_minor(tier: &KycTier, index: usize) -> u64 {
    let bounding = if index < GROWING { GROWING } else { LIMITS.len() };
    let limits = LIMITS.iter().take(bounding).skip(index);
    limits.map(|(_, of)| allowed_minor(of(tier))).min().unwrap_or(u64::MAX)
}
