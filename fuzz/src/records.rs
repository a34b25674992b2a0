//! Targets for what is kept in the journal and what comes in as commands: CBOR records.

use std::fmt::Debug;

use minicbor::{Decode, Encode};
use sycee_contract::{
    Adjustment, Answer, Caller, Command, CommandDescriptor, EffectRecord, Event, IdempotencyRecord, Key, Lookup,
    MarketPack, Outcome, Plan, Products, Refusal, Stamp, TimerId, View, cell, decide, decode, encode, link,
};
use sycee_ledger::{Account, AccountId, Hold, Movement};

/// What is decoded is encoded and decoded again to the same value.
fn same<T: for<'b> Decode<'b, ()> + Encode<()> + PartialEq + Debug>(bytes: &[u8]) {
    if let Ok(value) = decode::<T>(bytes, "input") {
        assert_eq!(decode::<T>(&encode(&value), "again").as_ref(), Ok(&value));
    }
}

/// The types of records that the kernel keeps; a seed names one by its place.
pub const RECORDS: &[fn(&[u8])] = &[
    same::<Command>,
    same::<Stamp>,
    same::<Plan>,
    same::<Answer>,
    same::<Refusal>,
    same::<IdempotencyRecord>,
    same::<TimerId>,
    same::<EffectRecord>,
    same::<MarketPack>,
    same::<Account>,
    same::<Hold>,
    same::<Movement>,
    same::<Event>,
    same::<Adjustment>,
    same::<Key>,
    same::<cell::EffectResult>,
    same::<cell::EffectOutcome>,
    same::<cell::HoldTarget>,
];

/// What travels between cells.
pub const LINKS: &[fn(&[u8])] = &[
    same::<link::Message>,
    same::<link::LinkVersions>,
    same::<link::Incoming>,
    same::<link::Parked>,
    same::<link::Link>,
];

fn by_first_byte(types: &[fn(&[u8])], data: &[u8]) {
    let Some((first, bytes)) = data.split_first() else {
        return;
    };
    if let Some(decode) = types.get(usize::from(*first)) {
        decode(bytes);
    }
}

/// Records: the first byte says of which type.
pub fn records(data: &[u8]) {
    by_first_byte(RECORDS, data);
}

/// Messages between cells, the same.
pub fn links(data: &[u8]) {
    by_first_byte(LINKS, data);
}

/// A cell in which nothing has happened yet: all that is asked about is absent.
pub struct Empty;

impl View for Empty {
    fn row(&self, _: &Key) -> Lookup<&[u8]> {
        Lookup::Absent
    }

    fn account(&self, _: AccountId) -> Lookup<Account> {
        Lookup::Absent
    }
}

/// Every command of every product, in the order of the registry.
pub fn all(products: &Products) -> Vec<(u16, &'static CommandDescriptor)> {
    let of = |number: u8, command: &'static CommandDescriptor| (u16::from_be_bytes([number, command.number]), command);
    let products = products.iter().map(|product| product.descriptor());
    products.flat_map(|one| one.commands.iter().map(move |command| of(one.number, command))).collect()
}

/// The noon of 30 March 2026, UTC.
pub const STAMP: Stamp = Stamp {
    operation: 1_000,
    time_ns: 1_774_872_000_000_000_000,
    business_date: 20_260_330,
    utc_offset_seconds: 0,
    cell: 7,
};

/// Commands: the first byte says which one, the second in which role, the rest is the body. None breaks the cell.
pub fn commands(data: &[u8]) {
    let [command, role, body @ ..] = data else {
        return;
    };
    let products = sycee_registry::products();
    let all = all(&products);
    let Some((code, descriptor)) = all.get(usize::from(*command)) else {
        return;
    };
    let Some(role) = descriptor.roles.get(usize::from(*role) % descriptor.roles.len().max(1)) else {
        return;
    };
    let caller = Caller::new(*role, 2_088_070_000_000_001);
    let command = Command { code: *code, caller, id: None, body: body.to_vec(), timer: None };
    let outcome = decide(&products, &command, STAMP, &Empty);
    assert!(!matches!(outcome, Outcome::Broken(_)), "{} of {}: {outcome:?}", descriptor.name, command.product());
}
