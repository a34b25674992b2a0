//! How a business date is closed: what is given back, released, taken, recovered, held back and paid, in this order.

use sycee_contract::{AccountRef, Deciding, Event, MarketPack, Stop, encode};
use sycee_money::{Amount, Currency, Money, Rounding, share_bps};
use sycee_party::Party;

use super::{advances, booking, payouts};
use crate::entry::{self, EntryKind};
use crate::record::FeeSettlement;
use crate::settlement::{
    Closing, EVENT_MERCHANT_SETTLED, MerchantReserve, MerchantTerms, NotPaid, PayoutSchedule, Settlement,
    SettlementAccount, Tranche, business_date_of,
};
use crate::{FEE_RECEIVABLE, MERCHANT_BALANCE, MERCHANT_OWES, MERCHANT_RESERVE, day, purpose};

/// What a closing leaves.
pub(super) struct Closed {
    pub settlement: Settlement,
    pub account: SettlementAccount,
    pub reserve: MerchantReserve,
}

/// A merchant's money of the dates that are being closed: later dates' money is in the same balance and is not touched.
struct Pot {
    merchant: u64,
    currency: Currency,
    date: u32,
    /// What is left, minor units.
    left_minor: i128,
    entries: u64,
}

impl Pot {
    fn balance(&self) -> AccountRef {
        AccountRef::of(&MERCHANT_BALANCE, self.merchant, self.currency)
    }

    fn money(&self, amount: Amount) -> Money {
        Money::new(amount, self.currency)
    }

    /// As much of `wanted_minor` as is left and free in the balance.
    fn as_far_as_it_goes(&self, deciding: &mut Deciding<'_>, wanted_minor: i128) -> Result<Amount, Stop> {
        let free_minor = i128::from(deciding.available_minor(self.balance().id())?);
        let minor = wanted_minor.min(self.left_minor).min(free_minor).max(0);
        Ok(Amount::new(u64::try_from(minor).unwrap_or(0))?)
    }

    /// Writes the entry of a movement that is planned.
    fn moved(&mut self, deciding: &mut Deciding<'_>, kind: EntryKind, of: u64, amount: Amount) -> Result<(), Stop> {
        let minor = i128::from(amount.minor());
        let change = if kind.is_income() { minor } else { minor.saturating_neg() };
        self.left_minor = self.left_minor.saturating_add(change);
        self.entries = self.entries.saturating_add(1);
        entry::write_closing(deciding, self.merchant, (kind, of), self.money(amount), self.date)
    }
}

/// Closes a date. What is left and not paid is carried forward; the balance is never below zero, so that is not either, and what
/// the merchant owes stands in an account of its own.
pub(super) fn close(
    deciding: &mut Deciding<'_>,
    market: &MarketPack,
    terms: &MerchantTerms,
    (mut account, mut reserve): (SettlementAccount, MerchantReserve),
    mut settlement: Settlement,
    is_asked: bool,
) -> Result<Closed, Stop> {
    let (merchant, currency, date) = (settlement.merchant, settlement.currency, settlement.date);
    let brought_forward_minor = account.carried_minor;
    let fees_brought_forward_minor = account.fees_carried_minor;
    let mut pot = Pot {
        merchant,
        currency,
        date,
        left_minor: i128::from(brought_forward_minor).saturating_add(settlement.on_balance_minor()),
        entries: settlement.entries,
    };
    let owed_minor = i128::from(fees_brought_forward_minor).saturating_add(settlement.on_fees_owed_minor());
    let reserve_released = release(deciding, &mut pot, &mut reserve)?;
    let (fees_taken, fees_given_back) = fees(deciding, &mut pot, owed_minor)?;
    let recovered = recover(deciding, &mut pot, &mut account)?;
    let reserve_held = hold_back(deciding, &mut pot, terms, &settlement, &mut reserve)?;
    let (paid_out, payout, not_paid) = pay(deciding, &mut pot, market, terms, &account, is_asked)?;
    let fees_carried =
        owed_minor.saturating_sub(i128::from(fees_taken.minor())).saturating_add(i128::from(fees_given_back.minor()));
    account.carried_minor = booking::signed(pot.left_minor)?;
    account.fees_carried_minor = booking::signed(fees_carried)?;
    account.settled_through = date;
    account.paid_ahead_minor = 0;
    account.open_dates.retain(|open| *open != date);
    let closing = Closing {
        at_ns: deciding.stamp().time_ns,
        brought_forward_minor,
        fees_brought_forward_minor,
        fees_taken,
        fees_given_back,
        reserve_released,
        recovered,
        reserve_held,
        paid_out,
        carried_forward_minor: account.carried_minor,
        fees_carried_forward_minor: account.fees_carried_minor,
        owes: Amount::new(account.owes_minor())?,
        reserve: Amount::new(reserve.sum_minor())?,
        payout,
        not_paid,
    };
    settlement.entries = pot.entries;
    settlement.closing = Some(closing);
    deciding.put(Settlement::key(merchant, currency, date), &settlement);
    deciding.put(SettlementAccount::key(merchant, currency), &account);
    deciding.put(MerchantReserve::key(merchant, currency), &reserve);
    deciding.emit(Event { kind: EVENT_MERCHANT_SETTLED, body: encode(&settlement) });
    Ok(Closed { settlement, account, reserve })
}

/// Releases what was held back long enough.
fn release(deciding: &mut Deciding<'_>, pot: &mut Pot, reserve: &mut MerchantReserve) -> Result<Amount, Stop> {
    let mut released = Amount::ZERO;
    for tranche in reserve.tranches.iter().filter(|tranche| tranche.due_date <= pot.date) {
        released = released.checked_add(tranche.amount)?;
    }
    if !released.is_zero() {
        reserve.tranches.retain(|tranche| tranche.due_date > pot.date);
        let held = AccountRef::of(&MERCHANT_RESERVE, pot.merchant, pot.currency);
        deciding.transfer(held, pot.balance(), released, purpose::RESERVE_RELEASED)?;
        pot.moved(deciding, EntryKind::ReserveReleased, 0, released)?;
    }
    Ok(released)
}

/// Takes the fees that are owed as far as the money goes, or gives back what refunds have left over: taken, given back.
fn fees(deciding: &mut Deciding<'_>, pot: &mut Pot, owed_minor: i128) -> Result<(Amount, Amount), Stop> {
    let receivable = AccountRef::of(&FEE_RECEIVABLE, pot.merchant, pot.currency);
    let key = FeeSettlement::key(pot.merchant, pot.currency);
    let mut counted: FeeSettlement = deciding.get(&key)?.unwrap_or_default();
    let give_minor = u64::try_from(owed_minor.saturating_neg()).unwrap_or(0);
    if give_minor > 0 {
        let given = Amount::new(give_minor)?;
        deciding.transfer(receivable, pot.balance(), given, purpose::FEE_GIVE_BACK)?;
        counted.given_back_minor = counted.given_back_minor.saturating_add(give_minor);
        deciding.put(key, &counted);
        pot.moved(deciding, EntryKind::FeesGivenBack, 0, given)?;
        return Ok((Amount::ZERO, given));
    }
    let taken = pot.as_far_as_it_goes(deciding, owed_minor)?;
    if !taken.is_zero() {
        deciding.transfer(pot.balance(), receivable, taken, purpose::FEE_SETTLEMENT)?;
        counted.taken_minor = counted.taken_minor.saturating_add(taken.minor());
        deciding.put(key, &counted);
        pot.moved(deciding, EntryKind::FeesTaken, 0, taken)?;
    }
    Ok((taken, Amount::ZERO))
}

/// Pays back what the operator has advanced, as far as the money goes.
fn recover(deciding: &mut Deciding<'_>, pot: &mut Pot, account: &mut SettlementAccount) -> Result<Amount, Stop> {
    let owes = deciding.account(MERCHANT_OWES.of(pot.merchant, pot.currency))?.map_or(0, |owes| owes.balance_minor());
    let recovered = pot.as_far_as_it_goes(deciding, owes)?;
    if !recovered.is_zero() {
        advances::recover(deciding, pot.merchant, pot.money(recovered))?;
        account.recovered_minor = account.recovered_minor.saturating_add(recovered.minor());
        pot.moved(deciding, EntryKind::AdvanceRecovered, 0, recovered)?;
    }
    Ok(recovered)
}

/// Holds back a part of what the day has brought, in favour of the merchant.
fn hold_back(
    deciding: &mut Deciding<'_>,
    pot: &mut Pot,
    terms: &MerchantTerms,
    settlement: &Settlement,
    reserve: &mut MerchantReserve,
) -> Result<Amount, Stop> {
    let brought = Amount::new(settlement.gross_minor.saturating_sub(settlement.refunded_minor))?;
    let wanted = share_bps(brought, terms.reserve_bps, Rounding::Down)?;
    let held = pot.as_far_as_it_goes(deciding, i128::from(wanted.minor()))?;
    if !held.is_zero() {
        let account = AccountRef::of(&MERCHANT_RESERVE, pot.merchant, pot.currency);
        deciding.transfer(pot.balance(), account, held, purpose::RESERVE_HELD)?;
        let due_date = day::after(pot.date, terms.reserve_days.max(1));
        reserve.tranches.push(Tranche { date: pot.date, due_date, amount: held });
        pot.moved(deciding, EntryKind::ReserveHeld, 0, held)?;
    }
    Ok(held)
}

/// What is paid out, the payout, and why not everything is.
type Paid = (Amount, Option<u64>, Option<NotPaid>);

fn pay(
    deciding: &mut Deciding<'_>,
    pot: &mut Pot,
    market: &MarketPack,
    terms: &MerchantTerms,
    account: &SettlementAccount,
    is_asked: bool,
) -> Result<Paid, Stop> {
    let amount = pot.as_far_as_it_goes(deciding, pot.left_minor)?;
    let hindrance = hindrance(deciding, pot, market, terms, account, (amount, is_asked))?;
    let (None, Some(bank_account)) = (hindrance, terms.bank_account) else {
        return Ok((Amount::ZERO, None, hindrance));
    };
    let money = pot.money(amount);
    let payout = payouts::request(deciding, market, pot.merchant, money, (pot.date, bank_account))?;
    pot.moved(deciding, EntryKind::PaidOut, payout.id, amount)?;
    let rest = (pot.left_minor > 0).then_some(NotPaid::NotAvailable);
    Ok((amount, Some(payout.id), rest))
}

/// Why nothing is paid, if nothing is.
fn hindrance(
    deciding: &mut Deciding<'_>,
    pot: &Pot,
    market: &MarketPack,
    terms: &MerchantTerms,
    account: &SettlementAccount,
    (amount, is_asked): (Amount, bool),
) -> Result<Option<NotPaid>, Stop> {
    if amount.is_zero() {
        return Ok(Some(if pot.left_minor > 0 { NotPaid::NotAvailable } else { NotPaid::NothingLeft }));
    }
    if deciding.get::<Party>(&Party::key(pot.merchant))?.is_some_and(|party| party.frozen) {
        return Ok(Some(NotPaid::Frozen));
    }
    match unpaid_by_terms(terms, account, pot.date) {
        None => {}
        Some(NotPaid::NotScheduled) if is_asked => {}
        unpaid => return Ok(unpaid),
    }
    let has_minimum = market.currency == pot.currency && !is_asked;
    Ok((has_minimum && amount < terms.minimum_payout).then_some(NotPaid::BelowMinimum))
}

/// Why the terms pay nothing at a date, whatever is left.
pub(super) fn unpaid_by_terms(terms: &MerchantTerms, account: &SettlementAccount, date: u32) -> Option<NotPaid> {
    let is_scheduled = match terms.schedule {
        PayoutSchedule::Daily => true,
        PayoutSchedule::Weekly => day::has_weekday(account.settled_through, date, terms.weekday),
        PayoutSchedule::OnRequest => false,
    };
    match (terms.bank_account, is_scheduled) {
        (None, _) => Some(NotPaid::NoBankAccount),
        (Some(_), false) => Some(NotPaid::NotScheduled),
        (Some(_), true) => None,
    }
}

/// Pays out what closed dates have left, because staff asks for it. The payout belongs to the date that is open now. Gives back
/// whether there was something to pay.
pub(super) fn pay_what_is_left(
    deciding: &mut Deciding<'_>,
    market: &MarketPack,
    terms: &MerchantTerms,
    mut account: SettlementAccount,
    through: u32,
) -> Result<bool, Stop> {
    let (merchant, currency) = (account.merchant, account.currency);
    let left_minor = i128::from(account.carried_minor).saturating_sub(i128::from(account.paid_ahead_minor));
    let pot = Pot { merchant, currency, date: through, left_minor, entries: 0 };
    let amount = pot.as_far_as_it_goes(deciding, left_minor)?;
    let hindrance = hindrance(deciding, &pot, market, terms, &account, (amount, true))?;
    let (None, Some(bank_account)) = (hindrance, terms.bank_account) else { return Ok(false) };
    let date = business_date_of(market, deciding.stamp());
    let payout = payouts::request(deciding, market, merchant, pot.money(amount), (date, bank_account))?;
    account.paid_ahead_minor = account.paid_ahead_minor.saturating_add(amount.minor());
    deciding.put(SettlementAccount::key(merchant, currency), &account);
    entry::write(deciding, merchant, EntryKind::PaidOut, payout.id, payout.money, Amount::ZERO, None)?;
    Ok(true)
}
