use sycee_contract::EffectId;

use super::*;

fn id(number: u64) -> NoticeId {
    NoticeId { cell: 7, effect: EffectId { operation: number, index: 0 } }
}

/// Queues, with numbers for notices.
#[derive(Default)]
struct Bench {
    lanes: Lanes,
    last: u64,
}

impl Bench {
    fn queue(&mut self, merchant: u64, receiver: &str, count: usize) -> Vec<u64> {
        let receiver = self.lanes.receiver(receiver);
        let mut numbers = Vec::new();
        for _ in 0..count {
            self.last += 1;
            self.lanes.queue(merchant, &receiver, self.last, id(self.last));
            numbers.push(self.last);
        }
        numbers
    }

    /// Everything that may start now.
    fn start(&mut self) -> Vec<u64> {
        std::iter::from_fn(|| self.lanes.next()).map(|id| id.effect.operation).collect()
    }

    fn end(&mut self, numbers: &[u64], outcome: Outcome) {
        numbers.iter().for_each(|number| self.lanes.ended(id(*number), outcome));
    }

    fn hang(&mut self, numbers: &[u64]) {
        numbers.iter().for_each(|number| self.lanes.hangs(id(*number)));
    }
}

#[test]
fn a_receiver_has_four_at_once_and_more_when_it_answers() {
    let mut bench = Bench::default();
    let all = bench.queue(1, "a:80", 40);
    assert_eq!(bench.start(), all[..4], "the earliest first");
    assert_eq!(bench.queue(1, "b:80", 2), bench.start(), "another has its own");
    bench.end(&all[..1], Outcome::Answered);
    assert_eq!(bench.start(), all[4..6], "the one that ended, and one more");
    bench.end(&all[1..2], Outcome::Unreachable);
    assert_eq!(bench.start(), all[6..7]);
    let mut under_way = 5;
    for at in 2..20 {
        bench.end(&all[at..=at], Outcome::Answered);
        under_way += bench.start().len();
        under_way -= 1;
        assert!(under_way <= RECEIVER_ATTEMPTS_MAX);
    }
    assert_eq!(under_way, RECEIVER_ATTEMPTS_MAX);
}

#[test]
fn a_silent_receiver_has_one_at_once_until_it_answers() {
    let mut bench = Bench::default();
    let all = bench.queue(1, "a:80", 20);
    assert_eq!(bench.start(), all[..4]);
    bench.hang(&all[..4]);
    bench.end(&all[..1], Outcome::Silent);
    assert_eq!(bench.start(), all[4..5], "once is no habit");
    bench.end(&all[1..4], Outcome::Silent);
    assert!(bench.start().is_empty(), "one is under way");
    bench.end(&all[4..5], Outcome::Silent);
    assert_eq!(bench.start(), all[5..6]);
    bench.end(&all[5..6], Outcome::Answered);
    assert_eq!(bench.start(), all[6..11], "four, and one for the answer");
}

#[test]
fn many_who_hang_leave_the_prompt_share_and_take_no_more_than_theirs() {
    let mut bench = Bench::default();
    let mut hung = Vec::new();
    for merchant in 0..20 {
        for receiver in 0..30 {
            hung.extend(bench.queue(merchant, &format!("dead-{merchant}-{receiver}:80"), 5));
        }
    }
    let started = bench.start();
    assert_eq!(started.len(), ALL.prompt, "at first nobody is known");
    // So much hangs that not all of it fits the share of what hangs.
    bench.hang(&started);
    let second = bench.start();
    assert!(!second.is_empty(), "what hangs has left room");
    bench.hang(&second);
    let healthy = bench.queue(99, "good:80", 4);
    let third = bench.start();
    bench.hang(&third.iter().copied().filter(|number| !healthy.contains(number)).collect::<Vec<_>>());
    assert!(bench.lanes.under_way.hanging <= ALL.hanging && bench.lanes.under_way.prompt <= ALL.prompt);
    for merchant in bench.lanes.merchants.values() {
        assert!(merchant.under_way.hanging <= MERCHANT.hanging && merchant.under_way.prompt <= MERCHANT.prompt);
    }
    // When the first have ended, those that are known to hang have a part of their share only, and others all the rest.
    bench.end(&[started, second, third].concat(), Outcome::Silent);
    let known = bench.start();
    assert!(known.len() <= ALL.prompt + ALL.known_to_hang);
    let more = bench.queue(98, "fresh:80", 4);
    let mut all_started = known.clone();
    all_started.extend(bench.start());
    bench.hang(&all_started.iter().copied().filter(|number| !more.contains(number)).collect::<Vec<_>>());
    all_started.extend(bench.start());
    assert!(more.iter().all(|number| all_started.contains(number)));
}

#[test]
fn a_merchant_whose_receivers_all_hang_holds_up_no_other() {
    let mut bench = Bench::default();
    for receiver in 0..1_000 {
        bench.queue(1, &format!("dead{receiver}:80"), 3);
    }
    let started = bench.start();
    assert_eq!(started.len(), MERCHANT.prompt);
    let others = bench.queue(2, "good:80", 4);
    assert_eq!(bench.start(), others);
    bench.hang(&started);
    let more = bench.start();
    assert_eq!(more.len(), MERCHANT.hanging, "so many places are free again");
    assert!(bench.lanes.under_way.prompt < ALL.prompt);
}

#[test]
fn a_receiver_that_many_merchants_share_serves_them_in_turn() {
    let mut bench = Bench::default();
    let (first, second) = (bench.queue(1, "isv:80", 100), bench.queue(2, "isv:80", 2));
    let mut order = Vec::new();
    while let Some(number) = bench.start().first().copied() {
        order.push(number);
        let under_way: Vec<u64> = bench.lanes.attempts.keys().map(|id| id.effect.operation).collect();
        bench.end(&under_way, Outcome::Unreachable);
        order.extend(under_way);
    }
    let place = |number: u64| order.iter().position(|one| *one == number).unwrap();
    assert!(second.iter().all(|number| place(*number) < place(first[20])), "{order:?}");
    assert!(first.iter().all(|number| order.contains(number)), "and nothing is forgotten");
}

/// Whatever happens in whatever order, everything that was queued is started in the end, once, and no bound is passed.
#[test]
fn nothing_is_forgotten_or_started_twice() {
    for seed in 0..40 {
        let mut random = sycee_contract::Random::new(seed);
        let mut bench = Bench::default();
        let mut under_way: Vec<u64> = Vec::new();
        let mut started = BTreeSet::new();
        for step in 0..4_000_u64 {
            match random.below(4) {
                0 if step < 2_000 => {
                    let receiver = format!("r{}:80", random.below(60));
                    let count = 1 + usize::try_from(random.below(6)).unwrap();
                    bench.queue(random.below(5), &receiver, count);
                }
                1 if !under_way.is_empty() => {
                    let at = usize::try_from(random.below(under_way.len() as u64)).unwrap();
                    bench.hang(&under_way[at..=at]);
                }
                _ if !under_way.is_empty() => {
                    let at = usize::try_from(random.below(under_way.len() as u64)).unwrap();
                    let outcome = [Outcome::Answered, Outcome::Silent, Outcome::Unreachable];
                    let outcome = outcome[usize::try_from(random.below(3)).unwrap()];
                    let number = under_way.swap_remove(at);
                    bench.end(&[number], outcome);
                }
                _ => {}
            }
            for number in bench.start() {
                assert!(started.insert(number), "{number} twice");
                under_way.push(number);
            }
            let counts = &bench.lanes.under_way;
            assert_eq!(counts.prompt + counts.hanging, under_way.len());
            assert!(bench.lanes.receivers.values().all(|receiver| receiver.under_way <= RECEIVER_ATTEMPTS_MAX));
        }
        while let Some(number) = under_way.pop() {
            bench.end(&[number], Outcome::Answered);
            for number in bench.start() {
                assert!(started.insert(number), "{number} twice");
                under_way.push(number);
            }
        }
        assert_eq!(started.len() as u64, bench.last, "seed {seed}");
        assert!(bench.lanes.merchants.is_empty() && bench.lanes.attempts.is_empty());
    }
}
