//! Tables for the reader of batches. What needs a cell is tested on the registry's bench.

use alloc::vec;
use alloc::vec::Vec;

use sycee_contract::{Refusal, Stop, TransferBatchItem, cell, encode};
use sycee_money::{Amount, Currency};

use crate::batch::items;
use crate::command::{BooksKind, PostTransfers, TransferItem};
use crate::{ITEMS_MAX, TOO_MANY_ITEMS, account_id};

fn item(sub: u32, minor: u64, linked: bool) -> TransferItem {
    TransferItem {
        debit: account_id(BooksKind::General, Currency::EUR, sub),
        credit: account_id(BooksKind::Limited, Currency::EUR, sub),
        amount: Amount::new(minor).unwrap(),
        code: 300,
        linked,
    }
}

#[test]
fn the_reader_of_batches_agrees_with_the_codec() {
    let batch =
        PostTransfers { items: vec![item(0, 0, true), item(70_000, Amount::MAX_MINOR, false), item(2, 1, true)] };
    let read = items(&encode(&batch)).unwrap();
    let same = |read: &TransferBatchItem| TransferItem {
        debit: read.debit,
        credit: read.credit,
        amount: read.amount,
        code: read.code,
        linked: read.linked,
    };
    assert_eq!(read.iter().map(same).collect::<Vec<_>>(), batch.items);
}

#[test]
fn every_cut_and_every_addition_is_refused() {
    let body = encode(&PostTransfers { items: vec![item(1, 100, false), item(2, 200, false)] });
    let code = |bytes: &[u8]| match items(bytes) {
        Err(Stop::Refuse(Refusal { code, .. })) => code,
        other => panic!("{bytes:02x?} came to {other:?}"),
    };
    for length in 0..body.len() {
        assert_eq!(code(&body[..length]), cell::BAD_BODY, "{length} bytes");
    }
    let longer: Vec<u8> = body.iter().copied().chain([0]).collect();
    assert_eq!(code(&longer), cell::BAD_BODY);
    // A list of lists that says it has 2^64 − 1 items: refused by its count, before anything is allocated.
    let huge = [0x81, 0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    assert_eq!(code(&huge), TOO_MANY_ITEMS);
    // Lists of unknown length, no list at all, an item with four fields.
    for bytes in [&[0x81, 0x9f, 0xff][..], &[0x9f, 0x80, 0xff], &[0x80], &[0x81, 0x01], &[0x81, 0x81, 0x84, 0, 0, 0, 0]]
    {
        assert_eq!(code(bytes), cell::BAD_BODY, "{bytes:02x?}");
    }
}

#[test]
fn fields_of_a_later_version_are_skipped() {
    let body = encode(&PostTransfers { items: vec![item(1, 100, false)] });
    // The same with a sixth field in the item (85 → 86, and 07 after it) and a second one in the body (81 → 82, 08).
    let mut later = body.clone();
    assert_eq!(later[..3], [0x81, 0x81, 0x85]);
    (later[0], later[2]) = (0x82, 0x86);
    later.extend([0x07, 0x08]);
    assert_eq!(items(&later).unwrap().len(), 1);
}

#[test]
fn the_most_items_fit_and_one_more_does_not() {
    let batch = |count| encode(&PostTransfers { items: vec![item(1, 1, false); count] });
    assert_eq!(items(&batch(ITEMS_MAX)).map(|items| items.len()), Ok(ITEMS_MAX));
    assert!(matches!(items(&batch(ITEMS_MAX + 1)), Err(Stop::Refuse(Refusal { code: TOO_MANY_ITEMS, .. }))));
}
