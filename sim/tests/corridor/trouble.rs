//! Silence, people, late answers, and messages that are not understood at first.

use sycee_contract::link::Parked;
use sycee_interop::clearing::{SUSPENSE, suspense_account};
use sycee_interop::command::{RELEASE_PAYMENT, ReleasePayment};
use sycee_interop::message::{ACCEPTED, DELIVERED, DIRECTORY, SEND_MONEY, Stands};
use sycee_interop::record::{Outgoing, OutgoingState};
use sycee_interop::refusal::PAYMENT_NOT_WAITING;
use sycee_sim::setup::{NETWORK, operator, register};
use sycee_sim::site::products_without;

use crate::bench::{Bench, CASH_MINOR, minor};

#[test]
fn people_release_what_nobody_answers_for_and_a_late_acceptance_goes_to_suspense() {
    let mut bench = Bench::new("th", "fr");
    let enquiry = bench.enquire(1_250).unwrap();
    bench.quote(enquiry).unwrap();
    let payment = bench.pay(enquiry).unwrap();
    bench.network.site(7).close();
    bench.wait(0);
    let release = operator(RELEASE_PAYMENT, &ReleasePayment { payment, reference: "file 7".into() });
    // Asked after 60 seconds, and each time after twice as long: six times in 63 minutes.
    for (seconds, asked) in [(60, 1), (120, 2), (240, 3), (480, 4), (960, 5), (1_920, 6)] {
        let refusal = bench.network.ask(3, release.clone()).unwrap_err();
        assert_eq!(refusal.code, PAYMENT_NOT_WAITING, "a hold whose request has left never ends by time");
        bench.wait(seconds);
        let row = bench.payment(payment);
        assert_eq!((row.asked, row.state, row.standing), (asked, OutgoingState::Held, Some(Stands::Forwarded)));
    }
    assert!(bench.payment(payment).waits_for_people());
    assert_eq!(bench.customer_has(), (i128::from(CASH_MINOR), 47_448));
    bench.network.ask(3, release).unwrap();
    assert_eq!(bench.customer_has(), (i128::from(CASH_MINOR), 0));
    // The payee's cell comes back, and pays.
    bench.open(7);
    bench.network.drain();
    assert_eq!(bench.payment(payment).state, OutgoingState::Released);
    assert_eq!(bench.customer_has(), (i128::from(CASH_MINOR), 0), "nothing is taken from the payer again");
    let suspense = suspense_account(NETWORK, bench.from.currency()).id();
    assert_eq!(suspense.kind(), SUSPENSE.number);
    assert_eq!(bench.balance(3, suspense), (-47_448, 0), "the operator owes it, and an owner sees it");
    assert_eq!(bench.network.count(3, sycee_contract::cell::PARKED), 1);
    assert_eq!(bench.network.retry_parked(), 1, "it stays for people");
    bench.check();
    bench.check_money(&[]);
}

#[test]
fn an_acceptance_and_a_refund_that_were_parked_are_understood_later_in_order() {
    // Which cell does not understand what, while a payment and a refund of 4.00 of its 10.00 go through.
    for (cell, kinds) in [(3, &[ACCEPTED] as &'static [u16]), (NETWORK, &[DELIVERED])] {
        let mut bench = Bench::new("th", "fr");
        bench.network.open(cell, products_without(kinds));
        let payment = bench.pay_printed(1_000);
        assert_eq!(bench.payment(payment).state, OutgoingState::Held);
        let parked = bench.network.at(cell).all::<Parked>();
        assert_eq!(parked.len(), 1, "{parked:?}");
        bench.check();
        // The shop sees its money and refunds a part before the other side has understood anything.
        refund_newest(&mut bench, 400);
        bench.check();
        bench.open(cell);
        assert_eq!(bench.network.retry_parked(), 0);
        let row = bench.payment(payment);
        // round(37958 × 0.4) = 15 183.
        assert_eq!(
            (row.state.clone(), row.returned, row.waiting_refunds),
            (OutgoingState::Done, minor(15_183), minor(0))
        );
        assert_eq!(bench.customer_has(), (i128::from(CASH_MINOR) - 37_958 + 15_183, 0));
        bench.check_money(&[]);
    }
}

fn refund_newest(bench: &mut Bench, part_minor: u64) {
    use sycee_acquiring::Order;
    use sycee_acquiring::command::{OrderRef, REFUND, RefundOrder};
    use sycee_contract::{Caller, Command};
    let (_, order) = bench.network.at(7).all::<Order>().pop().unwrap();
    let body = RefundOrder {
        order: OrderRef { out_trade_no: None, id: Some(order.id) },
        amount: bench.to.money(part_minor),
        out_request_no: Some("a".into()),
        reason: None,
    };
    bench.network.ask(7, Command::new(REFUND, Caller::merchant(bench.merchant), &body)).unwrap();
    bench.network.drain();
}

#[test]
fn a_directory_that_was_parked_tells_nothing_new_when_it_is_understood() {
    let mut bench = Bench::new("th", "fr");
    let fr = bench.to;
    bench.network.open(3, products_without(&[DIRECTORY]));
    register(&mut bench.network, &fr, 1_000_000_000, false);
    bench.network.drain();
    bench.open(3);
    register(&mut bench.network, &fr, 1_000_000_000, true);
    bench.network.drain();
    assert_eq!(bench.network.retry_parked(), 0);
    let payment = bench.pay_printed(1_250);
    assert_eq!(bench.payment(payment).state, OutgoingState::Done);
    bench.check_money(&[]);
}

#[test]
fn that_the_network_has_not_heard_of_a_payment_releases_nothing() {
    let mut bench = Bench::new("th", "fr");
    bench.network.open(NETWORK, products_without(&[SEND_MONEY]));
    let receiver = bench.receiver;
    bench.send("S1", receiver, 100_000).unwrap();
    bench.network.drain();
    bench.wait(60);
    bench.network.drain();
    let (_, row) = bench.network.at(3).all::<Outgoing>().pop().unwrap();
    // The message is there and was not understood: it may still be.
    assert_eq!((row.state, row.standing, row.asked), (OutgoingState::Held, Some(Stands::Unknown), 1));
    bench.open(NETWORK);
    assert_eq!(bench.network.retry_parked(), 0);
    assert_eq!(bench.payment(row.id).state, OutgoingState::Done);
    bench.check_money(&[]);
}
