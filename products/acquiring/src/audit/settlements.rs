//! Checks settlements: their entries, the chain from one to the next, payouts, what is held back, and what is advanced.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::vec::Vec;

use sycee_contract::{Books, EffectRecord, Finding};
use sycee_ledger::OPERATOR;
use sycee_money::Amount;

use super::{MerchantCurrency, Sums, add, balances, each, is_set, minor, one};
use crate::entry::{EntryKind, MerchantEntry};
use crate::payout::{PAYOUT, Payout, PayoutState};
use crate::record::{MERCHANT_ENTRY, Merchant};
use crate::settlement::{
    Closing, MERCHANT_RESERVE as RESERVE_TABLE, MerchantReserve, MerchantTerms, RosterPlace, SETTLEMENT,
    SETTLEMENT_ACCOUNT, SETTLEMENT_DUE, SETTLEMENT_ROSTER, Settlement, SettlementAccount, SettlementClock,
};
use crate::{ADVANCE_FUNDS_LENT, FEE_RECEIVABLE, MERCHANT_BALANCE, MERCHANT_OWES, MERCHANT_RESERVE, PAYOUT_IN_TRANSIT};

const ADD_UP: &str = "settlements_add_up";
const TRANSIT: &str = "payouts_match_transit";
const RESERVES: &str = "reserves_match_tranches";
const ADVANCES: &str = "advances_match_advance_funds";
const LIST: &str = "settlement_list_is_whole";

/// What the entries of a business date come to.
#[derive(Default)]
struct Told {
    count: u64,
    on_balance: i128,
    on_fees: i128,
    /// How many and how much, by kind.
    kinds: BTreeMap<EntryKind, (u64, i128)>,
    fees: i128,
    fees_returned: i128,
}

impl Told {
    fn of(&self, kind: EntryKind) -> i128 {
        self.kinds.get(&kind).map_or(0, |(_, minor)| *minor)
    }

    fn count(&self, kind: EntryKind) -> u64 {
        self.kinds.get(&kind).map_or(0, |(count, _)| *count)
    }
}

pub(super) fn audit(books: &dyn Books, sums: &mut Sums, findings: &mut Vec<Finding>) {
    let mut told = entries(books, findings);
    let chain = settlements(books, &mut told, sums, findings);
    for (of, told) in told {
        findings.push(Finding::new(ADD_UP, format!("{of:?} has {} entries and no settlement", told.count)));
    }
    accounts(books, chain, sums, findings);
    payouts(books, sums, findings);
    reserves(books, sums, findings);
    list(books, findings);
}

fn entries(books: &dyn Books, findings: &mut Vec<Finding>) -> BTreeMap<(MerchantCurrency, u32), Told> {
    let mut told: BTreeMap<(MerchantCurrency, u32), Told> = BTreeMap::new();
    each::<MerchantEntry>(books, MERCHANT_ENTRY, ADD_UP, findings, &mut |key, entry, _| {
        let (Some(merchant), Some(date)) = (key.number_at(0), entry.settlement) else { return };
        let told = told.entry(((merchant, entry.money.currency.numeric()), date)).or_default();
        told.count = told.count.saturating_add(1);
        told.on_balance = told.on_balance.saturating_add(entry.on_balance_minor());
        told.on_fees = told.on_fees.saturating_add(entry.on_fees_owed_minor());
        let (count, sum) = told.kinds.entry(entry.kind).or_default();
        *count = count.saturating_add(1);
        *sum = sum.saturating_add(minor(entry.money.amount));
        match entry.kind {
            EntryKind::Payment => told.fees = told.fees.saturating_add(minor(entry.fee)),
            EntryKind::Refund => told.fees_returned = told.fees_returned.saturating_add(minor(entry.fee)),
            _ => {}
        }
    });
    told
}

/// Where the settlements of a merchant in a currency have come to.
#[derive(Default)]
struct Chain {
    closed: Option<(u32, i64, i64)>,
    open_dates: Vec<u32>,
    open_on_balance: i128,
    open_on_fees: i128,
    released: i128,
    held: i128,
}

fn settlements(
    books: &dyn Books,
    told: &mut BTreeMap<(MerchantCurrency, u32), Told>,
    sums: &mut Sums,
    findings: &mut Vec<Finding>,
) -> BTreeMap<MerchantCurrency, Chain> {
    let mut chains: BTreeMap<MerchantCurrency, Chain> = BTreeMap::new();
    each::<Settlement>(books, SETTLEMENT, ADD_UP, findings, &mut |_, settlement, findings| {
        let of = (settlement.merchant, settlement.currency.numeric());
        let told = told.remove(&(of, settlement.date)).unwrap_or_default();
        let chain = chains.entry(of).or_default();
        let wrong = match &settlement.closing {
            None => {
                chain.open_dates.push(settlement.date);
                chain.open_on_balance = chain.open_on_balance.saturating_add(settlement.on_balance_minor());
                chain.open_on_fees = chain.open_on_fees.saturating_add(settlement.on_fees_owed_minor());
                day(&settlement, &told)
            }
            Some(closing) => {
                chain.released = chain.released.saturating_add(minor(closing.reserve_released));
                chain.held = chain.held.saturating_add(minor(closing.reserve_held));
                let wrong = day(&settlement, &told).or_else(|| closed(&settlement, closing, &told));
                let wrong = wrong.or_else(|| follows(chain, settlement.date, closing));
                chain.closed =
                    Some((settlement.date, closing.carried_forward_minor, closing.fees_carried_forward_minor));
                wrong.or_else(|| paid(books, &settlement, closing))
            }
        };
        if let Some(what) = wrong {
            findings.push(Finding::new(ADD_UP, format!("{of:?}, {}: {what}", settlement.date)));
        }
    });
    for (of, chain) in &chains {
        sums.entries.add(*of, EntryKind::ReserveReleased, 0, chain.released, 0);
        sums.entries.add(*of, EntryKind::ReserveHeld, 0, chain.held, 0);
    }
    chains
}

/// What is wrong with the sums of a date, if anything.
fn day(settlement: &Settlement, told: &Told) -> Option<&'static str> {
    let number = |number: u64| i128::from(number);
    let checks = [
        (settlement.entries == told.count, "it does not have so many entries"),
        (number(settlement.gross_minor) == told.of(EntryKind::Payment), "its payments are not what it says"),
        (settlement.payments == told.count(EntryKind::Payment), "it does not have so many payments"),
        (number(settlement.refunded_minor) == told.of(EntryKind::Refund), "its refunds are not what it says"),
        (settlement.refunds == told.count(EntryKind::Refund), "it does not have so many refunds"),
        (number(settlement.fees_minor) == told.fees, "its fees are not what it says"),
        (number(settlement.fees_returned_minor) == told.fees_returned, "its returned fees are not what it says"),
        (
            settlement.closing.is_some() || settlement.on_balance_minor() == told.on_balance,
            "its entries do not come to what it says",
        ),
        (
            settlement.closing.is_some() || settlement.on_fees_owed_minor() == told.on_fees,
            "its entries do not come to the fees that it says",
        ),
    ];
    checks.into_iter().find_map(|(holds, what)| (!holds).then_some(what))
}

/// What is wrong with a closing, if anything.
fn closed(settlement: &Settlement, closing: &Closing, told: &Told) -> Option<&'static str> {
    let change = |after: i64, before: i64| i128::from(after).saturating_sub(i128::from(before));
    let taken = minor(closing.fees_taken).saturating_sub(minor(closing.fees_given_back));
    let by_hand = i128::from(settlement.fees_by_hand_minor);
    let fees = told.of(EntryKind::FeesTaken).saturating_sub(told.of(EntryKind::FeesGivenBack));
    let balance = change(closing.carried_forward_minor, closing.brought_forward_minor);
    let computed = settlement
        .on_balance_minor()
        .saturating_add(minor(closing.reserve_released))
        .saturating_sub(taken)
        .saturating_sub(minor(closing.recovered))
        .saturating_sub(minor(closing.reserve_held))
        .saturating_sub(minor(closing.paid_out));
    let fees_carried = change(closing.fees_carried_forward_minor, closing.fees_brought_forward_minor);
    let checks = [
        (balance == told.on_balance, "its entries do not lead from what was brought forward to what is carried"),
        (balance == computed, "it does not add up"),
        (fees_carried == told.on_fees, "its entries do not lead from the fees brought forward to those carried"),
        (fees == taken.saturating_add(by_hand), "the fees taken are not what it says"),
        (minor(closing.reserve_released) == told.of(EntryKind::ReserveReleased), "not so much was released"),
        (minor(closing.reserve_held) == told.of(EntryKind::ReserveHeld), "not so much is held back"),
        (minor(closing.recovered) == told.of(EntryKind::AdvanceRecovered), "not so much was recovered"),
        (minor(closing.paid_out) <= told.of(EntryKind::PaidOut), "not so much is paid out"),
    ];
    checks.into_iter().find_map(|(holds, what)| (!holds).then_some(what))
}

/// Rows come by rising date: whether this one begins where the one before ended.
fn follows(chain: &Chain, date: u32, closing: &Closing) -> Option<&'static str> {
    if !chain.open_dates.is_empty() {
        return Some("an earlier date is open");
    }
    let (before, carried, fees_carried) = chain.closed?;
    let begins = (closing.brought_forward_minor, closing.fees_brought_forward_minor);
    (before >= date || begins != (carried, fees_carried)).then_some("it does not begin where the one before ended")
}

fn paid(books: &dyn Books, settlement: &Settlement, closing: &Closing) -> Option<&'static str> {
    let Some(id) = closing.payout else {
        return (!closing.paid_out.is_zero()).then_some("it is paid and has no payout");
    };
    let payout: Option<Payout> = one(books, &Payout::key(id));
    let said = (settlement.merchant, settlement.date, closing.paid_out, settlement.currency);
    let same = payout.is_some_and(|payout| {
        (payout.merchant, payout.settlement_date, payout.money.amount, payout.money.currency) == said
    });
    (!same || closing.paid_out.is_zero()).then_some("its payout is not what it says")
}

fn accounts(
    books: &dyn Books,
    mut chains: BTreeMap<MerchantCurrency, Chain>,
    sums: &mut Sums,
    findings: &mut Vec<Finding>,
) {
    let (mut owes, mut lent) = (BTreeMap::new(), BTreeMap::new());
    each::<SettlementAccount>(books, SETTLEMENT_ACCOUNT, ADD_UP, findings, &mut |_, account, findings| {
        let of = (account.merchant, account.currency.numeric());
        let chain = chains.remove(&of).unwrap_or_default();
        let balance_of = |kind: sycee_ledger::AccountKind| {
            books.account(kind.of(account.merchant, account.currency)).map_or(0, |found| found.balance_minor())
        };
        let balance = i128::from(account.carried_minor).saturating_add(chain.open_on_balance);
        let fees = i128::from(account.fees_carried_minor).saturating_add(chain.open_on_fees);
        let last = (account.settled_through, account.carried_minor, account.fees_carried_minor);
        let checks = [
            (balance == balance_of(MERCHANT_BALANCE), "carried and open dates are not the balance"),
            (fees == balance_of(FEE_RECEIVABLE), "carried and open dates are not the fees owed"),
            (chain.closed.is_none_or(|closed| closed == last), "it is not where the last closed date ended"),
            (chain.closed.is_some() == (account.settled_through != 0), "a closed date is missing"),
            (chain.open_dates == account.open_dates, "the open dates are others"),
            (account.recovered_minor <= account.advanced_minor, "more was paid back than advanced"),
        ];
        for what in checks.into_iter().filter_map(|(holds, what)| (!holds).then_some(what)) {
            findings.push(Finding::new(ADD_UP, format!("account {of:?}: {what}")));
        }
        let (advanced, recovered) = (i128::from(account.advanced_minor), i128::from(account.recovered_minor));
        add(&mut sums.balance, of, advanced.saturating_sub(recovered));
        sums.entries.add(of, EntryKind::Advanced, 0, advanced, 0);
        sums.entries.add(of, EntryKind::AdvanceRecovered, 0, recovered, 0);
        add(&mut owes, of, advanced.saturating_sub(recovered));
        add(&mut lent, (OPERATOR, of.1), advanced.saturating_sub(recovered));
    });
    for of in chains.keys() {
        findings.push(Finding::new(ADD_UP, format!("settlements of {of:?} have no account row")));
    }
    balances(books, &MERCHANT_OWES, ADVANCES, owes, findings);
    balances(books, &ADVANCE_FUNDS_LENT, ADVANCES, lent, findings);
}

fn payouts(books: &dyn Books, sums: &mut Sums, findings: &mut Vec<Finding>) {
    let mut transit = BTreeMap::new();
    each::<Payout>(books, PAYOUT, TRANSIT, findings, &mut |_, payout, findings| {
        let of = (payout.merchant, payout.money.currency.numeric());
        let amount = minor(payout.money.amount);
        sums.entries.add(of, EntryKind::PaidOut, 1, amount, 0);
        if payout.state == PayoutState::Returned {
            sums.entries.add(of, EntryKind::PayoutReturned, 1, amount, 0);
        } else {
            add(&mut sums.balance, of, amount.saturating_neg());
        }
        if payout.state.is_open() {
            add(&mut transit, of, amount);
            if one::<EffectRecord>(books, &payout.effect().key()).is_none() {
                findings.push(Finding::new(TRANSIT, format!("payout {} is open and nobody is asked", payout.id)));
            }
        }
        if payout.money.amount == Amount::ZERO {
            findings.push(Finding::new(TRANSIT, format!("payout {} is of nothing", payout.id)));
        }
    });
    balances(books, &PAYOUT_IN_TRANSIT, TRANSIT, transit, findings);
}

fn reserves(books: &dyn Books, sums: &mut Sums, findings: &mut Vec<Finding>) {
    let mut held = BTreeMap::new();
    each::<MerchantReserve>(books, RESERVE_TABLE, RESERVES, findings, &mut |key, reserve, findings| {
        let currency = key.as_bytes().get(10..12).and_then(|bytes| bytes.try_into().ok()).map(u16::from_be_bytes);
        let (Some(merchant), Some(currency)) = (key.number_at(0), currency) else {
            findings.push(Finding::new(RESERVES, format!("{key:?} is no key of a reserve")));
            return;
        };
        let sum = i128::from(reserve.sum_minor());
        add(&mut held, (merchant, currency), sum);
        add(&mut sums.balance, (merchant, currency), sum.saturating_neg());
    });
    balances(books, &MERCHANT_RESERVE, RESERVES, held, findings);
}

fn list(books: &dyn Books, findings: &mut Vec<Finding>) {
    let mut places = BTreeSet::new();
    let mut count: u64 = 0;
    each::<RosterPlace>(books, SETTLEMENT_ROSTER, LIST, findings, &mut |_, place, _| {
        places.insert((place.merchant, place.currency.numeric()));
        count = count.saturating_add(1);
    });
    let clock: Option<SettlementClock> = one(books, &SettlementClock::key());
    if clock.as_ref().is_some_and(|clock| !is_set(books, clock.timer, SETTLEMENT_DUE)) {
        findings.push(Finding::new(LIST, "no timer is set for the next cut-off"));
    }
    if clock.map_or(0, |clock| clock.places) != count {
        findings.push(Finding::new(LIST, format!("the list does not have {count} places")));
    }
    each::<SettlementAccount>(books, SETTLEMENT_ACCOUNT, LIST, findings, &mut |_, account, findings| {
        let is_settled = one::<Merchant>(books, &Merchant::key(account.merchant))
            .is_some_and(|merchant| merchant.settled_since.is_some())
            && one::<MerchantTerms>(books, &MerchantTerms::key(account.merchant)).is_some();
        if !places.remove(&(account.merchant, account.currency.numeric())) || !is_settled {
            let detail = format!("merchant {} in {} is not in the list", account.merchant, account.currency);
            findings.push(Finding::new(LIST, detail));
        }
    });
    if !places.is_empty() {
        findings.push(Finding::new(LIST, format!("{places:?} are in the list and not settled")));
    }
}
