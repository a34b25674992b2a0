//! The cell's audit finds each violation that is planted, by its name, and nothing in sound books.

use alloc::vec;
use alloc::vec::Vec;

use sycee_ledger::{Account, Hold, HoldState};
use sycee_money::Currency;

use super::memory::{Memory, stamp};
use super::till::{LOAN, PURSE, amount, bank, bank_ref, purse, purse_ref, till};
use crate::{AccountRef, Books, Deciding, Key, apply, cell, encode};

/// Books with money moved in two currencies, a pending hold (number 16, of 40, from purse 7 to 8) and one that has ended.
fn sound() -> Memory {
    let (products, mut memory) = (till(), Memory::default());
    let mut deciding = Deciding::new(stamp(1), &products, &memory);
    deciding.transfer(bank_ref(), purse_ref(7), amount(100), 1).unwrap();
    deciding.hold(purse_ref(7), purse_ref(8), amount(40), 0, 1).unwrap();
    let ended = deciding.hold(purse_ref(7), purse_ref(8), amount(9), 0, 1).unwrap();
    deciding.void_hold(ended).unwrap();
    let dollars = AccountRef::of(&PURSE, 7, Currency::USD);
    deciding.transfer(AccountRef::of(&super::till::BANK, 0, Currency::USD), dollars, amount(5), 1).unwrap();
    deciding.transfer(AccountRef::of(&LOAN, 1, Currency::EUR), purse_ref(7), amount(3), 1).unwrap();
    let plan = deciding.into_plan();
    apply(&plan, &stamp(1), &mut memory).unwrap();
    memory
}

fn found(books: &dyn Books) -> Vec<&'static str> {
    let products = till();
    let mut findings = Vec::new();
    products.get(0).unwrap().audit(books, &mut findings);
    findings.iter().map(|finding| finding.invariant).collect()
}

fn hold_key(number: u64) -> Key {
    Key::new(cell::HOLD).number(number)
}

#[test]
fn sound_books_have_no_finding() {
    assert_eq!(found(&sound()), [""; 0]);
    assert_eq!(found(&Memory::default()), [""; 0]);
}

/// A row of a hold of one minor unit between the purses of two owners, which no account knows of.
fn plant_hold(memory: &mut Memory, debit: u64, credit: u64, state: HoldState) {
    let (debit, credit) = (purse(debit), purse(credit));
    let hold = Hold { debit, credit, amount: amount(1), expires_at_ns: 0, state };
    memory.rows.insert(hold_key(99), encode(&hold));
}

#[test]
fn each_planted_violation_is_found_under_its_name() {
    type Plant = fn(&mut Memory);
    const BALANCE: &str = "debits_equal_credits";
    const LIMITS: &str = "limits_hold";
    const HOLDS: &str = "holds_match_accounts";
    fn change(memory: &mut Memory, id: sycee_ledger::AccountId, how: fn(&mut Account)) {
        how(memory.accounts.get_mut(&id).unwrap());
    }
    let table: [(&str, Plant, Vec<&str>); 14] = [
        ("a credit from nowhere", |m| change(m, purse(7), |a| a.credits_posted_minor += 1), vec![BALANCE]),
        ("a debit from nowhere", |m| change(m, bank(), |a| a.debits_posted_minor += 1), vec![BALANCE]),
        ("a lost account", |m| assert!(m.accounts.remove(&bank()).is_some()), vec![BALANCE]),
        (
            "one too many in one currency, one too few in another",
            |m| {
                change(m, purse(7), |a| a.credits_posted_minor += 1);
                change(m, PURSE.of(7, Currency::USD), |a| a.credits_posted_minor -= 1);
            },
            vec![BALANCE, BALANCE],
        ),
        (
            "an overdrawn purse",
            |m| {
                change(m, purse(7), |a| a.debits_posted_minor += 64);
                change(m, bank(), |a| a.credits_posted_minor += 64);
            },
            vec![LIMITS],
        ),
        (
            "a purse at its very limit",
            |m| {
                change(m, purse(7), |a| a.debits_posted_minor += 63);
                change(m, bank(), |a| a.credits_posted_minor += 63);
            },
            vec![],
        ),
        (
            "a loan paid back beyond what was lent",
            |m| {
                change(m, LOAN.of(1, Currency::EUR), |a| a.credits_posted_minor += 4);
                change(m, bank(), |a| a.debits_posted_minor += 4);
            },
            vec![LIMITS],
        ),
        ("a hold's row is lost", |m| drop(m.rows.remove(&hold_key(16))), vec![HOLDS, HOLDS]),
        ("a hold's row does not decode", |m| drop(m.rows.insert(hold_key(17), vec![0xff])), vec![HOLDS]),
        (
            "a hold of which the accounts know nothing",
            |m| {
                plant_hold(m, 7, 8, HoldState::Pending);
            },
            vec![HOLDS, HOLDS],
        ),
        (
            "a hold between accounts that are not open",
            |m| {
                plant_hold(m, 70, 80, HoldState::Pending);
            },
            vec![HOLDS, HOLDS],
        ),
        (
            "an ended hold of any size counts nothing",
            |m| {
                plant_hold(m, 7, 8, HoldState::Voided);
            },
            vec![],
        ),
        ("held on one side only", |m| change(m, purse(8), |a| a.credits_pending_minor = 0), vec![HOLDS, BALANCE]),
        (
            "the pending side of the payer moved to the other side of it",
            |m| {
                change(m, purse(7), |a| {
                    a.credits_pending_minor = a.debits_pending_minor;
                    a.debits_pending_minor = 0;
                });
                change(m, purse(8), |a| {
                    a.debits_pending_minor = a.credits_pending_minor;
                    a.credits_pending_minor = 0;
                });
            },
            vec![HOLDS, LIMITS, HOLDS],
        ),
    ];
    for (what, plant, expected) in table {
        let mut memory = sound();
        plant(&mut memory);
        assert_eq!(found(&memory), expected, "{what}");
    }
}
