//! Golden bytes: records and bodies as they are stored, worked out by hand from RFC 8949. They never change; a new field
//! comes last and is optional, and bytes without it still decode.
//!
//! Heads: `8n` list of n, `9a..` list of unknown length is never written; `0n` number up to 23, `18` one byte, `19` two,
//! `1a` four, `1b` eight follow; `50` 16 bytes, `58 20` 32 bytes; `6n` text of n; `f4` false, `f5` true, `f6` null.

use std::fmt::Debug;

use minicbor::{Decode, Encode};
use sycee_books::command::{
    BooksKind, NewAccount, OpenAccounts, PlaceHold, PostTransfers, RefusedTransfer, TransferItem, TransfersPosted,
};
use sycee_books::{HoldTimer, account_id};
use sycee_contract::{TimerId, decode, encode};
use sycee_money::{Amount, Currency, Money};
use sycee_party::command::{ChangeMember, Freeze, OpenCustomer, OpenMember, SetOwnLimits};
use sycee_party::{
    ContactOwner, CountedHold, MemberRole, Members, OwnLimits, Party, PartyCounter, PartyKind, StaffRole, Usage,
};
use sycee_wallet::command::{CashIn, Payee, Send, Sent};
use sycee_wallet::{CustomerEntry, MoneyRequest, MoneyRequestState};

use crate::bench::amount;

/// The bytes of hexadecimal text; spaces are for the reader.
fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<char> = hex.chars().filter(|c| !c.is_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap()).collect()
}

#[track_caller]
fn golden<T: Encode<()> + for<'b> Decode<'b, ()> + PartialEq + Debug>(value: &T, hex: &str) {
    let expected = bytes(hex);
    assert_eq!(encode(value), expected, "{value:?}");
    assert_eq!(&decode::<T>(&expected, "golden").unwrap(), value);
}

/// The first party of cell 1; in hexadecimal it is 76b08b6566400 (`printf %x`).
const NUMBER: u64 = 2_088_010_000_000_000;
const NUMBER_HEX: &str = "1b 00076b08b6566400";

fn customer() -> Party {
    Party {
        number: NUMBER,
        kind: PartyKind::Customer,
        kyc_rank: 2,
        frozen: false,
        person: [0x11; 16],
        contact: Some([0x22; 32]),
        opened_at_ns: 1_000,
        staff_role: None,
        freeze_reason_code: None,
        own_limits: None,
        employer: None,
        member_role: None,
    }
}

#[test]
fn party_rows() {
    let person = "50 11111111111111111111111111111111";
    let contact = format!("58 20 {}", "22".repeat(32));
    let number = NUMBER_HEX;
    // Number, kind 0, rank 2, not frozen, person, contact, 1000; optional fields at the end are left out.
    golden(&customer(), &format!("87 {number} 00 02 f4 {person} {contact} 19 03e8"));
    let staff = Party {
        kind: PartyKind::Staff,
        kyc_rank: 0,
        contact: None,
        staff_role: Some(StaffRole::Admin),
        frozen: true,
        freeze_reason_code: Some(300),
        ..customer()
    };
    golden(&staff, &format!("89 {number} 02 00 f5 {person} f6 19 03e8 03 19 012c"));
    // Limits of its own: 5 a payment, none a day, 70000 (0x011170) as the balance; null where the tier's hold.
    let amount = |minor| Some(Amount::new(minor).unwrap());
    let own = OwnLimits { transaction: amount(5), day: amount(0), balance: amount(70_000), ..OwnLimits::default() };
    let own_hex = "86 05 00 f6 f6 f6 1a 00011170";
    golden(&own, own_hex);
    let limited = Party { own_limits: Some(own), ..customer() };
    golden(&limited, &format!("8a {number} 00 02 f4 {person} {contact} 19 03e8 f6 f6 {own_hex}"));
    // A member of a merchant's people: kind 3, nulls for what others have, then the merchant and the role.
    let member = Party {
        kind: PartyKind::Member,
        kyc_rank: 0,
        contact: None,
        employer: Some(NUMBER),
        member_role: Some(MemberRole::Manager),
        ..customer()
    };
    golden(&member, &format!("8c {number} 03 00 f4 {person} f6 19 03e8 f6 f6 f6 {number} 01"));
    golden(&Members { numbers: vec![NUMBER] }, &format!("81 81 {number}"));
    let open = OpenMember { employer: NUMBER, person: [0x11; 16], contact: None, member_role: MemberRole::Owner };
    golden(&open, &format!("84 {number} {person} f6 02"));
    let change = ChangeMember { member: NUMBER, member_role: MemberRole::Cashier, is_dismissed: true };
    golden(&change, &format!("83 {number} 00 f5"));
    golden(&SetOwnLimits { party: NUMBER, limits: None }, &format!("81 {number}"));
    golden(&ContactOwner { party: NUMBER }, &format!("81 {number}"));
    golden(&PartyCounter { next: 5 }, "81 05");
    // 20260330 = 0x013525ea; 202603 = 0x0003176b.
    let usage =
        Usage { business_date: 20_260_330, day_minor: 24, month: 202_603, month_minor: 256, ..Usage::default() };
    golden(&usage, "84 1a 013525ea 18 18 1a 0003176b 19 0100");
    let usage = Usage { year: Some(2_026), year_minor: Some(65_536), lifetime_minor: Some(65_537), ..usage };
    golden(&usage, "87 1a 013525ea 18 18 1a 0003176b 19 0100 19 07ea 1a 00010000 1a 00010001");
    golden(&CountedHold { business_date: 20_260_330 }, "81 1a 013525ea");
}

#[test]
fn old_party_rows_and_bodies_without_optional_fields_still_decode() {
    let person = "50 11111111111111111111111111111111";
    let number = NUMBER_HEX;
    let contact = format!("58 20 {}", "22".repeat(32));
    // As written before the field freeze_reason_code was added, its last field present as null.
    let old = bytes(&format!("88 {number} 00 02 f4 {person} {contact} 19 03e8 f6"));
    assert_eq!(decode::<Party>(&old, "old").unwrap(), customer());
    // A body with the person only.
    let body = decode::<OpenCustomer>(&bytes(&format!("81 {person}")), "old").unwrap();
    assert_eq!(body, OpenCustomer { person: [0x11; 16], contact: None, kyc_rank: None });
    // A later version's extra field is skipped.
    let new = bytes(&format!("82 {number} 61 78"));
    assert_eq!(decode::<ContactOwner>(&new, "new").unwrap(), ContactOwner { party: NUMBER });
}

#[test]
fn party_bodies() {
    let person = "50 11111111111111111111111111111111";
    let contact = format!("58 20 {}", "22".repeat(32));
    let full = OpenCustomer { person: [0x11; 16], contact: Some([0x22; 32]), kyc_rank: Some(1) };
    golden(&full, &format!("83 {person} {contact} 01"));
    let ranked = OpenCustomer { contact: None, ..full.clone() };
    golden(&ranked, &format!("83 {person} f6 01"));
    golden(&OpenCustomer { kyc_rank: None, ..ranked }, &format!("81 {person}"));
    golden(&Freeze { party: 7, reason_code: 12 }, "82 07 0c");
}

#[test]
fn wallet_rows_and_bodies() {
    // EUR is 978 = 0x03d2; money is [currency, amount].
    let money = Money::new(amount(1_250), Currency::EUR);
    let request = MoneyRequest {
        id: 32,
        from: 1,
        to: 2,
        money,
        state: MoneyRequestState::Declined,
        created_at_ns: 3,
        expires_at_ns: 4,
    };
    golden(&request, "87 18 20 01 02 82 19 03d2 19 04e2 02 03 04");
    let cash_in = CashIn { customer: 1, money, bank_reference: "R1".to_string() };
    golden(&cash_in, "83 01 82 19 03d2 19 04e2 62 5231");
    // A variant is [number, [fields]].
    golden(&Send { payee: Payee::Party(9), money }, "82 82 00 81 09 82 19 03d2 19 04e2");
    let contact = format!("58 20 {}", "22".repeat(32));
    let by_contact = Send { payee: Payee::Contact([0x22; 32]), money };
    golden(&by_contact, &format!("82 82 01 81 {contact} 82 19 03d2 19 04e2"));
    golden(&Sent { transfer: 16, payee: 9, money, balance_minor: 0 }, "84 10 09 82 19 03d2 19 04e2 00");
}

#[test]
fn books_rows_and_bodies() {
    let timer = TimerId { due_at_ns: 500, operation: 3, index: 0 };
    golden(&HoldTimer { timer }, "81 83 19 01f4 03 00");
    let accounts = vec![NewAccount { sub: 24, kind: BooksKind::Limited, currency: Currency::EUR }];
    golden(&OpenAccounts { accounts }, "81 81 83 18 18 01 19 03d2");
    // An account id: owner 0 (8 bytes), kind 0x0401 or 0x0402, currency 0x03d2, sub (4 bytes).
    let [general, limited] = ["50 0000000000000000 0401 03d2 00000000", "50 0000000000000000 0402 03d2 00000005"];
    let debit = account_id(BooksKind::General, Currency::EUR, 0);
    let credit = account_id(BooksKind::Limited, Currency::EUR, 5);
    let items = vec![TransferItem { debit, credit, amount: amount(100), code: 7, linked: true }];
    golden(&PostTransfers { items }, &format!("81 81 85 {general} {limited} 18 64 07 f5"));
    let refused = vec![RefusedTransfer { index: 2, refusal: 73 }];
    golden(&TransfersPosted { refused }, "81 81 82 02 18 49");
    let hold = PlaceHold { debit, credit, amount: amount(1), expires_at_ns: 0 };
    golden(&hold, &format!("84 {general} {limited} 01 00"));
}

#[test]
fn customers_history() {
    // 514 is 0x0202, sent; false; EUR is 978, 0x03d2; 1250 is 0x04e2; 8750 is 0x222e; the other party; 7; 1000 is 0x03e8.
    let entry = CustomerEntry {
        code: sycee_wallet::TRANSFER_SEND,
        is_incoming: false,
        money: Money::new(amount(1_250), Currency::EUR),
        balance_after: amount(8_750),
        other: NUMBER,
        of: 7,
        at_ns: 1_000,
    };
    golden(&entry, &format!("87 19 0202 f4 82 19 03d2 19 04e2 19 222e {NUMBER_HEX} 07 19 03e8"));
}
