//! When what is tried next: a pure table, by the world's clock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sycee_contract::{EffectId, EffectRecord, EffectState};

use super::lanes::{Lanes, Outcome};
use crate::notify::{RETRY_INTERVALS_SECONDS, retry_after_seconds};

const NS_PER_SECOND: u64 = 1_000_000_000;
/// How long to wait before a result is reported again to a cell that did not take it, seconds.
const REPORT_AGAIN_SECONDS: u64 = 5;
/// So many notices get in line at a time, so that others get the lock in between when very many are due at once.
const IN_LINE_AT_ONCE: usize = 1_024;

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

/// Whom a notice is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Addressee {
    /// The merchant's party number; 0 if the notice does not say it.
    pub merchant: u64,
    /// Host and port.
    pub receiver: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// Its time has not come, or nobody has looked since.
    Later,
    /// It is due and waits for its turn.
    InLine,
    /// Somebody is working on it.
    UnderWay,
}

struct Entry {
    record: Arc<EffectRecord>,
    merchant: u64,
    receiver: Arc<str>,
    due_ns: u64,
    failed_attempts: usize,
    next: Next,
    form: Option<Arc<str>>,
    stage: Stage,
}

/// What [`Schedule::take`] has found.
pub(super) struct Taken {
    /// What is to be done now; it counts as being worked on.
    pub due: Vec<Due>,
    /// Whether more has become due than was looked at: look again.
    pub is_more: bool,
}

/// All open notices.
#[derive(Default)]
pub(super) struct Schedule {
    entries: BTreeMap<NoticeId, Entry>,
    later: BTreeSet<(u64, NoticeId)>,
    in_line: BTreeSet<(u64, NoticeId)>,
    under_way: BTreeSet<NoticeId>,
    lanes: Lanes,
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
    pub fn take_up(&mut self, id: NoticeId, record: EffectRecord, to: &Addressee, restarted_at_ns: Option<u64>) {
        if self.entries.contains_key(&id) {
            return;
        }
        let failed_attempts =
            restarted_at_ns.map_or(0, |now| attempts_before(now.saturating_sub(record.requested_at_ns)));
        let due_ns = restarted_at_ns.unwrap_or(record.requested_at_ns);
        let entry = Entry {
            record: Arc::new(record),
            merchant: to.merchant,
            receiver: self.lanes.receiver(&to.receiver),
            due_ns,
            failed_attempts,
            next: Next::Attempt,
            form: None,
            stage: Stage::Later,
        };
        self.entries.insert(id, entry);
        self.later.insert((due_ns, id));
    }

    /// What is due at `now_ns`, whose turn it is and for whom there is room. The work is that of what has become due since the
    /// last time and of what begins, not of what waits.
    pub fn take(&mut self, now_ns: u64) -> Taken {
        let mut due = Vec::new();
        let mut left = IN_LINE_AT_ONCE;
        let is_due = |first: Option<&(u64, NoticeId)>| first.copied().filter(|(due_ns, _)| *due_ns <= now_ns);
        while left > 0
            && let Some((due_ns, id)) = is_due(self.later.first())
        {
            left -= 1;
            self.later.remove(&(due_ns, id));
            let Some(entry) = self.entries.get_mut(&id) else { continue };
            match entry.next {
                // What is only to be told to the cell needs no socket.
                Next::Report(..) => due.extend(self.begin(id)),
                Next::Attempt => {
                    entry.stage = Stage::InLine;
                    self.in_line.insert((due_ns, id));
                    self.lanes.queue(entry.merchant, &entry.receiver, due_ns, id);
                }
            }
        }
        let is_more = is_due(self.later.first()).is_some();
        while let Some(id) = self.lanes.next() {
            match self.begin(id) {
                Some(begun) => due.push(begun),
                None => self.lanes.ended(id, Outcome::Unreachable),
            }
        }
        Taken { due, is_more }
    }

    fn begin(&mut self, id: NoticeId) -> Option<Due> {
        let entry = self.entries.get_mut(&id).filter(|entry| entry.stage != Stage::UnderWay)?;
        entry.stage = Stage::UnderWay;
        self.in_line.remove(&(entry.due_ns, id));
        self.under_way.insert(id);
        let (record, next, form) = (Arc::clone(&entry.record), entry.next.clone(), entry.form.clone());
        Some(Due { id, record, next, form })
    }

    /// An attempt that is under way has taken [`HANGS_AFTER`](super::HANGS_AFTER).
    pub fn hangs(&mut self, id: NoticeId) {
        self.lanes.hangs(id);
    }

    /// The receiver has been posted to, with this outcome; there is room for others.
    pub fn posted(&mut self, id: NoticeId, outcome: Outcome) {
        self.lanes.ended(id, outcome);
    }

    /// Whether anything is due at `now_ns` or being worked on.
    pub fn has_due(&self, now_ns: u64) -> bool {
        !self.under_way.is_empty() || self.first_waiting_ns().is_some_and(|due_ns| due_ns <= now_ns)
    }

    /// When the next thing is due; what is being worked on counts as due at its time.
    pub fn next_due_ns(&self) -> Option<u64> {
        let under_way = self.under_way.iter().filter_map(|id| self.entries.get(id)).map(|entry| entry.due_ns).min();
        under_way.into_iter().chain(self.first_waiting_ns()).min()
    }

    fn first_waiting_ns(&self) -> Option<u64> {
        [self.later.first(), self.in_line.first()].into_iter().flatten().map(|(due_ns, _)| *due_ns).min()
    }

    /// An open notice: its effect, and the form that was posted.
    pub fn find(&self, id: NoticeId) -> Option<(Arc<EffectRecord>, Option<Arc<str>>)> {
        self.entries.get(&id).map(|entry| (Arc::clone(&entry.record), entry.form.clone()))
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
        // Only what is under way ends: it is in none of the other sets.
        self.entries.remove(&id);
        self.under_way.remove(&id);
    }

    fn wait(&mut self, id: NoticeId, due_ns: u64) {
        self.under_way.remove(&id);
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.stage = Stage::Later;
            entry.due_ns = due_ns;
            self.later.insert((due_ns, id));
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
#[path = "schedule_tests.rs"]
mod tests;
