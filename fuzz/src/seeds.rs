//! The first inputs, made of the vectors of the tests and of the load that every product brings.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::Value as Json;
use sycee_codes::own::{Label, OwnCode};
use sycee_contract::{Command, Outcome, Random, decide, encode, link};

use crate::codes::seeds_guid;
use crate::records::{Empty, RECORDS, STAMP, all};
use crate::targets::TARGETS;

const MERCHANT_PRESENTED: &str = include_str!("../../codes/tests/vectors/qr_mpm.json");
const CONSUMER_PRESENTED: &str = include_str!("../../codes/tests/vectors/qr_cpm.json");
const EUROPE: &str = include_str!("../../codes/tests/vectors/qr_europe.json");
const LINKS: &str = include_str!("../../codes/tests/vectors/uri_codes.json");

/// Commands that each product's load is asked for.
const COMMANDS: usize = 200;

/// Writes the seeds of every target into a folder of its name.
pub fn write(folder: &Path) -> io::Result<()> {
    for target in TARGETS {
        let place = folder.join(target.name);
        fs::create_dir_all(&place)?;
        for (number, seed) in (target.seeds)().into_iter().enumerate() {
            fs::write(place.join(format!("{number:04}")), seed)?;
        }
    }
    Ok(())
}

/// Every text in a file of vectors at the members of this name, or all texts.
fn of(file: &str, member: Option<&str>) -> Vec<Vec<u8>> {
    fn collect(json: &Json, member: Option<&str>, is_wanted: bool, texts: &mut Vec<Vec<u8>>) {
        match json {
            Json::String(text) if is_wanted => texts.push(text.clone().into_bytes()),
            Json::Array(list) => list.iter().for_each(|one| collect(one, member, is_wanted, texts)),
            Json::Object(members) => {
                for (name, value) in members {
                    collect(value, member, member.is_none_or(|member| member == name), texts);
                }
            }
            _ => {}
        }
    }
    let mut texts = Vec::new();
    if let Ok(json) = serde_json::from_str(file) {
        collect(&json, member, member.is_none(), &mut texts);
    }
    texts
}

/// Codes of every kind.
pub fn texts() -> Vec<Vec<u8>> {
    [merchant_presented(), consumer_presented(), numeric(), links(), epc(), own()].concat()
}

pub fn merchant_presented() -> Vec<Vec<u8>> {
    of(MERCHANT_PRESENTED, Some("payload"))
}

pub fn consumer_presented() -> Vec<Vec<u8>> {
    of(CONSUMER_PRESENTED, Some("payload"))
}

pub fn numeric() -> Vec<Vec<u8>> {
    of(CONSUMER_PRESENTED, Some("code"))
}

pub fn links() -> Vec<Vec<u8>> {
    of(LINKS, None)
}

/// European and Swiss bills.
pub fn epc() -> Vec<Vec<u8>> {
    of(EUROPE, Some("payload"))
}

pub fn swiss() -> Vec<Vec<u8>> {
    epc()
}

pub fn own() -> Vec<Vec<u8>> {
    let label = Label {
        template: 26,
        guid: seeds_guid(),
        merchant_category_code: "5812",
        currency_numeric: "978",
        amount: Some("12.50"),
        country: "FR",
        name: "Café de la Gare",
        city: "Orléans",
    };
    let codes = [
        OwnCode::Order { cell: 7, id: 12 },
        OwnCode::Merchant { merchant: 2_088_070_000_100_001, store: None },
        OwnCode::Merchant { merchant: 2_088_070_000_100_001, store: Some(5) },
    ];
    codes.iter().filter_map(|code| code.encode(&label).ok()).map(String::into_bytes).collect()
}

/// A pattern of each kind, with codes that it is for.
pub fn routing() -> Vec<Vec<u8>> {
    let patterns = [
        "guid:org.sycee.fr",
        "guid:*@examplebank",
        "guid:a0000006150001/01=501664",
        "aid:A000000677010111",
        "digits:2810",
        "url:qr.alipay.com/",
        "card:15",
        "scheme:promptpay_credit_transfer",
    ];
    let texts = texts();
    let pair = |(position, text): (usize, &Vec<u8>)| {
        let pattern = patterns[position % patterns.len()];
        [pattern.as_bytes(), b"\n", text.as_slice()].concat()
    };
    texts.iter().enumerate().map(pair).collect()
}

/// What the products' loads ask for.
fn load() -> Vec<Command> {
    let mut random = Random::new(1);
    let mut commands = Vec::new();
    for product in sycee_registry::products().iter() {
        let mut load = product.workload();
        commands.extend(load.prepare().into_iter().map(|item| item.command));
        commands.extend((0..COMMANDS).map(|_| load.next(&mut random).command));
    }
    commands
}

/// Command bodies behind the command's place in the registry and a role.
pub fn commands() -> Vec<Vec<u8>> {
    let products = sycee_registry::products();
    let all = all(&products);
    let one = |command: &Command| {
        let place = all.iter().position(|(code, _)| *code == command.code)?;
        Some([&[u8::try_from(place).ok()?, 0], command.body.as_slice()].concat())
    };
    load().iter().filter_map(one).collect()
}

/// Whole commands, what deciding them comes to, and the rows that their plans write: those of one type help the
/// others, because all are lists of numbers, bytes and texts.
pub fn records() -> Vec<Vec<u8>> {
    let place = |place: usize, bytes: &[u8]| [&[u8::try_from(place).unwrap_or(u8::MAX)], bytes].concat();
    let products = sycee_registry::products();
    let mut records = vec![encode(&STAMP)];
    for command in load() {
        records.push(encode(&command));
        match decide(&products, &command, STAMP, &Empty) {
            Outcome::Planned(plan, answer) => {
                records.extend([encode(&plan), encode(&answer)]);
                records.extend(plan.events.iter().map(encode));
            }
            Outcome::Refused(refusal) => records.push(encode(&refusal)),
            _ => {}
        }
    }
    records.sort();
    records.dedup();
    let types = 0..RECORDS.len();
    types.flat_map(|number| records.iter().step_by(7).map(move |bytes| place(number, bytes))).collect()
}

/// Messages between cells.
pub fn links_between_cells() -> Vec<Vec<u8>> {
    let hello = link::Message {
        kind: link::HELLO,
        version: 1,
        sent_at_ns: 1_774_872_000_000_000_000,
        body: encode(&link::VERSIONS),
        evidence: true,
    };
    let incoming = link::Incoming { peer: 33, sequence: 1, message: hello.clone(), signature: Some(vec![7; 64]) };
    let place = |place: u8, bytes: Vec<u8>| [vec![place], bytes].concat();
    vec![place(0, encode(&hello)), place(1, encode(&link::VERSIONS)), place(2, encode(&incoming))]
}
