//! A merchant's history: one small row for each time that its money moved, by merchant and day, so that a list or a bill
//! of a day reads that day and nothing else.

use alloc::string::String;

use minicbor::{Decode, Encode};
use sycee_contract::{Deciding, Key, Record, Stop, Table};
use sycee_money::{Amount, Money};

use crate::MERCHANT_BALANCE;
use crate::decide::booking;
use crate::record::MERCHANT_ENTRY;

/// Why a merchant's money moved.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum EntryKind {
    /// An order was paid; its fee accrued.
    #[n(0)]
    Payment,
    /// A payment was refunded, in part or whole, by a refund or a cancel; fees that it returned are no longer owed.
    #[n(1)]
    Refund,
    /// A transfer to a customer is done.
    #[n(2)]
    Transfer,
    /// Accrued fees were taken from the balance.
    #[n(3)]
    FeesTaken,
    /// Fees returned after they had been taken were given back to the balance.
    #[n(4)]
    FeesGivenBack,
    /// A part of a trade's proceeds was passed on.
    #[n(5)]
    RoyaltyGiven,
    /// Another merchant passed on a part of a trade's proceeds.
    #[n(6)]
    RoyaltyReceived,
    /// A refund took back what had been passed on.
    #[n(7)]
    RoyaltyReturned,
    /// Another merchant's refund took back what it had passed on.
    #[n(8)]
    RoyaltyTakenBack,
    /// A part of a day's proceeds is held back.
    #[n(9)]
    ReserveHeld,
    /// What was held back long enough is in the balance again.
    #[n(10)]
    ReserveReleased,
    /// Money is on its way to the merchant's bank.
    #[n(11)]
    PaidOut,
    /// The bank has not paid it, or got it back.
    #[n(12)]
    PayoutReturned,
    /// The operator has advanced what a refund needed and the balance did not have.
    #[n(13)]
    Advanced,
    /// What was advanced was paid back out of proceeds.
    #[n(14)]
    AdvanceRecovered,
}

impl EntryKind {
    /// Whether an entry of this kind raises the merchant's balance.
    #[must_use]
    pub const fn is_income(self) -> bool {
        match self {
            Self::Payment
            | Self::FeesGivenBack
            | Self::RoyaltyReceived
            | Self::RoyaltyReturned
            | Self::ReserveReleased
            | Self::PayoutReturned
            | Self::Advanced => true,
            Self::Refund
            | Self::RoyaltyGiven
            | Self::RoyaltyTakenBack
            | Self::Transfer
            | Self::FeesTaken
            | Self::ReserveHeld
            | Self::PaidOut
            | Self::AdvanceRecovered => false,
        }
    }

    fn on_balance_minor(self, amount: Amount) -> i128 {
        let minor = i128::from(amount.minor());
        if self.is_income() { minor } else { minor.saturating_neg() }
    }

    fn on_fees_owed_minor(self, amount: Amount, fee: Amount) -> i128 {
        let (minor, fee) = (i128::from(amount.minor()), i128::from(fee.minor()));
        match self {
            Self::Payment => fee,
            Self::Refund => fee.saturating_neg(),
            Self::FeesTaken => minor.saturating_neg(),
            Self::FeesGivenBack => minor,
            Self::Transfer
            | Self::RoyaltyGiven
            | Self::RoyaltyReceived
            | Self::RoyaltyReturned
            | Self::RoyaltyTakenBack
            | Self::ReserveHeld
            | Self::ReserveReleased
            | Self::PaidOut
            | Self::PayoutReturned
            | Self::Advanced
            | Self::AdvanceRecovered => 0,
        }
    }
}

/// One movement of a merchant's money. Written in the same plan as the movement itself, and never changed.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct MerchantEntry {
    /// Why.
    #[n(0)]
    pub kind: EntryKind,
    /// The order's id of a payment, a refund, an advance and what a refund takes back; the transfer's id of a transfer; the
    /// royalty's of one that is given or received; the payout's of a payout; 0 for fees and for what is held back.
    #[n(1)]
    pub of: u64,
    /// How much, without sign: the price, what was refunded of it, what was transferred, taken or given back.
    #[n(2)]
    pub money: Money,
    /// Of a payment the fee that accrued, of a refund the fee that it returned; otherwise zero.
    #[n(3)]
    pub fee: Amount,
    /// The merchant's balance in this currency after it, with what is held.
    #[n(4)]
    pub balance_after: Amount,
    /// When, UTC nanoseconds.
    #[n(5)]
    pub at_ns: u64,
    /// The merchant's number of a refund, also where it takes a royalty back, and of a royalty that it gives.
    #[n(6)]
    pub number: Option<String>,
    /// The business date whose settlement it is in, yyyymmdd ([`crate::settlement::Settlement`]); `None` if the merchant's money
    /// was not settled by days then.
    #[n(7)]
    pub settlement: Option<u32>,
}

impl MerchantEntry {
    /// The key of an entry's row: the day is the market's, as the decimal number yyyymmdd; ids rise with time.
    #[must_use]
    pub fn key(merchant: u64, date: u32, id: u64) -> Key {
        Self::of_day(merchant, date).number(id)
    }

    /// What the keys of a merchant's day begin with.
    #[must_use]
    pub fn of_day(merchant: u64, date: u32) -> Key {
        Self::of_merchant(merchant).fixed(date.to_be_bytes())
    }

    /// What the keys of a merchant begin with.
    #[must_use]
    pub fn of_merchant(merchant: u64) -> Key {
        Key::new(MERCHANT_ENTRY).number(merchant)
    }

    /// The market's day in the key of an entry, yyyymmdd; `None` for another key.
    #[must_use]
    pub fn date_of(key: &Key) -> Option<u32> {
        let bytes = key.as_bytes().get(10..14)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    }

    /// The id in the key of an entry; `None` for another key.
    #[must_use]
    pub fn id_of(key: &Key) -> Option<u64> {
        key.number_at(12)
    }

    /// What it did to the merchant's balance, with sign.
    #[must_use]
    pub fn on_balance_minor(&self) -> i128 {
        self.kind.on_balance_minor(self.money.amount)
    }

    /// What it did to the fees that the merchant owes, with sign.
    #[must_use]
    pub fn on_fees_owed_minor(&self) -> i128 {
        self.kind.on_fees_owed_minor(self.money.amount, self.fee)
    }
}

impl Record for MerchantEntry {
    const TABLE: Table = MERCHANT_ENTRY;
}

/// A movement of a merchant's money of which an entry is to be written.
#[derive(Clone, Debug)]
pub(crate) struct Moved {
    pub kind: EntryKind,
    pub of: u64,
    pub money: Money,
    pub fee: Amount,
    pub number: Option<String>,
}

impl Moved {
    /// What it does to the balance and to the fees owed, with sign.
    pub(crate) fn changes(&self) -> (i128, i128) {
        let amount = self.money.amount;
        (self.kind.on_balance_minor(amount), self.kind.on_fees_owed_minor(amount, self.fee))
    }
}

/// Writes the entry of a movement that is already planned.
pub(crate) fn write(
    deciding: &mut Deciding<'_>,
    merchant: u64,
    kind: EntryKind,
    of: u64,
    money: Money,
    fee: Amount,
    number: Option<String>,
) -> Result<(), Stop> {
    let moved = Moved { kind, of, money, fee, number };
    let settlement = booking::book(deciding, merchant, &moved)?;
    append(deciding, merchant, moved, settlement)
}

/// Writes the entry of a movement that the closing of a business date makes.
pub(crate) fn write_closing(
    deciding: &mut Deciding<'_>,
    merchant: u64,
    (kind, of): (EntryKind, u64),
    money: Money,
    date: u32,
) -> Result<(), Stop> {
    append(deciding, merchant, Moved { kind, of, money, fee: Amount::ZERO, number: None }, Some(date))
}

fn append(deciding: &mut Deciding<'_>, merchant: u64, moved: Moved, settlement: Option<u32>) -> Result<(), Stop> {
    let Moved { kind, of, money, fee, number } = moved;
    let balance = deciding.account(MERCHANT_BALANCE.of(merchant, money.currency))?;
    let minor = balance.map_or(0, |account| account.balance_minor());
    let Ok(minor) = u64::try_from(minor) else { return Err(Stop::Broken("a merchant's balance is below zero")) };
    let stamp = *deciding.stamp();
    let balance_after = Amount::new(minor)?;
    let entry = MerchantEntry { kind, of, money, fee, balance_after, at_ns: stamp.time_ns, number, settlement };
    let id = deciding.new_id()?;
    deciding.put(MerchantEntry::key(merchant, stamp.business_date, id), &entry);
    Ok(())
}

/// Entries added up, of one currency: a merchant's settlement report of a day or any other time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    /// How many payments.
    pub payments: u64,
    /// Their prices.
    pub gross_minor: u64,
    /// How many refunds, with those of cancels.
    pub refunds: u64,
    /// What they refunded.
    pub refunded_minor: u64,
    /// Fees that accrued.
    pub fees_minor: u64,
    /// Fees that refunds returned.
    pub fees_returned_minor: u64,
    /// Transfers to customers.
    pub transferred_minor: u64,
    /// Fees taken from the balance.
    pub fees_taken_minor: u64,
    /// Fees given back to it.
    pub fees_given_back_minor: u64,
    /// Passed on to others, and given back to others whose it was.
    pub royalties_out_minor: u64,
    /// Got from others, and got back from them.
    pub royalties_in_minor: u64,
    /// What was held back.
    pub reserve_held_minor: u64,
    /// What was held back and is in the balance again.
    pub reserve_released_minor: u64,
    /// What was paid out.
    pub paid_out_minor: u64,
    /// What came back of it.
    pub payouts_returned_minor: u64,
    /// What the operator advanced for refunds.
    pub advanced_minor: u64,
    /// What was paid back of it.
    pub recovered_minor: u64,
}

impl Totals {
    /// Adds an entry.
    pub fn add(&mut self, entry: &MerchantEntry) {
        let (minor, fee) = (entry.money.amount.minor(), entry.fee.minor());
        let add = |to: &mut u64, minor: u64| *to = to.saturating_add(minor);
        match entry.kind {
            EntryKind::Payment => {
                add(&mut self.payments, 1);
                add(&mut self.gross_minor, minor);
                add(&mut self.fees_minor, fee);
            }
            EntryKind::Refund => {
                add(&mut self.refunds, 1);
                add(&mut self.refunded_minor, minor);
                add(&mut self.fees_returned_minor, fee);
            }
            EntryKind::Transfer => add(&mut self.transferred_minor, minor),
            EntryKind::FeesTaken => add(&mut self.fees_taken_minor, minor),
            EntryKind::FeesGivenBack => add(&mut self.fees_given_back_minor, minor),
            EntryKind::RoyaltyGiven | EntryKind::RoyaltyTakenBack => add(&mut self.royalties_out_minor, minor),
            EntryKind::RoyaltyReceived | EntryKind::RoyaltyReturned => add(&mut self.royalties_in_minor, minor),
            EntryKind::ReserveHeld => add(&mut self.reserve_held_minor, minor),
            EntryKind::ReserveReleased => add(&mut self.reserve_released_minor, minor),
            EntryKind::PaidOut => add(&mut self.paid_out_minor, minor),
            EntryKind::PayoutReturned => add(&mut self.payouts_returned_minor, minor),
            EntryKind::Advanced => add(&mut self.advanced_minor, minor),
            EntryKind::AdvanceRecovered => add(&mut self.recovered_minor, minor),
        }
    }

    /// What was earned: prices less refunds and fees, plus fees returned. When those fees are taken does not matter.
    #[must_use]
    pub fn net_minor(&self) -> i128 {
        difference(self.gross_minor, self.refunded_minor)
            .saturating_sub(difference(self.fees_minor, self.fees_returned_minor))
    }

    /// By how much the merchant's balance has changed.
    #[must_use]
    pub fn on_balance_minor(&self) -> i128 {
        let fees = difference(self.fees_taken_minor, self.fees_given_back_minor);
        difference(self.gross_minor, self.refunded_minor)
            .saturating_sub(i128::from(self.transferred_minor))
            .saturating_sub(difference(self.royalties_out_minor, self.royalties_in_minor))
            .saturating_sub(fees)
            .saturating_sub(difference(self.reserve_held_minor, self.reserve_released_minor))
            .saturating_sub(difference(self.paid_out_minor, self.payouts_returned_minor))
            .saturating_add(difference(self.advanced_minor, self.recovered_minor))
    }

    /// By how much the fees that the merchant owes have changed.
    #[must_use]
    pub fn on_fees_owed_minor(&self) -> i128 {
        let taken = difference(self.fees_taken_minor, self.fees_given_back_minor);
        difference(self.fees_minor, self.fees_returned_minor).saturating_sub(taken)
    }
}

fn difference(more: u64, less: u64) -> i128 {
    i128::from(more).saturating_sub(i128::from(less))
}
