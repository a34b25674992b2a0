//! Payment codes that are shown while the phone is offline: counted, limited, single use.

use minicbor::bytes::ByteArray;
use sycee_acquiring::command::*;
use sycee_acquiring::record::{OfflineBatch, PayCode};
use sycee_acquiring::refusal::*;
use sycee_acquiring::reply::*;
use sycee_contract::{Caller, Command, decode};

use crate::bench::*;

/// The fixture's market: at most 3 codes, for 24 hours, each up to EUR 50.00.
fn batch(customer: u64, codes: &[u8]) -> Command {
    let code_digests = codes.iter().map(|code| ByteArray::from([*code; 32])).collect();
    by(ISSUE_OFFLINE_CODES, Caller::customer(customer), &OfflineCodes { code_digests })
}

fn pay(number: &str, minor: u64, code: u8) -> PayByCode {
    PayByCode { order: fields(number, minor), code_digest: [code; 32] }
}

fn left(bench: &Bench, customer: u64) -> Vec<u8> {
    let row = bench.memory.rows.get(&OfflineBatch::key(customer));
    let batch: Option<OfflineBatch> = row.map(|row| decode(row, "batch").unwrap());
    batch.map_or_else(Vec::new, |batch| batch.code_digests.iter().map(|digest| digest[0]).collect())
}

#[test]
fn each_code_of_a_batch_pays_once_and_is_counted_down() {
    let mut bench = Bench::new();
    let (shop, buyer) = (bench.merchant(None), bench.customer(20_000));
    let seller = Caller::merchant(shop.merchant);
    let issued: OfflineCodesReply = bench.done(&batch(buyer, &[1, 2, 3]));
    assert_eq!(issued.amount_limit, euro(5_000));
    assert_eq!(issued.expires_at_ns - bench.now_ns, DAY_NS);
    let _: OrderReply = bench.done(&by(PAY_BY_CODE, seller, &pay("A1", 5_000, 2)));
    assert_eq!(left(&bench, buyer), [1, 3]);
    assert_eq!(bench.refused(&by(PAY_BY_CODE, seller, &pay("A2", 100, 2))).code, AUTH_CODE_INVALID);
    assert_eq!(bench.refused(&by(PAY_BY_CODE, seller, &pay("A3", 5_001, 1))).code, OFFLINE_LIMIT);
    assert_eq!(left(&bench, buyer), [1, 3], "a refused payment uses nothing up");
    let _: OrderReply = bench.done(&by(PAY_BY_CODE, seller, &pay("A4", 1, 1)));
    let _: OrderReply = bench.done(&by(PAY_BY_CODE, seller, &pay("A5", 1, 3)));
    assert_eq!(left(&bench, buyer), []);
    assert_eq!(bench.pass(2 * DAY_NS), 0, "no timer is left");
}

#[test]
fn a_batch_replaces_the_one_before_and_ends_by_time() {
    let mut bench = Bench::new();
    let (shop, buyer) = (bench.merchant(None), bench.customer(20_000));
    let seller = Caller::merchant(shop.merchant);
    let _: OfflineCodesReply = bench.done(&batch(buyer, &[1, 2]));
    let _: OfflineCodesReply = bench.done(&batch(buyer, &[2, 3]));
    assert_eq!(left(&bench, buyer), [2, 3]);
    assert_eq!(bench.refused(&by(PAY_BY_CODE, seller, &pay("A1", 100, 1))).code, AUTH_CODE_INVALID);
    let _: OrderReply = bench.done(&by(PAY_BY_CODE, seller, &pay("A2", 100, 2)));
    assert_eq!(bench.pass(DAY_NS), 1);
    assert_eq!(left(&bench, buyer), []);
    assert!(!bench.memory.rows.contains_key(&PayCode::key([3; 32])));
    let _: OfflineCodesReply = bench.done(&batch(buyer, &[4]));
    let _: OfflineCodesReply = bench.done(&batch(buyer, &[]));
    assert_eq!(bench.refused(&by(PAY_BY_CODE, seller, &pay("A3", 100, 4))).code, AUTH_CODE_INVALID);
}

#[test]
fn batches_are_refused() {
    let mut bench = Bench::new();
    let (buyer, other) = (bench.customer(100), bench.customer(100));
    let online = bench.code(buyer, 9);
    assert_eq!(online, [9; 32]);
    let _: OfflineCodesReply = bench.done(&batch(other, &[8]));
    let merchant = bench.merchant(None).merchant;
    let table = [
        (batch(buyer, &[1, 2, 3, 4]), OFFLINE_CODES_REFUSED, "more than the market allows"),
        (batch(buyer, &[1, 1]), sycee_contract::cell::BAD_BODY, "the same twice"),
        (batch(buyer, &[8]), PAY_CODE_TAKEN, "another customer's"),
        (batch(buyer, &[9]), PAY_CODE_TAKEN, "a living code made online"),
        (batch(merchant, &[1]), BUYER_NOT_FOUND, "no customer"),
    ];
    for (command, refusal, what) in table {
        assert_eq!(bench.refused(&command).code, refusal, "{what}");
    }
    assert_eq!(left(&bench, other), [8]);
}
