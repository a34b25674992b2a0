//! How records evolve: old bytes are read, unknown fields are passed over, invariants are never passed over.

use alloc::string::String;
use alloc::vec;

use minicbor::{Decode, Encode};
use sycee_ledger::{AccountId, Hold, Movement};
use sycee_money::Amount;

use super::golden::{hex, market};
use crate::{Caller, Command, IdempotencyRecord, Key, KycTier, Plan, Role, RowChange, Stop, TimerId, decode, encode};

#[test]
fn bytes_from_before_a_field_was_added_lack_it_and_decode() {
    // A command of four fields, as it was before field 4 (`timer`); of three, its body is missing and it is none.
    let command: Command = decode(&hex("84 192001 82 02 07 65 7061792d31 43 811864"), "command").unwrap();
    assert_eq!((command.timer, command.id.as_deref()), (None, Some("pay-1")));
    assert_eq!(decode::<Command>(&hex("83 192001 82 02 07 f6"), "old"), Err(Stop::Broken("old")));
}

/// A record as an old binary knows it, and as a new one does.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
struct Old {
    #[n(0)]
    amount: Amount,
}

#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
struct New {
    #[n(0)]
    amount: Amount,
    #[n(1)]
    memo: Option<String>,
    #[n(2)]
    timer: Option<TimerId>,
}

#[test]
fn old_and_new_binaries_read_each_other() {
    let amount = Amount::new(100).unwrap();
    let timer = TimerId { due_at_ns: 1, operation: 2, index: 3 };
    let bare = New { amount, memo: None, timer: None };
    assert_eq!(decode::<New>(&encode(&Old { amount }), "new"), Ok(bare.clone()));
    for new in
        [bare, New { amount, memo: Some("x".into()), timer: None }, New { amount, memo: None, timer: Some(timer) }]
    {
        assert_eq!(decode::<Old>(&encode(&new), "old"), Ok(Old { amount }), "{new:?}");
        assert_eq!(decode::<New>(&encode(&new), "new"), Ok(new));
    }
}

#[test]
fn unknown_trailing_fields_are_passed_over_whatever_they_are() {
    let known = Command::new(0x2001, Caller::customer(7), &[100_u64]).with_id("pay-1");
    for unknown in
        ["f6", "1864", "62 6162", "83 01 82 02 03 f5", "a1 01 80", "c1 00", "fb 3ff0000000000000", "9f 01 ff"]
    {
        let bytes = [hex("86 192001 82 02 07 65 7061792d31 43 811864 f6"), hex(unknown)].concat();
        assert_eq!(decode::<Command>(&bytes, "command").as_ref(), Ok(&known), "{unknown}");
    }
}

#[test]
fn the_whole_input_is_used_and_nothing_less_is_enough() {
    let (pack, bytes) = market();
    assert_eq!(encode(&pack), bytes);
    for length in 0..bytes.len() {
        assert!(decode::<crate::MarketPack>(&bytes[..length], "pack").is_err(), "cut to {length}");
    }
    for garbage in [&[0_u8][..], &[0xf6], &[0xff], &[0x80]] {
        let with = [bytes.as_slice(), garbage].concat();
        assert_eq!(decode::<crate::MarketPack>(&with, "pack"), Err(Stop::Broken("pack")), "{garbage:?}");
    }
}

#[test]
fn no_derived_decoder_makes_a_value_out_of_its_range() {
    // 10^16 = 0x2386f26fc10000 is the largest amount; one more is none, wherever it stands.
    let most = "1b 002386f26fc10000";
    let more = "1b 002386f26fc10001";
    let account = "50 0000000000000007 2001 03d2 00000000";
    let unknown = "50 0000000000000007 2001 0000 00000000";
    let plan = |debit: &str, amount: &str| hex(&["85 80 81 82 00 84", debit, account, amount, "07 80 80 80"].concat());
    let hold = |amount: &str, tail: &str| hex(&["85", account, account, amount, "00", tail].concat());
    let tier = |amount: &str| hex(&["86 01 61 61", amount, "00 00 00"].concat());
    let posted = |amount: &str| ["82 01 81", amount].concat();
    let table = [
        ("an amount", decode::<Amount>(&hex(most), "").is_ok(), decode::<Amount>(&hex(more), "").is_ok()),
        (
            "in a plan",
            decode::<Plan>(&plan(account, most), "").is_ok(),
            decode::<Plan>(&plan(account, more), "").is_ok(),
        ),
        (
            "in a hold",
            decode::<Hold>(&hold(most, "82 00 80"), "").is_ok(),
            decode::<Hold>(&hold(more, "82 00 80"), "").is_ok(),
        ),
        (
            "posted of a hold",
            decode::<Hold>(&hold(most, &posted(most)), "").is_ok(),
            decode::<Hold>(&hold(most, &posted(more)), "").is_ok(),
        ),
        ("in a tier", decode::<KycTier>(&tier(most), "").is_ok(), decode::<KycTier>(&tier(more), "").is_ok()),
        (
            "a currency within an account",
            decode::<Plan>(&plan(account, "01"), "").is_ok(),
            decode::<Plan>(&plan(unknown, "01"), "").is_ok(),
        ),
        ("an account of 15 bytes", decode::<AccountId>(&hex(account), "").is_ok(), {
            decode::<AccountId>(&hex("4f 00000000000007 2001 03d2 00000000"), "").is_ok()
        }),
        ("a key", decode::<Key>(&hex("42 0001"), "").is_ok(), decode::<Key>(&hex("41 01"), "").is_ok()),
        (
            "a key in a plan",
            decode::<RowChange>(&hex("81 42 0001"), "").is_ok(),
            decode::<RowChange>(&hex("81 40"), "").is_ok(),
        ),
        ("a role", decode::<Role>(&hex("04"), "").is_ok(), decode::<Role>(&hex("05"), "").is_ok()),
        ("a digest of 15 bytes", record_with_digest(16), record_with_digest(15)),
    ];
    for (what, inside, outside) in table {
        assert_eq!((inside, outside), (true, false), "{what}");
    }
}

fn record_with_digest(length: u8) -> bool {
    let digest = vec![0; usize::from(length)];
    let bytes = [hex("83 01 81 82 00"), vec![0x40 + length], digest, hex("82 00 81 40")].concat();
    decode::<IdempotencyRecord>(&bytes, "").is_ok()
}

#[test]
fn a_movement_of_an_unknown_kind_is_refused() {
    for bytes in ["82 04 80", "82 20 80", "81 00", "83 00 80 80", "00"] {
        assert!(decode::<Movement>(&hex(bytes), "movement").is_err(), "{bytes}");
    }
}
