//! Whose turn it is: bounded queues and shares, so that nobody who hangs holds up somebody else. Pure; no clock, no sockets.
//!
//! What is due waits in a queue per merchant and receiver (host and port), the earliest first. Queues take turns. A queue whose
//! receiver or merchant has no room is set aside, and comes back when one of theirs ends, so that a step costs what it starts
//! and not what waits.
//!
//! Room is counted twice: attempts that are under way are *prompt* until they have taken [`HANGS_AFTER`](super::HANGS_AFTER),
//! then they *hang* and count in a share of their own. A receiver whose last attempt hung starts in that share at once. So what
//! hangs leaves the room of the others within that time, and a receiver that is known to hang never takes any of it.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use super::schedule::NoticeId;

/// Attempts at one receiver at once, before it has shown what it can do, and after it has hung.
pub(super) const RECEIVER_ATTEMPTS: usize = 4;
/// Attempts at one receiver at once, at most; each answer in time adds one.
const RECEIVER_ATTEMPTS_MAX: usize = 16;
/// So many attempts without an answer one after another put a receiver in the slow lane: one attempt at once.
const SILENT_IS_SLOW: u32 = 2;
/// So many receivers are remembered, though nothing waits for them.
const REMEMBERED: usize = 4_096;

/// Attempts at once of all, by share.
const ALL: Shares = Shares { prompt: 256, known_to_hang: 128, hanging: 256 };
/// Attempts at once for one merchant, by share.
const MERCHANT: Shares = Shares { prompt: 64, known_to_hang: 16, hanging: 32 };

struct Shares {
    prompt: usize,
    /// Where a receiver that is known to hang is not tried any more.
    known_to_hang: usize,
    /// Where what hangs has to stay in the prompt share.
    hanging: usize,
}

/// How an attempt at a receiver came out, as far as it says something about the receiver.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    /// It answered, whatever it was.
    Answered,
    /// It took the time it had and did not answer.
    Silent,
    /// It was not reached, and that was soon clear.
    Unreachable,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Share {
    Prompt,
    Hanging,
}

#[derive(Default)]
struct Counts {
    prompt: usize,
    hanging: usize,
}

impl Counts {
    fn of(&mut self, share: Share) -> &mut usize {
        match share {
            Share::Prompt => &mut self.prompt,
            Share::Hanging => &mut self.hanging,
        }
    }

    fn has_room(&self, share: Share, bounds: &Shares) -> bool {
        match share {
            Share::Prompt => self.prompt < bounds.prompt,
            Share::Hanging => self.hanging < bounds.known_to_hang,
        }
    }

    fn enter(&mut self, share: Share) {
        *self.of(share) += 1;
    }

    fn leave(&mut self, share: Share) {
        let count = self.of(share);
        *count = count.saturating_sub(1);
    }

    fn is_empty(&self) -> bool {
        self.prompt == 0 && self.hanging == 0
    }
}

/// A queue's name: the merchant and the receiver.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Flow {
    merchant: u64,
    receiver: Arc<str>,
}

/// A queue's turn. It counts only while the queue has the same ticket.
struct Turn {
    flow: Flow,
    ticket: u64,
}

#[derive(Default)]
struct Turns {
    prompt: VecDeque<Turn>,
    hanging: VecDeque<Turn>,
}

impl Turns {
    fn of(&mut self, share: Share) -> &mut VecDeque<Turn> {
        match share {
            Share::Prompt => &mut self.prompt,
            Share::Hanging => &mut self.hanging,
        }
    }

    fn is_empty(&self) -> bool {
        self.prompt.is_empty() && self.hanging.is_empty()
    }
}

#[derive(Default)]
struct Queue {
    notices: BTreeSet<(u64, NoticeId)>,
    ticket: u64,
}

struct Receiver {
    under_way: usize,
    at_once: usize,
    silent: u32,
    hangs: bool,
    /// By merchant; none is empty.
    queues: HashMap<u64, Queue>,
    aside: VecDeque<Turn>,
}

impl Receiver {
    fn new() -> Self {
        Self {
            under_way: 0,
            at_once: RECEIVER_ATTEMPTS,
            silent: 0,
            hangs: false,
            queues: HashMap::new(),
            aside: VecDeque::new(),
        }
    }

    fn room(&self) -> usize {
        let at_once = if self.silent >= SILENT_IS_SLOW { 1 } else { self.at_once };
        at_once.saturating_sub(self.under_way)
    }

    fn share(&self) -> Share {
        if self.hangs { Share::Hanging } else { Share::Prompt }
    }
}

#[derive(Default)]
struct Merchant {
    under_way: Counts,
    aside: Turns,
}

struct Attempt {
    flow: Flow,
    share: Share,
    has_hung: bool,
}

/// The queues, and what is under way.
#[derive(Default)]
pub(super) struct Lanes {
    receivers: HashMap<Arc<str>, Receiver>,
    merchants: HashMap<u64, Merchant>,
    attempts: BTreeMap<NoticeId, Attempt>,
    under_way: Counts,
    turns: Turns,
    last_ticket: u64,
    forget_at: usize,
}

impl Lanes {
    /// The receiver of this name, once for all who use it.
    pub fn receiver(&mut self, name: &str) -> Arc<str> {
        match self.receivers.get_key_value(name) {
            Some((name, _)) => Arc::clone(name),
            None => name.into(),
        }
    }

    /// A notice is due.
    pub fn queue(&mut self, merchant: u64, receiver: &Arc<str>, due_ns: u64, id: NoticeId) {
        self.forget();
        let known = self.receivers.entry(Arc::clone(receiver)).or_insert_with(Receiver::new);
        let queue = known.queues.entry(merchant).or_default();
        let is_new = queue.notices.is_empty();
        queue.notices.insert((due_ns, id));
        if is_new {
            let share = known.share();
            self.queue_up(Flow { merchant, receiver: Arc::clone(receiver) }, share);
        }
    }

    /// The next notice whose turn it is and for whom there is room. It is under way then.
    pub fn next(&mut self) -> Option<NoticeId> {
        for share in [Share::Prompt, Share::Hanging] {
            while self.under_way.has_room(share, &ALL) {
                let Some(turn) = self.turns.of(share).pop_front() else { break };
                if let Some(id) = self.start(turn, share) {
                    return Some(id);
                }
            }
        }
        None
    }

    /// An attempt has taken so long that it counts as hanging.
    pub fn hangs(&mut self, id: NoticeId) {
        let Some(attempt) = self.attempts.get_mut(&id) else { return };
        attempt.has_hung = true;
        let flow = attempt.flow.clone();
        let merchant = self.merchants.entry(flow.merchant).or_default();
        let has_room = merchant.under_way.hanging < MERCHANT.hanging && self.under_way.hanging < ALL.hanging;
        if attempt.share == Share::Prompt && has_room {
            attempt.share = Share::Hanging;
            for counts in [&mut merchant.under_way, &mut self.under_way] {
                counts.leave(Share::Prompt);
                counts.enter(Share::Hanging);
            }
        }
        if let Some(receiver) = self.receivers.get_mut(&flow.receiver) {
            receiver.at_once = RECEIVER_ATTEMPTS;
        }
        self.set_hangs(&flow.receiver, true);
        self.back_from_merchant(flow.merchant, Share::Prompt);
    }

    /// An attempt is over.
    pub fn ended(&mut self, id: NoticeId, outcome: Outcome) {
        let Some(Attempt { flow, share, has_hung }) = self.attempts.remove(&id) else { return };
        self.under_way.leave(share);
        if let Some(merchant) = self.merchants.get_mut(&flow.merchant) {
            merchant.under_way.leave(share);
        }
        let mut hangs = has_hung;
        if let Some(receiver) = self.receivers.get_mut(&flow.receiver) {
            receiver.under_way = receiver.under_way.saturating_sub(1);
            if outcome == Outcome::Silent {
                receiver.silent = receiver.silent.saturating_add(1);
                hangs = true;
            } else {
                receiver.silent = 0;
            }
            if outcome == Outcome::Answered && !hangs {
                receiver.at_once = RECEIVER_ATTEMPTS_MAX.min(receiver.at_once + 1);
            }
        }
        self.set_hangs(&flow.receiver, hangs);
        self.back_from_receiver(&flow.receiver);
        self.back_from_merchant(flow.merchant, share);
        let is_idle = |merchant: &Merchant| merchant.under_way.is_empty() && merchant.aside.is_empty();
        if self.merchants.get(&flow.merchant).is_some_and(is_idle) {
            self.merchants.remove(&flow.merchant);
        }
    }

    fn start(&mut self, turn: Turn, share: Share) -> Option<NoticeId> {
        let receiver = self.receivers.get_mut(&turn.flow.receiver)?;
        let Flow { merchant: number, receiver: name } = turn.flow.clone();
        receiver.queues.get(&number).filter(|queue| queue.ticket == turn.ticket)?;
        let merchant = self.merchants.entry(number).or_default();
        let has_room = merchant.under_way.has_room(share, &MERCHANT);
        // Whoever is set aside for one reason makes place for others who wait for the other.
        if receiver.room() == 0 {
            receiver.aside.push_back(turn);
            if has_room {
                self.back_from_merchant(number, share);
            }
            return None;
        }
        if !has_room {
            merchant.aside.of(share).push_back(turn);
            self.back_from_receiver(&name);
            return None;
        }
        let queue = receiver.queues.get_mut(&number)?;
        let (_, id) = queue.notices.pop_first()?;
        let is_empty = queue.notices.is_empty();
        if is_empty {
            receiver.queues.remove(&number);
        }
        receiver.under_way += 1;
        merchant.under_way.enter(share);
        self.under_way.enter(share);
        self.attempts.insert(id, Attempt { flow: turn.flow.clone(), share, has_hung: false });
        if !is_empty {
            self.queue_up(turn.flow, share);
        }
        Some(id)
    }

    /// Gives a queue a new turn; turns that it has are void.
    fn queue_up(&mut self, flow: Flow, share: Share) {
        let receiver = self.receivers.get_mut(&flow.receiver);
        let Some(queue) = receiver.and_then(|receiver| receiver.queues.get_mut(&flow.merchant)) else { return };
        self.last_ticket += 1;
        queue.ticket = self.last_ticket;
        self.turns.of(share).push_back(Turn { flow, ticket: self.last_ticket });
    }

    /// Notes whether a receiver hangs; if that is news, its queues wait in the other share.
    fn set_hangs(&mut self, name: &Arc<str>, hangs: bool) {
        let Some(receiver) = self.receivers.get_mut(name).filter(|receiver| receiver.hangs != hangs) else { return };
        receiver.hangs = hangs;
        receiver.aside.clear();
        let share = receiver.share();
        let merchants: Vec<u64> = receiver.queues.keys().copied().collect();
        for merchant in merchants {
            self.queue_up(Flow { merchant, receiver: Arc::clone(name) }, share);
        }
    }

    /// As many queues as the receiver has room for get their turn again.
    fn back_from_receiver(&mut self, name: &Arc<str>) {
        let Some(receiver) = self.receivers.get_mut(name) else { return };
        let share = receiver.share();
        let mut left = receiver.room();
        while left > 0
            && let Some(turn) = receiver.aside.pop_front()
        {
            if receiver.queues.get(&turn.flow.merchant).is_some_and(|queue| queue.ticket == turn.ticket) {
                self.turns.of(share).push_back(turn);
                left -= 1;
            }
        }
    }

    /// One of a merchant's queues gets its turn again.
    fn back_from_merchant(&mut self, number: u64, share: Share) {
        let Some(merchant) = self.merchants.get_mut(&number) else { return };
        while merchant.under_way.has_room(share, &MERCHANT)
            && let Some(turn) = merchant.aside.of(share).pop_front()
        {
            let queue = self.receivers.get(&turn.flow.receiver).and_then(|receiver| receiver.queues.get(&number));
            if queue.is_some_and(|queue| queue.ticket == turn.ticket) {
                self.turns.of(share).push_back(turn);
                return;
            }
        }
    }

    /// Forgets receivers for whom nothing waits, when there are very many; the worst known are kept as long as that helps.
    fn forget(&mut self) {
        if self.receivers.len() <= self.forget_at.max(REMEMBERED) {
            return;
        }
        self.receivers.retain(|_, receiver| receiver.under_way > 0 || !receiver.queues.is_empty() || receiver.hangs);
        if self.receivers.len() > REMEMBERED {
            self.receivers.retain(|_, receiver| receiver.under_way > 0 || !receiver.queues.is_empty());
        }
        self.forget_at = self.receivers.len().saturating_mul(2);
    }
}

#[cfg(test)]
#[path = "lanes_tests.rs"]
mod tests;
