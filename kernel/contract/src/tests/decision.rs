//! `decide`: number, role, id, key, rule, guards; what binds a key, and what leaves nothing.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::Encode;

use super::golden::hex;
use super::memory::{Memory, stamp};
use super::till::{
    BUSY, NOTE, OWED, PAY, Pay, Scripted, TICK, TILL, UNLISTED, UNLUCKY, note_key, pay_body, pay_command, products,
    purse, till,
};
use crate::{
    Answer, Caller, Command, IdempotencyRecord, Outcome, Refusal, Role, TimerId, cell, decide, decode, encode,
};

fn code_of(outcome: &Outcome) -> Option<u16> {
    match outcome {
        Outcome::Refused(refusal) => Some(refusal.code),
        _ => None,
    }
}

#[test]
fn what_is_refused_before_the_rule_leaves_nothing() {
    let id = |length: usize| "x".repeat(length);
    let pay = pay_command(100, 9);
    let from = |role| Command { caller: Caller::new(role, 7), ..pay.clone() };
    let numbered = |code| Command { code, ..pay.clone() };
    let table = [
        ("no such product", numbered(0x7701), Some(cell::UNKNOWN_COMMAND)),
        ("no such command of the till", numbered(0x20ff), Some(cell::UNKNOWN_COMMAND)),
        ("no such command of the cell", numbered(0xff), Some(cell::UNKNOWN_COMMAND)),
        ("command 0", numbered(0), Some(cell::UNKNOWN_COMMAND)),
        ("an operator pays", from(Role::Operator), Some(cell::ROLE_FORBIDDEN)),
        ("a merchant pays", from(Role::Merchant), Some(cell::ROLE_FORBIDDEN)),
        ("the cell pays", from(Role::System), Some(cell::ROLE_FORBIDDEN)),
        ("another cell pays", from(Role::Peer), Some(cell::ROLE_FORBIDDEN)),
        ("a customer speaks as a peer", numbered(cell::LINK_RECEIVE), Some(cell::ROLE_FORBIDDEN)),
        ("a customer ticks", numbered(TICK), Some(cell::ROLE_FORBIDDEN)),
        ("a customer installs a market", numbered(cell::INSTALL_MARKET), Some(cell::ROLE_FORBIDDEN)),
        ("an empty id", pay.clone().with_id(""), Some(cell::BAD_COMMAND_ID)),
        ("an id of 129 bytes", pay.clone().with_id(&id(129)), Some(cell::BAD_COMMAND_ID)),
        ("an id of 65 letters of two bytes", pay.clone().with_id(&"é".repeat(65)), Some(cell::BAD_COMMAND_ID)),
        ("role before id", from(Role::Operator).with_id(""), Some(cell::ROLE_FORBIDDEN)),
        ("an id of 128 bytes", pay.clone().with_id(&id(128)), None),
        ("an id of one byte", pay.clone().with_id("x"), None),
        ("a customer", from(Role::Customer), None),
    ];
    for (what, command, expected) in table {
        let mut memory = Memory::default();
        let outcome = memory.run(&till(), &command, stamp(1));
        assert_eq!(code_of(&outcome), expected, "{what}: {outcome:?}");
        assert_eq!(memory == Memory::default(), expected.is_some(), "{what}");
    }
}

#[test]
fn a_repeat_gets_the_same_answer_from_the_first_operation_and_changes_nothing() {
    let (products, mut memory) = (till(), Memory::default());
    let command = pay_command(100, 9).with_id("k");
    let (_, answer) = memory.planned(&products, &command, stamp(4));
    assert_eq!(answer, Answer::Done(encode(&1_u64)));
    // Another payment in between makes the state another; the answer stays the first one.
    memory.planned(&products, &pay_command(100, 9).with_id("other"), stamp(5));
    let before = memory.clone();
    assert_eq!(memory.run(&products, &command, stamp(6)), Outcome::Repeated(4, answer));
    assert_eq!(memory, before);
}

#[test]
fn a_key_is_of_one_caller_one_command_and_one_id() {
    let command = pay_command(100, 9).with_id("k");
    let others = [
        ("another customer", Command { caller: Caller::customer(8), ..command.clone() }),
        ("another command and role", Command { code: OWED, caller: Caller::OPERATOR, ..command.clone() }),
        ("another id", command.clone().with_id("kk")),
        ("no id", Command { id: None, ..command.clone() }),
    ];
    for (what, other) in others {
        let (products, mut memory) = (till(), Memory::default());
        memory.planned(&products, &command, stamp(1));
        let (_, answer) = memory.planned(&products, &other, stamp(2));
        assert_eq!(answer, Answer::Done(encode(&2_u64)), "{what}");
    }
}

#[test]
fn a_key_reused_for_another_request_names_the_first_field_that_differs() {
    let first = Pay { memo: Some("rent".into()), hint: Some(1), ..pay_body(100, 9) };
    let bare = pay_body(100, 9);
    let hinted = Pay { hint: Some(1), ..bare.clone() };
    let of = |body: &Pay| Command::new(PAY, Caller::customer(7), body).with_id("k");
    let table = [
        (&first, first.clone(), None),
        (&first, Pay { hint: Some(2), ..first.clone() }, None),
        (&first, Pay { hint: None, ..first.clone() }, None),
        (&first, Pay { amount: super::till::amount(101), ..first.clone() }, Some("amount")),
        (&first, Pay { to: 10, ..first.clone() }, Some("to")),
        (&first, Pay { memo: Some("tip".into()), ..first.clone() }, Some("memo")),
        (&first, Pay { memo: None, ..first.clone() }, Some("memo")),
        (&first, bare.clone(), Some("memo")),
        (&first, pay_body(101, 10), Some("amount")),
        (&bare, first.clone(), Some("memo")),
        // A memo that is not there is not there, whether a field behind it makes it stand as null or not.
        (&bare, hinted.clone(), None),
        (&hinted, bare.clone(), None),
        (&hinted, first.clone(), Some("memo")),
    ];
    for (before, again, expected) in table {
        let (products, mut memory) = (till(), Memory::default());
        let (_, answer) = memory.planned(&products, &of(before), stamp(1));
        let state = memory.clone();
        let outcome = memory.run(&products, &of(&again), stamp(2));
        let wanted = match expected {
            None => Outcome::Repeated(1, answer),
            Some(field) => Outcome::Refused(Refusal::new(cell::KEY_REUSED, field)),
        };
        assert_eq!(outcome, wanted, "{before:?} then {again:?}");
        assert_eq!(memory, state);
    }
}

#[test]
fn the_fingerprint_is_half_a_sha_256_of_each_listed_field_as_it_is_encoded() {
    let (products, mut memory) = (till(), Memory::default());
    let command = pay_command(100, 7).with_id("k");
    memory.planned(&products, &command, stamp(1));
    let row = memory.rows.get(&command.idempotency_key().unwrap()).unwrap();
    let record: IdempotencyRecord = decode(row, "record").unwrap();
    let digests: Vec<_> = record.fingerprint.iter().map(|digest| (digest.field, digest.digest.to_vec())).collect();
    // From another program (sha256sum): of the byte string 18 64, which is the number 100, and of 07.
    let expected = [(0, hex("877b5d35933ab6aebfce305f2ba80afb")), (1, hex("ca358758f6d27e6cf45272937977a748"))];
    assert_eq!(digests, expected);
}

#[test]
fn only_a_listed_refusal_that_is_not_try_again_binds_its_key() {
    for (minor, code, detail, binds) in
        [(13, UNLUCKY, "thirteen", true), (14, BUSY, "fourteen", false), (15, UNLISTED, "fifteen", false)]
    {
        let (products, mut memory) = (till(), Memory::default());
        let refusal = Refusal::new(code, detail);
        let command = pay_command(minor, 9).with_id("k");
        let first = memory.run(&products, &command, stamp(1));
        let again = memory.run(&products, &command, stamp(2));
        if binds {
            let Outcome::Planned(plan, answer) = first else { panic!("{first:?}") };
            assert_eq!(answer, Answer::Refused(refusal));
            assert!(plan.openings.is_empty() && plan.movements.is_empty(), "what the rule planned is thrown away");
            let keys: Vec<_> = memory.rows.keys().cloned().collect();
            assert_eq!(keys, [command.idempotency_key().unwrap()], "only the key is kept");
            assert_eq!(again, Outcome::Repeated(1, answer));
            let other = memory.run(&products, &pay_command(12, 9).with_id("k"), stamp(3));
            assert_eq!(other, Outcome::Refused(Refusal::new(cell::KEY_REUSED, "amount")));
        } else {
            assert_eq!((first, again), (Outcome::Refused(refusal.clone()), Outcome::Refused(refusal)), "{minor}");
            assert_eq!(memory, Memory::default(), "{minor}");
        }
        // Without a key there is nothing to bind.
        let mut memory = Memory::default();
        assert_eq!(code_of(&memory.run(&products, &pay_command(minor, 9), stamp(1))), Some(code));
        assert_eq!(memory, Memory::default());
    }
}

#[test]
fn a_refusal_of_the_ledger_or_of_the_cell_does_not_bind_and_a_broken_rule_is_not_an_answer() {
    let (products, mut memory) = (till(), Memory::default());
    let zero = memory.run(&products, &pay_command(0, 9).with_id("k"), stamp(1));
    assert_eq!(zero, Outcome::Refused(Refusal::new(64, "amount_zero")));
    let broken = memory.run(&products, &pay_command(16, 9).with_id("k"), stamp(1));
    assert_eq!(broken, Outcome::Broken("sixteen"));
    assert_eq!(memory, Memory::default());
}

/// A till whose pay sets a timer that ticks with this body, under this key.
fn timed(memory: &mut Memory, body: &impl Encode<()>, id: Option<&str>) -> (TimerId, Command) {
    let timer = TimerId { due_at_ns: stamp(2).time_ns, operation: 1, index: 0 };
    let command = Command::new(TICK, Caller::SYSTEM, body);
    let command = Command { timer: Some(timer), id: id.map(String::from), ..command };
    memory.rows.insert(timer.key(), encode(&command));
    (timer, command)
}

#[test]
fn a_timer_ends_with_its_command_whether_done_refused_or_repeated() {
    for (what, minor, id, expected) in [
        ("done", 100, None, Answer::Done(encode(&1_u64))),
        ("done with a key", 100, Some("k"), Answer::Done(encode(&1_u64))),
        ("refused", 15, None, Answer::Refused(Refusal::new(UNLISTED, "fifteen"))),
        ("refused, try again", 14, Some("k"), Answer::Refused(Refusal::new(BUSY, "fourteen"))),
        ("refused, bound", 13, Some("k"), Answer::Refused(Refusal::new(UNLUCKY, "thirteen"))),
        ("refused by the ledger", 0, None, Answer::Refused(Refusal::new(64, "amount_zero"))),
    ] {
        let (products, mut memory) = (till(), Memory::default());
        let (timer, command) = timed(&mut memory, &pay_body(minor, 9), id);
        let (plan, answer) = memory.planned(&products, &command, stamp(2));
        assert_eq!(answer, expected, "{what}");
        assert!(plan.rows.iter().any(|change| change.key == timer.key() && change.value.is_none()), "{what}");
        assert_eq!(memory.rows.get(&timer.key()), None, "{what}");
        assert_eq!(memory.of_table(NOTE).len(), usize::from(matches!(expected, Answer::Done(_))), "{what}");
        assert_eq!(memory.of_table(cell::IDEMPOTENCY).len(), usize::from(id.is_some() && minor != 14), "{what}");
    }
    // The key was answered before: the timer's row ends all the same, with the answer of that time and no new key.
    let (products, mut memory) = (till(), Memory::default());
    let (_, first) = timed(&mut memory, &pay_body(100, 9), Some("k"));
    memory.planned(&products, &first, stamp(2));
    let after_first = memory.clone();
    let (_, second) = timed(&mut memory, &pay_body(100, 9), Some("k"));
    let (plan, answer) = memory.planned(&products, &second, stamp(3));
    assert_eq!((plan.rows.len(), answer), (1, Answer::Done(encode(&1_u64))));
    assert_eq!(memory, after_first);
}

#[test]
fn a_timer_whose_command_no_product_has_ends_too() {
    let (products, mut memory) = (till(), Memory::default());
    let (_, command) = timed(&mut memory, &pay_body(1, 9), None);
    let (plan, answer) = memory.planned(&products, &Command { code: 0x7701, ..command }, stamp(2));
    assert_eq!(plan.rows.len(), 1);
    assert!(matches!(answer, Answer::Refused(refusal) if refusal.code == cell::UNKNOWN_COMMAND));
    assert_eq!(memory, Memory::default());
}

#[test]
fn a_body_that_is_garbage_is_bad_with_and_without_a_key() {
    let good = encode(&pay_body(100, 9));
    let table: Vec<Vec<u8>> = [
        "",
        "00",
        "f6",
        "80",
        "81",
        "81 05",
        "82 05",
        "9f 05 07 ff",
        "a0",
        "40",
        "ff",
        "82 20 07",
        "83 05 07 08",
        "82 1b 002386f26fc10001 07",
        "9b ffffffffffffffff 01",
        "82 05 07 00",
        "82 f6 07",
        "82 05 f6",
        "1c",
        "82 fc fc",
    ]
    .iter()
    .map(|text| hex(text))
    .chain((0..good.len()).map(|length| good[..length].to_vec()))
    .collect();
    for body in table {
        // An array without a length is one that the codec never writes: with a key it has no fingerprint.
        let indefinite = body.first() == Some(&0x9f);
        for id in [None, Some(String::from("k"))] {
            if indefinite && id.is_none() {
                continue;
            }
            let mut memory = Memory::default();
            let command = Command { body: body.clone(), id, ..pay_command(1, 1) };
            let outcome = memory.run(&till(), &command, stamp(1));
            assert_eq!(code_of(&outcome), Some(cell::BAD_BODY), "{body:02x?}: {outcome:?}");
            assert_eq!(memory, Memory::default());
        }
    }
}

#[test]
fn a_stored_row_that_does_not_decode_is_broken_and_not_a_refusal() {
    let (products, mut memory) = (till(), Memory::default());
    let command = pay_command(100, 9).with_id("k");
    for key in [note_key(9), command.idempotency_key().unwrap()] {
        memory.rows.insert(key.clone(), [0xff].to_vec());
        assert_eq!(decide(&products, &command, stamp(1), &memory), Outcome::Broken("stored record"));
        memory.rows.remove(&key);
    }
}

#[test]
fn the_rule_comes_after_the_key_and_the_guards_after_the_rule() {
    // This guard refuses whatever the rule planned; a repeat of what was done before meets neither.
    let guarded = Scripted { guard: |_, _, _| Err(Refusal::new(UNLUCKY, "guard").into()), ..Scripted::of(&TILL) };
    let mut memory = Memory::default();
    let command = pay_command(100, 9).with_id("k");
    let (_, done) = memory.planned(&till(), &command, stamp(1));
    assert_eq!(memory.run(&products(&[guarded]), &command, stamp(2)), Outcome::Repeated(1, done));
    // The rule refuses first (fifteen), the guard second, and its refusal binds as a rule's does.
    let outcome = memory.run(&products(&[guarded]), &pay_command(15, 9).with_id("l"), stamp(2));
    assert_eq!(code_of(&outcome), Some(UNLISTED));
    let (plan, answer) = memory.planned(&products(&[guarded]), &pay_command(100, 9).with_id("l"), stamp(2));
    assert_eq!(answer, Answer::Refused(Refusal::new(UNLUCKY, "guard")));
    assert!(plan.movements.is_empty());
    assert_eq!(memory.accounts.get(&purse(9)).map(|account| account.credits_posted_minor), Some(100));
}
