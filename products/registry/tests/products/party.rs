//! Tables for parties: numbers, contacts, tiers and freezes. Limits are in `limits.rs`.

use sycee_contract::{Answer, Caller, Command, cell, decode};
use sycee_party::command::{ChangeContact, Freeze, OpenCustomer, OpenStaff, Opened, SetKycRank, Unfreeze};
use sycee_party::{
    CHANGE_CONTACT, CONTACT_TAKEN, FREEZE, OPEN_CUSTOMER, OPEN_STAFF, PARTIES_EXHAUSTED, PARTY_NOT_FOUND, Party,
    PartyCounter, PartyKind, SET_KYC_RANK, StaffRole, TIER_UNKNOWN, UNFREEZE, WRONG_PARTY_KIND,
};

use crate::bench::{Bench, contact, number, operator};

fn party(bench: &Bench, party: u64) -> Party {
    decode(&bench.memory.rows[&Party::key(party)], "party").unwrap()
}

fn open(contact: Option<[u8; 32]>, kyc_rank: Option<u16>) -> OpenCustomer {
    OpenCustomer { person: [1; 16], contact, kyc_rank }
}

#[test]
fn customers_get_the_next_numbers_and_a_tier() {
    let mut bench = Bench::new();
    // 2088, cell 01, bucket counter mod 16384, serial counter div 16384.
    for (index, kyc_rank, expected, rank) in [
        (0_u8, None, number("2088 01 00000 00000"), 3),
        (1, Some(1), number("2088 01 00001 00000"), 1),
        (2, Some(2), number("2088 01 00002 00000"), 2),
    ] {
        let command = operator(OPEN_CUSTOMER, &format!("k{index}"), &open(Some(contact(index)), kyc_rank));
        let opened: Opened = bench.done(command.clone());
        assert_eq!(opened.party, expected);
        assert_eq!(bench.done::<Opened>(command), opened, "a repeat opens nobody");
        let party = party(&bench, expected);
        assert_eq!((party.kind, party.kyc_rank, party.frozen), (PartyKind::Customer, rank, false));
        assert_eq!((party.person, party.contact), ([1; 16], Some(contact(index))));
    }
}

#[test]
fn numbers_run_out_at_the_last_serial_of_the_last_bucket() {
    let mut bench = Bench::new();
    let last = 16_384 * 100_000 - 1;
    bench.memory.rows.insert(PartyCounter::key(), sycee_contract::encode(&PartyCounter { next: last }));
    let opened: Opened = bench.done(operator(OPEN_CUSTOMER, "last", &open(None, None)));
    assert_eq!(opened.party, number("2088 01 16383 99999"));
    assert_eq!(bench.refused(operator(OPEN_CUSTOMER, "more", &open(None, None))), PARTIES_EXHAUSTED);
}

#[test]
fn opening_is_refused() {
    let mut bench = Bench::new();
    bench.open_customer(1, 1);
    let rows = [
        ("a contact of another", open(Some(contact(1)), None), CONTACT_TAKEN),
        ("tier 0", open(None, Some(0)), TIER_UNKNOWN),
        ("tier 4", open(None, Some(4)), TIER_UNKNOWN),
    ];
    for (name, body, code) in rows {
        assert_eq!(bench.refused(operator(OPEN_CUSTOMER, name, &body)), code, "{name}");
    }
    let no_key = Command::new(OPEN_CUSTOMER, Caller::OPERATOR, &open(None, None));
    assert_eq!(bench.refused(no_key), cell::BAD_COMMAND_ID);
    let by_customer = Command::new(OPEN_CUSTOMER, Caller::customer(7), &open(None, None)).with_id("k");
    assert_eq!(bench.refused(by_customer), cell::ROLE_FORBIDDEN);
    let reused = bench.refusal(operator(OPEN_CUSTOMER, "open-1", &open(Some(contact(9)), Some(1))));
    assert_eq!(reused.0, cell::KEY_REUSED);
    let mut bare = Bench::bare();
    assert_eq!(bare.refused(operator(OPEN_CUSTOMER, "k", &open(None, None))), cell::NO_MARKET);
}

#[test]
fn a_contact_taken_binds_its_key() {
    let mut bench = Bench::new();
    let first = bench.open_customer(1, 1);
    let command = operator(OPEN_CUSTOMER, "second", &open(Some(contact(1)), None));
    assert_eq!(bench.refused(command.clone()), CONTACT_TAKEN);
    bench.done_empty(operator(CHANGE_CONTACT, "c", &ChangeContact { party: first, contact: None }));
    assert_eq!(bench.refused(command), CONTACT_TAKEN, "the same key gets the same answer");
    bench.done::<Opened>(operator(OPEN_CUSTOMER, "third", &open(Some(contact(1)), None)));
}

#[test]
fn contacts_change_hands() {
    let mut bench = Bench::new();
    let [one, two] = [bench.open_customer(1, 1), bench.open_customer(2, 1)];
    let mut count = 0;
    let mut change = |bench: &mut Bench, party, contact| {
        count += 1;
        bench.answer(&operator(CHANGE_CONTACT, &format!("change-{count}"), &ChangeContact { party, contact }))
    };
    let done = Answer::Done(Vec::new());
    assert!(
        matches!(change(&mut bench, two, Some(contact(1))), Answer::Refused(refusal) if refusal.code == CONTACT_TAKEN)
    );
    assert_eq!(change(&mut bench, one, Some(contact(1))), done, "its own contact again");
    assert_eq!(change(&mut bench, one, Some(contact(3))), done);
    assert_eq!(change(&mut bench, two, Some(contact(1))), done, "the contact is free now");
    assert_eq!(change(&mut bench, one, None), done);
    assert_eq!([party(&bench, one).contact, party(&bench, two).contact], [None, Some(contact(1))]);
}

#[test]
fn tiers_and_freezes_change_and_unknown_parties_are_refused() {
    let mut bench = Bench::new();
    let one = bench.open_customer(1, 1);
    let staff = OpenStaff { person: [2; 16], contact: None, staff_role: StaffRole::Finance };
    let staff = bench.done::<Opened>(operator(OPEN_STAFF, "s", &staff)).party;
    assert_eq!(party(&bench, staff).staff_role, Some(StaffRole::Finance));
    bench.done_empty(operator(SET_KYC_RANK, "1", &SetKycRank { party: one, kyc_rank: 2 }));
    assert_eq!(party(&bench, one).kyc_rank, 2);
    assert_eq!(bench.refused(operator(SET_KYC_RANK, "2", &SetKycRank { party: one, kyc_rank: 9 })), TIER_UNKNOWN);
    let of_staff = SetKycRank { party: staff, kyc_rank: 1 };
    assert_eq!(bench.refused(operator(SET_KYC_RANK, "3", &of_staff)), WRONG_PARTY_KIND);
    bench.done_empty(operator(FREEZE, "4", &Freeze { party: one, reason_code: 12 }));
    assert_eq!((party(&bench, one).frozen, party(&bench, one).freeze_reason_code), (true, Some(12)));
    bench.done_empty(operator(UNFREEZE, "5", &Unfreeze { party: one }));
    assert_eq!((party(&bench, one).frozen, party(&bench, one).freeze_reason_code), (false, None));
    let nobody = [
        operator(SET_KYC_RANK, "n1", &SetKycRank { party: 7, kyc_rank: 1 }),
        operator(FREEZE, "n2", &Freeze { party: 7, reason_code: 1 }),
        operator(UNFREEZE, "n3", &Unfreeze { party: 7 }),
        operator(CHANGE_CONTACT, "n4", &ChangeContact { party: 7, contact: None }),
    ];
    for command in nobody {
        assert_eq!(bench.refused(command), PARTY_NOT_FOUND);
    }
}

#[test]
fn the_audit_sees_contacts_tiers_and_owners_that_do_not_fit() {
    let mut bench = Bench::new();
    let one = bench.open_customer(1, 1);
    let whole = bench.memory.clone();
    let names = |bench: &Bench| bench.findings().iter().map(|finding| finding.invariant).collect::<Vec<_>>();
    let row = party(&bench, one);
    let spoil = |bench: &mut Bench, changed: Party| {
        bench.memory = whole.clone();
        bench.memory.rows.insert(Party::key(one), sycee_contract::encode(&changed));
    };
    spoil(&mut bench, Party { contact: None, ..row.clone() });
    assert_eq!(names(&bench), ["contacts_match_parties"], "listed for a party without it");
    spoil(&mut bench, Party { kyc_rank: 8, ..row.clone() });
    assert_eq!(names(&bench), ["tiers_exist"]);
    bench.memory = whole.clone();
    bench.memory.rows.remove(&sycee_party::ContactOwner::key(contact(1)));
    assert_eq!(names(&bench), ["contacts_match_parties"], "a contact that is not listed");
    bench.memory = whole.clone();
    let account = sycee_wallet::BALANCE.of(77, sycee_money::Currency::EUR);
    let kind = sycee_wallet::BALANCE;
    bench.memory.accounts.insert(account, sycee_ledger::Account::open(kind.class, kind.limit));
    assert_eq!(names(&bench), ["owners_exist"]);
}
