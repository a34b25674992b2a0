//! When what is tried next: a pure table, by the world's clock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sycee_contract::{EffectId, EffectRecord, EffectState};

use crate::notify::{RETRY_INTERVALS_SECONDS, retry_after_seconds};

const NS_PER_SECOND: u64 = 1_000_000_000;
/// How long to wait before a result is reported again to a cell that did not take it, seconds.
const REPORT_AGAIN_SECONDS: u64 = 5;

/// A notice of this process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct NoticeId {
    /// The cell's number.
    pub cell: u16,
    /// The effect in it.
    pub effect: EffectId,
}

/// What is to be done about a notice.
#[derive(Clone, Debug)]
pub(super) enum Next {
    /// Post it.
    Attempt,
    /// It has ended this way, and the cell does not know yet.
    Report(EffectState, String),
}

/// Something that is due.
#[derive(Clone, Debug)]
pub(super) struct Due {
    /// Which notice.
    pub id: NoticeId,
    /// Its effect.
    pub record: Arc<EffectRecord>,
    /// What to do.
    pub next: Next,
    /// The form that was posted before, so that every attempt posts the same.
    pub form: Option<Arc<str>>,
}

struct Entry {
    record: Arc<EffectRecord>,
    due_ns: u64,
    failed_attempts: usize,
    next: Next,
    form: Option<Arc<str>>,
    is_under_way: bool,
}

/// All open notices.
#[derive(Default)]
pub(super) struct Schedule {
    entries: BTreeMap<NoticeId, Entry>,
    /// Those that nobody is working on, by their time.
    waiting: BTreeSet<(u64, NoticeId)>,
    under_way: BTreeSet<NoticeId>,
    /// The last effect of each cell that was looked at: later ones are new.
    last_seen: BTreeMap<u16, EffectId>,
}

impl Schedule {
    /// The last effect of a cell that was looked at.
    pub fn last_seen(&self, cell: u16) -> Option<EffectId> {
        self.last_seen.get(&cell).copied()
    }

    /// An effect was looked at, whether or not it is a notice.
    pub fn seen(&mut self, cell: u16, effect: EffectId) {
        self.last_seen.insert(cell, effect);
    }

    /// Takes up a notice, if it is new: its first attempt is due when it was asked for. One from before a restart is due at
    /// once, and has as many attempts behind it as its age says.
    pub fn take_up(&mut self, id: NoticeId, record: EffectRecord, restarted_at_ns: Option<u64>) {
        if self.entries.contains_key(&id) {
            return;
        }
        let failed_attempts =
            restarted_at_ns.map_or(0, |now| attempts_before(now.saturating_sub(record.requested_at_ns)));
        let due_ns = restarted_at_ns.unwrap_or(record.requested_at_ns);
        let record = Arc::new(record);
        let entry = Entry { record, due_ns, failed_attempts, next: Next::Attempt, form: None, is_under_way: false };
        self.entries.insert(id, entry);
        self.waiting.insert((due_ns, id));
    }

    /// What is due at `now_ns` and nobody is working on, the earliest first.
    pub fn due(&self, now_ns: u64) -> Vec<Due> {
        let due = self.waiting.iter().take_while(|(due_ns, _)| *due_ns <= now_ns);
        due.filter_map(|(_, id)| {
            let entry = self.entries.get(id)?;
            let (record, next, form) = (Arc::clone(&entry.record), entry.next.clone(), entry.form.clone());
            Some(Due { id: *id, record, next, form })
        })
        .collect()
    }

    /// Somebody begins to work on it; false if somebody else does already, or it has ended.
    pub fn begin(&mut self, id: NoticeId) -> bool {
        let Some(entry) = self.entries.get_mut(&id).filter(|entry| !entry.is_under_way) else { return false };
        entry.is_under_way = true;
        self.waiting.remove(&(entry.due_ns, id));
        self.under_way.insert(id);
        true
    }

    /// Whether anything is due at `now_ns` or being worked on.
    pub fn has_due(&self, now_ns: u64) -> bool {
        !self.under_way.is_empty() || self.waiting.first().is_some_and(|(due_ns, _)| *due_ns <= now_ns)
    }

    /// When the next thing is due; what is being worked on counts as due at its time.
    pub fn next_due_ns(&self) -> Option<u64> {
        let under_way = self.under_way.iter().filter_map(|id| self.entries.get(id)).map(|entry| entry.due_ns).min();
        let waiting = self.waiting.first().map(|(due_ns, _)| *due_ns);
        under_way.into_iter().chain(waiting).min()
    }

    /// Keeps what an attempt posts.
    pub fn keep_form(&mut self, id: NoticeId, form: &Arc<str>) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.form = Some(Arc::clone(form));
        }
    }

    /// An attempt that began at `began_at_ns` has failed. Gives back whether it was the last one.
    pub fn attempt_failed(&mut self, id: NoticeId, began_at_ns: u64) -> bool {
        let Some(entry) = self.entries.get_mut(&id) else { return false };
        entry.failed_attempts += 1;
        match retry_after_seconds(entry.failed_attempts) {
            Some(seconds) => {
                let due_ns = began_at_ns.saturating_add(u64::from(seconds) * NS_PER_SECOND);
                self.wait(id, due_ns);
                false
            }
            None => true,
        }
    }

    /// The cell did not take the result; it is told again later.
    pub fn report_later(&mut self, id: NoticeId, state: EffectState, detail: String, now_ns: u64) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.next = Next::Report(state, detail);
        }
        self.wait(id, now_ns.saturating_add(REPORT_AGAIN_SECONDS * NS_PER_SECOND));
    }

    /// It has ended, and the cell knows.
    pub fn ended(&mut self, id: NoticeId) {
        if let Some(entry) = self.entries.remove(&id) {
            self.waiting.remove(&(entry.due_ns, id));
        }
        self.under_way.remove(&id);
    }

    fn wait(&mut self, id: NoticeId, due_ns: u64) {
        self.under_way.remove(&id);
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.is_under_way = false;
            entry.due_ns = due_ns;
            self.waiting.insert((due_ns, id));
        }
    }
}

/// How many attempts a notice of this age has had by the schedule, of which the last one may be made again.
fn attempts_before(age_ns: u64) -> usize {
    let mut left_seconds = age_ns / NS_PER_SECOND;
    let mut attempts = 0;
    for interval in RETRY_INTERVALS_SECONDS {
        match left_seconds.checked_sub(u64::from(interval)) {
            Some(left) => left_seconds = left,
            None => break,
        }
        attempts += 1;
    }
    attempts
}

#[cfg(test)]
mod tests {
    use sycee_contract::{Effect, EffectPolicy};

    use super::*;

    const SECOND: u64 = NS_PER_SECOND;

    fn id(operation: u64) -> NoticeId {
        NoticeId { cell: 7, effect: EffectId { operation, index: 0 } }
    }

    fn record(requested_at_ns: u64) -> EffectRecord {
        let effect = Effect { kind: 1, target: String::new(), body: Vec::new(), policy: EffectPolicy::BindsNobody };
        EffectRecord { effect, state: EffectState::Requested, requested_at_ns }
    }

    fn due_ids(schedule: &Schedule, now_ns: u64) -> Vec<u64> {
        schedule.due(now_ns).iter().map(|due| due.id.effect.operation).collect()
    }

    #[test]
    fn eight_attempts_each_counted_from_the_one_before() {
        let mut schedule = Schedule::default();
        schedule.take_up(id(1), record(100 * SECOND), None);
        let mut at = 100;
        for minutes in [2, 10, 10, 60, 120, 360, 900] {
            assert!(due_ids(&schedule, at * SECOND - 1).is_empty(), "not before {at}");
            assert_eq!(schedule.next_due_ns(), Some(at * SECOND));
            // Each attempt begins three seconds late.
            at += 3;
            assert_eq!(due_ids(&schedule, at * SECOND), [1]);
            assert!(schedule.begin(id(1)) && !schedule.begin(id(1)), "one at a time");
            assert!(due_ids(&schedule, u64::MAX).is_empty() && schedule.has_due(at * SECOND));
            assert!(!schedule.attempt_failed(id(1), at * SECOND));
            assert!(!schedule.has_due(at * SECOND));
            at += minutes * 60;
        }
        assert!(schedule.begin(id(1)));
        assert!(schedule.attempt_failed(id(1), at * SECOND), "the eighth is the last");
        schedule.ended(id(1));
        assert_eq!((schedule.next_due_ns(), schedule.has_due(u64::MAX)), (None, false));
    }

    #[test]
    fn a_result_that_the_cell_does_not_take_is_told_again_and_not_posted_again() {
        let mut schedule = Schedule::default();
        schedule.take_up(id(1), record(0), None);
        assert!(schedule.begin(id(1)));
        schedule.report_later(id(1), EffectState::Settled, "success".into(), SECOND);
        assert!(due_ids(&schedule, 5 * SECOND).is_empty());
        let due = schedule.due(6 * SECOND);
        assert!(matches!(&due[..], [Due { next: Next::Report(EffectState::Settled, _), .. }]));
    }

    #[test]
    fn notices_are_taken_up_once_and_the_earliest_is_first() {
        let mut schedule = Schedule::default();
        schedule.take_up(id(1), record(50), None);
        schedule.take_up(id(2), record(40), None);
        schedule.take_up(id(1), record(10), None);
        assert_eq!(due_ids(&schedule, 60), [2, 1]);
        assert_eq!(due_ids(&schedule, 45), [2]);
        assert!(schedule.begin(id(2)));
        assert_eq!(schedule.next_due_ns(), Some(40), "what is under way is still due");
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
        schedule.take_up(id(1), record(0), Some(100_000 * 60 * SECOND));
        assert_eq!(schedule.next_due_ns(), Some(100_000 * 60 * SECOND), "due at once");
        assert!(schedule.begin(id(1)) && schedule.attempt_failed(id(1), 0), "and once only");
    }
}
