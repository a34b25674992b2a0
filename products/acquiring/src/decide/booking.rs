//! Which business date a movement of a merchant's money belongs to, and the sums of that date.

use alloc::vec;

use sycee_contract::{Deciding, MarketPack, Stop};
use sycee_money::Currency;

use crate::entry::{EntryKind, Moved};
use crate::record::Merchant;
use crate::settlement::{RosterPlace, Settlement, SettlementAccount, SettlementClock, business_date_of};
use crate::{FEE_RECEIVABLE, MERCHANT_BALANCE};

/// Adds a planned movement to the open business date to which its stamp belongs; gives back that date. `None` if the merchant's
/// money is not settled by days: then nothing is read but the merchant's row.
pub(crate) fn book(deciding: &mut Deciding<'_>, merchant: u64, moved: &Moved) -> Result<Option<u32>, Stop> {
    deciding.want(&[Merchant::key(merchant), MarketPack::key()]);
    deciding.ready()?;
    let found = deciding.get::<Merchant>(&Merchant::key(merchant))?;
    if found.is_none_or(|merchant| merchant.settled_since.is_none()) {
        return Ok(None);
    }
    let currency = moved.money.currency;
    let (stamp, market) = (*deciding.stamp(), deciding.market()?);
    let date = business_date_of(&market, &stamp);
    let mut settlement = open_settlement(deciding, &market, merchant, currency, date, moved)?;
    let (minor, fee) = (moved.money.amount.minor(), moved.fee.minor());
    let add = |to: &mut u64, minor: u64| *to = to.saturating_add(minor);
    match moved.kind {
        EntryKind::Payment => {
            add(&mut settlement.payments, 1);
            add(&mut settlement.gross_minor, minor);
            add(&mut settlement.fees_minor, fee);
        }
        EntryKind::Refund => {
            add(&mut settlement.refunds, 1);
            add(&mut settlement.refunded_minor, minor);
            add(&mut settlement.fees_returned_minor, fee);
        }
        kind if kind.is_income() => add(&mut settlement.other_in_minor, minor),
        _ => add(&mut settlement.other_out_minor, minor),
    }
    let by_hand = i64::try_from(minor).unwrap_or(i64::MAX);
    settlement.fees_by_hand_minor = match moved.kind {
        EntryKind::FeesTaken => settlement.fees_by_hand_minor.saturating_add(by_hand),
        EntryKind::FeesGivenBack => settlement.fees_by_hand_minor.saturating_sub(by_hand),
        _ => settlement.fees_by_hand_minor,
    };
    add(&mut settlement.entries, 1);
    let day = stamp.business_date;
    // Clocks that are put back over midnight make a day come twice.
    settlement.first_day = if settlement.first_day == 0 { day } else { settlement.first_day.min(day) };
    settlement.last_day = settlement.last_day.max(day);
    deciding.put(Settlement::key(merchant, currency, settlement.date), &settlement);
    Ok(Some(settlement.date))
}

/// The open row of a business date, or of the next if clocks were put back over its cut-off after it was closed.
fn open_settlement(
    deciding: &mut Deciding<'_>,
    market: &MarketPack,
    merchant: u64,
    currency: Currency,
    mut date: u32,
    moved: &Moved,
) -> Result<Settlement, Stop> {
    let found = deciding.get::<Settlement>(&Settlement::key(merchant, currency, date))?;
    if let Some(open) = found.filter(|settlement| settlement.closing.is_none()) {
        return Ok(open);
    }
    let mut account = match deciding.get::<SettlementAccount>(&SettlementAccount::key(merchant, currency))? {
        Some(account) => account,
        None => begin(deciding, merchant, currency, Some(moved))?,
    };
    if date <= account.settled_through {
        let after = account.settled_through;
        date = market.settlement_date(after, 1).unwrap_or_else(|| crate::day::after(after, 1));
        if let Some(open) = deciding.get::<Settlement>(&Settlement::key(merchant, currency, date))? {
            return Ok(open);
        }
    }
    if !account.open_dates.contains(&date) {
        account.open_dates.push(date);
        account.open_dates.sort_unstable();
        deciding.put(SettlementAccount::key(merchant, currency), &account);
    }
    Ok(Settlement::open(deciding.new_id()?, merchant, currency, date))
}

/// Begins to settle a merchant in a currency: what it has now is brought forward to its first date. A movement that is planned
/// already is not part of that.
pub(crate) fn begin(
    deciding: &mut Deciding<'_>,
    merchant: u64,
    currency: Currency,
    moved: Option<&Moved>,
) -> Result<SettlementAccount, Stop> {
    deciding.want(&[SettlementClock::key()]);
    deciding.want_account(MERCHANT_BALANCE.of(merchant, currency));
    deciding.want_account(FEE_RECEIVABLE.of(merchant, currency));
    deciding.ready()?;
    let Some(mut clock) = deciding.get::<SettlementClock>(&SettlementClock::key())? else {
        return Err(Stop::Broken("a merchant is settled and no cut-off is set"));
    };
    let balance = deciding.account(MERCHANT_BALANCE.of(merchant, currency))?.map_or(0, |of| of.balance_minor());
    let owed = deciding.account(FEE_RECEIVABLE.of(merchant, currency))?.map_or(0, |of| of.balance_minor());
    let (on_balance, on_fees) = moved.map_or((0, 0), Moved::changes);
    let account = SettlementAccount {
        merchant,
        currency,
        open_dates: vec![],
        settled_through: 0,
        carried_minor: signed(balance.saturating_sub(on_balance))?,
        fees_carried_minor: signed(owed.saturating_sub(on_fees))?,
        advanced_minor: 0,
        recovered_minor: 0,
        paid_ahead_minor: 0,
    };
    deciding.put(RosterPlace::key(clock.places), &RosterPlace { merchant, currency });
    clock.places = clock.places.saturating_add(1);
    deciding.put(SettlementClock::key(), &clock);
    deciding.put(SettlementAccount::key(merchant, currency), &account);
    Ok(account)
}

/// A sum as rows keep it.
pub(super) fn signed(minor: i128) -> Result<i64, Stop> {
    i64::try_from(minor).map_err(|_| Stop::Broken("a sum of a settlement is out of range"))
}
