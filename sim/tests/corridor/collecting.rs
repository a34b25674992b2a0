//! Shops that scan codes of other cells' customers, orders that are cancelled under a payment, and money sent by merchants.

use sycee_acquiring::record::TransferState;
use sycee_acquiring::refusal::{
    AUTH_CODE_INVALID, BUYER_BALANCE_NOT_ENOUGH, BUYER_NOT_MATCH, PAYEE_NOT_FOUND, TRADE_HAS_CLOSED,
};
use sycee_acquiring::{Order, OrderState};
use sycee_interop::record::{Collection, OutgoingState};
use sycee_party::command::{Freeze, SetKycRank, Unfreeze};
use sycee_party::{FREEZE, PARTY_FROZEN, SET_KYC_RANK, TRANSACTION_LIMIT, UNFREEZE};
use sycee_sim::setup::{done, operator};

use crate::bench::{Bench, CASH_MINOR, PROCEEDS_MINOR};

fn state(bench: &Bench, order: u64) -> Option<OrderState> {
    bench.network.at(bench.to.number).get::<Order>(&Order::key(order)).map(|order| order.state)
}

#[test]
fn a_refused_collection_says_why_and_the_till_may_try_again_under_the_same_number() {
    #[derive(Clone, Copy)]
    enum Trouble {
        Poor,
        UnknownCode,
        WrongBuyer,
        Frozen,
        Limit,
    }
    for (trouble, code) in [
        (Trouble::Poor, BUYER_BALANCE_NOT_ENOUGH),
        (Trouble::UnknownCode, AUTH_CODE_INVALID),
        (Trouble::WrongBuyer, BUYER_NOT_MATCH),
        (Trouble::Frozen, PARTY_FROZEN),
        (Trouble::Limit, TRANSACTION_LIMIT),
    ] {
        let mut bench = Bench::new("th", "fr");
        let (cell, customer) = (bench.from.number, bench.customer);
        bench.issue_code(1);
        let (mut price, mut digest, mut buyer) = (1_250, 1, None);
        match trouble {
            Trouble::Poor => price = 10_000_000,
            Trouble::UnknownCode => digest = 9,
            Trouble::WrongBuyer => buyer = Some(customer + 1),
            Trouble::Frozen => {
                let body = Freeze { party: customer, reason_code: 1 };
                done(&mut bench.network, cell, operator(FREEZE, &body));
            }
            Trouble::Limit => {
                done(&mut bench.network, cell, operator(SET_KYC_RANK, &SetKycRank { party: customer, kyc_rank: 1 }));
            }
        }
        let order = bench.collect("T1", price, digest, buyer).unwrap();
        bench.network.drain();
        let key = Collection::key(order.id);
        let refusal = bench.network.at(bench.to.number).get::<Collection>(&key).unwrap().refusal.unwrap();
        assert_eq!(refusal.code, code);
        assert_eq!(refusal.detail, "", "shops do not hear what is between customers and their operator");
        assert_eq!(state(&bench, order.id), None, "it is as if it had never been placed");
        assert_eq!(bench.customer_has(), (i128::from(CASH_MINOR), 0));
        bench.check_money(&[]);
        done(&mut bench.network, cell, operator(UNFREEZE, &Unfreeze { party: customer }));
        done(&mut bench.network, cell, operator(SET_KYC_RANK, &SetKycRank { party: customer, kyc_rank: 2 }));
        bench.issue_code(2);
        let order = bench.collect("T1", 1_250, 2, None).unwrap();
        bench.network.drain();
        assert_eq!(state(&bench, order.id), Some(OrderState::Paid));
        assert_eq!(bench.merchant_has(), i128::from(PROCEEDS_MINOR + 1_250));
        let again = bench.collect("T1", 1_250, 2, None).unwrap();
        assert_eq!((again.id, again.state), (order.id, OrderState::Paid), "a repeat hears what became of it");
        bench.check_money(&[]);
    }
}

#[test]
fn cancel_and_accept_meet_and_the_first_in_the_payees_cell_wins() {
    let mut bench = Bench::new("th", "fr");
    // The cancel comes first.
    let (order, enquiry) = bench.scan("A", 1_250);
    bench.quote(enquiry).unwrap();
    let payment = bench.pay(enquiry).unwrap();
    bench.cancel(order).unwrap();
    bench.network.drain();
    assert_eq!(bench.refusal(payment), TRADE_HAS_CLOSED);
    assert_eq!(bench.customer_has(), (i128::from(CASH_MINOR), 0));
    // The payment comes first: the cancel gives all of it back.
    let (order, enquiry) = bench.scan("B", 1_250);
    bench.quote(enquiry).unwrap();
    let payment = bench.pay(enquiry).unwrap();
    bench.network.drain();
    bench.cancel(order).unwrap();
    bench.network.drain();
    let row = bench.payment(payment);
    assert_eq!((row.state, row.returned), (OutgoingState::Done, row.total.amount));
    assert_eq!(bench.customer_has(), (i128::from(CASH_MINOR), 0));
    assert_eq!(bench.merchant_has(), i128::from(PROCEEDS_MINOR));
    bench.check_money(&[]);
}

#[test]
fn a_frozen_shop_is_not_paid_from_abroad_and_its_refunds_are_still_owed() {
    let mut bench = Bench::new("th", "fr");
    let before = bench.pay_printed(1_000);
    let freeze = Freeze { party: bench.merchant, reason_code: 1 };
    done(&mut bench.network, 7, operator(FREEZE, &freeze));
    let payment = bench.pay_printed(1_250);
    assert_eq!(bench.refusal(payment), PARTY_FROZEN);
    assert_eq!(bench.merchant_has(), i128::from(PROCEEDS_MINOR + 1_000));
    bench.refund(before, 1_000, "a");
    assert_eq!(bench.customer_has(), (i128::from(CASH_MINOR), 0));
    bench.check_money(&[]);
}

#[test]
fn an_order_that_expires_under_a_payment_refuses_it() {
    let mut bench = Bench::new("th", "fr");
    let (order, enquiry) = bench.scan("A", 1_250);
    bench.quote(enquiry).unwrap();
    let payment = bench.pay(enquiry).unwrap();
    // The payee's cell is away until the order's time is over: 15 minutes.
    bench.network.site(7).close();
    bench.wait(0);
    bench.wait(901);
    bench.open(7);
    bench.network.drain();
    assert_eq!(state(&bench, order), Some(OrderState::Closed));
    assert_eq!(bench.refusal(payment), TRADE_HAS_CLOSED);
    assert_eq!(bench.customer_has(), (i128::from(CASH_MINOR), 0));
    bench.check_money(&[]);
}

#[test]
fn a_merchant_sends_money_and_has_it_back_if_the_other_cell_refuses() {
    let mut bench = Bench::new("th", "fr");
    let (receiver, nobody) = (bench.receiver, bench.receiver + 1);
    let sent = bench.send("S1", receiver, 100_000).unwrap();
    assert_eq!((sent.transfer.state, sent.repeated), (TransferState::UnderWay, false));
    bench.send("S2", nobody, 100_000).unwrap();
    bench.network.drain();
    for (number, payee, state) in [("S1", receiver, TransferState::Done), ("S2", nobody, TransferState::Failed)] {
        let repeat = bench.send(number, payee, 100_000).unwrap();
        assert_eq!((repeat.transfer.state, repeat.repeated), (state, true), "{number}");
    }
    // 1000.00 THB less a fee of 2.00, at 1 EUR = 37.693177… THB and a margin of 0.5 %: 998 ÷ 37.88164… = 26.3452… EUR.
    let account = sycee_wallet::customer_account(receiver, bench.to.currency()).id();
    assert_eq!(bench.balance(7, account), (2_634, 0));
    let sender = sycee_acquiring::MERCHANT_BALANCE.of(bench.sender, bench.from.currency());
    assert_eq!(bench.balance(3, sender), (i128::from(PROCEEDS_MINOR - 100_000), 0));
    // A number of the payer's own cell is no business of this command, nor is one that is no party's.
    let local = bench.customer;
    assert_eq!(bench.send("S3", local, 1).unwrap_err().code, PAYEE_NOT_FOUND);
    assert_eq!(bench.send("S4", 12, 1).unwrap_err().code, PAYEE_NOT_FOUND);
    bench.check_money(&[]);
}
