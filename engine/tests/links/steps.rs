//! Two cells on one thread, without keys: chance loses, doubles, delays and reorders frames and replies, and kills cells between
//! any two steps.

use sycee_contract::link::Parked;
use sycee_contract::{Caller, Command, Random, cell};
use sycee_engine::drive::Driven;
use sycee_engine::links::{Frame, step};

use crate::parcels::{ECHO, PANIC, PARCEL, REFUSED, STRANGE, send_command, shelf};
use crate::site::{Site, link};

/// Two cells, linked.
struct Pair {
    sites: [Site; 2],
    cells: [Driven; 2],
}

const NUMBERS: [u16; 2] = [1, 2];

impl Pair {
    fn new() -> Self {
        let sites = NUMBERS.map(Site::new);
        let mut cells = [sites[0].open().unwrap(), sites[1].open().unwrap()];
        for (side, cell) in cells.iter_mut().enumerate() {
            cell.ask(step::open_command(NUMBERS[1 - side])).unwrap().outcome.unwrap();
        }
        Self { sites, cells }
    }

    /// Kills a cell: what was decided and is not durable is gone, and so is what nobody applied to the tables.
    fn kill(&mut self, side: usize) {
        let opened = self.sites[side].open().unwrap();
        self.cells[side] = opened;
    }

    fn send(&mut self, side: usize, kind: u16, count: u64) {
        let command = send_command(NUMBERS[1 - side], kind, count, false);
        self.cells[side].ask(command).unwrap().outcome.unwrap();
    }

    fn frame(&self, side: usize, after: u64) -> Option<Frame> {
        step::build_frame(&self.cells[side].cell.outbox, NUMBERS[side], NUMBERS[1 - side], after)
    }

    /// How far the other side has come with what `side` sends.
    fn received(&self, side: usize) -> u64 {
        link(&self.cells[1 - side].port(), NUMBERS[side]).received
    }

    fn acknowledge(&mut self, side: usize, through: u64) {
        let command = step::acknowledge_command(NUMBERS[1 - side], through);
        self.cells[side].ask(command).unwrap().outcome.unwrap();
    }

    /// Everything that waits goes over, both ways, without trouble.
    fn drain(&mut self) {
        for _ in 0..100 {
            let mut moved = false;
            for side in [0, 1] {
                while let Some(frame) = self.frame(side, link(&self.cells[side].port(), NUMBERS[1 - side]).acknowledged)
                {
                    moved = true;
                    assert!(step::take_frame(&mut self.cells[1 - side], &frame).unwrap());
                    self.acknowledge(side, self.received(side));
                }
            }
            if !moved {
                return;
            }
        }
        panic!("it does not end");
    }

    /// What every run must come to: each side has each parcel of the other once, in order, and nothing is parked.
    fn check(&self) {
        for side in [0, 1] {
            let (here, there) = (self.cells[side].port(), self.cells[1 - side].port());
            let sent = shelf(&here.begin_read(), NUMBERS[1 - side]).sent;
            let arrived = shelf(&there.begin_read(), NUMBERS[side]);
            assert_eq!((arrived.received, arrived.booked), (sent, 0), "side {side}");
            let (outgoing, incoming) = (link(&here, NUMBERS[1 - side]), link(&there, NUMBERS[side]));
            assert_eq!((outgoing.sent, outgoing.acknowledged), (incoming.received, incoming.received));
            assert_eq!((incoming.parked, incoming.version), (0, Some(1)));
            assert_eq!(self.cells[side].cell.outbox.backlog(NUMBERS[1 - side]), 0);
        }
    }
}

/// Frames and replies on their way; `side` is whose stream they are of.
enum OnItsWay {
    Frame(usize, Frame),
    Reply(usize, u64),
}

fn below(random: &mut Random, count: usize) -> usize {
    usize::try_from(random.below(u64::try_from(count).unwrap())).unwrap()
}

#[test]
fn whatever_is_lost_doubled_delayed_reordered_or_killed_each_message_is_applied_once_and_in_order() {
    for seed in 0..40 {
        let mut random = Random::new(seed);
        let mut pair = Pair::new();
        let mut wire: Vec<OnItsWay> = Vec::new();
        // What each sender believes that its peer has.
        let mut known = [0; 2];
        for _ in 0..150 {
            let side = below(&mut random, 2);
            match random.below(10) {
                0 | 1 => pair.send(side, PARCEL, 1 + random.below(5)),
                2..=4 => {
                    // Now and then from further on than it should: the frames before it are still on the wire.
                    let ahead = random.below(4);
                    wire.extend(pair.frame(side, known[side] + ahead).map(|frame| OnItsWay::Frame(side, frame)));
                }
                5 => {
                    pair.kill(side);
                    known[side] = link(&pair.cells[side].port(), NUMBERS[1 - side]).acknowledged;
                }
                6 => {
                    // Killed after deciding on a frame, before it is durable, or after that and before the tables have it.
                    if let Some(frame) = pair.frame(side, known[side]) {
                        let receiver = &mut pair.cells[1 - side];
                        for (sequence, each) in frame.messages_from(0) {
                            let command = step::receive_command(frame.from, &each.message, sequence, None);
                            let _nobody = receiver.submit(command).unwrap();
                        }
                        while receiver.decide().unwrap() || receiver.cell.sequencer.has_waiting() {}
                        if random.below(2) == 0 {
                            receiver.commit().unwrap();
                        }
                        pair.kill(1 - side);
                        known[1 - side] = link(&pair.cells[1 - side].port(), NUMBERS[side]).acknowledged;
                    }
                }
                _ if wire.is_empty() => {}
                fate => {
                    let at = below(&mut random, wire.len());
                    // One in four stays on the wire too: it arrives again, later. One in four is lost.
                    let kept = match (&wire[at], random.below(4)) {
                        (OnItsWay::Frame(side, frame), 0) => Some(OnItsWay::Frame(*side, frame.clone())),
                        (OnItsWay::Reply(side, received), 0) => Some(OnItsWay::Reply(*side, *received)),
                        _ => None,
                    };
                    let lost = fate == 9 && random.below(4) == 0;
                    match wire.swap_remove(at) {
                        _ if lost => {}
                        OnItsWay::Frame(side, frame) => {
                            step::take_frame(&mut pair.cells[1 - side], &frame).unwrap();
                            wire.push(OnItsWay::Reply(side, pair.received(side)));
                        }
                        OnItsWay::Reply(side, received) => {
                            pair.acknowledge(side, received);
                            known[side] = link(&pair.cells[side].port(), NUMBERS[1 - side]).acknowledged;
                        }
                    }
                    wire.extend(kept);
                }
            }
        }
        pair.drain();
        pair.check();
        // Old frames that come after all of that change nothing.
        for late in wire {
            if let OnItsWay::Frame(side, frame) = late {
                step::take_frame(&mut pair.cells[1 - side], &frame).unwrap();
            }
        }
        pair.check();
    }
}

#[test]
fn what_a_receiver_cannot_take_is_parked_and_the_next_one_passes() {
    for (kind, reason, booked) in [
        (STRANGE, "no such parcel", 0),
        (REFUSED, "not this one", 1),
        (PANIC, "a rule panicked", 1),
        (0xE1FF, "no product", 0),
    ] {
        let mut pair = Pair::new();
        pair.send(0, PARCEL, 1);
        pair.send(0, kind, 1);
        pair.send(0, PARCEL, 1);
        pair.drain();
        let there = pair.cells[1].port();
        // The hello was the first, the parcel the second.
        let parked: Parked = there.get(&Parked::key(1, 3)).unwrap().expect("it is parked");
        assert!(parked.reason.contains(reason), "{kind:x}: {}", parked.reason);
        let arrived = shelf(&there.begin_read(), 1);
        assert_eq!((link(&there, 1).parked, link(&there, 1).received), (1, 4), "{kind:x}");
        assert_eq!((arrived.received, arrived.booked), (2, booked), "{kind:x}");
    }
}

#[test]
fn a_peer_speaks_for_itself_only_and_nobody_else_speaks_for_it() {
    let mut pair = Pair::new();
    let frame = pair.frame(0, 0).unwrap();
    let good = step::receive_command(1, &frame.messages[0].message, 1, None);
    for (caller, expected) in [
        (Caller::peer(3), Some(cell::ROLE_FORBIDDEN)),
        (Caller::OPERATOR, Some(cell::ROLE_FORBIDDEN)),
        (Caller::merchant(1), Some(cell::ROLE_FORBIDDEN)),
        (Caller::peer(1), None),
        (Caller::peer(1), Some(cell::ALREADY_RECEIVED)),
    ] {
        let command = Command { caller, ..good.clone() };
        let outcome = pair.cells[1].ask(command).unwrap().outcome;
        assert_eq!(outcome.err().map(|refusal| refusal.code), expected, "{caller:?}");
    }
}

#[test]
fn an_answer_that_a_message_calls_for_goes_back_after_any_kill() {
    let mut pair = Pair::new();
    pair.send(0, ECHO, 3);
    let frame = pair.frame(0, 0).unwrap();
    assert!(step::take_frame(&mut pair.cells[1], &frame).unwrap());
    pair.kill(1);
    // Stamps of one instant lie nanoseconds behind it; the timers are due then.
    pair.sites[1].clock.0.fetch_add(1_000, std::sync::atomic::Ordering::SeqCst);
    pair.cells[1].settle().unwrap();
    pair.drain();
    assert_eq!(shelf(&pair.cells[0].port().begin_read(), 2).received, 3);
    pair.check();
}

#[test]
fn the_audit_and_the_replay_of_cells_with_links_find_nothing() {
    let mut pair = Pair::new();
    pair.send(0, PARCEL, 5);
    pair.send(0, STRANGE, 1);
    pair.send(1, PARCEL, 5);
    pair.drain();
    pair.send(0, PARCEL, 2);
    for site in &pair.sites {
        let disk = std::sync::Arc::new(site.disk.clone());
        let products = crate::parcels::products();
        let report = sycee_engine::audit(disk.clone(), site.cell, &products, None).unwrap();
        assert!(report.findings.is_empty() && report.operations > 8, "{:?}", report.findings);
        let report = sycee_engine::replay(disk, site.cell, &products).unwrap();
        assert!(report.differences.is_empty(), "{} differ", report.differences.len());
    }
}
