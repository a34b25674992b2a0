//! Links: order, hello, what is parked and tried again, acknowledgements, the backlog.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use super::memory::{Memory, stamp};
use super::till::{Scripted, TILL, till};
use crate::link::{
    Acknowledge, BACKLOG_MESSAGES_MAX, HELLO, Incoming, Link, LinkVersions, Message, MessageId, OpenLink, ParkMessage,
    Parked, Receipt, Received, RetryParked,
};
use crate::{
    Answer, Books, Caller, Command, Deciding, Descriptor, Finding, Key, Outcome, Product, Products, Stop, Workload,
    cell, decode, encode,
};

/// The peer; the cell of these tests is 33.
const PEER: u16 = 9;
/// A message of the post's.
const LETTER: u16 = 0x3001;

static POST: Descriptor = Descriptor {
    number: 0x30,
    name: "post",
    commands: &[],
    refusals: &[],
    accounts: &[],
    tables: &[],
    invariants: &[],
};

/// A product that takes letters as its rule says.
#[derive(Clone, Copy)]
struct Post {
    takes: fn(&mut Deciding<'_>) -> Result<Receipt, Stop>,
    takes_parked: fn(&mut Deciding<'_>) -> Result<Receipt, Stop>,
}

impl Product for Post {
    fn descriptor(&self) -> &'static Descriptor {
        &POST
    }

    fn decide(&self, _: &Command, _: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
        Ok(Vec::new())
    }

    fn receive(&self, _: &Incoming, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
        (self.takes)(deciding)
    }

    fn receive_parked(&self, _: &Incoming, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
        (self.takes_parked)(deciding)
    }

    fn park(&self, _: &Incoming, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
        deciding.emit(crate::Event { kind: BOOKED, body: Vec::new() });
        Ok(())
    }

    fn audit(&self, _: &dyn Books, _: &mut Vec<Finding>) {}

    fn workload(&self) -> Box<dyn Workload> {
        Scripted::of(&TILL).workload()
    }
}

/// The event with which the post says that it has booked a parked letter.
const BOOKED: u16 = 0x3001;

fn post(post: Post) -> Products {
    Products::new(vec![Box::new(post)]).unwrap()
}

/// One that applies everything.
const WILLING: Post = Post { takes: |_| Ok(Receipt::Applied), takes_parked: |_| Ok(Receipt::Applied) };

fn open(peer: u16) -> Command {
    Command::new(cell::LINK_OPEN, Caller::OPERATOR, &OpenLink { peer })
}

fn incoming(sequence: u64, kind: u16, body: Vec<u8>) -> Incoming {
    let message = Message { kind, version: 1, sent_at_ns: 1, body, evidence: false };
    Incoming { peer: PEER, sequence, message, signature: None }
}

fn receive(incoming: &Incoming) -> Command {
    Command::new(cell::LINK_RECEIVE, Caller::peer(incoming.peer), incoming)
}

fn letter(sequence: u64) -> Command {
    receive(&incoming(sequence, LETTER, Vec::new()))
}

fn acknowledge(through: u64) -> Command {
    Command::new(cell::LINK_ACKNOWLEDGE, Caller::peer(PEER), &Acknowledge { peer: PEER, through })
}

fn link(memory: &Memory) -> Link {
    decode(&memory.rows[&Link::key(PEER)], "link").unwrap()
}

fn refused(outcome: &Outcome) -> Option<u16> {
    match outcome {
        Outcome::Refused(refusal) => Some(refusal.code),
        Outcome::Planned(_, Answer::Done(_)) => None,
        other => panic!("{other:?}"),
    }
}

/// A cell whose link is open; operation 1 did it.
fn opened(products: &Products) -> Memory {
    let mut memory = Memory::default();
    memory.planned(products, &open(PEER), stamp(1));
    memory
}

#[test]
fn opening_says_hello_once_and_a_cell_has_no_link_to_itself() {
    let products = till();
    let mut memory = opened(&products);
    let hello: Message = decode(&memory.rows[&MessageId { peer: PEER, sequence: 1 }.key()], "message").unwrap();
    assert_eq!((hello.kind, hello.version, hello.evidence), (HELLO, 0, false));
    assert_eq!(decode::<LinkVersions>(&hello.body, "hello"), Ok(LinkVersions { lowest: 1, highest: 1 }));
    let before = memory.clone();
    memory.planned(&products, &open(PEER), stamp(2));
    assert_eq!(memory, before, "opening again changes nothing");
    for peer in [0, 33] {
        assert_eq!(refused(&memory.run(&products, &open(peer), stamp(3))), Some(cell::BAD_BODY), "{peer}");
    }
    let by_peer = Command { caller: Caller::peer(PEER), ..open(8) };
    assert_eq!(refused(&memory.run(&products, &by_peer, stamp(3))), Some(cell::ROLE_FORBIDDEN));
}

#[test]
fn the_highest_version_that_both_speak_is_agreed_and_0_if_there_is_none() {
    for (ours, theirs, agreed) in [
        ((1, 1), (1, 1), 1),
        ((1, 3), (2, 5), 3),
        ((2, 5), (1, 3), 3),
        ((1, 9), (4, 4), 4),
        ((1, 2), (3, 4), 0),
        ((3, 4), (1, 2), 0),
    ] {
        let of = |(lowest, highest)| LinkVersions { lowest, highest };
        let products = till().with_link_versions(of(ours));
        let mut memory = opened(&products);
        assert_eq!(link(&memory).version, None, "nobody has said anything");
        memory.planned(&products, &receive(&incoming(1, HELLO, encode(&of(theirs)))), stamp(2));
        assert_eq!(link(&memory).version, Some(agreed), "{ours:?} {theirs:?}");
    }
}

#[test]
fn messages_are_taken_in_order_and_once() {
    let products = post(WILLING);
    let mut memory = opened(&products);
    for (operation, (sequence, expected)) in (2..).zip([
        (0, Some(cell::ALREADY_RECEIVED)),
        (2, Some(cell::OUT_OF_ORDER)),
        (u64::MAX, Some(cell::OUT_OF_ORDER)),
        (1, None),
        (1, Some(cell::ALREADY_RECEIVED)),
        (3, Some(cell::OUT_OF_ORDER)),
        (2, None),
        (3, None),
        (2, Some(cell::ALREADY_RECEIVED)),
    ]) {
        let outcome = memory.run(&products, &letter(sequence), stamp(operation));
        assert_eq!(refused(&outcome), expected, "operation {operation}: place {sequence}");
    }
    assert_eq!((link(&memory).received, link(&memory).parked), (3, 0));
    assert_eq!(link(&memory).received_at_ns, stamp(9).time_ns);
}

#[test]
fn who_is_not_linked_or_speaks_for_another_is_refused() {
    let products = post(WILLING);
    let mut memory = opened(&products);
    let of_another = receive(&Incoming { peer: 8, ..incoming(1, LETTER, Vec::new()) });
    for (what, command, expected) in [
        ("no link", of_another.clone(), cell::LINK_NOT_OPEN),
        ("another's name", Command { caller: Caller::peer(PEER), ..of_another }, cell::ROLE_FORBIDDEN),
        ("the operator", Command { caller: Caller::OPERATOR, ..letter(1) }, cell::ROLE_FORBIDDEN),
        ("no message", Command { body: vec![0xff], ..letter(1) }, cell::BAD_BODY),
        ("acknowledged by another", Command { caller: Caller::peer(8), ..acknowledge(1) }, cell::ROLE_FORBIDDEN),
    ] {
        assert_eq!(refused(&memory.run(&products, &command, stamp(2))), Some(expected), "{what}");
    }
    assert_eq!(link(&memory).received, 0);
}

#[test]
fn what_is_not_understood_or_refused_is_parked_with_its_reason_and_the_next_passes() {
    type Takes = fn(&mut Deciding<'_>) -> Result<Receipt, Stop>;
    let not_understood: Takes = |_| Ok(Receipt::Park("a strange hand".into()));
    let refuses: Takes = |deciding| {
        // What was planned before the refusal is taken back.
        deciding.put(Link::key(77), &Link { peer: 77, ..empty_link() });
        Err(crate::Refusal::new(cell::BAD_BODY, "torn").into())
    };
    for (what, takes, kind, body, reason, booked) in [
        ("not understood", not_understood, LETTER, Vec::new(), "a strange hand", false),
        ("refused", refuses, LETTER, Vec::new(), "torn", true),
        ("of no product", not_understood, 0x7001, Vec::new(), "no product", false),
        ("a hello that does not decode", not_understood, HELLO, vec![0xff], "hello", false),
    ] {
        let products = post(Post { takes, ..WILLING });
        let mut memory = opened(&products);
        let (plan, answer) = memory.planned(&products, &receive(&incoming(1, kind, body)), stamp(2));
        let Answer::Done(reply) = answer else { panic!("{what}") };
        assert_eq!(decode::<Received>(&reply, "reply"), Ok(Received { through: 1, parked: true }), "{what}");
        assert_eq!(plan.events.len(), usize::from(booked), "{what}");
        let parked: Parked = decode(&memory.rows[&Parked::key(PEER, 1)], "parked").unwrap();
        assert!(parked.reason.contains(reason), "{what}: {}", parked.reason);
        assert_eq!((link(&memory).received, link(&memory).parked), (1, 1), "{what}");
        assert!(!memory.rows.contains_key(&Link::key(77)), "{what}");
        let outcome = memory.run(&products, &letter(2), stamp(3));
        assert_eq!(refused(&outcome), None, "{what}");
    }
}

fn empty_link() -> Link {
    Link {
        peer: 0,
        version: None,
        sent: 0,
        acknowledged: 0,
        received: 0,
        parked: 0,
        opened_at_ns: 0,
        received_at_ns: 0,
    }
}

#[test]
fn a_message_that_could_not_be_decided_on_is_parked_by_command_in_its_turn() {
    let products = post(Post { takes: |_| Err(Stop::Broken("a rule is wrong")), ..WILLING });
    let mut memory = opened(&products);
    assert!(matches!(memory.run(&products, &letter(1), stamp(2)), Outcome::Broken(_)));
    let park = |sequence| {
        let body = ParkMessage { incoming: incoming(sequence, LETTER, Vec::new()), reason: "broken".into() };
        Command::new(cell::LINK_PARK, Caller::peer(PEER), &body)
    };
    assert_eq!(refused(&memory.run(&products, &park(2), stamp(3))), Some(cell::OUT_OF_ORDER));
    let (plan, _) = memory.planned(&products, &park(1), stamp(3));
    assert_eq!(plan.events.len(), 1, "the product has booked it");
    assert_eq!(refused(&memory.run(&products, &park(1), stamp(4))), Some(cell::ALREADY_RECEIVED));
    assert_eq!((link(&memory).received, link(&memory).parked), (1, 1));
}

#[test]
fn a_parked_message_is_tried_again_until_it_is_applied() {
    let unwilling = post(Post { takes: |_| Ok(Receipt::Park("not yet".into())), ..WILLING });
    let mut memory = opened(&unwilling);
    memory.planned(&unwilling, &letter(1), stamp(2));
    let retry = |sequence| {
        let body = RetryParked { peer: PEER, sequence };
        Command::new(cell::RETRY_PARKED, Caller::OPERATOR, &body)
    };
    let still = post(Post { takes_parked: |_| Ok(Receipt::Park("not yet".into())), ..WILLING });
    for (operation, (what, products, sequence, expected)) in (3..).zip([
        ("another place", &still, 2, Some(cell::MESSAGE_NOT_PARKED)),
        ("before the upgrade", &still, 1, Some(cell::STILL_PARKED)),
        ("after it", &unwilling, 1, None),
        ("again", &unwilling, 1, Some(cell::MESSAGE_NOT_PARKED)),
    ]) {
        assert_eq!(refused(&memory.run(products, &retry(sequence), stamp(operation))), expected, "{what}");
        let left = usize::from(expected == Some(cell::STILL_PARKED) || operation == 3);
        assert_eq!(memory.of_table(cell::PARKED).len(), left, "{what}");
        assert_eq!(link(&memory).parked, u64::try_from(left).unwrap(), "{what}");
    }
    assert_eq!(link(&memory).received, 1, "the stream stays where it was");
}

#[test]
fn acknowledgements_clear_the_outbox_up_to_a_place_and_never_beyond_what_was_sent() {
    let products = till();
    let mut memory = opened(&products);
    let mut sending = Deciding::new(stamp(2), &products, &memory);
    for _ in 0..3_000 {
        sending.send(PEER, LETTER, &1_u64, false).unwrap();
    }
    let plan = sending.into_plan();
    crate::apply(&plan, &stamp(2), &mut memory).unwrap();
    assert_eq!((link(&memory).sent, memory.of_table(cell::OUTBOX).len()), (3_001, 3_001));
    // Told, acknowledged then, messages left: at most 2,048 at once.
    for (operation, (through, expected, acknowledged, left)) in (3..).zip([
        (3_002, Some(cell::BAD_BODY), 0, 3_001),
        (u64::MAX, Some(cell::BAD_BODY), 0, 3_001),
        (0, None, 0, 3_001),
        (1, None, 1, 3_000),
        (3_001, None, 2_049, 952),
        (2, None, 2_049, 952),
        (3_001, None, 3_001, 0),
        (3_001, None, 3_001, 0),
    ]) {
        let outcome = memory.run(&products, &acknowledge(through), stamp(operation));
        assert_eq!(refused(&outcome), expected, "operation {operation}");
        let found = (link(&memory).acknowledged, memory.of_table(cell::OUTBOX).len());
        assert_eq!(found, (acknowledged, left), "operation {operation}");
    }
}

#[test]
fn requests_need_a_link_that_is_open_agreed_and_not_too_far_behind_and_obligations_are_sent_all_the_same() {
    let products = till();
    let with = |version, sent, acknowledged| Some(Link { peer: PEER, version, sent, acknowledged, ..empty_link() });
    for (what, row, expected, sends) in [
        ("no link", None, Some(cell::LINK_NOT_OPEN), false),
        ("no hello yet", with(None, 1, 0), Some(cell::LINK_NOT_OPEN), true),
        ("no version in common", with(Some(0), 1, 1), Some(cell::LINK_NOT_OPEN), true),
        ("fine", with(Some(1), 5, 4), None, true),
        ("almost too much", with(Some(1), BACKLOG_MESSAGES_MAX, 1), None, true),
        ("too much", with(Some(1), BACKLOG_MESSAGES_MAX + 1, 1), Some(cell::LINK_BACKLOG), true),
    ] {
        let mut memory = Memory::default();
        if let Some(link) = row {
            memory.rows.insert(Link::key(PEER), encode(&link));
        }
        let mut deciding = Deciding::new(stamp(1), &products, &memory);
        let refusal = match deciding.require_link(PEER) {
            Err(Stop::Refuse(refusal)) => Some(refusal.code),
            other => other.map(|()| None).unwrap(),
        };
        assert_eq!(refusal, expected, "{what}");
        assert_eq!(deciding.send(PEER, LETTER, &1_u64, false).is_ok(), sends, "{what}");
    }
}

#[test]
fn a_message_whose_turn_has_not_come_has_its_cold_rows_fetched_and_is_refused_then() {
    use super::memory::Cold;
    let cold_row = || Key::new(cell::MARKET);
    let products = post(Post {
        takes: |deciding| deciding.get::<crate::MarketPack>(&Key::new(cell::MARKET)).map(|_| Receipt::Applied),
        ..WILLING
    });
    let memory = opened(&products);
    let mut cold = Cold { memory: &memory, fetched: [Link::key(PEER)].into() };
    assert_eq!(crate::decide(&products, &letter(2), stamp(2), &cold), Outcome::Need(vec![cold_row()]));
    cold.fetched.insert(cold_row());
    assert_eq!(refused(&crate::decide(&products, &letter(2), stamp(2), &cold)), Some(cell::OUT_OF_ORDER));
}

#[test]
fn message_keys_sort_by_peer_and_place_and_are_read_back() {
    let id = |peer, sequence| MessageId { peer, sequence };
    let ids = [id(1, 1), id(1, 2), id(1, 256), id(2, 1), id(300, 1)];
    for pair in ids.windows(2) {
        assert!(pair[0].key() < pair[1].key(), "{pair:?}");
    }
    for id in ids {
        assert_eq!(MessageId::from_key(&id.key()), Some(id));
    }
    assert_eq!(MessageId::from_key(&Link::key(1)), None);
    assert_eq!(MessageId::from_key(&Key::new(cell::OUTBOX).small(1)), None);
}
