//! Settlement of a merchant, day by day: what its money did in a business day, what was taken and held back of it, and what is
//! paid out. Days are the market's: the cut-off, weekends and holidays of the pack say to which business date a movement belongs.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use sycee_contract::{CommandCode, Key, MarketPack, Record, Stamp, Table, TimerId};
use sycee_money::{Amount, Currency, Money};

/// Settlements, by merchant, currency and business date.
pub const SETTLEMENT: Table = 793;
/// What a merchant's settlements have come to, by merchant and currency.
pub const SETTLEMENT_ACCOUNT: Table = 794;
/// Who is settled, by place in the list.
pub const SETTLEMENT_ROSTER: Table = 795;
/// When settlements are made next: one row.
pub const SETTLEMENT_CLOCK: Table = 796;
/// Merchants' terms, by party number.
pub const MERCHANT_TERMS: Table = 797;
/// What is held back of merchants' proceeds, by merchant and currency.
pub const MERCHANT_RESERVE: Table = 798;

/// `set_settlement_terms` (operator, key): body [`SetSettlementTerms`], reply [`MerchantTerms`].
pub const SET_SETTLEMENT_TERMS: CommandCode = 802;
/// `set_bank_account` (operator, key): body [`SetBankAccount`], reply [`MerchantTerms`].
pub const SET_BANK_ACCOUNT: CommandCode = 803;
/// `settle_merchant` (operator, or the cell by timer): body [`SettleMerchant`], reply [`SettlementReply`].
pub const SETTLE_MERCHANT: CommandCode = 804;
/// `settlement_due` (the cell, by timer): body [`SettlementDue`], reply empty.
pub const SETTLEMENT_DUE: CommandCode = 805;
/// `move_advance_funds` (operator, key): body [`MoveAdvanceFunds`], reply [`AdvanceFundsReply`].
pub const MOVE_ADVANCE_FUNDS: CommandCode = 806;

/// The event that a merchant's terms or bank account were changed: body [`MerchantTerms`].
pub const EVENT_SETTLEMENT_TERMS: u16 = 772;
/// The event that a merchant's day was settled: body [`Settlement`].
pub const EVENT_MERCHANT_SETTLED: u16 = 773;

/// The longest time for which a part of the proceeds is held back, days.
pub const RESERVE_DAYS_MAX: u32 = 366;

/// When what a merchant has is paid out. It is settled every business day in any case.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum PayoutSchedule {
    /// Every business day.
    #[n(0)]
    Daily,
    /// On a weekday, or the first business day after it.
    #[n(1)]
    Weekly,
    /// Only when staff settles the merchant.
    #[n(2)]
    OnRequest,
}

/// What was agreed with a merchant. Amounts are in the market's currency; in others there is no minimum and no advance.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct MerchantTerms {
    /// The merchant's party number.
    #[n(0)]
    pub merchant: u64,
    /// When it is paid.
    #[n(1)]
    pub schedule: PayoutSchedule,
    /// On which weekday if weekly, ISO 8601: 1 Monday, 7 Sunday.
    #[n(2)]
    pub weekday: u8,
    /// Less than this is not paid but carried forward.
    #[n(3)]
    pub minimum_payout: Amount,
    /// Which part of a day's proceeds less refunds is held back, basis points.
    #[n(4)]
    pub reserve_bps: u32,
    /// For how many days of the calendar.
    #[n(5)]
    pub reserve_days: u32,
    /// How much the merchant may owe the operator for refunds beyond its balance.
    #[n(6)]
    pub negative_limit: Amount,
    /// When the terms were changed last, UTC nanoseconds.
    #[n(7)]
    pub changed_at_ns: u64,
    /// By which member of staff; 0 the operator's machine.
    #[n(8)]
    pub changed_by: u64,
    /// The vault's handle of the bank account that is paid; `None` pays nothing out.
    #[cbor(n(9), with = "minicbor::bytes")]
    pub bank_account: Option<[u8; 16]>,
    /// The merchant's own price since then, basis points; `None` if it is the market pack's. Payments look at
    /// [`crate::record::Merchant::fee_bps`].
    #[n(10)]
    pub fee_bps: Option<u32>,
}

impl MerchantTerms {
    /// The key of a merchant's row.
    #[must_use]
    pub fn key(merchant: u64) -> Key {
        Key::new(MERCHANT_TERMS).number(merchant)
    }
}

impl Record for MerchantTerms {
    const TABLE: Table = MERCHANT_TERMS;
}

/// Why a settlement pays nothing out, or not all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum NotPaid {
    /// Nothing is left.
    #[n(0)]
    NothingLeft,
    /// Less is left than the terms pay.
    #[n(1)]
    BelowMinimum,
    /// The schedule pays on another day.
    #[n(2)]
    NotScheduled,
    /// The merchant has no bank account.
    #[n(3)]
    NoBankAccount,
    /// The merchant is frozen.
    #[n(4)]
    Frozen,
    /// A part is on its way elsewhere, or later refunds have used it.
    #[n(5)]
    NotAvailable,
}

/// How a day was closed. Minor units; those with sign may be below zero.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Closing {
    /// When, UTC nanoseconds.
    #[n(0)]
    pub at_ns: u64,
    /// What earlier days had left in the balance.
    #[n(1)]
    pub brought_forward_minor: i64,
    /// What of the fees of earlier days was still to be taken.
    #[n(2)]
    pub fees_brought_forward_minor: i64,
    /// Fees taken.
    #[n(3)]
    pub fees_taken: Amount,
    /// Fees given back, because refunds returned what had been taken.
    #[n(4)]
    pub fees_given_back: Amount,
    /// What had been held back long enough.
    #[n(5)]
    pub reserve_released: Amount,
    /// What the merchant paid back of what the operator had advanced.
    #[n(6)]
    pub recovered: Amount,
    /// What is held back.
    #[n(7)]
    pub reserve_held: Amount,
    /// What is paid out.
    #[n(8)]
    pub paid_out: Amount,
    /// What is left in the balance for the next day.
    #[n(9)]
    pub carried_forward_minor: i64,
    /// What of the fees is still to be taken.
    #[n(10)]
    pub fees_carried_forward_minor: i64,
    /// What the merchant owes the operator after it.
    #[n(11)]
    pub owes: Amount,
    /// What is held back of this and earlier days after it.
    #[n(12)]
    pub reserve: Amount,
    /// The payout, if there is one.
    #[n(13)]
    pub payout: Option<u64>,
    /// Why not everything is paid.
    #[n(14)]
    pub not_paid: Option<NotPaid>,
}

impl Closing {
    /// What is left of the day for the merchant: below zero, it owes more than it has.
    #[must_use]
    pub fn position_minor(&self) -> i128 {
        i128::from(self.paid_out.minor())
            .saturating_add(i128::from(self.carried_forward_minor))
            .saturating_sub(i128::from(self.owes.minor()))
    }
}

/// A merchant's business date in one currency: what moved its money, and how it was closed. Sums are minor units.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Settlement {
    /// Its id: [`crate::number::number`] makes its number of 28 digits with the business date.
    #[n(0)]
    pub id: u64,
    /// The merchant's party number.
    #[n(1)]
    pub merchant: u64,
    /// In which currency.
    #[n(2)]
    pub currency: Currency,
    /// The business date, yyyymmdd.
    #[n(3)]
    pub date: u32,
    /// The calendar day of its first entry, yyyymmdd; 0 if it has none.
    #[n(4)]
    pub first_day: u32,
    /// The calendar day of its last entry.
    #[n(5)]
    pub last_day: u32,
    /// How many entries it has, with those of its closing.
    #[n(6)]
    pub entries: u64,
    /// How many payments.
    #[n(7)]
    pub payments: u64,
    /// Their prices.
    #[n(8)]
    pub gross_minor: u64,
    /// How many refunds, with those of cancels.
    #[n(9)]
    pub refunds: u64,
    /// What they refunded.
    #[n(10)]
    pub refunded_minor: u64,
    /// Fees that accrued.
    #[n(11)]
    pub fees_minor: u64,
    /// Fees that refunds returned.
    #[n(12)]
    pub fees_returned_minor: u64,
    /// Whatever else came into the balance before the closing: advances for refunds, returned payouts, fees given back by hand.
    #[n(13)]
    pub other_in_minor: u64,
    /// Whatever else left it: transfers to customers, fees taken by hand.
    #[n(14)]
    pub other_out_minor: u64,
    /// What of the two above was fees: taken less given back.
    #[n(15)]
    pub fees_by_hand_minor: i64,
    /// How it was closed; `None` while it is open.
    #[n(16)]
    pub closing: Option<Closing>,
}

impl Settlement {
    /// The key of a settlement's row.
    #[must_use]
    pub fn key(merchant: u64, currency: Currency, date: u32) -> Key {
        Self::of_currency(merchant, currency).fixed(date.to_be_bytes())
    }

    /// What the keys of a merchant's settlements in a currency begin with.
    #[must_use]
    pub fn of_currency(merchant: u64, currency: Currency) -> Key {
        Key::new(SETTLEMENT).number(merchant).small(currency.numeric())
    }

    /// An open one without entries.
    #[must_use]
    pub fn open(id: u64, merchant: u64, currency: Currency, date: u32) -> Self {
        Self {
            id,
            merchant,
            currency,
            date,
            first_day: 0,
            last_day: 0,
            entries: 0,
            payments: 0,
            gross_minor: 0,
            refunds: 0,
            refunded_minor: 0,
            fees_minor: 0,
            fees_returned_minor: 0,
            other_in_minor: 0,
            other_out_minor: 0,
            fees_by_hand_minor: 0,
            closing: None,
        }
    }

    /// What the day's entries before its closing did to the balance.
    #[must_use]
    pub fn on_balance_minor(&self) -> i128 {
        let number = |minor: u64| i128::from(minor);
        number(self.gross_minor)
            .saturating_sub(number(self.refunded_minor))
            .saturating_add(number(self.other_in_minor))
            .saturating_sub(number(self.other_out_minor))
    }

    /// What they did to the fees that the merchant owes.
    #[must_use]
    pub fn on_fees_owed_minor(&self) -> i128 {
        i128::from(self.fees_minor)
            .saturating_sub(i128::from(self.fees_returned_minor))
            .saturating_sub(i128::from(self.fees_by_hand_minor))
    }
}

impl Record for Settlement {
    const TABLE: Table = SETTLEMENT;
}

/// What a merchant's settlements in one currency have come to.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SettlementAccount {
    /// The merchant's party number.
    #[n(0)]
    pub merchant: u64,
    /// In which currency.
    #[n(1)]
    pub currency: Currency,
    /// Business dates that have entries and are not closed, rising.
    #[n(2)]
    pub open_dates: Vec<u32>,
    /// The last business date that was closed; 0 if none was.
    #[n(3)]
    pub settled_through: u32,
    /// What closed days have left in the balance; before the first the balance with which settlement began.
    #[n(4)]
    pub carried_minor: i64,
    /// What of the fees of closed days is still to be taken.
    #[n(5)]
    pub fees_carried_minor: i64,
    /// All that the operator has ever advanced for refunds.
    #[n(6)]
    pub advanced_minor: u64,
    /// All that was paid back of it.
    #[n(7)]
    pub recovered_minor: u64,
    /// What staff has paid out of the carried money since; it is counted in the open date.
    #[n(8)]
    pub paid_ahead_minor: u64,
}

impl SettlementAccount {
    /// The key of the row.
    #[must_use]
    pub fn key(merchant: u64, currency: Currency) -> Key {
        Key::new(SETTLEMENT_ACCOUNT).number(merchant).small(currency.numeric())
    }

    /// What the merchant owes the operator.
    #[must_use]
    pub fn owes_minor(&self) -> u64 {
        self.advanced_minor.saturating_sub(self.recovered_minor)
    }
}

impl Record for SettlementAccount {
    const TABLE: Table = SETTLEMENT_ACCOUNT;
}

/// One place in the list of those who are settled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct RosterPlace {
    /// The merchant.
    #[n(0)]
    pub merchant: u64,
    /// In which currency.
    #[n(1)]
    pub currency: Currency,
}

impl RosterPlace {
    /// The key of a place, 0 for the first.
    #[must_use]
    pub fn key(place: u64) -> Key {
        Key::new(SETTLEMENT_ROSTER).number(place)
    }
}

impl Record for RosterPlace {
    const TABLE: Table = SETTLEMENT_ROSTER;
}

/// When settlements are made next.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SettlementClock {
    /// How many places the list has.
    #[n(0)]
    pub places: u64,
    /// The business date for which the list was gone through last; 0 for none.
    #[n(1)]
    pub last_date: u32,
    /// The timer of the next cut-off.
    #[n(2)]
    pub timer: TimerId,
}

impl SettlementClock {
    /// The key of the only row.
    #[must_use]
    pub fn key() -> Key {
        Key::new(SETTLEMENT_CLOCK)
    }
}

impl Record for SettlementClock {
    const TABLE: Table = SETTLEMENT_CLOCK;
}

/// A part of a day's proceeds that is held back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Tranche {
    /// Of which business date.
    #[n(0)]
    pub date: u32,
    /// From which day on it is released, yyyymmdd.
    #[n(1)]
    pub due_date: u32,
    /// How much.
    #[n(2)]
    pub amount: Amount,
}

/// All that is held back of a merchant's proceeds in one currency.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct MerchantReserve {
    /// Its parts, the oldest first.
    #[n(0)]
    pub tranches: Vec<Tranche>,
}

impl MerchantReserve {
    /// The key of the row.
    #[must_use]
    pub fn key(merchant: u64, currency: Currency) -> Key {
        Key::new(MERCHANT_RESERVE).number(merchant).small(currency.numeric())
    }

    /// How much all parts are.
    #[must_use]
    pub fn sum_minor(&self) -> u64 {
        self.tranches.iter().map(|tranche| tranche.amount.minor()).fold(0, u64::saturating_add)
    }
}

impl Record for MerchantReserve {
    const TABLE: Table = MERCHANT_RESERVE;
}

/// Agrees terms with a merchant. From the first time on its money is settled day by day.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SetSettlementTerms {
    /// The merchant's party number.
    #[n(0)]
    pub merchant: u64,
    /// When it is paid.
    #[n(1)]
    pub schedule: PayoutSchedule,
    /// The weekday if weekly, 1 to 7; otherwise 0.
    #[n(2)]
    pub weekday: u8,
    /// In the market's currency.
    #[n(3)]
    pub minimum_payout: Amount,
    /// 0 to 10,000 basis points.
    #[n(4)]
    pub reserve_bps: u32,
    /// 1 to [`RESERVE_DAYS_MAX`]; 0 if nothing is held back.
    #[n(5)]
    pub reserve_days: u32,
    /// In the market's currency.
    #[n(6)]
    pub negative_limit: Amount,
    /// The merchant's own price from now on, 0 to 10,000 basis points; `None` leaves it as it is.
    #[n(7)]
    pub fee_bps: Option<u32>,
}

/// Says which bank account of a merchant is paid.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SetBankAccount {
    /// The merchant's party number.
    #[n(0)]
    pub merchant: u64,
    /// The vault's handle of it; `None` pays nothing out any more.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub bank_account: Option<[u8; 16]>,
}

/// Settles a merchant's next business date whose cut-off has passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SettleMerchant {
    /// The merchant's party number.
    #[n(0)]
    pub merchant: u64,
    /// In which currency.
    #[n(1)]
    pub currency: Currency,
}

/// The reply of [`SETTLE_MERCHANT`].
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SettlementReply {
    /// What was settled; `None` if nothing was to be settled.
    #[n(0)]
    pub settlement: Option<Settlement>,
    /// Whether another day follows at once.
    #[n(1)]
    pub is_more: bool,
}

/// A cut-off, or the next piece of the list for a business date.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SettlementDue {
    /// The place at which the list goes on; `None` at a cut-off.
    #[n(0)]
    pub place: Option<u64>,
}

/// Puts the operator's own money where refunds of merchants are advanced from, or takes it back.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct MoveAdvanceFunds {
    /// How much, not zero.
    #[n(0)]
    pub money: Money,
    /// Whether it is taken back.
    #[n(1)]
    pub is_withdrawal: bool,
    /// The bank's own reference, 1 to 64 printable ASCII characters.
    #[n(2)]
    pub bank_reference: String,
}

/// The reply of [`MOVE_ADVANCE_FUNDS`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct AdvanceFundsReply {
    /// What can be advanced now.
    #[n(0)]
    pub available: Money,
}

/// The business date to which a movement at this stamp belongs: the day itself before its cut-off if banks work, otherwise the
/// next banking day. Without a calendar in the pack, or after its end, the day itself.
#[must_use]
pub fn business_date_of(market: &MarketPack, stamp: &Stamp) -> u32 {
    let belongs = market
        .settlement
        .as_ref()
        .and_then(|terms| market.settlement_date(stamp.business_date, u32::from(terms.is_after_cut_off(stamp))));
    belongs.unwrap_or(stamp.business_date)
}

/// The last business date whose cut-off has passed; `None` if the pack's calendar has none before this stamp.
#[must_use]
pub fn last_closed_date(market: &MarketPack, stamp: &Stamp) -> Option<u32> {
    let belongs_to = business_date_of(market, stamp);
    let dates = market.settlement_calendar.as_ref()?;
    let before = dates.partition_point(|date| *date < belongs_to).checked_sub(1)?;
    dates.get(before).copied()
}

/// Seconds from this stamp to the next cut-off by the offset that is in force now. When clocks change in between, it is an hour
/// early or late: whoever wakes up then judges anew by the stamp.
#[must_use]
pub fn seconds_to_cut_off(market: &MarketPack, stamp: &Stamp) -> u64 {
    let cut_off_minutes = market.settlement.as_ref().map_or(0, |terms| terms.cut_off_minutes);
    let utc_seconds = i64::try_from(stamp.time_ns.div_euclid(1_000_000_000)).unwrap_or(i64::MAX);
    let of_day = utc_seconds.saturating_add(i64::from(stamp.utc_offset_seconds)).rem_euclid(86_400);
    let left = i64::from(cut_off_minutes).saturating_mul(60).saturating_sub(of_day).rem_euclid(86_400);
    u64::try_from(if left == 0 { 86_400 } else { left }).unwrap_or(86_400)
}
