//! The market pack as rules see it (law 12). The file that people write, with its sources, is read by the app.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use sycee_money::{Amount, Currency};

use crate::{Caller, Command, Deciding, Key, Record, Refusal, Stamp, Stop, Table, TimerId, cell};

/// What a cell does in its market.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum MarketRole {
    /// It keeps customers' balances.
    #[n(0)]
    Wallet,
    /// It keeps merchants.
    #[n(1)]
    Acquirer,
    /// It joins the others.
    #[n(2)]
    Network,
}

/// One KYC tier and its limits in the market's currency; an amount of zero means no limit.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct KycTier {
    /// 1 for the lowest.
    #[n(0)]
    pub rank: u16,
    /// Its name in the market.
    #[n(1)]
    pub name: String,
    /// The most that one payment may take.
    #[n(2)]
    pub transaction_limit: Amount,
    /// The most that may leave in a calendar day.
    #[n(3)]
    pub day_limit: Amount,
    /// The most that may leave in a calendar month.
    #[n(4)]
    pub month_limit: Amount,
    /// The most that the balance may come to.
    #[n(5)]
    pub balance_limit: Amount,
    /// The most that may leave in a calendar year.
    #[n(6)]
    pub year_limit: Option<Amount>,
    /// The most that may ever leave.
    #[n(7)]
    pub lifetime_limit: Option<Amount>,
}

/// When what was paid is settled between banks.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SettlementTerms {
    /// What happens from this local time on belongs to the next business day, minutes after midnight.
    #[n(0)]
    pub cut_off_minutes: u32,
    /// Business days from the day to which a payment belongs until it is settled.
    #[n(1)]
    pub days_after: u32,
    /// ISO 8601 weekday numbers (1 Monday, 7 Sunday) on which banks do not settle.
    #[n(2)]
    pub weekend: Vec<u8>,
}

impl SettlementTerms {
    /// Whether this instant is past the day's cut-off, in the market's own time.
    #[must_use]
    pub fn is_after_cut_off(&self, stamp: &Stamp) -> bool {
        let utc_seconds = i64::try_from(stamp.time_ns.div_euclid(1_000_000_000)).unwrap_or(i64::MAX);
        let local_seconds = utc_seconds.saturating_add(i64::from(stamp.utc_offset_seconds));
        local_seconds.rem_euclid(86_400).div_euclid(60) >= i64::from(self.cut_off_minutes)
    }
}

/// What codes a customer's device may hold for payments without a connection.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OfflineCodeTerms {
    /// How many at a time.
    #[n(0)]
    pub count: u32,
    /// How long each lives, hours.
    #[n(1)]
    pub hours: u32,
    /// The most that one of them pays, in the market's currency.
    #[n(2)]
    pub amount_limit: Amount,
}

/// A cell that clears through the network.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ParticipantTerms {
    /// The cell's short name.
    #[n(0)]
    pub cell: String,
    /// The cell's number.
    #[n(1)]
    pub cell_number: u16,
    /// In what it clears.
    #[n(2)]
    pub currency: Currency,
    /// The most that it may owe the network at any time, in that currency.
    #[n(3)]
    pub net_debit_cap: Amount,
    /// The codes that belong to it, as in [`MarketPack::code_patterns`].
    #[n(4)]
    pub code_patterns: Vec<String>,
}

/// The network's own terms.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct NetworkTerms {
    /// What the network takes on the rate, basis points.
    #[n(0)]
    pub margin_bps: u32,
    /// What the payer is charged on top, basis points.
    #[n(1)]
    pub fee_bps: u32,
    /// Whether a refund returns the payer's fee in proportion.
    #[n(2)]
    pub fee_returned_on_refund: bool,
    /// How long a quote may be accepted, seconds.
    #[n(3)]
    pub quote_seconds: u32,
    /// How much later a hold that was stamped in time may still arrive, seconds.
    #[n(4)]
    pub quote_grace_seconds: u32,
    /// From what age on a rate is not quoted, seconds.
    #[n(5)]
    pub rate_max_age_seconds: u32,
    /// How long a settlement window stays open, seconds.
    #[n(6)]
    pub window_seconds: u32,
    /// Who takes part.
    #[n(7)]
    pub participants: Vec<ParticipantTerms>,
}

/// Where a pack came from.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PackProvenance {
    /// SHA-256 of the file's bytes.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub text_sha256: [u8; 32],
    /// The name of the key that signed it; `None` if nobody did.
    #[n(1)]
    pub signer: Option<String>,
}

/// The content of a market pack, as it entered the cell by the command `install_market`.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct MarketPack {
    /// The cell's short name, such as `fr`.
    #[n(0)]
    pub cell: String,
    /// The cell's number in the world, 1 to 99.
    #[n(1)]
    pub cell_number: u16,
    /// ISO 3166-1 alpha-2.
    #[n(2)]
    pub market: String,
    /// What the cell does.
    #[n(3)]
    pub roles: Vec<MarketRole>,
    /// The market's currency, in which limits are written.
    #[n(4)]
    pub currency: Currency,
    /// What wallets may hold beside it.
    #[n(5)]
    pub other_currencies: Vec<Currency>,
    /// IANA name of the time zone. Rules never use it; the engine computes the stamp's offset from it.
    #[n(6)]
    pub time_zone: String,
    /// Digits that the market's own payment codes begin with: 25 to 30, then two digits.
    #[n(7)]
    pub pay_code_prefix: String,
    /// The EMVCo template (26 to 51) of the market's own merchant-presented codes.
    #[n(8)]
    pub mpm_template: u16,
    /// The globally unique id in that template.
    #[n(9)]
    pub mpm_guid: String,
    /// Lowest first.
    #[n(10)]
    pub kyc_tiers: Vec<KycTier>,
    /// What a merchant pays for a payment unless it has its own price, basis points.
    #[n(11)]
    pub merchant_fee_bps: u32,
    /// Whether a refund returns the fee in proportion.
    #[n(12)]
    pub merchant_fee_returned: bool,
    /// For how many days after payment a merchant may refund.
    #[n(13)]
    pub refund_window_days: u32,
    /// For how many hours after payment a merchant may cancel.
    #[n(14)]
    pub cancel_window_hours: u32,
    /// When an order expires unless the merchant says so, minutes.
    #[n(15)]
    pub order_timeout_minutes: u32,
    /// How long a precreated order's code lives, minutes.
    #[n(16)]
    pub order_code_minutes: u32,
    /// How long a customer's payment code lives, seconds.
    #[n(17)]
    pub pay_code_seconds: u32,
    /// Bank holidays, as decimal numbers yyyymmdd, rising.
    #[n(18)]
    pub holidays: Vec<u32>,
    /// BCP 47 tags, preferred first.
    #[n(19)]
    pub languages: Option<Vec<String>>,
    /// When banks settle.
    #[n(20)]
    pub settlement: Option<SettlementTerms>,
    /// Codes for payments without a connection; `None` if there are none.
    #[n(21)]
    pub offline_codes: Option<OfflineCodeTerms>,
    /// What codes belong to this cell, such as `guid:org.sycee.fr` or `digits:2833`.
    #[n(22)]
    pub code_patterns: Option<Vec<String>>,
    /// The network's terms; only the network's own pack has them.
    #[n(23)]
    pub network: Option<NetworkTerms>,
    /// From when on the pack is in force, UTC nanoseconds; `None` is the moment at which it is installed.
    #[n(24)]
    pub effective_from_ns: Option<u64>,
    /// Where it came from.
    #[n(25)]
    pub provenance: Option<PackProvenance>,
    /// All days on which banks settle, as decimal numbers yyyymmdd, rising. Whoever reads the file computes them from
    /// weekend and holidays, because rules know no calendar.
    #[n(26)]
    pub settlement_calendar: Option<Vec<u32>>,
    /// Above this a customer who has signed in proves again who they are, unless that was moments ago; `None` for never.
    #[n(27)]
    pub proof_above: Option<Amount>,
}

impl MarketPack {
    /// The key of its only row.
    #[must_use]
    pub fn key() -> Key {
        Key::new(cell::MARKET)
    }

    /// The highest tier.
    #[must_use]
    pub fn highest_tier(&self) -> Option<&KycTier> {
        self.kyc_tiers.iter().max_by_key(|tier| tier.rank)
    }

    /// The tier of this rank.
    #[must_use]
    pub fn tier(&self, rank: u16) -> Option<&KycTier> {
        self.kyc_tiers.iter().find(|tier| tier.rank == rank)
    }

    /// Whether banks settle on this day, yyyymmdd. False for days outside the calendar.
    #[must_use]
    pub fn is_business_date(&self, date: u32) -> bool {
        self.settlement_calendar.as_ref().is_some_and(|dates| dates.binary_search(&date).is_ok())
    }

    /// The `days`-th business date after `after`, yyyymmdd; with 0 days the first that is not before it. `None` if the
    /// calendar does not reach from the one to the other.
    #[must_use]
    pub fn settlement_date(&self, after: u32, days: u32) -> Option<u32> {
        let dates = self.settlement_calendar.as_ref()?;
        // A day before the first is unknown, not free: business days between it and the calendar would be left out.
        dates.first().filter(|first| **first <= after)?;
        let next = match days {
            0 => dates.partition_point(|date| *date < after),
            _ => dates.partition_point(|date| *date <= after),
        };
        let further = usize::try_from(days.saturating_sub(1)).ok()?;
        dates.get(next.checked_add(further)?).copied()
    }

    /// The day on which banks settle what happens at this stamp: the business date to which it belongs, the next after
    /// the cut-off, and as many business days later as the terms say. `None` if the pack does not say.
    #[must_use]
    pub fn settlement_date_of(&self, stamp: &Stamp) -> Option<u32> {
        let terms = self.settlement.as_ref()?;
        let belongs_to = self.settlement_date(stamp.business_date, u32::from(terms.is_after_cut_off(stamp)))?;
        self.settlement_date(belongs_to, terms.days_after)
    }
}

impl Record for MarketPack {
    const TABLE: Table = cell::MARKET;
}

/// A pack that is to come, and the timer that will put it in force.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PendingMarket {
    /// The pack.
    #[n(0)]
    pub pack: MarketPack,
    /// Its timer.
    #[n(1)]
    pub timer: TimerId,
}

impl PendingMarket {
    /// The key of its only row.
    #[must_use]
    pub fn key() -> Key {
        Key::new(cell::MARKET_PENDING)
    }
}

impl Record for PendingMarket {
    const TABLE: Table = cell::MARKET_PENDING;
}

/// The body of `activate_market`.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ActivateMarket {
    /// The instant that the pending pack names, UTC nanoseconds.
    #[n(0)]
    pub effective_from_ns: u64,
}

/// The rule of `install_market`: in force at once, or kept until its time comes. Either replaces what was pending.
pub(crate) fn install(pack: MarketPack, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    let refuse = |detail: &str| Err(Refusal::new(cell::BAD_MARKET, detail).into());
    deciding.want(&[MarketPack::key(), PendingMarket::key()]);
    deciding.ready()?;
    if pack.cell_number != deciding.stamp().cell {
        return refuse("cell_number is not this cell's");
    }
    let now_ns = deciding.stamp().time_ns;
    let starts_at_ns = pack.effective_from_ns.unwrap_or(now_ns);
    if let Some(before) = deciding.get::<MarketPack>(&MarketPack::key())? {
        if before.currency != pack.currency {
            return refuse("the currency of a market cannot change");
        }
        if before.effective_from_ns.is_some_and(|before_ns| starts_at_ns < before_ns) {
            return refuse("the pack in force is from a later date");
        }
    }
    let ranks = pack.kyc_tiers.iter().map(|tier| tier.rank);
    if !ranks.clone().zip(1..).all(|(rank, expected)| rank == expected) {
        return refuse("kyc_tiers have ranks 1, 2, 3 and so on");
    }
    if let Some(pending) = deciding.get::<PendingMarket>(&PendingMarket::key())? {
        deciding.cancel_timer(pending.timer);
        deciding.remove(PendingMarket::key());
    }
    if starts_at_ns > now_ns {
        let body = ActivateMarket { effective_from_ns: starts_at_ns };
        let timer = deciding.timer(starts_at_ns, &Command::new(cell::ACTIVATE_MARKET, Caller::SYSTEM, &body));
        deciding.put(PendingMarket::key(), &PendingMarket { pack, timer });
    } else {
        deciding.put(MarketPack::key(), &pack);
    }
    Ok(())
}

/// The rule of `activate_market`: the pending pack is in force from now on.
pub(crate) fn activate(body: &ActivateMarket, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    let pending = deciding.get::<PendingMarket>(&PendingMarket::key())?;
    let Some(pending) = pending.filter(|pending| pending.pack.effective_from_ns == Some(body.effective_from_ns)) else {
        return Err(Refusal::new(cell::BAD_MARKET, "no pack is pending for this instant").into());
    };
    if deciding.stamp().time_ns < body.effective_from_ns {
        return Err(Refusal::new(cell::BAD_MARKET, "the pending pack is not in force yet").into());
    }
    deciding.remove(PendingMarket::key());
    deciding.put(MarketPack::key(), &pending.pack);
    Ok(())
}
