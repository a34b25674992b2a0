//! The file as people write it: its keys and their types. What they mean together is judged in `convert.rs`.

use serde::Deserialize;

/// How sure somebody is of a figure.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Official text read, several sources agree, or recomputed.
    High,
    /// One secondary, operator's or older source.
    Medium,
    /// Knowledge, conflicting sources, an estimate, or a default of ours.
    Low,
}

impl Confidence {
    /// The grade of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "high" => Some(Self::High),
            "medium" => Some(Self::Medium),
            "low" => Some(Self::Low),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// A figure with where it comes from.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Figure<T> {
    pub value: T,
    pub source: String,
    #[serde(rename = "confidence")]
    pub _confidence: Confidence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub schema: u32,
    pub cell: String,
    pub cell_number: u16,
    pub market: String,
    #[serde(rename = "name")]
    pub _name: String,
    pub roles: Vec<String>,
    pub currency: String,
    pub other_currencies: Vec<String>,
    pub time_zone: String,
    pub languages: Vec<String>,
    pub dial_code: String,
    pub as_of: String,
    pub effective_from: Option<String>,
    pub codes: Codes,
    pub kyc_tiers: Vec<Tier>,
    pub fees: Fees,
    pub refunds: Refunds,
    pub orders: Orders,
    pub settlement: Option<Settlement>,
    pub offline_codes: Option<OfflineCodes>,
    pub proof: Option<Proof>,
    pub network: Option<Network>,
    pub holidays: Vec<Holiday>,
    pub holidays_until: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Proof {
    pub above_minor: Figure<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Codes {
    pub pay_code_prefix: String,
    pub mpm_template_id: String,
    pub mpm_guid: String,
    pub code_patterns: Option<Figure<Vec<String>>>,
    pub schemes: Vec<Scheme>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scheme {
    #[serde(rename = "name")]
    pub _name: String,
    pub template: String,
    pub source: String,
    #[serde(rename = "confidence")]
    pub _confidence: Confidence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tier {
    pub tier: String,
    pub rank: u16,
    #[serde(rename = "requires")]
    pub _requires: String,
    pub transaction_minor: u64,
    pub day_minor: u64,
    pub month_minor: u64,
    pub balance_minor: u64,
    pub year_minor: Option<Figure<u64>>,
    pub lifetime_minor: Option<Figure<u64>>,
    pub source: String,
    #[serde(rename = "confidence")]
    pub _confidence: Confidence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fees {
    pub merchant_bps: Figure<u32>,
    pub merchant_fee_returned_on_refund: Figure<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refunds {
    pub window_days: Figure<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Orders {
    pub cancel_window_hours: Figure<u32>,
    pub default_timeout_minutes: Figure<u32>,
    pub code_lifetime_minutes: Figure<u32>,
    pub pay_code_lifetime_seconds: Figure<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settlement {
    pub cut_off_minutes: Figure<u32>,
    pub days_after: Figure<u32>,
    pub weekend: Figure<Vec<u8>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfflineCodes {
    pub count: Figure<u32>,
    pub hours: Figure<u32>,
    pub amount_limit_minor: Figure<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Network {
    pub margin_bps: Figure<u32>,
    pub fee_bps: Figure<u32>,
    pub fee_returned_on_refund: Figure<bool>,
    pub quote_seconds: Figure<u32>,
    pub quote_grace_seconds: Figure<u32>,
    pub rate_max_age_seconds: Figure<u32>,
    pub window_seconds: Figure<u32>,
    pub participants: Vec<Participant>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Participant {
    pub cell: String,
    pub cell_number: u16,
    pub currency: String,
    pub net_debit_cap_minor: u64,
    pub code_patterns: Vec<String>,
    pub source: String,
    #[serde(rename = "confidence")]
    pub _confidence: Confidence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Holiday {
    pub date: String,
    #[serde(rename = "name")]
    pub _name: String,
    pub source: String,
    #[serde(rename = "confidence")]
    pub _confidence: Confidence,
}
