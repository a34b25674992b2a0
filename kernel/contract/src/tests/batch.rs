//! `transfer_batch` against a model that knows nothing of overlays: balances in a map, a set tried on a copy.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use sycee_ledger::{AccountId, LedgerRefusal, Limit, Movement};
use sycee_money::Currency;

use super::memory::{Memory, stamp};
use super::till::{BANK, LOAN, PURSE, amount, bank_ref, purse, purse_ref, till};
use crate::{AccountRef, Deciding, Random, Stop, TransferBatchItem, apply, cell};

/// Debits and credits of each open account.
type Model = BTreeMap<AccountId, (u64, u64, Limit)>;

fn attempt(model: &mut Model, item: &TransferBatchItem) -> Result<(), LedgerRefusal> {
    let minor = item.amount.minor();
    // An account that is not open: its limit refuses, before anything else is looked at.
    if !model.contains_key(&item.debit) {
        return Err(LedgerRefusal::DebitLimit);
    }
    if !model.contains_key(&item.credit) {
        return Err(LedgerRefusal::CreditLimit);
    }
    if minor == 0 {
        return Err(LedgerRefusal::AmountZero);
    }
    if item.debit == item.credit {
        return Err(LedgerRefusal::SameAccount);
    }
    if item.debit.currency() != item.credit.currency() {
        return Err(LedgerRefusal::CurrencyMismatch);
    }
    let (debits, credits, limit) = model[&item.debit];
    if limit == Limit::DebitsMustNotExceedCredits && debits + minor > credits {
        return Err(LedgerRefusal::DebitLimit);
    }
    let (debits, credits, limit) = model[&item.credit];
    if limit == Limit::CreditsMustNotExceedDebits && credits + minor > debits {
        return Err(LedgerRefusal::CreditLimit);
    }
    model.get_mut(&item.debit).unwrap().0 += minor;
    model.get_mut(&item.credit).unwrap().1 += minor;
    Ok(())
}

/// What a batch comes to: each item's refusal, and the movements of the sets that happened.
fn expected(model: &mut Model, items: &[TransferBatchItem]) -> (Vec<Option<LedgerRefusal>>, Vec<Movement>) {
    let (mut outcome, mut movements) = (Vec::new(), Vec::new());
    for set in items.split_inclusive(|item| !item.linked) {
        let mut copy = model.clone();
        let failed = if set.last().unwrap().linked {
            Some((set.len() - 1, LedgerRefusal::LinkedSetOpen))
        } else {
            set.iter().enumerate().find_map(|(at, item)| attempt(&mut copy, item).err().map(|refusal| (at, refusal)))
        };
        if failed.is_none() {
            *model = copy;
            movements.extend(set.iter().map(|TransferBatchItem { debit, credit, amount, code, .. }| {
                Movement::Transfer { debit: *debit, credit: *credit, amount: *amount, code: *code }
            }));
        }
        outcome.extend((0..set.len()).map(|at| {
            failed.map(|(failed, refusal)| if at == failed { refusal } else { LedgerRefusal::LinkedSetRefused })
        }));
    }
    (outcome, movements)
}

fn open_accounts() -> (Memory, Model, Vec<AccountId>) {
    let products = till();
    let mut memory = Memory::default();
    let mut refs: Vec<AccountRef> = (1..=6).map(purse_ref).collect();
    refs.extend([bank_ref(), AccountRef::with_sub(&BANK, 0, Currency::EUR, 1)]);
    refs.extend([AccountRef::of(&LOAN, 1, Currency::EUR), AccountRef::of(&PURSE, 1, Currency::USD)]);
    refs.push(AccountRef::of(&BANK, 0, Currency::USD));
    let mut deciding = Deciding::new(stamp(1), &products, &memory);
    for account in &refs {
        deciding.open_account(*account).unwrap();
    }
    let plan = deciding.into_plan();
    apply(&plan, &stamp(1), &mut memory).unwrap();
    let model = plan.openings.iter().map(|opening| (opening.account, (0, 0, opening.limit))).collect();
    let mut ids: Vec<_> = refs.iter().map(AccountRef::id).collect();
    ids.push(purse(99)); // never open
    (memory, model, ids)
}

#[test]
fn pseudo_random_batches_equal_the_model_and_refused_sets_leave_no_trace() {
    let products = till();
    let (mut memory, mut model, ids) = open_accounts();
    let mut random = Random::new(0x5ca1_ab1e);
    let mut seen: BTreeMap<Option<LedgerRefusal>, u64> = BTreeMap::new();
    let (mut batches, mut sets_taken_back) = (0, 0);
    for operation in 2..2_502 {
        let mut deciding = Deciding::new(stamp(operation), &products, &memory);
        // Two batches in one decision: the second stands on what the first has planned.
        let (mut outcome, mut wanted, mut movements) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..=random.below(2) {
            let items: Vec<_> = (0..random.below(24))
                .map(|_| TransferBatchItem {
                    debit: *random.pick(&ids).unwrap(),
                    credit: *random.pick(&ids).unwrap(),
                    amount: amount(random.below(60)),
                    code: random.below(1_000) as u16,
                    linked: random.below(3) == 0,
                })
                .collect();
            outcome.extend(deciding.transfer_batch(&items).unwrap());
            let (refusals, moved) = expected(&mut model, &items);
            wanted.extend(refusals);
            movements.extend(moved);
            batches += 1;
        }
        assert_eq!(outcome, wanted, "operation {operation}");
        assert_eq!(deciding.movements(), movements, "operation {operation}");
        for (id, (debits, credits, _)) in &model {
            let account = deciding.account(*id).unwrap().unwrap();
            assert_eq!((account.debits_posted_minor, account.credits_posted_minor), (*debits, *credits), "{operation}");
        }
        assert_eq!(deciding.account(purse(99)), Ok(None));
        let plan = deciding.into_plan();
        assert!(plan.rows.is_empty() && plan.openings.is_empty());
        apply(&plan, &stamp(operation), &mut memory).unwrap();
        sets_taken_back += wanted.iter().filter(|refusal| **refusal == Some(LedgerRefusal::LinkedSetRefused)).count();
        wanted.iter().for_each(|refusal| *seen.entry(*refusal).or_default() += 1);
    }
    for (id, (debits, credits, _)) in &model {
        let account = memory.accounts[id];
        assert_eq!((account.debits_posted_minor, account.credits_posted_minor), (*debits, *credits), "{id:?}");
    }
    // The load is worth its name: every outcome a batch of transfers can have short of an overflow came often.
    assert!(batches >= 2_000 && sets_taken_back >= 2_000, "{batches} {sets_taken_back}");
    for refusal in [
        None,
        Some(LedgerRefusal::AmountZero),
        Some(LedgerRefusal::SameAccount),
        Some(LedgerRefusal::CurrencyMismatch),
        Some(LedgerRefusal::DebitLimit),
        Some(LedgerRefusal::CreditLimit),
        Some(LedgerRefusal::LinkedSetRefused),
        Some(LedgerRefusal::LinkedSetOpen),
    ] {
        assert!(seen.get(&refusal).is_some_and(|count| *count >= 100), "{refusal:?} in {seen:?}");
    }
}

#[test]
fn a_set_taken_back_after_it_touched_an_account_twice_leaves_it_as_it_was() {
    let products = till();
    let (memory, _, _) = open_accounts();
    let item =
        |debit, credit, minor, linked| TransferBatchItem { debit, credit, amount: amount(minor), code: 1, linked };
    let bank = bank_ref().id();
    let mut deciding = Deciding::new(stamp(2), &products, &memory);
    let outcome = deciding.transfer_batch(&[
        item(bank, purse(1), 100, false),
        // This set brings 50 around and back, and asks for one too many at its end.
        item(purse(1), purse(2), 50, true),
        item(purse(2), purse(1), 50, true),
        item(purse(1), purse(3), 101, false),
        // What the set has let go again is there to spend.
        item(purse(1), purse(3), 100, false),
    ]);
    let refused = Some(LedgerRefusal::LinkedSetRefused);
    assert_eq!(outcome, Ok(vec![None, refused, refused, Some(LedgerRefusal::DebitLimit), None]));
    let totals = |deciding: &mut Deciding<'_>, owner| {
        let account = deciding.account(purse(owner)).unwrap().unwrap();
        (account.debits_posted_minor, account.credits_posted_minor)
    };
    assert_eq!(totals(&mut deciding, 1), (100, 100));
    assert_eq!(totals(&mut deciding, 2), (0, 0));
    assert_eq!(totals(&mut deciding, 3), (0, 100));
    assert_eq!(deciding.movements().len(), 2);
}

#[test]
fn a_batch_over_a_cold_view_asks_for_all_its_accounts_at_once() {
    let products = till();
    let (memory, _, ids) = open_accounts();
    let items: Vec<_> = ids
        .chunks(2)
        .map(|pair| TransferBatchItem {
            debit: pair[0],
            credit: pair[pair.len() - 1],
            amount: amount(1),
            code: 1,
            linked: false,
        })
        .collect();
    let cold = super::memory::Cold { memory: &memory, fetched: [cell::account_key(ids[0])].into() };
    let mut deciding = Deciding::new(stamp(2), &products, &cold);
    assert_eq!(deciding.transfer_batch(&items), Err(Stop::Need));
    let mut wanted: Vec<_> = ids[1..].iter().map(|id| cell::account_key(*id)).collect();
    wanted.sort();
    assert_eq!(deciding.into_needed(), wanted);
}
