//! Keys sort as what they are made of, meet in no prefix, and are read back as what they were.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::golden::hex;
use super::till::{bank, pay_command, purse};
use crate::{Caller, EffectId, Key, MarketPack, Random, TimerId, cell, decode, encode};

#[test]
fn keys_are_laid_out_byte_for_byte() {
    for (key, bytes) in [
        (Key::new(0x2001), "2001"),
        (Key::new(1).number(258), "0001 0000000000000102"),
        (Key::new(1).small(258), "0001 0102"),
        (Key::new(1).fixed([7, 8, 9]), "0001 070809"),
        (Key::new(1).text(""), "0001 00"),
        (Key::new(1).text("é"), "0001 02 c3a9"),
        (Key::new(1).text("ab").number(1), "0001 02 6162 0000000000000001"),
        (cell::account_key(purse(7)), "0001 0000000000000007 2001 03d2 00000000"),
        (TimerId { due_at_ns: 1, operation: 2, index: 3 }.key(), "0004 0000000000000001 0000000000000002 0003"),
        (EffectId { operation: 2, index: 3 }.key(), "0005 0000000000000002 0003"),
        (MarketPack::key(), "0006"),
        (
            pay_command(1, 1).with_id("pay-1").idempotency_key().unwrap(),
            "0003 0002 0000000000000007 2001 05 7061792d31",
        ),
    ] {
        assert_eq!(key.as_bytes(), hex(bytes), "{bytes}");
        assert_eq!(Key::from_bytes(hex(bytes)), Ok(key));
    }
    let natural = pay_command(1, 1);
    assert_eq!(natural.idempotency_key(), None);
    assert_eq!((natural.product(), natural.number()), (0x20, 1));
}

#[test]
fn keys_of_numbers_sort_as_the_numbers_do() {
    let mut random = Random::new(7);
    let mut numbers: Vec<u64> = vec![0, 1, 255, 256, 65_535, 65_536, u64::MAX - 1, u64::MAX];
    numbers.extend((0..500).map(|_| random.next_u64() >> random.below(64)));
    for pair in numbers.windows(2) {
        let key = |number: u64| Key::new(9).number(number).text("x");
        assert_eq!(key(pair[0]).cmp(&key(pair[1])), pair[0].cmp(&pair[1]), "{pair:?}");
        let timer = |number: u64| TimerId { due_at_ns: number, operation: !number, index: 0 };
        assert_eq!(timer(pair[0]).key().cmp(&timer(pair[1]).key()), pair[0].cmp(&pair[1]), "{pair:?}");
    }
    for (low, high) in [(Key::new(1).number(u64::MAX), Key::new(2)), (Key::new(255), Key::new(256))] {
        assert!(low < high && low.table() < high.table());
    }
}

#[test]
fn texts_are_no_prefix_of_each_other_and_split_one_way_only() {
    let texts = ["", "a", "aa", "ab", "b", "a\0", "\0", "\u{1}a", "é"];
    let keys: Vec<(String, Key)> = texts
        .iter()
        .flat_map(|left| texts.iter().map(move |right| (alloc::format!("{left:?} {right:?}"), (left, right))))
        .map(|(name, (left, right))| (name, Key::new(9).text(left).text(right)))
        .collect();
    for (index, (name, key)) in keys.iter().enumerate() {
        for (other_name, other) in &keys[index + 1..] {
            assert!(!other.as_bytes().starts_with(key.as_bytes()), "{name} begins {other_name}");
            assert!(!key.as_bytes().starts_with(other.as_bytes()), "{other_name} begins {name}");
        }
    }
}

#[test]
fn the_longest_id_makes_a_key_of_its_own() {
    let id = |last: &str| ["x".repeat(127), last.into()].concat();
    let key = |last: &str| pay_command(1, 1).with_id(&id(last)).idempotency_key().unwrap();
    assert_ne!(key("a"), key("b"));
    assert!(key("a").as_bytes().len() <= Key::MAX_LENGTH);
    let other_caller = crate::Command { caller: Caller::merchant(7), ..pay_command(1, 1).with_id(&id("a")) };
    assert_ne!(other_caller.idempotency_key(), Some(key("a")));
    // Longer texts are cut, never mislabelled: the length in front is that of what follows.
    let cut = Key::new(9).text(&"y".repeat(300));
    assert_eq!((cut.as_bytes().len(), cut.as_bytes()[2]), (203, 200));
}

#[test]
fn keys_from_a_store_have_between_2_and_256_bytes() {
    for (length, fine) in [(0, false), (1, false), (2, true), (3, true), (256, true), (257, false), (70_000, false)] {
        let bytes = vec![1; length];
        match Key::from_bytes(bytes.clone()) {
            Ok(key) => {
                assert!(fine && key.as_bytes() == bytes && key.table() == 0x0101, "{length}");
                assert_eq!(decode::<Key>(&encode(&key), "key"), Ok(key));
            }
            Err(back) => assert!(!fine && back == bytes, "{length}"),
        }
        assert_eq!(decode::<Key>(&encode(&minicbor::bytes::ByteVec::from(bytes)), "key").is_ok(), fine, "{length}");
    }
}

#[test]
fn numbers_are_read_back_where_they_stand() {
    let key = Key::new(9).number(5).number(u64::MAX);
    for (offset, expected) in
        [(0, Some(5)), (8, Some(u64::MAX)), (9, None), (16, None), (usize::MAX, None), (usize::MAX - 2, None)]
    {
        assert_eq!(key.number_at(offset), expected, "{offset}");
    }
    assert_eq!(key.number_at(1), Some(5 * 256 + 255));
}

#[test]
fn names_of_timers_effects_and_accounts_are_read_back_from_their_keys_and_from_no_others() {
    let mut random = Random::new(3);
    for _ in 0..500 {
        let timer =
            TimerId { due_at_ns: random.next_u64(), operation: random.next_u64(), index: random.next_u64() as u16 };
        assert_eq!(TimerId::from_key(&timer.key()), Some(timer));
        assert_eq!(decode::<TimerId>(&encode(&timer), "timer"), Ok(timer));
        let effect = EffectId { operation: timer.operation, index: timer.index };
        assert_eq!(EffectId::from_key(&effect.key()), Some(effect));
        assert_eq!(decode::<EffectId>(&encode(&effect), "effect"), Ok(effect));
    }
    for account in [bank(), purse(u64::MAX)] {
        assert_eq!(cell::account_of_key(&cell::account_key(account)), Some(account));
    }
    let timer = TimerId { due_at_ns: 1, operation: 2, index: 3 }.key();
    let effect = EffectId { operation: 2, index: 3 }.key();
    let account = cell::account_key(bank());
    let cut = |key: &Key| Key::from_bytes(key.as_bytes()[..key.as_bytes().len() - 1].to_vec()).unwrap();
    for (what, key, expected) in [
        ("a timer", &timer, (true, false, false)),
        ("an effect", &effect, (false, true, false)),
        ("an account", &account, (false, false, true)),
        ("a timer, cut", &cut(&timer), (false, false, false)),
        ("an effect, cut", &cut(&effect), (false, false, false)),
        ("an account, cut", &cut(&account), (false, false, false)),
        ("a timer and more", &timer.clone().small(0), (false, false, false)),
        ("an effect and more", &effect.clone().small(0), (false, false, false)),
        ("an account and more", &account.clone().small(0), (false, false, false)),
        ("a table", &Key::new(cell::TIMER), (false, false, false)),
        ("another table", &Key::new(9).number(1).number(2).small(3), (false, false, false)),
    ] {
        let read =
            (TimerId::from_key(key).is_some(), EffectId::from_key(key).is_some(), cell::account_of_key(key).is_some());
        assert_eq!(read, expected, "{what}");
    }
}
