//! How far a participant may owe the network.

use sycee_interop::command::{PREFUND, Prefund};
use sycee_interop::record::OutgoingState;
use sycee_interop::refusal::PARTICIPANT_CAP;
use sycee_sim::setup::{NETWORK, Options, done, operator};

use crate::bench::{Bench, CASH_MINOR, minor};

#[test]
fn a_participant_at_its_cap_is_refused_forward_payments_and_its_refunds_still_book() {
    // Each payment of 10.00 EUR costs 379.58 THB: two fit below 800.00, a third does not.
    let mut bench = Bench::of(&Options { net_debit_cap_minor: 80_000, ..Options::of(1, &["th", "fr"]) });
    let first = bench.pay_printed(1_000);
    let second = bench.pay_printed(1_000);
    assert_eq!(bench.payment(second).state, OutgoingState::Done);
    let third = bench.pay_printed(1_000);
    assert_eq!(bench.refusal(third), PARTICIPANT_CAP);
    assert_eq!(bench.customer_has(), (i128::from(CASH_MINOR) - 2 * 37_958, 0));
    // Refunds are owed: they book, and make room.
    bench.refund(first, 1_000, "a");
    assert_eq!(bench.payment(first).returned, minor(37_958));
    let fourth = bench.pay_printed(1_000);
    assert_eq!(bench.payment(fourth).state, OutgoingState::Done);
    bench.check_money(&[]);
    // What is reserved counts: of two payments at once over a room for one, one is refused.
    assert_eq!(bench.refusal_of_pair(), vec![PARTICIPANT_CAP, PARTICIPANT_CAP]);
    // Money paid ahead is room: 379.58 more, less what was left (800.00 − 2 × 379.58 = 40.84).
    let body = Prefund { cell: 3, money: bench.from.money(37_958 - 4_084), bank_reference: "bank 1".into() };
    done(&mut bench.network, NETWORK, operator(PREFUND, &body).with_id("1"));
    assert_eq!(bench.refusal_of_pair(), vec![PARTICIPANT_CAP], "exactly one more fits");
    bench.check_money(&[(bench.from, 37_958 - 4_084)]);
}

impl Bench {
    /// Two payments of 10.00 EUR that are under way at once; gives back why those that were refused were.
    fn refusal_of_pair(&mut self) -> Vec<u16> {
        let enquiries = [self.enquire(1_000).unwrap(), self.enquire(1_000).unwrap()];
        for enquiry in enquiries {
            self.quote(enquiry).unwrap();
        }
        let payments = enquiries.map(|enquiry| self.pay(enquiry).unwrap());
        self.network.drain();
        let refused = payments.into_iter().filter(|payment| self.payment(*payment).state != OutgoingState::Done);
        refused.map(|payment| self.refusal(payment)).collect()
    }
}
