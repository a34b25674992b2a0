//! What the bank says of payouts: once, twice, late, and the other way round.

use sycee_acquiring::PAYOUT_IN_TRANSIT;
use sycee_acquiring::payout::*;
use sycee_acquiring::refusal::*;
use sycee_contract::*;

use crate::bench::*;
use crate::settling::*;

fn paying() -> (Settled, Payout, i128) {
    let mut shop = Settled::new(&[], |terms| terms);
    shop.sell("A", 10_000);
    shop.go_to(20_260_302, 20, 0);
    let (payout, bank) = (shop.payout(20_260_302), shop.operators(sycee_wallet::SAFEGUARDING));
    assert_eq!(payout.money, euro(9_900));
    (shop, payout, bank)
}

#[test]
fn money_moves_once_for_each_change_that_the_bank_tells() {
    use PayoutState::{Returned, Settled, Unknown};
    // What the bank says, in this order; then the state, the merchant's balance, what is in transit and what has left the bank.
    let table: [(&[PayoutState], PayoutState, i128, i128, i128); 9] = [
        (&[Settled], Settled, 0, 0, 9_900),
        (&[Settled, Settled], Settled, 0, 0, 9_900),
        (&[Unknown], Unknown, 0, 9_900, 0),
        (&[Unknown, Unknown, Settled], Settled, 0, 0, 9_900),
        (&[Returned], Returned, 9_900, 0, 0),
        (&[Returned, Returned, Unknown], Returned, 9_900, 0, 0),
        (&[Unknown, Returned], Returned, 9_900, 0, 0),
        // Paid, and sent back by the other bank days later.
        (&[Settled, Returned], Returned, 9_900, 0, 0),
        (&[Settled, Unknown], Settled, 0, 0, 9_900),
    ];
    for (said, state, balance, transit, left) in table {
        let (mut shop, payout, bank) = paying();
        for word in said {
            shop.bank_says(payout.id, *word);
        }
        let now: Payout = shop.row(&Payout::key(payout.id)).expect("a payout");
        assert_eq!((now.state, now.contradiction), (state, None), "{said:?}");
        assert_eq!((shop.balance(), shop.account(PAYOUT_IN_TRANSIT)), (balance, transit), "{said:?}");
        assert_eq!(bank - shop.operators(sycee_wallet::SAFEGUARDING), left, "{said:?}");
    }
}

#[test]
fn a_bank_that_says_paid_after_it_said_returned_moves_nothing_and_is_written_down() {
    let (mut shop, payout, bank) = paying();
    shop.bank_says(payout.id, PayoutState::Returned);
    let told = shop.bank_says(payout.id, PayoutState::Settled);
    assert_eq!((told.payout.state, told.payout.contradiction.as_deref()), (PayoutState::Returned, Some("BANK-1")));
    assert!(shop.bank_says(payout.id, PayoutState::Settled).repeated);
    assert_eq!((shop.balance(), shop.operators(sycee_wallet::SAFEGUARDING)), (9_900, bank));
}

#[test]
fn what_came_back_is_paid_again_with_the_next_settlement() {
    let (mut shop, payout, _) = paying();
    shop.go_to(20_260_303, 9, 0);
    shop.bank_says(payout.id, PayoutState::Returned);
    shop.go_to(20_260_303, 20, 0);
    let again = shop.payout(20_260_303);
    assert_eq!(again.money, euro(9_900));
    assert_ne!(again.number(1), payout.number(1));
    assert_eq!(shop.settlement(20_260_303).expect("settled").other_in_minor, 9_900);
}

#[test]
fn only_what_is_unknown_is_resolved_by_a_person() {
    let (mut shop, payout, bank) = paying();
    let resolve = |is_settled, payout| {
        let body = ResolvePayout { payout, is_settled, bank_reference: "CALL-7".into(), reason: "by telephone".into() };
        by(RESOLVE_PAYOUT, Caller::OPERATOR, &body)
    };
    assert_eq!(shop.bench.refused(&resolve(true, payout.id)).code, PAYOUT_NOT_UNKNOWN);
    assert_eq!(shop.bench.refused(&resolve(true, 7)).code, PAYOUT_NOT_FOUND);
    shop.bank_says(payout.id, PayoutState::Unknown);
    let reply: PayoutReply = shop.bench.done(&resolve(true, payout.id));
    assert_eq!((reply.payout.state, reply.payout.resolved_by, reply.repeated), (PayoutState::Settled, Some(0), false));
    let reply: PayoutReply = shop.bench.done(&resolve(true, payout.id));
    assert!(reply.repeated);
    assert_eq!(shop.bench.refused(&resolve(false, payout.id)).code, PAYOUT_NOT_UNKNOWN);
    // The bank's late word is the same: nothing moves.
    assert!(shop.bank_says(payout.id, PayoutState::Settled).repeated);
    assert_eq!(bank - shop.operators(sycee_wallet::SAFEGUARDING), 9_900);
    let empty = PayoutResult {
        payout: payout.id,
        state: PayoutState::Settled,
        bank_reference: Some(String::new()),
        reason: None,
    };
    assert_eq!(shop.bench.refused(&by(PAYOUT_RESULT, Caller::SYSTEM, &empty)).code, cell::BAD_BODY);
    let back = PayoutResult { payout: payout.id, state: PayoutState::Requested, bank_reference: None, reason: None };
    assert_eq!(shop.bench.refused(&by(PAYOUT_RESULT, Caller::SYSTEM, &back)).code, cell::BAD_BODY);
}
