//! Every command of every product over bodies that nobody meant: no panic, nothing broken, books that balance.

use minicbor::{Decoder, Encoder};
use sycee_contract::{Caller, Command, CommandDescriptor, Outcome, Random, Role, Workload};

use crate::bench::Bench;

const CASES: u32 = 24_000;

/// A cell in which something has happened, and commands that are well meant.
fn lived_in() -> (Bench, Vec<Command>) {
    let mut bench = Bench::new();
    bench.audited = false;
    let mut commands = Vec::new();
    let mut random = Random::new(5);
    let mut loads: Vec<Box<dyn Workload>> = sycee_registry::products().iter().map(|p| p.workload()).collect();
    for load in &mut loads {
        let prepared = load.prepare();
        let later = 60;
        for item in prepared {
            load.learn(&bench.answer(&item.command));
        }
        for _ in 0..later {
            let item = load.next(&mut random);
            load.learn(&bench.answer(&item.command));
            commands.push(item.command);
        }
    }
    (bench, commands)
}

#[test]
fn no_body_panics_breaks_or_unbalances() {
    let (mut bench, meant) = lived_in();
    let parties: Vec<u64> = meant.iter().map(|command| command.caller.party).filter(|party| *party != 0).collect();
    let products = sycee_registry::products();
    let all: Vec<(u8, &CommandDescriptor)> = products
        .iter()
        .flat_map(|product| product.descriptor().commands.iter().map(|command| (product.descriptor().number, command)))
        .collect();
    let mut random = Random::new(6);
    let [mut planned, mut refused] = [0, 0];
    for case in 0..CASES {
        let (product, descriptor) = *random.pick(&all).unwrap();
        let code = u16::from_be_bytes([product, descriptor.number]);
        let role = *random.pick(descriptor.roles).unwrap();
        let party = match role {
            Role::Operator | Role::System => 0,
            Role::Customer | Role::Merchant => random.pick(&parties).copied().unwrap_or(1),
            Role::Peer => random.below(100),
        };
        let body = match random.below(3) {
            0 => noise(&mut random),
            1 => plausible(&mut random, 2),
            _ => spoilt(&mut random, &meant, code),
        };
        // A key needs fields to take a fingerprint of: the kernel quarantines a body that is not a list of fields.
        let id = is_list(&body).then(|| format!("case-{case}"));
        let command = Command { code, caller: Caller::new(role, party), id, body, timer: None };
        match bench.run(&command) {
            Outcome::Planned(..) | Outcome::Repeated(..) => planned += 1,
            Outcome::Refused(_) => refused += 1,
            Outcome::Need(_) => panic!("everything is in memory: {command:?}"),
            Outcome::Broken(what) => panic!("{command:?} is broken: {what}"),
        }
        if case % 500 == 0 {
            assert_eq!(bench.findings(), [], "after {command:?}");
        }
    }
    assert_eq!(bench.findings(), []);
    assert!(planned > 500 && refused > 5_000, "{planned} planned, {refused} refused");
}

/// Random bytes.
fn noise(random: &mut Random) -> Vec<u8> {
    let length = random.below(64);
    (0..length).map(|_| random.next_u64().to_be_bytes()[0]).collect()
}

/// A list of random values, well-formed and meaningless.
fn plausible(random: &mut Random, depth: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let count = random.below(7);
    Encoder::new(&mut bytes).array(count).unwrap();
    for _ in 0..count {
        let small = random.below(4);
        let edge = *random.pick(&[0, 1, 255, 978, u64::MAX, 1 << 62, 10_000_000_000_000_000]).unwrap();
        let mut encoder = Encoder::new(&mut bytes);
        match random.below(9) {
            0 => drop(encoder.u64(small).unwrap()),
            1 => drop(encoder.u64(edge).unwrap()),
            2 => drop(encoder.bytes(&[7; 16]).unwrap()),
            3 => drop(encoder.bytes(&[9; 32]).unwrap()),
            4 => drop(encoder.str("text").unwrap()),
            5 => drop(encoder.null().unwrap()),
            6 => drop(encoder.bool(small == 0).unwrap()),
            7 => drop(encoder.array(2).unwrap().u16(978).unwrap().u64(edge).unwrap()),
            _ if depth > 0 => bytes.extend(plausible(random, depth - 1)),
            _ => drop(encoder.i8(-1).unwrap()),
        }
    }
    bytes
}

/// The body of a command that was meant, with a byte changed, cut off or added, or none.
fn spoilt(random: &mut Random, meant: &[Command], code: u16) -> Vec<u8> {
    let same: Vec<&Command> = meant.iter().filter(|command| command.code == code).collect();
    let Some(command) = random.pick(&same) else { return plausible(random, 2) };
    let mut body = command.body.clone();
    let at = usize::try_from(random.below(u64::try_from(body.len()).unwrap())).unwrap();
    match random.below(5) {
        0 => body.truncate(at),
        1 => body.push(0),
        2 | 3 => body[at] = random.next_u64().to_be_bytes()[0],
        _ => {}
    }
    body
}

fn is_list(body: &[u8]) -> bool {
    let mut decoder = Decoder::new(body);
    let Ok(Some(count)) = decoder.array() else { return false };
    (0..count).all(|_| decoder.skip().is_ok())
}
