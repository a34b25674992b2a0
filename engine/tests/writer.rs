//! The writer: order, keys, timers, cold rows, quarantine, bounded queue, clocks that jump.

mod bench;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bench::{START_NS, Site, account, credits, open_accounts, timers, transfer};
use sycee_books::command::{HoldPlaced, PlaceHold};
use sycee_contract::{
    Answer, Books, Caller, Command, CommandDescriptor, Deciding, Descriptor, Effect, EffectId, EffectPolicy,
    EffectState, Expectation, Finding, Nature, Product, Products, Random, Role, Stop, WorkItem, Workload, cell, decode,
};
use sycee_engine::clock::Clock;
use sycee_engine::store::TableStore;
use sycee_engine::{CellConfig, NoReply, drive::Driven, limits, open};
use sycee_money::Amount;

fn hold(minor: u64, expires_at_ns: u64) -> Command {
    let body = PlaceHold { debit: account(1), credit: account(2), amount: Amount::new(minor).unwrap(), expires_at_ns };
    Command::new(sycee_books::PLACE_HOLD, Caller::OPERATOR, &body).with_id(&format!("hold-{minor}"))
}

fn held(driven: &Driven) -> u64 {
    driven.port().begin_read().account(account(1)).unwrap().unwrap().debits_pending_minor
}

#[test]
fn a_hold_expires_by_its_timer_also_after_a_restart_and_only_once() {
    let site = Site::new();
    let mut driven = site.open().unwrap();
    driven.ask(open_accounts(2)).unwrap();
    let reply = driven.ask(hold(30, START_NS + 1_000_000_000)).unwrap().outcome.unwrap();
    let _hold: HoldPlaced = decode(&reply, "reply").unwrap();
    assert_eq!((held(&driven), timers(&driven).len()), (30, 1));
    driven.settle().unwrap();
    assert_eq!(held(&driven), 30, "it is not due yet");
    drop(driven);
    site.clock.0.fetch_add(1_000_000_001, Ordering::SeqCst);
    let mut driven = site.open().unwrap();
    driven.settle().unwrap();
    assert_eq!((held(&driven), timers(&driven).len()), (0, 0));
    let operation = driven.cell.sequencer.operation();
    driven.settle().unwrap();
    assert_eq!(driven.cell.sequencer.operation(), operation, "nothing fires twice");
}

#[test]
fn a_timer_that_is_due_while_the_clock_is_wrong_fires_when_it_is_right() {
    let site = Site::new();
    let mut driven = site.open().unwrap();
    driven.ask(open_accounts(2)).unwrap();
    // One more than are fired in one step.
    let count = u64::try_from(limits::TIMERS_PER_STEP).unwrap() + 1;
    for minor in 1..=count {
        driven.ask(hold(minor, START_NS + 1_000_000_000)).unwrap().outcome.unwrap();
    }
    // Warm the accounts, then let most of them fire far ahead.
    site.clock.0.store(START_NS + 20 * limits::CLOCK_BACK_NS, Ordering::SeqCst);
    driven.cell.sequencer.step(&mut Vec::new()).unwrap();
    // The clock falls back behind the last stamp; the last timer is due all the same, and must not be lost.
    site.clock.0.store(START_NS + 2_000_000_000, Ordering::SeqCst);
    driven.settle().unwrap();
    assert!(held(&driven) > 0, "nothing is stamped while the clock is wrong");
    site.clock.0.store(START_NS + 21 * limits::CLOCK_BACK_NS, Ordering::SeqCst);
    driven.settle().unwrap();
    assert_eq!((held(&driven), timers(&driven).len()), (0, 0));
}

#[test]
fn stamps_rise_strictly_and_a_clock_that_jumps_back_far_stops_the_writing_not_the_cell() {
    let site = Site::new();
    let mut driven = site.open().unwrap();
    driven.ask(open_accounts(2)).unwrap();
    // Back a little: time goes on by nanoseconds.
    site.clock.0.fetch_sub(limits::CLOCK_BACK_NS / 2, Ordering::SeqCst);
    driven.ask(transfer(1, 2, 1)).unwrap().outcome.unwrap();
    // Back a lot: refused with a reason, until the clock is right again.
    site.clock.0.fetch_sub(limits::CLOCK_BACK_NS, Ordering::SeqCst);
    let refusal = driven.ask(transfer(1, 2, 1)).unwrap().outcome.unwrap_err();
    assert!(refusal.detail.contains("clock"), "{refusal:?}");
    site.clock.0.store(START_NS + 1, Ordering::SeqCst);
    driven.ask(transfer(1, 2, 1)).unwrap().outcome.unwrap();
    assert_eq!(credits(&driven, 2), 2);
}

#[test]
fn the_queue_is_bounded_and_keeps_room_for_the_cell_itself() {
    let site = Site::new();
    let driven = site.open().unwrap();
    let by = |caller: Caller| Command { caller, ..transfer(1, 2, 1) };
    let mut receivers = Vec::new();
    for _ in 0..limits::QUEUE_COMMANDS {
        receivers.push(driven.submit(by(Caller::merchant(1))).unwrap());
    }
    assert_eq!(driven.submit(by(Caller::merchant(1))).unwrap_err(), NoReply::Busy);
    for _ in 0..limits::QUEUE_RESERVED {
        receivers.push(driven.submit(by(Caller::SYSTEM)).unwrap());
    }
    assert_eq!(driven.submit(by(Caller::OPERATOR)).unwrap_err(), NoReply::Busy);
}

#[test]
fn a_read_sees_what_was_acknowledged_and_nothing_that_is_not_durable() {
    let site = Site::new();
    let mut driven = site.open().unwrap();
    driven.ask(open_accounts(2)).unwrap();
    let mut receiver = driven.submit(transfer(1, 2, 9)).unwrap();
    // The account is cold or not: decide until the transfer is in the batch.
    while driven.decide().unwrap() || driven.cell.sequencer.has_waiting() {}
    assert_eq!(credits(&driven, 2), 0, "decided, not durable");
    assert!(receiver.try_recv().is_err(), "no reply before it is durable");
    driven.commit().unwrap();
    let reply = receiver.try_recv().unwrap().unwrap();
    assert_eq!(credits(&driven, 2), 9, "durable, not in the tables yet");
    assert!(driven.port().begin_read().operation >= reply.operation);
    let before = driven.port().begin_read();
    driven.apply().unwrap();
    driven.ask(transfer(1, 2, 1)).unwrap();
    assert_eq!(credits(&driven, 2), 10);
    assert_eq!(before.account(account(2)).unwrap().unwrap().credits_posted_minor, 9, "a read point does not move");
}

/// A product that panics, loops, asks the outside and reads rows, to try the writer with.
struct Trouble;

const PANIC: u16 = 0xF001;
const PAYOUT: u16 = 0xF002;

const fn command(number: u8, name: &'static str) -> CommandDescriptor {
    CommandDescriptor {
        number,
        name,
        roles: &[Role::Operator],
        nature: Nature::Request,
        fingerprint: &[],
        binding_refusals: &[],
    }
}

static TROUBLE: Descriptor = Descriptor {
    number: 0xF0,
    name: "trouble",
    commands: &[command(1, "panic"), command(2, "payout")],
    refusals: &[],
    accounts: &[],
    tables: &[],
    invariants: &[],
};

impl Product for Trouble {
    fn descriptor(&self) -> &'static Descriptor {
        &TROUBLE
    }

    fn decide(&self, command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
        assert!(command.code != PANIC, "a rule that is wrong");
        deciding.effect(Effect { kind: 1, target: "bank".into(), body: vec![1], policy: EffectPolicy::Binds });
        Ok(Vec::new())
    }

    fn audit(&self, _: &dyn Books, _: &mut Vec<Finding>) {}

    fn workload(&self) -> Box<dyn Workload> {
        Box::new(Nothing)
    }
}

struct Nothing;

impl Workload for Nothing {
    fn next(&mut self, _: &mut Random) -> WorkItem {
        WorkItem { command: transfer(1, 2, 1), expectation: Expectation::Any }
    }

    fn learn(&mut self, _: &Answer) {}
}

fn open_with_trouble(site: &Site) -> Driven {
    let mut list = sycee_registry::list();
    list.push(Box::new(Trouble));
    let config = CellConfig {
        cell: 7,
        time_zone: "Europe/Paris".into(),
        products: Arc::new(Products::new(list).unwrap()),
        clock: Arc::clone(&site.clock) as Arc<dyn Clock>,
        disk: Arc::new(site.disk.clone()),
        segment_bytes: site.segment_bytes,
    };
    let tables = |_: bool| Ok(Arc::new(site.tables.borrow().clone()) as Arc<dyn TableStore>);
    Driven::new(open(config, &tables).unwrap())
}

#[test]
fn a_panic_in_a_rule_is_refused_and_set_aside_and_the_cell_goes_on() {
    let site = Site::new();
    let mut driven = open_with_trouble(&site);
    driven.ask(open_accounts(2)).unwrap();
    let refusal = driven.ask(Command::new(PANIC, Caller::OPERATOR, &())).unwrap().outcome.unwrap_err();
    assert_eq!(refusal.code, cell::QUARANTINED);
    assert_eq!(driven.cell.sequencer.quarantined(), 1);
    driven.ask(transfer(1, 2, 1)).unwrap().outcome.unwrap();
}

#[test]
fn an_effect_that_binds_goes_through_its_states_and_only_a_confirmed_end_removes_it() {
    let site = Site::new();
    let mut driven = open_with_trouble(&site);
    let reply = driven.ask(Command::new(PAYOUT, Caller::OPERATOR, &())).unwrap();
    let id = EffectId { operation: reply.operation, index: 0 };
    let state = |driven: &Driven| {
        driven.cell.effects.list().into_iter().find(|(open, _)| *open == id).map(|(_, record)| record.state)
    };
    let result = |state| cell::EffectResult { effect: id, state, detail: String::new() };
    let say = |state| Command::new(cell::EFFECT_RESULT, Caller::SYSTEM, &result(state));
    assert_eq!(state(&driven), Some(EffectState::Requested));
    driven.ask(Command::new(cell::EFFECT_SENT, Caller::SYSTEM, &id)).unwrap().outcome.unwrap();
    assert_eq!(state(&driven), Some(EffectState::Sent));
    driven.ask(say(EffectState::Unknown)).unwrap().outcome.unwrap();
    drop(driven);
    let mut driven = open_with_trouble(&site);
    assert_eq!(state(&driven), Some(EffectState::Unknown), "unknown survives a restart");
    driven.ask(say(EffectState::Settled)).unwrap().outcome.unwrap();
    assert_eq!(state(&driven), None);
    let twice = driven.ask(say(EffectState::Settled)).unwrap().outcome.unwrap_err();
    assert_eq!(twice.code, cell::EFFECT_NOT_OPEN);
    let forged = Command { caller: Caller::OPERATOR, ..say(EffectState::Settled) };
    assert_eq!(driven.ask(forged).unwrap().outcome.unwrap_err().code, cell::ROLE_FORBIDDEN);
}

#[test]
fn cold_rows_are_fetched_and_a_memory_that_forgets_decides_the_same() {
    // The writer's memory is dropped over and over by reopening; the tables have everything.
    let (site, warm) = (Site::new(), Site::new());
    let mut random = Random::new(5);
    let mut warm_driven = warm.open().unwrap();
    warm_driven.ask(open_accounts(20)).unwrap();
    site.open().unwrap().ask(open_accounts(20)).unwrap();
    for _ in 0..200 {
        let pick = |random: &mut Random| u32::try_from(1 + random.below(20)).unwrap();
        let command = transfer(pick(&mut random), pick(&mut random), 1 + random.below(9));
        let expected = warm_driven.ask(command.clone()).unwrap().outcome;
        let mut cold = site.open().unwrap();
        assert_eq!(cold.ask(command).unwrap().outcome, expected);
    }
    let all = |driven: &Driven| driven.port().begin_read().all_accounts().unwrap();
    assert_eq!(all(&site.open().unwrap()), all(&warm_driven));
}
