//! Product 0: the market pack, the life of an effect, the expiry of a hold, its refusals.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use sycee_ledger::{HoldState, LedgerRefusal};
use sycee_money::Currency;

use super::golden::market;
use super::memory::{Memory, stamp};
use super::till::{Scripted, TILL, amount, bank_ref, products, purse, purse_ref, till};
use crate::cell::{EffectOutcome, EffectResult, HoldTarget};
use crate::{
    Answer, Caller, Command, Deciding, Effect, EffectId, EffectPolicy, EffectRecord, EffectState, KycTier, MarketPack,
    Outcome, Products, Refusal, RefusalClass, Stop, apply, cell, decode, encode,
};

fn install(pack: &MarketPack) -> Command {
    Command::new(cell::INSTALL_MARKET, Caller::OPERATOR, pack)
}

fn refused(outcome: &Outcome) -> Option<u16> {
    match outcome {
        Outcome::Refused(refusal) => Some(refusal.code),
        Outcome::Planned(_, Answer::Done(_)) => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_market_pack_that_does_not_fit_is_refused_and_the_pack_in_force_stays() {
    let pack = market().0;
    let tiers = |ranks: &[u16]| MarketPack {
        kyc_tiers: ranks.iter().map(|rank| KycTier { rank: *rank, ..pack.kyc_tiers[0].clone() }).collect(),
        ..pack.clone()
    };
    let table = [
        ("the same again", pack.clone(), None),
        ("another fee", MarketPack { merchant_fee_bps: 60, ..pack.clone() }, None),
        ("tiers 1, 2, 3", tiers(&[1, 2, 3]), None),
        ("no tiers", tiers(&[]), None),
        ("another cell", MarketPack { cell_number: 34, ..pack.clone() }, Some(cell::BAD_MARKET)),
        ("another currency", MarketPack { currency: Currency::USD, ..pack.clone() }, Some(cell::BAD_MARKET)),
        ("tiers from 0", tiers(&[0, 1]), Some(cell::BAD_MARKET)),
        ("tiers from 2", tiers(&[2, 3]), Some(cell::BAD_MARKET)),
        ("tiers with a gap", tiers(&[1, 3]), Some(cell::BAD_MARKET)),
        ("tiers twice", tiers(&[1, 1]), Some(cell::BAD_MARKET)),
        ("tiers falling", tiers(&[2, 1]), Some(cell::BAD_MARKET)),
    ];
    for (what, next, expected) in table {
        let (products, mut memory) = (till(), Memory::default());
        memory.planned(&products, &install(&pack), stamp(1));
        assert_eq!(memory.rows.get(&MarketPack::key()), Some(&market().1), "{what}");
        assert_eq!(refused(&memory.run(&products, &install(&next), stamp(2))), expected, "{what}");
        let in_force = if expected.is_none() { &next } else { &pack };
        assert_eq!(memory.rows.get(&MarketPack::key()), Some(&encode(in_force)), "{what}");
        // The first pack may have any currency, but no other cell's number.
        let first = Memory::default().run(&products, &install(&next), stamp(1));
        assert_eq!(refused(&first).is_none(), expected.is_none() || what == "another currency", "{what}");
    }
}

#[test]
fn without_a_market_pack_a_rule_that_needs_it_says_try_again() {
    let asking = Scripted { rule: |_, deciding| Ok(encode(&deciding.market()?.market)), ..Scripted::of(&TILL) };
    let (products, mut memory) = (products(&[asking]), Memory::default());
    let outcome = memory.run(&products, &super::till::pay_command(1, 1), stamp(1));
    assert_eq!(refused(&outcome), Some(cell::NO_MARKET));
    assert_eq!(products.refusal(cell::NO_MARKET).map(|refusal| refusal.class), Some(RefusalClass::TryAgain));
    memory.planned(&products, &install(&market().0), stamp(2));
    let (_, answer) = memory.planned(&products, &super::till::pay_command(1, 1), stamp(3));
    assert_eq!(answer, Answer::Done(vec![0x62, b'F', b'R']));
    let pack = MarketPack { kyc_tiers: vec![], ..market().0 };
    assert_eq!((market().0.tier(1).is_some(), market().0.tier(2), pack.highest_tier()), (true, None, None));
}

/// A cell that has asked for one effect, by the till's pay.
fn asked() -> (Products, Memory, EffectId) {
    let asks = Scripted {
        rule: |_, deciding| {
            let policy = EffectPolicy::Binds;
            deciding.effect(Effect { kind: 0x2009, target: "bank".into(), body: vec![9], policy });
            Ok(Vec::new())
        },
        ..Scripted::of(&TILL)
    };
    let (products, mut memory) = (products(&[asks]), Memory::default());
    memory.planned(&products, &super::till::pay_command(1, 1), stamp(3));
    (products, memory, EffectId { operation: 3, index: 0 })
}

fn result(effect: EffectId, state: EffectState) -> Command {
    Command::new(cell::EFFECT_RESULT, Caller::SYSTEM, &EffectResult { effect, state, detail: String::new() })
}

#[test]
fn an_effect_goes_from_requested_over_sent_and_unknown_to_its_end() {
    use EffectState::{Failed, Requested, Sent, Settled, Unknown};
    /// The state that its row is left in, or none when it has ended; or the refusal of the last step.
    type Left = Result<Option<EffectState>, u16>;
    let table: [(&[EffectState], Left); 12] = [
        (&[], Ok(Some(Requested))),
        (&[Sent], Ok(Some(Sent))),
        (&[Sent, Sent], Ok(Some(Sent))),
        (&[Sent, Settled], Ok(None)),
        (&[Sent, Failed], Ok(None)),
        (&[Sent, Unknown], Ok(Some(Unknown))),
        (&[Sent, Unknown, Unknown], Ok(Some(Unknown))),
        (&[Sent, Unknown, Settled], Ok(None)),
        (&[Sent, Unknown, Sent, Failed], Ok(None)),
        (&[Sent, Settled, Failed], Err(cell::EFFECT_NOT_OPEN)),
        (&[Sent, Failed, Unknown], Err(cell::EFFECT_NOT_OPEN)),
        (&[Sent, Settled, Sent], Err(cell::EFFECT_NOT_OPEN)),
    ];
    for (steps, expected) in table {
        let (products, mut memory, id) = asked();
        let mut last = None;
        for (operation, step) in (4..).zip(steps) {
            let command = match step {
                Sent => Command::new(cell::EFFECT_SENT, Caller::SYSTEM, &id),
                state => result(id, *state),
            };
            let outcome = memory.run(&products, &command, stamp(operation));
            last = refused(&outcome);
            let Outcome::Planned(plan, _) = outcome else { continue };
            // Being sent is no news; every result is told, with what the product needs to know its effect by.
            let outcome = EffectOutcome { effect: id, kind: 0x2009, body: vec![9], state: *step };
            let told: Vec<_> = plan.events.iter().map(|event| (event.kind, decode(&event.body, "outcome"))).collect();
            let news = vec![(cell::EVENT_EFFECT_OUTCOME, Ok(outcome))];
            assert_eq!(told, if *step == Sent { vec![] } else { news }, "{steps:?}");
        }
        let left = memory.rows.get(&id.key()).map(|bytes| decode::<EffectRecord>(bytes, "effect").unwrap());
        match expected {
            Ok(state) => assert_eq!((last, left.as_ref().map(|record| record.state)), (None, state), "{steps:?}"),
            Err(code) => assert_eq!((last, &left), (Some(code), &None), "{steps:?}"),
        }
        if let Some(record) = left {
            assert_eq!((record.effect.kind, record.requested_at_ns), (0x2009, stamp(3).time_ns), "{steps:?}");
        }
    }
}

#[test]
fn what_is_no_result_and_what_is_no_effect_is_refused() {
    let (products, memory, id) = asked();
    let other = EffectId { index: 1, ..id };
    for (command, expected) in [
        (result(id, EffectState::Requested), cell::BAD_BODY),
        (result(id, EffectState::Sent), cell::BAD_BODY),
        (result(other, EffectState::Settled), cell::EFFECT_NOT_OPEN),
        (Command::new(cell::EFFECT_SENT, Caller::SYSTEM, &other), cell::EFFECT_NOT_OPEN),
        (Command::new(cell::EFFECT_SENT, Caller::SYSTEM, &7), cell::BAD_BODY),
        (Command::new(cell::EFFECT_SENT, Caller::OPERATOR, &id), cell::ROLE_FORBIDDEN),
        (Command::new(cell::EXPIRE_HOLD, Caller::SYSTEM, &[true]), cell::BAD_BODY),
        (Command::new(cell::INSTALL_MARKET, Caller::OPERATOR, &[1]), cell::BAD_BODY),
        (Command::new(cell::INSTALL_MARKET, Caller::OPERATOR, &[1]).with_id("k"), cell::BAD_BODY),
    ] {
        let mut after = memory.clone();
        assert_eq!(refused(&after.run(&products, &command, stamp(4))), Some(expected), "{command:?}");
        assert_eq!(after, memory);
    }
}

#[test]
fn expire_hold_releases_what_is_over_and_refuses_what_is_not() {
    let (products, mut memory) = (till(), Memory::default());
    let mut deciding = Deciding::new(stamp(1), &products, &memory);
    deciding.transfer(bank_ref(), purse_ref(7), amount(100), 1).unwrap();
    let hold = deciding.hold(purse_ref(7), purse_ref(8), amount(40), stamp(5).time_ns, 1).unwrap();
    let plan = deciding.into_plan();
    apply(&plan, &stamp(1), &mut memory).unwrap();
    let expire = |hold| Command::new(cell::EXPIRE_HOLD, Caller::SYSTEM, &HoldTarget { hold });
    let of_ledger = |refusal: LedgerRefusal| Some(cell::LEDGER_REFUSAL_BASE + refusal.number());
    let run = |memory: &mut Memory, hold, operation| refused(&memory.run(&products, &expire(hold), stamp(operation)));
    assert_eq!(run(&mut memory, hold, 4), of_ledger(LedgerRefusal::HoldTimeNotOver));
    assert_eq!(run(&mut memory, hold + 1, 5), of_ledger(LedgerRefusal::HoldNotFound));
    assert_eq!(memory.accounts[&purse(7)].available_minor(), 60);
    assert_eq!(run(&mut memory, hold, 5), None);
    assert_eq!(memory.accounts[&purse(7)].available_minor(), 100);
    assert_eq!(memory.accounts[&purse(8)].credits_pending_minor, 0);
    let rows = memory.of_table(cell::HOLD);
    assert_eq!(rows.len(), 1);
    assert_eq!(decode::<sycee_ledger::Hold>(rows[0].1, "hold").map(|hold| hold.state), Ok(HoldState::Expired));
    assert_eq!(run(&mut memory, hold, 6), of_ledger(LedgerRefusal::HoldNotPending));
}

#[test]
fn refusals_have_their_numbers_names_and_classes_for_ever() {
    // From the list in `cell.rs` and the ledger's numbers, which journals and clients rely on.
    let names = [
        (1, "unknown_command"),
        (2, "role_forbidden"),
        (3, "bad_idempotency_key"),
        (4, "idempotency_key_reused"),
        (5, "bad_request"),
        (6, "no_market"),
        (7, "account_not_open"),
        (8, "amount_out_of_range"),
        (9, "effect_not_open"),
        (10, "quarantined"),
        (11, "bad_market"),
        (12, "link_not_open"),
        (13, "link_backlog"),
        (14, "already_received"),
        (15, "out_of_order"),
        (16, "message_not_parked"),
        (17, "still_parked"),
        (18, "two_people_needed"),
        (19, "not_a_person"),
        (20, "same_person"),
        (21, "proposal_not_found"),
        (22, "proposal_ended"),
        (64, "amount_zero"),
        (65, "same_account"),
        (66, "currency_mismatch"),
        (67, "hold_not_found"),
        (68, "hold_not_pending"),
        (69, "post_exceeds_hold"),
        (70, "hold_time_over"),
        (71, "hold_time_not_over"),
        (72, "total_overflow"),
        (73, "debit_limit"),
        (74, "credit_limit"),
        (75, "linked_set_refused"),
        (76, "linked_set_open"),
    ];
    let found: Vec<_> = cell::REFUSALS.iter().map(|refusal| (refusal.code, refusal.name)).collect();
    assert_eq!(found, names);
    for ledger in LedgerRefusal::ALL {
        let refusal = Refusal::from(ledger);
        let descriptor = till().refusal(refusal.code).copied().unwrap();
        assert_eq!((refusal.detail.as_str(), descriptor.name), (ledger.name(), ledger.name()));
        let short = matches!(ledger, LedgerRefusal::DebitLimit | LedgerRefusal::CreditLimit);
        let class = if short { RefusalClass::NeedsUser } else { RefusalClass::CallersFault };
        assert_eq!(descriptor.class, class, "{ledger:?}");
    }
}

#[test]
fn a_command_that_needs_a_key_says_so() {
    let command = super::till::pay_command(1, 1);
    let stop = cell::require_id(&command).unwrap_err();
    assert!(matches!(stop, Stop::Refuse(refusal) if refusal.code == cell::BAD_COMMAND_ID));
    assert_eq!(cell::require_id(&command.with_id("k")), Ok(()));
}

#[test]
fn the_cells_own_load_is_refused_as_it_says() {
    let (products, mut memory) = (till(), Memory::default());
    let mut random = crate::Random::new(1);
    let mut workload = products.get(0).map(crate::Product::workload).unwrap();
    for operation in 1..50 {
        let item = workload.next(&mut random);
        let outcome = memory.run(&products, &item.command, stamp(operation));
        assert_eq!(refused(&outcome), Some(cell::EFFECT_NOT_OPEN));
        assert_eq!(item.expectation, crate::Expectation::Refused(cell::EFFECT_NOT_OPEN));
    }
}
