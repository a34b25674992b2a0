use sycee_contract::{Effect, EffectPolicy};

use super::super::lanes::RECEIVER_ATTEMPTS;
use super::*;

const SECOND: u64 = NS_PER_SECOND;

fn id(operation: u64) -> NoticeId {
    NoticeId { cell: 7, effect: EffectId { operation, index: 0 } }
}

fn record(requested_at_ns: u64) -> EffectRecord {
    let effect = Effect { kind: 1, target: String::new(), body: Vec::new(), policy: EffectPolicy::BindsNobody };
    EffectRecord { effect, state: EffectState::Requested, requested_at_ns }
}

fn take_up(schedule: &mut Schedule, number: u64, record: EffectRecord, restarted_at_ns: Option<u64>) {
    let to = Addressee { merchant: 1, receiver: "shop.example:80".into() };
    schedule.take_up(id(number), record, &to, restarted_at_ns);
}

/// What begins at this time.
fn begun(schedule: &mut Schedule, now_ns: u64) -> Vec<u64> {
    schedule.take(now_ns).due.iter().map(|due| due.id.effect.operation).collect()
}

/// The receiver's answer counts no attempt: the notice does.
fn fail(schedule: &mut Schedule, number: u64, began_at_ns: u64) -> bool {
    schedule.posted(id(number), Outcome::Answered);
    schedule.attempt_failed(id(number), began_at_ns)
}

#[test]
fn eight_attempts_each_counted_from_the_one_before() {
    let mut schedule = Schedule::default();
    take_up(&mut schedule, 1, record(100 * SECOND), None);
    let mut at = 100;
    for minutes in [2, 10, 10, 60, 120, 360, 900] {
        assert!(begun(&mut schedule, at * SECOND - 1).is_empty(), "not before {at}");
        assert_eq!(schedule.next_due_ns(), Some(at * SECOND));
        // Each attempt begins three seconds late.
        at += 3;
        assert_eq!(begun(&mut schedule, at * SECOND), [1]);
        assert!(begun(&mut schedule, u64::MAX).is_empty() && schedule.has_due(at * SECOND), "one at a time");
        assert!(!fail(&mut schedule, 1, at * SECOND));
        assert!(!schedule.has_due(at * SECOND));
        at += minutes * 60;
    }
    assert_eq!(begun(&mut schedule, at * SECOND), [1]);
    assert!(fail(&mut schedule, 1, at * SECOND), "the eighth is the last");
    schedule.ended(id(1));
    assert_eq!((schedule.next_due_ns(), schedule.has_due(u64::MAX)), (None, false));
}

#[test]
fn a_result_that_the_cell_does_not_take_is_told_again_and_not_posted_again() {
    let mut schedule = Schedule::default();
    take_up(&mut schedule, 1, record(0), None);
    assert_eq!(begun(&mut schedule, 0), [1]);
    schedule.posted(id(1), Outcome::Answered);
    schedule.report_later(id(1), EffectState::Settled, "success".into(), SECOND);
    assert!(begun(&mut schedule, 5 * SECOND).is_empty());
    let taken = schedule.take(6 * SECOND);
    assert!(matches!(&taken.due[..], [Due { next: Next::Report(EffectState::Settled, _), .. }]));
}

#[test]
fn notices_are_taken_up_once_and_the_earliest_is_first() {
    let mut schedule = Schedule::default();
    take_up(&mut schedule, 1, record(50), None);
    take_up(&mut schedule, 2, record(40), None);
    take_up(&mut schedule, 1, record(10), None);
    take_up(&mut schedule, 3, record(45), None);
    assert_eq!(begun(&mut schedule, 40), [2]);
    assert_eq!(schedule.next_due_ns(), Some(40), "what is under way is still due");
    assert_eq!(begun(&mut schedule, 60), [3, 1]);
}

#[test]
fn after_a_restart_the_age_says_how_many_attempts_were_made() {
    // Cumulated: 2, 12, 22, 82, 202, 562, 1462 minutes.
    let minutes =
        [(0, 0), (1, 0), (2, 1), (11, 1), (12, 2), (22, 3), (81, 3), (82, 4), (561, 5), (1_462, 7), (99_999, 7)];
    for (age_minutes, expected) in minutes {
        assert_eq!(attempts_before(age_minutes * 60 * SECOND), expected, "{age_minutes}");
    }
    let mut schedule = Schedule::default();
    take_up(&mut schedule, 1, record(0), Some(100_000 * 60 * SECOND));
    assert_eq!(schedule.next_due_ns(), Some(100_000 * 60 * SECOND), "due at once");
    assert_eq!(begun(&mut schedule, u64::MAX), [1]);
    assert!(fail(&mut schedule, 1, 0), "and once only");
}

#[test]
fn what_waits_in_line_costs_nothing_and_stays_due() {
    let mut schedule = Schedule::default();
    let count = 3 * IN_LINE_AT_ONCE as u64;
    for number in 0..count {
        take_up(&mut schedule, number, record(number), None);
    }
    let first = schedule.take(u64::MAX);
    assert!(first.is_more && first.due.len() == RECEIVER_ATTEMPTS);
    assert_eq!((schedule.later.len(), schedule.in_line.len()), (2 * IN_LINE_AT_ONCE, IN_LINE_AT_ONCE - 4));
    assert!(schedule.take(u64::MAX).is_more && !schedule.take(u64::MAX).is_more);
    assert!(schedule.later.is_empty());
    assert!(!fail(&mut schedule, 0, 0));
    assert_eq!(begun(&mut schedule, 100), [4, 5], "the answer has made room, and one more");
    assert_eq!(schedule.next_due_ns(), Some(1));
    assert!(schedule.has_due(1));
}
