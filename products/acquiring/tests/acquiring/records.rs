//! Bytes that must never change, and numbers.

use sycee_acquiring::authorisation::{
    Authorisation, AuthorisationIndex, AuthorisationOperation, AuthorisationOperationIndex, AuthorisationState,
    OperationKind,
};
use sycee_acquiring::command::{AuthorisationTarget, OrderRef, SettleFees, Unfreeze};
use sycee_acquiring::entry::{EntryKind, MerchantEntry, Totals};
use sycee_acquiring::number::{app_id, generated_out_trade_no, parse_generated};
use sycee_acquiring::record::{App, FeeSettlement, Merchant, OrderIndex, PayCode, Refund, Store};
use sycee_acquiring::{Acquiring, Channel, Order, OrderState};
use sycee_contract::{Product, TimerId, decode, encode};
use sycee_money::{Amount, Currency, Money};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn amount(minor: u64) -> Amount {
    Amount::new(minor).expect("in range")
}

/// CBOR worked out by hand (RFC 8949): 8n an array of n, 0n and 18/19/1a/1b unsigned, 6n text, 4n bytes, f6 null.
#[test]
fn golden_bytes() {
    // An array of two: 5, 6.
    assert_eq!(hex(&encode(&Store { id: 5, merchant: 6 })), "820506");
    assert_eq!(hex(&encode(&OrderIndex { order: 256 })), "81190100");
    assert_eq!(hex(&encode(&FeeSettlement { taken_minor: 24, given_back_minor: 0 })), "82181800");
    // Five: 1, "5411", null, 2, 3.
    let merchant = Merchant {
        party: 1,
        mcc: "5411".into(),
        fee_bps: None,
        default_store: 2,
        opened_at_ns: 3,
        settled_since: None,
    };
    assert_eq!(hex(&encode(&merchant)), "850164353431 31f60203".replace(' ', ""));
    // Three: 7, 1000, and three: 1000, 9, 0.
    let timer = TimerId { due_at_ns: 1_000, operation: 9, index: 0 };
    let code = PayCode { customer: 7, expires_at_ns: 1_000, timer, offline_limit: None };
    assert_eq!(hex(&encode(&code)), "83071903e8831903e80900");
    // Seven, the reason left out: 1, "R", 10, 9, 10, 0, 255.
    let refund = Refund {
        order: 1,
        out_request_no: "R".into(),
        amount: amount(10),
        to_payer: amount(9),
        cumulative: amount(10),
        fee_returned: amount(0),
        at_ns: 255,
        reason: None,
    };
    assert_eq!(hex(&encode(&refund)), "87016152 0a090a0018ff".replace(' ', ""));
    // Bodies. Two: null, 16. Two: 6, 978 (EUR), the optional third left out.
    assert_eq!(hex(&encode(&OrderRef { out_trade_no: None, id: Some(16) })), "82f610");
    assert_eq!(hex(&encode(&SettleFees { merchant: 6, currency: Currency::EUR, at_most: None })), "82061903d2");
}

#[test]
fn golden_bytes_of_an_entry() {
    let payment = MerchantEntry {
        kind: EntryKind::Payment,
        of: 5,
        money: Money::new(amount(10), Currency::EUR),
        fee: amount(0),
        balance_after: amount(11),
        at_ns: 7,
        number: None,
        settlement: None,
    };
    // Six, the number left out: 0, 5, two: 978, 10; 0, 11, 7.
    assert_eq!(hex(&encode(&payment)), "86 00 05 821903d20a 00 0b 07".replace(' ', ""));
    let refund = MerchantEntry {
        kind: EntryKind::Refund,
        of: 256,
        fee: amount(1),
        balance_after: amount(24),
        at_ns: 255,
        number: Some("R".into()),
        ..payment.clone()
    };
    assert_eq!(hex(&encode(&refund)), "87 01 190100 821903d20a 01 1818 18ff 6152".replace(' ', ""));
    for (kind, byte) in [(EntryKind::Transfer, 2), (EntryKind::FeesTaken, 3), (EntryKind::FeesGivenBack, 4)] {
        assert_eq!(encode(&MerchantEntry { kind, ..payment.clone() })[1], byte);
    }
    // Table 787, merchant 1, 20260331, id 32.
    let key = MerchantEntry::key(1, 20_260_331, 32);
    assert_eq!(hex(key.as_bytes()), "0313 0000000000000001 013525eb 0000000000000020".replace(' ', ""));
    assert_eq!((MerchantEntry::date_of(&key), MerchantEntry::id_of(&key)), (Some(20_260_331), Some(32)));
    assert!(key.as_bytes().starts_with(MerchantEntry::of_day(1, 20_260_331).as_bytes()));
    assert_eq!(MerchantEntry::date_of(&MerchantEntry::of_merchant(1)), None);
}

#[test]
fn entries_add_up() {
    let entry = |kind, minor, fee| MerchantEntry {
        kind,
        of: 0,
        money: Money::new(amount(minor), Currency::EUR),
        fee: amount(fee),
        balance_after: amount(0),
        at_ns: 0,
        number: None,
        settlement: None,
    };
    let table = [
        (entry(EntryKind::Payment, 1_000, 10), 1_000, 10),
        (entry(EntryKind::Refund, 400, 4), -400, -4),
        (entry(EntryKind::Transfer, 50, 0), -50, 0),
        (entry(EntryKind::FeesTaken, 6, 0), -6, -6),
        (entry(EntryKind::FeesGivenBack, 2, 0), 2, 2),
    ];
    let mut totals = Totals::default();
    for (entry, on_balance, on_fees_owed) in table {
        assert_eq!((entry.on_balance_minor(), entry.on_fees_owed_minor()), (on_balance, on_fees_owed), "{entry:?}");
        totals.add(&entry);
    }
    // 1000 - 400 - (10 - 4); 1000 - 400 - 50 - 6 + 2; 10 - 4 - 6 + 2.
    assert_eq!((totals.net_minor(), totals.on_balance_minor(), totals.on_fees_owed_minor()), (594, 546, 2));
    assert_eq!((totals.payments, totals.refunds), (1, 1));
}

#[test]
fn golden_bytes_of_authorisations() {
    // Arrays of one and of eight, the remark left out: 4, 1, 2, "Q", unfreeze, 24, 7, 20260331 = 0x013525eb.
    assert_eq!(hex(&encode(&AuthorisationIndex { authorisation: 256 })), "81190100");
    assert_eq!(hex(&encode(&AuthorisationOperationIndex { operation: 5 })), "8105");
    let operation = AuthorisationOperation {
        id: 4,
        authorisation: 1,
        merchant: 2,
        out_request_no: "Q".into(),
        kind: OperationKind::Unfreeze,
        amount: amount(24),
        at_ns: 7,
        created_date: 20_260_331,
        remark: None,
    };
    assert_eq!(hex(&encode(&operation)), "880401026151 01 1818 07 1a013525eb".replace(' ', ""));
    let authorisation = Authorisation {
        id: 1,
        merchant: 2,
        app: None,
        out_order_no: "F".into(),
        title: "r".into(),
        amount: Money::new(amount(100), Currency::EUR),
        state: AuthorisationState::Authorised,
        customer: Some(3),
        funding_account: None,
        funding_label: Some("b".into()),
        hold: Some(16),
        held: amount(9),
        captured: amount(90),
        released: amount(1),
        created_at_ns: 7,
        created_date: 20_260_331,
        expires_at_ns: 1_000,
        timer: None,
        authorised_at_ns: Some(8),
        ended_at_ns: None,
        operation: 4,
        code_digest: None,
        notify_url: None,
    };
    let expected = [
        "95",           // an array of 21: digest and address that are missing at the end are left out
        "0102f6",       // id, merchant, app
        "61466172",     // "F", "r"
        "821903d21864", // 978, 100
        "0103f66162",   // authorised, customer, account, "b"
        "1009185a01",   // hold, held, captured, released
        "071a013525eb", // 7, the day
        "1903e8f608f6", // 1000, timer, authorised, ended
        "04",           // operation
    ];
    assert_eq!(hex(&encode(&authorisation)), expected.concat());
    assert_eq!(decode::<Authorisation>(&encode(&authorisation), "row").expect("an authorisation"), authorisation);
    // Bodies: two, then the id and whether it is the last; an order without an authorisation is in the test below.
    assert_eq!(hex(&encode(&AuthorisationTarget { id: 16 })), "8110");
    let release = Unfreeze {
        authorisation: 16,
        out_request_no: "Q".into(),
        amount: Money::new(amount(5), Currency::EUR),
        remark: None,
        notify_url: None,
    };
    assert_eq!(hex(&encode(&release)), "831061 51821903d205".replace(' ', ""));
}

#[test]
fn golden_bytes_of_an_order() {
    let order = Order {
        id: 1,
        merchant: 2,
        app: None,
        store: 3,
        store_reference: None,
        terminal: None,
        operator: None,
        out_trade_no: "A".into(),
        total: Money::new(amount(5), Currency::EUR),
        subject: "b".into(),
        body: None,
        passback_params: None,
        notify_url: None,
        return_url: None,
        product_code: None,
        channel: Channel::BarcodePay,
        state: OrderState::WaitBuyerPay,
        created_at_ns: 7,
        created_date: 20_260_331,
        code_issued_at_ns: None,
        code_expires_at_ns: None,
        trade_created_at_ns: Some(7),
        expires_at_ns: 9,
        timer: None,
        buyer: None,
        required_buyer: None,
        paid: None,
        refunded: Amount::ZERO,
        fee_returned: Amount::ZERO,
        refund_count: 0,
        closed_at_ns: None,
        close_reason: None,
        code_digest: None,
        authorisation: None,
    };
    let expected = [
        "981e",         // an array of 30: the two that are missing at the end are left out
        "0102f603",     // id, merchant, app, store
        "f6f6f6",       // store reference, terminal, operator
        "6141",         // "A"
        "821903d205",   // 978, 5
        "6162",         // "b"
        "f6f6f6f6f6",   // body, passback, notify, return, product code
        "0201",         // barcode pay, wait buyer pay
        "071a013525eb", // 7, 20260331 = 0x013525eb
        "f6f60709",     // code issued, code expires, trade created, expires
        "f6f6f6f6",     // timer, buyer, required buyer, paid
        "000000",       // refunded, fee returned, refund count
    ];
    assert_eq!(hex(&encode(&order)), expected.concat());
    assert_eq!(decode::<Order>(&encode(&order), "row").expect("an order"), order);
}

/// Bytes from before an optional field existed, and from after one that this code does not know.
#[test]
fn records_evolve() {
    let old = [0x82, 0x06, 0x19, 0x03, 0xd2];
    let body: SettleFees = decode(&old, "body").expect("old bytes");
    assert_eq!(body.at_most, None);
    let new = [0x83, 0x05, 0x06, 0x61, 0x78];
    assert_eq!(decode::<Store>(&new, "row").expect("new bytes"), Store { id: 5, merchant: 6 });
    // An app without address and key before.
    let app = [0x86, 0x01, 0x02, 0x41, 0xaa, 0xf6, 0xf6, 0x03];
    let app: App = decode(&app, "row").expect("an app");
    assert_eq!((app.public_key.as_slice(), app.notify_url), (&[0xaa][..], None));
    assert!(decode::<Order>(&[0x80], "row").is_err());
    assert!(decode::<Store>(&[0x81, 0x05], "row").is_err());
}

#[test]
fn numbers() {
    assert_eq!(app_id(7, 1), Some(2_021_070_000_000_001));
    assert_eq!(app_id(99, 9_999_999_999), Some(2_021_999_999_999_999));
    for (cell, running) in [(0, 1), (100, 1), (1, 10_000_000_000)] {
        assert_eq!(app_id(cell, running), None);
    }
    assert_eq!(generated_out_trade_no(64), "static_0000000000064");
    for (text, id) in [
        ("static_0000000000064", Some(64)),
        ("static_64", None),
        ("static_000000000006x", None),
        ("static_", None),
        ("static_99999999999999999999999", None),
        ("A1", None),
    ] {
        assert_eq!(parse_generated(text), id, "{text}");
    }
}

#[test]
fn the_descriptor_numbers_without_gaps() {
    let descriptor = Acquiring::default();
    let descriptor = descriptor.descriptor();
    let base = u16::from(descriptor.number) * 256;
    for (own, command) in (1..).zip(descriptor.commands) {
        assert_eq!(command.number, own, "{}", command.name);
    }
    for (own, refusal) in (1..).zip(descriptor.refusals) {
        assert_eq!(refusal.code, base + own, "{}", refusal.name);
    }
    for (own, table) in (1..).zip(descriptor.tables) {
        assert_eq!(table.table, base + own, "{}", table.name);
    }
    for (own, kind) in (1..).zip(descriptor.accounts) {
        assert_eq!(kind.number, base + own, "{}", kind.name);
    }
}
