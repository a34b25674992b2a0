//! Linked sets: neighbours in a batch that happen all or not at all.

use alloc::vec::Vec;

use crate::LedgerRefusal;

/// What [`decide_linked`] works on: a batch whose items can be tried and taken back.
pub trait LinkedItem {
    /// Whether item `index` is linked to the next one. A set is a run of linked items and the first that is not.
    fn is_linked(&self, index: usize) -> bool;
    /// Tries item `index`.
    ///
    /// # Errors
    /// Why it is refused; then it must have changed nothing.
    fn attempt(&mut self, index: usize) -> Result<(), LedgerRefusal>;
    /// Marks the state that [`LinkedItem::roll_back`] returns to.
    fn mark(&mut self);
    /// Takes back everything since the last mark.
    fn roll_back(&mut self);
}

/// What became of each item: `None` if it was accepted.
pub type LinkedOutcome = Vec<Option<LedgerRefusal>>;

/// Decides a batch of `count` items. In a set of which one member is refused, that member has its own reason and all
/// others [`LedgerRefusal::LinkedSetRefused`]; a set that the end of the batch leaves open is refused whole.
pub fn decide_linked(items: &mut impl LinkedItem, count: usize) -> LinkedOutcome {
    let mut outcome: LinkedOutcome = Vec::with_capacity(count);
    let mut start = 0;
    while start < count {
        let mut end = start;
        while end < count && items.is_linked(end) {
            end = end.saturating_add(1);
        }
        let open = end >= count;
        let length = if open { count.saturating_sub(start) } else { end.saturating_sub(start).saturating_add(1) };
        let mut failed: Option<(usize, LedgerRefusal)> = None;
        items.mark();
        if open {
            failed = Some((count.saturating_sub(1), LedgerRefusal::LinkedSetOpen));
        } else {
            for index in start..start.saturating_add(length) {
                if let Err(refusal) = items.attempt(index) {
                    failed = Some((index, refusal));
                    break;
                }
            }
        }
        if failed.is_some() {
            items.roll_back();
        }
        for index in start..start.saturating_add(length) {
            outcome.push(match failed {
                None => None,
                Some((at, refusal)) if at == index => Some(refusal),
                Some(_) => Some(LedgerRefusal::LinkedSetRefused),
            });
        }
        start = start.saturating_add(length);
    }
    outcome
}
