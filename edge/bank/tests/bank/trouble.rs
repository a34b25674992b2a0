//! A bank that loses, doubles, delays and times out; one that rejects; one that says nothing.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::civil::{Date, date};
use sycee_acquiring::payout::{Payout, PayoutState};
use sycee_acquiring::{MERCHANT_BALANCE, PAYOUT_IN_TRANSIT};
use sycee_bank::bank::AnswerFile;
use sycee_bank::simulated::operators_account;
use sycee_bank::{Bank, Payouts, SimulatedBank, Standing};
use sycee_contract::{EffectRecord, EffectState};
use sycee_engine::outbound::{FaultMode, Outbound};

use crate::world::*;

/// A Monday.
const DAY: Date = date(2027, 3, 1);

fn only_payout(world: &TestWorld) -> Payout {
    let payouts = world.all_payouts();
    assert_eq!(payouts.len(), 1);
    payouts.into_iter().next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_file_meets_the_bank_pays_once_and_the_books_follow() {
    for fault in [
        None,
        Some(FaultMode::Lose),
        Some(FaultMode::Double),
        Some(FaultMode::Delay),
        Some(FaultMode::TimeoutAfterDoing),
    ] {
        let world = TestWorld::start(DAY, &USUAL, 100, "0001", |terms| terms);
        if let Some(mode) = fault {
            world.world.faults.set(Some("fr"), "payout", mode, 1);
        }
        world.sell(10_000);
        world.go_to(instant_ns(DAY, 20, 0)).await;
        let payout = only_payout(&world);
        assert_eq!((payout.money, payout.state), (euro(9_900), PayoutState::Requested), "{fault:?}");
        let effect: EffectRecord = world.get(&payout.effect().key()).unwrap();
        assert_eq!(effect.state, EffectState::Sent, "{fault:?}");
        let bank = world.operators(sycee_wallet::SAFEGUARDING);
        // Tuesday is the day on which the bank is to pay; whatever was lost is found by then.
        world.go_to(instant_ns(DAY.tomorrow().unwrap(), 12, 0)).await;
        let payout = only_payout(&world);
        assert_eq!((payout.state, payout.contradiction.as_deref()), (PayoutState::Settled, None), "{fault:?}");
        assert!(payout.bank_reference.is_some(), "{fault:?}");
        assert_eq!(world.get::<EffectRecord>(&payout.effect().key()), None, "{fault:?}");
        assert_eq!(world.shops(PAYOUT_IN_TRANSIT), 0, "{fault:?}");
        assert_eq!(bank - world.operators(sycee_wallet::SAFEGUARDING), 9_900, "{fault:?}");
        let paid = world.bank.paid();
        assert_eq!(paid.into_iter().collect::<Vec<_>>(), [(payout.number(7), 9_900)], "{fault:?}");
        assert!(world.files("in").is_empty() && world.files("not-understood").is_empty(), "{fault:?}");
        assert_eq!(world.findings(), [], "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_account_brings_the_money_back_with_the_reason() {
    let world = TestWorld::start(DAY, &USUAL, 0, "0404", |terms| terms);
    world.sell(10_000);
    world.go_to(instant_ns(DAY, 20, 0)).await;
    let payout = only_payout(&world);
    assert_eq!((payout.state, payout.reason.as_deref()), (PayoutState::Returned, Some("AC04")));
    assert_eq!((world.shops(MERCHANT_BALANCE), world.shops(PAYOUT_IN_TRANSIT)), (10_000, 0));
    assert_eq!(world.bank.paid().len(), 0);
    // With another account the next settlement pays it, under another number.
    world.set_account("0001");
    world.go_to(instant_ns(date(2027, 3, 3), 12, 0)).await;
    let states: Vec<_> = world.all_payouts().iter().map(|payout| (payout.state, payout.money)).collect();
    assert_eq!(states, [(PayoutState::Returned, euro(10_000)), (PayoutState::Settled, euro(10_000))]);
    assert_eq!(world.findings(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_comes_back_a_day_after_it_was_paid_is_in_the_balance_again() {
    let world = TestWorld::start(DAY, &USUAL, 0, "0405", |terms| terms);
    let bank = world.operators(sycee_wallet::SAFEGUARDING);
    world.sell(10_000);
    world.go_to(instant_ns(DAY.tomorrow().unwrap(), 12, 0)).await;
    assert_eq!(only_payout(&world).state, PayoutState::Settled);
    assert_eq!(bank - world.operators(sycee_wallet::SAFEGUARDING), 10_000);
    world.set_account("0001");
    world.go_to(instant_ns(date(2027, 3, 3), 12, 0)).await;
    let payout = only_payout(&world);
    assert_eq!((payout.state, payout.reason.as_deref()), (PayoutState::Returned, Some("AC04")));
    assert_eq!((world.shops(MERCHANT_BALANCE), world.operators(sycee_wallet::SAFEGUARDING)), (10_000, bank));
    assert_eq!(world.findings(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_some_accounts_the_simulated_bank_says_nothing_although_it_has_paid() {
    let world = TestWorld::start(DAY, &USUAL, 0, "0406", |terms| terms);
    world.sell(10_000);
    world.go_to(instant_ns(DAY.tomorrow().unwrap(), 12, 0)).await;
    let payout = only_payout(&world);
    assert_eq!((payout.state, payout.reason.as_deref()), (PayoutState::Unknown, Some("the bank does not say")));
    assert_eq!((world.shops(PAYOUT_IN_TRANSIT), world.bank.paid().len()), (10_000, 1));
    assert_eq!(world.findings(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_after_sending_asks_and_does_not_send_again() {
    let world = TestWorld::start(DAY, &USUAL, 0, "0001", |terms| terms);
    world.sell(10_000);
    world.go_to(instant_ns(DAY, 20, 0)).await;
    let files = world.files("out").len();
    // Another process: nothing is remembered but rows and folders.
    let bank = Arc::new(SimulatedBank::open(&world.folder.path().join("bank"), ZONE).unwrap());
    let banks: Vec<(u16, Arc<dyn Bank>)> = vec![(7, Arc::clone(&bank) as Arc<dyn Bank>)];
    let payouts = Payouts::new(Arc::clone(&world.world), banks, &operators_account());
    world.clock.move_to(instant_ns(DAY.tomorrow().unwrap(), 12, 0));
    payouts.run_due(instant_ns(DAY.tomorrow().unwrap(), 12, 0)).await;
    assert_eq!(only_payout(&world).state, PayoutState::Settled);
    assert_eq!((world.files("out").len(), bank.paid().len()), (files, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_read_is_set_aside_and_others_are_read() {
    let world = TestWorld::start(DAY, &USUAL, 0, "0001", |terms| terms);
    world.sell(10_000);
    world.go_to(instant_ns(DAY, 20, 0)).await;
    std::fs::write(world.folder.path().join("bank/in/00000000-strange.xml"), "<!DOCTYPE x><x/>").unwrap();
    world.go_to(instant_ns(DAY.tomorrow().unwrap(), 12, 0)).await;
    assert_eq!(world.files("not-understood").keys().collect::<Vec<_>>(), ["00000000-strange.xml"]);
    assert_eq!(only_payout(&world).state, PayoutState::Settled);
}

/// A bank that takes files and never says anything.
#[derive(Default)]
struct SilentBank {
    files: AtomicU64,
}

impl Bank for SilentBank {
    fn deliver(&self, _: &str, _: &str, _: u64, _: Option<FaultMode>) -> io::Result<()> {
        self.files.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
    fn work(&self, _: u64) -> io::Result<()> {
        Ok(())
    }
    fn next_due_ns(&self) -> Option<u64> {
        None
    }
    fn answers(&self) -> io::Result<Vec<AnswerFile>> {
        Ok(Vec::new())
    }
    fn put_away(&self, _: &str, _: bool) -> io::Result<()> {
        Ok(())
    }
    fn ask(&self, _: &str, _: u64) -> io::Result<Standing> {
        Ok(Standing::Silent)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_bank_makes_a_payout_unknown_and_a_person_resolves_it() {
    use sycee_acquiring::payout::{RESOLVE_PAYOUT, ResolvePayout};
    use sycee_contract::{Caller, Command};
    let world = TestWorld::start(DAY, &USUAL, 0, "0001", |terms| terms);
    world.sell(10_000);
    // Only the timers' part of the day: this bank is another one.
    world.clock.move_to(instant_ns(DAY, 18, 0));
    world.cell().port.wake();
    while world.all_payouts().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        world.cell().port.wake();
    }
    let bank = Arc::new(SilentBank::default());
    let banks: Vec<(u16, Arc<dyn Bank>)> = vec![(7, Arc::clone(&bank) as Arc<dyn Bank>)];
    let payouts = Payouts::new(Arc::clone(&world.world), banks, &operators_account());
    let mut now_ns = instant_ns(DAY, 18, 1);
    let hour_ns = 3_600 * 1_000_000_000;
    for _ in 0..3 {
        payouts.run_due(now_ns).await;
        assert_eq!(only_payout(&world).state, PayoutState::Requested);
        now_ns += hour_ns;
    }
    payouts.run_due(now_ns).await;
    let payout = only_payout(&world);
    let effect: EffectRecord = world.get(&payout.effect().key()).unwrap();
    assert_eq!((payout.state, effect.state), (PayoutState::Unknown, EffectState::Unknown));
    assert_eq!(bank.files.load(Ordering::SeqCst), 1, "it is asked about, never sent again");
    assert_eq!(world.shops(PAYOUT_IN_TRANSIT), 10_000);
    let body = ResolvePayout {
        payout: payout.id,
        is_settled: false,
        bank_reference: "CALL-1".into(),
        reason: "the bank has no trace".into(),
    };
    world.ask(Command::new(RESOLVE_PAYOUT, Caller::OPERATOR, &body)).unwrap();
    assert_eq!((world.shops(MERCHANT_BALANCE), world.shops(PAYOUT_IN_TRANSIT)), (10_000, 0));
    payouts.run_due(now_ns + hour_ns).await;
    assert_eq!(world.get::<EffectRecord>(&payout.effect().key()), None);
    assert_eq!(world.findings(), []);
}
