//! Carrying effects out, as far as the engine has a say: who does it, when it is next due, and what a tester may break.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use sycee_contract::{EffectPolicy, EffectRecord, EffectState};

/// Somebody who carries effects out: an edge. It looks at each cell's open effects and keeps its own schedule of attempts by
/// the world's clock.
pub trait Outbound: Send + Sync {
    /// When its next attempt is due, UTC nanoseconds; `None` if nothing is open.
    fn next_due_ns(&self) -> Option<u64>;

    /// Makes every attempt that is due at `now_ns`, and returns when they have ended and their results are durable.
    fn run_due(&self, now_ns: u64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// What comes next for an effect (law 6).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NextStep {
    /// Try it; attempts are not journaled.
    Attempt,
    /// Commit that it is sent, before it leaves.
    MarkSent,
    /// It is committed as sent, and may or may not have left: ask the outside, never send blindly again.
    Ask,
    /// It has ended.
    Nothing,
}

/// What comes next for an effect that nobody is working on, for example after a restart.
#[must_use]
pub fn next_step(record: &EffectRecord) -> NextStep {
    match (record.effect.policy, record.state) {
        (_, EffectState::Settled | EffectState::Failed) => NextStep::Nothing,
        (EffectPolicy::BindsNobody, _) => NextStep::Attempt,
        (EffectPolicy::Binds, EffectState::Requested) => NextStep::MarkSent,
        (EffectPolicy::Binds, EffectState::Sent | EffectState::Unknown) => NextStep::Ask,
    }
}

/// How the next effects of a kind are made to fail, in a sandbox.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FaultMode {
    /// It never arrives; the sender sees no answer.
    Lose,
    /// It arrives twice.
    Double,
    /// It arrives one attempt later.
    Delay,
    /// It arrives and is done, and the answer is lost.
    TimeoutAfterDoing,
}

impl FaultMode {
    /// All of them, as testers name them.
    pub const ALL: [(&'static str, Self); 4] = [
        ("lose", Self::Lose),
        ("double", Self::Double),
        ("delay", Self::Delay),
        ("timeout-after-doing", Self::TimeoutAfterDoing),
    ];
}

/// Faults that a tester has asked for. Empty outside a sandbox.
#[derive(Default)]
pub struct Faults(Mutex<HashMap<FaultKey, (FaultMode, u64)>>);

/// The cell, or any, and the effect's name.
type FaultKey = (Option<String>, String);

impl Faults {
    /// What can be made to fail, as testers name it and those who carry it out ask for it.
    pub const EFFECTS: [&'static str; 5] = ["clearing", "notification", "webhook", "payout", "partner_call"];

    /// The next `count` effects of this name in this cell (in any, if `None`) fail this way. 0 ends it.
    pub fn set(&self, cell: Option<&str>, effect: &str, mode: FaultMode, count: u64) {
        let key = (cell.map(str::to_owned), effect.to_owned());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, (mode, count));
    }

    /// The fault of the next effect of this name, if there is one; it counts down.
    #[must_use]
    pub fn take(&self, cell: &str, effect: &str) -> Option<FaultMode> {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for key in [(Some(cell.to_owned()), effect.to_owned()), (None, effect.to_owned())] {
            if let Some((mode, left)) = faults.get_mut(&key)
                && *left > 0
            {
                *left -= 1;
                return Some(*mode);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use sycee_contract::Effect;

    use super::*;

    #[test]
    fn what_may_have_left_is_asked_about_and_never_sent_again() {
        use {EffectPolicy::*, EffectState::*};
        let table = [
            (BindsNobody, Requested, NextStep::Attempt),
            (BindsNobody, Unknown, NextStep::Attempt),
            (Binds, Requested, NextStep::MarkSent),
            (Binds, Sent, NextStep::Ask),
            (Binds, Unknown, NextStep::Ask),
            (Binds, Settled, NextStep::Nothing),
            (BindsNobody, Failed, NextStep::Nothing),
        ];
        for (policy, state, expected) in table {
            let effect = Effect { kind: 1, target: String::new(), body: Vec::new(), policy };
            let record = EffectRecord { effect, state, requested_at_ns: 0 };
            assert_eq!(next_step(&record), expected, "{policy:?} {state:?}");
        }
    }

    #[test]
    fn faults_count_down_and_a_cell_goes_before_any() {
        let faults = Faults::default();
        faults.set(None, "notification", FaultMode::Lose, 1);
        faults.set(Some("fr"), "notification", FaultMode::Double, 1);
        assert_eq!(faults.take("fr", "payout"), None);
        assert_eq!(faults.take("fr", "notification"), Some(FaultMode::Double));
        assert_eq!(faults.take("fr", "notification"), Some(FaultMode::Lose));
        assert_eq!(faults.take("fr", "notification"), None);
    }
}
