//! `apply`: does what the overlay saw, and stops where plan and state do not belong together.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use sycee_ledger::{Account, AccountId, Hold, HoldState, LedgerRefusal, Movement};

use super::memory::{Memory, stamp};
use super::till::{BANK, LOAN, Note, PURSE, amount, bank, bank_ref, count_up, note_key, purse, purse_ref, till};
use crate::{
    AccountOpening, Deciding, Effect, EffectId, EffectPolicy, EffectRecord, EffectState, Key, Mismatch, Plan, Random,
    RowChange, Stop, apply, cell, decode, encode,
};

/// What must be in the cell after the plans: accounts as the overlay showed them, and the state of each hold.
#[derive(Default)]
struct Expected {
    holds: BTreeMap<u64, (u64, HoldState)>,
    notes: BTreeMap<u64, u64>,
}

fn random_step(random: &mut Random, deciding: &mut Deciding<'_>, expected: &mut Expected) -> Result<(), Stop> {
    let (from, to) = (random.below(5), random.below(5));
    let some = amount(random.below(40) + 1);
    let holds: Vec<u64> = expected.holds.keys().copied().collect();
    let hold = random.pick(&holds).copied().unwrap_or(0);
    match random.below(8) {
        0 | 1 => deciding.transfer(bank_ref(), purse_ref(to), some, 1)?,
        2 => deciding.transfer(purse_ref(from), purse_ref(to), some, 2)?,
        3 => {
            let expires_at_ns = if random.below(2) == 0 { 0 } else { deciding.stamp().after_seconds(random.below(9)) };
            let hold = deciding.hold(purse_ref(from), purse_ref(to), some, expires_at_ns, 3)?;
            expected.holds.insert(hold, (expires_at_ns, HoldState::Pending));
        }
        4 => {
            deciding.post_hold(hold, some, 4)?;
            expected.holds.insert(hold, (0, HoldState::Posted(some)));
        }
        5 => {
            deciding.void_hold(hold)?;
            expected.holds.insert(hold, (0, HoldState::Voided));
        }
        6 => {
            deciding.expire_hold(hold)?;
            expected.holds.insert(hold, (0, HoldState::Expired));
        }
        _ if random.below(4) == 0 => {
            deciding.remove(note_key(to));
            expected.notes.remove(&to);
        }
        _ => {
            let count = count_up(to, deciding)?;
            expected.notes.insert(to, count);
        }
    }
    Ok(())
}

#[test]
fn applying_random_plans_comes_to_what_the_overlay_showed() {
    let products = till();
    let mut random = Random::new(2_026);
    let (mut memory, mut expected) = (Memory::default(), Expected::default());
    let mut ended = 0;
    for operation in 1..1_001 {
        let mut deciding = Deciding::new(stamp(operation), &products, &memory);
        for _ in 0..random.below(13) {
            // A step that the ledger refuses plans nothing but, at most, an account.
            match random_step(&mut random, &mut deciding, &mut expected) {
                Ok(()) | Err(Stop::Refuse(_)) => {}
                Err(stop) => panic!("{stop:?}"),
            }
        }
        let ids: Vec<AccountId> = (0..5).map(purse).chain([bank()]).collect();
        let shown: Vec<_> = ids.iter().map(|id| deciding.account(*id).unwrap()).collect();
        let plan = deciding.into_plan();
        // From the journal's bytes, as recovery does, as well as from memory.
        let read_back: Plan = decode(&encode(&plan), "plan").unwrap();
        let mut recovered = memory.clone();
        apply(&read_back, &stamp(operation), &mut recovered).unwrap();
        apply(&plan, &stamp(operation), &mut memory).unwrap();
        assert_eq!(recovered, memory, "operation {operation}");
        let applied: Vec<_> = ids.iter().map(|id| memory.accounts.get(id).copied()).collect();
        assert_eq!(applied, shown, "operation {operation}");
        let holds: BTreeMap<_, _> = memory
            .of_table(cell::HOLD)
            .into_iter()
            .map(|(key, bytes)| {
                let hold: Hold = decode(bytes, "hold").unwrap();
                (key.number_at(0).unwrap(), (hold.expires_at_ns, hold.state))
            })
            .collect();
        assert_eq!(holds, expected.holds, "operation {operation}");
        ended = holds.values().filter(|(_, state)| *state != HoldState::Pending).count();
        let notes: BTreeMap<_, _> = memory
            .of_table(super::till::NOTE)
            .into_iter()
            .map(|(key, bytes)| (key.number_at(0).unwrap(), decode::<Note>(bytes, "note").unwrap().count))
            .collect();
        assert_eq!(notes, expected.notes, "operation {operation}");
    }
    assert!(expected.holds.len() > 300 && ended > 200, "{} {ended}", expected.holds.len());
}

fn opening(account: AccountId) -> AccountOpening {
    let kind = if account == bank() { BANK } else { PURSE };
    AccountOpening { account, class: kind.class, limit: kind.limit }
}

#[test]
fn a_plan_that_does_not_fit_its_state_is_a_mismatch() {
    let pay = |debit, credit, minor| Movement::Transfer { debit, credit, amount: amount(minor), code: 1 };
    let hold = |hold, minor| Movement::Hold {
        hold,
        debit: purse(7),
        credit: bank(),
        amount: amount(minor),
        expires_at_ns: 0,
        code: 1,
    };
    let release = Movement::ReleaseHold { hold: 1, debit: purse(7), credit: bank(), held: amount(5), expired: false };
    let post = |held, minor| Movement::PostHold {
        hold: 1,
        debit: purse(7),
        credit: bank(),
        held: amount(held),
        amount: amount(minor),
        code: 1,
    };
    let both = || vec![opening(bank()), opening(purse(7))];
    let table = [
        ("nothing open", vec![], vec![pay(bank(), purse(7), 1)], Err(Mismatch::AccountNotOpen(bank()))),
        (
            "payee not open",
            vec![opening(bank())],
            vec![pay(bank(), purse(7), 1)],
            Err(Mismatch::AccountNotOpen(purse(7))),
        ),
        ("overdrawn", both(), vec![pay(purse(7), bank(), 1)], Err(Mismatch::Refused(LedgerRefusal::DebitLimit))),
        ("nothing moves", both(), vec![pay(bank(), purse(7), 0)], Err(Mismatch::Refused(LedgerRefusal::AmountZero))),
        ("held too much", both(), vec![hold(1, 1)], Err(Mismatch::Refused(LedgerRefusal::DebitLimit))),
        ("released, never held", both(), vec![release.clone()], Err(Mismatch::Refused(LedgerRefusal::HoldNotFound))),
        ("posted, never held", both(), vec![post(5, 5)], Err(Mismatch::Refused(LedgerRefusal::HoldNotFound))),
        ("posted beyond", both(), vec![pay(bank(), purse(7), 9), hold(1, 5), post(5, 6)], {
            Err(Mismatch::Refused(LedgerRefusal::PostExceedsHold))
        }),
        ("fits", both(), vec![pay(bank(), purse(7), 9), hold(1, 5), release], Ok(())),
    ];
    for (what, openings, movements, expected) in table {
        let plan = Plan { openings, movements, ..Plan::default() };
        assert_eq!(apply(&plan, &stamp(1), &mut Memory::default()), expected, "{what}");
    }
    let credits = Account { credits_posted_minor: Account::MAX_TOTAL_MINOR, ..Account::open(PURSE.class, PURSE.limit) };
    let mut full = Memory::default();
    full.accounts.insert(purse(7), credits);
    full.accounts.insert(bank(), Account::open(LOAN.class, BANK.limit));
    let plan = Plan { movements: vec![pay(bank(), purse(7), 1)], ..Plan::default() };
    assert_eq!(apply(&plan, &stamp(1), &mut full), Err(Mismatch::Refused(LedgerRefusal::TotalOverflow)));
}

#[test]
fn effects_become_rows_named_by_operation_and_place() {
    let effect = |body: u8| Effect {
        kind: 0x2001,
        target: "https://x.test/n".into(),
        body: vec![body],
        policy: EffectPolicy::Binds,
    };
    let mut memory = Memory::default();
    memory.rows.insert(note_key(1), vec![1]);
    let plan = Plan {
        rows: vec![
            RowChange { key: note_key(1), value: None },
            RowChange { key: note_key(2), value: Some(vec![2].into()) },
            RowChange { key: note_key(3), value: None },
        ],
        effects: vec![effect(1), effect(2)],
        ..Plan::default()
    };
    apply(&plan, &stamp(4), &mut memory).unwrap();
    let record = |body| {
        let record =
            EffectRecord { effect: effect(body), state: EffectState::Requested, requested_at_ns: stamp(4).time_ns };
        encode(&record)
    };
    let expected: BTreeMap<Key, Vec<u8>> = [
        (EffectId { operation: 4, index: 0 }.key(), record(1)),
        (EffectId { operation: 4, index: 1 }.key(), record(2)),
        (note_key(2), vec![2]),
    ]
    .into();
    assert_eq!(memory.rows, expected);
    assert!(memory.accounts.is_empty());
}
