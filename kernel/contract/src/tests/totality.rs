//! Whatever the bytes, decoding gives an answer: 20,000 pseudo-random and damaged strings for each type of record.

use alloc::vec;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use sycee_ledger::{Account, Hold, Movement};

use super::golden::{hex, market};
use super::memory::{Memory, stamp};
use super::till::{Pay, pay_body, pay_command, till};
use crate::{
    Adjustment, Answer, Command, EffectRecord, Event, IdempotencyRecord, Key, MarketPack, Outcome, Plan, Random,
    Refusal, Stamp, TimerId, cell, decide, decode, encode,
};

/// Bytes that look like CBOR now and then: random ones, and whole records with a few bytes changed, cut or doubled.
fn damaged(random: &mut Random, whole: &[Vec<u8>]) -> Vec<u8> {
    if random.below(3) == 0 {
        let length = random.below(40);
        return (0..length).map(|_| random.next_u64() as u8).collect();
    }
    let mut bytes = random.pick(whole).unwrap().clone();
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len() as u64) as usize;
        match random.below(4) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, random.next_u64() as u8),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = random.next_u64() as u8;
                }
            }
        }
    }
    bytes
}

fn wholes() -> Vec<Vec<u8>> {
    let mut memory = Memory::default();
    let (plan, answer) = memory.planned(&till(), &pay_command(100, 9).with_id("k"), stamp(1));
    let mut wholes = vec![encode(&plan), encode(&answer), encode(&stamp(1)), encode(&pay_command(100, 9)), market().1];
    wholes.extend(memory.rows.values().cloned());
    wholes.extend(memory.accounts.values().map(encode));
    wholes
}

/// How many were decoded; each of those is encoded and decoded again to the same value.
fn total<T: for<'b> Decode<'b, ()> + Encode<()> + PartialEq + core::fmt::Debug>(inputs: &[Vec<u8>]) -> usize {
    let decoded = inputs.iter().filter_map(|bytes| decode::<T>(bytes, "garbage").ok());
    decoded.inspect(|value| assert_eq!(decode::<T>(&encode(value), "again").as_ref(), Ok(value))).count()
}

#[test]
fn no_bytes_make_a_decoder_panic() {
    let (mut random, wholes) = (Random::new(0x00de_cade), wholes());
    let inputs: Vec<_> = (0..20_000).map(|_| damaged(&mut random, &wholes)).collect();
    let decoded = [
        total::<Command>(&inputs),
        total::<Stamp>(&inputs),
        total::<Plan>(&inputs),
        total::<Answer>(&inputs),
        total::<Refusal>(&inputs),
        total::<IdempotencyRecord>(&inputs),
        total::<TimerId>(&inputs),
        total::<EffectRecord>(&inputs),
        total::<MarketPack>(&inputs),
        total::<Account>(&inputs),
        total::<Hold>(&inputs),
        total::<Movement>(&inputs),
        total::<Event>(&inputs),
        total::<Adjustment>(&inputs),
        total::<Key>(&inputs),
        total::<cell::EffectResult>(&inputs),
        total::<cell::EffectOutcome>(&inputs),
        total::<cell::HoldTarget>(&inputs),
    ];
    // Damaged, yet some still decode: the inputs reach into the decoders and do not only fail at the door.
    assert!(decoded[..5].iter().filter(|count| **count > 100).count() >= 3, "{decoded:?}");
}

#[test]
fn lengths_that_lie_and_nests_without_end_are_answered() {
    let mut deep = hex("86 04 82 03 00 f6 40 f6");
    deep.extend(vec![0x81; 200_000]);
    let mut closed = deep.clone();
    closed.push(0x00);
    let inputs = [
        hex("9b ffffffffffffffff"),
        hex("bb ffffffffffffffff"),
        hex("5b ffffffffffffffff"),
        hex("7b ffffffffffffffff"),
        hex("85 9b ffffffffffffffff 80 80 80 80"),
        hex("85 80 80 9b 00000000ffffffff"),
        hex("82 00 81 5b 7fffffffffffffff"),
        hex("9f"),
        hex("9f ff"),
        hex("5f 41 00"),
        vec![0x81; 200_000],
        vec![0x9f; 200_000],
        vec![0xc1; 200_000],
        deep,
    ];
    assert_eq!(total::<Plan>(&inputs) + total::<Answer>(&inputs) + total::<Command>(&inputs), 0);
    assert_eq!(total::<Command>(&[closed]), 1, "an unknown field may be as deep as it likes: it is passed over");
    for body in inputs {
        let command = Command { body, ..pay_command(1, 1).with_id("k") };
        let outcome = decide(&till(), &command, stamp(1), &Memory::default());
        assert!(matches!(&outcome, Outcome::Refused(refusal) if refusal.code == cell::BAD_BODY), "{outcome:?}");
    }
}

#[test]
fn a_command_with_any_body_is_answered_and_never_broken() {
    let mut random = Random::new(0x00b0_d1e5);
    let wholes = [encode(&pay_body(100, 9)), encode(&Pay { memo: Some("x".into()), ..pay_body(5, 1) })];
    let (products, memory) = (till(), Memory::default());
    let (mut planned, mut refused) = (0, 0);
    for _ in 0..20_000 {
        let body = damaged(&mut random, &wholes);
        if decode::<Pay>(&body, "pay").is_ok_and(|pay| pay.amount.minor() == 16) {
            continue; // the till's rule is broken for this one on purpose
        }
        let command = pay_command(1, 1);
        let command = if random.below(2) == 0 { command.with_id("k") } else { command };
        match decide(&products, &Command { body, ..command }, stamp(1), &memory) {
            Outcome::Planned(..) => planned += 1,
            Outcome::Refused(_) => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(planned > 500 && refused > 5_000, "{planned} {refused}");
}
