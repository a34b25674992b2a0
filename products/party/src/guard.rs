//! The guard over every plan: freezes, and the limits of customers' KYC tiers.
//!
//! Counted is what leaves a customer's claimable accounts in the market's currency to another owner: posted debits, and
//! held ones when they are held. Posting a hold counts nothing again; what a hold releases is given back to the day,
//! the month and the year in which it was counted, if they still run, and to the lifetime. A hold that follows at once
//! upon the end of another between the same accounts, and holds no more than that one released, is the rest of it: it
//! stays counted when it was. An obligation is counted and never refused. Money that comes to a customer, as a refund does, gives nothing back. Money in other currencies is
//! not limited.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use sycee_contract::{Caller, Deciding, KycTier, MarketPack, Nature, Products, Refusal, RefusalCode, Role, Stop};
use sycee_ledger::{AccountId, HoldId, Movement, OPERATOR};
use sycee_money::{Amount, Currency, Money};

use crate::refusal::{
    BALANCE_LIMIT, DAY_LIMIT, LIFETIME_LIMIT, MONTH_LIMIT, PARTY_FROZEN, PARTY_NOT_FOUND, TIER_UNKNOWN,
    TRANSACTION_LIMIT, YEAR_LIMIT,
};
use crate::{CountedHold, OwnLimits, Party, PartyKind, Usage};

pub(crate) fn guard(nature: Nature, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    let owners = owners(deciding.unguarded_movements());
    if owners.is_empty() {
        return Ok(());
    }
    for owner in &owners {
        deciding.want(&[Party::key(*owner)]);
    }
    deciding.want(&[MarketPack::key()]);
    deciding.ready()?;
    let customers = customers(nature, &owners, deciding)?;
    // Without a market there is no currency in which anything could be limited.
    let Some(market) = deciding.market_if_any()? else { return Ok(()) };
    let flows = flows(deciding.products(), deciding.unguarded_movements(), market.currency, &customers);
    for (owner, flow) in &flows {
        if !flow.steps.is_empty() {
            deciding.want(&[Usage::key(*owner)]);
        }
        let ended = flow.steps.iter().filter_map(Step::ended_hold);
        for hold in ended {
            deciding.want(&[CountedHold::key(hold)]);
        }
    }
    deciding.ready()?;
    for (owner, flow) in &flows {
        let usage = count(*owner, flow, deciding)?;
        if nature == Nature::Request
            && let Some(customer) = customers.get(owner)
        {
            check(customer, flow, usage.as_ref(), &market, deciding)?;
        }
    }
    Ok(())
}

/// A request in the name of one of the operator's staff needs such a person, and not a frozen one. Party 0 is the operator's machine.
pub(crate) fn staff(nature: Nature, caller: Caller, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    if nature != Nature::Request || caller.role != Role::Operator || caller.party == 0 {
        return Ok(());
    }
    let party = deciding.get::<Party>(&Party::key(caller.party))?;
    match party.filter(|party| party.kind == PartyKind::Staff) {
        None => Err(Refusal::new(PARTY_NOT_FOUND, format!("{} is no member of staff", caller.party)).into()),
        Some(party) if party.frozen => {
            Err(Refusal::new(PARTY_FROZEN, format!("party {} is frozen", caller.party)).into())
        }
        Some(_) => Ok(()),
    }
}

/// The parties whose accounts the movements touch, each once.
fn owners(movements: &[Movement]) -> Vec<u64> {
    let mut owners: Vec<u64> = Vec::new();
    for movement in movements {
        for owner in [movement.debit().owner(), movement.credit().owner()] {
            if owner != OPERATOR && owners.last() != Some(&owner) {
                owners.push(owner);
            }
        }
    }
    owners.sort_unstable();
    owners.dedup();
    owners
}

/// The customers among `owners`; refuses a request that touches the money of a frozen party, or of none.
fn customers(nature: Nature, owners: &[u64], deciding: &mut Deciding<'_>) -> Result<BTreeMap<u64, Party>, Stop> {
    let mut customers = BTreeMap::new();
    for owner in owners {
        match deciding.get::<Party>(&Party::key(*owner))? {
            Some(party) if party.frozen && nature == Nature::Request => {
                return Err(Refusal::new(PARTY_FROZEN, format!("party {owner} is frozen")).into());
            }
            Some(party) if party.kind == PartyKind::Customer => {
                customers.insert(*owner, party);
            }
            Some(_) => {}
            None if nature == Nature::Request => {
                return Err(Refusal::new(PARTY_NOT_FOUND, format!("party {owner} owns an account")).into());
            }
            None => {}
        }
    }
    Ok(customers)
}

/// One thing that counts in a customer's usage, minor units.
enum Step {
    /// Money left.
    Left(u64),
    /// Money was held, to leave later.
    Held(HoldId, u64),
    /// A hold ended and gave this back.
    Ended(HoldId, u64),
    /// A hold goes on as another, and gave this back.
    GoesOn { from: HoldId, to: HoldId, back_minor: u64 },
}

impl Step {
    fn ended_hold(&self) -> Option<HoldId> {
        match self {
            Self::Ended(hold, _) | Self::GoesOn { from: hold, .. } => Some(*hold),
            Self::Left(_) | Self::Held(..) => None,
        }
    }

    /// Whether it is the end of a hold that released at least so much.
    fn leaves(&self, minor: u64) -> bool {
        matches!(self, Self::Ended(_, back_minor) if minor <= *back_minor)
    }

    /// Makes an end that leaves so much the step by which the hold goes on.
    fn go_on(&mut self, to: HoldId, minor: u64) {
        if let Self::Ended(from, back_minor) = *self {
            *self = Self::GoesOn { from, to, back_minor: back_minor.saturating_sub(minor) };
        }
    }

    fn new_minor(&self) -> u64 {
        match self {
            Self::Left(minor) | Self::Held(_, minor) => *minor,
            Self::Ended(..) | Self::GoesOn { .. } => 0,
        }
    }
}

/// What a plan does to one customer.
#[derive(Default)]
struct Flow {
    steps: Vec<Step>,
    credited: Vec<AccountId>,
}

impl Flow {
    /// What newly leaves or is held.
    fn new_minor(&self) -> u64 {
        self.steps.iter().map(Step::new_minor).fold(0, u64::saturating_add)
    }
}

fn flows(
    products: &Products,
    movements: &[Movement],
    currency: Currency,
    customers: &BTreeMap<u64, Party>,
) -> BTreeMap<u64, Flow> {
    let counts = |account: AccountId| {
        account.currency_numeric() == currency.numeric()
            && customers.contains_key(&account.owner())
            && products.account_kind(account.kind()).is_some_and(|kind| kind.claimable)
    };
    let mut flows: BTreeMap<u64, Flow> = BTreeMap::new();
    let mut previous: Option<&Movement> = None;
    for movement in movements {
        let before = previous.replace(movement);
        let (debit, credit) = (movement.debit(), movement.credit());
        if debit.owner() == credit.owner() {
            continue;
        }
        if counts(debit) {
            let step = match movement {
                Movement::Transfer { amount, .. } => Step::Left(amount.minor()),
                Movement::Hold { hold, amount, .. } => Step::Held(*hold, amount.minor()),
                Movement::PostHold { hold, held, amount, .. } => {
                    Step::Ended(*hold, held.saturating_sub(*amount).minor())
                }
                Movement::ReleaseHold { hold, held, .. } => Step::Ended(*hold, held.minor()),
            };
            let steps = &mut flows.entry(debit.owner()).or_default().steps;
            let is_same_pair = before.is_some_and(|before| before.debit() == debit && before.credit() == credit);
            match (steps.last_mut(), step) {
                (Some(last), Step::Held(to, minor)) if is_same_pair && last.leaves(minor) => last.go_on(to, minor),
                (_, step) => steps.push(step),
            }
        }
        if counts(credit) && !matches!(movement, Movement::ReleaseHold { .. }) {
            flows.entry(credit.owner()).or_default().credited.push(credit);
        }
    }
    flows
}

/// Counts a flow; gives back the usage after it, or `None` if nothing of it counts.
fn count(owner: u64, flow: &Flow, deciding: &mut Deciding<'_>) -> Result<Option<Usage>, Stop> {
    if flow.steps.is_empty() {
        return Ok(None);
    }
    let (date, month) = (deciding.stamp().business_date, deciding.stamp().business_month());
    let before = deciding.get::<Usage>(&Usage::key(owner))?.unwrap_or_default().on(date, month);
    let mut usage = before.clone();
    for step in &flow.steps {
        add(&mut usage, step.new_minor());
        match step {
            Step::Left(_) => {}
            Step::Held(hold, _) => deciding.put(CountedHold::key(*hold), &CountedHold { business_date: date }),
            Step::Ended(hold, back_minor) => {
                let Some(counted) = deciding.get::<CountedHold>(&CountedHold::key(*hold))? else { continue };
                deciding.remove(CountedHold::key(*hold));
                give_back(&mut usage, counted.business_date, *back_minor);
            }
            Step::GoesOn { from, to, back_minor } => {
                let Some(counted) = deciding.get::<CountedHold>(&CountedHold::key(*from))? else { continue };
                deciding.remove(CountedHold::key(*from));
                deciding.put(CountedHold::key(*to), &counted);
                give_back(&mut usage, counted.business_date, *back_minor);
            }
        }
    }
    if usage != before {
        deciding.put(Usage::key(owner), &usage);
    }
    Ok(Some(usage))
}

/// Counts what newly leaves.
fn add(usage: &mut Usage, minor: u64) {
    usage.day_minor = usage.day_minor.saturating_add(minor);
    usage.month_minor = usage.month_minor.saturating_add(minor);
    usage.year_minor = usage.year_minor.map(|year_minor| year_minor.saturating_add(minor));
    usage.lifetime_minor = usage.lifetime_minor.map(|lifetime_minor| lifetime_minor.saturating_add(minor));
}

/// Gives back what was counted on `counted_on` (yyyymmdd) to whatever of it still runs.
fn give_back(usage: &mut Usage, counted_on: u32, minor: u64) {
    if counted_on == usage.business_date {
        usage.day_minor = usage.day_minor.saturating_sub(minor);
    }
    if counted_on.checked_div(100) == Some(usage.month) {
        usage.month_minor = usage.month_minor.saturating_sub(minor);
    }
    if counted_on.checked_div(10_000) == usage.year {
        usage.year_minor = usage.year_minor.map(|year_minor| year_minor.saturating_sub(minor));
    }
    usage.lifetime_minor = usage.lifetime_minor.map(|lifetime_minor| lifetime_minor.saturating_sub(minor));
}

/// Refuses a request that goes beyond the customer's tier.
fn check(
    customer: &Party,
    flow: &Flow,
    usage: Option<&Usage>,
    market: &MarketPack,
    deciding: &mut Deciding<'_>,
) -> Result<(), Stop> {
    let tier = market.tier(customer.kyc_rank).ok_or_else(|| {
        Refusal::new(TIER_UNKNOWN, format!("the customer's kyc_rank {} is not in the market pack", customer.kyc_rank))
    })?;
    let limits = Limits::of(tier, customer.own_limits.unwrap_or_default(), market.currency);
    let asked_minor = flow.new_minor();
    if asked_minor > 0
        && let Some(usage) = usage
    {
        limits.check_debits(asked_minor, usage)?;
    }
    for id in &flow.credited {
        let Some(account) = deciding.account(*id)? else { continue };
        let after_minor = account.balance_minor().saturating_add(i128::from(account.credits_pending_minor));
        limits.check_balance(u64::try_from(after_minor).unwrap_or(0))?;
    }
    Ok(())
}

/// What holds for one customer: the tier's, and the customer's own where there are such. Zero is no limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The most that one payment may take.
    pub transaction: Amount,
    /// The most that may leave in a calendar day.
    pub day: Amount,
    /// The most that may leave in a calendar month.
    pub month: Amount,
    /// The most that may leave in a calendar year.
    pub year: Amount,
    /// The most that may ever leave.
    pub lifetime: Amount,
    /// The most that the balance may come to.
    pub balance: Amount,
    /// The market's.
    pub currency: Currency,
}

impl Limits {
    /// Those of a customer.
    #[must_use]
    pub fn of(tier: &KycTier, own: OwnLimits, currency: Currency) -> Self {
        Self {
            transaction: own.transaction.unwrap_or(tier.transaction_limit),
            day: own.day.unwrap_or(tier.day_limit),
            month: own.month.unwrap_or(tier.month_limit),
            year: own.year.or(tier.year_limit).unwrap_or_default(),
            lifetime: own.lifetime.or(tier.lifetime_limit).unwrap_or_default(),
            balance: own.balance.unwrap_or(tier.balance_limit),
            currency,
        }
    }

    fn check_debits(&self, asked_minor: u64, after: &Usage) -> Result<(), Refusal> {
        let asked = self.money(asked_minor);
        if exceeds(asked_minor, self.transaction) {
            let limit = self.money(self.transaction.minor());
            return Err(Refusal::new(TRANSACTION_LIMIT, format!("limit {limit} a payment, {asked} asked")));
        }
        let total = |code: RefusalCode, limit: Amount, after_minor: u64, of: &str| {
            if !exceeds(after_minor, limit) {
                return Ok(());
            }
            let used = self.money(after_minor.saturating_sub(asked_minor));
            let limit = self.money(limit.minor());
            Err(Refusal::new(code, format!("limit {limit} {of}, {used} used, {asked} asked")))
        };
        total(DAY_LIMIT, self.day, after.day_minor, "a day")?;
        total(MONTH_LIMIT, self.month, after.month_minor, "a month")?;
        total(YEAR_LIMIT, self.year, after.year_minor.unwrap_or_default(), "a year")?;
        total(LIFETIME_LIMIT, self.lifetime, after.lifetime_minor.unwrap_or_default(), "for life")
    }

    /// The detail does not say what the balance is: the payer, who may be a stranger, reads it.
    fn check_balance(&self, after_minor: u64) -> Result<(), Refusal> {
        if !exceeds(after_minor, self.balance) {
            return Ok(());
        }
        let limit = self.money(self.balance.minor());
        Err(Refusal::new(BALANCE_LIMIT, format!("the payee's balance may come to {limit}")))
    }

    fn money(&self, minor: u64) -> Money {
        Money::new(Amount::new(minor).unwrap_or(Amount::MAX), self.currency)
    }
}

/// Whether `minor` is above a limit; a limit of zero is none.
fn exceeds(minor: u64, limit: Amount) -> bool {
    !limit.is_zero() && minor > limit.minor()
}
