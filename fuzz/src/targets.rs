//! The list of targets: a name, what is done with an input, and where the first inputs come from.

use crate::{codes, records, seeds};

/// One target.
pub struct Target {
    /// Its name, also that of its folders.
    pub name: &'static str,
    /// Takes any bytes. A panic is a finding.
    pub run: fn(&[u8]),
    /// Inputs to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All targets. The first is the fuzzer's own test: it has a fault that only feedback from coverage leads to, and
/// `cargo xtask fuzz` fails if it is not found.
pub const TARGETS: &[Target] = &[
    Target { name: "planted", run: planted, seeds: Vec::new },
    Target { name: "decode", run: codes::decode, seeds: seeds::texts },
    Target { name: "merchant_presented", run: codes::merchant_presented, seeds: seeds::merchant_presented },
    Target { name: "consumer_presented", run: codes::consumer_presented, seeds: seeds::consumer_presented },
    Target { name: "numeric", run: codes::numeric, seeds: seeds::numeric },
    Target { name: "url", run: codes::url, seeds: seeds::links },
    Target { name: "alipay_plus", run: codes::alipay_plus, seeds: seeds::links },
    Target { name: "epc", run: codes::epc, seeds: seeds::epc },
    Target { name: "swiss", run: codes::swiss, seeds: seeds::swiss },
    Target { name: "own", run: codes::own, seeds: seeds::own },
    Target { name: "routing", run: codes::routing, seeds: seeds::routing },
    Target { name: "encode", run: codes::encode, seeds: seeds::texts },
    Target { name: "records", run: records::records, seeds: seeds::records },
    Target { name: "commands", run: records::commands, seeds: seeds::commands },
    Target { name: "links", run: records::links, seeds: seeds::links_between_cells },
];

/// One byte after the other, so that each right one is new coverage; all five by chance would take years.
fn planted(data: &[u8]) {
    let mut right = 0;
    for (byte, expected) in data.iter().zip(b"sycee") {
        if byte != expected {
            return;
        }
        right += 1;
        seen(right);
    }
    assert!(right < 5, "the planted fault");
}

/// A place of its own for each number.
#[inline(never)]
fn seen(right: usize) {
    match right {
        1 => std::hint::black_box("first"),
        2 => std::hint::black_box("second"),
        3 => std::hint::black_box("third"),
        4 => std::hint::black_box("fourth"),
        _ => std::hint::black_box("last"),
    };
}
