//! A merchant's history against the rows that it tells of.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use sycee_contract::{Books, Finding, Key};

use super::royalties::{has_part, has_return};
use super::{MerchantCurrency, each, minor, one};
use crate::entry::{EntryKind, MerchantEntry};
use crate::order::Order;
use crate::payout::{Payout, PayoutState};
use crate::record::{MERCHANT_ENTRY, MerchantTransfer, MerchantTransferIndex, Refund, TransferState};

const INVARIANT: &str = "merchant_entries_match";

/// How many, how much and how much fee: what the rows say less what the entries say. Of fees no count is kept.
#[derive(Default)]
struct Difference {
    count: i128,
    amount: i128,
    fee: i128,
}

/// What the rows say that there must be entries of, by merchant, currency and kind.
#[derive(Default)]
pub(super) struct Expected(BTreeMap<(MerchantCurrency, EntryKind), Difference>);

impl Expected {
    pub(super) fn add(&mut self, of: MerchantCurrency, kind: EntryKind, count: i128, amount: i128, fee: i128) {
        let sum = self.0.entry((of, kind)).or_default();
        sum.count = sum.count.saturating_add(count);
        sum.amount = sum.amount.saturating_add(amount);
        sum.fee = sum.fee.saturating_add(fee);
    }

    /// Compares: each entry says what its row says, all of a kind add up to what the rows say, and each balance is the one
    /// before and what happened since.
    pub(super) fn check(mut self, books: &dyn Books, findings: &mut Vec<Finding>) {
        let mut chain = BTreeMap::new();
        each::<MerchantEntry>(books, MERCHANT_ENTRY, INVARIANT, findings, &mut |key, entry, findings| {
            let (Some(merchant), Some(id)) = (key.number_at(0), MerchantEntry::id_of(key)) else {
                findings.push(Finding::new(INVARIANT, format!("{key:?} is no key of an entry")));
                return;
            };
            if !is_true(books, merchant, &entry) {
                findings.push(Finding::new(INVARIANT, format!("entry {id} of merchant {merchant}: not so: {entry:?}")));
            }
            let of = (merchant, entry.money.currency.numeric());
            let counted = match entry.kind {
                EntryKind::Payment
                | EntryKind::Refund
                | EntryKind::Transfer
                | EntryKind::RoyaltyGiven
                | EntryKind::RoyaltyReceived
                | EntryKind::RoyaltyReturned
                | EntryKind::RoyaltyTakenBack
                | EntryKind::PaidOut
                | EntryKind::PayoutReturned => -1,
                EntryKind::FeesTaken
                | EntryKind::FeesGivenBack
                | EntryKind::ReserveHeld
                | EntryKind::ReserveReleased
                | EntryKind::Advanced
                | EntryKind::AdvanceRecovered => 0,
            };
            let amount = minor(entry.money.amount).saturating_neg();
            self.add(of, entry.kind, counted, amount, minor(entry.fee).saturating_neg());
            chain.insert((of, id), (entry.on_balance_minor(), minor(entry.balance_after)));
        });
        for ((of, kind), left) in self.0 {
            let Difference { count, amount, fee } = left;
            if (count, amount, fee) != (0, 0, 0) {
                let detail =
                    format!("merchant and currency {of:?}, {kind:?}: rows have {count} more, {amount}, fee {fee}");
                findings.push(Finding::new(INVARIANT, detail));
            }
        }
        let mut running: Option<(MerchantCurrency, i128)> = None;
        for ((of, id), (change, after)) in chain {
            let before = running.filter(|(running, _)| *running == of).map_or(0, |(_, balance)| balance);
            if before.saturating_add(change) != after {
                let detail = format!("merchant and currency {of:?}, entry {id}: {before} and {change} is not {after}");
                findings.push(Finding::new(INVARIANT, detail));
            }
            running = Some((of, after));
        }
    }
}

/// Whether what an entry tells of is there and the same. Fees have no row of their own, only sums.
fn is_true(books: &dyn Books, merchant: u64, entry: &MerchantEntry) -> bool {
    let order = |id: u64| one::<Order>(books, &Order::key(id)).filter(|order| order.merchant == merchant);
    match entry.kind {
        EntryKind::Payment => order(entry.of).is_some_and(|order| {
            let paid = order.paid.as_ref().map(|paid| (paid.at_ns, paid.fee()));
            order.total == entry.money && paid == Some((entry.at_ns, entry.fee))
        }),
        EntryKind::Refund => {
            let number = entry.number.as_deref().unwrap_or_default();
            let refund = one::<Refund>(books, &Refund::key(entry.of, number));
            let said = (entry.money.amount, entry.fee, entry.at_ns);
            order(entry.of).is_some_and(|order| order.total.currency == entry.money.currency)
                && refund.is_some_and(|refund| (refund.amount, refund.fee_returned, refund.at_ns) == said)
        }
        EntryKind::Transfer => transfer(books, entry.of).is_some_and(|transfer| {
            (transfer.merchant, transfer.state) == (merchant, TransferState::Done)
                && (transfer.money, transfer.at_ns) == (entry.money, entry.at_ns)
        }),
        EntryKind::RoyaltyGiven => has_part(books, entry.of, Some(merchant), None, entry.money.amount),
        EntryKind::RoyaltyReceived => has_part(books, entry.of, None, Some(merchant), entry.money.amount),
        EntryKind::RoyaltyReturned | EntryKind::RoyaltyTakenBack => {
            let is_giver = entry.kind == EntryKind::RoyaltyReturned;
            let (giver, receiver) = if is_giver { (Some(merchant), None) } else { (None, Some(merchant)) };
            let number = entry.number.as_deref().unwrap_or_default();
            has_return(books, entry.of, number, giver, receiver, entry.money.amount)
        }
        EntryKind::PaidOut | EntryKind::PayoutReturned => {
            let payout: Option<Payout> = one(books, &Payout::key(entry.of));
            payout.is_some_and(|payout| {
                let has_returned = payout.state == PayoutState::Returned && payout.state_at_ns == entry.at_ns;
                (payout.merchant, payout.money) == (merchant, entry.money)
                    && if entry.kind == EntryKind::PaidOut {
                        payout.requested_at_ns == entry.at_ns
                    } else {
                        has_returned
                    }
            })
        }
        EntryKind::Advanced => order(entry.of).is_some_and(|order| order.total.currency == entry.money.currency),
        EntryKind::FeesTaken
        | EntryKind::FeesGivenBack
        | EntryKind::ReserveHeld
        | EntryKind::ReserveReleased
        | EntryKind::AdvanceRecovered => entry.of == 0 && entry.fee.is_zero(),
    }
}

fn transfer(books: &dyn Books, id: u64) -> Option<MerchantTransfer> {
    let index: MerchantTransferIndex = one(books, &MerchantTransferIndex::key(id))?;
    let key: Key = MerchantTransfer::key(index.merchant, &index.out_biz_no);
    one(books, &key)
}
