//! What a customer may do at their KYC tier, how much of it is left, and what other tiers allow.

use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;
use sycee_contract::{KycTier, Role};
use sycee_money::{Amount, Money};
use sycee_party::{Limits, OwnLimits, Party, Usage};

use super::Operation;
use crate::desk::{Asked, ok};
use crate::problem::Problem;
use crate::wire::MoneyWire;

pub(super) const OPERATIONS: &[Operation] = &[Operation::get("show_limits", "/limits", |asked| Box::pin(show(asked)))
    .says("What the customer may spend and hold, how much of it is left, and what other KYC tiers allow.")
    .for_roles(&[Role::Customer])
    .gives::<LimitsWire>()];

/// What a limit counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum LimitKind {
    /// One payment.
    Transaction,
    /// What leaves in a calendar day of the market; so are month and year.
    Day,
    Month,
    Year,
    /// What ever leaves.
    Lifetime,
    /// What the wallet holds.
    Balance,
}

/// A limit, and how much of it is used.
#[derive(Serialize, JsonSchema)]
struct LimitWire {
    kind: LimitKind,
    limit: MoneyWire,
    /// Absent of one payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    used: Option<MoneyWire>,
    /// Absent of one payment. Never below nothing: what was received or paid under a higher limit may be above this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<MoneyWire>,
}

/// A KYC tier of the market.
#[derive(Serialize, JsonSchema)]
struct TierWire {
    name: String,
    /// 1 for the lowest.
    rank: u16,
    /// Those that the tier has; the others are without limit.
    limits: Vec<TierLimit>,
}

/// What a tier allows.
#[derive(Serialize, JsonSchema)]
struct TierLimit {
    kind: LimitKind,
    limit: MoneyWire,
}

/// What a customer may do.
#[derive(Serialize, JsonSchema)]
struct LimitsWire {
    /// The name of the customer's tier.
    tier: String,
    /// The customer's own limits, in the market's currency; what has no limit is not listed.
    limits: Vec<LimitWire>,
    /// All tiers of the market, the lowest first.
    tiers: Vec<TierWire>,
    /// Above this a session is to be proved again before a payment; absent if never.
    #[serde(skip_serializing_if = "Option::is_none")]
    proof_above: Option<MoneyWire>,
    /// Payment codes for a phone that is offline; absent if the market has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    offline_codes: Option<OfflineCodesLimit>,
}

/// Which payment codes a customer may have for a phone that is offline.
#[derive(Serialize, JsonSchema)]
struct OfflineCodesLimit {
    /// How many at once.
    count: u32,
    /// The most that each pays.
    amount_limit: MoneyWire,
    /// For how long they are good.
    lifetime_seconds: u64,
}

async fn show(asked: Asked) -> Result<Response, Problem> {
    let (number, market) = (asked.caller.party, asked.cell.market()?);
    let point = asked.cell.port.begin_read();
    let party: Option<Party> = point.get(&Party::key(number))?;
    let party = party.ok_or_else(|| Problem::not_found("the caller's party is not here"))?;
    let tier = market.tier(party.kyc_rank);
    let tier = tier.ok_or_else(|| Problem::internal("a customer's tier is not in the pack", &party.kyc_rank))?;
    let today = asked.desk.codebook.facts(&asked.desk.world, &asked.cell)?.date_at(asked.desk.world.clock.now_ns());
    let usage: Usage = point.get(&Usage::key(number))?.unwrap_or_default();
    let usage = usage.on(today, today / 100);
    let account = point.account(sycee_wallet::BALANCE.of(number, market.currency))?;
    let held_minor = account.map_or(0, |account| account.available_minor().saturating_add(account.held_minor().into()));
    let money = |minor: u64| MoneyWire(Money::new(Amount::new(minor).unwrap_or(Amount::MAX), market.currency));
    let limits = each(Limits::of(tier, party.own_limits.unwrap_or_default(), market.currency)).map(|(kind, limit)| {
        let used_minor = match kind {
            LimitKind::Transaction => None,
            LimitKind::Day => Some(usage.day_minor),
            LimitKind::Month => Some(usage.month_minor),
            LimitKind::Year => Some(usage.year_minor.unwrap_or_default()),
            LimitKind::Lifetime => Some(usage.lifetime_minor.unwrap_or_default()),
            LimitKind::Balance => Some(u64::try_from(held_minor).unwrap_or(0)),
        };
        let left = used_minor.map(|used_minor| money(limit.minor().saturating_sub(used_minor)));
        LimitWire { kind, limit: money(limit.minor()), used: used_minor.map(money), left }
    });
    let tier_wire = |tier: &KycTier| TierWire {
        name: tier.name.clone(),
        rank: tier.rank,
        limits: each(Limits::of(tier, OwnLimits::default(), market.currency))
            .map(|(kind, limit)| TierLimit { kind, limit: money(limit.minor()) })
            .collect(),
    };
    let mut tiers: Vec<TierWire> = market.kyc_tiers.iter().map(tier_wire).collect();
    tiers.sort_by_key(|tier| tier.rank);
    let proof_above = market.proof_above.map(|above| money(above.minor()));
    let offline_codes = market.offline_codes.as_ref().map(|terms| OfflineCodesLimit {
        count: terms.count,
        amount_limit: money(terms.amount_limit.minor()),
        lifetime_seconds: u64::from(terms.hours) * 3_600,
    });
    ok(&LimitsWire { tier: tier.name.clone(), limits: limits.collect(), tiers, proof_above, offline_codes })
}

/// Those that there are.
fn each(limits: Limits) -> impl Iterator<Item = (LimitKind, Amount)> {
    let all = [
        (LimitKind::Transaction, limits.transaction),
        (LimitKind::Day, limits.day),
        (LimitKind::Month, limits.month),
        (LimitKind::Year, limits.year),
        (LimitKind::Lifetime, limits.lifetime),
        (LimitKind::Balance, limits.balance),
    ];
    all.into_iter().filter(|(_, limit)| !limit.is_zero())
}
