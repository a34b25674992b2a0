//! What was told lately, in memory and bounded: so many notices for a merchant, so many merchants.

use std::collections::{HashMap, VecDeque};

use sycee_engine::deliveries::{Delivery, DeliveryAttempt, DeliveryState};

/// Notices that are remembered for a merchant.
const NOTICES: usize = 50;
/// Merchants that are remembered; the one who has been told nothing for the longest is forgotten.
const MERCHANTS: usize = 512;
/// Attempts that are remembered of a notice.
const ATTEMPTS: usize = 10;

#[derive(Default)]
struct OfMerchant {
    /// The latest last.
    notices: VecDeque<Delivery>,
    last_told: u64,
}

/// The memory.
#[derive(Default)]
pub(super) struct Told {
    merchants: HashMap<u64, OfMerchant>,
    count: u64,
}

impl Told {
    /// Notes an attempt. `told` is the notice without attempts; one that is remembered keeps its place. What was sent on request
    /// says nothing of how the schedule stands, unless it is a notice that was made for the request.
    pub fn note(&mut self, merchant: u64, told: Delivery, attempt: DeliveryAttempt) {
        self.count += 1;
        if self.merchants.len() >= MERCHANTS && !self.merchants.contains_key(&merchant) {
            let idle = self.merchants.iter().min_by_key(|(_, of)| of.last_told).map(|(number, _)| *number);
            idle.map(|number| self.merchants.remove(&number));
        }
        let of = self.merchants.entry(merchant).or_default();
        of.last_told = self.count;
        let known = of.notices.iter_mut().rev().find(|known| known.notify_id == told.notify_id);
        let delivery = match known {
            Some(known) => {
                if !attempt.on_request {
                    known.state = told.state;
                }
                Some(known)
            }
            None => {
                if of.notices.len() >= NOTICES {
                    of.notices.pop_front();
                }
                of.notices.push_back(told);
                of.notices.back_mut()
            }
        };
        let Some(delivery) = delivery else { return };
        if delivery.attempts.len() >= ATTEMPTS {
            delivery.attempts.remove(0);
        }
        delivery.attempts.push(attempt);
    }

    /// A notice stands like this now.
    pub fn stands(&mut self, merchant: u64, notify_id: &str, state: DeliveryState) {
        let of = self.merchants.get_mut(&merchant);
        let known = of.and_then(|of| of.notices.iter_mut().rev().find(|known| known.notify_id == notify_id));
        if let Some(known) = known {
            known.state = state;
        }
    }

    /// Those of a merchant, the latest first.
    pub fn of_merchant(&self, merchant: u64) -> Vec<Delivery> {
        self.merchants.get(&merchant).map(|of| of.notices.iter().rev().cloned().collect()).unwrap_or_default()
    }

    /// One of them.
    pub fn one(&self, merchant: u64, notify_id: &str) -> Option<&Delivery> {
        self.merchants.get(&merchant)?.notices.iter().rev().find(|known| known.notify_id == notify_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(number: usize, state: DeliveryState) -> Delivery {
        Delivery {
            notify_id: number.to_string(),
            app: None,
            trade_no: String::new(),
            target: String::new(),
            payload: "a=1".into(),
            state,
            attempts: Vec::new(),
        }
    }

    fn attempt(at_ns: u64, on_request: bool) -> DeliveryAttempt {
        DeliveryAttempt { at_ns, status: None, answer: String::new(), failure: None, on_request }
    }

    #[test]
    fn it_is_bounded_in_every_direction() {
        let mut memory = Told::default();
        for number in 0..NOTICES + 7 {
            memory.note(1, told(number, DeliveryState::Waiting), attempt(0, false));
        }
        let list = memory.of_merchant(1);
        assert_eq!((list.len(), list[0].notify_id.as_str()), (NOTICES, "56"), "the latest first");
        assert!(memory.one(1, "6").is_none() && memory.one(1, "7").is_some() && memory.one(2, "7").is_none());
        for at in 1..=ATTEMPTS as u64 + 3 {
            memory.note(1, told(7, DeliveryState::Waiting), attempt(at, false));
        }
        let one = memory.one(1, "7").unwrap();
        assert_eq!((one.attempts.len(), one.attempts[0].at_ns, one.attempts[9].at_ns), (ATTEMPTS, 4, 13));
        for merchant in 2..=MERCHANTS as u64 {
            memory.note(merchant, told(0, DeliveryState::Taken), attempt(0, false));
        }
        memory.note(1, told(7, DeliveryState::Taken), attempt(99, false));
        memory.note(9_999, told(0, DeliveryState::Taken), attempt(0, false));
        assert_eq!(memory.merchants.len(), MERCHANTS);
        assert!(memory.of_merchant(2).is_empty() && !memory.of_merchant(1).is_empty(), "the idlest goes");
    }

    #[test]
    fn a_request_does_not_say_how_the_schedule_stands() {
        let mut memory = Told::default();
        memory.note(1, told(7, DeliveryState::Waiting), attempt(0, false));
        memory.note(1, told(7, DeliveryState::OnRequest), attempt(1, true));
        assert_eq!(memory.one(1, "7").unwrap().state, DeliveryState::Waiting);
        memory.stands(1, "7", DeliveryState::GivenUp);
        memory.note(1, told(8, DeliveryState::OnRequest), attempt(2, true));
        let states: Vec<DeliveryState> = memory.of_merchant(1).iter().map(|one| one.state).collect();
        assert_eq!(states, [DeliveryState::OnRequest, DeliveryState::GivenUp]);
    }
}
