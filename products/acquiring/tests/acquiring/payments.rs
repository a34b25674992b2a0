//! Payments with a customer's code and of printed codes; fees and discounts.

use sycee_acquiring::command::*;
use sycee_acquiring::number::parse_generated;
use sycee_acquiring::record::PayCode;
use sycee_acquiring::refusal::*;
use sycee_acquiring::reply::*;
use sycee_acquiring::{Acquiring, Channel, FEE_INCOME, FEE_RECEIVABLE, MERCHANT_BALANCE, TradeStatus};
use sycee_contract::{Caller, Product, cell};
use sycee_ledger::OPERATOR;
use sycee_money::{Currency, Money, Rounding};
use sycee_wallet::BALANCE;

use crate::bench::*;

fn pay_by_code(number: &str, minor: u64, code_digest: [u8; 32]) -> PayByCode {
    PayByCode { order: fields(number, minor), code_digest }
}

#[test]
fn a_code_pays_once_and_a_repeat_is_recognised() {
    let mut bench = Bench::new();
    let (shop, buyer) = (bench.merchant(None), bench.customer(5_000));
    let seller = Caller::merchant(shop.merchant);
    let code = bench.code(buyer, 1);
    let paid: OrderReply = bench.done(&by(PAY_BY_CODE, seller, &pay_by_code("A1", 1_000, code)));
    assert_eq!(paid.order.status_at(bench.now_ns), TradeStatus::Success);
    assert_eq!((paid.order.buyer, paid.repeated), (Some(buyer), false));
    let again: OrderReply = bench.done(&by(PAY_BY_CODE, seller, &pay_by_code("A1", 1_000, code)));
    assert_eq!((&again.order, again.repeated), (&paid.order, true));
    assert_eq!(bench.balance(BALANCE.of(buyer, Currency::EUR)), 4_000);
    for (number, minor, refusal) in [("A1", 999, TRADE_HAS_SUCCESS), ("A2", 1_000, AUTH_CODE_INVALID)] {
        assert_eq!(bench.refused(&by(PAY_BY_CODE, seller, &pay_by_code(number, minor, code))).code, refusal);
    }
    assert_eq!(bench.pass(DAY_NS), 0, "the used code's timer is gone");
}

#[test]
fn another_customers_code_is_no_repeat() {
    let mut bench = Bench::new();
    let (shop, first, second) = (bench.merchant(None), bench.customer(5_000), bench.customer(5_000));
    let seller = Caller::merchant(shop.merchant);
    let (code, other) = (bench.code(first, 1), bench.code(second, 2));
    let _: OrderReply = bench.done(&by(PAY_BY_CODE, seller, &pay_by_code("A1", 1_000, code)));
    // A till that counts from the beginning again must not read that the second customer has paid.
    let reused = by(PAY_BY_CODE, seller, &pay_by_code("A1", 1_000, other));
    assert_eq!(bench.refused(&reused).code, TRADE_HAS_SUCCESS);
    let subject = OrderFields { subject: "something else".into(), ..fields("A1", 1_000) };
    let changed = PayByCode { order: subject, code_digest: code };
    assert_eq!(bench.refused(&by(PAY_BY_CODE, seller, &changed)).code, TRADE_HAS_SUCCESS);
    assert_eq!(bench.balance(BALANCE.of(second, Currency::EUR)), 5_000);
}

#[test]
fn a_cancel_defeats_a_payment_that_arrives_after_it() {
    let mut bench = Bench::new();
    let (shop, other, buyer) = (bench.merchant(None), bench.merchant(None), bench.customer(5_000));
    let seller = Caller::merchant(shop.merchant);
    let code = bench.code(buyer, 1);
    let named = OrderRef { out_trade_no: Some("A1".into()), id: None };
    let cancelled: CancelReply = bench.done(&by(CANCEL, seller, &named));
    assert_eq!((cancelled.action, cancelled.order), (None, None));
    let late = by(PAY_BY_CODE, seller, &pay_by_code("A1", 1_000, code));
    assert_eq!(bench.refused(&late).code, TRADE_HAS_CLOSED);
    assert_eq!(bench.balance(BALANCE.of(buyer, Currency::EUR)), 5_000);
    // It is this merchant's number only.
    let _: OrderReply = bench.done(&by(PAY_BY_CODE, Caller::merchant(other.merchant), &pay_by_code("A1", 1_000, code)));
}

#[test]
fn a_refused_payment_leaves_nothing_and_the_code_works_on() {
    let mut bench = Bench::new();
    let (shop, buyer) = (bench.merchant(None), bench.customer(500));
    let seller = Caller::merchant(shop.merchant);
    let code = bench.code(buyer, 1);
    let before = bench.memory.clone();
    let refusal = bench.refused(&by(PAY_BY_CODE, seller, &pay_by_code("A1", 501, code)));
    assert_eq!(refusal.code, BUYER_BALANCE_NOT_ENOUGH);
    assert!(!refusal.detail.contains(char::is_numeric), "the till does not learn the balance: {}", refusal.detail);
    assert_eq!(bench.memory, before);
    let _: OrderReply = bench.done(&by(PAY_BY_CODE, seller, &pay_by_code("A1", 500, code)));
    assert_eq!(bench.balance(BALANCE.of(buyer, Currency::EUR)), 0);
}

#[test]
fn codes_die_by_the_stamp_and_are_dropped_by_the_timer() {
    let mut bench = Bench::new();
    let (shop, buyer, other) = (bench.merchant(None), bench.customer(500), bench.customer(500));
    let seller = Caller::merchant(shop.merchant);
    let code = bench.code(buyer, 1);
    assert_eq!(bench.code(buyer, 1), code, "the same customer may ask again");
    let taken = by(ISSUE_PAY_CODE, Caller::customer(other), &CodeTarget { code_digest: code });
    assert_eq!(bench.refused(&taken).code, PAY_CODE_TAKEN);
    let wanted =
        PayByCode { order: OrderFields { required_buyer: Some(other), ..fields("A1", 100) }, code_digest: code };
    assert_eq!(bench.refused(&by(PAY_BY_CODE, seller, &wanted)).code, BUYER_NOT_MATCH);
    // The pack: 60 seconds. The timer has not fired yet.
    bench.now_ns += 60 * SECOND_NS;
    assert_eq!(bench.refused(&by(PAY_BY_CODE, seller, &pay_by_code("A1", 100, code))).code, AUTH_CODE_INVALID);
    // Before it does, another customer gets the same digits.
    let PayCodeReply { expires_at_ns } = bench.done(&taken);
    assert_eq!(expires_at_ns, bench.now_ns + 60 * SECOND_NS);
    assert_eq!(bench.pass(0), 0);
    // A drop that comes too early drops nothing.
    bench.answer(&by(DROP_PAY_CODE, Caller::SYSTEM, &CodeTarget { code_digest: code }));
    assert!(bench.memory.rows.contains_key(&PayCode::key(code)));
    assert_eq!(bench.pass(60 * SECOND_NS), 1);
    assert_eq!(bench.refused(&by(PAY_BY_CODE, seller, &pay_by_code("A1", 100, code))).code, AUTH_CODE_INVALID);
    let nobody = by(ISSUE_PAY_CODE, Caller::customer(shop.merchant), &CodeTarget { code_digest: [9; 32] });
    assert_eq!(bench.refused(&nobody).code, BUYER_NOT_FOUND);
}

#[test]
fn a_printed_code_is_one_lean_operation() {
    let mut bench = Bench::new();
    let (shop, other, buyer) = (bench.merchant(Some(0)), bench.merchant(None), bench.customer(5_000));
    let caller = Caller::customer(buyer);
    let body = PayStatic { merchant: shop.merchant, store: None, total: euro(700), reference: "table 4".into() };
    assert_eq!(bench.refused(&by(PAY_STATIC, caller, &body)).code, cell::BAD_COMMAND_ID);
    let command = by(PAY_STATIC, caller, &body).with_id("k1");
    let paid: PayStaticReply = bench.done(&command);
    assert_eq!(paid.payer_amount, euro(700).amount);
    // One transfer; rows: the order, the key, the customer's usage, an entry of each history. No timer, no index.
    assert_eq!((bench.plan.movements.len(), bench.plan.rows.len(), bench.plan.effects.len()), (1, 5, 0));
    let again: PayStaticReply = bench.done(&command);
    assert_eq!(again, paid);
    assert_eq!(bench.balance(BALANCE.of(buyer, Currency::EUR)), 4_300);
    let order = bench.order(paid.id);
    assert_eq!((order.channel, order.store), (Channel::StaticCode, shop.store));
    assert_eq!(parse_generated(&order.out_trade_no), Some(paid.id));
    // Its generated number names it, for its own merchant only.
    let refund = RefundOrder {
        order: OrderRef { out_trade_no: Some(order.out_trade_no), id: None },
        amount: euro(700),
        out_request_no: None,
        reason: None,
    };
    assert_eq!(bench.refused(&by(REFUND, Caller::merchant(other.merchant), &refund)).code, TRADE_NOT_EXIST);
    let refunded: RefundReply = bench.done(&by(REFUND, Caller::merchant(shop.merchant), &refund));
    assert_eq!(refunded.order.status_at(bench.now_ns), TradeStatus::Closed);
    let dollar = Money::new(euro(1).amount, Currency::USD);
    let table = [
        (MERCHANT_NOT_FOUND, PayStatic { merchant: buyer, ..body.clone() }),
        (STORE_NOT_FOUND, PayStatic { store: Some(other.store), ..body.clone() }),
        (cell::BAD_BODY, PayStatic { total: euro(0), ..body.clone() }),
        (CURRENCY_NOT_SUPPORTED, PayStatic { total: dollar, ..body.clone() }),
        (BUYER_BALANCE_NOT_ENOUGH, PayStatic { total: euro(5_001), ..body.clone() }),
    ];
    for (code, body) in table {
        assert_eq!(bench.refused(&by(PAY_STATIC, caller, &body).with_id("k2")).code, code, "{body:?}");
    }
    let itself = by(PAY_STATIC, Caller::customer(shop.merchant), &body).with_id("k2");
    assert_eq!(bench.refused(&itself).code, BUYER_SELLER_EQUAL);
}

#[test]
fn fees_follow_the_merchants_price_or_the_packs() {
    // (the merchant's bps, price, fee by hand)
    let table: [(Option<u32>, u64, i128); 7] = [
        (None, 1_000, 6), // 60 bps of 10.00 = 0.06
        (None, 83, 0),    // 0.498
        (None, 84, 1),    // 0.504
        (Some(0), 1_000, 0),
        (Some(50), 100, 1),      // 0.5 exactly: up
        (Some(50), 300, 2),      // 1.5 exactly: up
        (Some(250), 3_999, 100), // 99.975
    ];
    for (bps, minor, fee) in table {
        let mut bench = Bench::new();
        let (shop, buyer) = (bench.merchant(bps), bench.customer(5_000));
        let code = bench.code(buyer, 1);
        let seller = Caller::merchant(shop.merchant);
        let paid: OrderReply = bench.done(&by(PAY_BY_CODE, seller, &pay_by_code("A1", minor, code)));
        assert_eq!(u128::from(paid.order.paid.expect("paid").fee().minor()), fee.unsigned_abs(), "{bps:?} {minor}");
        // Proceeds are there at once and whole; the fee accrues.
        assert_eq!(bench.balance(MERCHANT_BALANCE.of(shop.merchant, Currency::EUR)), i128::from(minor));
        assert_eq!(bench.balance(FEE_RECEIVABLE.of(shop.merchant, Currency::EUR)), fee);
        assert_eq!(bench.balance(FEE_INCOME.of(OPERATOR, Currency::EUR)), fee);
    }
}

#[test]
fn the_fee_rule_can_be_another() {
    // 50 bps of 3.00 is 1.5: up under the rule in force, down under the other, to the even 2 under the third.
    for (rounding, fee) in [(Rounding::HalfUp, 2), (Rounding::Down, 1), (Rounding::HalfEven, 2), (Rounding::Up, 2)] {
        let acquiring = Acquiring::with_fee_rounding(rounding);
        let mut bench = Bench::only(Box::new(acquiring));
        let (shop, buyer) = (bench.merchant(Some(50)), bench.customer(5_000));
        let code = bench.code(buyer, 1);
        let _: OrderReply =
            bench.done(&by(PAY_BY_CODE, Caller::merchant(shop.merchant), &pay_by_code("A1", 300, code)));
        assert_eq!(bench.balance(FEE_RECEIVABLE.of(shop.merchant, Currency::EUR)), fee, "{rounding:?}");
    }
    assert_eq!(Acquiring::default().descriptor().number, 3);
}
